"""Generators: noise."""

from __future__ import annotations

from vedc.expr.math import Clock, Math, Pixel, Position, Scalar, Vec3, opaque
from vedc.ops.core.registry import param
from vedc.ops.shared import lattice_noise
from vedc.ops.shared.declare import generator

#: Distances of a noise's channels, octaves and seeds in lattice points: larger than any canvas, and
#: not multiples of one another.
CHANNEL, OCTAVE, SEED = 61441.0, 4099.0, 131.0


@generator(use="Make grain and static, or clouds and fog.", ramps=True)
def noise(
    m: Math,
    at: Position,
    clock: Clock,
    *,
    pattern: str = param(
        "fractal",
        choices=("white", "value", "fractal"),
        doc="Independent pixels; smooth spots of one size; clouds of many sizes.",
    ),
    size: Scalar = param(120.0, low=1, high=10000, unit="px", doc="Size of the largest spots."),
    octaves: int = param(
        5, kind="integer", low=1, high=8, doc="Sizes in `fractal`, each half the last."
    ),
    speed: Scalar = param(
        0.5,
        low=0,
        high=100,
        unit="changes a second",
        doc="Of smooth noise; `white` changes every frame.",
    ),
    contrast: Scalar = param(1.0, low=0, high=10, doc="Contrast around middle grey."),
    colored: bool = param(False, doc="Whether red, green and blue differ."),
    seed: int = param(
        0, kind="integer", low=0, high=65535, doc="Each value gives a different picture."
    ),
    samples: int = lattice_noise.samples_param(),
) -> Pixel:
    """Random light that is the same in every render.

    `value` interpolates random numbers on a lattice of `size` pixels and `1 / speed` seconds with
    Perlin's quintic (2002). `fractal` adds octaves of half the size and half the height.
    """

    def channel(n: int) -> Scalar:
        first = n * CHANNEL + seed * SEED
        if pattern == "white":
            value = _white(m, at, clock, first, samples)
        else:
            count = octaves if pattern == "fractal" else 1
            value = _octaves(m, at, size, clock.seconds * speed, count, first)
        return (value - 0.5) * contrast + 0.5

    if not colored:
        grey = channel(0)
        return opaque(m, Vec3(grey, grey, grey))
    return opaque(m, Vec3(channel(0), channel(1), channel(2)))


def _white(m: Math, at: Position, clock: Clock, first: float, samples: int) -> Scalar:
    """A random number for each pixel, or the mean of those of the design's pixels in it."""
    if samples == 1:
        return m.hash(at.x + first, at.y, clock.frame)
    total = m.number(0.0)
    for x, y in lattice_noise.sub_pixels(samples):
        across, down = (at.x + x) * float(samples), (at.y + y) * float(samples)
        total = total + m.hash(across + first, down, clock.frame)
    return total * (1.0 / samples**2)


def _octaves(
    m: Math, at: Position, size: Scalar, time: Scalar, octaves: int, first: float
) -> Scalar:
    """Value noise of several sizes, 0..1."""
    total, heights = m.number(0.0), 0.0
    for n in range(octaves):
        times, height = 2.0**n, 0.5**n
        x, y = at.x * times / size + (first + n * OCTAVE), at.y * times / size
        total = total + lattice_noise.value(m, x, y, time * times) * height
        heights += height
    return total * (1.0 / heights)
