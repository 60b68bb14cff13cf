"""Audio tracks: the sound of visible clips, and independent sound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

from vedc.interchange.common.draft import Noted, noted, seconds, span, tidy
from vedc.interchange.cuts.model import Join, Piece
from vedc.interchange.foreign.node import Node
from vedc.interchange.otio import schema
from vedc.interchange.otio.pieces import Pieces
from vedc.interchange.otio.reading import noted_by_us

_SAME: Final = Fraction(1, 10_000)
"""Seconds: the tolerance between times counted at different rates."""
_NO_SOUND: Final = frozenset({"mute", "image", "text", "color", "generator", "composition"})


@dataclass(slots=True)
class Row:
    """A track to import: verbatim, or as pieces."""

    keys: dict[str, Any]
    clips: list[Noted] | None
    pieces: list[Piece] = field(default_factory=list)
    joins: list[Join] = field(default_factory=list)
    repeated: list[Node] = field(default_factory=list)
    """Sound tracks that only repeat the sound of its clips."""


def _is_steady(item: dict[str, Any]) -> bool:
    """Whether an item of a spec plays its file once at one speed."""
    if item.get("loop") or item.get("on_end") in ("loop", "hold"):
        return False
    return not {"time_map", "freeze"} & item.keys()


class Sounds(Pieces):
    """Reads audio tracks."""

    def audio(self, rows: list[Row], music: list[Node], tracks: list[Node]) -> None:
        """``music`` was written from audio items; ``tracks`` are all others, which repeat a clip's
        sound or have their own."""
        audio = [noted(each) for each in self.own(self.ours.get("audio", []))]
        seen = [schema.fingerprint(t.peek("children") or []) for t in music]
        if self.ours and seen == self.ours.get("audio_seen"):
            for track in music:
                track.keep()
        else:
            audio, tracks = [], [*music, *tracks]
        pictures = [p for row in rows if row.clips is None for p in row.pieces if "clip" in p.keys]
        matched: set[int] = set()
        for track in tracks:
            track.text("kind")
            on = track.flag("enabled") is not False
            pieces, joins = self.trimmed(track)
            linked = "sound_of" in noted_by_us(track)
            for k, piece in enumerate(pieces):
                joined = not linked and any(join.index in (k, k + 1) for join in joins)
                same = [] if joined else [p for p in pictures if _coincide(p, piece)]
                if on and same:
                    matched.update(id(each) for each in same[:1])
                    continue
                audio += self._sound(track, pieces, joins, k, on)
        if tracks:
            for piece in pictures:
                if id(piece) not in matched and self.files.has_sound(piece.file) is not False:
                    piece.keys["mute"] = True
        if audio:
            self.made.parts["audio"] = audio

    def _sound(
        self, track: Node, pieces: list[Piece], joins: list[Join], k: int, on: bool
    ) -> Iterator[Noted]:
        """A piece of an audio track as an audio item."""
        piece = pieces[k]
        if "clip" not in piece.keys or piece.source is None or piece.speed == 0:
            track.note_loss(
                f"the sound at {tidy(piece.start)} s, which no file holds", "left out", "lost"
            )
            return
        lead = next((j for j in joins if j.index == k), None)
        tail = next((j for j in joins if j.index == k + 1), None)
        before = min(lead.before, piece.source, piece.start) if lead else Fraction(0)
        after = tail.after if tail else Fraction(0)
        begin = piece.source - before * abs(piece.speed)
        keys = dict(piece.keys)
        made: dict[str, Any] = {
            "clip": keys.pop("clip"),
            "start": span(piece.start - before, self.fps),
        }
        if begin:
            made["in"] = seconds(begin)
        if piece.speed != 1:
            made["speed"] = float(piece.speed)
        made["duration"] = span(piece.length + before + after, self.fps)
        if lead is not None and before + lead.after > 0:
            made["fade_in"] = span(before + lead.after, self.fps)
        if tail is not None and tail.before + after > 0:
            made["fade_out"] = span(tail.before + after, self.fps)
        if lead is not None or tail is not None:
            track.note_loss("the crossfades of an audio track", "fades of the same lengths", "note")
        made.update({key: value for key, value in keys.items() if key not in _NO_SOUND})
        if not on:
            made["enabled"] = False
        yield noted(made)


def _coincide(picture: Piece, sound: Piece) -> bool:
    """Whether both are the same stretch of the same file at the same time."""
    return (
        picture.file == sound.file
        and (picture.start, picture.end, picture.speed) == (sound.start, sound.end, sound.speed)
        and picture.source is not None
        and sound.source is not None
        and abs(picture.source - sound.source) < _SAME
    )
