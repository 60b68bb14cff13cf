"""What was guessed, repaired or lost in a caption file: one note for each kind of thing."""

from __future__ import annotations

from vedc.edit.captions import CaptionNote

#: Lines that a note names.
_NAMED = 5


class Notes:
    """Collects notes by kind: something that happens a thousand times is reported in one line."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, str | None], list[int]] = {}

    def add(self, code: str, message: str, line: int, hint: str | None = None) -> None:
        lines = self._found.setdefault((code, message, hint), [])
        if line not in lines:
            lines.append(line)

    def done(self) -> tuple[CaptionNote, ...]:
        return tuple(
            CaptionNote(code, message + _also(lines[1:]), lines[0], hint)
            for (code, message, hint), lines in self._found.items()
        )


def _also(lines: list[int]) -> str:
    if not lines:
        return ""
    named = ", ".join(map(str, lines[:_NAMED]))
    more = f" and {len(lines) - _NAMED} more" if len(lines) > _NAMED else ""
    return f" (also in line{'s' if len(lines) > 1 else ''} {named}{more})"
