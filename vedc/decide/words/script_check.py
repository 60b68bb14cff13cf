"""Whether a script matches the recording: warnings about sentences that nobody says."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from fractions import Fraction
from pathlib import Path, PurePath
from typing import Final

from vedc.captions.encoding import decode
from vedc.captions.spoken import SpokenWord
from vedc.decide.words.alignment.script import ScriptWord, read_script
from vedc.errors import Problem, SourceLocation, shorten

#: The most quoted stretches, and letters of each.
_QUOTED, _LETTERS = 3, 60
#: The least share of certain words if a script belongs to a recording. Measured: at least 0.79, and
#: at most 0.54 with another recording's script.
_CERTAIN: Final = 0.65


def left_out(script: Sequence[ScriptWord], words: Sequence[SpokenWord]) -> list[str]:
    """The stretches of a script that are missing from ``words``; words corrected by a person are
    not missing."""
    wanted = [SpokenWord(word.text, Fraction(0), Fraction(0)).plain for word in script]
    said = [word.plain for word in words if not word.aside]
    if wanted == said:
        return []
    return [
        " ".join(word.text for word in script[first:end])
        for kind, first, end, _, _ in SequenceMatcher(None, wanted, said).get_opcodes()
        if kind == "delete"
    ]


def script_warning(
    script: Path, words: Sequence[SpokenWord], file: str, location: SourceLocation | None = None
) -> Problem | None:
    """A warning if a script, or some of its sentences, is not what is said in the recording
    ``file``. None if the script can no longer be read: the words are known."""
    try:
        text = decode(script.read_bytes()).text
    except OSError:
        return None
    wanted = read_script(text)
    name, recording = script.name, PurePath(file).name
    said = [word for word in words if not word.aside]
    certain = sum(word.certain for word in said)
    if certain < _CERTAIN * len(said):
        message = f"only {certain} of {len(said)} words of {name} are clear in {recording}"
        hint = "check that it is the script of that recording, and its words in vedc.lock"
        return Problem("script-unlike-speech", message, location, hint, "warning")
    missing = left_out(wanted, words)
    if not missing:
        return None
    quoted = ", ".join(f'"{shorten(each, _LETTERS)}"' for each in missing[:_QUOTED])
    more = len(missing) - _QUOTED
    message = f"{name} has words that are not said in {recording}: {quoted}"
    message += f" and {more} more" if more > 0 else ""
    hint = "take them out of the script, or correct it where something else is said"
    return Problem("script-not-said", message, location, hint, "warning")
