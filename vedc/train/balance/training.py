"""Training of the balance network on footage that is taken as neutral.

    train(Path("footage"), Path("trained"), Settings(), progress=print)

Footage is split by source into training, validation (when to stop, when to abstain) and test,
which is used once, at the end. The loss is the cross-entropy between the map of white's place and a
small spot around the truth, plus a tenth of the Gaussian log loss of exposure and contrast. The
optimizer is Adam with decoupled weight decay and a cosine schedule; weights are averaged over the
last steps. The members of the ensemble are trained one after the other.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from safetensors.numpy import load_file, save_file

from vedc.decide.arrays import Float, Floats
from vedc.models.balance import network
from vedc.models.layers import NumpyLayers, TorchLayers
from vedc.train.balance.casts import CastShot, Shots, whole_shots
from vedc.train.balance.pictures import Take, by_source, read_takes
from vedc.train.balance.settings import Settings
from vedc.train.balance.tuning import tuned_limits
from vedc.train.cuts.footage import Item, list_items, split
from vedc.train.cuts.settings import Progress, TrainingProgress, import_extra, silent

_SPOT: Final = 0.6
"""Standard deviation of the spot around the truth, in bins of the plane."""
_TONES: Final = 0.1
_SEEDS: Final = (11, 12)
"""Seeds of the validation and test shots."""


def train(
    clips: Path,
    out: Path,
    settings: Settings | None = None,
    *,
    progress: Progress = silent,
    command: str = "",
) -> Path:
    """Train on a folder of footage; write ``balance.safetensors`` and its card to ``out``.

    Called again with the same folders, an interrupted training resumes from its last validation.
    Intermediate files are in ``out/work``, which may be deleted afterwards. Returns the file of
    weights. Raises MissingError ``no-extra``, ``no-footage`` and ``too-few-sources``, and SpecError
    for a bad manifest or file.
    """
    from vedc.train.balance import card

    settings = settings or Settings()
    import_extra("torch")
    work = out / "work"
    work.mkdir(parents=True, exist_ok=True)
    items = list_items(clips)
    takes = read_takes(
        clips, progress=lambda done, total: progress(TrainingProgress("footage", done, total, {}))
    )
    parts = parts_of(items, takes, settings.seed)
    teach, validate, test = (by_source(takes, part) for part in parts)
    seen = whole_shots(validate, settings.validated, _SEEDS[0])
    board = _board(work / "board")
    arrays: dict[str, Float] = {}
    for member in range(network.MEMBERS):
        place = work / f"member-{member}.safetensors"
        found = fit(teach, seen, settings, member, progress, place, board)
        arrays |= {f"{member}.{name}": value for name, value in found.items()}
    limits, reached = tuned_limits(arrays, seen, settings.harm)
    file = out / "balance.safetensors"
    save_file(arrays, str(file), limits.notes())
    file.chmod(0o644)  # safetensors makes files readable by their owner only
    progress(TrainingProgress("test", 0, len(test), reached))
    training = card.Training(items, parts, settings, limits, reached)
    card.write_card(file, training, arrays, test, _SEEDS[1], command)
    return file


def parts_of(
    items: Sequence[Item], takes: Sequence[Take], seed: int
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Sources for training, validation and test, following the manifest's ``use``."""

    def named(use: str) -> list[str]:
        return [item.source for item in items if item.use == use]

    return split(
        [take.source for take in takes],
        seed,
        train=named("train"),
        validation=named("validation"),
        test=named("test"),
    )


def features_of(shots: Sequence[CastShot]) -> tuple[Float, Float]:
    """The network's input for shots: (b, BINS, BINS, MAPS) and (b, TONES)."""
    seen = [network.features(shot.light) for shot in shots]
    return np.stack([maps for maps, _ in seen]), np.stack([tones for _, tones in seen])


def spots(shots: Sequence[CastShot]) -> Float:
    """Targets for the place of white: a spot around the truth, (b, BINS * BINS), with sum 1."""
    truth = np.array([shot.change.cast for shot in shots])
    away = (network.centers()[np.newaxis] - truth[:, np.newaxis]) / network.CELL
    weight = np.exp(-0.5 * (away**2).sum(-1) / _SPOT**2)
    return np.asarray(weight / weight.sum(1, keepdims=True), np.float32)


def validation_loss(
    weights: Mapping[str, Any], seen: tuple[Float, Float], target: Float
) -> tuple[float, Floats]:
    """Cross-entropy on validation, and the mean cast of each shot."""
    heat, _ = network.one(NumpyLayers(), weights, *seen)
    logits = heat.astype(np.float64)
    logits -= logits.max(1, keepdims=True)
    logs = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    return float(-(logs * target).sum(1).mean()), np.exp(logs) @ network.centers()


class Trainer:
    """A member in training, and the state needed to resume."""

    def __init__(self, settings: Settings, member: int) -> None:
        self.torch = import_extra("torch")
        self.settings, self.step = settings, 0
        self.torch.set_num_threads(settings.threads)
        self.of = TorchLayers()
        start = network.initial(settings.seed * 1000 + member)
        self.weights = {k: self.torch.from_numpy(v).requires_grad_() for k, v in start.items()}
        self.averaged = {k: v.detach().clone() for k, v in self.weights.items()}
        light = [v for k, v in self.weights.items() if "bias" in k or k == "prior"]
        heavy = [v for k, v in self.weights.items() if "bias" not in k and k != "prior"]
        self.adam = self.torch.optim.AdamW(
            [{"params": heavy, "weight_decay": settings.decay}, {"params": light}],
            lr=settings.rate,
            weight_decay=0.0,
        )

    def learn(self, shots: Sequence[CastShot]) -> dict[str, float]:
        """Take one step; return the terms of its loss."""
        torch, settings = self.torch, self.settings
        fall = 0.5 + 0.5 * math.cos(math.pi * self.step / settings.steps)
        for group in self.adam.param_groups:
            group["lr"] = settings.rate * min(1.0, (self.step + 1) / 100) * (0.02 + 0.98 * fall)
        maps, tones = (torch.from_numpy(part) for part in features_of(shots))
        heat, predicted = network.one(self.of, self.weights, maps, tones)
        white = -(torch.from_numpy(spots(shots)) * torch.log_softmax(heat, -1)).sum(-1).mean()
        truth = torch.tensor([[s.change.stops, math.log(s.change.contrast)] for s in shots]).float()
        means = predicted[:, [network.EXPOSURE, network.CONTRAST]]
        logs = predicted[:, [network.EXPOSURE_LOG_VARIANCE, network.CONTRAST_LOG_VARIANCE]]
        tone = (logs + (means - truth) ** 2 * torch.exp(-logs)).sum(1).mean()
        self.adam.zero_grad(set_to_none=True)
        (white + _TONES * tone).backward()
        torch.nn.utils.clip_grad_norm_(list(self.weights.values()), 1.0)
        self.adam.step()
        keep = min(settings.average, self.step / (self.step + 10))
        with torch.no_grad():
            for name, value in self.weights.items():
                self.averaged[name].lerp_(value, 1 - keep)
        self.step += 1
        return {"white": float(white.detach()), "tones": float(tone.detach())}

    def result(self) -> dict[str, Any]:
        """The averaged weights, as NumPy arrays."""
        return {name: value.numpy().copy() for name, value in self.averaged.items()}

    def save(self, file: Path, best: Mapping[str, Any], kept: Mapping[str, Any]) -> None:
        """Write the state atomically, with the best weights so far."""
        held = {f"now.{k}": v.detach().numpy() for k, v in self.weights.items()}
        held |= {f"average.{k}": v.numpy() for k, v in self.averaged.items()}
        held |= {f"best.{k}": v for k, v in kept.items()}
        for name, value in self.weights.items():
            state = self.adam.state.get(value)
            if state:
                held[f"mean.{name}"] = state["exp_avg"].numpy()
                held[f"square.{name}"] = state["exp_avg_sq"].numpy()
        draft = file.with_suffix(".draft")
        notes = {"step": str(self.step), "best": json.dumps(best)}
        save_file({k: np.ascontiguousarray(v) for k, v in held.items()}, str(draft), notes)
        os.replace(draft, file)

    def restore(self, file: Path) -> tuple[dict[str, Any], dict[str, Any]]:
        """Restore a state written by ``save``; return its ``best`` and the best weights."""
        from safetensors import safe_open

        torch, held = self.torch, load_file(str(file))
        with safe_open(str(file), framework="numpy") as opened:
            notes = dict(opened.metadata() or {})
        with torch.no_grad():
            for name, value in self.weights.items():
                value.copy_(torch.from_numpy(held[f"now.{name}"]))
                self.averaged[name].copy_(torch.from_numpy(held[f"average.{name}"]))
                if f"mean.{name}" in held:
                    self.adam.state[value] = {
                        "step": torch.tensor(float(notes["step"])),
                        "exp_avg": torch.from_numpy(held[f"mean.{name}"]),
                        "exp_avg_sq": torch.from_numpy(held[f"square.{name}"]),
                    }
        self.step = int(notes["step"])
        kept = {name: held[f"best.{name}"] for name in self.weights}
        return dict(json.loads(notes["best"])), kept


def fit(
    teach: Mapping[str, Sequence[Take]],
    seen: Sequence[CastShot],
    settings: Settings,
    member: int,
    progress: Progress = silent,
    place: Path | None = None,
    board: Any = None,
) -> dict[str, Any]:
    """Train a member; return the weights that were best on the shots ``seen``.

    Each member is trained on a different part of the sources. ``place`` is its checkpoint.
    """
    rng = np.random.default_rng([settings.seed, member])
    names = sorted(teach)
    count = max(1, round(settings.part * len(names)))
    chosen = sorted(rng.permutation(len(names))[:count].tolist())
    maker = Shots({names[i]: teach[names[i]] for i in chosen})
    held, target = features_of(seen), spots(seen)
    trainer = Trainer(settings, member)
    best: dict[str, Any] = {"loss": math.inf, "stale": 0, "step": 0}
    kept = trainer.result()
    if place and place.is_file():
        best, kept = trainer.restore(place)
    while trainer.step < settings.steps and best["stale"] < settings.patience:
        rng = np.random.default_rng([settings.seed, member, trainer.step])
        losses = trainer.learn([maker.draw(rng) for _ in range(settings.batch)])
        step = trainer.step
        at = member * settings.steps + step
        if step % 20 == 0:
            progress(TrainingProgress("train", at, settings.steps * network.MEMBERS, losses))
            if board:
                for name, value in losses.items():
                    board.add_scalar(f"loss {member}/{name}", value, step)
        if step % settings.check and step != settings.steps:
            continue
        arrays = trainer.result()
        loss, _ = validation_loss(arrays, held, target)
        progress(TrainingProgress("validate", at, settings.steps * network.MEMBERS, {"loss": loss}))
        if board:
            board.add_scalar(f"validation/{member}", loss, step)
        best["stale"] += 1
        if loss < best["loss"]:
            best, kept = {"loss": loss, "stale": 0, "step": step}, arrays
        if place:
            trainer.save(place, best, kept)
    return kept


def _board(folder: Path) -> Any:
    """A TensorBoard log, if TensorBoard is installed."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        return None
    return SummaryWriter(str(folder))
