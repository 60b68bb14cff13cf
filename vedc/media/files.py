"""Writing output files atomically, with errors that say how to fix them."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from vedc.errors import RenderError
from vedc.support.drafts import new_draft, remove_abandoned

_CURES: Final = {
    errno.ENOSPC: "free some space on the disk, or write to another one",
    errno.EDQUOT: "your quota on this disk is used up: free some of it, or write elsewhere",
    errno.EFBIG: "the file is larger than this disk or your limits allow: write elsewhere",
    errno.EACCES: "you may not write there: change the permissions, or write elsewhere",
    errno.EPERM: "you may not write there: change the permissions, or write elsewhere",
    errno.EROFS: "the disk is read-only: write to another one",
    errno.EISDIR: "give the name of a file, not of a folder",
    errno.ENOENT: "make the folder first, or correct the path",
    errno.ENOTDIR: "a part of the path is a file: correct the path",
    errno.ENAMETOOLONG: "give a shorter name",
    errno.EIO: "the disk reports a fault: check it, and write elsewhere",
}


def cannot_write(path: Path, code: int | None, what: str | None = None) -> RenderError:
    """The error for a path that could not be written; ``code`` is the system's errno."""
    reason = what or (os.strerror(code).lower() if code is not None else "unknown error")
    hint = _CURES.get(code or 0, "write elsewhere")
    return RenderError.one("cannot-write", f"cannot write {path}: {reason}", hint=hint)


def sync_folder(folder: Path) -> None:
    """Make a folder's names survive a power cut, where the system supports it."""
    with suppress(OSError):  # some network disks do not support fsync of folders
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def check_target(target: Path) -> None:
    """Raise RenderError unless ``target`` can be a regular file."""
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        if not target.parent.exists():
            raise cannot_write(target, errno.ENOENT, "its folder does not exist") from None
    except OSError as error:
        raise cannot_write(target, error.errno) from None
    else:
        if stat.S_ISDIR(mode):
            raise cannot_write(target, errno.EISDIR, "it is a folder")
        if not stat.S_ISREG(mode):
            raise cannot_write(target, None, "it is a device or a pipe, not a file")


def try_target(target: Path) -> None:
    """Raise RenderError if ``target`` could not be written once its folders exist; writes nothing.

    Does not detect a full disk.
    """
    folder = Path(os.path.realpath(target)).parent
    while not folder.exists():
        folder = folder.parent
    if folder == target.parent:
        check_target(target)
    part = folder / _part_name()
    try:
        target.is_file()  # a name may be too long for the disk
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except OSError as error:
        raise cannot_write(target, error.errno) from None
    _remove(part)


def make_folder(folder: Path) -> None:
    """Make a folder and its parents. Raises RenderError if the system refuses."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(folder, error.errno) from None


def _part_name() -> str:
    return f".vedc-{secrets.token_hex(6)}.part"


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """A temporary path beside ``target`` that replaces ``target`` when the block succeeds.

    The file is synced before it is renamed, so that a power cut leaves either the old or the new
    file. If the block raises, nothing is left. Links are followed. Raises RenderError
    (``cannot-write``) if the system refuses.
    """
    check_target(target)
    real = Path(os.path.realpath(target))
    remove_parts(target)
    try:
        # Made here, so that a refusal has an errno and the mode follows the umask.
        with new_draft(lambda: real.with_name(_part_name())) as part:
            try:
                yield part
                handle = os.open(part, os.O_RDWR)
                try:
                    os.fsync(handle)
                finally:
                    os.close(handle)
                os.replace(part, real)
            finally:
                _remove(part)
        sync_folder(real.parent)
    except OSError as error:
        raise cannot_write(target, error.errno) from error


def remove_parts(target: Path) -> None:
    """Remove the temporary files of killed processes beside ``target``."""
    remove_abandoned(Path(os.path.realpath(target)).parent.glob(".vedc-*.part"))


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)
