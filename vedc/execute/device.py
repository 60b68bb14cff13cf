"""Where a film is drawn: ``cpu``, or a graphics card found by asking its driver.

The driver is asked directly (``libcuda``), so that nobody waits seconds for torch to say that
there is no card. ``auto`` takes the first card if what it takes to use one is installed.
"""

from __future__ import annotations

import ctypes
import os
import re
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec

from vedc.errors import MissingError, UsageError

_CURE = "install them with: pip install 'vedc[gpu]'"


@dataclass(frozen=True, slots=True)
class Device:
    """``kind``: cpu, cuda, or interpreter, which runs the card's kernels on the processor."""

    kind: str = "cpu"
    index: int = 0
    note: str = ""
    """What a person should know about the choice, in one line."""

    @property
    def draws(self) -> str:
        """What computes the pixels, versions included; empty for the processor."""
        if self.kind == "cpu":
            return ""
        return f"{self.kind}, triton {version('triton')}, torch {version('torch')}"

    def __str__(self) -> str:
        return f"cuda:{self.index}" if self.kind == "cuda" else self.kind


def pick_device(asked: str) -> Device:
    """The device that ``--device`` asks for.

    Raises UsageError for a word that is no device or a card that is not there, MissingError
    where the libraries that use it are not installed.
    """
    if asked == "cpu":
        return Device()
    match = re.fullmatch(r"cuda(?::(\d+))?", asked)
    if asked != "auto" and match is None:
        raise UsageError.one(
            "bad-device", f"--device {asked} is no device", hint="it is auto, cpu, cuda or cuda:N"
        )
    missing = [name for name in ("torch", "triton") if find_spec(name) is None]
    if match is not None and os.environ.get("TRITON_INTERPRET") == "1":
        if missing:
            raise _lacking(missing)
        return Device("interpreter", note="the card's kernels run on the processor, slowly")
    cards = count()
    if match is None:
        if not cards:
            return Device()
        if missing:
            names = " and ".join(missing)
            return Device(note=f"a graphics card is here but not {names}; {_CURE}")
        return Device("cuda")
    index = int(match[1] or 0)
    if index >= cards:
        found = "no NVIDIA card" if not cards else f"only {cards}, counted from 0"
        raise UsageError.one(
            "no-such-device", f"--device {asked}: the driver knows {found}", hint="use --device cpu"
        )
    if missing:
        raise _lacking(missing)
    return Device("cuda", index)


def _lacking(missing: list[str]) -> MissingError:
    names = " and ".join(missing)
    return MissingError.one("missing-extra", f"--device cuda needs {names}", hint=_CURE)


def count() -> int:
    """How many cards the NVIDIA driver offers; 0 without a driver."""
    for name in ("libcuda.so.1", "nvcuda.dll"):
        try:
            driver = ctypes.CDLL(name)
        except OSError:
            continue
        found = ctypes.c_int()
        if driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(found)) == 0:
            return found.value
    return 0
