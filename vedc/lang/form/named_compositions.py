"""Ids for compositions that a spec writes inline."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from vedc.lang.form.named_assets import looks_like_path, ordered
from vedc.lang.language import COMPOSITION
from vedc.lang.stock import STOCK
from vedc.lang.yaml.tree import SpecNode

Expand = Callable[[Mapping[str, SpecNode], str], Mapping[str, SpecNode]]


class NamedCompositions:
    """The compositions by id; inline ones get an id."""

    def __init__(self, given: SpecNode | None, expanded: Expand) -> None:
        """``expanded`` gives the timeline and the sound of a composition in their long form."""
        self._given, self._expand = given or SpecNode({}), expanded
        self.entries = dict(self._given.entries)
        self._ids: dict[str, str] = {}
        """By the inline text."""

    def expand(self) -> None:
        """Write out those of the spec's ``compositions``."""
        for name, node in self._given.entries.items():
            self.entries[name] = self._expanded(node, name)

    @property
    def node(self) -> SpecNode:
        return self._given.with_value(self.entries)

    def take(self, item: SpecNode) -> SpecNode:
        """An item that names its composition by an id.

        A word that is neither an id nor looks like a path stays: it is a misspelt id.
        """
        entries = dict(item.entries)
        held = entries["composition"]
        if held.broken or not isinstance(held.value, dict):
            return item
        if "file" not in held:
            entries["composition"] = held.with_value(self._placed(held))
            return item.with_value(entries)
        word = held["file"]
        known = self.entries.get(word.text)
        if known is None and not looks_like_path(word.text) and word.text not in STOCK:
            entries["composition"] = word.under(held.key_location)
            return item.with_value(entries)
        made = held if known is None or len(held.entries) > 1 else known
        if "vars" in entries and ("file" in made or made.broken):
            values = entries.pop("vars")
            given = made["vars"].entries if "vars" in made else {}
            made = made.with_value(
                {**made.entries, "vars": values.with_value({**given, **values.entries})}
            )
        name = word.text if made is known else self._of_file(made)
        entries["composition"] = word.with_value(name).under(held.key_location)
        return item.with_value(entries)

    def _of_file(self, node: SpecNode) -> str:
        """The id of a composition from another spec, with variables."""
        name = ", ".join(
            [
                node["file"].text,
                *(f"{k}={v.plain()}" for k, v in node["vars"].entries.items()),
            ]
            if "vars" in node
            else [node["file"].text]
        )
        while name in self.entries and self.entries[name].plain() != node.plain():
            name += "-"
        self.entries.setdefault(name, node)
        return name

    def _placed(self, node: SpecNode) -> str:
        """The id of an inline composition."""
        text = json.dumps(node.plain(), sort_keys=True, default=str)
        if text not in self._ids:
            number = len(self._ids) + 1
            while (name := f"composition-{number}") in self.entries:
                number += 1
            self._ids[text] = name
            self.entries[name] = node  # its place, before those inside it
            self.entries[name] = self._expanded(node, name)
        return self._ids[text]

    def _expanded(self, node: SpecNode, name: str) -> SpecNode:
        if node.broken:
            return node
        made = self._expand(node.entries, name)
        return ordered(node, {**node.entries, **made}, COMPOSITION)
