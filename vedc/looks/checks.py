"""Checks of a colour file before OpenColorIO sees it: size, kind, and harmless XML.

Files come from anywhere. Entities, and with them files that grow when read, are refused, as are
references to other files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NoReturn
from xml.parsers import expat

from vedc.errors import MissingError, SourceLocation, UserError
from vedc.ops.looks.look_file import KINDS

#: The largest file that is read: a CLF with a table of 129 points a side has about 60 MiB.
MAX_BYTES: Final = 128 << 20
_MAX_DEPTH: Final = 32
_MAX_ELEMENTS: Final = 50_000
#: Of texts that are kept.
_MAX_TEXT: Final = 300

#: Kinds of XML, by the name of their root.
_ROOTS: Final = {
    "ProcessList": (".clf", ".ctf"),
    "ColorCorrection": (".cc",),
    "ColorCorrectionCollection": (".ccc",),
    "ColorDecisionList": (".cdl",),
    "look": (".look",),
}
_XML: Final = frozenset(kind for kinds in _ROOTS.values() for kind in kinds)
#: How other kinds begin, after comments.
_BEGINNINGS: Final = (
    (re.compile(rb"\s*(TITLE\b|LUT_[13]D_|DOMAIN_M)"), (".cube", ".itx")),
    (re.compile(rb"\s*SPILUT"), (".spi3d",)),
    (re.compile(rb"\s*CSPLUTV100"), (".csp",)),
    (re.compile(rb"\s*#Inventor"), (".vf",)),
    (re.compile(rb"\s*# Truelight"), (".cub",)),
    (re.compile(rb"\s*<"), tuple(sorted(_XML))),
)
_COMMENTS: Final = re.compile(rb"(\xef\xbb\xbf)?(\s*#(?!Inventor|\s*Truelight)[^\r\n]*[\r\n]+)*")


@dataclass(slots=True)
class Metadata:
    """Facts that an XML file states about itself."""

    root: str = ""
    texts: dict[str, str] = field(default_factory=dict)
    """By element or attribute: the first text of each."""


#: Elements whose text is kept, and attributes of the root.
_KEPT: Final = frozenset(
    {"Description", "InputDescriptor", "OutputDescriptor", "InputDescription", "ViewingDescription"}
)
_ATTRIBUTES: Final = ("name", "id")


def content(path: Path) -> bytes:
    """The bytes of a file of a fit size. Raises UserError ``bad-lut``, MissingError."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise MissingError.one(
            "missing-lut", f"cannot read {path}: {error.strerror}", hint="check the path"
        ) from error
    if len(data) > MAX_BYTES:
        refuse(path, None, f"the file is larger than {MAX_BYTES >> 20} MiB")
    return data


def check(path: Path, data: bytes) -> Metadata:
    """Raise UserError ``bad-lut`` for anything but harmless files of the kind that their names
    claim."""
    kind = path.suffix.lower()
    if not data.strip():
        refuse(path, 1, "the file is empty")
    if b"\0" in data[:4096]:
        refuse(path, 1, "the file is binary, not text", "export it again as text")
    begins = data[_COMMENTS.match(data).end() :][:64]  # type: ignore[union-attr]  # matches nothing
    for beginning, kinds in _BEGINNINGS:
        if beginning.match(begins) and kind not in kinds:
            if kinds[0] in _XML:
                metadata = harmless(path, data)
                kinds = _ROOTS.get(metadata.root, kinds)
            what = KINDS[kinds[0]]
            refuse(path, 1, f"its content is that of {what}", f"name it {path.stem}{kinds[0]}")
    if kind not in _XML:
        return Metadata()
    if not begins.lstrip().startswith(b"<"):
        refuse(path, 1, f"a {kind} file is XML, and this one is not")
    metadata = harmless(path, data)
    if kind not in _ROOTS.get(metadata.root, ()):
        known = _ROOTS.get(metadata.root)
        hint = f"name it {path.stem}{known[0]}" if known else None
        refuse(
            path, 1, f"its root is <{metadata.root[:40]}>, which is not that of a {kind} file", hint
        )
    return metadata


def harmless(path: Path, data: bytes) -> Metadata:
    """Facts that an XML file states about itself; refuses declared entities and references to
    files."""
    metadata = Metadata()
    open_elements: list[str] = []
    text: list[str] = []
    count = 0
    parser = expat.ParserCreate()

    def here() -> int:
        return parser.CurrentLineNumber

    def doctype(*_: object) -> None:
        hint = "remove the line with <!DOCTYPE"
        refuse(path, here(), "the file declares a document type, which is not read", hint)

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        name = name.rpartition(":")[2]
        count += 1
        if not open_elements:
            metadata.root = name
            for key in _ATTRIBUTES:
                if key in attributes:
                    metadata.texts[key] = attributes[key][:_MAX_TEXT]
        if name == "Reference":
            refuse(path, here(), "it refers to another file, which is not followed")
        open_elements.append(name)
        parser.CharacterDataHandler = characters if name in _KEPT else None
        if len(open_elements) > _MAX_DEPTH or count > _MAX_ELEMENTS:
            refuse(path, here(), "it has more elements, or deeper ones, than a colour file needs")
        text.clear()

    def end(name: str) -> None:
        name = name.rpartition(":")[2]
        if name in _KEPT:
            found = " ".join("".join(text).split())
            metadata.texts.setdefault(name, found[:_MAX_TEXT])
        open_elements.pop()
        parser.CharacterDataHandler = None
        text.clear()

    def characters(more: str) -> None:
        if len(text) < _MAX_TEXT:
            text.append(more)

    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        refuse(path, error.lineno, f"the file is not whole XML: {reason}")
    except (ValueError, LookupError) as error:  # an encoding that does not exist
        refuse(path, 1, f"the file is not whole XML: {error}")
    return metadata


def refuse(path: Path, line: int | None, reason: str, hint: str | None = None) -> NoReturn:
    """Raise UserError ``bad-lut``, at a line of the file where one is known."""
    location = SourceLocation(str(path), line) if line is not None else None
    raise UserError.one("bad-lut", reason, location, hint)
