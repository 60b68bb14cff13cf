"""MLT XML, of melt, Shotcut and Kdenlive, as a spec. ``out`` is the last frame that is shown."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import Any, Final

from vedc.edit.times import parse_time
from vedc.interchange.common.draft import Draft, gain
from vedc.interchange.common.files import ForeignFiles, is_url
from vedc.interchange.common.words import exact_rate, rate_value
from vedc.interchange.cuts.model import Join, Piece
from vedc.interchange.foreign.element import Element, number
from vedc.interchange.nle.assemble import Assembly, Row
from vedc.interchange.nle.vocabulary import MLT

_COLORS: Final = ("color", "colour")
#: Services of tractors that combine tracks as vedc does, and editors' own filters.
_USUAL: Final = ("mix", "composite", "qtblend", "frei0r.cairoblend", "affine", "matte")
_OWN: Final = re.compile(
    r"^(shotcut|kdenlive|meta|xml|global_feed|eof|ttl|aspect_ratio|seekable|creation_time|audio_track"
    r"|video_index|audio_index|mlt_image_format|mute_on_pause|vstream|astream|set\.test_audio|loop"
    r"|ignore_points|autorotate|format|file_|length$|force_)"
)
KNOWN: Final = MLT


def read(root: Element, files: ForeignFiles) -> Draft:
    """A draft of the main tractor or playlist."""
    reader = _Reader(root, files)
    draft = reader.draft()
    root.finish()
    return draft


class _Reader:
    def __init__(self, root: Element, files: ForeignFiles) -> None:
        self.root, self.files = root, files
        self.film = Assembly(files, root.losses)
        self.nodes: dict[str, Element] = {}
        self.base = root.attribute("root") or ""
        for each in root.all("producer", "chain", "playlist", "tractor", "multitrack"):
            if "id" in each.attributes:
                self.nodes[each.attributes["id"]] = each

    def draft(self) -> Draft:
        root = self.root
        for name in ("LC_NUMERIC", "version", "title", "profile"):
            root.attribute(name)
        self._profile(root.child("profile"))
        main = self.nodes.get(root.attribute("producer") or "")
        if main is None or main.tag not in ("tractor", "playlist"):
            inner = {e.attributes.get("producer") for node in self.nodes.values() for e in node}
            outer = [node for name, node in self.nodes.items() if name not in inner]
            lists = [each for each in outer if each.tag == "playlist"]
            tractors = [each for each in outer if each.tag == "tractor"]
            main = tractors[-1] if tractors else lists[-1] if lists else None
        if main is None:
            root.note_loss("a file without a playlist", "a second of black", "lost")
        elif main.tag == "tractor":
            self._tractor(main)
        else:
            self._row(main, "V1", "")
        for each in self.nodes.values():
            each.attribute("id")
            if not each.used:
                each.keep()  # a bin, or a clip that no track shows
        return self.film.finish(own_sound=True)

    def _profile(self, node: Element | None) -> None:
        made: dict[str, Any] = {}
        if node is not None:
            numbers = {name: number(node.attributes.get(name, "")) for name in
                       ("width", "height", "frame_rate_num", "frame_rate_den")}  # fmt: skip
            node.keep()
            self._shape(node)
            over, under = numbers["frame_rate_num"], numbers["frame_rate_den"] or Fraction(1)
            rate = exact_rate(over / under) if over and under else None
            if rate is not None:
                self.film.fps = rate
            width, height = numbers["width"], numbers["height"]
            if width and height and 2 <= width <= 16384 and 2 <= height <= 16384:
                made = {"width": int(width), "height": int(height)}
        else:
            self.root.note_loss(
                "the profile", "25 frames a second, the size of the first clip", "guessed"
            )
        self.film.made.parts["profile"] = {**made, "fps": rate_value(self.film.fps)}

    def _shape(self, node: Element) -> None:
        """Parts of a profile that vedc cannot express."""
        across, down = (number(node.attributes.get(f"sample_aspect_{side}", "1")) or 1
                        for side in ("num", "den"))  # fmt: skip
        if across != down:
            node.note_loss(f"pixels of the shape {across}:{down}", "square pixels")
        if node.attributes.get("progressive", "1") != "1":
            node.note_loss("fields (progressive is off)", "whole frames")
        if (space := node.attributes.get("colorspace", "709")) not in ("709", "0", ""):
            node.note_loss(f"the colour space {space!r}", "BT.709; see `profile.color`")

    def _properties(self, node: Element) -> dict[str, str]:
        """All properties; those that change nothing count as read."""
        out = {}
        for each in node.all("property"):
            name = each.attribute("name") or ""
            out[name] = each.content
        return out

    def _tractor(self, node: Element) -> None:
        node.used = True
        for name in ("in", "out", "global_feed", "title"):
            node.attribute(name)
        self._rest(node, self._properties(node), ())
        held = node.child("multitrack")
        number_ = 0
        for track in [*(held.all("track") if held is not None else []), *node.all("track")]:
            name, hide = track.attribute("producer") or "", track.attribute("hide") or ""
            track.attribute("in"), track.attribute("out")
            found = self.nodes.get(name)
            if found is None:
                track.lose("shows nothing that the file holds")
                continue
            if found.tag in ("producer", "chain") and self._is_background(found):
                found.used = True
                found.keep()
                continue
            number_ += 1
            self._row(found, name if not name.isdigit() else f"V{number_}", hide)
        for each in node.all("transition", "filter"):
            self._beside(each)

    def _is_background(self, node: Element) -> bool:
        values = {each.attributes.get("name"): each.content for each in node.children}
        return values.get("mlt_service") in _COLORS and values.get("resource") in (
            "black",
            "0",
            "#000000",
            "#ff000000",
            "0x000000ff",
        )

    def _beside(self, node: Element) -> None:
        values = self._properties(node)
        service = values.get("mlt_service", "")
        usual = node.tag == "transition" and service in _USUAL
        plain = usual and not {"geometry", "rect", "luma", "transition.rect"} & set(values)
        node.keep()
        if not plain:
            node.note_loss(f"the {node.tag} {service!r} of a track", "left out", "lost")

    def _row(self, node: Element, name: str, hide: str) -> None:
        node.used = True
        row = Row(name)
        at = 0
        ours = node.all("entry", "blank") if node.tag == "playlist" else [node]
        for name_ in ("title", "in", "out"):
            node.attribute(name_)
        if node.tag == "playlist":
            self._rest(node, self._properties(node), ())
        after: Join | None = None
        for entry in ours:
            if entry.tag == "blank":
                at += self._frames(entry.attribute("length"), entry) or 0
                continue
            made = self._entry(entry, node, at)
            if made is None:  # it still takes its time
                ends = [self._frames(entry.attributes.get(key), entry) for key in ("in", "out")]
                at += max(0, ends[1] - (ends[0] or 0) + 1) if ends[1] is not None else 0
                continue
            if isinstance(made, tuple):
                left, right, length = made
                self._mix(row, left, right, at, length)
                after = row.joins[-1] if row.joins else None
                at += length
                continue
            length = int(made.length * self.film.fps)
            if after is not None and row.pieces and self._continues(row.pieces[-1], made):
                row.pieces[-1].end = made.end
                if made.speed < 0:
                    row.pieces[-1].source = made.source
            else:
                row.pieces.append(made)
            after = None
            at += length
        if "video" in hide or hide == "both":
            for piece in row.pieces:
                if "clip" in piece.keys and hide == "video":
                    pass
            if hide == "video":
                self.film.sounds.append(row)
                return
            row.hidden = True
        if "audio" in hide:
            for piece in row.pieces:
                if "clip" in piece.keys:
                    piece.keys["mute"] = True
        self.film.pictures.append(row)

    def _continues(self, before: Piece, piece: Piece) -> bool:
        if before.file != piece.file or before.speed != piece.speed or before.end != piece.start:
            return False
        if before.source is None or piece.source is None:
            return before.keys == piece.keys
        if before.speed < 0:
            return piece.source - piece.length * piece.speed == before.source
        return before.source + before.length * before.speed == piece.source

    def _mix(self, row: Row, left: Piece, right: Piece, at: int, length: int) -> None:
        """A dissolve in its own tractor: both pieces cover all of it."""
        fps = self.film.fps
        half = length // 2
        cut = (at + half) / fps
        whole = Fraction(length) / fps
        joined = bool(row.pieces) and self._continues(row.pieces[-1], left)
        if left.source is not None and left.speed < 0:
            left.source -= (left.end - cut) * left.speed
        left.end = cut
        if joined:
            row.pieces[-1].end = cut
            if left.speed < 0:
                row.pieces[-1].source = left.source
        else:
            row.pieces.append(left)
        right.start, right.end = cut, at / fps + whole
        if right.source is not None and right.speed > 0:
            right.source += half / fps * right.speed
        row.joins.append(
            Join(len(row.pieces), half / fps, whole - half / fps, {"name": "dissolve"})
        )
        row.pieces.append(right)

    def _entry(self, entry: Element, parent: Element, at: int) -> Any:
        name = (
            entry.attribute("producer") or ""
            if entry is not parent
            else entry.attributes.get("id", "")
        )
        first, last = (self._frames(entry.attribute(key), entry) for key in ("in", "out"))
        found = self.nodes.get(name)
        if found is None:
            entry.lose("shows nothing that the file holds")
            return None
        values = self._properties(entry) if entry is not parent else {}
        self._rest(entry, values, ())
        keys: dict[str, Any] = {}
        for each in entry.all("filter") if entry is not parent else []:
            self._filter(each, keys, None if first is None or last is None else last - first + 1)
        if found.tag == "tractor":
            return self._nested(found, entry, at, first, last)
        if found.tag == "playlist":
            entry.lose("is a playlist within a playlist")
            return None
        return self._piece(found, first, last, at, keys)

    def _nested(
        self, node: Element, entry: Element, at: int, first: int | None, last: int | None
    ) -> Any:
        """A tractor of two tracks with a luma transition is a dissolve; others are not known."""
        node.used = True
        tracks, joins = node.all("track"), node.all("transition")
        for name in ("in", "out", "title"):
            node.attribute(name)
        services = {
            each.content
            for join in joins
            for each in join.children
            if each.attributes.get("name") == "mlt_service"
        }
        length = (last if last is not None else 0) - (first or 0) + 1
        sides: list[Piece] = []
        for track in tracks:
            found = self.nodes.get(track.attribute("producer") or "")
            low, high = (self._frames(track.attribute(key), track) for key in ("in", "out"))
            if found is not None and found.tag in ("producer", "chain"):
                piece = self._piece(found, low, high, at, {})
                if piece is not None:
                    sides.append(piece)
        if len(sides) == 2 and "luma" in services and length > 0:
            if any(
                each.attributes.get("name") == "resource" and each.content
                for join in joins
                for each in join.children
            ):
                node.note_loss("a wipe by a picture", "a dissolve of the same length")
            node.keep()
            return sides[0], sides[1], length
        node.keep()
        entry.note_loss("a film within the film", "black for as long as it lasts", "lost")
        end = Fraction(at + max(1, length)) / self.film.fps
        return Piece(at / self.film.fps, end, {"color": "black"})

    def _piece(
        self, node: Element, first: int | None, last: int | None, at: int, keys: dict[str, Any]
    ) -> Piece | None:
        fps = self.film.fps
        node.used = True
        values = self._properties(node)
        low, high = (self._frames(node.attribute(key), node) for key in ("in", "out"))
        first = first if first is not None else low or 0
        last = last if last is not None else high
        if last is None:
            length_ = number(values.get("length", ""))
            last = int(length_) - 1 if length_ is not None else None
        service, resource = values.get("mlt_service", ""), values.get("resource", "")
        known = ("mlt_service", "resource", "warp_speed", "warp_resource", "warp_pitch")
        self._rest(node, values, known)
        own = dict(keys)
        held: int | None = None
        for each in node.all("filter"):
            if (frame := self._held(each)) is not None:
                held = frame + (low or 0)
                continue
            self._filter(each, own, None if last is None else last - first + 1)
        if last is None or last < first:
            node.lose("has no length")
            return None
        start, end = at / fps, Fraction(at + last - first + 1) / fps
        if service in _COLORS or resource.startswith("color:"):
            piece = Piece(start, end, {"color": _color(resource.removeprefix("color:"))})
        elif service in ("avformat", "avformat-novalidate", "timewarp", "qimage", "pixbuf", ""):
            speed = Fraction(1)
            if service == "timewarp" or values.get("warp_speed"):
                said, _, rest = resource.partition(":")
                speed = number(values.get("warp_speed") or said) or Fraction(1)
                resource = values.get("warp_resource") or rest
            path = self.files.path(self._based(resource))
            if speed < 0:  # it counts backwards from the end of its producer
                whole = number(values.get("length", ""))
                first = (high if high is not None else int(whole or last + 1) - 1) - last
            piece = self.film.piece(path, start, end, max(0, first) / fps * abs(speed), speed)
            if held is not None and "clip" in piece.keys:
                piece.speed, piece.source = Fraction(0), held / fps
            if values.get("audio_index") == "-1" and "clip" in piece.keys:
                piece.keys["mute"] = True
        else:
            node.note_loss(f"what the service {service!r} draws", "black", "lost")
            piece = Piece(start, end, {"color": "black"})
        piece.keys.update(own)
        return piece

    def _based(self, resource: str) -> str:
        """A path relative to the file's ``root``. An absolute root is the folder where the file was
        saved; files beside the file are then looked up there."""
        alone = is_url(resource) or PurePosixPath(resource).is_absolute()
        if alone or not self.base:
            return resource
        based = f"{self.base}/{resource}"
        moved = PurePosixPath(self.base).is_absolute() and not Path(based).is_file()
        return resource if moved else based

    def _held(self, node: Element) -> int | None:
        """The frame that a filter freezes for the whole clip; None for another filter."""
        values = {each.attributes.get("name"): each.content for each in node.children}
        sides = (values.get("freeze_before", "0"), values.get("freeze_after", "0"))
        if values.get("mlt_service") != "freeze" or sides != ("0", "0") or "disable" in values:
            return None
        node.keep()
        return self._frames(values.get("frame"), node)

    def _filter(self, node: Element, keys: dict[str, Any], length: int | None) -> None:
        """``length``: frames shown of its target."""
        values = self._properties(node)
        service = values.get("mlt_service", "") or node.attributes.get("mlt_service", "")
        node.keep()
        if values.get("disable") == "1":
            node.note_loss(f"the filter {service!r}, which is off", "left out", "note")
            return
        low, high = (self._frames(node.attribute(key), node) for key in ("in", "out"))
        if length is not None and high is not None and 0 < high - (low or 0) + 1 < length:
            node.note_loss(f"the filter {service!r} on a part of its clip", "left out", "lost")
            return
        level, amount = (
            number(values.get("gain", "") or "1"),
            number(values.get("level", "") or "0"),
        )
        if service == "volume" and level is not None and "level" not in values:
            if level != 1 and level >= 0:
                keys["volume"] = gain(level)
        elif service == "volume" and amount is not None:
            if amount:
                keys["volume"] = f"{float(amount):g}dB"
        elif service in ("greyscale", "grayscale"):
            keys.setdefault("grade", []).append({"op": "saturation", "amount": 0})
        elif service == "invert":
            keys.setdefault("grade", []).append({"op": "invert"})
        elif service == "mirror":
            keys.setdefault("effects", []).append({"op": "flip"})
        else:
            node.note_loss(f"the filter {service!r}", "left out", "lost")

    def _rest(self, node: Element, values: dict[str, str], known: tuple[str, ...]) -> None:
        for name, value in values.items():
            if name not in known and not _OWN.match(name) and value:
                node.note_loss(f"the property {name!r}", "left out", "lost")

    def _frames(self, text: str | None, node: Element) -> int | None:
        """Frames, as a number or as clock time."""
        if not text:
            return None
        if re.fullmatch(r"-?\d{1,9}", text):
            return max(0, int(text))
        try:
            return round(parse_time(text.replace(",", ".")).seconds(self.film.fps) * self.film.fps)
        except (ValueError, ArithmeticError):
            node.note_loss(f"the time {text!r}", "left out", "lost")
            return None


def _color(text: str) -> str:
    """``#aarrggbb`` or ``0xrrggbbaa`` as a spec has it."""
    text = text.strip()
    if re.fullmatch(r"#[0-9a-fA-F]{8}", text):
        return f"#{text[3:]}" if text[1:3].lower() == "ff" else f"#{text[3:]}{text[1:3]}"
    if re.fullmatch(r"0x[0-9a-fA-F]{8}", text):
        return f"#{text[2:8]}" if text[8:].lower() == "ff" else f"#{text[2:]}"
    return text if re.fullmatch(r"#[0-9a-fA-F]{3,8}|[a-zA-Z]+", text) else "black"
