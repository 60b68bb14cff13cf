"""Whether to balance a shot, by which steps, and why."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, Literal

import numpy as np

from vedc.color import HDR_TRANSFERS
from vedc.decide.choose.reasons import Reason
from vedc.decide.grades.balance.estimate import (
    BalanceNetwork,
    Estimate,
    Limits,
    by_closed_form,
    by_network,
)
from vedc.decide.grades.balance.light import light_of
from vedc.decide.grades.balance.steps import Balance, steps_of
from vedc.decide.grades.shot import Decision, Shot

#: Version of these rules; a decision depends on it and on the digest of the weights.
VERSION: Final = 1
DEFAULT: Final[Literal["network", "closed"]] = "network"
#: Limits of the closed form, tuned on the same validation footage as the network's.
CLOSED_LIMITS: Final = Limits(clear=4.0, spread=0.18, tones=math.inf)
_STOP: Final = math.log(2.0)
_VISIBLE: Final = 0.02
"""Casts below this, about half a degree, are not worth a step."""


def decide_balance(
    shots: Sequence[Shot],
    *,
    strength: float,
    method: Literal["network", "closed"] | None = None,
    transfer: str = "bt709",
    matrix: str = "bt709",
) -> list[Decision]:
    """Exposure, white balance and contrast of each shot, where they are clear.

    ``transfer`` and ``matrix`` are the canvas's. Raises what the weights' file raises.
    """
    if transfer in HDR_TRANSFERS:
        return [_unmeasured("HDR pictures were not measured")] * len(shots)
    if (method or DEFAULT) == "closed":
        found = [by_closed_form(light_of(shot.pictures, transfer)) for shot in shots]
        limits = CLOSED_LIMITS
    else:
        net = shipped()
        found = [by_network(light_of(shot.pictures, transfer), net.weights) for shot in shots]
        limits = net.limits
    return [decision(each, limits, strength, matrix) for each in found]


@lru_cache(maxsize=1)
def shipped() -> BalanceNetwork:
    """The weights that come with vedc."""
    return BalanceNetwork.load()


def clear_part(estimate: Estimate, limits: Limits) -> Balance:
    """The parts of an estimate that are acted on."""
    size = float(np.hypot(*estimate.cast))
    cast = (0.0, 0.0)
    if size >= _VISIBLE and estimate.spread <= limits.spread and estimate.clearness >= limits.clear:
        cast = (float(estimate.cast[0]), float(estimate.cast[1]))
    stops, contrast = (
        value if _is_clear(value, variance, limits.tones) else 0.0
        for value, variance in (
            (estimate.stops, estimate.stops_variance),
            (estimate.contrast, estimate.contrast_variance),
        )
    )
    return Balance(cast, stops, contrast)


def _is_clear(value: float, variance: float, deviations: float) -> bool:
    return math.isfinite(variance) and abs(value) > deviations * math.sqrt(variance)


def decision(
    estimate: Estimate, limits: Limits, strength: float, matrix: str = "bt709"
) -> Decision:
    """The steps that correct an estimated error; none if no part of it is clear."""
    acted = clear_part(estimate, limits)
    steps = steps_of(acted.scaled(strength), matrix)
    done = {step["op"] for step in steps}
    # Expected squared errors in log light, before and after.
    parts = [
        _Part("white_balance", "cast", *_cast_squares(estimate), cast_text(estimate.cast)),
        _Part(
            "exposure",
            "exposure",
            (estimate.stops * _STOP) ** 2,
            estimate.stops_variance * _STOP**2,
            f"{abs(estimate.stops):.2f} stops too {'bright' if estimate.stops > 0 else 'dark'}",
        ),
        _Part(
            "contrast",
            "contrast",
            estimate.contrast**2,
            estimate.contrast_variance,
            f"{math.expm1(abs(estimate.contrast)):.0%} too "
            + ("steep" if estimate.contrast > 0 else "flat"),
        ),
    ]
    parts = [part for part in parts if math.isfinite(part.variance)]
    before = sum(part.shift + part.variance for part in parts)
    left = sum(
        part.variance + part.shift * ((1 - strength) ** 2 if part.op in done else 1)
        for part in parts
    )
    score = 1 - math.sqrt(left / before) if done and before > 0 else 0.0
    gained = sum(part.shift for part in parts if part.op in done)
    reasons: list[Reason] = []
    for part in parts:
        if part.op in done:
            reasons.append(Reason(part.name, score * part.shift / gained, part.text))
        elif part.shift > 0.02**2:
            share = 1 - math.sqrt(part.variance / (part.shift + part.variance))
            reasons += [
                Reason(part.name, share, part.text),
                Reason(f"{part.name} unsure", -share, _doubt(part)),
            ]
    return Decision(steps, score, tuple(reasons), ("as it is, score 0.00",) if steps else ())


class _Part:
    """One possible error: the op that corrects it, its expected squares, and its text."""

    __slots__ = ("name", "op", "shift", "text", "variance")

    def __init__(self, op: str, name: str, shift: float, variance: float, text: str) -> None:
        self.op, self.name, self.shift, self.variance, self.text = op, name, shift, variance, text


def _cast_squares(estimate: Estimate) -> tuple[float, float]:
    return float(estimate.cast @ estimate.cast), float(np.trace(estimate.covariance))


def _doubt(part: _Part) -> str:
    """The uncertainty of an estimate, in its own unit."""
    deviation = math.sqrt(part.variance)
    if part.name == "exposure":
        return f"give or take {deviation / _STOP:.2f} stops"
    return f"give or take {math.expm1(deviation):.0%}"


_HUES: Final = (
    (0, "red"), (30, "orange"), (60, "yellow"), (120, "green"), (180, "cyan"), (215, "blue"),
    (255, "violet"), (300, "magenta"), (345, "red"),
)  # fmt: skip


def cast_text(cast: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> str:
    """A cast as a person would say it: "14% too orange"."""
    logs = np.array([-cast[0], 0.0, -cast[1]])
    red, green, blue = logs - logs.mean()
    angle = math.degrees(math.atan2(math.sqrt(3) * (green - blue), 2 * red - green - blue)) % 360
    hue = min(_HUES, key=lambda h: min(abs(angle - h[0]), 360 - abs(angle - h[0])))[1]
    return f"{math.expm1(float(logs.max() - logs.min())):.0%} too {hue}"


def _unmeasured(why: str) -> Decision:
    return Decision((), 0.0, (Reason("cast", 0.1), Reason("cast unsure", -0.1, why)))
