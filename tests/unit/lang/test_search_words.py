"""Words of other tools in ``vedc ops``: everything they lead to exists."""

from __future__ import annotations

import json
import re

import pytest
from typer.testing import CliRunner

from vedc.cli import app
from vedc.lang.keys.catalogue import CatalogueEntry, lookup
from vedc.lang.keys.item import item_keys
from vedc.lang.keys.search_words import MEANINGS, Meaning, meaning
from vedc.lang.validate import validate
from vedc.lang.yaml.load import load_text
from vedc.report.ops.explain import listing

KEYS = {key.name for key in item_keys()}


@pytest.mark.parametrize("entry", MEANINGS, ids=lambda e: e.phrases[0])
def test_every_target_exists(entry: Meaning) -> None:
    assert entry.ops or entry.keys or entry.note
    assert all(isinstance(lookup(name), CatalogueEntry) for name in entry.ops)
    assert set(entry.keys) <= KEYS
    for item in re.findall("`(.*?)`", entry.note):
        assert validate(load_text(f"version: 1\ntimeline: [{item}]\n", "edit.vedc.yaml")) == ()


def test_no_phrase_has_two_meanings() -> None:
    phrases = [phrase for entry in MEANINGS for phrase in entry.phrases]
    assert len(phrases) == len(set(phrases))
    assert all(meaning(phrase) for phrase in phrases)


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("ken burns", ["zoom", "transform"]), ("Ken-Burns", ["zoom"]),
        ("picture in picture", ["transform", "position"]), ("border", ["rectangle", "border"]),
        ("black and white", ["monochrome"]), ("vintage", ["sepia"]),
        ("blurry", ["gaussian_blur"]), ("green screen", ["chroma_key"]),
        ("volume", ["volume"]),
    ],
)  # fmt: skip
def test_what_is_found(words: str, names: list[str]) -> None:
    found = [entry["name"] for entry in listing(words, None)]
    assert found[0] == names[0] and set(names) <= set(found)
    assert len(found) == len({(e["name"], e["kind"]) for e in listing(words, None)})


def test_a_kind_holds_for_them_too() -> None:
    assert {entry["kind"] for entry in listing("border", "mask")} == {"mask"}
    assert listing("ken burns", "mask") == []


def test_what_there_is_not_is_said_in_a_line() -> None:
    reported = CliRunner().invoke(app, ["ops", "stabilize"])
    assert reported.stdout == "Shaky clips cannot be stabilised yet.\n"
    reported = CliRunner().invoke(app, ["ops", "stabilize", "--json"])
    assert json.loads(reported.stdout) == [] and "Shaky" in reported.stderr
    assert "no op matches" in CliRunner().invoke(app, ["ops", "qqq"]).stdout
