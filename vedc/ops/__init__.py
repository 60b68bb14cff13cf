"""Every op, declared once."""

from __future__ import annotations

from vedc.ops import blend, grade, transition
from vedc.ops.registry import Op, OpKind, Param, ParamKind, by_kind, get, names

__all__ = [
    "Op",
    "OpKind",
    "Param",
    "ParamKind",
    "blend",
    "by_kind",
    "get",
    "grade",
    "names",
    "transition",
]
