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
    moved_by="effects: [{op: transform, position: {keyframes: [{time: 0s, value: [0, 0]}, "
    "{time: 1s, value: [200, 0]}]}}]",
)
