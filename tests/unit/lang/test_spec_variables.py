"""Variables: declarations, ``--set``, variables files, checks."""

from __future__ import annotations

from typing import Any

import pytest

from vedc.errors import SpecError
from vedc.lang.expr.declarations import Declarations
from vedc.lang.expr.interpolate import interpolate
from vedc.lang.expr.variables import resolve_variables
from vedc.lang.yaml.load import load_text
from vedc.lang.yaml.tree import Problems

SPEC = """\
version: 1
variables:
  headline: {type: string, default: Spring, maxLength: 12, minLength: 2}
  accent: {type: string, format: color, default: "#ffb000"}
  count: {type: integer, minimum: 1, maximum: 5, default: 3}
  gain: {type: number, default: 0}
  loud: {type: boolean, default: false, description: "Louder: yes or no"}
  size: {type: string, enum: [small, large], default: small}
  code: {type: string, pattern: "^[A-Z]{2}[0-9]", default: AB1}
"""
DEFAULTS = {
    "headline": "Spring", "accent": "#ffb000", "count": 3, "gain": 0, "loud": False,
    "size": "small", "code": "AB1",
}  # fmt: skip


def resolve(text: str, given: dict[str, str] | None = None, file: str | None = None) -> Any:
    var_file = load_text(file, "vars.yaml").root if file is not None else None
    problems = Problems()
    found = resolve_variables(load_text(text, "spec.yaml").root, given or {}, var_file, problems)
    if problems:
        raise SpecError(tuple(problems))
    return found.values


def problems(
    text: str, given: dict[str, str] | None = None, file: str | None = None
) -> list[tuple[str, str, str]]:
    """Code, place and message with hint of every problem."""
    with pytest.raises(SpecError) as caught:
        resolve(text, given, file)
    return [
        (p.code, str(p.location or "-"), f"{p.message}; {p.hint or ''}")
        for p in caught.value.problems
    ]


def test_defaults_and_their_order() -> None:
    assert list(resolve(SPEC).items()) == list(DEFAULTS.items())
    assert resolve("version: 1") == resolve("variables:\n") == resolve("variables: {}") == {}
    assert resolve("[1]") == {}


def test_set_wins_over_the_file_and_the_file_over_the_default() -> None:
    found = resolve(SPEC, {"headline": "12"}, "headline: no\naccent: teal\ngain: -1.5\n")
    assert found == DEFAULTS | {"headline": "12", "accent": "teal", "gain": -1.5}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("headline", "true", "true"), ("headline", "${{ x }}", "${{ x }}"), ("count", "4", 4),
        ("count", "5.0", 5), ("gain", "1e-3", 0.001), ("gain", "010", 10), ("loud", "true", True),
        ("size", "large", "large"), ("code", "XY77", "XY77"), ("accent", "#FFF8", "#FFF8"),
    ],
)  # fmt: skip
def test_texts_are_read_by_type(name: str, text: str, value: object) -> None:
    found = resolve(SPEC, {name: text})[name]
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("headline", "x", "at least 2 characters, and has 1"),
        ("headline", "x" * 13, "at most 12 characters, and has 13"),
        ("accent", "orangish", "a colour such as #ffb000"),
        ("count", "x", "must be an integer, not 'x'"), ("count", "2.5", "must be an integer"),
        ("count", "0", "at least 1"), ("count", "6", "at most 5"), ("count", "", "an integer"),
        ("gain", ".inf", "a number"), ("gain", ".nan", "a number"), ("gain", "1e999", "a number"),
        ("gain", "true", "a number"), ("loud", "yes", "true or false"), ("loud", "True", "true or"),
        ("size", "lagre", "did you mean 'large'"), ("code", "ab1", "match the pattern"),
    ],
)  # fmt: skip
def test_values_that_do_not_fit(name: str, text: str, message: str) -> None:
    ((code, place, found),) = problems(SPEC, {name: text})
    assert (code, place) == ("variable-value", "-")
    assert message in found
    assert f"--set {name}" in found
    assert "declared at spec.yaml:" in found


def test_a_variables_file_is_typed() -> None:
    assert [p[:2] for p in problems(SPEC, {}, "count: '3'\nloud: 1\nsiez: small\n")] == [
        ("variable-value", "vars.yaml:1:8"),
        ("variable-value", "vars.yaml:2:7"),
        ("variable-unknown", "vars.yaml:3:1"),
    ]
    assert problems(SPEC, {}, "[1]")[0][:2] == ("variable-file", "vars.yaml:1:1")


def test_unknown_names() -> None:
    ((code, place, message),) = problems(SPEC, {"headlin": "x"})
    assert (code, place) == ("variable-unknown", "-")
    assert "did you mean 'headline'?" in message
    assert "declares no variables" in problems("version: 1", {"x": "1"})[0][2]


def test_missing_values() -> None:
    text = "variables:\n  a: {type: string}\n  b: {type: integer}\n"
    found = problems(text)
    assert [p[:2] for p in found] == [
        ("variable-missing", "spec.yaml:2:3"),
        ("variable-missing", "spec.yaml:3:3"),
    ]
    assert "--set a=..." in found[0][2]
    assert resolve(text, {"a": ""}, "b: 2") == {"a": "", "b": 2}


def test_a_wrong_value_is_not_also_a_missing_one() -> None:
    text = "variables:\n  b: {type: integer}\n"
    assert len(problems(text, {"b": "x"})) == 1
    assert len(problems(text, {}, "b: x")) == 1


def test_a_variable_may_have_the_name_of_a_function() -> None:
    text = (
        "variables:\n  title: {type: string, default: spring}\n"
        'timeline:\n  - {text: "${{ title(title) }}", duration: 1s}\n'
    )
    document = load_text(text, "spec.yaml")
    problems = Problems()
    found = resolve_variables(document.root, {}, None, problems)
    made = interpolate(document, found, problems)
    assert not problems
    assert made.plain()["timeline"][0]["text"] == "Spring"


@pytest.mark.parametrize(
    ("declaration", "code", "column", "message"),
    [
        ("if: {type: string, default: a}", "variable-name", 3, "a word"),
        ("my-var: {type: string, default: a}", "variable-name", 3, "write my_var"),
        ("1a: {type: string, default: a}", "variable-name", 3, "cannot name"),
        ("x: 5", "variable-declaration", 6, "write x: {type: integer, default: 5}"),
        ("x:", "variable-declaration", 5, "not null"),
        ("x: {default: a}", "variable-declaration", 3, "has no type"),
        ("x: {type: strng}", "variable-declaration", 13, "did you mean 'string'?"),
        ("x: {type: [string]}", "variable-declaration", 13, "not a type"),
        ("x: {type: string, defualt: a}", "unknown-key", 21, "did you mean 'default'?"),
        ("x: {type: string, minimum: 1}", "variable-declaration", 21, "belongs to number"),
        ("x: {type: number, minLength: 1}", "variable-declaration", 21, "belongs to string"),
        ("x: {type: string, default: 5}", "variable-value", 30, "must be a text, not 5"),
        ("x: {type: integer, default: 1.5}", "variable-value", 31, "an integer"),
        ("x: {type: number, default: 1, minimum: 2}", "variable-value", 30, "at least 2"),
        ("x: {type: string, default: null}", "variable-value", 30, "not null"),
        ("x: {type: string, default: '${{ y }}'}", "variable-value", 30, "an expression"),
        ("x: {type: string, pattern: '['}", "variable-declaration", 30, "regular expression"),
        (r"x: {type: string, pattern: '(a)\1'}", "variable-declaration", 30, "refers back"),
        (r"x: {type: string, pattern: 'a\Z'}", "variable-declaration", 30, r"has \Z"),
        ("x: {type: string, pattern: '(?=a)'}", "variable-declaration", 30, "looks ahead"),
        ("x: {type: string, pattern: 'a*+b'}", "variable-declaration", 30, "possessive"),
        ("x: {type: string, pattern: 'a{1001}'}", "variable-declaration", 30, "1000 times"),
        (f"x: {{type: string, pattern: {'a' * 1001}}}", "variable-declaration", 30, "is longer"),
        ("x: {type: string, format: colour}", "variable-declaration", 29, "must be color"),
        ("x: {type: string, maxLength: -1}", "variable-declaration", 32, "an integer"),
        ("x: {type: integer, minimum: a}", "variable-declaration", 31, "must be a number"),
        ("x: {type: integer, minimum: 3, maximum: 2}", "variable-declaration", 31, "above"),
        ("x: {type: string, enum: []}", "variable-declaration", 27, "a list"),
        ("x: {type: string, enum: [a, 1]}", "variable-declaration", 31, "1 is not a text"),
        ("x: {type: string, description: 1}", "variable-declaration", 34, "must be a text"),
    ],
)  # fmt: skip
def test_declarations_that_are_wrong(
    declaration: str, code: str, column: int, message: str
) -> None:
    found = problems(f"variables:\n  {declaration}\n")
    assert (code, f"spec.yaml:2:{column}") in [p[:2] for p in found]
    assert message in " ".join(p[2] for p in found)
    assert "variable-missing" not in [p[0] for p in found]


def test_variables_must_be_a_mapping() -> None:
    assert problems("variables: [a]")[0][:2] == ("variable-declaration", "spec.yaml:1:12")


def test_declarations() -> None:
    problems = Problems()
    variables = Declarations(load_text(SPEC).root, problems).read()
    assert not problems
    assert list(variables) == list(DEFAULTS)
    assert variables["loud"].description == "Louder: yes or no"


@pytest.mark.parametrize("pattern", ["(a+)+$", "(.*a){12}b", "(x+x+)+y"])
def test_no_pattern_takes_exponential_time(pattern: str) -> None:
    """A backtracking engine would need longer than the universe is old."""
    text = "a" * 20_000 + "!"
    found = problems(f"variables: {{x: {{type: string, pattern: {pattern!r}, default: {text}}}}}")
    assert [p[0] for p in found] == ["variable-value"]
    assert "must match the pattern" in found[0][2]
