"""``shadow``: the shadow that an item casts on the layers below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from vedc.lang.keys.item_key import BOXED, ItemKey, ItemReader
from vedc.lang.schema.quantities import ColorValue, Pair
from vedc.lang.schema.records import Key, Record
from vedc.lang.schema.values import Number
from vedc.lang.yaml.tree import SpecNode

if TYPE_CHECKING:
    from vedc.edit.contents import Shadow

_COLOR: Final = "#000000aa"
_OFFSET: Final = (4, 4)
_BLUR: Final = 8


def _shadow(node: SpecNode, item: ItemReader) -> Shadow:
    from vedc.edit import colors
    from vedc.edit.contents import Shadow

    x, y = _OFFSET
    offset = [item.pixels(SpecNode(at), 1) for at in (x, y)]
    if "offset" in node:
        offset = [item.pixels(axis, 1) for axis in node["offset"]]
    blur = item.pixels(node["blur"] if "blur" in node else SpecNode(_BLUR), 1)
    color = colors.rgba(node["color"].text if "color" in node else _COLOR)
    return Shadow(color, (offset[0], offset[1]), blur)


SHADOW = ItemKey(
    "shadow",
    Record(
        "shadow",
        "A shadow as of `drop-shadow` in CSS: of a picture with alpha, the shadow of what is seen.",
        (
            Key("color", ColorValue(), "Its colour.", _COLOR),
            Key(
                "offset",
                Pair("[x, y] in pixels", -10000, 10000),
                "To the right and down, in canvas pixels.",
                list(_OFFSET),
            ),
            Key(
                "blur",
                Number(0, 1000),
                "How soft it is, in canvas pixels: twice the standard deviation of a Gaussian.",
                _BLUR,
            ),
        ),
        advice={
            "opacity": 'put it into the colour: color: "#00000080"',
            "distance": "use `offset`",
        },
    ),
    "A shadow below it, which is scaled and turned with it.",
    items=BOXED,
    lowers=("item", "shadow"),
    read=_shadow,
    order=115,
)
