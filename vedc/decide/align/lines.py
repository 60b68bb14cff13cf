"""How well raw frames explain frames of the film, and straight runs that explain many in a row.

A raw picture becomes the film's by a crop, a monotone tone curve and what stands still on top
(a logo, a vignette): all three are fitted to pairs of pictures and updated as better pairs are
known. What is left is compared pixel by pixel, less where it is left often.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from vedc.decide.align.pictures import GRID, Box, Index, Pictures, Real
from vedc.decide.align.scenes import gradients, moved, sharpen
from vedc.decide.analyses.results import Float

SPEEDS: Final = (*(round(0.5 + 0.05 * k, 2) for k in range(31)), -1.0)
"""Speeds that are tried at first; from the best of them others are reached later."""

WINDOWS: Final = ((0.4, 0.2), (1.2, 0.4))
"""Seconds of film that are explained at a time, and from one to the next."""

BEST: Final = 3
"""Runs that are kept of each window."""

_AXES: Final = 96
_FLOOR: Final = 1.5
"""Standard deviation (codes of 8 bits) that any comparison is taken to have at least."""


@dataclass(frozen=True, slots=True)
class Line:
    """Frame ``j`` of the film shows raw frame ``floor(at + slope * (j - origin))``."""

    place: int
    origin: int
    at: float
    slope: float
    """Raw frames for each frame of the film; negative runs backwards."""

    def frames(self, film: Index) -> Index:
        # The small number keeps what is a whole frame but for rounding from falling below it.
        return np.asarray(np.floor(self.at + self.slope * (film - self.origin) + 1e-6), np.int64)


@dataclass(slots=True)
class Tone:
    """How a raw picture, cropped, becomes the film's."""

    table: Float
    """(256,): codes of the film for codes of the raw picture; never falls."""
    bias: Float
    """(d,): what the film shows besides."""
    weight: Float
    """(d,): how much a pixel counts; 1 on average."""


@dataclass(slots=True)
class Matcher:
    """Compares the film with one raw file under one crop."""

    film: Pictures
    area: Box
    raw: Pictures
    box: Box
    noise: float = 4.0
    """Mean square (codes) that is left where frames belong together."""
    tone: Tone = field(init=False)
    shape: tuple[int, int] = field(init=False)

    def __post_init__(self) -> None:
        self.resize(GRID)

    def resize(self, side: int) -> None:
        """Compare pictures whose longer side is ``side``; tones have to be fitted anew."""
        self.shape = self.film.grid(self.area, side)
        size = self.shape[0] * self.shape[1]
        one = np.ones(size, np.float32)
        self.tone = Tone(np.arange(256, dtype=np.float32), np.zeros(size, np.float32), one)

    def film_parts(self, frames: Sequence[int] | Index) -> Float:
        return self.film.parts(frames, self.area, self.shape).reshape(len(frames), -1)

    def raw_parts(self, frames: Sequence[int] | Index) -> Float:
        return self.raw.parts(frames, self.box, self.shape).reshape(len(frames), -1)

    def wanted(self, frames: Sequence[int] | Index) -> Float:
        """Pictures of the film as :meth:`shown` ones should be."""
        root = np.sqrt(self.tone.weight)
        return np.asarray((self.film_parts(frames) - self.tone.bias) * root)

    def shown(self, frames: Sequence[int] | Index) -> Float:
        """Raw pictures as the film would show them, weighted: (n, d)."""
        frames = np.clip(frames, 0, len(self.raw) - 1)
        toned = self.raw.parts(frames, self.box, self.shape, self.tone.table)
        return np.asarray(toned.reshape(len(frames), -1) * np.sqrt(self.tone.weight), np.float32)

    def fit(self, pairs: Sequence[tuple[int, int]], move: bool = True, still: bool = True) -> None:
        """Fit crop (where ``move``), tone curve and what stands still to pairs (film, raw).

        ``still`` needs pairs of the same moment: else what moves counts as standing still.
        """
        chosen = _spread(pairs, 24)
        if move:
            film = self.film.parts([j for j, _ in chosen], self.area, self.shape)
            frames = [i for _, i in chosen]
            self.box = sharpen(self.box, gradients(film), self.raw, frames, rounds=8)
        chosen = _spread(pairs, 64)
        film = self.film_parts([j for j, _ in chosen])
        raw = self.raw_parts([i for _, i in chosen])
        table = _tone_curve(raw, film)
        self.tone.table = table
        toned = self.raw.parts([i for _, i in chosen], self.box, self.shape, table)
        rest = film - toned.reshape(film.shape)
        middle = np.median(rest, axis=0)
        self.tone.bias = middle if still and len(chosen) >= 6 else np.zeros_like(middle)
        # What differs more than two moments of the raw picture do is something else than it.
        # Not simply what differs: pairs of different moments differ where the picture moves,
        # and that is what tells moments apart.
        doubt = (np.median(np.abs(rest - self.tone.bias), axis=0) * 1.48) ** 2
        excess = np.maximum(doubt - 2 * toned.reshape(film.shape).var(axis=0), 0)
        weight = 1 / (_FLOOR**2 + excess + 0.05 * middle**2)
        self.tone.weight = (weight / weight.mean()).astype(np.float32)
        if still:
            left = ((rest - self.tone.bias) ** 2 * self.tone.weight).mean(axis=1)
            self.noise = max(float(np.median(left)), 0.3)

    def share(self, other: Matcher) -> None:
        """Take over what stands still on the film, and the noise, from another matcher."""
        self.tone.bias, self.tone.weight = other.tone.bias, other.tone.weight
        self.noise = other.noise

    def left(self, film: Index, raw: Index) -> Float:
        """Weighted mean square of what is left, for frames of the film and raw frames in pairs.

        Infinite for raw frames that there are not."""
        known, place = np.unique(np.clip(raw, 0, len(self.raw) - 1), return_inverse=True)
        shown = self.shown(known)
        rest = ((self.wanted(film) - shown[place]) ** 2).mean(axis=1)
        outside = (raw < 0) | (raw >= len(self.raw))
        return np.where(outside, np.inf, rest).astype(np.float32)

    def spread(self, film: Index) -> Float:
        """Weighted variance of pictures of the film: what a blank guess would leave."""
        wanted = self.wanted(film)
        root = np.sqrt(self.tone.weight)
        level = wanted @ root / float(root @ root)
        return np.asarray(((wanted - level[:, None] * root) ** 2).mean(axis=1), np.float32)


def adjusted(
    matcher: Matcher, groups: Sequence[tuple[Index, Line]], rounds: int = 10
) -> list[Line]:
    """Improve the matcher's crop and, with it, the places of lines; the lines so moved.

    Each group: frames of the film and the line that they follow. Where a camera moves or zooms
    slowly, a wrong crop and a wrong place explain pictures nearly as well as the right ones, so
    both are fitted at once (least squares by Gauss and Newton, on toned pictures).
    """
    frames = np.concatenate([f for f, _ in groups])
    owner = np.repeat(np.arange(len(groups)), [len(f) for f, _ in groups])
    root = np.sqrt(matcher.tone.weight)
    wanted = matcher.film_parts(frames) * root
    shifts = np.zeros(len(groups))
    unknown = 4 + len(groups)
    reach = 0.02

    def cost(box: Box, by: Real) -> tuple[float, Float]:
        rest = wanted - _drawn(matcher, frames, groups, owner, box, by)
        # What is far off is not explained by small changes: it pulls no more than what is near.
        scale = max(1.0, 2.0 * float(np.median(np.abs(rest))))
        part = np.minimum(1.0, 3 * scale / np.maximum(np.abs(rest), 1e-6))
        return float((part * rest**2).sum()), rest * part

    best, rest = cost(matcher.box, shifts)
    damping = 1e-3
    for _ in range(rounds):
        here = _drawn(matcher, frames, groups, owner, matcher.box, shifts)
        columns = []
        for k in range(4):
            step = np.zeros(4)
            step[k] = 0.003
            there = _drawn(matcher, frames, groups, owner, moved(matcher.box, step), shifts)
            columns.append((there - here) / step[k])
        later = _drawn(matcher, frames, groups, owner, matcher.box, shifts + 1)
        sooner = _drawn(matcher, frames, groups, owner, matcher.box, shifts - 1)
        speed = (later - sooner) / 2
        normal = np.zeros((unknown, unknown))
        push = np.zeros(unknown)
        for a in range(4):
            push[a] = float((columns[a] * rest).sum())
            for b in range(a, 4):
                normal[a, b] = normal[b, a] = float((columns[a] * columns[b]).sum())
            for g in range(len(groups)):
                mine = owner == g
                value = float((columns[a][mine] * speed[mine]).sum())
                normal[a, 4 + g] = normal[4 + g, a] = value
        for g in range(len(groups)):
            mine = owner == g
            normal[4 + g, 4 + g] = float((speed[mine] ** 2).sum())
            push[4 + g] = float((speed[mine] * rest[mine]).sum())
        normal[3, 3] += 20.0 * len(frames) * len(root)  # proportions are hardly ever changed
        diagonal = np.diag(normal).copy()
        move = np.linalg.solve(normal + np.diag(damping * diagonal + 1e-3), push)
        move[:4] = np.clip(move[:4], -reach, reach)
        move[4:] = np.clip(move[4:], -4, 4)
        box = moved(matcher.box, move[:4])
        after, there = cost(box, shifts + move[4:])
        if after < best:
            matcher.box, shifts, rest = box, shifts + move[4:], there
            if best - after < 2e-5 * best:
                break
            best, damping = after, max(damping / 5, 1e-5)
        else:
            damping *= 10
    return [replace(line, at=line.at + s) for (_, line), s in zip(groups, shifts, strict=True)]


def _drawn(
    matcher: Matcher,
    frames: Index,
    groups: Sequence[tuple[Index, Line]],
    owner: Index,
    box: Box,
    shifts: Real | None = None,
) -> Float:
    """Raw pictures for frames of the film, weighted; between two frames a mixture of both."""
    at = np.concatenate([line.frames(f) for f, line in groups]).astype(np.float64)
    if shifts is not None:
        at += shifts[owner]
    at = np.clip(at, 0, len(matcher.raw) - 1)
    low = np.floor(at).astype(np.int64)
    high = np.minimum(low + 1, len(matcher.raw) - 1)
    known, place = np.unique(np.concatenate([low, high]), return_inverse=True)
    pictures = matcher.raw.parts(known, box, matcher.shape, matcher.tone.table)
    pictures = pictures.reshape(len(known), -1) * np.sqrt(matcher.tone.weight)
    part = (at - low)[:, None].astype(np.float32)
    n = len(low)
    return np.asarray(pictures[place[:n]] * (1 - part) + pictures[place[n:]] * part, np.float32)


class Axes:
    """Raw and film pictures of a matcher on the axes along which the raw ones differ most."""

    def __init__(self, matcher: Matcher) -> None:
        self.matcher, self.noise = matcher, matcher.noise
        count = len(matcher.raw)
        sample = matcher.shown(np.unique(np.linspace(0, count - 1, 400).astype(np.int64)))
        self.mean = sample.mean(axis=0)
        centred = sample - self.mean
        values, vectors = np.linalg.eigh(centred @ centred.T)
        order = np.argsort(-values)[:_AXES]
        order = order[values[order] > 1e-6 * max(values[-1], 1e-9)]
        basis = centred.T @ vectors[:, order]
        self.basis = np.asarray(basis / np.linalg.norm(basis, axis=0), np.float32)
        self.raw, self.raw_size = self._project(np.arange(count), matcher.shown)
        self.film, self.film_size = self._project(np.arange(len(matcher.film)), matcher.wanted)

    def _project(self, frames: Index, read: object) -> tuple[Float, Float]:
        coordinates = np.empty((len(frames), self.basis.shape[1]), np.float32)
        size = np.empty(len(frames), np.float32)
        for low in range(0, len(frames), 256):
            part = read(frames[low : low + 256]) - self.mean  # type: ignore[operator]
            coordinates[low : low + 256] = part @ self.basis
            size[low : low + 256] = (part**2).sum(axis=1)
        return coordinates, size

    def table(self, frames: Index) -> Float:
        """(frames of the film, raw frames): mean squares of what is left.

        Nearly: what raw pictures have beside the axes counts as left."""
        cross = self.film[frames] @ self.raw.T
        table = self.film_size[frames, None] + self.raw_size[None] - 2 * cross
        return np.asarray(np.maximum(table / len(self.mean), 0), np.float32)

    def left(self, film: Index, raw: Index) -> Float:
        """As :meth:`Matcher.left`, nearly."""
        inside = np.clip(raw, 0, len(self.raw) - 1)
        cross = np.einsum("ij,ij->i", self.film[film], self.raw[inside])
        rest = (self.film_size[film] + self.raw_size[inside] - 2 * cross) / len(self.mean)
        return np.where(inside != raw, np.inf, np.maximum(rest, 0)).astype(np.float32)


def runs(axes: Axes, place: int, count: int) -> list[tuple[Line, int, int, float]]:
    """Lines that explain windows of the film's ``count`` frames best, with their windows and
    what they leave of it (mean square)."""
    matcher = axes.matcher
    rate = matcher.film.rate
    ratio = float(matcher.raw.rate / rate)
    out: list[tuple[Line, int, int, float]] = []
    for low in range(0, count, 256):
        # Windows begin in this block, and may reach beyond it.
        reach = int(max(w for w, _ in WINDOWS) * rate) + 1
        high = min(count, low + 256 + reach)
        table = axes.table(np.arange(low, high))
        for length, hop in WINDOWS:
            size = min(max(4, int(length * rate)), count)
            step = max(1, int(hop * rate))
            for start in range(-(-low // step) * step, min(low + 256, count), step):
                begin = min(start, count - size)
                if begin < low:
                    continue
                window = table[begin - low : begin - low + size]
                out += [
                    (Line(place, begin, at, slope), begin, begin + size, cost)
                    for at, slope, cost in _best_lines(window, ratio)
                ]
    return out


def _best_lines(
    window: Float, ratio: float, frames: Index | None = None, most: int = BEST
) -> list[tuple[float, float, float]]:
    """(raw frame at the window's begin, slope, mean) of the straight runs that leave least.

    ``window``: what is left (frames of the film, raw frames). ``frames`` counts those of the film
    from the window's begin, where not every one is there."""
    size, count = window.shape
    if frames is None:
        frames = np.arange(size)
    found: list[tuple[float, float, float]] = []
    for speed in SPEEDS:
        slope = speed * ratio
        # Half a frame: the run goes through the middle of its frames.
        steps = np.floor(0.5 + slope * frames).astype(np.int64)
        low, high = int(steps.min()), int(steps.max())
        room = count - (high - low)
        if room <= 0:
            continue
        total = np.zeros(room, np.float32)
        for k, step in enumerate(steps - low):
            total += window[k, step : step + room]
        total /= size
        for _ in range(2 if speed != 1.0 else most):
            best = int(total.argmin())
            if not np.isfinite(total[best]):
                break
            # Of equals the plain speed is taken.
            value = float(total[best]) * (1.0 if speed == 1.0 else 1.02)
            found.append((best - low + 0.5, slope, value))
            total[max(0, best - 3) : best + 4] = np.inf
    found.sort(key=lambda f: f[2])
    kept: list[tuple[float, float, float]] = []
    length = int(frames[-1]) + 1
    for at, slope, value in found:
        middle = at + slope * length / 2
        if all(
            abs(middle - (a + s * length / 2)) > 1.5 or abs(slope - s) * length > 3
            for a, s, _ in kept
        ):
            kept.append((at, slope, value))
            if len(kept) == most:
                break
    return kept


def alternatives(axes: Axes, place: int, start: int, end: int, most: int = 12) -> list[Line]:
    """Lines that explain frames ``start`` to ``end`` of the film best, all of them together."""
    frames = np.unique(np.linspace(start, end - 1, 48).astype(np.int64))
    ratio = float(axes.matcher.raw.rate / axes.matcher.film.rate)
    found = _best_lines(axes.table(frames), ratio, frames - start, most)
    return [Line(place, start, at, slope) for at, slope, _ in found]


def _spread(pairs: Sequence[tuple[int, int]], most: int) -> list[tuple[int, int]]:
    if len(pairs) <= most:
        return list(pairs)
    return [pairs[k] for k in np.linspace(0, len(pairs) - 1, most).astype(int)]


def _tone_curve(raw: Float, film: Float) -> Float:
    """The rising curve from raw codes to the film's: medians by code, pooled where they fall."""
    codes = np.clip(raw, 0, 255).astype(np.int64).ravel() >> 2
    values = film.ravel()
    order = np.argsort(codes, kind="stable")
    counts = np.bincount(codes, minlength=64)
    ends = np.cumsum(counts)
    points: list[tuple[float, float, float]] = []
    for code in range(64):
        if counts[code] >= 8:
            held = values[order[ends[code] - counts[code] : ends[code]]]
            points.append((code * 4 + 1.5, float(np.median(held)), float(counts[code])))
    if not points:
        return np.arange(256, dtype=np.float32)
    blocks: list[list[tuple[float, float, float]]] = []
    level: list[float] = []
    for point in points:  # pool adjacent violators
        blocks.append([point])
        level.append(point[1])
        while len(level) > 1 and level[-2] > level[-1]:
            joined = blocks[-2] + blocks[-1]
            blocks[-2:] = [joined]
            level[-2:] = [sum(p[1] * p[2] for p in joined) / sum(p[2] for p in joined)]
    xs = [p[0] for block in blocks for p in block]
    ys = [value for block, value in zip(blocks, level, strict=True) for _ in block]
    if len(xs) == 1:
        return (np.arange(256) + (ys[0] - xs[0])).astype(np.float32)
    return np.interp(np.arange(256), xs, ys).astype(np.float32)
