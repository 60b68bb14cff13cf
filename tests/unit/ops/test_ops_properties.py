"""Properties of every op: its declaration, its identity and its inverse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.ops_examples import EXAMPLES
from tests.ops_support import apply
from vedc import ops
from vedc.codegen.reference.numpy_math import NumpyMath
from vedc.errors import InternalError
from vedc.expr.math import Math, Pixel, Position, Tracer, Vec3, unpremultiply
from vedc.expr.nodes import const, load
from vedc.expr.rules import simplify
from vedc.ir.ir_ops import STRUCTURAL
from vedc.ops.core.registry import op
from vedc.ops.core.registry import param as declared_param

RNG = np.random.default_rng(11)
HEIGHT, WIDTH = 12, 16
EVERY = [ops.get(name) for name in ops.names()]
#: Kinds of op that change one picture.
CHANGES = ("grade", "key", "geometry", "stencil")


def picture() -> Any:
    """Premultiplied R, G, B, A with alpha 0, 1 and between."""
    alpha = RNG.choice([0.0, 0.3, 0.9, 1.0], (HEIGHT, WIDTH, 1))
    return np.concatenate([RNG.uniform(0, 1, (HEIGHT, WIDTH, 3)) * alpha, alpha], -1)


def values(declared: ops.Op, given: dict[str, Any]) -> dict[str, Any]:
    """Every parameter of an op as the graph holds it."""

    def one(p: ops.Param) -> Any:
        value = given.get(p.name, p.default)
        if p.kind in ("rgb", "color", "pair", "curve", "points") and value is not None:
            return tuple(map(float, np.broadcast_to(value, 3) if p.kind == "rgb" else value))
        return float(value) if p.kind == "number" else value

    return {p.name: one(p) for p in declared.params}


def result(declared: ops.Op, given: dict[str, Any], before: Any) -> Any:
    stills = {p.name: before for p in declared.pictures}
    tables = {p.name: np.zeros((2, 2, 2, 3)) for p in declared.params if p.kind == "table"}
    return apply(declared.name, before, **{**stills, **tables, **given})


@pytest.mark.parametrize("declared", EVERY, ids=lambda o: o.name)
def test_an_op_that_says_it_changes_nothing_changes_nothing(declared: ops.Op) -> None:
    if declared.kind not in CHANGES or declared.temporal:
        return
    given = {"strength": 0.0} if declared.name == "lut" else {}
    if not declared.identity(values(declared, given)):
        return
    before = picture()
    after = result(declared, given, before)
    if declared.kind == "geometry":
        x, y = after
        np.testing.assert_allclose(x, np.broadcast_to(np.arange(WIDTH) + 0.5, x.shape), atol=1e-9)
        np.testing.assert_allclose(
            y.T, np.broadcast_to(np.arange(HEIGHT) + 0.5, y.T.shape), atol=1e-9
        )
    else:
        np.testing.assert_allclose(after, before, atol=1e-9)


@pytest.mark.parametrize("declared", ops.by_kind("grade"), ids=lambda o: o.name)
def test_defaults_leave_a_grade_out_where_they_can(declared: ops.Op) -> None:
    """A grade with neutral defaults must know them: else it costs time and rounding."""
    if any(p.required for p in declared.params):
        return
    before = picture()
    before[..., 3] = 1.0
    before[:2, :2, :3] = 1.0
    before[2:4, :2, :3] = 0.0
    if np.abs(result(declared, {}, before) - before).max() < 1e-9:
        assert declared.identity(values(declared, {}))


@pytest.mark.parametrize("declared", EVERY, ids=lambda o: o.name)
def test_identity_is_not_claimed_of_a_change(declared: ops.Op) -> None:
    example = EXAMPLES[declared.name]
    if not example or declared.kind not in CHANGES:
        return
    given = values(declared, example)
    assert not declared.identity(given)
    numbers = {p.name for p in declared.params if p.animatable}
    moving = {n: object() if n in numbers else v for n, v in given.items()}  # equal to no constant
    assert declared.inverse is None or not numbers or declared.inverse(moving) is None


@pytest.mark.parametrize("declared", ops.by_kind("grade"), ids=lambda o: o.name)
def test_inverse_undoes(declared: ops.Op) -> None:
    given = values(declared, EXAMPLES[declared.name])
    undo = declared.inverse(given) if declared.inverse else None
    if undo is None:
        return
    before = picture()
    before[..., 3] = 1.0
    there = result(declared, EXAMPLES[declared.name], before)
    back = result(declared, dict(undo), there)
    np.testing.assert_allclose(back, before, atol=1e-12)


@pytest.mark.parametrize("declared", EVERY, ids=lambda o: o.name)
def test_no_op_has_the_name_of_a_node_of_the_graph(declared: ops.Op) -> None:
    assert declared.name not in STRUCTURAL


def test_normal_is_the_w3c_formula() -> None:
    """Compositing and Blending 1, 5.1: co = cs as + cb ab (1 - as), ao = as + ab (1 - as)."""
    m = NumpyMath()
    cs, cb = RNG.uniform(0, 1, (2, 3, 100))
    alpha_s, alpha_b = RNG.uniform(0, 1, (2, 100))
    source: Any = Pixel(Vec3(*(cs * alpha_s)), alpha_s)  # type: ignore[arg-type]
    backdrop: Any = Pixel(Vec3(*(cb * alpha_b)), alpha_b)  # type: ignore[arg-type]
    result = ops.get("normal").body(m, backdrop, source)
    np.testing.assert_allclose(result.a, alpha_s + alpha_b * (1 - alpha_s), atol=1e-12)
    for c in range(3):
        expected = cs[c] * alpha_s + cb[c] * alpha_b * (1 - alpha_s)
        np.testing.assert_allclose(result.rgb.channels[c], expected, atol=1e-12)


def test_a_vignette_is_a_circle_and_touches_no_middle() -> None:
    m = NumpyMath()
    ones: Any = m.color((1.0, 1.0, 1.0))
    values = {"amount": 1.0, "size": 0.3, "softness": 0.7}
    given: Any = {name: m.number(value) for name, value in values.items()}

    def shade(x: float, y: float) -> float:
        at = Position(*map(m.number, (x, y, 1920.0, 1080.0)))
        return float(ops.get("vignette").body(m, ones, at, **given).r)

    assert shade(960, 540) == 1.0
    assert shade(0, 0) == pytest.approx(0.0, abs=1e-12)
    assert shade(960 + 500, 540) == pytest.approx(shade(960, 540 - 500))
    assert shade(960 + 300, 540 + 400) == pytest.approx(shade(960 + 500, 540))


def test_where_alpha_is_one_nothing_is_divided() -> None:
    m = Tracer()
    rgb = Vec3(load(0, 0), load(0, 1), load(0, 2))
    assert simplify(unpremultiply(m, Pixel(rgb, const(1.0))).channels) == list(rgb.channels)


@pytest.mark.parametrize("declared", EVERY, ids=lambda o: o.name)
def test_declarations_are_complete(declared: ops.Op) -> None:
    assert declared.summary.endswith(".") and declared.use.endswith(".")
    for p in declared.params:
        assert p.summary, p.name
        assert p.kind != "enum" or p.choices
        for value in p.default if isinstance(p.default, tuple) else (p.default,):
            if isinstance(value, float) and p.low is not None and p.high is not None:
                assert p.low <= value <= p.high


def test_a_malformed_declaration_is_refused() -> None:
    declare = op("grade", space="display", use="Never.")
    with pytest.raises(InternalError, match="no docstring"):
        declare(_without_docstring)
    with pytest.raises(InternalError, match="not declared"):
        declare(_undeclared)
    with pytest.raises(InternalError, match="already"):
        declare(exposure)
    with pytest.raises(InternalError, match="not a choice"):
        declare(_bad_choice)


def _without_docstring(m: Math, rgb: Vec3) -> Vec3:
    return rgb


_without_docstring.__name__ = "without_docstring"


def _undeclared(m: Math, rgb: Vec3, *, amount: float = 1.0) -> Vec3:
    """Has a parameter that is not declared."""
    return rgb


_undeclared.__name__ = "undeclared"


def _bad_choice(
    m: Math, rgb: Vec3, *, side: str = declared_param("up", choices=("left", "right"))
) -> Vec3:
    """Has a default that is not among the choices."""
    return rgb


_bad_choice.__name__ = "bad_choice"


def exposure(m: Math, rgb: Vec3) -> Vec3:
    """Has the name of another op."""
    return rgb
