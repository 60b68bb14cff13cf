"""From the two sides of a join to a film: the lock, its matte, and the drawn frames."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
import yaml
from PIL import Image
from typer.testing import CliRunner

from tests.parity.ops.films import planes_of
from vedc.cli import app
from vedc.errors import LockError, SpecError

HEAD = {"version": 1, "profile": {"width": 160, "height": 90, "fps": 25}}
OUT = [{"path": "out.mkv", "codec": "ffv1", "pix_fmt": "yuv444p"}]


def texture(seed: int) -> Any:
    noise = np.random.default_rng(seed).normal(0, 1, (300, 400, 3))
    soft = cv2.GaussianBlur(noise, (0, 0), 2.0)
    return np.clip(110 + 50 * soft / soft.std(), 0, 255).astype(np.uint8)


def write(path: Path, places: list[tuple[float, float]], seed: int = 1) -> None:
    """A clip that shows a window of a texture at each place."""
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=25, options={"crf": "10"})
        video.width, video.height, video.pix_fmt = 160, 90, "yuv420p"
        picture = texture(seed)
        for x, y in places:
            shown = cv2.getRectSubPix(picture, (160, 90), (200 + x, 150 + y))
            out.mux(video.encode(av.VideoFrame.from_ndarray(shown, format="rgb24")))
        out.mux(video.encode())


class Project:
    def __init__(self, folder: Path) -> None:
        self.folder, self.spec = folder, folder / "a.vedc.yaml"

    def write(self, *items: Any) -> None:
        spec = {**HEAD, "timeline": list(items), "outputs": OUT}
        self.spec.write_text(yaml.safe_dump(spec, sort_keys=False))

    def vedc(self, *arguments: str) -> str:
        done = CliRunner().invoke(app, [*arguments])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.output

    def lock(self) -> dict[str, Any]:
        found = json.loads(self.vedc("lock", str(self.spec), "--json"))
        (entry,) = found["decisions"] if isinstance(found, dict) else found
        (item,) = entry["items"]
        return dict(item)

    def frames(self) -> list[list[Any]]:
        self.vedc("render", str(self.spec), "-y", "-q")
        return planes_of(self.folder / "out.mkv")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def join(left: str, right: str, **words: Any) -> list[Any]:
    return [{"clip": left}, {"transition": {"name": "auto", **words}}, {"clip": right}]


def test_pans_are_whipped_along_and_the_lock_says_why(project: Project) -> None:
    fast = [(5.0 * (12 - n), 0.0) for n in range(25)]  # the picture moves to the right
    write(project.folder / "a.mp4", fast, 1)
    write(project.folder / "b.mp4", fast, 2)
    project.write(*join("a.mp4", "b.mp4", level="lively"))
    item = project.lock()
    assert item["item"]["transition"] == {"name": "whip_pan", "direction": "right"}
    assert any("both sides move right" in reason for reason in item["for"])
    assert any(phrase.startswith("hard cut") for phrase in item["instead"])
    assert "whip_pan" in project.vedc("lock", str(project.spec))
    assert len(project.frames()) < 50


def test_a_jump_cut_is_morphed_into_the_frames_between(project: Project) -> None:
    still = [(0.0, 0.0)] * 20
    write(project.folder / "a.mp4", still)
    write(project.folder / "b.mp4", [(8.0, 4.0)] * 20)
    project.write(*join("a.mp4", "b.mp4", level="subtle"))
    assert project.lock()["item"]["transition"] == "flow_morph"
    luma = [planes[0][16:-16, 16:-16].astype(float) for planes in project.frames()]
    sharp = [float(np.abs(np.diff(frame, axis=1)).mean()) for frame in luma]
    assert min(sharp) > 0.93 * sharp[0]  # a dissolve of two textures is softer than either


def test_pictures_without_anything_in_common_are_dissolved_and_noted(project: Project) -> None:
    write(project.folder / "a.mp4", [(0.0, 0.0)] * 12, 1)
    write(project.folder / "b.mp4", [(0.0, 0.0)] * 12, 12)
    reported = {}
    for name in ("flow_morph", "dissolve"):
        project.write({"clip": "a.mp4"}, {"transition": name, "duration": "6f"}, {"clip": "b.mp4"})
        for again in range(2):  # also where the segment is stored already
            output = project.vedc("render", str(project.spec), "-y")
            reported[name, again] = "flow_morph shows a dissolve in" in output
        reported[name] = planes_of(project.folder / "out.mkv")
    assert reported["flow_morph", 0] and reported["flow_morph", 1]
    assert not reported["dissolve", 0]
    for one, other in zip(reported["flow_morph"], reported["dissolve"], strict=True):
        assert all(np.abs(a.astype(int) - b).max() <= 1 for a, b in zip(one, other, strict=True))


def test_a_matte_is_a_picture_beside_the_lock_that_may_be_replaced(project: Project) -> None:
    write(project.folder / "a.mp4", [(0.0, 0.0)] * 16, 1)
    write(project.folder / "b.mp4", [(0.0, 0.0)] * 16, 2)
    own = project.folder / "mine.json"
    own.write_text('{"name": "joining", "version": 1, "weights": {"luma.bias": 1}}')
    words = {"choose": ["luma-wipe"], "duration": "7f", "weights": "mine.json"}
    project.write(*join("a.mp4", "b.mp4", **words))
    item = project.lock()["item"]
    path = project.folder / item["transition"]["src"]
    with Image.open(path) as read:
        assert read.size == (256, 144) and read.mode == "L"
    drawn = project.frames()[12][0]
    Image.new("L", (256, 144), 255).save(path)  # everything changes last
    output = project.vedc("lock", str(project.spec))
    assert "is no longer what vedc wrote: it is used as it is" in output
    project.vedc("render", str(project.spec), "-y", "-q", "--locked")
    assert not np.array_equal(project.frames()[12][0], drawn)
    path.unlink()
    with pytest.raises(LockError, match="is missing"):
        project.vedc("render", str(project.spec), "-y", "-q", "--locked")
    assert project.lock()["item"] == item and path.exists()
    assert np.array_equal(project.frames()[12][0], drawn)


def test_what_cannot_be_chosen_is_refused(project: Project) -> None:
    write(project.folder / "a.mp4", [(0.0, 0.0)] * 4)
    project.write(*join("a.mp4", "a.mp4", level="wild"))
    with pytest.raises(SpecError, match="level must be one of subtle, lively, bold, not 'wild'"):
        project.vedc("validate", str(project.spec))
    project.write(*join("a.mp4", "a.mp4", choose=["custom"]))
    with pytest.raises(SpecError, match="expression"):
        project.vedc("validate", str(project.spec))
