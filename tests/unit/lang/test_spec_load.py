"""The loader: YAML 1.2 core scalars, places, keys, anchors, limits, files."""

from __future__ import annotations

import io
import math
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from vedc.errors import MissingError, Problem, SourceLocation, SpecError
from vedc.lang.yaml import composer, load
from vedc.lang.yaml.load import MAX_BYTES, load_text
from vedc.lang.yaml.load import load as load_file
from vedc.lang.yaml.tree import SpecNode

# The table of YAML 1.2.2 section 10.3.2 with its examples (10.8 and 10.9), and what YAML 1.1
# reads differently.
SCALARS = [
    ("null", None), ("Null", None), ("NULL", None), ("~", None), ("", None),
    ("nULL", "nULL"), ("nil", "nil"),
    ("true", True), ("True", True), ("TRUE", True),
    ("false", False), ("False", False), ("FALSE", False),
    ("tRUE", "tRUE"), ("yes", "yes"), ("no", "no"), ("on", "on"), ("off", "off"),
    ("y", "y"), ("N", "N"), ("No", "No"), ("YES", "YES"),
    ("0", 0), ("-0", 0), ("+3", 3), ("-19", -19), ("010", 10), ("-007", -7), ("08", 8),
    ("0o7", 7), ("0o17", 15), ("0o8", "0o8"), ("-0o7", "-0o7"), ("0O7", "0O7"),
    ("0x3A", 58), ("0xff", 255), ("0xG", "0xG"), ("-0x1", "-0x1"), ("0b11", "0b11"),
    ("1_000", "1_000"), ("0x_1", "0x_1"), ("1,000", "1,000"),
    ("18446744073709551615", 2**64 - 1), ("-9223372036854775808", -(2**63)),
    ("0.", 0.0), ("-0.0", -0.0), (".5", 0.5), ("+12e03", 12000.0), ("-2E+05", -200000.0),
    ("1e3", 1000.0), ("1.5e-3", 0.0015), ("1e", "1e"), ("e3", "e3"), (".", "."), ("1.2.3", "1.2.3"),
    (".inf", math.inf), ("-.Inf", -math.inf), ("+.INF", math.inf), (".iNF", ".iNF"),
    ("inf", "inf"), ("nan", "nan"), ("+.nan", "+.nan"),
    ("12:30:45", "12:30:45"), ("1:30", "1:30"),
    ("00:00:03.5", "00:00:03.5"), ("190:20:30", "190:20:30"),
    ("2001-12-14", "2001-12-14"), ("2001-12-14t21:59:43.10-05:00", "2001-12-14t21:59:43.10-05:00"),
    ("30000/1001", "30000/1001"), ("50%", "50%"), ("-14dB", "-14dB"), ("=", "="), ("<<", "<<"),
    ("१२", "१२"), ("١", "١"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), SCALARS)
def test_plain_scalars_are_yaml_1_2_core(text: str, value: object) -> None:
    found = load_text(f"a: {text}\n").data["a"]
    assert (type(found), found) == (type(value), value)
    if isinstance(value, float):
        assert math.copysign(1, found) == math.copysign(1, value)


def test_nan() -> None:
    assert all(math.isnan(x) for x in load_text("[.nan, .NaN, .NAN]").data)


@pytest.mark.parametrize("text", [text for text, _ in SCALARS if text not in ("", "<<")])
def test_quoted_scalars_are_strings(text: str) -> None:
    assert load_text(f"a: \"{text}\"\nb: '{text}'").data == {"a": text, "b": text}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("!!str 12", "12"), ("!!int '12'", 12), ("!!float 1", 1.0), ("! 12", "12"),
        ("!!bool 'true'", True), ("!!null ''", None), ("!!seq [1]", [1]),
        ("!!map {a: 1}", {"a": 1}),
    ],
)  # fmt: skip
def test_core_tags(text: str, value: object) -> None:
    found = load_text(f"x: {text}").data["x"]
    assert (type(found), found) == (type(value), value)


def problems(text: str) -> list[Problem]:
    with pytest.raises(SpecError) as caught:
        load_text(text)
    return list(caught.value.problems)


def the_problem(text: str) -> tuple[str, int, int, str]:
    """Code, line, column and message of the only problem."""
    (problem,) = problems(text)
    assert problem.location is not None
    return problem.code, problem.location.line, problem.location.column, problem.message


# ---------------------------------------------------------------- places


def at(text: str, path: tuple[str | int, ...], *, key: bool = False) -> tuple[int, int, int]:
    node = load_text(text).root
    for step in path:
        node = node.entries[step] if isinstance(step, str) else node.items[step]
    place = node.key_location if key else node.location
    assert place is not None
    return place.line, place.column, place.length


def places(node: SpecNode) -> list[SourceLocation | None]:
    """Every location in a tree, in order."""
    children = node.value if isinstance(node.value, list) else []
    if isinstance(node.value, dict):
        children = list(node.value.values())
    return [node.location, node.key_location, *(p for child in children for p in places(child))]


def test_places_of_values_and_keys() -> None:
    text = "version: 1\n\"a b\": {x: 'it''s', y: [1, two]}\nlist:\n  - é: 𝄞𝄞 # c\n  -\n"
    assert at(text, ()) == (1, 1, 7)
    assert at(text, ("version",)) == (1, 10, 1)
    assert at(text, ("version",), key=True) == (1, 1, 7)
    assert at(text, ("a b",), key=True) == (2, 1, 5)
    assert at(text, ("a b",)) == (2, 8, 25)
    assert at(text, ("a b", "x")) == (2, 12, 7)
    assert at(text, ("a b", "y", 1)) == (2, 28, 3)
    assert at(text, ("list",)) == (4, 3, 1)
    assert at(text, ("list", 0)) == (4, 5, 1)
    assert at(text, ("list", 0, "é")) == (4, 8, 2)
    assert at(text, ("list", 1)) == (5, 4, 1)


def test_places_behind_anchors_and_tags() -> None:
    text = "a: &x !!str   12\nb: &y\n  c: 1\nd: &z {e: 2}\nf: [*x, *z]\n"
    assert at(text, ("a",)) == (1, 15, 2)
    assert at(text, ("b",)) == (3, 3, 1)
    assert at(text, ("d",)) == (4, 7, 6)
    assert at(text, ("f", 0)) == at(text, ("a",))
    assert at(text, ("f", 1, "e")) == at(text, ("d", "e"))
    assert at(text, ("f", 1, "e"), key=True) == (4, 8, 1)


def test_multi_line_scalars_underline_their_first_line() -> None:
    assert at("a: one two\n  three\n", ("a",)) == (1, 4, 7)
    assert at('a: "one  \n  three"\n', ("a",)) == (1, 4, 4)
    assert at("a: |-\n  one\n", ("a",)) == (1, 4, 2)


def test_byte_order_mark_and_line_breaks_do_not_shift_places() -> None:
    text = "\ufeffa: 1\r\nb:\r  c: 2\n"
    assert load_text(text).data == {"a": 1, "b": {"c": 2}}
    assert at(text, ("a",)) == (1, 4, 1)
    assert at(text, ("b", "c")) == (3, 6, 1)


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.text("ab é:#'\"\n{}[]-,0", max_size=12)
)
PLAIN = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text("ab:-1 ", max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(PLAIN, st.sampled_from([None, True, False]))
def test_reads_what_a_yaml_writer_writes(data: object, flow: bool | None) -> None:
    text = yaml.safe_dump(data, default_flow_style=flow, allow_unicode=True, width=30)
    if text.strip() in ("...", "null\n..."):
        return
    document = load_text(text)
    assert document.data == data


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab:-{}[],'\"|>&*!#%@` \n\t\\$0<~?", max_size=40))
def test_no_text_ends_in_anything_but_a_spec_error(text: str) -> None:
    try:
        document = load_text(text)
    except SpecError as error:
        for problem in error.problems:
            assert problem.location is not None
            assert 1 <= problem.location.line <= text.count("\n") + 1
    else:
        assert document.root.location is not None


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab:-{}[],'\"|&*#\n $", max_size=30))
def test_both_parsers_of_pyyaml_agree(text: str) -> None:
    """On what both read: libyaml takes a few texts that the other parser refuses."""
    with pytest.MonkeyPatch.context() as patch:
        try:
            fast = load_text(text)
            patch.setattr(composer, "LOADER", yaml.SafeLoader)
            slow = load_text(text)
        except SpecError:
            return
    assert slow.data == fast.data
    assert places(slow.root) == places(fast.root)


# ---------------------------------------------------------------- keys


def test_every_duplicate_key_is_reported_with_its_first() -> None:
    found = problems("a: 1\nb: {c: 1, c: 2}\na: 2\n'a': 3\n")
    assert [
        (p.code, p.location and p.location.line, p.location and p.location.column) for p in found
    ] == [
        ("duplicate-key", 2, 11),
        ("duplicate-key", 3, 1),
        ("duplicate-key", 4, 1),
    ]
    assert "first on line 1" in found[1].message
    assert "first on line 1" in found[2].message


@pytest.mark.parametrize(
    "text",
    [
        "1: a",
        "1.5: a",
        "true: a",
        "null: a",
        "~: a",
        "{? : a}",
        "[a]: b",
        "{a: b}: c",
        "? [a]\n: b",
    ],
)
def test_keys_are_strings(text: str) -> None:
    assert the_problem(text)[0] == "key-not-string"


@pytest.mark.parametrize("text", ["'1': a", "no: a", "on: a", "12:30: a", "2001-01-01: a"])
def test_what_yaml_1_2_reads_as_text_can_be_a_key(text: str) -> None:
    assert list(load_text(text).data.values()) == ["a"]


@pytest.mark.parametrize("text", ["{width:1920, height: 2}", "- {width:1920}"])
def test_a_missing_space_in_a_flow_mapping_is_not_a_key(text: str) -> None:
    code, _, _, message = the_problem(text)
    assert code == "yaml-syntax"
    assert "space is missing" in message


# ---------------------------------------------------------------- anchors and merges


def test_aliases_are_copies() -> None:
    data = load_text("a: &x {l: [1]}\nb: *x\n").data
    data["a"]["l"].append(2)
    assert data["b"] == {"l": [1]}


def test_merge_keys() -> None:
    text = (
        "base: &b {x: 1, y: 1}\nmore: &m {y: 2, z: 2}\n"
        "one: {<<: *b, x: 0}\ntwo: {z: 0, <<: [*b, *m]}\nthree: {<<: {q: 1}}\n"
        "four: {'<<': 1}\nchain: &c {<<: *m, w: 3}\nfive: {<<: *c}\n"
    )
    data = load_text(text).data
    assert data["one"] == {"x": 0, "y": 1}
    assert data["two"] == {"z": 0, "x": 1, "y": 1}
    assert data["three"] == {"q": 1}
    assert data["four"] == {"<<": 1}
    assert data["five"] == {"w": 3, "y": 2, "z": 2}
    assert at(text, ("one", "y")) == at(text, ("base", "y"))


@pytest.mark.parametrize(
    "text", ["a: {<<: 1}", "a: {<<: [1]}", "a: {<<: null}", "x: &x [1]\na: {<<: *x}"]
)
def test_merging_anything_but_mappings(text: str) -> None:
    assert the_problem(text)[0] == "yaml-merge"


def test_aliases_of_nothing() -> None:
    code, line, column, message = the_problem("a: &base 1\nb: *bsae\n")
    assert (code, line, column) == ("yaml-alias", 2, 4)
    assert "did you mean 'base'?" in message


@pytest.mark.parametrize(
    "text", ["a: &x [1, *x]", "&x {b: *x}", "a: &x {<<: *x}", "&x [[[{k: *x}]]]"]
)
def test_an_alias_cannot_contain_itself(text: str) -> None:
    code, _, _, message = the_problem(text)
    assert code == "yaml-alias"
    assert "contain itself" in message


def test_a_later_anchor_of_the_same_name_counts() -> None:
    assert load_text("[&x 1, *x, &x 2, *x]").data == [1, 1, 2, 2]


@pytest.mark.parametrize(
    "tag", ["!foo", "!!python/object:os.system", "!!binary", "!!timestamp", "!<x>"]
)
def test_other_tags(tag: str) -> None:
    assert the_problem(f"a: &q {tag} b")[:3] == ("yaml-tag", 1, 7)
    assert the_problem(f"a: {tag} [b]")[:3] == ("yaml-tag", 1, 4)


def test_a_tag_that_does_not_fit() -> None:
    assert the_problem("a: !!int x")[0] == "yaml-tag"


# ---------------------------------------------------------------- limits


def test_depth() -> None:
    assert load_text("[" * 63 + "1" + "]" * 63)
    for deep in ("[" * 65 + "]" * 65, "[" * 50_000, "{a: " * 50_000, "- " * 5_000 + "a"):
        assert problems(deep)[0].code == "spec-too-deep"


def test_depth_behind_aliases() -> None:
    lines = ["a0: &a0 [1]"] + [f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, 70)]
    assert the_problem("\n".join(lines))[0] == "spec-too-deep"


@pytest.mark.slow
def test_a_billion_laughs() -> None:
    lines = ["a0: &a0 [lol, lol, lol]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    assert the_problem("\n".join(lines))[0] == "spec-too-many-nodes"
    merges = ["a0: &a0 {k0: 1}"]
    merges += [f"a{i}: &a{i} {{<<: [*a{i - 1}, *a{i - 1}], k{i}: 1}}" for i in range(1, 700)]
    assert the_problem("\n".join(merges))[0] == "spec-too-many-nodes"


@pytest.mark.slow
def test_too_many_values() -> None:
    assert the_problem("[" + "1," * 200_001 + "]")[0] == "spec-too-many-nodes"


def test_size() -> None:
    assert the_problem("a: " + "x" * MAX_BYTES)[0] == "spec-too-large"


@pytest.mark.parametrize(
    "text", ["1e999", "-1e999", "9" * 5000, "18446744073709551616", "0x" + "f" * 17]
)
def test_numbers_beyond_64_bits(text: str) -> None:
    assert the_problem(f"a: {text}")[:3] == ("number-too-large", 1, 4)


# ---------------------------------------------------------------- documents and files


@pytest.mark.parametrize(
    "text", ["", "\n\n", "# only a comment\n", "---\n", "---\n...\n", "\ufeff"]
)
def test_empty(text: str) -> None:
    assert the_problem(text)[0] == "spec-empty"


def test_several_documents() -> None:
    assert the_problem("a: 1\n---\nb: 2\n")[:3] == ("yaml-documents", 2, 1)
    assert load_text("%YAML 1.2\n---\na: 1\n...\n").data == {"a": 1}


def test_an_older_yaml_version() -> None:
    assert the_problem("%YAML 1.1\n---\na: no\n")[0] == "yaml-version"


@pytest.mark.parametrize("char", ["\0", "\x07", "\x85", "\u2028", "\ufeff", "\uffff"])
def test_forbidden_characters(char: str) -> None:
    assert the_problem(f"a: 1\nbc: x{char}y\n")[:3] == ("yaml-character", 2, 6)


def test_a_binary_file_is_not_reported_byte_by_byte() -> None:
    assert len(problems("\0" * 5000)) == 10


def test_bad_encoding(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    for raw, line, column in ((b"a: 1\r\nb: \xe9\xff", 2, 4), (b"\xff\xfea\0", 1, 1)):
        path.write_bytes(raw)
        with pytest.raises(SpecError) as caught:
            load_file(path)
        (problem,) = caught.value.problems
        assert problem.code == "yaml-encoding"
        assert problem.location == SourceLocation(load.display_name(path), line, column)


def test_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "trip.vedc.yaml"
    path.write_text("a: 1\n", encoding="utf-8")
    document = load_file(Path("trip.vedc.yaml"))
    assert (document.file, document.path, document.data) == ("trip.vedc.yaml", path, {"a": 1})
    assert load_file(path).file == "trip.vedc.yaml"


def test_missing_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trip.vedc.yaml").write_text("a: 1\n", encoding="utf-8")
    for name, hint in (
        ("tirp.vedc.yaml", "did you mean 'trip.vedc.yaml'?"),
        (".", "name a file in it, such as 'trip.vedc.yaml'"),
        ("no/such/thing.yaml", f"looked for {tmp_path}/no/such/thing.yaml"),
    ):
        with pytest.raises(MissingError) as caught:
            load_file(Path(name))
        (problem,) = caught.value.problems
        assert (problem.code, problem.hint) == ("spec-missing", hint)
    with pytest.raises(MissingError) as caught:
        load_file(Path("trip.vedc.yaml/x"))
    assert caught.value.problems[0].code == "spec-unreadable"


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a: 1\n")))
    document = load_file("-")
    assert (document.file, document.path, document.data) == ("<stdin>", None, {"a": 1})
