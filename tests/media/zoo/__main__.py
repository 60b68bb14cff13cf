"""List faults of the entries whose names contain one of the arguments."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.media.zoo import ENTRIES
from tests.media.zoo.check import check


def main() -> int:
    """Check entries; the exit status is 1 if any is wrong."""
    wrong = 0
    for entry in ENTRIES:
        if sys.argv[1:] and not any(part in entry.name for part in sys.argv[1:]):
            continue
        with tempfile.TemporaryDirectory(prefix="vedc-zoo-") as folder:
            found = [entry.needs() or ""] if entry.needs() else check(entry, Path(folder))
        wrong += bool(found) and not entry.needs()
        print(f"{entry.name}: {'; '.join(found) or 'right'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
