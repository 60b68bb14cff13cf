"""Settings of a training of the balance network."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a training; the model card lists them all."""

    steps: int = 1600
    """Of each member."""
    batch: int = 32
    """Shots of a step."""
    rate: float = 3e-3
    decay: float = 5e-2
    """Of weights, as in AdamW (Loshchilov and Hutter 2019)."""
    part: float = 0.85
    """Share of the training sources that a member sees."""
    average: float = 0.995
    """Share of the averaged weights that stays in each step."""
    seed: int = 7
    check: int = 200
    """Steps between validations."""
    patience: int = 4
    """Validations without a better one before a member's training stops."""
    validated: int = 24
    """Shots of each source that validate."""
    tested: int = 24
    harm: float = 0.02
    """Share of shots that may become worse on validation, where limits are chosen."""
    threads: int = 1
