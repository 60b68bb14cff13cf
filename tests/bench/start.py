"""Start: `vedc validate` on the quickstart beside importing the libraries it stands on."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.bench.measure import ROOT, in_turn, measured, row, vedc

SPEC = ROOT / "examples" / "quickstart" / "edit.vedc.yaml"
BASE = [sys.executable, "-c", "import yaml, jsonschema, typer, rich"]


def main(folder: Path) -> None:
    print("Start: CPU time of `vedc validate` over that of importing yaml, jsonschema, typer, rich")
    command = vedc("validate", "--cache", folder / "cache", SPEC)
    measured(command)  # probes the media
    mine, base = in_turn(lambda: measured(command), lambda: measured(BASE), 11)
    row("vedc validate, media probed before", f"{mine / base:.2f}x", "at most 1.5")
