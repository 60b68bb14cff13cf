"""``loudness`` of the film."""

from vedc.edit.sounds import LoudnessTarget
from vedc.lang.keys.item_key import ItemKey, ItemReader
from vedc.lang.keys.sound.loudness import LOUDNESS, target_of
from vedc.lang.yaml.tree import SpecNode


def _read(node: SpecNode, item: ItemReader) -> LoudnessTarget:
    return target_of(node)


MASTER_LOUDNESS = ItemKey(
    "loudness",
    LOUDNESS,
    "How loud every output is that gives no `loudness` of its own: LUFS, a name such as broadcast, "
    "or [{i, tp, lra}](#loudness).",
    items=("master",),
    lowers=("sound", "loudness"),
    read=_read,
    order=240,
)
