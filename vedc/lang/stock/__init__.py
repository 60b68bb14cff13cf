"""Compositions that come with vedc: specs with variables, named without a path."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent
_SUFFIX: Final = ".vedc.yaml"

#: Their names.
STOCK: Final = tuple(sorted(p.name.removesuffix(_SUFFIX) for p in _FOLDER.glob(f"*{_SUFFIX}")))


def stock_spec(name: str) -> Path | None:
    """The spec of a stock composition; None if there is none of that name."""
    return _FOLDER / f"{name}{_SUFFIX}" if name in STOCK else None
