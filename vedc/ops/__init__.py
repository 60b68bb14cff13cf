"""Every op, declared once. A module that is put into this folder is found by itself."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from vedc.ops.registry import Op, OpKind, Param, ParamKind, by_kind, get, names

for _module in sorted(found.name for found in iter_modules(__path__)):
    import_module(f"{__name__}.{_module}")

__all__ = ["Op", "OpKind", "Param", "ParamKind", "by_kind", "get", "names"]
