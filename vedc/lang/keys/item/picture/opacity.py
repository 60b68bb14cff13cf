"""``opacity``: how much an item or a track covers the layers below."""

from vedc.lang.keys.item_key import SEEN, ItemKey, number
from vedc.lang.schema.values import Number

OPACITY = ItemKey(
    "opacity",
    Number(0, 1),
    "0 is invisible, 1 covers what lies below.",
    1,
    animated=True,
    items=(*SEEN, "track"),
    lowers=("placement", "opacity"),
    read=number,
    order=10,
)
