"""``volume``: how loud an item is."""

from vedc.lang.keys.item_key import HEARD, MIXED, ItemKey, ItemReader
from vedc.lang.schema.quantities import Volume
from vedc.lang.yaml.tree import SpecNode


def _decibels(node: SpecNode, item: ItemReader) -> float:
    decibels = Volume.decibels(node.text)
    if decibels > Volume.high:
        message = f"volume must be at most {Volume.high:g}dB, not {node.text}"
        item.problems.add("out-of-range", message, node)
    return decibels


VOLUME = ItemKey(
    "volume",
    Volume(),
    "Gain of the sound of {item}. Between keyframes it is linear in decibels, from and to silence "
    "(0%) in amplitude.",
    "0dB",
    animated=True,
    items=(*HEARD, *MIXED),
    lowers=("sound", "volume"),
    read=_decibels,
    order=200,
)
