"""A user's template, started from one that comes with vedc."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from vedc.errors import UsageError
from vedc.lang.keys.targets import Target
from vedc.lang.stock import STOCK, stock_spec
from vedc.lang.yaml.load import load
from vedc.media.files import cannot_write
from vedc.support.suggest import suggestion

_VERSION: Final = "version: 1\n"


def stock_file(name: str) -> Path:
    """The file of a stock template. Raises UsageError for an unknown name."""
    path = stock_spec(name)
    if path is None:
        message = f"there is no template {name!r}{suggestion(name, STOCK)}"
        hint = f"there are {', '.join(STOCK)}"
        raise UsageError.one("unknown-template", message, hint=hint)
    return path


def write_from_stock(name: str, file: Path, target: Target | None = None) -> None:
    """Write a spec that is a stock template with a canvas and an output, which its first variable
    names. Raises UsageError for an unknown name, and if the file exists."""
    path = stock_file(name)
    width, height = (target.size if target is not None else None) or (1920, 1080)
    text = path.read_text(encoding="utf-8")
    canvas = f"profile: {{width: {width}, height: {height}, fps: 25}}\n"
    extra = f", target: {target.name}" if target is not None else ""
    output = f'outputs:\n  - {{path: "out/{_naming(path, name)}.mp4"{extra}}}\n'
    made = text.replace(_VERSION, _VERSION + canvas, 1) + output
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(made)
    except FileExistsError:
        message = f"{file} already exists"
        hint = f"name a new file: vedc template new {name} FILE"
        raise UsageError.one("output-exists", message, hint=hint) from None
    except OSError as error:
        raise cannot_write(file, error.errno) from None


def _naming(path: Path, name: str) -> str:
    """The value that names the films: the first text that is never empty, else the template's
    name."""
    for variable, declared in load(path).root["variables"].entries.items():
        if declared["type"].value == "string" and "minLength" in declared:
            return f"${{{{ slug({variable}) }}}}"
    return name
