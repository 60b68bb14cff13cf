"""The table of oracles: its page names every op, and what it says of reports."""

from __future__ import annotations

import re

from tests import oracle_table
from vedc import ops

#: A name of an op, such as ``gl:scale-in``.
_NAME = r"[A-Za-z0-9_]+(?:[:-][A-Za-z0-9_]+)*"


def test_the_page_names_every_op() -> None:
    """`make oracles` writes it. Numbers are not compared: they are of the machine that ran."""
    said = set(re.findall(_NAME, oracle_table.PAGE.read_text("utf-8")))
    assert set(ops.names()) - said == set()


def test_an_op_stands_either_in_a_table_or_among_those_without() -> None:
    text = oracle_table.PAGE.read_text("utf-8")
    tables, _, rest = text.partition("## Without an outside oracle")
    tables, _, _ = tables.partition("## What many ops share")
    shown = set(re.findall(rf"^\| ({_NAME}) \| (?!oracle)", tables, re.M))
    left = {name for line in rest.splitlines() if line.startswith("- ")
            for name in re.findall(_NAME, line.partition(":")[2])}  # fmt: skip
    assert not shown & left
    assert shown | left == set(ops.names())


def test_the_largest_difference_of_an_op_and_an_oracle_counts() -> None:
    reports: list[dict[str, str | float]] = [
        {"op": "invert", "oracle": "X", "difference": d, "unit": "codes"} for d in (0.5, 2.0, 1.0)
    ]
    assert [(r.kind, r.op, r.difference) for r in oracle_table.rows(reports)] == [
        ("grade", "invert", 2.0)
    ]


def test_what_a_report_says_more_stands_with_the_oracle() -> None:
    reports: list[dict[str, str | float]] = [
        {"op": "tone_map hable", "oracle": "X", "difference": 1.0, "unit": ""},
        {"op": "fisheye (remove)", "oracle": "X", "difference": 1.0, "unit": ""},
        {"op": "HSV and back", "oracle": "X", "difference": 1.0, "unit": ""},
    ]
    found = {(r.op, r.oracle) for r in oracle_table.rows(reports)}
    assert found == {("tone_map", "X (hable)"), ("fisheye", "X (remove)"), ("HSV and back", "X")}


def test_tests_that_report_through_a_helper_are_found() -> None:
    found = oracle_table.recorded_by()
    assert "tests/parity/oracles/test_oracle_xfade.py" in found  # itself
    assert "tests/parity/oracles/test_oracle_grade_ffmpeg.py" in found  # by grade_support
    assert not any("test_film" in name for name in found)


def test_ops_without_a_row_are_listed() -> None:
    left = oracle_table.without([oracle_table.Row("grade", "invert", "X", "", 0.0)])
    assert "invert" not in left["grade"]
    assert "sepia" in left["grade"]
