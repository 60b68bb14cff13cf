"""JSON with comments: read as JSON is, and changed without losing anything."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedc.support.jsonc import parse, with_member

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip


@given(VALUES)
def test_json_is_read_as_json(value: object) -> None:
    text = json.dumps(value, indent=1)
    assert parse(text).plain == json.loads(text)


def test_comments_and_trailing_commas() -> None:
    text = '\ufeff// a\n{ /* "b": 1, */ "c": [1, 2, /* */ ], // "d": 3\n "e": {}, }\n// end'
    assert parse(text).plain == {"c": [1, 2], "e": {}}


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "line 1, column 1"), ("{", "line 1, column 2"), ('{"a" 1}', "a colon"),
        ('{"a": 1 "b": 2}', "a comma or }"), ("[1 2]", "a comma or ]"),
        ("{'a': 1}", "double quotes"),
        ('{"a": no}', "no is no value"), ("{}\n{}", "something follows"), ("[" * 400, "nested"),
        ('["\\x"]', "an escape"),
    ],
)  # fmt: skip
def test_mistakes_have_a_place(text: str, where: str) -> None:
    with pytest.raises(ValueError, match=re.escape(where)):
        parse(text)


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("{}", '{\n    "new": 1\n}'),
        ("{\n}\n", '{\n    "new": 1\n}\n'),
        ('{"a": 1}', '{"a": 1,\n    "new": 1\n}'),
        ('{\n  "a": 1, // one\n}', '{\n  "a": 1, // one\n    "new": 1\n}'),
        (
            '{\r\n    "a": 1 // one\r\n    // end\r\n}\r\n',
            '{\r\n    "a": 1, // one\r\n    // end\r\n    "new": 1\r\n}\r\n',
        ),
        ('{"new": [0], "b": 2 /* two */}', '{"new": 1, "b": 2 /* two */}'),
    ],
)
def test_a_key_is_added_or_replaced(text: str, made: str) -> None:
    assert with_member(text, parse(text), "new", 1) == made


@given(st.dictionaries(st.text(max_size=3), VALUES, max_size=4), st.text(max_size=3), VALUES)
def test_what_was_there_stays(old: dict[str, object], key: str, value: object) -> None:
    text = json.dumps(old, indent=2)
    made = with_member(text, parse(text), key, value)
    assert parse(made).plain == json.loads(json.dumps({**old, key: value}))


def test_a_key_deep_inside() -> None:
    text = '{\n  "a": {\n    "b": {}, // deep\n  },\n}\n'
    inner = parse(text).members["a"].value.members["b"].value
    assert with_member(text, inner, "c", [1], "  ") == (
        '{\n  "a": {\n    "b": {\n      "c": [\n        1\n      ]\n    }, // deep\n  },\n}\n'
    )
