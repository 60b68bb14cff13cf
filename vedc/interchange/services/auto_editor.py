"""auto-editor's timelines as specs: versions 1, 2 and 3 (https://auto-editor.com/docs/v3).

Everything counts frames of the timebase: where a clip is, how long it is, and where it begins in
its file, at the speed at which it plays.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil
from typing import Any

from vedc.interchange.common.draft import Draft, Noted, gain, is_image, noted, tidy
from vedc.interchange.common.files import ForeignFiles
from vedc.interchange.common.words import exact_rate, rate_value
from vedc.interchange.cuts.model import Join, Piece
from vedc.interchange.cuts.to_items import items_of
from vedc.interchange.foreign.node import Node, wrong_file

_GONE = Fraction(99999)
"""The speed that marks cut-out parts."""


def read(root: Node, files: ForeignFiles) -> Draft:
    """A draft of the timeline. Raises SpecError for JSON that is not an auto-editor timeline."""
    version = str(root.peek("version")) if root.is_map else ""
    if version not in ("1", "2", "3"):
        hint = "name a timeline of version 1, 2 or 3"
        raise wrong_file(root, "this is not an auto-editor timeline", hint)
    root.take("version")
    reader = _Reader(root, files)
    if version == "3":
        reader.layers()
    else:
        reader.chunks(version)
    root.finish()
    return reader.made


class _Reader:
    def __init__(self, root: Node, files: ForeignFiles) -> None:
        self.root, self.files, self.made = root, files, Draft()
        text = root.text("timebase") or root.text("tb") or ""
        self.rate = _ratio(text)
        source = root.peek("source")
        if self.rate is None and isinstance(source, str):
            self.rate = files.rate(files.path(source))
        if self.rate is None:
            root.note_loss("the timebase", "30 frames a second", "guessed")
            self.rate = Fraction(30)
        self.profile: dict[str, Any] = {"fps": rate_value(self.rate)}
        self.made.parts["profile"] = self.profile

    # Versions 1 and 2: one file, cut

    def chunks(self, version: str) -> None:
        named = self.root.text("source")
        if not named:
            raise wrong_file(self.root, "the timeline names no source", "write its `source`")
        path = self.files.path(named)
        asset = self.made.asset(path)
        groups = self.root.sequence("effects")
        actions = [[each.value for each in group.keep().items] for group in groups]
        pieces: list[Piece] = []
        at = Fraction(0)
        for node in self.root.sequence("chunks" if version == "1" else "clips"):
            numbers = [each.value for each in node.items if each.is_number]
            if len(numbers) != 3 or len(node.items) != 3 or not 0 <= numbers[0] < numbers[1]:
                node.lose("is not a frame range")
                continue
            begin, end = Fraction(numbers[0]), Fraction(numbers[1])
            keys: dict[str, Any] = {"clip": asset}
            if version == "1":
                speed: Fraction | None = Fraction(numbers[2])
            else:
                known = actions[int(numbers[2])] if 0 <= numbers[2] < len(actions) else []
                speed = self._actions(node, known, keys)
            if not speed or speed >= _GONE or speed < 0:
                continue
            first = ceil(begin / speed)
            length = (ceil(end / speed) - first) / self._fps
            if not round((end - begin) / speed) or not length:
                continue
            pieces.append(self._piece(at, length, first * speed / self._fps, speed, keys, path))
            at += length
        clips = items_of(pieces, [], self._fps, self.root.losses, "the film")
        self.made.tracks.append({"id": "film", "clips": clips})

    @property
    def _fps(self) -> Fraction:
        assert self.rate is not None
        return self.rate

    def _piece(
        self, at: Fraction, length: Fraction, source: Fraction, speed: Fraction,
        keys: dict[str, Any], path: str,
    ) -> Piece:  # fmt: skip
        piece = Piece(at, at + length, keys, source, speed.limit_denominator(10**6), file=path)
        piece.limit, piece.rate = self.files.length(path), None
        return piece

    # Version 3: layers

    def layers(self) -> None:
        size = self.root.sequence("resolution")
        numbers = [each.value for each in size if each.is_number and 2 <= each.value <= 16384]
        if len(numbers) == 2:
            self.profile.update(width=int(numbers[0]), height=int(numbers[1]))
        else:
            self.root.note_loss("the resolution", "that of the first clip", "guessed")
        rate = self.root.number("samplerate", low=8000, high=192000)
        if rate is not None:
            self.profile["sample_rate"] = int(rate)
        layout = self.root.text("layout")
        if layout == "mono":
            self.profile["channels"] = 1
        elif layout not in ("stereo", None, ""):
            self.root.note_loss(f"the channel layout {layout!r}", "stereo")
        ground = self.root.text("background")
        self.root.drop("langs", "names the languages of tracks", "left out", "note")
        self.root.drop("templateFile", "names a file with attachments", "left out", "note")
        joins = self.root.mapping("transitions")
        layers = self.root.sequence("v")
        sounds = self.root.sequence("a")
        if ground and ground.lower() not in ("#000", "#000000"):
            item = noted({"color": ground, "start": "0s", "duration": "100%"})
            self.made.tracks.append({"id": "background", "clips": [item]})
        rows = [
            (self._clips(layer, True), self._joins(joins, "v", k)) for k, layer in enumerate(layers)
        ]
        sound_rows = [
            (self._clips(layer, False), self._joins(joins, "a", k))
            for k, layer in enumerate(sounds)
        ]
        self._link([p for pieces, _ in rows for p in pieces], sound_rows)
        for k, (pieces, marks) in enumerate(rows):
            made = [Join(*self._place(pieces, *mark)) for mark in marks]
            made = [join for join in made if join.index > 0]
            clips = items_of(pieces, made, self._fps, self.root.losses, f"layer {k}")
            if clips:
                self.made.tracks.append({"id": f"v{k}", "clips": clips})
        if not self.made.tracks:
            self.made.tracks.append({"id": "v0", "clips": [{"color": "black", "duration": "100%"}]})

    def _clips(self, layer: Node, picture: bool) -> list[Piece]:
        out: list[Piece] = []
        if not layer.is_list:
            layer.lose("is no layer")
        for node in layer:
            if not node.is_map:
                node.lose("is no clip")
                continue
            named = node.text("src")
            start, length, offset = (
                node.number(key, low=0, high=10**9) for key in ("start", "dur", "offset")
            )
            stream = node.number("stream", low=0, high=999)
            if start is None or not length or offset is None:
                node.lose("has no start, dur or offset")
                continue
            keys: dict[str, Any] = {}
            if named is None:
                if "src" in node:
                    node.take("src")
                keys["color"] = "black"
                path = ""
            else:
                path = self.files.path(named)
                keys["image" if is_image(path) else "clip"] = self.made.asset(path)
            if stream:
                keys["stream"] = {"video" if picture else "audio": int(stream)}
            effects = [each.value for each in node.sequence("effects")]
            speed = self._actions(node, effects, keys)
            if speed is None:
                continue
            # The offset counts at the clip's own speed.
            source = offset * speed / self._fps
            piece = self._piece(start / self._fps, length / self._fps, source, speed, keys, path)
            if "clip" not in keys:
                piece.source = None
            out.append(piece)
        return sorted(out, key=lambda piece: piece.start)

    def _actions(self, node: Node, actions: list[Any], keys: dict[str, Any]) -> Fraction | None:
        """Apply actions to an item; returns its speed, or None if it is cut out."""
        speed = Fraction(1)
        for action in actions:
            name, _, rest = str(action).partition(":")
            value = _number(rest.split(":")[0])
            match name:
                case "cut":
                    return None
                case "nil":
                    pass
                case "speed" | "varispeed" if value is not None and value > 0:
                    speed *= value
                    if name == "varispeed":
                        keys["pitch"] = "follow"
                case "volume" if value is not None and value >= 0:
                    if value != 1:
                        keys["volume"] = gain(value)
                case "invert":
                    keys.setdefault("grade", []).append({"op": "invert"})
                case "hflip" | "vflip":
                    across = name == "hflip"
                    step = {"op": "flip", "horizontal": across, "vertical": not across}
                    keys.setdefault("effects", []).append(step)
                case "opacity" if value is not None and 0 <= value <= 1:
                    keys["opacity"] = tidy(value)
                case "zoom" if value is not None and 0 < value <= 100:
                    keys["scale"] = tidy(value)
                case "pos":
                    self._pos(node, rest, keys)
                case _:
                    node.note_loss(f"the action {str(action)!r}", "left out", "lost")
        return speed

    def _pos(self, node: Node, rest: str, keys: dict[str, Any]) -> None:
        numbers = [_number(each) for each in rest.split(":")]
        if len(numbers) not in (2, 3) or None in numbers:
            node.note_loss(f"the action 'pos:{rest}'", "left out", "lost")
            return
        x, y = numbers[0] or Fraction(0), numbers[1] or Fraction(0)
        keys.update(fit="none", position=[0, 0], anchor=[0, 0], offset=[tidy(x), tidy(y)])
        if len(numbers) == 3 and numbers[2] is not None and numbers[2] != 1:
            keys["scale"] = tidy(numbers[2])

    def _joins(
        self, node: Node | None, key: str, k: int
    ) -> list[tuple[Fraction, Fraction, Fraction]]:
        """Cuts, and how far a dissolve reaches before and after each."""
        layers = node.sequence(key) if node is not None else []
        out = []
        for each in layers[k] if k < len(layers) else []:
            at, length = each.number("at", low=0), each.number("dur", low=0)
            side, kind = each.text("alignment"), each.text("kind")
            if at is None or not length or kind != "dissolve":
                each.lose("is no dissolve")
                continue
            before = {"start": Fraction(0), "end": length}.get(
                side or "", Fraction(int(length) // 2)
            )
            out.append((at / self._fps, before / self._fps, (length - before) / self._fps))
        return out

    def _place(
        self, pieces: list[Piece], at: Fraction, before: Fraction, after: Fraction
    ) -> tuple[int, Fraction, Fraction]:
        found = next((k for k, piece in enumerate(pieces) if piece.start == at), 0)
        if not found:
            self.root.note_loss(
                f"a transition at {tidy(at)} s, where there is no cut", "left out", "lost"
            )
        return found, before, after

    def _link(self, pictures: list[Piece], sound_rows: list[tuple[list[Piece], list[Any]]]) -> None:
        """Sound that repeats its picture stays with it; other sound becomes audio items."""
        linked: set[int] = set()
        audio: list[Noted] = []
        for pieces, marks in sound_rows:
            for piece in pieces:
                key = _shape(piece)
                match = next(
                    (p for p in pictures if _shape(p) == key and id(p) not in linked), None
                )
                if match is not None:
                    linked.add(id(match))
                    for name in ("volume", "pitch"):
                        if name in piece.keys:
                            match.keys[name] = piece.keys[name]
                    continue
                keys = {k: v for k, v in piece.keys.items() if k in ("volume", "pitch", "stream")}
                if "clip" not in piece.keys or piece.source is None:
                    continue
                made = items_of([_at_zero(piece)], [], self._fps, self.root.losses, "audio")[0]
                start = {"start": f"{int(piece.start * self._fps)}f"} if piece.start else {}
                own = {k: made[k] for k in ("clip", "in", "speed", "duration") if k in made}
                audio.append(noted({**own, **start, **keys}))
            if marks:
                self.root.note_loss(
                    "the dissolves of a layer of sound", "those of its pictures, or cuts"
                )
        for piece in pictures:
            alone = "clip" in piece.keys and id(piece) not in linked
            if alone and self.files.has_sound(piece.file) is not False:
                piece.keys["mute"] = True
        if audio:
            self.made.parts["audio"] = audio


def _at_zero(piece: Piece) -> Piece:
    return Piece(Fraction(0), piece.length, dict(piece.keys), piece.source, piece.speed)


def _shape(piece: Piece) -> tuple[Any, ...]:
    return piece.file, piece.start, piece.end, piece.source, piece.speed


def _ratio(text: str) -> Fraction | None:
    over, _, under = text.partition("/")
    try:
        rate = Fraction(int(over), int(under or 1)) if len(text) < 40 else None
    except (ValueError, ZeroDivisionError):
        return None
    return exact_rate(rate) if rate is not None else None


def _number(text: str) -> Fraction | None:
    try:
        return Fraction(text) if len(text) < 30 and "/" not in text and "e" not in text else None
    except ValueError:
        return None
