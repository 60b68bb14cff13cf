"""Texts on several threads at a time, as of a preview."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from vedc.edit.captions import Span
from vedc.text import unicode_text
from vedc.text.faces import Face, open_face
from vedc.text.fonts import default_font
from vedc.text.shaping import Shaper
from vedc.text.unicode_text import line_breaks, words

TEXTS = ["one two", "a b c d e f", "long-winded words and so on"]


class Slow:
    """An iterator like ICU's, which holds one text; other threads run between its calls."""

    def __init__(self) -> None:
        self.text = ""

    def setText(self, text: str) -> None:
        self.text = text
        time.sleep(0.01)

    def __iter__(self) -> Iterator[int]:
        yield len(self.text)


def test_threads_get_the_breaks_of_their_own_text(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = Slow()
    monkeypatch.setattr(unicode_text, "_lines", lambda: shared)
    with ThreadPoolExecutor(len(TEXTS)) as threads:
        found = list(threads.map(line_breaks, TEXTS))
    assert found == [[len(text)] for text in TEXTS]


def test_styles_keep_to_their_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that add styles to the fonts of a text at the same time."""
    used = Shaper([open_face(str(default_font()))], 20.0, 1)

    def slow(face: Face, size: float, **style: bool) -> dict[str, bool]:
        time.sleep(0.01)
        return style

    monkeypatch.setattr(Face, "at", slow)
    wanted = (True, False), (False, True), (True, True)
    spans = [Span(0, 1, italic=italic, bold=bold) for italic, bold in wanted]
    with ThreadPoolExecutor(len(spans)) as threads:
        found = list(threads.map(used.styled, spans))
    assert [used.fonts[number] for number in found] == [
        {"italic": span.italic, "bold": span.bold} for span in spans
    ]


def test_words_keep_their_punctuation() -> None:
    assert words(" Yes, it is. ") == [(1, 5), (6, 8), (9, 12)]
