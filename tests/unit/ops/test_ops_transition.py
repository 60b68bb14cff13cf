"""Properties of every transition, under every name, and the promises of single ones."""

from __future__ import annotations

import itertools
from typing import Any

import av.filter
import numpy as np
import pytest

from tests.ops_examples import EXAMPLES
from tests.ops_support import apply
from vedc import ops
from vedc.expr.math import Pixel, Position, Tracer, Vec3
from vedc.expr.nodes import const, load, node, param, walk
from vedc.expr.picture import Picture
from vedc.ops.transition import presets
from vedc.ops.transition.presets import PRESETS

HEIGHT, WIDTH = 18, 32
RNG = np.random.default_rng(5)
TRANSITIONS = ops.by_kind("transition")
MIDDLE = (1e-4, 0.2, 0.5, 0.77, 0.9999)


def picture() -> np.ndarray:
    """Random premultiplied colours, some places opaque and some clear."""
    made = RNG.uniform(0, 1, (HEIGHT, WIDTH, 4))
    made[HEIGHT // 2 :, WIDTH // 2 :, 3] = 1.0
    made[: HEIGHT // 4, : WIDTH // 4, 3] = 0.0
    made[..., :3] *= made[..., 3:]
    return made


A, B, GREY = picture(), picture(), picture()


def given(params: dict[str, Any]) -> dict[str, Any]:
    return {k: GREY if isinstance(v, str) and v == "picture" else v for k, v in params.items()}


def required(op: ops.Op) -> dict[str, Any]:
    return {p.name: EXAMPLES[op.name][p.name] for p in op.params if p.required}


CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    **{op.name: (op.name, required(op)) for op in TRANSITIONS},
    **{f"{op.name} again": (op.name, EXAMPLES[op.name]) for op in TRANSITIONS},
    **{name: preset for name, preset in PRESETS.items() if not ops.get(preset[0]).program},
}


@pytest.mark.parametrize(("name", "params"), CALLS.values(), ids=CALLS)
@pytest.mark.slow
def test_from_a_to_b(name: str, params: dict[str, Any]) -> None:
    """Progress 0 is the first picture, 1 the second, and between all is finite, covered where
    the pictures are and clear where they are not."""
    values = given(params)
    np.testing.assert_allclose(apply(name, A, B, progress=0.0, **values), A, rtol=0, atol=1e-9)
    np.testing.assert_allclose(apply(name, A, B, progress=1.0, **values), B, rtol=0, atol=1e-9)
    ones = np.ones((HEIGHT, WIDTH, 4))
    for progress in MIDDLE:
        seen = apply(name, A, B, progress=progress, **values)
        assert np.isfinite(seen).all()
        # A filter's view of both pictures is in float32.
        off = 1e-9 if ops.get(name).filter is None else 1e-5
        assert seen[..., 3].min() >= -off and seen[..., 3].max() <= 1.0 + off
        full = apply(name, ones, ones, progress=progress, **values)[..., 3]
        np.testing.assert_allclose(full, 1.0, rtol=0, atol=1e-9)
        assert np.abs(apply(name, A * 0, B * 0, progress=progress, **values)).max() <= 1e-9


@pytest.mark.parametrize(("name", "params"), CALLS.values(), ids=CALLS)
@pytest.mark.slow
def test_something_happens_on_the_way(name: str, params: dict[str, Any]) -> None:
    seen = [apply(name, A, B, progress=p, **given(params)) for p in (0.25, 0.5, 0.75)]
    assert any(np.abs(s - A).max() > 0.05 for s in seen)
    assert any(np.abs(s - B).max() > 0.05 for s in seen)
    assert np.abs(seen[0] - seen[2]).max() > 0.05


def test_examples_are_complete_and_differ_from_the_defaults() -> None:
    assert {op.name for op in TRANSITIONS} <= set(EXAMPLES)
    for op in TRANSITIONS:
        assert set(EXAMPLES[op.name]) <= {p.name for p in op.params}
        for p in op.params:
            value = EXAMPLES[op.name].get(p.name)
            if p.kind == "number" and value is not None:
                assert value != p.default, (op.name, p.name)
                assert (p.low is None or p.low <= value) and (p.high is None or value <= p.high)


@pytest.mark.parametrize("op", TRANSITIONS, ids=lambda op: op.name)
def test_only_bodies_that_look_elsewhere_ask_for_it(op: ops.Op) -> None:
    """``samples`` costs a layer in memory; and a body must not branch on a number."""
    m = Tracer()

    def pixel(leaf: int) -> Pixel:
        return Pixel(Vec3(*(load(leaf, c) for c in range(3))), load(leaf, 3))

    def value(p: ops.Param) -> Any:
        chosen = EXAMPLES[op.name].get(p.name, p.default)
        if p.kind == "picture":
            return pixel(2)
        if p.kind == "number":
            return param(0)
        if p.kind in ("color", "rgb"):
            return Vec3(param(1), param(2), param(3))
        if p.kind == "pair":
            return param(4), param(5)
        return chosen

    pictures: list[Any] = [pixel(0), pixel(1)]
    if op.samples:
        count = 2 if op.filter is None else 3
        pictures = [Picture(m, i, WIDTH, HEIGHT, pixel(i)) for i in range(count)]
    arguments: dict[str, Any] = {p.name: value(p) for p in op.params}
    if op.positional:
        arguments["at"] = Position(node("x"), node("y"), const(WIDTH), const(HEIGHT))
    seen = op.body(m, *pictures, progress=param(6), **arguments)
    found = {e.op for e in walk((*seen.rgb.channels, seen.a))}
    assert ("texel" in found) == op.samples


def test_names() -> None:
    names = [*PRESETS, *(op.name for op in TRANSITIONS)]
    assert len({presets.folded(name) for name in names}) == len(names), "a name means two things"
    for name, params in PRESETS.values():
        declared = ops.get(name)
        assert declared.kind == "transition"
        for key, value in params.items():
            p = declared.param(key)
            assert p.kind != "enum" or value in p.choices
            if p.kind in ("number", "integer"):
                assert p.low is not None and p.high is not None and p.low <= value <= p.high


#: The filter's transitions as FFmpeg 8's documentation lists them.
XFADE_NAMES = (
    "fade", "wipeleft", "wiperight", "wipeup", "wipedown", "slideleft", "slideright", "slideup",
    "slidedown", "circlecrop", "rectcrop", "distance", "fadeblack", "fadewhite", "radial",
    "smoothleft", "smoothright", "smoothup", "smoothdown", "circleopen", "circleclose",
    "vertopen", "vertclose", "horzopen", "horzclose", "dissolve", "pixelize", "diagtl", "diagtr",
    "diagbl", "diagbr", "hlslice", "hrslice", "vuslice", "vdslice", "hblur", "fadegrays",
    "wipetl", "wipetr", "wipebl", "wipebr", "squeezeh", "squeezev", "zoomin", "fadefast",
    "fadeslow", "hlwind", "hrwind", "vuwind", "vdwind", "coverleft", "coverright", "coverup",
    "coverdown", "revealleft", "revealright", "revealup", "revealdown",
)  # fmt: skip


#: Transitions that depend on random numbers or on whole rows are not drawn as xfade draws them.
NOT_EXACT = {"dissolve", "hblur", "hlwind", "hrwind", "vdwind", "vuwind"}


def test_all_of_xfade_is_there() -> None:
    known = set(PRESETS) | {op.name for op in TRANSITIONS}
    assert {presets.spelled(name) for name in XFADE_NAMES} <= known
    named = {name.removeprefix("xfade:") for name in known if name.startswith("xfade:")}
    assert named == set(XFADE_NAMES) - NOT_EXACT
    for name in XFADE_NAMES:
        av.filter.Graph().add("xfade", f"transition={name}")  # refuses what it does not know


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Wipe Left", "wipeleft"), ("fade-grays", "fade_grays"), ("GL:CROSS_WARP", "gl:crosswarp"),
        ("xfade: Wipe-Left", "xfade:wipeleft"), ("polka_dots_curtain", "PolkaDotsCurtain"),
        ("crossfade", "crossfade"), ("no such thing", "no such thing"), ("gl:wind", "gl:wind"),
    ],
)  # fmt: skip
def test_spelling_does_not_count(written: str, meant: str) -> None:
    assert presets.spelled(written) == meant


def test_things_that_fade() -> None:
    """As in xfade, CSS and most code: a fade is a dissolve, and a dip goes through a colour."""
    for name in ("fade", "crossfade", "gl:fade", "xfade:fade"):
        assert PRESETS[name] == ("dissolve", {})
    assert {PRESETS[name][0] for name in ("fadeblack", "fadewhite", "dip_to_black")} == {"dip"}


def test_other_programs_names() -> None:
    assert presets.namesakes("swap") == ("gl:swap",)
    assert presets.namesakes("radial") == ("gl:Radial", "xfade:radial")
    assert presets.namesakes("gl:Radial") == ("xfade:radial",)
    assert presets.namesakes("blink") == ()


def looks() -> dict[bytes, str]:
    """Rounded frames -> the name of an op or a preset that gives them."""
    found: dict[bytes, str] = {}
    for label, (name, params) in CALLS.items():
        if label.endswith(" again"):
            continue
        frames = [apply(name, A, B, progress=p, **given(params)) for p in (0.3, 0.6)]
        found.setdefault((np.stack(frames) * 50).round().tobytes(), label)
    return found


@pytest.mark.slow
def test_there_are_many_that_look_different() -> None:
    assert len(TRANSITIONS) >= 60
    assert len(looks()) >= 150


def test_a_circle_is_round_on_any_canvas() -> None:
    black = np.zeros((90, 160, 4))
    black[..., 3] = 1.0
    white = np.ones_like(black)
    seen = apply("iris", black, white, progress=0.4)[..., 0] > 0.5
    y, x = np.nonzero(seen)
    assert np.ptp(x) == np.ptp(y)
    r = (np.ptp(x) + 1) / 2
    assert seen.sum() == pytest.approx(np.pi * r * r, rel=0.03)


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("wipe", {"angle": 30.0}), ("barn_doors", {"angle": 20.0}), ("blinds", {"angle": 30.0}),
        ("iris", {}), ("iris", {"shape": "star"}), ("iris", {"shape": "heart"}), ("clock", {}),
        ("clock", {"blades": 5}), ("clock", {"fan": True}), ("zigzag", {}), ("bow_tie", {}),
        ("dots", {"count": 4.0}), ("blink", {"color": (1.0, 1.0, 1.0)}), ("roll", {}),
        ("cube", {"color": (1.0, 1.0, 1.0)}), ("grow", {"turns": 0.3}), ("ring_wipe", {}),
    ],
    ids=str,
)  # fmt: skip
def test_edges_are_smooth(name: str, params: dict[str, Any]) -> None:
    """Where black meets white along a slope, many pixels are neither."""
    black = np.zeros((90, 160, 4))
    black[..., 3] = 1.0
    seen = apply(name, black, np.ones_like(black), progress=0.37, **params)[..., 0]
    between = (seen > 0.05) & (seen < 0.95)
    steps = np.abs(np.diff(seen, axis=0)).sum() + np.abs(np.diff(seen, axis=1)).sum()
    assert between.sum() > 0.2 * steps


def test_directions_say_where_things_move() -> None:
    left = np.zeros((HEIGHT, WIDTH, 4))
    left[..., 3] = 1.0
    white = np.ones_like(left)
    for name in ("wipe", "smooth_wipe", "slide", "cover", "reveal", "stretch", "wind"):
        for way, (y, x) in {
            "left": (slice(None), slice(-3, None)), "right": (slice(None), slice(0, 3)),
            "up": (slice(-3, None), slice(None)), "down": (slice(0, 3), slice(None)),
        }.items():  # fmt: skip
            seen = apply(name, left, white, progress=0.5, direction=way)[..., 0]
            assert seen[y, x].mean() > 0.8, f"{name} {way}: the second picture comes from there"


def test_a_luma_wipe_follows_the_picture() -> None:
    grey = np.ones((HEIGHT, WIDTH, 4))
    grey[..., :3] = (np.arange(WIDTH) / (WIDTH - 1))[np.newaxis, :, np.newaxis]
    black, white = grey * [0, 0, 0, 1], np.ones_like(grey)
    seen = apply("luma_wipe", black, white, progress=0.5, src=grey, softness=0.0)[..., 0]
    np.testing.assert_array_equal(seen > 0.5, grey[..., 0] < 0.5)
    turned = apply("luma_wipe", black, white, progress=0.5, src=grey, softness=0.0, invert=True)
    np.testing.assert_array_equal(turned[..., 0] > 0.5, grey[..., 0] > 0.5)
    soft = apply("luma_wipe", black, white, progress=0.5, src=grey, softness=1.0)[..., 0]
    t = 1.0 - grey[..., 0]  # MLT's luma: smoothstep(value, value + softness, position)
    np.testing.assert_allclose(soft, t * t * (3 - 2 * t), atol=1e-12)


def test_a_spiral_visits_every_square_once() -> None:
    black = np.zeros((5, 7, 4))
    black[..., 3] = 1.0
    turn = np.zeros((5, 7))
    for step in range(1, 36):
        seen = apply(
            "matrix_wipe", black, np.ones_like(black), progress=step / 35 - 0.001,
            order="spiral", columns=7, rows=5, softness=0.0,
        )[..., 0]  # fmt: skip
        turn += seen < 0.5
    order = turn.round().astype(int)
    assert sorted(order.flat) == list(range(35))
    way = [tuple(np.argwhere(order == i)[0]) for i in range(35)]
    assert way[:7] == [(0, i) for i in range(7)] and way[-1] == (2, 4)
    assert all(abs(p[0] - q[0]) + abs(p[1] - q[1]) == 1 for p, q in itertools.pairwise(way))
