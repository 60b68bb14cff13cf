"""The override tags of Advanced SubStation Alpha: ``{\\i1\\pos(320,40)\\k25}``."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

from vedc.captions.letters import PLAIN, Letters, Style
from vedc.captions.notes import Notes
from vedc.edit.captions import Look, Place, Rgba
from vedc.support.lazy_dataclass import dataclass, field

_TAG: Final = re.compile(r"\\([1-4]?[a-zA-Z]+)(\([^()]*(?:\([^()]*\)[^()]*)*\)|[^\\]*)")
#: The names of tags, the longest first: what follows a name is its value.
_NAMES: Final = (
    "iclip", "alpha", "xbord", "ybord", "xshad", "yshad", "bord", "shad", "blur", "move", "clip",
    "fade", "fscx", "fscy", "fsp", "frx", "fry", "frz", "fax", "fay", "fad", "org", "pos", "pbo",
    "fn", "fs", "fe", "fr", "an", "be", "kf", "ko", "kt", "1c", "2c", "3c", "4c", "1a", "2a", "3a",
    "4a", "a", "b", "c", "i", "k", "K", "p", "q", "r", "s", "t", "u",
)  # fmt: skip
#: What is lost with tags that captions do not follow.
_LOST: Final = {
    "t": "changes over time (\\t) are not followed",
    "clip": "clipping (\\clip) is not followed",
    "iclip": "clipping (\\iclip) is not followed",
    "org": "turned captions (\\org) stand upright",
    "fr": "turned captions (\\fr) stand upright",
    "frx": "turned captions (\\frx) stand upright",
    "fry": "turned captions (\\fry) stand upright",
    "frz": "turned captions (\\frz) stand upright",
    "fax": "sheared captions (\\fax) stand upright",
    "fay": "sheared captions (\\fay) stand upright",
    "fscx": "letters of another width (\\fscx) are not followed",
    "fscy": "letters of another height (\\fscy) are not followed",
    "fsp": "spacing between letters (\\fsp) is not followed",
    "blur": "soft edges (\\blur) are not followed",
    "be": "soft edges (\\be) are not followed",
    "fn": "fonts (\\fn) are not followed: name files in style: {font: [...]}",
}

#: Of \\an, the keys of a number pad: share across, share down.
SPOTS: Final = {
    1: (0.0, 1.0), 2: (0.5, 1.0), 3: (1.0, 1.0), 4: (0.0, 0.5), 5: (0.5, 0.5), 6: (1.0, 0.5),
    7: (0.0, 0.0), 8: (0.5, 0.0), 9: (1.0, 0.0),
}  # fmt: skip
#: Of \\a and of the styles of SSA: 1 to 3 below, 4 more at the top, 8 more in the middle.
OLD_SPOTS: Final = {1: 1, 2: 2, 3: 3, 5: 7, 6: 8, 7: 9, 9: 4, 10: 5, 11: 6}


def place_at(spot: int) -> Place:
    x, y = SPOTS[spot]
    return Place((None, None), (x, y), "left" if x == 0 else "right" if x == 1 else "center")


def pairs(tags: str) -> list[tuple[str, str]]:
    """The tags of an override block with their values."""
    found = []
    for name, value in _TAG.findall(tags):
        whole = name + value
        known = next((n for n in _NAMES if whole.startswith(n)), None)
        if known is not None:
            found.append((known, whole[len(known) :].strip().strip("()").strip()))
    return found


def number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def color(text: str) -> tuple[float, float, float, float | None] | None:
    """``&HBBGGRR&`` or ``&HAABBGGRR``, where an alpha of 255 is clear; old files have decimals."""
    digits = text.strip().strip("&").lower()
    try:
        value = int(digits[1:], 16) if digits.startswith("h") else int(digits)
    except ValueError:
        return None
    red, green, blue = value & 255, value >> 8 & 255, value >> 16 & 255
    alpha = None if value < 1 << 24 and len(digits) <= 8 else 1 - (value >> 24 & 255) / 255
    return red / 255, green / 255, blue / 255, alpha


def painted(found: tuple[float, float, float, float | None], old: Rgba | None) -> Rgba:
    """A colour with the alpha that it had, if it does not say its own."""
    red, green, blue, alpha = found
    return red, green, blue, alpha if alpha is not None else (old[3] if old else 1.0)


@dataclass(slots=True)
class Line:
    """What the tags of a dialogue say about all of it."""

    look: Look
    place: Place
    size: tuple[float, float]
    """Of the picture, in the units of the script."""
    clock: Fraction = Fraction(0)
    """Where karaoke has come to, in seconds."""
    fade: tuple[Fraction, Fraction] = (Fraction(0), Fraction(0))
    drawing: bool = False
    drawn: bool = False
    """Whether there is anything that is drawn."""
    given: set[str] = field(default_factory=set)
    """What the first override block sets for the whole line."""


def apply(tags: str, line: Line, letters: Letters, base: Style, at: int, notes: Notes) -> None:
    """Follow an override block; ``base`` is the style that ``\\r`` returns to."""
    first = letters.empty
    for name, value in pairs(tags):
        if name in _LOST:
            if number(value) not in (0.0, 100.0):
                notes.add("caption-tag", _LOST[name], at)
        elif name in ("b", "i", "u", "s"):
            on = (number(value) or 0) not in (0,)
            key = {"b": "bold", "i": "italic", "u": "underline", "s": "strike"}[name]
            letters.change(**{key: on if value else getattr(base, key)})
        elif name in ("c", "1c", "3c", "4c", "1a", "3a", "4a", "alpha"):
            _paint(name, value, line, letters, base, first, at, notes)
        elif name == "r":
            letters.style = base
        elif name in ("an", "a"):
            spot = int(number(value) or 0)
            spot = OLD_SPOTS.get(spot, 0) if name == "a" else spot
            if spot in SPOTS and "an" not in line.given:
                line.given.add("an")
                new = place_at(spot)
                line.place = replace(line.place, anchor=new.anchor, align=new.align)
        elif name in ("pos", "move"):
            _move(name, value, line, at, notes)
        elif name in ("fad", "fade"):
            _fade(name, value, line, at, notes)
        elif name in ("k", "K", "kf", "ko"):
            letters.word(line.clock)
            line.clock += Fraction(int(number(value) or 0), 100)
        elif name == "p":
            line.drawing = (number(value) or 0) > 0
        elif name == "fs":
            _resize(value, line, letters, first)
        elif name in ("bord", "shad"):
            width = number(value)
            if width is not None and first:
                key = "stroke_width" if name == "bord" else "shadow"
                line.look = _with(line.look, key, width / line.size[1])


def _resize(value: str, line: Line, letters: Letters, first: bool) -> None:
    """Type of another size: a number, or so many tenths more or less; none is that of the line."""
    size, own = number(value), (line.look.size or 0.0) * line.size[1]
    if size is not None and value.startswith(("+", "-")):
        size = own * letters.style.size * (1 + size / 10)
    if size is None or size <= 0 or not own:
        letters.change(size=1.0)
    elif first:
        line.look = replace(line.look, size=size / line.size[1])
    else:
        letters.change(size=size / own)


def _paint(
    name: str, value: str, line: Line, letters: Letters, base: Style, first: bool, at: int,
    notes: Notes,
) -> None:  # fmt: skip
    look, own = line.look, letters.style.color or line.look.color
    if name.endswith("c"):
        found = color(value) if value else None
        if found is None:
            letters.change(color=base.color)
            return
        if name in ("c", "1c"):
            letters.change(color=painted(found, own))
        elif first:
            key = "stroke_color" if name == "3c" else "shadow_color"
            line.look = _with(look, key, painted(found, getattr(look, key)))
        else:
            notes.add(
                "caption-tag", f"colours of outlines within a line (\\{name}) are not followed", at
            )
        return
    digits = color(value)
    if digits is None:
        return
    alpha = 1 - digits[0]  # the number itself, whose low byte it is
    if name in ("1a", "alpha") and own is not None:
        letters.change(color=(*own[:3], alpha))
    for tag, key in (("3a", "stroke_color"), ("4a", "shadow_color")):
        old = getattr(look, key)
        if name in (tag, "alpha") and old is not None and first:
            line.look = _with(line.look, key, (*old[:3], alpha))


def _with(look: Look, key: str, value: float | tuple[float, ...]) -> Look:
    changed: dict[str, Any] = {key: value}
    return replace(look, **changed)


def _move(name: str, value: str, line: Line, at: int, notes: Notes) -> None:
    numbers = [number(part) for part in value.split(",")]
    if len(numbers) < 2 or numbers[0] is None or numbers[1] is None or "pos" in line.given:
        return
    line.given.add("pos")
    if name == "move":
        notes.add("caption-tag", "captions that move (\\move) stand where they begin", at)
    point = numbers[0] / line.size[0], numbers[1] / line.size[1]
    line.place = replace(line.place, point=point, fixed=True)


def _fade(name: str, value: str, line: Line, at: int, notes: Notes) -> None:
    numbers = [number(part) for part in value.split(",")]
    if name == "fade":
        notes.add("caption-tag", "fades in several steps (\\fade) are not followed", at)
    elif len(numbers) == 2 and numbers[0] is not None and numbers[1] is not None:
        line.fade = Fraction(round(numbers[0]), 1000), Fraction(round(numbers[1]), 1000)


def simple_override(tags: str, letters: Letters, at: int, notes: Notes) -> Place | None:
    """Follow what SubRip files borrow: the place of a line, bold and the like, and colours."""
    line = Line(Look(color=(1.0, 1.0, 1.0, 1.0)), Place(), (384.0, 288.0))
    apply(tags, line, letters, PLAIN, at, notes)
    return line.place if line.given else None
