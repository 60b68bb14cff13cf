"""A store entry as one file: its payload, followed by a description.

::

    payload | JSON: key, kind, size, digest, meta, machine | its length, 8 bytes | b"vedc seal 1\n"

The description comes last, so an aborted upload lacks it. A file is opened by truncating it, so the
payload need not be copied.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from vedc.execute.shared.machine import Machine
from vedc.support.lazy_dataclass import dataclass
from vedc.support.read_json import read_json
from vedc.support.regular_files import open_regular

_MARK: Final = b"vedc seal 1\n"
#: Most bytes of the JSON, as in a local store.
_MOST: Final = 1 << 22
_BLOCK: Final = 1 << 20


class Unsound(Exception):
    """A file is not a sealed entry of this key, or is damaged."""


@dataclass(frozen=True, slots=True)
class Sealed:
    key: str
    kind: str
    meta: Mapping[str, Any]
    machine: Machine | None = None
    """The machine that made it, where that may matter."""


def seal(payload: Path, target: Path, entry: Sealed) -> None:
    """Write ``target``. Raises OSError."""
    with open_regular(payload) as source, open(target, "wb") as file:
        shutil.copyfileobj(source, file, _BLOCK)
        size = file.tell()
        source.seek(0)
        note = {
            "key": entry.key, "kind": entry.kind, "meta": dict(entry.meta),
            "size": size, "digest": _digest(source, size), "machine": entry.machine,
        }  # fmt: skip
        text = json.dumps(note, sort_keys=True).encode()
        file.write(text + len(text).to_bytes(8, "little") + _MARK)


def unseal(file: Path, key: str) -> Sealed:
    """Reduce ``file`` to the payload. Raises Unsound, and OSError."""
    with open(file, "r+b") as held:
        end = held.seek(0, os.SEEK_END) - len(_MARK) - 8
        if end <= 0:
            raise Unsound("it is too short")
        held.seek(end)
        tail = held.read()
        length = int.from_bytes(tail[:8], "little")
        if tail[8:] != _MARK or length > min(_MOST, end):
            raise Unsound("its end is missing")
        held.seek(end - length)
        try:
            note = read_json(held.read(length))
            if note["key"] != key or note["size"] != end - length:
                raise Unsound("it is another entry")
            held.seek(0)
            if _digest(held, end - length) != note["digest"]:
                raise Unsound("its digest is another")
            by = note["machine"]
            machine = None if by is None else Machine(*by)
            sealed = Sealed(key, str(note["kind"]), dict(note["meta"]), machine)
        except (ValueError, KeyError, TypeError) as error:
            raise Unsound("its end cannot be read") from error
        held.truncate(end - length)
    return sealed


def _digest(file: Any, size: int) -> str:
    """SHA-256 of the next ``size`` bytes."""
    found = hashlib.sha256()
    while size > 0 and (block := file.read(min(size, _BLOCK))):
        size -= len(block)
        found.update(block)
    return found.hexdigest()
