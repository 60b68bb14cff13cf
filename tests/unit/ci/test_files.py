"""The other files for continuous integration: hooks, GitLab's example, the container."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.paths import ROOT
from vedc.cli import _MODULES

HOOKS: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)


def test_hooks_match_pre_commit() -> None:
    """pre-commit itself reads the manifest."""
    clientlib = pytest.importorskip("pre_commit.clientlib")
    manifest = clientlib.load_manifest(ROOT / ".pre-commit-hooks.yaml")
    assert [hook["id"] for hook in manifest] == ["vedc-validate", "vedc-fmt"]
    for hook in manifest:
        name, command = hook["entry"].split()
        assert name == "vedc" and command in _MODULES
        assert re.search(hook["files"], "films/edit.vedc.yaml")
        assert not re.search(hook["files"], "films/edit.yaml")


@pytest.mark.slow
def test_hooks_run(tmp_path: Path) -> None:
    """In a repository, by pre-commit, with the vedc that is here."""
    pytest.importorskip("pre_commit")
    wrong = "version: 1\ntimeline: [{color: rde, duration: 1s}]\n"
    for name in ("a", "b"):
        (tmp_path / f"{name}.vedc.yaml").write_text(wrong)
    hooks = [
        {**hook, "language": "system", "entry": f"{sys.executable} -m {hook['entry']}"}
        for hook in HOOKS
    ]
    config = {"repos": [{"repo": "local", "hooks": hooks}]}
    (tmp_path / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
    run = [sys.executable, "-m", "pre_commit", "run", "--all-files"]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert "a.vedc.yaml:2:20: error[" in done.stdout and "b.vedc.yaml:2:20: error[" in done.stdout
    for name in ("a", "b"):
        (tmp_path / f"{name}.vedc.yaml").write_text(wrong.replace("rde", "red"))
    subprocess.run(run, cwd=tmp_path, capture_output=True)  # brings them into form
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_commands_of_the_page_exist() -> None:
    text = (ROOT / "docs" / "ci.md").read_text()
    named = re.findall(r"\bvedc ([a-z]+)\b", "".join(body for _, body in BLOCK.findall(text)))
    assert named and set(named) <= set(_MODULES)


def test_yaml_of_the_page_is_yaml() -> None:
    text = (ROOT / "docs" / "ci.md").read_text()
    blocks = [yaml.safe_load(body) for language, body in BLOCK.findall(text) if language == "yaml"]
    workflow, gitlab, stored, hooks = blocks
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    for steps in (workflow["jobs"]["films"]["steps"], stored):
        given = next(step["with"] for step in steps if "vedc" in step["uses"])
        assert given.keys() <= action["inputs"].keys()
    assert gitlab["films"]["cache"]["paths"] and gitlab["films"]["script"]
    assert [hook["id"] for hook in hooks["repos"][0]["hooks"]] == [hook["id"] for hook in HOOKS]


def test_the_container_has_no_privileges() -> None:
    lines = (ROOT / "Containerfile").read_text().splitlines()
    user = lines.index("USER vedc")
    assert not any(line.startswith(("RUN", "COPY", "ADD")) for line in lines[user:])
    assert 'ENTRYPOINT ["vedc"]' in lines[user:]
    shell = shutil.which("sh")
    for script in re.findall(r"^RUN (.*(?:\\\n.*)*)", "\n".join(lines), re.M):
        assert shell is None or subprocess.run([shell, "-nc", script]).returncode == 0
