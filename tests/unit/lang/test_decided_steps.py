"""Decided steps of grades as a person writes them: forms, schema, refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

from tests.schemas import remembering
from tests.stand_in_grades import stand_in
from vedc.lang.docs.generate import edit_schema
from vedc.lang.keys.decided.grades import GRADES
from vedc.lang.resolve.compile import canonical
from vedc.lang.validate import validate
from vedc.lang.yaml.load import load_text


@pytest.fixture(autouse=True, scope="module")
def all_kinds() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        stand_in(patch, lambda asked: [])
        yield


def document(auto: str) -> Any:
    return load_text(
        f"version: 1\ntimeline: [{{clip: a.mp4, grade: [{{auto: {auto}}}]}}]\n", "s.yaml"
    )


GOOD = [
    ("balance", {"balance": {}}),
    ("{balance: {strength: 0.5}}", {"balance": {"strength": 0.5}}),
    ("{balance: {method: closed}}", {"balance": {"method": "closed"}}),
    ("{match: talk}", {"match": {"to": "talk"}}),
    ("{match: refs/dusk.png}", {"match": {"to": "refs/dusk.png"}}),
    (
        "{strength: 0.8, match: talk, detail: lut, at: 12s}",
        {"match": {"to": "talk", "at": "12s", "strength": 0.8, "detail": "lut"}},
    ),
    ("{match: {to: talk, at: -1s}}", {"match": {"to": "talk", "at": "-1s"}}),
    ("equalise", {"equalise": {}}),
    ("{equalise: scenes, hero: talk}", {"equalise": {"by": "scenes", "hero": "talk"}}),
    ("{equalise: {hero: talk}}", {"equalise": {"hero": "talk"}}),
    ("{look: looks/wedding.json}", {"look": {"src": "looks/wedding.json"}}),
    ("deflicker", {"deflicker": {}}),
]
BAD = [
    ("match", "missing-key"),
    ("look", "missing-key"),
    ("balanse", "unknown-decision"),
    ("3", "wrong-type"),
    ("[balance]", "wrong-type"),
    ("{}", "unknown-decision"),
    ("{match: 3}", "wrong-type"),
    ("{match: {}}", "missing-key"),
    ("{match: talk, to: talk}", "conflict"),
    ("{match: {to: talk}, at: 1s}", "conflict"),
    ("{match: talk, strength: 2}", "out-of-range"),
    ("{balance: {method: magic}}", "unknown-value"),
    ("{match: talk, hero: talk}", "unknown-key"),
    ("{balance: 0.5}", "wrong-type"),
    ("{balance: {strength: high}}", "wrong-type"),
    ("{balance: {}, strength: 1}", "conflict"),
    ("{balance: {}, match: talk}", "conflict"),
    ("{equalise: some}", "unknown-value"),
    ("{look: looks/a.json, at: 1s}", "unknown-key"),
]


@pytest.fixture(scope="module")
def by_schema(all_kinds: None) -> Callable[[str], bool]:
    checker = remembering(edit_schema())
    return lambda auto: checker.is_valid(document(auto).data)


@pytest.mark.parametrize(("auto", "form"), GOOD, ids=[auto for auto, _ in GOOD])
@pytest.mark.slow
def test_each_form_is_taken_and_has_one_canonical_form(
    auto: str, form: Any, by_schema: Callable[[str], bool]
) -> None:
    assert validate(document(auto)) == ()
    assert by_schema(auto)
    made = canonical(document(auto))
    step = made.data["timeline"]["tracks"][0]["clips"][0]["grade"][0]
    assert step == {"auto": form}
    again = canonical(load_text(yaml.safe_dump(made.data), "again.yaml"))
    assert again.data == made.data


@pytest.mark.parametrize(("auto", "code"), BAD, ids=[auto for auto, _ in BAD])
@pytest.mark.slow
def test_an_invalid_decision_is_refused(
    auto: str, code: str, by_schema: Callable[[str], bool]
) -> None:
    assert {problem.code for problem in validate(document(auto))} == {code}
    assert not by_schema(auto)


LOOK = [{"auto": {"look": {"src": "house/style.json"}}}]


@pytest.mark.parametrize(
    ("item", "grade"),
    [
        ("auto: {from: a.mp4, cut: shots, style: house/style.json}", LOOK),
        ("auto: {from: a.mp4, cut: shots, style: {src: house/style.json, use: look}}", LOOK),
        ("auto: {from: a.mp4, cut: shots, style: {src: house/style.json, use: [pace]}}", None),
        ("{auto: {from: a.mp4, cut: shots, style: house/style.json}, grade: []}", []),
        (
            "auto: {from: a.mp4, cut: shots, style: house/style.json, grade: balance}",
            [{"auto": {"balance": {}}}],
        ),
    ],
)
def test_a_style_grades_unless_something_else_does(item: str, grade: Any) -> None:
    def made_of(text: str) -> Any:
        (made,) = canonical(load_text(text, "s.yaml")).data["timeline"]["tracks"][0]["clips"]
        return made

    made = made_of(f"version: 1\ntimeline:\n  - {item}\n")
    assert made.get("grade") == grade
    assert made["auto"]["style"]["src"] == "house/style.json"
    assert made_of(yaml.safe_dump({"version": 1, "timeline": [made]})) == made


def test_an_auto_item_says_how_its_clips_are_graded() -> None:
    text = (
        "version: 1\ntimeline:\n  - auto: {from: a.mp4, cut: shots, grade: {match: b.png}}\n"
        "    grade: [{op: invert}]\n"
    )
    (item,) = canonical(load_text(text, "s.yaml")).data["timeline"]["tracks"][0]["clips"]
    assert item["grade"] == [{"auto": {"match": {"to": "b.png"}}}, {"op": "invert"}]
    assert "grade" not in item["auto"]


def test_files_of_decisions_are_assets() -> None:
    made = canonical(document("{match: refs/dusk.png}")).data
    assert "refs/dusk.png" in made["assets"]
    assert "talk" not in canonical(document("{match: talk}")).data["assets"]


def test_every_kind_has_a_default_or_says_what_it_needs() -> None:
    for kind in GRADES.values():
        assert kind.record.doc.endswith(".") and kind.needs in (None, kind.subject)
        assert all(key.doc.endswith(".") for key in kind.record.keys.values())
