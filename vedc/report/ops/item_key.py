"""What `vedc explain` says of a key of timeline items, as text and as data."""

from __future__ import annotations

from typing import Any

from vedc.lang.docs.reference import value_text
from vedc.lang.keys.item import item_keys
from vedc.lang.keys.item_key import ItemKey
from vedc.lang.schema.records import ABSENT
from vedc.report.ops.explain import wrapped


def find_key(name: str) -> ItemKey | None:
    """The key of that name."""
    return next((key for key in item_keys() if key.name == name), None)


def key_data(key: ItemKey) -> dict[str, Any]:
    """All facts about a key, as JSON."""
    return {
        "name": key.name,
        "kind": "item key",
        "summary": key.of(key.items[0]).doc,
        "value": key.type.phrase,
        "default": None if key.default is ABSENT else key.default,
        "animated": key.animated,
        "items": list(key.items),
    }


def key_text(key: ItemKey) -> str:
    """The explanation for a terminal."""
    default = f"the same as `{key.same_as}`" if key.same_as else value_text(key.default).strip("`")
    lines = [f"{key.name}: item key", "", *wrapped(key.of(key.items[0]).doc), ""]
    for title, text in (
        ("Value", key.type.phrase),
        ("Default", default or "none"),
        ("Of", ", ".join(key.items)),
        ("Keyframes", "yes" if key.animated else "no"),
    ):
        lines += wrapped(text, f"  {title + ':':14}")
    return "\n".join(lines) + "\n"
