"""The clips of Shotstack and what they show."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

from vedc.interchange.common.draft import Draft, gain, seconds, tidy
from vedc.interchange.common.files import ForeignFiles, is_url
from vedc.interchange.foreign.node import Node
from vedc.interchange.services import shotstack_texts as texts
from vedc.interchange.services import shotstack_words as words
from vedc.interchange.services.rows import Timed

#: Seconds of the fades of ``volumeEffect``, and of items without their own length.
_FADE: Final = Fraction(2)
_STILL: Final = Fraction(3)


class Assets:
    """Reads clips."""

    def __init__(self, made: Draft, files: ForeignFiles) -> None:
        self.made, self.files = made, files
        self.size = (1280, 720)

    def clip(self, clip: Node, start: Fraction | None) -> Timed | None:
        """A clip as an item; the sound of an audio asset has the key ``is_audio``."""
        asset = clip.mapping("asset")
        if asset is None:
            clip.lose("has no asset")
            return None
        kind = asset.text("type") or ""
        readers: dict[str, Callable[[Node, Node], dict[str, Any] | None]] = {
            "video": self._video, "image": self._image, "audio": self._audio, "text": self._text,
            "title": self._title, "html": self._html, "caption": self._caption,
            "shape": self._shape,
        }  # fmt: skip
        if kind not in readers:
            why = "masks a clip by its lightness" if kind == "luma" else f"is of the type {kind!r}"
            asset.lose(f"{why}, which a spec cannot hold")
            clip.keep()
            return None
        keys = readers[kind](asset, clip)
        if keys is None:
            clip.keep()
            return None
        length, to_end = self._length(clip, keys)
        fading = [key for key in ("fade_in", "fade_out") if key in keys]
        for side in fading:
            if length is not None:
                keys[side] = seconds(min(_FADE, length / len(fading)))
        if kind in ("audio", "caption"):
            for key in ("fit", "scale", "position", "offset", "transition", "effect", "filter",
                        "opacity", "transform"):  # fmt: skip
                clip.drop(key, f"does nothing to {kind}", "left out", "note")
            clip.take("alias")
            if kind == "caption" and start:
                keys["captions"]["offset"] = seconds(start)
            return Timed(keys, start, length, to_end)
        self._placed(clip, keys, kind)
        self._moved(clip, keys)
        self._looks(clip, keys)
        self._edges(clip, keys, length)
        clip.drop("alias", "names a clip for others", "left out", "note")
        return Timed(keys, start, length, to_end)

    def _length(self, clip: Node, keys: dict[str, Any]) -> tuple[Fraction | None, bool]:
        said = clip.peek("length")
        if said == "end":
            clip.take("length")
            return None, True
        if said is None or said == "auto" or (isinstance(said, str) and not said[:1].isdigit()):
            node = clip.take("length")
            if node is not None and said != "auto":
                node.note_loss(f"the length {said!r}", "as long as its file")
            if "clip" in keys:
                return None, False
            clip.note_loss(
                "the length of what has none of its own", f"{float(_STILL):g} s", "guessed"
            )
            return _STILL, False
        found = clip.number("length", low=0.001, high=86400)
        return (found or _STILL), False

    # Kinds

    def _src(self, asset: Node) -> str | None:
        named = asset.text("src")
        if not named:
            asset.lose("names no file")
            return None
        path = self.files.path(named)
        if is_url(path):
            asset.note_loss(path, "fetched by the render, with --allow-network only", "note")
        return path

    def _video(self, asset: Node, clip: Node) -> dict[str, Any] | None:
        path = self._src(asset)
        if path is None:
            return None
        keys: dict[str, Any] = {"clip": self.made.asset(path), **self._played(asset)}
        keys.update(self._level(asset), **self.fades(asset, "volumeEffect"))
        self._crop(asset, keys)
        key = asset.mapping("chromaKey")
        if key is not None:
            color = key.text("color") or "#00ff00"
            key.number("threshold")
            key.number("halo")
            key.note_loss("the threshold and the halo of a chroma key", "those of vedc's own key")
            keys["effects"] = [{"op": "chroma_key", "color": color}]
        asset.drop("transcode", "is for the service", "left out", "note")
        return keys

    def _image(self, asset: Node, clip: Node) -> dict[str, Any] | None:
        path = self._src(asset)
        if path is None:
            return None
        keys: dict[str, Any] = {"image": self.made.asset(path)}
        self._crop(asset, keys)
        return keys

    def _audio(self, asset: Node, clip: Node) -> dict[str, Any] | None:
        path = self._src(asset)
        if path is None:
            return None
        keys: dict[str, Any] = {"clip": self.made.asset(path), "is_audio": True}
        keys.update(self._played(asset), **self._level(asset))
        key = "volumeEffect" if "volumeEffect" in asset else "effect"
        return {**keys, **self.fades(asset, key)}

    def _played(self, asset: Node) -> dict[str, Any]:
        keys: dict[str, Any] = {}
        trim = asset.number("trim", low=0, high=86400)
        if trim:
            keys["in"] = seconds(trim)
        speed = asset.number("speed", low=0, high=100)
        if speed == 0:
            asset.note_loss("the speed 0", "the frame is held")
            keys["freeze"] = keys.pop("in", "0s")
        elif speed is not None and speed != 1:
            keys["speed"] = tidy(speed, 9)
        return keys

    def _level(self, asset: Node) -> dict[str, Any]:
        value = self._tweened(asset, "volume", gain)
        return {} if value in (None, "100%") else {"volume": value}

    def fades(self, node: Node, key: str) -> dict[str, Any]:
        effect = node.text(key)
        if effect is None:
            return {}
        sides = {"fadeIn": ("in",), "fadeOut": ("out",), "fadeInFadeOut": ("in", "out")}.get(effect)
        if sides is None:
            node.note_loss(f"the effect {effect!r} of a sound", "left out", "lost")
            return {}
        node.note_loss("the length of a fade of sound", seconds(_FADE), "guessed")
        return {f"fade_{side}": seconds(_FADE) for side in sides}

    def _crop(self, asset: Node, keys: dict[str, Any]) -> None:
        crop = asset.mapping("crop")
        if crop is None:
            return
        sides = [
            crop.number(s, low=0, high=1) or Fraction(0) for s in ("left", "top", "right", "bottom")
        ]
        if sides[0] + sides[2] >= 1 or sides[1] + sides[3] >= 1:
            crop.lose("leaves nothing")
        elif any(sides):
            keys["crop"] = [f"{float(tidy(side * 100)):g}%" for side in sides]

    def _text(self, asset: Node, clip: Node) -> dict[str, Any] | None:
        return texts.text(asset)

    def _title(self, asset: Node, clip: Node) -> dict[str, Any] | None:
        keys = texts.title(asset)
        if keys is not None:
            self._offset(asset, keys)
        return keys

    def _shape(self, asset: Node, clip: Node) -> dict[str, Any] | None:
        return texts.shape(asset)

    def _html(self, asset: Node, clip: Node) -> dict[str, Any] | None:
        return texts.markup(asset)

    def _caption(self, asset: Node, clip: Node) -> dict[str, Any] | None:
        path = self._src(asset)
        if path is None:
            return None
        made: dict[str, Any] = {"src": path, "burn": True}
        for key in ("font", "background", "margin"):
            if (node := asset.take(key)) is not None:
                node.lose("styles captions", "vedc's own style")
        trim = asset.number("trim", low=0)
        if trim:
            asset.note_loss("the trim of captions", "left out", "lost")
        asset.drop("speed", "changes the pace of captions")
        return {"captions": made}

    # Where it is and how it looks

    def _placed(self, clip: Node, keys: dict[str, Any], kind: str) -> None:
        picture = kind in ("video", "image")
        fit = clip.text("fit")
        sides = {side: clip.number(side, low=1, high=16384) for side in ("width", "height")}
        scale, moving = Fraction(1), None
        if isinstance(clip.peek("scale"), list):
            moving = self._tweened(clip, "scale", tidy)
        else:
            scale = clip.number("scale", low=0, high=100) or Fraction(1)
        if fit is not None and fit not in words.FITS:
            clip.note_loss(f"the fit {fit!r}", "crop")
        own = words.FITS.get(fit or "crop", "cover")
        if picture:
            keys["fit"] = own
            if any(sides.values()):
                keys.update({side: tidy(size * scale) for side, size in sides.items() if size})
            elif scale != 1 and own in ("cover", "stretch"):
                keys["width"] = keys["height"] = f"{tidy(scale * 100)}%"
            elif scale != 1:
                keys["scale"] = tidy(scale)
        else:
            if scale != 1:
                keys["scale"] = tidy(scale)
            if kind == "text" and "box" not in keys and all(sides.values()):
                keys["box"] = {side: tidy(size) for side, size in sides.items() if size}
            elif any(sides.values()):
                clip.note_loss(f"the size of a clip of the type {kind}", "left out", "lost")
        if moving is not None:
            keys["scale"] = moving
        place = clip.text("position")
        if place is not None:
            if place not in words.PLACES:
                clip.note_loss(f"the position {place!r}", "the centre")
            keys["position"] = words.PLACES.get(place, "center")
        if not picture:
            keys.setdefault("margin", 0)
        self._offset(clip, keys)

    def _offset(self, clip: Node, keys: dict[str, Any]) -> None:
        offset = clip.mapping("offset")
        if offset is None:
            return
        x, y = offset.take("x"), offset.take("y")
        for side in (x, y):
            if side is not None and side.is_list:
                side.lose("moves the offset of one side", "left out: see keyframes of `offset`")
        pair = [node.value if node is not None and node.is_number else 0 for node in (x, y)]
        for node in (x, y):
            if node is not None and not (node.is_number or node.is_list):
                node.lose("is no number")
        if any(pair):
            keys["offset"] = [f"{tidy(pair[0] * 100)}%", f"{tidy(-pair[1] * 100)}%"]

    def _moved(self, clip: Node, keys: dict[str, Any]) -> None:
        transform = clip.mapping("transform")
        if transform is not None:
            rotate, flip = transform.mapping("rotate"), transform.mapping("flip")
            if rotate is not None:
                angle = self._tweened(rotate, "angle", tidy)
                if angle:
                    keys["rotation"] = angle
            if flip is not None:
                ways = [axis for axis in ("horizontal", "vertical") if flip.flag(axis)]
                if ways:
                    sides = {axis: axis in ways for axis in ("horizontal", "vertical")}
                    keys.setdefault("effects", []).append({"op": "flip", **sides})
            if (skew := transform.take("skew")) is not None:
                skew.lose("skews a clip")
        effect = clip.text("effect")
        if effect is None:
            return
        name, speed = _speed(effect)
        reach = {"": Fraction(1, 5), "Fast": Fraction(2, 5), "Slow": Fraction(1, 10)}[speed]
        if name in ("zoomIn", "zoomOut") and "scale" not in keys:
            ends = [Fraction(1), 1 + reach]
            keys["scale"] = _between(*(tidy(e) for e in (ends if name == "zoomIn" else ends[::-1])))
        elif name in ("slideLeft", "slideRight", "slideUp", "slideDown") and not (
            {"offset", "scale"} & keys.keys()
        ):
            way = {"Left": (-1, 0), "Right": (1, 0), "Up": (0, -1), "Down": (0, 1)}[name[5:]]
            ends = [[f"{tidy(s * w * reach * 50)}%" for w in way] for s in (-1, 1)]  # type: ignore[misc]
            keys["scale"] = tidy(1 + reach)
            keys["offset"] = _between(*ends)
        else:
            clip.note_loss(f"the effect {effect!r}", "left out", "lost")
            return
        clip.note_loss(f"how far the effect {effect!r} moves", "about as far")

    def _looks(self, clip: Node, keys: dict[str, Any]) -> None:
        name = clip.text("filter")
        if name is not None and name not in words.FILTERS and name != "none":
            clip.note_loss(f"the filter {name!r}", "left out", "lost")
        elif name is not None and name != "none":
            key, steps, exact = words.FILTERS[name]
            keys.setdefault(key, []).extend(dict(step) for step in steps)
            if not exact:
                clip.note_loss(f"how strong the filter {name!r} is", "about as strong")
        opacity = self._tweened(clip, "opacity", tidy)
        if opacity not in (None, 1):
            keys["opacity"] = opacity

    def _edges(self, clip: Node, keys: dict[str, Any], length: Fraction | None) -> None:
        transition = clip.mapping("transition")
        if transition is None:
            return
        sides = [side for side in ("in", "out") if side in transition]
        for side in sides:
            said = transition.text(side)
            if said is None or said == "none":
                continue
            name, speed = _speed(said)
            found, same = words.TRANSITIONS.get(name, ({"preset": "dissolve"}, False))
            if not same:
                transition.note_loss(
                    f"the transition {said!r}", f"{found['preset']} of the same length"
                )
            lasts = words.SPEEDS[speed]
            if length is not None:
                lasts = min(lasts, length / len(sides))
            keys["enter" if side == "in" else "exit"] = {**found, "duration": seconds(lasts)}

    def _tweened(self, node: Node, key: str, text: Callable[[Fraction], Any]) -> Any:
        """A number, or tweens as keyframes."""
        found = node.take(key)
        if found is None:
            return None
        if found.is_number:
            return text(Fraction(found.value))
        points: list[dict[str, Any]] = []
        for tween in found.items:
            first, last = tween.number("from"), tween.number("to")
            start, length = tween.number("start", low=0), tween.number("length", low=0)
            curve = tween.text("interpolation")
            easing = tween.text("easing")
            if first is None or last is None or not length:
                tween.lose("is no tween")
                continue
            point: dict[str, Any] = {"time": seconds(start or Fraction(0)), "value": text(first)}
            if curve == "bezier":
                point["easing"] = "ease"
                if easing not in (None, "ease"):
                    tween.note_loss(f"the easing {easing!r}", "ease")
            points += [point, {"time": seconds((start or 0) + length), "value": text(last)}]
        if found.is_list and _increasing(points):
            return {"keyframes": points} if points else None
        found.lose("is neither a number nor a list of tweens, one after the other")
        return None


def _increasing(points: list[dict[str, Any]]) -> bool:
    times = [Fraction(point["time"][:-1]) for point in points]
    for k in range(len(points) - 1, 0, -1):
        if times[k] == times[k - 1]:  # a tween begins where the one before ends
            del points[k - 1], times[k - 1]
    return all(a < b for a, b in pairwise(times))


def _between(first: Any, last: Any) -> dict[str, Any]:
    return {"keyframes": [{"time": "0%", "value": first}, {"time": "100%", "value": last}]}


def _speed(name: str) -> tuple[str, str]:
    for speed in ("Fast", "Slow"):
        if name.endswith(speed):
            return name.removesuffix(speed), speed
    return name, ""
