"""Tools about the folder itself: what is in it, and writing a spec."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from vedc.errors import UsageError
from vedc.report.forms.shape import choice, count, flag, listing, record, text
from vedc.serve.mcp.core.call import Call
from vedc.serve.mcp.core.folder import Folder
from vedc.serve.mcp.core.tool import SPEC, Answer, Tool
from vedc.serve.mcp.tools.specs import CHECKED, checked

_ENDING: Final = ".vedc.yaml"
#: The most files listed, and the most examined.
_MOST_LISTED: Final = 500
_MOST_SEEN: Final = 20_000
#: The most characters of a spec.
_MOST_TEXT: Final = 1_000_000


def _files(folder: Folder, call: Call, given: dict[str, Any]) -> Answer:
    start = folder.path(given["folder"])
    if not start.is_dir():
        message = f"{given['folder']!r} is not a folder"
        raise UsageError.one("no-such-folder", message, hint="leave `folder` out for all of them")
    found: list[dict[str, Any]] = []
    more = False
    for number, path in enumerate(_walk(start)):
        call.check()
        if number == _MOST_SEEN or len(found) == _MOST_LISTED:
            more = True
            break
        name = folder.shown(path)
        if given["name"].lower() in name.lower():
            kind = "spec" if path.name.endswith(_ENDING) else "file"
            found.append({"path": name, "kind": kind, "bytes": path.stat().st_size})
    return Answer({"files": found, "more": more})


def _walk(start: Path) -> Iterator[Path]:
    """Regular files, by name; no hidden ones, and no links, which may lead elsewhere."""
    for where, folders, names in os.walk(start):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(where, name)
            if not name.startswith(".") and path.is_file() and not path.is_symlink():
                yield path


def _write(folder: Folder, call: Call, given: dict[str, Any]) -> Answer:
    path = folder.path(given["spec"])
    if not path.name.endswith(_ENDING):
        message = f"{given['spec']!r} is not the name of a spec"
        raise UsageError.one("bad-path", message, hint=f"end it in {_ENDING}")
    if path.is_symlink() or (path.exists() and not path.is_file()):
        message = f"{given['spec']!r} exists and is not a regular file"
        raise UsageError.one("bad-path", message, hint="name another file")
    from vedc.media.files import cannot_write
    from vedc.support.atomic_write import write_whole

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, given["text"].encode())
    except OSError as error:
        raise cannot_write(path, error.errno) from None
    return Answer(checked(folder, given["spec"], {}))


TOOLS: Final = (
    Tool(
        "files",
        "List files",
        "List the files in the served folder: footage, music, specs, finished films. Start here to "
        "learn what there is. Hidden files and links are left out.",
        {
            "folder": {
                **text("Only below this folder, relative to the served one."),
                "default": ".",
            },
            "name": {**text("Only files whose path contains this."), "default": ""},
        },
        record(
            {
                "files": listing(
                    record({"path": text(), "kind": choice("", "spec", "file"), "bytes": count()})
                ),
                "more": flag(f"Whether there are more than the {_MOST_LISTED} listed."),
            }
        ),
        _files,
    ),
    Tool(
        "write_spec",
        "Write a spec",
        "Write a spec and check it. Replaces the file if it exists. Returns what `validate` "
        "returns: correct what it reports and write again until `valid` is true. The resource "
        "vedc://skill shows how a spec is written.",
        {
            "spec": {**SPEC, "pattern": r"\.vedc\.yaml$"},
            "text": {**text("The whole spec, as YAML."), "maxLength": _MOST_TEXT},
        },
        CHECKED,
        _write,
        required=("spec", "text"),
        writes=True,
    ),
)
