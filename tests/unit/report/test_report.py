"""How problems are shown."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedc.errors import Problem, SourceLocation
from vedc.report.problems import WIDTH, render_github, render_human, render_json
from vedc.support.suggest import did_you_mean, suggestion

MISSPELT = Problem(
    "unknown-key",
    "'oppacity' is not a key of clip; did you mean 'opacity'?",
    SourceLocation("trip.vedc.yaml", 14, 3, 8),
    "write opacity: 0.5",
)
SOURCE = "\n" * 13 + "  oppacity: 0.5\n"


def test_the_shape() -> None:
    assert render_human([MISSPELT], {"trip.vedc.yaml": SOURCE}, color=False) == (
        "trip.vedc.yaml:14:3: error[unknown-key]: "
        "'oppacity' is not a key of clip; did you mean 'opacity'?\n"
        "   14 |   oppacity: 0.5\n"
        "      |   ^^^^^^^^\n"
        "  help: write opacity: 0.5\n"
    )
    assert render_human([], {}, color=False) == ""


def test_order_and_what_has_no_place() -> None:
    problems = [
        Problem("c", "last"),
        Problem("b", "second", SourceLocation("x", 2, 1), severity="warning"),
        Problem("a", "first", SourceLocation("x", 1, 5)),
        Problem("a", "first", SourceLocation("x", 1, 5)),
    ]
    assert render_human(problems, {"x": ""}, color=False) == (
        "x:1:5: error[a]: first\nx:2:1: warning[b]: second\nerror[c]: last\n"
    )


def test_colors_only_when_asked_for() -> None:
    plain = render_human([MISSPELT], {"trip.vedc.yaml": SOURCE}, color=False)
    colored = render_human([MISSPELT], {"trip.vedc.yaml": SOURCE}, color=True)
    assert "\x1b" not in plain
    assert "\x1b[1;31merror[unknown-key]\x1b[0m" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain


def excerpt(line: str, column: int, length: int = 1) -> tuple[str, str]:
    """The source line and the caret line as shown, without the gutter."""
    text = render_human([Problem("c", "m", SourceLocation("x", 1, column, length))], {"x": line})
    _, source, carets = text.rstrip("\n").split("\n")
    assert source.startswith("    1 |") and carets.startswith("      |")
    return source[8:], carets[8:]


def test_tabs_and_wide_characters() -> None:
    assert excerpt("\ta: b", 5) == ("    a: b", "       ^")
    assert excerpt("a\tb", 3) == ("a   b", "    ^")
    assert excerpt("日本: xy", 5, 2) == ("日本: xy", "      ^^")
    assert excerpt("日本", 2) == ("日本", "  ^^")
    assert excerpt("e\u0301a", 3) == ("e\u0301a", " ^")
    assert excerpt("👍🏽 x", 4)[1].rstrip("^").isspace()


def test_what_a_terminal_would_obey_is_not_printed() -> None:
    assert excerpt("a\x1b[31m\x07b", 1)[0] == "a\ufffd[31m\ufffdb"
    assert excerpt("a\u202eb", 3) == ("a\ufffdb", "  ^")
    text = render_human([Problem("c", "a\x1b[1mb\nc", None, "x\x07\ny")])
    assert text == "error[c]: a\\x1b[1mb\\nc\n  help: x\\x07\n        y\n"


def test_a_caret_behind_the_end() -> None:
    assert excerpt("a:", 3) == ("a:", "  ^")
    assert excerpt("a: b", 3, 50) == ("a: b", "  ^^")
    assert excerpt("a", 100)[0] == "a"


@given(st.integers(1, 3000), st.integers(1, 200), st.sampled_from("x日\té"))
def test_long_lines_are_windowed_around_the_caret(column: int, length: int, filler: str) -> None:
    line = filler * (column - 1) + "Q" * length + filler * 400
    source, carets = excerpt(line, column, length)
    assert len(source) <= WIDTH
    assert "Q" in source
    assert set(carets.lstrip()) == {"^"}
    # The caret's column in terminal cells is where the first Q is.
    before = source[: source.index("Q")]
    cells = sum(2 if char == "日" else 1 for char in before)
    assert len(carets) - len(carets.lstrip()) == cells


def test_sources_are_read_from_disk(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: \xff2\r\n")
    place = SourceLocation(str(path), 2, 4)
    assert "    2 | b: \ufffd2\n      |    ^\n" in render_human([Problem("c", "m", place)])


def test_what_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    for file in ("<stdin>", str(tmp_path), str(tmp_path / "none"), "/dev/null"):
        text = render_human([Problem("c", "m", SourceLocation(file, 2, 4))])
        assert text == f"{file}:2:4: error[c]: m\n"
    assert "|" not in render_human([Problem("c", "m", SourceLocation("x", 9, 1))], {"x": "a\n"})


def test_json() -> None:
    found = json.loads(render_json([Problem("b", "é", severity="warning"), MISSPELT]))
    assert found == {
        "errors": 1,
        "warnings": 1,
        "problems": [
            {
                "severity": "error", "code": "unknown-key", "message": MISSPELT.message,
                "file": "trip.vedc.yaml", "line": 14, "column": 3, "length": 8,
                "hint": "write opacity: 0.5",
            },
            {
                "severity": "warning", "code": "b", "message": "é",
                "file": None, "line": None, "column": None, "length": None, "hint": None,
            },
        ],
    }  # fmt: skip


def test_github() -> None:
    problems = [
        Problem("a", "100%, x: y\nz", SourceLocation("d:a,b.yaml", 2, 4, 2), "do\r\nthat"),
        Problem("b", "m", severity="warning"),
    ]
    assert render_github(problems) == (
        "::error file=d%3Aa%2Cb.yaml,line=2,col=4,title=a::"
        "100%25, x: y%0Az%0Ahelp: do%0D%0Athat\n"
        "::warning title=b::m\n"
    )


# ---------------------------------------------------------------- did you mean

KEYS = ["opacity", "position", "offset", "rotation", "scale", "in", "out", "fit", "fade_in"]


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("oppacity", "opacity"), ("opactiy", "opacity"), ("Opacity", "opacity"),
        ("opcity", "opacity"),
        ("posiiton", "position"), ("fade-in", "fade_in"), ("fadein", "fade_in"), ("sclae", "scale"),
        ("ofset", "offset"), ("fti", "fit"), ("rot", "rotation"), ("inn", "in"), ("IN", "in"),
        ("transparency", None), ("xyz", None), ("", None), ("zz", None), ("f", None),
        ("o" * 500, None),
    ],
)  # fmt: skip
def test_did_you_mean(word: str, known: str | None) -> None:
    assert did_you_mean(word, KEYS) == known


def test_the_nearest_wins() -> None:
    assert did_you_mean("sizes", ["sites", "size"]) == "sites"
    assert did_you_mean("bize", ["size", "bike"]) == "bike"
    assert suggestion("sclae", KEYS) == "; did you mean 'scale'?"
    assert suggestion("xyz", KEYS) == ""


@given(st.text("abcdef_", min_size=4, max_size=12), st.data())
def test_one_mistake_is_always_found(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word) - 2))
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    for wrong in (swapped, word[:at] + word[at + 1 :], word[:at] + "x" + word[at:]):
        assert did_you_mean(wrong, ["QQQQQQQQQQQQQQQQQQQQ", word]) == word


def test_words_of_a_thousand_letters_are_cut_short() -> None:
    problem = Problem("c", f"there is no file '{'a/' * 3000}x.mp4', and {'word ' * 200}")
    (line,) = render_human([problem]).splitlines()
    assert len(line) < 1300 and "there is no file 'a/a/a/" in line
    assert (
        line.count("...") == 1 and "a/x.mp4', and word word" in line and line.count("word") == 200
    )
    assert len(json.loads(render_json([problem]))["problems"][0]["message"]) > 6000  # all of it
