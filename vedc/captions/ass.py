"""Advanced SubStation Alpha, and SubStation Alpha before it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from vedc.captions import ass_tags
from vedc.captions.ass_tags import Line
from vedc.captions.letters import Letters, Style
from vedc.captions.notes import Notes
from vedc.captions.times import seconds
from vedc.edit.captions import Cue, Look, Place
from vedc.support.lazy_dataclass import dataclass

_EVENTS: Final = "layer, start, end, style, name, marginl, marginr, marginv, effect, text"
_SIZE: Final = (384.0, 288.0)
"""The canvas of a script that does not give one."""


@dataclass(frozen=True, slots=True)
class _AssStyle:
    letters: Style
    look: Look
    place: Place


def read_ass(lines: Sequence[str], notes: Notes) -> list[Cue]:
    sections: dict[str, list[tuple[int, str, str]]] = {}
    name = ""
    for number, line in enumerate(lines, 1):
        stripped = line.strip()
        if stripped.startswith("[") and stripped.endswith("]"):
            name = stripped[1:-1].strip().lower()
        elif stripped and not stripped.startswith((";", "!")) and ":" in stripped:
            key, _, value = line.partition(":")
            entry = number, key.strip().lower(), value.lstrip()
            sections.setdefault(name, []).append(entry)
    info = {key: value for _, key, value in sections.get("script info", ())}
    size = _play_size(info)
    styles = _styles(sections, size, info, notes)
    cues = []
    format = _EVENTS
    for number, key, value in sections.get("events", ()):
        if key == "format":
            format = value
        elif key == "dialogue":
            cue = _dialogue(value, format, styles, size, number, notes)
            if cue is not None:
                cues.append(cue)
    return cues


def _play_size(info: dict[str, str]) -> tuple[float, float]:
    width = ass_tags.number(info.get("playresx", "")) or 0
    height = ass_tags.number(info.get("playresy", "")) or 0
    if width > 0 and height > 0:
        return width, height
    if height > 0:  # as libass does
        return (1280.0 if height == 1024 else height * 4 / 3), height
    if width > 0:
        return width, (1024.0 if width == 1280 else width * 3 / 4)
    return _SIZE


def _styles(
    sections: dict[str, list[tuple[int, str, str]]],
    size: tuple[float, float],
    info: dict[str, str],
    notes: Notes,
) -> dict[str, _AssStyle]:
    found: dict[str, _AssStyle] = {}
    for title in ("v4+ styles", "v4 styles", "v4++ styles"):
        names: list[str] = []
        for _, key, value in sections.get(title, ()):
            if key == "format":
                names = [part.strip().lower() for part in value.split(",")]
            elif key == "style" and names:
                values = [part.strip() for part in value.split(",")]
                fields = dict(zip(names, values, strict=False))
                style = _style(fields, size, title == "v4 styles")
                found[fields.get("name", "").lstrip("*").lower()] = style
    return found


def _style(fields: dict[str, str], size: tuple[float, float], old: bool) -> _AssStyle:
    def value(name: str, default: float) -> float:
        found = ass_tags.number(fields.get(name, ""))
        return default if found is None else found

    def painted(name: str) -> tuple[float, float, float, float]:
        found = ass_tags.color(fields.get(name, ""))
        return (1.0, 1.0, 1.0, 1.0) if found is None else ass_tags.painted(found, None)

    height = size[1]
    spot = int(value("alignment", 2))
    spot = ass_tags.OLD_SPOTS.get(spot, 2) if old else spot
    place = ass_tags.place_at(spot if spot in ass_tags.SPOTS else 2)
    outline = painted("tertiarycolour" if old else "outlinecolour")
    back = painted("backcolour")
    boxed = value("borderstyle", 1) == 3
    look = Look(
        font=fields.get("fontname") or None,
        size=value("fontsize", 18) / height,
        color=painted("primarycolour"),
        stroke_color=outline,
        stroke_width=0.0 if boxed else value("outline", 2) / height,
        background=outline if boxed else None,
        padding=value("outline", 2) / height if boxed else 0.0,
        shadow=0.0 if boxed else value("shadow", 0) / height,
        shadow_color=back,
        unsung=painted("secondarycolour") if "secondarycolour" in fields else None,
    )
    margins = (value("marginl", 0), value("marginr", 0), value("marginv", 0))
    letters = Style(
        None,
        value("italic", 0) != 0,
        value("bold", 0) not in (0.0, 400.0),
        value("underline", 0) != 0,
        value("strikeout", 0) != 0,
    )
    return _AssStyle(letters, look, _within(place, margins, size))


def _within(place: Place, margins: tuple[float, float, float], size: tuple[float, float]) -> Place:
    """A place at its own margins: left, right, and above or below."""
    left, right, down = margins[0] / size[0], margins[1] / size[0], margins[2] / size[1]
    ax, ay = place.anchor
    x = left if ax == 0 else 1 - right if ax == 1 else (left + 1 - right) / 2
    y = down if ay == 0 else 1 - down if ay == 1 else 0.5
    return replace(place, point=(x, y), width=max(1 - left - right, 0.05))


_BLOCK: Final = re.compile(r"\{([^{}]*)\}")


def _dialogue(
    value: str,
    format: str,
    styles: dict[str, _AssStyle],
    size: tuple[float, float],
    number: int,
    notes: Notes,
) -> Cue | None:
    names = [part.strip().lower() for part in format.split(",")]
    parts = value.split(",", len(names) - 1)
    if len(parts) < len(names):
        notes.add("caption-time", "a dialogue with too few fields is left out", number)
        return None
    fields = dict(zip(names, (part.strip() for part in parts[:-1]), strict=False))
    fields[names[-1]] = parts[-1]
    start, end = seconds(fields.get("start", "")), seconds(fields.get("end", ""))
    if start is None or end is None:
        hint = "write them as 0:00:01.00"
        notes.add("caption-time", "the times of a cue cannot be read: it is left out", number, hint)
        return None
    named = fields.get("style", "default").lstrip("*").lower()
    style = styles.get(named) or styles.get("default")
    if style is None:
        style = _style({}, size, old=False)
    if named not in styles and named != "default":
        notes.add(
            "caption-style", f"there is no style {fields['style']!r}: Default is used", number
        )
    place = style.place
    margins = tuple(
        ass_tags.number(fields.get(key, "")) or 0 for key in ("marginl", "marginr", "marginv")
    )
    if any(margins):
        place = _own_margins(style.place, margins, size)
    line = Line(style.look, place, size, clock=start)
    letters = Letters(style.letters)
    text = fields.get("text", "")
    at = 0
    for block in _BLOCK.finditer(text):
        _plain(text[at : block.start()], line, letters)
        at = block.end()
        if "\\" in block.group(1):
            ass_tags.apply(block.group(1), line, letters, style.letters, number, notes)
    _plain(text[at:], line, letters)
    if line.drawn:
        notes.add("caption-tag", "drawings (\\p) are left out", number)
    words, spans, times = letters.done()
    layer = int(ass_tags.number(fields.get("layer", "")) or 0)
    return Cue(start, end, words, spans, times, line.place, line.look, line.fade, layer, number)


def _own_margins(place: Place, margins: tuple[float, ...], size: tuple[float, float]) -> Place:
    """A dialogue's own margins; those that are 0 are the style's."""
    x, y = place.point
    assert x is not None and y is not None
    ax, ay = place.anchor
    left, right, down = margins[0] / size[0], margins[1] / size[0], margins[2] / size[1]
    if ax == 0 and left:
        x = left
    elif ax == 1 and right:
        x = 1 - right
    elif ax == 0.5 and (left or right):
        x = (left + 1 - right) / 2
    if down and ay != 0.5:
        y = down if ay == 0 else 1 - down
    return replace(place, point=(x, y))


def _plain(text: str, line: Line, letters: Letters) -> None:
    if line.drawing:
        line.drawn = True
        return
    letters.add(text.replace("\\N", "\n").replace("\\n", " ").replace("\\h", "\u00a0"))
