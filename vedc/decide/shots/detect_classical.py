"""The classical shot detector, without network or weights.

Cuts: colours and edges change far more than in the frames around (a threshold relative to the
rolling mean, as in Yeo and Liu 1995), even with gain and offset removed, so exposure may jump; and
the old picture does not return, as it does after a flash.

Gradual transitions: twin comparison (Zhang, Kankanhalli and Smoliar 1993) marks where small
changes add up to a large one. The frames between must then be mixtures of the two shots (a
dissolve), one or the other at each pixel (a wipe), or both moved (a slide). A fade is a loss of
all contrast with a ramp before or after it.

Films are read in windows, in constant memory.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from vedc.decide.analyses.results import Thumbs
from vedc.decide.arrays import Byte, Float, true_runs
from vedc.decide.shots.boundary import Boundary, DetectedKind

_WINDOW: Final = 1024
_MARGIN: Final = 160
"""Frames read on both sides of a window: a gradual transition and its context."""

_SCALES: Final = (2, 3, 5, 7, 10, 14, 19, 25, 32)
"""Half lengths, in frames, of gradual transitions in the search."""

_RETURN: Final = 6
"""Frames within which the picture returns after a flash."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Thresholds, tuned on films of the validation sources.

    Differences are in 8-bit codes; ``z`` is of pictures normalised to one mean and deviation.
    """

    ratio: float = 3.4
    """Change of a cut, as a multiple of the change around it."""
    change: float = 10.0
    """Least change of a cut."""
    edges: float = 1.5
    """Weight of edge changes relative to colour changes."""
    shape: float = 0.5
    """Least ``z`` between the two shots of any transition."""
    back: float = 0.36
    """Share of the change below which the old picture counts as back."""
    gradual: float = 12.0
    """Least change of a gradual transition."""
    between: float = 1.17
    """Longest path of frames from one shot to the other; 1 is straight."""
    balance: float = 0.23
    """Least share of the path on either side of its middle."""
    outside: float = 0.45
    """The most change before and after, as a share of the change."""
    plain: float = 6.5
    """The most contrast of a frame of one colour."""
    wiped: float = 0.3
    """Standard deviation of the mixture over a picture above which it is a wipe."""
    moved: float = 0.5
    """Least share of the change that motion of a few pixels leaves unexplained."""
    slid: float = 0.38
    """The largest share of the change that moving both shots leaves unexplained in a slide."""


TUNED: Final = Settings()


def detect(thumbs: Thumbs, settings: Settings = TUNED) -> list[Boundary]:
    """Boundaries in order; no two overlap."""
    found: list[Boundary] = []
    for start in range(0, len(thumbs), _WINDOW):
        low = max(0, start - _MARGIN)
        high = min(len(thumbs), start + _WINDOW + _MARGIN)
        for boundary in _find(thumbs.read(low, high), settings):
            moved = replace(boundary, start=boundary.start + low, end=boundary.end + low)
            at = moved.middle
            if start <= at < start + _WINDOW and (not found or at > found[-1].end):
                found.append(moved)
    return found


@dataclass(frozen=True, slots=True)
class _Window:
    """Frames of a window and measures of them."""

    frames: Byte
    small: Float
    """(n, 432): means of 3 x 3 pixels."""
    even: Float
    """(n, 432): the same, with mean 0 and deviation 1 in each channel."""
    contrast: Float
    """(n,): deviation of each picture, in codes."""
    change: Float
    """(n,): the change of colours and edges from the frame before."""


def _measured(frames: Byte, settings: Settings) -> _Window:
    count = len(frames)
    blocks = frames.reshape(count, 9, 3, 16, 3, 3).astype(np.float32)
    small = blocks.mean(axis=(2, 4)).reshape(count, 144, 3)
    spread = small - small.mean(axis=1, keepdims=True)
    deviation = np.sqrt((spread**2).mean(axis=1, keepdims=True))
    even = spread / np.maximum(deviation.max(axis=2, keepdims=True), 6.0)
    luma = frames.astype(np.float32) @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    across = np.abs(np.diff(luma, axis=2, append=luma[:, :, -1:]))
    down = np.abs(np.diff(luma, axis=1, append=luma[:, -1:]))
    edges = (across + down).reshape(count, 9, 3, 16, 3).mean(axis=(2, 4)).reshape(count, 144)
    small = small.reshape(count, 432)
    change = np.zeros(count, np.float32)
    change[1:] = np.abs(np.diff(small, axis=0)).mean(axis=1)
    change[1:] += settings.edges * np.abs(np.diff(edges, axis=0)).mean(axis=1)
    contrast = deviation.max(axis=(1, 2))
    return _Window(frames, small, even.reshape(count, 432), contrast, change)


def _find(frames: Byte, settings: Settings) -> list[Boundary]:
    """The boundaries of a window, in order."""
    if len(frames) < 2:
        return []
    window = _measured(frames, settings)
    fades = _fades(window, settings)
    cuts = [c for c in _cuts(window, settings) if not _inside(c, fades)]
    gradual = [g for g in _graduals(window, settings, cuts) if not _overlaps(g, fades)]
    cuts = [c for c in cuts if not _inside(c, gradual)]
    return sorted([*cuts, *fades, *gradual], key=lambda b: (b.start, b.end))


def _inside(cut: Boundary, others: list[Boundary]) -> bool:
    return any(o.start - 1 <= cut.start <= o.end + 1 for o in others)


def _overlaps(one: Boundary, others: list[Boundary]) -> bool:
    return any(o.start < one.end + 2 and one.start < o.end + 2 for o in others)


# --- cuts --------------------------------------------------------------------------------------


def _cuts(window: _Window, settings: Settings) -> list[Boundary]:
    """Changes that stand out and after which the old picture does not return."""
    change, count = window.change, len(window.change)
    around = _around(change)
    ratio = change / (around + 0.5)
    found: list[Boundary] = []
    peaks = np.flatnonzero((change >= settings.change) & (ratio >= settings.ratio))
    for i in peaks.tolist():
        if i < 1 or change[i] < change[max(1, i - 2) : i + 3].max():
            continue
        step = _distance(window.even, i - 1, i)
        if step < settings.shape or _returns(window, i, settings.back):
            continue
        score = 1 - 0.5 * min(1.0, settings.ratio / float(ratio[i]))
        if not found or i - found[-1].start > 2:
            found.append(Boundary("cut", i, i, float(score)))
    return found if count > 1 else []


def _around(change: Float, reach: int = 4) -> Float:
    """The mean change of the frames around each, without itself and the largest of them."""
    padded = np.pad(change, reach, mode="edge")
    count = len(change)
    near = np.stack([padded[reach + k : reach + k + count] for k in range(-reach, reach + 1) if k])
    mean: Float = (near.sum(axis=0) - near.max(axis=0)) / (len(near) - 1)
    return mean


def _distance(even: Float, a: int, b: int) -> float:
    """Distance of two frames, independent of exposure: 0 if equal, 1.1 by chance."""
    return float(np.abs(even[a] - even[b]).mean())


def _returns(window: _Window, i: int, back: float) -> bool:
    """Whether the picture before frame ``i`` returns soon, or the new one was there before."""
    count = len(window.change)
    step = _distance(window.even, i - 1, i)
    later = [_distance(window.even, i - 1, k) for k in range(i + 1, min(count, i + _RETURN + 1))]
    earlier = [_distance(window.even, k, i) for k in range(max(0, i - 1 - _RETURN), i - 1)]
    return min([*later, *earlier, step]) < back * step


# --- gradual transitions -----------------------------------------------------------------------


def _graduals(window: _Window, settings: Settings, cuts: list[Boundary]) -> list[Boundary]:
    """Dissolves, wipes and slides: the strongest of all scales first, without overlap."""
    candidates: list[tuple[float, int, int]] = []
    for half in _SCALES:
        candidates += _candidates(window, half, settings)
    candidates.sort(reverse=True)
    at_cut = {cut.start for cut in cuts}
    taken = np.zeros(len(window.change), bool)
    found: list[Boundary] = []
    for strength, i, half in candidates:
        low, high = max(0, i - half), min(len(taken), i + half + 1)
        if taken[low:high].any():
            continue
        classified = _classified(window, i, half, settings)
        if classified is None:
            continue
        kind, start, end = classified
        if kind != "slide" and any(start - 1 <= c <= end + 1 for c in at_cut):
            # A hard step inside: a cut amid motion looks straight, too.
            steps = window.change[start : end + 1]
            if len(steps) and steps.max() > 0.6 * steps.sum():
                continue
        taken[max(0, start - 2) : end + 2] = True
        score = 0.5 + 0.5 * min(1.0, strength / 60)
        found.append(Boundary(kind, start, end, float(score)))
    return found


def _candidates(window: _Window, half: int, settings: Settings) -> list[tuple[float, int, int]]:
    """(strength, middle, half) where frames pass from one picture to a very different one."""
    small, even, count = window.small, window.even, len(window.small)
    reach = half + 1
    if count < 2 * reach + 1:
        return []
    first, middle, last = small[: -2 * reach], small[reach:-reach], small[2 * reach :]
    whole = np.abs(first - last).mean(axis=1)
    left = np.abs(first - middle).mean(axis=1)
    right = np.abs(last - middle).mean(axis=1)
    shape = np.abs(even[: -2 * reach] - even[2 * reach :]).mean(axis=1)
    straight = (left + right) / np.maximum(whole, 1)
    # How much the pictures continue to change beyond the ends, over as many frames.
    wide = np.minimum(np.arange(count) + reach, count - 1)
    on = np.abs(small - small[wide]).mean(axis=1)
    before = np.concatenate([np.zeros(reach), on])[: len(first)]
    after = on[2 * reach :]
    outside = (before + after) / 2 / np.maximum(whole, 1)
    good = (
        (whole >= settings.gradual)
        & ((straight <= 1.5) | (outside <= 0.3))  # a slide's path is far from straight
        & (np.minimum(left, right) >= settings.balance * whole)
        & (shape >= settings.shape)
        & (outside <= settings.outside)
    )
    strength = whole * (1 - outside) * (1 - np.abs(left - right) / np.maximum(whole, 1) / 2)
    strength -= 0.5 * (left + right - whole)
    places = np.flatnonzero(good)
    return [(float(strength[k]), int(k) + reach, half) for k in places.tolist()]


def _classified(
    window: _Window, i: int, half: int, settings: Settings
) -> tuple[DetectedKind, int, int] | None:
    """Kind and frames of the transition around ``i``, or None."""
    count = len(window.small)
    low, high = max(0, i - half - 3), min(count - 1, i + half + 3)
    a, b = window.small[low], window.small[high]
    way = b - a
    length = float(way @ way)
    if length < 1:
        return None
    passed = (window.small[low : high + 1] - a) @ way / length
    inner = np.flatnonzero((passed > 0.08) & (passed < 0.92))
    if not len(inner):
        return None
    start, end = int(inner[0]), int(inner[-1]) + 1
    if end - start < 3 or np.abs(np.diff(passed)).max() > 0.55:
        return None
    parts = window.small[low + start : low + end]
    round_about = float((np.abs(parts - a).mean() + np.abs(parts - b).mean()) / np.abs(way).mean())
    start, end = low + start, low + end
    middle = int(start + np.abs(passed[start - low : end - low] - 0.5).argmin())
    if _unexplained(window, low, high) < settings.moved:
        return None  # one shot, with a moving camera
    if _is_slide(window, low, high, middle, settings.slid):
        return "slide", *_slide_extent(window.change, start, end)
    if round_about > settings.between:
        return None
    if min(_unexplained(window, low, middle), _unexplained(window, middle, high)) < settings.moved:
        return None
    clear = np.abs(way) > max(12.0, 0.6 * float(np.abs(way).mean()))
    if clear.sum() < 24:
        return "dissolve", start, end
    mixture = np.clip((parts[:, clear] - a[clear]) / way[clear], -0.3, 1.3)
    halfway = (passed[start - low : end - low] > 0.2) & (passed[start - low : end - low] < 0.8)
    spread = mixture[halfway].std(axis=1) if halfway.any() else mixture.std(axis=1)
    return ("wipe" if float(spread.mean()) > settings.wiped else "dissolve"), start, end


def _slide_extent(change: Float, start: int, end: int) -> tuple[int, int]:
    """Frames of a slide, extended to where it comes to rest."""
    least = 0.35 * float(np.median(change[start + 1 : end]))
    while start > 1 and change[start - 1] > least:
        start -= 1
    if start > 0 and change[start] <= least:
        start += 1
    while end < len(change) - 1 and change[end + 1] > least:
        end += 1
    return start, end


def _unexplained(window: _Window, a: int, b: int) -> float:
    """The share of the change between two frames that motion does not explain.

    Each of twelve blocks is searched in the other frame, 6 pixels to each side, 3 up and down.
    """
    first, second = (
        window.frames[k].astype(np.float32) @ np.array([0.2126, 0.7152, 0.0722], np.float32)
        for k in (a, b)
    )
    first = first + float((second - first).mean())  # exposure is not motion
    wide = np.pad(first, ((3, 3), (6, 6)), mode="edge")
    views = np.lib.stride_tricks.sliding_window_view(wide, (27, 48))
    apart = np.abs(views.reshape(-1, 27, 48) - second)
    blocks = apart.reshape(len(apart), 3, 9, 4, 12).mean(axis=(2, 4))
    stayed = float(np.abs(first - second).mean())
    return float(blocks.min(axis=0).mean()) / max(stayed, 1.0)


def _is_slide(window: _Window, low: int, high: int, middle: int, limit: float) -> bool:
    """Whether moving one or both shots explains frame ``middle``, up to the share ``limit`` of the
    residual that either leaves without motion."""
    pictures = [window.frames[k].astype(np.float32).mean(axis=2) for k in (low, high, middle)]
    a, b, shown = pictures
    scale = float(np.minimum(np.abs(a - shown).mean(), np.abs(b - shown).mean()))
    if scale < 4:
        return False
    best = np.inf
    for axis in (0, 1):
        # Pixels along the front in groups of three, which is enough.
        tall = [p if axis == 0 else p.T for p in pictures]
        views = [p.reshape(len(p), -1, 3).mean(axis=2) for p in tall]
        best = min(best, _slide_residual(*views), _slide_residual(*(v[::-1] for v in views)))
    return best < limit * scale


def _slide_residual(a: Float, b: Float, shown: Float) -> float:
    """The least mean difference if ``b`` comes in from the far end of the first axis.

    Each shot moves or stays still; if neither moves, it is a wipe and does not count.
    """
    extent = len(a)
    apart_a = np.abs(shown[:, None] - a[None]).sum(axis=2)
    apart_b = np.abs(shown[:, None] - b[None]).sum(axis=2)
    lying_a = np.cumsum(np.diagonal(apart_a))
    lying_b = np.cumsum(np.diagonal(apart_b)[::-1])[::-1]
    least = np.inf
    for gone in range(max(1, extent // 6), extent - extent // 6):
        rest = extent - gone
        # Rows of the old shot have moved out by `gone`; the new one's come behind them.
        moved_a, moved_b = np.trace(apart_a, offset=gone), np.trace(apart_b, offset=-rest)
        still_a, still_b = lying_a[rest - 1], lying_b[rest]
        total = min(moved_a + min(moved_b, still_b), still_a + moved_b)
        if total < 0.8 * (still_a + still_b):
            least = min(least, float(total) / a.size)
    return least


# --- fades -------------------------------------------------------------------------------------


def _fades(window: _Window, settings: Settings) -> list[Boundary]:
    """Runs of frames of one colour, with the ramps into and out of them."""
    contrast, count = window.contrast, len(window.contrast)
    plain = contrast <= settings.plain
    found: list[Boundary] = []
    for first, end in true_runs(plain):
        low = _ramp(window, first, -1)
        high = _ramp(window, end - 1, 1)
        down, up = first - low, high + 1 - end
        if max(down, up) < 3 or (first == 0 and end == count):
            continue
        if low <= 0 or high >= count - 1:
            continue  # the film, or the window, begins or ends within it
        if found and low < found[-1].end:
            continue
        found.append(Boundary("fade", low, high + 1, 0.9 if min(down, up) >= 3 else 0.7))
    return found


def _ramp(window: _Window, start: int, step: int) -> int:
    """How far contrast keeps rising from a frame without any, as in a fade."""
    contrast, count = window.contrast, len(window.contrast)
    at = start
    while 0 < at < count - 1:
        there = at + step
        if contrast[there] < contrast[at] * 1.015 + 0.25:
            break
        rise = contrast[there] - contrast[at]
        if contrast[at] > 8 and _distance(window.even, at, there) > 0.5:
            break  # another picture: a cut ends the ramp
        if rise > 0.6 * contrast[there] and contrast[there] > 25:
            break  # all at once
        at = there
    return at
