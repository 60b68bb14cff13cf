"""``sampling``: frames between those of a clip."""

from vedc.lang.keys.item_key import ItemKey, ItemReader
from vedc.lang.schema.values import Word
from vedc.lang.yaml.tree import SpecNode


def _sampling(node: SpecNode, item: ItemReader) -> str | None:
    return None if node.value == "nearest" else node.text


SAMPLING = ItemKey(
    "sampling",
    Word(("nearest", "blend", "flow")),
    "What is seen where the frames of a clip do not fall on those of the film, in slow motion and "
    "at other frame rates. `nearest` shows the frame of the moment. `blend` mixes the two around "
    "it; at a speed at which frames are passed over, each frame of the film is the mean of those "
    "that it stands for. `flow` draws what lies between two frames by their optical flow, for "
    "smooth slow motion; it takes long.",
    "nearest",
    items=("clip", "auto", "composition"),
    lowers=("source", "sampling"),
    read=_sampling,
    order=94,
)
