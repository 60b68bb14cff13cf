"""Tables of rows: the readers' results, and the places of mistakes."""

from __future__ import annotations

import csv
import json
import re
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from vedc.errors import MissingError, SpecError, UsageError, UserError
from vedc.lang.expr.declarations import Declarations
from vedc.lang.rows.table import Table, read_table
from vedc.lang.rows.values import check_columns, row_values
from vedc.lang.yaml.load import load_text
from vedc.lang.yaml.tree import Problems

VARIABLES = """\
variables:
  name: {type: string}
  age: {type: integer, default: 1}
  vip: {type: boolean, default: false}
  items: {type: array, default: []}
"""


def values(table: Table, spec: str = VARIABLES) -> list[dict[str, Any]]:
    variables = Declarations(load_text(spec).root, Problems()).read()
    return [row_values(table, row, variables, lambda name: False).plain() for row in table.rows]


def written(folder: Path, name: str, data: str | bytes) -> Table:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_table(path)


def refused(folder: Path, name: str, data: str | bytes) -> str:
    with pytest.raises(UserError) as caught:
        written(folder, name, data)
    problem = caught.value.problems[0]
    place = str(problem.location).removeprefix(str(folder) + "/")
    return f"{place} {problem.code}: {problem.message}"


def of_rows(table: Table) -> list[str]:
    """The problems of rows, in short."""
    found = [problem for row in table.rows for problem in row.problems]
    return [
        f"{p.location and p.location.line}:{p.location and p.location.column} {p.message}"
        for p in found
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_cells_are_what_their_variables_are(tmp_path: Path, separator: str) -> None:
    lines = [["name", "age", "vip", "items"], ["Ada", " 36", "TRUE", ""], ["", "", "", "[1, 2]"]]
    lines.append(["Zoë", "x", "yes", "[1"])
    text = "\n".join(
        separator.join(f'"{c}"' if separator in c else c for c in line) for line in lines
    )
    table = written(tmp_path, "people.csv", "\ufeff" + text)
    assert values(table) == [
        {"name": "Ada", "age": 36, "vip": True},
        {"items": [1, 2]},
        {"name": "Zoë", "age": "x", "vip": "yes", "items": "[1"},
    ]


def test_csv_cells_know_their_row_and_column(tmp_path: Path) -> None:
    text = 'name,age\r\n\r\n"Ada\r\nLovelace",36\r\n"a ""b"", c",7\r\n'
    table = written(tmp_path, "people.csv", text)
    assert [row.number for row in table.rows] == [3, 5]
    found = []
    for row in table.rows:
        for node in row.cells.values():
            at = node.location
            assert at is not None
            found.append((at.line, at.column, at.at, at.length))
    assert found == [(3, 1, 1, 4), (4, 2, 11, 2), (5, 1, 1, 12), (5, 2, 14, 1)]


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(
        st.lists(st.text("aé \"',;\n\r\t", max_size=6), min_size=2, max_size=2), max_size=5
    )
)
def test_csv_as_the_standard_writer_writes_it(
    rows: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Every cell comes back, and begins where its place says."""
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerows([["a", "b"], *rows])
    full = [row for row in rows if any(cell.strip() for cell in row)]
    if not full:
        with pytest.raises(SpecError, match="no rows"):
            read_table(path)
        return
    table = read_table(path)
    assert [[n.value for n in row.cells.values()] for row in table.rows] == [
        [cell or None for cell in row] for row in full
    ]
    source = path.read_bytes().decode()
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for row, cells in zip(table.rows, full, strict=True):
        for node, cell in zip(row.cells.values(), cells, strict=True):
            at = node.location
            assert at is not None
            text = lines[at.line - 1][at.at - 1 :]
            assert text.startswith(('"', cell))


@pytest.mark.parametrize(
    ("name", "data", "reported"),
    [
        ("t.csv", "a,a\n1,2\n", "t.csv:1:2 data-header: two columns are called 'a'"),
        ("t.csv", "a,,b\n1,2,3\n", "t.csv:1:2 data-header: the column has no name"),
        ("t.csv", "a,b\n", "t.csv:1:1 data-empty: the table has no rows"),
        ("t.csv", "", "t.csv:1:1 data-empty: the table has no rows"),
        ("t.csv", b"a,b\nx,M\xfcller\n", "t.csv:2:4 data-encoding: byte 0xfc is not UTF-8"),
        ("t.csv", 'a,b\n"x,1\n', "t.csv:2:1 data-row: this is not CSV: unexpected end of data"),
        ("t.xlsx", "a,b\n1,2\n", "t.xlsx:1:1 data-encoding: the file is not an Excel workbook"),
        ("t.json", "[]", "None data-kind: "),
    ],
)
def test_invalid_tables(tmp_path: Path, name: str, data: str | bytes, reported: str) -> None:
    assert refused(tmp_path, name, data).startswith(reported)


def test_rows_of_another_length_are_wrong_alone(tmp_path: Path) -> None:
    table = written(tmp_path, "t.csv", "a,b\n1\n1,2\n1,2,3\n1,2,\n")
    assert of_rows(table) == [
        "2:1 the row has 1 cell, and there are 2 columns",
        "4:3 the row has more cells than there are columns (2)",
    ]


def test_json_lines_know_every_value(tmp_path: Path) -> None:
    rows = [{"name": "A\U0001f600\\", "items": [1, {"price": 2.5}]}, {"name": "", "vip": None}]
    text = "\n\n".join(json.dumps(row) for row in rows)
    table = written(tmp_path, "t.jsonl", text)
    assert values(table) == rows
    price = table.rows[0].cells["items"].items[1]["price"]
    at = price.location
    assert at is not None
    assert at.line == 1 and text.split("\n")[0][at.column - 1 :].startswith("2.5")
    assert [row.number for row in table.rows] == [1, 3]


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.text(max_size=5)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=40, deadline=None)
@given(row=st.dictionaries(st.text(max_size=3), json_values, max_size=3), gap=st.booleans())
def test_json_is_read_as_the_standard_library_reads_it(
    row: dict[str, Any], gap: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = json.dumps(row, separators=(" , ", " : ") if gap else (",", ":"), ensure_ascii=gap)
    table = written(tmp_path_factory.mktemp("json"), "t.jsonl", text)
    assert not table.rows[0].problems
    assert {k: n.plain() for k, n in table.rows[0].cells.items()} == json.loads(text)


@pytest.mark.parametrize(
    ("line", "reported"),
    [
        ('{"a": 1,}', "1:9 the line is not JSON: a name in double quotes is missing"),
        ('{"a": 1 "b": 2}', "1:9 the line is not JSON: a ',' or '}' is missing"),
        ('{"a" 1}', "1:6 the line is not JSON: a ':' is missing"),
        ('{"a": NaN}', "1:7 the line is not JSON: a number cannot be NaN"),
        ('{"a": ' + "1" * 5000 + "}", "1:7 the line is not JSON: the number has too many digits"),
        (r'{"a": "\ud800"}', "1:7 the line is not JSON: the text holds half of a surrogate pair"),
        ('{"a": 1, "a": 2}', "1:10 the line is not JSON: the name 'a' appears twice"),
        ('{"a": ', "1:7 the line is not JSON: a value is missing"),
        ("  [1]", "1:3 the line is not an object of names and values"),
        ('{"a": 1} x', "1:10 the line is not JSON: there is text after the object"),
        ('{"a": "x}', "1:7 the line is not JSON: unterminated string starting at"),
        ('{"a": ' + "[" * 200, "1:71 the line is not JSON: it is nested too deeply"),
    ],
)
def test_a_line_that_is_no_object_is_wrong_alone(tmp_path: Path, line: str, reported: str) -> None:
    table = written(tmp_path, "t.jsonl", line + '\n{"a": 1}\n')
    assert of_rows(table) == [reported]
    assert len(table.rows) == 2


def test_workbooks(tmp_path: Path) -> None:
    import datetime

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["name", "age", "vip", "items", None])
    sheet.append(["Ada", 36.0, True, "[1]"])
    sheet.append([])
    sheet.append([datetime.date(2026, 3, 21), "7", "false", None, "stray"])
    sheet.append([8041, None, None, None])
    sheet["A5"].number_format = "00000"
    sheet.append(["=1+1", 2])
    other = book.create_sheet("Other")
    other.append(["name"])
    other.append([2.5])
    book.save(tmp_path / "t.xlsx")
    table = read_table(tmp_path / "t.xlsx")
    assert values(table) == [
        {"name": "Ada", "age": 36, "vip": True, "items": [1]},
        {"name": "2026-03-21", "age": 7, "vip": False},
        {"name": "08041"},
        {"age": 2},
    ]
    assert [row.number for row in table.rows] == [2, 4, 5, 6]
    assert of_rows(table) == [
        "4:5 the cell is in a column without a name",
        "6:1 the formula in this cell has no stored value",
    ]
    assert values(read_table(tmp_path / "t.xlsx", "Other")) == [{"name": "2.5"}]
    with pytest.raises(SpecError, match=r"no worksheet 'Othre'; did you mean 'Other'"):
        read_table(tmp_path / "t.xlsx", "Othre")
    with pytest.raises(UsageError, match="has no worksheets"):
        read_table(tmp_path / "t.csv", "Other")


def repacked(path: Path, change: Callable[[bytes], bytes]) -> None:
    """A workbook with another text of its first sheet."""
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = change(parts[sheet])
    with zipfile.ZipFile(path, "w") as book:
        for name, data in parts.items():
            book.writestr(name, data)


def test_workbooks_that_other_programs_write(tmp_path: Path) -> None:
    """A wrong dimension, a formula that gives an empty text, and a sheet that is damaged."""
    book, path = Workbook(), tmp_path / "t.xlsx"
    sheet = book.active
    assert sheet is not None
    for row in (["name", "age"], ["Ada", 1], ["Alan", 2], ["Eve", 3]):
        sheet.append(row)
    book.save(path)
    repacked(path, lambda xml: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:B2"', xml))
    assert len(read_table(path).rows) == 3
    formula = b'<c r="B2" t="str"><f>IF(1,"",2)</f><v></v></c>'
    repacked(path, lambda xml: re.sub(rb'<c r="B2".*?</c>', formula, xml))
    table = read_table(path)
    assert of_rows(table) == [] and values(table)[0] == {"name": "Ada"}
    repacked(path, lambda xml: xml[: len(xml) // 2])
    with pytest.raises(SpecError, match="or it is damaged"):
        read_table(path)


def test_workbooks_need_a_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "t.xlsx").write_bytes(b"x")
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingError) as caught:
        read_table(tmp_path / "t.xlsx")
    (problem,) = caught.value.problems
    assert problem.code == "missing-extra" and "pip install 'vedc[xlsx]'" in (problem.hint or "")


def test_columns_are_variables(tmp_path: Path) -> None:
    table = written(tmp_path, "t.csv", "nmae,age,crm_id\nAda,3,x\n")
    variables = Declarations(load_text(VARIABLES).root, Problems()).read()
    with pytest.raises(SpecError) as caught:
        check_columns(table, variables, (), lambda name: False)
    reported = [p.message for p in caught.value.problems]
    assert reported == [
        "no column is called 'name', and the variable has no default",
        "the column 'nmae' is not a variable of the spec; did you mean 'name'?",
        "the column 'crm_id' is not a variable of the spec",
    ]
    check_columns(table, variables, ("name",), lambda name: name != "age")
