"""The command line itself: wrong arguments, and the formats in which problems are shown."""

from __future__ import annotations

import json
import os
import pty
import re
from pathlib import Path

import pytest

from tests.error.materials import place
from tests.error.support import check_manners, run, start
from vedc import cli

WRONG = """\
version: 1
timeline:
  - {color: red, duration: 1s, oppacity: 0.5}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "wrong.vedc.yaml").write_text(WRONG, "utf-8")
    (tmp_path / "right.vedc.yaml").write_text(
        "version: 1\ntimeline: [{color: red, duration: 1s}]\n", "utf-8"
    )
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("rendr wrong.vedc.yaml", "did you mean 'render'?"),
        ("render", "missing argument 'SPEC'"),
        ("render right.vedc.yaml --nope", "no such option: --nope"),
        ("render right.vedc.yaml --jobs -1", "invalid value for '--jobs'"),
        ("render right.vedc.yaml --jobs many", "invalid value for '--jobs'"),
        ("validate wrong.vedc.yaml --format yaml", "'yaml' is not one of"),
        ("plan wrong.vedc.yaml extra", "unexpected extra argument"),
        ("cache", "Usage: vedc cache"),
    ],
)
def test_wrong_arguments(folder: Path, arguments: str, said: str) -> None:
    answer = run(*arguments.split(), folder=folder)
    assert answer.exit == 2
    assert said in answer.err + answer.out
    assert "Traceback" not in answer.err


@pytest.mark.parametrize(
    ("arguments", "exit_code", "code", "hint"),
    [
        ("validate trip/gone.yaml", 4, "spec-missing", "looked for"),
        ("validate rigth.vedc.yaml", 4, "spec-missing", "did you mean 'right.vedc.yaml'?"),
        ("validate .", 4, "spec-missing", "such as 'right.vedc.yaml'"),
        ("validate right.vedc.yaml/x", 4, "spec-unreadable", "check its path"),
        ("graph right.vedc.yaml --at soon", 2, "bad-time", ""),
        ("graph right.vedc.yaml --at 5s", 2, "bad-time", "earlier"),
        ("validate right.vedc.yaml --max-length 90f", 2, "bad-time", "36:00:00"),
        ("validate right.vedc.yaml --max-length 0.5s", 3, "film-too-long", "--max-length 1s"),
        ("probe gone.mp4", 4, "no-such-file", "check its name"),
        ("probe right.vedc.yaml", 1, "not-media", "name a video"),
        ("probe .", 1, "not-media", "name a file in it"),
        ("init right.vedc.yaml", 2, "output-exists", "vedc init FILE"),
        ("init gone/edit.vedc.yaml", 1, "cannot-write", "make the folder first"),
        ("cache ls", 4, "no-cache", "--cache"),
        ("cache gc --limit lots --cache .", 2, "bad-size", "2GB"),
        ("cache verify --cache gone", 4, "no-cache", "--cache"),
    ],
)
def test_commands_that_cannot(
    folder: Path, arguments: str, exit_code: int, code: str, hint: str
) -> None:
    before = sorted(folder.rglob("*"))
    answer = run(*arguments.split(), folder=folder)
    (reported,) = answer.problems()
    assert (answer.exit, reported.code, answer.out) == (exit_code, code, "")
    assert hint in reported.hint
    if code != "bad-time":
        check_manners(answer)
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize("command", ["validate", "config", "plan", "graph", "render"])
def test_every_command_that_reads_a_spec_reports_the_same(folder: Path, command: str) -> None:
    answer = run(command, "wrong.vedc.yaml", folder=folder)
    assert (answer.exit, answer.out) == (3, "")
    (reported,) = answer.problems()
    assert (reported.location, reported.code) == ("wrong.vedc.yaml:3:32", "unknown-key")


def test_json(folder: Path) -> None:
    answer = run("validate", "wrong.vedc.yaml", "--format", "json", folder=folder)
    assert (answer.exit, answer.err) == (3, "")
    assert json.loads(answer.out) == {
        "errors": 1,
        "warnings": 0,
        "problems": [
            {
                "severity": "error",
                "code": "unknown-key",
                "message": "'oppacity' is not a key of color; did you mean 'opacity'?",
                "file": "wrong.vedc.yaml",
                "line": 3,
                "column": 32,
                "length": 8,
                "hint": None,
            }
        ],
    }


def test_json_of_a_problem_without_a_place(folder: Path) -> None:
    answer = run("validate", "gone.yaml", "--format", "json", folder=folder)
    (problem,) = json.loads(answer.out)["problems"]
    assert (problem["code"], problem["file"], problem["line"]) == ("spec-missing", None, None)


@pytest.mark.parametrize(
    ("arguments", "exit_code", "code"),
    [
        ("render wrong.vedc.yaml", 3, "unknown-key"), ("render gone.yaml", 4, "spec-missing"),
        ("validate wrong.vedc.yaml", 3, "unknown-key"),
        ("config wrong.vedc.yaml", 3, "unknown-key"),
        ("plan wrong.vedc.yaml", 3, "unknown-key"), ("lock wrong.vedc.yaml", 3, "unknown-key"),
        ("explain wrong.vedc.yaml", 3, "unknown-key"),
        ("explain nothing_like_it", 2, "unknown-op"),
        ("ops --plugin gone.py", 4, "file-missing"), ("probe gone.mp4", 4, "no-such-file"),
        ("shots gone.mp4", 4, "no-such-file"), ("keyframes gone.mp4", 4, "no-such-file"),
        ("silence gone.mp4", 4, "no-such-file"), ("beats gone.mp4", 4, "no-such-file"),
        ("align gone.mp4 film.mp4", 4, None), ("validate right.vedc.yaml --set x", 2, "bad-set"),
    ],
)  # fmt: skip
def test_json_of_every_command_that_fails(
    folder: Path, arguments: str, exit_code: int, code: str | None
) -> None:
    answer = run(*arguments.split(), "--json", folder=folder)
    reported = json.loads(answer.out)
    print(reported)
    assert (answer.exit, answer.err) == (exit_code, "")
    assert set(reported) == {"errors", "warnings", "problems"} and reported["errors"] >= 1
    assert code is None or reported["problems"][0]["code"] == code
    assert run(*arguments.split(), folder=folder).exit == exit_code


@pytest.mark.parametrize("command", sorted(cli._MODULES))
def test_json_of_every_command_that_is_misused(folder: Path, command: str) -> None:
    before = sorted(folder.rglob("*"))
    answer = run(command, "right.vedc.yaml", "--no-such-option", "--json", folder=folder)
    (reported,) = json.loads(answer.out)["problems"]
    assert (answer.exit, answer.err, reported["code"]) == (2, "", "usage")
    assert f"vedc {command} --help" in reported["hint"]
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize(
    ("arguments", "start"),
    [
        ("--format json render", "{"), ("render --format=json", "{"), ("rendr --json", "{"),
        ("--json", "{"), ("render --format github", "::error title=usage::"),
        ("render a b --json", "{"), ("render x --jobs many --json", "{"), ("render --json -o", "{"),
        ("validate x --format nope --json", "{"),
    ],
)  # fmt: skip
def test_misuse_is_reported_in_the_requested_format(
    folder: Path, arguments: str, start: str
) -> None:
    answer = run(*arguments.split(), folder=folder)
    assert (answer.exit, answer.err) == (2, "") and answer.out.startswith(start)


def test_github_beside_json(folder: Path) -> None:
    answer = run("validate", "wrong.vedc.yaml", "--json", "--format", "github", folder=folder)
    assert answer.exit == 3 and answer.out.startswith("::error ")


def test_json_of_a_valid_spec_is_its_own_document(folder: Path) -> None:
    answer = run("validate", "right.vedc.yaml", "--json", folder=folder)
    (output,) = json.loads(answer.out)
    assert (answer.exit, output["frames"]) == (0, 30)


def test_github(folder: Path) -> None:
    answer = run("validate", "wrong.vedc.yaml", "--format", "github", folder=folder)
    assert (answer.exit, answer.err) == (3, "")
    assert answer.out == (
        "::error file=wrong.vedc.yaml,line=3,col=32,title=unknown-key::"
        "'oppacity' is not a key of color; did you mean 'opacity'?\n"
    )


@pytest.mark.parametrize(
    ("more", "environ", "colored"),
    [
        ((), {}, True),
        (("--no-color",), {}, False),
        ((), {"NO_COLOR": "1"}, False),
        ((), {"NO_COLOR": ""}, True),
    ],
)
def test_colours_on_a_terminal(
    folder: Path, more: tuple[str, ...], environ: dict[str, str], colored: bool
) -> None:
    terminal, inside = pty.openpty()
    kept = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    process = start("validate", "wrong.vedc.yaml", *more, folder=folder, environ=environ,
                    clear=kept, stderr=inside)  # fmt: skip
    os.close(inside)
    process.communicate(timeout=300)
    shown = os.read(terminal, 1 << 16).decode()
    os.close(terminal)
    assert process.returncode == 3
    assert ("\x1b[" in shown) == colored
    assert "wrong.vedc.yaml:3:32: error[unknown-key]" in re.sub(r"\x1b\[[0-9;]*m", "", shown)


def test_names_that_are_no_text(folder: Path) -> None:
    """A file name is bytes, and not all bytes are UTF-8."""
    name = os.fsdecode(b"f\xffilm.mp4")
    place(folder, name, "clip")
    process = start("probe", name, folder=folder, text=False)
    out, err = process.communicate(timeout=300)
    assert (process.returncode, err) == (0, b"")
    assert b"/f\xffilm.mp4: video" in out
