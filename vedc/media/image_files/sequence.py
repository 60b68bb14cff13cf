"""Numbered picture files: all are written beside their places, then moved there together."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import Final

from vedc.media.files import cannot_write, make_folder, sync_folder
from vedc.media.image_files.encode import pictures_of
from vedc.support.drafts import STALE
from vedc.support.numbered_names import NumberedName

_SCRATCH: Final = re.compile(r"\.vedc-[0-9a-f]{12}")


def write_sequence(
    target: str,
    segments: Sequence[Path],
    first: int,
    finished: Callable[[bytes], bytes] = lambda data: data,
) -> int:
    """Write the pictures of segments in order, from the number ``first`` on; returns how many.

    ``target`` is a pattern such as ``frames/%05d.png``. Leftovers of a longer sequence of that name
    are removed, so only the film's files remain.

    Nothing is replaced before every picture is written. Raises RenderError ``cannot-write``.
    """
    names = NumberedName(target)
    make_folder(names.folder)
    old = names.existing()
    _sweep(names.folder)
    scratch = names.folder / f".vedc-{token_hex(6)}"
    number = first
    try:
        scratch.mkdir()
        try:
            for segment in segments:
                for data in pictures_of(segment):
                    (scratch / names.path(number).name).write_bytes(finished(data))
                    number += 1
            for written in range(first, number):
                path = names.path(written)
                os.replace(scratch / path.name, path)
            for left, path in old.items():
                if not first <= left < number:
                    path.unlink(missing_ok=True)
        finally:
            with suppress(OSError):
                shutil.rmtree(scratch)
        sync_folder(names.folder)
    except OSError as error:
        raise cannot_write(Path(target), error.errno) from error
    return number - first


def _sweep(folder: Path) -> None:
    """Remove leftovers of killed processes."""
    before = time.time() - STALE
    with suppress(OSError):
        for left in folder.iterdir():
            if _SCRATCH.fullmatch(left.name) and left.is_dir() and left.stat().st_mtime < before:
                shutil.rmtree(left, ignore_errors=True)
