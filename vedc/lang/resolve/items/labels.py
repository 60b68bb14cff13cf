"""Names of items and tracks in messages, and whether they are enabled."""

from __future__ import annotations

from vedc.lang.schema.records import article
from vedc.lang.yaml.tree import SpecNode


def enabled(node: SpecNode) -> bool:
    return "enabled" not in node or node["enabled"].value is True


def label(kind: str, node: SpecNode) -> str:
    """An item's name in messages and the plan, after its place."""
    if kind == "generator":
        return node[kind]["op"].text
    if kind == "adjustment":
        return kind
    text = node[kind].text
    if kind in ("clip", "composition", "image"):
        return text.rsplit("/", 1)[-1]
    first = text.split("\n", 1)[0]
    return repr(first if len(first) <= 24 else f"{first[:21]}...") if kind == "text" else text


def with_article(kind: str) -> str:
    """A kind of item or file as messages name it: ``an image``."""
    return "a colour" if kind == "color" else article(kind)
