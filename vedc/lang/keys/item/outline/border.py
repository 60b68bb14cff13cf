"""``border``: a line along the edge of an item."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vedc.lang.keys.item_key import BOXED, ItemKey, ItemReader
from vedc.lang.schema.animated import Animated
from vedc.lang.schema.lengths import Length
from vedc.lang.schema.quantities import ColorValue
from vedc.lang.schema.records import Key, Record, Short
from vedc.lang.yaml.tree import Problems, SpecNode

if TYPE_CHECKING:
    from vedc.edit.contents import Border

_WHITE = "#ffffff"
_LIMITS = (0.0, float("inf"))
_CSS = re.compile(r"(\d+(?:\.\d+)?%?)(?:px)?\s+(?:solid\s+)?([a-zA-Z]+)")
"""Width and colour as CSS writes them: 3px solid white."""


def _border(node: SpecNode, item: ItemReader) -> Border:
    from vedc.edit import colors
    from vedc.edit.contents import Border
    from vedc.edit.values import Keyframes

    side = min(item.canvas)
    width = item.moving(node["width"], lambda value: item.pixels(value, side), _LIMITS)
    assert isinstance(width, (float, Keyframes))
    return Border(width, colors.rgba(node["color"].text if "color" in node else _WHITE))


class _Border(Short):
    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        css = _CSS.fullmatch(node.value) if isinstance(node.value, str) else None
        if css is None:
            super().check(node, name, problems)
        else:
            self.reject(node, name, problems, f"write {{width: {css[1]}, color: {css[2]}}}")


BORDER = ItemKey(
    "border",
    _Border(
        "width",
        Record(
            "border",
            "A line along the inside of the edge. It leaves the size as it is.",
            (
                Key(
                    "width",
                    Animated(Length(16384, low=0, like="1%")),
                    "Its width, in canvas pixels or of the canvas's smaller side.",
                    required=True,
                    example="width: 6",
                ),
                Key("color", ColorValue(), "Its colour.", _WHITE),
            ),
            advice={
                "size": "use `width`",
                "style": "it is always a solid line",
                "keyframes": "write border: {width: {keyframes: [...]}}",
            },
        ),
    ),
    "A line along the inside of its edge: {width: 6, color: white}, or its width alone.",
    items=BOXED,
    lowers=("item", "border"),
    read=_border,
    order=110,
)
