"""A film as the page shows it: tracks, items, joins, captions, sound, decisions, as plain data.

All times are frames of the film, and intervals are half-open.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import PurePath
from typing import Any

from vedc.edit.contents import Clip, Generated, Image, Solid, Text
from vedc.edit.media_info import shown_name
from vedc.edit.model import AudioItem, Composition, TimelineItem, Track, Transition
from vedc.edit.timecode import timecode_or_frames
from vedc.edit.times import nominal_rate, round_half_up
from vedc.edit.values import Keyframes
from vedc.errors import SourceLocation
from vedc.report.decisions import text as decisions
from vedc.serve.preview.film import Film


def described(film: Film) -> dict[str, Any]:
    """Everything to show of a film, except its pictures and its sound."""
    edit = film.edit
    rate = edit.profile.fps
    return {
        "revision": film.revision,
        "output": film.title,
        "rate": [rate.numerator, rate.denominator],
        "nominal": nominal_rate(rate),
        "frames": edit.duration,
        "width": edit.profile.width,
        "height": edit.profile.height,
        "scale": float(film.scale),
        "tracks": [
            _track(track, number, rate) for number, track in reversed([*enumerate(edit.tracks)])
        ],
        "captions": [
            {"start": caption.start, "end": caption.end, "label": caption.text.text}
            for caption in (*(c for t in edit.tracks for c in t.captions), *edit.captions)
        ],
        "audio": [_audio(item, number, rate) for number, item in enumerate(edit.audio)],
        "markers": [{"frame": marker.frame, "name": marker.name} for marker in edit.markers],
        "segments": [
            {"key": segment.key, "start": start, "end": end}
            for segment, start, end in zip(
                film.logical.segments, film.starts, film.starts[1:], strict=False
            )
        ],
        "sound": film.logical.sound_key,
        "decisions": list(_decisions(film)),
        "locked": film.locked,
    }


def places(film: Film) -> list[tuple[str, SourceLocation]]:
    """The place of each item, join, sound and decision in the spec, by its id on the page. Entries
    of vedc.lock have the place of their question in the spec."""
    found: list[tuple[str, SourceLocation | None]] = []
    settled = film.deciding.settled
    asked = {q.name: q.node.location for q, _ in (settled.answered if settled is not None else ())}
    asks: dict[SourceLocation | None, SourceLocation | None] = {}
    for number, each in enumerate(film.decisions.items):
        place = asks[each.location] = asked.get(each.asks)
        found.append((f"decision-{number}", place))
    for number, track in enumerate(film.edit.tracks):
        things = [
            *((f"item-{number}-{n}", item.location) for n, item in enumerate(track.items)),
            *((f"join-{number}-{n}", join.location) for n, join in enumerate(track.transitions)),
        ]
        found += [(name, asks.get(place, place)) for name, place in things]
    found += [(f"audio-{index}", sound.location) for index, sound in enumerate(film.edit.audio)]
    return [(name, place) for name, place in found if place is not None]


def _track(track: Track, number: int, rate: Fraction) -> dict[str, Any]:
    items = [_item(item, f"item-{number}-{n}", rate) for n, item in enumerate(track.items)]
    joins = [_join(join, f"join-{number}-{n}", rate) for n, join in enumerate(track.transitions)]
    return {"id": track.id, "items": items, "joins": joins}


def _item(item: TimelineItem, name: str, rate: Fraction) -> dict[str, Any]:
    kind, label = _content(item)
    return {
        "id": name,
        "kind": kind,
        "label": label,
        "start": item.start,
        "end": item.end,
        "place": _place(item.location),
        "facts": [
            ["item", item.id or item.name],
            ["in the film", _span(item.start, item.end, rate)],
            *_facts(item, rate),
        ],
    }


def _content(item: TimelineItem) -> tuple[str, str]:
    """The kind of an item, and its displayed name."""
    content = item.content
    if isinstance(content, Clip):
        kind = "clip" if content.media.video is not None else "sound"
        return kind, shown_name(content.media.path)
    if isinstance(content, Image):
        return "image", PurePath(content.path).name
    if isinstance(content, Text):
        return "title", " ".join(content.text.split())
    if isinstance(content, Solid):
        return "colour", _hex(content.color)
    if isinstance(content, Generated):
        return "generator", content.call.op
    if isinstance(content, Composition):
        return "composition", shown_name(content.media.path)
    return "adjustment", "adjustment"


def _facts(item: TimelineItem, rate: Fraction) -> Iterator[list[str]]:
    """Facts about an item: pairs of a name and a value."""
    content = item.content
    if isinstance(content, Clip | Composition):
        begin, end = content.time_map.source_range(0, (item.end - item.start) / rate)
        yield ["in the source", f"{float(begin):.3f} s to {float(end):.3f} s"]
        if (video := content.media.video) is not None:
            across, down = video.display_size
            yield ["source", f"{across}×{down} at {float(video.rate):g} fps"]
    if isinstance(content, Image):
        yield ["source", f"{content.width}×{content.height}"]
    for name, calls in (("grade", item.grade), ("effects", item.effects)):
        if calls:
            yield [name, ", ".join(call.op for call in calls)]
    if item.mask is not None:
        yield ["mask", item.mask.op]
    if item.blend != "normal":
        yield ["blend", item.blend]
    if isinstance(item.frame.opacity, Keyframes) or item.frame.opacity != 1:
        moves = isinstance(item.frame.opacity, Keyframes)
        yield ["opacity", "keyframes" if moves else f"{item.frame.opacity:g}"]


def _join(join: Transition, name: str, rate: Fraction) -> dict[str, Any]:
    return {
        "id": name,
        "kind": "transition",
        "label": join.name,
        "start": join.start,
        "end": join.end,
        "place": _place(join.location),
        "facts": [
            ["transition", join.name],
            ["in the film", _span(join.start, join.end, rate)],
            ["easing", join.easing],
        ],
    }


def _audio(item: AudioItem, number: int, rate: Fraction) -> dict[str, Any]:
    return {
        "id": f"audio-{number}",
        "kind": "sound",
        "label": shown_name(item.media.path),
        "start": item.start,
        "end": item.end,
        "place": _place(item.location),
        "facts": [
            ["item", item.id or item.name],
            ["in the film", _span(item.start, item.end, rate)],
        ],
    }


def _decisions(film: Film) -> Iterator[dict[str, Any]]:
    """The decisions, with their reasons, as in ``vedc explain``."""
    view = film.decisions
    for number, item in enumerate(view.items):
        start = round_half_up(item.begin * view.rate)
        data = decisions.item_data(item)
        yield {
            "id": f"decision-{number}",
            "kind": item.kind,
            "label": decisions.title(view, item).removeprefix(f"{item.kind} "),
            "start": start,
            "end": max(start + 1, round_half_up(item.end * view.rate)),
            "place": _place(item.location) if film.locked else None,
            "asked_by": f"{item.asks}, {item.number} of {item.of}",
            "score": item.score,
            "reasons": data["reasons"],
            "instead": data["instead"],
            "edited": item.edited,
            "by": data["by"],
        }
    for number, each in enumerate(view.picks):
        pick = each.pick
        yield {
            "id": f"pick-{number}",
            "kind": "transition",
            "label": f"random is {pick.name}",
            "start": round_half_up(each.begin * view.rate),
            "end": round_half_up(each.end * view.rate),
            "place": _place(pick.location),
            "asked_by": f"one of {pick.of}, by the seed {pick.seed}",
            "score": None,
            "reasons": [],
            "instead": [],
            "edited": False,
            "by": {},
        }


def _place(location: SourceLocation | None) -> dict[str, Any] | None:
    if location is None:
        return None
    return {"file": location.file, "line": location.line, "column": location.column}


def _span(start: int, end: int, rate: Fraction) -> str:
    first, last = timecode_or_frames(start, rate), timecode_or_frames(end, rate)
    return f"{first} to {last}, {float((end - start) / rate):.2f}\u00a0s"


def _hex(color: Sequence[float]) -> str:
    return "#" + "".join(f"{round(min(max(part, 0.0), 1.0) * 255):02x}" for part in color[:3])
