"""Decisions about crops as plain data: the time of each shot, and its crop over the frame."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from PIL import Image, ImageDraw, ImageEnhance

from vedc.decide.lock.crops_in_place import crop_value
from vedc.decide.lock.lock_entry import LockedItem, LockEntry
from vedc.edit.easing import value_at
from vedc.edit.times import round_half_up
from vedc.edit.values import Keyframes
from vedc.lang.resolve.questions import Source
from vedc.lang.resolve.reframe.question import AskedReframe, ReframedItem, ReframeQuestion
from vedc.lang.yaml.tree import Problems
from vedc.report.decisions.grades import when_seen
from vedc.report.decisions.view import Decided, reason_of

_SIDE: Final = 320
"""The longer side of a picture, in pixels."""
_GAP: Final = 6
_DIM: Final = 0.35
"""Brightness of the cropped-off parts."""
_LINE: Final = (255, 184, 72)
_QUALITY: Final = 84


@dataclass(frozen=True, slots=True)
class ShownCrop:
    """The part of the picture shown at a time, in fractions of its width and height."""

    x: float
    y: float
    width: float
    height: float


def sources_of_crops(question: ReframeQuestion) -> list[Source]:
    """The files behind a decision, each with the parts that the film shows."""
    found = []
    for each in question.items:
        item = each.item
        if item.media is not None:
            begin, end = item.time_map.source_range(0, Fraction(max(item.frames, 1)) / item.fps)
            found.append(Source(item.source, item.media, begin, end))
    return found


def reframed_shots(
    asked: AskedReframe, entry: LockEntry, at: Fraction | None = None
) -> Iterator[Decided]:
    """The shots of an answer that the film shows, each with its crop.

    Each is drawn over the first, the middle and the last of its frames; with ``at``, seconds of
    the film, nothing is drawn, and the crop is that moment's.
    """
    question = asked.question
    for each in question.items:
        mine = [e for e in entry.items if not question.shared or e.clip == each.name]
        for locked, begin, end in when_seen(each.item, mine):
            fields: dict[str, Any] = {"reframe": locked.node.plain(), "clip_name": each.name}
            if question.output:
                fields["output"] = asked.name
            if locked.shot:
                fields["shot"] = locked.shot
            if at is not None and begin <= at < end:
                crop = crop_at(each, locked, at)
                fields["shown"] = [crop.x, crop.y, crop.width, crop.height]
            yield Decided(
                asks=asked.name,
                number=entry.items.index(locked) + 1,
                of=len(entry.items),
                begin=begin,
                end=end,
                fields=fields,
                score=locked.score,
                reasons=tuple(
                    reason_of(text) for text in (*locked.reasons_for, *locked.reasons_against)
                ),
                instead=locked.instead,
                edited=locked.edited,
                by=entry.by,
                location=locked.node.location,
                framed=b"" if at is not None else _drawn(each, locked, begin, end),
            )


def crop_at(item: ReframedItem, locked: LockedItem, time: Fraction) -> ShownCrop:
    """The crop of a shot at a time of the film."""
    value = crop_value(item, locked.node.get("crop"), Problems())
    if isinstance(value, Keyframes):
        own = time - item.item.shown.start / item.item.fps - item.item.head
        found = value_at(value, own * item.item.fps)
        assert isinstance(found, tuple)
        value = found
    return ShownCrop(*(round(side, 4) for side in value))


def _drawn(item: ReframedItem, locked: LockedItem, begin: Fraction, end: Fraction) -> bytes:
    """A JPEG of frames with the crop over them, side by side."""
    frame = 1 / item.item.fps
    times = [begin, (begin + end) / 2, max(end - frame, begin)]
    if item.item.media is None:
        times = times[:1]
    pictures = _pictures(item, times)
    made = [
        _over(picture, crop_at(item, locked, time))
        for picture, time in zip(pictures, times, strict=True)
    ]
    width = sum(p.width for p in made) + _GAP * (len(made) - 1)
    sheet = Image.new("RGB", (width, max(p.height for p in made)), (255, 255, 255))
    x = 0
    for picture in made:
        sheet.paste(picture, (x, 0))
        x += picture.width + _GAP
    data = io.BytesIO()
    sheet.save(data, "JPEG", quality=_QUALITY, optimize=True)
    return data.getvalue()


def _pictures(item: ReframedItem, times: Sequence[Fraction]) -> list[Image.Image]:
    width, height = item.picture
    scale = _SIDE / max(width, height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    media = item.item.media
    if media is None or media.video is None:
        from vedc.stills.load import load_still

        path = item.item.content.path  # type: ignore[union-attr]
        raster = load_still(path, *size, None, None, "rgba")
        data = raster.planes[0]
        return [Image.frombytes("RGBA", (raster.width, raster.height), bytes(data)).convert("RGB")]
    from vedc.report.sheets.stills import stills

    start = item.item.shown.start / item.item.fps
    rate = media.video.rate
    numbers = [int(item.item.time_map.source_at(time - start) * rate) for time in times]
    return list(stills(media, numbers, size))


def _over(picture: Image.Image, crop: ShownCrop) -> Image.Image:
    """A picture, dark where the crop cuts it off."""
    made = ImageEnhance.Brightness(picture).enhance(_DIM)
    left, top = round(crop.x * picture.width), round(crop.y * picture.height)
    right = round_half_up(Fraction((crop.x + crop.width) * picture.width))
    bottom = round_half_up(Fraction((crop.y + crop.height) * picture.height))
    made.paste(picture.crop((left, top, right, bottom)), (left, top))
    draw = ImageDraw.Draw(made)
    draw.rectangle((left, top, max(right - 1, left), max(bottom - 1, top)), outline=_LINE, width=2)
    return made
