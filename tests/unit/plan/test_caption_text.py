"""Captions as a parameter of a node come out as they went in, counted from their span."""

from __future__ import annotations

from dataclasses import replace

from vedc.edit.captions import Span
from vedc.edit.contents import Caption, Highlight, Text
from vedc.ir.caption_text import decoded, encoded

TEXT = Text(
    "zwei\nZeilen “ä”",
    ("a.otf", "b.otf"),
    64.0,
    (1.0, 0.5, 0.25, 1.0),
    max_width=800.0,
    stroke_width=4.5,
    spans=(Span(0, 4, (1.0, 0.0, 0.0, 1.0)), Span(5, 8, italic=True, underline=True)),
)
CAPTION = Caption(
    120, 180, TEXT, (0.5, 0.0), (0.5, 0.0), (0.0, 640.0), (3, 4), ((0, 0), (20, 5)),
    Highlight((1.0, 1.0, 0.0, 1.0), "so-far"),
)  # fmt: skip


def test_they_come_out_as_they_went_in() -> None:
    plain = Caption(90, 130, replace(TEXT, spans=()), (0.0, 0.0), (0.0, 0.0), (0.0, 0.0))
    found = decoded(encoded([plain, CAPTION], 100, lambda path: f"digest of {path}"))
    fonts = ("digest of a.otf", "digest of b.otf")
    for before, after in zip((plain, CAPTION), found, strict=True):
        moved = replace(before, start=before.start - 100, end=before.end - 100)
        assert after == replace(moved, text=replace(before.text, fonts=fonts))


def test_the_place_in_the_film_does_not_matter() -> None:
    later = replace(CAPTION, start=1120, end=1180)
    assert encoded([CAPTION], 100, str) == encoded([later], 1100, str)
