"""The texts of editly."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

from vedc.interchange.common.draft import noted, tidy
from vedc.interchange.editly.canvas import percent, placed, point
from vedc.interchange.editly.layers import Layers, Shown, css, moving
from vedc.interchange.editly.merging import Merged

#: Distance of lines as a multiple of the size, of fabric.
_LINES: Final = Fraction(116, 100)
_PADDING: Final = Fraction(1, 20)


class Titles:
    """Reads text layers; ``layers`` handles what they share with pictures."""

    def __init__(self, layers: Layers) -> None:
        self.layers, self.canvas, self.files = layers, layers.canvas, layers.files
        self._noted_font = False

    def title(self, layer: Merged) -> Shown | None:
        keys = self._text(layer, Fraction(1, 10))
        if keys is None:
            return None
        zoom = self.layers.zoom(layer, "in", Fraction(1, 5))
        return Shown(noted({**keys, "line_height": _LINES, **placed(layer), **zoom}))

    def subtitle(self, layer: Merged) -> Shown | None:
        """A line at the bottom on a band as wide as the canvas, which appears."""
        keys = self._text(layer, Fraction(1, 20))
        if keys is None:
            return None
        side = Fraction(self.canvas.smaller, self.canvas.width)
        keys.update(align="left", line_height=_LINES)
        lines = str(keys["text"]).count("\n") + 1
        high = Fraction(lines * _LINES * self.canvas.smaller, 20 * self.canvas.height)
        keys["box"] = {"width": percent(1 - 2 * _PADDING * side), "height": percent(high)}
        keys["background"] = css(layer.text("backgroundColor") or "rgba(0,0,0,0.3)")
        keys["padding"] = percent(_PADDING)
        keys.update(point(Fraction(1, 2), Fraction(1), Fraction(1, 2), Fraction(1)))
        begin, end = self._pace(layer, Fraction(0), Fraction(1))
        keys["opacity"] = moving(0, 1, begin, end, "ease-out-expo")
        layer.note_loss("the text of a subtitle slides in by 5% of the picture", "it fades in only")
        return Shown(noted(keys))

    def news(self, layer: Merged) -> Shown | None:
        """A line at the upper left on a band that comes in from the left."""
        keys = self._text(layer, Fraction(1, 20))
        if keys is None:
            return None
        self._spacing(keys, Fraction(1, 10), Fraction(1, 20))
        keys.update(max_width="none", padding=percent(Fraction(3, 100)))
        keys["background"] = css(layer.text("backgroundColor") or "#d02a42")
        side = Fraction(self.canvas.smaller, 1)
        left = Fraction(4, 100) * side / self.canvas.width
        top = Fraction(8, 100) - Fraction(3, 100) * side / self.canvas.height
        keys.update(point(left, top, Fraction(0), Fraction(0)))
        begin, end = self._pace(layer, Fraction(0), Fraction(1, 3))
        keys["offset"] = moving(["-100%", 0], [0, 0], begin, end, "ease-out-expo")
        layer.drop("position", "does nothing in editly either")
        layer.note_loss(
            "the band of a news title, whose text comes in after it",
            "both come in at once, and the band begins 4% from the edge",
        )
        return Shown(noted(keys))

    def slide(self, layer: Merged) -> Shown | None:
        """It is wiped in from 10% to 30% of its time, and fades out from 80% to 90%."""
        color = layer.text("color")
        size = layer.number("fontSize", low=0.0001, high=10) or Fraction(1, 20)
        share = size * self.canvas.width / self.canvas.smaller
        keys = self._text(layer, share)
        if keys is None:
            return None
        if color is not None:
            keys["color"] = css(color)
        self._spacing(keys, layer.number("charSpacing", low=-10, high=10), share)
        keys.update(max_width="none", **placed(layer))
        keys["enter"] = {
            "preset": "wipe", "direction": "right", "softness": 0.2, "easing": "ease-in-out-cubic",
        }  # fmt: skip
        keys["exit"] = {"preset": "dissolve"}
        shown = Shown(noted(keys), edges=(Fraction(1, 10), Fraction(9, 10)))
        shown.after = [("enter", Fraction(1, 4)), ("exit", Fraction(1, 8))]
        return shown

    # Parts

    def _text(self, layer: Merged, size: Fraction) -> dict[str, Any] | None:
        text, color = layer.text("text"), layer.text("textColor")
        path, family = layer.text("fontPath"), layer.text("fontFamily")
        if not text:
            layer.note_loss("a layer without text", "left out", "lost")
            return None
        keys: dict[str, Any] = {"text": text, "size": percent(size)}
        if path:
            keys["font"] = self.files.path(path)
            if family:
                layer.note_loss("fontFamily beside fontPath", "left out, as editly does", "note")
        elif family:
            layer.note_loss(f"the font {family!r}", "vedc's own; set `font` if you have it")
        elif not self._noted_font:
            self._noted_font = True
            layer.note_loss("the font, which editly takes from its system", "vedc's own", "guessed")
        if color is not None:
            keys["color"] = css(color)
        return keys

    def _spacing(self, keys: dict[str, Any], share: Fraction | None, size: Fraction) -> None:
        """``share`` of the canvas's width in thousandths of the size of the type."""
        share = Fraction(1, 10) if share is None else share
        if share:
            keys["letter_spacing"] = percent(share * self.canvas.width / 1000 * size)

    def _pace(self, layer: Merged, begin: Fraction, length: Fraction) -> tuple[str, str]:
        """When something begins and ends, after the layer's ``delay`` and at its ``speed``."""
        delay = layer.number("delay", low=0, high=100) or Fraction(0)
        speed = layer.number("speed", low=0.01, high=1000) or Fraction(1)
        start, end = delay + begin / speed, delay + (begin + length) / speed
        if end > 1:
            layer.note_loss("a delay that ends after the layer", "the text is there at its end")
        start = min(start, Fraction(99, 100))
        return percent(start), f"{tidy(min(end, Fraction(1)) * 100, 3)}%"
