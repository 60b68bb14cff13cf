"""A reader for the wire format of Protocol Buffers: it trusts no input, and needs no ``protobuf``.

A message is a sequence of fields: a varint of number and type, then a varint (type 0), eight bytes
(1), a length and that many bytes (2), or four bytes (5).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

#: The most fields of a message; more are an attack or a mistake.
_MOST_FIELDS: Final = 2_000_000


class Damaged(ValueError):
    """The bytes are not a message."""


def varint(data: memoryview, at: int) -> tuple[int, int]:
    """A number of at most 64 bits, and the offset after it. Raises Damaged."""
    found = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise Damaged("it ends in the middle of a number")
        byte = data[at]
        at += 1
        found |= (byte & 0x7F) << shift
        if byte < 0x80:
            return found & (1 << 64) - 1, at
    raise Damaged("a number has more than ten bytes")


def fields(data: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """The fields of a message: number and value, bytes as a view of ``data``. Raises Damaged."""
    at = 0
    for _ in range(_MOST_FIELDS):
        if at == len(data):
            return
        key, at = varint(data, at)
        number, kind = key >> 3, key & 7
        if number == 0:
            raise Damaged("a field has the number 0")
        if kind == 0:
            value, at = varint(data, at)
            yield number, value
            continue
        if kind == 2:
            length, at = varint(data, at)
        elif kind in (1, 5):
            length = 8 if kind == 1 else 4
        else:
            raise Damaged(f"a field has the type {kind}")
        if length > len(data) - at:
            raise Damaged("a field is longer than what holds it")
        yield number, data[at : at + length]
        at += length
    raise Damaged("a message has too many fields")


def numbers(value: int | memoryview) -> list[int]:
    """A repeated number: a single one, or a packed sequence. Raises Damaged."""
    if isinstance(value, int):
        return [value]
    found, at = [], 0
    while at < len(value):
        number, at = varint(value, at)
        found.append(number)
    return found


def message(value: int | memoryview) -> memoryview:
    """A field that must hold a message. Raises Damaged."""
    if isinstance(value, int):
        raise Damaged("a number stands where a message must be")
    return value


def text(value: int | memoryview) -> str:
    """A field that must hold a text. Raises Damaged."""
    try:
        return bytes(message(value)).decode("utf-8")
    except UnicodeDecodeError:
        raise Damaged("a text is not UTF-8") from None


def count(value: int | memoryview) -> int:
    """A field that must hold a number. Raises Damaged."""
    if not isinstance(value, int):
        raise Damaged("a message stands where a number must be")
    return value - (1 << 64) if value >> 63 else value
