"""Files of weights: safetensors with what a network is in their metadata, read without trust.

The format: eight bytes, the length of a header, little-endian; the header, a JSON object of
``{"dtype", "shape", "data_offsets"}`` by name, with texts under ``__metadata__``; then the
numbers. Nothing in such a file is ever executed, and nothing is read beyond what the header and
the limits below allow.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn, TypeGuard

from vedc.errors import UserError

#: Bytes of the largest file that is read, and of the largest header.
LARGEST: Final = 256 * 2**20
LARGEST_HEADER: Final = 2**20
_MOST_ARRAYS: Final = 4096
_MOST_AXES: Final = 8
_SIZES: Final = {"F32": 4, "F16": 2}


@dataclass(frozen=True, slots=True)
class Array:
    """Where an array lies in a file."""

    dtype: str
    shape: tuple[int, ...]
    start: int
    """Of its numbers, in bytes from the start of the file."""
    size: int


@dataclass(frozen=True, slots=True)
class WeightFile:
    """The contents of a file's header."""

    path: Path
    notes: Mapping[str, str]
    arrays: Mapping[str, Array]

    @property
    def arch(self) -> str:
        """The network that the weights are for; empty where the file does not say."""
        return self.notes.get("arch", "")


def read(path: Path) -> WeightFile:
    """Read and check the header. Raises UserError ``bad-weights`` with the file and the reason."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(0)
            if size > LARGEST:
                _refuse(path, f"it has {size:,} bytes; at most {LARGEST:,} are read")
            length = int.from_bytes(file.read(8), "little")
            if size < 8 or length > min(LARGEST_HEADER, size - 8):
                _refuse(path, "it is not a safetensors file, or it was cut off")
            text = file.read(length)
    except OSError as error:
        _refuse(path, str(error.strerror or error).lower())
    try:
        header = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError):
        _refuse(path, "its header is not JSON")
    if not isinstance(header, dict):
        _refuse(path, "its header is not a JSON object")
    notes = header.pop("__metadata__", {})
    if not isinstance(notes, dict) or not all(isinstance(note, str) for note in notes.values()):
        _refuse(path, "its metadata is not a mapping of texts")
    if len(header) > _MOST_ARRAYS:
        _refuse(path, f"it has {len(header)} arrays; at most {_MOST_ARRAYS} are read")
    start, room = 8 + length, size - 8 - length
    arrays = {name: _array(path, name, entry, start, room) for name, entry in header.items()}
    ends = sorted((a.start, a.start + a.size) for a in arrays.values())
    if any(end > following for (_, end), (following, _) in itertools.pairwise(ends)):
        _refuse(path, "its arrays overlap")
    return WeightFile(path, notes, arrays)


def _array(path: Path, name: str, entry: Any, start: int, room: int) -> Array:
    if not isinstance(entry, dict):
        _refuse(path, f"what it says of {name!r} is not a mapping")
    dtype, shape, span = entry.get("dtype"), entry.get("shape"), entry.get("data_offsets")
    if not isinstance(dtype, str) or dtype not in _SIZES:
        _refuse(path, f"{name!r} is not of a type that networks here have: F32 or F16")
    if not _counts(shape, _MOST_AXES) or not _counts(span, 2) or len(span) != 2:
        _refuse(path, f"the shape or the place of {name!r} is not a list of whole numbers")
    size = math.prod(shape) * _SIZES[dtype]
    if span[1] - span[0] != size or span[1] > room:
        _refuse(path, f"{name!r} does not lie where the header says")
    return Array(dtype, tuple(shape), start + span[0], size)


def _counts(value: Any, most: int) -> TypeGuard[list[int]]:
    """Whether a value is a list of a few whole numbers from 0 on."""
    return (
        isinstance(value, list)
        and len(value) <= most
        and all(isinstance(n, int) and not isinstance(n, bool) and 0 <= n < 2**40 for n in value)
    )


def check(path: Path, arch: str) -> None:
    """Raise UserError ``bad-weights`` where a file does not read well or is for another network."""
    made_for = read(path).arch
    if made_for != arch:
        of = f"the network {made_for!r}" if made_for else "a network that it does not name"
        _refuse(path, f"it is for {of}, and {arch!r} is wanted")


def _refuse(path: Path, why: str) -> NoReturn:
    raise UserError.one(
        "bad-weights",
        f"the weights '{path}' cannot be used: {why}",
        hint="take a file that vedc train wrote, or copy it again",
    )
