"""``offset``: how far an item is from its position."""

from vedc.lang.keys.item_key import PLACED, ItemKey, numbers
from vedc.lang.schema.quantities import Pair

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
