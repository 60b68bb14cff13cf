"""Reading colour files: ``.cube`` by vedc's own reader, all others by OpenColorIO.

Ours gives the line of every mistake, honours domains, and needs no extra; only a ``.cube`` with a
1D and a 3D table at once is read by OpenColorIO. Every file is copied under a plain name first: in
a path OpenColorIO would replace ``$NAME`` by a variable, and it caches files by path.
"""

from __future__ import annotations

import re
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NoReturn

from vedc.color import Vec3f
from vedc.errors import MissingError, UserError
from vedc.expr.chain import Step, correction
from vedc.looks import checks
from vedc.looks.library import library, need
from vedc.ops.looks.look_file import COLLECTIONS, KINDS, Compiled, LookFile, in_words
from vedc.ops.looks.look_info import Correction, LookInfo
from vedc.ops.shared import cube
from vedc.ops.shared.cube import Cube

_ERROR: Final = re.compile(r"failed with: (.*)", re.DOTALL)
_LINE: Final = re.compile(r"\b(?:At )?[Ll]ine:? \(?(\d+)\)?(?::\s*)?")
_EMPTY: Final = re.compile(r"^Error parsing [\w. ]*file[. ]*(Error is: *)?", re.IGNORECASE)
_MOST_CORRECTIONS: Final = 5000


def read(path: Path) -> Cube | LookFile:
    """The content of a colour file, read once while unchanged.

    A Cube is a plain table. Raises UserError ``bad-lut`` with the line where that is known,
    MissingError ``missing-lut`` or ``missing-extra``.
    """
    return _read(path)[0]


def probe(path: Path) -> LookInfo:
    """The content of a colour file in words; errors as for :func:`read`."""
    return _read(path)[1]


def _read(path: Path) -> tuple[Cube | LookFile, LookInfo]:
    if path.suffix.lower() == ".cube":
        try:
            table = cube.read(path)
        except UserError as error:
            if "both a 1D and a 3D" not in error.problems[0].message:
                raise
        else:
            return table, LookInfo((in_words(table),), title=table.title)
    try:
        status = path.stat()
    except OSError as error:
        raise MissingError.one(
            "missing-lut", f"cannot read {path}: {error.strerror}", hint="check the path"
        ) from error
    return _by_ocio(path, status.st_size, status.st_mtime_ns, status.st_ino)


@lru_cache(maxsize=8)
def _by_ocio(path: Path, *stamp: int) -> tuple[LookFile, LookInfo]:
    kind = path.suffix.lower()
    if kind not in KINDS:
        known = ", ".join(KINDS)
        checks.refuse(
            path, None, f"{kind or path.name!r} is not a kind of colour file", f"one of {known}"
        )
    data = checks.content(path)
    metadata = checks.check(path, data)
    need(f"a {kind} file" if kind != ".cube" else "a .cube file with a 1D and a 3D table")
    with tempfile.TemporaryDirectory(prefix="vedc-look-") as folder:
        copy = Path(folder) / f"look{kind}"
        copy.write_bytes(data)
        corrections = _corrections(path, copy) if kind in COLLECTIONS else ()
        if corrections:
            chains = tuple((c.id, Compiled(tuple(_steps(c)))) for c in corrections)
        else:
            chains = (("", _chain(path, copy)),)
    held = LookFile(chains)
    only = chains[0][1] if len(chains) == 1 else Compiled(())
    texts = metadata.texts
    return held, LookInfo(
        only.words,
        corrections,
        texts.get("name") or texts.get("Description", ""),
        texts.get("InputDescriptor") or texts.get("InputDescription", ""),
        texts.get("OutputDescriptor", ""),
        only.notes,
    )


def _chain(path: Path, copy: Path) -> Compiled:
    ocio = library()
    from vedc.looks.processor import chain_of

    transform = ocio.FileTransform(src=str(copy), interpolation=ocio.INTERP_DEFAULT)
    try:
        return chain_of(ocio.Config.CreateRaw().getProcessor(transform))
    except Exception as error:  # its exceptions have no type of their own
        _refuse(path, copy, error)


def _corrections(path: Path, copy: Path) -> tuple[Correction, ...]:
    ocio = library()
    try:
        found = list(ocio.CDLTransform.CreateGroupFromFile(str(copy)))
    except Exception as error:
        _refuse(path, copy, error)
    if not found:
        checks.refuse(path, None, "the file holds no correction")
    if len(found) > _MOST_CORRECTIONS:
        checks.refuse(path, None, f"the file holds more than {_MOST_CORRECTIONS:,} corrections")
    ids = [cdl.getID() or str(number) for number, cdl in enumerate(found, 1)]
    twice = next((id for id in ids if ids.count(id) > 1), None)
    if twice is not None:
        checks.refuse(path, None, f"two corrections have the id {twice!r}", "give each its own")
    return tuple(map(_correction, ids, found))


def _correction(id: str, cdl: Any) -> Correction:
    slope, offset, power = (
        _vec(values) for values in (cdl.getSlope(), cdl.getOffset(), cdl.getPower())
    )
    return Correction(id, slope, offset, power, float(cdl.getSat()))


def _steps(c: Correction) -> list[Step]:
    """As in the standard, with clamps: the same as the op ``cdl``."""
    return correction(c.slope, c.offset, c.power, c.saturation, clamped=True)


def _refuse(path: Path, copy: Path, error: Exception) -> NoReturn:
    """Raise UserError ``bad-lut`` with OpenColorIO's message."""
    found = _ERROR.search(str(error))
    reason = " ".join((found[1] if found else str(error)).split())
    reason = reason.split(" 'flame' failed with")[0].split(" 'lustre' failed with")[0]
    line = _LINE.search(reason)
    reason = _LINE.sub("", reason)
    for place in (f" ({copy})", f"'{copy}'", str(copy)):
        reason = reason.replace(place, "" if place[0] == " " else "the file")
    reason = _EMPTY.sub("", reason)[:300].strip(" .") or "the file does not read well"
    checks.refuse(path, int(line[1]) if line else None, f"OpenColorIO: {reason}")


def _vec(values: Any) -> Vec3f:
    r, g, b = (float(v) for v in values)
    return r, g, b
