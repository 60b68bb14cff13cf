"""``scale``: how large an item is."""

from vedc.lang.keys.item_key import PLACED, ItemKey, number
from vedc.lang.schema.values import Number

SCALE = ItemKey(
    "scale",
    Number(above=0, high=100),
    "Factor on its size.",
    1,
    items=PLACED,
    lowers=("placement", "scale"),
    read=number,
    order=70,
)
