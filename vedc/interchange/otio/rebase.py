"""Paths of a spec, seen from another folder."""

from __future__ import annotations

import os
from typing import Any, Final

from vedc.interchange.common.files import is_url
from vedc.lang.yaml.tree import Awaited

#: Keys whose texts may be paths; an asset's id or a font's family is not a file there.
_KEYS: Final = frozenset(
    [
        "src",
        "clip",
        "image",
        "font",
        "file",
        "captions",
        "from",
        "cover",
        "plugins",
        "composition",
        "sound",
        "ocio",
    ]
)


def rebased(value: Any, before: str, after: str, key: str = "") -> Any:
    """``value`` of a spec of folder ``before``, for one of folder ``after``."""
    if os.path.normpath(before) == os.path.normpath(after):
        return value
    if isinstance(value, dict):
        return {name: rebased(child, before, after, name) for name, child in value.items()}
    if isinstance(value, list):
        return [rebased(child, before, after, key) for child in value]
    if isinstance(value, str) and key in _KEYS and not is_url(value) and "${{" not in value:
        found = os.path.join(before, value)
        if not os.path.isabs(value) and (os.path.exists(found) or key in ("src", "file")):
            return Awaited(os.path.relpath(found, after).replace(os.sep, "/"))
    return value
