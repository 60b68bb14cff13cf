"""The question of a decided crop, as typed values. ``vedc.decide.reframe`` answers it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from vedc.edit.model import Profile
from vedc.errors import SourceLocation
from vedc.lang.resolve.grades.question import GradedItem
from vedc.lang.yaml.tree import SpecNode
from vedc.support.lazy_dataclass import dataclass


class Covered(NamedTuple):
    """A title over an item."""

    begin: int
    end: int
    """Frames from the item's start, half open."""
    box: tuple[float, float, float, float]
    """Left, top, right and bottom, in fractions of the item's box."""


@dataclass(frozen=True, slots=True, eq=False)
class ReframedItem:
    """A clip or a still whose crop is undecided."""

    item: GradedItem
    window: tuple[int, int, int, int]
    """x, y, width and height of what it shows without the crop, in pixels of the displayed
    picture."""
    picture: tuple[int, int]
    """Width and height of the whole picture."""
    box: tuple[float, float]
    """Width and height that it fills, in canvas pixels."""
    covered: tuple[Covered, ...] = ()
    """In order of time."""

    @property
    def name(self) -> str:
        return self.item.name


@dataclass(frozen=True, slots=True, eq=False)
class ReframeQuestion:
    """The question of an output, or of an item's crop."""

    items: tuple[ReframedItem, ...]
    profile: Profile
    output: bool
    """Whether it is about an output, so that the answer names its clips."""
    location: SourceLocation | None = None
    faces: tuple[Path, str] | None = None
    """The file of a face detector, and its digest: the file itself may be missing."""

    @property
    def shared(self) -> bool:
        return self.output


@dataclass(frozen=True, slots=True, eq=False)
class AskedReframe:
    """A question with its places in the spec."""

    node: SpecNode
    """The asking node: the value of ``reframe`` or ``crop``."""
    name: str
    """The path of the output, or the name of the item: ``main[1]``."""
    question: ReframeQuestion
    plain: Any
    """The question as plain data, without anything that cannot influence the answer."""
    places: tuple[tuple[int, int], ...]
    """The numbers of the track and of the clip in it, of each item."""
    output: int | None = None
    """The number of the output."""
