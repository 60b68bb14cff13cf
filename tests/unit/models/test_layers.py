"""The primitives of networks of pictures: three sets, one result; and the ONNX that is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from vedc.errors import InternalError
from vedc.models.clean import network
from vedc.models.graph_layers import GraphLayers, trace
from vedc.models.picture_layers import NumpyPictureLayers, TorchPictureLayers

RANDOM = np.random.default_rng(3)
KERNEL = RANDOM.standard_normal((3, 3, 5, 4)).astype(np.float32)
TALL = RANDOM.standard_normal((3, 1, 5, 4)).astype(np.float32)
BIAS = RANDOM.standard_normal(4).astype(np.float32)
FIVE = RANDOM.standard_normal(5).astype(np.float32)

Forward = Callable[[Any, Any, Any], Any]
CASES: dict[str, Forward] = {
    "conv": lambda of, w, x: of.conv(x, KERNEL),
    "conv bias": lambda of, w, x: of.conv(x, w["k"], bias=w["b"]),
    "conv stride": lambda of, w, x: of.conv(x, w["k"], 2, bias=w["b"]),
    "conv dilation": lambda of, w, x: of.conv(x, w["k"], dilation=(2, 3)),
    "conv rows": lambda of, w, x: of.conv(x, w["tall"], bias=w["b"]),
    "relu": lambda of, w, x: of.relu(x),
    "leaky": lambda of, w, x: of.leaky_relu(x, 0.2),
    "gelu": lambda of, w, x: of.gelu(x),
    "sigmoid": lambda of, w, x: of.sigmoid(x),
    "inverse root": lambda of, w, x: of.inverse_root(x * x + 0.25),
    "join": lambda of, w, x: of.join([x, of.relu(x)]),
    "affine": lambda of, w, x: of.affine(x, w["five"], w["five"]),
    "nearest": lambda of, w, x: of.nearest(x, 3),
    "bilinear": lambda of, w, x: of.bilinear(x, 2),
    "bilinear 3": lambda of, w, x: of.bilinear(x, 3),
    "fold": lambda of, w, x: of.space_to_depth(x, 2),
    "unfold": lambda of, w, x: of.depth_to_space(of.space_to_depth(x, 4), 2),
    "mean": lambda of, w, x: of.mean(x, 4),
    "pad": lambda of, w, x: of.pad(x, (1, 2), (0, 3), "zeros"),
    "pad edge": lambda of, w, x: of.pad(x, (1, 2), (0, 3), "edge"),
    "slices": lambda of, w, x: x[..., 1:3] * x[..., 4:5] - 2.0 * x[..., :2],
    "numbers": lambda of, w, x: 1.0 - (x + w["five"]) * 0.5,
}
WEIGHTS = {"k": KERNEL, "b": BIAS, "tall": TALL, "five": FIVE}
X = RANDOM.standard_normal((1, 12, 20, 5)).astype(np.float32)


def by_numpy(forward: Forward, weights: Any = WEIGHTS, x: Any = X) -> Any:
    return forward(NumpyPictureLayers(), weights, x)


def by_torch(forward: Forward, weights: Any = WEIGHTS, x: Any = X) -> Any:
    torch = pytest.importorskip("torch")
    tensors = {name: torch.from_numpy(array) for name, array in weights.items()}
    if forward is CASES["conv"]:
        forward = lambda of, w, x: of.conv(x, torch.from_numpy(KERNEL))  # noqa: E731
    return forward(TorchPictureLayers(), tensors, torch.from_numpy(x)).numpy()


def by_opencv(forward: Forward, weights: Any = WEIGHTS, x: Any = X) -> Any:
    import cv2

    graph = trace(forward, weights, x.shape, "test")
    net = cv2.dnn.readNetFromONNX(np.frombuffer(graph.onnx, np.uint8), cv2.dnn.ENGINE_NEW)
    net.setInput(np.ascontiguousarray(x.transpose(0, 3, 1, 2)), "x")
    y = net.forward()
    assert y.shape == graph.outputs
    return y.transpose(0, 2, 3, 1)


def by_onnxruntime(forward: Forward, weights: Any = WEIGHTS, x: Any = X) -> Any:
    runtime = pytest.importorskip("onnxruntime")
    graph = trace(forward, weights, x.shape, "test")
    session = runtime.InferenceSession(graph.onnx, providers=["CPUExecutionProvider"])
    (y,) = session.run(None, {"x": np.ascontiguousarray(x.transpose(0, 3, 1, 2))})
    return y.transpose(0, 2, 3, 1)


@pytest.mark.parametrize("run", [by_torch, by_opencv, by_onnxruntime])
@pytest.mark.parametrize("name", CASES)
def test_sets_of_primitives_agree(name: str, run: Any) -> None:
    wanted = by_numpy(CASES[name])
    given = run(CASES[name])
    assert given.shape == wanted.shape
    np.testing.assert_allclose(given, wanted, rtol=0, atol=2e-5)


@pytest.mark.parametrize("name", CASES)
def test_written_graphs_are_onnx(name: str) -> None:
    onnx = pytest.importorskip("onnx")
    graph = trace(CASES[name], WEIGHTS, (1, 12, 20, 5), name, {"made": "by a test"})
    model = onnx.load_from_string(graph.onnx)
    onnx.checker.check_model(model, full_check=True)
    assert [(entry.key, entry.value) for entry in model.metadata_props] == [("made", "by a test")]


@pytest.mark.parametrize("run", [by_torch, by_opencv, by_onnxruntime])
def test_a_whole_network_agrees(run: Any) -> None:
    weights = network.initial(4)
    x = RANDOM.random((1, 32, 48, network.INPUTS), np.float32)
    wanted = by_numpy(network.forward, weights, x)
    np.testing.assert_allclose(run(network.forward, weights, x), wanted, rtol=0, atol=1e-5)


def test_folding_keeps_the_order_of_onnx() -> None:
    """Rows of the block first, then its columns, then channels."""
    x = np.arange(2 * 2 * 3, dtype=np.float32).reshape(1, 2, 2, 3)
    folded = NumpyPictureLayers().space_to_depth(x, 2)
    assert folded.reshape(-1).tolist() == list(range(12))


def test_bilinear_enlargement_by_hand() -> None:
    x = np.array([0, 4], np.float32).reshape(1, 1, 2, 1)
    assert NumpyPictureLayers().bilinear(x, 2)[0, 0, :, 0].tolist() == [0, 1, 3, 4]


def test_the_cost_counts_convolutions() -> None:
    graph = trace(CASES["conv stride"], WEIGHTS, (1, 12, 20, 5), "test")
    assert graph.cost == 6 * 10 * 4 * 9 * 5


def test_nothing_beyond_the_reach_matters() -> None:
    """A pixel's result depends only on pixels within the reach, and does change within most of
    it."""
    weights = {n: a * (20 if n == "leave.weight" else 1) for n, a in network.initial(4).items()}
    side = 96
    reach = trace(network.forward, weights, (1, side, side, network.INPUTS), "test").reach
    x = RANDOM.random((1, side, side, network.INPUTS), np.float32)
    x[..., 9] = 0.1
    before = by_numpy(network.forward, weights, x)
    row = side // 2
    for near, touched in ((reach + 1, False), (reach // 2, True)):
        changed = x.copy()
        changed[:, : row - near + 1, :, :9] += 1
        after = by_numpy(network.forward, weights, changed)
        assert np.array_equal(after[:, row + 1 :], before[:, row + 1 :]) != touched


def test_what_cannot_be_traced_is_refused() -> None:
    for forward in (
        lambda of, w, x: x[:, 1:2],
        lambda of, w, x: x[..., ::2],
        lambda of, w, x: x + np.zeros((3, 5), np.float32),
        lambda of, w, x: of.conv(x[..., :2], w["k"]),
        lambda of, w, x: x + of.nearest(x, 2),
        lambda of, w, x: 3.0,
    ):
        with pytest.raises(InternalError):
            trace(forward, WEIGHTS, (1, 4, 4, 5), "test")


def test_tracing_needs_no_runtime() -> None:
    import subprocess
    import sys

    code = (
        "import sys, vedc.models.graph_layers, vedc.models.picture_layers\n"
        "assert not {'cv2', 'torch', 'onnx', 'onnxruntime'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_set_for_graphs_is_complete() -> None:
    names = {n for n in vars(NumpyPictureLayers) if not n.startswith("_")}
    assert names <= set(vars(GraphLayers)) and names <= set(vars(TorchPictureLayers))
