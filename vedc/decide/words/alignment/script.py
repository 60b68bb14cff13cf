"""Scripts of talks as people write them: lines of text, possibly with speakers.

    ANNA: We fixed this, and it works.
    [applause]
    BEN: Thank you!

A name before a colon, at the beginning of a line, names the speaker from there; ``>>`` marks a
change of speaker. Text in square brackets is not said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

#: A name of at most four words, each with a capital letter, and a colon.
_SPEAKER: Final = re.compile(
    r"^\s*((?:[^\W\d_a-zß-ÿ][\w.'’-]*)(?: [^\W\d_a-zß-ÿ][\w.'’-]*){0,3}):\s+"
)
_OTHER: Final = re.compile(r"^\s*>>\s*")
_UNSAID: Final = re.compile(r"\[[^\]]*\]")
_SAID: Final = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class ScriptWord:
    """A word of a script as written, and its speaker."""

    text: str
    speaker: str = ""


def read_script(text: str) -> tuple[ScriptWord, ...]:
    """The words of a script in order. Isolated punctuation belongs to the word before."""
    found: list[ScriptWord] = []
    speaker, others = "", 0
    for line in _UNSAID.sub(" ", text.lstrip("\ufeff")).splitlines():
        named, other = _SPEAKER.match(line), _OTHER.match(line)
        if named:
            speaker, line = named.group(1), line[named.end() :]
        elif other:
            others += 1
            speaker, line = f"speaker {others}", line[other.end() :]
        for word in line.split():
            if _SAID.search(word):
                found.append(ScriptWord(word, speaker))
            elif found and word not in ("-", "*", "#"):
                last = found[-1]
                found[-1] = ScriptWord(f"{last.text} {word}", last.speaker)
    return tuple(found)
