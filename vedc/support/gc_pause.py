"""The cycle collector: some stages run without it, and processes with little of it.

A spec of ten thousand clips is a million small objects, all of them in use. Scanning them for
garbage repeatedly takes a third of the time, and finds none: those stages make no cycles.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import wraps
from typing import Final, ParamSpec, TypeVar

#: Objects after which the collector looks for cycles, rather than 700.
_SELDOM: Final = 200_000

P = ParamSpec("P")
R = TypeVar("R")


def without_gc(function: Callable[P, R]) -> Callable[P, R]:
    """The same function, during which no cycles are collected."""

    @wraps(function)
    def paused(*args: P.args, **kwargs: P.kwargs) -> R:
        enabled = gc.isenabled()
        gc.disable()
        try:
            return function(*args, **kwargs)
        finally:
            if enabled:
                gc.enable()

    return paused


def collect_seldom() -> None:
    """Have cycles collected seldom in this process.

    Modules and plans are a hundred thousand long-lived objects. By default the collector scans them
    repeatedly, which costs 4% of a check.
    """
    gc.set_threshold(_SELDOM)
