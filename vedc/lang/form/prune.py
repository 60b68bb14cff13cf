"""Removes malformed parts of a spec, so that the meaning of the rest can be checked.

The smallest dispensable part is removed: an unknown key, the value of an optional key, an element
of a list. Checks that depend on it must stay silent, so the tree remembers what is gone:
``SpecNode.lost`` holds the keys removed from a mapping, and an item, an output or an asset that
cannot be read stays as a ``broken`` node.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from vedc.lang.keys.calls import Call
from vedc.lang.keys.item.picture.decidable_step import DecidableStep, WholePictureEffect
from vedc.lang.keys.items import CHOSEN, Item, Timeline
from vedc.lang.keys.settings import OUTPUT
from vedc.lang.language import EDIT, VERSION
from vedc.lang.records.composition import CompositionRecord
from vedc.lang.records.spec import is_sound_alone
from vedc.lang.schema.animated import Animated
from vedc.lang.schema.records import Deferred, ListOf, MapOf, Record, Shared, Short
from vedc.lang.schema.values import Type
from vedc.lang.yaml.tree import ANY, Problems, SpecNode

#: Keys that people write at the top and that belong to the profile.
_PROFILE_KEYS: Final = frozenset({"fps", "width", "height"})


def prune(root: SpecNode) -> tuple[SpecNode | None, list[SpecNode]]:
    """The well-formed part of a spec, or None; and the problems.

    ``variables`` are ignored.
    """
    return (pruner := _Pruner()).spec(root), pruner.removed


def broken_nodes(node: SpecNode) -> Iterator[SpecNode]:
    """The nodes in a tree about which nothing is known."""
    if node.broken:
        yield node
    children = node.value
    if isinstance(children, (dict, list)):
        for child in children.values() if isinstance(children, dict) else children:
            yield from broken_nodes(child)


class _Pruner:
    def __init__(self) -> None:
        self.removed: list[SpecNode] = []

    def spec(self, root: SpecNode) -> SpecNode | None:
        if not isinstance(root.value, dict):
            return None
        if "version" in root and root["version"].value != VERSION:
            return None  # what the rest means is not known
        spec = self._known_keys(EDIT, root)
        lost = set(spec.lost)
        if lost & _PROFILE_KEYS:
            lost.add("profile")
        if "assets" not in spec and not lost <= {ANY, *EDIT.keys, *EDIT.advice, *EDIT.later}:
            lost.add("assets")
        entries = dict(spec.entries)
        if "timeline" not in entries:
            known = "timeline" not in lost and is_sound_alone(root)
            tracks = SpecNode([], root.location, lost=frozenset(() if known else (ANY,)))
            entries["timeline"] = SpecNode({"tracks": tracks}, root.location)
        if "outputs" in lost:
            entries["outputs"] = SpecNode([_broken(root)], root.location)
        return spec.with_value(entries).losing(lost)

    def part(self, rule: Type, node: SpecNode) -> SpecNode | None:
        """The part of a value that follows its rule; None if no part does."""
        if _is_sound(rule, node):
            return node
        if node.broken:
            return None
        sound = self._sound_part(rule, node)
        if sound is None:
            self.removed.append(node)
        return sound

    def _sound_part(self, rule: Type, node: SpecNode) -> SpecNode | None:
        mapping = isinstance(node.value, dict)
        match rule:
            case Shared() | Deferred():
                return self._sound_part(rule.inner, node)
            case Animated():
                inner = rule.record if mapping else rule.inner
                return self._whole(inner, self._sound_part(inner, node))
            case Short() | Timeline() if mapping:
                return self._sound_part(rule.record, node)
            case Timeline():
                return self._sound_part(rule.items, node)
            case Item() if mapping:
                return self._item(rule, node)
            case DecidableStep() | WholePictureEffect() if mapping:
                return self._sound_part(rule.call, node)
            case Call() if mapping:
                return self._call(rule, node)
            case Record() if mapping:
                return self._record(rule, node)
            case ListOf() if isinstance(node.value, list):
                return self._list(rule, node)
            case MapOf() if mapping:
                entries = {key: self.part(rule.item, child) for key, child in node.entries.items()}
                return node.with_value(
                    {k: v or _broken(node.entries[k]) for k, v in entries.items() if k}
                )
        return None

    @staticmethod
    def _whole(rule: Type, node: SpecNode | None) -> SpecNode | None:
        """A part that is useless unless all of it follows the rule."""
        return node if node is not None and _is_sound(rule, node) else None

    def _record(self, record: Record, node: SpecNode) -> SpecNode | None:
        sound = self._known_keys(record, node)
        missing = any(key.required and key.name not in sound for key in record.keys.values())
        missing |= isinstance(record, CompositionRecord) and not {"file", "timeline"} & {
            *sound.entries
        }
        return None if missing else sound

    def _known_keys(self, record: Record, node: SpecNode) -> SpecNode:
        entries: dict[str, SpecNode] = {}
        lost = set(node.lost)
        for name, child in node.entries.items():
            key = record.keys.get(name)
            if key is None:
                self.removed.append(child)
                near = record.meant(name)
                lost |= {near} if near else {name} if name in record.later else {name, ANY}
                continue
            sound = self.part(key.type, child)
            if sound is None:
                lost.add(name)
            else:
                entries[name] = sound
        for rule in record.either:
            rivals = [name for name in rule.group if name in node]
            if len(rivals) > 1 and rule.excludes(node):  # which one is meant is not known
                self.removed += [entries.pop(name) for name in rivals if name in entries]
                lost.update(rivals)
        return node.with_value(entries).losing(lost)

    def _list(self, rule: ListOf, node: SpecNode) -> SpecNode | None:
        elements = [self.part(rule.item, element) for element in node]
        if isinstance(rule.item, Item) or rule.item is OUTPUT:
            kept = [
                element if element is not None else _broken(old)
                for element, old in zip(elements, node, strict=True)
            ]
        else:
            kept = [element for element in elements if element is not None]
        if rule.empty and not kept:
            return None
        sound = node.with_value(kept)
        return sound if len(kept) == len(elements) else sound.losing({ANY})

    def _item(self, rule: Item, node: SpecNode) -> SpecNode | None:
        kind = rule.kind_of(node)
        if kind is None or any(
            key in node for key in rule.words if key not in rule.kinds[kind].keys
        ):
            return None
        if kind in ("auto", "transition", CHOSEN):  # of use only as a whole
            self.removed.append(node)
            word = "auto" if kind == "auto" else "transition"
            return SpecNode(
                {word: SpecNode(None, node.location, broken=True)}, node.location, broken=True
            )
        return self._record(rule.kinds[kind], node)

    def _call(self, rule: Call, node: SpecNode) -> SpecNode | None:
        name = node.get(rule.word)
        if name is None or not rule.check_name(name, Problems()):
            return None
        return self._whole(rule, self._record(rule.record(name.text), rule.listed(node)))


def _is_sound(rule: Type, node: SpecNode) -> bool:
    problems = Problems()
    rule.check(node, "", problems)
    return not problems and next(broken_nodes(node), None) is None


def _broken(node: SpecNode) -> SpecNode:
    """Stands for a mapping that cannot be read."""
    return SpecNode({}, node.location, node.key_location, broken=True)
