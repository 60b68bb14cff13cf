"""Assets for files that a spec names inline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vedc.lang.keys.calls import Call
from vedc.lang.keys.decided.catalogue import asked
from vedc.lang.keys.item.place.crop import is_asked
from vedc.lang.keys.parts import (
    EDGE_CALL,
    EFFECT_CALL,
    FALLBACK_CALL,
    GENERATOR_CALL,
    GRADE_CALL,
    MASK_CALL,
    TRANSITION_CALL,
)
from vedc.lang.keys.settings import ASSET, STREAMS
from vedc.lang.schema.fallback import NONE
from vedc.lang.schema.params import FILES, named_file
from vedc.lang.schema.records import Record
from vedc.lang.yaml.tree import SpecNode


class Assets:
    """The files by id; files named inline get their path as id."""

    def __init__(self, node: SpecNode | None) -> None:
        self._given = node or SpecNode({})
        self.entries = dict(self._given.entries)

    @property
    def node(self) -> SpecNode:
        return self._given.with_value(self.entries)

    def take(self, holder: SpecNode, key: str) -> SpecNode:
        """A record whose ``key`` names an asset; a path becomes a new asset.

        A word that is neither an id nor looks like a path stays: it is a misspelt id. Where the
        record chooses streams or a rate, its asset has these.
        """
        entries = {**holder.entries, key: self.named(holder[key])}
        choices: tuple[str, ...] = ("stream", "rate")
        chosen = {name: entries.pop(name) for name in choices if name in entries}
        if chosen:
            entries[key] = self._with(entries[key], chosen)
        return holder.with_value(entries)

    def _with(self, word: SpecNode, chosen: Mapping[str, SpecNode]) -> SpecNode:
        """The id of an asset like ``word``'s, but with other streams or another rate."""
        asset = self.entries.get(word.text)
        if asset is None or asset.broken or any(node.broken for node in chosen.values()):
            return word
        added, parts = dict(chosen), []
        if "stream" in chosen:
            given = asset.get("stream")
            kinds = {**(given.entries if given is not None else {}), **chosen["stream"].entries}
            kinds = {kind: kinds[kind] for kind in STREAMS.keys if kind in kinds}
            added["stream"] = chosen["stream"].with_value(kinds)
            parts = [f"{kind} {number.value}" for kind, number in kinds.items()]
        if "rate" in chosen:
            parts.append(f"rate {chosen['rate'].value}")
        made = ordered(asset, {**asset.entries, **added}, ASSET)
        source = asset["src"].text if "src" in asset else word.text
        name = ", ".join([source, *parts])
        while name in self.entries and self.entries[name].plain() != made.plain():
            name += "-"
        self.entries.setdefault(name, made)
        return word.with_value(name)

    def named(self, word: SpecNode) -> SpecNode:
        """The id that a word names, or the id of the asset for a path."""
        given = word.text in self.entries or not looks_like_path(word.text)
        return word if given else self.of_path(word)

    def captions(self, node: SpecNode) -> SpecNode:
        """Captions whose files are assets."""

        def held(each: SpecNode) -> SpecNode:
            if each.broken or "src" not in each:
                return each
            return each.with_value({**each.entries, "src": self.named(each["src"])})

        return node.with_value([held(each) for each in node])

    def of_path(self, path: SpecNode) -> SpecNode:
        """The id of the asset for a path."""
        name = path.text
        while name in self.entries and self._source(name) != path.value:
            name = f"./{name}"
        if name not in self.entries:
            self.entries[name] = path.with_value({"src": path})
        return path.with_value(name)

    def _source(self, name: str) -> object:
        src = self.entries[name].get("src")
        return src.value if src is not None else None


def looks_like_path(text: str) -> bool:
    """Whether a word names a file rather than an asset: it has a dot, a slash or a ``*``."""
    return any(mark in text for mark in "./\\*")


def ordered(node: SpecNode, entries: dict[str, SpecNode], record: Record) -> SpecNode:
    return node.with_value({key: entries[key] for key in record.keys if key in entries})


#: Where items, tracks and the timeline hold calls of ops.
CALLS: Final[dict[str, Call]] = {
    "grade": GRADE_CALL,
    "effects": EFFECT_CALL,
    "mask": MASK_CALL,
    "generator": GENERATOR_CALL,
    "transition": TRANSITION_CALL,
    "enter": EDGE_CALL,
    "exit": EDGE_CALL,
}


def with_assets(node: SpecNode, assets: Assets) -> SpecNode:
    """Every file that an op names by its path becomes an asset."""
    entries = dict(node.entries)
    for key in CALLS.keys() & entries.keys():
        held, table = entries[key], CALLS[key]
        if isinstance(held.value, list):
            entries[key] = held.with_value([step_with_assets(key, step, assets) for step in held])
        else:
            entries[key] = _call(held, table, assets)
    if "crop" in entries and is_asked(entries["crop"]):
        entries["crop"] = with_faces(entries["crop"], assets)
    return node.with_value(entries)


def with_faces(node: SpecNode, assets: Assets) -> SpecNode:
    """A reframe setting, with its face detector as an asset."""
    if not isinstance(node.value, dict) or "faces" not in node:
        return node
    named = assets.named(node["faces"]).under(node["faces"].key_location)
    return node.with_value({**node.entries, "faces": named})


def step_with_assets(steps: str, step: SpecNode, assets: Assets) -> SpecNode:
    """A step of a ``grade`` or ``effects`` list, ordinary or open, whose files are assets."""
    if "auto" not in step:
        return _call(step, CALLS[steps], assets)
    found = asked(step)
    if found is None:  # what it asks for is not known yet
        return step
    kind, options = found
    held = {
        key: assets.named(node).under(node.key_location) if key in kind.named else node
        for key, node in options.entries.items()
    }
    auto = step["auto"].with_value({kind.name: options.with_value(held)})
    return step.with_value({**step.entries, "auto": auto})


def _call(call: SpecNode, table: Call, assets: Assets) -> SpecNode:
    op = table.op_of(call)
    for param in op.params:
        if param.kind not in FILES or param.name not in call:
            continue
        if param.name == named_file(op):
            path = call[param.name]
            entries = {**call.entries, "asset": assets.of_path(path).under(path.key_location)}
            del entries[param.name]
            call = call.with_value(entries)
        else:
            call = assets.take(call, param.name)
    if "mask" in call:
        mask = _call(call["mask"], MASK_CALL, assets)
        call = call.with_value({**call.entries, "mask": mask})
    if "fallback" in call and call["fallback"].value != NONE:
        made = _call(call["fallback"], FALLBACK_CALL, assets)
        call = call.with_value({**call.entries, "fallback": made})
    return ordered(call, dict(call.entries), table.record(op.name))
