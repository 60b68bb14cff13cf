"""``fade_in`` and ``fade_out``: how the sound of an item begins and ends."""

from fractions import Fraction

from vedc.edit.timecode import brief
from vedc.lang.keys.item_key import HEARD, MIXED, ItemKey, ItemReader
from vedc.lang.schema.quantities import TimeSpan
from vedc.lang.yaml.tree import SpecNode


def _fade(name: str, doc: str, order: int) -> ItemKey:
    def read(node: SpecNode, item: ItemReader) -> Fraction:
        seconds = item.seconds(node, name)
        if seconds > item.length:
            heard = brief(item.length)
            message = f"{name} takes {brief(seconds)}, but it is heard only for {heard}"
            item.problems.add("fade-too-long", message, node, f"make it at most {heard}")
        return seconds

    return ItemKey(
        name,
        TimeSpan(),
        doc,
        "0s",
        items=(*HEARD, *MIXED),
        lowers=("sound", name),
        read=read,
        order=order,
    )


FADE_IN = _fade("fade_in", "How long the sound of {item} takes to rise from silence.", 210)
FADE_OUT = _fade("fade_out", "How long the sound of {item} takes to fall to silence.", 220)
