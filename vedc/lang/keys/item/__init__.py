"""Keys of timeline items, one file each: every :class:`ItemKey` of every module below counts."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

from vedc.lang.keys.item_key import ItemKey
from vedc.lang.schema.records import Key


@cache
def item_keys() -> tuple[ItemKey, ...]:
    """All of them, in the order in which an item has them."""
    here = Path(__file__).parent
    files = sorted(file.relative_to(here).with_suffix("") for file in here.rglob("[!_]*.py"))
    modules = [import_module(".".join((__name__, *file.parts))) for file in files]
    found = {v for module in modules for v in vars(module).values() if isinstance(v, ItemKey)}
    return tuple(sorted(found, key=lambda key: (key.order, key.name)))


def keys_of(kind: str) -> tuple[Key, ...]:
    """The keys that items of a kind take."""
    return tuple(key.of(kind) for key in item_keys() if kind in key.items)
