"""Easing: how a value gets from one keyframe to the next.

An easing is a text: a word of CSS (``ease-out``), one of Robert Penner's thirty
(``ease-in-out-cubic``), or a function with numbers: ``cubic-bezier(0.3, 0, 0.2, 1)``,
``steps(4, jump-both)``, ``spring(0.4)``. Words and functions of CSS are those of CSS Easing
Functions Level 1. An easing begins at 0 and ends at 1; in between, some overshoot.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from vedc.edit.values import Keyframes

Easing = Callable[[float], float]
"""Progress at a time from 0 to 1."""


def cubic_bezier(x1: float, y1: float, x2: float, y2: float) -> Easing:
    """The curve from (0, 0) to (1, 1) with these control points; x is time, within 0 to 1."""

    def point(a: float, b: float, s: float) -> float:
        return ((1 + 3 * a - 3 * b) * s + 3 * b - 6 * a) * s * s + 3 * a * s

    def ease(t: float) -> float:
        # x(s) rises with s, so bisection is safe; 50 halvings exhaust a double near 1.
        low, high = 0.0, 1.0
        for _ in range(50):
            middle = (low + high) / 2
            if point(x1, x2, middle) < t:
                low = middle
            else:
                high = middle
        return point(y1, y2, (low + high) / 2)

    return ease


#: What ``steps`` adds to the number of the step that is shown, and to the number of steps.
_JUMPS: Final[dict[str, tuple[int, int]]] = {
    "jump-start": (1, 0), "jump-end": (0, 0), "jump-none": (0, -1), "jump-both": (1, 1),
    "start": (1, 0), "end": (0, 0),
}  # fmt: skip


#: Parts of a step that rounding may miss.
_ROUNDED: Final = 1e-9


def steps(count: int, jump: str = "jump-end") -> Easing:
    """``count`` steps of equal length. At a keyframe itself its own value holds."""
    first, more = _JUMPS[jump]

    def ease(t: float) -> float:
        if t <= 0 or t >= 1:
            return 0.0 if t <= 0 else 1.0
        # Rounding takes the beginning of a step, such as 1/49 of 49, to the step before.
        return (math.floor(t * count + _ROUNDED) + first) / (count + more)

    return ease


def spring(bounce: float = 0.3) -> Easing:
    """A damped spring that has come to rest at the end, to a thousandth.

    ``bounce`` is one less the damping ratio: 0 does not overshoot, 0.9 swings long.
    """
    decay = math.log(1000)
    ratio = 1 - bounce
    swing = decay * math.sqrt(1 - ratio * ratio) / ratio

    def ease(t: float) -> float:
        if t <= 0 or t >= 1:
            return 0.0 if t <= 0 else 1.0
        if not swing:
            return 1 - math.exp(-decay * t) * (1 + decay * t)
        turned = math.cos(swing * t) + decay / swing * math.sin(swing * t)
        return 1 - math.exp(-decay * t) * turned

    return ease


def _in_out(ease: Easing) -> Easing:
    return lambda t: ease(2 * t) / 2 if t < 0.5 else 1 - ease(2 - 2 * t) / 2


def _power(exponent: int) -> Easing:
    return lambda t: math.pow(t, exponent)


def _back(strength: float) -> Easing:
    return lambda t: ((strength + 1) * t - strength) * t * t


def _elastic(period: float) -> Easing:
    def ease(t: float) -> float:
        if t <= 0 or t >= 1:
            return t
        turn = 2 * math.pi / period
        return -math.pow(2, 10 * t - 10) * math.sin((10 * t - 10 - period / 4) * turn)

    return ease


def _bounce(t: float) -> float:
    """Backwards: from the last touch of the ground to the height at the start."""
    t = 1 - t
    if t < 1 / 2.75:
        return 1 - 7.5625 * t * t
    middle, ground = (1.5, 0.75) if t < 2 / 2.75 else (2.25, 0.9375)
    if t >= 2.5 / 2.75:
        middle, ground = 2.625, 0.984375
    return 1 - (7.5625 * (t - middle / 2.75) ** 2 + ground)


#: Robert Penner's curves: each as it starts, and as it starts in the ease-in-out form.
_CURVES: Final[dict[str, tuple[Easing, Easing | None]]] = {
    "sine": (lambda t: 1 - math.cos(t * math.pi / 2), None),
    "quad": (_power(2), None),
    "cubic": (_power(3), None),
    "quart": (_power(4), None),
    "quint": (_power(5), None),
    "expo": (lambda t: math.pow(2, 10 * t - 10) if 0 < t < 1 else t, None),
    "circ": (lambda t: 1 - math.sqrt(max(0.0, 1 - t * t)), None),
    "back": (_back(1.70158), _back(1.70158 * 1.525)),
    "elastic": (_elastic(3.0), _elastic(4.5)),
    "bounce": (_bounce, None),
}


#: The families of Penner's curves: how each begins where it eases in.
PENNER: Final[dict[str, str]] = {
    "sine": "a quarter of a sine",
    "quad": "the square of time",
    "cubic": "the third power of time",
    "quart": "the fourth power",
    "quint": "the fifth power",
    "expo": "doubling ten times",
    "circ": "a quarter of a circle",
    "back": "first a little backwards",
    "elastic": "swinging ever wider",
    "bounce": "bouncing ever higher",
}


def _out(ease: Easing) -> Easing:
    return lambda t: 1 - ease(1 - t)


EASINGS: Final[dict[str, Easing]] = {
    "linear": lambda t: t,
    "ease": cubic_bezier(0.25, 0.1, 0.25, 1.0),
    "ease-in": cubic_bezier(0.42, 0.0, 1.0, 1.0),
    "ease-out": cubic_bezier(0.0, 0.0, 0.58, 1.0),
    "ease-in-out": cubic_bezier(0.42, 0.0, 0.58, 1.0),
    "step-start": steps(1, "jump-start"),
    "step-end": steps(1),
    "hold": steps(1),
    "spring": spring(),
    **{
        f"ease-{way}-{name}": ease
        for name, (start, both) in _CURVES.items()
        for way, ease in (
            ("in", start), ("out", _out(start)), ("in-out", _in_out(both or start))
        )
    },
}  # fmt: skip
"""Every word, with its curve."""

_NUMBER: Final = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_WITHIN: Final = r"\+?(?:0*1(?:\.0*)?|0*\.[0-9]+|0+(?:\.[0-9]*)?)"
"""A number from 0 to 1."""
_COMMA: Final = r" *, *"

_SPELLED: Final = (
    rf"ease_(?:in|out|in_out)(?:_(?:{'|'.join(_CURVES)}))?",
    rf"ease(?:In|Out|InOut)(?:{'|'.join(name.title() for name in _CURVES)})?",
)
"""The words as other tools spell them."""

#: Easings other than words, as regular expressions that the JSON Schema also uses.
PATTERNS: Final[tuple[str, ...]] = (
    *_SPELLED,
    rf"cubic-bezier\( *{_COMMA.join([_WITHIN, _NUMBER, _WITHIN, _NUMBER])} *\)",
    rf"steps\( *[1-9][0-9]{{0,3}}(?:{_COMMA}(?:jump-start|jump-end|jump-both|start|end))? *\)",
    rf"steps\( *(?:[2-9]|[1-9][0-9]{{1,3}}){_COMMA}jump-none *\)",
    r"spring\( *0?(?:\.(?:[0-8][0-9]*|9(?:[0-4][0-9]*)?))? *\)",
)
#: Compiled where it is first used: that takes longer than most modules take to import.
_PATTERN: Final = "|".join(PATTERNS)


def canonical(text: str) -> str | None:
    """The canonical form of an easing; None if ``text`` is not one.

    Words may be written as in other tools: ``easeInOutCubic``, ``ease_in_out_cubic``.
    """
    if text in EASINGS:
        return text
    if re.fullmatch(_PATTERN, text) is None:
        return None
    if "(" not in text:
        return re.sub(r"(?<=[a-z])(?=[A-Z])|_", "-", text).lower()
    name, _, inner = text.rstrip(") ").partition("(")
    return f"{name}({', '.join(part.strip() for part in inner.split(','))})"


@lru_cache(maxsize=256)
def easing(text: str) -> Easing:
    """The curve of an easing in its canonical form. Raises ValueError for another text."""
    if text in EASINGS:
        return EASINGS[text]
    if canonical(text) != text:
        raise ValueError(f"{text!r} is not an easing")
    name, _, inner = text.rstrip(")").partition("(")
    parts = [part.strip() for part in inner.split(",") if part.strip()]
    if name == "steps":
        return steps(int(parts[0]), *parts[1:])
    if name == "spring":
        return spring(*map(float, parts))
    return cubic_bezier(*map(float, parts))


@lru_cache(maxsize=256)
def step_times(text: str) -> tuple[tuple[Fraction, Fraction], ...] | None:
    """Where an easing jumps, and to what progress; None where it moves gradually.

    Progress is 0 before the first time, and at that time where it is 0.
    """
    words = {"step-start": "steps(1, start)", "step-end": "steps(1)", "hold": "steps(1)"}
    text = words.get(text, text)
    if not text.startswith("steps("):
        return None
    count, _, jump = text.removeprefix("steps(").rstrip(")").partition(", ")
    first, more = _JUMPS[jump or "jump-end"]
    number, parts = int(count), int(count) + more
    jumps = [(Fraction(n, number), Fraction(n + first, parts)) for n in range(number)]
    return tuple(jump for jump in (*jumps, (Fraction(1), Fraction(1))) if jump[1])


@lru_cache(maxsize=256)
def overshoots(text: str) -> bool:
    """Whether an easing leaves 0 to 1 on its way."""
    ease = easing(text)
    return any(not -1e-9 <= ease(n / 512) <= 1 + 1e-9 for n in range(513))


def value_at(moving: Keyframes, frame: int | Fraction) -> float | tuple[float, ...]:
    """The value at ``frame``: held before the first point and after the last."""
    points = moving.points
    if frame <= points[0].frame:
        return points[0].value
    for before, after in itertools.pairwise(points):
        if frame == before.frame:
            return before.value
        if frame < after.frame:
            t = easing(before.easing)(_share(frame, before.frame, after.frame))
            low, high = moving.limits
            if isinstance(before.value, tuple) and isinstance(after.value, tuple):
                return tuple(
                    min(max(a + (b - a) * t, low), high)
                    for a, b in zip(before.value, after.value, strict=True)
                )
            assert not isinstance(before.value, tuple)
            assert not isinstance(after.value, tuple)
            return min(max(before.value + (after.value - before.value) * t, low), high)
    return points[-1].value


def _share(at: int | Fraction, begin: int | Fraction, end: int | Fraction) -> float:
    """How much of the way from ``begin`` to ``end`` lies before ``at``, correctly rounded."""
    # In integers, as this runs for every number that moves in every frame.
    (n, d), (a, b), (p, q) = (each.as_integer_ratio() for each in (at, begin, end))
    return (n * b - a * d) * q / (d * (p * b - a * q))


_HALVINGS: Final = 12
"""An eased stretch has at most ``2**_HALVINGS`` chords, however steep it is."""
_PROGRESS_UNIT: Final = 2**32
"""Progress along an eased stretch is rounded to this part of it."""


def straight_pieces(
    name: str, tolerance: Fraction
) -> list[tuple[Fraction, Fraction, Fraction, bool]]:
    """An easing as straight pieces: each begins at a time and a progress, and has a slope.

    ``linear`` and steps are exact; the others become chords between points of the easing, about
    ``tolerance`` from it at most. The last of each is whether the moment itself still belongs to
    the piece before.
    """
    zero, one = Fraction(0), Fraction(1)
    jumps = step_times(name)
    if jumps is not None:
        return [(zero, zero, zero, False), *((t, p, zero, not t) for t, p in jumps if t < 1)]
    knots = [(zero, zero), (one, one)] if name == "linear" else _chords(easing(name), tolerance)
    return [(t, p, (q - p) / (u - t), False) for (t, p), (u, q) in itertools.pairwise(knots)]


def _chords(ease: Easing, tolerance: Fraction) -> list[tuple[Fraction, Fraction]]:
    """Points (time, progress) of an easing, close enough that chords are within bounds."""

    def progress(time: Fraction) -> Fraction:
        if time.denominator == 1:  # an easing begins at 0 and ends at 1
            return time
        return Fraction(round(ease(float(time)) * _PROGRESS_UNIT), _PROGRESS_UNIT)

    def between(begin: Fraction, end: Fraction, depth: int) -> list[tuple[Fraction, Fraction]]:
        low, high = progress(begin), progress(end)
        straight = all(
            abs(progress(begin + (end - begin) * k / 4) - low - (high - low) * k / 4)
            <= tolerance / 2
            for k in (1, 2, 3)
        )
        if straight or depth == _HALVINGS:
            return [(begin, low)]
        middle = (begin + end) / 2
        return between(begin, middle, depth + 1) + between(middle, end, depth + 1)

    return [*between(Fraction(0), Fraction(1), 0), (Fraction(1), Fraction(1))]
