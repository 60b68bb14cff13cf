"""Key frames by coverage: few frames that together show what a film shows.

Facility location: the film is cut into short stretches, each told by its best frame, and frames
are chosen one by one so that the sum over all stretches, by their length, of how alike the
nearest chosen frame is grows most. The sum is monotone and submodular, so that choosing greedily
reaches at least 1 - 1/e of what any choice of as many frames could (Nemhauser, Wolsey and
Fisher 1978). How good a frame is itself, sharp, still and well exposed, scales what it covers.

A frame also covers what other shots show, where that is nearly the same picture, so that a
dialogue of sixty shots and two cameras needs two frames. Memory is bounded by ``_STRETCHES``.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final, NamedTuple

import numpy as np

from vedc.decide.analyses.analysis import derived
from vedc.decide.analyses.picture_signatures import (
    PictureSignatures,
    picture_signatures,
    signature_distance,
)
from vedc.decide.analyses.results import Curves, KeyFrame, KeyFrames, Shot, Shots, Thumbs
from vedc.decide.arrays import Bools, Float, Ints
from vedc.edit.media_info import MediaInfo

_STRETCHES: Final = 1000
"""Of the film, about, at most."""
_A_SECOND: Final = 2
"""Stretches a second in a film short enough."""

_NEAR: Final = 0.2
"""Distance up to which one picture stands for another of the same shot."""
_ELSEWHERE: Final = 0.1
"""What is added between shots: two of them may show different things in one place."""
_WHOLE: Final = 0.98
"""Share of the film that is covered, where no count is given."""

_BLACK: Final = 0.07
"""Brightness below which a picture without contrast is black, and the contrast it lacks."""
_FLASH: Final = 0.12
"""How much brighter (of 1) a flash is than what is around it."""
_FLASH_SECONDS: Final = 0.25
"""Flashes are shorter than this."""
_MODEST: Final = 0.5
"""Quality of the worst frame: how a frame covers hangs more on what it shows."""


class _Stretches(NamedTuple):
    """Parts of the film, in order."""

    frames: Ints
    """The frame that tells each, or -1 where it has none that may be shown."""
    shots: Ints
    weights: Float
    """Shares of the film."""


@derived("keyframes", version=2, gives=KeyFrames, needs=("thumbs", "measures", "shots"))
def keyframes(
    media: MediaInfo, thumbs: Thumbs, measures: Curves, shots: Shots, count: int = 0
) -> KeyFrames:
    """Choose ``count`` frames (fewer where the film has no more that differ), or with 0 as many
    as cover 98 % of it. None is of a transition, of black or of a flash: a film that holds
    nothing else has no key frames."""
    if not len(thumbs):
        return KeyFrames((), thumbs.rate)
    quality = _quality(measures)
    fit = _fit(measures, shots)
    parts = _stretches(shots.shots, quality, fit, thumbs.rate)
    told = np.flatnonzero(parts.frames >= 0)
    if not len(told):
        return KeyFrames((), thumbs.rate)
    parts = _Stretches(parts.frames[told], parts.shots[told], parts.weights[told])
    seen = _looks(thumbs, parts.frames)
    distance = signature_distance(seen, seen)
    distance += np.float32(_ELSEWHERE) * (parts.shots[:, None] != parts.shots[None])
    chosen = _greedy(distance, parts.weights, quality[parts.frames], count)
    nearest = np.argmin(distance[:, chosen], axis=1)
    near = distance[np.arange(len(told)), np.array(chosen)[nearest]] <= _NEAR
    found = [
        KeyFrame(
            frame=int(parts.frames[k]),
            shot=int(parts.shots[k]),
            covers=round(float(parts.weights[(nearest == i) & near].sum()), 6),
            score=round(float(quality[parts.frames[k]]), 6),
        )
        for i, k in enumerate(chosen)
    ]
    return KeyFrames(tuple(sorted(found, key=lambda one: one.frame)), thumbs.rate)


def _greedy(distance: Float, weights: Float, quality: Float, count: int) -> list[int]:
    """Indices of the pictures chosen, the best first."""
    worth = np.maximum(1 - distance, 0) * quality  # (what is covered, what covers it)
    covered = np.zeros(len(weights), np.float32)
    chosen: list[int] = []
    near = np.zeros(len(weights), bool)
    while len(chosen) < (count or len(weights)):
        if count == 0 and weights[near].sum() >= _WHOLE * weights.sum():
            break
        gains = weights @ np.maximum(worth - covered[:, None], 0)
        if count == 0:  # only what still shows something new
            gains = np.where((distance <= _NEAR)[~near].any(axis=0), gains, 0)
        best = int(np.argmax(gains))
        if gains[best] <= 0:
            break
        chosen.append(best)
        covered = np.maximum(covered, worth[:, best])
        near |= distance[:, best] <= _NEAR
    return chosen


def _quality(measures: Curves) -> Float:
    """How fit each frame is to be looked at, 0.5 to 1: sharp, still and well exposed."""
    sharp = _ranked(measures.values["sharpness"])
    still = 1 - np.minimum(measures.values["motion"] / 0.5, 1)
    light = measures.values["brightness"]
    exposed = np.clip(np.minimum(light, 1 - light) / 0.2, 0, 1)
    contrast = np.minimum(measures.values["contrast"] / 0.15, 1)
    good = 0.4 * sharp + 0.3 * still + 0.15 * exposed + 0.15 * contrast
    found: Float = (_MODEST + (1 - _MODEST) * good).astype(np.float32)
    return found


def _ranked(values: Float) -> Float:
    """Each value's place between the lowest and the highest twentieth of the film."""
    low, high = np.percentile(values, [5, 95])
    ranked: Float = np.clip((values - low) / max(float(high - low), 0.05), 0, 1)
    return ranked


def _fit(measures: Curves, shots: Shots) -> Bools:
    """Which frames may be shown: neither of a transition nor black nor of a flash."""
    light, contrast = measures.values["brightness"], measures.values["contrast"]
    fit: Bools = ~((light < _BLACK) & (contrast < _BLACK))
    length = max(1, round(_FLASH_SECONDS * float(measures.rate)))
    # A flash is brighter than both what was and what will be at its length from it.
    padded = np.pad(light, length, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, length)
    before, after = np.min(windows[: len(light)], axis=1), np.min(windows[length + 1 :], axis=1)
    fit &= light - np.maximum(before, after) < _FLASH
    for shot in shots.shots:
        low, high = shot.boundary_range
        fit[low:high] = False
        if shot.boundary != "start" and shot.end - shot.start > 4:
            fit[[max(shot.start - 1, 0), shot.start]] = False  # a cut's own frames may be mixed
    return fit


def _stretches(shots: tuple[Shot, ...], quality: Float, fit: Bools, rate: Fraction) -> _Stretches:
    """Shots cut into even parts, each with its best frame."""
    count = len(quality)
    usual = max(count / _STRETCHES, float(rate) / _A_SECOND)
    longest = sorted(range(len(shots)), key=lambda k: shots[k].start - shots[k].end)
    frames: list[int] = []
    owners: list[int] = []
    weights: list[float] = []
    for k in sorted(longest[:_STRETCHES]):  # of very many, the shortest show next to nothing
        length = shots[k].end - shots[k].start
        parts = max(1, round(length / usual))
        for i in range(parts):
            low = shots[k].start + length * i // parts
            high = shots[k].start + length * (i + 1) // parts
            allowed = low + np.flatnonzero(fit[low:high])
            frames.append(int(allowed[np.argmax(quality[allowed])]) if len(allowed) else -1)
            owners.append(k)
            weights.append((high - low) / count)
    return _Stretches(
        np.array(frames, np.int64), np.array(owners, np.int64), np.array(weights, np.float32)
    )


def _looks(thumbs: Thumbs, frames: Ints) -> PictureSignatures:
    found = [picture_signatures(thumbs.read(i, i + 1)) for i in frames.tolist()]
    return PictureSignatures(
        np.concatenate([one.layouts for one in found]),
        np.concatenate([one.shares for one in found]),
    )
