"""Each pass on its own: pairs of listings in the files beside this one.

A file is named ``<pass module>-<what it shows>.txt`` and holds a graph, a line ``---``, and
the graph after that pass. Rewrite the second halves with ``make goldens``.
"""

from __future__ import annotations

import importlib
import os
from pathlib import Path

import pytest

from vedc.ir.text import parse_graph, print_graph
from vedc.ir.verify import verify

FILES = sorted(Path(__file__).parent.glob("*.txt"))


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_pass(file: Path) -> None:
    before, _, expected = file.read_text().partition("---\n")
    root = parse_graph(before)
    verify(root)
    run = importlib.import_module(f"vedc.passes.{file.stem.split('-')[0]}").run
    after = run(root)
    verify(after)
    if os.environ.get("VEDC_UPDATE_GOLDENS"):
        file.write_text(f"{print_graph(root)}---\n{print_graph(after)}")
    assert print_graph(after) == expected
    assert run(after) is after, "a pass has nothing left to do on its own result"
