"""How well raw frames explain frames of the film under one crop.

A raw picture becomes the film's by a crop, a monotone tone curve and a static overlay (a logo, a
vignette). All three are fitted to pairs of frames, and refitted as better pairs become known. The
residual is taken per pixel, with less weight where it is often large.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from vedc.decide.align.frame_map import FrameMap
from vedc.decide.align.framing import gradients, moved_box, refine_box
from vedc.decide.align.pictures import GRID, Box, Pictures
from vedc.decide.arrays import Array, Float, Ints

_FLOOR: Final = 1.5
"""Least standard deviation of a comparison, in 8-bit codes."""


@dataclass(slots=True)
class Tone:
    """The mapping from a cropped raw picture to the film's."""

    table: Float
    """(256,): the film's code for each raw code, monotone."""
    bias: Float
    """(d,): static overlay, added."""
    weight: Float
    """(d,): weight of each pixel; 1 on average."""


@dataclass(slots=True)
class Matcher:
    """Compares the film with one raw file under one crop."""

    film: Pictures
    area: Box
    raw: Pictures
    box: Box
    noise: float = 4.0
    """Mean square residual, in codes, of frames that belong together."""
    tone: Tone = field(init=False)
    shape: tuple[int, int] = field(init=False)

    def __post_init__(self) -> None:
        self.resize(GRID)

    def resize(self, side: int) -> None:
        """Compare pictures whose longer side is ``side``; the tone must be fitted again."""
        self.shape = self.film.grid(self.area, side)
        size = self.shape[0] * self.shape[1]
        one = np.ones(size, np.float32)
        self.tone = Tone(np.arange(256, dtype=np.float32), np.zeros(size, np.float32), one)

    def film_parts(self, frames: Sequence[int] | Ints) -> Float:
        return self.film.parts(frames, self.area, self.shape).reshape(len(frames), -1)

    def raw_parts(self, frames: Sequence[int] | Ints) -> Float:
        return self.raw.parts(frames, self.box, self.shape).reshape(len(frames), -1)

    def film_pictures(self, frames: Sequence[int] | Ints) -> Float:
        """Film pictures, overlay removed and weighted: (n, d)."""
        root = np.sqrt(self.tone.weight)
        return np.asarray((self.film_parts(frames) - self.tone.bias) * root)

    def raw_pictures(self, frames: Sequence[int] | Ints) -> Float:
        """Raw pictures with the film's tone, weighted: (n, d)."""
        frames = np.clip(frames, 0, len(self.raw) - 1)
        toned = self.raw.parts(frames, self.box, self.shape, self.tone.table)
        return np.asarray(toned.reshape(len(frames), -1) * np.sqrt(self.tone.weight), np.float32)

    def fit(self, pairs: Sequence[tuple[int, int]], move: bool = True, still: bool = True) -> None:
        """Fit the crop (where ``move``), tone curve and overlay to pairs of (film, raw) frames.

        ``still`` fits the overlay; its pairs must show the same moment, or moving parts would
        count as static.
        """
        chosen = _spread(pairs, 24)
        if move:
            film = self.film.parts([j for j, _ in chosen], self.area, self.shape)
            frames = [i for _, i in chosen]
            self.box = refine_box(self.box, gradients(film), self.raw, frames, rounds=8)
        chosen = _spread(pairs, 64)
        film = self.film_parts([j for j, _ in chosen])
        raw = self.raw_parts([i for _, i in chosen])
        table = _tone_curve(raw, film)
        self.tone.table = table
        toned = self.raw.parts([i for _, i in chosen], self.box, self.shape, table)
        rest = film - toned.reshape(film.shape)
        middle = np.median(rest, axis=0)
        self.tone.bias = middle if still and len(chosen) >= 6 else np.zeros_like(middle)
        # Distrust pixels that differ more than two moments of the raw picture do. A difference
        # alone is not enough: moving parts distinguish moments.
        doubt = (np.median(np.abs(rest - self.tone.bias), axis=0) * 1.48) ** 2
        excess = np.maximum(doubt - 2 * toned.reshape(film.shape).var(axis=0), 0)
        weight = 1 / (_FLOOR**2 + excess + 0.05 * middle**2)
        self.tone.weight = (weight / weight.mean()).astype(np.float32)
        if still:
            residual = ((rest - self.tone.bias) ** 2 * self.tone.weight).mean(axis=1)
            self.noise = max(float(np.median(residual)), 0.3)

    def share(self, other: Matcher) -> None:
        """Take the overlay, the weights and the noise of another matcher."""
        self.tone.bias, self.tone.weight = other.tone.bias, other.tone.weight
        self.noise = other.noise

    def residual(self, film: Ints, raw: Ints) -> Float:
        """Weighted mean square residual of pairs of film and raw frames, (n,).

        Infinite for raw frames out of range.
        """
        known, index = np.unique(np.clip(raw, 0, len(self.raw) - 1), return_inverse=True)
        shown = self.raw_pictures(known)
        rest = ((self.film_pictures(film) - shown[index]) ** 2).mean(axis=1)
        outside = (raw < 0) | (raw >= len(self.raw))
        return np.where(outside, np.inf, rest).astype(np.float32)

    def variance(self, film: Ints) -> Float:
        """Weighted variance of film pictures: the residual of a blank guess."""
        wanted = self.film_pictures(film)
        root = np.sqrt(self.tone.weight)
        level = wanted @ root / float(root @ root)
        return np.asarray(((wanted - level[:, None] * root) ** 2).mean(axis=1), np.float32)


def refine_crop(
    matcher: Matcher, groups: Sequence[tuple[Ints, FrameMap]], rounds: int = 10
) -> list[FrameMap]:
    """Fit the matcher's crop and the offsets of mappings together; returns the moved mappings.

    Each group holds film frames and the mapping that they follow. Under a slow pan or zoom a
    wrong crop and a wrong offset together explain pictures nearly as well as the right ones, so
    both are fitted at once: Gauss-Newton least squares on toned pictures, Huber weights.
    """
    frames = np.concatenate([f for f, _ in groups])
    owner = np.repeat(np.arange(len(groups)), [len(f) for f, _ in groups])
    root = np.sqrt(matcher.tone.weight)
    wanted = matcher.film_parts(frames) * root
    shifts = np.zeros(len(groups))
    unknown = 4 + len(groups)
    reach = 0.02

    def cost(box: Box, by: Array) -> tuple[float, Float]:
        rest = wanted - _interpolated(matcher, frames, groups, owner, box, by)
        scale = max(1.0, 2.0 * float(np.median(np.abs(rest))))
        part = np.minimum(1.0, 3 * scale / np.maximum(np.abs(rest), 1e-6))
        return float((part * rest**2).sum()), rest * part

    best, rest = cost(matcher.box, shifts)
    damping = 1e-3
    for _ in range(rounds):
        here = _interpolated(matcher, frames, groups, owner, matcher.box, shifts)
        columns = []
        for k in range(4):
            step = np.zeros(4)
            step[k] = 0.003
            there = _interpolated(
                matcher, frames, groups, owner, moved_box(matcher.box, step), shifts
            )
            columns.append((there - here) / step[k])
        later = _interpolated(matcher, frames, groups, owner, matcher.box, shifts + 1)
        sooner = _interpolated(matcher, frames, groups, owner, matcher.box, shifts - 1)
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
        normal[3, 3] += 20.0 * len(frames) * len(root)  # the aspect ratio rarely changes
        diagonal = np.diag(normal).copy()
        move = np.linalg.solve(normal + np.diag(damping * diagonal + 1e-3), push)
        move[:4] = np.clip(move[:4], -reach, reach)
        move[4:] = np.clip(move[4:], -4, 4)
        box = moved_box(matcher.box, move[:4])
        after, there = cost(box, shifts + move[4:])
        if after < best:
            matcher.box, shifts, rest = box, shifts + move[4:], there
            if best - after < 2e-5 * best:
                break
            best, damping = after, max(damping / 5, 1e-5)
        else:
            damping *= 10
    return [
        replace(mapping, at=mapping.at + s) for (_, mapping), s in zip(groups, shifts, strict=True)
    ]


def _interpolated(
    matcher: Matcher,
    frames: Ints,
    groups: Sequence[tuple[Ints, FrameMap]],
    owner: Ints,
    box: Box,
    shifts: Array | None = None,
) -> Float:
    """Weighted raw pictures for film frames, interpolated between raw frames."""
    at = np.concatenate([mapping.frames(f) for f, mapping in groups]).astype(np.float64)
    if shifts is not None:
        at += shifts[owner]
    at = np.clip(at, 0, len(matcher.raw) - 1)
    low = np.floor(at).astype(np.int64)
    high = np.minimum(low + 1, len(matcher.raw) - 1)
    known, index = np.unique(np.concatenate([low, high]), return_inverse=True)
    pictures = matcher.raw.parts(known, box, matcher.shape, matcher.tone.table)
    pictures = pictures.reshape(len(known), -1) * np.sqrt(matcher.tone.weight)
    part = (at - low)[:, None].astype(np.float32)
    n = len(low)
    return np.asarray(pictures[index[:n]] * (1 - part) + pictures[index[n:]] * part, np.float32)


def _spread(pairs: Sequence[tuple[int, int]], most: int) -> list[tuple[int, int]]:
    if len(pairs) <= most:
        return list(pairs)
    return [pairs[k] for k in np.linspace(0, len(pairs) - 1, most).astype(int)]


def _tone_curve(raw: Float, film: Float) -> Float:
    """Monotone curve from raw to film codes: medians by code, adjacent violators pooled."""
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
    for point in points:
        blocks.append([point])
        level.append(point[1])
        while len(level) > 1 and level[-2] > level[-1]:
            has_transition = blocks[-2] + blocks[-1]
            blocks[-2:] = [has_transition]
            level[-2:] = [
                sum(p[1] * p[2] for p in has_transition) / sum(p[2] for p in has_transition)
            ]
    xs = [p[0] for block in blocks for p in block]
    ys = [value for block, value in zip(blocks, level, strict=True) for _ in block]
    if len(xs) == 1:
        return (np.arange(256) + (ys[0] - xs[0])).astype(np.float32)
    return np.interp(np.arange(256), xs, ys).astype(np.float32)
