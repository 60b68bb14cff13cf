"""``anchor``: the point of an item that its position and its rotation refer to."""

from vedc.lang.keys.item_key import PLACED, ItemKey, ItemReader
from vedc.lang.schema.quantities import POSITIONS, Position
from vedc.lang.yaml.tree import SpecNode

_NAMED = frozenset(POSITIONS.values())


def _travels(position: SpecNode) -> bool:
    """Whether a position moves other than between named places."""
    if not isinstance(position.value, dict):
        return False
    points = (point["value"] for point in position["keyframes"])
    return any(
        isinstance(point.value, list) and tuple(axis.number for axis in point) not in _NAMED
        for point in points
    )


def _point(node: SpecNode, item: ItemReader) -> tuple[float, ...]:
    if isinstance(node.value, list):
        return tuple(float(axis.number) for axis in node)
    return tuple(map(float, POSITIONS[node.text]))


ANCHOR = ItemKey(
    "anchor",
    Position(),
    "The item's own point that goes to its position, and that it is scaled and turned about. By "
    "default the same as position; the center, where position has keyframes that are not all of "
    "the nine named places.",
    animated=True,
    items=PLACED,
    lowers=("placement", "anchor"),
    read=_point,
    order=50,
    same_as="position",
    unless=_travels,
)
