"""The text of a comparison."""

from __future__ import annotations

import math

import pytest

from vedc.report.review.compared import as_text
from vedc.review.compare.results import Comparison, Measured, Stretch

ONE = Stretch("changed", (3, 4), (3, 4), Measured(30, 8, 20.0, 0.9, 0, 20.0))


@pytest.mark.parametrize("planned", [True, False])
def test_only_plans_show_what_can_differ(planned: bool) -> None:
    found = Comparison("a", "b", frames=(9, 9), possible=[ONE], stretches=[ONE], drawn=2)
    found.planned = planned
    text = as_text(found)
    assert ("by their plans" in text) == planned
    assert "1 frame changed (frame 3)" in text
    assert found.limit == math.inf
