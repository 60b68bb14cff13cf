"""Markers as chapters: as FFmpeg reads them back from the film."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from tests.parity.ops.films import build, planes_of, render
from vedc.edit.model import Marker
from vedc.ops.shared.cube import read
from vedc.plan.describe import as_text, describe
from vedc.plan.fusion.make_plan import chapters_of, make_plan
from vedc.workspace.planning import plan_edit

MARKERS = [
    {"time": "75%", "name": "Ende — fin"},
    {"time": "0s", "name": "Intro"},
    {"time": "31f", "name": "Middle"},
]
TIMELINE = {"tracks": [{"clips": [{"color": "gray", "duration": "100f"}]}], "markers": MARKERS}


def spec(output: str, **more: Any) -> dict[str, Any]:
    profile = {"width": 64, "height": 48, "fps": "30000/1001"}
    return {"profile": profile, "timeline": TIMELINE, "outputs": [{"path": output, **more}]}


def chapters(path: Path) -> list[tuple[str, Fraction, Fraction]]:
    with av.open(str(path)) as film:
        return [
            (c["metadata"]["title"], c["start"] * c["time_base"], c["end"] * c["time_base"])
            for c in film.chapters()
        ]


@pytest.mark.parametrize("ending", ["mp4", "mov", "mkv", "webm"])
def test_each_marker_begins_a_chapter(tmp_path: Path, ending: str) -> None:
    film = render(tmp_path, spec(f"film.{ending}"))
    found, frame = chapters(film), Fraction(1001, 30000)
    assert [name for name, _, _ in found] == ["Intro", "Middle", "Ende — fin"]
    wanted = [0, 31 * frame, 75 * frame, 100 * frame]
    for (_, start, end), begins, ends in zip(found, wanted[:-1], wanted[1:], strict=True):
        assert abs(start - begins) <= Fraction(1, 1000)
        assert abs(end - ends) <= Fraction(1, 1000)
    assert len(planes_of(film)) == 100


def test_a_part_of_the_film_has_the_chapters_of_that_part(tmp_path: Path) -> None:
    edit = replace(build(tmp_path, spec("film.mp4")).edits()[0], part=(40, 90))
    assert chapters_of(edit) == (Marker(0, "Middle"), Marker(35, "Ende — fin"))
    assert chapters_of(replace(edit, part=None))[0] == Marker(0, "Intro")


def test_the_plan_lists_them(tmp_path: Path) -> None:
    made = build(tmp_path, spec("film.mp4"))
    text = as_text(
        describe(
            make_plan(
                plan_edit(made, made.edits()[0]), lambda path: read(Path(path)), missing=set()
            ),
            bool,
        )
    )
    assert "chapter  0:00.000  Intro\nchapter  0:01.034  Middle\n" in text
