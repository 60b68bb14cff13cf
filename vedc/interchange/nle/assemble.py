"""From the tracks of an editing program to a draft: pictures, and their sound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from vedc.interchange.common.draft import Draft, is_image, noted, seconds
from vedc.interchange.common.files import ForeignFiles
from vedc.interchange.common.losses import Losses
from vedc.interchange.cuts.model import Join, Piece
from vedc.interchange.cuts.to_items import items_of


@dataclass
class Row:
    """A track."""

    name: str
    pieces: list[Piece] = field(default_factory=list)
    joins: list[Join] = field(default_factory=list)
    muted: bool = False
    hidden: bool = False


class Assembly:
    """Collects the tracks of a film; pictures bottom first."""

    def __init__(self, files: ForeignFiles, losses: Losses) -> None:
        self.files, self.losses, self.made = files, losses, Draft()
        self.fps = Fraction(25)
        self.pictures: list[Row] = []
        self.sounds: list[Row] = []

    def piece(
        self,
        path: str | None,
        start: Fraction,
        end: Fraction,
        source: Fraction,
        speed: Fraction = Fraction(1),
    ) -> Piece:
        """A piece of a file; without one it is black."""
        if path is None:
            return Piece(start, end, {"color": "black"})
        if is_image(path):
            return Piece(start, end, {"image": self.made.asset(path)}, file=path)
        piece = Piece(start, end, {"clip": self.made.asset(path)}, source, speed, file=path)
        piece.limit, piece.rate = self.files.length(path), self.files.rate(path)
        return piece

    def finish(self, own_sound: bool = False) -> Draft:
        """The draft. ``own_sound``: whether clips sound without a track of sound."""
        linked: set[int] = set()
        clips = [p for row in self.pictures for p in row.pieces if "clip" in p.keys]
        by_source: dict[object, Piece] = {}
        for piece in clips:
            by_source.setdefault(_what(piece), piece)
        audio: list[Any] = []
        for row in self.sounds:
            for k, piece in enumerate(row.pieces):
                same = by_source.get(_what(piece))
                if same is not None and not row.muted:
                    linked.add(id(same))
                    _carry(piece, same)
                elif "clip" in piece.keys and piece.speed:
                    audio += self._sound(row, k, piece)
        for piece in clips:
            if (
                not own_sound
                and id(piece) not in linked
                and self.files.has_sound(piece.file) is not False
            ):
                piece.keys["mute"] = True
        for row in self.pictures:
            if row.hidden:
                for piece in row.pieces:
                    piece.keys["enabled"] = False
            items = items_of(row.pieces, row.joins, self.fps, self.losses, row.name)
            if items:
                self.made.tracks.append({"id": self._id(row.name), "clips": items})
        if audio:
            self.made.parts["audio"] = audio
        if not self.made.tracks:
            black = {"color": "black", "duration": "100%" if audio else "1s"}
            self.made.tracks.append({"id": "empty", "clips": [black]})
        return self.made

    def _id(self, name: str) -> str:
        plain = "".join(
            c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in name
        ).strip("-_")
        plain = plain if plain[:1].isalpha() else f"track-{plain}".rstrip("-")
        taken = {track["id"] for track in self.made.tracks}
        return next(
            n for k in range(1, 10**6) if (n := plain if k == 1 else f"{plain}-{k}") not in taken
        )

    def _sound(self, row: Row, k: int, piece: Piece) -> Sequence[Any]:
        keys = {key: value for key, value in piece.keys.items() if key not in ("mute", "fit")}
        lead = next((j for j in row.joins if j.index == k), None)
        tail = next((j for j in row.joins if j.index == k + 1), None)
        before = min(lead.before, piece.source or Fraction(0), piece.start) if lead else Fraction(0)
        after = tail.after if tail else Fraction(0)
        source = None if piece.source is None else piece.source - before * abs(piece.speed)
        whole = Piece(
            Fraction(0), piece.length + before + after, keys, source, piece.speed, rate=piece.rate
        )
        made = items_of([whole], [], self.fps, self.losses, row.name)[0]
        start = piece.start - before
        if start:
            made["start"] = seconds(start)
        if lead is not None and lead.before + lead.after > 0:
            made["fade_in"] = seconds(lead.before + lead.after)
        if tail is not None and tail.before + tail.after > 0:
            made["fade_out"] = seconds(tail.before + tail.after)
        if row.muted:
            made["enabled"] = False
        return [noted(made)]


def _carry(sound: Piece, picture: Piece) -> None:
    for key in ("volume", "pan"):
        if key in sound.keys:
            picture.keys[key] = sound.keys[key]


def _what(piece: Piece) -> object:
    """The content and times of a piece; they are the same for the sound of a clip."""
    return (piece.file, piece.start, piece.end, piece.source, piece.speed)
