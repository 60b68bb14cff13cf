"""editly's edits as specs.

A clip of one layer becomes an item; a clip of several becomes a composition of a track for each
layer, because editly's transitions are between whole clips. editly's transitions are those of
gl-transitions, which vedc draws identically.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

from vedc.interchange.common.draft import Draft, Noted, noted, seconds, tidy
from vedc.interchange.common.files import ForeignFiles
from vedc.interchange.editly.canvas import read_canvas
from vedc.interchange.editly.layers import Layers, Shown
from vedc.interchange.editly.merging import Merged
from vedc.interchange.editly.sound import Sounds
from vedc.interchange.editly.titles import Titles
from vedc.interchange.editly.transitions import read_transition
from vedc.interchange.foreign.node import Node, wrong_file

_DURATION: Final = Fraction(4)
_TYPES: Final = frozenset(
    [
        "video",
        "audio",
        "detached-audio",
        "image",
        "image-overlay",
        "title",
        "subtitle",
        "title-background",
        "news-title",
        "slide-in-text",
        "fill-color",
        "pause",
        "radial-gradient",
        "linear-gradient",
        "rainbow-colors",
        "canvas",
        "fabric",
        "gl",
        "editly-banner",
    ]
)
#: Options that change no picture and no sound.
_TECHNICAL: Final = (
    "verbose", "logTimes", "enableFfmpegLog", "ffmpegPath", "ffprobePath", "keepTmp", "tmpDir",
    "allowRemoteRequests",
)  # fmt: skip


def read(root: Node, files: ForeignFiles) -> Draft:
    """A draft of the edit. Raises SpecError for JSON that is not an editly edit."""
    if not root.is_map or not root.is_map or "clips" not in root:
        raise wrong_file(root, "this is not an editly edit: it has no clips", "name the right file")
    draft = _Reader(root, files).draft()
    root.finish()
    return draft


@dataclass
class _Clip:
    node: Node
    layers: list[Merged]
    shown: list[Shown]
    length: Fraction | None
    """Seconds, where they are known."""
    given: bool = False
    """Whether the clip sets it itself."""
    transition: dict[str, Any] | None = None
    """To the next clip."""
    overlap: Fraction = Fraction(0)
    detached: list[Merged] = field(default_factory=list)
    audio: list[Noted] = field(default_factory=list)


class _Reader:
    def __init__(self, root: Node, files: ForeignFiles) -> None:
        self.root, self.files = root, files
        self.made = Draft()
        self.defaults = root.mapping("defaults")
        clips = root.sequence("clips")
        self.nodes = [node for node in clips if node.is_map]
        for node in clips:
            if not node.is_map:
                node.lose("is no clip")
        canvas, profile = read_canvas(root, files, self._first_video())
        if profile:
            self.made.parts["profile"] = profile
        self.layers = Layers(self.made, files, canvas)
        self.titles = Titles(self.layers)
        self.sounds = Sounds(root, self.made, files, self.layers)

    def _first_video(self) -> str | None:
        for clip in self.nodes:
            found = clip.peek("layers")
            for layer in found if isinstance(found, list) else [found]:
                if isinstance(layer, dict) and layer.get("type") == "video":
                    path = layer.get("path")
                    return self.files.path(path) if isinstance(path, str) and path else None
        return None

    def draft(self) -> Draft:
        clips = [self._clip(node) for node in self.nodes]
        self._transitions(clips)
        self._sound(clips)
        self.sounds.of_film()
        self.sounds.finish()
        items: list[Noted] = []
        for k, clip in enumerate(clips):
            if k and clips[k - 1].transition is not None:
                items.append(noted(clips[k - 1].transition or {}))
            items.append(self._item(clip, f"clip-{k + 1}"))
        self.made.tracks.append({"id": "film", "clips": items})
        self._output()
        for key in _TECHNICAL:
            self.root.drop(key, "is an option of the program", "left out", "note")
        self.root.drop("fast", "makes a draft", "left out: render with --scale 0.5", "note")
        self._rest_of_defaults()
        return self.made

    # Clips

    def _clip(self, node: Node) -> _Clip:
        found = node.take("layers")
        given = [] if found is None else found.items if found.is_list else [found]
        said = node.number("duration", low=0, high=86400) or None
        clip = _Clip(node, [], [], said, said is not None)
        sounds: list[Merged] = []
        first: Shown | None = None
        for each in given:
            if not each.is_map:
                each.lose("is no layer")
                continue
            for layer in self._expanded(each):
                kind = layer.text("type")
                if kind == "detached-audio":
                    clip.detached.append(layer)
                    continue
                if kind == "audio":
                    sounds.append(layer)
                    continue
                shown = self._layer(layer, kind, said if said is not None else _first_length(first))
                if shown is None:
                    continue
                if kind == "video" and first is None:
                    first = shown
                self._window(layer, shown)
                clip.shown.append(shown)
        if said is None:
            clip.length = first.length if first is not None else self._default_length()
        clip.layers = sounds
        if not clip.shown:
            node.note_loss("a clip without a picture that vedc knows", "black")
            clip.shown.append(Shown(noted({"color": "black"})))
        return clip

    def _default_length(self) -> Fraction:
        found = self.defaults.number("duration", low=0.001) if self.defaults is not None else None
        return found or _DURATION

    def _expanded(self, node: Node) -> list[Merged]:
        """A layer with the defaults of its type; some types stand for others."""
        kind = node.peek("type")
        if kind == "title-background":
            background = node.mapping("background")
            title = self._merged(node, "title")
            if background is None:
                node.note_loss("the background, which editly picks at random", "black", "guessed")
                return [title]
            return [self._merged(background, background.peek("type")), title]
        if kind == "pause":
            return [self._merged(node, "fill-color")]
        return [self._merged(node, kind)]

    def _merged(self, node: Node, kind: Any) -> Merged:
        layer = self.defaults.mapping("layer") if self.defaults is not None else None
        types = self.defaults.mapping("layerType") if self.defaults is not None else None
        of_type = types.mapping(kind) if types is not None and isinstance(kind, str) else None
        return Merged(node, of_type, layer)

    def _layer(self, layer: Merged, kind: str | None, wanted: Fraction | None) -> Shown | None:
        match kind:
            case "video":
                return self.layers.video(layer, wanted)
            case "image":
                return self.layers.image(layer)
            case "image-overlay":
                return self.layers.overlay(layer)
            case "fill-color" | "pause":
                return self.layers.color(layer)
            case "linear-gradient":
                return self.layers.linear(layer)
            case "radial-gradient":
                return self.layers.radial(layer)
            case "title" | "title-background":
                return self.titles.title(layer)
            case "subtitle":
                return self.titles.subtitle(layer)
            case "news-title":
                return self.titles.news(layer)
            case "slide-in-text":
                return self.titles.slide(layer)
            case "editly-banner":
                layer.first.lose("is editly's own banner")
            case "gl" | "rainbow-colors":
                layer.first.lose("is drawn by a shader, which a spec cannot hold")
            case "canvas" | "fabric":
                layer.first.lose("is drawn by a program, which a spec cannot hold")
            case _:
                layer.first.lose(f"is a layer of the unknown type {kind!r}")
        return None

    def _window(self, layer: Merged, shown: Shown) -> None:
        start, stop = layer.number("start", low=0), layer.number("stop", low=0)
        layer.drop("layerDuration", "is set by editly itself")
        if start:
            shown.start = start
        if stop:
            shown.stop = stop
            if stop <= shown.start:
                layer.note_loss(f"stop {tidy(stop)}, which is not after start", "left out", "lost")
                shown.stop = None

    # Joins

    def _transitions(self, clips: list[_Clip]) -> None:
        """To the clip after; at most as long as half of either clip."""
        defaults = self.defaults.take("transition") if self.defaults is not None else None
        off = self.defaults is not None and "transition" in self.defaults and defaults is None
        for clip, after in zip(clips, [*clips[1:], None], strict=True):
            own = clip.node.take("transition")
            if after is None or (own is None and ("transition" in clip.node or off)):
                if own is not None:
                    own.keep()  # nothing follows the last clip
                continue
            made = read_transition(Merged(own, defaults if not off else None), clip.node)
            if made is None:
                continue
            keys, wanted = made
            halves = [each.length / 2 for each in (clip, after) if each.length is not None]
            clip.overlap = min([wanted, *halves])
            if clip.overlap < wanted:
                what = f"a transition of {tidy(wanted)} s beside a short clip"
                instead = f"{tidy(clip.overlap)} s, half of the clip, as in editly"
                clip.node.note_loss(what, instead, "note")
            if not clip.overlap:
                continue
            if set(keys) == {"name"}:
                clip.transition = {"transition": keys["name"], "duration": seconds(clip.overlap)}
            else:
                clip.transition = {"transition": {**keys, "duration": seconds(clip.overlap)}}

    def _rest_of_defaults(self) -> None:
        """Defaults for clips and layers count as read if there is no such layer."""
        if self.defaults is None:
            return
        self.defaults.take("duration")
        types = self.defaults.mapping("layerType")
        used = {kind for clip in self.nodes for kind in _types(clip)}
        for kind in () if types is None else types.keys:
            unused = kind in _TYPES and kind not in used
            if unused and types is not None and (each := types.take(kind)) is not None:
                each.keep()  # a default for absent layers

    # Sound and items

    def _sound(self, clips: list[_Clip]) -> None:
        at: Fraction | None = Fraction(0)
        for k, clip in enumerate(clips):
            for layer in clip.detached:
                self.sounds.detached(layer, at, f"clip-{k + 1}")
            clip.audio = self.sounds.of_clip(clip.shown, clip.layers, clip.length)
            at = None if at is None or clip.length is None else at + clip.length - clip.overlap

    def _item(self, clip: _Clip, name: str) -> Noted:
        alone = clip.shown[0]
        simple = (
            alone.start == 0 and alone.stop is None and not alone.edges[0] and alone.edges[1] == 1
        )
        if len(clip.shown) == 1 and simple and not clip.audio:
            keys = dict(alone.keys)
            if clip.length is not None and not {"in", "out"} <= keys.keys():
                keys = _with_length(keys, clip.length)
            made = noted(keys, alone.keys.remark)
        else:
            tracks = [
                {"id": f"layer-{k + 1}", "clips": self._layer_items(shown, clip)}
                for k, shown in enumerate(clip.shown)
            ]
            inner: dict[str, Any] = {"timeline": {"tracks": tracks}}
            if clip.audio:
                inner["audio"] = clip.audio
            made = noted({"composition": inner})
            if clip.length is not None:
                made["duration"] = seconds(clip.length)
        if any(clip.detached) and clip.length is None:
            made["id"] = name
        return made

    def _layer_items(self, shown: Shown, clip: _Clip) -> list[Noted]:
        """A layer of a clip of several, as the items of a track."""
        stop = shown.stop if shown.stop is not None else clip.length
        if stop is None:
            if shown.start:
                return [noted({"gap": seconds(shown.start)}), shown.keys]
            if "clip" not in shown.keys:
                return [noted({**shown.keys, "duration": "100%"}, shown.keys.remark)]
            return [shown.keys]
        length = max(stop - shown.start, Fraction(1, 1000))
        begin = shown.start + length * shown.edges[0]
        seen = length * (shown.edges[1] - shown.edges[0])
        keys = dict(shown.keys)
        for key, part in shown.after:
            keys[key] = {**keys[key], "duration": seconds(seen * part)}
        if not {"in", "out"} <= keys.keys() or shown.start or shown.stop is not None:
            keys = _with_length(keys, seen)
        made = noted(keys, shown.keys.remark)
        if "clip" in keys and shown.length is not None:
            has = shown.length / Fraction(str(keys.get("speed", 1)))
            if has < seen:
                made["on_end"] = "hold"
        items = [noted({"gap": seconds(begin)}), made] if begin else [made]
        rest = stop - begin - seen if shown.edges[1] < 1 else Fraction(0)
        return [*items, noted({"gap": seconds(rest)})] if rest else items

    def _output(self) -> None:
        path = self.root.text("outPath")
        if path:
            name = self.files.path(path)
            self.made.parts["outputs"] = [{"path": name}]
            if name.startswith(("..", "/")):
                self.root.note_loss(
                    f"the output {path}, outside the folder", "render with --allow-path", "note"
                )
        self.root.drop(
            "customOutputArgs", "are arguments of FFmpeg", "left out: see `codec`, `crf`"
        )


def _first_length(first: Shown | None) -> Fraction | None:
    return None if first is None else first.length


def _with_length(keys: dict[str, Any], length: Fraction) -> dict[str, Any]:
    """The keys with a duration after the content."""
    out: dict[str, Any] = {}
    for key, value in keys.items():
        if key != "out":
            out[key] = value
        if key in ("clip", "image", "text", "color", "generator"):
            out["duration"] = seconds(length)
    return out


def _types(clip: Node) -> list[str]:
    found = clip.peek("layers")
    layers = found if isinstance(found, list) else [found]
    return [str(each.get("type")) for each in layers if isinstance(each, dict)]
