"""Pages with specs and commands, followed from the top to the bottom as a reader would.

``python -m tests.tutorial_pages PAGE`` writes what the commands print now into the page.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.error.support import run
from tests.paths import EXAMPLES

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SECONDS = re.compile(r" \(\d+(\.\d+)? s\)$", re.MULTILINE)


class Reader:
    """Follows a page in a folder. Files are named by a comment in their first line."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: dict[str, object] = {}
        (folder / "examples").symlink_to(EXAMPLES)

    def follow(self, text: str) -> str:
        """The page with what its commands print now."""
        return _BLOCK.sub(self._block, text)

    def _block(self, found: re.Match[str]) -> str:
        kind, body = found[1], found[2]
        step: Callable[[str], str] | None = {
            "sh": self._shell, "yaml": self._file, "csv": self._file,
            "console": self._console, "python": self._python,
        }.get(kind)  # fmt: skip
        return found[0] if step is None else f"```{kind}\n{step(body)}```"

    def _shell(self, body: str) -> str:
        done = subprocess.run(
            ["bash", "-ec", f"{body}\npwd"], cwd=self.folder, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        self.folder = Path(done.stdout.strip().splitlines()[-1])
        return body

    def _file(self, body: str) -> str:
        first, rest = body.split("\n", 1)
        named = re.fullmatch(r"# ([\w./-]+\.(?:yaml|csv))", first)
        if named is not None:
            text = rest if named[1].endswith(".csv") else body
            (self.folder / named[1]).write_text(text, encoding="utf-8")
        return body

    def _console(self, body: str) -> str:
        parts = []
        for line in body.splitlines():
            if not line.startswith("$ "):
                continue
            parts.append(line)
            program, *arguments = shlex.split(line[2:], comments=True)
            assert program == "vedc", line
            answer = run(*arguments, folder=self.folder)
            reported = answer.out if answer.exit in (0, 6) or answer.out else answer.err
            parts += _SECONDS.sub("", reported.replace(f"{self.folder}/", "")).rstrip().splitlines()
        return "".join(f"{line}\n" for line in parts)

    def _python(self, body: str) -> str:
        before = Path.cwd()
        os.chdir(self.folder)
        try:
            exec(compile(body, "page", "exec"), self.names)
        finally:
            os.chdir(before)
        return body


def main() -> None:
    for name in sys.argv[1:]:
        page = Path(name)
        with TemporaryDirectory() as folder:
            text = Reader(Path(folder).resolve()).follow(page.read_text(encoding="utf-8"))
        page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
