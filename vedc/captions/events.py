"""Cues as events of Advanced SubStation Alpha: the form that FFmpeg's caption encoders take."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Final

from vedc.captions.ass_tags import SPOTS
from vedc.edit.captions import CaptionStream, Cue, Look, Rgba, Span
from vedc.support.lazy_dataclass import dataclass

#: The units of a script, in which places and sizes are written.
_FINE: Final = (1280, 720)
#: Those that FFmpeg gives to files of other formats. With type of another size than 16 of these,
#: it would write that size into SubRip.
_PLAIN: Final = (384, 288)
#: The default size of type, as a share of the picture's height.
_USUAL: Final = 16 / 288
_SPOT_OF: Final = {spot: number for number, spot in SPOTS.items()}


@dataclass(frozen=True, slots=True)
class Event:
    """What one packet holds, in milliseconds."""

    start: int
    end: int
    text: str
    """``ReadOrder,Layer,Style,Name,MarginL,MarginR,MarginV,Effect,Text``."""


def header(stream: CaptionStream) -> str:
    """The script without its events."""
    looks = _looks(stream.cues) if stream.codec == "ass" else {None: "Default"}
    width, height = _size(stream.codec)
    rows = "".join(_style(name, look, height) for look, name in looks.items())
    return (
        "[Script Info]\r\nScriptType: v4.00+\r\n"
        f"PlayResX: {width}\r\nPlayResY: {height}\r\n"
        "ScaledBorderAndShadow: yes\r\nWrapStyle: 0\r\n\r\n[V4+ Styles]\r\n"
        "Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, "
        "BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, "
        "BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding\r\n"
        f"{rows}\r\n[Events]\r\n"
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\r\n"
    )


def events(stream: CaptionStream) -> list[Event]:
    """The packets of a stream, in order of time.

    Timed text in MP4 shows one sample at a time: overlapping cues become one there while they
    overlap.
    """
    looks = _looks(stream.cues) if stream.codec == "ass" else {}
    times = [(_ms(cue.start), _ms(cue.end), cue) for cue in stream.cues]
    times = [each for each in times if each[0] < each[1]]
    if stream.codec == "mov_text":
        shown = [
            (a, b, "\\N{\\r}".join(_text(c, stream) for c in cues)) for a, b, cues in apart(times)
        ]
        return [
            Event(start, end, f"{number},0,Default,,0,0,0,,{text}")
            for number, (start, end, text) in enumerate(shown)
        ]
    return [
        Event(
            start,
            end,
            f"{number},{_named(cue, looks)},,0,0,0,,{_text(cue, stream)}",
        )
        for number, (start, end, cue) in enumerate(times)
    ]


def _named(cue: Cue, looks: Mapping[Look | None, str]) -> str:
    return f"{max(cue.layer, 0)},{looks.get(cue.look, 'Default')}"


def apart(
    times: Sequence[tuple[int, int, Cue]],
) -> list[tuple[int, int, tuple[Cue, ...]]]:
    """Stretches in which the same cues are shown, earlier ones first."""
    edges = sorted({edge for start, end, _ in times for edge in (start, end)})
    shown: list[tuple[int, int, tuple[Cue, ...]]] = []
    active: list[tuple[int, int, Cue]] = []
    waiting = sorted(times, key=lambda each: each[0])
    at = 0
    for begin, end in pairwise(edges):
        active = [each for each in active if each[1] > begin]
        while at < len(waiting) and waiting[at][0] <= begin:
            active.append(waiting[at])
            at += 1
        if active:
            shown.append((begin, end, tuple(cue for _, _, cue in active)))
    return shown


def _ms(time: Fraction) -> int:
    return round(time * 1000)


def _looks(cues: Iterable[Cue]) -> dict[Look | None, str]:
    looks: dict[Look | None, str] = {None: "Default"}
    for cue in cues:
        looks.setdefault(cue.look, f"S{len(looks)}")
    return looks


def _size(codec: str) -> tuple[int, int]:
    return _FINE if codec == "ass" else _PLAIN


def _style(name: str, look: Look | None, height: int) -> str:
    look = look or Look()
    white, black = (1.0, 1.0, 1.0, 1.0), (0.0, 0.0, 0.0, 1.0)
    boxed = look.background is not None
    outline = look.background if boxed else look.stroke_color or black
    width = height / 288 if look.stroke_width is None else look.stroke_width * height
    values = (
        name,
        (look.font or "Arial").replace(",", " "),
        f"{(look.size or _USUAL) * height:g}",
        _color(look.color or white),
        _color(look.color or white),
        _color(outline or black),
        _color(look.shadow_color or black),
        "0,0,0,0,100,100,0,0",
        "3" if boxed else "1",
        f"{look.padding * height if boxed else width:g}",
        f"{(look.shadow or 0) * height:g}",
        f"2,{height * 0.09:g},{height * 0.09:g},{height * 0.05:g},1",
    )
    return f"Style: {','.join(values)}\r\n"


def _color(color: Rgba) -> str:
    red, green, blue, alpha = (round(value * 255) for value in color)
    return f"&H{255 - alpha:02X}{blue:02X}{green:02X}{red:02X}"


def _text(cue: Cue, stream: CaptionStream) -> str:
    tags = _place(cue, stream.codec) if stream.codec in ("ass", "subrip") else ""
    fades = [round(time * 1000) for time in cue.fade]
    if any(fades) and stream.codec == "ass":
        tags += f"\\fad({fades[0]},{fades[1]})"
    made = [f"{{{tags}}}" if tags else ""]
    changes = _changes(cue, stream.codec)
    at = 0
    for offset in sorted(changes):
        made += (_plain(cue.text[at:offset], stream.codec), f"{{{changes[offset]}}}")
        at = offset
    made.append(_plain(cue.text[at:], stream.codec))
    return "".join(made)


def _changes(cue: Cue, codec: str) -> dict[int, str]:
    """Override tags by the offset at which they stand."""
    found: dict[int, str] = {}
    last: Span | None = None
    for span in (*cue.spans, None):
        if last is not None and (span is None or span.start > last.end):
            found[last.end] = found.get(last.end, "") + _between(last, None, codec, cue.look)
            last = None
        if span is not None:
            found[span.start] = found.get(span.start, "") + _between(last, span, codec, cue.look)
            last = span
    if codec == "ass" and cue.words:
        ends = [*(word.time for word in cue.words[1:]), cue.end]
        for word, end in zip(cue.words, ends, strict=True):
            hundredths = max(round(end * 100) - round(word.time * 100), 0)
            found[word.offset] = f"\\k{hundredths}" + found.get(word.offset, "")
        wait = round(cue.words[0].time * 100) - round(cue.start * 100)
        if wait > 0:
            first = cue.words[0].offset
            found[first] = f"\\k{wait}}}{{" + found[first]
    return {offset: tags for offset, tags in found.items() if tags}


def _between(before: Span | None, after: Span | None, codec: str, look: Look | None) -> str:
    plain = Span(0, 0)
    before, after = before or plain, after or plain
    tags = ""
    for name, tag in (("italic", "i"), ("bold", "b"), ("underline", "u"), ("strike", "s")):
        on = getattr(after, name)
        if on != getattr(before, name):
            tags += f"\\{tag}{int(on)}"
    if before.size != after.size and codec == "ass":
        size = (look.size if look and look.size else _USUAL) * after.size * _FINE[1]
        tags += f"\\fs{size:.4g}"
    if before.color != after.color and codec in ("ass", "subrip"):
        if after.color is None:
            tags += "\\c"
        else:
            red, green, blue, alpha = (round(value * 255) for value in after.color)
            tags += f"\\c&H{blue:02X}{green:02X}{red:02X}&"
            if codec == "ass" and alpha < 255:
                tags += f"\\1a&H{255 - alpha:02X}&"
    return tags


def _place(cue: Cue, codec: str) -> str:
    place = cue.place
    if place is None:
        return ""
    spot = _SPOT_OF.get(place.anchor, 2)
    tags = f"\\an{spot}" if spot != 2 else ""
    if codec != "ass":
        return tags
    x, y = place.point
    if y is None and place.line not in (None, 0, -1):
        assert place.line is not None
        y = place.line * 0.06 if place.line >= 0 else 1 + (place.line + 1) * 0.06
    if (x is not None or y is not None) and (place.fixed or x not in (None, 0.5)):
        ax, ay = place.anchor
        x = (0.05 if ax == 0 else 0.95 if ax == 1 else 0.5) if x is None else x
        y = (0.05 if ay == 0 else 0.95 if ay == 1 else 0.5) if y is None else y
        tags += f"\\pos({x * _FINE[0]:g},{y * _FINE[1]:g})"
    return tags


#: What a player would take for a tag.
_TAG: Final = re.compile(r"<(?=[A-Za-z/])")
_ESCAPE: Final = re.compile(r"\\(?=[nNh{}])")
_JOINER: Final = "\u2060"


def _plain(text: str, codec: str) -> str:
    """Text in which nothing is taken for a tag: an invisible word joiner prevents it."""
    text = _ESCAPE.sub("\\\\" + _JOINER, text)
    if codec == "webvtt":
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    elif codec == "subrip":
        text = _TAG.sub("<" + _JOINER, text)
    if codec == "ass":
        text = text.replace("{", "\\{").replace("}", "\\}")
    else:
        text = text.replace("{\\", "{" + _JOINER + "\\")
    return text.replace("\n", "\\N")


def part_of(stream: CaptionStream, begin: Fraction, end: Fraction) -> CaptionStream:
    """The captions of a part of the film, from its beginning."""
    cues = (cue for cue in stream.cues if cue.end > begin and cue.start < end)
    moved = tuple(
        replace(
            cue,
            start=max(cue.start, begin) - begin,
            end=min(cue.end, end) - begin,
            words=tuple(replace(word, time=word.time - begin) for word in cue.words),
        )
        for cue in cues
    )
    return replace(stream, cues=moved)
