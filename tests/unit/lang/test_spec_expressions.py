"""``${{ }}``: values, types, strictness, limits, and the place of every mistake."""

from __future__ import annotations

import math
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from vedc.errors import Problem, SpecError
from vedc.lang.docs.reference import reference
from vedc.lang.expr.functions import FUNCTIONS, MAX_TEXT
from vedc.lang.expr.interpolate import interpolate
from vedc.lang.expr.variables import Variables
from vedc.lang.yaml.lines import Lines
from vedc.lang.yaml.load import load_text
from vedc.lang.yaml.scalar_source import ScalarSource
from vedc.lang.yaml.tree import Problems

VALUES: dict[str, Any] = {
    "n": 3,
    "f": 2.5,
    "name": "Ann",
    "empty": "",
    "on": True,
    "off": False,
    "nothing": None,
    "items": ["a", "b", "c"],
    "size": {"w": 1920, "h": 1080, "a b": 1},
    "long": "x" * 60_000,
}


def value(expression: str) -> Any:
    quoted = "${{ " + expression + " }}"
    return made(f"a: |-\n  {quoted}\n")["a"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1", 1), ("1.5", 1.5), (".5", 0.5), ("1e3", 1000.0), ("010", 10), ("-n", -3), ("+f", 2.5),
        ("'a'", "a"), ('"a\'b"', "a'b"), (r"'it\'s \\ \n\t\"'", "it's \\ \n\t\""), ("''", ""),
        ("'}}'", "}}"), ("true", True), ("false", False), ("null", None),
        ("1 + 2 * 3", 7), ("(1 + 2) * 3", 9), ("2 - 3 - 4", -5), ("24 / 4 / 2", 3),
        ("7 / 2", 3.5), ("6 / 2", 3), ("6.0 / 2", 3.0),
        ("7 // 2", 3), ("-7 // 2", -4), ("7.5 // 2", 3),
        ("7 % 3", 1), ("-7 % 3", 2), ("7.5 % 2", 1.5), ("2 ** 10", 1024), ("2 ** -1", 0.5),
        ("2 ** 3 ** 2", 512), ("-2 ** 2", -4), ("(-2) ** 3", -8), ("2 ** 0.5", math.sqrt(2)),
        ("2 * -3", -6), ("- - 3", 3), ("0 ** 0", 1), ("1 ** 9000000", 1), ("(-1) ** 9000001", -1),
        ("'a' + 'b' + name", "abAnn"),
        ("1 == 1.0", True), ("1 == true", False), ("'1' == 1", False), ("null == nothing", True),
        ("'a' != 'b'", True), ("items == ['a', 'b', 'c']", True), ("'a' < 'b'", True),
        ("1 < 2", True), ("2 <= 2.0", True), ("3 > 4", False), ("3 >= 4", False),
        ("not on", False), ("not 1 == 2", True), ("on and off", False), ("off or on", True),
        ("on or off and off", True), ("not off and on", True),
        ("off and 1 / 0 == 1", False), ("on or 1 / 0 == 1", True),
        ("1 if on else 1 / 0", 1), ("1 / 0 if off else 2", 2),
        ("1 if off else 2 if off else 3", 3), ("1 if n > 2 and on else 2", 1),
        ("[1, 'a', [n]]", [1, "a", [3]]), ("[]", []), ("[1, 2][1]", 2),
        ("size.w / size['h']", 1920 / 1080), ("size['a b']", 1), ("items[0] + items[-1]", "ac"),
        ("name[1]", "n"), ("items[n - 1]", "c"),
        ("min(3, 1, 2)", 1), ("min(4)", 4), ("max(n)", 3), ("max(n, f)", 3), ("abs(-2.5)", 2.5),
        ("floor(-2.5)", -3), ("ceil(2.1)", 3),
        ("round(2.5)", 3), ("round(-2.5)", -2), ("round(2.675, 2)", 2.68), ("round(7)", 7),
        ("sqrt(16)", 4.0), ("clamp(9, 0, 5)", 5), ("clamp(-1, 0, 5)", 0),
        ("lerp(10, 20, 0.25)", 12.5),
        ("len(name)", 3), ("len(items)", 3), ("upper(name)", "ANN"), ("lower('ÄB')", "äb"),
        ("title(\"don't stop now\")", "Don't Stop Now"), ("trim('  a ')", "a"),
        ("slug(' Zoë & Söhne_2 ')", "zoe-sohne-2"), ("slug('Ærø/Straße 5')", "ærø-strasse-5"),
        ("slug('東京 ガ')", "東京-ガ"), ("slug('हिन्दी')", "हिन्दी"),
        ("replace('a-b-c', '-', '+')", "a+b+c"), ("split('a,b', ',')", ["a", "b"]),
        ("join(items, ', ')", "a, b, c"), ("join([1, 2.0, true])", "12true"),
        ("contains(name, 'nn')", True), ("contains(items, 'z')", False),
        ("contains([1], true)", False),
        ("starts_with(name, 'A')", True), ("ends_with(name, 'A')", False),
        ("str(2.0)", "2"), ("str(0.1)", "0.1"), ("str(on)", "true"), ("str(null)", "null"),
        ("num('2.5')", 2.5), ("num('0x10')", 16), ("int('7')", 7), ("int(-2.7)", -2),
        ("default(nothing, 'x')", "x"), ("default(empty, 'x')", "x"), ("default(0, 5)", 0),
        ("format('{:.2f} {:>4}|{:<4}|{}', f, n, name, on)", "2.50    3|Ann |true"),
        ("format('{1}{0} {{}}', 'a', 'b')", "ba {}"), ("format('{:03d}', 7.0)", "007"),
        ("format('{:,}', 1234567)", "1,234,567"), ("format('{:.1%}', 0.125)", "12.5%"),
    ],
)  # fmt: skip
def test_values(expression: str, expected: object) -> None:
    found = value(expression)
    assert (type(found), found) == (type(expected), expected)


def test_every_function_is_tried_above() -> None:
    tried = [mark.args[1] for mark in test_values.pytestmark]  # type: ignore[attr-defined]  # set by pytest
    text = " ".join(case[0] for case in tried[0])
    assert [name for name in FUNCTIONS if f"{name}(" not in text] == []


def made(text: str) -> Any:
    problems = Problems()
    root = interpolate(load_text(text), Variables(VALUES), problems)
    if problems:
        raise SpecError(tuple(problems))
    return root.plain()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_example_of_a_function_is_true(name: str) -> None:
    call, arrow, result = FUNCTIONS[name].example.partition(" -> ")
    assert arrow and call.startswith(f"{name}(")
    found, expected = value(call), value(result)
    assert found == expected and isinstance(found, bool) == isinstance(expected, bool)
    assert f"`{call}` is `{result}`" in reference()


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("'a' if 1 < 2 else 'b'", "a"), ("true and not false", True), ("7 // 2 + 7 % 2", 4),
        ("'a' + 'b'", "ab"), ("-2 ** 2", -4), ("['a', 'b'][0]", "a"), ("size.w", 1920),
    ],
)  # fmt: skip
def test_the_operators_of_the_reference(expression: str, expected: Any) -> None:
    assert value(expression) == expected


def test_one_expression_keeps_its_type_and_several_make_text() -> None:
    assert made("a: ${{ n }}") == {"a": 3}
    assert made("a: '${{ n }} '") == {"a": "3 "}
    assert made("a: ${{ n }}${{ f }}") == {"a": "32.5"}
    assert made("a: ${{ 6.0 }} ${{ on }} ${{ 1e20 }} ${{ 0.1 + 0.2 }}px") == {
        "a": "6 true 1e+20 0.30000000000000004px"
    }
    assert made("[\"${{ n }}\", {b: '${{ items }}'}]") == [3, {"b": ["a", "b", "c"]}]


def test_dollar_escapes() -> None:
    assert made("a: $${{ n }}") == {"a": "${{ n }}"}
    assert made("a: $${{ n }} ${{ n }} $$${{ n }}") == {"a": "${{ n }} 3 $${{ n }}"}
    assert made("a: $x ${ n } {{ n }} }} $") == {"a": "$x ${ n } {{ n }} }} $"}


def test_declarations_and_the_original_stay() -> None:
    document = load_text("variables:\n  n: {default: '${{ x }}'}\na: {variables: '${{ n }}'}\n")
    found = interpolate(document, Variables(VALUES), Problems())
    assert found.plain() == {"variables": {"n": {"default": "${{ x }}"}}, "a": {"variables": 3}}
    assert document.data["a"] == {"variables": "${{ n }}"}
    assert found["a"]["variables"].location == document.root["a"]["variables"].location


# ---------------------------------------------------------------- mistakes


def problems(text: str) -> list[Problem]:
    with pytest.raises(SpecError) as caught:
        made(text)
    return list(caught.value.problems)


def shown(text: str, problem: Problem) -> tuple[int, str]:
    """The line of a problem and its underlined part."""
    assert problem.location is not None
    start = problem.location.column - 1
    line = text.split("\n")[problem.location.line - 1]
    return problem.location.line, line[start : start + problem.location.length]


@pytest.mark.parametrize(
    ("expression", "code", "underlined", "message"),
    [
        ("nmae", "expression-name", "nmae", "did you mean 'name'"),
        ("uper(name)", "expression-function", "uper", "did you mean 'upper'"),
        ("upper", "expression-name", "upper", "call it"),
        ("upper()", "expression-function", "upper", "takes 1 argument, not 0"),
        ("round(1, 2, 3)", "expression-function", "round", "takes 1 or 2 arguments"),
        ("min()", "expression-function", "min", "1 or more"),
        ("1 +", "expression-syntax", "}}", "ends where a value"),
        ("1 2", "expression-syntax", "2", "an operator"),
        ("(1", "expression-syntax", "}}", "')'"),
        ("[1 2]", "expression-syntax", "2", "','"),
        ("a ? b : c", "expression-syntax", "?", "operator"),
        ("n && n", "expression-syntax", "&&", "operator"),
        ("n = 1", "expression-syntax", "=", "operator"),
        ("!on", "expression-syntax", "!", "a value"),
        ("1 if on", "expression-syntax", "}}", "'else'"),
        ("1 < 2 < 3", "expression-syntax", "<", "chained"),
        ("name.upper()", "expression-syntax", "(", "only functions"),
        ("3s", "expression-syntax", "3s", "not a number"),
        ("n # 2", "expression-syntax", "#", "no meaning"),
        ("'abc", "expression-syntax", "'", "not closed"),
        (r"'a\q'", "expression-syntax", r"\q", "not an escape"),
        ("size.", "expression-syntax", "}}", "a name"),
        ("if", "expression-syntax", "if", "a value"),
        ("name + n", "expression-type", "n", "a text is joined"),
        ("1 + name", "expression-type", "1", "a text is joined"),
        ("name * 2", "expression-type", "name", "takes numbers"),
        ("on + 1", "expression-type", "on", "two numbers or two texts"),
        ("name < 1", "expression-type", "name", "two numbers or two texts"),
        ("-name", "expression-type", "name", "takes a number"),
        ("1 if n else 2", "expression-type", "n", "a condition is true or false"),
        ("not name", "expression-type", "name", "a condition"),
        ("on and 1", "expression-type", "1", "a condition"),
        ("upper(1 + 2)", "expression-type", "1 + 2", "takes a text here"),
        ("round(1, 2.5)", "expression-type", "2.5", "an integer here"),
        ("len(n)", "expression-type", "n", "a text or a list"),
        ("join(name)", "expression-type", "name", "a list"),
        ("size[0]", "expression-type", "0", "indexed by a text"),
        ("items['a']", "expression-type", "'a'", "indexed by an integer"),
        ("items.a", "expression-type", "a", "indexed by an integer"),
        ("n.a", "expression-type", "a", "has no parts"),
        ("items[3]", "expression-value", "[3]", "there are 3"),
        ("size.x", "expression-name", "x", "no 'x'"),
        ("1 / 0", "expression-value", "/", "division by zero"),
        ("1 % 0.0", "expression-value", "%", "division by zero"),
        ("0 ** -1", "expression-value", "**", "division by zero"),
        ("(-8) ** 0.5", "expression-value", "**", "no such power"),
        ("10 ** 10 ** 10", "expression-value", "**", "too large"),
        ("2 ** 64", "expression-value", "**", "too large"),
        ("2.0 ** 5000", "expression-value", "**", "too large"),
        ("1e308 * 10", "expression-value", "*", "too large"),
        ("1e999", "expression-value", "1e999", "too large"),
        ("9" * 30, "expression-value", "9" * 30, "too large"),
        ("sqrt(0 - 1)", "expression-value", "0 - 1", "no square root"),
        ("clamp(1, 3, 2)", "expression-value", "3", "above the high bound"),
        ("num('x1')", "expression-value", "'x1'", "not a number"),
        ("int('1e999')", "expression-value", "'1e999'", "too large"),
        ("round(1, 99)", "expression-value", "99", "0 to 15"),
        ("split('a', '')", "expression-value", "''", "empty"),
        ("format('{} {}', 1)", "expression-value", "'{} {}'", "has no value"),
        ("format('{0.__class__}', n)", "expression-value", "'{0.__class__}'", "is not a field"),
        ("format('{0[0]}', items)", "expression-value", "'{0[0]}'", "is not a field"),
        ("format('{:9999999}', n)", "expression-value", "'{:9999999}'", "not a format"),
        ("format('{:{}}', n, 3)", "expression-value", "'{:{}}'", "is unmatched"),
        ("format('{:d}', f)", "expression-value", "f", "cannot be shown"),
        ("long + long", "expression-value", "+", f"longer than {MAX_TEXT}"),
        ("replace(long, 'x', long)", "expression-value", "long", "longer than"),
        ("join([long, long])", "expression-value", "[long, long]", "longer than"),
        ("(" * 80 + "1" + ")" * 80, "expression-limit", "(", "nested"),
        ("1" + "+1" * 80, "expression-limit", "+", "nested"),
        ("-" * 100 + "1", "expression-limit", "-", "nested"),
        ("'" + "x" * 2100 + "'", "expression-limit", "${{", "longer than 2000"),
    ],
)  # fmt: skip
def test_mistakes(expression: str, code: str, underlined: str, message: str) -> None:
    text = "k: {a: 1}\nb:\n- |\n  x ${{ n }} ${{ " + expression + " }} y\n"
    found = problems(text)[0]
    assert (found.code, shown(text, found)) == (code, (4, underlined))
    assert message in found.message


def test_what_is_not_closed() -> None:
    text = "a: b ${{ n } x\n"
    (found,) = problems(text)
    assert found.code == "expression-syntax"
    (found,) = problems("a: b ${{ n\n")
    assert shown("a: b ${{ n\n", found) == (1, "${{")
    (found,) = problems("a: ${{ }}\n")
    assert shown("a: ${{ }}\n", found) == (1, "${{ }}")


def test_what_yaml_takes_out_of_an_expression() -> None:
    (found,) = problems("a: ${{ n # 2 }}\n")
    assert "comment in YAML" in (found.hint or "")
    (found,) = problems("- ${{ a ? b : c }}\n")
    assert (found.code, found.hint) == (
        "expression-in-key",
        "quote the whole text: it has a ': ' in it",
    )


def test_null_and_lists_are_no_text() -> None:
    text = "a: x ${{ nothing }} ${{ items }}"
    assert [shown(text, p)[1] for p in problems(text)] == ["${{ nothing }}", "${{ items }}"]


def test_all_mistakes_at_once_in_order() -> None:
    text = "b: ${{ x }} ${{ y + z }}\na:\n  - ${{ 1 / 0 }}\n  - ${{ ( }}\nk${{n}}: 1\n"
    assert [shown(text, p) for p in problems(text)] == [
        (1, "x"), (1, "y"), (1, "z"), (3, "/"), (4, "}}"), (5, "k${{n}}"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "a: b ${{ oops }}",
        "a: &x ${{ oops }}\nb: *x",
        "a: 'it''s ''${{ oops }}'",
        'a: "\\t\\x41\\u00e9\\U0001F600 \\"${{ oops }}\\""',
        'a: "日本 𝄞 ${{ oops }}"',
        "a: ${{ 1 +\n   2 +\n\n   oops }}",
        "a: 'one\n\n\n  two ${{ oops }}'",
        'a: "one \\\n    two ${{ oops }}"',
        "a: |\n  one\n\n    two ${{ oops }}\n",
        "a: |2-\n    one ${{ oops }}\n",
        "- k:\n  - |+\n    one\n    ${{ oops }}\n\n",
        "a: !!str ${{ oops }}",
        "{a: [\"${{ oops }}\"]}",
        "? '${{ 1 }}'\n: ${{ oops }}",
    ],
)  # fmt: skip
def test_places_in_every_style(text: str) -> None:
    found = [p for p in problems(text) if p.code == "expression-name"]
    assert [shown(text, p)[1] for p in found] == ["oops"]


def test_of_a_folded_block_the_start_is_known() -> None:
    text = "a: >-\n  one\n  ${{ oops }}\n"
    (found,) = problems(text)
    assert shown(text, found) == (1, ">-")


@settings(max_examples=200, deadline=None)
@given(st.text("ab c\n\t'\"\\é#:", max_size=20), st.sampled_from(["'", '"', "|"]))
def test_characters_are_found_where_they_are(before: str, style: str) -> None:
    """Write a text in each style by PyYAML, and find the letter Q in it."""
    value = before + "Q"
    text = yaml.dump({"k": value}, default_style=style, allow_unicode=True, width=12)
    document = load_text(text)
    place = document.root["k"].location
    assert place is not None
    found = ScalarSource(Lines(document.text, "<text>"), place, value).location(
        len(before), len(value)
    )
    assert text.split("\n")[found.line - 1][found.column - 1] == "Q"


WORDS = [
    "1", "2.5", "0", "'a'", '"b"', "n", "f", "name", "on", "nothing", "items", "size", "long",
    "(", ")", "[", "]", ",", ".", "+", "-", "*", "/", "//", "%", "**", "==", "<", "and", "or",
    "not", "if", "else", "min(", "len(", "format(", "str(", "replace(", "}}", "${{", "$${{",
    "true", "null", "9e307", "'x",
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(
    st.lists(
        st.sampled_from(WORDS),
        max_size=14,
    )
)
def test_nothing_but_spec_errors_comes_out(words: list[str]) -> None:
    try:
        made("a: |\n  ${{ " + " ".join(words) + " }}")
    except SpecError as error:
        for problem in error.problems:
            assert problem.location is not None


@given(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6), st.integers(1, 1000))
def test_arithmetic_is_pythons(a: int, b: int, c: int) -> None:
    assert value(f"({a} + {b}) * {c} - {a} // {c} + {b} % {c}") == (a + b) * c - a // c + b % c
    assert value(f"{a} / {c}") == a / c


def test_the_total_is_limited() -> None:
    text = "\n".join(f"k{i}: a${{{{ long }}}}" for i in range(300))
    assert {p.code for p in problems(text)} == {"expression-limit"}
