"""Letters of a title that look otherwise: which they are, and how they are set and drawn."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.color_fonts import make
from vedc.edit.captions import Span
from vedc.edit.contents import Text
from vedc.edit.model import Edit
from vedc.errors import UserError
from vedc.ir.caption_text import decoded_spans, encoded_spans
from vedc.text.fonts import default_font
from vedc.text.layout import lay_out
from vedc.text.titles import measure, render_text
from vedc.workspace.build import Build

FONT = str(default_font())
ORANGE = (1.0, 165 / 255, 0.0, 1.0)


def checked(folder: Path, keys: str, text: str = "Spring in the valley of the river") -> Edit:
    spec = folder / "edit.vedc.yaml"
    spec.write_text(
        "version: 1\nprofile: {width: 1920, height: 1080, fps: 25}\n"
        f"timeline: [{{duration: 1s, text: {text}, {keys}}}]\n"
    )
    (edit,) = Build(spec).edits()
    return edit


def title(folder: Path, keys: str, text: str = "Spring in the valley of the river") -> Text:
    content = checked(folder, keys, text).tracks[0].items[0].content
    assert isinstance(content, Text)
    return content


def spans(folder: Path, given: str, text: str = "Spring in the valley of the river") -> list[Span]:
    return list(title(folder, f"size: 50, spans: [{given}]", text).spans)


def test_letters_are_named_as_they_stand_in_the_text(tmp_path: Path) -> None:
    assert spans(tmp_path, "{text: valley, color: orange}") == [Span(14, 20, color=ORANGE)]
    assert spans(tmp_path, "{text: the, bold: true}") == [
        Span(10, 13, bold=True),
        Span(24, 27, bold=True),
    ]
    assert spans(tmp_path, "{text: the, nth: 2, italic: true}") == [Span(24, 27, italic=True)]


def test_later_spans_count_where_they_overlap(tmp_path: Path) -> None:
    found = spans(tmp_path, "{text: in the valley, color: orange, bold: true},"
                  "{text: the valley of, color: '#ffffff'}")  # fmt: skip
    assert found == [
        Span(7, 10, color=ORANGE, bold=True),
        Span(10, 20, color=(1, 1, 1, 1), bold=True),
        Span(20, 23, color=(1, 1, 1, 1)),
    ]


def test_sizes_are_relative_to_the_text(tmp_path: Path) -> None:
    assert spans(tmp_path, "{text: valley, size: 150%}") == [Span(14, 20, size=1.5)]
    assert spans(tmp_path, "{text: valley, size: 25}") == [Span(14, 20, size=0.5)]


def test_fonts_of_spans_stand_behind_those_of_the_text(tmp_path: Path) -> None:
    make(tmp_path / "a.ttf", "colr1")
    make(tmp_path / "b.ttf", "svg")
    text = title(tmp_path, "spans: [{text: A, font: [a.ttf, b.ttf]}, {text: B, font: b.ttf}]", "AB")
    assert [Path(font).name for font in text.fonts] == ["default.otf", "a.ttf", "b.ttf", "b.ttf"]
    assert text.chain == 1
    assert text.spans == (Span(0, 1, fonts=(1, 2)), Span(1, 2, fonts=(3,)))


@pytest.mark.parametrize(
    ("given", "reported"),
    [
        ("{text: walley}", "'walley' does not stand in the text"),
        ("{text: the, nth: 3}", "stands in the text 2 times: there is no number 3"),
        ("{text: valley, nth: 2}", "stands in the text once"),
        ("{text: valley, weight: 700}", "use `bold`"),
        ("{color: red}", "text"),
    ],
)
def test_mistakes(tmp_path: Path, given: str, reported: str) -> None:
    with pytest.raises(UserError) as caught:
        checked(tmp_path, f"spans: [{given}]")
    (problem,) = caught.value.problems
    assert reported in f"{problem.message} {problem.hint}"
    assert problem.location is not None and problem.location.line == 3


def text_of(text: str, *spans: Span, **more: object) -> Text:
    fonts = more.pop("fonts", (FONT,))
    return Text(text=text, fonts=fonts, size=40.0, color=(1, 1, 1, 1), spans=spans, **more)  # type: ignore[arg-type]


def width(text: Text) -> float:
    (line,) = lay_out(text, 1.0).lines
    return line.glyphs[-1].x + line.glyphs[-1].advance


def test_a_span_is_as_wide_as_its_letters_in_its_size() -> None:
    whole = width(text_of("HHHH", Span(2, 4, size=2.0)))
    half = width(text_of("HH"))
    assert whole == pytest.approx(half + 2 * half, abs=0.05)


def test_a_line_is_as_high_as_its_largest_type() -> None:
    plain = lay_out(text_of("H\nH\nH"), 1.0)
    large = lay_out(text_of("H\nH\nH", Span(2, 3, size=2.0)), 1.0)
    pitch = plain.lines[1].y
    assert [line.y for line in large.lines] == pytest.approx([0, 2 * pitch, 3 * pitch])
    small = lay_out(text_of("H\nH\nH", Span(2, 3, size=0.5)), 1.0)
    assert [line.y for line in small.lines] == [line.y for line in plain.lines]


def test_lines_wrap_by_the_width_of_spans() -> None:
    limit = width(text_of("one two")) * 1.1
    assert len(lay_out(text_of("one two", max_width=limit), 1.0).lines) == 1
    assert len(lay_out(text_of("one two", Span(4, 7, size=2.0), max_width=limit), 1.0).lines) == 2


def test_type_with_spans_shrinks_into_its_box() -> None:
    text = text_of("one two three", Span(4, 7, size=2.5), box=(200.0, 120.0), shrink=True)
    assert measure(text).beyond == (0, 0)


def test_other_fonts_and_what_they_lack(tmp_path: Path) -> None:
    make(tmp_path / "a.ttf", "colr1")  # has only A and B
    shutil.copy(FONT, tmp_path / "own.otf")
    fonts = FONT, str(tmp_path / "a.ttf")
    (line,) = lay_out(text_of("AxA", Span(0, 2, fonts=(1,)), fonts=fonts, chain=1), 1.0).lines
    used = lay_out(text_of("AxA", Span(0, 2, fonts=(1,)), fonts=fonts, chain=1), 1.0).shaper
    assert [Path(used.faces[g.font].path).name for g in line.glyphs] == [
        "a.ttf", Path(FONT).name, Path(FONT).name,
    ]  # fmt: skip


def test_colours_are_drawn_where_they_belong() -> None:
    text = text_of("HH", Span(1, 2, color=(1.0, 0.0, 0.0, 1.0)))
    bitmap = render_text(text)
    pixels = np.frombuffer(bitmap.data, np.uint8).reshape(bitmap.height, bitmap.width, 4)
    left, right = pixels[:, : bitmap.width // 2 - 2], pixels[:, bitmap.width // 2 + 2 :]
    assert left[..., 2].max() == 255 and right[..., 2].max() == 0
    assert right[..., 0].max() == 255


def test_spans_survive_the_plan() -> None:
    given = (Span(0, 2, color=ORANGE, size=1.5), Span(2, 3, bold=True, fonts=(1, 2)))
    assert decoded_spans(encoded_spans(given)) == given


def test_half_the_size_is_half_as_large(tmp_path: Path) -> None:
    text = text_of("ab cd", Span(3, 5, size=1.7, italic=True))
    whole, half = (lay_out(text, scale).lines[0].glyphs for scale in (1.0, 0.5))
    assert [g.x / 2 for g in whole] == pytest.approx([g.x for g in half], abs=0.02)
