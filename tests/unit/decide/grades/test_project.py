"""From tables to steps that a person reads: what comes out is what a person would have typed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.unit.decide.grades.test_space import TYPED, picture
from vedc.decide.grades import tables
from vedc.decide.grades.chain import Chain, heights_of, parts_of
from vedc.decide.grades.named import NAMED
from vedc.decide.grades.perceived import delta_e
from vedc.decide.grades.project import project
from vedc.ops.shared import curve

#: More red and magenta, less green.
HUES = [[i / 6, y] for i, y in enumerate((0.7, 0.5, 0.4, 0.5, 0.5, 0.6))]


def test_a_chain_gives_what_its_written_steps_give() -> None:
    colors = picture(1, 0.1, 0.8, 300)
    values = np.random.default_rng(2).normal(0, 1, sum(step.size for step in NAMED))
    chain = Chain(NAMED, colors)
    written = [s.written(values[p]) for s, p in zip(NAMED, parts_of(NAMED), strict=True)]
    away = chain.graded(values) - np.clip(tables.graded(written, colors), 0, 1)
    assert np.abs(away).max() < 0.01  # the written numbers are rounded


def test_derivatives_match_the_colors() -> None:
    colors = picture(1, 0.2, 0.6, 60)
    values = np.random.default_rng(4).normal(0, 0.3, sum(step.size for step in NAMED))
    chain = Chain(NAMED, colors)
    base, slopes = chain.derived(values)
    assert np.allclose(base, chain.graded(values), rtol=0, atol=1e-12)
    for index in range(0, len(values), 5):
        moved = values.copy()
        moved[index] += 0.02
        secant = (chain.graded(moved) - base) / 0.02
        assert np.abs(secant - slopes[..., index]).max() < 0.02 * np.abs(secant).max() + 1e-9


@pytest.mark.parametrize("periodic", [False, True])
def test_curves_match_the_ops(periodic: bool) -> None:
    draw = np.random.default_rng(5)
    xs = np.arange(6) / 6 if periodic else np.linspace(0, 1, 5)
    ys = draw.random((4, len(xs)))
    found = heights_of(xs, ys, periodic)
    for row, heights in zip(ys, found, strict=True):
        flat = [v for point in zip(xs, row, strict=True) for v in point]
        wanted = np.array(curve.table(flat, periodic, 257).data).reshape(-1, 3)[:, 0]
        assert np.abs(heights - wanted).max() < 1e-6


@pytest.mark.parametrize(
    "typed",
    [
        [{"op": "exposure", "stops": 0.4}],
        [{"op": "exposure", "stops": -0.5}, {"op": "saturation", "amount": 1.3}],
        [{"op": "white_balance", "temperature": 5200, "tint": 6}],
        [
            {
                "op": "hue_vs_sat",
                "curve": [[i / 6, y] for i, y in enumerate((0.7, 0.5, 0.4, 0.5, 0.5, 0.6))],
            }
        ],
    ],
    ids=["exposure", "exposure and saturation", "white balance", "hue vs sat"],
)
def test_what_was_typed_is_found(typed: list[dict[str, Any]]) -> None:
    found = project(tables.table_of(typed), picture(1, 0.05, 0.7))
    assert [step["op"] for step in found.steps] == [step["op"] for step in typed]
    assert found.remaining < 0.25 and found.remaining <= found.worst
    for step, wanted in zip(found.steps, typed, strict=True):
        for name in ("stops", "amount", "tint"):
            if name in wanted:
                assert step[name] == pytest.approx(
                    wanted[name], rel=0.08, abs=0.3 * (name == "tint")
                )
        if "temperature" in wanted:
            assert step["temperature"] == pytest.approx(wanted["temperature"], abs=60)


def test_nothing_is_written_for_nothing() -> None:
    found = project(tables.identity(), picture(1, 0.1, 0.8))
    assert found.steps == () and found.shares == () and found.remaining < 1e-3


@pytest.mark.parametrize("name", TYPED)
def test_steps_come_near_any_grade(name: str) -> None:
    table = tables.table_of(TYPED[name])
    pixels = picture(1, 0.1, 0.8)
    found = project(table, pixels)
    shown = np.clip(tables.graded(found.steps, pixels), 0, 1)
    assert delta_e(shown, tables.apply(table, pixels)).mean() < 0.5
    assert sum(found.shares) == pytest.approx(1 - found.remaining / found.untouched, abs=1e-6)
    assert all(share > 0 for share in found.shares)


def test_steps_are_within_what_ops_take() -> None:
    from vedc import ops

    strong = [{"op": "exposure", "stops": 3}, {"op": "white_balance", "temperature": 2000}]
    found = project(tables.table_of(strong), picture(1, 0.02, 0.3))
    for step in found.steps:
        for param in ops.get(step["op"]).params:
            values = np.ravel(step.get(param.name, param.default))
            if param.low is not None:
                assert (values >= param.low).all() and (values <= param.high).all()


def test_a_lower_price_writes_more_and_remains_nearer() -> None:
    table = tables.table_of(TYPED["teal and orange"])
    pixels = picture(1, 0.1, 0.8)
    few, many = (project(table, pixels, price=price) for price in (3.0, 0.05))
    assert len(few.steps) < len(many.steps)
    assert many.remaining < few.remaining
