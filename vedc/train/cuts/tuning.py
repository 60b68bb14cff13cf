"""Choices made on validation: the score, thresholds and hyper-parameters (optuna)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from vedc.decide.analyses.results import HeldThumbs
from vedc.decide.shots import detect_network
from vedc.decide.shots.boundary import Boundary
from vedc.decide.shots.detect_network import Thresholds
from vedc.models.cuts import network
from vedc.train.cuts.edits import LabelledBoundary, LabelledEdit
from vedc.train.cuts.evaluate import Counts, count
from vedc.train.cuts.settings import Progress, Settings, TrainingProgress, import_extra

Arrays = Mapping[str, Any]


def curves_of(arrays: Arrays, films: Sequence[LabelledEdit]) -> list[Any]:
    """The network's curves of each film, as ``vedc shots`` computes them."""
    return [detect_network.curves(HeldThumbs(film.thumbs, Fraction(25)), arrays) for film in films]


def validation_scores(
    curves: Sequence[Any], films: Sequence[LabelledEdit], limits: Thresholds
) -> dict[str, float]:
    """Detection quality on films, by the counts of train/cuts/evaluate.py.

    ``score`` is the figure that validation maximises: nine tenths are the mean of the F1 of cuts at
    0 frames and the macro F1 at 2 frames; detections in films of hard negatives lower the precision
    of both. A tenth is the mean overlap of gradual boundaries with the detected ones (0 to 1).
    """
    exact, near, shared = Tally(), Tally(), []
    for curve, film in zip(curves, films, strict=True):
        found = detect_network.boundaries(curve, limits)
        exact.add(count(found, film.boundaries, 0))
        near.add(count(found, film.boundaries, 2))
        shared += [
            _shared(boundary, found) for boundary in film.boundaries if boundary.kind != "cut"
        ]
    out = {"cut@0": exact.f1("cut"), "macro@2": near.macro(), "precision": near.precision}
    out |= {f"{kind}@2": near.f1(kind) for kind in network.KINDS}
    out |= {"kind": near.named / max(1, sum(near.right)), "shared": float(np.mean(shared or [0]))}
    out["score"] = 0.45 * out["cut@0"] + 0.45 * out["macro@2"] + 0.1 * out["shared"]
    return out


class Tally:
    """Counts of several films."""

    def __init__(self) -> None:
        self.right, self.true = [0] * len(network.KINDS), [0] * len(network.KINDS)
        self.found = self.named = 0

    def add(self, counts: Counts) -> None:
        self.right = [a + b for a, b in zip(self.right, counts.right, strict=True)]
        self.true = [a + b for a, b in zip(self.true, counts.true, strict=True)]
        self.found += counts.found
        self.named += counts.named

    @property
    def precision(self) -> float:
        return sum(self.right) / max(1, self.found)

    def f1(self, kind: str) -> float:
        k = network.KINDS.index(kind)
        recall = self.right[k] / max(1, self.true[k])
        return 2 * self.precision * recall / max(1e-9, self.precision + recall)

    def macro(self) -> float:
        present = [kind for kind, n in zip(network.KINDS, self.true, strict=True) if n]
        return sum(map(self.f1, present)) / max(1, len(present))


def _shared(boundary: LabelledBoundary, found: Sequence[Boundary]) -> float:
    """Intersection over union of a boundary's frames and the best-matching detection's."""
    best = 0.0
    for b in found:
        both = min(b.end, boundary.end) - max(b.start, boundary.start)
        if both > 0:
            best = max(best, both / (max(b.end, boundary.end) - min(b.start, boundary.start)))
    return best


def tune_thresholds(
    arrays: Arrays, films: Sequence[LabelledEdit], settings: Settings, progress: Progress
) -> tuple[Thresholds, dict[str, float]]:
    """The thresholds with the best validation score, by optuna."""
    optuna = import_extra("optuna")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    curves = curves_of(arrays, films)

    def limits_of(asked: Any) -> Thresholds:
        gradual = asked.suggest_float("gradual", 0.2, 0.95)
        return Thresholds(
            cut=asked.suggest_float("cut", 0.1, 0.95),
            gradual=gradual,
            inside=gradual * asked.suggest_float("inside", 0.2, 1.0),
            edge=asked.suggest_float("edge", 0.05, 0.9),
            shortest=asked.suggest_int("shortest", 1, 6),
        )

    def value(trial: Any) -> float:
        score = validation_scores(curves, films, limits_of(trial))["score"]
        progress(
            TrainingProgress("thresholds", trial.number + 1, settings.searches, {"score": score})
        )
        return score

    study = optuna.create_study(
        direction="maximize", sampler=optuna.samplers.TPESampler(seed=settings.seed)
    )
    plain = {"cut": 0.5, "gradual": 0.5, "inside": 0.6, "edge": 0.3, "shortest": 3}
    study.enqueue_trial(plain)
    study.optimize(value, n_trials=settings.searches)
    limits = limits_of(study.best_trial)
    return limits, validation_scores(curves, films, limits)


def tune_settings(
    settings: Settings,
    attempt: Callable[[Settings], Arrays],
    films: Sequence[LabelledEdit],
    progress: Progress,
) -> Settings:
    """The hyper-parameters with the best score in short trainings, by optuna.

    ``attempt`` trains with given settings.
    """
    optuna = import_extra("optuna")
    optuna.logging.set_verbosity(optuna.logging.WARNING)

    def value(trial: Any) -> float:
        tried = replace(
            settings,
            steps=settings.trial_steps,
            check=settings.trial_steps,
            rate=trial.suggest_float("rate", 5e-4, 6e-3, log=True),
            rare=trial.suggest_float("rare", 1.0, 12.0, log=True),
            focal=trial.suggest_categorical("focal", [0.0, 1.0]),
            average=0.98,
        )
        score = validation_scores(curves_of(attempt(tried), films), films, Thresholds())["score"]
        values = {"score": score, "rate": tried.rate, "rare": tried.rare, "focal": tried.focal}
        progress(TrainingProgress("tune", trial.number + 1, settings.trials, values))
        return score

    study = optuna.create_study(
        direction="maximize", sampler=optuna.samplers.TPESampler(seed=settings.seed)
    )
    study.enqueue_trial({"rate": settings.rate, "rare": settings.rare, "focal": settings.focal})
    study.optimize(value, n_trials=settings.trials)
    return replace(settings, **study.best_params)
