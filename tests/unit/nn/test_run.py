"""Running the denoiser: all backends agree, tiles and threads change nothing, noise is removed."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from vedc import ops
from vedc.errors import MissingError, UsageError
from vedc.models.network_weights import digest, shipped
from vedc.nn import backends, canvas, choice
from vedc.nn.architectures import ARCHITECTURES
from vedc.nn.run import cost, engine, reach, run, run_on_device, weights_of
from vedc.ops.core.filters import Network

RANDOM = np.random.default_rng(11)
SIZE = 90, 142
"""Not a multiple of anything."""
NETWORKS = [op for op in map(ops.get, ops.names()) if type(op.filter) is Network]


def ramp(height: int, width: int) -> Any:
    """A clean picture (3, h, w): soft ramps, a bright disc."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    disc = ((y - height / 2) ** 2 + (x - width / 3) ** 2 < (height / 4) ** 2) * 0.3
    return np.stack([0.2 + 0.4 * x / width + disc, 0.5 - 0.3 * y / height + disc, 0.3 + disc])


def window(level: float, size: tuple[int, int] = SIZE) -> list[Any]:
    clean = ramp(*size)
    return [
        np.asarray((clean + level * RANDOM.standard_normal(clean.shape)).clip(0, 1), np.float32)
        for _ in range(3)
    ]


@pytest.mark.parametrize("op", NETWORKS, ids=lambda op: op.name)
def test_ops_and_networks_state_the_same(op: Any) -> None:
    of = ARCHITECTURES[op.filter.name]
    assert op.window == of.window and op.inputs == of.frames
    given = op.arguments(op.defaults())
    laid = canvas.ARGUMENTS if of.canvas else {}
    assert set(given) == {*of.maps, *laid, "weights"}
    assert op.name == op.filter.name  # used to unpickle a filter


@pytest.mark.parametrize("backend", ["cv", "ort", "torch"])
def test_backends_agree_with_numpy(backend: str) -> None:
    pytest.importorskip(choice.PACKAGES[backend].module)
    layers = window(0.08)
    wanted = run("clean", layers, {"strength": 0.08}, "numpy")
    given = run("clean", layers, {"strength": 0.08}, backend)
    assert np.abs(given - wanted).max() < ops.get("clean").filter.tolerance
    assert given.dtype == np.float32 and given.shape == layers[0].shape


def test_the_torch_of_a_gpu_gives_the_same() -> None:
    torch = pytest.importorskip("torch")
    layers = window(0.08)
    wanted = run("clean", layers, {"strength": 0.08}, "numpy")
    given = run_on_device("clean", [torch.from_numpy(x) for x in layers], {"strength": 0.08})
    assert np.abs(given.numpy() - wanted).max() < 1e-4


@pytest.mark.parametrize("backend", ["cv", "ort", "torch"])
def test_bits_do_not_depend_on_threads_or_on_what_ran_before(backend: str) -> None:
    pytest.importorskip(choice.PACKAGES[backend].module)
    import cv2

    layers = window(0.1)
    first = run("clean", layers, {"strength": 0.1}, backend, threads=1)
    run("clean", window(0.05, (64, 64)), {"strength": 0.1}, backend)
    before = cv2.getNumThreads()
    cv2.setNumThreads(2)
    try:
        again = run("clean", layers, {"strength": 0.1}, backend, threads=2)
    finally:
        cv2.setNumThreads(before)
    assert np.array_equal(first, again)


@pytest.mark.parametrize("backend", ["numpy", "cv"])
def test_tiles_leave_no_seam(backend: str) -> None:
    """The kept part of a tile depends on nothing beyond its margin: only rounding may differ."""
    layers = window(0.1)
    whole = run("clean", layers, {"strength": 0.1}, backend)
    for longest in (32, 48, 100):
        tiled = run("clean", layers, {"strength": 0.1}, backend, longest=longest)
        assert np.abs(tiled - whole).max() < 2e-6


def test_nothing_is_lost_where_there_is_no_noise() -> None:
    layers = window(0.1)
    assert np.array_equal(run("clean", layers, {"strength": 0.0}, "numpy"), layers[1])
    assert np.abs(run("clean", layers, {"strength": 0.0}, "cv") - layers[1]).max() < 1e-6


def test_noise_goes_and_the_coverage_stays() -> None:
    layers = [np.concatenate([x, np.ones_like(x[:1])]) for x in window(0.08)]
    layers[1][:, :20] *= 0.5
    given = run("clean", layers, {"strength": 0.08}, "cv")
    before, after = (np.mean((x[:3] - ramp(*SIZE))[:, 20:] ** 2) for x in (layers[1], given))
    assert after < before / 20
    assert np.array_equal(given[3], layers[1][3])
    assert (given[:3, :20] <= given[3, :20]).all()


def test_small_pictures() -> None:
    for size in ((1, 1), (2, 3), (5, 400)):
        layers = window(0.05, size)
        assert run("clean", layers, {"strength": 0.05}, "cv").shape == (3, *size)


def test_the_work_grows_with_the_picture() -> None:
    assert 4 < cost("clean", 720, 1280) < 9
    assert 8 < cost("clean", 2160, 3840) / cost("clean", 720, 1280) < 10
    assert 10 < reach("clean") < 32
    assert sum(a.size for a in weights_of("clean").values()) < 60_000


def test_keys_name_weights_and_runtime() -> None:
    reported = engine("clean", "cv")
    file = digest(shipped("clean"))
    assert file in reported and "cv 5." in reported
    pytest.importorskip("onnxruntime")
    assert engine("clean", "ort") != reported


def test_what_nn_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert choice.pick("auto") == "cv"
    with pytest.raises(UsageError, match="ncnn is not a runtime"):
        choice.pick("ncnn")
    monkeypatch.setattr(choice, "find_spec", lambda name: None)
    with pytest.raises(MissingError, match="needs onnxruntime"):
        choice.pick("ort")


def test_opencv_forms_the_graph_it_is_given() -> None:
    """The same bytes from the same weights, so that an exported file is what runs."""
    of, weights = ARCHITECTURES["clean"], weights_of("clean")
    made = {hashlib.sha256(backends.graph_of(of, weights, 64, 64).onnx).hexdigest() for _ in "ab"}
    assert len(made) == 1


def test_declaring_an_op_loads_no_runtime() -> None:
    code = (
        "import sys, vedc.ops as ops; ops.get('clean').window\n"
        "assert not {'cv2', 'torch', 'onnxruntime', 'numpy', 'vedc.nn.run'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


_PEAK = """
import sys
import cv2, numpy as np
from vedc.nn.run import reach, run
cv2.setNumThreads(1)
height, width = map(int, sys.argv[1:])
layers = [np.full((3, height, width), 0.5, np.float32)] * 3
reach("clean")
def most():  # not ru_maxrss, which a process takes over from the one that started it
    lines = open("/proc/self/status").read().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1])
before = most()
run("clean", layers, {"strength": 0.1}, "cv")
after = most()
print((after - before) * 1024 - 12 * height * width)  # what it gives does not count
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="counts memory as Linux does")
def test_memory_does_not_grow_with_the_picture() -> None:
    def peak(height: int, width: int) -> int:
        command = [sys.executable, "-c", _PEAK, str(height), str(width)]
        return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    assert peak(2160, 3840) < 1.5 * peak(720, 1280)
