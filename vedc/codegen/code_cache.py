"""The user's private folder of compiled kernels.

Machine code is executed as read, so it is never kept next to a spec, which may come from anyone.
The folder belongs to the user and is closed to others (mode 0700). Each file carries a digest keyed
with a secret of the folder and bound to the file's name: code that was copied in, renamed or
damaged counts as absent.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from platformdirs import user_cache_path

from vedc.support.drafts import new_draft, remove_abandoned
from vedc.support.regular_files import read_regular

_MARK: Final = b"vedc code 2\n"
_DIGEST: Final = 32
_SECRET: Final = "secret"
_DRAFT: Final = ".draft-"
#: Files to keep; the oldest are removed first.
_LIMIT: Final = 4000


def code_folder() -> Path | None:
    """The folder, created if missing.

    None if it cannot be created, belongs to somebody else or is a link: code is then compiled again
    in every run.
    """
    folder = user_cache_path("vedc") / "code"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode):
            return None
        if hasattr(os, "getuid"):
            if status.st_uid != os.getuid():
                return None
            if stat.S_IMODE(status.st_mode) & 0o077:
                folder.chmod(0o700)
    except OSError:
        return None
    return folder


def load(folder: Path, name: str) -> bytes | None:
    """The code stored as ``name``; None if the owner of this folder stored none."""
    try:
        data, secret = read_regular(folder / name), read_regular(folder / _SECRET)
    except OSError:
        return None
    head = len(_MARK) + _DIGEST
    mark, digest, code = data[: len(_MARK)], data[len(_MARK) : head], data[head:]
    known = mark == _MARK and hmac.compare_digest(digest, _sealed(secret, name, code))
    return code if known else None


def store(folder: Path, name: str, code: bytes) -> None:
    """Store code as ``name``, atomically even if several processes do so at once.

    If the folder is not writable nothing is stored: the next run compiles again.
    """
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sealed = _MARK + _sealed(_secret(folder), name, code) + code
        with _draft(folder, sealed) as draft:
            os.replace(draft, folder / name)
        _trim(folder)


def _sealed(secret: bytes, name: str, code: bytes) -> bytes:
    return hmac.digest(secret, name.encode() + b"\0" + code, hashlib.sha256)


def _secret(folder: Path) -> bytes:
    """The folder's secret, created by the first process."""
    place = folder / _SECRET
    if not place.exists():
        with _draft(folder, secrets.token_bytes(32)) as draft, suppress(FileExistsError):
            os.link(draft, place)  # if another process was faster, its secret counts
    return read_regular(place)


@contextmanager
def _draft(folder: Path, data: bytes) -> Iterator[Path]:
    """A private file with ``data``; removed unless the block renames it."""
    name = f"{_DRAFT}{secrets.token_hex(6)}"
    with new_draft(lambda: folder / name, 0o600) as path:
        try:
            path.write_bytes(data)
            yield path
        finally:
            path.unlink(missing_ok=True)


def _trim(folder: Path) -> None:
    remove_abandoned(folder.glob(f"{_DRAFT}*"))
    files = [entry for entry in os.scandir(folder) if entry.name.endswith(".o")]
    if len(files) > _LIMIT:
        files.sort(key=lambda entry: entry.stat().st_mtime_ns)
        for entry in files[: len(files) - _LIMIT]:
            os.unlink(entry.path)
