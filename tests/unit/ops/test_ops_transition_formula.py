"""The formulas of ``custom``: what they mean, and where a mistake is said to be."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.ops_support import apply
from vedc.ops.shared import formula
from vedc.ops.shared.formula import FormulaError

HEIGHT, WIDTH = 6, 10
RNG = np.random.default_rng(3)
A, B = (np.dstack([RNG.uniform(0, 1, (HEIGHT, WIDTH, 3)), np.ones((HEIGHT, WIDTH))]) for _ in "ab")
X = ((np.arange(WIDTH) + 0.5) / WIDTH)[np.newaxis].repeat(HEIGHT, 0)
Y = ((np.arange(HEIGHT) + 0.5) / HEIGHT)[:, np.newaxis].repeat(WIDTH, 1)
P = 0.3


def shown(text: str) -> np.ndarray:
    return apply("custom", A, B, progress=P, expression=text)


def share(text: str) -> np.ndarray:
    """How much of b the formula shows."""
    black = np.zeros((HEIGHT, WIDTH, 4))
    return apply("custom", black, np.ones_like(black), progress=P, expression=text)[..., 3]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("p", P),
        ("progress", P),
        ("x", X),
        ("y * 0.5", Y * 0.5),
        ("x < p", X < P),
        ("x <= p ? 0.25 : 0.75", np.where(X <= P, 0.25, 0.75)),
        ("x > p and y > p", (X > P) & (Y > P)),
        ("x > p || y > p", (X > P) | (Y > P)),
        ("!(x > p)", ~(X > P)),
        ("not x > p", X <= P),
        ("x == x", 1.0),
        ("x != x", 0.0),
        ("1 - 2 * 3 + 5.5", 0.5),
        ("1 / 4 / 2", 0.125),
        ("2 ** 3 ** 2 / 1024", 0.5),
        ("-2 ** 2 + 4.5", 0.5),
        ("-x + 1", 1 - X),
        ("(0 - x) % 1", 1 - X),
        (".5e0", 0.5),
        ("width / 20", 0.5),
        ("height / 12", 0.5),
        ("ratio / 10", WIDTH / HEIGHT / 10),
        ("pi / 10", math.pi / 10),
        ("a.r", 0.0),
        ("smoothstep(p - 0.1, p + 0.1, x)", None),
        ("smoothstep(x, x, p)", P > X),
        ("clamp(x, 0.2, 0.4)", np.clip(X, 0.2, 0.4)),
        ("clamp(x * 3)", np.clip(X * 3, 0, 1)),
        ("step(p, x)", X >= P),
        ("mix(x, y, p)", X + (Y - X) * P),
        ("if(x < p, x, y)", np.where(X < P, X, Y)),
        ("select(x < p, x, y)", np.where(X < P, X, Y)),
        ("min(x, y) + max(x, y) - x", Y),
        ("length(x, y) / 2", np.hypot(X, Y) / 2),
        ("abs(x - 0.5)", abs(X - 0.5)),
        ("fract(x * 7)", X * 7 % 1),
        ("floor(x * 4) / 4", np.floor(X * 4) / 4),
        ("ceil(x * 4) / 8", np.ceil(X * 4) / 8),
        ("round(x * 4) / 8", np.floor(X * 4 + 0.5) / 8),
        ("sqrt(x)", np.sqrt(X)),
        ("sqrt(0 - x)", 0.0),
        ("sin(x) * cos(x)", np.sin(X) * np.cos(X)),
        ("tan(x) / 4", np.tan(X) / 4),
        ("atan2(y, x) / 4", np.arctan2(Y, X) / 4),
        ("exp(x - 1)", np.exp(X - 1)),
        ("exp2(x - 1)", np.exp2(X - 1)),
        ("log(x + 1)", np.log(X + 1)),
        ("log2(x + 1)", np.log2(X + 1)),
        ("pow(x, 3)", X**3),
        ("luma(a)", 0.0),
        ("1 / 0", 1.0),
        ("0 / 0", 0.0),
    ],
)
def test_numbers(text: str, expected: np.ndarray | float | None) -> None:
    if expected is None:
        t = np.clip((X - (P - 0.1)) / 0.2, 0, 1)
        expected = t * t * (3 - 2 * t)
    np.testing.assert_allclose(share(text), np.broadcast_to(expected, X.shape), atol=1e-12)


def test_noise_is_between_and_not_the_same() -> None:
    for text in (
        "hash(floor(x * 99), y * 77)",
        "hash(x * 99, y * 77, p * 55)",
        "noise(x * 9, y * 9)",
    ):
        seen = share(text)
        assert seen.min() >= 0 and seen.max() <= 1 and np.ptp(seen) > 0.3


def test_colors() -> None:
    np.testing.assert_allclose(shown("mix(a, b, x)"), A + (B - A) * X[..., np.newaxis], atol=1e-12)
    np.testing.assert_allclose(shown("x < p ? a : b"), np.where((X < P)[..., None], A, B))
    np.testing.assert_allclose(shown("a(1 - x, y)"), A[:, ::-1], atol=1e-9)
    np.testing.assert_allclose(shown("b(x, 1 - y) * 0.5 + b * 0.5"), (B[::-1] + B) / 2, atol=1e-9)
    np.testing.assert_allclose(shown("a * b"), A * B, atol=1e-12)
    np.testing.assert_allclose(shown("max(a, b)"), np.maximum(A, B), atol=1e-12)
    np.testing.assert_allclose(shown("(a + b) / 2"), (A + B) / 2, atol=1e-12)
    grey = np.dstack([A[..., 0], A[..., 0], B[..., 1], np.ones_like(X)])
    np.testing.assert_allclose(shown("rgb(a.r, a.r, b.g)"), grey, atol=1e-12)
    np.testing.assert_allclose(shown("rgb(1, 0.5, 0, 0.5)")[0, 0], [0.5, 0.25, 0, 0.5])
    luma = A[..., :3] @ [0.2126, 0.7152, 0.0722]
    np.testing.assert_allclose(shown("rgb(luma(a), 0, 0)")[..., 0], luma, atol=1e-12)


def test_a_color_is_kept_finite() -> None:
    np.testing.assert_array_equal(shown("rgb(1 / 0, 0 - 1, 0 / 0)")[0, 0], [16.0, 0.0, 0.0, 1.0])


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("", 1, "empty"),
        ("   ", 1, "empty"),
        ("x +", 4, "ends where a value"),
        ("x + * y", 5, r"found '\*' where a value"),
        ("(x", 3, r"ends where '\)'"),
        ("x y", 3, "found 'y' where an operator"),
        ("x # y", 3, "'#' has no meaning"),
        ("x + q", 5, "'q' is unknown"),
        ("x + __import__", 5, "unknown"),
        ("open(1)", 1, "no function 'open'"),
        ("1 + sin", 5, "is a function"),
        ("sin(1, 2)", 1, "takes 1 values, not 2"),
        ("clamp(1, 2)", 1, "takes 1 or 3"),
        ("a(x)", 1, "takes a position"),
        ("a(x, b)", 1, "takes a position"),
        ("a + 1", 3, r"'\+' cannot combine a color and a number"),
        ("1 / a", 3, "'/' cannot combine"),
        ("a < b", 3, "'<' cannot combine"),
        ("-a", 1, "takes a number"),
        ("a ? 1 : 2", 1, "condition"),
        ("x ? a : 2", 9, "this is a number, the other branch a color"),
        ("x ? 1", 6, "':' is expected"),
        ("mix(a, x, p)", 8, "mix takes a color here"),
        ("mix(x, y, a)", 11, "mix takes a number here"),
        ("luma(x)", 6, "luma takes a color here"),
        ("x.r", 2, "only colours have channels"),
        ("a.q", 3, "found 'q' where r, g, b or a"),
        ("0 < x < 1", 7, "chained"),
        ("2x", 2, "found 'x' where"),
        ("x2", 1, "unknown"),
        ("1.2.3", 1, "not a number"),
        ("x = 1", 3, "no meaning"),
        ("(" * 40 + "x" + ")" * 40, 33, "nested"),
        ("1" + "+1" * 300, 1, "depend on each other"),
        ("+".join(["a(x,y)"] * 33), 225, "more than 32 positions"),
        ("x" * 2001, 2001, "longer"),
    ],
)
def test_mistakes_have_a_place(text: str, column: int, message: str) -> None:
    with pytest.raises(FormulaError, match=message) as caught:
        formula.check(text)
    assert caught.value.column == column


def mistake(text: str) -> int | None:
    try:
        formula.check(text)
    except FormulaError as error:
        return error.column
    return None


@pytest.mark.slow
def test_what_passes_the_check_can_be_computed() -> None:
    """Random texts of the language's words: the check refuses them or they have a value."""
    words = [
        "x", "p", "a", "b", "1", ".5", "+", "-", "*", "/", "%", "**", "<", "==", "?", ":", "(", ")",
        ",", "!", "and", "sin(", "mix(", "a(", "rgb(", "luma(", "if(", ".r", "min(",
    ]  # fmt: skip
    passed = 0
    for _ in range(20_000):
        text = " ".join(RNG.choice(words, RNG.integers(1, 7)))
        column = mistake(text)
        if column is not None:
            assert 1 <= column <= len(text) + 1
            continue
        passed += 1
        if passed % 10 == 0:
            assert np.isfinite(shown(text)).all()
    assert passed > 300
