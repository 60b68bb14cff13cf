"""Which raw pictures match the film's, and the crop under which the film shows them.

Pictures are described by signs and relative strengths of their gradients, which a grade hardly
changes; raw pictures once for each of several crops. Where descriptions agree, the film's picture
is searched for in the raw one at many scales, by normalised cross-correlation of gradients.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from vedc.decide.align.pictures import Box, Pictures
from vedc.decide.arrays import Array, Float, Ints

SAMPLE: Final = 0.25
"""Seconds between described pictures."""

_ALIKE: Final = 0.93
"""The least agreement of descriptions of similar frames."""

_GROUPS: Final = 12
"""Groups of similar frames to try for each picture of the film."""

_SHAPE: Final = (14, 24)
_SCALES: Final = (1.0, 0.9, 0.8, 0.65)
_STEP: Final = 0.07
"""Distance between crops of one scale, in widths or heights of the picture."""

_FINE: Final = (
    1.0, 0.975, 0.95, 0.925, 0.9, 0.875, 0.85, 0.825, 0.8, 0.76, 0.72, 0.68, 0.64, 0.6, 0.56, 0.52,
    0.48, 0.44, 0.4, 0.36,
)  # fmt: skip
_PLACED: Final = 80
"""The longer side of raw pictures in the search."""

_SMALLER: Final = 0.35
"""Penalty of small scales, at which matches occur by chance."""

_RIM: Final = 2
"""Pixels by which a crop may exceed the raw picture."""

_TRIED: Final = 3
_SEARCHED: Final = 3
"""Scales to refine, and groups whose crop is searched, for one picture of the film."""

_SURE: Final = 0.92
_SAME: Final = 0.03
"""Crops whose corners are closer than this count as one."""

_FOUND: Final = 0.45
"""Correlation of gradients above which a picture counts as found."""

_FLAT: Final = 1.5
"""Mean gradient (codes per pixel) below which a picture has too little structure."""


@dataclass(frozen=True, slots=True)
class SimilarFrames:
    """Raw frames ``start`` to ``end`` that look alike, and one that represents them."""

    raw: int
    start: int
    end: int
    frame: int


@dataclass(slots=True)
class Framing:
    """A raw file under one crop, and the frames that match."""

    raw: int
    box: Box
    """The part of the raw picture that fills the film's picture."""
    score: float
    samples: list[tuple[int, int, float]] = field(default_factory=list)
    """Film frame, raw frame, correlation."""
    ranges: list[tuple[int, int]] = field(default_factory=list)


def gradients(pictures: Float) -> Float:
    """Gradients (n, height, width, 2), each divided by their mean magnitude around it."""
    import cv2

    out = np.empty((*pictures.shape, 2), np.float32)
    for k, picture in enumerate(pictures):
        across = cv2.Sobel(picture, cv2.CV_32F, 1, 0, ksize=3, scale=0.125)
        down = cv2.Sobel(picture, cv2.CV_32F, 0, 1, ksize=3, scale=0.125)
        size = cv2.blur(np.hypot(across, down), (9, 9), borderType=cv2.BORDER_REFLECT)
        out[k, :, :, 0] = across / (size + _FLAT)
        out[k, :, :, 1] = down / (size + _FLAT)
    return out


def _soft(field_: Float) -> Float:
    """Blurred, so that half a pixel, or half a step between scales, does not matter."""
    import cv2

    return np.asarray(cv2.GaussianBlur(field_, (7, 7), 1.3))


def _describe(pictures: Float) -> Float:
    """Unit vectors (n, d); zero for pictures without structure."""
    import cv2

    out = np.empty((len(pictures), 2 * _SHAPE[0] * _SHAPE[1] // 4), np.float32)
    size = _SHAPE[1] // 2, _SHAPE[0] // 2
    for k, field_ in enumerate(gradients(pictures)):
        soft = cv2.GaussianBlur(field_, (5, 5), 1.2)
        # Signed means over cells of 2 x 2: soft enough for half a step between crops.
        out[k] = cv2.resize(soft, size, interpolation=cv2.INTER_AREA).ravel()
    norm = np.linalg.norm(out, axis=1, keepdims=True)
    spread = pictures.std(axis=(1, 2))
    out /= np.maximum(norm, 1e-6)
    out[spread < 0.8] = 0
    return out


def _bases(film: Pictures, area: Box, raw: Pictures) -> list[tuple[float, float]]:
    """(width, height) of the largest part of the raw picture that the film may show."""
    wanted = film.aspect * area.width / area.height
    ratio = wanted / raw.aspect
    covered = (1.0, 1 / ratio) if ratio > 1 else (ratio, 1.0)
    return [covered] if 0.97 < ratio < 1.03 else [covered, (1.0, 1.0)]


def _crops(film: Pictures, area: Box, raw: Pictures) -> Iterator[Box]:
    for base in _bases(film, area, raw):
        for scale in _SCALES:
            width, height = base[0] * scale, base[1] * scale
            for x in _offsets(1 - width):
                for y in _offsets(1 - height):
                    yield Box(x, y, width, height)


def _offsets(room: float) -> list[float]:
    count = 1 + int(np.ceil(room / _STEP - 1e-9)) if room > 0.02 else 1
    return [room / 2] if count == 1 else [room * k / (count - 1) for k in range(count)]


def similar_frames(raws: Sequence[Pictures]) -> list[SimilarFrames]:
    """Groups of consecutive raw pictures that agree with the first of the group."""
    out: list[SimilarFrames] = []
    for number, raw in enumerate(raws):
        step = max(1, round(SAMPLE * float(raw.rate)))
        indices = range(0, len(raw), step)
        start, first = 0, None
        for low in range(0, len(indices), 512):
            chunk = indices[low : low + 512]
            described = _describe(raw.parts(chunk, Box(), _SHAPE))
            for index, vector in zip(chunk, described, strict=True):
                if first is None:
                    first = vector
                elif float(first @ vector) < _ALIKE:
                    out.append(SimilarFrames(number, start, index, (start + index) // 2))
                    start, first = index, vector
        out.append(SimilarFrames(number, start, len(raw), (start + len(raw)) // 2))
    return out


def match_samples(
    film: Pictures,
    area: Box,
    raws: Sequence[Pictures],
    found: Sequence[SimilarFrames],
    samples: Ints,
) -> list[list[tuple[int, float]]]:
    """For each sampled film picture, the most similar groups, best first, with scores."""
    wanted = _describe(film.parts(samples, area, _SHAPE))
    scores = np.full((len(samples), len(found)), -1, np.float32)
    for number, raw in enumerate(raws):
        mine = [k for k, group in enumerate(found) if group.raw == number]
        for low in range(0, len(mine), 512):
            chunk = mine[low : low + 512]
            frames = [found[k].frame for k in chunk]
            for box in _crops(film, area, raw):
                described = _describe(raw.parts(frames, box, _SHAPE))
                scores[:, chunk] = np.maximum(scores[:, chunk], wanted @ described.T)
    out: list[list[tuple[int, float]]] = []
    for k, row in enumerate(scores):
        if not wanted[k].any():
            out.append([])
            continue
        best = np.argsort(-row)[:_GROUPS]
        out.append(
            [(int(i), float(row[i])) for i in best if row[i] > max(0.2, row[best[0]] - 0.25)]
        )
    return out


def locate(
    film: Float, raw: Pictures, frame: int, bases: Sequence[tuple[float, float]]
) -> tuple[Box, float]:
    """The box of a film picture (height, width) in a raw one, and the correlation.

    The best whole-pixel positions at several scales are refined.
    """
    import cv2

    rows, columns = raw.grid(Box(), _PLACED)
    target = _soft(gradients(raw.parts([frame], Box(), (rows, columns)))[0])
    framed: Any = cv2.copyMakeBorder(target, _RIM, _RIM, _RIM, _RIM, cv2.BORDER_CONSTANT)
    rough: list[tuple[float, Box]] = []
    for base in bases:
        for scale in _FINE:
            width, height = round(base[0] * scale * columns), round(base[1] * scale * rows)
            if width < 12 or height < 8:
                break
            small: Any = cv2.resize(film, (width, height), interpolation=cv2.INTER_AREA)
            map_: Any = cv2.matchTemplate(
                framed, _soft(gradients(small[None])[0]), cv2.TM_CCORR_NORMED
            )
            _, top, _, (x, y) = cv2.minMaxLoc(map_)
            value = float(top) * (1 - _SMALLER * (1 - scale))
            size = width / columns, height / rows
            rough.append((value, Box((x - _RIM) / columns, (y - _RIM) / rows, *size)))
    rough.sort(key=lambda r: -r[0])
    wanted = gradients(film[None])
    best: tuple[float, Box] = (-1.0, Box())
    starts: list[Box] = []
    for _, box in rough:
        if all(abs(np.log(box.width / other.width)) > 0.12 for other in starts):
            starts.append(box)
    for box in starts[:_TRIED]:
        exact = refine_box(box, wanted, raw, [frame])
        smaller = 1 - min(1.0, max(exact.width, exact.height))
        value = correlation(exact, wanted, raw, [frame]) * (1 - _SMALLER * smaller)
        if value > best[0]:
            best = (value, exact)
    return best[1], best[0]


def correlation(box: Box, wanted: Float, raw: Pictures, frames: Sequence[int]) -> float:
    """Correlation of film gradients with those of raw pictures cropped to ``box``."""
    field_ = gradients(raw.parts(frames, box, (wanted.shape[1], wanted.shape[2])))
    scale = np.sqrt(float((field_**2).sum()) * float((wanted**2).sum()))
    return float((field_ * wanted).sum()) / scale if scale else 0.0


def refine_box(
    box: Box, wanted: Float, raw: Pictures, frames: Sequence[int], rounds: int = 6
) -> Box:
    """Move and scale ``box`` until gradients agree best: first blurred, then unblurred.

    ``wanted`` are the gradients (n, height, width, 2) of film pictures that show ``frames``.
    """
    return _gauss_newton(
        _gauss_newton(box, wanted, raw, frames, rounds, 2.0), wanted, raw, frames, rounds, 0
    )


def _gauss_newton(
    box: Box, wanted: Float, raw: Pictures, frames: Sequence[int], rounds: int, blur: float
) -> Box:
    """Damped Gauss-Newton least squares."""
    import cv2

    shape = wanted.shape[1], wanted.shape[2]
    steps = np.array([0.004, 0.004, 0.004, 0.004])

    def seen(fields: Float) -> Float:
        if blur:
            fields = np.stack([cv2.GaussianBlur(f, (0, 0), blur) for f in fields])
        return fields.ravel()

    def cut(p: Array) -> Float:
        return seen(gradients(raw.parts(frames, moved_box(box, p), shape)))

    p = np.zeros(4)
    goal = seen(wanted)
    norm = float(np.linalg.norm(goal)) or 1.0
    here = cut(p)
    damping = 1e-2
    # A prior against changes of the aspect ratio, which are rare.
    stiff = np.diag([0, 0, 0, 20.0]) * norm**2
    for _ in range(rounds):
        gain = float(here @ goal) / (float(here @ here) or 1.0)
        rest = goal - gain * here
        slope = np.stack(
            [gain * (cut(p + step) - here) / steps[k] for k, step in enumerate(np.diag(steps))], 1
        )
        normal = slope.T @ slope
        push = slope.T @ rest - stiff @ p
        move = np.linalg.solve(normal + stiff + damping * np.diag(np.diag(normal) + 1e-9), push)
        move = np.clip(move, -0.03, 0.03)
        there = cut(p + move)
        gain = float(there @ goal) / (float(there @ there) or 1.0)
        after = float(((goal - gain * there) ** 2).sum()) + float((p + move) @ stiff @ (p + move))
        before = float((rest**2).sum()) + float(p @ stiff @ p)
        if after < before:
            p, here, damping = p + move, there, max(1e-4, damping / 5)
            if before - after < 1e-4 * norm**2:
                break
        else:
            damping *= 10
    return moved_box(box, p)


def moved_box(box: Box, p: Array) -> Box:
    """``p``: shift across and down, log of scale, log of aspect ratio."""
    width = box.width * float(np.exp(p[2] + p[3] / 2))
    height = box.height * float(np.exp(p[2] - p[3] / 2))
    x = box.x + box.width / 2 + float(p[0]) - width / 2
    y = box.y + box.height / 2 + float(p[1]) - height / 2
    return Box(x, y, width, height)


def find_framings(
    film: Pictures, area: Box, raws: Sequence[Pictures], samples: Ints
) -> list[Framing]:
    """Framings that explain sampled pictures of the film, in the order of discovery."""
    found = similar_frames(raws)
    shape = film.grid(area)
    pictures = film.parts(samples, area, shape)
    fields = gradients(pictures)
    matched = match_samples(film, area, raws, found, samples)
    out: list[Framing] = []
    for k, row in enumerate(matched):
        searched = 0
        for index, _ in row:
            group = found[index]
            raw = raws[group.raw]
            known = [
                (correlation(p.box, fields[k][None], raw, [group.frame]), p)
                for p in out
                if p.raw == group.raw
            ]
            score, place = max(known, key=lambda s: s[0], default=(-1.0, None))
            if (place is None or score < _SURE) and searched < _SEARCHED:
                searched += 1
                box, better = locate(pictures[k], raw, group.frame, _bases(film, area, raw))
                if better > max(_FOUND, score + 0.02):
                    score = better
                    near = [p for p in out if p.raw == group.raw and p.box.distance(box) < _SAME]
                    place = min(near, key=lambda p: p.box.distance(box), default=None)
                    if place is None:
                        place = Framing(group.raw, box, score)
                        out.append(place)
                    elif score > place.score:
                        place.box, place.score = box, score
            if place is not None and score > _FOUND:
                place.samples.append((int(samples[k]), group.frame, score))
                place.ranges.append((group.start, group.end))
    return out
