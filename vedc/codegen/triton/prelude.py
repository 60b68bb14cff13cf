# mypy: disable-error-code="no-untyped-def, no-untyped-call, untyped-decorator"
"""Device functions that generated GPU kernels call: memory, rounding, elementary functions.

Only generated kernels import this module, and it imports Triton. Its functions carry no
annotations, because Triton reads those of a device function as memory types.

A lane is one block of the canvas (``rates``). An element is the content of a plane for one block or
pixel: a sample, a packed pixel, or a pair Cb, Cr.
"""

from __future__ import annotations

import math

import triton
import triton.language as tl

from vedc.codegen.coefficients import ATAN, SIN
from vedc.expr.program import FLOAT_LIMIT
from vedc.expr.scalar_ops import HASH_FACTORS, HASH_LIMIT, HASH_ROUNDS, TINY

#: The interpreter has no machine instructions.
_COMPILED = tl.constexpr(not triton.knobs.runtime.interpret)

_TINY = tl.constexpr(TINY)
_FLOAT_LIMIT = tl.constexpr(FLOAT_LIMIT)
_PI = tl.constexpr(math.pi)
_HALF_PI = tl.constexpr(math.pi / 2)
_PER_PI = tl.constexpr(1 / math.pi)
#: Pi in two steps: a float32 whose multiples are nearly exact, and the remainder.
_PI_HIGH = tl.constexpr(3.1414794921875)
_PI_LOW = tl.constexpr(math.pi - 3.1414794921875)
_SIN0, _SIN1, _SIN2, _SIN3 = (tl.constexpr(c) for c in SIN)
_ATAN0, _ATAN1, _ATAN2, _ATAN3, _ATAN4, _ATAN5, _ATAN6 = (tl.constexpr(c) for c in ATAN)
_HASH_LIMIT = tl.constexpr(HASH_LIMIT)
_HASH_X, _HASH_Y, _HASH_Z = (tl.constexpr(f) for f in HASH_FACTORS)
_SHIFT0, _ROUND0 = (tl.constexpr(n) for n in HASH_ROUNDS[0])
_SHIFT1, _ROUND1 = (tl.constexpr(n) for n in HASH_ROUNDS[1])


# ---------------------------------------------------------------- memory


@triton.jit
def row_of(plane, stride, row, TYPE: tl.constexpr, ALIGN: tl.constexpr):
    """A pointer to a row of a plane, promised to be a multiple of ALIGN bytes."""
    pointer = (plane + stride * row).to(tl.pointer_type(TYPE))
    return tl.multiple_of(pointer, ALIGN)


@triton.jit
def load_one(plane, stride, row, lane, valid, TYPE: tl.constexpr, VECTOR: tl.constexpr):
    """An element for each lane, 0 where it is not valid."""
    ALIGN: tl.constexpr = min(16, max(VECTOR, 1) * (TYPE.primitive_bitwidth // 8))
    return tl.load(row_of(plane, stride, row, TYPE, ALIGN) + lane, mask=valid, other=0)


@triton.jit
def load_two(
    plane, stride, row, lane, right, valid,
    TYPE: tl.constexpr, WORD: tl.constexpr, VECTOR: tl.constexpr,
):  # fmt: skip
    """Two neighbouring elements for each lane, in columns ``2 * lane`` and ``right``.

    They are read as one WORD, so that a warp reads memory in one piece, unless VECTOR is 0:
    such a class of shapes guarantees nothing about width and addresses.
    """
    BITS: tl.constexpr = TYPE.primitive_bitwidth
    if VECTOR > 0:
        word = load_one(plane, stride, row, lane, valid, WORD, VECTOR)
        low, high = word.to(TYPE), (word >> BITS).to(TYPE)
    else:
        elements = row_of(plane, stride, row, TYPE, BITS // 8)
        low = tl.load(elements + lane * 2, mask=valid, other=0)
        high = tl.load(elements + right, mask=valid, other=0)
    return low, high


@triton.jit
def store_one(plane, stride, row, lane, valid, element, TYPE: tl.constexpr, VECTOR: tl.constexpr):
    """Write an element for each valid lane."""
    ALIGN: tl.constexpr = min(16, max(VECTOR, 1) * (TYPE.primitive_bitwidth // 8))
    tl.store(row_of(plane, stride, row, TYPE, ALIGN) + lane, element, mask=valid)


@triton.jit
def store_two(
    plane, stride, row, lane, right, valid, low, high,
    TYPE: tl.constexpr, WORD: tl.constexpr, VECTOR: tl.constexpr,
):  # fmt: skip
    """Write two neighbouring elements for each valid lane; see ``load_two``."""
    BITS: tl.constexpr = TYPE.primitive_bitwidth
    if VECTOR > 0:
        word = low.to(WORD) | (high.to(WORD) << BITS)
        store_one(plane, stride, row, lane, valid, word, WORD, VECTOR)
    else:
        elements = row_of(plane, stride, row, TYPE, BITS // 8)
        tl.store(elements + lane * 2, low, mask=valid)
        tl.store(elements + right, high, mask=valid & (right > lane * 2))


@triton.jit
def load_texel(plane, stride, column, row, inside):
    """A float32 sample for each lane, at any place; 0 where it is not inside."""
    samples = (plane + stride * row.to(tl.int64)).to(tl.pointer_type(tl.float32))
    return tl.load(samples + column, mask=inside, other=0.0)


@triton.jit
def texel_at(x, y, width, height):
    """Column and row that contain the point (x, y), and whether they are inside the picture."""
    column, row = tl.broadcast(tl.floor(x), tl.floor(y))
    inside = (column >= 0.0) & (column < width) & (row >= 0.0) & (row < height)
    column, row = tl.where(inside, column, 0.0), tl.where(inside, row, 0.0)
    return column.to(tl.int32), row.to(tl.int32), inside


# ---------------------------------------------------------------- rounding


@triton.jit
def code(value, PEAK: tl.constexpr, TYPE: tl.constexpr):
    """The code value nearest to a root, halves up; NaN gives 0."""
    return (tl.minimum(tl.maximum(value, 0.0), PEAK) + 0.5).to(TYPE)


@triton.jit
def code_dithered(value, column, row, PEAK: tl.constexpr, TYPE: tl.constexpr):
    """The same with the threshold of the ordered dither at a sample's place.

    The threshold is ``program.BAYER``'s, from the bits of the place: the lowest ones count most.
    """
    odd = column ^ row
    order = ((odd & 1) << 5) | ((row & 1) << 4) | ((odd & 2) << 2) | ((row & 2) << 1)
    order = order | ((odd & 4) >> 1) | ((row & 4) >> 2)
    threshold = (order.to(tl.float32) + 0.5) * (1 / 64)  # BAYER, and the half that rounds
    return (tl.minimum(tl.maximum(value, 0.0), PEAK) + threshold).to(TYPE)


@triton.jit
def float_bits(value):
    """A root as a floating plane holds it, as the bits of a float32."""
    inside = tl.minimum(tl.maximum(value, -_FLOAT_LIMIT), _FLOAT_LIMIT)
    return tl.where(value == value, inside, 0.0).to(tl.uint32, bitcast=True)


# ---------------------------------------------------------------- elementary functions


@triton.jit
def log2(x):
    """log2(max(x, TINY)), with an error of at most 2**-22, relative or absolute."""
    x = tl.maximum(x, _TINY)
    if _COMPILED:
        return tl.inline_asm_elementwise(
            "lg2.approx.ftz.f32 $0, $1;", "=f,f", [x], dtype=tl.float32, is_pure=True, pack=1
        )
    else:  # noqa: RET505 - a branch that is chosen while compiling
        return tl.log2(x)


@triton.jit
def power(x, y):
    """x ** y for y of at least 1/4, where TINY ** y counts as 0."""
    return tl.exp2(log2(x) * y)


@triton.jit
def any_power(x, y):
    """x ** y: 0 where x is not above 0 and y is, TINY ** y where neither is."""
    value = tl.where(y == 0.0, 1.0, tl.exp2(log2(x) * y))
    return tl.where(x > 0.0, value, tl.where(y > 0.0, 0.0, value))


@triton.jit
def _sine(x, whole, turns):
    """The sine of ``x - turns * pi``, negated where ``whole`` is odd."""
    r = tl.fma(turns, -_PI_HIGH, x)
    r = tl.fma(turns, -_PI_LOW, r)
    square = r * r
    tail = tl.fma(tl.fma(tl.fma(square, _SIN3, _SIN2), square, _SIN1), square, _SIN0)
    value = tl.fma(tail * square, r, r)
    even = whole - 2.0 * tl.floor(whole * 0.5) == 0.0
    return tl.where(even, value, -value)


@triton.jit
def sine(x):
    whole = tl.floor(x * _PER_PI + 0.5)
    return _sine(x, whole, whole)


@triton.jit
def cosine(x):
    """The sine a quarter turn later."""
    whole = tl.floor(x * _PER_PI + 1.0)
    return _sine(x, whole, whole - 0.5)


@triton.jit
def angle(y, x):
    """atan2: the polynomial gives the angle from the nearer axis, the rest is reflection."""
    across, up = tl.abs(x), tl.abs(y)
    high = tl.maximum(across, up)
    # On a diagonal the quotient is 1, even for infinities; at the origin the angle is 0.
    t = tl.where(across == up, 1.0, tl.minimum(across, up) / high)
    t = tl.where(high == 0.0, 0.0, t)
    z = t * t
    tail = tl.fma(tl.fma(tl.fma(z, _ATAN6, _ATAN5), z, _ATAN4), z, _ATAN3)
    tail = tl.fma(tl.fma(tl.fma(tail, z, _ATAN2), z, _ATAN1), z, _ATAN0)
    value = tl.fma(tail * z, t, t)
    value = tl.where(up > across, _HALF_PI - value, value)
    value = tl.where(x < 0.0, _PI - value, value)
    value = tl.where(y.to(tl.int32, bitcast=True) < 0, -value, value)
    # Not one mask of both: Triton 3.9's interpreter cannot join a scalar's with a block's.
    value = tl.where(x == x, value, float("nan"))
    return tl.where(y == y, value, float("nan"))


@triton.jit
def _spread(value, FACTOR: tl.constexpr):
    inside = tl.minimum(tl.maximum(value, -_HASH_LIMIT), _HASH_LIMIT)
    inside = tl.where(value == value, inside, 0.0)
    return _times(tl.floor(inside).to(tl.int32).to(tl.uint32, bitcast=True), FACTOR)


@triton.jit
def _times(h, FACTOR: tl.constexpr):
    """The low 32 bits of a product."""
    return (h.to(tl.uint64) * FACTOR).to(tl.uint32)


@triton.jit
def noise(x, y, z):
    """``scalar_ops.hashed``, in the same integers."""
    h = _spread(x, _HASH_X) ^ _spread(y, _HASH_Y) ^ _spread(z, _HASH_Z)
    h = _times(h ^ (h >> _SHIFT0), _ROUND0)
    h = _times(h ^ (h >> _SHIFT1), _ROUND1)
    return ((h ^ (h >> 16)) >> 8).to(tl.float32) * (1 / 16777216)


# ---------------------------------------------------------------- tables


@triton.jit
def _cell(x, SIZE: tl.constexpr):
    """The cell of x in 0..1 on a grid of SIZE nodes, and the position of x in it, 0..1."""
    scaled = tl.minimum(tl.maximum(x, 0.0), 1.0) * (SIZE - 1)
    whole = tl.minimum(tl.floor(scaled), SIZE - 2)
    return whole.to(tl.int32), scaled - whole


@triton.jit
def curve(table, x, CHANNEL: tl.constexpr, SIZE: tl.constexpr):
    """A channel of a curve, linear between its samples."""
    cell, fraction = _cell(x, SIZE)
    samples = (table + 64 + 4 * CHANNEL * SIZE).to(tl.pointer_type(tl.float32)) + cell
    low = tl.load(samples)
    return tl.fma(fraction, tl.load(samples + 1) - low, low)


@triton.jit
def _add_node(words, index, weight, r, g, b):
    """Add a node times its weight to each channel's sum.

    The fields of a node (see ``tables``) directly become the fraction of a float32 in 1..2:
    cheaper than a conversion, and exact to more bits than they have.
    """
    word = tl.load(words + index)
    red = ((word >> 41).to(tl.uint32) & 0x7FFFFF) | 0x3F800000
    green = ((word >> 20).to(tl.uint32) & 0x7FFFFF) | 0x3F800000
    blue = ((word << 2).to(tl.uint32) & 0x7FFFFF) | 0x3F800000
    return (
        tl.fma(weight, red.to(tl.float32, bitcast=True), r),
        tl.fma(weight, green.to(tl.float32, bitcast=True), g),
        tl.fma(weight, blue.to(tl.float32, bitcast=True), b),
    )


@triton.jit
def cube(table, red, green, blue, SIZE: tl.constexpr):
    """The three channels of a cube, tetrahedral; 1..2 spans the table's range.

    The four nodes are the cell's first and last corner, one step along the axis of the
    largest fraction, and one step short of the last corner along the axis of the smallest.
    """
    column, r = _cell(red, SIZE)
    row, g = _cell(green, SIZE)
    layer, b = _cell(blue, SIZE)
    first = (layer * SIZE + row) * SIZE + column
    top, low = tl.maximum(tl.maximum(r, g), b), tl.minimum(tl.minimum(r, g), b)
    middle = tl.maximum(tl.minimum(r, g), tl.minimum(tl.maximum(r, g), b))
    LAST: tl.constexpr = 1 + SIZE + SIZE * SIZE
    upper = tl.where(r >= top, 1, tl.where(g >= top, SIZE, SIZE * SIZE))
    short = tl.where(b <= low, SIZE * SIZE, tl.where(g <= low, SIZE, 1))
    words = (table + 64).to(tl.pointer_type(tl.uint64))
    zero = r * 0.0
    x, y, z = _add_node(words, first, 1.0 - top, zero, zero, zero)
    x, y, z = _add_node(words, first + upper, top - middle, x, y, z)
    x, y, z = _add_node(words, first + (LAST - short), middle - low, x, y, z)
    return _add_node(words, first + LAST, low, x, y, z)


@triton.jit
def channel_of(table, CHANNEL: tl.constexpr):
    """Factor and offset that bring a channel of ``cube`` into the table's range."""
    header = table.to(tl.pointer_type(tl.float32))
    scale = tl.load(header + CHANNEL) * 4294967296.0
    return scale, tl.load(header + 3 + CHANNEL) - scale
