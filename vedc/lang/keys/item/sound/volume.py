"""``volume`` and ``pan``: how loud a sound is, and where between the speakers."""

from vedc.lang.keys.item_key import AUDIBLE, MIXED, ItemKey, ItemReader, number
from vedc.lang.schema.quantities import Volume
from vedc.lang.schema.values import Number
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
    items=(*AUDIBLE, *MIXED),
    lowers=("sound", "volume"),
    read=_decibels,
    order=200,
)
PAN = ItemKey(
    "pan",
    Number(-1, 1),
    "Where it is heard in stereo, at constant power: -1 is left, 1 is right. A film of one channel "
    "has no sides.",
    0,
    animated=True,
    items=(*AUDIBLE, *MIXED),
    lowers=("sound", "pan"),
    read=number,
    order=205,
)
