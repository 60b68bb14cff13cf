"""``radius``: rounded corners of an item."""

from vedc.lang.keys.item_key import BOXED, ItemKey, ItemReader
from vedc.lang.schema.lengths import Length
from vedc.lang.yaml.tree import SpecNode


def _pixels_and_share(node: SpecNode, item: ItemReader) -> tuple[float, float]:
    if isinstance(node.value, str):
        return 0.0, float(node.value.removesuffix("%")) / 100
    return item.pixels(node, 1), 0.0


RADIUS = ItemKey(
    "radius",
    Length(16384, low=0, like="50%"),
    "Radius of the corners of its box, in canvas pixels or of the shorter side of the box: 50% "
    "makes a circle of a square. At most that.",
    0,
    animated=True,
    items=BOXED,
    lowers=("item", "radius"),
    read=_pixels_and_share,
    order=105,
)
