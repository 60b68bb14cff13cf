# mypy: ignore-errors
"""The filters' Triton kernels. ``launch.py`` describes them.

Layers are stored channel by channel, row by row. A program processes ``BLOCK`` samples (pixels, in
filters that mix the channels) in that order; ``count`` is their total number.
"""

import triton
import triton.language as tl


@triton.jit
def convolve(
    source, target, weights, length, out_length, inner, taps, gap, count,
    STEP: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    n = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    valid = n < count
    inside, line = n % inner, n // inner
    begin = line // out_length * length * inner + inside
    place = line % out_length * STEP - taps // 2 * gap
    total = tl.zeros((BLOCK,), tl.float32)
    for k in range(taps):
        at = tl.minimum(tl.maximum(place + k * gap, 0), length - 1)
        total += tl.load(weights + k) * tl.load(source + begin + at * inner, valid, 0.0)
    tl.store(target + n, total, valid)


@triton.jit
def double(source, target, length, inner, count, BLOCK: tl.constexpr):
    n = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    valid = n < count
    inside, line = n % inner, n // inner
    begin = line // (2 * length) * length * inner + inside
    place = line % (2 * length)
    at, odd = place // 2, place % 2
    before = tl.load(source + begin + tl.maximum(at - 1, 0) * inner, valid, 0.0)
    here = tl.load(source + begin + at * inner, valid, 0.0)
    after = tl.load(source + begin + tl.minimum(at + 1, length - 1) * inner, valid, 0.0)
    even = (before + 6.0 * here + after) * 0.125
    tl.store(target + n, tl.where(odd == 1, (here + after) * 0.5, even), valid)


@triton.jit
def correlate(source, target, dy, dx, weights, rows, columns, taps, count, BLOCK: tl.constexpr):
    n = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    valid = n < count
    x, line = n % columns, n // columns
    y = line % rows
    begin = line - y
    total = tl.zeros((BLOCK,), tl.float32)
    for k in range(taps):
        column = tl.minimum(tl.maximum(x + tl.load(dx + k), 0), columns - 1)
        row = tl.minimum(tl.maximum(y + tl.load(dy + k), 0), rows - 1)
        seen = tl.load(source + (begin + row) * columns + column, valid, 0.0)
        total += tl.load(weights + k) * seen
    tl.store(target + n, total, valid)


@triton.jit
def mean_with_moved(
    source, target, xx, xy, x0, yx, yy, y0, rows, columns, count, BLOCK: tl.constexpr
):
    n = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    valid = n < count
    x, line = n % columns, n // columns
    y = line % rows
    begin = line - y
    fx, fy = x.to(tl.float32), y.to(tl.float32)
    u = tl.minimum(tl.maximum(xx * fx + xy * fy + x0, 0.0), columns - 1.0)
    v = tl.minimum(tl.maximum(yx * fx + yy * fy + y0, 0.0), rows - 1.0)
    left, top = u.to(tl.int32), v.to(tl.int32)
    right, below = tl.minimum(left + 1, columns - 1), tl.minimum(top + 1, rows - 1)
    across, down = u - left.to(tl.float32), v - top.to(tl.float32)
    upper, lower = source + (begin + top) * columns, source + (begin + below) * columns
    a, b = tl.load(upper + left, valid, 0.0), tl.load(upper + right, valid, 0.0)
    c, d = tl.load(lower + left, valid, 0.0), tl.load(lower + right, valid, 0.0)
    ab, cd = a + (b - a) * across, c + (d - c) * across
    here = tl.load(source + n, valid, 0.0)
    tl.store(target + n, (here + ab + (cd - ab) * down) * 0.5, valid)


@triton.jit
def bisect_median(source, target, rows, columns, radius, bisections, count, BLOCK: tl.constexpr):
    n = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    valid = n < count
    x, line = n % columns, n // columns
    y = line % rows
    begin = line - y
    size = 2 * radius + 1
    low = tl.load(source + n, valid, 0.0)
    high = low
    for k in range(size * size):
        column = tl.minimum(tl.maximum(x + k % size - radius, 0), columns - 1)
        row = tl.minimum(tl.maximum(y + k // size - radius, 0), rows - 1)
        seen = tl.load(source + (begin + row) * columns + column, valid, 0.0)
        low, high = tl.minimum(low, seen), tl.maximum(high, seen)
    half = size * size // 2
    for _ in range(bisections):
        # Invariant: at most ``half`` samples are below ``low``, more than that up to ``high``.
        middle = (low + high) * 0.5
        below = tl.zeros((BLOCK,), tl.int32)
        for k in range(size * size):
            column = tl.minimum(tl.maximum(x + k % size - radius, 0), columns - 1)
            row = tl.minimum(tl.maximum(y + k // size - radius, 0), rows - 1)
            seen = tl.load(source + (begin + row) * columns + column, valid, 0.0)
            below += (seen <= middle).to(tl.int32)
        enough = below > half
        high = tl.where(enough, middle, high)
        low = tl.where(enough, low, middle)
    tl.store(target + n, high, valid)


@triton.jit
def disc_extreme(
    source, target, widths, rows, columns, radius, count,
    LARGEST: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    n = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    valid = n < count
    x, line = n % columns, n // columns
    y = line % rows
    begin = line - y
    found = tl.load(source + n, valid, 0.0)
    for j in range(2 * radius + 1):
        dy = j - radius
        row = begin + tl.minimum(tl.maximum(y + dy, 0), rows - 1)
        width = tl.load(widths + tl.maximum(dy, -dy))
        for i in range(2 * width + 1):
            column = tl.minimum(tl.maximum(x + i - width, 0), columns - 1)
            seen = tl.load(source + row * columns + column, valid, 0.0)
            found = tl.maximum(found, seen) if LARGEST else tl.minimum(found, seen)
    tl.store(target + n, found, valid)


@triton.jit
def bilateral_mean(
    source, target, rows, columns, radius, near, alike, count,
    CHANNELS: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    n = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    valid = n < count
    x, y = n % columns, n // columns
    weight = tl.zeros((BLOCK,), tl.float32)
    r, g, b, a = weight, weight, weight, weight
    r0 = tl.load(source + n, valid, 0.0)
    g0 = tl.load(source + count + n, valid, 0.0)
    b0 = tl.load(source + 2 * count + n, valid, 0.0)
    a0 = tl.load(source + (CHANNELS - 1) * count + n, valid, 0.0)
    size = 2 * radius + 1
    for k in range(size * size):
        dx, dy = k % size - radius, k // size - radius
        square = dx * dx + dy * dy
        column = tl.minimum(tl.maximum(x + dx, 0), columns - 1)
        at = source + tl.minimum(tl.maximum(y + dy, 0), rows - 1) * columns + column
        r1 = tl.load(at, valid, 0.0)
        g1 = tl.load(at + count, valid, 0.0)
        b1 = tl.load(at + 2 * count, valid, 0.0)
        distance = tl.abs(r1 - r0) + tl.abs(g1 - g0) + tl.abs(b1 - b0)
        if CHANNELS == 4:
            a1 = tl.load(at + 3 * count, valid, 0.0)
            distance += tl.abs(a1 - a0)
        w = tl.exp(near * square + alike * distance * distance)
        w = tl.where(square <= radius * radius, w, 0.0)
        weight += w
        r += w * r1
        g += w * g1
        b += w * b1
        if CHANNELS == 4:
            a += w * a1
    tl.store(target + n, r / weight, valid)
    tl.store(target + count + n, g / weight, valid)
    tl.store(target + 2 * count + n, b / weight, valid)
    if CHANNELS == 4:
        tl.store(target + 3 * count + n, a / weight, valid)


@triton.jit
def non_local_mean(
    source, target, rows, columns, patch, search, scale, count,
    CHANNELS: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    n = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    valid = n < count
    x, y = n % columns, n // columns
    weight = tl.zeros((BLOCK,), tl.float32)
    r, g, b, a = weight, weight, weight, weight
    reach, size = 2 * search + 1, 2 * patch + 1
    for k in range(reach * reach):
        dx, dy = k % reach - search, k // reach - search
        square = tl.zeros((BLOCK,), tl.float32)
        for j in range(size * size):
            px, py = x + j % size - patch, y + j // size - patch
            c0 = tl.minimum(tl.maximum(px, 0), columns - 1)
            c1 = tl.minimum(tl.maximum(px + dx, 0), columns - 1)
            at0 = source + tl.minimum(tl.maximum(py, 0), rows - 1) * columns + c0
            at1 = source + tl.minimum(tl.maximum(py + dy, 0), rows - 1) * columns + c1
            for _ in tl.static_range(CHANNELS):
                d = tl.load(at0, valid, 0.0) - tl.load(at1, valid, 0.0)
                square += d * d
                at0 += count
                at1 += count
        w = tl.exp(scale * square)
        weight += w
        column = tl.minimum(tl.maximum(x + dx, 0), columns - 1)
        at = source + tl.minimum(tl.maximum(y + dy, 0), rows - 1) * columns + column
        r += w * tl.load(at, valid, 0.0)
        g += w * tl.load(at + count, valid, 0.0)
        b += w * tl.load(at + 2 * count, valid, 0.0)
        if CHANNELS == 4:
            a += w * tl.load(at + 3 * count, valid, 0.0)
    tl.store(target + n, r / weight, valid)
    tl.store(target + count + n, g / weight, valid)
    tl.store(target + 2 * count + n, b / weight, valid)
    if CHANNELS == 4:
        tl.store(target + 3 * count + n, a / weight, valid)


@triton.jit
def even_sectors(
    source, turned, ways, target, rows, columns, sectors, radius, stretch, flat, count,
    CHANNELS: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    n = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    valid = n < count
    x, y = (n % columns).to(tl.float32), (n // columns).to(tl.float32)
    cos = tl.load(turned + n, valid, 0.0)
    sin = tl.load(turned + count + n, valid, 0.0)
    weight = tl.zeros((BLOCK,), tl.float32)
    r, g, b, a = weight, weight, weight, weight
    for k in range(sectors):
        ux, uy = tl.load(ways + 2 * k), tl.load(ways + 2 * k + 1)
        u = x + radius * (ux + stretch * (cos * ux + sin * uy))
        v = y + radius * (uy + stretch * (sin * ux - cos * uy))
        u = tl.minimum(tl.maximum(u, 0.0), columns - 1.0)
        v = tl.minimum(tl.maximum(v, 0.0), rows - 1.0)
        left, top = u.to(tl.int32), v.to(tl.int32)
        right, below = tl.minimum(left + 1, columns - 1), tl.minimum(top + 1, rows - 1)
        across, down = u - left.to(tl.float32), v - top.to(tl.float32)
        nw, ne = top * columns + left, top * columns + right
        sw, se = below * columns + left, below * columns + right
        w0, w1 = (1.0 - across) * (1.0 - down), across * (1.0 - down)
        w2, w3 = (1.0 - across) * down, across * down
        at = source + CHANNELS * count
        varied = tl.load(at + nw, valid, 0.0) * w0 + tl.load(at + ne, valid, 0.0) * w1
        varied += tl.load(at + sw, valid, 0.0) * w2 + tl.load(at + se, valid, 0.0) * w3
        share = flat / (flat + varied)
        share = share * share
        share = share * share
        weight += share
        for c in tl.static_range(CHANNELS):
            at = source + c * count
            seen = tl.load(at + nw, valid, 0.0) * w0 + tl.load(at + ne, valid, 0.0) * w1
            seen += tl.load(at + sw, valid, 0.0) * w2 + tl.load(at + se, valid, 0.0) * w3
            if c == 0:
                r += seen * share
            elif c == 1:
                g += seen * share
            elif c == 2:
                b += seen * share
            else:
                a += seen * share
    tl.store(target + n, r / weight, valid)
    tl.store(target + count + n, g / weight, valid)
    tl.store(target + 2 * count + n, b / weight, valid)
    if CHANNELS == 4:
        tl.store(target + 3 * count + n, a / weight, valid)


@triton.jit
def line_mean(
    source, along, places, weights, target, rows, columns, high, wide, samples, length, cell,
    half, count, BLOCK: tl.constexpr,
):  # fmt: skip
    n = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    valid = n < count
    size = rows * columns
    pixel, plane = n % size, n // size
    x, y = (pixel % columns).to(tl.float32), (pixel // columns).to(tl.float32)
    tx = tl.load(along + pixel, valid, 0.0)
    ty = tl.load(along + size + pixel, valid, 0.0)
    start = plane * high * wide
    total = tl.zeros((BLOCK,), tl.float32)
    for k in range(samples):
        way = tl.load(places + k) * length
        u = tl.minimum(tl.maximum((x + half + way * tx) / cell, 0.0), wide - 1.0)
        v = tl.minimum(tl.maximum((y + half + way * ty) / cell, 0.0), high - 1.0)
        left, top = u.to(tl.int32), v.to(tl.int32)
        right, below = tl.minimum(left + 1, wide - 1), tl.minimum(top + 1, high - 1)
        across, down = u - left.to(tl.float32), v - top.to(tl.float32)
        upper, lower = source + start + top * wide, source + start + below * wide
        a, b = tl.load(upper + left, valid, 0.0), tl.load(upper + right, valid, 0.0)
        c, d = tl.load(lower + left, valid, 0.0), tl.load(lower + right, valid, 0.0)
        ab, cd = a + (b - a) * across, c + (d - c) * across
        total += tl.load(weights + k) * (ab + (cd - ab) * down)
    tl.store(target + n, total, valid)
