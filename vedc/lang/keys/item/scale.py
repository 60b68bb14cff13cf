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
    moved_by="effects: [{op: transform, scale: {keyframes: [{time: 0s, value: [1, 1]}, "
    "{time: 1s, value: [1.5, 1.5]}]}}]",
)
