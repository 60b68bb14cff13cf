"""Tags of films, as FFmpeg reads them back."""

from __future__ import annotations

from pathlib import Path

import av
import pytest
from typer.testing import CliRunner

from vedc.cli import app
from vedc.errors import SpecError
from vedc.workspace.build import Build

TAGS = {
    "title": "Frühling im Tal",
    "artist": "A. & B.",
    "album": "Valleys",
    "date": "2026-05-01",
    "genre": "Documentary",
    "copyright": "(c) the makers",
}
SPEC = """\
version: 1
profile: {width: 64, height: 64, fps: 25}
timeline: [{color: red, duration: 0.2s}]
outputs: [{path: %s, metadata: {%s}}]
"""


def _spec(folder: Path, path: str, tags: dict[str, str]) -> Path:
    spec = folder / "film.vedc.yaml"
    shown = ", ".join(f'{name}: "{value}"' for name, value in tags.items())
    spec.write_text(SPEC % (path, shown), encoding="utf-8")
    return spec


@pytest.mark.parametrize("ending", ["mp4", "mov", "mkv", "webm"])
def test_a_film_has_its_tags(tmp_path: Path, ending: str) -> None:
    target = tmp_path / f"film.{ending}"
    spec = _spec(tmp_path, target.name, TAGS)
    for tags in (TAGS, TAGS | {"title": "Another"}):
        _spec(tmp_path, target.name, tags)
        result = CliRunner().invoke(app, ["render", "-q", str(spec)])
        assert result.exit_code == 0, result.output
        with av.open(str(target)) as film:
            read = {name.lower(): value for name, value in film.metadata.items()}
        assert {name: read.get(name) for name in tags} == tags


def test_tags_that_are_refused(tmp_path: Path) -> None:
    for path, tags, message in (
        ("a.png", {"title": "x"}, "'metadata' has no effect on a png image"),
        ("a.mp4", {"author": "x"}, "use `artist`"),
        ("a.mp4", {"title": ""}, "must be text, not empty text"),
    ):
        with pytest.raises(SpecError) as caught:
            Build(_spec(tmp_path, path, tags)).edits()
        (problem,) = caught.value.problems
        assert message in f"{problem.message} {problem.hint}"
