"""The primitives of image-to-image networks, in NumPy and in torch.

Pictures are (n, h, w, channels). Besides these primitives an image network may use ``+``, ``-`` and
``*`` with numbers, with vectors of the last axis and with pictures of the same size, and slices
``x[..., a:b]`` of the last axis. ``models/graph_layers.py`` has the same for ONNX.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, Protocol

import numpy as np

Array = Any
"""A NumPy array or a torch tensor of float32, or a traced value."""
Arrays = Mapping[str, Array]
Beyond = Literal["zeros", "edge"]
"""Padding beyond the edge of a picture: zeros, or its outermost pixels."""

#: sqrt(2 / pi) and the cubic term of the usual approximation of GELU (Hendrycks and Gimpel 2016).
GELU: Final = (0.7978845608028654, 0.044715)


class PictureLayers(Protocol):
    """The operations of an image network's forward pass."""

    def conv(
        self,
        x: Array,
        weight: Array,
        stride: int = 1,
        dilation: tuple[int, int] = (1, 1),
        bias: Array | None = None,
    ) -> Array:
        """Convolve (n, h, w, in) with (kh, kw, in, out), kernel sizes odd, padded with zeros.

        Returns (n, ceil(h / stride), ceil(w / stride), out); ``bias`` is (out,).
        """

    def relu(self, x: Array) -> Array: ...

    def leaky_relu(self, x: Array, slope: float) -> Array:
        """``x`` above 0, ``slope * x`` below; ``slope`` is between 0 and 1."""

    def gelu(self, x: Array) -> Array:
        """Gaussian error linear unit, in the tanh approximation."""

    def sigmoid(self, x: Array) -> Array: ...

    def inverse_root(self, x: Array) -> Array:
        """``1 / sqrt(x)``, for x above 0."""

    def join(self, parts: Sequence[Array]) -> Array:
        """Concatenate along the last axis."""

    def affine(self, x: Array, scale: Array, shift: Array) -> Array:
        """``x * scale + shift``, with vectors of the last axis: a norm with fixed statistics."""

    def nearest(self, x: Array, factor: int) -> Array:
        """Enlarge each pixel to a square of ``factor`` pixels a side."""

    def bilinear(self, x: Array, factor: int) -> Array:
        """Enlarge by an integer, linearly between pixel centres; edge pixels continue outwards."""

    def space_to_depth(self, x: Array, block: int) -> Array:
        """(n, h, w, c) to (n, h / block, w / block, block * block * c).

        Channels are ordered by row, then column in the block, then channel. h and w must be
        multiples of ``block``.
        """

    def depth_to_space(self, x: Array, block: int) -> Array:
        """The inverse of :meth:`space_to_depth`."""

    def mean(self, x: Array, block: int) -> Array:
        """The mean of each square of ``block`` pixels a side: (n, h / block, w / block, c)."""

    def pad(
        self, x: Array, rows: tuple[int, int], columns: tuple[int, int], beyond: Beyond
    ) -> Array:
        """Add rows above and below, and columns left and right."""


def _size(length: int, stride: int) -> int:
    return -(-length // stride)


class NumpyPictureLayers:
    """The primitives in NumPy: heavy ones become matrix products for BLAS."""

    def conv(
        self,
        x: Array,
        weight: Array,
        stride: int = 1,
        dilation: tuple[int, int] = (1, 1),
        bias: Array | None = None,
    ) -> Array:
        y = self._convolved(x, weight, stride, dilation)
        if bias is not None:
            y += bias
        return y

    def _convolved(self, x: Array, weight: Array, stride: int, dilation: tuple[int, int]) -> Array:
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
        """Kernels of one column: a shifted product per kernel row, without copies."""
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

    def leaky_relu(self, x: Array, slope: float) -> Array:
        return np.maximum(x, x * np.float32(slope))

    def gelu(self, x: Array) -> Array:
        root, cubic = map(np.float32, GELU)
        return np.float32(0.5) * x * (1 + np.tanh(root * (x + cubic * x * x * x)))

    def sigmoid(self, x: Array) -> Array:
        return 0.5 * np.tanh(0.5 * x) + 0.5

    def inverse_root(self, x: Array) -> Array:
        return 1 / np.sqrt(x)

    def join(self, parts: Sequence[Array]) -> Array:
        return np.concatenate(parts, -1)

    def affine(self, x: Array, scale: Array, shift: Array) -> Array:
        return x * scale + shift

    def nearest(self, x: Array, factor: int) -> Array:
        return x.repeat(factor, 1).repeat(factor, 2)

    def bilinear(self, x: Array, factor: int) -> Array:
        for axis in (1, 2):
            length = x.shape[axis]
            at = (np.arange(length * factor) + 0.5) / factor - 0.5
            low = np.floor(at).astype(int)
            shape = [1, 1, 1, 1]
            shape[axis] = -1
            share = (at - low).astype(np.float32).reshape(shape)
            first, second = (np.take(x, (low + i).clip(0, length - 1), axis) for i in (0, 1))
            x = first * (1 - share) + second * share
        return x

    def space_to_depth(self, x: Array, block: int) -> Array:
        n, h, w, c = x.shape
        cells = x.reshape(n, h // block, block, w // block, block, c).transpose(0, 1, 3, 2, 4, 5)
        return np.ascontiguousarray(cells).reshape(n, h // block, w // block, block * block * c)

    def depth_to_space(self, x: Array, block: int) -> Array:
        n, h, w, c = x.shape
        cells = x.reshape(n, h, w, block, block, c // block**2).transpose(0, 1, 3, 2, 4, 5)
        return np.ascontiguousarray(cells).reshape(n, h * block, w * block, c // block**2)

    def mean(self, x: Array, block: int) -> Array:
        n, h, w, c = x.shape
        return x.reshape(n, h // block, block, w // block, block, c).mean((2, 4))

    def pad(
        self, x: Array, rows: tuple[int, int], columns: tuple[int, int], beyond: Beyond
    ) -> Array:
        around = ((0, 0), rows, columns, (0, 0))
        return np.pad(x, around, mode="constant" if beyond == "zeros" else "edge")


class TorchPictureLayers:
    """The primitives in torch, for training and for the GPU: with gradients, on any device."""

    def __init__(self) -> None:
        import torch

        self._torch = torch

    def conv(
        self,
        x: Array,
        weight: Array,
        stride: int = 1,
        dilation: tuple[int, int] = (1, 1),
        bias: Array | None = None,
    ) -> Array:
        kh, kw = weight.shape[:2]
        pad = (dilation[0] * (kh // 2), dilation[1] * (kw // 2))
        # Permuting a channels-last array gives torch's channels_last layout: no copy.
        y = self._torch.nn.functional.conv2d(
            x.permute(0, 3, 1, 2), weight.permute(3, 2, 0, 1), bias, stride, pad, dilation
        )
        return y.permute(0, 2, 3, 1)

    def relu(self, x: Array) -> Array:
        return self._torch.relu(x)

    def leaky_relu(self, x: Array, slope: float) -> Array:
        return self._torch.nn.functional.leaky_relu(x, slope)

    def gelu(self, x: Array) -> Array:
        return self._torch.nn.functional.gelu(x, approximate="tanh")

    def sigmoid(self, x: Array) -> Array:
        return self._torch.sigmoid(x)

    def inverse_root(self, x: Array) -> Array:
        return self._torch.rsqrt(x)

    def join(self, parts: Sequence[Array]) -> Array:
        return self._torch.cat(list(parts), -1)

    def affine(self, x: Array, scale: Array, shift: Array) -> Array:
        return x * scale + shift

    def nearest(self, x: Array, factor: int) -> Array:
        return x.repeat_interleave(factor, 1).repeat_interleave(factor, 2)

    def bilinear(self, x: Array, factor: int) -> Array:
        y = self._torch.nn.functional.interpolate(
            x.permute(0, 3, 1, 2), scale_factor=factor, mode="bilinear", align_corners=False
        )
        return y.permute(0, 2, 3, 1)

    def space_to_depth(self, x: Array, block: int) -> Array:
        n, h, w, c = x.shape
        cells = x.reshape(n, h // block, block, w // block, block, c).permute(0, 1, 3, 2, 4, 5)
        return cells.reshape(n, h // block, w // block, block * block * c)

    def depth_to_space(self, x: Array, block: int) -> Array:
        n, h, w, c = x.shape
        cells = x.reshape(n, h, w, block, block, c // block**2).permute(0, 1, 3, 2, 4, 5)
        return cells.reshape(n, h * block, w * block, c // block**2)

    def mean(self, x: Array, block: int) -> Array:
        y = self._torch.nn.functional.avg_pool2d(x.permute(0, 3, 1, 2), block)
        return y.permute(0, 2, 3, 1)

    def pad(
        self, x: Array, rows: tuple[int, int], columns: tuple[int, int], beyond: Beyond
    ) -> Array:
        mode = "constant" if beyond == "zeros" else "replicate"
        y = self._torch.nn.functional.pad(x.permute(0, 3, 1, 2), (*columns, *rows), mode)
        return y.permute(0, 2, 3, 1)
