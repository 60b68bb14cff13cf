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

from collections.abc import Callable, Sequence
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
    "rows": "rows",
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
    window: tuple[int, int] = (0, 0)
    """Frames before and after that it sees besides its own. Where there are any, ``cpu`` and the
    others are given a sequence of layers, the earliest first, in place of one."""
    pair: bool = False
    """Whether it is given the two pictures of a transition, as a sequence of layers. Its result has
    four planes, whatever the pictures have."""
    planar: bool = False
    """Whether it is a weighted mean of each plane by itself. Matrices from and to Y'CbCr commute
    with it, so it may be given the planes of a decoded picture (``vedc.plan.fusion.plane_space``):
    then ``reference`` and ``gpu`` take one plane and ``coarse``, how often that has been halved
    across and down, and on the CPU ``rows(plane, coarse=, **arguments)`` makes the rows of a plane
    of ``vedc.codegen.filters.rows``."""
    opencv: bool = True
    """Whether ``cpu`` may use OpenCV, which takes a tenth of a second to import, and whose threads
    must be limited before."""
    reference: Callable[..., Any]
    cpu: Callable[..., Any]
    gpu: Callable[..., Any]
    rows: Callable[..., Any]
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

    @property
    def windowed(self) -> bool:
        """Whether it sees other frames than its own."""
        return self.window != (0, 0)

    @property
    def several(self) -> bool:
        """Whether it is given a sequence of layers rather than one."""
        return self.windowed or self.pair

    def __repr__(self) -> str:
        return f"<filter {self.name} version {self.version}>"

    def __reduce__(self) -> tuple[Callable[..., Filter], tuple[object, ...]]:
        return _of_op, (self.name,)


class Network(Filter):
    """A filter that is a network of ``vedc.models``, named like it.

    It works on a window of frames. The weights and what runs them are part of the keys of segments.
    """

    def __init__(self, name: str, window: tuple[int, int], tolerance: float) -> None:
        """``tolerance`` holds among all that runs networks, as for filters."""
        self.name, self.window, self.tolerance, self.version = name, window, tolerance, 1
        self.reference, self.cpu, self.gpu = self._reference, self._cpu, self._gpu

    @property
    def several(self) -> bool:
        """A network is given a sequence, of one layer too."""
        return True

    def _reference(self, layers: Sequence[Any], **arguments: Any) -> Any:
        return import_module(_RUN).run(self.name, layers, arguments, "numpy")

    def _cpu(
        self, layers: Sequence[Any], *, backend: str = "cv", threads: int = 1, **arguments: Any
    ) -> Any:
        return import_module(_RUN).run(self.name, layers, arguments, backend, threads)

    def _gpu(self, layers: Sequence[Any], **arguments: Any) -> Any:
        return import_module(_RUN).run_on_device(self.name, layers, arguments)


class ForeignModel(Network):
    """A filter that runs a user's ONNX file, ``weights``, in a separate process.

    Without a file the picture stays as it is: no call of a spec is without, but pictures of the op
    are.
    """

    def __init__(self, name: str, window: tuple[int, int]) -> None:
        super().__init__(name, window, 0.0)

    def _reference(self, layers: Sequence[Any], **arguments: Any) -> Any:
        return self._cpu(layers, **arguments)

    def _cpu(
        self, layers: Sequence[Any], *, backend: str = "", threads: int = 1, **arguments: Any
    ) -> Any:
        if not arguments["weights"]:
            return layers[self.window[0]]
        return import_module(_RUN_FOREIGN).run(layers, arguments, threads)

    def _gpu(self, layers: Sequence[Any], **arguments: Any) -> Any:
        middle = layers[self.window[0]]
        if not arguments["weights"]:
            return middle
        import torch

        made = self._cpu([layer.cpu().numpy() for layer in layers], **arguments)
        return torch.from_numpy(made).to(middle.device)


#: The module that runs users' models, likewise.
_RUN_FOREIGN: Final = "vedc.nn.foreign.run"
#: The module that runs networks, above this room: nothing of it is imported before it is used.
_RUN: Final = "vedc.nn.run"


class _Builtin(Filter):
    def __init__(
        self, name: str, window: tuple[int, int], pair: bool = False, planar: bool = False
    ) -> None:
        self.name, self.window, self.pair, self.planar = name, window, pair, planar
        self.opencv = name not in WITHOUT_OPENCV

    def __getattr__(self, attribute: str) -> Any:
        if attribute not in _NAMES:
            raise AttributeError(attribute)
        return getattr(import_module(f"vedc.kernels.{self.name}"), _NAMES[attribute])

    def __reduce__(self) -> tuple[Callable[..., Filter], tuple[object, ...]]:
        return (of_pair, (self.name,)) if self.pair else (builtin, (self.name, self.window))


def builtin(name: str, window: tuple[int, int] = (0, 0)) -> Filter:
    """The filter of the module ``name`` of ``vedc.kernels``, which is not imported yet.

    The module defines ``reference``, ``cpu``, ``gpu``, ``VERSION`` and ``TOLERANCE``, and ``rows``
    if the filter is one of ``_PLANAR``.
    """
    return _builtin(name, window)


#: Filters of generated code or of NumPy alone.
WITHOUT_OPENCV: Final = frozenset({"gaussian", "mosaic", "pyramid"})
#: Filters that are weighted means of each plane by itself.
_PLANAR: Final = frozenset({"gaussian"})


@cache
def _builtin(name: str, window: tuple[int, int]) -> Filter:
    """The same filter for the same arguments, however they were given."""
    return _Builtin(name, window, planar=name in _PLANAR)


@cache
def of_pair(name: str) -> Filter:
    """As :func:`builtin`, of a filter that is given the two pictures of a transition.

    Its four planes are whatever the op's body reads there; all are 0 where it found nothing.
    """
    return _Builtin(name, (0, 0), pair=True)


def _of_op(name: str) -> Filter:
    """The filter of that name, which mostly is its op's too. A process that has used none of
    vedc's ops yet imports the module."""
    from vedc.ops.core import registry
    from vedc.ops.core.index import MODULES

    if not registry.has(name) and name in MODULES:
        import_module(f"vedc.ops.{MODULES[name]}")
    for op in registry.names():
        found = registry.get(op).filter
        if found is not None and found.name == name:
            return found
    raise InternalError(f"there is no filter {name}")


#: Makes smaller copies of a picture for geometry ops that minify it. No op of its own.
PYRAMID: Final = builtin("pyramid")
