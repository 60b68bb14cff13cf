"""A matte for ``luma_wipe`` that opens along the content of two pictures.

The order in which pixels change is the geodesic distance from the most salient object in the
incoming picture, where crossing an edge of either picture costs more: the opening flows along
surfaces and waits at outlines. The distances are then distributed evenly over the grey levels, so
that the same area changes in every frame, and softened. Black changes first.
"""

from __future__ import annotations

import heapq
from typing import Any, Final

import numpy as np

from vedc.decide.analyses.results import Beside
from vedc.decide.arrays import Byte, Float, Floats
from vedc.decide.transitions.salience import salience

VERSION: Final = "1"
"""Raised when mattes change."""

WIDTH: Final = 256
"""Columns of a matte; its rows follow from the picture's aspect ratio."""
_GRID: Final = 96
"""The longer side, in pixels, at which distances are computed."""
_DEAR: Final = 24.0
"""Cost of crossing the strongest edge, in steps."""
_SEED: Final = 0.6
"""The least share of the strongest salience at which a place belongs to the start of the
opening."""
SOFTNESS: Final = 0.15
"""Share of the time for one grey level in ``luma_wipe``."""


def matte(left: Beside, right: Beside) -> Byte:
    """The matte (rows, ``WIDTH``) between an outgoing and an incoming picture."""
    import cv2

    height, width = right.luma.shape
    ratio = _GRID / max(height, width)
    size = max(16, round(width * ratio)), max(16, round(height * ratio))
    edges = [_edges(side.luma, size) for side in (left, right)]
    cost = 1.0 + _DEAR * np.maximum(edges[0], edges[1])
    eye: Any = cv2.resize(salience(right.luma, right.thumb), size, interpolation=cv2.INTER_LINEAR)
    far = distances(cost, _seeds(eye))
    even = _evened(far)
    rows = max(16, round(WIDTH * height / width))
    wide = cv2.resize(even.astype(np.float32), (WIDTH, rows), interpolation=cv2.INTER_CUBIC)
    soft = cv2.GaussianBlur(wide, (0, 0), WIDTH / 100)
    # Softening narrows the range, which is restored so that the wipe begins and ends on time.
    low, high = float(soft.min()), float(soft.max())
    grey = np.clip((soft - low) / max(high - low, 1e-6), 0, 1) * 255
    found: Byte = np.floor(grey + 0.5).astype(np.uint8)
    return found


def _edges(luma: Byte, size: tuple[int, int]) -> Float:
    """The strength of an edge at each place: 0 to 1."""
    import cv2

    small: Any = cv2.resize(luma, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    small = cv2.GaussianBlur(small, (0, 0), 0.8)
    slope = np.hypot(np.gradient(small, axis=1), np.gradient(small, axis=0))
    most = max(float(np.quantile(slope, 0.97)), 4.0)
    found: Float = np.clip(slope / most, 0, 1).astype(np.float32)
    return found


def _seeds(eye: Float) -> list[tuple[int, int]]:
    """Rows and columns where the opening begins: the strongest object in the map."""
    import cv2

    mask = (eye >= _SEED * float(eye.max())).astype(np.uint8)
    _, labels = cv2.connectedComponents(mask, connectivity=8)
    best = labels[np.unravel_index(int(np.argmax(eye)), eye.shape)]
    rows, columns = np.nonzero(labels == best) if best else np.nonzero(eye == eye.max())
    return list(zip(rows.tolist(), columns.tolist(), strict=True))


def distances(cost: Any, seeds: list[tuple[int, int]]) -> Floats:
    """The least cost of a path from a seed to each place (Dijkstra, eight neighbours); a step costs
    the mean of its ends times its length."""
    rows, columns = cost.shape
    found = np.full((rows, columns), np.inf)
    price: list[list[float]] = np.asarray(cost, np.float64).tolist()
    known = found.tolist()
    heap: list[tuple[float, int, int]] = []
    for y, x in seeds:
        known[y][x] = 0.0
        heap.append((0.0, y, x))
    heapq.heapify(heap)
    steps = [
        (dy, dx, float(np.hypot(dy, dx)) / 2)
        for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dy or dx
    ]  # fmt: skip
    while heap:
        so_far, y, x = heapq.heappop(heap)
        if so_far > known[y][x]:
            continue
        for dy, dx, half in steps:
            v, u = y + dy, x + dx
            if 0 <= v < rows and 0 <= u < columns:
                there = so_far + (price[y][x] + price[v][u]) * half
                if there < known[v][u]:
                    known[v][u] = there
                    heapq.heappush(heap, (there, v, u))
    return np.asarray(known, np.float64)


def _evened(far: Floats) -> Floats:
    """Values 0 to 1 in the same order, uniformly distributed."""
    flat = far.reshape(-1)
    order = np.argsort(flat, kind="stable")
    ranks = np.empty(len(flat))
    ranks[order] = np.arange(len(flat))
    # Places at equal distance change together.
    _, inverse = np.unique(flat, return_inverse=True)
    mean = np.bincount(inverse, ranks) / np.bincount(inverse)
    even: Floats = (mean[inverse] / max(len(flat) - 1, 1)).reshape(far.shape)
    return even


def png(picture: Byte) -> bytes:
    """A grey picture as the bytes of a PNG file, deterministic."""
    import struct
    import zlib

    rows, columns = picture.shape
    raw = b"".join(b"\0" + row.tobytes() for row in np.ascontiguousarray(picture))

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", columns, rows, 8, 0, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", head),
            chunk(b"IDAT", zlib.compress(raw, 9)),
            chunk(b"IEND", b""),
        )
    )
