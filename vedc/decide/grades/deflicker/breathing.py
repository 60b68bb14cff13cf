"""Breathing of a shot's brightness, measured where nothing moves.

An automatic exposure multiplies the light of the whole picture, so all cells of a thumbnail in
which nothing moves show the same factor. Cells that are nearly black or near clipping show nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from vedc.decide.arrays import Byte, Float, Floats
from vedc.decide.grades.balance.light import light_of

CELLS: Final = (9, 16)
"""Rows and columns of cells: 3x3 pixels of a thumbnail each."""
_WEIGHTS: Final = np.array([0.2126, 0.7152, 0.0722], np.float32)
_DARK, _BRIGHT = 0.01, 0.85
_STILL: Final = 0.12
"""Stops by which a cell may differ from the still cells' common change."""
LEAST_STILL: Final = 0.12
"""Share of all cells that must be still for them to count."""


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """The brightness of each frame of a shot."""

    stops: Floats
    """(frames,) above the shot's median; empty if it cannot be measured."""
    noise: float
    """Standard deviation of a frame's value, in stops."""
    still: float
    """Share of cells that are still, 0 to 1."""
    unmeasured: str = ""
    """Why it cannot be measured, if the reason is not the picture's content."""


def cells_of(thumbs: Byte, transfer: str = "bt709") -> Float:
    """Light (frames, 9, 16) of the cells of thumbnails (frames, 27, 48, 3)."""
    found = []
    for first in range(0, len(thumbs), 256):
        part = thumbs[first : first + 256]
        luma = light_of(part.astype(np.float32) / 255, transfer) @ _WEIGHTS
        rows, columns = CELLS
        found.append(luma.reshape(len(part), rows, 3, columns, 3).mean((2, 4)))
    return np.concatenate(found) if found else np.empty((0, *CELLS), np.float32)


def breathing(cells: Float) -> Curve:
    """The curve of a shot from the light of its cells (frames, rows, columns)."""
    light = cells.reshape(len(cells), -1).astype(np.float64)
    usable = ((light > _DARK) & (light < _BRIGHT)).mean(0) > 0.98
    if len(light) < 2 or not usable.any():
        return Curve(np.empty(0), 0.0, 0.0)
    logs = np.log2(np.maximum(light[:, usable], 1e-4))
    # From one frame to the next, most cells agree even during a slow pan; a cell's own changes
    # accumulate, so cells are judged by level, not by rate of change.
    logs = logs - np.median(logs, 0)
    common = np.median(logs, 1, keepdims=True)
    for _ in range(3):
        away = np.sqrt(np.mean((logs - common) ** 2, 0))
        still = away <= max(float(np.quantile(away, 0.1)), _STILL)
        common = np.median(logs[:, still], 1, keepdims=True)
    away = np.abs(logs[:, still] - common)
    share = float(still.sum()) / light.shape[1]
    spread = 1.4826 * float(np.median(away))
    if float(np.sqrt(np.mean(away**2))) > _STILL:
        share = 0.0
    return Curve(common[:, 0], spread / np.sqrt(max(int(still.sum()), 1)), share)
