"""``repeat`` and ``if``: elements from data, scopes, limits, and the place of every mistake."""

from __future__ import annotations

from typing import Any

import pytest

from tests.schemas import language_validator
from vedc.errors import SpecError
from vedc.lang.expr import repeat
from vedc.lang.expr.interpolate import interpolate
from vedc.lang.expr.variables import Variables
from vedc.lang.resolve.compile import canonical
from vedc.lang.yaml.load import load_text
from vedc.lang.yaml.tree import Problems

VALUES: dict[str, Any] = {
    "films": [{"title": "One", "year": 1960}, {"title": "Two", "year": 1999}],
    "names": ["a", "b", "c"],
    "on": True,
    "n": 2,
}


def made(text: str) -> Any:
    problems = Problems()
    root = interpolate(load_text(text, "spec.yaml"), Variables(VALUES), problems)
    if problems:
        raise SpecError(tuple(problems))
    return root.plain()


def faults(text: str) -> list[tuple[str, str, str]]:
    with pytest.raises(SpecError) as caught:
        made(text)
    return [
        (p.code, str(p.location).partition(":")[2], f"{p.message}; {p.hint or ''}")
        for p in caught.value.problems
    ]


def test_an_element_of_each_value() -> None:
    text = 'a: [{repeat: {for: f, in: "${{ films }}", index: i}, t: "${{ i }} ${{ f.title }}"}]'
    assert made(text) == {"a": [{"t": "0 One"}, {"t": "1 Two"}]}


def test_a_list_may_be_written_out_or_empty() -> None:
    assert made('a: [{repeat: {for: x, in: [3, "${{ n }}"]}, v: "${{ x * n }}"}]') == {
        "a": [{"v": 6}, {"v": 4}]
    }
    assert made('a: [{repeat: {for: x, in: []}, v: "${{ x }}"}, {w: 1}]') == {"a": [{"w": 1}]}


def test_several_elements_and_what_stands_between() -> None:
    text = """
a:
  - repeat:
      for: x
      in: "${{ names }}"
      each: [{one: "${{ x }}"}, {two: "${{ upper(x) }}"}]
      between: {gap: 1s}
  - {end: true}
"""
    assert made(text)["a"] == [
        {"one": "a"}, {"two": "A"}, {"gap": "1s"},
        {"one": "b"}, {"two": "B"}, {"gap": "1s"},
        {"one": "c"}, {"two": "C"}, {"end": True},
    ]  # fmt: skip


def test_nothing_stands_beside_what_is_left_out() -> None:
    text = """
a:
  - repeat: {for: x, in: "${{ names }}", between: {gap: 1s}}
    one: "${{ x }}"
    if: "${{ x != %r }}"
"""
    gap = {"gap": "1s"}
    assert made(text % "a")["a"] == [{"one": "b"}, gap, {"one": "c"}]
    assert made(text % "b")["a"] == [{"one": "a"}, gap, {"one": "c"}]
    assert made(text % "c")["a"] == [{"one": "a"}, gap, {"one": "b"}]


def test_repetitions_nest_and_inner_ones_see_outer_names() -> None:
    text = """
a:
  - repeat: {for: f, in: "${{ films }}"}
    clips:
      - {repeat: {for: x, in: "${{ [1, f.year] }}"}, v: "${{ f.title + str(x) }}"}
"""
    assert made(text) == {
        "a": [
            {"clips": [{"v": "One1"}, {"v": "One1960"}]},
            {"clips": [{"v": "Two1"}, {"v": "Two1999"}]},
        ]
    }


def test_a_name_ends_with_its_repetition() -> None:
    text = 'a: [{repeat: {for: x, in: [1]}, v: "${{ x }}"}, {v: "${{ x }}"}]'
    assert [code for code, _, _ in faults(text)] == ["expression-name"]


def test_an_element_is_left_out_where_its_condition_is_false() -> None:
    text = 'a: [{if: "${{ n > 2 }}", v: 1}, {if: true, v: 2}, {if: "${{ on }}", v: 3}]'
    assert made(text) == {"a": [{"v": 2}, {"v": 3}]}
    text = 'a: [{repeat: {for: f, in: "${{ films }}"}, if: "${{ f.year > 1990 }}", v: 1}]'
    assert made(text) == {"a": [{"v": 1}]}


def test_an_op_keeps_its_own_parameters() -> None:
    assert made('a: [{op: tile, repeat: 3, v: "${{ n }}"}]') == {
        "a": [{"op": "tile", "repeat": 3, "v": 2}]
    }


@pytest.mark.parametrize(
    ("element", "code", "place", "reported"),
    [
        ("{repeat: 3, v: 1}", "repeat", "1:14", "must be a mapping"),
        ("{repeat: {for: x}, v: 1}", "missing-key", "1:14", "repeat needs 'in'"),
        ("{repeat: {in: [1]}, v: 1}", "missing-key", "1:14", "repeat needs 'for'"),
        ("{repeat: {for: x, in: films}, v: 1}", "repeat", "1:27", '"${{ films }}"'),
        ("{repeat: {for: x, in: 3}, v: 1}", "repeat", "1:27", "a list, not a number"),
        ("{repeat: {for: n, in: [1]}, v: 1}", "variable-name", "1:20", "a variable already"),
        ("{repeat: {for: 1x, in: [1]}, v: 1}", "variable-name", "1:20", "letters"),
        (
            "{repeat: {for: x, of: [1], in: [1]}, v: 1}",
            "unknown-key",
            "1:23",
            "not a key of repeat",
        ),
        ("{repeat: {for: x, in: [1], each: []}, v: 1}", "conflict", "1:43", "under `each`"),
        ("{if: 3, v: 1}", "wrong-type", "1:10", "true or false"),
        ("{if: films, v: 1}", "wrong-type", "1:10", "true or false"),
    ],
)
def test_mistakes(element: str, code: str, place: str, reported: str) -> None:
    found = faults(f"a: [{element}]")
    assert [(c, p) for c, p, _ in found] == [(code, place)]
    assert reported in found[0][2]


def test_a_mistake_in_the_values_is_reported_once() -> None:
    text = 'a: [{repeat: {for: x, in: "${{ filmz }}"}, v: "${{ x.title }}"}]'
    assert [code for code, _, _ in faults(text)] == ["expression-name"]


def test_the_number_of_elements_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vedc.lang.expr.interpolate.MAX_REPEATED", 5)
    assert repeat.MAX_REPEATED > 5
    text = 'a: [{repeat: {for: x, in: "${{ names }}"}, v: [{repeat: {for: y, in: [1, 2]}, w: 1}]}]'
    assert [code for code, _, _ in faults(text)] == ["expression-limit"]


SPEC = """
version: 1
profile: {width: 320, height: 180, fps: 25}
variables:
  cards:
    type: array
    items:
      type: object
      properties: {title: {type: string, maxLength: 8}, color: {type: string, format: color}}
      required: [title]
      additionalProperties: false
    default: [{title: One, color: red}, {title: Two, color: teal}]
timeline:
  tracks:
    - id: main
      clips:
        - repeat: {for: card, in: "${{ cards }}", between: {transition: dissolve, duration: 0.2s}}
          color: "${{ card.color }}"
          duration: 1s
    - repeat: {for: card, in: "${{ cards }}", index: i}
      id: "title-${{ i }}"
      clips: [{text: "${{ card.title }}", duration: 1s}]
  markers:
    - repeat: {for: card, in: "${{ cards }}", index: i}
      time: "${{ i }}s"
      name: "${{ card.title }}"
outputs:
  - {repeat: {for: crf, in: [20, 28]}, path: "out/film-${{ crf }}.mp4", crf: "${{ crf }}"}
"""


def test_a_film_from_data_is_ordinary_after_it() -> None:
    plain = canonical(load_text(SPEC, "spec.yaml")).root.plain()
    tracks = plain["timeline"]["tracks"]
    assert [next(iter(item)) for item in tracks[0]["clips"]] == ["color", "transition", "color"]
    assert [track["id"] for track in tracks] == ["main", "title-0", "title-1"]
    assert [marker["name"] for marker in plain["timeline"]["markers"]] == ["One", "Two"]
    assert [output["path"] for output in plain["outputs"]] == ["out/film-20.mp4", "out/film-28.mp4"]


@pytest.mark.slow
def test_editors_know_repetitions() -> None:
    validator = language_validator()
    assert not list(validator.iter_errors(load_text(SPEC).root.plain()))
    for wrong in ("{for: card}", "{for: 1x, in: []}", "{for: card, in: [], of: 1}"):
        text = SPEC.replace("{for: crf, in: [20, 28]}", wrong)
        assert list(validator.iter_errors(load_text(text).root.plain())), wrong
