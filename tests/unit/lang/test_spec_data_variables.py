"""Variables that are lists and mappings: schemas, values from everywhere, places of mistakes."""

from __future__ import annotations

from typing import Any

import pytest

from vedc.errors import SpecError
from vedc.lang.expr.variables import resolve_variables
from vedc.lang.yaml.load import load_text
from vedc.lang.yaml.tree import Problems

SPEC = """\
variables:
  films:
    type: array
    minItems: 1
    items:
      type: object
      properties:
        title: {type: string, maxLength: 8}
        year: {type: integer, minimum: 1888}
        accent: {type: string, format: color}
        code: {type: string, pattern: "^[A-Z]{2}$"}
      required: [title]
      additionalProperties: false
    default:
      - {title: One}
"""


def resolve(text: str, given: dict[str, str] | None = None, file: str | None = None) -> Any:
    problems = Problems()
    var_file = load_text(file, "vars.yaml").root if file is not None else None
    found = resolve_variables(load_text(text, "spec.yaml").root, given or {}, var_file, problems)
    if problems:
        raise SpecError(tuple(problems))
    return found.values


def fault(text: str, given: dict[str, str] | None = None, file: str | None = None) -> str:
    with pytest.raises(SpecError) as caught:
        resolve(text, given, file)
    [problem] = caught.value.problems
    return f"{problem.code} {problem.location} {problem.message}"


def test_values_from_the_default_a_file_and_the_command_line() -> None:
    assert resolve(SPEC) == {"films": [{"title": "One"}]}
    assert resolve(SPEC, file="films: [{title: Two, year: 1960}]") == {
        "films": [{"title": "Two", "year": 1960}]
    }
    assert resolve(SPEC, {"films": '[{"title": "Three"}]'}) == {"films": [{"title": "Three"}]}


def test_a_mapping() -> None:
    text = "variables: {shop: {type: object, default: {name: Loma, open: [6, 18]}}}"
    assert resolve(text) == {"shop": {"name": "Loma", "open": [6, 18]}}


@pytest.mark.parametrize(
    ("values", "place", "reported"),
    [
        ("films: [{title: One}, {title: A long title}]", "1:31", "films[1].title"),
        ("films: [{year: 1960}]", "1:9", "'title' is a required property"),
        ("films: [{title: A, year: 1700}]", "1:26", "1700 is less than the minimum of 1888"),
        ("films: [{title: A, accent: greenish}]", "1:28", "is not a colour"),
        ("films: [{title: A, code: abc}]", "1:26", "does not match"),
        ("films: [{title: 5}]", "1:17", "5 is not text"),
        ("films: []", "1:8", "should be non-empty"),
        ("films: One", "1:8", "must be a list, not 'One'"),
    ],
)
def test_a_wrong_value_in_a_file_is_reported_at_its_place(
    values: str, place: str, reported: str
) -> None:
    found = fault(SPEC, file=values)
    assert found.startswith(f"variable-value vars.yaml:{place} ")
    assert reported in found


def test_a_wrong_value_on_the_command_line() -> None:
    assert "--set films: the variable 'films' must be a list" in fault(SPEC, {"films": "[oops"})
    assert "films[0].year" in fault(SPEC, {"films": '[{"title": "A", "year": 1}]'})


@pytest.mark.parametrize(
    ("declaration", "place", "reported"),
    [
        ("{type: array, items: {type: strin}}", "2:34", "the schema of 'x' is wrong"),
        ("{type: array, minItems: -1}", "2:30", "the schema of 'x' is wrong"),
        ('{type: array, items: {pattern: "(?=a)"}}', "2:37", "looks ahead or behind"),
        ("{type: object, $ref: other.json}", "2:27", "refers to another file"),
        ("{type: array, default: [1, '${{ n }}']}", "2:33", "cannot be an expression"),
        ("{type: array, items: {type: integer}, default: [1, a]}", "2:57", "x[1]"),
    ],
)
def test_a_wrong_declaration(declaration: str, place: str, reported: str) -> None:
    found = fault(f"variables:\n  x: {declaration}")
    assert f"spec.yaml:{place} " in found
    assert reported in found
