"""Start: CPU time of ``vedc validate`` on the quickstart over that of importing what it uses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.bench.measure import ROOT, in_turn, measured, row, vedc

SPEC = ROOT / "examples" / "quickstart" / "edit.vedc.yaml"
TIMES = 15
_LOADED = """
import sys, vedc.cli
sys.argv = ["vedc", *sys.argv[1:]]
try:
    vedc.cli.main()
except SystemExit:
    for module in sys.modules.values():
        print(f"{module.__name__}\\t{getattr(module, '__file__', None) or ''}", file=sys.stderr)
"""


def loaded(folder: Path) -> tuple[list[str], list[str]]:
    """The modules outside of vedc that the command imports: of packages, and all of them."""
    command = [sys.executable, "-c", _LOADED, "validate", "--cache", folder / "cache", SPEC]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    modules = dict(line.split("\t") for line in done.stderr.splitlines() if "\t" in line)
    others = [
        name
        for name in modules
        if name.split(".")[0] not in ("vedc", "__main__") and not name.startswith("__editable")
    ]
    return [name for name in others if "site-packages" in modules[name]], others


def main(folder: Path) -> None:
    print("Start: CPU time of `vedc validate`, media probed before, over that of importing")
    command = vedc("validate", "--cache", folder / "cache", SPEC)
    measured(command)  # probes the media
    packages, all_modules = loaded(folder)
    for name, modules, most in (
        ("the packages that it uses", packages, "at most 1.3"),
        ("all other modules that it uses", all_modules, ""),
    ):
        base = [sys.executable, "-c", f"import {', '.join(modules)}"]
        mine, theirs = in_turn(lambda: measured(command), lambda b=base: measured(b), TIMES)
        row(name, f"{mine / theirs:.2f}x", most)
