"""Looks as files for other programs, and steps as YAML.

OpenColorIO writes CDLs and .clf files, but not .cube files, so those need no extra.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

import numpy as np

from vedc.decide.arrays import Floats
from vedc.decide.grades.fit.pair_fit import Fit
from vedc.decide.grades.named import CDL
from vedc.decide.grades.project import Projection, project
from vedc.decide.grades.table_files import cube_text
from vedc.decide.grades.tables import as_cube, table_of
from vedc.errors import UsageError
from vedc.looks.library import need
from vedc.looks.write import correction_text, table_text
from vedc.media.files import whole_file
from vedc.report.grades.fitted import yaml

Detail = Literal["steps", "lut"]

LISTS: Final = (".cdl", ".ccc", ".cc")
TABLES: Final = (".cube", ".clf")
KINDS: Final = (*TABLES, *LISTS, ".yaml", ".yml")
_PIXELS: Final = 60_000


def check_kind(target: Path, detail: Detail | None) -> None:
    """Raise UsageError if a look cannot be written in that form, MissingError without the
    writer."""
    kind = target.suffix.lower()
    if kind not in KINDS:
        known = ", ".join(KINDS)
        message = f"{target.name}: the name of a look must end in one of {known}"
        hint = f"write -o {target.stem or 'look'}.cube"
        raise UsageError.one("bad-look", message, hint=hint)
    if kind in LISTS or kind == ".clf":
        need(f"writing a {kind} file")
    if detail == "lut" and kind not in TABLES:
        message = f"{target.name} cannot hold a table"
        hint = "leave --detail out, or write a .cube or a .clf"
        raise UsageError.one("bad-option", message, hint=hint)


def write_look(target: Path, fit: Fit, raw: Sequence[Floats], detail: Detail | None) -> list[str]:
    """Write the grade in the form of the file's extension; says what is lost.

    A .cube or .clf holds all of it, or with ``detail: steps`` what the steps do. A CDL holds only
    slope, offset, power and saturation, which are fitted again to the pictures of ``raw``. Raises
    RenderError ``cannot-write``.
    """
    kind = target.suffix.lower()
    lost: list[str] = []
    if kind in TABLES:
        table = table_of(fit.projection.steps) if detail == "steps" else fit.table
        content = cube_text(table) if kind == ".cube" else table_text(as_cube(table), target.stem)
    elif kind in LISTS:
        found = as_cdl(fit, raw)
        content = correction_text(found.steps[0] if found.steps else {}, kind, target.stem)
        lost.append(
            f"{target.name} holds slope, offset, power and saturation only: it leaves dE "
            f"{found.remaining:.2f} of the fitted grade's {found.untouched:.2f}"
        )
    else:
        content = yaml(fit)
    with whole_file(target) as part:
        part.write_text(content, encoding="utf-8")
    return lost


def as_cdl(fit: Fit, raw: Sequence[Floats]) -> Projection:
    """The CDL nearest to a grade over pictures (height, width, 3)."""
    pixels = np.concatenate([picture.reshape(-1, 3) for picture in raw])
    return project(fit.table, pixels[:: -(-len(pixels) // _PIXELS)], (CDL,), price=0.0)
