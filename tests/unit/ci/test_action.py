"""The GitHub action: its form, and its steps, run here as GitHub runs them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.paths import ROOT

pytestmark = pytest.mark.slow

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
SPEC = """\
version: 1
profile: {width: 64, height: 48, fps: 25}
timeline:
  - {color: red, duration: 1s}
outputs:
  - {path: film.mkv, codec: ffv1}
"""


def _expressions(value: Any) -> list[str]:
    return re.findall(r"\$\{\{(.*?)\}\}", yaml.safe_dump(value, width=10_000), re.DOTALL)


def test_it_has_the_form_of_a_composite_action() -> None:
    """By GitHub's documentation of the metadata of actions."""
    assert ACTION.keys() <= {
        "name",
        "description",
        "author",
        "branding",
        "inputs",
        "outputs",
        "runs",
    }
    assert ACTION["runs"].keys() == {"using", "steps"} and ACTION["runs"]["using"] == "composite"
    for value in ACTION["inputs"].values():
        assert value.keys() <= {"description", "required", "default", "deprecationMessage"}
        assert value["description"] and ("default" in value) != value.get("required", False)
        assert isinstance(value.get("default", ""), str)
    for value in ACTION["outputs"].values():
        assert value.keys() == {"description", "value"}
    for step in STEPS:
        assert ("run" in step) != ("uses" in step), step
        assert ("shell" in step) == ("run" in step), step
        assert step.keys() <= {"name", "id", "if", "run", "shell", "uses", "with", "env"}
        if "uses" in step:
            assert re.fullmatch(r"actions/[a-z-]+@v\d+", step["uses"])


def test_what_it_refers_to_exists() -> None:
    ids = {step["id"] for step in STEPS if "id" in step}
    for expression in _expressions(ACTION):
        for name in re.findall(r"inputs\.([\w-]+)", expression):
            assert name in ACTION["inputs"], expression
        for name in re.findall(r"steps\.([\w-]+)", expression):
            assert name in ids, expression


def test_no_input_is_written_into_a_script() -> None:
    """Outside input reaches scripts only through the environment."""
    assert [expression for step in STEPS for expression in _expressions(step.get("run", ""))] == []


class Runner:
    """Runs the action's scripts in a folder, with files for what GitHub reads afterwards."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        tools = folder.parent / "bin"
        tools.mkdir()
        for name, arguments in (("vedc", "-m vedc"), ("python", "")):
            (tools / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments} "$@"\n')
            (tools / name).chmod(0o755)
        self.told = {name: folder.parent / name for name in ("OUTPUT", "STEP_SUMMARY")}
        self.env = {
            **os.environ,
            "PATH": f"{tools}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "GITHUB_ACTION_PATH": str(ROOT),
            **{f"GITHUB_{name}": str(path) for name, path in self.told.items()},
        }

    def run(self, step: str, inputs: dict[str, str], code: int = 0, **env: str) -> str:
        """A step's output; ``env`` is for expressions that are not inputs."""
        (found,) = [s for s in STEPS if s["name"] == step]
        given = {name: value.get("default", "") for name, value in ACTION["inputs"].items()}
        given |= inputs
        variables = {
            name: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda m: given[m[1]], value)
            for name, value in found["env"].items()
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", found["run"]],
            cwd=self.folder,
            env={**self.env, **variables, **env},
            capture_output=True,
            text=True,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def output(self, name: str) -> list[str]:
        blocks = re.findall(r"^(\w+)<<vedc-end\n(.*?)^vedc-end$", self.told["OUTPUT"].read_text(),
                            re.M | re.S)  # fmt: skip
        return dict(blocks)[name].splitlines()


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "edit.vedc.yaml").write_text(SPEC)
    return Runner(folder)


def test_mistakes_become_annotations(runner: Runner) -> None:
    (runner.folder / "edit.vedc.yaml").write_text(SPEC.replace("duration", "duraton"))
    (runner.folder / "b.vedc.yaml").write_text(SPEC.replace("red", "rde"))
    said = runner.run("Validate", {"specs": "*.vedc.yaml"}, code=3)
    assert "::error file=b.vedc.yaml,line=4,col=13,title=" in said
    assert "::error file=edit.vedc.yaml,line=4,col=18,title=unknown-key::" in said
    said = runner.run("Render", {"specs": "edit.vedc.yaml"}, code=3)
    assert "::error file=edit.vedc.yaml,line=4,col=18" in said
    nothing = runner.run("Validate", {"specs": "films/*.vedc.yaml"}, code=2)
    assert nothing == "::error::no spec matches films/*.vedc.yaml\n"


@pytest.mark.slow
def test_a_pull_request(runner: Runner) -> None:
    """Render, compare with the base, check, shrink the store."""
    inputs = {"specs": "edit.vedc.yaml\n", "args": "--scale 0.5", "check": "error"}

    def git(*arguments: str) -> str:
        who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        command = ["git", *who, *arguments]
        return subprocess.run(
            command, cwd=runner.folder, check=True, capture_output=True, text=True
        ).stdout.strip()

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "one")
    git("remote", "add", "origin", str(runner.folder))
    base = git("rev-parse", "HEAD")
    (runner.folder / "edit.vedc.yaml").write_text(SPEC.replace("red", "lime"))
    runner.run("Validate", inputs)
    runner.run("Render", inputs)
    assert [Path(each).name for each in runner.output("files")] == ["film.mkv"]
    assert "| `edit.vedc.yaml` | `film.mkv` | 25 | 25 |" in runner.told["STEP_SUMMARY"].read_text()
    runner.run("Compare with the base", inputs, BASE=base)
    assert runner.output("changed") == ["true"] and runner.output("files") == ["edit-diff.png"]
    assert (runner.folder / "edit-diff.png").is_file()
    assert "25 changed" in runner.told["STEP_SUMMARY"].read_text()
    found = runner.run("Check", {**inputs, "target": "youtube"}, code=6)
    assert "::error file=" in found or "::error title=" in found
    runner.run("Check", {**inputs, "target": "youtube", "check": "warn"})
    runner.run("Shrink the store", {**inputs, "cache-limit": "0B"})
    assert list((runner.folder / ".vedc" / "cache" / "entries").rglob("*.json")) == []


@pytest.mark.slow
def test_a_spec_that_the_base_does_not_have(runner: Runner) -> None:
    said = runner.run("Compare with the base", {"specs": "edit.vedc.yaml"}, BASE="0" * 40)
    assert "::notice::edit.vedc.yaml could not be compared" in said
    assert runner.output("changed") == ["false"]
