"""``on_damage``: handling of damaged pictures."""

from vedc.lang.keys.item_key import ItemKey, ItemReader
from vedc.lang.schema.values import Word
from vedc.lang.yaml.tree import SpecNode


def _refused(node: SpecNode, item: ItemReader) -> str | None:
    return "error" if node.value == "error" else None


ON_DAMAGE = ItemKey(
    "on_damage",
    Word(("conceal", "error")),
    "How damaged frames of the file are handled. conceal shows what FFmpeg makes of them, "
    "or the frame before where nothing is left, and the render reports their times and their "
    "number. "
    "error ends the render.",
    "conceal",
    items=("clip", "auto"),
    lowers=("source", "on_damage"),
    read=_refused,
    order=96,
)
