"""The XML of Final Cut Pro X as a spec: the primary storyline, and its connected clips.

The offset of an element is in the time of its parent, which begins at the parent's ``start``.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any, Final

from vedc.interchange.common.draft import Draft, tidy
from vedc.interchange.common.files import ForeignFiles
from vedc.interchange.common.words import exact_rate, rate_value, transition
from vedc.interchange.cuts.model import Join, Piece
from vedc.interchange.foreign.element import Element
from vedc.interchange.nle.assemble import Assembly, Row
from vedc.interchange.nle.vocabulary import FCPXML, FCPXML_CLIPS, FCPXML_LABELS
from vedc.interchange.otio.schema import path_of

KNOWN: Final = FCPXML


def read(root: Element, files: ForeignFiles) -> Draft:
    """A draft of the first project."""
    reader = _Reader(root, files)
    draft = reader.draft()
    root.finish()
    return draft


class _Reader:
    def __init__(self, root: Element, files: ForeignFiles) -> None:
        self.root, self.files = root, files
        self.film = Assembly(files, root.losses)
        self.rows: dict[int, Row] = {}
        self.assets: dict[str, tuple[str, Fraction]] = {}
        self.formats: dict[str, Element] = {}

    def draft(self) -> Draft:
        _labels(self.root)
        resources = self.root.child("resources")
        known = ("asset", "format", "effect", "media")
        for each in resources.all(*known) if resources is not None else []:
            name = each.attribute("id") or ""
            if each.tag == "asset":
                rep = each.child("media-rep")
                url = (
                    each.attributes.get("src")
                    or (rep.attributes.get("src") if rep is not None else "")
                    or ""
                )
                self.assets[name] = (url, time_of(each.attributes.get("start")) or Fraction(0))
            elif each.tag == "format":
                self.formats[name] = each
            each.keep()
        sequence = self._sequence(self.root)
        if sequence is None:
            self.root.note_loss("a file without a project", "a second of black", "lost")
            return self.film.finish()
        self._format(sequence)
        _labels(sequence)
        spine = sequence.child("spine")
        if spine is not None:
            self._spine(
                spine, 0, Fraction(0), time_of(sequence.attributes.get("tcStart")) or Fraction(0)
            )
        for lane in sorted(self.rows):
            row = self.rows[lane]
            row.pieces.sort(key=lambda piece: piece.start)
            (self.film.pictures if lane >= 0 else self.film.sounds).append(row)
        return self.film.finish(own_sound=True)

    def _sequence(self, node: Element) -> Element | None:
        if (own := node.child("sequence")) is not None:
            return own
        for each in node.all("library", "event", "project"):
            _labels(each)
            found = self._sequence(each)
            if found is not None:
                return found
        return None

    def _format(self, sequence: Element) -> None:
        node = self.formats.get(sequence.attributes.get("format", ""))
        step = time_of(node.attributes.get("frameDuration")) if node is not None else None
        made: dict[str, Any] = {}
        if node is not None:
            for side in ("width", "height"):
                if (
                    re.fullmatch(r"\d{1,5}", node.attributes.get(side, ""))
                    and 2 <= int(node.attributes[side]) <= 16384
                ):
                    made[side] = int(node.attributes[side])
        rate = exact_rate(1 / step) if step else None
        if rate is None:
            sequence.note_loss("the frame rate", "25", "guessed")
        self.film.fps = rate or Fraction(25)
        self.film.made.parts["profile"] = {
            **(made if len(made) == 2 else {}),
            "fps": rate_value(self.film.fps),
        }

    def _row(self, lane: int) -> Row:
        if lane not in self.rows:
            self.rows[lane] = Row(f"V{lane + 1}" if lane >= 0 else f"A{-lane}")
        return self.rows[lane]

    def _spine(self, spine: Element, lane: int, begin: Fraction, zero: Fraction) -> None:
        """``begin``: the film time of ``zero``, an offset."""
        _labels(spine)
        row = self._row(lane)
        at = begin
        pending: tuple[Fraction, Fraction, str, Element] | None = None
        for node in spine.all():
            if node.tag == "transition":
                start = self._start(node, begin, zero, at)
                length = time_of(node.attributes.get("duration")) or Fraction(0)
                name = node.attributes.get("name", "Cross Dissolve")
                pending = (start, length, name, node)
                node.keep()
                continue
            if node.tag not in FCPXML_CLIPS:
                node.lose()
                continue
            start = self._start(node, begin, zero, at)
            length = time_of(node.attributes.get("duration")) or Fraction(0)
            piece = self._clip(node, start, length, lane)
            if pending is not None:
                self._join(row, piece, start, pending)
                pending = None
            if piece is not None and length > 0:
                row.pieces.append(piece)
            at = start + length
        if pending is not None and row.pieces:
            self._join(row, None, at, pending)

    def _start(self, node: Element, begin: Fraction, zero: Fraction, at: Fraction) -> Fraction:
        offset = time_of(node.attributes.get("offset"))
        return at if offset is None else max(Fraction(0), begin + offset - zero)

    def _join(
        self,
        row: Row,
        piece: Piece | None,
        cut: Fraction,
        pending: tuple[Fraction, Fraction, str, Element],
    ) -> None:
        start, length, name, node = pending
        known = transition(name)
        if known is None:
            node.note_loss(f"the transition {name!r}", "a dissolve of the same length")
        before = min(max(cut - start, Fraction(0)), length)
        join = Join(len(row.pieces), before, length - before, {"name": known or "dissolve"})
        beside = bool(row.pieces) and piece is not None and row.pieces[-1].end == piece.start
        join.edge = "" if beside else "exit" if piece is None else "enter"
        row.joins.append(join)

    def _clip(self, node: Element, start: Fraction, length: Fraction, lane: int) -> Piece | None:
        """A piece; connected clips go into its lanes."""
        first = time_of(node.attribute("start"))
        name, ref = node.attributes.get("name", ""), node.attribute("ref") or ""
        enabled, source = node.attribute("enabled"), node.attribute("srcEnable")
        _labels(node)
        speed, begin = self._speed(node, first)
        url, zero = self.assets.get(ref, ("", Fraction(0)))
        inner = next(
            (
                each
                for each in node.children
                if each.tag in ("video", "audio") and "lane" not in each.attributes
            ),
            None,
        )
        if node.tag == "clip" and inner is not None:
            url, zero = self.assets.get(inner.attributes.get("ref", ""), ("", Fraction(0)))
            inner._taken = True
            inner.keep()
        base = first if first is not None else (zero if node.tag == "asset-clip" else Fraction(0))
        piece: Piece | None = None
        if node.tag in ("asset-clip", "clip", "video", "audio") and url:
            moment = begin if begin is not None else base
            path = self.files.path(path_of(url))
            piece = self.film.piece(
                path, start, start + length, max(Fraction(0), moment - zero), speed
            )
            if source == "video" and "clip" in piece.keys:
                piece.keys["mute"] = True
        elif node.tag == "title":
            words = [each for child in node.all("text") for each in child.all("text-style")]
            text = "".join(each.content for each in words) or name or " "
            for each in node.children:
                each._taken = True
                if each.tag != "spine" and "lane" not in each.attributes:
                    each.keep()
            node.note_loss(f"the look of the title {text!r}", "a plain text")
            piece = Piece(start, start + length, {"text": text})
        elif node.tag != "gap":
            node.note_loss(f"{node.name}, which is not a clip of a file", "a gap", "lost")
        if piece is not None:
            self._adjust(node, piece)
            if enabled == "0":
                piece.keys["enabled"] = False
        for child in node.all("spine", *FCPXML_CLIPS):
            said = child.attributes.get("lane", "")
            if child is inner or (not said and child.tag != "spine"):
                if child is not inner:
                    child.keep()
                continue
            number = int(said) if re.fullmatch(r"-?\d{1,3}", said) else 1
            offset = time_of(child.attributes.get("offset"))
            film = start if offset is None else max(Fraction(0), start + offset - base)
            if child.tag == "spine":
                child.attribute("lane"), child.attribute("offset")
                self._spine(child, number, film, Fraction(0))
                continue
            lasts = time_of(child.attributes.get("duration")) or Fraction(0)
            connected = self._clip(child, film, lasts, number)
            if connected is not None and lasts > 0:
                self._row(number).pieces.append(connected)
        return piece

    def _speed(self, node: Element, first: Fraction | None) -> tuple[Fraction, Fraction | None]:
        """The speed of a clip, and the source time at which its range begins."""
        times = node.child("timeMap")
        if times is None:
            return Fraction(1), None
        points = [
            (time_of(p.attributes.get("time")), time_of(p.attributes.get("value")))
            for p in times.children
        ]
        known = [(a, b) for a, b in points if a is not None and b is not None]
        times.keep()
        if len(known) < 2 or known[1][0] <= known[0][0]:
            node.note_loss("a time map of a clip", "its usual speed", "lost")
            return Fraction(1), None
        if len(known) > 2:
            node.note_loss("a speed that changes", "its first speed")
        (t0, v0), (t1, v1) = known[:2]
        speed = (v1 - v0) / (t1 - t0)
        if not speed or abs(speed) > 100:
            node.note_loss("a freeze frame", "its usual speed", "lost")
            return Fraction(1), None
        begin = v0 + ((first or Fraction(0)) - t0) * speed
        if speed < 0:
            length = time_of(node.attributes.get("duration")) or Fraction(0)
            begin += speed * length
        return speed, begin

    def _skipped(self, node: Element, what: str) -> bool:
        """Whether a setting is off. Its keyframes and fades go into the loss report."""
        node.keep()
        if node.attribute("enabled") == "0":
            node.note_loss(f"{what}, which is off", "left out", "note")
            return True
        if any(_moves(child) for child in node.children):
            node.note_loss(f"keyframes and fades of {what}", "its value beside them", "lost")
        return False

    def _adjust(self, node: Element, piece: Piece) -> None:
        for each in node.all("adjust-volume"):
            amount = (each.attribute("amount") or "").removesuffix("dB")
            if self._skipped(each, "the level of a clip"):
                continue
            if (
                re.fullmatch(r"[+-]?\d{1,3}(\.\d+)?", amount)
                and float(amount)
                and "clip" in piece.keys
            ):
                piece.keys["volume"] = f"{float(amount):g}dB"
        for each in node.all("adjust-transform"):
            scale, position = each.attribute("scale"), each.attribute("position")
            turn = each.attribute("rotation")
            if self._skipped(each, "the motion of a clip"):
                continue
            pair = re.findall(r"[+-]?[\d.]+", scale or "")
            if len(pair) == 2 and pair != ["1", "1"]:
                piece.keys["scale"] = [tidy(float(part)) for part in pair]
            if turn and re.fullmatch(r"[+-]?\d+(\.\d+)?", turn) and float(turn):
                piece.keys["rotation"] = tidy(-float(turn))
            if position and position not in ("0 0", "0.0 0.0"):
                each.note_loss("the position of a clip", "left out: see `offset`", "lost")
        for each in node.all("adjust-blend"):
            opacity, mode = each.attribute("amount"), each.attribute("mode")
            if self._skipped(each, "the opacity of a clip"):
                continue
            if opacity and re.fullmatch(r"[01](\.\d+)?", opacity) and float(opacity) < 1:
                piece.keys["opacity"] = tidy(float(opacity))
            if mode not in (None, "0"):
                each.note_loss("a blend mode", "left out: see `blend_mode`", "lost")
        for each in node.all("marker", "chapter-marker"):
            at = time_of(each.attributes.get("start"))
            name = each.attributes.get("value") or "marker"
            each.keep()
            moment = piece.start + (
                (at or Fraction(0)) - (time_of(node.attributes.get("start")) or Fraction(0))
            )
            marks = self.film.made.film.setdefault("markers", [])
            frame = f"{max(0, round(moment * self.film.fps))}f"
            if all(mark["time"] != frame for mark in marks):
                marks.append({"time": frame, "name": name})
        for each in node.all("conform-rate", "note", "keyword", "audio-channel-source", "metadata"):
            each.keep()


def _moves(node: Element) -> bool:
    tags = ("keyframeAnimation", "fadeIn", "fadeOut")
    return node.tag in tags or any(_moves(child) for child in node.children)


def time_of(text: str | None) -> Fraction | None:
    """``1001/30000s`` or ``5s``."""
    found = re.fullmatch(r"\s*(-?\d{1,15})(?:/(\d{1,12}))?s\s*", text or "")
    if found is None or found[2] == "0":
        return None
    return Fraction(int(found[1]), int(found[2] or 1))


def _labels(node: Element) -> None:
    for name in FCPXML_LABELS:
        node.attribute(name)
    for each in node.all("note", "metadata", "import-options"):
        each.keep()
