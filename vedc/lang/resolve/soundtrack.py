"""The audio items of a spec, under the whole film and on no track; and sound that replaces that of
a clip."""

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
from vedc.support.suggest import did_you_mean


def pitch_of(node: SpecNode) -> Literal["keep", "follow"]:
    """What becomes of an item's pitch at another speed."""
    return "follow" if "pitch" in node and node["pitch"].value == "follow" else "keep"


def check_ducks(tracks: SpecNode, audio: Iterable[SpecNode], problems: Problems) -> None:
    """Report ids of audio items that are taken, and ducks under what is not there."""
    items = list(audio)
    known = {track["id"].text for track in tracks if "id" in track}
    taken = known | {
        item["id"].text
        for track in tracks
        for item in track.get("clips") or ()
        if not item.broken and "id" in item
    }
    for item in items:
        if "id" not in item:
            continue
        name = item["id"]
        if name.text in taken:
            message = f"another item or track is named {name.text!r}"
            problems.add("same-id", message, name, "give one of them another id")
        known.add(name.text)
        taken.add(name.text)
    whole = not tracks.lost and not any(owner.lost & {"id", ANY} for owner in (*tracks, *items))
    for owner in (*tracks, *items):
        for name in owner["duck"]["under"] if "duck" in owner else ():
            if "id" in owner and name.text == owner["id"].text:
                message = f"{name.text!r} cannot be lowered under itself"
                problems.add("duck-itself", message, name, "name what is to be heard above it")
            elif name.text not in known and whole:
                near = did_you_mean(name.text, known)
                tail = f"; did you mean {near!r}?" if near else ""
                message = f"{name.text!r} is the id of neither a track nor an audio item{tail}"
                hint = "give an `id` to what is to be heard above it, and name that"
                problems.add("unknown-id", message, name, hint)


class ReplacedSound(NamedTuple):
    """What is heard of a clip instead of its own sound."""

    media: MediaInfo
    offset: Fraction
    """Seconds of it at the beginning of the clip's file."""


def replaced_sound(
    node: SpecNode, assets: Assets, rate: Fraction, problems: Problems
) -> ReplacedSound | None:
    """What the ``sound`` of a clip names; None where an error, which is reported, prevents it."""
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


def check_heard(
    sound: ReplacedSound, time_map: TimeMap, length: Fraction, node: SpecNode, problems: Problems
) -> None:
    """Report a sound of which nothing belongs to what a clip of ``length`` seconds shows."""
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
"""Reads the values of something that lasts so many seconds."""


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
        heard = [(node, item) for node, item in made if item is not None and enabled(node)]
        for node, item in heard:
            self.remarks.tell(item.media.path, item.media.notes, node["clip"], "sound")
        return tuple(item for _, item in heard)

    def item(self, node: SpecNode, index: int) -> AudioItem | None:
        """The resolved item; None where an error, which is reported, prevents it."""
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
        source = item_values.Values(self.fps, rate, length, self.problems, self.assets.op_file)
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
