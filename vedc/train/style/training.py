"""Training of a style network on one painting.

    train(Path("starry.jpg"), Path("starry.safetensors"), Settings(minutes=60), progress=print)

The optimizer is Adam (Kingma and Ba 2015) with warm-up and a rate that falls with the time spent;
weights are averaged over the last steps. Footage is split by source. The weights with the best
validation score are kept, and training stops when its time is up or when validation has not
improved for a while. The result depends on elapsed time, so no two trainings give the same bits.
"""

from __future__ import annotations

import hashlib
import math
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from vedc.errors import MissingError, UserError
from vedc.models.picture_layers import TorchPictureLayers
from vedc.models.style import network
from vedc.nn.architectures import ARCHITECTURES
from vedc.nn.weights import read_arrays
from vedc.train.cuts.settings import Progress, TrainingProgress, import_extra, silent
from vedc.train.style import losses, pictures
from vedc.train.style.card import write_card
from vedc.train.style.content import Content, content
from vedc.train.style.palette import start_weights

_VALIDATED: Final = 8
"""Validation windows."""
_STROKES: Final = 0.3
"""The strength of strokes in validation: the default of the op."""
_SELDOM: Final = 4
"""The interval of steps with the steadiness loss, which needs a second pass."""
_NAMES: Final = ("strokes", "drawing", "layout", "steadiness", "range")


@dataclass(frozen=True, slots=True)
class Settings:
    size: str = network.START
    """``xs``, ``s`` or ``l``; or ``start``, which has nothing to train."""
    minutes: float = 60.0
    """Training time, summed over resumed runs."""
    steps: int = 0
    """The most steps; 0: limited only by time."""
    batch: int = 1
    side: int = 192
    """Side of a training window in pixels, at half the frame's size: about the network's receptive
    field. A smaller window has no room for the distribution of a whole painting."""
    rate: float = 1e-3
    """The highest rate of Adam. At 4e-3 the last layer may die within minutes, for good."""
    average: float = 0.995
    """Decay of the weights' moving average per step."""
    drawing: float = 0.4
    """Weight of the frame's lines relative to the painting's strokes."""
    steadiness: float = 2.0
    """Weight of steadiness relative to the painting's strokes."""
    layout: float = 0.5
    """Weight of the start's layout of light and colour relative to the painting's strokes."""
    painting_size: int = pictures.PAINTED
    """The painting's shorter side, in pixels of a frame at half size; smaller values give finer
    strokes."""
    check: int = 250
    """Steps between validations."""
    patience: int = 12
    """Validations without improvement before training stops."""
    seed: int = 5
    threads: int = 1
    begin: Path | None = None
    """Weights of another style of the same size, to start from instead of random ones."""


def train(
    painting: Path,
    file: Path,
    settings: Settings | None = None,
    *,
    clips: Path | None = None,
    progress: Progress = silent,
    command: str = "",
) -> Path:
    """Train on a painting; write the weights to ``file``, a ``.safetensors``, and a card beside it.

    ``clips`` is a folder of footage; without one, pictures are generated. Called again with the
    same painting, size and footage, an interrupted training resumes. Its state is in the folder
    ``file.work`` beside the weights. Raises MissingError ``no-extra``, ``no-painting``,
    ``no-footage``, ``no-weights`` and ``too-few-sources``, SpecError ``bad-painting`` and for a bad
    manifest, and UserError ``bad-weights``.
    """
    settings = settings or Settings()
    import_extra("torch")
    canvas = pictures.read_painting(painting, settings.painting_size)
    seen = content(clips, settings.seed, progress)
    work = file.with_suffix(".work")
    work.mkdir(parents=True, exist_ok=True)
    arrays, reached = _fit(canvas, seen, settings, work, progress)
    notes = {
        "arch": "style",
        "version": str(ARCHITECTURES["style"].version),
        "size": settings.size,
        "licence": "as that of the painting and the footage",
        "made": command,
        "measured": ", ".join(f"{name} {value:.3f}" for name, value in reached.items())
        + " on validation",
    }
    halves = {name: array.astype(np.float16) for name, array in arrays.items()}
    draft = file.with_suffix(".draft")
    save_file(halves, str(draft), notes)
    draft.chmod(0o644)  # safetensors makes files readable by their owner only
    os.replace(draft, file)
    write_card(file, painting, settings, seen, reached, command)
    return file


class _Trainer:
    """Weights in training, and the state needed to resume."""

    def __init__(self, canvas: Any, begun: Mapping[str, Any], settings: Settings) -> None:
        self.torch = import_extra("torch")
        self.settings, self.step, self.spent = settings, 0, 0.0
        self.torch.manual_seed(settings.seed)
        self.torch.set_num_threads(settings.threads)
        self.of = TorchPictureLayers()
        start = {**_beginning(settings), **begun}
        fixed = {name for name in start if name.startswith("start.")}
        self.weights = {
            k: self.torch.from_numpy(v).requires_grad_(k not in fixed) for k, v in start.items()
        }
        self.learned = {k: v for k, v in self.weights.items() if k not in fixed}
        self.averaged = {k: v.detach().clone() for k, v in self.weights.items()}
        learned = list(self.learned.values())
        self.adam: Any = None
        if learned:
            self.adam = self.torch.optim.Adam(learned, lr=settings.rate, betas=(0.9, 0.98))
        picture = self.torch.from_numpy(canvas.astype(np.float32) / 255)
        self.strokes = losses.Strokes(picture.permute(2, 0, 1)[None].contiguous(), settings.seed)

    def learn(self, x: Any, random: np.random.Generator) -> Mapping[str, float]:
        """Take one step on windows (n, side, side, 9); return its losses by name."""
        settings = self.settings
        share = self.share()
        ramp = min(1.0, (self.step + 1) / 100)
        fall = math.cos(math.pi / 2 * max(0.0, 2 * share - 1))
        for group in self.adam.param_groups:
            group["lr"] = settings.rate * ramp * max(0.03, fall)
        strength = random.uniform(0, 1)
        parts = self.parts(self.weights, x, random, strength, self.step % _SELDOM == 0)
        self.adam.zero_grad(set_to_none=True)
        # Its weight rises over time: at first, it would keep the network from painting at all.
        self.total(parts, _SELDOM * min(1.0, 0.05 + 1.2 * share)).backward()
        self.torch.nn.utils.clip_grad_norm_(list(self.learned.values()), 1.0)
        self.adam.step()
        self.step += 1
        keep = min(settings.average, self.step / (self.step + 10))
        with self.torch.no_grad():
            for name, value in self.weights.items():
                self.averaged[name].lerp_(value, 1 - keep)
        return {name: float(value.detach()) for name, value in parts.items()}

    def share(self) -> float:
        """The completed share of the training, 0..1."""
        settings = self.settings
        steps = self.step / settings.steps if settings.steps else 0.0
        return min(1.0, max(steps, self.spent / (60 * settings.minutes)))

    def parts(
        self,
        weights: Mapping[str, Any],
        x: Any,
        random: np.random.Generator,
        strength: float = _STROKES,
        steady: bool = True,
    ) -> dict[str, Any]:
        """The losses by name, with strokes of a strength; without ``steady``, steadiness is left
        out."""
        frames = self.torch.from_numpy(self._on_canvas(x, strength, random)).permute(0, 3, 1, 2)
        made = losses.disturbed(frames, random) if steady else None
        given = self.torch.cat([frames, made.frames]) if made else frames
        drawn = network.drawn(self.of, weights, given.permute(0, 2, 3, 1))
        both, begun = (each.permute(0, 3, 1, 2) for each in drawn)
        y, begun, found = both[: len(frames)], begun[: len(frames)], {}
        if made:
            found["steadiness"] = losses.unsteadiness(y, both[len(frames) :], made, begun)
        found["layout"] = losses.moved_layout(y, begun)
        found["strokes"] = self.strokes.distance(y, random)
        found["drawing"] = losses.drawing(y, frames[:, 3:6])
        found["range"] = losses.beyond(y)
        return found

    def _on_canvas(self, x: Any, strength: float, random: np.random.Generator) -> Any:
        """Windows (n, side, side, 9) with a random part of the canvas as a tenth channel."""
        canvas = self.weights["start.canvas.weight"].detach().numpy()
        shift = [int(random.integers(side)) for side in canvas.shape]
        at = [np.arange(x.shape[1]) + first for first in shift]
        part = canvas.take(at[0], 0, mode="wrap").take(at[1], 1, mode="wrap")
        plane = np.broadcast_to(np.float32(strength) * part[None, ..., None], (*x.shape[:3], 1))
        return np.concatenate([x, plane], -1)

    def total(self, parts: Mapping[str, Any], often: float = 1.0) -> Any:
        """The loss, with ``often`` times the weight of steadiness."""
        weight = {
            "strokes": 1.0,
            "layout": self.settings.layout,
            "drawing": self.settings.drawing,
            "steadiness": self.settings.steadiness * often,
            "range": 2.0,
        }
        return sum(weight[name] * value for name, value in parts.items())

    def score(self, windows: Sequence[Any]) -> tuple[float, dict[str, float]]:
        """The loss of the averaged weights, and its terms."""
        random = np.random.default_rng([self.settings.seed, 1, 2])
        with self.torch.no_grad():
            all_parts = [self.parts(self.averaged, x, random) for x in windows]
            mean = {name: sum(p[name] for p in all_parts) / len(all_parts) for name in _NAMES}
            return float(self.total(mean)), {name: float(value) for name, value in mean.items()}

    def arrays(self) -> dict[str, Any]:
        """The averaged weights."""
        return {name: value.numpy().copy() for name, value in self.averaged.items()}

    def save(self, file: Path, best: float, since: int) -> None:
        """Write the state atomically."""
        held = {f"now.{k}": v.detach().numpy() for k, v in self.weights.items()}
        held |= {f"average.{k}": v.numpy() for k, v in self.averaged.items()}
        for name, value in self.learned.items():
            held[f"mean.{name}"] = self.adam.state[value]["exp_avg"].numpy()
            held[f"square.{name}"] = self.adam.state[value]["exp_avg_sq"].numpy()
        draft = file.with_suffix(".draft")
        notes = {"step": str(self.step), "spent": repr(self.spent), "best": repr(best)}
        notes |= {"since": str(since), "size": self.settings.size}
        save_file({k: np.ascontiguousarray(v) for k, v in held.items()}, str(draft), notes)
        os.replace(draft, file)

    def restore(self, file: Path) -> tuple[float, int]:
        """Restore a state written by ``save``; return its ``best`` and ``since``."""
        torch = self.torch
        with safe_open(str(file), framework="numpy") as held, torch.no_grad():
            notes = held.metadata()
            for name, value in self.weights.items():
                value.copy_(torch.from_numpy(held.get_tensor(f"now.{name}")))
                self.averaged[name].copy_(torch.from_numpy(held.get_tensor(f"average.{name}")))
            for name, value in self.learned.items():
                self.adam.state[value] = {
                    "step": torch.tensor(float(notes["step"])),
                    "exp_avg": torch.from_numpy(held.get_tensor(f"mean.{name}")),
                    "exp_avg_sq": torch.from_numpy(held.get_tensor(f"square.{name}")),
                }
        self.step, self.spent = int(notes["step"]), float(notes["spent"])
        return float(notes["best"]), int(notes["since"])


def _beginning(settings: Settings) -> dict[str, Any]:
    """Initial weights. Raises MissingError ``no-weights`` and UserError ``bad-weights``."""
    if settings.begin is None:
        return network.initial(settings.seed, settings.size)
    if not settings.begin.is_file():
        message = f"the weights '{settings.begin}' are not there"
        raise MissingError.one("no-weights", message, hint="name a .safetensors file of a style")
    arrays = read_arrays(settings.begin, ARCHITECTURES["style"])
    wanted = network.shapes(settings.size)
    if {name: array.shape for name, array in arrays.items()} != dict(wanted):
        message = f"the weights '{settings.begin}' are not of size {settings.size}"
        hint = f"name others, or train that size: --size {'|'.join(network.CHANNELS)}"
        raise UserError.one("bad-weights", message, hint=hint)
    return arrays


def _fit(
    canvas: Any, seen: Content, settings: Settings, work: Path, progress: Progress
) -> tuple[dict[str, Any], dict[str, float]]:
    """Train; return the weights that were best on validation, and their losses."""
    teach = pictures.Windows(seen.teach, settings.side)
    begun = start_weights(canvas, teach, np.random.default_rng([settings.seed, 4]))
    trainer, best, since = _Trainer(canvas, begun, settings), math.inf, 0
    judge = pictures.Windows(seen.validate, settings.side)
    random = np.random.default_rng([settings.seed, 3])
    judged = [judge.cut(2, random) for _ in range(_VALIDATED // 2)]
    if not trainer.learned:
        return trainer.arrays(), trainer.score(judged)[1]
    # Another painting, size of it or of the network, or initial weights mean a different training.
    start = settings.begin.read_bytes() if settings.begin else b""
    mark = hashlib.sha256(canvas.tobytes() + start).hexdigest()[:12]
    mark = f"{settings.size}-{ARCHITECTURES['style'].version}-{mark}"
    state, good = work / f"{mark}.safetensors", work / f"{mark}-best.safetensors"
    if state.is_file() and good.is_file():
        best, since = trainer.restore(state)
    log = _log(work)
    begin, before = time.monotonic(), trainer.spent
    while trainer.share() < 1 and since < settings.patience:
        random = np.random.default_rng([settings.seed, trainer.step])
        parts = trainer.learn(teach.cut(settings.batch, random), random)
        trainer.spent = before + time.monotonic() - begin
        step, done = trainer.step, trainer.share() >= 1
        if step % 20 == 0:
            values = {"minutes": trainer.spent / 60, **parts}
            progress(TrainingProgress("train", step, 0, values))
            for name, value in parts.items():
                log and log.add_scalar(f"train/{name}", value, step)
        if step % settings.check and not done:
            continue
        loss, parts = trainer.score(judged)
        progress(TrainingProgress("validate", step, 0, {"loss": loss, **parts}))
        for name, value in {"loss": loss, **parts}.items():
            log and log.add_scalar(f"validation/{name}", value, step)
        since += 1
        if loss < best:
            best, since = loss, 0
            save_file(trainer.arrays(), str(good), {k: repr(v) for k, v in parts.items()})
        trainer.save(state, best, since)
    with safe_open(str(good), framework="numpy") as held:
        notes = held.metadata() or {}
    return load_file(str(good)), {name: float(notes[name]) for name in _NAMES}


def _log(work: Path) -> Any:
    """A TensorBoard log, if TensorBoard is installed."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        return None
    return SummaryWriter(str(work / "log"))
