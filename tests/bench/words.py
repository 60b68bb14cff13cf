"""Cuts by words: what becomes of hesitations, repetitions and pauses that are planted in talks."""

from __future__ import annotations

import sys
import time
from importlib.util import find_spec
from pathlib import Path

from tests.bench.measure import row
from tests.media.speech.judged import Verdict, judged
from tests.media.speech.talks import talk

TALKS = 40
#: The seed of the first talk. What tells hesitations from words was chosen by talks 0 to 39.
FIRST = 100
#: Decibels of full scale below which a join is silent.
SILENT = -57.0


def main(folder: Path, talks: int = TALKS) -> None:
    print(f"Cuts by words: {talks} talks that espeak-ng speaks, with a script of what stays")
    if find_spec("pocketsphinx") is None:
        print("  left out: pip install 'vedc[align]'")
        return
    whole = Verdict()
    spent = length = 0.0
    for seed in range(FIRST, FIRST + talks):
        made = talk(seed)
        begin = time.process_time()
        one = judged(made, folder / f"talk{seed}")
        spent += time.process_time() - begin
        length += len(made.samples) / made.rate
        whole.add(one)
        for line in (*one.missed, *(f"clipped: {each}" for each in one.clipped)):
            print(f"    talk {seed}: {line}", file=sys.stderr, flush=True)
    tell(whole)
    row("time to find the words, cut and render, over that of the talk", f"{spent / length:.2f}x")


def tell(found: Verdict) -> None:
    """Print a verdict."""
    for kind, count in found.planted.items():
        row(f"{kind}s that are gone", f"{found.gone[kind]} of {count}")
    count, gone = sum(found.planted.values()), sum(found.gone.values())
    row("all that was planted and is gone", f"{gone} of {count}, {gone / count:.1%}")
    row("phrases of which something is missing", f"{len(found.clipped)} of {found.phrases}")
    silent = sum(level < SILENT for level in found.joins)
    row(f"joins below {SILENT:g} dBFS over the 10 ms around", f"{silent} of {len(found.joins)}")
    row("the loudest join", f"{max(found.joins, default=-100):.1f} dBFS")
    row("the sound of the film where it says it is, share that differs", f"{found.off:.4f}")
