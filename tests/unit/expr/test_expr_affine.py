"""Affine stretches become the fewest multiply-adds, and cancel exactly where they cancel."""

from __future__ import annotations

import numpy as np
import pytest

from vedc.color import FORMATS, MATRICES, Color, Range
from vedc.expr.affine import compose, operations
from vedc.expr.array_ops import evaluate_on_arrays
from vedc.expr.math import Pixel, Position, Tracer, Vec3
from vedc.expr.nodes import Expr, const, load, node, param, walk
from vedc.expr.program import Leaf, Program
from vedc.expr.rules import simplify
from vedc.expr.uniforms import hoist
from vedc.ops import get
from vedc.ops.shared import color_conversion

M = Tracer()
YUV = FORMATS["yuv420p"]
TAGS = Color()


def decoded(leaf: int) -> Pixel:
    return color_conversion.decode(M, leaf, YUV, TAGS)


def encoded(pixel: Pixel | Vec3) -> list[Expr]:
    rgb = pixel.rgb if isinstance(pixel, Pixel) else pixel
    return compose(simplify(color_conversion.encode(M, rgb, YUV, TAGS)))


@pytest.mark.parametrize("matrix", MATRICES)
@pytest.mark.parametrize("range", ["limited", "full"])
@pytest.mark.parametrize("name", ["yuv420p", "yuv422p10le", "yuv444p12le"])
def test_decode_and_encode_cancel(matrix: str, range: Range, name: str) -> None:
    color, format = Color(matrix=matrix, range=range), FORMATS[name]
    pixel = color_conversion.decode(M, 0, format, color)
    roots = compose(simplify(color_conversion.encode(M, pixel.rgb, format, color)))
    assert roots == [load(0, 0), load(0, 1), load(0, 2)]


def test_a_dissolve_is_two_operations_a_plane() -> None:
    roots = encoded(get("dissolve").body(M, decoded(0), decoded(1), param(0)))
    kernel, uniforms = hoist(roots)
    assert operations(kernel) == 6
    assert {e.op for e in walk(kernel)} == {"load", "param", "mul", "fma"}
    assert len(uniforms) == 2


def test_a_dissolve_into_the_same_picture_is_the_picture() -> None:
    roots = encoded(get("dissolve").body(M, decoded(0), decoded(0), param(0)))
    assert roots == [load(0, 0), load(0, 1), load(0, 2)]


def test_saturation_leaves_luma_and_scales_chroma() -> None:
    roots = encoded(get("saturation").body(M, decoded(0).rgb, amount=param(0)))
    assert roots[0] is load(0, 0)
    assert operations(roots) == 2


def test_a_wipe_between_clips_never_leaves_yuv() -> None:
    at = Position(node("x"), node("y"), const(640), const(360))
    settings = {"direction": "left", "angle": param(1), "softness": param(2)}
    roots = encoded(get("wipe").body(M, decoded(0), decoded(1), param(0), at, **settings))
    # A line across the canvas and its clamp, then two multiply-adds a plane.
    assert operations(roots) == 4 + 6


def test_a_title_over_a_clip() -> None:
    title = color_conversion.decode_rgba(M, 1)
    roots = encoded(get("normal").body(M, decoded(0), title))
    assert operations(roots) <= 16


def test_what_scales_a_sum_stands_outside_its_brackets() -> None:
    """Two pictures under a title: their mix once, times what the title lets through."""
    mixed = get("dissolve").body(M, decoded(0), decoded(1), param(0))
    roots, _ = hoist(encoded(get("normal").body(M, mixed, color_conversion.decode_rgba(M, 2))))
    # The transmitted part; for each plane two samples, the product and three of the title.
    assert operations(roots) == 1 + 3 * (2 + 1 + 3)
    rgb = get("normal").body(M, mixed, color_conversion.decode_rgba(M, 2)).rgb
    plain = simplify(color_conversion.encode(M, rgb, YUV, TAGS))
    composed = compose(plain)
    leaves = [e for e in walk([*plain, *composed]) if e.op in ("load", "param")]
    given = {e: np.asarray(0.2 + 0.37 * i % 1.0) for i, e in enumerate(dict.fromkeys(leaves))}
    np.testing.assert_allclose(
        evaluate_on_arrays(composed, given), evaluate_on_arrays(plain, given), rtol=1e-9
    )


def test_a_factor_that_is_a_product_itself() -> None:
    x, y, z, w = (load(0, 0), load(0, 1), load(1, 0), load(1, 1))
    scale = x * y
    root = (z * 3.0 + w * 2.0 + 1.0) * scale + (x * 2.0 + z) * y + scale * 5.0
    (composed,) = compose(simplify([root]))
    given = {e: np.asarray(v) for e, v in zip((x, y, z, w), (0.3, 0.7, 1.1, 2.3), strict=True)}
    np.testing.assert_allclose(
        evaluate_on_arrays([composed], given), evaluate_on_arrays([root], given), rtol=1e-12
    )


def test_the_same_rows_each_time() -> None:
    """Also where ratios differ by rounding alone; nodes are recreated at other addresses."""

    def text() -> str:
        rgb = decoded(0).rgb.map(lambda c: M.pow(c, 0.9))
        roots = compose(
            simplify([e * 3.0 + 126.0 for e in color_conversion.encode(M, rgb, YUV, TAGS)])
        )
        return Program((Leaf(YUV),), (), (), YUV, tuple(roots), 0).text()

    first = text()
    for k in range(20):
        kept = [const(float(k * 100 + i)) for i in range(50)]
        assert text() == first, kept


def test_rows_stop_at_what_is_not_affine() -> None:
    bent = node("sqrt", load(0, 0) * 2.0 + 1.0)
    roots = compose(simplify([bent * 3.0 + load(0, 1) * 0.5 - bent]))
    assert operations(roots) == 4
    assert sum(e.op == "sqrt" for e in walk(roots)) == 1


def test_equal_coefficients_cancel_whatever_the_uniforms_are() -> None:
    x, p, q = load(0, 0), param(0), param(1)
    assert compose(simplify([(p + q) * x - p * x - x * q + 3.0])) == [const(3.0)]


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf"), 1e300])
def test_coefficients_that_are_no_integers(number: float) -> None:
    """Parameters out of range may make them anything."""
    x = load(0, 0)
    assert len(compose(simplify([(x * number + 1.0) * 2.0 - x * 2.0]))) == 1
