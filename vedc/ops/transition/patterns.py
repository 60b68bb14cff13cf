"""Pattern wipes: cells, dots and noise decide where the incoming picture shows first."""

from __future__ import annotations

from typing import Final

from vedc.expr.math import Math, Pixel, Position, Scalar, Vec3
from vedc.ops.core.registry import param
from vedc.ops.shared.declare import SEED, center_param, transition
from vedc.ops.shared.lattice_noise import gradient
from vedc.ops.shared.pixels import mixed
from vedc.ops.shared.plane_geometry import farthest_corner, length, offset_from_center, to_pixels
from vedc.ops.transition.common import filled, front, soft_front, stable_floor

_ORDERS: Final = (
    "random", "rows", "columns", "diagonal", "snake", "snake_down", "spiral", "center", "checker",
)  # fmt: skip


@transition(family="dissolve", use="Dissolve in grains, like an old video mixer or a game.")
def random_dissolve(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    at: Position,
    *,
    size: Scalar = param(1.0, low=1, high=256, unit="px", doc="Grain size."),
    softness: Scalar = param(0.0, low=0, high=1, doc="Share of the time a grain takes."),
    seed: Scalar = SEED,
) -> Pixel:
    """Switch pixels to the incoming picture in random order.

    Modelled on FFmpeg's xfade `dissolve` and tape editors' "dither dissolve".
    """
    late = m.hash(stable_floor(m, at.x / size), stable_floor(m, at.y / size), seed)
    return mixed(a, b, front(m, progress, late, m.max(softness, 0.002)))


@transition(use="Change boards, maps or scores square by square.")
def matrix_wipe(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    at: Position,
    *,
    order: str = param("random", choices=_ORDERS, doc="Which cell comes first."),
    columns: int = param(16, kind="integer", low=1, high=256, doc="Cells across."),
    rows: int = param(9, kind="integer", low=1, high=256, doc="Cells down."),
    fill: str = param("fade", choices=("fade", "grow"), doc="Cells fade in, or grow from within."),
    softness: Scalar = param(0.2, low=0, high=1, doc="Share of the time a cell takes."),
    seed: Scalar = SEED,
) -> Pixel:
    """Reveal the incoming picture in a grid of cells, one after another.

    `snake` runs back and forth along the rows, `snake_down` along the columns, `spiral` inwards
    from the top left, and `checker` takes every second cell first: SMPTE's matrix wipes.
    `random` is modelled on gl-transitions' `randomsquares`, `grow` along a diagonal on its
    `squareswire`.
    """
    x, y = at.u * columns, at.v * rows
    column, row = stable_floor(m, x), stable_floor(m, y)
    rank = _rank(m, order, column, row, columns, rows, seed)
    done = front(m, progress, rank, m.max(softness, 1.0 / (columns * rows)))
    if fill == "fade":
        return mixed(a, b, done)
    shown = m.number(1.0)
    for spot, middle, cell in (
        (x, column + 0.5, at.width / columns),
        (y, row + 0.5, at.height / rows),
    ):
        # Grows from half a pixel below zero to half a pixel beyond the cell.
        half = done * (cell * 0.5 + 1.0) - 0.5
        shown = shown * m.clamp(half - m.abs(spot - middle) * cell + 0.5)
    return mixed(a, b, shown)


def _rank(
    m: Math, order: str, column: Scalar, row: Scalar, columns: int, rows: int, seed: Scalar
) -> Scalar:
    """When a cell changes, 0..1."""
    last = max(columns * rows - 1, 1)
    if order == "rows":
        return (row * columns + column) / last
    if order == "columns":
        return (column * rows + row) / last
    if order == "diagonal":
        return (column + row) / max(columns + rows - 2, 1)
    if order == "snake":
        return _to_and_fro(m, column, row, columns) / last
    if order == "snake_down":
        return _to_and_fro(m, row, column, rows) / last
    if order == "spiral":
        return _spiral(m, column, row, columns, rows) / last
    if order == "center":
        x = (column + 0.5) / columns - 0.5
        y = (row + 0.5) / rows - 0.5
        return m.min(length(m, x, y) * 2.0**0.5, 1.0)
    late = m.hash(column, row, seed)
    if order == "checker":
        odd = column + row
        odd = m.modulo(odd, 2.0)
        return m.min(odd, 1.0)
    return late


def _to_and_fro(m: Math, position: Scalar, line: Scalar, count: int) -> Scalar:
    """The index of a cell along the lines, every second line reversed."""
    back = m.modulo(line, 2.0)
    return line * count + m.select(back > 0.5, count - 1.0 - position, position)


def _spiral(m: Math, column: Scalar, row: Scalar, columns: int, rows: int) -> Scalar:
    """The index of a cell along a clockwise inward spiral from the top left."""
    right, below = columns - 1.0 - column, rows - 1.0 - row
    ring = m.min(m.min(column, row), m.min(right, below))
    wide, high = columns - 2.0 * ring, rows - 2.0 * ring
    before = columns * rows - wide * high
    x, y = column - ring, row - ring
    on_top = x
    on_right = wide - 1.0 + y
    on_bottom = wide + high - 2.0 + (wide - 1.0 - x)
    on_left = 2.0 * wide + high - 3.0 + (high - 1.0 - y)
    position = m.select(
        y < 0.5,
        on_top,
        m.select(x > wide - 1.5, on_right, m.select(y > high - 1.5, on_bottom, on_left)),
    )
    return before + position


@transition(use="Change scene cheerfully: a curtain of growing dots.")
def dots(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    at: Position,
    *,
    count: Scalar = param(20.0, low=1, high=200, doc="Dots down the canvas."),
    center: tuple[Scalar, Scalar] = center_param("Where the first dots grow."),
    spread: Scalar = param(1.0, low=0, high=4, doc="How much later the farthest dots grow."),
) -> Pixel:
    """Reveal the incoming picture in round dots that grow until they merge.

    Modelled on gl-transitions' `PolkaDotsCurtain`. The dots form a square grid centred on the
    canvas.
    """
    cell = at.height / count
    x, y = offset_from_center(at)
    x, y = x / cell, y / cell
    dot_x, dot_y = m.floor(x + 0.5), m.floor(y + 0.5)
    cx, cy = to_pixels(at, center)
    away = length(m, dot_x * cell + at.width * 0.5 - cx, dot_y * cell + at.height * 0.5 - cy)
    late = m.min(away / (farthest_corner(m, at, cx, cy) + cell), 1.0)
    local = m.clamp(progress * (1.0 + spread) - late * spread)
    off = length(m, x - dot_x, y - dot_y) * cell
    # Grows from a pixel below zero to a pixel beyond half the cell's diagonal.
    radius = local * (cell * 0.5**0.5 + 2.0) - 1.0
    return mixed(a, b, m.clamp(radius - off + 0.5))


@transition(use="Drift into a dream: the next shot seeps through like clouds.")
def cloud_wipe(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    at: Position,
    *,
    scale: Scalar = param(4.0, low=0.5, high=64, doc="Clouds down the canvas."),
    softness: Scalar = param(0.1, low=0.01, high=1, doc="Edge width, in grey levels."),
    seed: Scalar = SEED,
) -> Pixel:
    """Reveal the incoming picture where smooth noise is low first.

    Three octaves of gradient noise, each twice as fine and half as strong: gl-transitions'
    `perlin`.
    """
    x, y = at.x / at.height * scale, at.y / at.height * scale
    field = (
        gradient(m, x, y, seed) * 4.0
        + gradient(m, x * 2.0 + 17.0, y * 2.0, seed + 1.0) * 2.0
        + gradient(m, x * 4.0 + 31.0, y * 4.0, seed + 2.0)
    ) / 7.0
    spread = m.clamp(field * 2.2 - 0.6)  # the sum keeps to the middle of 0..1
    pixel = scale * 6.0 / at.height
    return mixed(a, b, soft_front(m, progress, spread, m.max(softness, pixel)))


@transition(use="Change scene by hand: the next shot is scribbled over this one.")
def cross_hatch(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    at: Position,
    *,
    center: tuple[Scalar, Scalar] = center_param("Where the lines start."),
    lines: Scalar = param(240.0, low=4, high=2160, doc="Lines down the canvas."),
    reach: Scalar = param(0.6, low=0, high=1, doc="How far some lines run ahead of others."),
    softness: Scalar = param(0.1, low=0, high=1, doc="Share of the time a pixel takes."),
    seed: Scalar = SEED,
) -> Pixel:
    """Reveal the incoming picture in horizontal and vertical lines that spread from a point.

    Modelled on gl-transitions' `crosshatch`.
    """
    cx, cy = to_pixels(at, center)
    away = length(m, at.x - cx, at.y - cy) / farthest_corner(m, at, cx, cy)
    step = lines / at.height
    late = m.min(
        m.hash(stable_floor(m, at.x * step), 0.0, seed),
        m.hash(0.0, stable_floor(m, at.y * step), seed + 1.0),
    )
    field = m.mix(away, late, reach)
    return mixed(a, b, soft_front(m, progress, field, m.max(softness, 0.004)))


@transition(use="End violently or like burning film: a hole eats the picture.")
def burn_out(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    at: Position,
    *,
    center: tuple[Scalar, Scalar] = center_param("Where the fire starts."),
    color: Vec3 = param(0.0, kind="color", doc="The colour of the charred rim."),
    rim: Scalar = param(0.08, low=0.005, high=0.5, doc="Rim width, as a fraction of the travel."),
    ragged: Scalar = param(0.35, low=0, high=1, doc="How uneven the rim is."),
    scale: Scalar = param(5.0, low=0.5, high=64, doc="Flames down the canvas."),
    seed: Scalar = SEED,
) -> Pixel:
    """Open a ragged hole with a charred rim.

    Modelled on gl-transitions' `undulatingBurnOut`, with noise instead of waves.
    """
    cx, cy = to_pixels(at, center)
    away = length(m, at.x - cx, at.y - cy) / farthest_corner(m, at, cx, cy)
    x, y = at.x / at.height * scale, at.y / at.height * scale
    drift = progress * 2.0
    uneven = (
        gradient(m, x, y + drift, seed) * 0.65
        + gradient(m, x * 3.0, y * 3.0 + drift, seed + 1) * 0.35
    )
    field = m.mix(away, uneven, ragged * 0.5)
    pixel = 2.0 / at.height
    ahead = progress * (1.0 + 2.0 * rim) - field
    charred = m.clamp(ahead / rim)
    burnt = m.clamp((ahead - rim) / m.max(rim * 0.3, pixel))
    return mixed(mixed(a, filled(color, a, b, progress), charred * charred), b, burnt)


@transition(family="glitch", use="Change channels: the signal is lost and found again.")
def tv_static(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    at: Position,
    *,
    size: Scalar = param(0.004, low=0.0005, high=0.1, doc="Grain size, in canvas heights."),
    bars: Scalar = param(0.5, low=0, high=1, doc="How strongly the noise forms horizontal bars."),
    length: Scalar = param(0.3, low=0.02, high=0.5, doc="Share of the time it rises, and falls."),
) -> Pixel:
    """Cover the cut with grey noise that changes every frame.

    Modelled on gl-transitions' `static_wipe` and `TVStatic`. The noise covers what the pictures
    cover.
    """
    grain = m.max(size * at.height, 1.0)
    when = stable_floor(m, progress * 4096.0)
    grey = m.hash(stable_floor(m, at.x / grain), stable_floor(m, at.y / grain), when)
    rows = m.hash(stable_floor(m, at.v * 24.0), 7.0, stable_floor(m, progress * 24.0))
    rows = m.mix(m.number(0.0), rows, bars)
    near = m.clamp(m.min(progress, 1.0 - progress) / length)
    amount = m.clamp(near * (1.0 + bars) - rows)
    under = mixed(a, b, m.step(0.5, progress))  # the cut, which the noise covers whole
    snow = filled(Vec3(grey, grey, grey), a, b, progress)
    return mixed(under, snow, amount)


@transition(use="Spread out from a point in rings.")
def ring_wipe(
    m: Math,
    a: Pixel,
    b: Pixel,
    progress: Scalar,
    at: Position,
    *,
    count: Scalar = param(8.0, low=1, high=100, doc="Rings from the centre to a corner."),
    center: tuple[Scalar, Scalar] = center_param("As fractions of width and height."),
    spread: Scalar = param(1.0, low=0, high=4, doc="How much later the outer rings open."),
) -> Pixel:
    """Reveal the incoming picture in concentric rings, each opening outwards."""
    cx, cy = to_pixels(at, center)
    far = farthest_corner(m, at, cx, cy)
    phase = length(m, at.x - cx, at.y - cy) / far * count
    ring = m.floor(phase)
    local = m.clamp(progress * (1.0 + spread) - m.min(ring / count, 1.0) * spread)
    pixel = count / far
    fraction = phase - ring
    edge = m.clamp((local * (1.0 + pixel) - fraction) / pixel)
    # The inner edge of an open ring, smoothed over a pixel until all are open.
    started = m.max(m.clamp(fraction / pixel), m.smoothstep(0.9, 1.0, local))
    return mixed(a, b, m.min(edge, started))
