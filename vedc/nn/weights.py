"""Weights from a file named by the user."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from vedc.errors import UserError
from vedc.nn.architectures import Architecture
from vedc.ops.shared import weight_file


def checked(file: Path, of: Architecture) -> weight_file.WeightFile:
    """The header of a file whose arrays match a network; the arrays' data is not read.

    Raises UserError ``bad-weights``.
    """
    network = of.name
    weight_file.check(file, network)
    header = weight_file.read(file)
    held, version = header.arrays, header.notes.get("version", str(of.version))
    if version != str(of.version):
        why = f"they are of version {version} of {network!r}, and this vedc has {of.version}"
        raise _unfit(file, why)
    try:
        shapes = of.shapes(header.notes)
    except ValueError as error:  # an unknown size
        raise _unfit(file, str(error)) from None
    odd = sorted(n for n in {*held, *shapes} if n not in held or held[n].shape != shapes.get(n))
    if odd:
        raise _unfit(
            file, f"arrays of other shapes than {network!r} has: {', '.join(map(repr, odd[:4]))}"
        )
    return header


def read_arrays(file: Path, of: Architecture) -> dict[str, Any]:
    """The arrays of a network as float32. Raises UserError ``bad-weights``."""
    held = checked(file, of).arrays
    found = {}
    with file.open("rb") as stream:
        for name, array in held.items():
            stream.seek(array.start)
            numbers = np.frombuffer(
                stream.read(array.size), "<f4" if array.dtype == "F32" else "<f2"
            )
            found[name] = numbers.astype(np.float32).reshape(array.shape)
            if not np.isfinite(found[name]).all():
                raise _unfit(file, f"{name!r} has numbers that are not finite")
    return found


def _unfit(file: Path, why: str) -> UserError:
    return UserError.one(
        "bad-weights",
        f"the weights '{file}' cannot be used: {why}",
        hint="take a file that this version of vedc train wrote",
    )
