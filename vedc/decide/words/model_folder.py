"""Folders of speech models: their contents and digest. Nothing is loaded here."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Final

from vedc.errors import MissingError
from vedc.media.digest import Stamp, StampCache

#: Required files of a model folder: without a tokenizer, the library would ask a hub for one.
NEEDED: Final = ("model.bin", "config.json", "tokenizer.json")
_OTHERS: Final = ("vocabulary.txt", "vocabulary.json", "preprocessor_config.json")
#: All files of a model.
FILES: Final = (*NEEDED, *_OTHERS)
_VERSION: Final = 1


def check_model(folder: Path) -> None:
    """Raise MissingError if a folder is not a model of faster-whisper."""
    lacking = [name for name in NEEDED if not (folder / name).is_file()]
    if not any((folder / name).is_file() for name in _OTHERS[:2]):
        lacking.append(_OTHERS[0])
    if lacking:
        what = f"lacks {', '.join(lacking)}" if folder.is_dir() else "is no folder"
        message = f"'{folder}' is no speech model: it {what}"
        hint = "name the folder of a Whisper model in CTranslate2's form, with its model.bin"
        raise MissingError.one("no-speech-model", message, hint=hint)


def model_digest(folder: Path, cache: Path | None = None) -> str:
    """SHA-256 over the files of a model, by name: ``sha256:...``.

    Digests of the files, which may have gigabytes, are cached in the folder ``cache`` by stamp.
    Raises MissingError as :func:`check_model`.
    """
    check_model(folder)
    files = [folder / name for name in sorted(FILES) if (folder / name).is_file()]
    whole = hashlib.sha256()
    for file in files:
        whole.update(f"{file.name} {_kept(Stamp.of(file), cache)}\n".encode())
    return f"sha256:{whole.hexdigest()}"


@lru_cache(maxsize=64)
def _kept(stamp: Stamp, cache: Path | None) -> str:
    records = None if cache is None else StampCache(cache, "sha256", _VERSION)
    held = None if records is None else records.get(stamp)
    if held is not None and isinstance(known := held.get("sha256"), str):
        return known
    with open(stamp.path, "rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if records is not None:
        records.put(stamp, {"sha256": found})
    return found
