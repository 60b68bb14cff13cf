"""The choice of the runtime that executes networks (``--nn``)."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Final, NamedTuple

from vedc.errors import MissingError, UsageError


class Package(NamedTuple):
    """Where a runtime comes from."""

    name: str
    """The name of the distribution, for its version."""
    module: str
    cure: str
    """How to install it."""


PACKAGES: Final[Mapping[str, Package]] = {
    "cv": Package("opencv-python-headless", "cv2", "pip install vedc"),
    "ort": Package("onnxruntime", "onnxruntime", "pip install 'vedc[onnx]'"),
    "torch": Package("torch", "torch", "pip install 'vedc[gpu]'"),
}
NAMES: Final = ("auto", *PACKAGES)


def pick(name: str) -> str:
    """The runtime named by ``--nn``. ``auto`` is OpenCV, which is always installed.

    Raises UsageError ``bad-backend`` and MissingError ``missing-extra``. Nothing is imported.
    """
    if name == "auto":
        return "cv"
    if name not in PACKAGES:
        message = f"--nn {name} is not a runtime for networks"
        raise UsageError.one("bad-backend", message, hint=f"use {', '.join(NAMES)}")
    _, module, cure = PACKAGES[name]
    if find_spec(module) is None:
        message = f"--nn {name} needs {module}, which is not installed"
        raise MissingError.one("missing-extra", message, hint=cure)
    return name
