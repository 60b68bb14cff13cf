"""The titles and captions of a spec, and where its film shows them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from vedc.edit.captions import Cue
from vedc.edit.contents import Caption, Text
from vedc.edit.model import Edit, TimelineItem, Track
from vedc.edit.placement import corner, still
from vedc.edit.text_box import TextBox
from vedc.edit.values import Keyframes
from vedc.review.check.core.check import TimedCue
from vedc.review.check.core.shown import Box, ShownText
from vedc.text.titles import measure


def shown_texts(film: Edit) -> list[ShownText]:
    """Titles and burned-in captions that stand still, in frames of the output's file. Those within
    compositions and those that move are not among them."""
    first, end = film.part or (0, film.duration)
    found = [
        *(_caption(film, caption, "captions") for caption in film.captions),
        *(each for track in film.tracks for each in _of_track(film, track)),
    ]
    return [
        replace(
            text, frames=_within(text.frames, first, end), at_rest=_within(text.at_rest, first, end)
        )
        for text in found
        if text is not None and text.frames[0] < end and text.frames[1] > first
    ]


def cues(film: Edit) -> list[TimedCue]:
    """All captions of a film, burned in or not, in seconds of the output's file."""
    first, end = film.part or (0, film.duration)
    rate = film.profile.fps
    begins, until = first / rate, end / rate
    found: list[TimedCue] = []
    tracks = [("captions", film.captions), *((track.id, track.captions) for track in film.tracks)]
    for name, captions in tracks:
        for caption in captions:
            cue = Cue(caption.start / rate, caption.end / rate, caption.text.text)
            # vedc puts captions that are burned in at the same time above one another.
            found.append(TimedCue(cue, f"{name} {corner_of(film, caption)}"))
    for number, stream in enumerate(film.caption_streams):
        found += [TimedCue(cue, f"stream {number}") for cue in stream.cues]
    return [
        replace(timed, cue=_moved(timed.cue, begins))
        for timed in found
        if timed.cue.start < until and timed.cue.end > begins
    ]


def _moved(cue: Cue, by: Fraction) -> Cue:
    return replace(cue, start=cue.start - by, end=cue.end - by)


def _within(span: tuple[int, int], first: int, end: int) -> tuple[int, int]:
    return max(span[0], first) - first, min(span[1], end) - first


def _of_track(film: Edit, track: Track) -> Iterator[ShownText | None]:
    for caption in track.captions:
        yield _caption(film, caption, track.id)
    for number, item in enumerate(track.items):
        if isinstance(item.content, Text):
            yield _title(film, track, number, item, item.content)


def corner_of(film: Edit, caption: Caption) -> tuple[int, int]:
    """The pixel of the corner of a caption's bitmap."""
    return _corner(film, caption, measure(caption.text))


def _corner(film: Edit, caption: Caption, box: TextBox) -> tuple[int, int]:
    canvas = film.profile.width, film.profile.height
    x, y = (
        corner(caption.position[i], caption.offset[i], caption.anchor[i], canvas[i], own)
        for i, own in enumerate((box.width, box.height))
    )
    return x, y


def _caption(film: Edit, caption: Caption, track: str) -> ShownText | None:
    box = measure(caption.text)
    if box.ink is None:
        return None
    at = _corner(film, caption, box)
    rest = caption.start + caption.fade[0], caption.end - caption.fade[1]
    ink = _placed(box.ink, at)
    span = caption.start, caption.end
    return ShownText("caption", caption.text, 1.0, at, ink, span, rest, f"captions of {track}")


def _title(
    film: Edit, track: Track, number: int, item: TimelineItem, text: Text
) -> ShownText | None:
    frame, box = item.frame, item.box
    if box is None or box.ink is None or frame.moves or frame.of("affine").get("rotation"):
        return None
    scale = still(frame.scale)
    if scale[0] != scale[1] or isinstance(frame.opacity, Keyframes) or frame.opacity < 0.5:
        return None
    canvas = film.profile.width, film.profile.height
    position, offset, anchor = still(frame.position), still(frame.offset), still(frame.anchor)
    x, y = (
        corner(position[i], offset[i], anchor[i], canvas[i], own)
        for i, own in enumerate((box.width, box.height))
    )
    start, end = item.start, item.end
    if text.animate_in is not None:
        start += text.animate_in.frames
    if text.animate_out is not None:
        end -= text.animate_out.frames
    for join in track.transitions:
        if join.right == number:
            start = max(start, join.end)
        if join.left == number:
            end = min(end, join.start)
    plain = not (item.effects or item.grade or track.effects or film.effects or item.mask)
    return ShownText(
        "title", text, scale[0], (x, y), _placed(box.ink, (x, y)), (item.start, item.end),
        (start, end), track.id, item.location, plain,
    )  # fmt: skip


def _placed(ink: Box, at: tuple[int, int]) -> Box:
    return ink[0] + at[0], ink[1] + at[1], ink[2] + at[0], ink[3] + at[1]
