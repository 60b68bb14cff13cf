"""A colour file without its tables. Plain data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from vedc.color import Vec3f
from vedc.support.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction of the ASC: slope, offset, power, then saturation."""

    id: str
    slope: Vec3f
    offset: Vec3f
    power: Vec3f
    saturation: float


@dataclass(frozen=True, slots=True)
class LookInfo:
    """A colour file that reads well."""

    holds: tuple[str, ...]
    """Its steps in words, in the order in which they are computed."""
    corrections: tuple[Correction, ...] = ()
    """Of a .cc, .ccc or .cdl."""
    title: str = ""
    takes: str = ""
    """The file's own description of its input; empty where it has none."""
    gives: str = ""
    """The same of its result."""
    notes: tuple[str, ...] = ()
    """One line each: what of it is approximated, and by how much."""


LookProber = Callable[[Path], LookInfo]
"""Raises UserError ``bad-lut`` where a colour file does not read well."""
