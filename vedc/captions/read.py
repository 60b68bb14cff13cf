"""A caption file and everything shown from it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Final, Literal

from vedc.captions.ass import read_ass
from vedc.captions.encoding import decode
from vedc.captions.notes import Notes
from vedc.captions.srt import read_srt
from vedc.captions.times import LINE
from vedc.captions.vtt import read_vtt
from vedc.edit.captions import CaptionFile, Cue
from vedc.edit.media_info import ProbeError

#: Larger files are not captions: those of the longest films have less than one million bytes.
LARGEST: Final = 64 * 2**20

#: Seconds for which a cue without an end is shown.
_LONGEST: Final = Fraction(5)

#: Names of encodings as people know them, by Python's.
_NAMES: Final = {
    "cp932": "Shift-JIS", "gb18030": "GBK", "big5": "Big5", "euc_jp": "EUC-JP", "cp949": "EUC-KR",
    "iso2022_jp": "ISO-2022-JP", "koi8_r": "KOI8-R", "cp874": "Windows-874",
    "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "utf-16": "UTF-16", "utf-32": "UTF-32",
    "utf-8": "UTF-8",
}  # fmt: skip
_READERS: Final = {"srt": read_srt, "vtt": read_vtt, "ass": read_ass}


def encoding_name(encoding: str) -> str:
    """An encoding as people call it."""
    if encoding.startswith("cp12"):
        return f"Windows-{encoding[2:]}"
    if encoding.startswith("iso8859_"):
        return f"ISO-8859-{encoding[8:]}"
    return _NAMES.get(encoding, encoding)


def read_captions(path: Path, encoding: str | None = None) -> CaptionFile:
    """Read an srt, vtt, ass or ssa file. ``encoding`` is its encoding, if known.

    Raises ProbeError: ``not-readable``, ``not-captions``.
    """
    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        message = f"cannot read {path}: {str(error.strerror).lower()}"
        raise ProbeError("not-readable", message, "check its path and its permissions") from error
    return parse(data, path, encoding)


def parse(data: bytes, path: Path, encoding: str | None = None) -> CaptionFile:
    """As :func:`read_captions`, of the bytes of a file."""
    name = path.name
    if len(data) > LARGEST or data[:4] in (b"\x1aE\xdf\xa3", b"\x00\x00\x01\xba"):
        raise _no_captions(name)
    notes = Notes()
    decoded = decode(data, encoding)
    if decoded.guessed:
        known = encoding_name(decoded.encoding)
        hint = f"write encoding: {known.lower()} to agree, or save the file as UTF-8"
        notes.add("caption-encoding", f"{name} is not UTF-8: read as {known}", 1, hint)
    lines = decoded.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if decoded.damaged:
        line = next((n for n, text in enumerate(lines, 1) if "\ufffd" in text), 1)
        count = f"{decoded.damaged} character" + ("s" if decoded.damaged > 1 else "")
        known = encoding_name(decoded.encoding)
        what = "is" if decoded.damaged == 1 else "are"
        notes.add(
            "caption-encoding", f"{count} of {name} {what} not {known} and shown as \ufffd", line
        )
    format = _format(lines, path)
    if format is None:
        raise _no_captions(name)
    cues = _shown(_READERS[format](lines, notes), notes)
    if not cues:
        message = f"{name} holds no captions"
        raise ProbeError("no-captions", message, "check that it is the right file")
    return CaptionFile(str(path), format, decoded.encoding, cues, notes.done())


def _no_captions(name: str) -> ProbeError:
    hint = "use srt, vtt or ass; out of a film: ffmpeg -i FILM -map 0:s:0 talk.srt"
    return ProbeError("not-captions", f"{name} is not a caption file", hint)


def _format(lines: list[str], path: Path) -> Literal["srt", "vtt", "ass"] | None:
    """The format by content, whatever the file name."""
    filled = [line.strip() for line in lines if line.strip()]
    if not filled:
        return None
    if _is_header(filled[0]):
        return "vtt"
    heads = {line.lower() for line in filled if line.startswith("[")}
    if "[script info]" in heads or "[events]" in heads:
        return "ass"
    if any(LINE.match(line) for line in filled):
        return "vtt" if path.suffix.lower() == ".vtt" else "srt"
    return None


def _is_header(line: str) -> bool:
    return line == "WEBVTT" or line.startswith(("WEBVTT ", "WEBVTT\t"))


def _shown(cues: list[Cue], notes: Notes) -> tuple[Cue, ...]:
    """The cues that are seen, in order of time."""
    kept = []
    last = None
    starts = sorted(cue.start for cue in cues)
    for cue in cues:
        if not cue.text:
            continue
        if cue.end == cue.start:
            notes.add("caption-time", "a cue ends as it begins: it is left out", cue.line)
            continue
        if cue.end < cue.start:  # FFmpeg's players do so
            message = "a cue ends before it begins: it is shown until the next"
            notes.add("caption-time", message, cue.line)
            following = starts[bisect_right(starts, cue.start) :][:1]
            cue = replace(cue, end=min((*following, cue.start + _LONGEST)))
        if cue.end <= 0:
            notes.add("caption-time", "a cue ends before the film begins: it is left out", cue.line)
            continue
        if last is not None and cue.start < last:
            notes.add(
                "caption-order", "cues are not in order of time: they are put in order", cue.line
            )
        last = max(last or cue.start, cue.start)
        kept.append(replace(cue, start=max(cue.start, Fraction(0))))
    return tuple(sorted(kept, key=lambda cue: cue.start))
