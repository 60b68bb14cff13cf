"""``blend_mode`` and ``blend_space``: how an item or a track is blended with the layers below."""

from vedc.lang.keys.item_key import SEEN, ItemKey, ItemReader, word
from vedc.lang.keys.vocabulary import BlendMode, blend_modes
from vedc.lang.schema.values import Word
from vedc.lang.yaml.tree import SpecNode


def _op(node: SpecNode, item: ItemReader) -> str:
    return blend_modes()[node.text]


BLEND_MODE = ItemKey(
    "blend_mode",
    BlendMode(),
    "How it is blended with what lies below.",
    "normal",
    items=(*SEEN, "track"),
    lowers=("item", "blend"),
    read=_op,
    order=20,
)
BLEND_SPACE = ItemKey(
    "blend_space",
    Word(("display", "linear")),
    "What is blended: the values as they are displayed, or the light that they represent.",
    "display",
    items=(*SEEN, "track"),
    lowers=("item", "blend_space"),
    read=word,
    order=30,
)
