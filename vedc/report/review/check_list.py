"""The table of checks, for a terminal and as JSON."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

from vedc.report.ops.explain import wrapped
from vedc.review.check.catalogue import CHECKS
from vedc.review.check.core.check import Limit


def data() -> list[dict[str, Any]]:
    """The documented list of ``vedc check --list --json``."""
    return [
        {
            "check": check.id,
            "summary": check.summary,
            "needs": check.needs,
            "how": check.how,
            "source": check.source,
            "limits": [
                {
                    "name": f"{check.id}.{limit.name}",
                    "default": limit.default,
                    "unit": limit.unit,
                    "doc": limit.doc,
                }
                for limit in check.limits
            ],
        }
        for check in CHECKS
    ]


def text() -> str:
    lines = []
    for check in CHECKS:
        lines += wrapped(check.summary, f"{check.id:16}  ")
        lines += [
            f"{'':18}{check.id}.{limit.name} = {value(limit)}: {limit.doc}"
            for limit in check.limits
        ]
    return "\n".join(lines) + "\n"


def value(limit: Limit) -> str:
    """A default as --limit takes it."""
    if limit.default is None:
        return "none"
    glued = limit.unit in ("s", "%", "dB")
    return f"{limit.default:g}{limit.unit if glued else ''}" + (
        "" if glued or not limit.unit else f" {limit.unit}"
    )


def markdown() -> str:
    """The part of docs/check.md that describes every check."""
    parts = [MARK]
    for check in CHECKS:
        limits = "".join(
            f"| `{check.id}.{limit.name}` | {value(limit)} | {limit.doc} |\n"
            for limit in check.limits
        )
        table = f"\n| limit | default | meaning |\n|---|---|---|\n{limits}" if limits else ""
        parts.append(
            f"\n### {check.id}\n\nFinds {check.summary}.\n\n*How:* {check.how}\n\n"
            f"*Source:* {check.source}.\n{table}"
        )
    return "".join(parts)


MARK: Final = "<!-- From here on written by `make docs`. -->\n"
"""The marker before the table."""


def write(file: Path) -> None:
    """Bring the table in a page up to date."""
    head = file.read_text().partition(MARK)[0]
    file.write_text(head + markdown())


if __name__ == "__main__":
    write(Path(sys.argv[1]))
