"""Every op, declared once. A module that is put into this folder is found by itself.

A module is read when one of its ops is first asked for: most commands need few of them, and
reading all takes as long as the rest of ``vedc validate``. ``index`` says which op is where;
of an op that it does not know all modules are asked.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

from vedc.ops import registry
from vedc.ops.index import MODULES
from vedc.ops.registry import Op, OpKind, Param, ParamKind

__all__ = ["Op", "OpKind", "Param", "ParamKind", "by_kind", "get", "names"]

_complete = False


def get(name: str) -> Op:
    """The op of that name. Raises KeyError."""
    if not registry.has(name):
        module = f"{__name__}.{MODULES.get(name, 'registry')}"
        if find_spec(module) is not None:
            import_module(module)
        if not registry.has(name):
            _read_all()
    return registry.get(name)


def by_kind(kind: OpKind) -> tuple[Op, ...]:
    """Every op of a kind, by module and there in the order of declaration."""
    _read_all()
    return registry.by_kind(kind)


def names() -> tuple[str, ...]:
    """Every op's name, by module and there in the order of declaration."""
    _read_all()
    return registry.names()


def _read_all() -> None:
    global _complete
    if _complete:
        return
    modules = [f"{__name__}.{name}" for name in sorted(m.name for m in iter_modules(__path__))]
    for module in modules:
        import_module(module)
    registry.arrange(modules)
    _complete = True
