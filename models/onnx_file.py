"""Writing ONNX: graphs of nodes and constants, in the wire format of Protocol Buffers.

This covers only the part of onnx.proto3 that traced networks need (ONNX IR version 8, operators of
opset 17). Messages are built from the inside out as bytes. A field is its number and wire type in
one varint, then a varint (type 0), a length and that many bytes (type 2), or four bytes (type 5).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any, Final

from numpy.typing import NDArray

IR_VERSION: Final = 8
OPSET: Final = 17

#: TensorProto.DataType and AttributeProto.AttributeType.
_TYPES: Final[Mapping[str, int]] = {"float32": 1, "int64": 7}
_FLOAT, _INT, _STRING, _INTS = 1, 2, 3, 7

Attribute = float | int | str | Sequence[int]


def _varint(number: int) -> bytes:
    number &= (1 << 64) - 1  # negative numbers are written as 64 bits
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())


def _attribute(name: str, value: Attribute) -> bytes:
    """An AttributeProto."""
    if isinstance(value, float):
        held = _varint(2 << 3 | 5) + struct.pack("<f", value) + _number(20, _FLOAT)
    elif isinstance(value, int):
        held = _number(3, value) + _number(20, _INT)
    elif isinstance(value, str):
        held = _text(4, value) + _number(20, _STRING)
    else:
        held = b"".join(_number(8, n) for n in value) + _number(20, _INTS)
    return _text(1, name) + held


def node(
    op: str, inputs: Sequence[str], output: str, attributes: Mapping[str, Attribute] | None = None
) -> bytes:
    """A NodeProto with one output, which has the node's name."""
    held = b"".join(_text(1, name) for name in inputs) + _text(2, output)
    held += _text(3, output) + _text(4, op)
    return held + b"".join(_bytes(5, _attribute(*pair)) for pair in (attributes or {}).items())


def constant(name: str, array: NDArray[Any]) -> bytes:
    """A TensorProto of float32 or int64, little-endian."""
    held = b"".join(_number(1, side) for side in array.shape)
    held += _number(2, _TYPES[str(array.dtype)]) + _text(8, name)
    little = array.astype(array.dtype.newbyteorder("<"))
    return held + _bytes(9, little.tobytes())


def value(name: str, shape: Sequence[int | str]) -> bytes:
    """A ValueInfoProto of float32; a name in place of a number is a variable dimension."""
    sides = b"".join(
        _bytes(1, _text(2, side) if isinstance(side, str) else _number(1, side)) for side in shape
    )
    return _text(1, name) + _bytes(2, _bytes(1, _number(1, 1) + _bytes(2, sides)))


def model(
    name: str,
    nodes: Sequence[bytes],
    constants: Sequence[bytes],
    inputs: Sequence[bytes],
    outputs: Sequence[bytes],
    notes: Mapping[str, str] | None = None,
) -> bytes:
    """A ModelProto, the content of an .onnx file. ``notes`` become its metadata."""
    graph = b"".join(_bytes(1, part) for part in nodes) + _text(2, name)
    graph += b"".join(_bytes(5, part) for part in constants)
    graph += b"".join(_bytes(11, part) for part in inputs)
    graph += b"".join(_bytes(12, part) for part in outputs)
    held = _number(1, IR_VERSION) + _text(2, "vedc") + _bytes(7, graph)
    held += _bytes(8, _text(1, "") + _number(2, OPSET))
    pairs = (notes or {}).items()
    return held + b"".join(_bytes(14, _text(1, key) + _text(2, note)) for key, note in pairs)
