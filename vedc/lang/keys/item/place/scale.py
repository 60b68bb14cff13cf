"""``scale``: how large an item is."""

from vedc.lang.keys.item_key import PLACED, ItemKey, ItemReader
from vedc.lang.schema.factors import Factors
from vedc.lang.yaml.tree import SpecNode


def _factors(node: SpecNode, item: ItemReader) -> tuple[float, ...]:
    if isinstance(node.value, list):
        return tuple(float(element.number) for element in node)
    return float(node.number), float(node.number)


SCALE = ItemKey(
    "scale",
    Factors(100),
    "Factor on its size, or one across and one down. At 0 it is not seen. Of an item that moves, "
    "effects and a mask measure pixels where it is largest.",
    1,
    animated=True,
    items=PLACED,
    lowers=("placement", "scale"),
    read=_factors,
    order=70,
)
