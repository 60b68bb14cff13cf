"""Learning where an editor cuts and what they keep, from finished films and their raw files.

    train_cutting([(Path("trip.mp4"), [Path("raw/a.mp4"), Path("raw/b.mp4")])], Path("mine.json"))

Learned weights are scaled like those set by hand, so that the balance between scores is kept.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np

from vedc.decide.align.alignment import align
from vedc.decide.analyses.analysis import AnalysisRequest, Progress
from vedc.decide.choose import score_weights
from vedc.decide.choose.analyzed_source import AnalyzedSource
from vedc.decide.choose.feature_catalogue import CUTS, FEATURES, PIECES
from vedc.decide.choose.features import Features
from vedc.errors import UserError
from vedc.lang.resolve.questions import Source
from vedc.media.digest import file_digest
from vedc.media.probe import probe
from vedc.train.cutting.card import TrainingReport, card_text
from vedc.train.cutting.choices import PieceChoice, choices_of
from vedc.train.cutting.logit import CrossValidation, best_penalty, cross_validate, fit, folds

LEAST: Final = 30
"""The least number of cuts to learn from: with fewer, results would be random."""


def train_cutting(
    pairs: Sequence[tuple[Path, Sequence[Path]]],
    out: Path,
    *,
    cache: Path | None = None,
    progress: Progress | None = None,
    command: str = "",
    on_message: Callable[[str], None] = lambda text: None,
) -> TrainingReport:
    """Learn from films and the raw files of each; write weights to ``out`` and a card beside them.

    Raises UserError ``too-few-cuts``, and the errors of probing, decoding and aligning.
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
        on_message(
            f"{final}: {len(found.segments)} stretches, {traced} of {found.frames} frames traced"
        )
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


def learn(
    cuts: Sequence[PieceChoice],
    pieces: Sequence[PieceChoice],
    boundaries: Mapping[str, int],
    films: int,
    out: Path,
    command: str = "",
) -> TrainingReport:
    """Fit, validate and write. Raises UserError ``too-few-cuts``."""
    groups = len(folds(cuts)) if cuts else 0
    if len(cuts) < LEAST or groups < 2:
        raise UserError.one(
            "too-few-cuts",
            f"the films have {len(cuts)} cuts that can be learned from; at least {LEAST} are"
            " needed, in two films or in two thirds of one",
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
        (card, card_text(report, data["digest"], command)),
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
    """Replace weights set by hand by learned ones on the same scale.

    Features that were never measured (no sound, no picture) keep their weight.
    """
    known = [k for k in range(len(names)) if any(np.ptp(c.values[:, k]) > 1e-9 for c in choices)]
    if not known:
        return
    some = [PieceChoice(choice.values[:, known], choice.group) for choice in choices]
    hand = np.array([values.get(names[k], 0.0) for k in known])
    learned = fit(some, best_penalty(some))
    size = float(np.linalg.norm(learned))
    # Both kinds of score must keep their balance: learned weights get the norm of those set by
    # hand.
    factor = float(np.linalg.norm(hand)) / size if size > 1e-9 else 0.0
    for k, weight in zip(known, learned, strict=True):
        before = values.get(names[k], 0.0)
        values[names[k]] = round(float(weight) * factor, 4) + 0.0
        why[names[k]] = f"Learned from your films; set by hand it is {before:g}."
