"""Specs in one form: they say the same, keep their comments, and stay so the second time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.paths import ROOT
from vedc.errors import SpecError
from vedc.lang.yaml.dump import Dumper
from vedc.lang.yaml.load import load, load_text
from vedc.review.form.fmt import WIDTH, formatted
from vedc.review.form.round_trip import comments

SPECS = sorted(
    path
    for folder in ("examples", "vedc/lang/stock", "tests/golden/spec")
    for path in (ROOT / folder).rglob("*.yaml")
)


def _formatted(text: str) -> str:
    made = formatted(load_text(text))
    assert load_text(made).data == load_text(text).data
    assert sorted(comments(made)) == sorted(comments(text))
    assert formatted(load_text(made)) == made
    return made


@pytest.mark.parametrize("path", SPECS, ids=lambda p: str(p.relative_to(ROOT)))
def test_specs_of_the_repository(path: Path) -> None:
    document = load(path)
    made = _formatted(document.text)
    assert made.endswith("\n") and not made.endswith("\n\n") and "\n\n\n" not in made


#: What other YAML libraries read or write differently.
TRAPS = (
    "no", "on", "12:30:45", "1:30", "010", "1_000", "1e3", "1.50", "0x1F", "0o17", "~", "null", "",
    "true", "True", ".inf", "-.5", "2024-01-31", "'no'", '"12:30:45"', "'it''s'", '"a\\tb \\u00e9"',
    "'#ff0000'", "a#b", "50%", "-2dB", "${{ x }}s", '"${{ a + \\"b\\" }}"', "=", "<<x", "!!str 12",
    "0.30000000000000004", "123456789012345678", "C:\\path", "a: b".replace(": ", ":"),
)  # fmt: skip


@pytest.mark.parametrize("scalar", TRAPS)
def test_scalars_stay_as_they_are_written(scalar: str) -> None:
    made = _formatted(f"a: {scalar}\nb:\n  - {scalar}\n")
    if "\\u" not in scalar:  # an escape becomes the letter
        assert f"a: {scalar}".rstrip() in made


TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 10**12) | st.floats(-1e30, 1e30)
    | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=8)
    | st.sampled_from([trap for trap in TRAPS if trap]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(["a", "op", "clip", "x y", "no", "clips", "time"]), inner),
    max_leaves=12,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(["version", "outputs", "clips", "b"]), TREES, min_size=1),
       st.sampled_from([None, True, False]))  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_any_tree(tree: dict[str, Any], flow: bool | None) -> None:
    text = yaml.dump(tree, Dumper=Dumper, sort_keys=False, default_flow_style=flow,
                     allow_unicode=True)  # fmt: skip
    _formatted(text)


def test_the_form() -> None:
    text = """\
# head

outputs: [ {codec: h264,   path: a.mp4} ]
timeline:
- {duration: 1s, color: red}   # first


- duration: 2s
  clip: a.mp4
  grade: [{stops: 1, op: exposure}]
- repeat: {for: x, in: [1]}
  duration: 1s
  text: Hi
version: 1"""
    assert (
        _formatted(text)
        == """\
# head

outputs: [{path: a.mp4, codec: h264}]
timeline:
  - {color: red, duration: 1s} # first

  - clip: a.mp4
    duration: 2s
    grade: [{op: exposure, stops: 1}]
  - repeat: {for: x, in: [1]}
    text: Hi
    duration: 1s
version: 1
"""
    )


def test_sections_are_ordered_where_no_comment_stands_between() -> None:
    assert _formatted("outputs: [{path: a.mp4}]\ntimeline: [{color: red}]\nversion: 1\n") == (
        "version: 1\ntimeline: [{color: red}]\noutputs: [{path: a.mp4}]\n"
    )
    kept = "outputs: [{path: a.mp4}]\n# what is seen\ntimeline: [{color: red}]\nversion: 1\n"
    assert _formatted(kept) == kept


def test_anchors_aliases_and_merge_keys() -> None:
    text = """\
a: &one             # about one
  x: 1
b: *one
c:
  <<: *one
  y: &list [1, 2]   # about the list
d: *list
"""
    assert _formatted(text) == text


def test_blocks_of_text_keep_their_blank_lines() -> None:
    text = "a: |\n  one\n\n\n\n  two\nb: >-\n  folded\n  lines\n"
    assert "one\n\n\n\n  two" in _formatted(text)


def test_long_lines_in_braces_are_written_in_lines() -> None:
    item = "{clip: media/a.mp4, in: 1s, duration: 2s, volume: -3dB, fit: cover, opacity: 0.5}"
    text = f"timeline:\n  tracks: [{{id: one, clips: [{item}, {item}]}}]\n"
    made = _formatted(text)
    assert max(map(len, text.split("\n"))) > WIDTH >= max(map(len, made.split("\n")))
    assert f"      clips:\n        - {item}\n" in made
    numbers = f"a: [{', '.join(['0.123456'] * 30)}]\n"
    assert _formatted(numbers) == numbers


def test_braces_over_several_lines_are_joined() -> None:
    assert _formatted("a: {b: 1,\n    c: [2,\n  3]}\n") == "a: {b: 1, c: [2, 3]}\n"


def test_what_would_lose_a_comment_is_refused() -> None:
    text = "a: [1, # one\n  2, # two\n  3]\n"
    try:
        made = formatted(load_text(text, "a.yaml"))
    except SpecError as error:
        (problem,) = error.problems
        assert problem.code == "cannot-format" and problem.location is not None
        assert problem.location.line in (1, 2)
    else:
        assert sorted(comments(made)) == ["# one", "# two"]


def test_comments_are_found() -> None:
    text = "# a\nb: 'no # comment'  # c\nd: |\n  # text\ne: [1] # f\n# g\n"
    assert list(comments(text)) == ["# a", "# c", "# f", "# g"]
