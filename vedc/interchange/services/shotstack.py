"""Shotstack's edits as specs (https://shotstack.io/docs/api).

The first track of Shotstack is on top, the first of a spec at the bottom. Transitions belong to
clips there: they become ``enter`` and ``exit``.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

from vedc.interchange.common.draft import Draft, gain, noted, seconds, tidy
from vedc.interchange.common.files import ForeignFiles
from vedc.interchange.common.words import exact_rate, rate_value
from vedc.interchange.foreign.node import Node, wrong_file
from vedc.interchange.services import shotstack_words as words
from vedc.interchange.services.placeholders import fill
from vedc.interchange.services.rows import Timed, rows
from vedc.interchange.services.shotstack_clips import Assets

_RATIOS: Final = {"16:9": (16, 9), "9:16": (9, 16), "1:1": (1, 1), "4:5": (4, 5), "4:3": (4, 3)}


def read(root: Node, files: ForeignFiles) -> Draft:
    """A draft of the edit. Raises SpecError for JSON that is not a Shotstack edit."""
    timeline = root.mapping("timeline") if root.is_map else None
    if timeline is None:
        hint = "name a file with `timeline` and `output`"
        raise wrong_file(root, "this is not a Shotstack edit: it has no timeline", hint)
    _merge(root)
    reader = _Reader(root, timeline, files)
    reader.output(root.mapping("output"))
    reader.tracks()
    reader.sound()
    for key in ("callback", "disk", "id"):
        root.drop(key, "is for the service", "left out", "note")
    root.finish()
    return reader.made


def _merge(root: Node) -> None:
    """Fill in the merge fields."""
    values: dict[str, Any] = {}
    for node in root.sequence("merge"):
        name, value = node.text("find"), node.take("replace")
        if name is not None and value is not None:
            values[name] = value.keep().value
    if values:
        root.note_loss("the merge fields", "filled in with the values that they have here", "note")
        fill(root, values)


class _Reader:
    def __init__(self, root: Node, timeline: Node, files: ForeignFiles) -> None:
        self.root, self.timeline, self.files = root, timeline, files
        self.made = Draft()
        self.assets = Assets(self.made, files)
        self.audio: list[Any] = []

    def output(self, node: Node | None) -> None:
        if node is None:
            self.root.note_loss("the output, which is missing", "1280 x 720 at 25", "guessed")
            self.made.parts["profile"] = {"width": 1280, "height": 720, "fps": 25}
            return
        name = node.text("resolution")
        if name is not None and name not in words.SIZES:
            node.note_loss(f"the resolution {name!r}", "hd")
        width, height, fps = words.SIZES.get(name or "hd", words.SIZES["hd"])
        ratio = node.text("aspectRatio") or "16:9"
        across, down = _RATIOS.get(ratio, (16, 9))
        if ratio not in _RATIOS:
            node.note_loss(f"the aspectRatio {ratio!r}", "16:9")
        if (across, down) == (9, 16):
            width, height = height, width
        elif (across, down) != (16, 9):
            width = 2 * round(height * across / down / 2)
        size = node.mapping("size")
        if size is not None:
            width = int(size.number("width", low=2, high=16384) or width)
            height = int(size.number("height", low=2, high=16384) or height)
        given = node.number("fps", low=1, high=240)
        rate = exact_rate(given) if given is not None else None
        self.made.parts["profile"] = {
            "width": width + width % 2,
            "height": height + height % 2,
            "fps": rate_value(rate or Fraction(fps)),
        }
        self.assets.size = (width, height)
        form = node.text("format") or "mp4"
        if form not in ("mp4", "gif", "jpg", "png", "mp3"):
            node.note_loss(f"the format {form!r}", "mp4")
            form = "mp4"
        out: dict[str, Any] = {"path": f"out/film.{form}"}
        if form in ("jpg", "png"):
            out["at"] = "0s"
        self.made.parts["outputs"] = [out]
        if node.flag("mute"):
            self.made.parts["master"] = {"volume": "0%"}
        repeat = node.flag("repeat")
        if repeat is not None and form == "gif":
            self.made.parts["outputs"][0]["loop"] = repeat
        span = node.mapping("range")
        if span is not None:
            start, length = span.number("start", low=0), span.number("length", low=0)
            first = f"--from {float(start or 0):g}s"
            last = "" if length is None else f" --to {float((start or 0) + length):g}s"
            span.note_loss("the range to render", f"left out: render with {first}{last}", "note")
        node.drop("scaleTo", "is the size to render at", "left out: render with --scale", "note")
        node.drop("quality", "is for the service", "left out: see `crf`", "note")
        node.drop("destinations", "is for the service", "left out", "note")
        for key in ("poster", "thumbnail"):
            picture = node.mapping(key)
            if picture is not None:
                self._picture(picture, key, (width, height))

    def _picture(self, node: Node, name: str, size: tuple[int, int]) -> None:
        """A frame of the film as a separate output, perhaps smaller."""
        out: dict[str, Any] = {"path": f"out/{name}.jpg"}
        out["at"] = seconds(node.number("capture", low=0, high=86400) or Fraction(0))
        scale = node.number("scale", low=0.01, high=1)
        if scale is not None and scale != 1:
            for key, side in zip(("width", "height"), size, strict=True):
                out[key] = max(2, 2 * round(side * scale / 2))
        self.made.parts["outputs"].append(out)

    def tracks(self) -> None:
        found = [track for track in self.timeline.sequence("tracks") if track.is_map]
        background = self.timeline.text("background")
        if background and background.lower() not in ("#000", "#000000"):
            item = noted({"color": background, "start": "0s", "duration": "100%"})
            self.made.tracks.append({"id": "background", "clips": [item]})
        for k, track in enumerate(reversed(found)):
            items = self._clips(track)
            self.made.tracks += rows(items, f"track-{len(found) - k}")
        for track in self.timeline.sequence("tracks"):
            if not track.is_map:
                track.lose("is no track")
        fonts = self.timeline.sequence("fonts")
        for font in fonts:
            font.lose("is a font to fetch", "left out: see `font`")
        self.timeline.drop("cache", "is for the service", "left out", "note")
        if not self.made.tracks:
            self.root.note_loss("a film without pictures", "a second of black", "guessed")
            self.made.tracks.append(
                {"id": "empty", "clips": [{"color": "black", "duration": "1s"}]}
            )

    def _clips(self, track: Node) -> list[Timed]:
        out: list[Timed] = []
        at: Fraction | None = Fraction(0)
        for clip in track.sequence("clips"):
            if not clip.is_map:
                clip.lose("is no clip")
                continue
            start = self._time(clip, "start", at)
            found = self.assets.clip(clip, start)
            if found is None:
                continue
            end = None
            if start is not None and found.length is not None and not found.to_end:
                end = start + found.length
            at = end
            if found.keys.get("is_audio"):
                self._sounding(found, start)
            elif "captions" in found.keys:
                self.made.parts.setdefault("captions", []).append(found.keys["captions"])
            else:
                out.append(found)
        if any(each.start is None for each in out):
            return out
        return sorted(out, key=lambda each: each.start or Fraction(0))

    def _time(self, clip: Node, key: str, auto: Fraction | None) -> Fraction | None:
        node = clip.peek(key)
        if node is None or node == "auto":
            clip.take(key)
            return auto
        if isinstance(node, str) and not _is_number(node):
            clip.note_loss(f"the {key} {node!r}", "after the clip before")
            clip.take(key)
            return auto
        return clip.number(key, low=0, high=86400)

    def _sounding(self, found: Timed, start: Fraction | None) -> None:
        keys = {k: v for k, v in found.keys.items() if k != "is_audio"}
        made: dict[str, Any] = {"clip": keys.pop("clip")}
        if start:
            made["start"] = seconds(start)
        if found.length is not None:
            made["duration"] = seconds(found.length)
        self.audio.append(noted({**made, **keys}))

    def sound(self) -> None:
        track = self.timeline.mapping("soundtrack")
        if track is not None:
            named = track.text("src")
            keys: dict[str, Any] = {}
            volume = track.number("volume", low=0, high=100)
            if volume is not None and volume != 1:
                keys["volume"] = gain(volume)
            keys.update(self.assets.fades(track, "effect"))
            if named:
                self.audio.insert(
                    0, noted({"clip": self.made.asset(self.files.path(named)), **keys})
                )
        if self.audio:
            self.made.parts["audio"] = self.audio


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


__all__ = ["read", "tidy"]
