"""The children of a track as pieces and joins."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

from vedc.interchange.common.draft import tidy
from vedc.interchange.common.files import ForeignFiles
from vedc.interchange.common.words import transition
from vedc.interchange.cuts.model import Join, Piece
from vedc.interchange.cuts.to_items import items_of
from vedc.interchange.foreign.node import Node
from vedc.interchange.otio.media import Media
from vedc.interchange.otio.reading import Reading, kind_of, metadata_of, noted_by_us
from vedc.interchange.otio.times import Range, read_range, read_time

_MAX_DEPTH: Final = 12


class Pieces(Reading):
    """Reads tracks."""

    def __init__(self, root: Node, files: ForeignFiles) -> None:
        super().__init__(root, files)
        self.media = Media(files)

    def trimmed(self, track: Node) -> tuple[list[Piece], list[Join]]:
        """The contents of a track, which may be trimmed itself."""
        pieces, joins = self.pieces(track.sequence("children"), 0)
        window = read_range(track.mapping("source_range"))
        self.beside_children(track)
        return (pieces, joins) if window is None else _window(pieces, joins, window)

    def pieces(self, children: list[Node], depth: int) -> tuple[list[Piece], list[Join]]:
        pieces: list[Piece] = []
        joins: list[Join] = []
        at = Fraction(0)
        beside = False
        for child in children:
            kind = kind_of(child) if child.is_map else ""
            if kind == "Transition":
                if (join := self._join(child, len(pieces))) is not None:
                    join.edge = "" if beside else "enter"
                    joins.append(join)
                continue
            found = self._child(child, kind, at, depth) if kind else None
            if found is None:
                child.lose("is not something a track can hold")
                continue
            length, piece = found
            beside = piece is not None and length > 0
            if piece is not None and beside:
                pieces.append(piece)
            at += length
        return pieces, joins

    def _join(self, node: Node, index: int) -> Join | None:
        before = read_time(node.mapping("in_offset"))
        after = read_time(node.mapping("out_offset"))
        ours = noted_by_us(node)
        metadata_of(node)
        name, kind = node.text("name"), node.text("transition_type")
        if before is None or after is None:
            node.lose("is a transition without offsets")
            return None
        keys: dict[str, Any] = {"name": "dissolve"}
        item = ours.get("item")
        if isinstance(item, dict) and isinstance(item.get("transition"), dict):
            keys = self.own(item["transition"])
            keys.pop("duration", None)
            keys.pop("placement", None)
        elif kind not in ("SMPTE_Dissolve", None):
            known = transition(str(ours.get("name") or name or kind))
            if known is None:
                node.note_loss(f"the transition {name or kind!r}", "a dissolve of the same length")
            else:
                keys = {"name": known}
        return Join(index, max(before[0], Fraction(0)), max(after[0], Fraction(0)), keys)

    def _child(
        self, node: Node, kind: str, at: Fraction, depth: int
    ) -> tuple[Fraction, Piece | None] | None:
        """The length of a child, and its piece unless it is empty."""
        given = read_range(node.mapping("source_range"))
        ours = noted_by_us(node)
        name = node.text("name") or ""
        metadata = metadata_of(node)
        node.take("color")
        enabled = node.flag("enabled")
        speed = self._speed(node)
        if kind == "Gap":
            self.read_markers(node, at - (given.start if given else 0), Fraction(1))
            return (given.length if given else Fraction(0)), None
        keys: dict[str, Any]
        available: Range | None = None
        if kind == "Clip":
            keys, available = self.media.shown(node, name)
        elif kind in ("Stack", "Track") and depth < _MAX_DEPTH:
            keys, length = self._nested(node, kind, depth)
            available = Range(Fraction(0), length, self.fps, self.fps)
        else:
            return None
        file = str(keys.get("clip", ""))
        shown = given or available or self._whole(file)
        if shown is None:
            node.lose("has no length, and its file is missing, so the length is unknown")
            return Fraction(0), None
        zero = available.start if available is not None else self._zero(node, given, file)
        origin = at - shown.start / (abs(speed) or 1)
        self.read_markers(node, origin, abs(speed) or Fraction(1))
        own_item = ours.get("item", ours.get("audio"))
        steady = True
        if isinstance(own_item, dict):
            steady = _is_steady(own_item) or speed == 0
            keys = self._look(own_item, keys, steady)
        if enabled is False:
            keys["enabled"] = False
        if metadata:
            keys["metadata"] = {"otio": metadata}
        if "gap" in keys:
            return shown.length, None
        self._declare(keys, own_item)
        piece = Piece(at, at + shown.length, keys, speed=speed, file=file)
        if ("clip" in keys or "composition" in keys) and steady:
            piece.source = max(shown.start - zero, Fraction(0))
            if shown.start < zero:
                node.note_loss("its range, which begins before its file", "moved to its beginning")
            if file:
                known = self.files.length(file)
                piece.limit = known or (available.length if available else None)
                piece.rate = self.files.rate(file)
            elif available is not None:
                piece.limit = available.length
        elif speed != 1:
            node.note_loss("the speed of something without time of its own", "left out", "note")
        return shown.length, piece

    def _look(self, item: dict[str, Any], keys: dict[str, Any], steady: bool) -> dict[str, Any]:
        """The keys of an item that vedc wrote, without its times, for its present file. A loop and
        a changing speed are kept: the format cannot express them."""
        own: dict[str, Any] = self.own(item)
        times = ["start", "duration"]
        if steady:
            times += ["in", "out", "speed", "reverse", "freeze", "loop", "time_map"]
        if "clip" in own and "clip" in keys:
            source = own["clip"]
            assets = self.made.parts.get("assets", {})
            declared = assets.get(str(source), {}).get("src") if isinstance(assets, dict) else None
            if keys["clip"] not in (str(declared), str(source)):
                own["clip"] = self.made.asset(keys["clip"])
        return {key: value for key, value in own.items() if key not in times}

    def _declare(self, keys: dict[str, Any], own_item: Any) -> None:
        """Add the file of an item that vedc did not write to the assets."""
        kind = next((kind for kind in ("clip", "image") if kind in keys), None)
        if kind is not None and not isinstance(own_item, dict) and "%" not in keys[kind]:
            keys[kind] = self.made.asset(keys[kind])

    def _zero(self, node: Node, given: Range | None, file: str) -> Fraction:
        """Where the file of a clip begins, if the clip does not state it."""
        if given is None or not given.start or not file:
            return Fraction(0)
        length = self.files.length(file)
        if length is not None and given.start >= length:
            node.note_loss(
                f"its start at {tidy(given.start)} s, which is beyond its file",
                "taken as timecode of a file that begins at the full hour",
                "guessed",
            )
            return given.start - given.start % 3600
        return Fraction(0)

    def _whole(self, file: str) -> Range | None:
        length = self.files.length(file) if file else None
        return None if length is None else Range(Fraction(0), length, self.fps, self.fps)

    def _speed(self, node: Node) -> Fraction:
        speed = Fraction(1)
        for effect in node.sequence("effects"):
            kind = kind_of(effect)
            scalar = effect.number("time_scalar")
            effect.take("name")
            effect.take("effect_name")
            effect.take("enabled")
            metadata_of(effect)
            if kind == "FreezeFrame":
                speed = Fraction(0)
            elif kind == "LinearTimeWarp" and scalar is not None and abs(scalar) <= 100:
                speed *= scalar.limit_denominator(10**6)
            else:
                name = effect.peek("effect_name") or effect.peek("name") or kind
                effect.lose(f"{str(name)!r} is an effect that vedc does not know")
        return speed

    def _nested(self, node: Node, kind: str, depth: int) -> tuple[dict[str, Any], Fraction]:
        """A stack or track within a track, as a composition."""
        tracks = [node] if kind == "Track" else node.sequence("children")
        made: list[dict[str, Any]] = []
        length = Fraction(0)
        for k, track in enumerate(tracks):
            inner = kind_of(track) if track.is_map else ""
            children = track.sequence("children") if inner == "Track" else [track]
            if inner == "Track" and track is not node:
                track.take("kind")
                track.take("name")
                track.take("enabled")
                metadata_of(track)
                track.drop("source_range", "trims a nested track")
            pieces, joins = self.pieces(children, depth + 1)
            length = max([length, *(piece.end for piece in pieces)])
            clips = items_of(pieces, joins, self.fps, self.losses, f"{node.path}")
            if clips:
                made.append({"id": f"layer-{k + 1}", "clips": clips})
        if not made:
            return {"gap": True}, length
        node.take("kind")
        return {"composition": {"timeline": {"tracks": made}}}, length


def _is_steady(item: dict[str, Any]) -> bool:
    """Whether an item of a spec plays its file once at one speed."""
    if item.get("loop") or item.get("on_end") in ("loop", "hold"):
        return False
    return not {"time_map", "freeze"} & item.keys()


def _window(
    pieces: list[Piece], joins: list[Join], window: Range
) -> tuple[list[Piece], list[Join]]:
    """The remaining part of a trimmed track."""
    end = window.start + window.length
    kept: list[Piece] = []
    moved: dict[int, int] = {}
    for k, piece in enumerate(pieces):
        if piece.end <= window.start or piece.start >= end:
            continue
        moved[k] = len(kept)
        head = max(window.start - piece.start, Fraction(0))
        tail = max(piece.end - end, Fraction(0))
        if piece.source is not None:
            piece.source += (head if piece.speed >= 0 else tail) * abs(piece.speed)
        piece.start = max(piece.start, window.start) - window.start
        piece.end = min(piece.end, end) - window.start
        kept.append(piece)
    for join in joins:
        if join.index in moved and moved[join.index] > 0:
            join.index = moved[join.index]
        else:
            join.before = join.after = Fraction(0)
    return kept, joins
