"""The exact times of items and transitions on a track, before they are rounded to frames."""

from __future__ import annotations

from fractions import Fraction

from vedc.edit.media_info import MediaInfo
from vedc.edit.time_map import TimeMap
from vedc.lang.resolve.labels import enabled
from vedc.lang.yaml.tree import SpecNode


class ItemTiming:
    """When an item, a gap or something disabled is on its track, in seconds of the film."""

    __slots__ = (
        "end", "index", "kind", "length_known", "media", "node", "start", "start_known", "time_map",
    )  # fmt: skip

    def __init__(self, kind: str, node: SpecNode, index: int) -> None:
        self.kind, self.node, self.index = kind, node, index
        self.start = self.end = Fraction(0)
        self.media: MediaInfo | None = None
        self.time_map = TimeMap.linear(0)
        """What a clip shows of its file."""
        self.start_known = True
        """False where an error keeps it from being known, which has been reported."""
        self.length_known = True
        """The same for the length."""

    @property
    def known(self) -> bool:
        return self.start_known and self.length_known

    @property
    def length(self) -> Fraction:
        return self.end - self.start

    @property
    def shown(self) -> bool:
        return self.kind != "gap" and enabled(self.node)


class TransitionTiming:
    """A transition between two neighbours, and its length in seconds."""

    __slots__ = ("duration", "left", "node", "right")

    def __init__(
        self, node: SpecNode, left: ItemTiming, right: ItemTiming, duration: Fraction
    ) -> None:
        self.node, self.left, self.right, self.duration = node, left, right, duration
