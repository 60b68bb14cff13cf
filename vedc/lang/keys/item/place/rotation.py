"""``rotation``: the angle of an item."""

from vedc.lang.keys.item_key import PLACED, ItemKey, number
from vedc.lang.schema.values import Number

ROTATION = ItemKey(
    "rotation",
    Number(-36000, 36000, unit="degrees"),
    "Clockwise rotation about its anchor.",
    0,
    animated=True,
    items=PLACED,
    lowers=("affine", "rotation"),
    read=number,
    order=80,
)
