"""References of matched grades: files that need not be in the film."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from vedc.edit.contents import Clip, Image
from vedc.edit.media_info import MediaInfo
from vedc.edit.model import TimelineItem
from vedc.edit.time_map import TimeMap
from vedc.edit.timecode import brief
from vedc.edit.times import parse_time, to_frames
from vedc.lang.resolve.grades.question import GradedItem
from vedc.lang.resolve.sections.assets import Assets
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.support.suggest import did_you_mean

Reference = tuple[GradedItem, Fraction | None, Any]
"""A reference, the moment in it in seconds of its file, and both as plain data."""


class AssetReferences:
    """Finds references among the assets. ``items`` are the ids of the film's items, ``fps`` its
    rate; errors go to ``problems``."""

    def __init__(
        self, assets: Assets, items: Sequence[str], fps: Fraction, problems: Problems
    ) -> None:
        self.assets, self.items, self.fps, self.problems = assets, items, fps, problems

    def of_asset(self, named: SpecNode, at: SpecNode | None) -> Reference | None:
        """The content of an asset or a file; None, reported, if it cannot be a reference."""
        known = named.text in self.assets.entries or self.assets.files.has(named.text)
        if not known and self.assets.complete:
            near = did_you_mean(named.text, [*self.items, *self.assets.entries])
            tail = f"; did you mean {near!r}?" if near else ""
            message = f"no item and no asset is called {named.text!r}{tail}"
            hint = "a file name has an extension; an id is declared under assets or on an item"
            self.problems.add("unknown-asset", message, named, None if near else hint)
            return None
        media = self.assets.media(named)
        if media is None:
            return None
        content = self._content(named, media)
        if content is None:
            return None
        length = 1 / self.fps
        if isinstance(content, Clip):
            assert content.time_map.length is not None
            length = content.time_map.length
        moment = None
        if at is not None:
            moment = self.moment(at, named.text, length, content)
            if moment is None:
                return None
        item = TimelineItem(named.text, 0, max(1, to_frames(length, self.fps)), content)
        shown = GradedItem(named.text, named.text, item, self.fps, length=length)
        return shown, moment, [[named.text, *seen(item), []], str(moment)]

    def _content(self, named: SpecNode, media: MediaInfo) -> Clip | Image | None:
        """The picture content of a file; None, reported, if it has none."""
        if media.kind == "image":
            return self.assets.image(named)
        if media.video is None:
            message = f"{named.text!r} has no picture to match"
            self.problems.add("no-video", message, named, "name a still or a film")
            return None
        if self.assets.source(named) is None:
            return None
        length = media.clip_length
        if length is None:
            message = f"{named.text!r} has no known length, so its shots cannot be found"
            self.problems.add("no-length", message, named, "remux it: ffmpeg -i IN -c copy OUT")
            return None
        color = self.assets.color(named, media.video)
        return Clip(media, color, TimeMap.linear(0, 1, length))

    def moment(
        self, node: SpecNode, name: str, length: Fraction, content: object
    ) -> Fraction | None:
        """``at``, in seconds from the beginning of the reference."""
        if isinstance(content, Image):
            message = f"'at' has no effect: {name!r} is a still picture"
            self.problems.add("no-effect", message, node.key_location or node, "leave it out")
            return None
        rate = self.fps
        if isinstance(content, Clip) and content.media.video is not None:
            rate = content.media.video.rate
        try:
            at = parse_time(node.value, from_end=True).seconds(rate, length)
        except ValueError as error:
            self.problems.add("bad-time", f"at: {error}", node)
            return None
        if not 0 <= at < length:
            message = f"at is {brief(at)}, but {name} is only {brief(length)} long"
            hint = f"give a time before {brief(length)}"
            self.problems.add("in-beyond-end", message, node, hint)
            return None
        return at


def seen(item: TimelineItem) -> list[str]:
    """The properties of an item that determine its pictures, before any grade."""
    content, frame = item.content, item.frame
    looks = [str(frame.of("source").get("crop")), str(frame.of("to_sdr").get("method"))]
    if isinstance(content, Clip):
        return [repr(content.time_map), str(item.end - item.start), str(content.color), *looks]
    assert isinstance(content, Image)
    return [str(content.color), *looks]
