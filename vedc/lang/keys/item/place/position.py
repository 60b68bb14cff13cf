"""``position``, ``margin`` and ``offset``: where an item is."""

from typing import Final

from vedc.lang.keys.item_key import PLACED, ItemKey, ItemReader
from vedc.lang.schema.lengths import Length, Lengths
from vedc.lang.schema.quantities import POSITIONS, Position
from vedc.lang.yaml.tree import SpecNode

_TEXT_MARGIN: Final = 0.05
"""The default margin of titles, as a share of the canvas's smaller side."""


def margin_of(item: ItemReader) -> tuple[float, float]:
    """The margin of an item across and down, in canvas pixels."""
    given, side = item.item.get("margin"), min(item.canvas)
    if given is None:
        margin = _TEXT_MARGIN * side if item.kind == "text" else 0.0
        return margin, margin
    if isinstance(given.value, list):
        across, down = (item.pixels(each, side) for each in given)
        return across, down
    margin = item.pixels(given, side)
    return margin, margin


def point_of(node: SpecNode, item: ItemReader) -> tuple[float, ...]:
    """A position in fractions of the canvas; a named one keeps the margin off the edges."""
    if isinstance(node.value, list):
        return tuple(float(axis.number) for axis in node)
    margin = margin_of(item)
    return tuple(
        at if at == 0.5 else abs(at - margin[axis] / item.canvas[axis])
        for axis, at in enumerate(POSITIONS[node.text])
    )


def _unchanged(node: SpecNode, item: ItemReader) -> None:
    """``position`` reads it."""


POSITION = ItemKey(
    "position",
    Position(),
    "The point of the canvas where the anchor goes; a named place keeps its `margin` off the edge. "
    "An item that moves is put between pixels, so that slow motion is smooth.",
    "center",
    animated=True,
    items=PLACED,
    lowers=("placement", "position"),
    read=point_of,
    order=40,
)
MARGIN = ItemKey(
    "margin",
    Lengths(
        Length(16384, low=0, like="5%"),
        "pixels from 0 to 16384 or a percentage such as 5%, or [x, y] of such",
        one=True,
    ),
    "How far named positions keep it off the edges of the canvas, in pixels or of the canvas's "
    "smaller side; [x, y] for the sides and for top and bottom. By default 5% for text, else 0.",
    items=PLACED,
    lowers=("placement", "position"),
    read=_unchanged,
    order=45,
)


def _offset(node: SpecNode, item: ItemReader) -> tuple[float, ...]:
    return tuple(item.pixels(each, item.canvas[axis]) for axis, each in enumerate(node))


OFFSET = ItemKey(
    "offset",
    Lengths(
        Length(like="10%", low=-1e6, high=1e6, percent=1000),
        "[x, y], each in pixels or a percentage such as 10%",
    ),
    "Moves it right and down, in canvas pixels or of the canvas's width and height.",
    [0, 0],
    animated=True,
    items=PLACED,
    lowers=("placement", "offset"),
    read=_offset,
    order=60,
)
