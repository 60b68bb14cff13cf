"""``grade``, ``effects`` and ``mask``: the ops of an item, a track or the timeline."""

from vedc.lang.keys.item.picture.decidable_step import (
    EFFECT_LIST,
    GRADE_LIST,
    WholePictureEffect,
)
from vedc.lang.keys.item_key import SEEN, ItemKey, ItemReader
from vedc.lang.keys.parts import MASK_CALL
from vedc.lang.schema.records import ListOf
from vedc.lang.yaml.tree import SpecNode


def _calls(node: SpecNode, item: ItemReader) -> object:
    return item.calls(node)


def _call(node: SpecNode, item: ItemReader) -> object:
    return item.call(node)


GRADE = ItemKey(
    "grade",
    GRADE_LIST,
    "Colour ops, applied in this order; `{auto: balance}` and the like are "
    "[decided](#decided-step) for each shot.",
    items=SEEN,
    lowers=("item", "grade"),
    read=_calls,
    order=110,
)
EFFECTS = ItemKey(
    "effects",
    EFFECT_LIST,
    "Ops applied to {item}, in this order: grade ops, keys, geometry, stencils; "
    "`{{auto: clean}}` is [decided](#decided-effect) for each shot of a clip.",
    items=SEEN,
    lowers=("item", "effects"),
    read=_calls,
    order=120,
)
WHOLE_EFFECTS = ItemKey(
    "effects",
    ListOf(WholePictureEffect(), "effect"),
    "Ops applied to {item}, in this order: grade ops, keys, geometry, stencils.",
    items=("track", "timeline"),
    lowers=("item", "effects"),
    read=_calls,
    order=120,
)
MASK = ItemKey(
    "mask",
    MASK_CALL,
    "Where {item} is visible, after its effects; by default, everywhere.",
    items=(*SEEN, "track"),
    lowers=("item", "mask"),
    read=_call,
    order=130,
)
