"""The skill file: its commands are run, and its lists match the code."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from tests.media.clicks import write_clicks
from vedc import ops
from vedc.cli import _MODULES, app, summaries
from vedc.serve.skill.text import skill_text

Vedc = Callable[..., str]
#: Other exit codes that a command may have: the test's film is not fit for delivery.
CODES = {"check": (0, 6)}


@pytest.fixture
def vedc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Vedc:
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str, codes: Sequence[int] = (0,)) -> str:
        result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
        assert result.exit_code in codes, (arguments, result.output)
        return result.stdout

    return call


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", skill_text(summaries()), re.M | re.S)


@pytest.mark.slow
def test_what_it_says_is_run(vedc: Vedc, tmp_path: Path) -> None:
    """With a small talk, in reading order."""
    write_clicks(tmp_path / "talk.mp4", 75, Fraction(25), [10, 40], sound="aac")
    (spec,) = _blocks("yaml")
    (tmp_path / "edit.vedc.yaml").write_text(spec.replace("640, height: 360", "64, height: 36"))
    lines = [line for block in _blocks("console") for line in block.splitlines()]
    assert len(lines) >= 12
    for line in lines:
        prompt, name, *arguments = shlex.split(line)
        assert prompt == "$" and name in ("vedc", "cp")
        if name == "cp":
            shutil.copy(tmp_path / arguments[0], tmp_path / arguments[1])
        else:
            vedc(*arguments, codes=CODES.get(arguments[0], (0,)))
    for made in ("shots.jpg", "frame.png", "sheet.jpg", "out/film.mp4"):
        assert (tmp_path / made).stat().st_size > 0


def test_it_has_the_head_of_a_skill() -> None:
    _, head, body = skill_text(summaries()).split("---\n", 2)
    found = yaml.safe_load(head)
    assert found.keys() == {"name", "description"}
    assert re.fullmatch(r"[a-z0-9-]{1,64}", found["name"]) and len(found["description"]) <= 1024
    assert "@" not in body and len(body.splitlines()) < 500


def test_its_lists_match_the_code() -> None:
    text = skill_text(summaries())
    listed = re.findall(r"^- `vedc (\w+)`: [A-Z].*\.$", text, re.M)
    assert listed == list(_MODULES)
    named = {name.strip() for line in re.findall(r"^\*\*\w+\*\* \(\d+\):(.*?)(?:\n\n|\Z)", text,
             re.M | re.S) for name in line.split(",")}  # fmt: skip
    assert named == {name for name in ops.names() if ":" not in name}


def test_its_table_of_keys_is_of_the_language(vedc: Vedc) -> None:
    """Everything set in code there is a word of the reference."""
    reference = (Path(__file__).parents[4] / "specs" / "reference.md").read_text()
    table = skill_text(summaries()).split("| key | meaning |")[1].split("\n\n")[0]
    for name in re.findall(r"`([a-z_]+)`", table):
        assert f"`{name}`" in reference, name


def test_written_into_a_folder(vedc: Vedc, tmp_path: Path) -> None:
    vedc("skill", "-o", "skills")
    target = tmp_path / "skills" / "vedc" / "SKILL.md"
    assert target.read_text() == vedc("skill")
    vedc("skill", "-o", "skills")
    target.write_text("mine")
    refused = CliRunner().invoke(app, ["skill", "-o", "skills"])
    assert refused.exception is not None and target.read_text() == "mine"
    vedc("skill", "-o", "skills", "-y")
    assert target.read_text() == vedc("skill")
