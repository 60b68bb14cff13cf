"""``channels``: which of a file's channels are heard where."""

from __future__ import annotations

from vedc.edit.sounds import ChannelMap
from vedc.lang.keys.item_key import AUDIBLE, ItemKey, ItemReader
from vedc.lang.schema.values import Word
from vedc.lang.yaml.tree import SpecNode


def _read(node: SpecNode, item: ItemReader) -> ChannelMap | None:
    match node.text:
        case "left" | "right" | "swap" | "mono" as found:
            return found
    return None


CHANNELS = ItemKey(
    "channels",
    Word(("left", "right", "swap", "mono")),
    "What is heard of the stereo of its file: `left` or `right` alone, in both speakers, such as "
    "the channel that has the microphone; `swap`, the other way round; `mono`, both at half their "
    "level in both. Surround is mixed to stereo before.",
    items=AUDIBLE,
    lowers=("sound", "channels"),
    read=_read,
    order=207,
)
