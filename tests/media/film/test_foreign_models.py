"""Films with a user's own model: allowed by a flag, run apart, and every failure in plain words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import yaml

from tests import foreign
from tests.error.support import run as vedc
from vedc.errors import RenderError, SpecError
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver
from vedc.workspace.planning import plan_edit

FRAMES, SIZE = 6, (64, 48)
CALL = {"op": "model", "src": "net.onnx"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with av.open(str(tmp_path / "clip.mkv"), "w") as film:
        stream = film.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "bgr0"
        y, x = np.mgrid[: SIZE[1], : SIZE[0]]
        for number in range(FRAMES):
            picture = np.stack([x * 3 + number, y * 4, (x + y) * 2 + number], -1).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            film.mux(stream.encode(frame.reformat(format="bgr0")))
        film.mux(stream.encode())
    return tmp_path


def built(folder: Path, call: dict[str, Any] = CALL, **options: Any) -> Build:
    return parts(folder, [{"clip": "clip.mkv", "effects": [call]}], **options)


def parts(folder: Path, items: list[Any], allowed: bool = True) -> Build:
    path = folder / "film.vedc.yaml"
    spec = {
        "version": 1,
        "profile": {"width": SIZE[0], "height": SIZE[1], "fps": 25, "color": "srgb"},
        "timeline": items,
        "outputs": [{"path": "film.mkv", "codec": "ffv1", "pix_fmt": "gbrp10le"}],
    }
    path.write_text(yaml.safe_dump(spec, sort_keys=False))
    return Build(path, run_models=allowed)


def frames(build: Build, **options: Any) -> list[Any]:
    (summary,) = deliver(build, replace=True, **options)
    with av.open(summary.target) as film:
        return [f.to_ndarray(format="rgb24").astype(int) for f in film.decode(video=0)]


def given(folder: Path) -> list[Any]:
    with av.open(str(folder / "clip.mkv")) as film:
        return [f.to_ndarray(format="rgb24").astype(int) for f in film.decode(video=0)]


def test_it_draws_what_the_file_says(folder: Path) -> None:
    foreign.negative(folder / "net.onnx")
    for seen, was in zip(frames(built(folder)), given(folder), strict=True):
        assert np.abs(seen - (255 - was)).max() <= 1


def test_numbers_and_channels_are_as_declared(folder: Path) -> None:
    """A model for bytes in BGR halves the channel that it takes for red."""
    half = np.float32([0.5, 1, 1]).reshape(1, 3, 1, 1)
    notes = {"vedc.values": "byte", "vedc.order": "bgr"}
    nodes = [("Min", ("x", "full"), "t"), ("Mul", ("t", "half"), "y")]
    foreign.model(
        folder / "net.onnx", nodes, {"half": half, "full": foreign.scalar(255)}, notes=notes
    )
    for seen, was in zip(frames(built(folder)), given(folder), strict=True):
        assert np.abs(seen - was * [1, 1, 0.5]).max() <= 1
    seen = frames(built(folder, CALL | {"order": "rgb"}))[0]
    assert np.abs(seen - given(folder)[0] * [0.5, 1, 1]).max() <= 1


def test_a_window_of_three_frames_has_channels_last(folder: Path) -> None:
    """The mean of the frame before and the one after."""
    nodes: list[Any] = [
        ("Slice", ("x", "a", "b", "axis"), "p"),
        ("Slice", ("x", "c", "d", "axis"), "q"),
        ("Add", ("p", "q"), "s"),
        ("Mul", ("s", "half"), "y"),
    ]
    constants = {name: np.int64([n]) for name, n in (("a", 0), ("b", 3), ("c", 6), ("d", 9))}
    held = {**constants, "axis": np.int64([3]), "half": foreign.scalar(0.5)}
    sides = (1, "h", "w", 9)
    foreign.model(folder / "net.onnx", nodes, held, sides=sides, out=(1, "h", "w", 3))
    seen, was = frames(built(folder, CALL | {"op": "model_3"})), given(folder)
    assert np.abs(seen[2] - (was[1] + was[3]) / 2).max() <= 1
    assert np.abs(seen[0] - (was[0] + was[1]) / 2).max() <= 1
    with pytest.raises(SpecError) as caught:
        built(folder).edits()
    assert "3 channels" in caught.value.problems[0].message


def test_splits_and_threads_change_no_bit(folder: Path) -> None:
    foreign.soft(folder / "net.onnx")
    whole = frames(built(folder), threads=1)
    items = [
        {"clip": "clip.mkv", "in": f"{a}f", "out": f"{b}f", "effects": [CALL]}
        for a, b in ((0, 1), (1, 4), (4, 6))
    ]
    for threads in (1, 2):
        seen = frames(parts(folder, items), threads=threads)
        assert all(np.array_equal(a, b) for a, b in zip(whole, seen, strict=True))


def test_it_runs_only_where_that_is_allowed(folder: Path) -> None:
    foreign.negative(folder / "net.onnx")
    with pytest.raises(SpecError) as caught:
        built(folder, allowed=False).edits()
    (problem,) = caught.value.problems
    assert problem.code == "models-not-allowed" and "--allow-models" in (problem.hint or "")
    assert vedc("validate", "film.vedc.yaml", folder=folder).exit == 3
    assert vedc("validate", "film.vedc.yaml", "--allow-models", folder=folder).exit == 0
    assert vedc("validate", "film.vedc.yaml", folder=folder).exit == 3


@pytest.mark.parametrize(
    ("make", "call", "said"),
    [
        (foreign.not_finite, {}, "not finite"),
        (foreign.cropped, {}, "not 1x3x48x64"),
        (foreign.slow, {"seconds": 1}, "longer than 1 s"),
        (foreign.greedy, {"memory": 1}, "memory"),
    ],
)
def test_failures_name_the_op_the_file_and_the_line(
    folder: Path, make: Any, call: dict[str, Any], said: str
) -> None:
    make(folder / "net.onnx")
    with pytest.raises(RenderError) as caught:
        deliver(built(folder, CALL | call), replace=True)
    (problem,) = caught.value.problems
    assert problem.code == "model-failed" and said in problem.message, problem.message
    assert "net.onnx" in problem.message and problem.hint
    lines = (folder / "film.vedc.yaml").read_text().splitlines()
    assert problem.location is not None and "op: model" in lines[problem.location.line - 1]
    assert not (folder / "film.mkv").exists()


def test_the_plan_shows_memory_and_speed(folder: Path) -> None:
    foreign.soft(folder / "net.onnx")
    built(folder)
    answer = vedc("plan", "film.vedc.yaml", "--allow-models", folder=folder)
    assert answer.exit == 0, answer.err
    assert "network model with net.onnx 64x48, frames 0 to +0, whole" in answer.out
    assert "MiB, about" in answer.out and "foreign models 1" in answer.out


def test_the_file_is_part_of_the_key(folder: Path) -> None:
    foreign.soft(folder / "net.onnx")
    build = built(folder)
    key = plan_edit(build, build.edits()[0]).keys[0]
    foreign.negative(folder / "net.onnx")
    build = built(folder)
    assert plan_edit(build, build.edits()[0]).keys[0] != key


def test_an_exported_network_is_a_model(folder: Path) -> None:
    """The denoiser, by way of ONNX: as close as its runtimes are to each other."""
    asked = ("export", "clean", "-o", "net.onnx", "--set", "strength=0.1")
    assert vedc("model", *asked, folder=folder).exit == 0
    seen = frames(built(folder, CALL | {"op": "model_3"}))
    wanted = frames(built(folder, {"op": "clean", "strength": 0.1}))
    assert max(np.abs(a - b).max() for a, b in zip(seen, wanted, strict=True)) <= 1


def test_a_call_names_its_file(folder: Path) -> None:
    with pytest.raises(SpecError) as caught:
        built(folder, {"op": "model"}).edits()
    assert caught.value.problems[0].code == "missing-key"
