"""Letters of a title that look different from the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

from vedc.edit import colors
from vedc.edit.captions import Span
from vedc.edit.font_info import FontInfo
from vedc.lang.schema.lengths import pixels
from vedc.lang.yaml.tree import ANY, Problems, SpecNode

_SWITCHES = ("bold", "italic", "underline", "strike")


class Spans:
    """The spans of a title, and the fonts that they name."""

    def __init__(
        self, node: SpecNode, font: Callable[[SpecNode], FontInfo | None], problems: Problems
    ) -> None:
        """``node`` is the title. What is wrong with a span is added to ``problems``."""
        self.fonts: list[FontInfo] = []
        self._text, self._font, self._problems = node["text"].text, font, problems
        self._looks: list[tuple[int, int, SpecNode, tuple[int, ...]]] = []
        for given in node.get("spans") or ():
            if given.broken or given.lost & {"text", ANY}:
                continue
            numbers = self._numbers(given)
            self._looks += [(start, end, given, numbers) for start, end in self._places(given)]

    def left(self) -> str:
        """The text without the characters that the fonts of spans show."""
        covered = {
            at
            for start, end, _, numbers in self._looks
            for at in range(start, end)
            if any(self.fonts[number].shows(self._text[at]) for number in numbers)
        }
        return "".join(c for at, c in enumerate(self._text) if at not in covered)

    def spans(self, size: float, first: int) -> tuple[Span, ...]:
        """In order and without overlaps, for type of a size. ``first``: the index of their first
        font among the title's fonts."""
        bounds = sorted({bound for start, end, *_ in self._looks for bound in (start, end)})
        found: list[Span] = []
        for start, end in pairwise(bounds):
            look: dict[str, Any] = {}
            for begin, over, given, numbers in self._looks:
                if begin <= start and end <= over:
                    look |= _look(given, size)
                    if numbers:
                        look["fonts"] = tuple(first + number for number in numbers)
            span = Span(start, end, **look)
            if (
                found
                and found[-1].end == start
                and replace(found[-1], end=end) == replace(span, start=found[-1].start)
            ):
                found[-1] = replace(found[-1], end=end)
            elif look:
                found.append(span)
        return tuple(found)

    def _numbers(self, given: SpecNode) -> tuple[int, ...]:
        """The fonts of a span among those of all spans."""
        named = [self._font(font) for font in given.get("font") or ()]
        first = len(self.fonts)
        self.fonts += [font for font in named if font is not None]
        return tuple(range(first, len(self.fonts)))

    def _places(self, given: SpecNode) -> list[tuple[int, int]]:
        part = given["text"].text
        found = list(_found(self._text, part))
        if not found:
            message = f"{part!r} does not stand in the text {self._text[:60]!r}"
            hint = "write letters as they stand there"
            self._problems.add("no-such-letters", message, given["text"], hint)
        if "nth" not in given:
            return found
        nth = int(given["nth"].number)
        if found and nth > len(found):
            times = "once" if len(found) == 1 else f"{len(found)} times"
            message = f"{part!r} stands in the text {times}: there is no number {nth}"
            self._problems.add("no-such-letters", message, given["nth"], "count from 1")
        return found[nth - 1 : nth]


def _found(text: str, part: str) -> Iterator[tuple[int, int]]:
    at = text.find(part) if part else -1
    while at >= 0:
        yield at, at + len(part)
        at = text.find(part, at + len(part))


def _look(given: SpecNode, size: float) -> Mapping[str, object]:
    """The look of a span's letters."""
    found: dict[str, object] = {key: given[key].value for key in _SWITCHES if key in given}
    if "color" in given:
        found["color"] = colors.rgba(given["color"].text)
    if "size" in given:
        found["size"] = pixels(given["size"], Fraction(size)) / size
    return found
