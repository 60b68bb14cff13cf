"""``pan``: where between the speakers a sound is heard."""

from vedc.lang.keys.item_key import HEARD, MIXED, ItemKey, number
from vedc.lang.schema.values import Number

PAN = ItemKey(
    "pan",
    Number(-1, 1),
    "Where it is heard in stereo, at constant power: -1 is left, 1 is right. A film of one channel "
    "has no sides.",
    0,
    animated=True,
    items=(*HEARD, *MIXED),
    lowers=("sound", "pan"),
    read=number,
    order=205,
)
