"""The pictures of editly: videos, images, colours, gradients."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

from vedc.interchange.common.draft import Draft, Noted, noted, seconds, tidy
from vedc.interchange.common.files import ForeignFiles, is_url
from vedc.interchange.editly.canvas import Canvas, box, percent, placed
from vedc.interchange.editly.merging import Merged

FITS: Final = ("contain", "contain-blur", "cover", "stretch")
_CODE: Final = "is a program, which a spec cannot hold"


@dataclass
class Shown:
    """What a layer becomes."""

    keys: Noted
    """The item, without its length."""
    start: Fraction = Fraction(0)
    """Start of the visible part of the clip."""
    stop: Fraction | None = None
    edges: tuple[Fraction, Fraction] = (Fraction(0), Fraction(1))
    """The fractions of that part between which it is really seen."""
    length: Fraction | None = None
    """Seconds of its file that it shows."""
    sound: Fraction | None = None
    """The weight of its sound, if it has any."""
    path: str = ""
    after: list[tuple[str, Fraction]] = field(default_factory=list)
    """Keys whose values are this fraction of its length."""


class Layers:
    """Reads layers into items of ``made``."""

    def __init__(self, made: Draft, files: ForeignFiles, canvas: Canvas) -> None:
        self.made, self.files, self.canvas = made, files, canvas

    def video(self, layer: Merged, wanted: Fraction | None) -> Shown | None:
        """``wanted`` seconds of the clip, if given; its range is then stretched to that length."""
        path = self.path(layer)
        if path is None:
            return None
        start, end = layer.number("cutFrom", low=0), layer.number("cutTo", low=0)
        begin = start or Fraction(0)
        whole = self.files.length(path)
        if whole is not None:
            end = min(end or whole, whole)
        length = end - begin if end is not None and end > begin else None
        if end is not None and length is None:
            layer.note_loss(f"cutTo {tidy(end)}, which is not after cutFrom", "left out", "lost")
        keys: dict[str, Any] = {"clip": self.made.asset(path)}
        if begin:
            keys["in"] = seconds(begin)
        if length is not None and (wanted is None or wanted == length):
            if end != whole:
                keys["out"] = seconds(begin + length)
        elif wanted is not None and length is None:
            layer.note_loss(
                f"the speed of {path}, whose length is not known here",
                f"1: it lasts {tidy(wanted)} s",
                "guessed",
            )
        elif wanted is not None and length is not None:
            speed = length / wanted
            keys["speed"] = tidy(speed, 9)
        fit = self.fit(layer)
        if fit != "contain":
            keys["fit"] = fit
        keys.update(box(layer, self.canvas))
        layer.drop("fabricImagePostProcessing", _CODE)
        shown = Shown(noted(keys), length=length, path=path)
        if self.files.has_sound(path) is not False:
            shown.sound = self.weight(layer)
        else:
            layer.take("mixVolume")
        return shown

    def image(self, layer: Merged) -> Shown | None:
        path = self.path(layer)
        if path is None:
            return None
        layer.drop("duration", "does nothing in editly either")
        keys: dict[str, Any] = {"image": self.made.asset(path)}
        if (fit := self.fit(layer)) != "contain":
            keys["fit"] = fit
        return Shown(noted({**keys, **self.zoom(layer, "in", Fraction(1, 10))}), path=path)

    def overlay(self, layer: Merged) -> Shown | None:
        path = self.path(layer)
        if path is None:
            return None
        keys: dict[str, Any] = {"image": self.made.asset(path)}
        width = layer.number("width", low=0.0001, high=100)
        height = layer.number("height", low=0.0001, high=100)
        if width is not None or height is None:
            keys["width"] = percent(width or Fraction(1))
            if height is not None:
                layer.note_loss("the height beside a width", "left out, as editly does", "note")
        else:
            keys["height"] = percent(height)
        keys.update(placed(layer))
        return Shown(noted({**keys, **self.zoom(layer, None, Fraction(1, 10))}), path=path)

    def color(self, layer: Merged) -> Shown:
        color = layer.text("color")
        if color is not None:
            return Shown(noted({"color": css(color)}))
        layer.note_loss("the colour, which editly picks at random", "slate blue", "guessed")
        return Shown(noted({"color": "#3b5b7c"}, "editly picks a random colour here"))

    def linear(self, layer: Merged) -> Shown:
        """It lies half outside the canvas, and turns by 30 degrees while it is shown."""
        colors, remark = self._colors(layer)
        width, height = self.canvas.width, self.canvas.height
        points = []
        for k in range(4):
            turn = math.radians(10 * k)
            x = -width * math.cos(turn) + height * math.sin(turn)
            y = -width * math.sin(turn) - height * math.cos(turn)
            value = [tidy(0.5 + x / width, 3), tidy(0.5 + y / height, 3)]
            points.append({"time": percent(k / 3), "value": value})
        call = {
            "op": "linear_gradient",
            "start": {"keyframes": points},
            "end": [0.5, 0.5],
            **colors,
        }
        return Shown(noted({"generator": call}, remark))

    def radial(self, layer: Merged) -> Shown:
        """It grows to twice its size while it is shown."""
        colors, remark = self._colors(layer)
        larger = max(self.canvas.width, self.canvas.height)
        first = 1.2 * larger / self.canvas.smaller
        points = [
            {"time": "0%", "value": tidy(first, 3)},
            {"time": "100%", "value": tidy(2 * first, 3)},
        ]
        call = {"op": "radial_gradient", "radius": {"keyframes": points}, **colors}
        return Shown(noted({"generator": call}, remark))

    def _colors(self, layer: Merged) -> tuple[dict[str, Any], str]:
        node = layer.take("colors")
        if node is not None and len(node.items) == 2 and all(each.is_text for each in node):
            return {f"color_{k + 1}": css(each.value) for k, each in enumerate(node)}, ""
        if node is not None:
            node.lose("is not a list of two colours", "vedc's own colours")
        else:
            layer.note_loss("the colours, which editly picks at random", "vedc's own", "guessed")
        return {}, "editly picks random colours here"

    # Parts

    def path(self, layer: Merged) -> str | None:
        named = layer.text("path")
        if not named:
            layer.note_loss("a layer without a path", "left out", "lost")
            return None
        path = self.files.path(named)
        if is_url(path):
            layer.note_loss(path, "fetched by the render, with --allow-network only", "note")
        return path

    def fit(self, layer: Merged) -> str:
        mode = layer.text("resizeMode")
        if mode is not None and mode not in FITS:
            layer.note_loss(f"the resizeMode {mode!r}", "contain-blur")
            mode = None
        return mode or "contain-blur"

    def weight(self, layer: Merged) -> Fraction:
        found = layer.number("mixVolume", low=0, high=1000)
        return Fraction(1) if found is None else found

    def zoom(self, layer: Merged, default: str | None, amount: Fraction) -> dict[str, Any]:
        """editly's Ken Burns: it grows, shrinks, or moves past, while it is shown."""
        amount = layer.number("zoomAmount", low=0, high=50) or (
            Fraction(0) if layer.number("zoomAmount") == 0 else amount
        )
        direction = layer.text("zoomDirection") if "zoomDirection" in layer else default
        if direction in ("in", "out"):
            ends = [Fraction(1), 1 + amount]
            if direction == "out":
                ends.reverse()
            return {"scale": moving(tidy(ends[0]), tidy(ends[1]))} if amount else {}
        if direction in ("left", "right"):
            reach = amount * 500 * (1 if direction == "right" else -1)
            way = moving([tidy(-reach), 0], [tidy(reach), 0])
            return {"scale": tidy(Fraction(13, 10) + amount), "offset": way}
        if direction is not None:
            layer.note_loss(f"the zoomDirection {direction!r}", "left out", "lost")
        return {}


def moving(first: Any, last: Any, begin: str = "0%", end: str = "100%", easing: str = "") -> Any:
    """Keyframes from one value to another."""
    start: dict[str, Any] = {"time": begin, "value": first}
    if easing:
        start["easing"] = easing
    return {"keyframes": [start, {"time": end, "value": last}]}


def css(color: str) -> str:
    """A colour of CSS in the forms that a spec takes; others as they are."""
    text = color.strip()
    if text.lower().startswith(("rgb(", "rgba(")) and text.endswith(")"):
        parts = text[text.index("(") + 1 : -1].replace("/", ",").split(",")
        try:
            values = [min(255, max(0, round(float(p)))) for p in parts[:3]]
            alpha = float(parts[3]) if len(parts) > 3 else 1.0
        except (ValueError, OverflowError):
            return text
        if len(values) == 3 and 0 <= alpha <= 1:
            tail = "" if alpha == 1 else f"{round(alpha * 255):02x}"
            return "#" + "".join(f"{value:02x}" for value in values) + tail
    return text
