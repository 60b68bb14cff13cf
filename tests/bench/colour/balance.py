"""Casts taken off, beside textbook estimators and doing nothing: the tables of the model's card."""

from __future__ import annotations

from pathlib import Path

from vedc.decide.grades.balance.decide import shipped
from vedc.train.balance.card import tested
from vedc.train.balance.pictures import by_source, read_takes
from vedc.train.cuts.footage import list_items

SHOTS = 12
SEED = 21


def main(clips: Path) -> None:
    """Judge the shipped network on the sources of a folder that are kept for tests."""
    kept = "test" if (clips / "manifest.json").exists() else "any"
    sources = {item.source for item in list_items(clips) if item.use == kept}
    takes = by_source(read_takes(clips, lambda item: item.source in sources), sources)
    net = shipped()
    print("\n".join(tested(net.limits, SHOTS, net.weights, takes, SEED)))
