"""Learning where a person cuts, and what a person keeps, from finished films and their raw files.

    train_cutting([(Path("trip.mp4"), [Path("raw/a.mp4"), Path("raw/b.mp4")])], Path("mine.json"))

Each film is aligned with its raw files. Where one of its pieces begins or ends, the person chose
that place among those around it: a conditional logit (McFadden 1974) over the named features of
``vedc/decide/features.py``, with an L2 penalty. What was kept is set against pieces of the same
length that were not. Weights are brought to the scale of those set by hand, so that both kinds of
score go on adding up.

How good they are is told by films (or, of one film, by stretches) that took no part in fitting:
the log-likelihood of the person's choices and how often they are among the best few, beside the
weights set by hand, with intervals by bootstrap.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np

from vedc.decide.align.alignment import Alignment, align
from vedc.decide.analyses.analysis import AnalysisRequest, Progress
from vedc.decide.arrays import Floats
from vedc.decide.choose import score_weights
from vedc.decide.choose.analyzed_source import AnalyzedSource
from vedc.decide.choose.feature_catalogue import CUTS, FEATURES, PIECES
from vedc.decide.choose.features import Features
from vedc.errors import UserError
from vedc.lang.resolve.questions import Source
from vedc.media.digest import file_digest
from vedc.media.probe import probe

LEAST: Final = 30
"""Cuts below which nothing is learned: with fewer, chance decides."""

_AROUND: Final = 1.0
"""Seconds on each side of a cut whose places it was chosen from."""

_TOLERANCE: Final = 2
"""Frames by which alignment and taste may be off: places so near are no others."""

_STRIDE: Final = 2
_OTHERS: Final = 24
"""Pieces that were not kept, for each that was."""

_PENALTIES: Final = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
_ROUNDS: Final = 2000
"""Of the bootstrap."""

_TOP: Final = (1, 5)


@dataclass(frozen=True, slots=True, eq=False)
class PieceChoice:
    """One choice: the values of the features of all that could be chosen, the chosen one first."""

    values: Floats
    """(options, features), 0 to 1."""
    group: str
    """Choices of one group are never on both sides of a split."""


@dataclass(frozen=True, slots=True)
class CrossValidation:
    """How weights do on choices that they were not fitted to: means, and intervals of 95 %."""

    choices: int
    groups: int
    likelihood: Mapping[str, float]
    """Mean log-likelihood of a choice: ``learned``, ``by hand``, ``chance``."""
    top: Mapping[str, Mapping[int, float]]
    """How often the choice is among the best 1 and 5."""
    gain: tuple[float, float, float]
    """Learned less by hand, of the log-likelihood: mean, low and high."""

    @property
    def better(self) -> bool:
        """Whether the interval of the gain is clear of zero, and chance is beaten too."""
        return self.gain[1] > 0 and self.likelihood["learned"] > self.likelihood["chance"]


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """What came of a training."""

    weights: Path
    card: Path
    films: int
    cuts: CrossValidation
    pieces: CrossValidation | None
    boundaries: Mapping[str, int]
    """How many boundaries of each kind the films have."""
    notes: tuple[str, ...] = field(default=())

    @property
    def better(self) -> bool:
        return self.cuts.better or (self.pieces is not None and self.pieces.better)


def train_cutting(
    pairs: Sequence[tuple[Path, Sequence[Path]]],
    out: Path,
    *,
    cache: Path | None = None,
    progress: Progress | None = None,
    command: str = "",
    say: Callable[[str], None] = lambda text: None,
) -> TrainingReport:
    """Learn from films and the raw files of each; write weights to ``out`` and their card beside.

    Raises UserError ``too-few-cuts`` where the films tell too little, and what probing, decoding
    and aligning raise.
    """
    from vedc.decide.analyses.runner import AnalysisRunner

    analyst = AnalysisRunner(cache, lambda path: file_digest(Path(path), cache), progress)
    cuts: list[PieceChoice] = []
    pieces: list[PieceChoice] = []
    boundaries: dict[str, int] = {}
    for number, (final, raws) in enumerate(pairs):
        film = probe(final)
        sources = [probe(raw) for raw in raws]
        found = align(film, sources, progress)
        traced = sum(s.end - s.start for s in found.segments if s.source is not None)
        say(f"{final}: {len(found.segments)} stretches, {traced} of {found.frames} frames traced")
        features = [_features(analyst, source, found.rate) for source in sources]
        one, two = choices_of(found, features, str(number))
        cuts += one
        pieces += two
        for segment in found.segments[1:]:
            boundaries[segment.boundary] = boundaries.get(segment.boundary, 0) + 1
    return learn(cuts, pieces, boundaries, len(pairs), out, command)


def _features(analyst: Any, media: Any, rate: Fraction) -> Features:
    names = ["shots", "measures"]
    if media.audio is not None:
        names += ["level", "speech"]
    results = analyst(*(AnalysisRequest.of(name, media) for name in names))
    source = Source(media.path, media, Fraction(0), media.duration)
    return Features(AnalyzedSource(source, rate, dict(zip(names, results, strict=True))))


def choices_of(
    found: Alignment, features: Sequence[Features], group: str
) -> tuple[list[PieceChoice], list[PieceChoice]]:
    """The cuts of a film and its pieces as choices. ``features``: of each raw file.

    Groups are the film, or, of a film alone, thirds of it: see :func:`learn`.
    """
    cuts: list[PieceChoice] = []
    kept: dict[int, list[tuple[int, int, str]]] = {}
    for k, segment in enumerate(found.segments):
        if segment.source is None or segment.speed <= 0 or segment.confidence < 0.5:
            continue
        mine = features[segment.source]
        footage = mine.footage
        times, length = segment.time_map, (segment.end - segment.start) / found.rate
        begin, end = (round(times.source_at(t) * footage.rate) for t in (0, length))
        part = f"{group}:{3 * segment.start // max(1, found.frames)}"
        kept.setdefault(segment.source, []).append((begin, end, part))
        runs_on = _runs_on(found, k)
        for side, place, chosen in (
            ("in", begin, k > 0 and segment.boundary == "cut" and not runs_on[0]),
            ("out", end, k + 1 < len(found.segments) and not runs_on[1]
             and found.segments[k + 1].boundary == "cut"),
        ):  # fmt: skip
            if not chosen or not 0 < place < footage.count:
                continue
            raw = mine.ins if side == "in" else mine.outs
            reach = int(_AROUND * float(footage.rate))
            near = np.arange(place - reach, place + reach + 1, _STRIDE)
            near = near[(near >= 0) & (near <= footage.count)]
            near = near[np.abs(near - place) > _TOLERANCE]
            options = np.concatenate([[place], near])
            values = [FEATURES[name].value(raw[name][options]) for name in CUTS]
            cuts.append(PieceChoice(np.stack(values, axis=1), part))
    pieces: list[PieceChoice] = []
    for source, held in kept.items():
        pieces += _piece_choices(features[source], held)
    return cuts, pieces


def _runs_on(found: Alignment, k: int) -> tuple[bool, bool]:
    """Whether the source runs on before and after a stretch: then nobody cut there."""

    def joins(a: int, b: int) -> bool:
        one, two = found.segments[a], found.segments[b]
        if one.source is None or one.source != two.source:
            return False
        end = one.time_map.source_at((one.end - one.start) / found.rate)
        return abs(end - two.begin) < Fraction(1, 8)

    count = len(found.segments)
    return (k > 0 and joins(k - 1, k)), (k + 1 < count and joins(k, k + 1))


def _piece_choices(features: Features, held: Sequence[tuple[int, int, str]]) -> list[PieceChoice]:
    """Each kept piece of a source against pieces of its length that show nothing that was kept."""
    footage = features.footage
    out: list[PieceChoice] = []
    for begin, end, part in held:
        begin, end = max(0, begin), min(end, footage.count)
        size = end - begin
        if size < 1:
            continue
        starts = np.unique(np.linspace(0, footage.count - size, 4 * _OTHERS).astype(np.int64))
        free = np.ones(len(starts), bool)
        for other_begin, other_end, _ in held:
            free &= (starts + size <= other_begin) | (starts >= other_end)
        starts = starts[free]
        if len(starts) < 3:
            continue
        starts = starts[np.unique(np.linspace(0, len(starts) - 1, _OTHERS).astype(np.int64))]
        starts = np.concatenate([[begin], starts])
        intervals = footage.shot_intervals
        firsts = np.array([s.start for s in intervals])
        lasts = np.array([s.end for s in intervals])
        middle = np.searchsorted(firsts, starts + size // 2, side="right") - 1
        shots = firsts[middle], lasts[middle]
        raw = features.pieces(starts, starts + size, shots)
        values = [FEATURES[name].value(raw[name]) for name in PIECES]
        out.append(PieceChoice(np.stack(values, axis=1), part))
    return out


# -- fitting ---------------------------------------------------------------------------------------


class _Rows:
    """Choices one after the other: options of all of them as rows."""

    def __init__(self, choices: Sequence[PieceChoice]) -> None:
        self.values = np.concatenate([choice.values for choice in choices])
        sizes = [len(choice.values) for choice in choices]
        self.first = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
        self.owner = np.repeat(np.arange(len(sizes)), sizes)

    def shares(self, weights: Floats) -> tuple[Floats, Floats]:
        """How likely each option is, (rows,); and the log-likelihood of each choice."""
        score = self.values @ weights
        score = score - np.maximum.reduceat(score, self.first)[self.owner]
        odds = np.exp(score)
        sums = np.add.reduceat(odds, self.first)
        return odds / sums[self.owner], score[self.first] - np.log(sums)


def fit(choices: Sequence[PieceChoice], penalty: float) -> Floats:
    """Weights that make the choices most likely, less half the penalty times their squares.

    Newton's method on the conditional logit; the sum is concave, so there is one best.
    """
    rows = _Rows(choices)
    count = rows.values.shape[1]
    weights = np.zeros(count)
    shares, told = rows.shares(weights)
    value = float(told.sum())
    for _ in range(50):
        part = shares[:, None] * rows.values
        mean = np.add.reduceat(part, rows.first)
        slope = (rows.values[rows.first] - mean).sum(axis=0) - penalty * weights
        bend = part.T @ rows.values - mean.T @ mean + penalty * np.eye(count)
        step = np.linalg.solve(bend, slope)
        size, found, tried = 1.0, -math.inf, weights
        while size > 1e-6 and found < value:
            tried = weights + size * step
            shares, told = rows.shares(tried)
            found = float(told.sum() - penalty / 2 * tried @ tried)
            size /= 2
        done = found - value < 1e-9 * (1 + abs(value))
        weights, value = tried, found
        if done:
            break
    return weights


def likelihoods(choices: Sequence[PieceChoice], weights: Floats) -> Floats:
    """The log-likelihood of each choice."""
    return _Rows(choices).shares(weights)[1]


def _scale(choices: Sequence[PieceChoice], by_hand: Floats) -> float:
    """The factor on weights set by hand under which the choices are most likely, at least 0."""
    if not np.any(by_hand):
        return 1.0
    scores = [PieceChoice((c.values @ by_hand)[:, None], c.group) for c in choices]
    return max(float(fit(scores, 1e-3)[0]), 0.0)


def folds(choices: Sequence[PieceChoice]) -> list[tuple[list[PieceChoice], list[PieceChoice]]]:
    """(fitted, held out), by film; of one film by its thirds. Groups are never divided."""
    films = {choice.group.split(":")[0] for choice in choices}
    key: Callable[[str], str] = (
        (lambda group: group.split(":")[0]) if len(films) > 1 else (lambda group: group)
    )
    names = sorted({key(choice.group) for choice in choices})
    parts = min(5, len(names))
    # By a digest, so that what comes in order is not put together.
    names.sort(key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    out = []
    for k in range(parts):
        held = set(names[k::parts])
        out.append(
            (
                [c for c in choices if key(c.group) not in held],
                [c for c in choices if key(c.group) in held],
            )
        )
    return [(fitted, held) for fitted, held in out if fitted and held]


def _penalty(choices: Sequence[PieceChoice]) -> float:
    """The penalty under which choices left out are most likely."""
    split = folds(choices)
    if len(split) < 2:
        return 1.0

    def told(penalty: float) -> float:
        return sum(float(likelihoods(held, fit(some, penalty)).sum()) for some, held in split)

    return max(_PENALTIES, key=told)


def cross_validate(choices: Sequence[PieceChoice], by_hand: Floats) -> CrossValidation:
    """Cross-validation: everything, the penalty too, is fitted without what it is judged by."""
    split = folds(choices)
    rows: dict[str, list[float]] = {"learned": [], "by hand": [], "chance": []}
    ranks: dict[str, list[int]] = {"learned": [], "by hand": []}
    groups: list[str] = []
    for some, held in split:
        learned = fit(some, _penalty(some))
        hand = by_hand * _scale(some, by_hand)
        for name, weights in (("learned", learned), ("by hand", hand)):
            rows[name] += likelihoods(held, weights).tolist()
            ranks[name] += [_rank(choice, weights) for choice in held]
        rows["chance"] += [-math.log(len(choice.values)) for choice in held]
        groups += [choice.group for choice in held]
    gain = np.array(rows["learned"]) - np.array(rows["by hand"])
    low, high = _interval(gain, groups)
    top = {
        name: {n: float(np.mean([rank <= n for rank in held])) for n in _TOP}
        for name, held in ranks.items()
    }
    return CrossValidation(
        len(gain),
        len(set(groups)),
        {name: float(np.mean(values)) for name, values in rows.items()},
        top,
        (float(gain.mean()), low, high),
    )


def _rank(choice: PieceChoice, weights: Floats) -> int:
    """The place of the choice among the options; of equals it stands in the middle."""
    score = choice.values @ weights
    above = int((score > score[0] + 1e-12).sum())
    equal = int((np.abs(score - score[0]) <= 1e-12).sum()) - 1
    return 1 + above + (equal + 1) // 2


def _interval(gain: Floats, groups: Sequence[str]) -> tuple[float, float]:
    """95 % of means of samples drawn with replacement: of groups where there are six or more,
    since choices of one film are alike, else of choices."""
    rng = np.random.default_rng(7)
    names = sorted(set(groups))
    if len(names) >= 6:
        held = [gain[[g == name for g in groups]] for name in names]
        sums = np.array([part.sum() for part in held])
        sizes = np.array([len(part) for part in held])
        drawn = rng.integers(0, len(names), (_ROUNDS, len(names)))
        means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    else:
        means = gain[rng.integers(0, len(gain), (_ROUNDS, len(gain)))].mean(axis=1)
    low, high = np.percentile(means, (2.5, 97.5))
    return float(low), float(high)


# -- writing ---------------------------------------------------------------------------------------


def learn(
    cuts: Sequence[PieceChoice],
    pieces: Sequence[PieceChoice],
    boundaries: Mapping[str, int],
    films: int,
    out: Path,
    command: str = "",
) -> TrainingReport:
    """Fit, judge and write. Raises UserError ``too-few-cuts``."""
    groups = len(folds(cuts)) if cuts else 0
    if len(cuts) < LEAST or groups < 2:
        raise UserError.one(
            "too-few-cuts",
            f"the films tell of {len(cuts)} cuts that were chosen; at least {LEAST} are needed, "
            "in two films or in two thirds of one",
            hint="give more films with their raw files, or longer ones",
        )
    shipped = score_weights.shipped("cutting", FEATURES)
    values = dict(shipped.values)
    why = dict(shipped.why)
    notes: list[str] = []
    held = cross_validate(cuts, np.array([shipped[name] for name in CUTS]))
    _take(values, why, CUTS, cuts)
    kept: CrossValidation | None = None
    if len(pieces) >= LEAST and len(folds(pieces)) > 1:
        kept = cross_validate(pieces, np.array([shipped[name] for name in PIECES]))
        _take(values, why, PIECES, pieces)
    else:
        notes.append(
            f"What to keep was not learned ({len(pieces)} pieces with others to set against them; "
            f"at least {LEAST} are needed): those weights are the ones set by hand."
        )
    gradual = sum(n for kind, n in boundaries.items() if kind not in ("cut", "start"))
    notes.append(f"Transitions were not learned ({gradual} gradual joints): joining.json stays.")
    data: dict[str, Any] = {
        "name": "cutting",
        "version": shipped.version,
        "about": f"Learned by vedc train cutting from {films} films; see {out.stem}.md.",
        "weights": {
            name: {"weight": value, "why": why.get(name, "")} for name, value in values.items()
        },
        "digest": score_weights.digest_of("cutting", shipped.version, values),
    }
    card = out.with_suffix(".md")
    report = TrainingReport(out, card, films, held, kept, dict(boundaries), tuple(notes))
    out.parent.mkdir(parents=True, exist_ok=True)
    for path, text in (
        (out, json.dumps(data, indent=2, ensure_ascii=False) + "\n"),
        (card, _card(report, data["digest"], command)),
    ):
        draft = path.with_name(path.name + ".draft")
        draft.write_text(text, encoding="utf-8")
        os.replace(draft, path)
    return report


def _take(
    values: dict[str, float],
    why: dict[str, str],
    names: Sequence[str],
    choices: Sequence[PieceChoice],
) -> None:
    """Put learned weights in place of those set by hand, on their scale.

    What was never measured (no sound, no picture) keeps its weight.
    """
    known = [k for k in range(len(names)) if any(np.ptp(c.values[:, k]) > 1e-9 for c in choices)]
    if not known:
        return
    some = [PieceChoice(choice.values[:, known], choice.group) for choice in choices]
    hand = np.array([values.get(names[k], 0.0) for k in known])
    learned = fit(some, _penalty(some))
    size = float(np.linalg.norm(learned))
    # The sum of both kinds of score must keep its balance: as much weight as there was by hand.
    factor = float(np.linalg.norm(hand)) / size if size > 1e-9 else 0.0
    for k, weight in zip(known, learned, strict=True):
        before = values.get(names[k], 0.0)
        values[names[k]] = round(float(weight) * factor, 4) + 0.0
        why[names[k]] = f"Learned from your films; set by hand it is {before:g}."


def _card(report: TrainingReport, digest: str, command: str) -> str:
    lines = [
        "---",
        f"digest: {digest}",
        "---",
        "# Weights of cutting, learned from a person's edits",
        "",
        f"From {report.films} finished films, aligned with their raw files by `vedc align`.",
        *([f"Made by `{command}`."] if command else []),
        "",
        _verdict("Where to cut", report.cuts),
        *([_verdict("What to keep", report.pieces)] if report.pieces is not None else []),
        *report.notes,
        "",
        "| held out | choices | log-likelihood: learned | by hand | chance | gain (95 %) "
        "| best of all: learned / by hand | among 5: learned / by hand |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, held in (("where to cut", report.cuts), ("what to keep", report.pieces)):
        if held is None:
            continue
        one, five = ({k: held.top[k][n] for k in held.top} for n in _TOP)
        lines.append(
            f"| {name} | {held.choices} | {held.likelihood['learned']:.3f} "
            f"| {held.likelihood['by hand']:.3f} | {held.likelihood['chance']:.3f} "
            f"| {held.gain[0]:+.3f} ({held.gain[1]:+.3f} to {held.gain[2]:+.3f}) "
            f"| {one['learned']:.2f} / {one['by hand']:.2f} "
            f"| {five['learned']:.2f} / {five['by hand']:.2f} |"
        )
    told = ", ".join(f"{n} {kind}" for kind, n in sorted(report.boundaries.items()))
    lines += [
        "",
        "A choice is one cut among the places within a second of it, or one kept piece among",
        "pieces of its length that were not kept. Held out: whole films in turn, or thirds of the",
        "only one. Weights set by hand are scaled to the films that they are compared on before.",
        f"Joints: {told or 'none'}.",
        "",
    ]  # fmt: skip
    return "\n".join(lines)


def _verdict(what: str, held: CrossValidation) -> str:
    mean, low, high = held.gain
    told = f"{mean:+.3f} a choice, 95 % from {low:+.3f} to {high:+.3f}"
    if held.better:
        return f"{what}: the learned weights beat those set by hand on what was held out ({told})."
    return (
        f"{what}: the learned weights do NOT beat those set by hand on what was held out ({told}); "
        "use them at your own taste."
    )
