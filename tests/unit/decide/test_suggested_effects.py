"""The table of rules for ``choose``: measurements, conclusions, and their explanations."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vedc import ops
from vedc.decide.effects.choose import features
from vedc.decide.effects.suggested import DESCRIPTIONS, LEVELS, MOST, SUGGESTED, Rule
from vedc.lang.keys.decided.effects import CHOSEN

PAGE = Path(__file__).parents[3] / "docs" / "effects.md"


def test_the_language_and_the_table_have_the_same_effects() -> None:
    assert tuple(SUGGESTED) == CHOSEN and tuple(MOST) == LEVELS


@pytest.mark.parametrize("name", SUGGESTED)
def test_stronger_levels_do_more_and_are_within_the_limits_of_the_op(name: str) -> None:
    op, levels = ops.get(name), SUGGESTED[name].levels
    (first, *_) = levels["subtle"]
    amounts = [float(levels[level][first]) for level in LEVELS]
    assert amounts == sorted(set(amounts))
    for level in LEVELS:
        for key, value in levels[level].items():
            param = op.param(key)
            assert param.low is not None and param.high is not None
            assert param.low <= value <= param.high
    assert {rule.feature for rule in SUGGESTED[name].rules} <= DESCRIPTIONS.keys()


def test_a_rule_counts_between_its_values() -> None:
    rule = Rule("noise", 0.01, 0.004, 0.6)
    assert [rule.of(v) for v in (0.02, 0.01, 0.007, 0.004, 0.0)] == [0, 0, 0.3, 0.6, 0.6]


def test_features_match_the_picture() -> None:
    picture = np.full((2, 27, 48, 3), 0.2)
    picture[:, 10:16, 20:28] = 1.0
    picture[..., 0] += 0.1 * (picture[..., 0] < 0.5)
    found = features(picture)
    assert found["highlights"] == pytest.approx(48 / (27 * 48))
    assert found["darkness"] == pytest.approx(1 - (0.2 + 0.2126 * 0.1))
    assert found["warmth"] == pytest.approx(0.1 * (1 - 48 / (27 * 48)))
    assert found["corners"] < 0.6 and found["calm corners"] == 0 and found["flatness"] > 0.9


def test_the_page_has_the_table() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name, suggested in SUGGESTED.items():
        rules = "; ".join(
            f"{r.feature} {r.none:g} to {r.whole:g}: {r.points:+g}" for r in suggested.rules
        )
        params = "; ".join(
            f"`{key}` " + ", ".join(f"{suggested.levels[level][key]:g}" for level in LEVELS)
            for key in suggested.levels["subtle"]
        )
        assert f"| `{name}` | {rules} | {params} |" in page, name
