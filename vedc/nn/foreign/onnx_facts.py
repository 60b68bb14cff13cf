"""The facts about an ONNX file, read from its bytes (onnx.proto3) without running it.

What an image network needs is allowed; anything else is refused with a reason: custom operators,
nested graphs (loops), functions, data in other files, unusual tensor types.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NoReturn

from vedc.errors import UserError
from vedc.nn.foreign import wire

#: The largest accepted file, in bytes.
LARGEST: Final = 256 * 2**20
_MOST_NODES: Final = 20_000
_MOST_TENSORS: Final = 20_000
_MOST_AXES: Final = 8
#: Supported versions of the format: reading later ones would be guesswork.
_VERSIONS: Final = range(3, 15)
#: Opsets whose operators match the list below.
OPSETS: Final = range(7, 24)
#: TensorProto.DataType -> bytes: float32, uint8, int8, int32, int64, bool, float16, float64.
_SIZES: Final[Mapping[int, int]] = {1: 4, 2: 1, 3: 1, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8}
FLOAT32: Final = 1
#: The operators of image networks: no control flow, no text, no randomness. A few can make large
#: tensors from small ones, so memory and time are limited as well.
_NAMES: Final = (
    "Abs Add And AveragePool BatchNormalization Cast Ceil Celu Clip Concat Constant "
    "ConstantOfShape Conv ConvTranspose DepthToSpace Div Dropout Einsum Elu Equal Erf Exp "
    "Expand Flatten Floor Gather GatherElements GatherND Gelu Gemm GlobalAveragePool "
    "GlobalMaxPool Greater GreaterOrEqual GridSample GroupNormalization HardSigmoid HardSwish "
    "Identity InstanceNormalization LayerNormalization LeakyRelu Less LessOrEqual Log "
    "LogSoftmax LpNormalization MatMul Max MaxPool Mean Min Mish Mod Mul Neg Not Or PRelu Pad "
    "Pow Range Reciprocal ReduceL1 ReduceL2 ReduceMax ReduceMean ReduceMin ReduceSum "
    "ReduceSumSquare Relu Reshape Resize Round Selu Shape Sigmoid Sign Slice Softmax Softplus "
    "Softsign SpaceToDepth Split Sqrt Squeeze Sub Sum Tanh ThresholdedRelu Tile TopK "
    "Transpose Unsqueeze Upsample Where Xor "
)
OPS: Final = frozenset(_NAMES.split())

Side = int | None
"""A dimension of a tensor; None if it may vary."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """An input or an output."""

    name: str
    type: int
    sides: tuple[Side, ...]


@dataclass(slots=True)
class OnnxFacts:
    """The facts stated by a file."""

    path: Path
    opset: int = 0
    producer: str = ""
    notes: dict[str, str] = field(default_factory=dict)
    ops: dict[str, int] = field(default_factory=dict)
    """How often each operator occurs in the graph."""
    inputs: list[Tensor] = field(default_factory=list)
    """Without the constants, which old files also list."""
    outputs: list[Tensor] = field(default_factory=list)
    parameters: int = 0
    """The total number of elements of all constants."""


def read(path: Path) -> OnnxFacts:
    """Read and check a file. Raises UserError ``bad-model`` with the file and the reason."""
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, 2)
            if size > LARGEST:
                refuse(path, f"it has {size:,} bytes; at most {LARGEST:,} are read")
            stream.seek(0)
            data = stream.read(LARGEST + 1)
    except OSError as error:
        refuse(path, str(error.strerror or error).lower())
    try:
        return _Reader(path).model(memoryview(data))
    except wire.Damaged as error:
        refuse(path, f"it is not an ONNX file, or it is damaged: {error}")


def refuse(path: Path, why: str, hint: str = "export it again, as plain ONNX") -> NoReturn:
    raise UserError.one("bad-model", f"the model '{path.name}' cannot be used: {why}", hint=hint)


class _Reader:
    def __init__(self, path: Path) -> None:
        self.facts, self.path = OnnxFacts(path), path
        self._graph: memoryview | None = None
        self._constants: set[str] = set()

    def model(self, data: memoryview) -> OnnxFacts:
        facts, version = self.facts, 0
        for number, value in wire.fields(data):
            match number:
                case 1:
                    version = wire.count(value)
                case 2:
                    facts.producer = wire.text(value)[:80]
                case 7:
                    self._graph = wire.message(value)
                case 8:
                    self._opset(wire.message(value))
                case 14:
                    pair = {n: wire.text(v) for n, v in wire.fields(wire.message(value))}
                    facts.notes[pair.get(1, "")] = pair.get(2, "")
                case 20 | 25:
                    refuse(self.path, "it has functions or training of its own")
        if self._graph is None or version not in _VERSIONS:
            raise wire.Damaged("it has no graph, or no version that is known")
        if facts.opset not in OPSETS:
            span = f"{OPSETS.start} to {OPSETS.stop - 1}"
            refuse(self.path, f"its opset is {facts.opset}; {span} are read")
        self._read_graph(self._graph)
        facts.inputs = [t for t in facts.inputs if t.name not in self._constants]
        return facts

    def _opset(self, data: memoryview) -> None:
        found = dict(wire.fields(data))
        domain = wire.text(found[1]) if 1 in found else ""
        if domain in ("", "ai.onnx"):
            self.facts.opset = wire.count(found.get(2, 0))
        # Other domains may be listed without being used: each node states its own.

    def _read_graph(self, graph: memoryview) -> None:
        nodes = tensors = 0
        for number, value in wire.fields(graph):
            if number == 1:
                nodes += 1
                if nodes > _MOST_NODES:
                    refuse(self.path, f"its graph has more than {_MOST_NODES:,} nodes")
                self._node(wire.message(value))
            elif number == 5:
                tensors += 1
                if tensors > _MOST_TENSORS:
                    refuse(self.path, f"it has more than {_MOST_TENSORS:,} constants")
                self._constants.add(self._constant(wire.message(value)))
            elif number == 11:
                self.facts.inputs.append(_tensor(wire.message(value)))
            elif number == 12:
                self.facts.outputs.append(_tensor(wire.message(value)))
            elif number == 15:
                refuse(self.path, "it has sparse constants")
        if not nodes:
            refuse(self.path, "its graph has no nodes")

    def _node(self, data: memoryview) -> None:
        op = domain = ""
        for number, value in wire.fields(data):
            if number == 4:
                op = wire.text(value)
            elif number == 7:
                domain = wire.text(value)
            elif number == 5:
                self._attribute(wire.message(value))
        if domain not in ("", "ai.onnx"):
            refuse(self.path, f"{op[:40]!r} is an operator of {domain[:40]!r}, not of ONNX itself")
        if op not in OPS:
            refuse(self.path, f"the operator {op[:40]!r} is not among those that may be run")
        self.facts.ops[op] = self.facts.ops.get(op, 0) + 1

    def _attribute(self, data: memoryview) -> None:
        for number, value in wire.fields(data):
            if number in (6, 11):
                refuse(self.path, "a node holds a graph of its own, as loops and branches do")
            if number == 21:
                refuse(self.path, "a node refers to an attribute of a function")
            if number in (22, 23):
                refuse(self.path, "it has sparse constants")
            if number in (5, 10):
                self._constant(wire.message(value))

    def _constant(self, data: memoryview) -> str:
        """Check a constant and return its name."""
        name, kind, raw = "", 0, 0
        sides: list[int] = []
        other = False
        for number, value in wire.fields(data):
            match number:
                case 1:
                    sides += wire.numbers(value)
                case 2:
                    kind = wire.count(value)
                case 8:
                    name = wire.text(value)
                case 9:
                    raw = len(wire.message(value))
                case 4 | 5 | 7 | 10 | 11:
                    other = True
                case 13:
                    refuse(self.path, "its numbers are in another file")
                case 14:
                    if value:
                        refuse(self.path, "its numbers are in another file")
        if kind not in _SIZES:
            refuse(self.path, f"the constant {name[:40]!r} is of the type {kind}")
        if len(sides) > _MOST_AXES:
            refuse(self.path, f"the constant {name[:40]!r} has {len(sides)} axes")
        size = math.prod(sides)
        if (
            size > LARGEST
            or (raw and raw != size * _SIZES[kind])
            or (size and not raw and not other)
        ):
            refuse(self.path, f"the constant {name[:40]!r} does not have the size that it states")
        self.facts.parameters += size
        return name


def _tensor(data: memoryview) -> Tensor:
    name, kind = "", 0
    sides: list[Side] = []
    for number, value in wire.fields(data):
        if number == 1:
            name = wire.text(value)
        elif number == 2:
            for which, held in wire.fields(wire.message(value)):
                if which == 1:
                    kind, sides = _type(wire.message(held))
    return Tensor(name, kind, tuple(sides))


def _type(data: memoryview) -> tuple[int, list[Side]]:
    kind = 0
    sides: list[Side] = []
    for number, value in wire.fields(data):
        if number == 1:
            kind = wire.count(value)
        elif number == 2:
            for which, side in wire.fields(wire.message(value)):
                if which == 1:
                    known = dict(wire.fields(wire.message(side)))
                    length = wire.count(known[1]) if 1 in known else 0
                    sides.append(length if length > 0 else None)
    return kind, sides
