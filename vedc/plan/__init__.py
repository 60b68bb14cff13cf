"""The execution plan: segments, fused kernels, keys. Data only; rendering decides nothing.

The package is callable: ``vedc.plan(spec)`` is a function of the Python interface, and Python binds
the package to the same name as soon as one of its modules is imported.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any


class _Callable(ModuleType):
    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """``vedc.plan(spec)``: see :func:`vedc.api.plans.plan`."""
        return import_module("vedc.api.plans").plan(*arguments, **options)


sys.modules[__name__].__class__ = _Callable
