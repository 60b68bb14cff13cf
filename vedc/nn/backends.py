"""The runtimes that execute networks: OpenCV, onnxruntime or torch; and NumPy, the reference.

Each is deterministic for any number of threads, but rounds differently from the others: its name,
its version and the CPU's instruction set are part of segments' keys.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np

from vedc.models.graph_layers import Graph, trace
from vedc.models.picture_layers import NumpyPictureLayers, TorchPictureLayers
from vedc.nn.architectures import Architecture
from vedc.nn.choice import PACKAGES

Run = Callable[[Any], Any]
"""Maps an input (1, channels, h, w) of float32 to an output of the same layout."""


@cache
def engine(name: str) -> str:
    """A backend with everything its results depend on, for keys: ``cv 5.0.0.93 avx2``."""
    if name == "numpy":
        return f"numpy {version('numpy')} {_instructions()}"
    return f"{name} {version(PACKAGES[name].name)} {_instructions()}"


def _instructions() -> str:
    """The widest vector instructions of this CPU that runtimes distinguish."""
    import cv2

    # "SSE SSE2 *SSE4.1 *AVX2 AVX512-SKX?": * is dispatched at run time, ? is missing on this CPU.
    words = cv2.getCPUFeaturesLine().split()
    known = [word.strip("*").lower() for word in words if not word.endswith("?")]
    return known[-1] if known else "plain"


def session(
    name: str, of: Architecture, weights: Mapping[str, Any], height: int, width: int, threads: int
) -> Run:
    """A function that runs a network on inputs of one size.

    ``threads`` limits runtimes whose thread count is fixed when they start.
    """
    if name == "numpy":
        return _by_layers(of, weights, NumpyPictureLayers())
    if name == "torch":
        return _by_torch(of, weights)
    graph = graph_of(of, weights, height, width)
    return _by_opencv(graph) if name == "cv" else _by_onnxruntime(graph.onnx, threads)


def graph_of(of: Architecture, weights: Mapping[str, Any], height: int, width: int) -> Graph:
    """The traced graph of a network, or of its core, for inputs of a size."""
    formula, channels, _ = of.run
    return trace(formula, weights, (1, height, width, channels), of.name)


def _by_layers(of: Architecture, weights: Mapping[str, Any], layers: Any) -> Run:
    formula = of.run[0]

    def run(x: Any) -> Any:
        y = formula(layers, weights, np.ascontiguousarray(x.transpose(0, 2, 3, 1)))
        return y.transpose(0, 3, 1, 2)

    return run


def _by_torch(of: Architecture, weights: Mapping[str, Any]) -> Run:
    import torch

    layers = TorchPictureLayers()
    tensors = {key: torch.from_numpy(np.asarray(value)) for key, value in weights.items()}

    def run(x: Any) -> Any:
        with torch.inference_mode():
            y = of.run[0](layers, tensors, torch.from_numpy(x).permute(0, 2, 3, 1))
        return y.permute(0, 3, 1, 2).numpy()

    return run


def _by_opencv(graph: Graph) -> Run:
    import cv2

    net = cv2.dnn.readNetFromONNX(np.frombuffer(graph.onnx, np.uint8), cv2.dnn.ENGINE_NEW)

    def run(x: Any) -> Any:
        net.setInput(x, "x")
        return net.forward()

    return run


def _by_onnxruntime(onnx: bytes, threads: int) -> Run:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    held = onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])

    def run(x: Any) -> Any:
        return held.run(None, {"x": x})[0]

    return run
