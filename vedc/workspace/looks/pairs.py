"""Which files of a folder are raw and graded versions of one another.

Two naming schemes, which may be mixed:

- ``raw/NAME.mp4`` and ``graded/NAME.mov``, in sub-folders of the same names;
- ``NAME.raw.mp4`` and ``NAME.graded.mov`` in one folder.

Extensions may differ. Files of one sub-folder have one source, such as a day or a place; each other
file is its own source.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from vedc.errors import MissingError, UserError

Side = Literal["raw", "graded"]
SIDES: Final[tuple[Side, Side]] = ("raw", "graded")


@dataclass(frozen=True, slots=True)
class FilePair:
    """Two files with the same content."""

    name: str
    source: str
    raw: Path
    graded: Path


@dataclass(frozen=True, slots=True)
class LeftOver:
    """A file, or a pair, that is skipped."""

    name: str
    """Relative to the folder."""
    why: str


def find_pairs(folder: Path, ignored: Iterable[Path] = ()) -> tuple[list[FilePair], list[LeftOver]]:
    """The pairs of a folder in order of their names, and skipped files.

    Hidden files and those ``ignored`` are left out. Raises MissingError ``no-such-file``, and
    UserError ``no-pairs``.
    """
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "is not there"
        message = f"{folder} {what}: pairs are looked for in a folder"
        hint = "name the folder that holds raw/ and graded/"
        raise MissingError.one("no-such-file", message, hint=hint)
    skipped = {path.absolute() for path in ignored}
    sides: dict[str, dict[Side, list[Path]]] = {}
    left: list[LeftOver] = []
    for file in _files(folder):
        if file.absolute() in skipped:
            continue
        inside = file.relative_to(folder)
        found = _placed(inside)
        if found is None:
            why = "neither in raw/ or graded/, nor called NAME.raw.* or NAME.graded.*"
            left.append(LeftOver(str(inside), why))
        else:
            sides.setdefault(found[0], {}).setdefault(found[1], []).append(file)
    pairs: list[FilePair] = []
    for name, held in sorted(sides.items()):
        raw, graded = _one_of_each(held)
        if raw is not None and graded is not None:
            path = Path(name)
            source = str(path.parent) if path.parent != Path() else name
            pairs.append(FilePair(name, source, raw, graded))
        else:
            left += _unpaired(folder, held)
    if not pairs:
        raise UserError.one(
            "no-pairs",
            f"{folder} has no pair of a raw and a graded file",
            hint="name them raw/NAME.mp4 and graded/NAME.mp4, or NAME.raw.mp4 and NAME.graded.mp4",
        )
    return pairs, sorted(left, key=lambda each: each.name)


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and path.is_file():
            yield path


def _placed(inside: Path) -> tuple[str, Side] | None:
    """The name that both files of a pair have, and which of them this is."""
    first, *rest = inside.parts
    for side in SIDES:
        if rest and first == side:
            return str(Path(*rest).with_suffix("")), side
        mark = Path(inside.stem).suffix.lower()
        if mark == f".{side}":
            return str(inside.with_suffix("").with_suffix("")), side
    return None


def _one_of_each(held: dict[Side, list[Path]]) -> tuple[Path | None, Path | None]:
    """The raw and the graded file of a name; of several, those with the same extension."""
    raws, grades = (held.get(side, []) for side in SIDES)
    if len(raws) == len(grades) == 1:
        return raws[0], grades[0]
    alike = [(r, g) for r in raws for g in grades if r.suffix.lower() == g.suffix.lower()]
    return alike[0] if len(alike) == 1 else (None, None)


def _unpaired(folder: Path, held: dict[Side, list[Path]]) -> Iterator[LeftOver]:
    raws, grades = (held.get(side, []) for side in SIDES)
    for side, files, others in (("graded", raws, grades), ("raw", grades, raws)):
        several = "which of several files of that name it belongs to is not clear"
        why = several if others else f"no {side} file has its name"
        for file in files:
            yield LeftOver(str(file.relative_to(folder)), why)
