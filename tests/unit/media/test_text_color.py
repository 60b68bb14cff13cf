"""Fonts with colours: every format draws the squares that it holds, where arithmetic puts them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from tests.color_fonts import KINDS, PLAIN, make
from vedc.edit.contents import Text
from vedc.text.fonts import probe_font
from vedc.text.layout import lay_out
from vedc.text.titles import measure, render_text

WHITE = (1.0, 1.0, 1.0, 1.0)


def title(folder: Path, kind: str, words: str = "A", size: float = 100, **more: object) -> Text:
    font = make(folder / f"{kind}.ttf", kind)
    return replace(Text(words, (str(font),), size, WHITE, padding=20), **more)  # type: ignore[arg-type]


def draw(text: Text) -> npt.NDArray[np.int64]:
    """Pixels from the pen on; row 0 is 0.8 em above the baseline, rounded down."""
    bitmap, layout = render_text(text), lay_out(text, 1.0)
    pixels = np.frombuffer(bitmap.data, np.uint8).reshape(bitmap.height, bitmap.width, 4)
    return pixels[-layout.top - int(0.8 * text.size) :, -layout.left :].astype(int)


@pytest.mark.parametrize("kind", PLAIN)
@pytest.mark.parametrize("size", [40, 100, 250])
def test_two_squares(tmp_path: Path, kind: str, size: int) -> None:
    """Tenths of an em are whole pixels; a picture from the font is scaled by up to 2.5."""
    drawn = draw(title(tmp_path, kind, size=size))
    tenth = size // 10
    drawn = drawn[:size, :size]
    expected = np.zeros_like(drawn)
    expected[: 8 * tenth, tenth : 5 * tenth] = (255, 0, 0, 255)
    expected[: 8 * tenth, 5 * tenth : 9 * tenth] = (0, 0, 255, 255)
    wrong = np.abs(drawn - expected).max(axis=2) > 1
    if kind.startswith(("sbix", "cbdt")) and size != 100:
        edges = np.zeros_like(wrong)
        reach = 2 + size // 100
        for column in (tenth, 5 * tenth, 9 * tenth):
            edges[:, column - reach : column + reach] = True
        edges[:reach] = edges[8 * tenth - reach : 8 * tenth + reach] = True
        wrong &= ~edges
    assert not wrong.any()


def test_a_gradient_and_a_translucent_layer(tmp_path: Path) -> None:
    """COLR version 1: the gradient is linear in sRGB codes; alpha is premultiplied."""
    drawn = draw(title(tmp_path, "colr1-gradient"))[50]
    for column in (10, 20, 35, 49):
        share = (column + 0.5 - 10) / 40
        expected = [255 * (1 - share), 0, 255 * share, 255]
        assert drawn[column] == pytest.approx(expected, abs=2)
    assert drawn[70].tolist() == pytest.approx([0, 128, 0, 128], abs=1)


def test_what_a_glyph_leaves_to_the_text_has_its_color(tmp_path: Path) -> None:
    drawn = draw(title(tmp_path, "colr1-foreground", color=(0.2, 0.8, 0.4, 0.5)))[50]
    assert drawn[30].tolist() == pytest.approx([128, 0, 0, 128], abs=1)
    assert drawn[70].tolist() == pytest.approx([26, 102, 51, 128], abs=1)


@pytest.mark.parametrize("kind", PLAIN)
def test_color_gives_only_its_alpha(tmp_path: Path, kind: str) -> None:
    drawn = draw(title(tmp_path, kind, color=(0.0, 1.0, 0.0, 0.25)))[50]
    assert drawn[30].tolist() == pytest.approx([64, 0, 0, 64], abs=1)
    assert drawn[70].tolist() == pytest.approx([0, 0, 64, 64], abs=1)


@pytest.mark.parametrize("kind", PLAIN)
def test_a_stroke_runs_around_the_colors(tmp_path: Path, kind: str) -> None:
    """Eight tenths of an em and the stroke on both sides."""
    text = title(tmp_path, kind, stroke_width=6, stroke_color=(0.0, 1.0, 0.0, 1.0))
    bitmap = render_text(text)
    pixels = np.frombuffer(bitmap.data, np.uint8).reshape(bitmap.height, bitmap.width, 4)
    row = pixels[bitmap.height // 2].astype(float)
    assert row[:, 3].sum() / 255 == pytest.approx(80 + 12, abs=0.6)
    assert row[:, 1].sum() / 255 == pytest.approx(12, abs=0.6)


@pytest.mark.parametrize("kind", KINDS)
def test_halves_of_pixels_do_not_move_the_squares(tmp_path: Path, kind: str) -> None:
    """The middle of the ink of two letters is the middle of the line, at any size."""
    for size in (33.3, 71.7):
        ink = draw(title(tmp_path, kind, words="AA", size=size))[..., 3]
        columns = np.arange(ink.shape[1]) + 0.5
        if kind != "colr1-gradient":
            assert (ink.sum(axis=0) * columns).sum() / ink.sum() == pytest.approx(size, abs=0.1)


def test_letters_and_emoji_in_one_line(tmp_path: Path) -> None:
    assert measure(title(tmp_path, "colr0", words="A\U0001f600 A")).width == 4 * 100 + 40


@pytest.mark.parametrize("kind", KINDS)
def test_the_probe_takes_them(tmp_path: Path, kind: str) -> None:
    info = probe_font(make(tmp_path / "a.ttf", kind))
    assert info.missing("A \U0001f600") == []
