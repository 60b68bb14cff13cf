"""Every op: what the traced, rewritten and fused body computes is what the body says.

The body is run on arrays, step by step, without the compiler; the compiler's film of the same
op is drawn by the reference, in floats, so that nothing is rounded away.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.ops_examples import EXAMPLES
from tests.ops_support import apply, array_of, pixel_of
from tests.parity.ops import chain_reference
from tests.parity.ops.every import FPS, LENGTH, Films, picture_of, reader
from vedc import ops
from vedc.codegen.reference.numpy_math import NumpyMath
from vedc.codegen.reference.run_program import run_unrounded
from vedc.color import FORMATS, LAYER, Color
from vedc.expr.math import Tracer
from vedc.expr.program import Leaf, Program
from vedc.ops.core import call
from vedc.ops.shared import color_conversion
from vedc.plan.executable import ComputedPiece, Fetch, StillSource, TitleSource
from vedc.plan.fusion.fuse import fuse

SIZE = (26, 18)
OUT = "gbrapf32le"
#: The tolerance for a collapsed chain, and float32's rounding of the output.
TOLERANCE = 3e-4


def decoded(fetch: Fetch) -> Any:
    """A fetch's picture, (rows, columns, 4), premultiplied."""
    format = FORMATS[fetch.source.format]
    m = Tracer()
    color = Color().with_(range="full" if isinstance(fetch.source, StillSource) else "limited")
    pixel = color_conversion.decode(m, 0, format, color)
    program = Program((Leaf(format),), (), (), LAYER, (*pixel.rgb.channels, pixel.a), 0)
    planes = run_unrounded(program, [picture_of(fetch).arrays()], [], [], *SIZE)
    return np.stack(planes, axis=-1)


def directly(name: str, pictures: dict[str, Any], frame: int) -> Any:
    """The op on arrays, in the encoding that it works in."""
    declared = ops.get(name)
    m = NumpyMath()

    def on(picture: Any, change: Any) -> Any:
        return array_of(call.on_color(m, pixel_of(picture), change), picture.shape[:2])

    linear = declared.space == "linear"

    def lit(picture: Any) -> Any:
        return on(picture, lambda rgb: color_conversion.linearize(m, rgb, "bt709"))

    still = pictures.get("still")
    if still is not None and linear:
        still = lit(still)
    given: dict[str, Any] = {
        p.name: still if p.kind == "picture" else EXAMPLES[name].get(p.name, p.default)
        for p in declared.params
    }
    for p in declared.params:
        if p.kind in ("table", "palette"):
            cube = reader(pictures["cube"])
            given[p.name] = np.array(cube.data).reshape(*[cube.size] * cube.dims, 3)
    first, second = pictures["a"], pictures["b"]
    if declared.kind == "blend":
        return apply(name, first, second, **given)
    if declared.kind == "transition":
        return apply(name, first, second, progress=(frame + 1) / (LENGTH + 1), **given)
    if declared.kind == "generator":
        drawn = apply(name, canvas=SIZE[::-1], frame=5 + frame, fps=float(FPS), **given)
        return apply("normal", first, drawn)
    if declared.kind == "mask":
        matte = apply(name, second, frame=3 + frame, **given)
        return apply("normal", first, second * matte[..., np.newaxis])
    before = lit(first) if linear else first
    after = apply(name, before, frame=5 + frame, fps=float(FPS), **given)
    return on(after, lambda rgb: color_conversion.delinearize(m, rgb, "bt709")) if linear else after


@pytest.mark.parametrize("name", EXAMPLES)
def test_op(tmp_path: Path, name: str) -> None:
    declared = ops.get(name)
    if declared.kind == "geometry" or declared.temporal:
        pytest.skip("its picture is sampled by the compiler: tests of geometry hold it")
    films = Films(tmp_path, SIZE, "yuv444p", OUT)
    piece = fuse(films.film(name), reader)
    assert isinstance(piece, ComputedPiece)
    leaves = [picture_of(fetch).arrays() for fetch in piece.fetches]
    pictures: dict[str, Any] = {}
    for fetch in piece.fetches:
        assert not isinstance(fetch.source, TitleSource)
        pictures[fetch.source.digest] = decoded(fetch)
    for hidden in {"a", "b"} - pictures.keys():  # the op shows nothing of it
        pictures[hidden] = np.ones((*SIZE[::-1], 4))
    pictures["cube"] = films.cube
    for frame in (0, 2):
        g, b, r, a = chain_reference.draw(piece, frame, leaves, reader)
        with np.errstate(all="ignore"):
            want = directly(name, pictures, frame)
        got = np.stack([r * a, g * a, b * a, a], axis=-1)
        off = np.abs(got - want)
        assert (off <= TOLERANCE * np.maximum(1.0, np.abs(want))).all(), off.max()
