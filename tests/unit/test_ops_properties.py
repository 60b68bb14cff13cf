"""What holds for every op: its declaration, its identity, its inverse, and one meaning."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from vedc import ops
from vedc.codegen.numpy import LeafArrays, NumpyMath, run
from vedc.color import FORMATS
from vedc.errors import InternalError
from vedc.expr.affine import compose
from vedc.expr.math import Lut, Math, Pixel, Position, Tracer, Vec3, unpremultiply
from vedc.expr.nodes import Expr, const, load, node, param
from vedc.expr.program import Leaf, Program, Table
from vedc.expr.rules import simplify
from vedc.expr.uniforms import evaluate, hoist
from vedc.ops.registry import Param, op
from vedc.ops.registry import param as declared_param

RNG = np.random.default_rng(11)
CUBE = RNG.uniform(0, 1, (5, 5, 5, 3))
HEIGHT, WIDTH = 12, 16

#: A value for every numeric parameter that is neither its default nor a limit.
OTHER: dict[str, dict[str, Any]] = {
    "exposure": {"stops": 0.7},
    "contrast": {"amount": 1.3, "pivot": 0.25},
    "saturation": {"amount": 1.4},
    "cdl": {
        "slope": (1.1, 0.9, 1.2), "offset": (0.02, -0.03, 0.05), "power": (0.8, 1.3, 1.1),
        "saturation": 0.7,
    },
    "lift_gamma_gain": {"lift": (0.1, -0.05, 0.0), "gamma": (1.2, 0.9, 1.0), "gain": (1.1, 1, 0.9)},
    "lut": {"strength": 0.6},
    "vignette": {"amount": 0.8, "size": 0.3, "softness": 0.4},
    "opacity": {"amount": 0.4},
    "normal": {},
    "dissolve": {},
    "wipe": {"angle": 25.0, "softness": 0.2},
    "fade": {"color": (0.2, 0.4, 0.9)},
}  # fmt: skip


def arguments(declared: ops.Op, number: Any, **values: Any) -> dict[str, Any]:
    """An op's parameters as its body takes them; ``number`` makes a value of a float."""

    def one(p: Param) -> Any:
        value = values.get(p.name, p.default)
        if p.kind == "table":
            return Lut(0, 3, len(CUBE))
        if isinstance(value, tuple):
            return Vec3(*map(number, value))
        return number(value) if p.kind == "number" else value

    return {p.name: one(p) for p in declared.params}


def pictures(m: Math, load: Any) -> list[Pixel]:
    """Two premultiplied pictures of eight 8-bit planes."""
    first, second = ([load(0, c) / 255.0 for c in range(4)], [load(1, c) / 255.0 for c in range(4)])
    return [Pixel(Vec3(*p[:3]), p[3]) for p in (first, second)]


def applied(declared: ops.Op, m: Math, both: list[Pixel], at: Position, number: Any, **values: Any):
    """The op on the pictures, as four channels."""
    given = arguments(declared, number, **values)
    if declared.positional:
        given["at"] = at
    a, b = both
    if declared.kind == "grade":
        return (*declared.body(m, unpremultiply(m, a), **given).channels, a.a)
    if declared.kind == "mask":
        result = declared.body(m, a, **given)
    elif declared.kind == "blend":
        result = declared.body(m, a, b, **given)
    else:
        result = declared.body(m, a, b, number(0.3), **given)
    return (*result.rgb.channels, result.a)


def samples() -> list[np.ndarray]:
    """Two images of packed, premultiplied R, G, B, A with alpha 0, 255 and between."""
    images = []
    for _ in range(2):
        alpha = RNG.choice([0, 1, 90, 200, 255], (HEIGHT, WIDTH, 1))
        color = RNG.integers(0, 256, (HEIGHT, WIDTH, 3)) * alpha // 255
        images.append(np.concatenate([color, alpha], -1).astype(np.uint8))
    return images


@pytest.mark.parametrize("name", ops.names())
def test_the_traced_and_rewritten_body_means_what_the_body_computes(name: str) -> None:
    declared, images = ops.get(name), samples()

    numeric = NumpyMath(tables=[CUBE])
    x, y = np.arange(WIDTH)[np.newaxis] + 0.5, np.arange(HEIGHT)[:, np.newaxis] + 0.5
    at: Any = Position(x, y, numeric.number(WIDTH), numeric.number(HEIGHT))  # type: ignore[arg-type]
    with np.errstate(all="ignore"):
        loads = pictures(numeric, lambda leaf, c: images[leaf][..., c].astype(np.float64))
        direct = applied(declared, numeric, loads, at, np.float64, **OTHER[name])

    values: list[float] = []

    def uniform(value: float) -> Expr:
        values.append(float(value))
        return param(len(values) - 1)

    at = Position(node("x"), node("y"), const(WIDTH), const(HEIGHT))
    traced = applied(declared, Tracer(), pictures(Tracer(), load), at, uniform, **OTHER[name])
    roots, uniforms = hoist(compose(simplify([c * 255.0 for c in traced])))
    program = Program(
        (Leaf(FORMATS["rgba"]),) * 2, (Table(3, len(CUBE)),), (), FORMATS["gbrap"], tuple(roots),
        len(uniforms),
    )  # fmt: skip
    got = run(
        program, [LeafArrays([i]) for i in images], evaluate(uniforms, values), [CUBE], WIDTH,
        HEIGHT, unrounded=True,
    )  # fmt: skip
    for ours, body in zip(got, direct, strict=True):
        np.testing.assert_allclose(ours, np.broadcast_to(body, ours.shape) * 255.0, atol=1e-8)


@pytest.mark.parametrize("declared", ops.by_kind("grade"), ids=lambda o: o.name)
def test_defaults_leave_the_picture_as_it_is(declared: ops.Op) -> None:
    m = NumpyMath(tables=[CUBE])
    neutral = {"strength": 0.0} if declared.name == "lut" else {}
    values = {p.name: neutral.get(p.name, p.default) for p in declared.params}
    assert declared.identity(values)
    unit = np.linspace(0, 1, HEIGHT * WIDTH).reshape(HEIGHT, WIDTH)
    rgb: Any = Vec3(unit, unit[::-1], unit**2)  # type: ignore[arg-type]
    at = Position(*map(m.number, (3.0, 2.0, WIDTH, HEIGHT)))
    given = arguments(declared, m.number, **neutral) | ({"at": at} if declared.positional else {})
    after = declared.body(m, rgb, **given)
    for got, expected in zip(after.channels, rgb.channels, strict=True):
        np.testing.assert_allclose(got, expected, atol=1e-12)


@pytest.mark.parametrize("declared", [ops.get(n) for n in ops.names()], ids=lambda o: o.name)
def test_identity_is_not_claimed_of_a_change(declared: ops.Op) -> None:
    if OTHER[declared.name] and declared.kind in ("grade", "mask"):
        values = {p.name: OTHER[declared.name].get(p.name, p.default) for p in declared.params}
        assert not declared.identity(values)
        moving = {name: object() for name in values}  # what moves is equal to no constant
        assert not declared.identity(moving)
        assert declared.inverse is None or declared.inverse(moving) is None


@pytest.mark.parametrize("declared", ops.by_kind("grade"), ids=lambda o: o.name)
def test_inverse_undoes(declared: ops.Op) -> None:
    values = {p.name: OTHER[declared.name].get(p.name, p.default) for p in declared.params}
    undo = declared.inverse(values) if declared.inverse else None
    if undo is None:
        return
    m = NumpyMath()
    rgb: Any = Vec3(*RNG.uniform(-0.5, 1.5, (3, 50)))
    there = declared.body(m, rgb, **arguments(declared, m.number, **values))
    back = declared.body(m, there, **arguments(declared, m.number, **undo))
    for got, expected in zip(back.channels, rgb.channels, strict=True):
        np.testing.assert_allclose(got, expected, atol=1e-12)


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


@pytest.mark.parametrize("declared", ops.by_kind("transition"), ids=lambda o: o.name)
def test_a_transition_begins_with_a_ends_with_b_and_stays_opaque(declared: ops.Op) -> None:
    m = NumpyMath()
    x, y = np.meshgrid(np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5)
    at: Any = Position(x, y, m.number(WIDTH), m.number(HEIGHT))  # type: ignore[arg-type]
    planes = RNG.uniform(0, 1, (2, 3, HEIGHT, WIDTH))
    a, b = (Pixel(Vec3(*p), m.number(1.0)) for p in planes)
    for values in ({}, OTHER[declared.name]):
        given = arguments(declared, m.number, **values)
        given |= {"at": at} if declared.positional else {}
        for progress, expected in ((0.0, planes[0]), (0.5, None), (1.0, planes[1])):
            result = declared.body(m, a, b, m.number(progress), **given)
            np.testing.assert_allclose(result.a, np.ones_like(result.a), atol=1e-12)
            if expected is not None:
                np.testing.assert_allclose(np.stack(result.rgb.channels), expected, atol=1e-12)


def test_a_vignette_is_a_circle_and_touches_no_middle() -> None:
    m = NumpyMath()
    ones: Any = m.color((1.0, 1.0, 1.0))
    given = arguments(ops.get("vignette"), m.number, amount=1.0, size=0.3, softness=0.7)

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


@pytest.mark.parametrize("declared", [ops.get(n) for n in ops.names()], ids=lambda o: o.name)
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
    with pytest.raises(InternalError, match="taken"):
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
