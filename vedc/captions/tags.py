"""The tags of SubRip and WebVTT: ``<i>``, ``<font color>``, ``<c.yellow>``, ``<v Name>``, times."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Final

from vedc.captions.letters import Letters, Style
from vedc.captions.notes import Notes
from vedc.edit import colors

_TAG: Final = re.compile(r"<(/?)([a-zA-Z]+)((?:[.\s:][^<>]*)?)>|<(\d+:[\d:.,]+)>")
_COLOR: Final = re.compile(r"""color\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)
_LOOKS: Final = {
    "i": {"italic": True},
    "em": {"italic": True},
    "b": {"bold": True},
    "strong": {"bold": True},
    "u": {"underline": True},
    "s": {"strike": True},
    "strike": {"strike": True},
    "del": {"strike": True},
}
#: Tags that say who speaks, in what language or how it is read: all of them are shown as text.
_SILENT: Final = frozenset({"c", "v", "lang", "ruby", "span", "p"})
#: The classes that WebVTT gives to colours (section 5.2).
_CLASSES: Final = ("white", "lime", "cyan", "red", "yellow", "magenta", "blue", "black")

Override = Callable[[str, Letters], None]


def tagged(
    source: str,
    letters: Letters,
    line: int,
    notes: Notes,
    time: Callable[[str], Fraction | None],
    override: Override | None = None,
) -> None:
    """Add a text with tags to ``letters``. ``line``: where it begins.

    ``time`` reads a time stamp within the text, and ``override`` what stands in ``{\\...}``, which
    SubRip files borrow from ASS. What looks like no tag is text.
    """
    open_tags: list[tuple[str, Style]] = []
    at = 0
    pattern = _TAG if override is None else _WITH_OVERRIDES
    for found in pattern.finditer(source):
        _add(letters, source[at : found.start()])
        at = found.end()
        here = line + source.count("\n", 0, found.start())
        if override is not None and found.group(5) is not None:
            override(found.group(5), letters)
            continue
        if found.group(4):
            moment = time(found.group(4))
            if moment is not None:
                letters.word(moment)
            continue
        closing, name, rest = found.group(1), found.group(2).lower(), found.group(3)
        if name == "rt":  # text above letters has no place in a line
            notes.add("caption-tag", "readings above letters (<rt>) are set beside them", here)
            letters.add(")" if closing else " (")
        elif name in _LOOKS or name in _SILENT or name == "font":
            if closing:
                _close(name, open_tags, letters)
            else:
                open_tags.append((name, letters.style))
                _open(name, rest, letters, here, notes)
        elif name == "br":
            letters.add("\n")
        else:
            _add(letters, found.group(0))
    _add(letters, source[at:])


_WITH_OVERRIDES: Final = re.compile(_TAG.pattern + r"|\{(\\[^{}]*)\}")


def _add(letters: Letters, text: str) -> None:
    letters.add(html.unescape(text) if "&" in text else text)


def _open(name: str, rest: str, letters: Letters, line: int, notes: Notes) -> None:
    if name in _LOOKS:
        letters.change(**_LOOKS[name])
    elif name == "font":
        found = _COLOR.search(rest)
        written = next((g for g in found.groups() if g is not None), "") if found else ""
        color = _color(written.strip())
        if color is not None:
            letters.change(color=colors.rgba(color))
        elif written:
            notes.add("caption-color", f"{written!r} is no colour", line)
        if re.search(r"\b(face|size)\s*=", rest, re.IGNORECASE):
            notes.add("caption-tag", "the face and size of <font> are not followed", line)
    elif name == "c":
        named = [word for word in rest.strip(". ").lower().split(".") if word]
        for word in named:
            if word in _CLASSES:
                letters.change(color=colors.rgba(colors.NAMES[word]))
            elif not word.startswith("bg_"):
                notes.add("caption-style", f"the style of the class {word!r} is not followed", line)


def _color(written: str) -> str | None:
    """A colour as found in files: without #, or in capitals."""
    text = written.lower()
    return colors.canonical(text) or colors.canonical(f"#{text}")


def _close(name: str, open_tags: list[tuple[str, Style]], letters: Letters) -> None:
    """Close the last open tag of that name and any left open within it."""
    for index in reversed(range(len(open_tags))):
        if open_tags[index][0] == name:
            letters.style = open_tags[index][1]
            del open_tags[index:]
            return
