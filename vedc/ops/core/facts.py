"""What an op tells the optimiser about its parameters: shared by the declarations of all kinds.

Each function here makes an ``identity`` or an ``inverse`` of :class:`~vedc.ops.core.registry.Op`.
A value that moves over time is not a number and equals nothing, so nothing is claimed of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from vedc.ops.core.registry import Values

Identity: TypeAlias = Callable[[Values], bool]
Inverse: TypeAlias = Callable[[Values], dict[str, object] | None]


def neutral(**values: object) -> Identity:
    """Every named parameter has its neutral value; a number counts for all three channels."""

    def identity(given: Values) -> bool:
        return all(given[name] in (n, (n, n, n)) for name, n in values.items())

    return identity


def number(value: object) -> float | None:
    """The value, if it is one number that does not move."""
    return float(value) if isinstance(value, (int, float)) else None


def numbers(value: object) -> tuple[float, ...] | None:
    """The values of a vector, if none of them moves."""
    if isinstance(value, tuple) and all(isinstance(v, (int, float)) for v in value):
        return tuple(float(v) for v in value)
    return None


def negated(name: str) -> Inverse:
    """Undone by the parameter, a number or one for each channel, with its sign changed."""

    def inverse(given: Values) -> dict[str, object] | None:
        one, three = number(given[name]), numbers(given[name])
        if one is not None:
            return {**given, name: -one}
        return None if three is None else {**given, name: tuple(-v for v in three)}

    return inverse


def reciprocal(name: str) -> Inverse:
    """Undone by one over the parameter, a number or one for each channel, if none is 0."""

    def inverse(given: Values) -> dict[str, object] | None:
        one, three = number(given[name]), numbers(given[name])
        if one:
            return {**given, name: 1.0 / one}
        if three and all(three):
            return {**given, name: tuple(1.0 / v for v in three)}
        return None

    return inverse
