"""The text of the skill file: written by hand, with lists that come from the code."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import Final, get_args

from vedc import ops
from vedc.errors import UsageError
from vedc.media.files import cannot_write
from vedc.ops import OpKind

#: The file's conventional name.
FILE: Final = "SKILL.md"

#: The name and summary of a command.
Command = tuple[str, str]


def skill_text(commands: Sequence[Command]) -> str:
    """The whole file."""
    text = Path(__file__).with_name("skill.md").read_text(encoding="utf-8")
    listed = "\n".join(f"- `vedc {name}`: {summary}" for name, summary in commands)
    return text.replace("@COMMANDS@", listed).replace("@OPS@", _ops())


def write_skill(folder: Path, commands: Sequence[Command], *, replace: bool = False) -> Path:
    """Write the file into the folder ``vedc`` below ``folder``.

    Raises UsageError ``output-exists`` for a file with different text, unless it may be replaced.
    """
    target, text = folder / "vedc" / FILE, skill_text(commands)
    try:
        if target.exists() and not replace and target.read_text(encoding="utf-8") != text:
            message = f"{target} already exists, with another text"
            raise UsageError.one("output-exists", message, hint="replace it with -y")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise cannot_write(target, error.errno) from None
    return target


def _ops() -> str:
    """The names of all ops by kind, without those prefixed by another program's name."""
    known = [ops.get(name) for name in ops.names()]
    parts = []
    for kind in get_args(OpKind):
        names = sorted(op.name for op in known if op.kind == kind and ":" not in op.name)
        parts.append(fill(f"**{kind}** ({len(names)}): {', '.join(names)}", 110))
    return "\n\n".join(parts)
