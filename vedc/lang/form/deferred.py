"""Values of a spec that are known only once its timeline is."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from vedc.lang.language import ITEM
from vedc.lang.yaml.tree import Awaited, SpecNode


def deferred_nodes(node: SpecNode) -> Iterator[SpecNode]:
    """The nodes in a tree whose values are not yet known."""
    value = node.value
    if isinstance(value, Awaited):
        yield node
    elif isinstance(value, (dict, list)):
        for child in value.values() if isinstance(value, dict) else value:
            yield from deferred_nodes(child)


def misplaced(root: SpecNode) -> Iterator[SpecNode]:
    """The unknown nodes on which the layout of the timeline, or the outputs, depend."""
    entries = root.value if isinstance(root.value, dict) else {}
    for key, child in entries.items():
        if key == "outputs" and isinstance(child.value, list):
            for output in child.value:
                held = output.value if isinstance(output.value, dict) else {}
                for name, value in held.items():
                    if name not in ("at", "metadata"):
                        yield from deferred_nodes(value)
        elif key in ("timeline", "audio", "master", "captions", "defaults", "compositions"):
            yield from (node for held in _canvases(child) for node in deferred_nodes(held))
        elif key != "metadata":
            yield from deferred_nodes(child)


def _canvases(node: SpecNode) -> Iterator[SpecNode]:
    """The nodes that determine the canvas and the sources of compositions."""
    value = node.value
    if isinstance(value, dict):
        for key, child in value.items():
            if key in ("profile", "file", "vars"):
                yield child
            else:
                yield from _canvases(child)
    elif isinstance(value, list):
        for child in value:
            yield from _canvases(child)


def waits(node: SpecNode | None) -> bool:
    """Whether anything in a node is not known yet."""
    return node is not None and any(True for _ in deferred_nodes(node))


def with_known(node: SpecNode, known: Callable[[SpecNode], SpecNode]) -> SpecNode:
    """A tree with each of these nodes changed; subtrees without any are kept."""
    value = node.value
    if isinstance(value, Awaited):
        return known(node)
    if isinstance(value, dict):
        entries = {key: with_known(child, known) for key, child in value.items()}
        same = all(entries[key] is child for key, child in value.items())
        return node if same else node.with_value(entries)
    if isinstance(value, list):
        elements = [with_known(child, known) for child in value]
        same = all(new is old for new, old in zip(elements, value, strict=True))
        return node if same else node.with_value(elements)
    return node


def without_deferred(node: SpecNode) -> SpecNode:
    """A tree without unknown values.

    Tracks and items lose those keys, and are broken where they lose their kind. Other elements of
    lists, such as markers, are dropped whole.
    """
    value = node.value
    if isinstance(value, list):
        kept = [child for child in value if not waits(child) or _is_whole(child)]
        return node.with_value([without_deferred(child) for child in kept])
    if not isinstance(value, dict) or not waits(node):
        return node
    lost = [key for key, child in value.items() if _is_lost(child)]
    entries = {key: without_deferred(child) for key, child in value.items() if key not in lost}
    if {*ITEM.words} & {*lost}:
        return SpecNode(value, node.location, node.key_location, broken=True, lost=node.lost)
    return node.with_value(entries).losing(lost)


def _is_whole(node: SpecNode) -> bool:
    """Whether it is a track, an item or an output."""
    held = node.value if isinstance(node.value, dict) else {}
    return not held.keys().isdisjoint({"clips", "path", *ITEM.words})


def _is_lost(node: SpecNode) -> bool:
    """Whether a value is dropped whole: in a mapping of items, only their unknown parts are."""
    value = node.value
    if isinstance(value, dict):
        return waits(node) and not {"tracks", "clips"} & value.keys()
    if isinstance(value, list):
        return any(not isinstance(child.value, dict) and waits(child) for child in value)
    return isinstance(value, Awaited)
