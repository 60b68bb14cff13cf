"""``tone_map``: how HDR becomes a picture for ordinary displays."""

from vedc.lang.keys.item_key import PICTURES, ItemKey, word
from vedc.lang.schema.values import Word
from vedc.ops.shared.hdr import TONE_CURVES

TONE_MAP = ItemKey(
    "tone_map",
    Word(("auto", "none", *TONE_CURVES)),
    "How a PQ or HLG picture is brought into a canvas without HDR: auto is bt2390, or none where "
    "the item has a `tone_map` op of its own; none keeps reference white (203 cd/m2) and cuts "
    "off what is brighter. `validate` warns of a curve where no HDR is to be brought in.",
    "auto",
    items=PICTURES,
    lowers=("to_sdr", "method"),
    read=word,
    order=105,
)
