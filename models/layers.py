"""The primitives that networks are written in, once in NumPy and once in torch.

A network here is a function ``forward(of, weights, ...)`` over a mapping of named arrays and a
set ``of`` of primitives, so its formula is written once: :class:`TorchLayers` trains it, and
:class:`NumpyLayers` runs it without torch. Arrays keep their channels last.
Both give the same numbers up to rounding (tests/unit/train/test_cuts_network.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

Array = Any
"""A NumPy array or a torch tensor of float32."""
Arrays = Mapping[str, Array]


class Layers(Protocol):
    """What a forward pass may use besides ``+ - *``, ``reshape`` and slices."""

    def dense(self, x: Array, weight: Array, bias: Array) -> Array:
        """``x @ weight + bias``; weight of shape (in, out)."""

    def conv(
        self, x: Array, weight: Array, stride: int = 1, dilation: tuple[int, int] = (1, 1)
    ) -> Array:
        """Convolve (n, h, w, in) with (kh, kw, in, out), kernel sizes odd, zeros around it.

        Gives (n, ceil(h / stride), ceil(w / stride), out). No bias.
        """

    def relu(self, x: Array) -> Array: ...

    def sigmoid(self, x: Array) -> Array: ...

    def softmax(self, x: Array) -> Array:
        """Over the last axis."""

    def transpose(self, x: Array, axes: Sequence[int]) -> Array: ...

    def join(self, parts: Sequence[Array]) -> Array:
        """Put side by side along the last axis."""

    def unit(self, x: Array) -> Array:
        """Each vector of the last axis brought to length 1 (one of no length stays near 0)."""

    def pairs(self, x: Array, first: Array, second: Array) -> Array:
        """Dot products of vectors of (b, t, c): of ``x[:, first]`` and ``x[:, second]``.

        ``first`` and ``second`` are NumPy integers of one shape (t, p); gives (b, t, p).
        """

    def gru(self, x: Array, weights: Arrays, name: str) -> Array:
        """A gated recurrent unit, both ways over (b, t, in); gives (b, t, 2 * hidden).

        Cho and others 2014 with the reset gate after the product (as cuDNN has it):
        ``r, z = sigmoid(...)``, ``n = tanh(W x + b + r * (U h + c))``, ``h = (1-z) n + z h``.
        For ``d`` in ``fore``, ``back``: ``{name}.{d}.in`` (in, 3 hidden) in the order r, z, n,
        ``.state`` (hidden, 3 hidden), ``.bias`` and ``.bias_state`` (3 hidden,).
        """


def _size(length: int, stride: int) -> int:
    return -(-length // stride)


class NumpyLayers:
    """The primitives on NumPy: what is heavy becomes matrix products for BLAS."""

    def dense(self, x: Array, weight: Array, bias: Array) -> Array:
        flat = x.reshape(-1, x.shape[-1]) @ weight
        flat += bias
        return flat.reshape(*x.shape[:-1], -1)

    def conv(
        self, x: Array, weight: Array, stride: int = 1, dilation: tuple[int, int] = (1, 1)
    ) -> Array:
        (n, h, w, c), (kh, kw, _, out) = x.shape, weight.shape
        if w > 1 and kw == 1 and stride == 1:
            return self._conv_rows(x, weight, dilation[0])
        rows, columns = _size(h, stride), _size(w, stride)
        (dy, dx), step = dilation, 64
        top, left = dy * (kh // 2), dx * (kw // 2)
        kernel = weight.reshape(-1, out)
        y = np.empty((n, rows, columns, out), np.float32)
        padded = np.zeros((min(n, step), h + 2 * top, w + 2 * left, c), np.float32)
        patches = np.empty((min(n, step), rows, columns, kh, kw, c), np.float32)
        for i in range(0, n, step):
            m = min(step, n - i)
            padded[:m, top : top + h, left : left + w] = x[i : i + m]
            for a in range(kh):
                for b in range(kw):
                    patches[:m, :, :, a, b] = padded[
                        :m,
                        a * dy : a * dy + (rows - 1) * stride + 1 : stride,
                        b * dx : b * dx + (columns - 1) * stride + 1 : stride,
                    ]
            np.matmul(
                patches[:m].reshape(-1, kh * kw * c), kernel, out=y[i : i + m].reshape(-1, out)
            )
        return y

    @staticmethod
    def _conv_rows(x: Array, weight: Array, step: int) -> Array:
        """Kernels of one column: a shifted product for each of their rows, without copies."""
        n, h, w, c = x.shape
        kh, _, _, out = weight.shape
        y = np.zeros((n, h, w, out), np.float32)
        for a in range(kh):
            off = (a - kh // 2) * step
            low, high = max(0, -off), min(h, h - off)
            if low < high:
                for i in range(n):
                    part = x[i, low + off : high + off].reshape(-1, c) @ weight[a, 0]
                    y[i, low:high] += part.reshape(high - low, w, out)
        return y

    def relu(self, x: Array) -> Array:
        return np.maximum(x, 0)

    def sigmoid(self, x: Array) -> Array:
        return 0.5 * np.tanh(0.5 * x) + 0.5

    def softmax(self, x: Array) -> Array:
        e = np.exp(x - x.max(-1, keepdims=True))
        return e / e.sum(-1, keepdims=True)

    def transpose(self, x: Array, axes: Sequence[int]) -> Array:
        return np.transpose(x, axes)

    def join(self, parts: Sequence[Array]) -> Array:
        return np.concatenate(parts, -1)

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
        # (t, 2, b, 3 hidden): both directions step together, the second from the end.
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


class TorchLayers:
    """The primitives on torch, for training: with gradients, on any device."""

    def __init__(self) -> None:
        import torch

        self._torch = torch

    def dense(self, x: Array, weight: Array, bias: Array) -> Array:
        return self._torch.nn.functional.linear(x, weight.t(), bias)

    def conv(
        self, x: Array, weight: Array, stride: int = 1, dilation: tuple[int, int] = (1, 1)
    ) -> Array:
        kh, kw = weight.shape[:2]
        pad = (dilation[0] * (kh // 2), dilation[1] * (kw // 2))
        # Channels last are torch's channels_last seen through a permutation: no copy.
        y = self._torch.nn.functional.conv2d(
            x.permute(0, 3, 1, 2), weight.permute(3, 2, 0, 1), None, stride, pad, dilation
        )
        return y.permute(0, 2, 3, 1)

    def relu(self, x: Array) -> Array:
        return self._torch.relu(x)

    def sigmoid(self, x: Array) -> Array:
        return self._torch.sigmoid(x)

    def softmax(self, x: Array) -> Array:
        return self._torch.softmax(x, -1)

    def transpose(self, x: Array, axes: Sequence[int]) -> Array:
        return x.permute(*axes)

    def join(self, parts: Sequence[Array]) -> Array:
        return self._torch.cat(list(parts), -1)

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
        # Input, first state, weights, biases?, layers, dropout, training, both ways, batch first.
        with self._torch.autocast(x.device.type, enabled=False):  # casts in every step cost much
            return self._torch.gru(x, start, flat, True, 1, 0.0, False, True, True)[0]
