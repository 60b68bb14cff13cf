"""Titles: against Pillow's own drawing and FreeType's metrics, and by what must always hold."""

from __future__ import annotations

import random
import unicodedata
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from tests.paths import GOLDEN
from vedc.edit.contents import Text
from vedc.errors import UserError
from vedc.text.bitmap import Bitmap
from vedc.text.fonts import default_font
from vedc.text.layout import lay_out
from vedc.text.titles import measure, render_text

FONT = str(default_font())
WHITE = (1.0, 1.0, 1.0, 1.0)
GOLDEN_FILES = GOLDEN / "text"

Pixels = npt.NDArray[np.uint8]


def text(words: str, size: float = 48, **more: object) -> Text:
    return replace(Text(words, (FONT,), size, WHITE), **more)  # type: ignore[arg-type]


def pixels(bitmap: Bitmap) -> Pixels:
    return np.frombuffer(bitmap.data, np.uint8).reshape(bitmap.height, bitmap.width, 4)


def alpha(title: Text, scale: float = 1.0) -> npt.NDArray[np.float64]:
    return pixels(render_text(title, scale))[..., 3] / 255


def size_of(title: Text, scale: float = 1.0) -> tuple[int, int]:
    box = measure(title, scale)
    return box.width, box.height


def rows_with_ink(title: Text) -> list[tuple[int, int]]:
    """First and last row of each line of ink."""
    ink = np.concatenate([[False], alpha(title).max(axis=1) > 0.5, [False]])
    edges = np.flatnonzero(np.diff(ink.astype(int)))
    return list(zip(edges[::2], edges[1::2], strict=True))


# Against other renderers ----------------------------------------------------------------


@pytest.mark.parametrize("size", [24, 48, 96.5])
def test_the_same_ink_as_pillow_draws(size: float) -> None:
    """Hinting moves an edge by at most half a pixel; the amount of ink stays."""
    words = "Spring in the valley"
    ours = alpha(text(words, size))
    font = ImageFont.truetype(FONT, size)
    page = Image.new("L", (ours.shape[1] + 40, ours.shape[0] + 40))
    ImageDraw.Draw(page).text((20, 20), words, 255, font)
    theirs = np.asarray(page) / 255
    assert ours.sum() == pytest.approx(theirs.sum(), rel=0.03)
    ink = Image.fromarray((ours > 0.5).astype(np.uint8)).getbbox()
    other = Image.fromarray((theirs > 0.5).astype(np.uint8)).getbbox()
    assert ink and other
    assert abs((ink[2] - ink[0]) - (other[2] - other[0])) <= 2
    assert abs((ink[3] - ink[1]) - (other[3] - other[1])) <= 2


def test_the_box_is_advance_by_ascent_and_descent() -> None:
    """FreeType's metrics at 1000 pixels."""
    font = ImageFont.truetype(FONT, 1000)
    ascent, descent = font.getmetrics()
    width, height = size_of(text("Hamburg", 100))
    assert width == pytest.approx(font.getlength("Hamburg") / 10, abs=1.5)
    assert height == pytest.approx((ascent + descent) / 10, abs=1.5)


def test_baselines_stand_line_height_apart() -> None:
    first, second, third = rows_with_ink(text("H\nH\nH", 50, line_height=1.5))
    assert second[1] - first[1] == third[1] - second[1] == 75


def test_a_straight_stroke_is_as_wide_as_asked() -> None:
    """Around a vertical bar the stroke adds its width on both sides."""
    plain = alpha(text("|", 100)).max(axis=0).sum()
    stroked = alpha(text("|", 100, stroke_width=4)).max(axis=0).sum()
    assert stroked - plain == pytest.approx(8, abs=0.3)


@pytest.mark.parametrize("word", ["AV", "To", "Wa"])
def test_pairs_are_kerned(word: str) -> None:
    apart = sum(ImageFont.truetype(FONT, 200).getlength(c) for c in word)
    assert size_of(text(word, 200))[0] < apart - 2


def advance(words: str, font: str = FONT, size: float = 1000, **more: object) -> float:
    """The width of a line, without the room that its ink takes."""
    (line,) = lay_out(replace(text(words, size, **more), fonts=(font,)), 1.0).lines
    return max((glyph.x + glyph.advance for glyph in line.glyphs), default=0.0)


@pytest.mark.parametrize("spacing", [-40.0, 0.5, 125.0])
def test_letter_spacing(spacing: float) -> None:
    """Between all letters, spaces included, and neither before the first nor after the last."""
    plain = advance("Ham burg")
    assert advance("Ham burg", letter_spacing=spacing) == pytest.approx(plain + 7 * spacing)
    assert advance("H", letter_spacing=spacing) == advance("H")
    first = lay_out(text("Ham", 1000, letter_spacing=spacing), 1.0).lines[0].glyphs[0]
    assert first.x == 0


def test_letter_spacing_keeps_marks_with_their_letters() -> None:
    words = unicodedata.normalize("NFD", "q\u0303q\u0303")
    assert advance(words, letter_spacing=100) == pytest.approx(advance(words) + 100)


def test_letter_spacing_counts_where_lines_wrap() -> None:
    one = text("one two", 40)
    width = advance("one two", size=40)
    assert len(lay_out(replace(one, max_width=width + 1), 1.0).lines) == 1
    apart = replace(one, max_width=width + 1, letter_spacing=1.0)
    assert [line.text for line in lay_out(apart, 1.0).lines] == ["one", "two"]
    fitting = replace(apart, max_width=width + 6.01)
    assert len(lay_out(fitting, 1.0).lines) == 1


def test_letters_that_join_are_not_drawn_apart(dejavu: str) -> None:
    joined = advance("مرحبا", dejavu)
    assert advance("مرحبا", dejavu, letter_spacing=100) == pytest.approx(joined)
    assert advance("שלום", dejavu, letter_spacing=100) == pytest.approx(
        advance("שלום", dejavu) + 300
    )


def test_spaced_letters_form_no_ligature(dejavu: str) -> None:
    """DejaVu Sans has one for f and i."""
    (line,) = lay_out(replace(text("fi"), fonts=(dejavu,)), 1.0).lines
    assert len(line.glyphs) == 1
    (line,) = lay_out(replace(text("fi", letter_spacing=1), fonts=(dejavu,)), 1.0).lines
    assert len(line.glyphs) == 2


# Boxes


def block(title: Text) -> tuple[float, float, float, float]:
    """The lines of a title: left, right, and first and last baseline, from the box's corner."""
    layout = lay_out(title, 1.0)
    glyphs = [
        (line.x + g.x, line.x + g.x + g.advance) for line in layout.lines for g in line.glyphs
    ]
    left, right = min(x for x, _ in glyphs), max(x for _, x in glyphs)
    return left, right, layout.lines[0].y - layout.top, layout.lines[-1].y - layout.top


@pytest.mark.parametrize(("align", "share"), [("left", 0.0), ("center", 0.5), ("right", 1.0)])
def test_lines_are_aligned_in_their_box(align: str, share: float) -> None:
    title = text("Ham", 40, box=(300, 200), align=align)
    left, right, _, _ = block(title)
    assert left == pytest.approx(share * (300 - (right - left)))
    assert size_of(title) == (300, 200)
    assert size_of(replace(title, padding=10)) == (320, 220)


@pytest.mark.parametrize(("align", "share"), [("top", 0.0), ("middle", 0.5), ("bottom", 1.0)])
def test_lines_stand_in_their_box(align: str, share: float) -> None:
    """Two lines are as high as ascent, descent and one pitch: FreeType's metrics, unrounded."""
    font = ImageFont.truetype(FONT, 1000)
    ascent, descent = (value / 1000 * 40 for value in font.getmetrics())
    title = text("Ham\nburg", 40, box=(300, 200), vertical_align=align)
    _, _, first, last = block(title)
    spare = 200 - (ascent + 48 + descent)
    assert first == pytest.approx(share * spare + ascent, abs=0.5)
    assert last - first == pytest.approx(48)


def test_lines_wrap_at_the_width_of_their_box() -> None:
    words = "the quick brown fox jumps over the lazy dog"
    title = text(words, 40, max_width=300)
    boxed = text(words, 40, box=(300, 400))
    assert [line.text for line in lay_out(boxed, 1.0).lines] == lines(words, 300)
    assert lay_out(title, 1.0).beyond == lay_out(boxed, 1.0).beyond == (0, 0)


def test_what_a_box_lacks() -> None:
    """FreeType's metrics: the lines need 40 pixels of pitch more than one line has."""
    single = size_of(text("Ham", 40))[1]
    short = text("Ham\nburg", 40, box=(300, 60), line_height=1.0)
    assert lay_out(short, 1.0).beyond == (0, pytest.approx(single + 40 - 60, abs=1.5))
    assert lay_out(text("W", 100, box=(30, 300)), 1.0).beyond[0] > 30


def test_type_shrinks_until_it_fits() -> None:
    """To a quarter of a pixel: half a pixel more does not fit."""
    words = "the quick brown fox jumps over the lazy dog"
    title = text(words, 60, box=(400, 100), shrink=True)
    layout = lay_out(title, 1.0)
    size = layout.shaper.size
    assert 0 < size < 60 and size * 4 == int(size * 4)
    assert layout.beyond == (0, 0)
    larger = replace(title, shrink=False, size=size + 0.5)
    wrapped = [line.text for line in lay_out(larger, 1.0).lines]
    assert lay_out(larger, 1.0).beyond != (0, 0) or wrapped != [x.text for x in layout.lines]


def test_type_that_fits_keeps_its_size() -> None:
    title = text("Ham", 40, box=(300, 200))
    assert lay_out(replace(title, shrink=True), 1.0).shaper.size == 40


def test_shrinking_breaks_no_word() -> None:
    title = text("Donaudampfschiff", 60, box=(200, 400), shrink=True)
    layout = lay_out(title, 1.0)
    assert [line.text for line in layout.lines] == ["Donaudampfschiff"]
    left, right, _, _ = block(title)
    assert 190 < right - left <= 200


def test_a_shrunk_title_is_the_same_at_every_scale() -> None:
    title = text("the quick brown fox jumps over", 60, box=(300, 90), shrink=True, letter_spacing=3)
    small, large = lay_out(title, 0.5), lay_out(title, 2.0)
    assert [line.text for line in small.lines] == [line.text for line in large.lines]
    assert large.shaper.size == 4 * small.shaper.size


# Invariants -------------------------------------------------------------------------------


@pytest.mark.parametrize("stroke", [0, 0.7, 6])
@pytest.mark.parametrize("size", [7, 11.3, 16, 23.5, 40, 67, 120.25, 251])
def test_no_ink_touches_the_border(size: float, stroke: float) -> None:
    for words in ("Ågjpqy|ÄŐ", "jÅ\ngŐ", "Ǻ́_"):
        ink = alpha(text(unicodedata.normalize("NFC", words), size, stroke_width=stroke))
        for border in (ink[0], ink[-1], ink[:, 0], ink[:, -1]):
            assert not border.any()


def test_no_ink_is_cut_off() -> None:
    """The title inside a wide padding has exactly the ink of the one without."""
    for words in ("Ågjpqy|ÄŐ", "fjord", "Ǻ"):
        tight, wide = text(words, 60, stroke_width=5), text(words, 60, stroke_width=5, padding=80)
        assert alpha(tight).sum() == pytest.approx(alpha(wide).sum(), rel=1e-5)


@settings(max_examples=40, deadline=None)
@given(
    words=st.text(st.sampled_from("abÅg |jŐ\nWi.,"), max_size=24),
    size=st.floats(5, 90),
    scale=st.floats(0.3, 2.5),
    align=st.sampled_from(["left", "center", "right"]),
    max_width=st.none() | st.floats(1, 300),
    stroke=st.floats(0, 4),
    colors=st.tuples(*[st.tuples(*[st.floats(0, 1)] * 4)] * 3),
    background=st.booleans(),
)
def test_every_title_is_premultiplied_and_as_large_as_measured(
    words: str, size: float, scale: float, align: str, max_width: float | None, stroke: float,
    colors: tuple[tuple[float, float, float, float], ...], background: bool,
) -> None:  # fmt: skip
    title = text(
        words, size, color=colors[0], align=align, max_width=max_width, stroke_width=stroke,
        stroke_color=colors[1], background=colors[2] if background else None, padding=3.0,
    )  # fmt: skip
    bitmap = render_text(title, scale)
    assert (bitmap.width, bitmap.height) == size_of(title, scale)
    drawn = pixels(bitmap)
    assert (drawn[..., :3] <= drawn[..., 3:]).all()
    assert render_text(title, scale) == bitmap


def test_scale_is_the_same_as_a_larger_spec() -> None:
    small = text("Half\na loaf", 30, max_width=200, stroke_width=1.5, padding=4)
    large = text("Half\na loaf", 60, max_width=400, stroke_width=3, padding=8)
    assert render_text(small, 2.0) == render_text(large)


def test_colors_are_premultiplied_once() -> None:
    drawn = pixels(render_text(text("████", 40, color=(1.0, 0.5, 0.0, 0.5))))
    solid = drawn[drawn[..., 3] == drawn[..., 3].max()]
    assert (solid == [128, 64, 0, 128]).all()


def test_a_translucent_fill_hides_the_stroke_beneath() -> None:
    title = text("███", 40, color=(1, 1, 1, 0.5), stroke_width=4, stroke_color=(1, 0, 0, 1))
    drawn = pixels(render_text(title))
    middle = drawn[drawn.shape[0] // 2, drawn.shape[1] // 2]
    assert middle.tolist() == [128, 128, 128, 128]
    assert [255, 0, 0, 255] in drawn.reshape(-1, 4).tolist()


def gradient(title: Text) -> tuple[npt.NDArray[np.int64], tuple[float, float, float, float]]:
    """The pixels of a title and the box of its letters."""
    ink = lay_out(title, 1.0).ink
    assert ink is not None
    return pixels(render_text(title)).astype(int), ink


def test_a_gradient_runs_through_the_letters() -> None:
    """A bar, from red at the top to blue at the bottom: linear in code values."""
    fill = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0)
    drawn, (left, top, right, bottom) = gradient(text("l", 200, fill=fill))
    column = drawn[:, round((left + right) / 2)].astype(float)
    for row in range(int(top) + 2, int(bottom) - 2):
        share = (row + 0.5 - top) / (bottom - top)
        assert column[row] == pytest.approx([255 * (1 - share), 0, 255 * share, 255], abs=1)


def test_a_gradient_of_three_colors_between_two_points() -> None:
    """Along the width, from a quarter to three quarters; beyond, the end colours continue."""
    fill = (1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0)
    title = text("—", 200, fill=fill, fill_start=(0.25, 0.0), fill_end=(0.75, 0.0))
    drawn, (left, top, right, bottom) = gradient(title)
    row, width = drawn[round((top + bottom) / 2)], right - left

    def at(share: float) -> list[int]:
        return row[round(left + share * width - 0.5)].tolist()

    assert at(0.1) == [255, 255, 255, 255]
    assert at(0.375) == pytest.approx([128, 128, 128, 255], abs=3)
    assert at(0.5) == pytest.approx([0, 0, 0, 255], abs=5)
    assert at(0.625) == pytest.approx([0, 128, 0, 255], abs=3)
    assert at(0.9) == [0, 255, 0, 255]


def test_a_translucent_end_of_a_gradient_is_premultiplied() -> None:
    fill = (1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0)
    drawn, (left, top, right, bottom) = gradient(text("l", 200, fill=fill))
    middle = drawn[round((top + bottom) / 2), round((left + right) / 2)]
    assert middle == pytest.approx([128, 0, 0, 128], abs=3)
    assert (drawn[..., :3] <= drawn[..., 3:]).all()


def test_a_stroke_does_not_move_the_gradient() -> None:
    fill = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0)
    plain, ink = gradient(text("l", 200, fill=fill))
    stroked, around = gradient(text("l", 200, fill=fill, stroke_width=5))
    x, y = round((ink[0] + ink[2]) / 2), round(ink[1] + 10)
    moved = stroked[round(around[1] + 5 + y - ink[1]), round(around[0] + 5 + x - ink[0])]
    assert moved == pytest.approx(plain[y, x], abs=3)


def shadow_of(title: Text) -> tuple[npt.NDArray[np.int64], int, int]:
    """The pixels of a title, and where its pen and its baseline are in them."""
    layout = lay_out(title, 1.0)
    return pixels(render_text(title)).astype(int), -layout.left, -layout.top


def test_a_sharp_shadow_is_the_letters_again() -> None:
    """White letters do not hide it: where there are none, it is their coverage, moved."""
    title = text("Ham", 80, shadow=(1.0, 0.0, 0.0, 0.5), shadow_offset=(90.0, 120.0))
    drawn, x, y = shadow_of(title)
    plain, left, base = shadow_of(replace(title, shadow=None))
    height, width = plain.shape[:2]
    moved = drawn[y - base + 120 :, x - left + 90 :][:height, :width]
    expected = np.rint(plain[..., 3:] * [0.5, 0, 0, 0.5])
    assert not expected[moved.shape[0] :].any() and not expected[:, moved.shape[1] :].any()
    assert np.abs(moved - expected[: moved.shape[0], : moved.shape[1]]).max() <= 1


def test_a_blurred_shadow_is_a_gaussian_as_in_css() -> None:
    """The blur is twice the standard deviation: of a bar, by Pillow's GaussianBlur."""
    title = text("l", 200, shadow=(0.0, 0.0, 0.0, 1.0), shadow_blur=20.0)
    sharp = replace(title, shadow=None, padding=60)
    bar, left, base = shadow_of(sharp)
    wanted = Image.fromarray(bar[..., 3].astype(np.uint8)).filter(ImageFilter.GaussianBlur(10))
    drawn, x, y = shadow_of(replace(title, shadow_offset=(0.0, 300.0)))
    column = np.asarray(wanted)[base - 70, :]
    row = drawn[y - 70 + 300, :, 3]
    offset = x - left
    seen = np.array(
        [row[i + offset] if 0 <= i + offset < len(row) else 0 for i in range(len(column))]
    )
    assert np.abs(seen - column).max() <= 3


def test_a_shadow_is_not_cut_off_and_lies_under_the_letters() -> None:
    title = text("Ham", 60, shadow=(1.0, 0.0, 0.0, 1.0), shadow_offset=(6.0, 9.0), shadow_blur=12.0)
    drawn, x, y = shadow_of(title)
    for border in (drawn[0], drawn[-1], drawn[:, 0], drawn[:, -1]):
        assert border.max() <= 2
    plain, left, base = shadow_of(replace(title, shadow=None))
    inside = plain[..., 3] == 255
    height, width = plain.shape[:2]
    assert (drawn[y - base :, x - left :][:height, :width][inside] == 255).all()


def test_the_background_fills_the_box() -> None:
    drawn = pixels(render_text(text("box", 40, background=(0, 0, 1, 1), padding=12)))
    assert (drawn[..., 3] == 255).all()
    assert (drawn[0] == [0, 0, 255, 255]).all()
    plain = size_of(text("box", 40))
    assert drawn.shape[:2] == (plain[1] + 24, plain[0] + 24)


@pytest.mark.parametrize(("align", "edge"), [("left", 0.0), ("center", 0.5), ("right", 1.0)])
def test_short_lines_are_aligned(align: str, edge: float) -> None:
    ink = alpha(text("MMMMMMMM\nI", 40, align=align))
    second = ink[rows_with_ink(text("MMMMMMMM\nI", 40))[1][0] :]
    columns = np.flatnonzero(second.max(axis=0) > 0.5)
    middle = (columns[0] + columns[-1]) / 2
    half = size_of(text("I", 40))[0] / 2
    assert middle == pytest.approx(half + edge * (ink.shape[1] - 2 * half), abs=2.5)


# Lines --------------------------------------------------------------------------------------


def lines(words: str, width: float, size: float = 40) -> list[str]:
    return [line.text for line in lay_out(text(words, size, max_width=width), 1.0).lines]


def test_wraps_at_spaces_and_keeps_every_word() -> None:
    words = "the quick brown fox jumps over the lazy dog"
    broken = lines(words, 300)
    assert len(broken) > 2
    assert " ".join(broken) == words
    font = ImageFont.truetype(FONT, 40)
    assert all(font.getlength(line) <= 300 for line in broken)
    for this, following in pairwise(broken):
        assert font.getlength(f"{this} {following.split(' ')[0]}") > 300


def test_a_long_word_breaks_between_characters() -> None:
    broken = lines("a Donaudampfschifffahrtsgesellschaft b", 200)
    assert "".join(broken).replace(" ", "") == "aDonaudampfschifffahrtsgesellschaftb"
    assert max(size_of(text(line, 40))[0] for line in broken) <= 203


def test_a_mark_stays_with_its_letter() -> None:
    assert lines("q\u0303q\u0303q\u0303", 1) == ["q\u0303"] * 3


def test_spaces() -> None:
    assert lines("  two  inside ", 1000) == ["  two  inside"]
    assert lines("one\ttab", 1000) == ["one tab"]
    assert lines("a\r\nb\n\nc\n", 1000) == ["a", "b", "", "c"]
    assert lines("no\u00a0break here", 1) == list("no\u00a0break") + list("here")


@pytest.mark.parametrize("words", ["", " ", "\n", "\n\n "])
def test_nothing_to_draw_is_an_empty_bitmap(words: str) -> None:
    assert not alpha(text(words)).any()


# Directions and scripts -----------------------------------------------------------------------


def test_right_to_left_starts_on_the_right(dejavu: str) -> None:
    """Of alef and lamed, lamed is the tall one; alef is read first and is on the right."""
    ink = alpha(replace(text("אאאל", 60), fonts=(dejavu,)))
    tall = np.flatnonzero(ink[: ink.shape[0] // 4].max(axis=0) > 0.2)
    assert tall.max() < ink.shape[1] / 3


def test_arabic_letters_join(dejavu: str) -> None:
    def width(words: str) -> int:
        return size_of(replace(text(words, 100), fonts=(dejavu,)))[0]

    assert width("ببب") < 0.8 * 3 * width("ب")


def test_the_paragraph_sets_the_direction_of_all_its_lines(dejavu: str) -> None:
    """In a line that wraps, the full stop is at the left end."""
    words = replace(text("אב latin words.", 40, max_width=140), fonts=(dejavu,))
    last = lay_out(words, 1.0).lines[-1]
    assert last.text == "words."
    assert min(last.glyphs, key=lambda glyph: glyph.x).cluster == len("אב latin words")


def test_numbers_and_brackets_among_hebrew(dejavu: str) -> None:
    """The order that another implementation of UAX 9 (the crate unicode-bidi) gives."""
    words = "שלום (12) abc."
    line = lay_out(replace(text(words), fonts=(dejavu,)), 1.0).lines[0]
    shown = "".join(words[glyph.cluster] for glyph in sorted(line.glyphs, key=lambda g: g.x))
    assert shown == ".abc )12( םולש"


# Errors ----------------------------------------------------------------------------------------


def test_a_character_that_the_font_lacks_does_not_crash() -> None:
    assert alpha(text("🎉")).any()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"fonts": ("/no/such/font.ttf",)}, "missing-font"),
        ({"fonts": (__file__,)}, "bad-font"),
        ({"size": 0.0}, "text-too-large"),
        ({"size": 1e9}, "text-too-large"),
        ({"text": "wide " * 3000}, "text-too-large"),
        ({"text": "x" * 100_000}, "text-too-large"),
    ],
)
def test_user_errors(changes: dict[str, object], code: str) -> None:
    with pytest.raises(UserError) as caught:
        render_text(replace(text("title"), **changes))  # type: ignore[arg-type]
    problem = caught.value.problems[0]
    assert problem.code == code
    assert problem.hint


def test_a_damaged_font_never_ends_in_another_exception(tmp_path: Path) -> None:
    """FreeType finds some damage only when it comes to the glyph."""
    content = default_font().read_bytes()
    chance = random.Random(5)
    path = tmp_path / "damaged.otf"
    codes = set()
    for _ in range(120):
        damaged = bytearray(content)
        for _ in range(chance.choice([20, 3000])):
            damaged[chance.randrange(chance.choice([200, len(damaged)]))] = chance.randrange(256)
        path.write_bytes(damaged)
        with suppress(UserError):
            render_text(replace(text("Hamburg", 20, max_width=60.0), fonts=(str(path),)))
            codes.add("drawn")
            continue
        codes.add("refused")
    assert codes == {"drawn", "refused"}


# Goldens ----------------------------------------------------------------------------------------

GOLDENS = {
    "plain": text("Spring in the valley", 48),
    "wrapped": text(
        "A long title that wraps at spaces",
        32,
        max_width=260,
        align="left",
        background=(0.1, 0.1, 0.2, 0.7),
        padding=14.0,
    ),
    "stroke": text("Ågjpqy|ÄŐ", 44.5, color=(1, 0.7, 0, 0.6), stroke_width=2.5),
    "scripts": text("Ωμέγα\nПривет\nTiếng Việt", 28, line_height=1.4, align="right"),
}


@pytest.mark.parametrize("name", GOLDENS)
def test_goldens(name: str, request: pytest.FixtureRequest) -> None:
    """Within 2 code values on average over the inked pixels: a rasteriser may change single edge
    pixels between releases, while a moved or wrong glyph costs tens of values."""
    bitmap = render_text(GOLDENS[name])
    drawn = pixels(bitmap).astype(int)
    golden = np.asarray(Image.open(GOLDEN_FILES / f"{name}.png").convert("RGBa")).astype(int)
    assert golden.shape == drawn.shape
    inked = (golden[..., 3] > 0) | (drawn[..., 3] > 0)
    assert np.abs(golden - drawn)[inked].mean() <= 2


@pytest.fixture
def dejavu() -> str:
    path = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
    if not path.exists():
        pytest.skip("needs a font with Hebrew and Arabic (Debian: fonts-dejavu-core)")
    return str(path)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("สวัสดีชาวโลก", ["สวัสดี", "ชาว", "โลก"]),  # by dictionary
        ("改行です。「括弧」", ["改", "行", "で", "す。", "「括", "弧」"]),  # JIS X 4051: kinsoku
        ("你好，世界！", ["你", "好，", "世", "界！"]),
        ("한국어 문장", ["한", "국", "어 ", "문", "장"]),
        ("co-operate 3.5% (see)", ["co-", "operate ", "3.5% ", "(see)"]),
    ],
)
def test_where_lines_may_break(text: str, pieces: list[str]) -> None:
    from vedc.text.unicode_text import line_breaks

    ends = list(line_breaks(text))
    assert [text[a:b] for a, b in zip([0, *ends], ends, strict=False)] == pieces
