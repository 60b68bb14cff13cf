"""Looks as files that other programs read, too: .cube, the ASC's CDL, and steps as YAML."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal
from xml.etree import ElementTree as Xml

import numpy as np

from vedc.decide.arrays import Floats
from vedc.decide.grades.fit.pair_fit import Fit
from vedc.decide.grades.named import CDL
from vedc.decide.grades.project import Projection, project
from vedc.decide.grades.shot import Step
from vedc.decide.grades.table_files import cube_text
from vedc.decide.grades.tables import table_of
from vedc.errors import UsageError
from vedc.media.files import whole_file
from vedc.report.grades.fitted import yaml

Detail = Literal["steps", "lut"]

LISTS: Final = (".cdl", ".ccc", ".cc")
KINDS: Final = (".cube", *LISTS, ".yaml", ".yml")
_NAMESPACE: Final = "urn:ASC:CDL:v1.2"
_PIXELS: Final = 60_000


def check_kind(target: Path, detail: Detail | None) -> None:
    """Raise UsageError where a look cannot be written so."""
    kind = target.suffix.lower()
    if kind not in KINDS:
        known = ", ".join(KINDS)
        message = f"{target.name}: the name of a look must end in one of {known}"
        hint = f"write -o {target.stem or 'look'}.cube"
        raise UsageError.one("bad-look", message, hint=hint)
    if detail == "lut" and kind != ".cube":
        message = f"{target.name} cannot hold a table"
        hint = "leave --detail out, or write a .cube"
        raise UsageError.one("bad-option", message, hint=hint)


def write_look(target: Path, fit: Fit, raw: Sequence[Floats], detail: Detail | None) -> list[str]:
    """Write the grade in the form of the file's extension; says what is lost.

    A .cube holds all of it, or with ``detail: steps`` what the steps do. A CDL holds slope,
    offset, power and saturation alone, which are found anew over the pictures of ``raw``. Raises
    RenderError ``cannot-write``.
    """
    kind = target.suffix.lower()
    lost: list[str] = []
    if kind == ".cube":
        table = table_of(fit.projection.steps) if detail == "steps" else fit.table
        told = cube_text(table)
    elif kind in LISTS:
        found = as_cdl(fit, raw)
        told = cdl_text(found.steps[0] if found.steps else {}, kind, target.stem)
        lost.append(
            f"{target.name} holds slope, offset, power and saturation only: it leaves dE "
            f"{found.remaining:.2f} of the fitted grade's {found.untouched:.2f}"
        )
    else:
        told = yaml(fit)
    with whole_file(target) as part:
        part.write_text(told, encoding="utf-8")
    return lost


def as_cdl(fit: Fit, raw: Sequence[Floats]) -> Projection:
    """The CDL that is nearest to a grade over pictures (height, width, 3)."""
    pixels = np.concatenate([picture.reshape(-1, 3) for picture in raw])
    return project(fit.table, pixels[:: -(-len(pixels) // _PIXELS)], (CDL,), price=0.0)


def cdl_text(step: Step, kind: str, name: str) -> str:
    """A ``cdl`` step as the ASC's XML: a list of decisions, a collection, or one correction."""
    correction = Xml.Element("ColorCorrection", id=name)
    if kind == ".cc":
        correction.set("xmlns", _NAMESPACE)
    sop = Xml.SubElement(correction, "SOPNode")
    for tag, key, default in (
        ("Slope", "slope", 1.0),
        ("Offset", "offset", 0.0),
        ("Power", "power", 1.0),
    ):
        values = np.broadcast_to(step.get(key, default), 3)
        Xml.SubElement(sop, tag).text = " ".join(f"{float(value):.6g}" for value in values)
    saturation = Xml.SubElement(correction, "SatNode")
    Xml.SubElement(saturation, "Saturation").text = f"{float(step.get('saturation', 1.0)):.6g}"
    root = correction
    if kind == ".cdl":
        root = Xml.Element("ColorDecisionList", xmlns=_NAMESPACE)
        Xml.SubElement(root, "ColorDecision").append(correction)
    elif kind == ".ccc":
        root = Xml.Element("ColorCorrectionCollection", xmlns=_NAMESPACE)
        root.append(correction)
    Xml.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{Xml.tostring(root, "unicode")}\n'
