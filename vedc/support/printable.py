"""Text that is safe to show on a terminal: names come from files, and files from anyone."""

from __future__ import annotations

import json
import re
from typing import Final

_CODES: Final = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
#: Control characters other than tab and line break, and marks that reorder text.
_HARMFUL: Final = re.compile(f"[{_CODES}]")
_NOT_JSON: Final = f"[{_CODES}\ud800-\udfff]"
#: Colour codes, and nothing else.
_COLOUR: Final = re.compile(r"(\x1b\[[0-9;]*m)")


def printable(text: str, *, colored: bool = False) -> str:
    """Text with control characters escaped, as ``\\x1b``; ``colored`` keeps codes of colours."""
    if not colored:
        return _HARMFUL.sub(_escaped, text)
    parts = _COLOUR.split(text)
    parts[::2] = [_HARMFUL.sub(_escaped, part) for part in parts[::2]]
    return "".join(parts)


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()


def to_json(value: object) -> str:
    """JSON for people and programs: indented, without escaping other alphabets, always valid
    UTF-8."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return re.sub(_NOT_JSON, lambda found: f"\\u{ord(found[0]):04x}", text)
