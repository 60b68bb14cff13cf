"""Folders of speech models: copied into the project, and pinned by digest in its lock."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path

from vedc.decide.words.model_folder import FILES, check_model, model_digest
from vedc.errors import UsageError


def added(source: Path, folder: Path, *, replace: bool) -> tuple[Path, str]:
    """Copy the folder of a model below the working folder, and pin it there; its place and digest.

    Raises MissingError if it is not a model, UsageError if it would leave the project or replace
    another.
    """
    from vedc.decide.lock.lock_file import NAME, Lock

    check_model(source)
    root = Path.cwd()
    copy = folder / source.resolve().name
    if not Path(os.path.realpath(copy)).is_relative_to(os.path.realpath(root)):
        message = f"{copy} is outside this folder, the project"
        raise UsageError.one("outside-root", message, hint="name a folder in it: --to models")
    there = os.path.lexists(copy)
    same = there and _is_same(source, copy)
    if there and not same and not replace:
        message = f"{copy} exists, and is another model"
        raise UsageError.one("output-exists", message, hint="-y replaces it, or use another --to")
    if not same:
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".{copy.name}-{secrets.token_hex(4)}.tmp"
        try:
            draft.mkdir()
            for name in FILES:
                if (source / name).is_file():
                    shutil.copyfile(source / name, draft / name)
            if there:
                _remove(copy)
            draft.rename(copy)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    lock = Lock.load(root / NAME)
    pin = model_digest(copy)
    name = Path(os.path.relpath(copy, root)).as_posix()
    lock.with_models({**lock.models, name: pin}).save()
    return copy, pin


def _is_same(source: Path, copy: Path) -> bool:
    if not copy.is_dir():
        return False
    if copy.samefile(source):
        return True
    try:
        return model_digest(copy) == model_digest(source)
    except OSError:
        return False


def _remove(copy: Path) -> None:
    """Remove the model being replaced, never a folder with anything else."""
    if not copy.is_dir() or copy.is_symlink():
        copy.unlink()
        return
    check_model(copy)
    shutil.rmtree(copy)
