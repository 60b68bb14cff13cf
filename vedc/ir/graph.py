"""The typed graph: immutable, interned nodes that describe a frame.

A graph describes one *piece* of the film: a run of frames with the same items on screen. Its
times are relative to the piece's first frame, so that a piece which moves on the timeline
keeps its graph, its text and its key.

Nodes are interned: equal nodes are the same object, so common parts are shared by
construction and ``is`` means equality.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from weakref import WeakValueDictionary

from vedc.errors import InternalError
from vedc.ir.image import ImageType, Param
from vedc.ir.ir_ops import IrOp, ir_op


class Node:
    """One operation. Made by :func:`node` only."""

    __slots__ = ("__weakref__", "facts", "inputs", "op", "params", "type")

    op: str
    inputs: tuple[Node, ...]
    params: tuple[tuple[str, Param], ...]
    type: ImageType
    facts: IrOp
    """Facts about the operation."""

    def __getitem__(self, name: str) -> Param:
        for key, value in self.params:
            if key == name:
                return value
        raise InternalError(f"{self.op} has no parameter {name!r}")

    def get(self, name: str, default: Param = None) -> Param:
        return next((v for k, v in self.params if k == name), default)

    def text(self, name: str) -> str:
        value = self[name]
        if not isinstance(value, str):
            raise InternalError(f"{self.op}.{name} is not a text: {value!r}")
        return value

    def integer(self, name: str) -> int:
        value = self[name]
        if not isinstance(value, int):
            raise InternalError(f"{self.op}.{name} is not an integer: {value!r}")
        return value

    def fraction(self, name: str) -> Fraction:
        value = self[name]
        if not isinstance(value, Fraction):
            raise InternalError(f"{self.op}.{name} is not a fraction: {value!r}")
        return value

    def replace(
        self, inputs: tuple[Node, ...] | None = None, params: Mapping[str, Param] | None = None
    ) -> Node:
        """The same operation on other inputs or with some parameters changed."""
        merged = dict(self.params)
        merged.update(params or {})
        return node(self.op, self.inputs if inputs is None else inputs, merged)

    def __reduce__(self) -> tuple[object, ...]:
        # A flat listing: graphs can be deeper than pickle's recursion goes.
        places: dict[int, int] = {}
        listing = []
        for index, current in enumerate(walk(self)):
            places[id(current)] = index
            inputs = tuple(places[id(n)] for n in current.inputs)
            listing.append((current.op, inputs, current.params))
        return _from_listing, (tuple(listing),)

    def __repr__(self) -> str:
        params = ", ".join(f"{k}={v!r}" for k, v in self.params)
        return f"<{self.op} {params} : {self.type}>"


_interned: WeakValueDictionary[tuple[object, ...], Node] = WeakValueDictionary()


def _key(value: Param) -> object:
    # 1, 1.0, True and Fraction(1) are equal to Python and are not the same parameter here.
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return ("float", value.hex() if math.isfinite(value) else repr(value))
    if isinstance(value, tuple):
        return tuple(_key(v) for v in value)
    return (type(value).__name__, value)


def node(op: str, inputs: Iterable[Node] = (), params: Mapping[str, Param] | None = None) -> Node:
    """Make or find a node; its type follows from its inputs."""
    inputs, given = tuple(inputs), dict(params or ())
    pairs = tuple(given.items())
    facts = ir_op(op)
    # By the entry, not the name: another spec's plugin may declare an op of the same name.
    key = (id(facts), *map(id, inputs), None, *[(name, _key(value)) for name, value in pairs])
    known = _interned.get(key)
    if known is not None:
        return known
    new = Node()
    new.op, new.inputs, new.params, new.facts = op, inputs, pairs, facts
    new.type = _inferred(new, given)
    _interned[key] = new
    return new


def infer(node: Node) -> ImageType:
    """The type of a node; raises InternalError if the graph makes no sense."""
    return _inferred(node, dict(node.params))


def _inferred(node: Node, params: Mapping[str, Param]) -> ImageType:
    facts = node.facts
    arity = facts.takes(params)
    if len(node.inputs) != arity:
        raise InternalError(f"{node.op} takes {arity} inputs, got {len(node.inputs)}")
    try:
        return facts.type_rule(tuple(n.type for n in node.inputs), params)
    except InternalError as error:
        raise InternalError(f"{node.op}: {error}") from error


_Listing = tuple[tuple[str, tuple[int, ...], tuple[tuple[str, Param], ...]], ...]


def _from_listing(listing: _Listing) -> Node:
    """The graph of a pickle, interned again."""
    made: list[Node] = []
    for op, inputs, params in listing:
        made.append(node(op, [made[place] for place in inputs], dict(params)))
    return made[-1]


def walk(root: Node) -> list[Node]:
    """Every node once, inputs before users."""
    found: dict[Node, None] = {}
    stack = [root]
    while stack:
        current = stack[-1]
        ahead = [below for below in current.inputs if below not in found]
        if not ahead:
            found[current] = None
            stack.pop()
        stack += reversed(ahead)
    return list(found)


def rewrite(root: Node, rule: Callable[[Node], Node]) -> Node:
    """Apply ``rule`` to every node from the leaves up, to nodes whose inputs are done."""
    done: dict[Node, Node] = {}
    for current in walk(root):
        ready = current
        for below in current.inputs:
            if done[below] is not below:
                ready = current.replace(tuple(done[below] for below in current.inputs))
                break
        done[current] = rule(ready)
    return done[root]
