"""A spec as it was in a revision of git, with the files that it read then.

The revision is laid out in a temporary folder: files that differ from the working tree are written
there as git has them, and everything else links to the working tree. So untracked media are found,
and tracked media are the revision's. Nothing in the repository changes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from vedc.errors import MissingError, Problem, SourceLocation, UsageError, UserError


@dataclass(frozen=True, slots=True)
class Revision:
    """A folder that holds a file as it was in a revision."""

    label: str
    """``HEAD~1:films/edit.vedc.yaml``."""
    file: Path
    folder: Path
    """The layout of the repository."""
    root: Path
    """The working tree."""

    def place(self, path: Path) -> Path:
        """Where a file or folder of the working tree is in the revision."""
        real = Path(os.path.realpath(path))
        return self.folder / real.relative_to(self.root) if _within(real, self.root) else path

    def shown(self, text: str) -> str:
        """A text of messages with the revision in place of the temporary folder."""
        rev = self.label.partition(":")[0]
        for folder in (str(self.folder), os.path.relpath(self.folder)):
            text = text.replace(f"{folder}{os.sep}", f"{rev}:")
        return text

    def located(self, location: SourceLocation | None) -> SourceLocation | None:
        """A location as messages show it."""
        return None if location is None else replace(location, file=self.shown(location.file))

    @contextmanager
    def renamed(self) -> Iterator[None]:
        """Errors within name the revision."""
        try:
            yield
        except UserError as error:
            raise type(error)(
                tuple(
                    replace(
                        problem,
                        message=self.shown(problem.message),
                        hint=None if problem.hint is None else self.shown(problem.hint),
                        location=self.located(problem.location),
                    )
                    for problem in error.problems
                )
            ) from None


def is_revision(text: str) -> bool:
    """Whether git knows a revision by this name, seen from the working folder."""
    try:
        return bool(_git(Path.cwd(), "rev-parse", "--verify", "--quiet", f"{text}^{{commit}}"))
    except UserError:
        return False


@contextmanager
def at_revision(file: Path, revision: str) -> Iterator[Revision]:
    """A file as it was in a revision, while the block runs.

    Raises UsageError where git does not know the revision, or the file in it; MissingError without
    git or outside of a repository.
    """
    real = Path(os.path.realpath(file))
    root = Path(os.path.realpath(_root(real)))
    commit = _commit(root, revision)
    inside = real.relative_to(root)
    label = f"{revision}:{inside.as_posix()}"
    try:
        _git(root, "cat-file", "-e", f"{commit}:{inside.as_posix()}")
    except UserError:
        message = f"{label}: git has no such file"
        hint = f"git log -- {inside.as_posix()} shows the revisions that have it"
        raise UsageError.one("no-such-revision", message, hint=hint) from None
    folder = Path(tempfile.mkdtemp(prefix="vedc-revision-"))
    try:
        found = Revision(label, folder / inside, folder, root)
        _lay_out(root, folder, inside.parent, commit)
        yield found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _lay_out(root: Path, folder: Path, spec_folder: Path, commit: str) -> None:
    changed = _changed(root, commit)
    real_folders = {Path(), spec_folder, *spec_folder.parents}
    for path in changed:
        real_folders |= {*path.parents}
    for inner in sorted(real_folders):
        (folder / inner).mkdir(parents=True, exist_ok=True)
        if not (root / inner).is_dir():  # removed since then
            continue
        for entry in os.scandir(root / inner):
            path = inner / entry.name
            if path not in real_folders and path not in changed and entry.name != ".git":
                (folder / path).symlink_to(entry.path)
    for path, mode in changed.items():
        if mode == "120000":
            (folder / path).symlink_to(
                os.fsdecode(_git(root, "cat-file", "blob", _at(commit, path)))
            )
        elif mode != "000000":  # those are newer than the revision
            # The filters of git: a pointer of Git LFS becomes the file.
            (folder / path).write_bytes(_git(root, "cat-file", "--filters", _at(commit, path)))


def _at(commit: str, path: Path) -> str:
    return f"{commit}:{path.as_posix()}"


def _changed(root: Path, commit: str) -> dict[Path, str]:
    """Files that differ between a commit and the working tree, with their mode in the commit."""
    raw = _git(root, "diff", "--raw", "-z", "--no-renames", "--ignore-submodules", commit, "--")
    fields = os.fsdecode(raw).split("\0")
    return {
        Path(path): facts.lstrip(":").split()[0]
        for facts, path in zip(fields[::2], fields[1::2], strict=False)
    }


def _root(file: Path) -> Path:
    folder = file.parent
    while not folder.is_dir() and folder != folder.parent:  # a folder that the revision had
        folder = folder.parent
    try:
        return Path(os.fsdecode(_git(folder, "rev-parse", "--show-toplevel")).rstrip("\n"))
    except UsageError:
        message = f"{file} is in no repository of git, so there is no revision to compare with"
        hint = "name two files: vedc diff OLD NEW"
        raise UsageError.one("no-repository", message, hint=hint) from None


def _commit(root: Path, revision: str) -> str:
    try:
        found = _git(root, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    except UserError:
        message = f"git knows no revision {revision!r}"
        hint = "git log shows them; HEAD~1 is the one before the last"
        raise UsageError.one("no-such-revision", message, hint=hint) from None
    return os.fsdecode(found).strip()


def _git(folder: Path, *arguments: str) -> bytes:
    """git's output. Raises UsageError where it fails, MissingError where there is no git."""
    try:
        done = subprocess.run(["git", "-C", folder, *arguments], capture_output=True)
    except FileNotFoundError:
        hint = "install it, or name two files: vedc diff OLD NEW"
        problem = Problem("no-git", "revisions need git, which is not installed", None, hint)
        raise MissingError((problem,)) from None
    except NotADirectoryError:
        raise UsageError.one("no-repository", f"{folder} is not a folder") from None
    if done.returncode:
        raise UsageError.one("git-failed", f"git: {os.fsdecode(done.stderr).strip()}")
    return done.stdout


def _within(path: Path, folder: Path) -> bool:
    return path.is_relative_to(folder)
