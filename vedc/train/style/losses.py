"""The losses of a style network: the painting's strokes, the frame's drawing, steadiness.

They use no pretrained network. **Strokes**: the distribution of the picture's patches is matched to
the distribution of the painting's, at several scales, by the sliced Wasserstein distance (Elnekave
and Weiss 2022, arXiv:2203.12862, compare patches in this way): patches are projected onto random
filters, and the projections are sorted and compared. Some filters are noise, some are lines and
edges of random direction. A second stage compares patches of the energy of edges in eight
directions (Portilla and Simoncelli 2000 relate such energies), so that the flow of strokes also
counts. Each window, not only a batch, must match the whole painting: flat areas need strokes, too,
and a window that is dark or pale as a whole takes on the painting's range.
**Drawing**: the structure term of SSIM (Wang and others 2004) of luma at three scales, which
demands the same lines but leaves their contrast free. **Steadiness**: a warp, noise and a step of
exposure should change the painted picture as they change the frame, and no more.

Pictures are torch tensors (n, 3, h, w) in 0..1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from vedc.decide.arrays import Generator
from vedc.models.style.network import LUMA
from vedc.train.cuts.settings import import_extra
from vedc.train.style.pictures import warp

_SIDES: Final = (7, 7, 7)
"""Sides of patches, from the picture's own size to a quarter of it."""
_FILTERS: Final = 96
"""Filters of each kind at each size."""
_EACH: Final = 12
"""Filters of each size used per step."""
_FLOOR: Final = 0.002
_TURNS: Final = 8
"""Directions of edges whose energy is measured."""
_QUANTILES: Final = 257
_FAINT: Final = 2e-4
"""Variance of patches below which differences fade: about the variance of rounding."""
_STROKE: Final = 8
"""Pixels over which strokes are averaged."""
_MOVED: Final = 0.05
_EXPOSURE: Final = 0.02
_NOISE: Final = 0.02
"""Standard deviations of the step of exposure and of noise; white is 1."""
_INSIDE: Final = 0.96
_EPSILON: Final = 1e-6


def luma(x: Any) -> Any:
    """Luma, (n, 1, h, w)."""
    return sum(x[:, i : i + 1] * k for i, k in enumerate(LUMA))


def _unit(filters: Any) -> Any:
    return filters / filters.flatten(1).norm(dim=1)[:, None, None, None]


def _halved(x: Any) -> Any:
    return import_extra("torch").nn.functional.avg_pool2d(x, 2)


class Strokes:
    """The distance of pictures from one painting, by patches."""

    def __init__(self, painting: Any, seed: int) -> None:
        """``painting`` is (1, 3, h, w)."""
        self.torch = import_extra("torch")
        self.energy = self._edges()
        random = self.torch.Generator().manual_seed(seed)
        self.banks: list[tuple[_Bank, _Bank, _Bank]] = []
        with self.torch.no_grad():
            for side in _SIDES:
                noise = _whitening(painting, side, random)
                filters = self.torch.cat([noise, self._lines(side, random)])
                energies = self._energies(painting)
                flow = _whitening(energies, 3, random)
                colors = _unit(self.torch.randn(_FILTERS, 3, 1, 1, generator=random))
                self.banks.append(
                    (_Bank(painting, filters), _Bank(energies, flow), _Bank(painting, colors))
                )
                painting = _halved(painting)

    def distance(self, pictures: Any, random: Generator) -> Any:
        """The distance: 0 if all patches are distributed as in the painting.

        ``random`` chooses the filters.
        """
        total = 0.0
        for size, (patches, flow, colors) in enumerate(self.banks):
            stride = max(1, 4 >> size)
            total = total + patches.distance(pictures, random, stride)
            total = total + 0.5 * flow.distance(self._energies(pictures), random, stride)
            if size == 1:
                total = total + colors.distance(pictures, random, 1)
            pictures = _halved(pictures)
        return total / len(self.banks)

    def _energies(self, x: Any) -> Any:
        """The strength of edges in each direction, at half size."""
        both = self.torch.nn.functional.conv2d(luma(x), self.energy)
        even, odd = both[:, :_TURNS], both[:, _TURNS:]
        return _halved((even * even + odd * odd + 1e-5).sqrt())

    def _lines(self, side: int, random: Any) -> Any:
        """Gabor filters of random direction, width, phase and colour."""
        torch = self.torch
        turn, phase, width, color = (
            torch.rand(_FILTERS, n, generator=random) for n in (1, 1, 1, 3)
        )
        rows, columns = self._grid(side)
        along = torch.cos(turn * math.pi) * columns + torch.sin(turn * math.pi) * rows
        across = -torch.sin(turn * math.pi) * columns + torch.cos(turn * math.pi) * rows
        period = 2.5 + width * (side - 2.5)
        window = torch.exp(-(across**2 + 0.3 * along**2) / (2 * (side / 4) ** 2))
        waves = torch.cos(2 * math.pi * (across / period + phase)) * window
        waves = waves - window * waves.sum(1, keepdim=True) / window.sum(1, keepdim=True)
        tint = torch.tensor(LUMA) + 0.5 * (color - 0.5)
        filters = waves.view(-1, 1, side, side) * tint[:, :, None, None]
        return _unit(filters)

    def _edges(self) -> Any:
        """Even and odd filters of every direction, with zero mean."""
        torch = self.torch
        rows, columns = self._grid(7)
        found = []
        for phase in (0.0, 0.25):
            for k in range(_TURNS):
                turn = k * math.pi / _TURNS
                along = math.cos(turn) * columns + math.sin(turn) * rows
                across = -math.sin(turn) * columns + math.cos(turn) * rows
                window = torch.exp(-(across**2) / 4.5 - along**2 / 8)
                wave = torch.cos(2 * math.pi * (across / 5 + phase)) * window
                wave = wave - window * wave.sum() / window.sum()
                found.append((wave / wave.norm()).view(1, 7, 7))
        return torch.stack(found)

    def _grid(self, side: int) -> tuple[Any, Any]:
        at = self.torch.arange(side) - (side - 1) / 2
        rows, columns = self.torch.meshgrid(at, at, indexing="ij")
        return rows.reshape(-1), columns.reshape(-1)


def _whitening(painting: Any, side: int, random: Any) -> Any:
    """Random filters (n, channels, side, side) that whiten the painting's patches: otherwise only
    the mean colour of a patch would count."""
    torch = import_extra("torch")
    channels = painting.shape[1]
    patches = torch.nn.functional.unfold(painting, side, stride=max(1, side // 2))[0]
    powers, directions = torch.linalg.eigh(torch.cov(patches))
    mixed = torch.randn(_FILTERS, len(powers), generator=random)
    filters = (mixed / (powers.clamp(0) + _FAINT).sqrt()) @ directions.T
    return _unit(filters.view(_FILTERS, channels, side, side))


class _Bank:
    """Filters, and the distribution of a painting's projections onto each."""

    def __init__(self, painting: Any, filters: Any) -> None:
        self.filters = filters
        found = import_extra("torch").nn.functional.conv2d(painting, filters)
        self.quantiles = np.stack([_quantiles(row) for row in _rows(found)])
        self.spread = self.quantiles.std(1) + _FLOOR

    def distance(self, pictures: Any, random: Generator, stride: int) -> Any:
        """The mean distance of projections from their optimal-transport targets, in units of the
        painting's spread."""
        torch = import_extra("torch")
        some = random.choice(len(self.filters), _EACH, replace=False)
        filters = self.filters[torch.from_numpy(some)]
        y, x = random.integers(0, stride, 2)
        got = torch.nn.functional.conv2d(pictures[:, :, y:, x:], filters, stride=stride)
        rows = got.detach().flatten(2).numpy()
        moved = np.stack(
            [
                [
                    np.interp(row, _quantiles(row), self.quantiles[i])
                    for row, i in zip(picture, some, strict=True)
                ]
                for picture in rows
            ]
        ).astype(np.float32)
        wanted = torch.from_numpy(moved).view_as(got)
        spread = torch.from_numpy(self.spread[some].astype(np.float32)).view(-1, 1, 1)
        return ((got - wanted).abs() / spread).mean()


def _quantiles(values: Any) -> Any:
    return np.sort(values)[np.arange(_QUANTILES) * (len(values) - 1) // (_QUANTILES - 1)]


def _rows(x: Any) -> Any:
    """All projections, with one row per filter."""
    return x.detach().movedim(1, 0).flatten(1).numpy()


def drawing(pictures: Any, frames: Any) -> Any:
    """The share of the frames' lines that is lost: 0 none, 1 all. Contrast and colour are free."""
    torch = import_extra("torch")
    pool = torch.nn.functional.avg_pool2d
    ours, theirs, total = luma(pictures), luma(frames), 0.0
    for _ in range(3):
        mean_a, mean_b = pool(ours, 7, 1), pool(theirs, 7, 1)
        var_a = pool(ours * ours, 7, 1) - mean_a**2
        var_b = pool(theirs * theirs, 7, 1) - mean_b**2
        both = pool(ours * theirs, 7, 1) - mean_a * mean_b
        root = ((var_a.clamp(0) + _EPSILON) * (var_b.clamp(0) + _EPSILON)).sqrt()
        term = (both + 3e-4) / (root + 3e-4)
        weight = (var_b.clamp(0) + 1e-4).sqrt()
        total = total + (weight * (1 - term)).mean() / weight.mean()
        ours, theirs = _halved(ours), _halved(theirs)
    return total / 3


@dataclass(frozen=True, slots=True, eq=False)
class Disturbed:
    """Windows of frames as they might look a moment later."""

    frames: Any
    """(n, 10, h, w)."""
    grid: Any
    """The earlier position of each pixel, (n, h, w, 2) in -1..1."""
    seen: Any
    """(n, 1, h, w): 1 where that position is inside the picture."""


def disturbed(frames: Any, random: Generator) -> Disturbed:
    """Windows (n, 10, h, w) after a small motion, with a step of exposure and a sensor's noise; the
    canvas of strokes, their last channel, has only moved."""
    torch = import_extra("torch")
    grid = warp(len(frames), frames.shape[-1], random)
    moved = _moved(frames, grid)
    exposed = moved[:, :9] * (1 + random.normal(0, _EXPOSURE))
    noise = random.standard_normal(exposed.shape, np.float32) * np.float32(_NOISE)
    seen = (grid.abs() < _INSIDE).all(-1)[:, None].float()
    later = torch.cat([exposed + torch.from_numpy(noise), moved[:, 9:]], 1)
    return Disturbed(later, grid, seen)


def unsteadiness(pictures: Any, later: Any, made: Disturbed, begun: Any) -> Any:
    """The difference between ``later``, painted from the disturbed frames, and the pictures with
    the same motion, in units of the local contrast of their start, ``begun``.

    The start is not trained. In units of their own contrast, pictures could become steadier merely
    by adding a pattern that is fixed to the screen, whose contrast outweighs its change.
    """
    off = ((_moved(pictures, made.grid) - later) ** 2 * made.seen).mean()
    pool = import_extra("torch").nn.functional.avg_pool2d
    soft = pool(begun, 15, 1, 7, count_include_pad=False)
    return off / (((begun - soft) ** 2).mean() + 1e-3)


def _moved(frames: Any, grid: Any) -> Any:
    return import_extra("torch").nn.functional.grid_sample(
        frames, grid, mode="bicubic", padding_mode="reflection", align_corners=False
    )


def moved_layout(pictures: Any, begun: Any) -> Any:
    """The mean squared difference between pictures and their start, both averaged over strokes, in
    units of _MOVED squared: light, colours and layout should remain the start's."""
    pool = import_extra("torch").nn.functional.avg_pool2d
    return (pool(pictures - begun, _STROKE) ** 2).mean() / _MOVED**2


def beyond(pictures: Any) -> Any:
    """How far samples lie outside 0..1, on average."""
    torch = import_extra("torch")
    return (torch.relu(pictures - 1) + torch.relu(-pictures)).mean()
