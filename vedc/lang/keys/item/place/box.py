"""``width`` and ``height``: the box of an item."""

from vedc.lang.keys.item_key import BOXED, ItemKey, ItemReader
from vedc.lang.schema.lengths import Length
from vedc.lang.yaml.tree import SpecNode

_SIDE = Length(32768, like="50%", percent=1000)


def _across(node: SpecNode, item: ItemReader) -> float:
    return item.pixels(node, item.canvas[0])


def _down(node: SpecNode, item: ItemReader) -> float:
    return item.pixels(node, item.canvas[1])


WIDTH = ItemKey(
    "width",
    _SIDE,
    "Width of its box, in pixels or of the canvas's width. It is fitted into the box, placed by it "
    "and clipped by it. Without `height` that follows the picture's proportions; a colour or a "
    "generator is then as high as the canvas. As it moves, the picture is fitted anew in every "
    "frame, between pixels; that of a generator stands still.",
    animated=True,
    items=BOXED,
    lowers=("placement", "width"),
    read=_across,
    order=34,
)
HEIGHT = ItemKey(
    "height",
    _SIDE,
    "Height of its box, in pixels or of the canvas's height; without `width` that follows.",
    animated=True,
    items=BOXED,
    lowers=("placement", "height"),
    read=_down,
    order=36,
)
