"""Setting up editors: completion, documentation and checks for specs, by the JSON Schema.

The schema is kept in the project's ``.vedc`` folder, and editors learn which files it applies to.
Existing settings are kept, comments included.
"""

from __future__ import annotations

import os
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vedc.errors import MissingError, UsageError
from vedc.media.files import cannot_write
from vedc.support import jsonc

#: The files that the schema is for.
PATTERN: Final = "*.vedc.yaml"
SCHEMA: Final = Path(".vedc") / "edit.schema.json"
_NAME: Final = "vedc"
_KEY: Final = "yaml.schemas"
_MODELINE: Final = re.compile(r"^#\s*yaml-language-server:\s*\$schema=(\S*)[^\n]*", re.MULTILINE)
_COMPONENT: Final = "JsonSchemaMappingsProjectConfiguration"


@dataclass(frozen=True, slots=True)
class Change:
    """The new content of a file. ``what`` describes its purpose."""

    path: Path
    text: str
    what: str
    old: str | None
    """Its present content; None if there is no file."""

    @property
    def needed(self) -> bool:
        return self.text != self.old


def changes(folder: Path, schema: str, specs: Sequence[Path] = ()) -> list[Change]:
    """The files that set up a project's editors, changed or not.

    VS Code always, JetBrains programs if there is an ``.idea`` folder, and a modeline in each of
    ``specs``, for every program with yaml-language-server. Raises UsageError ``bad-settings`` for
    settings that cannot be read, MissingError for a missing spec.
    """
    found = [Change(folder / SCHEMA, schema, "the schema", _read(folder / SCHEMA))]
    settings = folder / ".vscode" / "settings.json"
    found.append(_change(settings, "VS Code, with the extension redhat.vscode-yaml", _vs_code))
    if (folder / ".idea").is_dir():
        found.append(_change(folder / ".idea" / "jsonSchemas.xml", "JetBrains", _jetbrains))
    return [*found, *(_with_modeline(folder, spec) for spec in specs)]


def write(change: Change) -> None:
    """Raises UsageError where the file cannot be written."""
    from vedc.support.atomic_write import write_whole

    try:
        change.path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(change.path, change.text.encode())
    except OSError as error:
        raise cannot_write(change.path, error.errno) from None


def _change(path: Path, what: str, edit: Callable[[str | None], str]) -> Change:
    old = _read(path)
    try:
        return Change(path, edit(old), what, old)
    except (ValueError, ET.ParseError) as error:
        message = f"{path} cannot be changed: {error}"
        hint = f"mend it, or add there by hand: {SCHEMA.as_posix()} is the schema of {PATTERN}"
        raise UsageError.one("bad-settings", message, hint=hint) from None


def _vs_code(old: str | None) -> str:
    text = old if old is not None and old.strip() else "{\n}\n"
    root = jsonc.parse(text)
    if not isinstance(root.plain, dict):
        raise ValueError("it holds no object")
    schema = f"./{SCHEMA.as_posix()}"
    known = root.members.get(_KEY)
    if known is None:
        return jsonc.with_member(text, root, _KEY, {schema: [PATTERN]})
    mapped = known.value
    if not isinstance(mapped.plain, dict):
        raise ValueError(f"{_KEY} is no object")
    given = mapped.plain.get(schema)
    patterns = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    if PATTERN in patterns:
        return text
    return jsonc.with_member(text, mapped, schema, [*patterns, PATTERN])


def _jetbrains(old: str | None) -> str:
    parser = ET.XMLParser(target=ET.TreeBuilder(insert_comments=True))
    project = ET.fromstring(old, parser) if old else ET.Element("project", {"version": "4"})
    if project.tag != "project":
        raise ValueError("it is not a project file")
    component = project.find(f"component[@name='{_COMPONENT}']")
    if component is None:
        component = ET.SubElement(project, "component", {"name": _COMPONENT})
    parent = component
    for tag in ("state", "map"):
        child = parent.find(tag)
        parent = ET.SubElement(parent, tag) if child is None else child
    if parent.find(f"entry[@key='{_NAME}']") is not None and old is not None:
        return old
    entry = ET.SubElement(parent, "entry", {"key": _NAME})
    info = ET.SubElement(ET.SubElement(entry, "value"), "SchemaInfo")
    for name, value in (
        ("name", _NAME),
        ("relativePathToSchema", SCHEMA.as_posix()),
        ("schemaVersion", "JSON Schema version 7"),
    ):
        ET.SubElement(info, "option", {"name": name, "value": value})
    listed = ET.SubElement(ET.SubElement(info, "option", {"name": "patterns"}), "list")
    item = ET.SubElement(listed, "Item")
    for name, value in (("pattern", "true"), ("path", PATTERN), ("mappingKind", "Pattern")):
        ET.SubElement(item, "option", {"name": name, "value": value})
    ET.indent(project)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f"{head}{ET.tostring(project, encoding='unicode')}\n"


def _with_modeline(folder: Path, spec: Path) -> Change:
    old = _read(spec)
    if old is None:
        hint = "name a spec: vedc schema --install edit.vedc.yaml"
        raise MissingError.one("spec-missing", f"there is no file {spec}", hint=hint)
    schema = Path(os.path.relpath(str(folder / SCHEMA), str(spec.parent))).as_posix()
    line = f"# yaml-language-server: $schema={schema}"
    bom = "\ufeff" if old.startswith("\ufeff") else ""
    body = old.removeprefix(bom)
    if _MODELINE.search(body):
        text = _MODELINE.sub(lambda found: line, body, count=1)
    else:
        text = f"{line}\n{body}"
    return Change(spec, bom + text, "a line for other editors with yaml-language-server", old)


def _read(path: Path) -> str | None:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        message = f"{path} cannot be read: {str(reason).lower()}"
        raise UsageError.one("bad-settings", message, hint="look at the file") from None
