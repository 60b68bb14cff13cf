"""Which properties of two films differ: size, rate, length, codec and so on."""

from __future__ import annotations

from dataclasses import fields
from fractions import Fraction
from pathlib import Path
from typing import Any

from vedc.edit.model import Output
from vedc.edit.timecode import brief
from vedc.review.compare.results import Setting
from vedc.review.compare.sides import Side, SpecSide


def film_settings(before: Side, after: Side) -> list[Setting]:
    """The properties that differ; codec settings only between two specs, because files do not state
    theirs."""
    old, new = _facts(before), _facts(after)
    if isinstance(before, SpecSide) and isinstance(after, SpecSide):
        old |= _output(before.edit.output)
        new |= _output(after.edit.output)
        old |= _marks(before)
        new |= _marks(after)
    return [
        Setting(name, old.get(name, "none"), new.get(name, "none"))
        for name in dict.fromkeys([*old, *new])
        if old.get(name, "none") != new.get(name, "none")
    ]


def _facts(side: Side) -> dict[str, str]:
    canvas = side.canvas
    found: dict[str, str] = {}
    if canvas is not None:
        found["size"] = f"{canvas.width}x{canvas.height}"
        found["frame rate"] = f"{_number(canvas.fps)} fps"
        found["sample format"] = canvas.pix_fmt
        color = canvas.color
        found["colour"] = " ".join((color.primaries, color.transfer, color.matrix, color.range))
        first, end = side.span
        count = f"{end - first} frame{'s' if end - first != 1 else ''}"
        found["duration"] = f"{brief((end - first) / canvas.fps)} ({count})"
    if isinstance(side, SpecSide):
        profile, output = side.edit.profile, side.edit.output
        if canvas is None:
            found["duration"] = brief(side.edit.duration / profile.fps)
        if output.audio_codec is not None and output.form in ("film", "sound", "stream"):
            found["sound"] = f"{profile.sample_rate} Hz, {_channels(profile.channels)}"
    elif side.media.audio is not None:
        audio = side.media.audio
        found["sound"] = f"{audio.rate} Hz, {_channels(audio.channels)}"
        if canvas is None and side.media.duration is not None:
            found["duration"] = brief(side.media.duration)
    return found


#: Fields of an output that are reported elsewhere, or are not properties of the film.
_SKIPPED = frozenset({"path", "location", "pix_fmt", "at", "sheet", "dither"})


def _output(output: Output) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in fields(output):
        value: Any = getattr(output, each.name)
        if each.name in _SKIPPED or value in (None, (), False):
            continue
        if each.name == "metadata":
            found |= {f"tag {name}": text for name, text in value}
        elif each.name == "cover":
            found["cover"] = Path(value).name
        else:
            found[each.name.replace("_", " ")] = str(value)
    if output.at is not None:
        found["picture at"] = f"frame {output.at}"
    return found


def _marks(side: SpecSide) -> dict[str, str]:
    chapters = [f"{marker.name} at frame {marker.frame}" for marker in side.edit.markers]
    return {"chapters": ", ".join(chapters)} if chapters else {}


def _channels(count: int) -> str:
    return {1: "mono", 2: "stereo", 6: "5.1"}.get(count, f"{count} channels")


def _number(rate: Fraction) -> str:
    return str(rate.numerator) if rate.denominator == 1 else f"{float(rate):.5g} ({rate})"
