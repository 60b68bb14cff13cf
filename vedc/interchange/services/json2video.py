"""JSON2Video's movies as specs (https://json2video.com/docs/v2/api-reference/json-syntax).

Scenes follow one another and hold elements, which lie above one another; a scene is a composition.
Elements of the movie lie above all scenes. A length of -1 is that of the file, -2 that of the
scene or the movie.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

from vedc.interchange.common.draft import Draft, Noted, gain, noted, seconds, tidy
from vedc.interchange.common.files import ForeignFiles, is_url
from vedc.interchange.common.words import exact_rate, rate_value, transition
from vedc.interchange.foreign.node import Node, wrong_file
from vedc.interchange.services.placeholders import fill
from vedc.interchange.services.rows import Timed, rows

SIZES: Final = {
    "sd": (640, 360), "hd": (1280, 720), "full-hd": (1920, 1080), "squared": (1080, 1080),
    "instagram-story": (1080, 1920), "instagram-feed": (1080, 1080),
    "twitter-landscape": (1200, 675), "twitter-portrait": (1080, 1350),
}  # fmt: skip
_FITS: Final = {"cover": "cover", "fill": "stretch", "fit": "contain", "contain": "contain"}
_PLACES: Final = {
    "top-left": "top-left", "top-right": "top-right", "bottom-left": "bottom-left",
    "bottom-right": "bottom-right", "center-center": "center", "center": "center",
    "top-center": "top", "bottom-center": "bottom", "center-left": "left", "center-right": "right",
}  # fmt: skip
_MADE: Final = ("component", "voice", "subtitles", "html", "audiogram", "template")
_STILL: Final = Fraction(5)


def read(root: Node, files: ForeignFiles) -> Draft:
    """A draft of the movie. Raises SpecError for JSON that is not a movie."""
    if not root.is_map or not {"scenes", "elements"} & set(root.keys):
        hint = "name a file with `scenes`"
        raise wrong_file(root, "this is not a JSON2Video movie: it has no scenes", hint)
    fill(root, {}, "variables")
    reader = _Reader(root, files)
    reader.movie()
    root.finish()
    return reader.made


class _Reader:
    def __init__(self, root: Node, files: ForeignFiles) -> None:
        self.root, self.files, self.made = root, files, Draft()
        self.size = (1920, 1080)

    def movie(self) -> None:
        self._canvas()
        scenes = [self._scene(node, k) for k, node in enumerate(self.root.sequence("scenes"))]
        items: list[Noted] = []
        for scene in scenes:
            if scene is not None:
                items += scene if items else scene[-1:]
        if items:
            self.made.tracks.append({"id": "scenes", "clips": items})
        shown, audio = self._elements(self.root, None, "movie")
        self.made.tracks += shown
        if audio:
            self.made.parts["audio"] = audio
        if not self.made.tracks:
            self.root.note_loss("a movie without pictures", "a second of black", "guessed")
            black = noted({"color": "black", "duration": "1s"})
            self.made.tracks.append({"id": "scenes", "clips": [black]})
        for key in ("id", "project", "project_id", "comment", "cache", "client-data", "client_data",
                    "exports", "draft", "quality"):  # fmt: skip
            self.root.drop(key, "is for the service", "left out", "note")
        self.root.drop("template", "names a template of the service")

    def _canvas(self) -> None:
        name = self.root.text("resolution")
        width, height = (self.root.number(key, low=2, high=16384) for key in ("width", "height"))
        if name not in (None, "custom") and name not in SIZES:
            self.root.note_loss(f"the resolution {name!r}", "full-hd")
        size = SIZES.get(name or "full-hd", SIZES["full-hd"])
        if width is not None and height is not None and name in (None, "custom"):
            size = int(width), int(height)
        given = self.root.number("fps", low=1, high=240)
        rate = exact_rate(given) if given is not None else None
        self.size = size
        self.made.parts["profile"] = {
            "width": size[0] + size[0] % 2,
            "height": size[1] + size[1] % 2,
            "fps": rate_value(rate or Fraction(25)),
        }

    def _scene(self, node: Node, number: int) -> list[Noted] | None:
        """A scene, behind the transition that leads to it."""
        if not node.is_map:
            node.lose("is no scene")
            return None
        said = node.number("duration")
        length = said if said is not None and said > 0 else None
        shown, audio = self._elements(node, length, f"scene {number + 1}")
        ground = node.text("background-color")
        tracks: list[dict[str, Any]] = []
        if ground or not shown:
            lasts = {"duration": seconds(length)} if length is not None else {"duration": "100%"}
            if not shown and length is None:
                lasts = {"duration": seconds(_STILL)}
                node.note_loss("the length of an empty scene", f"{float(_STILL):g} s", "guessed")
            color = noted({"color": ground or "#000000", "start": "0s", **lasts})
            tracks.append({"id": "ground", "clips": [color]})
        inner: dict[str, Any] = {"timeline": {"tracks": [*tracks, *shown]}}
        if audio:
            inner["audio"] = audio
        keys: dict[str, Any] = {"composition": inner}
        if length is not None:
            keys["duration"] = seconds(length)
        for key in ("id", "comment", "cache"):
            node.drop(key, "is for the service", "left out", "note")
        node.drop("condition", "says when a scene is shown", "shown always")
        node.drop("iterate", "repeats a scene", "shown once")
        return [*self._join(node), noted(keys, node.plain().get("comment") or "")]

    def _join(self, node: Node) -> list[Noted]:
        said = node.mapping("transition")
        if said is None:
            return []
        style = said.text("style") or "fade"
        lasts = said.number("duration", low=0, high=60)
        said.take("type")
        found = transition(f"xfade:{style}") or transition(style)
        if found is None:
            said.note_loss(f"the transition {style!r}", "a dissolve of the same length")
        if lasts == 0:
            return []
        length = seconds(lasts if lasts is not None else Fraction(1))
        return [noted({"transition": found or "dissolve", "duration": length})]

    # Elements

    def _elements(
        self, node: Node, length: Fraction | None, name: str
    ) -> tuple[list[dict[str, Any]], list[Noted]]:
        """The tracks and the sounds of a scene or of the movie."""
        found: list[tuple[Fraction, Timed]] = []
        audio: list[Noted] = []
        for element in node.sequence("elements"):
            made = self._element(element, length) if element.is_map else None
            if made is None:
                if not element.is_map:
                    element.lose("is no element")
                continue
            level = element.number("z-index", low=-1000, high=1000) or Fraction(0)
            if "is_audio" in made.keys:
                audio.append(self._sounding(made))
            else:
                found.append((level, made))
        found.sort(key=lambda each: each[0])
        tracks: list[dict[str, Any]] = []
        prefix = name.replace(" ", "-")
        for k, (_, made) in enumerate(found):
            tracks += rows([made], f"{prefix}-{k + 1}")
        return tracks, audio

    def _sounding(self, made: Timed) -> Noted:
        keys = {k: v for k, v in made.keys.items() if k != "is_audio"}
        out: dict[str, Any] = {"clip": keys.pop("clip")}
        if made.start:
            out["start"] = seconds(made.start)
        if made.length is not None:
            out["duration"] = seconds(made.length)
        return noted({**out, **keys})

    def _element(self, node: Node, scene: Fraction | None) -> Timed | None:
        kind = node.text("type") or ""
        if kind in _MADE:
            node.lose(f"is a {kind}, which only the service can make")
            return None
        keys: dict[str, Any]
        if kind in ("video", "audio"):
            path = self._src(node)
            if path is None:
                return None
            keys = {"clip": self.made.asset(path), **self._played(node)}
            if kind == "audio":
                keys["is_audio"] = True
        elif kind == "image":
            path = self._src(node)
            if path is None:
                return None
            keys = {"image": self.made.asset(path)}
        elif kind == "text":
            keys = self._text(node)
        else:
            node.lose(f"is of the unknown type {kind!r}")
            return None
        start = node.number("start", low=0, high=86400) or Fraction(0)
        said = node.number("duration", low=-2, high=86400)
        extra = node.number("extra-time", low=0)
        length, to_end = self._length(node, said, scene, start, "clip" in keys)
        if extra:
            node.note_loss("the extra-time of an element", "left out", "lost")
        self._fades(node, keys, "is_audio" in keys)
        if "is_audio" not in keys:
            self._placed(node, keys, kind)
            self._looks(node, keys)
        for key in ("id", "comment", "cache"):
            node.drop(key, "is for the service", "left out", "note")
        node.drop("condition", "says when an element is shown", "shown always")
        return Timed(keys, start, length, to_end)

    def _length(
        self,
        node: Node,
        said: Fraction | None,
        scene: Fraction | None,
        start: Fraction,
        timed: bool,
    ) -> tuple[Fraction | None, bool]:
        if said is not None and said > 0:
            return said, False
        if said == -2 or not timed:
            if scene is not None:
                return max(scene - start, Fraction(1, 25)), False
            if said != -2 and not timed:
                node.note_loss(
                    "the length of what has none of its own", f"{float(_STILL):g} s", "guessed"
                )
                return _STILL, False
            return None, True
        return None, False

    def _src(self, node: Node) -> str | None:
        named = node.text("src")
        if not named:
            node.lose("names no file")
            return None
        path = self.files.path(named)
        if is_url(path):
            node.note_loss(path, "fetched by the render, with --allow-network only", "note")
        return path

    def _played(self, node: Node) -> dict[str, Any]:
        keys: dict[str, Any] = {}
        seek = node.number("seek", low=0, high=86400)
        if seek:
            keys["in"] = seconds(seek)
        loop = node.number("loop", low=-1, high=1000)
        if loop == -1:
            keys["loop"] = True
        elif loop is not None and loop > 1:
            keys["loop"] = int(loop)
        volume = node.number("volume", low=0, high=100)
        if volume is not None and volume != 1:
            keys["volume"] = gain(volume)
        if node.flag("muted"):
            keys["mute"] = True
        return keys

    def _fades(self, node: Node, keys: dict[str, Any], sound: bool) -> None:
        for key, side, edge in (("fade-in", "fade_in", "enter"), ("fade-out", "fade_out", "exit")):
            lasts = node.number(key, low=0, high=3600)
            if not lasts:
                continue
            if sound:
                keys[side] = seconds(lasts)
            else:
                keys[edge] = {"preset": "dissolve", "duration": seconds(lasts)}

    def _text(self, node: Node) -> dict[str, Any]:
        keys: dict[str, Any] = {"text": node.text("text") or " "}
        style = node.text("style")
        if style not in (None, "001"):
            node.note_loss(f"the style {style!r} of a text", "a text that stands still")
        settings = node.mapping("settings")
        if settings is None:
            return keys
        if (size := settings.take("font-size")) is not None:
            keys["size"] = self._css_size(size)
        for key, own in (
            ("font-color", "color"),
            ("color", "color"),
            ("background-color", "background"),
        ):
            color = settings.text(key)
            if color is not None and color != "transparent":
                keys[own] = color
        if (family := settings.text("font-family")) is not None:
            settings.note_loss(f"the font {family!r}", "vedc's own; set `font` if you have it")
        align = settings.text("text-align")
        if align in ("left", "right"):
            keys["align"] = align
        across = settings.text("horizontal-position") or settings.text("horizontal-align")
        down = settings.text("vertical-position") or settings.text("vertical-align")
        place = [each for each in (down, across) if each in ("top", "bottom", "left", "right")]
        if place:
            keys["position"] = "-".join(place)
        return keys

    def _css_size(self, node: Node) -> Any:
        width, height = self.size
        smaller = min(width, height)
        text = str(node.short).strip().lower()
        units = {"px": 1.0, "vw": width / 100, "vh": height / 100, "vmin": smaller / 100}
        for unit, factor in units.items():
            try:
                if text.endswith(unit):
                    return max(1, tidy(float(text.removesuffix(unit)) * factor, 2))
            except ValueError:
                break
        if node.is_number and 0 < node.value <= 4096:
            return tidy(node.value)
        node.lose("is no size", "6% of the smaller side")
        return "6%"

    def _placed(self, node: Node, keys: dict[str, Any], kind: str) -> None:
        fit = node.text("resize")
        width, height = (node.number(key, low=-1, high=16384) for key in ("width", "height"))
        x, y = (node.number(key, low=-16384, high=16384) for key in ("x", "y"))
        place = node.text("position")
        sized = [side if side is not None and side > 0 else None for side in (width, height)]
        if kind == "text":
            if sized[0] is not None and sized[1] is not None:
                keys["box"] = {"width": tidy(sized[0]), "height": tidy(sized[1])}
        elif fit in _FITS and sized == [None, None]:
            keys["fit"] = _FITS[fit]
        elif sized == [None, None]:
            keys["fit"] = "none"
        else:
            keys["fit"] = _FITS.get(fit or "", "stretch" if None not in sized else "contain")
            for key, side in zip(("width", "height"), sized, strict=True):
                if side is not None:
                    keys[key] = tidy(side)
        if fit is not None and fit not in _FITS:
            node.note_loss(f"the resize {fit!r}", keys.get("fit", "left out"))
        if place in _PLACES:
            keys["position"] = _PLACES[place]
            keys.setdefault("margin", 0)
        elif place not in (None, "custom"):
            node.note_loss(f"the position {place!r}", "the upper left corner")
        if place in _PLACES:
            if x or y:
                node.note_loss(
                    "x and y", f"left out: they do nothing beside the position {place}", "note"
                )
            return
        if (kind != "text" and keys.get("fit") not in ("cover", "stretch")) or (
            place == "custom" or x is not None or y is not None
        ):
            keys["position"], keys["anchor"] = [0, 0], [0, 0]
        if x or y:
            keys["offset"] = [tidy(x or 0), tidy(y or 0)]

    def _looks(self, node: Node, keys: dict[str, Any]) -> None:
        rotate, crop, key = (node.mapping(name) for name in ("rotate", "crop", "chroma-key"))
        if rotate is not None:
            angle = rotate.number("angle", low=-36000, high=36000)
            rotate.drop("speed", "says how fast it turns", "it does not turn")
            if angle:
                keys["rotation"] = tidy(angle)
        flips = {axis: node.flag(f"flip-{axis}") or False for axis in ("horizontal", "vertical")}
        if any(flips.values()):
            keys.setdefault("effects", []).append({"op": "flip", **flips})
        if crop is not None:
            sides = {
                name: crop.number(name, low=0, high=32768) for name in ("x", "y", "width", "height")
            }
            if sides["width"] and sides["height"]:
                keys["crop"] = {name: f"{tidy(value or 0)}px" for name, value in sides.items()}
        if key is not None:
            color = key.text("color") or "#00ff00"
            key.number("tolerance")
            key.note_loss("the tolerance of a chroma key", "that of vedc's own key")
            keys.setdefault("effects", []).append({"op": "chroma_key", "color": color})
        correction = node.mapping("correction")
        if correction is not None:
            for name, op in (("contrast", "contrast"), ("saturation", "saturation")):
                amount = correction.number(name, low=0.001, high=4)
                if amount is not None and amount != 1:
                    keys.setdefault("grade", []).append({"op": op, "amount": tidy(amount)})
            bright = correction.number("brightness", low=-1, high=1)
            if bright:
                keys.setdefault("grade", []).append({"op": "brightness", "amount": tidy(bright)})
            gamma = correction.number("gamma", low=0.1, high=10)
            if gamma is not None and gamma != 1:
                correction.note_loss("a gamma", "left out", "lost")
            correction.note_loss("a correction of colours", "vedc's ops of these names")
        zoom = node.number("zoom", low=-10, high=10)
        if zoom:
            last = max(Fraction(1, 10), 1 + abs(zoom) / 10)
            ends = [1, tidy(last)] if zoom > 0 else [tidy(last), 1]
            times = ("0%", "100%")
            points = [{"time": t, "value": v} for t, v in zip(times, ends, strict=True)]
            keys["scale"] = {"keyframes": points}
            node.note_loss("how far a zoom goes", "a tenth for each step", "guessed")
        for name in ("pan", "pan-distance", "pan-crop", "mask"):
            node.drop(name, "moves or masks an element")
