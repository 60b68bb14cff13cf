"""Training of the shot-boundary network on synthetic edits.

    train(Path("footage"), Path("trained"), Settings(steps=8000), progress=print)

Footage is split by source into training, validation (when to stop, hyper-parameters, thresholds)
and test, which is used once, at the end. The optimizer is Adam (Kingma and Ba 2015) with decoupled
weight decay, warm-up and a cosine schedule; weights are averaged over the last steps.

Losses: binary cross-entropy of the four events, with higher weights for the rare ones (cuts, starts
and ends), optionally focal (Lin and others 2017); cross-entropy of the type where there is a
boundary.
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

from vedc.decide.shots.detect_network import Thresholds
from vedc.models.cuts import network
from vedc.models.layers import TorchLayers
from vedc.train.cuts import card
from vedc.train.cuts.data import Batch, BatchMaker, fixed_edits, training_batches
from vedc.train.cuts.edits import LabelledEdit
from vedc.train.cuts.films import SIZE, Film, render_set, thumbs_of
from vedc.train.cuts.footage import Footage
from vedc.train.cuts.settings import Progress, Settings, TrainingProgress, import_extra, silent
from vedc.train.cuts.tuning import curves_of, tune_settings, tune_thresholds, validation_scores

#: Seeds of the films for validation (short ones, rendered ones) and test.
SEEDS: Final = (11, 1, 12)


def train(
    clips: Path,
    out: Path,
    settings: Settings | None = None,
    *,
    progress: Progress = silent,
    command: str = "",
) -> Path:
    """Train on a folder of footage; write ``cuts.safetensors`` and its card ``cuts.md`` to ``out``.

    Called again with the same folders, an interrupted training resumes from its last validation.
    Intermediate files are in ``out/work``, which may be deleted afterwards. The card states
    ``command``. Returns the file of weights. Raises MissingError ``no-extra``, ``no-footage`` and
    ``too-few-sources``, and SpecError for a bad manifest or file.
    """
    settings = settings or Settings()
    import_extra("torch")
    import_extra("optuna")
    work, cache = out / "work", out / "work" / "footage"
    work.mkdir(parents=True, exist_ok=True)

    def reading(done: int, total: int) -> None:
        progress(TrainingProgress("footage", done, total, {}))

    footage = Footage.load(clips, cache=cache, progress=reading)
    teach, validate, test = footage.split(settings.seed)
    films = fixed_edits(footage.only(validate), SEEDS[0], *settings.short)

    def attempt(tried: Settings) -> Mapping[str, Any]:
        return fit(clips, cache, teach, tried, films, silent)[0]

    if settings.trials:
        settings = tune_settings(settings, attempt, films, progress)
    board = _board(work / "board")
    place = work / "checkpoint.safetensors"
    trained = fit(clips, cache, teach, settings, films, progress, resume=place, board=board)

    full = Footage.load(clips, SIZE, cache, lambda item: item.source in {*validate, *test})
    rendered = render_set(full.only(validate), work / "validation", SEEDS[1], *settings.validated)
    seen = [*films, *map(_read, rendered)]
    tries = [(arrays, *tune_thresholds(arrays, seen, settings, progress)) for arrays in trained]
    arrays, limits, reached = max(tries, key=lambda tried: tried[2]["score"])

    file = out / "cuts.safetensors"
    save_file({**arrays}, str(file), limits.notes())
    file.chmod(0o644)  # safetensors makes files readable by their owner only
    tested = render_set(full.only(test), work / "test", SEEDS[2], *settings.tested)
    progress(TrainingProgress("test", 0, len(tested), {}))
    training = card.Training(clips, footage, (teach, validate, test), settings, limits, reached)
    card.write_card(file, training, tested, command)
    return file


def _read(film: Film) -> LabelledEdit:
    """A rendered film, decoded to thumbnails."""
    return LabelledEdit(thumbs_of(film.path)[0], film.boundaries, film.negatives)


def _board(folder: Path) -> Any:
    """A TensorBoard log, if TensorBoard is installed."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        return None
    return SummaryWriter(str(folder))


def loss_of(torch: Any, logits: Any, batch: Batch, settings: Settings) -> dict[str, Any]:
    """The terms of the loss, which is their sum."""
    events = torch.from_numpy(batch.events)
    kinds = torch.from_numpy(batch.kinds)
    logits = logits.float()
    found = logits[..., : network.TYPE.start]
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
            logits[..., network.TYPE][named], kinds[named]
        )
    return parts


class Trainer:
    """Weights in training, and the state needed to resume."""

    def __init__(self, settings: Settings, steps: int) -> None:
        self.torch = import_extra("torch")
        self.settings, self.steps, self.step = settings, steps, 0
        self.torch.manual_seed(settings.seed)
        self.torch.set_num_threads(settings.threads)
        self.of = TorchLayers()
        self.half = _has_matrix_units(self.torch) if settings.half is None else settings.half
        start = network.initial(settings.seed)
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

    def learn(self, batch: Batch) -> dict[str, float]:
        """Take one step; return the terms of its loss."""
        torch = self.torch
        ramp = min(1.0, (self.step + 1) / 200)
        fall = 0.5 + 0.5 * math.cos(math.pi * self.step / self.steps)
        for group in self.adam.param_groups:
            group["lr"] = self.settings.rate * ramp * (0.02 + 0.98 * fall)
        patches = torch.from_numpy(batch.patches).to(torch.bfloat16 if self.half else torch.float32)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.half):
            logits = network.forward(self.of, self.weights, patches, torch.from_numpy(batch.plain))
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
        """Write the state atomically."""
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
        """Restore a state written by ``save``; return its ``best``."""
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


def fit(
    clips: Path,
    cache: Path,
    sources: tuple[str, ...],
    settings: Settings,
    films: Sequence[LabelledEdit],
    progress: Progress,
    *,
    resume: Path | None = None,
    board: Any = None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Train; return the weights that were best on ``films``, and the last ones.

    ``cache`` is the folder for decoded footage; ``resume`` is the checkpoint.
    """
    trainer, best = Trainer(settings, settings.steps), {"score": -1.0, "step": 0, "stale": 0}
    good = resume.with_name("best.safetensors") if resume else None
    result = trainer.result()
    if resume and resume.is_file():
        best = trainer.restore(resume)
        if good and good.is_file():
            result = load_file(str(good))
    maker = BatchMaker(clips, cache, sources, settings)
    try:
        batches = training_batches(maker, trainer.step)
        while trainer.step < settings.steps and best.get("stale", 0) < settings.patience:
            losses = trainer.learn(next(batches))
            step = trainer.step
            if board and step % 10 == 0:
                for name, value in losses.items():
                    board.add_scalar(f"loss/{name}", value, step)
            if step % 10 == 0:
                progress(TrainingProgress("train", step, settings.steps, losses))
            if step % settings.check and step != settings.steps:
                continue
            arrays = trainer.result()
            values = validation_scores(curves_of(arrays, films), films, Thresholds())
            progress(TrainingProgress("validate", step, settings.steps, values))
            if board:
                for name, value in values.items():
                    board.add_scalar(f"validation/{name}", value, step)
            best["stale"] = best.get("stale", 0) + 1
            if values["score"] > best["score"]:
                best, result = {**values, "step": step, "stale": 0}, arrays
                if good:
                    save_file(arrays, str(good))
            if resume:
                trainer.save(resume, best)
    finally:
        maker.close()
    return result, trainer.result()
