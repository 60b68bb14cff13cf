"""Placeholders of other languages that name a variable: reported, with the expression to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from vedc.errors import Problem, SpecError
from vedc.lang.expr.placeholders import placeholders
from vedc.lang.resolve.compile import check
from vedc.lang.resolve.items.context import CheckContext
from vedc.lang.yaml.load import load_text

SPEC = """\
version: 1
profile: {{width: 64, height: 48, fps: 5}}
variables: {{name: {{type: string, default: Ada}}, list: {{type: array, default: []}}}}
timeline: [{{color: {color}, duration: 1s}}]
outputs: [{{path: {path}}}]
"""


def found(text: str) -> list[str | None]:
    spec = f"variables: {{name: {{type: string}}}}\ntimeline: [{{text: '{text}'}}]\n"
    return [p.hint for p in placeholders(load_text(spec).root)]


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("Hello ${name}!", "write ${{ name }}"),
        ("Hello ${ name }!", "write ${{ name }}"),
        ("{{ name }}", "write ${{ name }}"),
        ("{{{name}}}", "write ${{ name }}"),
        ("{name}", "write ${{ name }}"),
        ("$name.mp4", "write ${{ name }}"),
        ("{name.first}", "write ${{ name.first }}"),
        ("${{ name }} and {name}", "write ${{ name }}"),
    ],
)
def test_what_looks_like_a_variable(text: str, cure: str) -> None:
    assert found(text) == [cure]


@pytest.mark.parametrize(
    "text",
    [
        "${{ name }}", "$${{ name }}", "name", "{names}", "$5", "{other}", "$$name", "{ name: 1 }",
        "",
    ],
)  # fmt: skip
def test_what_does_not(text: str) -> None:
    assert found(text) == []


def test_only_texts_that_vedc_reads() -> None:
    spec = "variables: {name: {default: '{name}'}}\nmetadata: {a: '{name}'}\n"
    assert placeholders(load_text(spec).root) == ()
    assert placeholders(load_text("timeline: [{text: '{name}'}]\n").root) == ()
    assert placeholders(load_text("- '{name}'\n").root) == ()


def test_the_name_of_a_repetition() -> None:
    spec = (
        "variables: {list: {type: array}}\n"
        "timeline: [{repeat: {for: item, in: x}, text: '{item.title}'}]\n"
    )
    (warning,) = placeholders(load_text(spec).root)
    assert warning.hint == "write ${{ item.title }}"
    assert warning.location is not None and warning.location.line == 2


def checked(folder: Path, **values: str) -> tuple[Problem, ...]:
    given = {"color": "red", "path": "film.mp4", **values}
    (edit,) = check(load_text(SPEC.format(**given), "e.yaml"), CheckContext(folder))
    return edit.warnings


def test_a_film_that_can_be_made_has_a_warning(tmp_path: Path) -> None:
    assert checked(tmp_path) == ()
    (warning,) = checked(tmp_path, path="'{name}.mp4'")
    assert (warning.code, warning.severity) == ("variable-as-text", "warning")
    assert warning.message == "'{name}' is plain text, not the value of the variable 'name'"


def test_where_it_is_the_cause_of_an_error_it_is_the_cure(tmp_path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        checked(tmp_path, color="'${name}'")
    assert [(p.code, p.hint) for p in caught.value.problems] == [("bad-color", "write ${{ name }}")]
    with pytest.raises(SpecError) as caught:
        checked(tmp_path, color="'${other}'", path="'{name}.mp4'")
    assert [p.code for p in caught.value.problems] == ["bad-color", "variable-as-text"]
