"""Training of the denoiser on pictures with known noise.

    train(Path("footage"), Path("trained"), Settings(steps=12000), progress=print)

Footage is split by source into training, validation (which weights to keep) and test, which is used
once, at the end, for the card. The optimizer is Adam (Kingma and Ba 2015) with warm-up and cosine
decay; weights are averaged over the last steps. The loss is Charbonnier's, a smooth absolute
difference.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from safetensors.numpy import load_file, save_file

from vedc.models.clean import network
from vedc.models.picture_layers import TorchPictureLayers
from vedc.train.clean import noise
from vedc.train.clean.card import write_card
from vedc.train.clean.figures import LEVELS, compared, psnr
from vedc.train.clean.pictures import Cutter, read_scenes
from vedc.train.cuts.footage import Item, list_items, split
from vedc.train.cuts.settings import Progress, TrainingProgress, import_extra, silent

_SOFT: Final = 1e-3
"""Differences below this enter the loss about quadratically."""
_LEAST: Final = 0.02
"""Added to the noise level when losses are weighted, so that weights stay finite."""
_UNIT: Final = 0.12
"""The sum of noise level and _LEAST at which the loss has weight 1."""
_VALIDATED: Final = 12
"""Validation windows per noise level."""


@dataclass(frozen=True, slots=True)
class Settings:
    steps: int = 18_000
    batch: int = 8
    side: int = 96
    """Side of a training window, in pixels."""
    rate: float = 2e-3
    average: float = 0.999
    """Decay of the weights' moving average per step."""
    check: int = 500
    """Steps from one validation to the next."""
    seed: int = 5
    threads: int = 1


def train(
    clips: Path,
    out: Path,
    settings: Settings | None = None,
    *,
    progress: Progress = silent,
    command: str = "",
) -> Path:
    """Train on a folder of footage; write ``clean.safetensors`` and its card to ``out``.

    Called again with the same folders, an interrupted training resumes from its last validation.
    Intermediate files are in ``out/work``. The card states ``command``. Returns the file of
    weights. Raises MissingError ``no-extra``, ``no-footage`` and ``too-few-sources``, and SpecError
    for a bad manifest or file.
    """
    settings = settings or Settings()
    import_extra("torch")
    work = out / "work"
    work.mkdir(parents=True, exist_ok=True)
    items = list_items(clips)
    parts = _parts(items, settings.seed)
    progress(TrainingProgress("footage", 0, len(items), {}))
    teach, validate, test = (
        [item for item in items if item.source in sources] for sources in parts
    )
    arrays, reached = _fit(teach, validate, settings, work, progress)
    file = out / "clean.safetensors"
    notes = {
        "arch": "clean",
        "version": "1",
        "licence": "Apache-2.0",
        "made": command,
        "measured": f"PSNR {reached:.2f} dB on validation",
    }
    save_file(arrays, str(file), notes)
    file.chmod(0o644)  # safetensors makes files readable by their owner only
    progress(TrainingProgress("test", 0, len(test), {}))
    figures = compared(arrays, test, tune_on=validate)
    write_card(file, settings, parts, items, reached, figures, command)
    return file


def _parts(items: Sequence[Item], seed: int) -> tuple[tuple[str, ...], ...]:
    """The sources for training, validation and test."""
    train, validation, test = (
        [item.source for item in items if item.use == use]
        for use in ("train", "validation", "test")
    )
    sources = [item.source for item in items]
    return split(sources, seed, train=train, validation=validation, test=test)


class _Batches:
    """Noisy windows and their clean middle frames, determined by the seed and a batch's number."""

    def __init__(self, items: Sequence[Item], settings: Settings) -> None:
        self._cutter = Cutter(read_scenes(items), settings.side)
        self._settings = settings

    def make(self, number: int) -> tuple[Any, Any]:
        """Inputs (batch, side, side, 10) and targets (batch, side, side, 3)."""
        random = np.random.default_rng([self._settings.seed, number])
        inputs, wanted = [], []
        for _ in range(self._settings.batch):
            clean = self._cutter.cut(random)
            made, level = noise.noisy(clean, random)
            inputs.append(noise.network_input(made, level))
            wanted.append(clean[1])
        return np.stack(inputs), np.stack(wanted)


def _validation(items: Sequence[Item], side: int, seed: int) -> list[tuple[Any, Any]]:
    """A batch for each level of white noise."""
    cutter, random = Cutter(read_scenes(items, 2), side), np.random.default_rng([seed, 1, 2, 3])
    found = []
    for level in LEVELS:
        clean = [cutter.cut(random) for _ in range(_VALIDATED)]
        made = [noise.network_input(noise.white(c, level, random), level) for c in clean]
        found.append((np.stack(made), np.stack([c[1] for c in clean])))
    return found


class _Trainer:
    """Weights in training, and the state needed to resume."""

    def __init__(self, settings: Settings) -> None:
        self.torch = import_extra("torch")
        self.settings, self.step = settings, 0
        self.torch.manual_seed(settings.seed)
        self.torch.set_num_threads(settings.threads)
        self.of = TorchPictureLayers()
        start = network.initial(settings.seed)
        self.weights = {k: self.torch.from_numpy(v).requires_grad_() for k, v in start.items()}
        self.averaged = {k: v.detach().clone() for k, v in self.weights.items()}
        self.adam = self.torch.optim.Adam(list(self.weights.values()), lr=settings.rate)

    def learn(self, inputs: Any, wanted: Any) -> float:
        """Take one step; return its loss."""
        torch, settings = self.torch, self.settings
        ramp = min(1.0, (self.step + 1) / 200)
        fall = 0.5 + 0.5 * math.cos(math.pi * self.step / settings.steps)
        for group in self.adam.param_groups:
            group["lr"] = settings.rate * ramp * (0.01 + 0.99 * fall)
        given = network.forward(self.of, self.weights, torch.from_numpy(inputs))
        off = torch.sqrt((given - torch.from_numpy(wanted)) ** 2 + _SOFT**2).mean((1, 2, 3))
        # Weak noise leaves small differences: unweighted, strong noise would dominate the loss.
        level = torch.from_numpy(inputs[:, 0, 0, -1])
        loss = (off * _UNIT / (level + _LEAST)).mean()
        self.adam.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(self.weights.values()), 0.1)
        self.adam.step()
        self.step += 1
        keep = min(settings.average, self.step / (self.step + 10))
        with torch.no_grad():
            for name, value in self.weights.items():
                self.averaged[name].lerp_(value, 1 - keep)
        return float(loss.detach())

    def score(self, batches: Sequence[tuple[Any, Any]]) -> list[float]:
        """PSNR of the averaged weights at each noise level."""
        with self.torch.no_grad():
            return [
                psnr(
                    network.forward(self.of, self.averaged, self.torch.from_numpy(x)).numpy(), clean
                )
                for x, clean in batches
            ]

    def arrays(self) -> dict[str, Any]:
        """The averaged weights."""
        return {name: value.numpy().copy() for name, value in self.averaged.items()}

    def save(self, file: Path, best: float) -> None:
        """Write the state atomically."""
        held = {f"now.{k}": v.detach().numpy() for k, v in self.weights.items()}
        held |= {f"average.{k}": v.numpy() for k, v in self.averaged.items()}
        for name, value in self.weights.items():
            held[f"mean.{name}"] = self.adam.state[value]["exp_avg"].numpy()
            held[f"square.{name}"] = self.adam.state[value]["exp_avg_sq"].numpy()
        draft = file.with_suffix(".draft")
        notes = {"step": str(self.step), "best": repr(best), "steps": str(self.settings.steps)}
        save_file({k: np.ascontiguousarray(v) for k, v in held.items()}, str(draft), notes)
        os.replace(draft, file)

    def restore(self, file: Path) -> float:
        """Restore a state written by ``save``; return its ``best``."""
        from safetensors import safe_open

        torch = self.torch
        with safe_open(str(file), framework="numpy") as held, torch.no_grad():
            notes = held.metadata()
            for name, value in self.weights.items():
                value.copy_(torch.from_numpy(held.get_tensor(f"now.{name}")))
                self.averaged[name].copy_(torch.from_numpy(held.get_tensor(f"average.{name}")))
                self.adam.state[value] = {
                    "step": torch.tensor(float(notes["step"])),
                    "exp_avg": torch.from_numpy(held.get_tensor(f"mean.{name}")),
                    "exp_avg_sq": torch.from_numpy(held.get_tensor(f"square.{name}")),
                }
        self.step = int(notes["step"])
        return float(notes["best"])


def _fit(
    teach: Sequence[Item],
    validate: Sequence[Item],
    settings: Settings,
    work: Path,
    progress: Progress,
) -> tuple[dict[str, Any], float]:
    """Train; return the weights that were best on ``validate``, and their mean PSNR."""
    trainer, best = _Trainer(settings), 0.0
    state, good = work / "checkpoint.safetensors", work / "best.safetensors"
    result = trainer.arrays()
    if state.is_file() and good.is_file():
        best, result = trainer.restore(state), load_file(str(good))
    batches = _Batches(teach, settings)
    judged = _validation(validate, 2 * settings.side, settings.seed)
    for number in _steps(trainer, settings.steps):
        loss = trainer.learn(*batches.make(number))
        step = trainer.step
        if step % 50 == 0:
            progress(TrainingProgress("train", step, settings.steps, {"loss": loss}))
        if step % settings.check and step != settings.steps:
            continue
        reached = trainer.score(judged)
        values = {f"{level * 255:.0f}": value for level, value in zip(LEVELS, reached, strict=True)}
        progress(TrainingProgress("validate", step, settings.steps, values))
        mean = float(np.mean(reached))
        if mean > best:
            best, result = mean, trainer.arrays()
            save_file(result, str(good))
        trainer.save(state, best)
    return result, best


def _steps(trainer: _Trainer, steps: int) -> Iterator[int]:
    while trainer.step < steps:
        yield trainer.step
