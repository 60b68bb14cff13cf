"""Settings and progress of a training of the shot-boundary network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from vedc.errors import MissingError


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a training; the model card lists them all."""

    steps: int = 4500
    batch: int = 16
    """Edits per step."""
    frames: int = 128
    """Frames per edit."""
    rate: float = 2e-3
    decay: float = 1e-3
    """Weight decay, as in AdamW (Loshchilov and Hutter 2019)."""
    rare: float = 4.0
    """Weight of a frame with an event, relative to one without."""
    focal: float = 0.0
    """Exponent of the focal loss; 0 disables it."""
    harder: float = 7 / 18
    """Share of the steps after which edits contain twice as many hard negatives."""
    average: float = 0.998
    """Decay of the weights' moving average per step."""
    seed: int = 7
    check: int = 250
    """Steps between validations."""
    patience: int = 8
    """Validations without improvement before training stops."""
    trials: int = 0
    """Short trainings that optuna tries before the long one."""
    trial_steps: int = 300
    short: tuple[int, int] = (80, 256)
    """Validation edits made only as thumbnails: their number, and frames of each."""
    validated: tuple[int, int] = (27, 500)
    """Rendered and encoded validation films: their number, and frames of each."""
    tested: tuple[int, int] = (36, 420)
    """The same for test films."""
    searches: int = 200
    """Sets of thresholds that optuna tries after training."""
    threads: int = 1
    """Threads for training; the last digits of results depend on it."""
    processes: int = 1
    """Processes that generate edits."""
    half: bool | None = None
    """Whether to multiply in bfloat16; None: only if the CPU has matrix units for it."""


@dataclass(frozen=True, slots=True)
class TrainingProgress:
    """Progress of a training."""

    stage: Literal["footage", "tune", "train", "validate", "thresholds", "test"]
    step: int
    steps: int
    values: Mapping[str, float]
    """Losses, and F1 on validation."""


Progress = Callable[[TrainingProgress], None]


def silent(progress: TrainingProgress) -> None:
    pass


def import_extra(name: str) -> Any:
    """Import a module of the extra [train]. Raises MissingError ``no-extra``."""
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError:
        raise MissingError.one(
            "no-extra",
            f"training needs {name.partition('.')[0]}, which is not installed",
            hint="pip install 'vedc[train]'",
        ) from None
