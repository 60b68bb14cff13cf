"""The formats of timelines that vedc reads and writes, and how a file is recognised."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vedc.errors import UsageError
from vedc.support.suggest import did_you_mean


@dataclass(frozen=True, slots=True)
class Format:
    name: str
    title: str
    suffixes: tuple[str, ...]
    reads: bool = True
    writes: bool = False


FORMATS: Final = {
    each.name: each
    for each in (
        Format("otio", "OpenTimelineIO", (".otio",), writes=True),
        Format("editly", "editly", (".json5", ".json")),
        Format("shotstack", "Shotstack", (".json",)),
        Format("json2video", "JSON2Video", (".json",)),
        Format("auto-editor", "auto-editor", (".v3", ".v2", ".v1", ".json")),
        Format("edl", "CMX 3600 EDL", (".edl",), writes=True),
        Format("fcp7", "Final Cut Pro 7 XML", (".xml",), writes=True),
        Format("fcpxml", "Final Cut Pro X XML", (".fcpxml",), writes=True),
        Format("mlt", "MLT XML", (".mlt", ".kdenlive"), writes=True),
    )
}

#: Suffixes that identify a format with certainty.
_CERTAIN: Final = {
    ".otio": "otio", ".edl": "edl", ".fcpxml": "fcpxml", ".mlt": "mlt", ".kdenlive": "mlt",
    ".v1": "auto-editor", ".v2": "auto-editor", ".v3": "auto-editor",
}  # fmt: skip

#: Suffixes of files that an adapter of opentimelineio reads; some adapters are separate packages.
BY_ADAPTER: Final = (".otioz", ".aaf", ".ale", ".xges")


def named(name: str, *, write: bool = False) -> Format:
    """A format by its name. Raises UsageError ``unknown-format``."""
    known = [each for each, form in FORMATS.items() if form.writes or not write]
    if name not in known:
        near = did_you_mean(name, known)
        tail = f"; did you mean {near!r}?" if near else ""
        message = f"vedc {'writes' if write else 'reads'} no format {name!r}{tail}"
        raise UsageError.one("unknown-format", message, hint=f"it knows {', '.join(known)}")
    return FORMATS[name]


def of_target(target: Path) -> Format:
    """The format of a file to write, by its name. Raises UsageError."""
    suffix = target.suffix.lower()
    name = _CERTAIN.get(suffix) or ("fcp7" if suffix == ".xml" else "")
    if not name or not FORMATS[name].writes:
        known = ", ".join(s for form in FORMATS.values() if form.writes for s in form.suffixes)
        message = f"{target.name}: vedc writes no format with this extension"
        hint = f"end it in one of {known}, or name the format with --to"
        raise UsageError.one("unknown-format", message, hint=hint)
    return FORMATS[name]


def of_text(file: Path, text: str) -> Format:
    """The format of a file by its name and its content. Raises UsageError ``unknown-format``."""
    suffix = file.suffix.lower()
    name = _CERTAIN.get(suffix) or _recognised(text)
    if name is None:
        message = f"{file}: this is not a timeline that vedc knows"
        names = ", ".join(FORMATS)
        raise UsageError.one(
            "unknown-format", message, hint=f"name its format with --from: {names}"
        )
    return FORMATS[name]


def _recognised(text: str) -> str | None:
    head = text[:200_000]
    if head.lstrip("\ufeff \t\r\n").startswith("<"):
        for pattern, name in (("<xmeml", "fcp7"), ("<fcpxml", "fcpxml"), ("<mlt", "mlt")):
            if re.search(pattern + r"[\s>]", head):
                return name
        return None
    if re.search(r"^TITLE:|^FCM:|^\d{3,6}\s+\S+\s+\S+\s+[CDWK]", head, re.MULTILINE):
        return "edl"

    def key(name: str) -> bool:
        return re.search(rf"""(^|[\s{{,])["']?{name}["']?\s*:""", head) is not None

    if key("OTIO_SCHEMA"):
        return "otio"
    if key("timeline") and key("tracks"):
        return "shotstack"
    if key("scenes"):
        return "json2video"
    if key("clips") and (key("layers") or key("outPath")):
        return "editly"
    if ((key("timebase") or key("tb")) and (key("v") or key("chunks") or key("clips"))) or key(
        "chunks"
    ):
        return "auto-editor"
    return "json2video" if key("elements") and key("resolution") else None
