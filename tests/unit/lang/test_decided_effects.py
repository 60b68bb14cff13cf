"""Decided steps of effects as a person writes them: forms, schema, refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml

from tests.schemas import language_validator
from vedc.lang.keys.decided.catalogue import Catalogue
from vedc.lang.resolve.compile import canonical
from vedc.lang.validate import validate
from vedc.lang.yaml.load import load_text


def document(auto: str, steps: str = "effects") -> Any:
    text = f"version: 1\ntimeline: [{{clip: a.mp4, {steps}: [{{auto: {auto}}}]}}]\n"
    return load_text(text, "s.yaml")


GOOD = [
    ("clean", {"clean": {}}),
    ("{clean: {}}", {"clean": {}}),
    ("{clean: {strength: 0.8}}", {"clean": {"strength": 0.8}}),
]
BAD = [
    ("cleen", "unknown-decision"),
    ("balance", "unknown-decision"),
    ("{match: b.png}", "unknown-decision"),
    ("3", "wrong-type"),
    ("[clean]", "wrong-type"),
    ("{}", "unknown-decision"),
    ("{clean: 0.8}", "wrong-type"),
    ("{clean: {strength: 2}}", "out-of-range"),
    ("{clean: {method: closed}}", "unknown-key"),
    ("{clean: {}, strength: 1}", "conflict"),
]


@pytest.fixture(scope="module")
def by_schema() -> Callable[[Any], bool]:
    return lambda document: language_validator().is_valid(document.data)


@pytest.mark.slow
@pytest.mark.parametrize(("auto", "form"), GOOD, ids=[auto for auto, _ in GOOD])
def test_each_form_is_taken_and_has_one_canonical_form(
    auto: str, form: Any, by_schema: Callable[[Any], bool]
) -> None:
    assert validate(document(auto)) == ()
    assert by_schema(document(auto))
    made = canonical(document(auto))
    step = made.data["timeline"]["tracks"][0]["clips"][0]["effects"][0]
    assert step == {"auto": form}
    again = canonical(load_text(yaml.safe_dump(made.data), "again.yaml"))
    assert again.data == made.data


@pytest.mark.parametrize(("auto", "code"), BAD, ids=[auto for auto, _ in BAD])
def test_an_invalid_decision_is_refused(
    auto: str, code: str, by_schema: Callable[[Any], bool]
) -> None:
    assert {problem.code for problem in validate(document(auto))} == {code}
    assert not by_schema(document(auto))


def test_a_grade_takes_no_decision_about_effects(by_schema: Callable[[Any], bool]) -> None:
    wrong = document("clean", "grade")
    (problem,) = validate(wrong)
    assert problem.code == "unknown-decision" and not by_schema(wrong)
    assert problem.hint == "put it under `effects`: effects: [{auto: clean}]"


@pytest.mark.parametrize(
    "spec",
    [
        "timeline: {effects: [{auto: clean}], tracks: [{clips: [{clip: a.mp4}]}]}",
        "timeline: {tracks: [{effects: [{auto: clean}], clips: [{clip: a.mp4}]}]}",
    ],
    ids=["timeline", "track"],
)
def test_a_finished_picture_has_no_shots(spec: str, by_schema: Callable[[Any], bool]) -> None:
    whole = load_text(f"version: 1\n{spec}\n", "s.yaml")
    (problem,) = validate(whole)
    assert problem.code == "no-shots" and not by_schema(whole)
    assert problem.hint is not None and "defaults: {clip: {effects: [...]}}" in problem.hint


def test_defaults_clean_every_clip() -> None:
    text = (
        "version: 1\ndefaults: {clip: {effects: [{auto: clean}]}}\n"
        "timeline: [{clip: a.mp4}, {clip: b.mp4, effects: []}]\n"
    )
    one, two = canonical(load_text(text, "s.yaml")).data["timeline"]["tracks"][0]["clips"]
    assert one["effects"] == [{"auto": {"clean": {}}}] and two["effects"] == []


def test_every_kind_is_documented_and_stands_in_one_list() -> None:
    names = [name for catalogue in Catalogue.known.values() for name in catalogue.kinds]
    assert len(names) == len(set(names)) and {"clean", "balance"} <= set(names)
    for catalogue in Catalogue.known.values():
        for kind in catalogue.kinds.values():
            assert kind.record.doc.endswith(".")
            assert all(key.doc.endswith(".") for key in kind.record.keys.values())
