"""Syntax errors: the place of the mistake, its cause in plain words, its fix."""

from __future__ import annotations

import pytest
import yaml

from vedc.errors import SpecError
from vedc.lang.yaml import composer, syntax_errors
from vedc.lang.yaml.load import load_text

# (text, underlined part, its line, part of the message, part of the hint)
CASES = [
    ("a:\n\tb: 1\n", "\t", 2, "tab", "spaces"),
    ("a:\n  b: 1\n  \tc: 2\n", "\t", 3, "tab", "spaces"),
    ("a: %foo\n", "%foo", 1, "cannot start with '%'", 'quote it: "%foo"'),
    ("a: @foo # c\n", "@foo", 1, "cannot start with '@'", 'quote it: "@foo"'),
    ("a: `b`\n", "`b`", 1, "cannot start with '`'", 'quote it: "`b`"'),
    ("%foo: 1\n", "%foo: 1", 1, "cannot start with '%'", "quote it"),
    ("p:\n  width:1920\n  height: 2\n", "width:", 2, "space is missing", "'width: 1920'"),
    ("p:\n  - clip:a.mp4\n    in: 2s\n", "clip:", 2, "space is missing", "'clip: a.mp4'"),
    ("p:\n  w: 2\n  height:1080\nt: []\n", "height:", 3, "space is missing", "'height: 1080'"),
    ('a: "foo\nb: 1\n', '"foo', 1, "not closed", 'close it with "'),
    ('a: "foo\nb: "bar"\nc: 1\n', '"foo', 1, "not closed", 'close it with "'),
    ("a: 'foo\nb: 'bar'\nc: 1\n", "'foo", 1, "not closed", "close it with '"),
    ("a: 'don't'\nb: 1\n", "t", 1, "ends at the quote '", "write '' for '"),
    ('a: "say "hi" now"\n', "h", 1, 'ends at the quote "', 'write \\" for "'),
    ("{text: ${{ x }}}\n", "${{ x }}", 1, "must be quoted", 'write "${{ x }}"'),
    ("- {text: ${{ x }}, in: 2s}\n", "${{ x }}", 1, "must be quoted", 'write "${{ x }}"'),
    ("a: [${{ x }}, 2]\n", "${{ x }}", 1, "must be quoted", 'write "${{ x }}"'),
    ("a: ${{ 'x: y' }}\n", "${{ 'x: y' }}", 1, "must be quoted", "write \"${{ 'x: y' }}\""),
    ("title: Foo: bar\n", "Foo: bar", 1, "must be quoted", 'write "Foo: bar"'),
    ("a: 1\n  b: 2\n", "b", 2, "deeper than line 1", "align it"),
    ("a:\n    b: 2\n  c: 3\n", "c: 3", 3, "matches no line above", "align it"),
    ("a:\n  - x\n - y\n", "- y", 3, "starts a list item", "align it"),
    ("- b\na: 1\n", "a: 1", 2, "does not start with '-'", "align it"),
    ("a: [1, 2\nb: 3\n", "[", 1, "not closed", "close it with ]"),
    ("a: {b: 1\nc: 3\n", "{", 1, "not closed", "close it with }"),
    ("a: {b: 1", "{", 1, "not closed", "close it with }"),
    ("a: {b: 1}}\n", "}", 1, "closes nothing", "remove it"),
    ("a: {b: 1 c: 2}\n", "c", 1, "comma is missing", "line 1"),
    ('a: ["b" "c"]\n', '"', 1, "comma is missing", "line 1"),
    ("a: {b: x,\n  c: [1]\n  d: 3}\n", "d", 3, "comma is missing", "line 1"),
    ("version: 1\ntimeline\nfoo: 2\n", "timeline", 2, "no ':' after", "'timeline:'"),
    ('a: "C:\\media"\n', "\\m", 1, "means nothing", "\\\\"),
    ('a: "\\xZZ"\n', "\\xZZ", 1, "2 hexadecimal digits", None),
    ("a: *\n", "*", 1, "starts an alias", "quote the text"),
    ("a: & b\n", "&", 1, "starts an anchor", "quote the text"),
    ("a: !x!y z\n", "!", 1, "starts a tag", "quote the text"),
    ("a: | foo\n  bar\n", "f", 1, "cannot follow |", "next line"),
    ("a: - b\n", "-", 1, "cannot start on the line of its key", "[a, b]"),
    (": a\n", ":", 1, "no key before", None),
    ("{a: 1, : b}", ":", 1, "no key before", None),
    ("[1, 2] 3\n", "3", 1, "does not belong", "brackets"),
    ("[", "[", 1, "the file ends", None),
    ("%YAML 2.0\n---\na: 1\n", "%YAML 2.0", 1, "YAML 1.2", "remove"),
]


@pytest.mark.parametrize("loader", [syntax_errors.LOADER, yaml.SafeLoader])
@pytest.mark.parametrize(("text", "underlined", "line", "message", "hint"), CASES)
def test_cause_place_and_fix(
    text: str,
    underlined: str,
    line: int,
    message: str,
    hint: str | None,
    loader: type[yaml.SafeLoader],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(syntax_errors, "LOADER", loader)
    monkeypatch.setattr(composer, "LOADER", loader)
    with pytest.raises(SpecError) as caught:
        load_text(text)
    (problem,) = caught.value.problems
    place = problem.location
    assert place is not None
    start = place.column - 1
    source = text.split("\n")[place.line - 1]
    assert (problem.code, place.line) == ("yaml-syntax", line)
    assert source[start : start + place.length] == underlined
    assert message in problem.message
    assert (hint or "") in (problem.hint or "")


def test_problems_before_a_syntax_error_are_kept() -> None:
    with pytest.raises(SpecError) as caught:
        load_text("a: 1\na: 2\nb: @\n")
    assert [p.code for p in caught.value.problems] == ["duplicate-key", "yaml-syntax"]
