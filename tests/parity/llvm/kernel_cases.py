"""Arguments for every stencil kernel: the ways through each that differ, and small windows.

Run as a program it computes every case by the kernels' Triton code, in Triton's interpreter
where ``TRITON_INTERPRET`` is set, and prints kernel, case and the largest difference from the
reference as JSON.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np

CASES: list[tuple[str, dict[str, Any]]] = [
    ("gaussian", {"sigma": 0.0}),
    ("gaussian", {"sigma": 1.7}),
    ("gaussian", {"sigma": 5.5}),
    ("gaussian", {"sigma": 14.0}),
    ("gaussian", {"sigma": 0.5, "of_height": 0.1}),
    ("box", {"radius": 3, "iterations": 2}),
    ("box", {"radius": 2.3}),
    ("directional", {"length": 7.5, "angle": 0.0}),
    ("directional", {"length": 6.0, "angle": 90.0}),
    ("directional", {"length": 12.0, "angle": 28.0}),
    ("directional", {"length": 15.0, "angle": -110.0}),
    ("lens", {"radius": 0.0}),
    ("lens", {"radius": 3.4}),
    ("lens", {"radius": 5.0, "blades": 5, "rotation": 20.0}),
    ("zoom", {"amount": 0.3, "center": (0.2, 0.7)}),
    ("spin", {"angle": -25.0, "center": (0.5, 0.4)}),
    ("median", {"radius": 1}),
    ("morphology", {"radius": 2.25}),
    ("morphology", {"radius": -3.0}),
    ("bilateral", {"spatial": 1.2, "tonal": 0.3}),
    ("denoise.nlm", {"strength": 0.2, "patch": 1, "search": 1}),
    ("denoise.wavelet", {"strength": 0.1}),
    ("paint", {"size": 0.2}),
    ("paint", {"size": 0.45, "relief": 0.4}),
]

#: Too slow for an interpreter.
LARGE_CASES: list[tuple[str, dict[str, Any]]] = [
    ("gaussian", {"sigma": 60.0}),
    ("box", {"radius": 40.0, "iterations": 3}),
    ("directional", {"length": 90.0, "angle": 200.0}),
    ("lens", {"radius": 12.0}),
    ("spin", {"angle": 90.0}),
    ("zoom", {"amount": 2.0}),
    ("median", {"radius": 2}),
    ("median", {"radius": 4}),
    ("morphology", {"radius": 9.5}),
    ("bilateral", {"spatial": 4.0, "tonal": 0.1}),
    ("denoise.nlm", {"strength": 0.1, "patch": 2, "search": 4}),
    ("denoise.wavelet", {"strength": 0.05, "chroma": 3.0}),
    ("paint", {"size": 0.5, "relief": 0.2}),
]


def named(case: tuple[str, dict[str, Any]]) -> str:
    kernel, arguments = case
    return " ".join([kernel, *(f"{k}={v}" for k, v in arguments.items())])


def module(kernel: str) -> ModuleType:
    return import_module(f"vedc.kernels.{kernel}")


def layer(channels: int, rows: int, columns: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Noise on the left, a ramp and a hard edge on the right; premultiplied if there is alpha."""
    rng = np.random.default_rng(rows * columns)
    made = rng.random((channels, rows, columns))
    half = columns // 2
    made[:, :, half:] = np.linspace(0.0, 1.0, columns - half)
    made[:, rows // 2 :, half:] = 1.0
    if channels == 4:
        made[:3] *= made[3]
    return made.astype(np.float32)


def main() -> None:
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    for number, case in enumerate(CASES):
        kernel, arguments = case
        seen = layer(3 + number % 2, 13, 22)
        made = module(kernel).gpu(torch.from_numpy(seen).to(device), **arguments)
        wanted = module(kernel).reference(seen.astype(np.float64), **arguments)
        assert tuple(made.shape) == seen.shape and made.is_contiguous()
        difference = float(np.abs(made.cpu().numpy() - wanted).max())
        json.dump({"kernel": kernel, "case": named(case), "difference": difference}, sys.stdout)
        print()


if __name__ == "__main__":
    main()
