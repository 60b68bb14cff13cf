"""``vedc batch``: rows are checked first, films share what they have in common, bad rows stay."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from vedc.cli import app
from vedc.errors import Interrupted, SpecError, UsageError, UserError
from vedc.execute.render import _Render
from vedc.workspace.batch.films import Films

SPEC = """\
version: 1
profile: {width: 64, height: 36, fps: 25}
variables:
  name: {type: string, maxLength: 8}
  shade: {type: string, format: color, default: "#336699"}
  picture: {type: string, default: ""}
  length: {type: number, default: 0.6, maximum: 5}
timeline:
  - {color: black, duration: 1s}
  - {color: "${{ shade }}", duration: "${{ length }}s", id: own}
  - if: "${{ picture != '' }}"
    image: "${{ picture }}"
    duration: 0.2s
outputs:
  - {path: "out/${{ name }}.mkv", codec: ffv1}
"""

Run = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "card.vedc.yaml"
    path.write_text(SPEC)
    return path


def table(spec: Path, text: str, name: str = "people.csv") -> Path:
    path = spec.parent / name
    path.write_text(text)
    return path


def run(spec: Path, data: Path, *options: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the JSON."""
    arguments = ["batch", str(spec), "--data", str(data), "--json", *options]
    result = CliRunner().invoke(app, arguments)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, json.loads(result.stdout)


def reported(report: dict[str, Any]) -> list[str]:
    """The problems, in short."""
    found = (problem for row in report["rows"] for problem in row["problems"])
    return [f"{p['line']}:{p['column']} {p['code']}: {p['message']}" for p in found]


def statuses(report: dict[str, Any]) -> list[tuple[int, str]]:
    return [(row["row"], row["status"]) for row in report["rows"]]


def drawn(report: dict[str, Any]) -> list[int]:
    return [sum(film["rendered_frames"] for film in row["films"]) for row in report["rows"]]


def test_bad_rows_are_reported_by_row_and_column_and_the_others_are_made(spec: Path) -> None:
    data = table(
        spec,
        "name,shade,picture,length\n"
        "Ada,red,,\n"
        "Grace,nocolour,,9\n"
        ",,,\n"
        "Alan,,missing.png,\n"
        "Konrad Zuse,,,\n"
        "Edsger,,,1\n",
    )
    code, report = run(spec, data)
    assert code == 3
    assert statuses(report) == [
        (2, "made"), (3, "refused"), (5, "refused"), (6, "refused"), (7, "made"),
    ]  # fmt: skip
    assert reported(report) == [
        "3:2 variable-value: the variable 'shade' must be a colour such as #ffb000, not 'nocolour'",
        "3:4 variable-value: the variable 'length' must be at most 5, not 9",
        f"5:3 file-missing: there is no file 'missing.png' (at {Path(report['template'])}:12:12)",
        "6:1 variable-value: the variable 'name' must have at most 8 characters, and has 11",
    ]
    films = sorted(path.name for path in (spec.parent / "out").iterdir())
    assert films == ["Ada.mkv", "Edsger.mkv"]
    assert [row["outputs"][0]["duration"] for row in report["rows"] if row["films"]] == [1.6, 2]


def test_an_empty_cell_of_a_variable_without_default(spec: Path) -> None:
    code, report = run(spec, table(spec, "name,shade\n,red\nAda,\n"), "--check")
    assert code == 3
    assert reported(report) == [
        "2:1 variable-missing: the cell is empty, and the variable 'name' has no default"
    ]
    assert statuses(report) == [(2, "refused"), (3, "checked")]
    assert not (spec.parent / "out").exists()


def test_shared_segments_are_rendered_once_and_finished_films_stay(
    spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded = []
    render = _Render.render_segments

    def counted(self: Any, missing: Any, stack: Any) -> None:
        encoded.append([segment.frames for segments in missing for segment in segments])
        render(self, missing, stack)

    monkeypatch.setattr(_Render, "render_segments", counted)
    data = table(spec, "name,shade\nAda,red\nGrace,lime\nAlan,red\n")
    code, report = run(spec, data)
    assert code == 0
    # The black beginning is encoded for the first film only, and the red end is Ada's.
    assert encoded == [[25, 15], [15]]
    assert drawn(report) == [40, 15, 0]
    films = [spec.parent / "out" / f"{name}.mkv" for name in ("Ada", "Grace", "Alan")]
    before = [film.stat().st_mtime_ns for film in films]

    table(spec, "name,shade\nAda,red\nGrace,blue\nAlan,red\nEdsger,red\n")
    code, report = run(spec, data)
    assert statuses(report) == [(2, "unchanged"), (3, "made"), (4, "unchanged"), (5, "made")]
    assert drawn(report) == [0, 15, 0, 0]
    after = [film.stat().st_mtime_ns for film in films]
    assert [a == b for a, b in zip(before, after, strict=True)] == [True, False, True]


def test_a_film_that_was_changed_or_removed_is_made_again_from_the_store(spec: Path) -> None:
    data = table(spec, "name\nAda\nGrace\nAlan\n")
    run(spec, data)
    whole = (spec.parent / "out" / "Ada.mkv").read_bytes()
    (spec.parent / "out" / "Ada.mkv").unlink()
    (spec.parent / "out" / "Grace.mkv").write_bytes(b"broken")
    code, report = run(spec, data, "-y")
    assert statuses(report) == [(2, "made"), (3, "made"), (4, "unchanged")]
    assert drawn(report) == [0, 0, 0]
    assert (spec.parent / "out" / "Ada.mkv").read_bytes() == whole
    journal = spec.parent / ".vedc" / "cache" / "finished.jsonl"
    journal.write_bytes(journal.read_bytes()[:-40])  # as if killed while writing the last line
    code, report = run(spec, data)
    assert [status for _, status in statuses(report)].count("made") == 1
    journal.unlink()
    code, report = run(spec, data)
    assert code == 0
    assert report["counts"]["made"] == 3 and drawn(report) == [0, 0, 0]


def test_anybody_elses_file_is_not_replaced_and_stops_no_other_row(spec: Path) -> None:
    (spec.parent / "out").mkdir()
    (spec.parent / "out" / "Grace.mkv").write_bytes(b"mine")
    code, report = run(spec, table(spec, "name\nAda\nGrace\n"))
    assert code == 3
    assert statuses(report) == [(2, "made"), (3, "refused")]
    assert reported(report)[0].startswith("3:1 output-exists:")
    assert (spec.parent / "out" / "Grace.mkv").read_bytes() == b"mine"


def test_rows_that_write_one_file_are_all_refused(spec: Path) -> None:
    data = table(spec, "name,shade\nAda,red\nGrace,red\nAda,blue\n")
    code, report = run(spec, data, "--check")
    assert code == 3
    assert statuses(report) == [(2, "refused"), (3, "checked"), (4, "refused")]
    assert reported(report) == [
        "2:1 same-output: the row writes Ada.mkv, and so does row 4",
        "4:1 same-output: the row writes Ada.mkv, and so does row 2",
    ]
    code, report = run(spec, data, "--check", "-o", str(spec.parent / "${{ row }}-${{ name }}.mkv"))
    assert code == 0
    assert [Path(row["outputs"][0]["path"]).name for row in report["rows"]] == [
        "2-Ada.mkv",
        "3-Grace.mkv",
        "4-Ada.mkv",
    ]


def problems(spec: Path, data: Path, *options: str) -> tuple[type[UserError], list[str]]:
    with pytest.raises(UserError) as caught:
        run(spec, data, *options)
    return type(caught.value), [problem.headline() for problem in caught.value.problems]


def test_mistakes_in_every_row_are_reported_once_and_nothing_is_made(spec: Path) -> None:
    spec.write_text(SPEC.replace("color: black", "colour: black"))
    kind, [message] = problems(spec, table(spec, "name\nAda\nGrace\n"))
    assert kind is SpecError
    assert f"{spec.name}:9:6: error[unknown-key]: 'colour'" in message
    spec.write_text(SPEC.replace("${{ name }}", "film"))
    _, [message] = problems(spec, table(spec, "name\nAda\nGrace\n"))
    assert "error[same-output]: every row writes film.mkv" in message
    _, [message] = problems(spec, table(spec, "name,shad\nAda,x\n"))
    assert "people.csv:1:2: error[data-header]: the column 'shad' is not a variable" in message
    assert not (spec.parent / "out").exists()


@pytest.mark.parametrize(
    ("options", "rows"),
    [
        (["--rows", "3-4"], [3, 4]),
        (["--rows", "5,-2"], [2, 5]),
        (["--where", "length == 0.4 and name != 'Alan'"], [3]),
        (["--rows", "4-", "--where", "row == 5"], [5]),
        (["--ignore", "crm_*"], [2, 3, 4, 5]),
    ],
)
def test_some_of_the_rows(spec: Path, options: list[str], rows: list[int]) -> None:
    data = table(spec, "name,length,crm_id\nAda,0.2,x\nGrace,0.4,y\nAlan,0.4,z\nEdsger,,w\n")
    code, report = run(spec, data, "--check", "--ignore", "crm_id", *options)
    assert [row for row, _ in statuses(report)] == rows
    assert code == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--rows", "7-9"], "there is no such row"),
        (["--rows", "x"], "names no rows"),
        (["--rows", "2,50"], "there is no such row"),
        (["--rows", "2,10-3"], "10-3 runs backwards"),
        (["--where", "naem == 1"], r"'naem'; did you mean 'name'"),
        (["--where", "name"], "it gives a text, not true or false"),
        (["--where", "name =="], "--where"),
        (["--where", "duration('x.wav') > 1"], "only the values of a row"),
        (["--where", "row > 99"], "no row matches"),
        (["-o", "film.mkv"], "-o: every row writes film.mkv"),
        (["-o", "${{ nam }}.mkv"], "nam"),
        (["--worksheet", "A"], "has no worksheets"),
    ],
)
def test_options_that_cannot_be_used(spec: Path, options: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        run(spec, table(spec, "name\nAda\nGrace\n"), *options)


def test_json_lines_with_lists(tmp_path: Path) -> None:
    spec = tmp_path / "list.vedc.yaml"
    spec.write_text(
        "version: 1\n"
        "profile: {width: 64, height: 36, fps: 25}\n"
        "variables:\n"
        "  id: {type: integer}\n"
        "  items:\n"
        "    type: array\n"
        "    items: {type: object, required: [price], properties: {price: {type: number},"
        " shade: {type: string}}}\n"
        "timeline:\n"
        '  - repeat: {for: item, in: "${{ items }}"}\n'
        '    color: "${{ item.shade }}"\n'
        '    duration: "${{ item.price }}s"\n'
        'outputs: [{path: "${{ id }}.mkv", codec: ffv1}]\n'
    )
    rows = [
        {"id": 1, "items": [{"price": 0.2, "shade": "red"}, {"price": 0.4, "shade": "blue"}]},
        {"id": 2, "items": [{"price": 0.2, "shade": "red"}, {"price": "x"}]},
        {"id": 3, "items": [{"price": 0.2, "shade": "red"}, {"price": 1, "shade": "ref"}]},
        {"items": []},
    ]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    code, report = run(spec, table(spec, text, "rows.jsonl"), "--check")
    assert code == 3
    found = reported(report)
    assert found[0] == (
        "2:63 variable-value: the variable 'items' does not fit its schema:"
        " items[1].price: 'x' is not a number"
    )
    assert found[1].startswith("3:20 bad-color: color must be a colour")
    assert found[1].endswith(" not 'ref' (at " + report["template"] + ":10:12)")
    assert found[2].startswith("4:1 empty-timeline: ")
    missing = "4:1 variable-missing: the variable 'id' has no value and no default (at "
    assert found[3:] == [f"{missing}{report['template']}:4:3)"]
    assert report["rows"][0]["outputs"][0]["duration"] == 0.6


def test_a_film_that_fails_does_not_stop_the_others(
    spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vedc.execute.output import Output

    write = Output.write

    def failing(self: Output) -> None:
        if self.plan.target.endswith("Grace.mkv"):
            raise OSError(28, "No space left on device")
        write(self)

    monkeypatch.setattr(Output, "write", failing)
    code, report = run(spec, table(spec, "name\nAda\nGrace\nAlan\n"))
    assert code == 1
    assert statuses(report) == [(2, "made"), (3, "failed"), (4, "made")]
    assert reported(report) == ["3:1 system: the operating system reports: no space left on device"]


def test_an_interrupted_batch_says_what_is_left_and_goes_on(
    spec: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = Films._film

    def stopping(self: Films, row: Any) -> Any:
        if row.row.number == 3:
            raise Interrupted.one("interrupted", "interrupted")
        return make(self, row)

    data = table(spec, "name\nAda\nGrace\nAlan\n")
    with monkeypatch.context() as patched:
        patched.setattr(Films, "_film", stopping)
        code, report = run(spec, data, "--report", str(tmp_path / "report"))
    assert code == Interrupted.exit_code
    assert statuses(report) == [(2, "made"), (3, "left"), (4, "left")]
    assert json.loads((tmp_path / "report" / "report.json").read_text()) == report
    code, report = run(spec, data)
    assert code == 0
    assert statuses(report) == [(2, "unchanged"), (3, "made"), (4, "made")]


def test_warnings_are_errors_with_strict(spec: Path) -> None:
    text = SPEC.replace("outputs:", '  - {text: "${{ name }}", size: 30, duration: 0.2s}\noutputs:')
    spec.write_text(text)
    data = table(spec, "name\nA\nMMMMMMMM\n")
    code, report = run(spec, data, "--check")
    assert code == 0
    [warning] = reported(report)
    assert warning.startswith("3:1 ")
    code, report = run(spec, data, "--check", "--strict")
    assert code == 3
    assert statuses(report) == [(2, "checked"), (3, "refused")]


def test_lines_for_people(spec: Path, tmp_path: Path) -> None:
    data = table(spec, "name,shade\nAda,<b>\nGrace,red\n")
    page = tmp_path / "report"
    arguments = ["batch", str(spec), "--data", str(data), "--report", str(page)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 3
    assert result.stdout.endswith("people.csv: 2 rows: 1 made, 1 refused\n")
    assert "[1/1] " in result.stderr and "Grace.mkv: 40 frames, all rendered" in result.stderr
    assert "    2 | Ada,<b>\n      |     ^^^\n" in result.stderr
    html = (page / "report.html").read_text()
    assert 'href="../out/Grace.mkv"' in html and "not &#x27;&lt;b&gt;&#x27;" in html
    assert "<b>&" not in html and "<script" not in html
    result = CliRunner().invoke(app, [*arguments[:-2], "--check", "--format", "github"])
    assert result.stdout.startswith("::error file=")
    assert "people.csv,line=2,col=2,title=variable-value::" in result.stdout


def test_a_value_leads_out_of_no_folder(spec: Path) -> None:
    data = table(spec, "name,length\nAda,0.2\n../../x,0.2\n/tmp/y,0.2\n")
    where = str(spec.parent / "made" / "${{ name }}.mkv")
    code, report = run(spec, data, "--check", "-o", where)
    assert code == 3 and statuses(report)[0] == (2, "checked")
    assert [line.split(":")[0] for line in reported(report)] == ["3"]
    assert "outside-root" in reported(report)[0]
    assert statuses(report)[2] == (4, "checked"), "a path within the folder"


def test_rows_that_one_file_stands_for(spec: Path) -> None:
    (spec.parent / "out").mkdir()
    (spec.parent / "out" / "a").mkdir()
    (spec.parent / "out" / "b").symlink_to("a")
    code, report = run(spec, table(spec, "name\na/x\nb/x\n"), "--check")
    assert code == 3 and all("same-output" in line for line in reported(report))
    assert len(reported(report)) == 2


def test_what_suits_one_row_alone_does_not(spec: Path) -> None:
    data = table(spec, "name,length\nAda,0.2\nAlan,4\n")
    code, report = run(spec, data, "--check", "--from", "2s")
    assert code == 3 and statuses(report) == [(2, "refused"), (3, "checked")]
    long = table(spec, "name\n" + "x" * 300 + "\nAda\n", "long.csv")
    name = str(spec.parent / "${{ name }}" / "film.mkv")
    spec.write_text(SPEC.replace(", maxLength: 8", ""))
    code, report = run(spec, long, "--check", "-o", name)
    assert code == 3 and statuses(report) == [(2, "refused"), (3, "checked")]


def test_a_mistake_of_the_template_is_reported_once_beside_a_bad_row(spec: Path) -> None:
    spec.write_text(SPEC.replace("color: black", "colour: black"))
    with pytest.raises(SpecError) as caught:
        run(spec, table(spec, "name,shade\nAda\nAlan,red\nEve,red\n"))
    assert len(caught.value.problems) == 1


def test_a_report_is_tried_before_the_films(spec: Path) -> None:
    (spec.parent / "report").write_text("")
    with pytest.raises(UserError):
        run(spec, table(spec, "name\nAda\n"), "--report", str(spec.parent / "report"))
    assert not (spec.parent / "out").exists()
