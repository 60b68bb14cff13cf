"""What a piece is computed by: a chain of kernels and filters, the last of them the film's.

Plain data. A kernel reads what was fetched and the layers that earlier steps made; a filter
makes one layer of another. Layers are float32, premultiplied, as large as the canvas unless a
filter says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from vedc.color import FORMATS, LAYER, OPAQUE_LAYER, PixelFormat
from vedc.edit.easing import value_at
from vedc.edit.model import Keyframes
from vedc.expr.nodes import Expr
from vedc.expr.program import Program
from vedc.ir.graph import Node
from vedc.ir.image import Param
from vedc.ops.core.filters import Filter
from vedc.plan.fusion.collapse import Tabulated


@dataclass(frozen=True, slots=True)
class Rect:
    """Where a picture lies on the canvas, in canvas pixels."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Fetch:
    """An input of a kernel that comes from outside: what to fetch, and where it lies.

    A title's place is known only when it is set, so its ``rect`` is the canvas.
    """

    node: Node
    rect: Rect
    covers: bool

    @property
    def format(self) -> PixelFormat:
        """How its samples lie in memory."""
        return FORMATS[self.node.type.format or "rgba"]

    @property
    def moves(self) -> bool:
        """Whether it is another picture in every frame."""
        return self.node.facts.fetched == "stream"


@dataclass(frozen=True, slots=True)
class LayerRef:
    """The layer that step ``step`` of the chain makes."""

    step: int
    width: int
    height: int
    alpha: bool

    @property
    def format(self) -> PixelFormat:
        return LAYER if self.alpha else OPAQUE_LAYER


@dataclass(frozen=True, slots=True)
class Count:
    """A number that grows by ``step`` with each frame of the piece."""

    first: int
    step: Fraction = Fraction(1)

    def at(self, frame: int) -> float:
        return float((self.first + frame) * self.step)


@dataclass(frozen=True, slots=True)
class KernelParam:
    """One number of the graph: a parameter, or channel ``channel`` of it."""

    param: float | tuple[float, ...] | Keyframes | Count
    channel: int | None = None

    @property
    def moves(self) -> bool:
        return isinstance(self.param, (Keyframes, Count))

    def at(self, frame: int) -> float:
        """The number at a frame of the piece."""
        if isinstance(self.param, Count):
            return self.param.at(frame)
        value = value_at(self.param, frame) if isinstance(self.param, Keyframes) else self.param
        if isinstance(value, tuple):
            assert self.channel is not None
            return value[self.channel]
        return value


@dataclass(frozen=True, slots=True)
class CurveTable:
    """A lookup table that is made of the points of a curve."""

    points: tuple[float, ...]
    periodic: bool


TableSource = str | CurveTable | Tabulated
"""Where a table's numbers come from: the digest of a file, a curve, or a chain of functions."""


@dataclass(frozen=True, slots=True)
class MemoInputs:
    """What a memo's entries depend on besides the program, as indices of the kernel's.

    None of these parameters moves within the piece.
    """

    params: tuple[int, ...]
    tables: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Optimised:
    """What one stage of the expression compiler left of a kernel."""

    stage: str
    operations: int
    """Vector operations a pixel, as ``expr.affine`` counts them."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """A step that is computed pixel by pixel."""

    program: Program
    width: int
    height: int
    inputs: tuple[Fetch | LayerRef, ...]
    """The program's leaves."""
    values: tuple[KernelParam, ...]
    """Numbers of the graph, evaluated for each frame ..."""
    uniforms: tuple[Expr, ...]
    """... and what is computed of them on the host: the program's parameters."""
    tables: tuple[TableSource, ...]
    memos: tuple[MemoInputs, ...] = ()
    optimised: tuple[Optimised, ...] = field(default=(), compare=False)

    @property
    def fetches(self) -> tuple[Fetch, ...]:
        return tuple(i for i in self.inputs if isinstance(i, Fetch))


@dataclass(frozen=True, slots=True)
class FilterStep:
    """A step that looks at whole neighbourhoods."""

    filter: Filter
    source: LayerRef
    width: int
    height: int
    op: str = ""
    """The op that the filter belongs to, which turns its parameters into the filter's arguments;
    without one the parameters are the arguments."""
    params: tuple[tuple[str, Param], ...] = field(default=())
    origin: tuple[float, ...] | None = None
    """The rectangle x, y, width, height that the op's places count from, if not the whole."""

    def at(self, frame: int) -> Mapping[str, Any]:
        """The op's parameters at a frame, as plain values."""
        return {
            name: value_at(value, frame) if isinstance(value, Keyframes) else value
            for name, value in self.params
        }


@dataclass(frozen=True, slots=True)
class Chain:
    """A piece that is computed. The last step draws the film; the others make layers."""

    steps: tuple[Kernel | FilterStep, ...]

    @property
    def last(self) -> Kernel:
        final = self.steps[-1]
        assert isinstance(final, Kernel)
        return final

    @property
    def still(self) -> frozenset[int]:
        """The steps whose layers are the same in every frame: made of stills, with nothing that
        moves."""
        found: set[int] = set()
        for index, step in enumerate(self.steps[:-1]):
            if isinstance(step, FilterStep):
                moves = any(isinstance(value, Keyframes) for _, value in step.params)
                made = [step.source.step]
            else:
                moves = any(value.moves for value in step.values)
                moves |= any(fetch.moves for fetch in step.fetches)
                made = [given.step for given in step.inputs if isinstance(given, LayerRef)]
            if not moves and found.issuperset(made):
                found.add(index)
        return frozenset(found)

    @property
    def kernels(self) -> Iterator[Kernel]:
        return (step for step in self.steps if isinstance(step, Kernel))

    @property
    def fetches(self) -> tuple[Fetch, ...]:
        """Everything that is read from outside, once each."""
        return tuple(dict.fromkeys(f for kernel in self.kernels for f in kernel.fetches))


@dataclass(frozen=True, slots=True)
class Copy:
    """A piece whose decoded samples are the encoder's input."""

    fetch: Fetch
