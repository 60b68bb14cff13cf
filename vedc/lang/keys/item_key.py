"""A key of timeline items, declared in one place.

An :class:`ItemKey` gives the name of a key, its values and their unit, whether they may move, its
default, its meaning, and what its value becomes. Records, checks, the schema, the reference,
defaults, the canonical form, keyframes and lowering follow from it, so a new key is one file in
``vedc/lang/keys/item``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, Protocol

from vedc.lang.schema.animated import Animated
from vedc.lang.schema.factors import Factors
from vedc.lang.schema.quantities import Volume
from vedc.lang.schema.records import ABSENT, Key
from vedc.lang.schema.values import Number, Type

if TYPE_CHECKING:
    from vedc.edit.values import Keyframes, OpCall, ParamValue
    from vedc.lang.yaml.tree import Problems, SpecNode
    from vedc.ops import Op

#: Kinds of item that show a picture of a file; that have a box; that have a place; that are seen;
#: that are heard.
PICTURES: Final = ("clip", "composition", "image", "auto")
BOXED: Final = (*PICTURES, "color", "generator")
PLACED: Final = (*BOXED, "text")
SEEN: Final = (*PLACED, "adjustment")
AUDIBLE: Final = ("clip", "composition", "auto", "audio")
#: Kinds of item that the grades of their track and the timeline apply to.
GRADED: Final = ("clip", "composition", "image")
#: Kinds with one sound as a whole.
MIXED: Final = ("track", "master")

#: The text for ``{item}`` in a key's documentation where it is not "the item".
_OWNERS: Final = {
    "track": "the track",
    "timeline": "the whole picture",
    "master": "the film",
}


class ItemReader(Protocol):
    """The item whose keys are read, as their ``read`` functions see it."""

    problems: Problems
    length: Fraction
    """Seconds."""
    picture: tuple[int, int] | None
    """Width and height of the file's picture as shown, where there is one."""
    canvas: tuple[int, int]
    item: SpecNode
    """The item itself."""
    kind: str

    def pixels(self, node: SpecNode, whole: int) -> float:
        """A length of the design in canvas pixels; for a percentage, 100% is ``whole`` pixels."""

    def seconds(self, node: SpecNode | None, name: str) -> Fraction:
        """A time within the item."""

    def moving(
        self,
        node: SpecNode,
        read: Callable[[SpecNode], float | tuple[float, ...]],
        limits: tuple[float, float],
    ) -> float | tuple[float, ...] | Keyframes:
        """A value or keyframes, each point read by ``read``, which stay within ``limits``."""

    def passing(self, first: tuple[float, ...], last: tuple[float, ...], easing: str) -> Keyframes:
        """From one value at the item's start to another at its end."""

    def call(self, node: SpecNode | None) -> OpCall | None:
        """An op with every parameter; None without an op or if a file is missing."""

    def calls(self, nodes: SpecNode | None) -> tuple[OpCall, ...]:
        """Those of a list that are complete."""

    def params(self, op: Op, node: SpecNode) -> tuple[tuple[str, ParamValue], ...] | None:
        """The parameters of a call, every default filled in; None where a file is missing."""


Read = Callable[["SpecNode", ItemReader], Any]


class ItemKey(Key):
    """A key, the items that take it, and the use of its value.

    ``items``
        Kinds of item; a track, the timeline and an audio item count as such.
    ``lowers``
        Where the value goes. Either a part of the resolved edit (``placement``, ``item``,
        ``sound``, ``edge``) and its field, or an IR op that the item is lowered to and its
        parameter: lowering hands such values on without knowing the key.
    ``read``
        The typed value of a canonical node; None where it changes nothing. Called for every
        keyframe where the key is ``animated``.
    ``order``
        Its rank among the keys of an item.
    ``same_as``
        The key whose value it takes by default.
    ``unless``
        Tests that key's canonical node: whether this key keeps its own default anyway.
    ``read_point``
        ``read`` for the value of a keyframe, where that differs.
    ``implies``
        Fields of the placement that it sets where no key does.

    ``{item}`` in ``doc`` is the item, the track or the timeline.
    """

    __slots__ = (
        "animated",
        "implies",
        "items",
        "limits",
        "lowers",
        "order",
        "read",
        "read_point",
        "same_as",
        "unless",
    )

    def __init__(
        self,
        name: str,
        type: Type,
        doc: str,
        default: object = ABSENT,
        *,
        items: Sequence[str],
        lowers: tuple[str, str],
        read: Read,
        order: int,
        animated: bool = False,
        same_as: str = "",
        unless: Callable[[SpecNode], bool] | None = None,
        read_point: Read | None = None,
        implies: Mapping[str, Any] | None = None,
    ) -> None:
        moves = animated and not isinstance(type, Animated)
        super().__init__(name, Animated(type) if moves else type, doc, default)
        low, high = None, None
        if isinstance(type, (Number, Factors, Volume)):
            low, high = type.low, type.high
        self.limits = -math.inf if low is None else low, math.inf if high is None else high
        self.items, self.lowers, self.read, self.order = tuple(items), lowers, read, order
        self.animated, self.same_as, self.unless = animated, same_as, unless
        self.read_point, self.implies = read_point or read, dict(implies or {})

    def of(self, kind: str) -> Key:
        """The key as items of a kind have it."""
        if "{item}" not in self.doc:
            return self
        doc = self.doc.format(item=_OWNERS.get(kind, "the item"))
        return Key(self.name, self.type, doc, self.default)

    def given(self, item: SpecNode) -> SpecNode | None:
        """The node of its value in an item's canonical node; None where the default holds."""
        if self.name in item:
            return item[self.name]
        other = item.get(self.same_as)
        return None if other is None or (self.unless and self.unless(other)) else other

    def value(self, node: SpecNode, item: ItemReader) -> Any:
        """The typed value that a canonical node gives."""
        if self.animated and isinstance(node.value, dict) and "keyframes" in node:
            return item.moving(node, lambda point: self.read_point(point, item), self.limits)
        return self.read(node, item)


def number(node: SpecNode, item: ItemReader) -> float:
    return float(node.number)


def numbers(node: SpecNode, item: ItemReader) -> tuple[float, ...]:
    return tuple(float(element.number) for element in node)


def word(node: SpecNode, item: ItemReader) -> str:
    return node.text
