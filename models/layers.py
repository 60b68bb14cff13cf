"""The primitives that networks are written in, once in NumPy and once in torch.

A network here is a function ``forward(of, weights, ...)`` of a mapping of named arrays and a set
``of`` of primitives, so its formula is written once: :class:`TorchLayers` trains it, and
:class:`NumpyLayers` runs it without torch. Arrays have their channels last. An image network uses
only :class:`vedc.models.picture_layers.PictureLayers`, which has a third implementation,
``models/graph_layers.py``, that turns the same formula into an ONNX graph. All give the same
numbers up to rounding (tests/unit/train/test_cuts_network.py, tests/unit/models/test_layers.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from vedc.models.picture_layers import (
    Array,
    Arrays,
    NumpyPictureLayers,
    PictureLayers,
    TorchPictureLayers,
)

__all__ = ["Array", "Arrays", "Layers", "NumpyLayers", "TorchLayers"]


class Layers(PictureLayers, Protocol):
    """The operations of a forward pass besides ``+ - *``, ``reshape`` and slices."""

    def dense(self, x: Array, weight: Array, bias: Array) -> Array:
        """``x @ weight + bias``; weight of shape (in, out)."""

    def softmax(self, x: Array) -> Array:
        """Over the last axis."""

    def transpose(self, x: Array, axes: Sequence[int]) -> Array: ...

    def unit(self, x: Array) -> Array:
        """Normalise each vector of the last axis to length 1 (a zero vector stays near 0)."""

    def pairs(self, x: Array, first: Array, second: Array) -> Array:
        """Dot products of the vectors ``x[:, first]`` and ``x[:, second]`` of ``x`` (b, t, c).

        ``first`` and ``second`` are NumPy integers of the same shape (t, p); returns (b, t, p).
        """

    def gru(self, x: Array, weights: Arrays, name: str) -> Array:
        """A bidirectional gated recurrent unit over (b, t, in); returns (b, t, 2 * hidden).

        Cho and others 2014 with the reset gate after the product (as in cuDNN):
        ``r, z = sigmoid(...)``, ``n = tanh(W x + b + r * (U h + c))``, ``h = (1-z) n + z h``.
        For ``d`` in ``fore``, ``back``: ``{name}.{d}.in`` (in, 3 hidden) in the order r, z, n,
        ``.state`` (hidden, 3 hidden), ``.bias`` and ``.bias_state`` (3 hidden,).
        """


class NumpyLayers(NumpyPictureLayers):
    """The primitives in NumPy: heavy ones become matrix products for BLAS."""

    def dense(self, x: Array, weight: Array, bias: Array) -> Array:
        flat = x.reshape(-1, x.shape[-1]) @ weight
        flat += bias
        return flat.reshape(*x.shape[:-1], -1)

    def softmax(self, x: Array) -> Array:
        e = np.exp(x - x.max(-1, keepdims=True))
        return e / e.sum(-1, keepdims=True)

    def transpose(self, x: Array, axes: Sequence[int]) -> Array:
        return np.transpose(x, axes)

    def unit(self, x: Array) -> Array:
        return x / np.sqrt((x * x).sum(-1, keepdims=True) + np.float32(1e-6))

    def pairs(self, x: Array, first: Array, second: Array) -> Array:
        return (x @ x.transpose(0, 2, 1))[:, first, second]

    def gru(self, x: Array, weights: Arrays, name: str) -> Array:
        b, t, _ = x.shape
        state = np.stack([weights[f"{name}.{d}.state"] for d in ("fore", "back")])
        lag = np.stack([weights[f"{name}.{d}.bias_state"] for d in ("fore", "back")])[:, None]
        hidden = state.shape[1]
        each = [
            self.dense(x, weights[f"{name}.{d}.in"], weights[f"{name}.{d}.bias"])
            for d in ("fore", "back")
        ]
        # (t, 2, b, 3 hidden): both directions step together, the second starting from the end.
        inner = np.stack([each[0], each[1][:, ::-1]]).transpose(2, 0, 1, 3)
        inner = np.ascontiguousarray(inner)
        out = np.empty((t, 2, b, hidden), np.float32)
        h = np.zeros((2, b, hidden), np.float32)
        for i in range(t):
            g = h @ state
            g += lag
            gates = np.tanh(0.5 * (inner[i, :, :, : 2 * hidden] + g[:, :, : 2 * hidden]))
            gates *= 0.5
            gates += 0.5
            r, z = gates[:, :, :hidden], gates[:, :, hidden:]
            new = np.tanh(inner[i, :, :, 2 * hidden :] + r * g[:, :, 2 * hidden :])
            h = new + z * (h - new)
            out[i] = h
        return np.concatenate([out[:, 0], out[::-1, 1]], -1).transpose(1, 0, 2)


class TorchLayers(TorchPictureLayers):
    """The primitives in torch, for training: with gradients, on any device."""

    def dense(self, x: Array, weight: Array, bias: Array) -> Array:
        return self._torch.nn.functional.linear(x, weight.t(), bias)

    def softmax(self, x: Array) -> Array:
        return self._torch.softmax(x, -1)

    def transpose(self, x: Array, axes: Sequence[int]) -> Array:
        return x.permute(*axes)

    def unit(self, x: Array) -> Array:
        return x / self._torch.sqrt((x * x).sum(-1, keepdim=True) + 1e-6)

    def pairs(self, x: Array, first: Array, second: Array) -> Array:
        b, t, _ = x.shape
        flat = self._torch.from_numpy((first * t + second).reshape(-1)).to(x.device)
        grams = (x @ x.transpose(1, 2)).reshape(b, t * t)
        return grams.index_select(1, flat).reshape(b, *first.shape)

    def gru(self, x: Array, weights: Arrays, name: str) -> Array:
        flat = []
        for d in ("fore", "back"):
            flat += [weights[f"{name}.{d}.in"].t(), weights[f"{name}.{d}.state"].t()]
            flat += [weights[f"{name}.{d}.bias"], weights[f"{name}.{d}.bias_state"]]
        flat = [w.contiguous() for w in flat]
        x = x.float()
        start = x.new_zeros(2, x.shape[0], flat[1].shape[1])
        # Input, first state, weights, biases?, layers, dropout, training, bidirectional?, batch
        # first?
        with self._torch.autocast(x.device.type, enabled=False):  # casts in every step are slow
            return self._torch.gru(x, start, flat, True, 1, 0.0, False, True, True)[0]
