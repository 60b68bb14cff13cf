"""Keys of other tools: what their hints say to write validates."""

from __future__ import annotations

import re

import pytest

from vedc.errors import Problem
from vedc.lang.keys import not_yet
from vedc.lang.keys.auto import AUTO
from vedc.lang.keys.other_tools import CURES
from vedc.lang.keys.settings import ASSET, OUTPUT
from vedc.lang.language import EDIT, TIMELINE, TRACK
from vedc.lang.records.clip import CLIP, IMAGE
from vedc.lang.records.plain import COLOR, GENERATOR
from vedc.lang.records.sound import AUDIO, MASTER
from vedc.lang.records.text import TEXT
from vedc.lang.schema.records import Record
from vedc.lang.validate import validate
from vedc.lang.yaml.load import load_text

ITEMS: dict[str, tuple[Record, str]] = {
    "clip": (CLIP, "clip: a.mp4"),
    "image": (IMAGE, "image: a.png, duration: 3s"),
    "text": (TEXT, "text: Hi, duration: 3s"),
    "color": (COLOR, "color: red, duration: 3s"),
    "generator": (GENERATOR, "generator: checker, duration: 3s"),
    "track": (TRACK, "clips: [{clip: a.mp4}]"),
}


def spec(kind: str, more: str) -> str:
    item = f"{{{ITEMS[kind][1]}, {more}}}"
    timeline = f"{{tracks: [{item}]}}" if kind == "track" else f"[{item}]"
    return f"version: 1\ntimeline: {timeline}\n"


def problems_of(text: str) -> tuple[Problem, ...]:
    return validate(load_text(text, "edit.vedc.yaml"))


def reported(text: str) -> Problem:
    (problem,) = problems_of(text)
    return problem


@pytest.mark.parametrize("kind", ITEMS)
def test_what_a_hint_says_validates(kind: str) -> None:
    record = ITEMS[kind][0]
    found = 0
    for cure in CURES:
        for key in cure.keys.split():
            if record.advice.get(key) == cure.hint:
                found += 1
                # A decision may be of a kind that this version does not make yet.
                found_wrong = {p.code for p in problems_of(spec(kind, cure.spec))}
                assert found_wrong <= ({"not-yet"} if "auto" in cure.spec else set())
                problem = reported(spec(kind, f"{key}: 1"))
                assert problem.code == "unknown-key" and problem.hint == cure.hint
    assert found > 5


def test_every_fix_is_used() -> None:
    for cure in CURES:
        keys = cure.keys.split()
        records = [r for r, _ in ITEMS.values()] + [AUDIO]
        assert all(any(r.advice.get(k) == cure.hint for r in records) for k in keys), cure


@pytest.mark.parametrize(
    ("kind", "key", "hint"),
    [
        ("text", "fontSize", "write size: 64"), ("text", "font-size", "write size: 64"),
        ("text", "border", "write stroke: 3"), ("clip", "borderRadius", "radius: 24"),
        ("clip", "Blur", "op: gaussian_blur"), ("image", "X", "offset: [40, 20]"),
        ("clip", "kenBurns", "ken_burns: {to: "),
    ],
)  # fmt: skip
def test_any_spelling(kind: str, key: str, hint: str) -> None:
    assert hint in str(reported(spec(kind, f"{key}: 1")).hint)


@pytest.mark.parametrize(
    ("color", "hint"),
    [
        ("rgba(255, 0, 0, 0.5)", '"#ff000080"'), ("rgb(16,32,300)", '"#1020ff"'),
        ("rgb(1 2 3 / 50%)", '"#01020380"'), ("RGBA(0,0,0,1)", '"#000000ff"'),
        ("0xFFB000", '"#FFB000"'), ("rgba(1,2)", None),
    ],
)  # fmt: skip
def test_colours_of_other_tools(color: str, hint: str | None) -> None:
    problem = reported(spec("text", f'background: "{color}"'))
    assert problem.code == "bad-color" and problem.hint == (hint and f"write {hint}")
    if hint:
        assert problems_of(spec("text", f"background: {hint}")) == ()


def test_words_of_a_later_version_are_refused_with_what_does_the_same() -> None:
    for record in (
        EDIT,
        ASSET,
        TIMELINE.record,
        TRACK,
        MASTER,
        AUTO,
        OUTPUT,
        *(r for r, _ in ITEMS.values()),
    ):
        for word in record.later:
            assert len(record.advice[word]) > 20, (record.title, word)
    problem = reported(spec("clip", "markers: [{time: 1s, name: a}]"))
    assert problem.code == "not-yet" and "timeline markers" in str(problem.hint)


@pytest.mark.parametrize("kind", ["clip", "image"])
def test_reframe_on_an_item_is_a_crop(kind: str) -> None:
    problem = reported(spec(kind, "reframe: auto"))
    assert problem.code == "unknown-key" and "crop: {auto: reframe}" in str(problem.hint)


@pytest.mark.parametrize("word", not_yet.CURES)
def test_items_that_a_fix_names_validate(word: str) -> None:
    cure = not_yet.CURES[word]
    for item in re.findall(r"\{(?:clip|image|text): [^{}]*\}", cure):
        assert problems_of(f"version: 1\ntimeline: [{item}]\n") == ()
    for keys in re.findall(r"(?:opacity|grade|fit|offset): .*", cure):
        assert problems_of(spec("clip", keys.partition(", and ")[0])) == ()
