"""Converting a probed file to JSON and back, for the probe cache."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from vedc.color import Color
from vedc.edit.media_info import (
    AudioInfo,
    Join,
    MediaInfo,
    Note,
    StreamInfo,
    VideoInfo,
    split_locator,
)
from vedc.media.digest import Stamp


def to_json(info: MediaInfo) -> dict[str, Any]:
    """The fields of a MediaInfo except its stamp, in JSON types; fractions as text."""
    return {
        "kind": info.kind,
        "container": info.container,
        "duration": _fraction_text(info.duration),
        "video": None if info.video is None else _plain(info.video),
        "audio": None if info.audio is None else _plain(info.audio),
        "notes": [_plain(note) for note in info.notes],
        "no_picture": None if info.no_picture is None else _plain(info.no_picture),
        "no_sound": None if info.no_sound is None else _plain(info.no_sound),
        "joins": [_plain(join) for join in info.joins],
        "streams": [_plain(stream) for stream in info.streams],
    }


def _plain(record: VideoInfo | AudioInfo | Color | Note | Join | StreamInfo) -> dict[str, Any]:
    fields = {name: getattr(record, name) for name in record.__slots__}
    for name, value in fields.items():
        if isinstance(value, Fraction):
            fields[name] = _fraction_text(value)
        elif isinstance(value, Color):
            fields[name] = _plain(value)
    return fields


def from_json(fields: dict[str, Any], stamp: Stamp) -> MediaInfo | None:
    """The inverse of :func:`to_json`; None for a record that this version would not write."""
    try:
        video, audio = fields["video"], fields["audio"]
        if video is not None:
            video = VideoInfo(
                **video
                | {name: Fraction(video[name]) for name in ("sar", "rate", "time_base")}
                | {"length": _fraction(video["length"])}
                | {"color": Color(**video["color"])}
                | {"hidden": None if video["hidden"] is None else tuple(video["hidden"])}
            )
        if audio is not None:
            audio = AudioInfo(
                **audio
                | {"start": Fraction(audio["start"]), "duration": _fraction(audio["duration"])}
            )
        return MediaInfo(
            path=split_locator(stamp.path)[0],
            size=stamp.size,
            mtime_ns=stamp.mtime_ns,
            kind=fields["kind"],
            container=fields["container"],
            duration=_fraction(fields["duration"]),
            video=video,
            audio=audio,
            ctime_ns=stamp.ctime_ns,
            inode=stamp.inode,
            notes=tuple(Note(**note) for note in fields["notes"]),
            no_picture=Note(**fields["no_picture"]) if fields["no_picture"] else None,
            no_sound=Note(**fields["no_sound"]) if fields["no_sound"] else None,
            joins=tuple(
                Join(join["position"], Fraction(join["offset"]), Fraction(join["time"]))
                for join in fields["joins"]
            ),
            streams=tuple(StreamInfo(**stream) for stream in fields["streams"]),
        )
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None


def _fraction_text(value: Fraction | None) -> str | None:
    return None if value is None else str(value)


def _fraction(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)
