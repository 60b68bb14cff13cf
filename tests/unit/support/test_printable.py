"""What reaches a terminal and what stays data."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedc.lang.yaml.dump import to_yaml
from vedc.lang.yaml.load import load_text
from vedc.support.printable import printable, to_json

ODD = "\x1b[31mred\x1b[0m \x1b]0;title\x07 a\rb \u202etxt.exe\u2066 \x9b1m \u2028 é漢🎬 \t\n"


def test_control_characters_are_escaped() -> None:
    shown = printable(ODD)
    assert shown.startswith(r"\x1b[31mred\x1b[0m \x1b]0;title\x07 a\rb \u202etxt.exe\u2066 \x9b1m")
    assert shown.endswith(" \\u2028 é漢🎬 \t\n")
    assert printable(shown) == shown


def test_colours_are_kept_where_they_are_meant() -> None:
    text = "\x1b[1;31merror\x1b[0m"
    assert printable(text + "\x1b[2J", colored=True) == text + r"\x1b[2J"


@pytest.mark.slow
@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_json_stays_the_same_data(data: object) -> None:
    text = to_json(data)
    assert json.loads(text) == data
    assert printable(text) == text


def test_json_of_names_that_are_no_text() -> None:
    text = to_json({"file": "a\udcff.mp4"})
    assert text.encode() and json.loads(text) == {"file": "a\udcff.mp4"}


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_yaml_stays_the_same_data(text: str) -> None:
    escaped = "".join(f"\\U{ord(char):08x}" for char in text)
    document = load_text(f'metadata: "{escaped}"\n')
    shown = to_yaml(document)
    assert printable(shown) == shown
    assert load_text(shown).data == document.data
