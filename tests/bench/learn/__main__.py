"""``python -m tests.bench.learn``: see :mod:`tests.bench.learn`."""

import argparse
import tempfile
from pathlib import Path

from tests.bench.learn.run import SEED, main

parser = argparse.ArgumentParser(prog="python -m tests.bench.learn")
parser.add_argument("--films", type=int, default=1, help="films of each editor and group")
parser.add_argument("--seed", type=int, default=SEED)
parser.add_argument("folder", nargs="?", type=Path, help="where results are kept")
given = parser.parse_args()
with tempfile.TemporaryDirectory(prefix="vedc-bench-") as place:
    main(given.folder or Path(place), given.films, given.seed)
