"""The XML of Final Cut Pro 7 (xmeml) as a spec."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

from vedc.interchange.common.draft import Draft, gain, tidy
from vedc.interchange.common.files import ForeignFiles
from vedc.interchange.common.words import rate_value, transition
from vedc.interchange.cuts.model import Join, Piece
from vedc.interchange.foreign.element import Element, number
from vedc.interchange.nle.assemble import Assembly, Row
from vedc.interchange.nle.vocabulary import FCP7, FCP7_LABELS
from vedc.interchange.otio.schema import path_of

#: Labels that change nothing only with these values.
_USUAL: Final = {
    "anamorphic": ("false", ""), "alphatype": ("none", "straight", ""),
    "pixelaspectratio": ("square", ""), "fielddominance": ("none", ""),
}  # fmt: skip
#: Attributes of Premiere Pro for displaying a sequence.
_VIEWS: Final = ("TL.", "MZ.", "Monitor.")
KNOWN: Final = FCP7


def read(root: Element, files: ForeignFiles) -> Draft:
    """A draft of the first sequence."""
    reader = _Reader(root, files)
    draft = reader.draft()
    root.finish()
    return draft


class _Reader:
    def __init__(self, root: Element, files: ForeignFiles) -> None:
        self.root, self.files = root, files
        self.film = Assembly(files, root.losses)
        self.sources: dict[str, str] = {}

    def draft(self) -> Draft:
        root = self.root
        root.attribute("version")
        sequence = self._sequence(root)
        if sequence is None:
            root.note_loss("a file without a sequence", "a second of black", "lost")
            return self.film.finish()
        for label in sequence.attributes:
            if label in ("id", "explodedTracks") or label.startswith(_VIEWS):
                sequence.attribute(label)
        name = sequence.text("name")
        if name:
            self.film.made.head.append(name)
        self.film.fps = rate_of(sequence) or Fraction(25)
        profile: dict[str, Any] = {"fps": rate_value(self.film.fps)}
        video, audio = sequence.find("media/video"), sequence.find("media/audio")
        shape = video.find("format/samplecharacteristics") if video is not None else None
        if shape is not None:
            width, height = shape.number("width"), shape.number("height")
            if width and height and 2 <= width <= 16384 and 2 <= height <= 16384:
                profile.update(width=int(width), height=int(height))
            _unusual(shape, "pixelaspectratio", "fielddominance", "anamorphic")
            shape.keep()
        else:
            sequence.note_loss("the size of the canvas", "that of the first clip", "guessed")
        self.film.made.parts["profile"] = profile
        _labels(sequence)
        self._files(sequence)
        for k, track in enumerate(video.all("track") if video is not None else []):
            self.film.pictures.append(self._track(track, f"V{k + 1}"))
        for k, track in enumerate(audio.all("track") if audio is not None else []):
            self.film.sounds.append(self._track(track, f"A{k + 1}"))
        for part in (video, audio):
            if part is not None:
                for each in part.all("format", "numOutputChannels", "outputs", "in", "out"):
                    each.keep()
        for marker in sequence.all("marker"):
            self._marker(marker)
        return self.film.finish(own_sound=audio is None)

    def _sequence(self, root: Element) -> Element | None:
        if (own := root.child("sequence")) is not None:
            return own
        for tag in root.all("project", "bin", "children"):
            tag.all("name", "rate", "uuid", "updatebehavior")
            found = self._sequence(tag)
            if found is not None:
                return found
        return None

    def _files(self, node: Element) -> None:
        """Files by id: they are described once, and referred to afterwards."""
        for child in node:
            if child.tag == "file" and "id" in child.attributes:
                url = next((each.content for each in child if each.tag == "pathurl"), "")
                if url:
                    self.sources[child.attributes["id"]] = url
            self._files(child)

    def _marker(self, node: Element) -> None:
        name, at = node.text("name") or node.text("comment"), node.number("in")
        node.keep()
        if name and at is not None and at >= 0:
            marks = self.film.made.film.setdefault("markers", [])
            if all(mark["time"] != f"{int(at)}f" for mark in marks):
                marks.append({"time": f"{int(at)}f", "name": name})

    def _track(self, track: Element, name: str) -> Row:
        row = Row(name)
        on = track.text("enabled") != "FALSE"
        row.hidden = row.muted = not on
        for each in track.all("locked", "outputchannelindex", "enabled"):
            each.keep()
        for key in ("currentExplodedTrackIndex", "totalExplodedTrackCount", "premiereTrackType"):
            track.attribute(key)
        entries = track.all("clipitem", "transitionitem", "generatoritem")
        joins = [self._join(e) if e.tag == "transitionitem" else None for e in entries]
        at = Fraction(0)
        for k, entry in enumerate(entries):
            if entry.tag == "transitionitem":
                continue
            before = joins[k - 1] if k and entries[k - 1].tag == "transitionitem" else None
            after = (
                joins[k + 1]
                if k + 1 < len(entries) and entries[k + 1].tag == "transitionitem"
                else None
            )
            piece = self._clip(entry, before, after, at)
            if piece is None:
                continue
            if before is not None:
                cut, reach, transition_name = before
                lead, tail = cut - reach[0], reach[1] - cut
                join = Join(
                    len(row.pieces),
                    lead / self.film.fps,
                    tail / self.film.fps,
                    {"name": transition_name},
                )
                beside = row.pieces and row.pieces[-1].end == piece.start
                join.edge = "" if beside else "enter"
                row.joins.append(join)
            row.pieces.append(piece)
            at = piece.end
        last = joins[-1] if joins else None
        if last is not None and row.pieces:
            cut, reach, transition_name = last
            join = Join(
                len(row.pieces),
                (reach[1] - reach[0]) / self.film.fps,
                Fraction(0),
                {"name": transition_name},
            )
            join.edge = "exit"
            row.joins.append(join)
        return row

    def _join(self, node: Element) -> tuple[Fraction, tuple[Fraction, Fraction], str] | None:
        """The frame of its cut, its range, its name."""
        start, end = node.number("start"), node.number("end")
        side = node.text("alignment") or "center"
        name = node.text("effect/name") or node.text("effect/effectid") or "Cross Dissolve"
        node.keep()
        if start is None or end is None or end <= start or start < 0:
            node.lose("is no transition")
            return None
        known = transition(name)
        sound = any(word in name.lower() for word in ("cross fade", "constant", "gain"))
        if known is None and not sound:
            node.note_loss(f"the transition {name!r}", "a dissolve of the same length")
        cut = {"start": start, "start-black": start, "end": end, "end-black": end}.get(side)
        if cut is None:
            cut = start + (end - start) // 2
        return cut, (start, end), known or "dissolve"

    def _clip(self, node: Element, before: Any, after: Any, at: Fraction) -> Piece | None:
        fps = self.film.fps
        start, end = node.number("start"), node.number("end")
        first, last = node.number("in"), node.number("out")
        rate = rate_of(node) or fps
        name = node.text("name")
        node.attribute("id")
        node.attribute("premiereChannelType")
        on = node.text("enabled") != "FALSE"
        speed, keys = self._filters(node)
        source = self._source(node)
        held = node.text("stillframe") == "TRUE"
        still = node.number("stillframeoffset")
        _unusual(node, "alphatype", "anamorphic")
        _labels(node)
        mode = node.text("compositemode")
        if mode not in (None, "normal"):
            node.note_loss(f"the blend mode {mode!r}", "left out: see `blend_mode`", "lost")
        if first is None or last is None or start is None or end is None:
            node.lose("has no times")
            return None
        # At -1 the transition says where a clip begins or ends, and its range reaches to there.
        if start == -1:
            start = before[0] if before is not None else at * fps
            first += (start - before[1][0]) if before is not None else 0
        if end == -1:
            end = after[0] if after is not None else start + (last - first)
        if end <= start or start < 0:
            node.lose("has no length")
            return None
        begin, until = start / fps, end / fps
        if node.tag == "generatoritem":
            piece = self._generator(node, begin, until)
        else:
            if source is None:
                node.note_loss(f"the file of {name!r}, which is not named", "black", "lost")
            lowest = first / rate * (abs(speed) or 1)
            piece = self.film.piece(source, begin, until, lowest, speed)
            if held and "clip" in piece.keys:
                piece.speed = Fraction(0)
                if still is not None and still >= 0:
                    piece.source = still / rate
        piece.keys.update(keys)
        if not on:
            piece.keys["enabled"] = False
        return piece

    def _source(self, node: Element) -> str | None:
        file = node.child("file")
        if file is None:
            nested = node.child("sequence")
            if nested is not None:
                nested.lose("is a sequence within the sequence", "black")
            return None
        name = file.attribute("id") or ""
        file.keep()
        url = self.sources.get(name)
        return self.files.path(path_of(url)) if url else None

    def _generator(self, node: Element, begin: Fraction, until: Fraction) -> Piece:
        effect = node.child("effect")
        name = effect.text("effectid") or effect.text("name") or "" if effect is not None else ""
        colors: list[int] = []
        if effect is not None:
            for parameter in effect.all("parameter"):
                value = parameter.child("value")
                parts = (
                    [value.number(part) for part in ("red", "green", "blue")]
                    if value is not None
                    else []
                )
                if all(part is not None for part in parts) and len(parts) == 3:
                    colors = [min(255, max(0, int(part or 0))) for part in parts]
            effect.keep()
        if name.lower() not in ("color", "slug", "black"):
            node.note_loss(f"the generator {name!r}", "black", "lost")
        color = "#" + "".join(f"{each:02x}" for each in colors) if colors else "black"
        return Piece(begin, until, {"color": color})

    def _filters(self, node: Element) -> tuple[Fraction, dict[str, Any]]:
        """The speed, and keys for the filters that vedc knows."""
        speed = Fraction(1)
        keys: dict[str, Any] = {}
        for each in node.all("filter"):
            effect = each.child("effect")
            name = (effect.text("effectid") or "").lower() if effect is not None else ""
            values = {}
            for parameter in effect.all("parameter") if effect is not None else []:
                said = parameter.text("parameterid") or parameter.text("name") or ""
                values[said.lower()] = parameter.text("value")
                if _moves(parameter):
                    parameter.note_loss(f"keyframes of {said!r}", "its value beside them", "lost")
            off = each.text("enabled") == "FALSE"
            each.keep()
            if off:
                each.note_loss(f"the effect {name!r}, which is off", "left out", "note")
                continue
            if (values.get("variablespeed") or "0").upper() in ("1", "TRUE"):
                each.note_loss("a speed that changes", "one speed")
            if name == "timeremap" and (pace := number(values.get("speed") or "")) is not None:
                speed = pace / 100
                if (values.get("reverse") or "").upper() == "TRUE" and speed > 0:
                    speed = -speed
            elif name == "audiolevels" and number(values.get("level") or "") is not None:
                level = number(values.get("level") or "") or Fraction(0)
                if level != 1:
                    keys["volume"] = gain(level)
            elif name == "opacity" and number(values.get("opacity") or "") is not None:
                amount = number(values.get("opacity") or "") or Fraction(0)
                if amount != 100:
                    keys["opacity"] = tidy(min(Fraction(1), max(Fraction(0), amount / 100)))
            elif name == "basic" and set(values) <= {"scale", "rotation", "center", "centeroffset"}:
                scale, angle = (number(values.get(k) or "") for k in ("scale", "rotation"))
                if scale is not None and scale != 100 and scale > 0:
                    keys["scale"] = tidy(scale / 100)
                if angle:
                    keys["rotation"] = tidy(angle)
                if values.get("center"):
                    each.note_loss("the centre of a motion", "left out: see `offset`", "lost")
            else:
                each.lose(f"{name!r} is an effect that vedc does not know")
        return speed, keys


def rate_of(node: Element) -> Fraction | None:
    base, ntsc = node.number("rate/timebase"), node.text("rate/ntsc")
    if base is None or not 1 <= base <= 1000:
        return None
    return Fraction(base) * 1000 / 1001 if (ntsc or "").upper() == "TRUE" else Fraction(base)


def _moves(parameter: Element) -> bool:
    """Whether it has keyframes of more than one value."""
    values = {
        part.content
        for each in parameter.children
        if each.tag == "keyframe"
        for part in each.children
        if part.tag == "value"
    }
    return len(values) > 1


def _unusual(node: Element, *labels: str) -> None:
    for each in node.all(*labels):
        if each.content.lower() not in _USUAL[each.tag]:
            usual = _USUAL[each.tag][0]
            node.note_loss(f"{each.tag} {each.content!r}", f"as if it were {usual!r}")


def _labels(node: Element) -> None:
    """Descriptive labels of a clip, which change nothing."""
    for each in node.all(*FCP7_LABELS):
        each.keep()
