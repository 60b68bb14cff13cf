"""``deinterlace``: handling of interlaced video."""

from vedc.lang.keys.item_key import ItemKey, ItemReader
from vedc.lang.schema.values import Word
from vedc.lang.yaml.tree import SpecNode


def _fields(node: SpecNode, item: ItemReader) -> str | None:
    return "weave" if node.value == "off" else None


DEINTERLACE = ItemKey(
    "deinterlace",
    Word(("auto", "off")),
    "How interlaced video is handled. auto deinterlaces it with bwdif where its frames are "
    "flagged as interlaced or look so: one picture a frame, or one a field (twice the rate) where "
    "a frame of the film is shorter than one of the clip, at a higher rate or in slow motion. off "
    "shows the frames as stored.",
    "auto",
    items=("clip", "auto"),
    lowers=("source", "fields"),
    read=_fields,
    order=95,
)
