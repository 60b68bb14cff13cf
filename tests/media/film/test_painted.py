"""Films that are painted and calmed: palettes named in specs, and windows that are cut."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import yaml
from PIL import Image

from vedc.errors import UserError
from vedc.plan.describe import as_text, describe
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver
from vedc.workspace.planning import fuse_plan, plan_edit

FRAMES, SIZE = 8, (96, 64)
STEADY = {"op": "steady", "over": 1, "strength": 1.0}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A clip of texture whose brightness jumps from frame to frame, and a picture in blue."""
    random = np.random.default_rng(5)
    texture = random.uniform(60, 180, (SIZE[1], SIZE[0], 3))
    with av.open(str(tmp_path / "flicker.mkv"), "w") as film:
        stream = film.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = *SIZE, "bgr0"
        for number in range(FRAMES):
            picture = (texture * (1.1 if number % 2 else 0.9)).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            film.mux(stream.encode(frame.reformat(format="bgr0")))
        film.mux(stream.encode())
    Image.new("RGB", (30, 20), (40, 60, 200)).save(tmp_path / "blue.png")
    return tmp_path


def built(folder: Path, items: list[Any], name: str = "film", **more: Any) -> Build:
    path = folder / f"{name}.vedc.yaml"
    spec = {
        "version": 1,
        "profile": {"width": SIZE[0], "height": SIZE[1], "fps": 25, "color": "srgb"},
        **more,
        "timeline": items,
        "outputs": [{"path": f"{name}.mkv", "codec": "ffv1", "pix_fmt": "gbrp10le"}],
    }
    path.write_text(yaml.safe_dump(spec, sort_keys=False))
    return Build(path)


def frames(build: Build) -> list[Any]:
    (summary,) = deliver(build, replace=True)
    with av.open(summary.target) as film:
        return [f.to_ndarray(format="rgb24") for f in film.decode(video=0)]


def clip(*effects: Any, **more: Any) -> dict[str, Any]:
    return {"clip": "flicker.mkv", "effects": list(effects), **more}


def test_flicker_is_calmed_and_segments_change_nothing(folder: Path) -> None:
    whole = frames(built(folder, [clip(STEADY)]))
    levels = [f.mean() for f in whole]
    assert np.ptp(levels[1:-1]) < 0.5 * 0.2 * 120
    parts = [clip(STEADY, **{"in": "0f", "out": "3f"}), clip(STEADY, **{"in": "3f"})]
    cut = frames(built(folder, parts, "parts"))
    assert all(np.array_equal(a, b) for a, b in zip(whole, cut, strict=True))


def steps(build: Build) -> str:
    plan = fuse_plan(plan_edit(build, build.edits()[0]))
    return as_text(describe(plan, lambda key: False))


def test_only_frames_that_count_are_computed(folder: Path) -> None:
    three = steps(built(folder, [clip(STEADY)]))
    assert "neighbourhoods of 3 frames" in three and three.count("reads flicker.mkv") == 3
    seven = steps(built(folder, [clip(STEADY | {"over": 3})]))
    assert "neighbourhoods of 7 frames" in seven
    assert "steady" not in steps(built(folder, [clip(STEADY | {"over": 0})]))


@pytest.mark.parametrize("by_id", [False, True])
def test_a_painting_gives_its_colors(folder: Path, by_id: bool) -> None:
    named = {"asset": "sea"} if by_id else {"src": "blue.png"}
    more = {"assets": {"sea": "blue.png"}} if by_id else {}
    seen = frames(built(folder, [clip({"op": "paint", "size": 0.05, **named})], **more))
    plain = frames(built(folder, [clip({"op": "paint", "size": 0.05})], "plain"))
    red, _, blue = (seen[2][..., c].mean() for c in range(3))
    assert blue > red + 40 and abs(np.ptp(plain[2].mean((0, 1)))) < 10


def test_another_painting_is_another_film(folder: Path) -> None:
    build = built(folder, [clip({"op": "paint", "src": "blue.png"})])
    before = plan_edit(build, build.edits()[0]).keys
    Image.new("RGB", (31, 20), (200, 60, 20)).save(folder / "blue.png")
    build = built(folder, [clip({"op": "paint", "src": "blue.png"})])
    assert plan_edit(build, build.edits()[0]).keys != before


@pytest.mark.parametrize("name", ["flicker.mkv", "none.png", "deep.png"])
def test_what_gives_no_palette(folder: Path, name: str) -> None:
    Image.fromarray(np.zeros((8, 8), np.uint16)).save(folder / "deep.png")
    build = built(folder, [clip({"op": "paint", "src": name})])
    with pytest.raises(UserError) as refused:
        build.edits()
    code = {"flicker.mkv": "not-an-image", "none.png": "file-missing", "deep.png": "bad-palette"}
    assert refused.value.problems[0].code == code[name]
    assert refused.value.problems[0].location is not None
