"""Key frames by coverage: a few frames that together represent a film.

Facility location: the film is divided into short stretches, each represented by its best frame.
Frames are added one at a time, each time the one that most increases the similarity of every
stretch to its nearest key frame, summed by length. The sum is monotone and submodular, so the
greedy choice reaches at least 1 - 1/e of the optimum for that many frames (Nemhauser, Wolsey
and Fisher 1978). The quality of a frame (sharp, still, well exposed) scales what it covers.

A frame also covers nearly identical pictures in other shots, so a dialogue of sixty shots from
two cameras needs two frames. ``_STRETCHES`` bounds memory.
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
"""Approximate limit for a film."""
_PER_SECOND: Final = 2
"""Stretches per second, in a film short enough."""

_NEAR: Final = 0.2
"""The largest distance at which a picture represents another of the same shot."""
_ELSEWHERE: Final = 0.1
"""Added between shots, since two shots of one place may show different things."""
_WHOLE: Final = 0.98
"""Share of the film to cover if no count is given."""

_BLACK: Final = 0.07
"""A picture is black if both its brightness and its contrast are below this."""
_FLASH: Final = 0.12
"""How much brighter (of 1) a flash is than its surroundings."""
_FLASH_SECONDS: Final = 0.25
"""Flashes are shorter than this."""
_MODEST: Final = 0.5
"""Quality of the worst frame: content matters more than quality."""


class _Stretches(NamedTuple):
    """Parts of the film, in order."""

    frames: Ints
    """The frame that represents each, or -1 if none of its frames is usable."""
    shots: Ints
    weights: Float
    """Share of the film in each."""


@derived("keyframes", version=2, gives=KeyFrames, needs=("thumbs", "measures", "shots"))
def keyframes(
    media: MediaInfo, thumbs: Thumbs, measures: Curves, shots: Shots, count: int = 0
) -> KeyFrames:
    """Choose ``count`` frames (fewer if the film has no more that differ); 0 chooses as many as
    cover 98% of it. Transitions, black and flashes are excluded: a film of nothing else has no
    key frames."""
    if not len(thumbs):
        return KeyFrames((), thumbs.rate)
    quality = _quality(measures)
    usable = _usable(measures, shots)
    parts = _stretches(shots.shots, quality, usable, thumbs.rate)
    filled = np.flatnonzero(parts.frames >= 0)
    if not len(filled):
        return KeyFrames((), thumbs.rate)
    parts = _Stretches(parts.frames[filled], parts.shots[filled], parts.weights[filled])
    seen = _signatures_at(thumbs, parts.frames)
    distance = signature_distance(seen, seen)
    distance += np.float32(_ELSEWHERE) * (parts.shots[:, None] != parts.shots[None])
    chosen = _greedy(distance, parts.weights, quality[parts.frames], count)
    nearest = np.argmin(distance[:, chosen], axis=1)
    near = distance[np.arange(len(filled)), np.array(chosen)[nearest]] <= _NEAR
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
    """Indices of the chosen pictures, best first."""
    worth = np.maximum(1 - distance, 0) * quality  # (covered, covering)
    covered = np.zeros(len(weights), np.float32)
    chosen: list[int] = []
    near = np.zeros(len(weights), bool)
    while len(chosen) < (count or len(weights)):
        if count == 0 and weights[near].sum() >= _WHOLE * weights.sum():
            break
        gains = weights @ np.maximum(worth - covered[:, None], 0)
        if count == 0:  # only pictures that show something new
            gains = np.where((distance <= _NEAR)[~near].any(axis=0), gains, 0)
        best = int(np.argmax(gains))
        if gains[best] <= 0:
            break
        chosen.append(best)
        covered = np.maximum(covered, worth[:, best])
        near |= distance[:, best] <= _NEAR
    return chosen


def _quality(measures: Curves) -> Float:
    """The quality of each frame, 0.5 to 1: sharp, still and well exposed."""
    sharp = _ranked(measures.values["sharpness"])
    still = 1 - np.minimum(measures.values["motion"] / 0.5, 1)
    light = measures.values["brightness"]
    exposed = np.clip(np.minimum(light, 1 - light) / 0.2, 0, 1)
    contrast = np.minimum(measures.values["contrast"] / 0.15, 1)
    good = 0.4 * sharp + 0.3 * still + 0.15 * exposed + 0.15 * contrast
    found: Float = (_MODEST + (1 - _MODEST) * good).astype(np.float32)
    return found


def _ranked(values: Float) -> Float:
    """Each value on a scale from the 5th to the 95th percentile of the film, 0 to 1."""
    low, high = np.percentile(values, [5, 95])
    ranked: Float = np.clip((values - low) / max(float(high - low), 0.05), 0, 1)
    return ranked


def _usable(measures: Curves, shots: Shots) -> Bools:
    """Which frames are usable: not in a transition, not black, not in a flash."""
    light, contrast = measures.values["brightness"], measures.values["contrast"]
    usable: Bools = ~((light < _BLACK) & (contrast < _BLACK))
    length = max(1, round(_FLASH_SECONDS * float(measures.rate)))
    # A flash is brighter than the frames before and after it.
    padded = np.pad(light, length, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, length)
    before, after = np.min(windows[: len(light)], axis=1), np.min(windows[length + 1 :], axis=1)
    usable &= light - np.maximum(before, after) < _FLASH
    for shot in shots.shots:
        low, high = shot.boundary_range
        usable[low:high] = False
        if shot.boundary != "start" and shot.end - shot.start > 4:
            # The frames at a cut may be blended.
            usable[[max(shot.start - 1, 0), shot.start]] = False
    return usable


def _stretches(
    shots: tuple[Shot, ...], quality: Float, usable: Bools, rate: Fraction
) -> _Stretches:
    """Shots divided into equal parts, each with its best frame."""
    count = len(quality)
    usual = max(count / _STRETCHES, float(rate) / _PER_SECOND)
    longest = sorted(range(len(shots)), key=lambda k: shots[k].start - shots[k].end)
    frames: list[int] = []
    owners: list[int] = []
    weights: list[float] = []
    for k in sorted(longest[:_STRETCHES]):  # among very many, the shortest hardly matter
        length = shots[k].end - shots[k].start
        parts = max(1, round(length / usual))
        for i in range(parts):
            low = shots[k].start + length * i // parts
            high = shots[k].start + length * (i + 1) // parts
            allowed = low + np.flatnonzero(usable[low:high])
            frames.append(int(allowed[np.argmax(quality[allowed])]) if len(allowed) else -1)
            owners.append(k)
            weights.append((high - low) / count)
    return _Stretches(
        np.array(frames, np.int64), np.array(owners, np.int64), np.array(weights, np.float32)
    )


def _signatures_at(thumbs: Thumbs, frames: Ints) -> PictureSignatures:
    found = [picture_signatures(thumbs.read(i, i + 1)) for i in frames.tolist()]
    return PictureSignatures(
        np.concatenate([one.layouts for one in found]),
        np.concatenate([one.shares for one in found]),
    )
