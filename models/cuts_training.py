"""Training of the shot-boundary network on edits made of any footage.

    train(Path("footage"), Path("trained"), Settings(steps=8000), progress=print)

Footage is split by source; edits of the training sources teach, edits of the validation sources
choose (when to stop, the hyper-parameters, the thresholds), films rendered from the test sources
are looked at once, at the end. Adam (Kingma and Ba 2015) with decoupled weight decay, a rate that
rises and falls by half a cosine, and weights averaged over the last steps.

Losses: binary cross-entropy of the four events, cut and ends weighted up for being rare,
optionally focal (Lin and others 2017); cross-entropy of the type where there is a joint.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import numpy as np
from safetensors.numpy import load_file, save_file

from vedc.decide import network
from vedc.decide.boundaries import Boundary
from vedc.decide.network import Thresholds
from vedc.decide.results import HeldThumbs
from vedc.errors import MissingError
from vedc.models import cuts
from vedc.models.cuts_data import Batch, Maker, lessons
from vedc.models.cuts_edits import Joint, LabelledEdit
from vedc.models.cuts_evaluate import Counts, count
from vedc.models.layers import TorchLayers

Arrays = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Settings:
    """What a training is made with; all of it stands in the card."""

    steps: int = 8000
    batch: int = 16
    """Edits of a step."""
    frames: int = 128
    """Of an edit."""
    rate: float = 2e-3
    decay: float = 1e-3
    """Of weights, as in AdamW (Loshchilov and Hutter 2019)."""
    rare: float = 4.0
    """How much more a frame with an event counts than one without."""
    focal: float = 0.0
    """Exponent of the focal loss; 0 is none."""
    harder: int = 1750
    """The step from which on edits hold twice as many hard negatives."""
    average: float = 0.998
    """Share of the averaged weights that stays in each step."""
    seed: int = 7
    check: int = 500
    """Steps between validations."""
    patience: int = 8
    """Validations without a better one before training stops."""
    trials: int = 0
    """Short trainings that optuna tries before the long one."""
    trial_steps: int = 300
    searches: int = 200
    """Settings of thresholds that optuna tries after it."""
    threads: int = 2
    processes: int = 1
    """That make edits."""
    half: bool | None = None
    """Multiply in bfloat16; None: where the processor has matrix units for it."""


@dataclass(frozen=True, slots=True)
class Told:
    """How far a training is."""

    stage: Literal["footage", "tune", "train", "validate", "thresholds", "test"]
    step: int
    steps: int
    values: Mapping[str, float]
    """Losses, and F1 on validation."""


Progress = Callable[[Told], None]


def _silent(told: Told) -> None:
    pass


def need(name: str) -> Any:
    """A module of the extra [train]. Raises MissingError ``no-extra``."""
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError:
        raise MissingError.one(
            "no-extra",
            f"training needs {name.partition('.')[0]}, which is not installed",
            hint="pip install 'vedc[train]'",
        ) from None


def loss_of(torch: Any, logits: Any, batch: Batch, settings: Settings) -> dict[str, Any]:
    """The parts of the loss; their sum is what training lessens."""
    events = torch.from_numpy(batch.events)
    kinds = torch.from_numpy(batch.kinds)
    logits = logits.float()
    found = logits[..., : cuts.TYPE.start]
    each = torch.nn.functional.binary_cross_entropy_with_logits(found, events, reduction="none")
    if settings.focal:
        p = torch.sigmoid(found).detach()
        each = each * (2 * (p - events).abs()) ** settings.focal
    rare = each.new_tensor([settings.rare, 1.0, settings.rare, settings.rare])
    each = each * (1 + (rare - 1) * events)
    mean = each.mean((0, 1))
    parts = {"cut": 4 * mean[0], "gradual": mean[1], "start": mean[2], "end": mean[3]}
    named = kinds >= 0
    if bool(named.any()):
        parts["type"] = 0.3 * torch.nn.functional.cross_entropy(
            logits[..., cuts.TYPE][named], kinds[named]
        )
    return parts


class Trainer:
    """Weights in training, and all that must be kept to go on after a stop."""

    def __init__(self, settings: Settings, steps: int) -> None:
        self.torch = need("torch")
        self.settings, self.steps, self.step = settings, steps, 0
        self.torch.manual_seed(settings.seed)
        self.torch.set_num_threads(settings.threads)
        self.of = TorchLayers()
        self.half = _has_matrix_units(self.torch) if settings.half is None else settings.half
        start = cuts.initial(settings.seed)
        self.weights = {k: self.torch.from_numpy(v).requires_grad_() for k, v in start.items()}
        self.averaged = {k: v.detach().clone() for k, v in self.weights.items()}
        heavy = [v for k, v in self.weights.items() if "bias" not in k]
        light = [v for k, v in self.weights.items() if "bias" in k]
        self.adam = self.torch.optim.AdamW(
            [{"params": heavy, "weight_decay": settings.decay}, {"params": light}],
            lr=settings.rate,
            weight_decay=0.0,
            fused=True,
        )

    def teach(self, batch: Batch) -> dict[str, float]:
        """One step; the parts of its loss."""
        torch = self.torch
        ramp = min(1.0, (self.step + 1) / 200)
        fall = 0.5 + 0.5 * math.cos(math.pi * self.step / self.steps)
        for group in self.adam.param_groups:
            group["lr"] = self.settings.rate * ramp * (0.02 + 0.98 * fall)
        patches = torch.from_numpy(batch.patches).to(torch.bfloat16 if self.half else torch.float32)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.half):
            logits = cuts.forward(self.of, self.weights, patches, torch.from_numpy(batch.plain))
        parts = loss_of(torch, logits, batch, self.settings)
        loss = sum(parts.values())
        self.adam.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(self.weights.values()), 1.0)
        self.adam.step()
        self.step += 1
        keep = min(self.settings.average, self.step / (self.step + 10))
        with torch.no_grad():
            for name, value in self.weights.items():
                self.averaged[name].lerp_(value, 1 - keep)
        return {name: float(part.detach()) for name, part in parts.items()}

    def result(self) -> dict[str, Any]:
        """The averaged weights, as NumPy arrays."""
        return {name: value.numpy().copy() for name, value in self.averaged.items()}

    def save(self, file: Path, best: Mapping[str, Any]) -> None:
        """Keep everything; the file appears whole or not at all."""
        held = {f"now.{k}": v.detach().numpy() for k, v in self.weights.items()}
        held |= {f"average.{k}": v.numpy() for k, v in self.averaged.items()}
        for name, value in self.weights.items():
            state = self.adam.state.get(value)
            if state:
                held[f"mean.{name}"] = state["exp_avg"].numpy()
                held[f"square.{name}"] = state["exp_avg_sq"].numpy()
        notes = {"step": str(self.step), "best": json.dumps(best)}
        draft = file.with_suffix(".draft")
        save_file({k: np.ascontiguousarray(v) for k, v in held.items()}, str(draft), notes)
        os.replace(draft, file)

    def restore(self, file: Path) -> dict[str, Any]:
        """Go on from what ``save`` kept; gives its ``best``."""
        from safetensors import safe_open

        torch = self.torch
        with safe_open(str(file), framework="numpy") as held:
            notes = held.metadata()
            names = set(held.keys())
            with torch.no_grad():
                for name, value in self.weights.items():
                    value.copy_(torch.from_numpy(held.get_tensor(f"now.{name}")))
                    self.averaged[name].copy_(torch.from_numpy(held.get_tensor(f"average.{name}")))
                    if f"mean.{name}" in names:
                        self.adam.state[value] = {
                            "step": torch.tensor(float(notes["step"])),
                            "exp_avg": torch.from_numpy(held.get_tensor(f"mean.{name}")),
                            "exp_avg_sq": torch.from_numpy(held.get_tensor(f"square.{name}")),
                        }
        self.step = int(notes["step"])
        return dict(json.loads(notes["best"]))


def _has_matrix_units(torch: Any) -> bool:
    return bool(torch.cpu.is_available() and torch.cpu._is_amx_tile_supported())


def curves_of(arrays: Arrays, films: Sequence[LabelledEdit]) -> list[Any]:
    """The network's curves of each film, as ``vedc shots`` computes them."""
    return [network.curves(HeldThumbs(film.thumbs, Fraction(25)), arrays) for film in films]


def judged(
    curves: Sequence[Any], films: Sequence[LabelledEdit], limits: Thresholds
) -> dict[str, float]:
    """How well films were read, by the counts of models/cuts_evaluate.py.

    ``score`` is what validation chooses by: the mean of F1 of cuts at 0 frames and of the macro
    F1 at 2 frames; what is found in films of hard negatives lowers the precision of both. A
    tenth goes to where gradual joints begin and end, the mean of what is shared (0 to 1).
    """
    exact, near, shared = Tally(), Tally(), []
    for curve, film in zip(curves, films, strict=True):
        found = network.boundaries(curve, limits)
        exact.add(count(found, film.joints, 0))
        near.add(count(found, film.joints, 2))
        shared += [_shared(joint, found) for joint in film.joints if joint.kind != "cut"]
    out = {"cut@0": exact.f1("cut"), "macro@2": near.macro(), "precision": near.precision}
    out |= {f"{kind}@2": near.f1(kind) for kind in cuts.KINDS}
    out |= {"kind": near.named / max(1, sum(near.right)), "shared": float(np.mean(shared or [0]))}
    out["score"] = 0.45 * out["cut@0"] + 0.45 * out["macro@2"] + 0.1 * out["shared"]
    return out


class Tally:
    """Counts of several films."""

    def __init__(self) -> None:
        self.right, self.true = [0] * len(cuts.KINDS), [0] * len(cuts.KINDS)
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
        k = cuts.KINDS.index(kind)
        recall = self.right[k] / max(1, self.true[k])
        return 2 * self.precision * recall / max(1e-9, self.precision + recall)

    def macro(self) -> float:
        present = [kind for kind, n in zip(cuts.KINDS, self.true, strict=True) if n]
        return sum(map(self.f1, present)) / max(1, len(present))


def _shared(joint: Joint, found: Sequence[Boundary]) -> float:
    """Frames in a joint and in the boundary that shares most with it, of those in either."""
    best = 0.0
    for b in found:
        both = min(b.end, joint.end) - max(b.start, joint.start)
        if both > 0:
            best = max(best, both / (max(b.end, joint.end) - min(b.start, joint.start)))
    return best


def fit(
    clips: Path,
    kept: Path,
    sources: tuple[str, ...],
    settings: Settings,
    films: Sequence[LabelledEdit],
    progress: Progress,
    *,
    resume: Path | None = None,
    board: Any = None,
) -> dict[str, Any]:
    """Train; give the weights that were best on validation. ``kept``: where footage is cached."""
    trainer, best, stale = Trainer(settings, settings.steps), {"score": -1.0, "step": 0}, 0
    good = resume.with_name("best.safetensors") if resume else None
    result = trainer.result()
    if resume and resume.is_file():
        best = trainer.restore(resume)
        if good and good.is_file():
            result = load_file(str(good))
    maker = Maker(
        clips,
        kept,
        sources,
        settings.seed,
        settings.batch,
        settings.frames,
        settings.harder // 2,
        settings.processes,
    )
    try:
        batches = lessons(maker, trainer.step)
        while trainer.step < settings.steps and stale < settings.patience:
            losses = trainer.teach(next(batches))
            step = trainer.step
            if board and step % 10 == 0:
                for name, value in losses.items():
                    board.add_scalar(f"loss/{name}", value, step)
            if step % 10 == 0:
                progress(Told("train", step, settings.steps, losses))
            if step % settings.check and step != settings.steps:
                continue
            arrays = trainer.result()
            values = judged(curves_of(arrays, films), films, Thresholds())
            progress(Told("validate", step, settings.steps, values))
            if board:
                for name, value in values.items():
                    board.add_scalar(f"validation/{name}", value, step)
            stale += 1
            if values["score"] > best["score"]:
                best, result, stale = {**values, "step": step}, arrays, 0
                if good:
                    save_file(arrays, str(good))
            if resume:
                trainer.save(resume, best)
    finally:
        maker.close()
    return result


def tuned(
    arrays: Arrays, films: Sequence[LabelledEdit], settings: Settings, progress: Progress
) -> tuple[Thresholds, dict[str, float]]:
    """Thresholds that validate best, by optuna."""
    optuna = need("optuna")
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
        score = judged(curves, films, limits_of(trial))["score"]
        progress(Told("thresholds", trial.number + 1, settings.searches, {"score": score}))
        return score

    study = optuna.create_study(
        direction="maximize", sampler=optuna.samplers.TPESampler(seed=settings.seed)
    )
    plain = {"cut": 0.5, "gradual": 0.5, "inside": 0.6, "edge": 0.3, "shortest": 3}
    study.enqueue_trial(plain)
    study.optimize(value, n_trials=settings.searches)
    limits = limits_of(study.best_trial)
    return limits, judged(curves, films, limits)


def chosen(
    clips: Path,
    kept: Path,
    sources: tuple[str, ...],
    settings: Settings,
    films: Sequence[LabelledEdit],
    progress: Progress,
) -> Settings:
    """Hyper-parameters that do best in short trainings, by optuna."""
    optuna = need("optuna")
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
        arrays = fit(clips, kept, sources, tried, films, lambda told: None)
        score = judged(curves_of(arrays, films), films, Thresholds())["score"]
        told = {"score": score, "rate": tried.rate, "rare": tried.rare, "focal": tried.focal}
        progress(Told("tune", trial.number + 1, settings.trials, told))
        return score

    study = optuna.create_study(
        direction="maximize", sampler=optuna.samplers.TPESampler(seed=settings.seed)
    )
    study.enqueue_trial({"rate": settings.rate, "rare": settings.rare, "focal": settings.focal})
    study.optimize(value, n_trials=settings.trials)
    return replace(settings, **study.best_params)
