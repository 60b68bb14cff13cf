"""Facts for the optimiser that many declarations share.

Each function returns an ``identity`` or ``inverse`` for :class:`~vedc.ops.core.registry.Op`. An
animated value is not a number and equals nothing, so nothing is claimed of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from vedc.ops.core.registry import Values

Identity: TypeAlias = Callable[[Values], bool]
Inverse: TypeAlias = Callable[[Values], dict[str, object] | None]


def neutral(**values: object) -> Identity:
    """Every named parameter has its neutral value; a number applies to all three channels."""

    def identity(params: Values) -> bool:
        return all(params[name] in (n, (n, n, n)) for name, n in values.items())

    return identity


def number(value: object) -> float | None:
    """The value, if it is one constant number."""
    return float(value) if isinstance(value, (int, float)) else None


def numbers(value: object) -> tuple[float, ...] | None:
    """The values of a vector of constants."""
    if isinstance(value, tuple) and all(isinstance(v, (int, float)) for v in value):
        return tuple(float(v) for v in value)
    return None


def negated(name: str) -> Inverse:
    """Undone by negating the parameter, a number or one for each channel."""

    def inverse(params: Values) -> dict[str, object] | None:
        one, three = number(params[name]), numbers(params[name])
        if one is not None:
            return {**params, name: -one}
        return None if three is None else {**params, name: tuple(-v for v in three)}

    return inverse


def reciprocal(name: str) -> Inverse:
    """Undone by the parameter's reciprocal; a number or one for each channel, none of them 0."""

    def inverse(params: Values) -> dict[str, object] | None:
        one, three = number(params[name]), numbers(params[name])
        if one:
            return {**params, name: 1.0 / one}
        if three and all(three):
            return {**params, name: tuple(1.0 / v for v in three)}
        return None

    return inverse
