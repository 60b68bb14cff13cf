"""Running the command line on bad input, and what must hold of every answer."""

from __future__ import annotations

import contextlib
import io
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vedc import cli

#: Stands in a spec before the text that a problem must point at.
MARK = "▸"

_HEADLINE = re.compile(
    r"(?:(?P<file>\S.*?):(?P<line>\d+):(?P<column>\d+): )?"
    r"(?:error|warning)\[(?P<code>[a-z0-9-]+)\]: (?P<message>.+)"
)
_EXCERPT = re.compile(r" +(?:\d+ )?\|.*")
_HELP = re.compile(r"  help: (?P<hint>.+)")
_MORE_HELP = re.compile(r" {8}(?P<hint>.+)")

#: Signs of a traceback or an exception in a message.
_PYTHON = re.compile(r"Traceback|\b[A-Z]\w*(?:Error|Exception|Warning)\b|\[Errno|File \".*\", line")

#: Problems whose message states the broken rule, and so the fix.
_RULES = frozenset(
    {
        "bad-rate", "bad-time", "empty-keyframes", "empty-list", "empty-timeline", "empty-track",
        "expression-limit", "expression-syntax", "expression-type", "expression-value",
        "in-after-out", "missing-key", "no-outputs", "out-of-range", "spec-empty",
        "spec-too-deep", "unknown-value", "variable-declaration", "variable-file",
        "variable-value", "wrong-type",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reported:
    """A problem as the terminal shows it."""

    code: str
    message: str
    location: str | None = None
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A command's output and exit status."""

    exit: int
    out: str
    err: str

    def problems(self) -> list[Reported]:
        """Every problem on standard error; nothing else may stand there."""
        reported: list[Reported] = []
        for line in self.err.splitlines():
            if found := _HEADLINE.fullmatch(line):
                location = f"{found['file']}:{found['line']}:{found['column']}"
                reported.append(
                    Reported(found["code"], found["message"], location if found["file"] else None)
                )
            elif reported and (found := _HELP.fullmatch(line) or _MORE_HELP.fullmatch(line)):
                last = reported[-1]
                hint = f"{last.hint}\n{found['hint']}".lstrip()
                reported[-1] = Reported(last.code, last.message, last.location, hint)
            else:
                assert reported and _EXCERPT.fullmatch(line), f"noise on stderr: {line!r}"
        return reported


def run(*arguments: str, folder: Path, stdin: str = "") -> Answer:
    """A command in this process, as the shell would run it in ``folder``."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with (
        _ordinary_signals(),
        contextlib.chdir(folder),
        _replaced(
            sys, argv=["vedc", *arguments], stdin=io.TextIOWrapper(io.BytesIO(stdin.encode()))
        ),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            cli.main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
    return Answer(code, out.getvalue(), err.getvalue())


@contextlib.contextmanager
def _ordinary_signals() -> Iterator[None]:
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _replaced(module: object, **values: object) -> Iterator[None]:
    kept = {name: getattr(module, name) for name in values}
    for name, value in values.items():
        setattr(module, name, value)
    try:
        yield
    finally:
        for name, value in kept.items():
            setattr(module, name, value)


def start(
    *arguments: str,
    folder: Path,
    environ: Mapping[str, str] | None = None,
    clear: Mapping[str, str] = os.environ,
    **options: Any,
) -> subprocess.Popen[Any]:
    """A command in a separate process with piped output.

    ``environ`` is added to the environment ``clear``; ``options`` go to Popen.
    """
    settings = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **options}
    return subprocess.Popen(
        [sys.executable, "-m", "vedc", *arguments],
        cwd=folder,
        env={**clear, **(environ or {})},
        **settings,
    )


def spawn(*arguments: str, folder: Path, **options: Any) -> Answer:
    """A command run to its end in a separate process."""
    process = start(*arguments, folder=folder, **options)
    out, err = process.communicate(timeout=300)
    return Answer(process.returncode, out or "", err or "")


def unmark(text: str) -> tuple[str, list[str]]:
    """A spec without its marks, and ``line:column`` of each, counting from 1."""
    places: list[str] = []
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        *before, _ = line.split(MARK)
        column = 1
        for part in before:
            column += len(part)
            places.append(f"{number}:{column}")
    return text.replace(MARK, ""), places


def check_no_python(answer: Answer) -> None:
    """Neither a traceback nor an exception's name is in sight."""
    assert not _PYTHON.search(answer.out + answer.err), answer.err


def check_manners(answer: Answer) -> None:
    """Checked for every failure: no Python in sight, and a fix for everything."""
    check_no_python(answer)
    for reported in answer.problems():
        cured = reported.hint or reported.code in _RULES or "did you mean" in reported.message
        assert cured, f"no cure: {reported}"


def files_in(folder: Path) -> dict[str, int]:
    """Every file below a folder with its size, the cache's own aside."""
    return {
        str(path.relative_to(folder)): path.lstat().st_size
        for path in sorted(folder.rglob("*"))
        if not path.is_dir() or path.is_symlink()
        if ".vedc" not in path.relative_to(folder).parts
    }


def litter(folder: Path) -> Sequence[str]:
    """Leftover half-written files, in the cache or beside a target."""
    names = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return [str(n) for n in names if n.suffix in (".tmp", ".part") or ".tmp" in n.name]
