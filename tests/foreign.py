"""ONNX files for tests of users' models, written by vedc's own writer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vedc.models import onnx_file

Sides = Sequence[int | str]
ANY: Sides = (1, 3, "h", "w")
Nodes = Sequence[tuple[str, Sequence[str], str] | tuple[str, Sequence[str], str, dict[str, Any]]]


def model(
    path: Path,
    nodes: Nodes,
    constants: dict[str, Any] | None = None,
    sides: Sides = ANY,
    out: Sides | None = None,
    notes: dict[str, str] | None = None,
    outputs: Sequence[tuple[str, Sides]] | None = None,
) -> Path:
    """A graph from ``x`` to ``y``, or to ``outputs``: nodes are (operator, inputs, output[,
    attributes])."""
    made = [
        onnx_file.node(n[0], n[1], n[2], n[3] if len(n) == 4 else None)  # type: ignore[misc]
        for n in nodes
    ]
    held = [onnx_file.constant(name, np.asarray(a)) for name, a in (constants or {}).items()]
    given = [onnx_file.value(*each) for each in outputs or [("y", out or sides)]]
    taken = [onnx_file.value("x", sides)]
    path.write_bytes(onnx_file.model("test", made, held, taken, given, notes))
    return path


def scalar(number: float) -> Any:
    return np.float32([number]).reshape(1, 1, 1, 1)


def negative(path: Path, **given: Any) -> Path:
    """1 - x."""
    nodes = [("Sub", ("one", "x"), "y")]
    return model(path, nodes, {"one": scalar(1)}, **given)


def soft(path: Path, **given: Any) -> Path:
    """The mean of 3 by 3 pixels, zeros beyond the edge."""
    kernel = np.zeros((3, 3, 3, 3), np.float32)
    kernel[range(3), range(3)] = 1 / 9
    nodes = [("Conv", ("x", "k"), "y", {"kernel_shape": (3, 3), "pads": (1, 1, 1, 1)})]
    return model(path, nodes, {"k": kernel}, **given)


def faces(path: Path, sides: Sides = ANY) -> Path:
    """A detector of faces of the kind YuNet, to which every white square of 32 pixels is one."""
    nodes: list[Any] = [("ReduceMean", ("x",), "grey", {"axes": (1,), "keepdims": 1})]
    nodes += [("Mul", ("grey", "share"), "level")]
    held: dict[str, Any] = {"share": scalar(1 / 255), "row": np.int64([1, -1, 1])}
    for stride in (8, 16, 32):
        pool = {"kernel_shape": (stride, stride), "strides": (stride, stride)}
        nodes += [
            ("AveragePool", ("level",), f"mean_{stride}", pool),
            ("Mul", (f"mean_{stride}", f"on_{stride}"), f"sure_{stride}"),
            ("Reshape", (f"sure_{stride}", "row"), f"cls_{stride}"),
            ("Identity", (f"cls_{stride}",), f"obj_{stride}"),
            ("Mul", (f"cls_{stride}", "box"), f"bbox_{stride}"),
            ("Mul", (f"cls_{stride}", "points"), f"kps_{stride}"),
        ]
        held[f"on_{stride}"] = scalar(stride == 32)
    held["box"] = np.float32([0.5, 0.5, 0, 0]).reshape(1, 1, 4)
    held["points"] = np.zeros((1, 1, 10), np.float32)
    parts = (("cls", 1), ("obj", 1), ("bbox", 4), ("kps", 10))
    outputs = [
        (f"{part}_{stride}", (1, "cells", numbers))
        for part, numbers in parts
        for stride in (8, 16, 32)
    ]
    return model(path, nodes, held, sides, outputs=outputs)


def not_finite(path: Path) -> Path:
    nodes = [("Sub", ("x", "two"), "t"), ("Log", ("t",), "y")]
    return model(path, nodes, {"two": scalar(2)})


def slow(path: Path) -> Path:
    """The picture, and 2000 products of matrices of 2000 by 2000 whose weight is nothing."""
    size = np.int64([2000, 2000])
    nodes: list[Any] = [  # of the picture, so that it is not computed when it is loaded
        ("ConstantOfShape", ("size",), "c"),
        ("ReduceMean", ("x",), "mean", {"keepdims": 0}),
        ("Mul", ("mean", "share"), "r0"),  # so that no product grows
        ("Add", ("c", "r0"), "m0"),
    ]
    nodes += [("MatMul", (f"m{n}", "m0"), f"m{n + 1}") for n in range(2000)]
    nodes += [("ReduceMax", ("m2000",), "r", {"keepdims": 0}), ("Mul", ("r", "none"), "z")]
    nodes += [("Add", ("x", "z"), "y")]
    given = {"size": size, "none": np.float32(0), "share": np.float32(1 / 2000)}
    return model(path, nodes, given)


def greedy(path: Path) -> Path:
    """Enlarges the picture 300 times each way, then takes its mean."""
    scales = np.float32([1, 1, 300, 300])
    nodes: list[Any] = [
        ("Resize", ("x", "", "scales"), "t", {"mode": "nearest"}),
        ("ReduceMean", ("t",), "r"),
        ("Add", ("x", "r"), "y"),
    ]
    return model(path, nodes, {"scales": scales})


def cropped(path: Path) -> Path:
    """All but the first row and column."""
    first, last, axes = (np.int64(n) for n in ([1, 1], [9999, 9999], [2, 3]))
    nodes = [("Slice", ("x", "first", "last", "axes"), "y")]
    return model(path, nodes, {"first": first, "last": last, "axes": axes})
