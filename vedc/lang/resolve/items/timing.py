"""The exact times of items and transitions on a track, before rounding to frames, and the check
that an item's range lies inside its file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from vedc.edit.media_info import MediaInfo
from vedc.edit.model import Marker
from vedc.edit.time_map import TimeMap
from vedc.edit.timecode import brief
from vedc.edit.times import to_frames
from vedc.lang.keys.item.edges import Edge
from vedc.lang.resolve.items.labels import enabled
from vedc.lang.yaml.tree import Problems, SpecNode

if TYPE_CHECKING:
    from vedc.lang.resolve.items.item_values import Values

_FROM_START: Final = TimeMap.linear(0)


class ItemTiming:
    """The times of an item, a gap or a disabled item on its track, in seconds of the film."""

    __slots__ = (
        "end", "head", "index", "kind", "length_known", "media", "node", "start", "start_known",
        "tail", "time_map",
    )  # fmt: skip

    def __init__(self, kind: str, node: SpecNode, index: int) -> None:
        self.kind, self.node, self.index = kind, node, index
        self.start = self.end = Fraction(0)
        self.media: MediaInfo | None = None
        self.time_map = _FROM_START
        """The time map of a clip."""
        self.head = self.tail = Fraction(0)
        """Extra length at its ends beyond the spec, for centered transitions."""
        self.start_known = True
        """False if a reported error keeps it unknown."""
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

    @property
    def own_length(self) -> Fraction:
        """Seconds without handles, to which keyframes and percentages refer."""
        return self.length - self.head - self.tail

    def extend(self, head: Fraction, tail: Fraction) -> None:
        """Make it longer at its ends; a clip shows more of its file."""
        self.start, self.end = self.start - head, self.end + tail
        self.head, self.tail = self.head + head, self.tail + tail
        self.time_map = self.time_map.window(-head, self.length)


class TransitionTiming:
    """A transition between two neighbours, and its length in seconds."""

    __slots__ = ("centered", "duration", "left", "node", "right")

    def __init__(
        self, node: SpecNode, left: ItemTiming, right: ItemTiming, duration: Fraction
    ) -> None:
        self.node, self.left, self.right, self.duration = node, left, right, duration
        placement = node["transition"].get("placement")
        self.centered = placement is not None and placement.value == "centered"
        """Whether it extends its items instead of moving them."""


def check_source_range(
    node: SpecNode,
    begin: Fraction,
    end: Fraction | None,
    whole: Fraction | None,
    slack: Fraction,
    problems: Problems,
    *,
    looped: bool = False,
    speed: Fraction = Fraction(1),
    cure: str,
) -> bool:
    """Whether source seconds ``begin`` to ``end`` can be taken from a file of ``whole`` seconds.

    Reports why not. The end may pass the file's by ``slack``, about a frame, because containers
    round durations. ``looped``: whether the range repeats, so that a duration has no part in it.
    ``speed``: at which it plays, so that a duration takes so many times its length. ``cure``: an
    alternative for files that are too short.
    """
    name = source_name(node)
    ends = ("out", "in") if looped else ("duration", "out", "in")
    key = next((k for k in ends if k in node), "clip")
    if whole is not None and begin >= whole:
        message = f"in is {brief(begin)}, but {name} is only {brief(whole)} long"
        problems.add("in-beyond-end", message, node["in"], f"begin before {brief(whole)}")
    elif whole is not None and end is not None and end > whole + slack:
        message = f"{name} is only {brief(whole)} long, but this needs it until {brief(end)}"
        hint = f"end at {brief(whole)} at the latest"
        if key == "duration":
            hint = f"make it at most {brief((whole - begin) / speed)}"
        problems.add("out-beyond-end", message, node[key], f"{hint}, or {cure}")
    elif end is not None and begin >= end and (looped or "duration" not in node):
        message = f"in ({brief(begin)}) must be before out ({brief(end)})"
        problems.add("in-after-out", message, node.get("out") or node[key])
    else:
        return True
    return False


def source_name(node: SpecNode) -> str:
    """The source of an item with a range or of sound."""
    return node["composition" if "composition" in node else "clip"].text


def check_edges(
    item: ItemTiming,
    edges: Mapping[str, Edge],
    joints: Sequence[TransitionTiming],
    fps: Fraction,
    problems: Problems,
) -> None:
    """Report an ``enter`` or ``exit`` without enough room.

    ``item`` must be known. ``joints`` are the transitions to its neighbours.
    """
    taken = sum((joint.duration for joint in joints), Fraction(0))
    for name, edge in edges.items():
        at = edge.node.get("duration") or edge.node
        outer = item.start if name == "enter" else item.end
        inner = item.start + edge.duration if name == "enter" else item.end - edge.duration
        if to_frames(outer, fps) == to_frames(inner, fps):
            message = f"{name} takes {brief(edge.duration)}, which is less than a frame"
            problems.add("too-short", message, at, "remove it, or make it longer")
        elif edge.duration > item.length:
            message = (
                f"{name} takes {brief(edge.duration)}, but the {item.kind} is only "
                f"{brief(item.length)} long"
            )
            hint = f"make it at most {brief(item.length)}"
            problems.add("transition-too-long", message, at, hint)
        elif taken + edge.duration > item.length:
            message = (
                f"what happens at the two ends of the {item.kind} takes "
                f"{brief(taken + edge.duration)} of its {brief(item.length)}"
            )
            hint = f"together they may take at most {brief(item.length)}"
            problems.add("transitions-overlap", message, at, hint)
        taken += edge.duration


def check_beside(
    item: ItemTiming, edges: Mapping[str, Edge], beside: Mapping[str, bool], problems: Problems
) -> None:
    """Report an ``enter`` or ``exit`` at an end where a transition joins the item to another.

    ``beside`` says for each end whether there is one.
    """
    for name, edge in edges.items():
        if beside[name]:
            where = "before" if name == "enter" else "after"
            message = f"{name} has no meaning: there is a transition {where} the {item.kind}"
            at = edge.node.key_location or edge.node.location
            problems.add("edge-at-transition", message, at, "keep one of them")


def check_handle(
    joint: TransitionTiming, item: ItemTiming, needed: Fraction, slack: Fraction, problems: Problems
) -> bool:
    """Whether a clip's file continues for ``needed`` seconds beyond a centered transition's cut.

    Reports why not. A file may end ``slack`` seconds early, a frame.
    """
    whole = item.media.clip_length if item.media is not None else None
    if (
        item.kind not in ("clip", "composition")
        or not item.known
        or whole is None
        or item.time_map.period
    ):
        return True
    before = item is joint.right
    cut = Fraction(0) if before else item.own_length
    seen = item.time_map.source_at(cut - needed if before else cut + needed)
    beyond = max(-seen, seen - whole)
    if beyond <= (0 if seen < 0 else slack):
        return True
    rate = abs(item.time_map.slope_at(cut)) or Fraction(1)
    there = max(needed - beyond / rate, Fraction(0))
    place = "before its start" if before else "after its end"
    name = source_name(item.node).rsplit("/", 1)[-1]
    message = (
        f"a centered transition of {brief(joint.duration)} shows {brief(needed)} of {name!r} "
        f"{place}, and the {'file' if item.kind == 'clip' else item.kind} has {brief(there)} there"
    )
    hint = f"make it at most {brief(2 * there)}, " if there else ""
    if item.time_map.slope_at(cut) < 0:  # where it begins on the timeline, its range ends
        key = "let its range (`out`) end" if before else "let its range (`in`) begin"
        hint += f"{key} {brief((needed - there) * rate)} {'earlier' if before else 'later'}"
    else:
        hint += f"{'begin' if before else 'end'} the {item.kind} {brief(needed - there)} "
        hint += "later" if before else "earlier"
    hint += ", or write placement: overlap"
    problems.add("no-handle", message, joint.node["transition"]["duration"], hint)
    return False


def markers(
    nodes: Iterable[SpecNode], values: Values, film: Fraction, problems: Problems
) -> tuple[Marker, ...]:
    """The markers of a film of ``film`` seconds, in order, as far as their times are known."""
    found: dict[int, Marker] = {}
    for node in nodes:
        at = node["time"]
        seconds = values.seconds(at, "time")
        if not values.knows(at) or not values.rate_known:
            continue
        frame = to_frames(seconds, values.fps)
        name = node["name"].text
        if values.sure and frame >= to_frames(film, values.fps):
            message = f"the marker is at {brief(seconds)}, and the film ends at {brief(film)}"
            problems.add("marker-beyond-end", message, at, f"give a time before {brief(film)}")
        elif frame in found:
            message = f"two markers are in one frame: {found[frame].name!r} and {name!r}"
            problems.add("same-marker", message, at, "move or remove one of them")
        else:
            found[frame] = Marker(frame, name)
    return tuple(found[frame] for frame in sorted(found))
