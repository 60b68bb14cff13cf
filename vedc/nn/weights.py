"""Arrays of weights from a file that a user names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from vedc.errors import UserError
from vedc.ops.shared import weight_file


def read_arrays(file: Path, network: str, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
    """The arrays of a network, float32. Raises UserError ``bad-weights``."""
    weight_file.check(file, network)
    held = weight_file.read(file).arrays
    odd = sorted(n for n in {*held, *shapes} if n not in held or held[n].shape != shapes.get(n))
    if odd:
        raise _unfit(file, f"arrays of other shapes than {network!r} has: {', '.join(odd[:4])}")
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
