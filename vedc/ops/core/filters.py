"""Filters: operations on whole neighbourhoods, written by hand for each backend.

    my_filter = Filter(reference, cpu, gpu, version=1, tolerance=1e-5)

    @op("stencil", space="display", use="...", filter=my_filter)
    def my_op(m, pixel, filtered, *, radius=param(3.0)): ...

A filter turns a layer, premultiplied samples of shape (channels, rows, columns) with three or
four channels, into another of that shape. vedc's own are modules of ``vedc.kernels`` (see
:func:`builtin`), imported when they first run. A plugin declares its own in its own file and
imports OpenCV, torch and Triton inside the functions, so that checking a spec stays cheap.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any, Final

from vedc.errors import InternalError

#: What a module of ``vedc.kernels`` calls the attributes of a filter.
_NAMES: Final = {
    "reference": "reference",
    "cpu": "cpu",
    "gpu": "gpu",
    "version": "VERSION",
    "tolerance": "TOLERANCE",
}


class Filter:
    """One filter in three implementations.

    ``reference(layer, **arguments)``
        The definition, on a float64 array.
    ``cpu(layer, **arguments)``
        The same on a float32 array, which it leaves as it is.
    ``gpu(layer, **arguments)``
        The same on a float32 tensor; also runs in Triton's interpreter.
    ``version``
        Raised when results change; part of the key of every segment that uses the filter.
    ``tolerance``
        Largest difference of ``cpu`` and ``gpu`` from ``reference``, for samples in 0..1.

    Filters compare by identity and pickle by name: a plugin's by that of its op, which must be
    loaded where the filter is unpickled.
    """

    name: str
    reference: Callable[..., Any]
    cpu: Callable[..., Any]
    gpu: Callable[..., Any]
    version: int
    tolerance: float

    def __init__(
        self,
        reference: Callable[..., Any],
        cpu: Callable[..., Any],
        gpu: Callable[..., Any],
        *,
        version: int = 1,
        tolerance: float,
    ) -> None:
        self.name = ""
        self.reference, self.cpu, self.gpu = reference, cpu, gpu
        self.version, self.tolerance = version, tolerance

    def __repr__(self) -> str:
        return f"<filter {self.name} version {self.version}>"

    def __reduce__(self) -> tuple[Callable[[str], Filter], tuple[str]]:
        return _of_op, (self.name,)


class _Builtin(Filter):
    def __init__(self, name: str) -> None:
        self.name = name

    def __getattr__(self, attribute: str) -> Any:
        if attribute not in _NAMES:
            raise AttributeError(attribute)
        return getattr(import_module(f"vedc.kernels.{self.name}"), _NAMES[attribute])

    def __reduce__(self) -> tuple[Callable[[str], Filter], tuple[str]]:
        return builtin, (self.name,)


@cache
def builtin(name: str) -> Filter:
    """The filter of the module ``name`` of ``vedc.kernels``, which is not imported yet.

    The module defines ``reference``, ``cpu``, ``gpu``, ``VERSION`` and ``TOLERANCE``.
    """
    return _Builtin(name)


def _of_op(name: str) -> Filter:
    from vedc.ops.core import registry

    found = registry.get(name).filter
    if found is None:
        raise InternalError(f"op {name} has no filter")
    return found


#: Makes smaller copies of a picture for geometry ops that minify it. No op of its own.
PYRAMID: Final = builtin("pyramid")
