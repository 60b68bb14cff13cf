"""Reading JSON that anyone may have written or damaged."""

from __future__ import annotations

import json
from typing import Any


def read_json(text: str | bytes) -> Any:
    """The parsed text. Raises ValueError for anything that is not JSON, or is nested too deep."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("JSON is nested too deep") from None
