"""A volume without its unit: every hint names values that the language takes."""

import re

import pytest

from vedc.lang.schema.quantities import Volume
from vedc.lang.yaml.tree import Problems, SpecNode


@pytest.mark.parametrize(
    ("number", "cures"),
    [
        (0, ["0%", "0dB"]), (0.5, ["50%"]), (1, ["100%"]), (1.25, ["125%"]), (-6, ["-6dB"]),
        (-1.5, ["-1.5dB"]), (3, ["3%", "3dB"]), (80, ["80%"]), (0.005, ["0.5%"]),
        (float("inf"), []), (1e9, []),
    ],
)  # fmt: skip
def test_a_bare_number(number: float, cures: list[str]) -> None:
    problems = Problems()
    Volume().check(SpecNode(number), "volume", problems)
    (problem,) = problems
    found = re.findall(r"[-\d.]+(?:%|dB)", problem.hint or "")
    assert found == cures
    for cure in found:
        reported = Problems()
        Volume().check(SpecNode(cure), "volume", reported)
        assert not reported
