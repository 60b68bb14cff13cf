"""``vedc fmt`` and ``vedc migrate``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from vedc.cli import app
from vedc.errors import SpecError, UsageError

UGLY = "version: 1\ntimeline:\n- {duration: 1s, color: red}  # red\n"
PRETTY = "version: 1\ntimeline:\n  - {color: red, duration: 1s} # red\n"


def _run(*arguments: object, text: str | None = None) -> Result:
    return CliRunner().invoke(app, list(map(str, arguments)), input=text)


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    file = tmp_path / "a.vedc.yaml"
    file.write_text(UGLY)
    return file


def test_files_are_rewritten_once(spec: Path) -> None:
    assert _run("fmt", spec).exit_code == 0
    assert spec.read_text() == PRETTY
    before = spec.stat().st_mtime_ns
    result = _run("fmt", spec)
    assert result.exit_code == 0 and "nothing to change" in result.stderr
    assert spec.stat().st_mtime_ns == before


@pytest.mark.parametrize("option", ["--check", "--diff"])
def test_nothing_is_changed(spec: Path, option: str) -> None:
    result = _run("fmt", option, spec)
    assert result.exit_code == 1 and spec.read_text() == UGLY
    assert ("+  - {color: red" in result.stdout) == (option == "--diff")
    spec.write_text(PRETTY)
    assert _run("fmt", option, spec).exit_code == 0


def test_a_link_stays_a_link(spec: Path) -> None:
    link = spec.with_name("link.vedc.yaml")
    link.symlink_to(spec)
    assert _run("fmt", link).exit_code == 0
    assert link.is_symlink() and spec.read_text() == PRETTY


def test_standard_input(spec: Path) -> None:
    assert _run("fmt", "-", text=UGLY).stdout == PRETTY
    assert isinstance(_run("fmt", "-", spec, text=UGLY).exception, UsageError)


def test_one_mistake_does_not_hold_up_the_others(spec: Path) -> None:
    broken = spec.with_name("broken.vedc.yaml")
    broken.write_text("a: [1\n")
    caught = _run("fmt", broken, spec).exception
    assert isinstance(caught, SpecError) and "broken.vedc.yaml" in str(caught)
    assert spec.read_text() == PRETTY and broken.read_text() == "a: [1\n"


def test_migrate(spec: Path) -> None:
    result = _run("migrate", spec, "--json")
    assert result.exit_code == 0
    (reported,) = json.loads(result.stdout)["specs"]
    assert (reported["version"], reported["changed"], reported["notes"]) == (1, False, [])
    spec.write_text(UGLY.replace("version: 1\n", ""))
    assert _run("migrate", "--check", spec).exit_code == 1
    assert _run("migrate", spec).exit_code == 0
    assert spec.read_text() == UGLY
