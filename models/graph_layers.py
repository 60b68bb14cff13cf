"""Tracing of image networks: a forward pass over these primitives becomes an ONNX graph.

    graph = trace(network.forward, weights, (1, 128, 160, 10), "clean")
    graph.onnx      # for OpenCV's dnn and for onnxruntime
    graph.cost      # multiply-adds, for ``vedc plan``
    graph.reach     # the receptive field to either side, for tiles

Arrays of the forward pass have their channels last, ONNX has them second, so a traced picture
(n, h, w, c) is the tensor (n, c, h, w), and weights are transposed while tracing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from vedc.errors import InternalError
from vedc.models import onnx_file
from vedc.models.picture_layers import GELU, Beyond

_INPUT: Final = "x"
_OUTPUT: Final = "y"
#: The names of dimensions that may vary.
_SIDES: Final = ("height", "width")


@dataclass(frozen=True, slots=True)
class Graph:
    """A traced forward pass."""

    onnx: bytes
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    """Shapes (n, channels, h, w)."""
    cost: int
    """Multiply-adds of all convolutions."""
    reach: int
    """Pixels of the input, in each direction, that a pixel of the output may depend on."""


@dataclass(slots=True)
class _Recorder:
    """The graph under construction."""

    nodes: list[bytes] = field(default_factory=list)
    constants: list[bytes] = field(default_factory=list)
    cost: int = 0
    names: int = 0

    def name(self) -> str:
        self.names += 1
        return f"t{self.names}"

    def constant(self, array: Any) -> str:
        name = self.name()
        self.constants.append(onnx_file.constant(name, np.asarray(array)))
        return name

    def node(self, op: str, inputs: Sequence[str], **attributes: onnx_file.Attribute) -> str:
        name = self.name()
        self.nodes.append(onnx_file.node(op, inputs, name, attributes))
        return name


@dataclass(frozen=True, slots=True, eq=False)
class Traced:
    """A picture in the graph. ``pitch`` is the distance between its pixels, in pixels of the input;
    ``reach``, in the same unit, how far from its centre a pixel depends on the input."""

    record: _Recorder
    name: str
    shape: tuple[int, int, int, int]
    pitch: float = 1.0
    reach: float = 0.0

    def made(
        self, name: str, shape: tuple[int, int, int, int], pitch: float = 1.0, reach: float = 0.0
    ) -> Traced:
        """A picture derived from this one: ``pitch`` multiplies its pitch, ``reach`` adds to its
        reach."""
        return Traced(self.record, name, shape, self.pitch * pitch, self.reach + reach)

    def combined(self, op: str, other: Any, turned: bool = False) -> Traced:
        shape, reach = self.shape, self.reach
        if isinstance(other, Traced):
            if other.shape[:3] != self.shape[:3] or (
                other.shape[3] != self.shape[3] and 1 not in (other.shape[3], self.shape[3])
            ):
                raise InternalError(f"pictures of {self.shape} and {other.shape} are combined")
            name, reach = other.name, max(reach, other.reach)
            shape = max(self.shape, other.shape)
        else:
            array = np.asarray(other, np.float32)
            if array.ndim > 1:
                raise InternalError(f"a constant of shape {array.shape} is not a vector")
            name = self.record.constant(array.reshape(1, -1, 1, 1))
        pair = (name, self.name) if turned else (self.name, name)
        return Traced(self.record, self.record.node(op, pair), shape, self.pitch, reach)

    def __add__(self, other: Any) -> Traced:
        return self.combined("Add", other)

    def __radd__(self, other: Any) -> Traced:
        return self.combined("Add", other, True)

    def __sub__(self, other: Any) -> Traced:
        return self.combined("Sub", other)

    def __rsub__(self, other: Any) -> Traced:
        return self.combined("Sub", other, True)

    def __mul__(self, other: Any) -> Traced:
        return self.combined("Mul", other)

    def __rmul__(self, other: Any) -> Traced:
        return self.combined("Mul", other, True)

    # Otherwise NumPy would call __radd__ and so on for each element of an array.
    __array_ufunc__ = None

    def __getitem__(self, at: Any) -> Traced:
        rest, part = (at[:-1], at[-1]) if isinstance(at, tuple) else ((), None)
        if rest != (Ellipsis,) or not isinstance(part, slice) or part.step is not None:
            raise InternalError("only slices x[..., a:b] of the channels can be traced")
        first, last, _ = part.indices(self.shape[3])
        bounds = (self.record.constant(np.array([n], np.int64)) for n in (first, last, 1))
        name = self.record.node("Slice", (self.name, *bounds))
        return self.made(name, (*self.shape[:3], last - first))


class GraphLayers:
    """The primitives as nodes of ONNX."""

    def conv(
        self,
        x: Traced,
        weight: Any,
        stride: int = 1,
        dilation: tuple[int, int] = (1, 1),
        bias: Any | None = None,
    ) -> Traced:
        kh, kw, into, out = weight.shape
        n, h, w, c = x.shape
        if c != into:
            raise InternalError(f"a convolution of {into} channels is given {c}")
        top, left = dilation[0] * (kh // 2), dilation[1] * (kw // 2)
        turned = np.ascontiguousarray(np.asarray(weight, np.float32).transpose(3, 2, 0, 1))
        names = [x.name, x.record.constant(turned)]
        if bias is not None:
            names.append(x.record.constant(np.asarray(bias, np.float32)))
        shape = n, -(-h // stride), -(-w // stride), out
        x.record.cost += math.prod(shape) * kh * kw * into
        name = x.record.node(
            "Conv",
            names,
            kernel_shape=(kh, kw),
            strides=(stride, stride),
            dilations=dilation,
            pads=(top, left, top, left),
        )
        return x.made(name, shape, stride, max(top, left) * x.pitch)

    def _each(self, op: str, x: Traced, **attributes: onnx_file.Attribute) -> Traced:
        return x.made(x.record.node(op, (x.name,), **attributes), x.shape)

    def relu(self, x: Traced) -> Traced:
        return self._each("Relu", x)

    def leaky_relu(self, x: Traced, slope: float) -> Traced:
        return self._each("LeakyRelu", x, alpha=float(slope))

    def gelu(self, x: Traced) -> Traced:
        root, cubic = GELU
        inner = (x + x * x * x * cubic) * root
        return x * 0.5 * (self._each("Tanh", inner) + 1.0)

    def sigmoid(self, x: Traced) -> Traced:
        return self._each("Sigmoid", x)

    def inverse_root(self, x: Traced) -> Traced:
        return self._each("Reciprocal", self._each("Sqrt", x))

    def join(self, parts: Sequence[Traced]) -> Traced:
        first = parts[0]
        name = first.record.node("Concat", [part.name for part in parts], axis=1)
        shape = (*first.shape[:3], sum(part.shape[3] for part in parts))
        return Traced(first.record, name, shape, first.pitch, max(part.reach for part in parts))

    def affine(self, x: Traced, scale: Any, shift: Any) -> Traced:
        return x.combined("Mul", scale).combined("Add", shift)

    def _enlarged(self, x: Traced, factor: int, **attributes: onnx_file.Attribute) -> str:
        scales = x.record.constant(np.array([1, 1, factor, factor], np.float32))
        return x.record.node("Resize", (x.name, "", scales), **attributes)

    def nearest(self, x: Traced, factor: int) -> Traced:
        n, h, w, c = x.shape
        name = self._enlarged(
            x,
            factor,
            mode="nearest",
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        )
        # The centres of a pixel and of its source are at most half a source pixel apart.
        return x.made(name, (n, h * factor, w * factor, c), 1 / factor, x.pitch / 2)

    def bilinear(self, x: Traced, factor: int) -> Traced:
        n, h, w, c = x.shape
        name = self._enlarged(x, factor, mode="linear", coordinate_transformation_mode="half_pixel")
        return x.made(name, (n, h * factor, w * factor, c), 1 / factor, x.pitch)

    def space_to_depth(self, x: Traced, block: int) -> Traced:
        n, h, w, c = x.shape
        name = x.record.node("SpaceToDepth", (x.name,), blocksize=block)
        shape = n, h // block, w // block, c * block**2
        return x.made(name, shape, block, x.pitch * (block - 1) / 2)

    def depth_to_space(self, x: Traced, block: int) -> Traced:
        n, h, w, c = x.shape
        name = x.record.node("DepthToSpace", (x.name,), blocksize=block, mode="DCR")
        shape = n, h * block, w * block, c // block**2
        return x.made(name, shape, 1 / block, x.pitch * (block - 1) / (2 * block))

    def mean(self, x: Traced, block: int) -> Traced:
        n, h, w, c = x.shape
        sides = block, block
        name = x.record.node("AveragePool", (x.name,), kernel_shape=sides, strides=sides)
        shape = n, h // block, w // block, c
        return x.made(name, shape, block, x.pitch * (block - 1) / 2)

    def pad(
        self, x: Traced, rows: tuple[int, int], columns: tuple[int, int], beyond: Beyond
    ) -> Traced:
        n, h, w, c = x.shape
        sides = np.array([0, 0, rows[0], columns[0], 0, 0, rows[1], columns[1]], np.int64)
        mode = "constant" if beyond == "zeros" else "edge"
        name = x.record.node("Pad", (x.name, x.record.constant(sides)), mode=mode)
        return x.made(name, (n, h + sum(rows), w + sum(columns), c))


def trace(
    forward: Callable[[Any, Mapping[str, Any], Any], Any],
    weights: Mapping[str, Any],
    shape: tuple[int, int, int, int],
    name: str,
    notes: Mapping[str, str] | None = None,
    any_size: bool = False,
) -> Graph:
    """The graph of ``forward(of, weights, x)`` for ``x`` of a shape (n, h, w, channels).

    ``any_size`` declares variable heights and widths: nothing in the graph depends on them. Raises
    InternalError if the forward pass uses anything that image networks may not.
    """
    record = _Recorder()
    made = forward(GraphLayers(), weights, Traced(record, _INPUT, shape))
    if not isinstance(made, Traced):
        raise InternalError(f"the forward pass of {name} gives {type(made).__name__}")
    record.nodes.append(onnx_file.node("Identity", (made.name,), _OUTPUT))
    n, h, w, c = shape
    inputs, (n, h, w, c) = (n, c, h, w), made.shape
    outputs = n, c, h, w
    data = onnx_file.model(
        name,
        record.nodes,
        record.constants,
        [onnx_file.value(_INPUT, (*inputs[:2], *_SIDES) if any_size else inputs)],
        [onnx_file.value(_OUTPUT, (*outputs[:2], *_SIDES) if any_size else outputs)],
        notes,
    )
    return Graph(data, inputs, outputs, record.cost, math.ceil(made.reach))
