"""The steps of the GitHub action (action.yml): runs vedc on the specs and reports to GitHub.

``python ci/action.py STEP`` with the action's inputs in the environment:

``SPECS``   specs or patterns, one a line
``ARGS``    further arguments of ``vedc render``
``TARGET``  the target of ``vedc check``;  ``CHECK``  ``error`` or ``warn``
``BASE``    the commit to compare with;  ``LIMIT``  the size of the store

Problems become annotations of lines, which vedc prints itself. Results go to the job's summary and
to the outputs of the step.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

#: Exit codes of vedc: films differ; a film does not pass its checks.
DIFFERENT, NOT_PASSED = 1, 6


class Stop(Exception):
    """The step fails; the text is an annotation."""


def specs() -> list[Path]:
    """The specs of the input, each once, in order."""
    found: dict[Path, None] = {}
    for line in os.environ["SPECS"].splitlines():
        pattern = line.strip()
        if not pattern:
            continue
        matches = [Path(pattern)] if Path(pattern).is_file() else sorted(Path().glob(pattern))
        if not matches:
            raise Stop(f"no spec matches {pattern}")
        found.update(dict.fromkeys(path for path in matches if ".vedc" not in path.parts[:-1]))
    return list(found)


def vedc(*arguments: str | Path, capture: bool = False) -> tuple[int, str]:
    """Run vedc; its exit code, and what it printed on standard output if that is captured."""
    done = subprocess.run(
        ["vedc", *map(str, arguments)], stdout=subprocess.PIPE if capture else None, text=True
    )
    return done.returncode, done.stdout or ""


def report(variable: str, text: str) -> None:
    """Append to one of the files that GitHub reads after a step."""
    if os.environ.get(variable):
        with open(os.environ[variable], "a", encoding="utf-8") as file:
            file.write(text)


def set_output(name: str, lines: Iterable[str]) -> None:
    told = [f"{name}<<vedc-end", *lines, "vedc-end"]
    report("GITHUB_OUTPUT", "".join(f"{line}\n" for line in told))


def annotate(kind: str, message: str, **place: Any) -> None:
    """A workflow command: an annotation of a line, or of the job."""
    message = message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    at = ",".join(f"{key}={value}" for key, value in place.items() if value is not None)
    print(f"::{kind} {at}::{message}" if at else f"::{kind}::{message}", flush=True)


def validate() -> int:
    code, _ = vedc("validate", "--format", "github", *specs())
    return code


def render() -> int:
    made: list[str] = []
    rows: list[str] = []
    worst = 0
    for spec in specs():
        extra = shlex.split(os.environ.get("ARGS", ""))
        code, text = vedc("render", spec, *extra, "--json", "--format", "github", capture=True)
        worst = worst or code
        if code:
            print(text, end="", flush=True)  # the problems, as annotations
            continue
        for output in json.loads(text):
            made += output["pages"] or [output["target"]]
            new, frames = output["rendered_frames"], output["frames"]
            rows.append(f"| `{spec}` | `{Path(output['target']).name}` | {frames} | {new} |\n")
            for warning in output["warnings"]:
                place = {"file": warning["file"], "line": warning["line"], "title": warning["code"]}
                annotate("warning", warning["message"], **place)
    head = "| spec | output | frames | rendered anew |\n|---|---|---|---|\n"
    if rows:
        report("GITHUB_STEP_SUMMARY", f"### Films\n\n{head}{''.join(rows)}\n")
    set_output("files", made)
    return worst


def diff() -> int:
    base = os.environ["BASE"]
    subprocess.run(["git", "fetch", "--quiet", "--no-tags", "--depth=1", "origin", base])
    sheets: list[str] = []
    changed = False
    for spec in specs():
        sheet = spec.with_name(f"{spec.name.removesuffix('.yaml').removesuffix('.vedc')}-diff.png")
        code, text = vedc("diff", spec, "--against", base, "--sheet", sheet, "-y", capture=True)
        if code not in (0, DIFFERENT):
            annotate("notice", f"{spec} could not be compared with the base: it may be new")
            continue
        changed = changed or code == DIFFERENT
        report("GITHUB_STEP_SUMMARY", f"### {spec}\n\n```text\n{text}```\n\n")
        sheets += [str(sheet)] if sheet.exists() else []
    set_output("changed", ["true" if changed else "false"])
    set_output("files", sheets)
    return 0


def check() -> int:
    target = os.environ.get("TARGET", "")
    wanted = ["--target", target] if target else []
    worst = 0
    for spec in specs():
        code, _ = vedc("check", spec, *wanted, "--format", "github")
        if code != NOT_PASSED or os.environ.get("CHECK") == "error":
            worst = worst or code
    return worst


def shrink() -> int:
    for cache in dict.fromkeys(spec.parent / ".vedc" / "cache" for spec in specs()):
        if cache.is_dir():
            vedc("cache", "gc", "--cache", cache, "--limit", os.environ["LIMIT"])
    return 0


STEPS: dict[str, Callable[[], int]] = {
    "validate": validate, "render": render, "diff": diff, "check": check, "shrink": shrink,
}  # fmt: skip

if __name__ == "__main__":
    try:
        sys.exit(STEPS[sys.argv[1]]())
    except Stop as stop:
        annotate("error", str(stop))
        sys.exit(2)
