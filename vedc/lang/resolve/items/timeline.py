"""When the items of a track begin and end: exact seconds first, frames at the very end.

An item starts where the one before ends, or at its ``start``. A transition pulls the next
item back by its duration, so the track gets shorter; a centered one leaves it where it is, and
makes both items longer by half its duration. Times are summed as exact fractions and
each edge is rounded to a frame once, half up, from its absolute time: rounding never adds up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Final

from vedc.edit.media_info import MediaInfo
from vedc.edit.timecode import brief
from vedc.edit.times import parse_time, to_frames
from vedc.lang.keys.items import CHOSEN
from vedc.lang.resolve.items.clip_time import LENGTH_KEYS, place_clip
from vedc.lang.resolve.items.labels import with_article
from vedc.lang.resolve.items.timing import ItemTiming, TransitionTiming, check_handle
from vedc.lang.yaml.tree import ANY, Awaited, Problems, SpecNode

MediaOf = Callable[[SpecNode], MediaInfo | None]
"""The file or composition that an item shows a range of; None where it has none, and reports
why."""

#: Kinds of item that show a range of something with its own length.
FILMS: Final = ("clip", "composition")


class Layout:
    """Lays out the items of tracks, and checks that they fit.

    ``fps`` is the frame rate that times are rounded to, ``rate`` the one that times given in frames
    count: the profile's, even where an output has its own. ``media_of`` gives a clip's file, or
    None where it has none, and reports why. If reported errors hide the frame rate or a track,
    ``rate_known`` or ``complete`` is false.
    """

    def __init__(
        self,
        fps: Fraction,
        rate: Fraction,
        media_of: MediaOf,
        kind_of: Callable[[SpecNode], str | None],
        problems: Problems,
        *,
        rate_known: bool = True,
        complete: bool = True,
    ) -> None:
        self.fps, self.rate, self.rate_known = fps, rate, rate_known
        self.complete = complete
        self.media_of, self.kind_of, self.problems = media_of, kind_of, problems

    def length(self, tracks: Sequence[SpecNode]) -> Fraction | None:
        """Seconds of the timeline without the items that take a percentage of it.

        None where every item does. Where an item's own length or start is unknown, so is every
        percentage: ``complete`` becomes false. None, too, where no item takes a percentage.
        """
        if not any(_may_take_share(node) for track in tracks for node in track["clips"]):
            return None
        silent = Layout(
            self.fps,
            self.rate,
            self.media_of,
            self.kind_of,
            Problems(),
            rate_known=self.rate_known,
        )
        placed = [silent.lay_out(track["clips"], None)[0] for track in tracks]
        self.complete &= all(
            item.known
            or _takes_share(item)
            or (item.length_known and left is not None and not left.known)
            for items in placed
            for left, item in zip([None, *items], items, strict=False)
        )
        return max((item.end for items in placed for item in items if item.known), default=None)

    def lay_out(
        self, clips: SpecNode, total: Fraction | None
    ) -> tuple[list[ItemTiming], list[TransitionTiming]]:
        """Every item of a track in order, gaps included, and the transitions between them.

        ``total`` is the length of 100%; if None, items that need it have no known length.
        """
        placed: list[ItemTiming] = []
        transitions: list[TransitionTiming] = []
        pending: SpecNode | None = None
        for index, node in enumerate(clips):
            kind = self.kind_of(node)
            if kind in ("transition", CHOSEN):
                if not placed:
                    self._misplaced(
                        "transition-first", "there is nothing before it", node, "before"
                    )
                elif pending is not None:
                    self.problems.add(
                        "transition-doubled",
                        "two transitions follow each other",
                        node,
                        "remove one of them, or put a clip between them",
                    )
                else:
                    pending = node
                continue
            item = ItemTiming(str(kind), node, index)
            left = placed[-1] if placed else None
            transition = None
            undecided = pending is not None and self._is_undecided(pending)
            if pending is not None and left is not None:
                duration = None if undecided else self._duration(pending)
                undecided = duration is None
                if duration is not None:
                    transition = TransitionTiming(pending, left, item, duration)
                pending = None
            self._start(item, left, transition, total)
            item.start_known = item.start_known and not undecided
            self._end(item, total)
            item.start_known = item.start_known and not item.node.lost & {"start", ANY}
            item.length_known = item.length_known and not item.node.lost & LENGTH_KEYS
            if transition is not None:
                if transition.centered:
                    self._take_handles(transition)
                self._check_transition(transition, transitions)
                transitions.append(transition)
            self._check_length(item)
            placed.append(item)
        if pending is not None:
            self._misplaced("transition-last", "there is nothing after it", pending, "after")
        return placed, transitions

    def _misplaced(self, code: str, why: str, node: SpecNode, side: str) -> None:
        message = f"a transition joins two items, and {why}"
        self.problems.add(code, message, node, f"put a clip or {{gap: 1s}} {side} it")

    def _is_undecided(self, node: SpecNode) -> bool:
        """Whether the length of a transition is unknown."""
        return self.kind_of(node) == CHOSEN or node.broken or ANY in node.lost

    def _duration(self, node: SpecNode) -> Fraction | None:
        return self.seconds(node["transition"]["duration"], self.rate, None, "duration")

    def seconds(
        self, node: SpecNode, rate: Fraction, parent: Fraction | None, name: str
    ) -> Fraction | None:
        """The value of a time; None where it cannot be known, which has been reported."""
        if isinstance(node.value, Awaited):
            return None
        if (
            not self.rate_known
            and rate == self.rate
            and parse_time(node.value, from_end=True).needs_rate
        ):
            return None
        try:
            return parse_time(node.value, from_end=True).seconds(rate, parent)
        except ValueError as error:
            self.problems.add("bad-time", f"{name}: {error}", node)
            return None

    def _share(self, item: ItemTiming, key: str, total: Fraction | None) -> Fraction | None:
        """A time of the film that may be a percentage; None where it cannot be known."""
        node = item.node[key]
        if isinstance(node.value, Awaited):
            self._doubt(item, key)
            return None
        time = parse_time(node.value, from_end=True)
        if time.needs_parent and not self.complete:
            self._doubt(item, key)
            return None
        if time.needs_parent and total is None:
            self._doubt(item, key)
            from_end = " from the end" if time.from_end else ""
            message = f"{node.value}{from_end} of the timeline, but nothing on it has a length"
            self.problems.add("no-length", message, node, "give one item a duration in seconds")
            return None
        seconds = self.seconds(node, self.rate, total, key)
        if seconds is None:
            self._doubt(item, key)
        return seconds

    @staticmethod
    def _doubt(item: ItemTiming, key: str) -> None:
        if key == "start":
            item.start_known = False
        else:
            item.length_known = False

    def _start(
        self,
        item: ItemTiming,
        left: ItemTiming | None,
        transition: TransitionTiming | None,
        total: Fraction | None,
    ) -> None:
        cursor = left.end if left else Fraction(0)
        known = left is None or left.known
        start = item.node.get("start")
        if start is None or transition is not None:
            pulled = transition is not None and not transition.centered
            item.start = cursor - transition.duration if transition and pulled else cursor
            item.start_known = known
            if start is not None:
                self.problems.add(
                    "start-after-transition",
                    "an item after a transition starts where the transition puts it",
                    start.key_location,
                    "remove `start`, or the transition",
                )
            return
        given = self._share(item, "start", total)
        item.start = cursor if given is None else given
        overlaps = to_frames(item.start, self.fps) < to_frames(cursor, self.fps)
        if known and given is not None and overlaps:
            self.problems.add(
                "overlap",
                f"the item starts at {brief(item.start)}, before the one before it ends "
                f"at {brief(cursor)}",
                start,
                "put it on a track of its own, or a transition between them",
            )

    def _end(self, item: ItemTiming, total: Fraction | None) -> None:
        if item.kind in FILMS:
            place_clip(self, item, total)
            return
        if item.kind == "auto" or item.node.broken:  # how long it becomes is not known
            item.length_known, item.end = False, item.start
            return
        if item.kind == "gap":
            length = self.seconds(item.node["gap"], self.rate, None, "gap")
            item.length_known = length is not None
        elif "duration" in item.node:
            length = self.item_duration(item, total)
        else:
            length, item.length_known = None, False
            if not item.node.lost & LENGTH_KEYS:
                self.problems.add(
                    "no-duration",
                    f"{with_article(item.kind)} has no length of its own: it needs a duration",
                    item.node,
                    "write duration: 3s, or duration: 100% for the rest of the timeline",
                )
        item.end = item.start + (length or Fraction(0))

    def item_duration(self, item: ItemTiming, total: Fraction | None) -> Fraction | None:
        """The item's ``duration``; a percentage of the timeline is cut at its end."""
        length = self._share(item, "duration", total)
        node = item.node["duration"]
        shared = not isinstance(node.value, Awaited) and parse_time(node.value).needs_parent
        if length is not None and shared and total is not None:
            length = min(length, max(total - item.start, Fraction(0)))
        return length

    def _check_length(self, item: ItemTiming) -> None:
        reported = item.length <= 0 and item.kind in FILMS and "out" in item.node
        if reported or not item.length_known:
            return
        if not item.start_known and item.length > 0:  # how it is rounded depends on its start
            return
        if to_frames(item.start, self.fps) < to_frames(item.end, self.fps):
            return
        key = next((k for k in ("duration", "out", "gap") if k in item.node), None)
        at = item.node[key] if key else item.node
        what = f"{brief(item.length)} is less than a frame" if item.length else "nothing is left"
        if item.length == 0 and key and at.value == "0s":
            what = f"{key} must be more than 0"
        message = f"{what}: the {item.kind} would never be seen"
        self.problems.add("too-short", message, at, "make it longer, or remove it")
        item.length_known = False

    def _take_handles(self, transition: TransitionTiming) -> None:
        """Make the neighbours of a centered transition longer, so that they overlap."""
        half = transition.duration / 2
        for item in (transition.left, transition.right):
            video = item.media.video if item.media is not None else None
            slack = 1 / (video.rate if video is not None else self.rate)
            check_handle(transition, item, half, slack, self.problems)
        transition.left.extend(Fraction(0), half)
        transition.right.extend(half, Fraction(0))

    def _check_transition(
        self, transition: TransitionTiming, transitions: Sequence[TransitionTiming]
    ) -> None:
        left, right, duration = transition.left, transition.right, transition.duration
        at = transition.node["transition"]["duration"]
        if to_frames(left.end - duration, self.fps) == to_frames(left.end, self.fps):
            message = f"a transition of {brief(duration)} is less than a frame"
            self.problems.add("too-short", message, at, "remove it, or make it longer")
            return
        if left.kind == right.kind == "gap":
            message = "a transition joins two items, and there are gaps on both sides"
            self.problems.add("transition-between-gaps", message, transition.node, "remove it")
        joined = transitions and transitions[-1].right is left
        before = transitions[-1].duration if joined else Fraction(0)
        for side, item in (("before", left), ("after", right)):
            if item.length_known and duration > item.length:
                self.problems.add(
                    "transition-too-long",
                    f"the transition takes {brief(duration)}, but the {item.kind} {side} it is "
                    f"only {brief(item.length)} long",
                    at,
                    f"make it at most {brief(item.length)}",
                )
                item.start_known = False
        if left.known and before + duration > left.length:
            self.problems.add(
                "transitions-overlap",
                f"the transitions on both sides of the {left.kind} take "
                f"{brief(before + duration)} of its {brief(left.length)}",
                at,
                f"together they may take at most {brief(left.length)}",
            )


def _may_take_share(node: SpecNode) -> bool:
    """Whether an item's start or duration is written with a ``%``, or from the end."""
    times = (node[key].value for key in ("start", "duration") if key in node)
    times = (time for time in times if not isinstance(time, Awaited))
    return any(isinstance(time, str) and ("%" in time or time.startswith("-")) for time in times)


def _takes_share(item: ItemTiming) -> bool:
    times = [item.node[key] for key in ("start", "duration") if key in item.node]
    times = [time for time in times if not isinstance(time.value, Awaited)]
    return any(parse_time(time.value, from_end=True).needs_parent for time in times)
