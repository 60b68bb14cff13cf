"""Networks that run at half size: one formula, no seams, any size of picture, little memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from tests.unit.nn.test_run import ramp
from vedc import ops
from vedc.models.picture_layers import NumpyPictureLayers
from vedc.models.style import network
from vedc.nn import choice, halves
from vedc.nn.run import cost, reach, run, run_on_device, weights_of

SIZE = 90, 143
"""Not a multiple of anything, and one side odd."""
TOLERANCE = ops.get("style").filter.tolerance


@pytest.fixture(scope="module")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """Arguments of an untrained network whose strokes and contrasts are strong."""
    arrays = network.initial(3, "xs")
    arrays["leave.weight"] *= 10
    arrays["start.energy.weight"] += 200
    arrays["start.energy.bias"] *= 0.2
    arrays["start.around.weight"] += 0.8
    arrays["start.spread.weight"] += 20
    arrays["start.spread.bias"] *= 0.2
    arrays["start.palette.weight"] += 0.05
    file = tmp_path_factory.mktemp("weights") / "own.safetensors"
    save_file(arrays, str(file), {"arch": "style", "size": "xs"})
    return {"strength": 0.9, "color": 0.7, "detail": 0.3, "weights": str(file)}


def window(size: tuple[int, int] = SIZE) -> list[Any]:
    random = np.random.default_rng(5)
    noise = (random.normal(0, 0.03, (3, *size)) for _ in range(3))
    return [np.asarray((ramp(*size) + each).clip(0, 1), np.float32) for each in noise]


@pytest.mark.parametrize("backend", ["cv", "ort", "torch", "device"])
def test_backends_agree_with_numpy(numbers: Mapping[str, Any], backend: str) -> None:
    layers = window()
    wanted = run("style", layers, numbers, "numpy")
    if backend == "device":
        torch = pytest.importorskip("torch")
        tensors = [torch.from_numpy(x) for x in layers]
        given = run_on_device("style", tensors, numbers).numpy()
    else:
        pytest.importorskip(choice.PACKAGES[backend].module)
        given = run("style", layers, numbers, backend)
    assert given.shape == (3, *SIZE) and given.dtype == np.float32
    assert np.abs(given - wanted).max() < TOLERANCE
    assert np.abs(given - layers[1]).mean() > 0.05


def test_it_is_the_formula_of_the_whole_network(numbers: Mapping[str, Any]) -> None:
    """``forward``, which is exported, on a picture with the border that running adds to it."""
    around = 2 * halves.BORDER
    layers = [np.full((3, 96, 160), 0.4, np.float32) for _ in range(3)]
    for layer, inner in zip(layers, window((64, 96)), strict=True):
        layer[:, 16:80, 30:126] = inner
    sides = (around, around), (around, around), (0, 0)
    parts = [np.pad(x.transpose(1, 2, 0), sides, mode="edge") for x in layers]
    asked = (np.float32(numbers[name]) for name in ("strength", "color", "detail"))
    maps = [np.full((*parts[0].shape[:2], 1), number) for number in asked]
    x = np.concatenate([*parts, *maps], -1)[None]
    wanted = network.forward(NumpyPictureLayers(), weights_of("style", numbers["weights"]), x)
    inner = wanted[0, around:-around, around:-around].transpose(2, 0, 1)
    off = np.abs(run("style", layers, numbers, "numpy") - inner)
    assert off[:, 1:-1, 1:-1].max() < 5e-5  # enlarging extends the outermost row


@pytest.mark.parametrize("backend", ["numpy", "cv"])
def test_tiles_leave_no_seam(numbers: Mapping[str, Any], backend: str) -> None:
    layers = window((130, 1300))
    whole = run("style", layers, numbers, backend)
    assert np.abs(run("style", layers, numbers, backend, longest=600) - whole).max() < 2e-5


def test_it_is_brought_back_in_bands_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    (layer, other, _), found = window((203, 90)), []
    small, made = halves.halved(layer), halves.halved(other)
    for band in (8, 1000):
        monkeypatch.setattr(halves, "_BAND", band)
        out = np.empty_like(layer)
        halves.put_back(layer, small, made, {"strength": 1, "color": 0.5, "detail": 0.5}, out)
        found.append(out)
    assert np.array_equal(*found)


def test_nothing_is_lost_where_nothing_is_painted() -> None:
    layer = window()[0]
    small, out = halves.halved(layer), np.empty_like(layer)
    for color in (0.0, 1.0):
        halves.put_back(layer, small, small, {"strength": 1, "color": color, "detail": 1}, out)
        luma = (0.2126, 0.7152, 0.0722) @ (out - layer).reshape(3, -1)
        assert np.abs(luma).max() < 1e-6
        if color == 0:
            assert np.abs(out - layer).max() < 1e-6


def test_the_coverage_stays(numbers: Mapping[str, Any]) -> None:
    layers = [np.concatenate([x, np.ones_like(x[:1])]) for x in window()]
    layers[1][:, :20] *= 0.5
    made = run("style", layers, numbers, "cv")
    assert np.array_equal(made[3], layers[1][3])
    assert (made[:3, :20] <= made[3, :20]).all()


def test_threads_change_no_bit(numbers: Mapping[str, Any]) -> None:
    first, again = (run("style", window(), numbers, "cv", threads=n) for n in (1, 2))
    assert np.array_equal(first, again)


def test_the_work_of_each_size(numbers: Mapping[str, Any], tmp_path: Path) -> None:
    file = str(tmp_path / "s.safetensors")
    save_file(network.initial(3, "s"), file, {"arch": "style", "size": "s"})
    usual = cost("style", 720, 1280, file)
    assert 1.5 < usual < 2.5 and cost("style", 720, 1280, numbers["weights"]) < 0.6 * usual
    assert cost("style", 2160, 3840, file) < 16 * usual
    assert 96 < reach("style", file) < 128
    assert cost("style", 720, 1280) < 0.01 * usual and reach("style") < 64  # a start alone


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (5, 400), (33, 64)])
def test_any_size(numbers: Mapping[str, Any], size: tuple[int, int]) -> None:
    made = run("style", window(size), numbers, "cv")
    assert made.shape == (3, *size) and np.isfinite(made).all()
