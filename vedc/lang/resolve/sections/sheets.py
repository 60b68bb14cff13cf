"""Contact sheets among the outputs."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path, PurePath
from typing import Final

from vedc.edit.model import Output, Sheet
from vedc.edit.tables.containers import SHEETS, extension
from vedc.lang.keys.settings import OUTPUT
from vedc.lang.resolve.sections.output_sound import refuse
from vedc.lang.schema.values import one_of
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.support.file_patterns import is_numbered

#: Keys of an output that a sheet also has.
_KEYS: Final = ("path", "sheet", "captions")

#: Keys that would set its size.
_SIZE: Final = ("width", "height")


def resolve_sheet(
    node: SpecNode, path: Path, every: Fraction | None, rate: Fraction | None, problems: Problems
) -> Output:
    """The typed output of a contact sheet; every wrong setting is reported.

    ``every``: the key's time in seconds. ``rate``: that of the film, if it is known.
    """
    written, sheet = node["path"], node["sheet"]
    ending = extension(written.text)
    if ending not in SHEETS:
        name = PurePath(written.text)
        message = f"{name.name}: the name of a contact sheet must end in {one_of(tuple(SHEETS))}"
        hint = f"write {name.stem or 'sheet'}.jpg"
        problems.add("wrong-container", message, written, hint)
    elif is_numbered(written.text):
        message = f"{written.text!r}: the pages of a contact sheet are numbered by vedc"
        problems.add("bad-path", message, written, "write a name without %, such as sheet.jpg")
    for key in _SIZE:
        if key in node:
            message = f"{key!r} is that of a picture, and a contact sheet is 1600 pixels wide"
            hint = "remove it; `columns` in `sheet` sets the size of its pictures"
            problems.add("not-for-codec", message, node[key].key_location, hint)
    others = (key for key in OUTPUT.keys if key not in (*_KEYS, *_SIZE))
    refuse(node, others, "on a contact sheet", problems)
    if every is not None and rate is not None and every * rate < 1:
        message = f"every {sheet['every'].value} is less than a frame"
        problems.add("out-of-range", message, sheet["every"], "write every: 5s")
    shown = Sheet(int(sheet["columns"].number) if "columns" in sheet else None, every=every)
    if "count" in sheet:
        shown = replace(shown, count=int(sheet["count"].number))
    return Output(
        path=str(path),
        codec="png",
        pix_fmt="gbrp",
        audio_codec=None,
        sheet=shown,
        location=node.location,
    )
