"""Every op, declared once, in a folder per kind. New modules there are found automatically.

A module is imported when one of its ops is first used: most commands need few of them, and
importing all takes as long as the rest of ``vedc validate``. ``index`` maps ops to modules; an op
that it lacks is looked for in all of them.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from vedc.ops.core import registry
from vedc.ops.core.index import MODULES
from vedc.ops.core.registry import Op, OpKind, Param, ParamKind

__all__ = ["Op", "OpKind", "Param", "ParamKind", "by_kind", "get", "names"]

_complete = False


def get(name: str) -> Op:
    """The op of that name. Raises KeyError."""
    if not registry.has(name):
        module = f"{__name__}.{MODULES.get(name, 'core.registry')}"
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


def modules_of_ops() -> list[str]:
    """The modules that declare ops, named from this package: ``grade.tone`` and the like."""
    folder = Path(__file__).parent
    files = sorted(f for f in folder.glob("*/*.py") if f.parent.name not in ("core", "shared"))
    return [f"{f.parent.name}.{f.stem}" for f in files if f.stem != "__init__"]


def _read_all() -> None:
    global _complete
    if _complete:
        return
    modules = [f"{__name__}.{name}" for name in modules_of_ops()]
    for module in modules:
        import_module(module)
    registry.arrange(modules)
    _complete = True
