"""``fit``: how a picture fills its box."""

from vedc.lang.keys.item_key import PICTURES, ItemKey, word
from vedc.lang.schema.values import Word

FIT = ItemKey(
    "fit",
    Word(("contain", "cover", "stretch", "none", "contain-blur")),
    "How it fills its box, which is the canvas unless it has a `width` or `height`: contain shows "
    "all of it, cover leaves no part empty, stretch ignores its proportions, none keeps its "
    "pixels, contain-blur is contain with the same picture behind it, covering the box and "
    "blurred.",
    "contain",
    items=PICTURES,
    lowers=("placement", "fit"),
    read=word,
    order=100,
)
