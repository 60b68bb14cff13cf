"""The contents of a track: items, each named by one key; and the timeline itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vedc.lang.keys.other_tools import kind_cure
from vedc.lang.keys.parts import TRANSITION_KEYS
from vedc.lang.schema.records import ListOf, Record
from vedc.lang.schema.values import Json, Type
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.support.suggest import did_you_mean


class TransitionItem(Record):
    """A transition with ``duration`` and the like beside it or in its long form."""

    def _shared_keys(self) -> list[str]:
        return [key.name for key in TRANSITION_KEYS if key.name in self.keys]

    def own_schema(self, shared: Json) -> Json:
        schema = super().own_schema(shared)
        schema["allOf"] = [
            {
                "not": {
                    "required": [name, "transition"],
                    "properties": {"transition": {"type": "object", "required": [name]}},
                }
            }
            for name in self._shared_keys()
        ]
        return schema

    def check_keys(self, node: SpecNode, problems: Problems) -> None:
        super().check_keys(node, problems)
        inner = node.get("transition")
        if inner is None or not isinstance(inner.value, dict):
            return
        for name in self._shared_keys():
            if name in node and name in inner:
                message = f"{name!r} is set twice, beside the transition and inside it"
                problems.add("conflict", message, node[name].key_location, "keep one of them")

    def canonical(self, node: SpecNode) -> SpecNode:
        """Everything moves into the long form."""
        node = super().canonical(node)
        inner = dict(node["transition"].entries)
        shared = self._shared_keys()
        rest = {k: v for k, v in node.entries.items() if k not in shared}
        for name in shared:
            if name in node:
                inner[name] = node[name]
        first = {key: inner.pop(key) for key in ("name", *shared) if key in inner}
        return node.with_value({**rest, "transition": node["transition"].with_value(first | inner)})


#: The kind of a transition to be chosen, ``{transition: auto}``: it has no separate key.
CHOSEN: Final = "chosen transition"


def is_chosen(node: SpecNode) -> bool:
    """Whether the value of ``transition`` leaves the choice to vedc."""
    named = node.get("name") if isinstance(node.value, dict) else node
    return named is not None and named.value == "auto"


class Item(Type):
    """One of several records, distinguished by the key that names it.

    If an item has two such keys, the first of ``kinds`` decides: text has a colour. ``chosen`` is
    the record of a transition that vedc chooses.
    """

    def __init__(self, kinds: Mapping[str, Record], chosen: Record) -> None:
        self.kinds = {CHOSEN: chosen, **kinds}
        self.words = tuple(kinds)
        self.phrase = "a mapping such as {clip: beach.mp4}"

    def kind_of(self, node: SpecNode) -> str | None:
        kind = next((kind for kind in self.words if kind in node), None)
        return CHOSEN if kind == "transition" and is_chosen(node["transition"]) else kind

    def schema(self, shared: Json) -> Json:
        if "item" not in shared:
            shared["item"] = {}
            # Tried in order, each in the "else" of the one before; the last one must hold.
            rules: Json = {"required": [self.words[0]]}
            for kind, record in reversed(self.kinds.items()):
                test: Json = {"required": [kind]}
                if kind == CHOSEN:
                    auto = {"properties": {"name": {"const": "auto"}}, "required": ["name"]}
                    either = [{"const": "auto"}, {"type": "object", **auto}]
                    test = {
                        "required": ["transition"],
                        "properties": {"transition": {"anyOf": either}},
                    }
                rules = {"if": test, "then": record.schema(shared), "else": rules}
            shared["item"] = {
                "type": "object",
                "description": "One of " + ", ".join(self.words) + ".",
                "properties": {kind: {"description": self.kinds[kind].doc} for kind in self.words},
                **rules,
            }
        return {"$ref": "#/definitions/item"}

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if not isinstance(node.value, dict):
            file = isinstance(node.value, str) and "." in node.value
            self.reject(node, name, problems, f"write {{clip: {node.value}}}" if file else None)
            return
        kind = self.kind_of(node)
        if kind is None:
            self._nameless(node, problems)
            return
        record = self.kinds[kind]
        others = [k for k in self.words if k in node and k not in record.keys]
        for other in others:
            message = f"an item is one thing, and this one is both {kind} and {other}"
            hint = "split it into two items"
            if kind == "transition":
                hint = f"{hint}, or write enter: fade and exit: fade for how it comes and goes"
            problems.add("two-kinds", message, node[other].key_location, hint)
        # A key of one of the others is no further mistake.
        known = set[str]().union(*(self.kinds[other].keys for other in others)) - {*record.keys}
        entries = {k: v for k, v in node.entries.items() if k not in known}
        record.check_keys(node.with_value(entries), problems)

    def _nameless(self, node: SpecNode, problems: Problems) -> None:
        for key, child in node.entries.items():
            location = child.key_location or node.location
            near, cure = did_you_mean(key, self.words), kind_cure(key, node)
            if near or cure:
                message = f"{key!r} is not a kind of item"
                message += f"; did you mean {near!r}?" if near else ""
                problems.add("unknown-key", message, location, None if near else cure)
                return
        kinds = ", ".join(sorted(self.words))
        problems.add("missing-key", f"the item does not say what it is: one of {kinds}", node)

    def canonical(self, node: SpecNode) -> SpecNode:
        return self.kinds[self.kind_of(node) or "clip"].canonical(node)


class Timeline(Type):
    """A list of items (one track), or a record with tracks."""

    def __init__(self, record: Record, items: ListOf) -> None:
        self.record, self.items = record, items
        self.phrase = "a list of items, or {tracks: [...]}"

    def schema(self, shared: Json) -> Json:
        return {
            "if": {"type": "array"},
            "then": self.items.schema(shared),
            "else": self.record.schema(shared),
        }

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if isinstance(node.value, list):
            self.items.check(node, name, problems)
        elif isinstance(node.value, dict):
            self.record.check_keys(node, problems)
        else:
            code = "empty-timeline" if node.value is None else "wrong-type"
            message = f"timeline must be {self.phrase}, not {type(node.value).__name__}"
            if node.value is None:
                message = "the timeline is empty"
            problems.add(code, message, node, "put a clip on it: [{clip: beach.mp4}]")

    def canonical(self, node: SpecNode) -> SpecNode:
        if isinstance(node.value, list):
            track = SpecNode({"id": SpecNode("main", node.location), "clips": node}, node.location)
            node = node.with_value({"tracks": SpecNode([track], node.location, node.key_location)})
        return self.record.canonical(node)
