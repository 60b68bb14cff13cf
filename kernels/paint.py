"""Brush strokes: an oriented Kuwahara filter, smoothed along its strokes, with thick paint.

Kuwahara's filter (1976) replaces a pixel by the mean of the surrounding sector with the least
variance, so flat areas become flatter and edges stay. After Kyprianidis, Kang and Döllner (2009)
the sectors lie in an ellipse elongated along the picture's edges, and all of them count, even ones
more:

    out(x) = sum over k of w_k mean(x + S u_k) / sum over k of w_k,    k = 0..7
    w_k = (f / (f + variance(x + S u_k)))**4

u_k are unit vectors in eight directions. ``mean`` and ``variance`` of the colours are weighted by a
Gaussian of half the brush's radius. T is the direction of edges, as the cosine and sine of twice
its angle, from the structure tensor: products of the luma gradient under a Gaussian as wide as the
brush. Without edges strokes are diagonal. S = radius (1 + 0.6 [[cos, sin], [sin, -cos]]) has no
angle that could jump. Then each pixel becomes the mean of a short straight line along its edge.

Thick paint forms ridges along the strokes: random heights on a grid, averaged over a longer line.
``relief`` times their slope towards the light, from the upper left, brightens and darkens the
paint. Beyond the edges, the outermost pixels are repeated.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vedc.kernels import correlate

VERSION = 1
#: For values in 0..1.
TOLERANCE = 2e-3

LUMA: Final = (0.2126, 0.7152, 0.0722)
#: The elongation of the ellipse.
STRETCH: Final = 0.6
#: Products of gradients below this count as noise; gradients are per radius.
FAINT: Final = 8e-4
#: The direction of strokes where there is no edge: cosine and sine of twice the angle.
ASLANT: Final = (0.5, -math.sqrt(0.75))
#: A variance this small is negligible.
FLAT: Final = 8e-4
#: Half the length of the lines that colours and heights are averaged over, in radii.
LINE, RIDGE = 2.0, 3.0
#: Samples on either side.
_SAMPLES, _RIDGE_SAMPLES = 6, 10
#: The grid of heights, in radii.
CELL: Final = 0.35
#: Slopes at ``relief`` 1.
STEEP: Final = 0.6

Plane = NDArray[Any]


def radius_of(shape: Sequence[int], size: float) -> float:
    """The brush's radius in pixels on a layer (channels, rows, columns)."""
    return max(shape[1] * size / 2, 0.5)


def bell(sigma: float) -> NDArray[np.float64]:
    """Gaussian weights with sum 1, cut off at three deviations."""
    sigma = max(sigma, 0.4)
    reach = math.ceil(3.0 * sigma)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    return np.asarray(weights / weights.sum())


def sectors() -> list[tuple[float, float]]:
    """Unit vectors (x, y)."""
    angles = (k * math.tau / 8 for k in range(8))
    return [(math.cos(angle), math.sin(angle)) for angle in angles]


def _line(samples: int) -> Iterator[tuple[float, float]]:
    places = [n / samples for n in range(-samples, samples + 1)]
    weights = [math.exp(-2.0 * place**2) for place in places]
    return ((p, w / sum(weights)) for p, w in zip(places, weights, strict=True))


#: Places along a line, -1..1 of its half length, and their weights, with sum 1.
STROKE: Final = tuple(_line(_SAMPLES))
STREAK: Final = tuple(_line(_RIDGE_SAMPLES))


@cache
def heights(rows: int, columns: int) -> NDArray[np.float32]:
    """Random numbers 0..1 on a grid: an integer hash of the position, the same on every device."""
    n = np.arange(rows, dtype=np.uint32)[:, None] * np.uint32(0x9E3779B1)
    n = n ^ (np.arange(columns, dtype=np.uint32) * np.uint32(0x85EBCA77))
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):  # Wellons, 2018
        n = (n ^ (n >> np.uint32(shift))) * np.uint32(factor)
    return ((n ^ (n >> np.uint32(16))) / np.float64(2**32)).astype(np.float32)


def grid_of(shape: Sequence[int], radius: float) -> NDArray[np.float32]:
    """The heights for a picture (channels, rows, columns)."""
    cell = CELL * radius
    return heights(*(math.ceil(side / cell) + 2 for side in shape[1:]))


def sampled(planes: Plane, x: Plane, y: Plane) -> Plane:
    """Planes (n, rows, columns) at positions, bilinearly; the outermost pixels are repeated."""
    _, rows, columns = planes.shape
    x, y = np.clip(x, 0, columns - 1), np.clip(y, 0, rows - 1)
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    right, below = np.minimum(left + 1, columns - 1), np.minimum(top + 1, rows - 1)
    u, v = x - left, y - top
    upper = planes[:, top, left] * (1 - u) + planes[:, top, right] * u
    lower = planes[:, below, left] * (1 - u) + planes[:, below, right] * u
    return np.asarray(upper * (1 - v) + lower * v)


def gradient(plane: Any, padded: Any) -> tuple[Any, Any]:
    """Sobel's gradient, across and down, from a plane padded with its outermost pixels."""
    down = padded[:-2] + 2 * padded[1:-1] + padded[2:]
    across = padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]
    return (down[:, 2:] - down[:, :-2]) / 8, (across[2:] - across[:-2]) / 8


def turned(e: Any, f: Any, g: Any, radius: float) -> tuple[Any, Any]:
    """The direction of edges from the structure tensor: (cos, sin) of twice its angle, shorter
    where the direction is less clear."""
    faint = FAINT / radius**2
    sum_ = e + g + faint
    return (g - e + faint * ASLANT[0]) / sum_, (faint * ASLANT[1] - 2 * f) / sum_


def reference(
    layer: NDArray[np.float64], *, size: float, relief: float = 0.0
) -> NDArray[np.float64]:
    """The definition. ``layer``: (channels, rows, columns); ``size``: the width of the brush as a
    fraction of the height."""
    radius = radius_of(layer.shape, size)

    def blurred(planes: Plane, sigma: float) -> Plane:
        return correlate.along(correlate.along(planes, bell(sigma), 1), bell(sigma), 2)

    _, rows, columns = layer.shape
    column, row = np.arange(columns), np.arange(rows)[:, None]
    mean = blurred(layer, radius / 2)
    squares = blurred((layer * layer).sum(0)[None], radius / 2)
    variance = np.maximum(squares - (mean * mean).sum(0), 0)
    luma = np.tensordot(LUMA, layer[:3], 1)
    gx, gy = gradient(luma, np.pad(luma, 1, mode="edge"))
    e, f, g = blurred(np.stack([gx * gx, gx * gy, gy * gy]), radius)
    cos, sin = turned(e, f, g, radius)
    seen = np.concatenate([mean, variance])
    total, weight = np.zeros_like(layer), np.zeros(layer.shape[1:])
    for x, y in sectors():
        dx = radius * (x + STRETCH * (cos * x + sin * y))
        dy = radius * (y + STRETCH * (sin * x - cos * y))
        there = sampled(seen, column + dx, row + dy)
        share = (FLAT / (FLAT + there[-1])) ** 4
        total += share * there[:-1]
        weight += share
    strokes = total / weight
    tx, ty = edges(cos, sin, np)
    out = np.zeros_like(layer)
    for place, share in STROKE:
        way = place * radius * LINE
        out += share * sampled(strokes, column + way * tx, row + way * ty)
    if relief:
        grid, cell = grid_of(layer.shape, radius).astype(np.float64)[None], CELL * radius
        thick = np.zeros(layer.shape[1:])
        for place, share in STREAK:
            way = place * radius * RIDGE
            there = sampled(grid, (column + 0.5 + way * tx) / cell, (row + 0.5 + way * ty) / cell)
            thick += share * there[0]
        gx, gy = gradient(thick, np.pad(thick, 1, mode="edge"))
        out[:3] *= 1 + relief * STEEP * radius * (gx + gy)
    return out


def edges(cos: Any, sin: Any, of: Any) -> tuple[Any, Any]:
    """The direction of edges (x, y), its length 0..1 being its clarity. ``of`` is NumPy or
    torch."""
    clear = of.hypot(cos, sin)
    ahead, rest = cos >= 0, clear - cos
    x = of.where(ahead, clear + cos, abs(sin))
    y = of.where(ahead, sin, of.where(sin >= 0, rest, -rest))
    size = clear / (of.hypot(x, y) + 1e-12)
    return x * size, y * size


def cpu(layer: NDArray[np.float32], *, size: float, relief: float = 0.0) -> NDArray[np.float32]:
    """With OpenCV's separable filter and bilinear sampling."""
    import cv2

    radius = radius_of(layer.shape, size)
    border = cv2.BORDER_REPLICATE
    channels, rows, columns = layer.shape

    def blurred(plane: Plane, sigma: float) -> Plane:
        weights = bell(sigma).astype(np.float32)
        return cv2.sepFilter2D(plane, -1, weights, weights, borderType=border)

    def slopes(plane: Plane) -> tuple[Plane, Plane]:
        return tuple(  # type: ignore[return-value]
            cv2.Sobel(plane, cv2.CV_32F, *way, scale=0.125, borderType=border)
            for way in ((1, 0), (0, 1))
        )

    def seen(planes: Plane, x: Plane, y: Plane) -> Plane:
        return cv2.remap(planes, x, y, cv2.INTER_LINEAR, borderMode=border)

    column = np.arange(columns, dtype=np.float32)
    row = np.arange(rows, dtype=np.float32)[:, None]
    means = [blurred(plane, radius / 2) for plane in layer]
    centred = layer - np.float32(0.5)  # smaller squares lose less precision in the difference
    variance = blurred(np.einsum("chw,chw->hw", centred, centred), radius / 2)
    for mean in means:
        variance -= np.square(mean - np.float32(0.5))
    np.maximum(variance, 0, out=variance)
    gx, gy = slopes(np.tensordot(np.array(LUMA, np.float32), layer[:3], 1))
    e, f, g = (blurred(p, radius) for p in (gx * gx, gx * gy, gy * gy))
    cos, sin = turned(e, f, g, radius)
    far, stretch = np.float32(radius), np.float32(radius * STRETCH)
    colors = cv2.merge(means[:3])
    total = np.zeros((rows, columns, channels), np.float32)
    weight = np.zeros((rows, columns), np.float32)
    for ux, uy in sectors():
        fx, fy = np.float32(ux), np.float32(uy)
        x = column + (stretch * fx * cos + stretch * fy * sin + far * fx)
        y = row + (stretch * fx * sin - stretch * fy * cos + far * fy)
        # One, three or four channels: for two, OpenCV rounds positions to 1/32 of a pixel.
        share = np.float32(FLAT) / (seen(variance, x, y) + np.float32(FLAT))
        share *= share
        share *= share
        weight += share
        total[..., :3] += seen(colors, x, y) * share[..., None]
        if channels == 4:
            total[..., 3] += seen(means[3], x, y) * share
    total /= weight[..., None]
    tx, ty = edges(cos, sin, np)
    out = np.zeros_like(total)
    for place, part in STROKE:
        way = np.float32(place * radius * LINE)
        out += seen(total, column + way * tx, row + way * ty) * np.float32(part)
    if relief:
        grid, cell = grid_of(layer.shape, radius), np.float32(CELL * radius)
        thick, half = np.zeros((rows, columns), np.float32), np.float32(0.5)
        for place, part in STREAK:
            way = np.float32(place * radius * RIDGE)
            x, y = (column + half + way * tx) / cell, (row + half + way * ty) / cell
            there = seen(grid, x, y)
            thick += there * np.float32(part)
        gx, gy = slopes(thick)
        light = (gx + gy) * np.float32(relief * STEEP * radius) + np.float32(1)
        out[..., :3] *= light[..., None]
    return np.ascontiguousarray(out.transpose(2, 0, 1))


def gpu(layer: Any, *, size: float, relief: float = 0.0) -> Any:
    """The same steps in torch and Triton. ``layer``: float32 tensor (channels, rows, columns)."""
    import torch

    from vedc.kernels import launch

    radius = radius_of(layer.shape, size)

    def blurred(planes: Any, sigma: float) -> Any:
        return launch.along(launch.along(planes.contiguous(), bell(sigma), 2), bell(sigma), 1)

    def slopes(plane: Any) -> tuple[Any, Any]:
        return gradient(plane, launch.extended(plane[None], 1, 1, 1, 1)[0])

    means = blurred(layer, radius / 2)
    squares = blurred((layer - 0.5).square().sum(0, keepdim=True), radius / 2)
    variance = (squares - (means - 0.5).square().sum(0, keepdim=True)).clamp_min(0)
    gx, gy = slopes(sum(layer[c] * part for c, part in enumerate(LUMA)))
    e, f, g = blurred(torch.stack([gx * gx, gx * gy, gy * gy]), radius)
    cos, sin = turned(e, f, g, radius)
    seen = torch.cat([means, variance])
    strokes = launch.even_sectors(seen, torch.stack([cos, sin]), sectors(), radius, STRETCH, FLAT)
    along = torch.stack(edges(cos, sin, torch))
    out = launch.line_mean(strokes, along, STROKE, radius * LINE)
    if relief:
        grid = layer.new_tensor(grid_of(layer.shape, radius))[None]
        thick = launch.line_mean(grid, along, STREAK, radius * RIDGE, CELL * radius)
        gx, gy = slopes(thick[0])
        out[:3] *= 1 + relief * STEEP * radius * (gx + gy)
    return out
