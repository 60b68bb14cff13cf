"""``position`` and ``offset``: where an item is."""

from vedc.lang.keys.item_key import PLACED, ItemKey, numbers
from vedc.lang.schema.quantities import Pair, Position

POSITION = ItemKey(
    "position",
    Position(),
    "The point of the canvas where the anchor goes. An item that moves is put between pixels, so "
    "that slow motion is smooth.",
    "center",
    animated=True,
    items=PLACED,
    lowers=("placement", "position"),
    read=numbers,
    order=40,
)
OFFSET = ItemKey(
    "offset",
    Pair("[x, y] in pixels"),
    "Moves it right and down, in canvas pixels.",
    [0, 0],
    animated=True,
    items=PLACED,
    lowers=("placement", "offset"),
    read=numbers,
    order=60,
)
