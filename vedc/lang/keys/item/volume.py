"""``volume``: how loud an item is."""

from vedc.lang.keys.item_key import HEARD, ItemKey, ItemReader
from vedc.lang.schema.quantities import Volume
from vedc.lang.yaml.tree import SpecNode


def _decibels(node: SpecNode, item: ItemReader) -> float:
    decibels = Volume.decibels(node.text)
    if decibels > Volume.HIGHEST:
        message = f"volume must be at most {Volume.HIGHEST:g}dB, not {node.text}"
        item.problems.add("out-of-range", message, node)
    return decibels


VOLUME = ItemKey(
    "volume",
    Volume(),
    "Gain of the sound.",
    "0dB",
    items=HEARD,
    lowers=("sound", "volume"),
    read=_decibels,
    order=200,
)
