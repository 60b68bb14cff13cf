"""Patterns of texts, matched in time linear in the text.

A pattern comes with a spec, and Python's ``re`` takes exponential time for one such as ``(a+)+$``.
RE2 never does: it lacks the features that need backtracking, look-around and back-references.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

from vedc.errors import shorten

MAX_LENGTH: Final = 1000

_Fault = tuple[str, str | None]
#: Features that RE2 lacks, in words, and what to do instead.
_FOREIGN: Final[tuple[tuple[str, _Fault], ...]] = (
    (
        r"\(\?<?[=!]",
        ("looks ahead or behind", "match the text itself, or list the values under `enum`"),
    ),
    (r"\\[1-9]|\(\?P=", ("refers back to a group", "repeat the part that it refers to")),
    (r"[*+?}]\+|\(\?>", ("has a possessive part", "leave out the second +: no pattern is slow")),
    (r"\\Z", (r"has \Z", "write $, which is the end of the text")),
    (r"\\u", (r"has \u", r"write the character itself, or its number as in \x{e9}")),
)
#: Words of RE2's messages, and what they mean.
_LIMITS: Final[dict[str, _Fault]] = {
    "repetition size": ("repeats a part more than 1000 times", "limit a text with `maxLength`"),
    "too large": ("is too large", "write a shorter one"),
    "too deeply": ("is nested too deeply", "write a shorter one"),
}


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> Any:
    import re2  # few specs have a pattern

    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options)


def fault(pattern: str) -> _Fault | None:
    """The fault of a pattern, to follow "the pattern", and a cure; None if it has none."""
    import re2

    if len(pattern) > MAX_LENGTH:
        return f"is longer than {MAX_LENGTH} characters", "write a shorter one"
    try:
        _compiled(pattern)
    except UnicodeEncodeError:
        return "has characters that no text has", "remove them"
    except re2.error as error:
        said = error.args[0].decode("utf-8", "replace")
        for word, found in _LIMITS.items():
            if word in said:
                return found
        for part, found in _FOREIGN:
            if re.search(part, pattern):
                return found
        return f"is not a regular expression: {shorten(said)}", None
    return None


def matches(pattern: str, text: str) -> bool:
    """Whether some part of a text matches a pattern without a fault."""
    sendable = text.encode("utf-8", "replace").decode()
    return _compiled(pattern).search(sendable) is not None
