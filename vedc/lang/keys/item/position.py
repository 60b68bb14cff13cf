"""``position``: where an item is."""

from vedc.lang.keys.item_key import PLACED, ItemKey, numbers
from vedc.lang.schema.quantities import Position

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
