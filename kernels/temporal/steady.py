"""Flicker reduction: the mean of a frame and its neighbours, each motion-compensated.

    mean = frame + strength (sum over k of w_k moved_k / sum over k of w_k - frame)
    w_0 = 1,   w_k = visible_k exp(-|smooth(moved_k - frame)|**2 / (2 alike**2))
    out = smooth(mean) + gain (mean - smooth(mean))

The optical flow from the frame to a neighbour, and back, is OpenCV's DIS (Kroeger, Timofte, Dai and
Van Gool, 2016) on 8-bit luma at half size, in all three implementations. A pixel is visible in the
neighbour as far as the flow there leads back. ``smooth`` is a Gaussian of a hundredth of the height
or less, wider than the flicker of a texture and narrower than moving objects. ``gain``, from 1 to
1.3, restores the detail lost by averaging: the root of 0.95 times the energy of the frame's
gradients over the mean's, both of detail alone and under a Gaussian four times as wide. A gradient
is the difference from the next pixel, to the right and below. Neighbours are sampled bicubically at
positions rounded to 1/32 of a pixel. Beyond the edges, the outermost pixels are repeated.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vedc.kernels import correlate

VERSION = 2
#: For values in 0..1.
TOLERANCE = 5e-4

#: Frames before and after.
WINDOW: Final = (3, 3)
_LUMA: Final = (0.2126, 0.7152, 0.0722)
#: Distance after flowing forward and back that still counts as a match, in half-size pixels.
_BACK: Final = 0.7
#: Differences of smoothed colours that count as flicker.
_ALIKE: Final = 0.12
#: The Gaussian, as a fraction of the height.
_SMOOTH: Final = 1 / 240
#: The greatest gain, the share of the energy to restore, the relative width of the energy's
#: Gaussian, and a negligible energy.
_MOST, _SHARE, _WIDER, _NONE = 1.3, 0.95, 4.0, 1e-6
#: Smaller pictures have no useful flow.
_LEAST: Final = 32
#: The parameter of bicubic interpolation, as in OpenCV and torch.
_CUBIC: Final = -0.75
_STEPS: Final = 32

Plane = NDArray[Any]


class Motion(NamedTuple):
    """The positions of the frame's pixels in a neighbour: planes (rows, columns) of float32."""

    x: Plane
    """Column, in whole 1/32."""
    y: Plane
    visible: Plane
    """0..1."""


def bell(rows: int, wider: float = 1.0) -> NDArray[np.float64]:
    """Weights of the Gaussian for smoothed colours, with sum 1."""
    sigma = max(rows * _SMOOTH, 0.8) * wider
    reach = math.ceil(3.0 * sigma)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    return np.asarray(weights / weights.sum())


def grey(layer: Plane) -> NDArray[np.uint8]:
    """8-bit luma at half size."""
    import cv2

    luma = np.tensordot(np.array(_LUMA, np.float32), np.asarray(layer[:3], np.float32), 1)
    rows, columns = luma.shape
    small = cv2.resize(luma, (columns // 2, rows // 2), interpolation=cv2.INTER_AREA)
    return np.rint(np.clip(small, 0, 1) * 255).astype(np.uint8)


def motions(layers: Sequence[Plane], over: int) -> Iterator[tuple[int, Motion]]:
    """The neighbours in use, by their index among the layers."""
    import cv2

    middle, (rows, columns) = WINDOW[0], layers[0].shape[1:]
    used = [n for n in range(middle - over, middle + over + 1) if n != middle]
    across = np.arange(columns, dtype=np.float32)
    down = np.arange(rows, dtype=np.float32)[:, None]
    if min(rows, columns) < _LEAST:
        for n in used:
            still = np.zeros((rows, columns), np.float32)
            yield n, Motion(still + across, still + down, still + 1)
        return
    flow: Any = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    here = grey(layers[middle])
    for n in used:
        there = grey(layers[n])
        forth, back = flow.calc(here, there, None), flow.calc(there, here, None)
        high, wide = here.shape
        x = np.arange(wide, dtype=np.float32) + forth[..., 0]
        y = np.arange(high, dtype=np.float32)[:, None] + forth[..., 1]
        # Plane by plane: for two channels, OpenCV rounds positions to 1/32 of a pixel.
        ways = [
            forth[..., c]
            + cv2.remap(
                np.ascontiguousarray(back[..., c]), x, y, cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_REPLICATE,
            )
            for c in range(2)
        ]  # fmt: skip
        visible = np.exp((ways[0] ** 2 + ways[1] ** 2) * np.float32(-0.5 / _BACK**2))
        visible *= (x >= -0.5) & (x <= wide - 0.5) & (y >= -0.5) & (y <= high - 0.5)
        full = cv2.resize(np.dstack([forth, visible]), (columns, rows))
        x = across + full[..., 0] * np.float32(columns / wide)
        y = down + full[..., 1] * np.float32(rows / high)
        steps = np.float32(_STEPS)
        yield n, Motion(np.rint(x * steps) / steps, np.rint(y * steps) / steps, full[..., 2])


def _cubic(t: Plane) -> list[Plane]:
    """The weights of the four samples around a position ``t`` past the second."""

    def far(d: Plane) -> Plane:
        return ((_CUBIC * d - 5 * _CUBIC) * d + 8 * _CUBIC) * d - 4 * _CUBIC

    def near(d: Plane) -> Plane:
        return ((_CUBIC + 2) * d - (_CUBIC + 3)) * d * d + 1

    return [far(t + 1), near(t), near(1 - t), far(2 - t)]


def _moved(layer: Plane, motion: Motion) -> Plane:
    _, rows, columns = layer.shape
    x, y = motion.x.astype(np.float64), motion.y.astype(np.float64)
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    out = np.zeros_like(layer)
    for j, wy in enumerate(_cubic(y - top)):
        row = np.clip(top + (j - 1), 0, rows - 1)
        for i, wx in enumerate(_cubic(x - left)):
            out += wx * wy * layer[:, row, np.clip(left + (i - 1), 0, columns - 1)]
    return out


def reference(
    layers: Sequence[NDArray[np.float64]], *, over: int, strength: float
) -> NDArray[np.float64]:
    """The definition. ``layers``: seven of shape (channels, rows, columns), earliest first;
    ``over``: how many count on either side, up to 3; ``strength`` 0..1."""
    frame = layers[WINDOW[0]]

    def smooth(planes: Plane, wider: float = 1.0) -> Plane:
        weights = bell(frame.shape[1], wider)
        return correlate.along(correlate.along(planes, weights, 1), weights, 2)

    total, weight = frame.copy(), np.ones(frame.shape[1:])
    for n, motion in motions(layers, over):
        moved = _moved(layers[n], motion)
        change = smooth((moved - frame)[:3])
        share = motion.visible * np.exp((change**2).sum(0) * (-0.5 / _ALIKE**2))
        total += share * moved
        weight += share
    mean = frame + strength * (total / weight - frame)
    detail, wanted = (x[:3] - smooth(x[:3]) for x in (mean, frame))
    energy, before = (smooth(sum(map(_energy, d))[None], _WIDER)[0] for d in (detail, wanted))
    gain = np.clip(np.sqrt(_SHARE * before / (energy + _NONE)), 1, _MOST)
    mean[:3] += (gain - 1) * detail
    return mean


def _energy(plane: Any) -> Any:
    """The squared gradient (rows, columns) of an array or a tensor."""
    found = 0 * plane
    found[:, :-1] += (plane[:, 1:] - plane[:, :-1]) ** 2
    found[:-1] += (plane[1:] - plane[:-1]) ** 2
    return found


def cpu(
    layers: Sequence[NDArray[np.float32]], *, over: int, strength: float
) -> NDArray[np.float32]:
    """With OpenCV's sampling and separable filter, plane by plane."""
    import cv2

    frame, border = layers[WINDOW[0]], cv2.BORDER_REPLICATE

    def smooth(plane: Plane, wider: float = 1.0) -> Plane:
        weights = bell(frame.shape[1], wider).astype(np.float32)
        return cv2.sepFilter2D(plane, -1, weights, weights, borderType=border)

    mean, weight = frame.copy(), np.ones(frame.shape[1:], np.float32)
    for n, motion in motions(layers, over):
        moved = [
            cv2.remap(p, motion.x, motion.y, cv2.INTER_CUBIC, borderMode=border) for p in layers[n]
        ]
        square = np.zeros(frame.shape[1:], np.float32)
        for before, after in zip(frame[:3], moved[:3], strict=True):
            square += np.square(smooth(after - before))
        share = motion.visible * np.exp(square * np.float32(-0.5 / _ALIKE**2))
        for plane, seen in zip(mean, moved, strict=True):
            plane += share * seen
        weight += share
    mean /= weight
    mean = frame + np.float32(strength) * (mean - frame)
    detail = [plane - smooth(plane) for plane in mean[:3]]
    energy = smooth(sum(map(_energy, detail)), _WIDER)
    before = smooth(sum(_energy(plane - smooth(plane)) for plane in frame[:3]), _WIDER)
    gain = np.clip(np.sqrt(np.float32(_SHARE) * before / (energy + np.float32(_NONE))), 1, _MOST)
    for plane, rest in zip(mean, detail, strict=False):
        plane += (gain - np.float32(1)) * rest
    return np.asarray(mean, np.float32)


def gpu(layers: Sequence[Any], *, over: int, strength: float) -> Any:
    """In torch and Triton; the flow is OpenCV's, on the CPU. ``layers``: float32 tensors."""
    import torch

    from vedc.kernels import launch

    frame = layers[WINDOW[0]]
    _, rows, columns = frame.shape

    def smooth(planes: Any, wider: float = 1.0) -> Any:
        weights = bell(rows, wider)
        return launch.along(launch.along(planes.contiguous(), weights, 2), weights, 1)

    total, weight = frame.clone(), frame.new_ones((rows, columns))
    sides = torch.tensor([2 / max(columns - 1, 1), 2 / max(rows - 1, 1)], device=frame.device)
    for n, motion in motions([layer.cpu().numpy() for layer in layers], over):
        places = torch.from_numpy(np.stack([motion.x, motion.y], -1)).to(frame.device)
        moved = torch.nn.functional.grid_sample(
            layers[n][None], (places * sides - 1)[None], "bicubic", "border", True
        )[0]
        change = smooth((moved - frame)[:3]).square().sum(0)
        visible = torch.from_numpy(motion.visible).to(frame.device)
        share = visible * torch.exp(change * (-0.5 / _ALIKE**2))
        total += share * moved
        weight += share
    mean = frame + strength * (total / weight - frame)
    detail, wanted = (x[:3] - smooth(x[:3]) for x in (mean, frame))
    energy, before = (smooth(sum(map(_energy, d))[None], _WIDER)[0] for d in (detail, wanted))
    gain = torch.sqrt(_SHARE * before / (energy + _NONE)).clamp(1, _MOST)
    mean[:3] += (gain - 1) * detail
    return mean
