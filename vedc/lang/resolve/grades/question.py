"""The question of a decided step of a grade or effects, as typed values. ``vedc.decide.grades``
answers it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, NamedTuple

from vedc.edit.contents import Clip, Image
from vedc.edit.media_info import MediaInfo
from vedc.edit.model import Edit, Profile, TimelineItem
from vedc.edit.time_map import TimeMap
from vedc.errors import SourceLocation
from vedc.lang.keys.decided.catalogue import StepList
from vedc.lang.resolve.items.timing import ItemTiming
from vedc.lang.yaml.tree import SpecNode
from vedc.support.lazy_dataclass import dataclass

#: Levels of a slot, in the order of application.
ITEM_LEVEL: Final = 0
TRACK_LEVEL: Final = 1
TIMELINE_LEVEL: Final = 2
EFFECTS_LEVEL: Final = 3


class LaidOut(NamedTuple):
    """A film with its items in their places."""

    edit: Edit
    placed: Sequence[Sequence[ItemTiming]]
    """By track of ``edit``."""
    tracks: Sequence[int]
    """The number of each in the spec, which also has disabled ones."""
    profile: Profile


@dataclass(frozen=True, slots=True, eq=False)
class GradedItem:
    """A clip or a still of the film, as a decision sees it."""

    name: str
    """In the lock: its id, or its track and number, ``main[1]``."""
    source: str
    """The id of its asset."""
    shown: TimelineItem
    """What it shows; ``grade`` and ``effects`` are its steps that come before the question."""
    fps: Fraction
    """Frames a second of the film."""
    head: Fraction = Fraction(0)
    """Seconds before the time from which its keyframes count."""
    length: Fraction = Fraction(0)
    """Seconds from there to its end."""
    beside: frozenset[str] = frozenset()
    """Contents of its own effects list: ops, and open kinds of decisions."""

    @property
    def content(self) -> Clip | Image:
        assert isinstance(self.shown.content, (Clip, Image))
        return self.shown.content

    @property
    def media(self) -> MediaInfo | None:
        """The file of a clip; None of a still."""
        return self.content.media if isinstance(self.content, Clip) else None

    @property
    def time_map(self) -> TimeMap:
        """Source time since its start, the head included."""
        content = self.content
        return content.time_map if isinstance(content, Clip) else TimeMap.linear(0, 0)

    @property
    def frames(self) -> int:
        """Frames of the film, its handles included."""
        return self.shown.end - self.shown.start


@dataclass(frozen=True, slots=True, eq=False)
class GradeQuestion:
    """What a decided step asks."""

    kind: str
    """A name of one of the catalogues in ``vedc.lang.keys.decided``."""
    options: Mapping[str, Any]
    """Its options as plain data, defaults filled in; None where there is no default."""
    items: tuple[GradedItem, ...]
    profile: Profile
    """The film, in whose colour pictures are seen."""
    reference: GradedItem | None = None
    """The reference of ``match``."""
    at: Fraction | None = None
    """The moment in the reference: seconds of its file."""
    hero: tuple[int, ...] = ()
    """The items, by number, that ``equalise`` matches the others to."""
    look: Path | None = None
    """The file that ``src`` names: of ``look``, or of the style of ``strokes``."""
    location: SourceLocation | None = None
    steps: StepList = "grade"
    """The list that contains the step."""

    @property
    def shared(self) -> bool:
        """Whether it is about several clips, which the answer names."""
        return len(self.items) > 1


class Slot(NamedTuple):
    """A step of a grade or of effects as an item of the film sees it."""

    track: int
    clip: int
    level: int
    """0 is its own grade, 1 that of its track, 2 that of the timeline, 3 are its own effects."""
    step: int

    @property
    def steps(self) -> StepList:
        """The list that it is in."""
        return "effects" if self.level == EFFECTS_LEVEL else "grade"


@dataclass(frozen=True, slots=True, eq=False)
class AskedGrade:
    """A question with its places in the spec."""

    node: SpecNode
    """The step that asks."""
    name: str
    """``main[1].2`` is the second step of the first item of the track main."""
    question: GradeQuestion
    plain: Any
    """The question as plain data, without anything that cannot influence the answer."""
    slots: tuple[Slot, ...]
    """The place of the answer, for each item of the question."""
