"""A spec that uses a word whose meaning changed gets a message with the new spelling."""

from __future__ import annotations

from pathlib import Path

import pytest

from vedc.cli.options import Warnings
from vedc.edit.contents import Text
from vedc.edit.model import Edit
from vedc.errors import Problem, UserError, as_errors
from vedc.lang.resolve.compile import check
from vedc.lang.resolve.items.context import CheckContext
from vedc.lang.yaml.load import load_text
from vedc.text.fonts import FontCache
from vedc.text.titles import measure


def edits(tmp_path: Path, timeline: str, more: str = "", size: str = "1280x720") -> list[Edit]:
    width, height = size.split("x")
    profile = f"profile: {{width: {width}, height: {height}, fps: 25}}"
    spec = f"version: 1\n{profile}\n{more}\ntimeline: {timeline}"
    context = CheckContext(tmp_path, fonts=FontCache(tmp_path / "fonts"), measure=measure)
    return check(load_text(spec, "a.vedc.yaml"), context)


def reported(
    tmp_path: Path, timeline: str, more: str = "", size: str = "1280x720"
) -> list[Problem]:
    found: list[Problem] = []
    for edit in edits(tmp_path, timeline, more, size):
        found += edit.warnings
    return found


def codes(problems: list[Problem]) -> list[str]:
    return [problem.code for problem in problems]


COLORS = "[{color: red, duration: 2s}, {transition: %s}, {color: blue, duration: 2s}]"


def test_fade_is_a_dissolve(tmp_path: Path) -> None:
    for written in ("fade", "'Fade'", "{name: fade, duration: 1s}"):
        (note,) = reported(tmp_path, COLORS % written)
        assert (note.code, note.severity) == ("changed-fade", "note")
        assert note.hint is not None and "dissolve" in note.hint and "dip" in note.hint
        assert note.location is not None and note.location.line == 4
    for written in ("dissolve", "crossfade", "dip", "fadeblack", "xfade:fade"):
        assert reported(tmp_path, COLORS % written) == []


def test_the_easing_of_the_last_keyframe(tmp_path: Path) -> None:
    keyframes = "{keyframes: [{time: 0s, value: 0}, {time: 1s, value: 1, easing: ease-out}]}"
    (warning,) = reported(tmp_path, f"[{{color: red, duration: 2s, opacity: {keyframes}}}]")
    assert warning.code == "idle-easing"
    assert warning.hint == "move easing: ease-out to the keyframe before"


def test_sizes_follow_the_output(tmp_path: Path) -> None:
    text = "[{text: Hi, size: 40, duration: 2s}]"
    half = "outputs: [{path: a.mp4, width: 640, height: 360}]"
    (note,) = reported(tmp_path, text, half)
    assert (note.code, note.severity) == ("changed-sizes", "note") and "0.5 times" in note.message
    assert reported(tmp_path, text) == []
    assert reported(tmp_path, "[{color: red, duration: 2s}]", half) == []


def test_type_without_a_size(tmp_path: Path) -> None:
    (note,) = reported(tmp_path, "[{text: Hi, duration: 2s}]")
    assert (note.code, note.severity) == ("default-size", "note") and "43.2" in note.message
    assert note.hint is not None and "size: 6%" in note.hint and "size: 64" in note.hint
    assert reported(tmp_path, "[{text: Hi, duration: 2s}]", size="1920x1080") == []
    assert reported(tmp_path, "[{text: Hi, size: 64, duration: 2s}]") == []
    given = "defaults: {text: {size: 64}}"
    assert reported(tmp_path, "[{text: Hi, duration: 2s}]", given) == []


def test_lines_that_now_wrap(tmp_path: Path) -> None:
    line = " ".join(["Spring"] * 12)
    (note,) = reported(tmp_path, f"[{{text: {line}, duration: 2s}}]", size="1920x1080")
    assert (note.code, note.severity) == ("default-wrap", "note")
    assert note.hint is not None and "max_width: none" in note.hint
    for given in ("max_width: 80%", "max_width: 90%", "box: {width: 900, height: 900}"):
        assert (
            reported(tmp_path, f"[{{text: {line}, {given}, duration: 2s}}]", size="1920x1080") == []
        )


def test_notes_are_no_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notes = reported(tmp_path, COLORS % "fade")
    assert as_errors(notes) == ()
    Warnings(strict=True)(notes)
    assert "note[changed-fade]" in capsys.readouterr().err


def title(tmp_path: Path, keys: str, more: str = "", size: str = "1280x720") -> Text:
    (edit,) = edits(tmp_path, f"[{{text: Hi, duration: 2s{keys}}}]", more, size)
    content = edit.tracks[0].items[0].content
    assert isinstance(content, Text)
    return content


@pytest.mark.parametrize(
    ("size", "sides"),
    [("1280x720", (720, 1280)), ("720x1280", (720, 720)), ("1920x1080", (1080, 1920))],
)
def test_the_defaults_of_text(tmp_path: Path, size: str, sides: tuple[int, int]) -> None:
    text = title(tmp_path, "", size=size)
    assert text.size == pytest.approx(0.06 * sides[0])
    assert text.max_width == pytest.approx(0.8 * sides[1])
    assert title(tmp_path, ", max_width: none", size=size).max_width is None
    assert title(tmp_path, ", box: {width: 90%, height: 50%}", size=size).max_width is None


@pytest.mark.parametrize(
    "size",
    [
        "size: 10%",
        "max_width: 50%",
        "stroke_width: 1%",
        "padding: 2%",
        "letter_spacing: -0.5%",
        "shadow: {offset: [1%, 2%], blur: 3%}",
    ],
)
def test_percentages_follow_the_output_once(tmp_path: Path, size: str) -> None:
    whole = title(tmp_path, f", {size}")
    half = title(tmp_path, f", {size}", "outputs: [{path: a.mp4, width: 640, height: 360}]")
    for name in ("size", "max_width", "stroke_width", "padding", "letter_spacing", "shadow_blur"):
        assert getattr(half, name) == pytest.approx(getattr(whole, name) / 2), name
    assert half.shadow_offset == pytest.approx([value / 2 for value in whole.shadow_offset])


def test_a_stroke_is_short_for_its_width_and_colour(tmp_path: Path) -> None:
    text = title(tmp_path, ", stroke: 3")
    assert (text.stroke_width, text.stroke_color) == (3, (0, 0, 0, 1))
    text = title(tmp_path, ", stroke: {width: 1%, color: red}")
    assert (text.stroke_width, text.stroke_color) == (pytest.approx(7.2), (1, 0, 0, 1))
    given = "defaults: {text: {stroke: {width: 5, color: red}}}"
    assert title(tmp_path, "", given).stroke_width == 5
    assert title(tmp_path, ", stroke_width: 2", given).stroke_color == (0, 0, 0, 1)
    with pytest.raises(UserError, match="stroke"):
        title(tmp_path, ", stroke: 3, stroke_width: 2")


def test_percentages_are_of_the_smaller_side(tmp_path: Path) -> None:
    text = title(tmp_path, ", stroke_width: 1%, padding: 2%, letter_spacing: 0.5%, "
                 "shadow: {offset: [1%, 2%], blur: 3%}")  # fmt: skip
    assert (text.stroke_width, text.padding, text.letter_spacing) == pytest.approx((7.2, 14.4, 3.6))
    assert (*text.shadow_offset, text.shadow_blur) == pytest.approx((7.2, 14.4, 21.6))
