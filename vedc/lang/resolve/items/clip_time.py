"""The length of a clip and its mapping to file time: range, speed, loops, time map."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from vedc.edit.time_map import Ramp, TimeMap
from vedc.edit.timecode import brief
from vedc.edit.times import parse_time
from vedc.lang.form.deferred import waits
from vedc.lang.keys.retiming import LENGTH_WORDS
from vedc.lang.keys.sound.said import SAID_KEYS
from vedc.lang.resolve.items.timing import ItemTiming, check_source_range, source_name
from vedc.lang.yaml.tree import ANY, Problems, SpecNode

if TYPE_CHECKING:
    from vedc.lang.resolve.items.timeline import Layout

#: Names among ``lost`` keys that may have set an item's length.
LENGTH_KEYS = frozenset({*LENGTH_WORDS, ANY})


class Pace(NamedTuple):
    """How fast an item goes through its range, and which way."""

    speed: Fraction
    """Seconds of the file for each second of the film, above 0."""
    backwards: bool

    @classmethod
    def of(cls, node: SpecNode, problems: Problems) -> Pace:
        """The pace of an item; reports conflicting settings for backwards playback."""
        speed = Fraction(str(node["speed"].number)) if "speed" in node else Fraction(1)
        reverse = "reverse" in node and node["reverse"].value is True
        if reverse and speed < 0:
            message = "a speed below 0 already plays backwards: 'reverse' has nothing to turn round"
            at = node["reverse"].key_location or node
            problems.add("conflict", message, at, "keep one of them")
        return cls(abs(speed), reverse or speed < 0)

    def time_map(self, begin: Fraction, length: Fraction) -> TimeMap:
        """What is shown for ``length`` seconds of film of a range that begins at ``begin``."""
        if self.backwards:
            return TimeMap.linear(begin + length * self.speed, -self.speed, length)
        return TimeMap.linear(begin, self.speed, length)

    def held(self, begin: Fraction, end: Fraction, length: Fraction) -> TimeMap:
        """The same, but the last picture is held after the range ends."""
        turn = self.time_map(begin, (end - begin) / self.speed)
        assert turn.length is not None
        (ramp,) = turn.ramps
        return TimeMap((ramp, Ramp(turn.length, ramp.at(turn.length), Fraction(0))), length)


def repeats(node: SpecNode) -> int | None:
    """How often an item plays its range: 1 without ``loop``, None for as long as it lasts."""
    value = node["loop"].value if "loop" in node else False
    if isinstance(value, bool):
        return None if value else 1
    return int(node["loop"].number)


def loop_length(
    node: SpecNode, times: int | None, turn: Fraction, fps: Fraction, problems: Problems
) -> Fraction | None:
    """Seconds of an item whose range, of ``turn`` seconds, plays ``times`` times.

    None where its duration sets it. Reports ranges too short to loop, and lengths given twice.
    """
    if turn < 1 / fps:
        message = f"what is to loop is {brief(turn)} long, which is less than a frame"
        problems.add("too-short", message, node["loop"], "make its range longer")
    if times is None:
        return None
    if "duration" in node:
        message = f"loop: {times} says how long it plays, and so does its duration"
        hint = "write loop: true to fill the duration, or remove it"
        problems.add("conflict", message, node["loop"], hint)
    return times * turn


def place_clip(layout: Layout, item: ItemTiming, total: Fraction | None) -> None:
    """Find the end and the time map of a clip whose start is known; reports what is wrong.

    ``total`` is the length of 100% of the timeline, as in ``Layout.lay_out``.
    """
    asked = any(key in item.node for key in SAID_KEYS)  # not yet answered
    if asked or any(waits(item.node.get(key)) for key in LENGTH_WORDS):
        item.media, item.length_known, item.end = layout.media_of(item.node), False, item.start
        return
    length = _Clip(layout, item, total).length()
    if length is None:
        item.length_known = False
    item.end = item.start + (length or Fraction(0))


class _Clip:
    def __init__(self, layout: Layout, item: ItemTiming, total: Fraction | None) -> None:
        self.layout, self.item, self.node = layout, item, item.node
        self.problems = layout.problems
        self.media = item.media = layout.media_of(item.node)
        video = self.media.video if self.media else None
        self.rate = video.rate if video else layout.rate
        """The rate for frames in the file's times."""
        self.whole = self.media.clip_length if self.media else None
        self.given = layout.item_duration(item, total) if "duration" in self.node else None
        """Seconds by its ``duration``."""
        on_end = self.node.get("on_end")
        self.on_end = "error" if on_end is None else on_end.text

    @property
    def name(self) -> str:
        return source_name(self.node)

    def length(self) -> Fraction | None:
        """Seconds of the clip, whose time map is set; None where unknown, which is reported."""
        if "freeze" in self.node:
            return self.frozen()
        if "time_map" in self.node:
            return self.mapped()
        begin, end = self.source_range()
        pace = Pace.of(self.node, self.problems)
        times = repeats(self.node)
        if times != 1 or ("loop" in self.node and self.node["loop"].value is not False):
            return self.looped(begin, end, pace, times)
        return self.played(begin, end, pace)

    def moment(self, node: SpecNode, key: str) -> Fraction | None:
        """A time of the file; None where it cannot be known, which is reported."""
        if parse_time(node.value, from_end=True).needs_parent and self.whole is None:
            if self.media is not None:
                message = f"{key}: {node.value} of a file whose length is not known"
                self.problems.add("no-length", message, node, "give seconds")
            return None
        return self.layout.seconds(node, self.rate, self.whole, key)

    # A range

    def source_range(self) -> tuple[Fraction, Fraction | None]:
        """``in`` and ``out`` in source seconds; None where the end is not known."""
        node, item = self.node, self.item
        begin = self.moment(node["in"], "in") if "in" in node else Fraction(0)
        end = self.moment(node["out"], "out") if "out" in node else self.whole
        ended = node.lost & LENGTH_KEYS or "out" in node
        ended = ended or ("duration" in node and repeats(node) == 1)
        if self.whole is None and self.media is not None and not ended:
            message = "the file has no known length"
            cure = "give `out`" if repeats(node) != 1 else "give `out` or `duration`"
            self.problems.add("no-length", message, node, cure)
        if begin is None:
            item.length_known = False
        return begin or Fraction(0), end

    def inside(self, begin: Fraction, end: Fraction | None, pace: Pace, *, looped: bool) -> bool:
        """Whether a range can be taken from the file; reports why not."""
        if self.whole is None or end is None:
            return True
        # At a higher speed, the last frame of the film skips unseen frames.
        slack = max(1 / self.rate, (pace.speed - 1) / self.layout.fps)
        return check_source_range(
            self.node,
            begin,
            end,
            self.whole,
            slack,
            self.problems,
            looped=looped,
            speed=pace.speed,
            cure="write on_end: hold",
        )

    def played(self, begin: Fraction, end: Fraction | None, pace: Pace) -> Fraction | None:
        """Its range once."""
        item, whole = self.item, self.whole
        if "duration" in self.node:
            length = self.given
            if "out" in self.node:
                message = "'out' and 'duration' cannot both be given where nothing loops"
                at = self.node["duration"].key_location
                self.problems.add("conflict", message, at, "keep one of them, or write loop: true")
            end = None if length is None else begin + length * pace.speed
        else:
            length = None if end is None else (end - begin) / pace.speed
        item.time_map = pace.time_map(begin, max(length or Fraction(0), Fraction(0)))
        passes = whole is not None and end is not None and end > whole and self.on_end != "error"
        last = whole if passes else end
        if not self.inside(begin, last, pace, looped=False):
            item.length_known = False
        elif length and whole is not None and last is not None:
            if self.on_end == "hold":
                item.time_map = pace.held(begin, last if pace.backwards else whole, length)
            elif self.on_end == "loop" and (passes or not pace.backwards):
                item.time_map = pace.time_map(begin, (whole - begin) / pace.speed).loop(length)
        return length

    def looped(
        self, begin: Fraction, end: Fraction | None, pace: Pace, times: int | None
    ) -> Fraction | None:
        """Its range over and over."""
        if not self.inside(begin, end, pace, looped=True) or end is None:
            return None
        turn = (end - begin) / pace.speed
        length = loop_length(self.node, times, turn, self.layout.fps, self.problems)
        if times is None:
            length = self.given
            if "duration" not in self.node and not self.node.lost & LENGTH_KEYS:
                message = "loop: true plays without an end: the clip needs a duration"
                hint = "write duration: 10s or duration: 100%, or loop: 3 to play it three times"
                self.problems.add("no-duration", message, self.node["loop"], hint)
        if length is not None:
            self.item.time_map = pace.time_map(begin, turn).loop(max(length, Fraction(0)))
        return length

    # One picture

    def frozen(self) -> Fraction | None:
        """One frozen picture."""
        node, at = self.node, self.moment(self.node["freeze"], "freeze")
        if self.media is not None and self.media.video is None:
            message = f"{self.name!r} has no picture, so 'freeze' has no meaning"
            self.problems.add("no-video", message, node["freeze"].key_location, "leave it out")
        elif at is not None and self.whole is not None and at >= self.whole:
            message = f"freeze is {brief(at)}, but {self.name} is only {brief(self.whole)} long"
            hint = f"give a time before {brief(self.whole)}, or -1f for the last frame"
            self.problems.add("in-beyond-end", message, node["freeze"], hint)
        if "duration" not in node and not node.lost & LENGTH_KEYS:
            message = "a frozen clip has no length of its own: it needs a duration"
            self.problems.add("no-duration", message, node, "write duration: 2s")
        self.item.time_map = TimeMap.linear(at or 0, 0, max(self.given or Fraction(0), Fraction(0)))
        return self.given

    # A time map

    def mapped(self) -> Fraction | None:
        """The mapping given by keyframes."""
        points = self.node["time_map"]["keyframes"].items
        length = self.given if "duration" in self.node else self.last(points[-1]["time"])
        if length is None:
            return None
        found: list[tuple[Fraction, Fraction, str]] = []
        for point in points:
            time = self.layout.seconds(point["time"], self.layout.rate, length, "time")
            value = self.moment(point["value"], "value")
            if time is None or value is None:
                return None
            if found and time <= found[-1][0]:
                message = f"the keyframe at {brief(time)} must be later than {brief(found[-1][0])}"
                self.problems.add("keyframe-order", message, point["time"], "sort them by time")
                return None
            if time > length and "duration" in self.node:
                message = f"the keyframe at {brief(time)} is past the end at {brief(length)}"
                hint = f"end at {brief(length)} (or 100%) at the latest"
                self.problems.add("keyframe-beyond", message, point["time"], hint)
            if not self.reaches(value, point["value"]):
                self.item.length_known = False
            easing = point.get("easing")
            found.append((time, value, "linear" if easing is None else easing.text))
        self.item.time_map = self.bounded(TimeMap.curve(found, max(length, Fraction(0))))
        return length

    def last(self, time: SpecNode) -> Fraction | None:
        """How long it lasts by its last keyframe."""
        if not parse_time(time.value, from_end=True).needs_parent:
            return self.layout.seconds(time, self.layout.rate, None, "time")
        if not self.node.lost & LENGTH_KEYS:
            message = f"the last keyframe is at {time.value} of the clip, which has no duration"
            hint = "give it a duration, or the keyframe a time in seconds"
            self.problems.add("no-length", message, time, hint)
        return None

    def reaches(self, value: Fraction, at: SpecNode) -> bool:
        """Whether the file is long enough for a keyframe; reports if not."""
        whole = self.whole
        if whole is None or self.on_end != "error" or value <= whole + 1 / self.rate:
            return True
        message = f"{self.name} is only {brief(whole)} long, but this needs it until {brief(value)}"
        hint = f"end at {brief(whole)} at the latest, or write on_end: hold"
        self.problems.add("out-beyond-end", message, at, hint)
        return False

    def bounded(self, curve: TimeMap) -> TimeMap:
        """A curve inside the file, as ``on_end`` has it; reports an easing that leaves it."""
        whole, zero = self.whole, Fraction(0)
        if self.on_end == "hold" and whole:
            return curve.then(TimeMap.curve([(zero, zero, "linear"), (whole, whole, "linear")]))
        if self.on_end == "loop" and whole:
            return curve.then(TimeMap.linear(0, 1, whole).loop())
        low, high = curve.source_range() if curve.length else (zero, zero)
        known = whole is not None and self.item.length_known
        if low < 0 or (known and whole is not None and high > whole + 1 / self.rate):
            where = f"{brief(low)}, before its start" if low < 0 else f"{brief(high)}, past its end"
            message = f"an easing that overshoots takes {self.name} to {where}"
            at = self.node["time_map"]["keyframes"]
            self.problems.add("out-beyond-end", message, at, "choose another, or on_end: hold")
            self.item.length_known = False
        return curve
