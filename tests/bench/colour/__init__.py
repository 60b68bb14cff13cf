"""Decided colour against textbook methods; one module per group of rows.

Run as ``python -m tests.bench colour [--clips DIR] [--looks DIR]``. Footage comes from the sources
that ``manifest.json`` of ``--clips`` reserves for tests (see ``vedc/train/cuts/footage.py``);
without a manifest, all of it is used. The reference grades come from other software: FFmpeg's
filters through PyAV, the looks of the package pilgram, if it is installed, and the .cube files of
``--looks``.
"""

from __future__ import annotations

from pathlib import Path

from tests.bench.colour import balance, deflicker, equalise, files, fit, learn, match, steps
from tests.bench.colour.judging import Judge
from tests.bench.measure import MEDIA


def main(folder: Path, clips: Path | None = None, looks: Path | None = None) -> None:
    files.main(folder)
    judge = Judge.load(folder, clips, looks)
    if judge is not None:
        fit.main(judge)
        match.main(judge)
        equalise.main(judge)
        learn.main(judge)
        balance.main(clips or MEDIA / "video")
        deflicker.main(folder, clips or MEDIA / "video")
        steps.main(folder)
