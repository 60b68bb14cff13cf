"""From a file of another program to a spec, and from a spec to such a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from vedc.edit.model import Edit
from vedc.errors import MissingError, SpecError, shorten
from vedc.interchange import formats
from vedc.interchange.common.draft import Draft
from vedc.interchange.common.files import ForeignFiles
from vedc.interchange.common.losses import Losses
from vedc.interchange.foreign.node import Node
from vedc.interchange.formats import Format
from vedc.lang.yaml.load import Document, display_name

MAX_BYTES: Final = 64 * 2**20


@dataclass(frozen=True)
class Imported:
    format: Format
    text: str
    """The spec."""
    losses: Losses


def import_file(
    file: Path,
    target: Path,
    *,
    form: str | None = None,
    allow: tuple[Path, ...] = (),
    cache: Path | None = None,
) -> Imported:
    """Read a timeline. ``target``: the spec that will be written, to which paths are relative.

    Raises MissingError for a file that cannot be read, UsageError for a format that is not known,
    and SpecError, with a place in the file, for one that is damaged.
    """
    if form is None and file.suffix.lower() in formats.BY_ADAPTER:
        text, found = through_adapter(file), formats.FORMATS["otio"]
    else:
        text = _text_of(file)
        found = formats.of_text(file, text) if form is None else formats.named(form)
    folder = target.absolute().parent
    files = ForeignFiles(file.parent, folder, allow, cache or folder / ".vedc" / "cache")
    name = display_name(file)
    draft, losses = _read(found, text, name, files)
    if form is None and file.suffix.lower() == ".otioz":
        losses.add(
            "note", f"the media inside {file.name}", "unpack it beside the spec: it is a ZIP"
        )
    return Imported(found, draft.text(), losses)


def through_adapter(file: Path) -> str:
    """A file that an adapter of opentimelineio reads, as its JSON. Raises MissingError without
    opentimelineio, SpecError where the adapter fails."""
    try:
        import opentimelineio
    except ImportError:
        message = f"{file.name} is read through opentimelineio, which is not installed"
        hint = "pip install 'vedc[otio]'"
        raise MissingError.one("missing-extra", message, hint=hint) from None
    try:
        timeline = opentimelineio.adapters.read_from_file(str(file))
        return str(opentimelineio.adapters.write_to_string(timeline, "otio_json"))
    except Exception as error:  # adapters come from many authors, and raise anything
        reason = " ".join(str(error).split()) or type(error).__name__
        message = f"opentimelineio cannot read {display_name(file)!r}: {shorten(reason, 200)}"
        hint = "install the adapter for it, or save it as .otio"
        raise SpecError.one("foreign-format", message, hint=hint) from None


def _read(form: Format, text: str, name: str, files: ForeignFiles) -> tuple[Draft, Losses]:
    if form.name == "edl":
        from vedc.interchange.nle import edl_read

        return edl_read.read(text, name, files)
    if form.name in ("fcp7", "fcpxml", "mlt"):
        from vedc.interchange.foreign import element
        from vedc.interchange.nle import fcp7_read, fcpxml_read, mlt_read

        readers: Any = {"fcp7": fcp7_read, "fcpxml": fcpxml_read, "mlt": mlt_read}
        reader = readers[form.name]
        tree = element.parse(text, name, reader.KNOWN)
        return reader.read(tree, files), tree.losses
    root = Node.parse(text, name)
    if form.name == "otio":
        from vedc.interchange.otio import read as otio

        return otio.read(root, files), root.losses
    if form.name == "editly":
        from vedc.interchange.editly import read as editly

        return editly.read(root, files), root.losses
    if form.name == "shotstack":
        from vedc.interchange.services import shotstack

        return shotstack.read(root, files), root.losses
    if form.name == "json2video":
        from vedc.interchange.services import json2video

        return json2video.read(root, files), root.losses
    if form.name == "auto-editor":
        from vedc.interchange.services import auto_editor

        return auto_editor.read(root, files), root.losses
    raise AssertionError(form.name)


def _text_of(file: Path) -> str:
    name = display_name(file)
    try:
        with file.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        message = f"{name!r} cannot be read: {str(error.strerror or error).lower()}"
        hint = "check its path and its permissions"
        raise MissingError.one("import-unreadable", message, hint=hint) from None
    if len(raw) > MAX_BYTES:
        message = f"{name!r} is larger than {MAX_BYTES // 2**20} MiB"
        raise SpecError.one("foreign-too-large", message, hint="a timeline is far smaller")
    for encoding in (
        ("utf-8-sig", "utf-16") if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig",)
    ):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    if b"\0" in raw:
        message = f"{name!r} is not text"
        raise SpecError.one("foreign-format", message, hint="name a timeline, not a media file")
    return raw.decode("cp1252", errors="replace")


def export_text(edit: Edit, document: Document, target: Path, form: Format) -> tuple[str, Losses]:
    """A resolved edit as a text of another format. ``document`` is its canonical spec, after its
    decisions."""
    losses = Losses(document.file)
    if form.name == "otio":
        from vedc.interchange.otio import write as otio

        return otio.write(edit, document, target, losses), losses
    from vedc.interchange.nle import edl_write, fcp7_write, fcpxml_write, mlt_write

    writers: Any = {"edl": edl_write, "fcp7": fcp7_write, "fcpxml": fcpxml_write, "mlt": mlt_write}
    return writers[form.name].write(edit, document, target, losses), losses
