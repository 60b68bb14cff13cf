"""CMX 3600 edit decision lists as specs.

An event is a line: number, reel, channels, kind of transition (with its length in frames), in and
out of the source, in and out of the film. Comments below it name the clip, its speed and more. A
transition has two lines of one number: the outgoing clip, and the incoming one with the transition.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

from vedc.edit.times import DROP_FRAME_RATES, format_rate, nominal_rate, parse_time
from vedc.errors import SourceLocation, SpecError
from vedc.interchange.common.draft import Draft, is_image, noted, seconds
from vedc.interchange.common.files import ForeignFiles
from vedc.interchange.common.losses import Losses
from vedc.interchange.common.words import rate_value, transition
from vedc.interchange.cuts.model import Join, Piece
from vedc.interchange.cuts.to_items import items_of

_EVENT: Final = re.compile(
    r"^\s*(\d{1,6})\s+(\S+)\s+(\S+)\s+(C|D|W\d{1,3}|K\S*)(?:\s+(\d{1,6}))?"
    r"\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s*$"
)
_CODE: Final = re.compile(r"^(\d{1,3})[:;.](\d{2})[:;.](\d{2})[:;.,](\d{2,3})$")
_DROP: Final = re.compile(r"^\s*FCM:\s*DROP", re.IGNORECASE)
_NAMED: Final = re.compile(
    r"^\*\s*(?:SOURCE FILE|(?:FROM|TO) (?:CLIP NAME|FILE|CLIP)):(.*)$", re.MULTILINE
)
#: The most files probed for the rate of a list.
_LOOK: Final = 50
#: Rates to guess from: the lowest that has all frames of the list.
_RATES: Final = (24, 25, 30, 50, 60, 120)
#: Comments that name files and effects.
_NOTES: Final = (
    "FROM CLIP NAME", "TO CLIP NAME", "FROM CLIP", "TO CLIP", "SOURCE FILE", "EFFECT NAME",
    "FROM CLIP SOURCE", "FROM FILE", "TO FILE",
)  # fmt: skip
_WIPES: Final = {"W001": "wiperight", "W002": "wipeup", "W019": "iris"}


@dataclass
class _Event:
    number: str
    reel: str
    channels: str
    kind: str
    frames: int
    times: tuple[Fraction, Fraction, Fraction, Fraction]
    at: SourceLocation
    codes: tuple[str, ...]
    notes: dict[str, str] = field(default_factory=dict)
    speed: Fraction = Fraction(1)


def read(
    text: str, file: str, files: ForeignFiles, rate: Fraction | None = None
) -> tuple[Draft, Losses]:
    """A draft of the list. Raises SpecError for a text without events."""
    reader = _Reader(text, file, files, rate)
    return reader.draft(), reader.losses


class _Reader:
    def __init__(self, text: str, file: str, files: ForeignFiles, rate: Fraction | None) -> None:
        self.text, self.file, self.files = text, file, files
        self.losses, self.made = Losses(file), Draft()
        self.fps = rate or self._rate()

    def _rate(self) -> Fraction:
        """The rate implied by the labels of the events: an EDL does not state it."""
        lines = self.text.splitlines()
        codes = [
            code for line in lines if (found := _EVENT.match(line)) for code in found.groups()[5:]
        ]
        frames = [int(found[4]) for code in codes if (found := _CODE.match(code))]
        highest = max(frames, default=0)
        if any(map(_DROP.match, lines)) or any(";" in code for code in codes):
            return Fraction(30000 if highest < 30 else 60000, 1001)
        own = self._rate_of_files(highest)
        if own is not None:
            self.losses.add(
                "guessed",
                "the frame rate, which an EDL does not say",
                f"{format_rate(own)}, as most of its files have it",
            )
            return own
        guess = next((rate for rate in _RATES if highest < rate), _RATES[-1])
        self.losses.add(
            "guessed",
            "the frame rate, which an EDL does not say",
            f"{guess}, by the largest number of frames",
        )
        return Fraction(guess)

    def _rate_of_files(self, highest: int) -> Fraction | None:
        """The rate of most available files that is compatible with the labels."""
        names = dict.fromkeys(_NAMED.findall(self.text))
        rates = [self.files.rate(self.files.path(name.strip())) for name in list(names)[:_LOOK]]
        fit = [rate for rate in rates if rate and (nominal_rate(rate) or 0) > highest]
        return Counter(fit).most_common(1)[0][0] if fit else None

    def draft(self) -> Draft:
        events = self._events()
        if not events:
            hint = "name a CMX 3600 list"
            where = SourceLocation(self.file)
            raise SpecError.one(
                "foreign-format", "this is not an EDL: it has no events", where, hint
            )
        self.made.parts["profile"] = {"fps": rate_value(self.fps)}
        self.losses.add(
            "guessed",
            "the size of the canvas, which an EDL does not know",
            "that of the first clip",
        )
        hour = min(int(event.codes[2].partition(":")[0]) for event in events)
        start = self._hour(hour, events[0].codes[2])
        if start:
            self.losses.add("note", f"timecode from {hour} h", "the film begins at 0")
        pictures = [event for event in events if _is_picture(event.channels.upper())]
        sounds = [event for event in events if not _is_picture(event.channels.upper())]
        pieces, joins = self._pieces(pictures, start)
        clips = items_of(pieces, joins, self.fps, self.losses, "V")
        if clips:
            self.made.tracks.append({"id": "V", "clips": clips})
        audio = self._audio(sounds, start, pieces)
        if audio:
            self.made.parts["audio"] = audio
        if not self.made.tracks:
            self.made.tracks.append({"id": "V", "clips": [{"color": "black", "duration": "100%"}]})
        return self.made

    def _lose(
        self, number: int, what: str, severity: Any = "lost", instead: str = "left out"
    ) -> None:
        self.losses.add(severity, what, instead, SourceLocation(self.file, number))

    def _events(self) -> list[_Event]:
        out: list[_Event] = []
        drop = False
        for number, line in enumerate(self.text.splitlines(), 1):
            bare = line.strip()
            if not bare:
                continue
            if bare.startswith("TITLE:"):
                title = bare[6:].strip()
                if title:
                    self.made.head.append(title)
            elif bare.upper().startswith("FCM:"):
                drop = _DROP.match(bare) is not None  # of the next events
            elif (found := _EVENT.match(line)) is not None and all(
                map(_CODE.match, found.groups()[5:])
            ):
                self._event(found, number, out, drop)
            elif bare.startswith("M2"):
                self._speed(bare, number, out)
            elif bare.startswith("*") and out:
                self._note(bare[1:].strip(), number, out[-1])
            else:
                self._lose(number, f"the line {bare[:40]!r}")
        return out

    def _event(self, found: re.Match[str], number: int, out: list[_Event], drop: bool) -> None:
        codes = tuple(self._label(each, drop) for each in found.groups()[5:])
        moments = [self._time(each, number) for each in codes]
        if any(moment is None for moment in moments):
            return
        begin, end, left, right = (moment or Fraction(0) for moment in moments)
        times = begin, end, left, right
        if times[1] < times[0] or times[3] < times[2]:
            self._lose(number, f"event {found[1]}, which ends before it begins")
            return
        at = SourceLocation(self.file, number)
        frames = int(found[5] or 0)
        event = _Event(found[1], found[2], found[3], found[4], frames, times, at, codes)
        if event.kind.startswith("K"):
            self._lose(number, f"the key of event {found[1]}", "changed", "a cut")
            event.kind = "C"
        out.append(event)

    def _label(self, code: str, drop: bool) -> str:
        """A timecode in the form of a spec. It is drop-frame if its punctuation or the line
        ``FCM:`` above it says so."""
        found = _CODE.match(code)
        assert found is not None
        drops = self.fps in DROP_FRAME_RATES and (drop or ";" in code)
        return f"{int(found[1]):02d}:{found[2]}:{found[3]}{';' if drops else ':'}{found[4]}"

    def _time(self, code: str, number: int) -> Fraction | None:
        try:
            return parse_time(code).seconds(self.fps)
        except (ValueError, ArithmeticError):
            self._lose(
                number, f"the timecode {code!r}, which does not exist at {float(self.fps):g}"
            )
            return None

    def _hour(self, hour: int, code: str) -> Fraction:
        """The time of a full hour, counted like ``code``."""
        mark = ";" if ";" in code else ":"
        return parse_time(f"{hour:02d}:00:00{mark}00").seconds(self.fps)

    def _speed(self, line: str, number: int, events: list[_Event]) -> None:
        found = re.match(r"M2\s+(\S+)\s+(-?[\d.]+)", line)
        speed = (
            Fraction(found[2]) / self.fps
            if found and re.fullmatch(r"-?\d+(\.\d+)?", found[2])
            else None
        )
        if found is None or speed is None or not events:
            self._lose(number, f"the speed {line!r}")
            return
        near = round(speed * 100) / Fraction(100)
        # The lines of a transition share a number, and a speed refers to a clip by its reel.
        both = [each for each in events[-2:] if each.number == events[-1].number]
        event = next((each for each in reversed(both) if each.reel == found[1]), events[-1])
        event.speed = near if abs(near - speed) < Fraction(1, 200) else speed

    def _note(self, note: str, number: int, event: _Event) -> None:
        name, colon, value = note.partition(":")
        key = " ".join(name.upper().split())
        known = _NOTES
        if colon and key in known:
            event.notes[key] = value.strip()
        elif "SOURCE RUNS AT" in note.upper():
            pass
        elif key in ("LOC", "COMMENT", "LOC "):
            self._lose(number, f"the note {note[:50]!r}", "note")
        else:
            self._lose(number, f"the note {note[:50]!r}")

    def _file(self, event: _Event, side: str) -> str | None:
        """The path of the clip of an event: from its notes, or its reel."""
        if _is_black(event.reel):
            return None
        keys = (
            f"{side} FILE",
            "SOURCE FILE",
            "FROM CLIP SOURCE",
            f"{side} CLIP NAME",
            f"{side} CLIP",
            "FROM CLIP NAME",
        )
        named = next((event.notes[key] for key in keys if event.notes.get(key)), event.reel)
        return self.files.path(named.replace("\0", ""))

    def _pieces(self, events: list[_Event], start: Fraction) -> tuple[list[Piece], list[Join]]:
        pieces: list[Piece] = []
        joins: list[Join] = []
        out: _Event | None = None
        for event in sorted(events, key=lambda each: each.times[2]):
            begin, end, left, right = event.times
            if right <= left:
                out = event  # the outgoing side of a transition, which has no length
                continue
            side = "TO" if event.frames and "TO CLIP NAME" in event.notes else "FROM"
            path = self._file(event, side)
            piece = Piece(left - start, right - start, {"color": "black"})
            if path is not None and is_image(path):
                piece.keys = {"image": self.made.asset(path)}
            elif path is not None:
                piece.keys = {"clip": self.made.asset(path)}
                piece.file, piece.source, piece.speed = path, begin, event.speed
                piece.limit, piece.rate = self.files.length(path), self.files.rate(path)
                self._zero(piece, event)
                lasts, takes = (end - begin), (right - left) * abs(event.speed)
                if event.speed == 1 and lasts != takes and lasts:
                    piece.speed = lasts / takes
                    self._lose(
                        event.at.line,
                        "a speed that only the lengths imply",
                        "note",
                        "taken from them",
                    )
            if pieces and piece.start < pieces[-1].end:
                self._lose(
                    event.at.line,
                    f"the beginning of event {event.number}, which overlaps",
                    "changed",
                    "cut off",
                )
                over = pieces[-1].end - piece.start
                piece.start += over
                if piece.source is not None:
                    piece.source += over * piece.speed
                if piece.length <= 0:
                    continue
            if event.frames:
                join = self._join(event, len(pieces))
                black = out is not None and out.number == event.number and _is_black(out.reel)
                beside = bool(pieces) and pieces[-1].end == piece.start
                if not beside or (black and "color" not in pieces[-1].keys):
                    join.edge = "enter"
                joins.append(join)
            pieces.append(piece)
        return pieces, joins

    def _join(self, event: _Event, index: int) -> Join:
        name: str | None = "dissolve"
        if event.kind.startswith("W"):
            effect_name = event.notes.get("EFFECT NAME", "")
            name = (
                transition(f"smpte:{int(event.kind[1:])}")
                or transition(effect_name)
                or _WIPES.get(event.kind)
            )
            if name is None:
                self._lose(
                    event.at.line,
                    f"the wipe {event.kind}",
                    "changed",
                    "a dissolve of the same length",
                )
        elif effect := event.notes.get("EFFECT NAME"):
            name = transition(effect) or "dissolve"
        return Join(index, Fraction(0), event.frames / self.fps, {"name": name or "dissolve"})

    def _zero(self, piece: Piece, event: _Event) -> None:
        """Timecode of a tape counts from where the tape begins."""
        assert piece.source is not None
        if piece.limit is not None and piece.source < piece.limit:
            return
        if hour := int(event.codes[0].partition(":")[0]):
            self.losses.add("guessed", f"where {event.reel} begins", f"at {hour} h", event.at)
            piece.source -= self._hour(hour, event.codes[0])

    def _audio(self, events: list[_Event], start: Fraction, pictures: list[Piece]) -> list[Any]:
        out: list[Any] = []
        pieces, joins = self._pieces(events, start)
        if joins:
            self.losses.add("changed", "the dissolves of sound", "cuts")
        seen = {(p.file, p.start, p.end, p.source) for p in pictures}
        for piece in pieces:
            if piece.source is None:
                continue
            if (piece.file, piece.start, piece.end, piece.source) in seen:
                continue  # heard with its picture
            made = items_of(
                [Piece(Fraction(0), piece.length, piece.keys, piece.source, piece.speed)],
                [],
                self.fps,
                self.losses,
                "A",
            )[0]
            out.append(noted({**made, "start": seconds(piece.start)}))
        return out


def _is_black(reel: str) -> bool:
    return reel.upper() in ("BL", "BLACK")


def _is_picture(channels: str) -> bool:
    """``V``, ``B`` and ``AA/V`` have a picture; ``A``, ``A2`` and ``NONE`` have none."""
    return "/V" in channels or not channels.startswith(("A", "NONE"))
