"""The input and the output of deciders of colour: a shot, and a decision about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final, NamedTuple

from vedc.color import HDR_TRANSFERS, Color
from vedc.decide.arrays import Float, Floats
from vedc.decide.choose.reasons import Reason

Step = Mapping[str, Any]
"""An ordinary step of a ``grade`` list as plain data: ``{"op": "exposure", "stops": 0.3}``."""


class Canvas(NamedTuple):
    """The meaning of pictures' display values."""

    matrix: str = "bt709"
    transfer: str = "bt709"

    @classmethod
    def of(cls, color: Color | None) -> Canvas:
        """A film's; None counts as BT.709."""
        return cls() if color is None else cls(color.matrix, color.transfer)

    @property
    def is_hdr(self) -> bool:
        return self.transfer in HDR_TRANSFERS


BT709: Final = Canvas()


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """The visible part of a source's shot, after the steps before the question."""

    name: str
    """The clip and the shot's number in it, as the lock names them: ``main[0] 2``."""
    begin: Fraction
    end: Fraction
    """Seconds of the source."""
    pictures: Floats
    """(n, height, width, 3), n >= 1: frames spread evenly over the shot, display values of the
    canvas (R'G'B', 0..1) in order of time."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The steps decided for a shot, and why."""

    steps: tuple[Step, ...]
    """Empty: the shot stays unchanged."""
    score: float
    """0 to 1: the share of the wanted change that the steps make; 0 for none."""
    reasons: tuple[Reason, ...] = ()
    """Their points add up to the score."""
    instead: tuple[str, ...] = ()
    """The next best alternatives, best first. "As it is" is always among the candidates."""
    table: Float | None = field(default=None, compare=False)
    """With ``detail: lut``, the remainder that steps cannot express: a table (17, 17, 17, 3) of
    ``vedc.decide.grades.tables``, applied after them."""


def left_managed(shots: Sequence[Shot]) -> list[Decision]:
    """Shots of a film managed by an OpenColorIO config, which stay unchanged: decisions are about
    display values, but steps there work on scene light."""
    why = "steps are decided for display values, and in a film with `ocio` they work on light"
    return [Decision((), 0.0, (Reason("differs", 0.1), Reason("ocio", -0.1, why)))] * len(shots)


def left_in_hdr(shots: Sequence[Shot]) -> list[Decision]:
    """Shots of an HDR film, which stay unchanged: grades were learned from display values of
    standard dynamic range."""
    reasons = Reason("differs", 0.1), Reason("HDR", -0.1, "only SDR pictures are compared")
    return [Decision((), 0.0, reasons)] * len(shots)
