"""Settings of a training of the balance network."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a training; the model card lists them all."""

    steps: int = 1600
    """Training steps per member."""
    batch: int = 32
    """Shots per step."""
    rate: float = 3e-3
    decay: float = 5e-2
    """Weight decay, as in AdamW (Loshchilov and Hutter 2019)."""
    part: float = 0.85
    """Share of the training sources that a member sees."""
    average: float = 0.995
    """Decay of the weights' moving average per step."""
    seed: int = 7
    check: int = 200
    """Steps between validations."""
    patience: int = 4
    """Validations without improvement before a member's training stops."""
    validated: int = 24
    """Validation shots per source."""
    tested: int = 24
    harm: float = 0.02
    """The largest share of validation shots that may become worse when limits are chosen."""
    threads: int = 1
