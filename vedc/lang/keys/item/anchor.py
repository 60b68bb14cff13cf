"""``anchor``: the point of an item that its position and its rotation go by."""

from vedc.lang.keys.item_key import PLACED, ItemKey, numbers
from vedc.lang.schema.quantities import Position

ANCHOR = ItemKey(
    "anchor",
    Position(),
    "The item's own point; by default the same as position.",
    items=PLACED,
    lowers=("placement", "anchor"),
    read=numbers,
    order=50,
    same_as="position",
)
