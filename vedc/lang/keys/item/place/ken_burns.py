"""``ken_burns``: a picture that the view pans over and zooms into."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vedc.lang.keys.item.place.crop import Crop, window
from vedc.lang.keys.item_key import PICTURES, ItemKey, ItemReader
from vedc.lang.schema.easings import EasingType
from vedc.lang.schema.records import Key, Record
from vedc.lang.yaml.tree import SpecNode

if TYPE_CHECKING:
    from vedc.edit.values import Keyframes

_WHOLE = [0, 0, 0, 0]


def _pan(node: SpecNode, item: ItemReader) -> Keyframes:
    start = node.get("from") or SpecNode([SpecNode(side, node.location) for side in _WHOLE])
    easing = node["easing"].text if "easing" in node else "linear"
    return item.passing(window(start, item), window(node["to"], item), easing)


KEN_BURNS = ItemKey(
    "ken_burns",
    Record(
        "ken_burns",
        "The rectangles of the picture that are shown at the start and at the end of the item.",
        (
            Key("from", Crop(), "Where it starts.", _WHOLE),
            Key(
                "to",
                Crop(),
                "Where it ends.",
                required=True,
                example="to: {x: 40%, y: 30%, width: 50%, height: 50%}",
            ),
            Key("easing", EasingType(), "Easing from one to the other.", "linear"),
        ),
    ),
    "Pans over the picture and zooms into it, from one rectangle to another over the whole length "
    "of the item: a `crop` with two keyframes, and `fit: cover` unless another is given.",
    items=PICTURES,
    lowers=("source", "crop"),
    read=_pan,
    order=95,
    implies={"fit": "cover"},
)
