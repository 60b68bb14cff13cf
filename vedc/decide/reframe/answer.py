"""From a question about crops to a crop for each shot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any, Final

import numpy as np

from vedc.decide.analyses.analysis import AnalysisRequest
from vedc.decide.analyses.attention import salient as salient_map
from vedc.decide.analyses.attention import small_still
from vedc.decide.analyses.faces import FaceMaps
from vedc.decide.analyses.results import Maps
from vedc.decide.arrays import Byte
from vedc.decide.choose.reasons import Choice
from vedc.decide.choose.time_text import source_time
from vedc.decide.grades.seen_shots import shot_frames
from vedc.decide.reframe.decide import Framed, frame_shot
from vedc.decide.reframe.evidence import Box, Evidence, Slide
from vedc.decide.reframe.times import Moving, in_clip_time
from vedc.edit.contents import Image
from vedc.lang.resolve.reframe.question import ReframedItem, ReframeQuestion
from vedc.lang.resolve.reframe.spliced import rectangle

#: Raised when decisions change; recorded in the lock, since an answer depends on it.
VERSION: Final = "2"

Runner = Callable[..., list[Any]]
"""Runs analyses: takes requests, returns their results in order."""


def versions() -> dict[str, str]:
    return {"reframe": VERSION}


def answer_reframe(question: ReframeQuestion, runner: Runner) -> tuple[Choice, ...]:
    """The answer: an item for each shot of each clip, in order.

    The pictures of stills are read here. Raises what the analyses and reading raise.
    """
    return tuple(
        choice
        for item in question.items
        for choice in (
            _still(item, question) if item.item.media is None else _clip(item, question, runner)
        )
    )


def _still(item: ReframedItem, question: ReframeQuestion) -> Iterator[Choice]:
    content = item.item.content
    assert isinstance(content, Image)
    name = item.name if question.shared else ""
    small = small_still(content)
    if small is None:
        instead = ("it has transparency, so it stays as it is",)
        yield Choice({}, 0.0, (), instead, clip=name)
        return
    slide = Slide.fitted(item.window[2:], item.box)
    salient = _cut(salient_map(*small)[np.newaxis], item)
    faces = None
    if question.faces is not None:
        looking = FaceMaps(question.faces[0], small[0].shape)
        faces = _cut(looking(*small)[np.newaxis], item)
        looking.close()
    evidence = Evidence.of(salient, np.zeros_like(salient), 1.0, faces)
    framed = frame_shot(evidence, slide, [[c.box for c in item.covered]])
    yield _choice(item, framed, slide, [Fraction(0)], name, "")


def _clip(item: ReframedItem, question: ReframeQuestion, runner: Runner) -> Iterator[Choice]:
    media = item.item.media
    assert media is not None and media.video is not None
    asks = [
        AnalysisRequest.of("attention", media),
        AnalysisRequest.of("shots", media, detector="best"),
    ]
    if question.faces is not None:
        detector, digest = question.faces
        asks.append(AnalysisRequest.of("faces", media, detector=str(detector), digest=digest))
    maps, found, *rest = runner(*asks)
    assert isinstance(maps, Maps)
    seen = rest[0].values["faces"] if rest else None
    slide = Slide.fitted(item.window[2:], item.box)
    numbers, first, shots = shot_frames(item.item, found)
    for begin, end in shots:
        times = _times(maps, begin / found.rate, end / found.rate)
        of_maps = [int(time * maps.rate) for time in times]
        evidence = Evidence.of(
            _cut(maps.values["salient"][of_maps], item),
            _cut(maps.values["moving"][of_maps], item),
            float(maps.rate),
            None if seen is None else _cut(seen[of_maps], item),
        )
        hidden: list[Sequence[Box]] = []
        for time in times:
            place = min(int(np.searchsorted(numbers, int(time * found.rate))), len(numbers) - 1)
            shown = first[int(numbers[place])]
            hidden.append([c.box for c in item.covered if c.begin <= shown < c.end])
        framed = frame_shot(evidence, slide, hidden if any(hidden) else ())
        ends = (begin / found.rate, end / found.rate)
        text = "-".join(source_time(time, media) for time in ends)
        yield _choice(item, framed, slide, times, item.name if question.shared else "", text)


def _times(maps: Maps, begin: Fraction, end: Fraction) -> list[Fraction]:
    """The times of the maps of a shot; the nearest one if the shot is shorter than their
    interval."""
    first, last = -int(-begin * maps.rate // 1), -int(-end * maps.rate // 1)
    numbers = range(min(first, len(maps) - 1), min(max(last, first + 1), len(maps)))
    return [number / maps.rate for number in numbers] or [(len(maps) - 1) / maps.rate]


def _cut(maps: Byte, item: ReframedItem) -> Byte:
    """The part of maps (n, rows, columns) inside a crop that the item already has."""
    x, y, width, height = item.window
    rows, columns = maps.shape[1:]
    top, bottom = _range(y, height, item.picture[1], rows)
    left, right = _range(x, width, item.picture[0], columns)
    return maps[:, top:bottom, left:right]


def _range(begin: int, length: int, whole: int, count: int) -> tuple[int, int]:
    first = min(round(begin / whole * count), count - 1)
    return first, min(max(round((begin + length) / whole * count), first + 1), count)


def _choice(
    item: ReframedItem,
    framed: Framed,
    slide: Slide,
    times: Sequence[Fraction],
    name: str,
    shot: str,
) -> Choice:
    def crop(edge: float) -> dict[str, float]:
        left, top, right, bottom = slide.box(edge)
        x, y, width, height = item.window
        wide, high = item.picture
        inside = (
            (x + left * width) / wide,
            (y + top * height) / high,
            (right - left) * width / wide,
            (bottom - top) * height / high,
        )
        return rectangle(inside)

    points = [Moving(times[number], edge, easing) for number, edge, easing in framed.points]
    if len(points) == 1:
        value: Any = crop(points[0].value)
    else:
        value = in_clip_time(points, item.item, crop)
    return Choice(
        {"crop": value}, framed.score, framed.reasons, framed.instead, clip=name, shot=shot
    )
