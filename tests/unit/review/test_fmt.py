"""Specs in one form: they say the same, keep their comments, and stay so the second time."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.paths import ROOT
from vedc.errors import SourceLocation, SpecError
from vedc.lang.yaml.dump import Dumper
from vedc.lang.yaml.load import load, load_text
from vedc.review.form.fmt import WIDTH, formatted
from vedc.review.form.round_trip import checked, comments

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
@pytest.mark.slow
def test_specs_of_the_repository(path: Path) -> None:
    document = load(path)
    made = _formatted(document.text)
    assert made.endswith("\n") and not made.endswith("\n\n") and "\n\n\n" not in made


#: Differences to other YAML libraries in reading or writing.
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


@pytest.mark.slow
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


def test_keys_after_a_comment_beside_braces_stay_on_lines_of_their_own() -> None:
    text = """\
# top
version: 1
timeline:   # the film
- {clip: a.mp4,   in: 12:30:45 , out: "12:30:50"}   # trap
- text: no
  duration: 010
outputs: [ {path: o.mp4}]
"""
    made = _formatted(text)
    assert "  - text: no\n    duration: 010\n" in made
    assert "# trap" in made


def test_anchors_without_an_alias_stay() -> None:
    text = "a: &one\n  b: 1\nc: &two [1, 2]\nd: &three x\n"
    assert _formatted(text) == text


def test_what_is_written_and_cannot_be_read_is_refused_at_its_place() -> None:
    document = load_text("a: 1\nb: 2 # here\nc: 3\n", "a.yaml")
    for broken in ("a: 1\nb: 2 # here c: [\n", "a: 1\nb: 2 # here\n c: 3\n"):
        with pytest.raises(SpecError) as caught:
            checked(broken, document)
        (problem,) = caught.value.problems
        assert (problem.code, problem.location) == ("cannot-format", SourceLocation("a.yaml", 3))
        assert "the file is left as it is" in problem.message
    with pytest.raises(SpecError) as caught:
        checked("a: 1\nb: 2 # here\nc: 4\n", document)
    assert caught.value.problems[0].location == SourceLocation("a.yaml", 3)


class _Odd:
    """Random specs with comments and blank lines wherever YAML allows them, braces on several lines
    among them."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._count = 0
        self._broken = 0.3 if seed % 4 == 0 else 0.0
        """How often braces go on in the next line."""

    def text(self) -> str:
        return self._lines(0) + self._mapping(0, 0) + self._lines(0)

    def _comment(self, often: float = 0.3) -> str:
        if self._random.random() > often:
            return ""
        self._count += 1
        return f"{' ' * self._random.choice([1, 1, 2, 4])}# c{self._count}"

    def _lines(self, indent: int) -> str:
        made = ""
        while self._random.random() < 0.25:
            at = self._random.choice([indent, indent, 0, indent + 2])
            made += "\n" if self._random.random() < 0.3 else " " * at + self._comment(1)[1:] + "\n"
        return made

    def _mapping(self, indent: int, depth: int) -> str:
        names = ["version", "timeline", "outputs", "b"] if not depth else ["clip", "op", "x y", "a"]
        keys = self._random.sample(names, self._random.randint(1, 3))
        return "".join(
            f"{self._lines(indent)}{' ' * indent}{key}:{self._value(indent, depth)}" for key in keys
        )

    def _list(self, indent: int, depth: int) -> str:
        made = ""
        for _ in range(self._random.randint(1, 3)):
            inner = self._mapping(indent + 2, depth + 1)
            compact = inner.startswith(" " * (indent + 2)) and inner.lstrip(" ")[0] not in "#\n"
            made += self._lines(indent) + " " * indent + "-"
            if self._random.random() < 0.6:
                made += " " + inner[indent + 2 :] if compact else f"{self._comment()}\n{inner}"
            else:
                made += self._value(indent, depth)
        return made

    def _value(self, indent: int, depth: int) -> str:
        kind, mark = self._random.random(), ""
        if self._random.random() < 0.1:
            self._count += 1
            mark = f" &n{self._count}"
        if depth < 3 and kind < 0.35:
            below = self._mapping if self._random.random() < 0.5 else self._list
            return f"{mark}{self._comment()}\n{self._lines(indent)}{below(indent + 2, depth + 1)}"
        if kind < 0.7:
            return f"{mark} {self._braces(0)}{self._comment()}\n"
        if kind < 0.8:
            style, pad = self._random.choice(["|", ">", "|-", "|+", ">-"]), " " * (indent + 2)
            lines = self._random.choice([["one", "two"], ["one", "", "", "two"], ["# no"]])
            return f"{mark} {style}{self._comment()}\n" + "".join(f"{pad}{x}\n" for x in lines)
        return f"{mark} {self._scalar()}{self._comment()}\n"

    def _scalar(self) -> str:
        return self._random.choice(["no", "12:30:45", '"12:30"', "010", "'it''s'", "a b", "a#b"])

    def _braces(self, depth: int) -> str:
        kind = self._random.random()
        if depth > 2 or kind < 0.4:
            return self._scalar()
        broken = self._random.random() < self._broken
        gap = f"{self._comment(0.5)}\n          " if broken else self._random.choice(["", " "])
        inner = [self._braces(depth + 1) for _ in range(self._random.randint(0, 3))]
        if kind < 0.7:
            inner = [f"{key}: {value}" for key, value in zip(["op", "a", "b"], inner, strict=False)]
        between = f",{gap or ' '} "
        first, last = "{}" if kind < 0.7 else "[]"
        return first + gap + between.join(inner) + last


@pytest.mark.slow
def test_comments_at_odd_places() -> None:
    done = 0
    for seed in range(90):
        text = _Odd(seed).text()
        try:
            document = load_text(text, "a.yaml")
        except SpecError:
            continue
        try:
            _formatted(text)
            done += 1
        except SpecError as error:
            (problem,) = error.problems
            assert problem.code == "cannot-format", text
            assert "the file is left as it is" in problem.message and problem.hint
            assert problem.location is not None and problem.location.line <= text.count("\n")
            assert document.text == text
    assert done > 50
