"""3x3 matrices of plain numbers, given by rows."""

from __future__ import annotations

from vedc.color import Mat3, Vec3f

IDENTITY: Mat3 = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)


def apply(m: Mat3, v: Vec3f) -> Vec3f:
    """The matrix times a column."""
    a, b, c = (sum(x * y for x, y in zip(row, v, strict=True)) for row in m)
    return a, b, c


def transposed(m: Mat3) -> Mat3:
    a, b, c = zip(*m, strict=True)
    return a, b, c


def product(a: Mat3, b: Mat3) -> Mat3:
    columns = transposed(b)
    return transposed((apply(a, columns[0]), apply(a, columns[1]), apply(a, columns[2])))


def diagonal(v: Vec3f) -> Mat3:
    return (v[0], 0.0, 0.0), (0.0, v[1], 0.0), (0.0, 0.0, v[2])


def _cross(a: Vec3f, b: Vec3f) -> Vec3f:
    return (
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    )


def determinant(m: Mat3) -> float:
    x, y, z = m
    return sum(p * q for p, q in zip(x, _cross(y, z), strict=True))


def inverse(m: Mat3) -> Mat3:
    """By cross products: its columns are the cross products of pairs of rows, over the determinant.

    Raises ZeroDivisionError for a singular matrix.
    """
    x, y, z = m
    cofactors = _cross(y, z), _cross(z, x), _cross(x, y)
    det = determinant(m)
    a, b, c = ((v[0] / det, v[1] / det, v[2] / det) for v in cofactors)
    return transposed((a, b, c))
