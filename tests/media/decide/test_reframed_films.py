"""From ``reframe: auto`` to a film: the analysis, the lock, the picture."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import yaml
from typer.testing import CliRunner

from tests import foreign
from tests.error.support import run
from tests.parity.ops.films import planes_of
from vedc.cli import app
from vedc.decide.analyses.analysis import AnalysisRequest
from vedc.decide.analyses.attention import Attention
from vedc.decide.analyses.decode_video import decode_video
from vedc.decide.analyses.result_cache import read_result, write_result
from vedc.decide.analyses.results import Maps
from vedc.decide.analyses.runner import AnalysisRunner
from vedc.media.probe import probe

SIZE = (320, 180)
FRAMES = 75


def write_walk(path: Path) -> None:
    """Grey noise, over which an orange square moves from left to right and stops there."""
    rng = np.random.default_rng(3)
    ground = np.repeat(np.repeat(rng.integers(90, 130, (18, 32)), 10, 0), 10, 1)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": "12"}
        for n in range(FRAMES):
            grain = rng.integers(-4, 5, SIZE[::-1])
            picture = np.repeat((ground + grain)[..., None], 3, axis=2).astype(np.uint8)
            left = middle(n) - 20
            picture[70:120, left : left + 40] = (250, 140, 30)
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)


def middle(frame: int) -> int:
    """Of the square, in pixels."""
    share = min(frame / 60, 1)
    return round(60 + 200 * (1 - math.cos(math.pi * share)) / 2)


class Project:
    def __init__(self, folder: Path, walk: Path | None = None) -> None:
        self.folder, self.spec = folder, folder / "a.vedc.yaml"
        if walk is None:
            write_walk(folder / "walk.mp4")
        else:  # with AVX-512, x264 does not always write the same film twice
            shutil.copy(walk, folder / "walk.mp4")

    def write(self, outputs: Any, **item: Any) -> None:
        spec = {
            "version": 1,
            "timeline": [{"clip": "walk.mp4", **item}],
            "outputs": outputs,
        }
        self.spec.write_text(yaml.safe_dump(spec, sort_keys=False))

    def vedc(self, command: str, *more: str) -> str:
        done = CliRunner().invoke(app, [command, str(self.spec), *more])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.output

    def items(self) -> list[dict[str, Any]]:
        (entry,) = yaml.safe_load((self.folder / "vedc.lock").read_text())["specs"]["a.vedc.yaml"]
        found: list[dict[str, Any]] = entry["items"]
        return found


TALL = {"path": "tall.mkv", "codec": "ffv1", "pix_fmt": "yuv444p", "width": 90, "height": 160}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = Project(tmp_path_factory.mktemp("reframed"))
    made.write([{**TALL, "reframe": "auto"}])
    made.vedc("render", "-y", "-q")
    return made


def orange(frame: list[Any]) -> float:
    """The middle of the orange part, in fractions of the width; NaN without one."""
    seen = (frame[2] > 160).mean(axis=0)
    total = float(seen.sum())
    return float((seen * (np.arange(len(seen)) + 0.5)).sum() / total / len(seen)) if total else -1


def test_the_film_holds_the_subject(project: Project) -> None:
    (item,) = project.items()
    points = item["item"]["crop"]["keyframes"]
    assert 2 <= len(points) <= 4 and item["score"] > 0.8
    for point in points:
        value = point["value"]
        assert value["x"] + value["width"] <= 1 and value["width"] == pytest.approx(
            0.3164, abs=1e-4
        )
    frames = planes_of(project.folder / "tall.mkv")
    assert len(frames) == FRAMES and frames[0][0].shape == (160, 90)
    places = [orange(frame) for frame in frames]
    assert all(0.2 < place < 0.8 for place in places)
    assert all(frame[0].min() > 40 for frame in frames), "there is no black beside the picture"


def test_the_film_matches_the_crop_typed_by_hand(project: Project, tmp_path: Path) -> None:
    (item,) = project.items()
    typed = Project(tmp_path, project.folder / "walk.mp4")
    typed.write([TALL], fit="cover", crop=item["item"]["crop"])
    typed.vedc("render", "-y", "-q")
    for ours, theirs in zip(
        planes_of(project.folder / "tall.mkv"), planes_of(tmp_path / "tall.mkv"), strict=True
    ):
        for one, two in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(one, two)


def test_rendering_from_the_lock_analyses_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("it was analysed before")

    monkeypatch.setattr(AnalysisRunner, "__call__", refuse)
    before = (project.folder / "vedc.lock").read_bytes()
    project.vedc("render", "-y", "-q", "--locked")
    assert (project.folder / "vedc.lock").read_bytes() == before


def test_what_a_hand_changes_is_rendered(project: Project, tmp_path: Path) -> None:
    text = (project.folder / "vedc.lock").read_text()
    edited = Project(tmp_path)
    edited.write([{**TALL, "reframe": "auto"}])
    begin = text.index("item: {crop: {keyframes")
    end = text.index("\n", begin)
    changed = "item: {crop: {x: 0, y: 0, width: 0.31641, height: 1}}"
    (tmp_path / "vedc.lock").write_text(text[:begin] + changed + text[end:])
    (tmp_path / "walk.mp4").write_bytes((project.folder / "walk.mp4").read_bytes())
    edited.vedc("render", "-y", "-q")
    places = [orange(frame) for frame in planes_of(tmp_path / "tall.mkv")]
    assert places[0] == pytest.approx(60 / 320 / 0.3164, abs=0.05) and places[-1] == -1


def test_decisions_show_the_crop(project: Project, tmp_path: Path) -> None:
    reported = project.vedc("explain", "--at", "0.2s")
    assert "crop of main[1]" in reported and "for tall.mkv: moves" in reported
    assert "of the width here" in reported and "stands out" in reported
    (decision,) = json.loads(project.vedc("explain", "--at", "0.2s", "--json"))["decisions"]
    x, y, width, height = decision["item"]["shown"]
    assert (y, height) == (0, 1) and 0 <= x <= 0.2 and width == pytest.approx(0.3164, abs=1e-4)
    project.vedc("explain", "-o", str(tmp_path / "page.html"))
    page = (tmp_path / "page.html").read_text()
    assert "dark where the crop cuts them off" in page and "crop of main[1]" in page
    assert "1 with a crop that moves" in project.vedc("lock")


def test_maps_are_kept(project: Project) -> None:
    media = probe(project.folder / "walk.mp4")
    watcher = Attention(media)
    decode_video(media, [watcher], threads=1)
    maps = watcher.finish()
    assert len(maps) == 15 and maps.rate == 5
    for number in (0, 6, 11):
        column = int(maps.values["salient"][number].max(axis=0).argmax())
        assert column / 48 == pytest.approx(middle(5 * number) / 320, abs=0.07)
    read = read_result(write_result("k", maps), "k", Maps)
    assert isinstance(read, Maps) and read.rate == maps.rate
    for name, values in maps.values.items():
        np.testing.assert_array_equal(read.values[name], values)
    assert AnalysisRequest.of("attention", media).name == "attention"


def test_faces_are_followed(tmp_path: Path) -> None:
    """To the detector of the test a white square is a face; the orange one stands out more."""
    from PIL import Image

    foreign.faces(tmp_path / "faces.onnx")
    picture = np.full((180, 320, 3), 110, np.uint8)
    picture[60:130, 230:290] = (250, 140, 30)
    picture[64:96, 32:64] = 255
    Image.fromarray(picture).save(tmp_path / "a.png")
    spec = {
        "version": 1,
        "profile": {"width": 320, "height": 180, "fps": 5},
        "timeline": [{"image": "a.png", "duration": "1s"}],
        "outputs": [{**TALL, "reframe": {"faces": "faces.onnx"}}],
    }
    (tmp_path / "a.vedc.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))

    def vedc(*words: str) -> Any:
        return run(words[0], "a.vedc.yaml", *words[1:], folder=tmp_path)

    assert vedc("validate").exit == 0
    refused = vedc("lock")
    assert refused.exit == 3 and "--allow-models" in refused.err
    assert vedc("lock", "--allow-models").exit == 0
    lock = yaml.safe_load((tmp_path / "vedc.lock").read_text())
    (item,) = lock["specs"]["a.vedc.yaml"][0]["items"]
    crop = item["item"]["crop"]
    assert crop["x"] < 48 / 320 < crop["x"] + crop["width"]
    assert item["for"][0].startswith("faces +")
    assert lock["models"]["faces.onnx"].startswith("sha256:")
    # A decided answer needs neither the detector nor permission to run it.
    (tmp_path / "faces.onnx").unlink()
    assert vedc("render", "--locked", "-q").exit == 0
    gone = vedc("lock", "--force", "--allow-models")
    assert gone.exit == 4 and "put the file back" in gone.err
    foreign.faces(tmp_path / "faces.onnx", (1, 3, 192, 320))
    changed = vedc("render", "--locked", "-q", "-y")
    assert changed.exit == 5 and "'faces.onnx' changed" in changed.err


def test_a_still_is_reframed(tmp_path: Path) -> None:
    from PIL import Image

    picture = np.full((180, 320, 3), 110, np.uint8)
    picture[60:130, 230:290] = (250, 140, 30)
    Image.fromarray(picture).save(tmp_path / "a.png")
    clear = np.dstack([picture, np.full((180, 320), 255, np.uint8)])
    clear[:20, :20, 3] = 0
    Image.fromarray(clear).save(tmp_path / "b.png")
    spec = {
        "version": 1,
        "profile": {"width": 320, "height": 180, "fps": 5},
        "timeline": [{"image": "a.png", "duration": "1s"}, {"image": "b.png", "duration": "1s"}],
        "outputs": [{**TALL, "reframe": "auto"}],
    }
    (tmp_path / "a.vedc.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
    done = CliRunner().invoke(app, ["lock", str(tmp_path / "a.vedc.yaml")])
    assert done.exit_code == 0, done.output
    (entry,) = yaml.safe_load((tmp_path / "vedc.lock").read_text())["specs"]["a.vedc.yaml"]
    opaque, transparent = entry["items"]
    crop = opaque["item"]["crop"]
    assert crop["x"] + crop["width"] / 2 == pytest.approx(260 / 320, abs=0.04)
    assert transparent["item"] == {} and "transparency" in transparent["instead"][0]
