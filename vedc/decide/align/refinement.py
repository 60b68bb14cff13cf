"""The search for a film's path through its sources, and its refinement.

First a coarse search with all raw pictures; then rounds in which crops and tones are fitted to the
path, mappings to its segments and to parts of them, and the path is found again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

import numpy as np

from vedc.decide.align.best_path import (
    Candidate,
    Segment,
    best_path,
    choose_map,
    fit_map,
    merge_candidates,
    unexplained_costs,
)
from vedc.decide.align.frame_map import FrameMap
from vedc.decide.align.matcher import Matcher, refine_crop
from vedc.decide.align.pictures import FINE, Pictures
from vedc.decide.align.window_search import ProjectedPictures, find_maps, find_windows
from vedc.decide.arrays import Float

_ROUNDS: Final = 3
"""Rounds of fitting crops, tones and mappings alternately."""

_SAME: Final = 0.012
"""Crops whose corners are closer than this count as one."""


def search_and_refine(
    film: Pictures, matchers: list[Matcher]
) -> tuple[list[Segment], list[Matcher]]:
    """The path through the film, and the matchers that its mappings refer to."""
    path = [Segment(0, len(film), None)]
    if not matchers:
        return path, matchers
    for _ in range(2):  # the second time with fitted crops and tones
        path = _search(matchers)
        _fit(matchers, path)
        matchers, path = drop_duplicates(matchers, path)
        if not matchers:
            break
    for matcher in matchers:
        matcher.resize(FINE)
    for _ in range(_ROUNDS):
        _fit(matchers, path)
        matchers, path = drop_duplicates(matchers, path)
        parts = _refine_crops(matchers, _split(path, film))
        _fit(matchers, parts, move=False)
        path = _refine(matchers, path, parts)
    matchers, path = drop_duplicates(matchers, path)
    return path, matchers


def drop_duplicates(
    matchers: Sequence[Matcher], path: Sequence[Segment]
) -> tuple[list[Matcher], list[Segment]]:
    """The matchers that the path uses (if there is one), and only one of several with equal
    crops."""
    uses = [0] * len(matchers)
    for segment in path:
        if segment.map is not None:
            uses[segment.map.matcher] += segment.end - segment.start
    chosen: list[int] = []
    new_index: dict[int, int] = {}
    for k in sorted(range(len(matchers)), key=lambda k: -uses[k]):
        if path and not uses[k]:
            continue
        this = matchers[k]
        for index, other in enumerate(chosen):
            that = matchers[other]
            if that.raw is this.raw and that.box.distance(this.box) < _SAME:
                new_index[k] = index
                break
        else:
            new_index[k] = len(chosen)
            chosen.append(k)
    renumbered = [
        s if s.map is None else replace(s, map=replace(s.map, matcher=new_index[s.map.matcher]))
        for s in path
    ]
    return [matchers[k] for k in chosen], renumbered


def _search(matchers: Sequence[Matcher]) -> list[Segment]:
    """The path by a search of all raw pictures."""
    count = len(matchers[0].film)
    projected = [ProjectedPictures(matcher) for matcher in matchers]
    windows = [w for index, each in enumerate(projected) for w in find_windows(each, index, count)]
    noise = max(0.5, float(np.percentile([cost for *_, cost in windows], 10)))
    for each in projected:
        each.noise = each.matcher.noise = noise
    slack = int(matchers[0].film.rate)
    candidates = [
        Candidate(mapping, max(0, start - slack), min(count, end + slack))
        for mapping, start, end, _ in windows
    ]
    return best_path(projected, merge_candidates(candidates), count, _unexplained(matchers))


def _unexplained(matchers: Sequence[Matcher]) -> Float:
    """The cost of each frame of the film under no mapping."""
    count = len(matchers[0].film)
    variance = np.concatenate(
        [matchers[0].variance(np.arange(k, min(k + 256, count))) for k in range(0, count, 256)]
    )
    return unexplained_costs(variance, float(np.median([m.noise for m in matchers])))


def _fit(matchers: Sequence[Matcher], segments: Sequence[Segment], move: bool = True) -> None:
    """Fit crops (if ``move``) and tones to the pairs of frames that segments give."""
    for index, matcher in enumerate(matchers):
        pairs = _pairs(segments, index, matcher)
        if len(pairs) >= 4:
            # An overlay of the film is the same under every crop: a rarely used crop could explain
            # errors away with it.
            usual = next(m for m in matchers if m.raw is matcher.raw)
            matcher.fit(pairs, move=move, still=usual is matcher)
            if usual is not matcher:
                matcher.share(usual)


def _pairs(segments: Sequence[Segment], index: int, matcher: Matcher) -> list[tuple[int, int]]:
    """Film and raw frames that belong together under one crop."""
    pairs: list[tuple[int, int]] = []
    for segment in segments:
        if segment.map is not None and segment.map.matcher == index:
            # The ends of a segment are the least certain.
            margin = max(1, min(3, (segment.end - segment.start) // 4))
            frames = np.arange(segment.start + margin, segment.end - margin)
            raw = np.clip(segment.map.frames(frames), 0, len(matcher.raw) - 1)
            pairs += [(int(j), int(i)) for j, i in zip(frames, raw, strict=True)]
    return pairs


def _refine_crops(matchers: Sequence[Matcher], segments: Sequence[Segment]) -> list[Segment]:
    """Fit each crop together with the offsets of its longest segments."""
    out = list(segments)
    for index, matcher in enumerate(matchers):
        own = [k for k, s in enumerate(segments) if s.map is not None and s.map.matcher == index]
        # The longest say the most; the others follow once mappings are fitted to the new crop.
        own = sorted(own, key=lambda k: out[k].start - out[k].end)[:16]
        groups = []
        for k in own:
            start, end, mapping = out[k].start, out[k].end, out[k].map
            assert mapping is not None
            margin = max(1, (end - start) // 10)
            frames = np.linspace(start + margin, max(start, end - 1 - margin), 8)
            groups.append((np.unique(frames.astype(np.int64)), mapping))
        if groups:
            for k, mapping in zip(own, refine_crop(matcher, groups), strict=True):
                out[k] = replace(out[k], map=mapping)
    return out


def _split(segments: Sequence[Segment], film: Pictures) -> list[Segment]:
    """Segments divided into parts of about a second: a jump cut of a few frames, hidden in a long
    segment, shows when the parts may move independently."""
    out: list[Segment] = []
    for segment in segments:
        parts = min(8, max(1, int((segment.end - segment.start) / film.rate)))
        edges = [round(e) for e in np.linspace(segment.start, segment.end, parts + 1)]
        out += [Segment(start, end, segment.map) for start, end in pairwise(edges)]
    return out


def _refine(
    matchers: Sequence[Matcher], path: Sequence[Segment], parts: Sequence[Segment]
) -> list[Segment]:
    """Fit mappings to the path's segments and to their parts; find the path through the results."""
    if not matchers:
        return list(path)
    count = len(matchers[0].film)
    slack = int(3 * matchers[0].film.rate)
    # The film's usual crop comes first; its noise is the measure under all of them.
    for matcher in matchers:
        matcher.noise = matchers[0].noise
    projected = [ProjectedPictures(matcher) for matcher in matchers]
    candidates = []

    def add(segment: Segment, mapping: FrameMap) -> None:
        low, high = max(0, segment.start - slack), min(count, segment.end + slack)
        candidates.append(Candidate(mapping, low, high))

    for segment in path:
        if segment.map is not None:
            others = [
                mapping
                for index, each in enumerate(projected)
                for mapping in find_maps(each, index, segment.start, segment.end)
            ]
            add(segment, choose_map(matchers, segment, others))
    for part in parts:
        if part.map is not None:
            matcher = matchers[part.map.matcher]
            add(part, fit_map(matcher, part.start, part.end, part.map)[0])
    return _merge(best_path(matchers, candidates, count, _unexplained(matchers)))


def _merge(segments: Sequence[Segment]) -> list[Segment]:
    """The segments, with neighbours merged if their mappings agree."""
    out: list[Segment] = []
    for segment in segments:
        last = out[-1] if out else None
        if last is not None and last.map is not None and segment.map is not None:
            ends = np.array([last.start, segment.end - 1])
            apart = np.abs(last.map.frames(ends) - segment.map.frames(ends)).max()
            if last.map.matcher == segment.map.matcher and apart <= 1:
                longer = max(last, segment, key=lambda s: s.end - s.start)
                out[-1] = Segment(last.start, segment.end, longer.map)
                continue
        out.append(segment)
    return out
