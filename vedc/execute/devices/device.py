"""The device that computes a film: the CPU, or an NVIDIA GPU.

GPUs are counted through the driver (``libcuda``), without the seconds that importing torch takes.
``auto`` selects the first GPU if torch and triton are installed.
"""

from __future__ import annotations

import ctypes
import os
import re
from importlib.util import find_spec

from vedc.errors import MissingError, UsageError
from vedc.nn.choice import pick
from vedc.support.installed import version
from vedc.support.lazy_dataclass import dataclass

_CURE = "install them with: pip install 'vedc[gpu]'"


@dataclass(frozen=True, slots=True)
class Device:
    """``kind``: cpu, cuda, or interpreter, which runs the GPU's kernels on the CPU."""

    kind: str = "cpu"
    index: int = 0
    note: str = ""
    """A note for the user about the choice, in one line."""
    networks: str = "cv"
    """The backend of ``vedc.nn`` that runs networks; on a GPU always torch."""

    @property
    def engine(self) -> str:
        """The engine that computes the pixels, versions included; empty for the CPU."""
        if self.kind == "cpu":
            return ""
        return f"{self.kind}, triton {version('triton')}, torch {version('torch')}"

    def __str__(self) -> str:
        return f"cuda:{self.index}" if self.kind == "cuda" else self.kind


def pick_device(name: str, networks: str = "auto") -> Device:
    """The device that ``--device`` names; ``networks`` is the backend that ``--nn`` names.

    Raises UsageError for an unknown name or a GPU that does not exist, MissingError if torch or
    triton is not installed, and the errors of :func:`vedc.nn.choice.pick`.
    """
    device = _pick_device(name)
    if device.kind == "cpu":
        return Device(device.kind, device.index, device.note, pick(networks))
    if networks not in ("auto", "torch"):
        message = f"--nn {networks} runs on the CPU, and frames are drawn on {device}"
        hint = "leave --nn out, or add --device cpu"
        raise UsageError.one("bad-backend", message, hint=hint)
    return Device(device.kind, device.index, device.note, "torch")


def _pick_device(name: str) -> Device:
    if name == "cpu":
        return Device()
    match = re.fullmatch(r"cuda(?::(\d+))?", name)
    if name != "auto" and match is None:
        message = f"--device {name} is not a device"
        raise UsageError.one("bad-device", message, hint="use auto, cpu, cuda or cuda:N")
    missing = " and ".join(lib for lib in ("torch", "triton") if find_spec(lib) is None)
    if match is not None and os.environ.get("TRITON_INTERPRET") == "1":
        if missing:
            raise _lacking(missing)
        return Device("interpreter", note="the GPU's kernels run on the CPU, slowly")
    gpus = count()
    if match is None:
        if gpus and missing:
            return Device(note=f"this machine has a GPU, but {missing} is not installed; {_CURE}")
        return Device("cuda") if gpus else Device()
    index = int(match[1] or 0)
    if index >= gpus:
        found = f"only {gpus}, counted from 0" if gpus else "no NVIDIA GPU"
        message = f"--device {name}: the driver finds {found}"
        raise UsageError.one("no-such-device", message, hint="use --device cpu")
    if missing:
        raise _lacking(missing)
    return Device("cuda", index)


def _lacking(missing: str) -> MissingError:
    return MissingError.one("missing-extra", f"--device cuda needs {missing}", hint=_CURE)


def count() -> int:
    """The number of GPUs that the NVIDIA driver reports; 0 without a driver."""
    for name in ("libcuda.so.1", "nvcuda.dll"):
        try:
            driver = ctypes.CDLL(name)
        except OSError:
            continue
        found = ctypes.c_int()
        if driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(found)) == 0:
            return found.value
    return 0
