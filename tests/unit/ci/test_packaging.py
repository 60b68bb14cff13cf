"""Built packages: they contain every file that the code reads, and each extra is described."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.paths import ROOT
from vedc import __version__
from vedc.support.suggest import did_you_mean

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
DATA: dict[str, list[str]] = PROJECT["tool"]["setuptools"]["package-data"]


def _listed() -> list[str]:
    found = subprocess.run(
        ["git", "ls-files", "vedc", "kernels", "models", "specs"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if found.returncode:
        pytest.skip("there is no git")
    return found.stdout.splitlines()


def _owner(path: Path, packages: set[str]) -> tuple[str, str]:
    """The package that a file is in, and its name from there."""
    parts = path.parts if path.parts[0] == "vedc" else ("vedc", *path.parts)
    for count in range(len(parts) - 1, 0, -1):
        if ".".join(parts[:count]) in packages:
            return ".".join(parts[:count]), "/".join(parts[count:])
    raise AssertionError(f"{path} is in no package")


def test_files_that_are_no_code_are_packaged() -> None:
    """All but the pictures of the reference, which the code does not read."""
    packages = set(PROJECT["tool"]["setuptools"]["packages"])
    left = []
    for name in _listed():
        if name.endswith(".py") or name.startswith("specs/ops/") or (ROOT / name).is_symlink():
            continue
        package, inner = _owner(Path(name), packages)
        if not any(fnmatch(inner, pattern) for pattern in DATA.get(package, ())):
            left.append(name)
    assert left == []


def test_versions_agree() -> None:
    assert PROJECT["project"]["version"] == __version__
    heads = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert heads[0] == __version__


def test_extras_that_messages_name_exist() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    for path in [*(ROOT / "vedc").rglob("*.py"), *(ROOT / "docs").glob("*.md"), ROOT / "README.md"]:
        for named in re.findall(r"vedc\[([\w,]+)\]", path.read_text()):
            for extra in named.split(","):
                assert extra in extras, f"{path.name}: {extra}; {did_you_mean(extra, extras)}"


def test_the_command_is_installed() -> None:
    assert PROJECT["project"]["scripts"] == {"vedc": "vedc.__main__:main"}


@pytest.mark.parametrize(
    ("words", "completed"),
    [("vedc ske", ""), ("vedc sk", "skill"), ("vedc render --sca", "--scale"),
     ("vedc grade ma", "match"), ("vedc ops --kind tra", "transition")],
)  # fmt: skip
def test_shells_complete(words: str, completed: str) -> None:
    asked = {"_VEDC_COMPLETE": "complete_bash", "COMP_WORDS": words,
             "COMP_CWORD": str(len(words.split()) - 1)}  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "vedc"], env={**os.environ, **asked}, capture_output=True, text=True
    )
    assert done.stdout.strip() == completed and done.stderr == ""
