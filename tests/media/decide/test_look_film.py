"""A look, from pairs of real clips to the frames of a film."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import yaml
from typer.testing import CliRunner

from tests.paths import MEDIA
from tests.unit.decide.grades.test_match import filtered
from vedc.cli import app
from vedc.decide.grades.perceived import delta_e
from vedc.errors import LockError, SpecError

CLIPS = ("frog.mp4", "pig.mp4", "monster.mp4")
OTHER = "crystal.mp4"
LOOK = "colorbalance=rs=-0.1:bs=0.12:rh=0.12:bh=-0.12,exposure=exposure=0.2"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not all((MEDIA / "video" / name).exists() for name in (*CLIPS, OTHER)),
        reason="the shared clips are not here",
    ),
]


def frames(path: Path, count: int) -> list[Any]:
    with av.open(str(path)) as file:
        every = file.decode(video=0)
        return [
            f.to_ndarray(format="rgb24", width=240, height=160)
            for f, _ in zip(every, range(count), strict=False)
        ]


def write(path: Path, pictures: list[Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"crf": "14"})
        stream.width, stream.height, stream.pix_fmt = 240, 160, "yuv420p"
        for picture in pictures:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(stream.encode(None))


def vedc(*arguments: object) -> str:
    done = CliRunner().invoke(app, [*map(str, arguments)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("look")
    for name in CLIPS:
        shown = frames(MEDIA / "video" / name, 40)
        write(folder / "pairs" / "raw" / name, shown)
        write(folder / "pairs" / "graded" / name, [filtered(p, LOOK) for p in shown])
    write(folder / OTHER, frames(MEDIA / "video" / OTHER, 40))
    vedc("grade", "learn", folder / "pairs", "-o", folder / "look.json", "-q")
    return folder


def spec(folder: Path, step: Any, name: str = "a") -> Path:
    path = folder / f"{name}.vedc.yaml"
    data = {
        "version": 1,
        "profile": {"width": 240, "height": 160, "fps": 25},
        "timeline": [{"clip": OTHER, "grade": [{"auto": step}]}],
        "outputs": [{"path": f"{name}.mkv", "codec": "ffv1", "pix_fmt": "yuv444p"}],
    }
    path.write_text(yaml.safe_dump(data))
    return path


def test_a_film_gets_the_look_of_other_footage(folder: Path) -> None:
    """Held to FFmpeg's filters on a clip that the look was not learned from."""
    film = spec(folder, {"look": "look.json"})
    vedc("render", film, "-y", "-q")
    raw, shown = frames(folder / OTHER, 40)[5::15], frames(folder / "a.mkv", 40)[5::15]
    wanted = [filtered(picture, LOOK) for picture in raw]
    untouched, left = (
        float(np.mean([delta_e(a / 255, b / 255).mean() for a, b in zip(c, wanted, strict=True)]))
        for c in (raw, shown)
    )
    assert left < 0.4 * untouched and left < 2.0
    (entry,) = yaml.safe_load((folder / "vedc.lock").read_text())["specs"]["a.vedc.yaml"]
    assert set(entry["media"]) == {OTHER, "look.json"}
    (item,) = entry["items"]
    assert item["score"] > 0.5 and "from 3 shots of 3 sources" in item["for"][0]
    reported = vedc("explain", film, "--at", "1s")
    assert "look of main[1]" in reported and "the look itself" in reported


def test_a_look_that_changed_is_asked_again(folder: Path) -> None:
    film = spec(folder, {"look": {"src": "look.json", "strength": 0.5}}, "b")
    vedc("lock", film)
    vedc("validate", film, "--locked")
    look = folder / "look.json"
    before = look.read_text()
    held = json.loads(before)
    held["constant"] = [0.0] * len(held["constant"])
    look.write_text(json.dumps(held))
    try:
        with pytest.raises(LockError, match=r"'look\.json' has changed"):
            vedc("validate", film, "--locked")
    finally:
        look.write_text(before)


def test_a_broken_look_is_refused_where_it_is_broken(folder: Path) -> None:
    (folder / "broken.json").write_text('{\n  "vedc": "look",\n  "version": 1\n}\n')
    film = spec(folder, {"look": "broken.json"}, "c")
    with pytest.raises(SpecError) as raised:
        vedc("validate", film)
    problem = raised.value.problems[0]
    assert problem.location is not None and problem.location.file.endswith("broken.json")
    assert problem.code == "missing-key" and problem.location.line == 1
