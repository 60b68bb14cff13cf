"""Styles and places of captions that are burned in, as they are drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.media.film.test_burned_captions import Picture, frames, ink, spec
from tests.parity.ops.films import build, render
from vedc.edit.contents import Caption
from vedc.edit.model import Edit

LONG = "Nobody knows how long this caption is, but it takes all the room that two lines have"


def edit_of(folder: Path, captions: dict[str, Any], size: tuple[int, int] = (640, 360)) -> Edit:
    return build(folder, spec({"burn": True, **captions}, 4, size)).edits()[0]


def only(folder: Path, text: str, **style: Any) -> Caption:
    cues = [{"start": "0s", "end": "1s", "text": text}]
    given = {"style": style} if style else {}
    (caption,) = edit_of(folder, {"cues": cues, **given}).captions
    return caption


def first_frame(folder: Path, captions: dict[str, Any]) -> Picture:
    shown = frames(render(folder, spec({"burn": True, **captions}, 1)))
    return shown[0]


class TestLines:
    def test_type_is_six_hundredths_of_the_smaller_side(self, tmp_path: Path) -> None:
        assert only(tmp_path, "short").text.size == pytest.approx(0.06 * 360)

    def test_lines_are_about_equally_long(self, tmp_path: Path) -> None:
        text = "A caption of one line and a word too many for that line"
        picture = first_frame(tmp_path, {"cues": [{"start": "0s", "end": "1s", "text": text}]})
        rows = np.nonzero((picture.max(axis=2) > 60).any(axis=1))[0]
        middle = (rows[0] + rows[-1]) // 2
        upper, lower = picture[:middle], picture[middle:]
        widths = [box[2] - box[0] for box in (ink(upper), ink(lower)) if box is not None]
        assert len(widths) == 2 and min(widths) > 0.7 * max(widths)

    def test_too_many_lines_make_the_type_smaller(self, tmp_path: Path) -> None:
        caption = only(tmp_path, "one\ntwo\nthree")
        assert caption.text.text == "one two three"
        caption = only(tmp_path, f"{LONG} and then some more")
        assert 0.7 * 0.06 * 360 <= caption.text.size < 0.06 * 360

    def test_a_mismatch_is_reported_with_its_line(self, tmp_path: Path) -> None:
        (tmp_path / "a.srt").write_text(
            f"1\n00:00:00,000 --> 00:00:01,000\nshort\n\n2\n00:00:01,000 --> 00:00:02,000\n{LONG}"
            f" {LONG}\n"
        )
        edit = edit_of(tmp_path, {"src": "a.srt"})
        (warning,) = edit.warnings
        assert warning.code == "caption-long" and warning.location is not None
        assert warning.location.line == 6 and warning.location.file.endswith("a.srt")
        assert "needs more than 2 lines" in warning.message

    def test_an_upright_canvas_has_more_lines(self, tmp_path: Path) -> None:
        cues = [{"start": "0s", "end": "1s", "text": LONG}]
        edit = edit_of(tmp_path, {"cues": cues}, (360, 640))
        assert edit.warnings == () and edit.captions[0].text.size == pytest.approx(0.06 * 360)


class TestStyle:
    def test_what_is_given_holds(self, tmp_path: Path) -> None:
        style = {
            "size": "10%", "color": "#ff0000", "stroke_width": 3, "stroke_color": "#00ff00",
            "background": "#0000ff80", "padding": 5, "max_width": 400, "line_height": 1.5,
        }  # fmt: skip
        text = only(tmp_path, "styled", **style).text
        assert text.size == 36 and text.color == (1.0, 0.0, 0.0, 1.0)
        assert (text.stroke_width, text.stroke_color) == (3, (0.0, 1.0, 0.0, 1.0))
        assert text.background == (0.0, 0.0, 1.0, 128 / 255) and text.padding == 5
        assert (text.max_width, text.line_height) == (400, 1.5)

    def test_the_styles_of_a_file_give_way(self, tmp_path: Path) -> None:
        (tmp_path / "a.ass").write_text(
            "[Script Info]\nPlayResX: 640\nPlayResY: 360\n\n[V4+ Styles]\nFormat: Name, Fontsize, "
            "PrimaryColour, Outline\nStyle: Default,36,&H00FFFF,4\n\n[Events]\nFormat: Layer, "
            "Start, End, Style, Text\nDialogue: 0,0:00:00.00,0:00:01.00,Default,text\n"
        )
        (own,) = edit_of(tmp_path, {"src": "a.ass"}).captions
        assert own.text.color == (1.0, 1.0, 0.0, 1.0) and own.text.stroke_width == 4
        (given,) = edit_of(tmp_path, {"src": "a.ass", "style": {"color": "red"}}).captions
        assert given.text.color == (1.0, 0.0, 0.0, 1.0) and given.text.stroke_width == 4

    def test_a_draft_of_half_the_size_is_the_same_design(self, tmp_path: Path) -> None:
        cues = [{"start": "0s", "end": "1s", "text": LONG}]
        film = spec(
            {"cues": cues, "burn": True, "style": {"size": 20, "margin": 30}}, 1, (640, 360)
        )
        film["outputs"].append({"path": "half.mkv", "codec": "ffv1", "width": 320, "height": 180})
        whole, half = (edit.captions[0] for edit in build(tmp_path, film).edits())
        assert half.text.size == whole.text.size / 2
        assert abs(half.offset[1] - whole.offset[1] / 2) <= 1.5

    def test_music_without_a_note(self, tmp_path: Path) -> None:
        cues = [{"start": "0s", "end": "1s", "text": "♪ la la ♪"}]
        edit = edit_of(tmp_path, {"cues": cues})
        assert edit.captions[0].text.text == "# la la #"
        assert [warning.code for warning in edit.warnings] == ["glyph-substituted"]


@pytest.mark.parametrize(
    ("style", "across", "down"),
    [
        ({}, "middle", "bottom"),
        ({"position": "top"}, "middle", "top"),
        ({"position": "top-left"}, "left", "top"),
        ({"position": "right"}, "right", "middle"),
        ({"position": [0.5, 0.5]}, "middle", "middle"),
    ],
)
def test_positions(tmp_path: Path, style: dict[str, Any], across: str, down: str) -> None:
    cues = [{"start": "0s", "end": "1s", "text": "Where"}]
    box = ink(first_frame(tmp_path, {"cues": cues, **({"style": style} if style else {})}))
    assert box is not None
    x, y = (box[0] + box[2]) / 640, (box[1] + box[3]) / 360
    assert {"left": x < 0.3, "middle": abs(x - 0.5) < 0.02, "right": x > 0.7}[across]
    assert {"top": y < 0.2, "middle": abs(y - 0.5) < 0.04, "bottom": y > 0.8}[down]


@pytest.mark.parametrize(
    ("settings", "across", "down"),
    [
        ("line:0", (0.3, 0.7), (0.04, 0.2)),
        ("line:50%,center", (0.3, 0.7), (0.4, 0.6)),
        ("line:95%", (0.3, 0.7), (0.8, 1.0)),
        ("position:10%,line-left align:left", (0.09, 0.4), (0.8, 1.0)),
        ("align:right", (0.6, 0.96), (0.8, 1.0)),
    ],
)
def test_places_of_webvtt(
    tmp_path: Path, settings: str, across: tuple[float, float], down: tuple[float, float]
) -> None:
    (tmp_path / "a.vtt").write_text(f"WEBVTT\n\n00:00.000 --> 00:01.000 {settings}\nWhere\n")
    box = ink(first_frame(tmp_path, {"src": "a.vtt"}))
    assert box is not None
    assert across[0] <= box[0] / 320 and box[2] / 320 <= across[1]
    assert down[0] <= box[1] / 180 and box[3] / 180 <= down[1]


@pytest.mark.parametrize("spot", range(1, 10))
def test_the_number_pad_of_ass(tmp_path: Path, spot: int) -> None:
    (tmp_path / "a.ass").write_text(
        "[Script Info]\nPlayResX: 640\nPlayResY: 360\n\n[Events]\nFormat: Layer, Start, End, "
        f"Style, Text\nDialogue: 0,0:00:00.00,0:00:01.00,Default,{{\\an{spot}\\pos(320,180)}}Oo\n"
    )
    box = ink(first_frame(tmp_path, {"src": "a.ass"}))
    assert box is not None
    column, row = (spot - 1) % 3, 2 - (spot - 1) // 3
    x, y = (box[0] + box[2]) / 2 - 160, (box[1] + box[3]) / 2 - 90
    width, height = box[2] - box[0], box[3] - box[1]
    assert abs(x - (1 - column) * width / 2) <= 2
    assert abs(y - (1 - row) * height / 2) <= 0.35 * height
