"""The audio items of a spec, under the whole film and on no track; and sound that replaces a clip's
own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Literal, NamedTuple

from vedc.edit.media_info import MediaInfo
from vedc.edit.model import AudioItem
from vedc.edit.time_map import TimeMap
from vedc.edit.timecode import brief
from vedc.edit.times import parse_time, to_frames
from vedc.lang.resolve.items import item_values
from vedc.lang.resolve.items.clip_time import LENGTH_KEYS, Pace, loop_length, repeats
from vedc.lang.resolve.items.labels import enabled, label
from vedc.lang.resolve.items.timing import check_source_range
from vedc.lang.resolve.remarks import Remarks
from vedc.lang.resolve.sections.assets import Assets
from vedc.lang.yaml.tree import ANY, Problems, SpecNode
from vedc.support.lazy_dataclass import dataclass


def pitch_of(node: SpecNode) -> Literal["keep", "follow"]:
    """How an item's pitch behaves at another speed."""
    return "follow" if "pitch" in node and node["pitch"].value == "follow" else "keep"


class ReplacedSound(NamedTuple):
    """The sound heard instead of a clip's own."""

    media: MediaInfo
    offset: Fraction
    """The time in it that belongs to the beginning of the clip's file, in seconds."""


def replaced_sound(
    node: SpecNode, assets: Assets, rate: Fraction, problems: Problems
) -> ReplacedSound | None:
    """What the ``sound`` of a clip names; None if a reported error prevents it."""
    if "from" not in node:
        return None
    named = node["from"]
    media = assets.media(named)
    if media is None:
        return None
    if media.no_sound is not None:
        lost = media.no_sound
        problems.add(lost.code, lost.message, named, lost.hint)
        return None
    if media.audio is None:
        problems.add("no-audio", f"{named.text!r} has no sound", named, "name a file that has")
        return None
    offset = Fraction(0)
    if "offset" in node:
        offset = parse_time(node["offset"].value, negative=True).seconds(rate, Fraction(0))
    return ReplacedSound(media, offset)


def check_replaced_sound(
    sound: ReplacedSound, time_map: TimeMap, length: Fraction, node: SpecNode, problems: Problems
) -> None:
    """Report a replacement sound that does not overlap a clip of ``length`` seconds."""
    first, last = time_map.source_range(0, length)
    begin, end = first + sound.offset, last + sound.offset
    whole = sound.media.sound_length
    if end > 0 and (whole is None or begin < whole):
        return
    lasts = "" if whole is None else f", and it ends at {brief(whole)}"
    shown = f"from {_signed(begin)} to {_signed(end)}"
    message = f"nothing of {node['from'].text!r} is heard: the clip asks for it {shown}{lasts}"
    at = node.get("offset") or node["from"]
    problems.add("never-heard", message, at, "correct the offset")


def _signed(seconds: Fraction) -> str:
    return f"-{brief(-seconds)}" if seconds < 0 else brief(seconds)


ValuesOf = Callable[[Fraction], item_values.Values]
"""Reads the values of something of that length in seconds."""


@dataclass(frozen=True)
class Soundtrack:
    """Resolves the audio items of a film of ``film`` seconds, a length that is ``sure`` or not.

    Times are rounded to frames of ``fps``; times that the spec gives in frames count ``rate``.
    """

    assets: Assets
    film: Fraction
    sure: bool
    fps: Fraction
    rate: Fraction
    problems: Problems
    values: ValuesOf
    remarks: Remarks

    def items(self, nodes: Iterable[SpecNode]) -> tuple[AudioItem, ...]:
        made = [(node, self.item(node, index)) for index, node in enumerate(nodes)]
        played = [(node, item) for node, item in made if item is not None and enabled(node)]
        for node, item in played:
            self.remarks.report(item.media.path, item.media.notes, node["clip"], "sound")
        return tuple(item for _, item in played)

    def natural_length(self, nodes: SpecNode) -> tuple[Fraction, bool]:
        """Seconds until the last item ends, in a film of these items alone; and whether that is
        known.

        Items whose place or length depends on the film do not count. Reports if none is left.
        """
        played = [node for node in nodes if not node.broken and enabled(node)]
        own = [node for node in played if not _is_measured_in_film(node)]
        if not own and not nodes.lost:
            message = "nothing here says how long the sound is"
            hint = "enable an item of `audio`, or add one"
            if played:
                message = "how long it plays depends on the film, which lasts as long as its sound"
                hint = "give it a start and a duration in seconds, or `loop` a number"
            self.problems.add("no-film-length", message, (played or [nodes])[0], hint)
        ends = [self._natural_end(node) for node in own]
        known = [end for end in ends if end is not None]
        complete = len(known) == len(ends) and not nodes.lost
        return max(known, default=Fraction(0)), bool(known) and complete

    def _natural_end(self, node: SpecNode) -> Fraction | None:
        """The end of an item in seconds if the film had no end; None if unknown."""
        media = self.assets.media(node["clip"])
        if media is None or node.lost & {"in", "out", "start", ANY, *LENGTH_KEYS}:
            return None
        film = self.values(Fraction(0))
        start = film.seconds(node.get("start"), "start")
        if "duration" in node:
            return start + film.seconds(node["duration"], "duration")
        rate = media.video.rate if media.video is not None else self.rate
        whole = media.sound_length
        source = item_values.Values(
            self.fps, rate, whole or Fraction(0), self.problems, self.assets
        )
        begin = source.seconds(node.get("in"), "in")
        end = source.seconds(node["out"], "out") if "out" in node else whole
        if end is None:
            if media.audio is not None:
                message = f"the length of {node['clip'].text!r} is not known"
                self.problems.add("no-film-length", message, node, "give it a duration")
            return None
        turn = (end - begin) / Pace.of(node, Problems()).speed
        return start + max(Fraction(0), turn) * (repeats(node) or 1)

    def item(self, node: SpecNode, index: int) -> AudioItem | None:
        """The resolved item; None if a reported error prevents it."""
        named = node["clip"]
        media = self.assets.media(named)
        if media is None:
            return None
        if media.no_sound is not None:
            lost = media.no_sound
            self.problems.add(lost.code, lost.message, named, lost.hint)
            return None
        if media.audio is None:
            hint = "name a file that has, or put it on a track"
            self.problems.add("no-audio", f"{named.text!r} has no sound", named, hint)
            return None
        values = self.values(self.film)
        values.sure = self.sure
        whole = media.sound_length
        start = values.seconds(node.get("start"), "start")
        rate = media.video.rate if media.video is not None else self.rate
        length = whole or Fraction(0)
        source = item_values.Values(self.fps, rate, length, self.problems, self.assets)
        source.rate_known = values.rate_known or media.video is not None
        for reader, keys in ((values, ("start", "duration")), (source, ("in", "out"))):
            if not all(reader.knows(node[key]) for key in keys if key in node):
                return None
        begin = source.seconds(node.get("in"), "in")
        end = source.seconds(node["out"], "out") if "out" in node else whole
        pace = Pace.of(node, self.problems)
        times = repeats(node) if not node.lost & {"loop", ANY} else None
        if "duration" in node:
            length = values.seconds(node["duration"], "duration")
            if times == 1:
                end = begin + length * pace.speed
        else:
            length = self.film - start
            if times is not None and end is not None:
                length = (end - begin) / pace.speed
        valid = check_source_range(
            node,
            begin,
            end,
            whole,
            max(Fraction(1), pace.speed) / self.fps,
            self.problems,
            looped=times != 1,
            speed=pace.speed,
            cure="set loop: true",
        )
        turn = length if end is None else (end - begin) / pace.speed
        if valid and times != 1:
            length = loop_length(node, times, turn, self.fps, self.problems) or length
        if not valid or not self.sure:
            return None
        if node.lost & {"start", *LENGTH_KEYS}:
            return None
        if start >= self.film:
            message = f"it starts at {brief(start)}, and the film ends at {brief(self.film)}"
            at = node.get("start") or node
            self.problems.add("never-heard", message, at, "start it earlier, or remove it")
            return None
        stop = min(start + length, self.film)
        fps = self.fps
        if to_frames(start, fps) >= to_frames(stop, fps):
            message = f"{brief(length)} is less than one frame, so it would never be heard"
            at = node.get("duration") or node
            self.problems.add("too-short", message, at, "make it longer, or remove it")
            return None
        once = pace.time_map(begin, turn)
        return AudioItem(
            name=f"audio[{index + 1}] {label('clip', node)}",
            start=to_frames(start, fps),
            end=to_frames(stop, fps),
            media=media,
            time_map=once if times == 1 else once.loop(stop - start),
            pitch=pitch_of(node),
            sound=item_values.sound("audio", node, self.values(stop - start)),
            location=node.location,
            id=node["id"].text if "id" in node else None,
        )


def _is_measured_in_film(node: SpecNode) -> bool:
    """Whether an audio item's place or length depends on the length of the film."""
    for key in ("start", "duration"):
        if key in node and parse_time(node[key].value, from_end=True).needs_parent:
            return True
    return "duration" not in node and repeats(node) is None
