"""``vedc fmt`` and ``vedc migrate``: specs in one form, and in the current language."""

from __future__ import annotations

import difflib
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vedc.cli.options import Json as JsonOption
from vedc.cli.options import Messages, Quiet, print_json, say
from vedc.errors import Problem, UsageError, UserError

if TYPE_CHECKING:
    from vedc.lang.yaml.load import Document

Specs = Annotated[
    list[str],
    typer.Argument(metavar="SPEC...", help="Specs, or - for standard input to standard output."),
]
Check = Annotated[
    bool, typer.Option("--check", help="Change nothing; exit with 1 if a file would change.")
]
Diff = Annotated[bool, typer.Option("--diff", help="Change nothing; print what would change.")]


def fmt(
    *,
    specs: Specs,
    check: Check = False,
    diff: Diff = False,
    quiet: Quiet = False,
    messages: Messages,
) -> None:
    """Format specs: one form, with their comments, and no change of meaning."""
    from vedc.review.form.fmt import formatted

    changed = _rewrite(
        specs, lambda document: (formatted(document), ()), check or diff, diff, quiet, "formatted"
    )
    if changed and (check or diff):
        raise typer.Exit(1)


def migrate(
    *,
    specs: Specs,
    check: Check = False,
    diff: Diff = False,
    as_json: JsonOption = False,
    quiet: Quiet = False,
    messages: Messages,
) -> None:
    """Bring specs to the current version of the language, with their comments."""
    from vedc.review.form.migrate import migrated

    results = []

    def change(document: Document) -> tuple[str, tuple[str, ...]]:
        found = migrated(document)
        results.append(
            {
                "spec": document.file,
                "version": found.start,
                "changed": found.text != document.text,
                "notes": list(found.notes),
            }
        )
        return found.text, found.notes

    silent = quiet or as_json
    changed = _rewrite(specs, change, check or diff, diff and not as_json, silent, "migrated")
    if as_json:
        print_json({"version": 1, "specs": results})
    if changed and (check or diff):
        raise typer.Exit(1)


def _rewrite(
    specs: list[str],
    change: Callable[[Document], tuple[str, tuple[str, ...]]],
    keep: bool,
    diff: bool,
    quiet: bool,
    done: str,
) -> int:
    """Change files; the number changed, or with ``keep`` to be changed. All mistakes are raised
    together; files without mistakes are still changed."""
    from vedc.lang.yaml.load import load

    if "-" in specs and len(specs) > 1:
        message = "- is standard input, and stands alone"
        raise UsageError.one("bad-option", message, hint="name files, or - alone")
    changed = 0
    failures: list[UserError] = []
    for spec in specs:
        try:
            document = load("-" if spec == "-" else Path(spec))
            text, notes = change(document)
        except UserError as error:
            failures.append(error)
            continue
        differs = text != document.text
        changed += differs
        if diff and differs:
            say(_difference(spec, document.text, text), end="")
        elif spec == "-" and not keep:
            sys.stdout.write(text)
            continue
        if differs and not keep:
            _replace(Path(os.path.realpath(spec)), text)
        if differs and not quiet:
            print(f"{spec}: {'would be ' if keep else ''}{done}", file=sys.stderr)
            for note in notes:
                print(f"  {note}", file=sys.stderr)
    if not changed and not failures and not quiet and "-" not in specs:
        plural = "" if len(specs) == 1 else "s"
        print(f"{len(specs)} file{plural}: nothing to change", file=sys.stderr)
    if failures:
        problems: list[Problem] = [p for error in failures for p in error.problems]
        raise type(failures[0])(tuple(problems))
    return changed


def _replace(file: Path, text: str) -> None:
    """Rewrite a file as its editor had it: with its permissions, its byte order mark and its line
    ends."""
    from vedc.support.atomic_write import write_whole

    before = file.read_bytes()
    if before.partition(b"\n")[0].endswith(b"\r"):
        text = text.replace("\n", "\r\n")
    mark = b"\xef\xbb\xbf" if before.startswith(b"\xef\xbb\xbf") else b""
    write_whole(file, mark + text.encode(), mode=stat.S_IMODE(file.stat().st_mode))


def _difference(name: str, old: str, new: str) -> str:
    lines = difflib.unified_diff(
        old.splitlines(keepends=True), new.splitlines(keepends=True), name, f"{name} (new)"
    )
    return "".join(lines)
