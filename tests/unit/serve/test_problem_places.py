"""Problems beside the items that they concern, while the text has moved on."""

from __future__ import annotations

from vedc.errors import Problem, SourceLocation
from vedc.serve.preview.problems import Places, shown

THEN = "version: 1\ntimeline:\n  - {clip: a}\n  - clip: b\n    volume: 1\n  - {clip: c}\n"
ITEMS = [(name, SourceLocation("f.yaml", line, 5)) for name, line in (("a", 3), ("b", 4), ("c", 6))]


def at(now: str, line: int, file: str = "f.yaml") -> list[str]:
    return Places("f.yaml", THEN, now, ITEMS).at(SourceLocation(file, line))


def test_a_line_belongs_to_the_item_that_begins_last_before_it() -> None:
    assert [at(THEN, line) for line in (2, 3, 4, 5, 6)] == [[], ["a"], ["b"], ["b"], ["c"]]


def test_lines_that_moved_are_followed() -> None:
    now = THEN.replace("timeline:", "# one\n# two\ntimeline:").replace("volume: 1", "volume: x")
    assert [at(now, line) for line in (5, 6, 7, 8)] == [["a"], ["b"], ["b"], ["c"]]


def test_a_new_line_belongs_to_what_is_before_it() -> None:
    now = THEN.replace("    volume: 1\n", "    volume: 1\n    opacity: 9\n    blend: odd\n")
    assert [at(now, line) for line in (6, 7, 8)] == [["b"], ["b"], ["c"]]


def test_other_files_and_places_unknown_concern_no_item() -> None:
    assert at(THEN, 4, "vedc.lock") == []
    assert Places("f.yaml", THEN, THEN, ITEMS).at(None) == []
    assert Places("f.yaml", THEN, THEN, []).at(SourceLocation("f.yaml", 4)) == []


def test_a_problem_is_shown_with_its_line() -> None:
    problem = Problem("bad", "no such clip", SourceLocation("f.yaml", 4, 11, 1), "write a")
    nowhere = Problem("lost", "something else")
    places = Places("f.yaml", THEN, THEN, ITEMS)
    first, second = shown([nowhere, problem], places, {"f.yaml": THEN})
    assert first["items"] == ["b"] and first["hint"] == "write a"
    assert first["text"] == {"before": "  - clip: ", "at": "b", "after": ""}
    assert second["items"] == [] and second["text"] is None


def test_a_long_line_is_cut_around_the_mistake() -> None:
    line = "x: [" + "1, " * 400 + "oops]"
    column = line.index("oops") + 1
    problem = Problem("bad", "no", SourceLocation("g.yaml", 1, column, 4))
    (made,) = shown([problem], None, {"g.yaml": line})
    assert made["text"]["at"] == "oops"
    assert made["text"]["before"].startswith("…") and len(made["text"]["before"]) < 80
    assert made["text"]["after"] == "]"


def test_a_place_beyond_the_text_has_no_line() -> None:
    problem = Problem("bad", "no", SourceLocation("f.yaml", 400))
    assert shown([problem], None, {"f.yaml": THEN})[0]["text"] is None
