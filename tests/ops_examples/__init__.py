"""Example parameters for every op, gathered: what the suites over all ops draw with."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "clean": {"strength": 0.08, "amount": 0.7},
    "style": {"painting": "the_scream", "color": "mix", "detail": 0.7, "strength": 0.8},
    **{name: {"amount": 0.5} for name in ("model", "model_3", "model_5")},
    "motion_trail": {"decay": 0.6, "frames": 3},
    "steady": {"over": 2, "strength": 0.8},
}
for _module in iter_modules(__path__):
    EXAMPLES |= import_module(f"{__name__}.{_module.name}").EXAMPLES
