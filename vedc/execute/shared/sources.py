"""Source files in the shared store, by digest, for machines that lack them.

The pictures of a sequence form one file there, a tar archive. Copies keep the end of their name,
since it identifies some file types.
"""

from __future__ import annotations

import re
import tarfile
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from io import BytesIO
from pathlib import Path, PurePath
from secrets import token_hex
from typing import Final

from vedc.edit.media_info import sequence_locator, split_locator
from vedc.errors import RenderError
from vedc.execute.shared.objects import Objects, Refused
from vedc.execute.shared.sealed import Sealed, Unsound, seal, unseal
from vedc.support.drafts import new_draft
from vedc.support.file_patterns import is_numbered, listed

#: Characters not allowed in a copy's name.
_UNUSUAL: Final = re.compile(r"[^\w.%-]+", re.ASCII)


def send_source(objects: Objects, digest: str, path: str, folder: Path) -> None:
    """Put a file, or a sequence given by its locator, into the store. ``folder`` is for drafts.

    Raises OSError if it cannot be read, and the errors of :class:`Objects`.
    """
    name = _name(digest)
    if objects.has(name):
        return
    pattern, rate = split_locator(path)
    meta = {"name": _UNUSUAL.sub("_", PurePath(pattern).name)[-80:] or "file"}
    if rate is not None:
        meta = {"rate": rate}
    folder.mkdir(parents=True, exist_ok=True)
    with (
        new_draft(lambda: folder / f"source.{token_hex(6)}") as packed,
        new_draft(lambda: folder / f"source.{token_hex(6)}") as draft,
    ):
        try:
            payload = Path(pattern)
            if rate is not None:
                _pack(pattern, packed)
                payload = packed
            seal(payload, draft, Sealed(digest, "source", meta))
            try:
                objects.put(name, draft)
            except Refused:
                message = f"the store {objects.address.shown} may be read, and not written"
                hint = "sources are put there for the machines of the cluster: ask for the right"
                raise RenderError.one("store-refused", message, hint=hint) from None
        finally:
            packed.unlink(missing_ok=True)
            draft.unlink(missing_ok=True)


def fetch_source(
    objects: Objects, digest: str, folder: Path, name_of: Callable[[str], str]
) -> str | None:
    """The path or locator of this machine's copy of a source; None if the store has none.

    Copies stay in ``folder``. ``name_of`` gives the digest of a file. Raises OSError.
    """
    place = folder / digest
    if (found := _known(place, digest, name_of)) is not None:
        return found
    place.mkdir(parents=True, exist_ok=True)
    draft = place / f"draft.{token_hex(6)}"
    try:
        if not objects.get(_name(digest), draft):
            return None
        sealed = unseal(draft, digest)
        if (rate := sealed.meta.get("rate")) is None:
            made = place / "file" / PurePath(str(sealed.meta["name"])).name
            made.parent.mkdir(exist_ok=True)
            draft.replace(made)
        else:
            made = place / f"rate {str(rate).replace('/', ' in ')}"
            made.mkdir(exist_ok=True)
            with tarfile.open(draft) as archive:
                archive.extractall(made, filter="data")
        return _known(place, digest, name_of)
    except (Unsound, KeyError, tarfile.TarError):
        with suppress(Refused):
            objects.remove([_name(digest)])
        return None
    finally:
        draft.unlink(missing_ok=True)


def _known(place: Path, digest: str, name_of: Callable[[str], str]) -> str | None:
    """A copy that was fetched before, if it is intact."""
    with suppress(OSError, ValueError):
        for folder in place.iterdir():
            if folder.name == "file":
                found = [str(path) for path in folder.iterdir()]
            elif folder.name.startswith("rate "):
                rate = Fraction(folder.name.removeprefix("rate ").replace(" in ", "/"))
                found = [sequence_locator(_pattern(folder), rate)]
            else:
                continue
            if len(found) == 1 and name_of(found[0]) == digest:
                return found[0]
    return None


#: A file with the pattern of the numbered pictures beside it. Patterns do not match hidden files.
_NOTE: Final = ".pattern"


def _pattern(folder: Path) -> str:
    """The pattern of the pictures in a folder."""
    note = folder / _NOTE
    return str(folder / (note.read_text() if note.exists() else "*"))


def _pack(pattern: str, target: Path) -> None:
    """Write the pictures of a sequence. If their names have no place for a number they are
    numbered, since they may come from several folders."""
    numbered = is_numbered(pattern)
    with tarfile.open(target, "w") as archive:
        if numbered:
            text = PurePath(pattern).name.encode()
            entry = tarfile.TarInfo(_NOTE)
            entry.size = len(text)
            archive.addfile(entry, BytesIO(text))
        for number, file in enumerate(listed(pattern).files):
            path = Path(file)
            archive.add(path, path.name if numbered else f"{number:08}{path.suffix}")


def _name(digest: str) -> str:
    return f"sources/{digest[:2]}/{digest}"
