"""Cues as files of SubRip, WebVTT and Advanced SubStation Alpha, and as plain text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final, Literal

from vedc.captions.events import events, header
from vedc.captions.times import stamp
from vedc.edit.captions import CaptionStream, Cue

Format = Literal["srt", "vtt", "ass", "txt"]


def write_captions(cues: Sequence[Cue], form: Format) -> str:
    """The text of a file of captions, lines ending in ``\\n``.

    WebVTT and SubStation Alpha carry the times of words; SubRip and plain text have none.
    """
    return _WRITERS[form](cues)


def _srt(cues: Sequence[Cue]) -> str:
    blocks = (
        f"{number}\n{stamp(cue.start)} --> {stamp(cue.end)}\n{cue.text}\n"
        for number, cue in enumerate(cues, 1)
    )
    return "\n".join(blocks)


def _vtt(cues: Sequence[Cue]) -> str:
    blocks = (f"{stamp(cue.start, '.')} --> {stamp(cue.end, '.')}\n{_timed(cue)}\n" for cue in cues)
    return "\n".join(("WEBVTT\n", *blocks))


def _timed(cue: Cue) -> str:
    """The text with the times at which its words begin, except the first, which begins with the
    cue."""
    made = _escaped(cue.text[: cue.words[0].offset] if cue.words else cue.text)
    for word, after in pairwise([*cue.words, None]):
        assert word is not None
        said = cue.text[word.offset : None if after is None else after.offset]
        mark = f"<{stamp(word.time, '.')}>" if cue.start < word.time < cue.end else ""
        made += mark + _escaped(said)
    return made


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _ass(cues: Sequence[Cue]) -> str:
    stream = CaptionStream("ass", tuple(cues))
    rows = []
    for event in events(stream):
        _, layer, *rest = event.text.split(",", 8)
        times = (_clock(event.start), _clock(event.end))
        rows.append(f"Dialogue: {','.join((layer, *times, *rest))}\n")
    return header(stream).replace("\r\n", "\n") + "".join(rows)


def _clock(ms: int) -> str:
    """``0:00:01.23``: hours with one digit, and hundredths."""
    return (
        stamp(Fraction(ms, 1000), ".", 2)[1:]
        if ms < 36_000_000
        else stamp(Fraction(ms, 1000), ".", 2)
    )


def _txt(cues: Sequence[Cue]) -> str:
    return "".join(f"{cue.text}\n" for cue in cues)


_WRITERS: Final[Mapping[Format, Callable[[Sequence[Cue]], str]]] = {
    "srt": _srt, "vtt": _vtt, "ass": _ass, "txt": _txt,
}  # fmt: skip
