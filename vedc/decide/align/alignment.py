"""Where each moment of a finished film comes from: the file, the place, the speed, the crop.

The way: small pictures of all frames (one decode of each file); raw pictures that look like the
film's, and how they are framed (``align_scenes``); straight runs that explain windows of the
film (``align_lines``); the cheapest course through them and its refinement (``align_path``).
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Final, Literal

import numpy as np

from vedc.decide.align.boundaries import meetings
from vedc.decide.align.lines import Axes, Matcher, adjusted, alternatives, runs
from vedc.decide.align.path import Reach, Run, blank_costs, course, fitted, merged, settled
from vedc.decide.align.pictures import FINE, Box, Pictures, active_area, gather
from vedc.decide.align.scenes import Framing, places
from vedc.decide.analyses.analysis import Progress
from vedc.decide.analyses.results import BoundaryKind, Float
from vedc.edit.media_info import MediaInfo
from vedc.errors import UserError

__all__ = ["AlignedStretch", "Alignment", "Box", "align"]

_ROUNDS: Final = 3
"""How often crops, tones and lines are fitted anew in turn."""

_SAME: Final = 0.012
"""How far the corners of two crops may be apart that are taken for one in the end."""

Origin = Literal["raw", "black", "still", "foreign"]
"""What a stretch shows: a raw file; or none of them: black, a card that stands still, other."""


@dataclass(frozen=True, slots=True)
class AlignedStretch:
    """Frames ``start`` to ``end`` (half open) of the film and what they show.

    Where a gradual transition joins two stretches they meet in the middle of it.
    """

    start: int
    end: int
    origin: Origin
    source: int | None
    """Number of the raw file, from 0; None: it comes from none of them."""
    begin: Fraction
    """Seconds of the source that frame ``start`` shows."""
    speed: Fraction
    """Seconds of the source for each second of the film; negative: backwards."""
    crop: Box
    """The part of the raw picture that fills the film's picture (without bars)."""
    joint: BoundaryKind
    """How it begins."""
    joint_range: tuple[int, int]
    """The first frame of the film, and one past the last, that show both sides."""
    confidence: float
    """0 to 1."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """Every frame of the film in exactly one stretch, in order."""

    film: MediaInfo
    raws: tuple[MediaInfo, ...]
    rate: Fraction
    """Frames of the film a second."""
    frames: int
    area: Box
    """The part of the film's picture that is not bars."""
    stretches: tuple[AlignedStretch, ...]

    def time_of(self, frame: int) -> tuple[int, Fraction] | None:
        """The raw file that a frame of the film shows, and the second of it."""
        for stretch in self.stretches:
            if stretch.start <= frame < stretch.end and stretch.source is not None:
                passed = (frame - stretch.start) / self.rate
                return stretch.source, stretch.begin + stretch.speed * passed
        return None

    def frame_of(self, frame: int) -> tuple[int, int] | None:
        """The raw file that a frame of the film shows, and the number of the frame in it."""
        found = self.time_of(frame)
        if found is None:
            return None
        video = self.raws[found[0]].video
        assert video is not None
        return found[0], int(found[1] * video.rate // 1)


def align(
    final: MediaInfo,
    raws: Sequence[MediaInfo],
    progress: Progress | None = None,
    *,
    threads: int = 0,
    folder: Path | None = None,
) -> Alignment:
    """Find where each frame of ``final`` comes from.

    ``folder`` takes the small pictures while it runs (1 GB for an hour at 30 frames a second);
    else the system's own for such files. Raises UserError where a file holds no picture.
    """
    for media in (final, *raws):
        if media.video is None or media.kind != "video":
            raise UserError.one(
                "no-picture",
                f"'{media.path}' holds no moving picture",
                hint="alignment goes by the picture: give video files",
            )
    if not raws:
        raise UserError.one("no-raw", "there is no raw file to look in")
    with tempfile.TemporaryDirectory(dir=folder, prefix="vedc-align-") as made:
        held = [gather(media, Path(made), progress, threads) for media in (final, *raws)]
        return _aligned(held[0], held[1:])


def _aligned(film: Pictures, raws: Sequence[Pictures]) -> Alignment:
    area = active_area(film)
    count = len(film)
    matchers = _matchers(film, area, raws)
    rough = [Run(0, count, None)]
    if matchers:
        for _ in range(2):  # the second time with crops and tones that fit
            rough = _searched(matchers, count)
            _fit(matchers, rough)
            matchers, rough = _pruned(matchers, rough)
            if not matchers:
                break
        for matcher in matchers:
            matcher.resize(FINE)
        for _ in range(_ROUNDS):
            _fit(matchers, rough)
            matchers, rough = _pruned(matchers, rough)
            parts = _adjusted(matchers, _divided(rough, film))
            _fit(matchers, parts, move=False)
            rough = _refined(matchers, rough, parts, count)
        matchers, rough = _pruned(matchers, rough)
    stretches = _stretches(film, matchers, raws, rough)
    sources = tuple(raw.media for raw in raws)
    return Alignment(film.media, sources, film.rate, count, area, stretches)


def _matchers(film: Pictures, area: Box, raws: Sequence[Pictures]) -> list[Matcher]:
    """Matchers of all crops that are found by single pictures."""
    step = max(1, round(0.25 * float(film.rate)))
    samples = np.arange(step // 2, len(film), step)
    matchers: list[Matcher] = []
    for place in _chosen(places(film, area, raws, samples)):
        matcher = Matcher(film, area, raws[place.raw], place.box)
        ranked = sorted(place.samples, key=lambda s: -s[2])
        matcher.fit([(j, i) for j, i, _ in ranked[: max(24, len(ranked) // 4)]])
        matchers.append(matcher)
    return _pruned(matchers, ())[0]


def _pruned(
    matchers: Sequence[Matcher], runs_: Sequence[Run] | None
) -> tuple[list[Matcher], list[Run]]:
    """Without matchers that no run uses (where there are runs), and one for each that agree."""
    uses = [
        sum(r.end - r.start for r in runs_ or () if r.line is not None and r.line.place == k)
        for k in range(len(matchers))
    ]
    kept: list[int] = []
    stands: dict[int, int] = {}
    for k in sorted(range(len(matchers)), key=lambda k: -uses[k]):
        if runs_ and not uses[k]:
            continue
        matcher = matchers[k]
        same = [
            n
            for n, other in enumerate(kept)
            if matchers[other].raw is matcher.raw and matchers[other].box.far(matcher.box) < _SAME
        ]
        if same:
            stands[k] = same[0]
        else:
            stands[k] = len(kept)
            kept.append(k)
    moved = [
        Run(r.start, r.end, None if r.line is None else replace(r.line, place=stands[r.line.place]))
        for r in runs_ or ()
    ]
    return [matchers[k] for k in kept], moved


def _searched(matchers: Sequence[Matcher], count: int) -> list[Run]:
    """The course by a search of all raw pictures."""
    axes = [Axes(matcher) for matcher in matchers]
    found = [run for number, held in enumerate(axes) for run in runs(held, number, count)]
    noise = max(0.5, float(np.percentile([cost for *_, cost in found], 10)))
    for held in axes:
        held.noise = held.matcher.noise = noise
    slack = int(matchers[0].film.rate)
    reaches = [
        Reach(line, max(0, start - slack), min(count, end + slack)) for line, start, end, _ in found
    ]
    return course(axes, merged(reaches), count, _blank(matchers, count))


def _chosen(found: Sequence[Framing]) -> list[Framing]:
    """The crops that are needed for the film: each explains pictures that no other explains as
    well, or nearly so."""
    best: dict[int, float] = {}
    for place in found:
        for j, _, score in place.samples:
            best[j] = max(best.get(j, 0.0), score)
    out: list[Framing] = []
    open_ = set(best)
    while open_ and len(out) < 8:
        counts = [len(_explained(p, best) & open_) for p in found]
        place = found[counts.index(max(counts))]
        explained = _explained(place, best)
        if not explained & open_:
            break
        out.append(place)
        open_ -= explained
    return out


def _explained(place: Framing, best: Mapping[int, float]) -> set[int]:
    """Frames of the film that a place explains as well as any, or nearly so."""
    return {j for j, _, score in place.samples if score > best[j] - 0.04}


def _blank(matchers: Sequence[Matcher], count: int) -> Float:
    if not matchers:
        return np.zeros(count, np.float32)
    spread = np.concatenate(
        [matchers[0].spread(np.arange(k, min(k + 256, count))) for k in range(0, count, 256)]
    )
    return blank_costs(spread, float(np.median([m.noise for m in matchers])))


def _fit(matchers: Sequence[Matcher], runs_: Sequence[Run], move: bool = True) -> None:
    """Crops and tones fitted anew to what runs say belongs together."""
    for number, matcher in enumerate(matchers):
        pairs = _pairs(runs_, number, matcher)
        if len(pairs) >= 4:
            # What stands still on the film does so under every crop: one that is seldom used
            # could explain what is wrong with it away.
            usual = next(m for m in matchers if m.raw is matcher.raw)
            matcher.fit(pairs, move=move, still=usual is matcher)
            if usual is not matcher:
                matcher.share(usual)


def _pairs(runs_: Sequence[Run], place: int, matcher: Matcher) -> list[tuple[int, int]]:
    """Frames of the film, and raw ones, that belong together under one crop."""
    pairs: list[tuple[int, int]] = []
    for run in runs_:
        if run.line is not None and run.line.place == place:
            # The ends of a run are where it may be wrong.
            inner = max(1, min(3, (run.end - run.start) // 4))
            frames = np.arange(run.start + inner, run.end - inner)
            raw = np.clip(run.line.frames(frames), 0, len(matcher.raw) - 1)
            pairs += [(int(j), int(i)) for j, i in zip(frames, raw, strict=True)]
    return pairs


def _adjusted(matchers: Sequence[Matcher], runs_: Sequence[Run]) -> list[Run]:
    """Crops and the places of lines, fitted together."""
    out = list(runs_)
    for number, matcher in enumerate(matchers):
        mine = [k for k, r in enumerate(runs_) if r.line is not None and r.line.place == number]
        # The longest tell most; the others follow when their lines are fitted to the new crop.
        mine = sorted(mine, key=lambda k: out[k].start - out[k].end)[:16]
        groups = []
        for k in mine:
            run = out[k]
            assert run.line is not None
            inner = max(1, (run.end - run.start) // 10)
            frames = np.linspace(run.start + inner, max(run.start, run.end - 1 - inner), 8)
            groups.append((np.unique(frames.astype(np.int64)), run.line))
        if groups:
            for k, line in zip(mine, adjusted(matcher, groups), strict=True):
                out[k] = replace(out[k], line=line)
    return out


def _divided(runs_: Sequence[Run], film: Pictures) -> list[Run]:
    """Runs in parts of about a second: a jump cut of few frames hides in a long run, and shows
    when its parts may move by themselves."""
    out: list[Run] = []
    for run in runs_:
        parts = min(8, max(1, int((run.end - run.start) / film.rate)))
        edges = [round(e) for e in np.linspace(run.start, run.end, parts + 1)]
        out += [Run(start, end, run.line) for start, end in pairwise(edges)]
    return out


def _refined(
    matchers: Sequence[Matcher], rough: Sequence[Run], parts: Sequence[Run], count: int
) -> list[Run]:
    """Lines fitted anew to a course and to its parts, and the course through the new lines."""
    if not matchers:
        return list(rough)
    slack = int(3 * matchers[0].film.rate)
    # The film's usual crop comes first; pictures are compared by its noise under all of them.
    for matcher in matchers:
        matcher.noise = matchers[0].noise
    axes = [Axes(matcher) for matcher in matchers]
    reaches = []
    for run in rough:
        if run.line is not None:
            others = [
                line
                for place, held in enumerate(axes)
                for line in alternatives(held, place, run.start, run.end)
            ]
            line = settled(matchers, run, others)
            reaches.append(Reach(line, max(0, run.start - slack), min(count, run.end + slack)))
    for part in parts:
        if part.line is not None:
            found, _ = fitted(matchers[part.line.place], part.start, part.end, part.line)
            low, high = max(0, part.start - slack), min(count, part.end + slack)
            reaches.append(Reach(found, low, high))
    return _joined(course(matchers, reaches, count, _blank(matchers, count)))


def _joined(runs_: Sequence[Run]) -> list[Run]:
    """Neighbours whose lines say the same, made one."""
    out: list[Run] = []
    for run in runs_:
        last = out[-1] if out else None
        if last is not None and last.line is not None and run.line is not None:
            ends = np.array([last.start, run.end - 1])
            apart = np.abs(last.line.frames(ends) - run.line.frames(ends)).max()
            if last.line.place == run.line.place and apart <= 1:
                longer = max(last, run, key=lambda r: r.end - r.start)
                out[-1] = Run(last.start, run.end, longer.line)
                continue
        out.append(run)
    return out


def _stretches(
    film: Pictures, matchers: Sequence[Matcher], raws: Sequence[Pictures], course_: Sequence[Run]
) -> tuple[AlignedStretch, ...]:
    out: list[AlignedStretch] = []
    black = [run.line is None and _kind(film, run) == "black" for run in course_]
    met_runs, met = meetings(matchers, course_, black)
    for run, meeting in zip(met_runs, met, strict=True):
        joint, span = meeting.joint, (meeting.start, meeting.end)
        if run.line is None:
            out.append(
                AlignedStretch(
                    run.start, run.end, _kind(film, run), None, Fraction(0), Fraction(1), Box(),
                    joint, span, 1.0,
                )
            )  # fmt: skip
            continue
        matcher = matchers[run.line.place]
        number = next(k for k, raw in enumerate(raws) if raw is matcher.raw)
        ratio = matcher.raw.rate / film.rate
        speed = (Fraction(run.line.slope) / ratio).limit_denominator(1000)
        at = Fraction(run.line.at + run.line.slope * (run.start - run.line.origin))
        begin = at.limit_denominator(1000) / matcher.raw.rate
        out.append(
            AlignedStretch(
                run.start, run.end, "raw", number, begin, speed, matcher.box, joint, span,
                _confidence(matcher, run),
            )
        )  # fmt: skip
    return tuple(out)


def _kind(film: Pictures, run: Run) -> Origin:
    frames = np.asarray(film.frames[run.start : run.end : max(1, (run.end - run.start) // 50)])
    if np.percentile(frames, 99) < 12:
        return "black"
    moved = np.abs(np.diff(frames.astype(np.int16), axis=0)).mean() if len(frames) > 1 else 0.0
    return "still" if moved < 0.5 else "foreign"


def _confidence(matcher: Matcher, run: Run) -> float:
    """How much of the pictures' variance is explained: 0 to 1."""
    assert run.line is not None
    frames = np.unique(np.linspace(run.start, run.end - 1, 24).astype(np.int64))
    left = matcher.left(frames, run.line.frames(frames))
    spread = np.maximum(matcher.spread(frames), 1e-3)
    return float(np.clip(1 - np.median(left / spread), 0, 1))
