"""``position``: where an item is."""

from vedc.lang.keys.item_key import PLACED, ItemKey, numbers
from vedc.lang.schema.quantities import Position

POSITION = ItemKey(
    "position",
    Position(),
    "The point of the canvas where the anchor goes.",
    "center",
    items=PLACED,
    lowers=("placement", "position"),
    read=numbers,
    order=40,
)
