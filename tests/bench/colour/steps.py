"""Rendering a film whose grades were decided, over the same film with those steps typed by hand."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.bench.measure import MEDIA, Run, in_turn, measured, row, run, vedc

TIMES = 3
SHOTS = ("crystal.mp4", "frog.mp4", "pig.mp4", "talk.mp4")
_HEAD = "version: 1\nprofile: {width: 1280, height: 720, fps: 25}\n"


def main(folder: Path) -> None:
    print("Decided grades: CPU time of a render, over that of the same steps typed by hand")
    clips = [MEDIA / "video" / name for name in SHOTS]
    if not all(clip.exists() for clip in clips):
        print(f"  left out: {MEDIA / 'video'} is not there (set VEDC_MEDIA)")
        return
    cut = folder / "cut.vedc.yaml"
    items = "".join(f"  - {{clip: {clip}, out: 6s}}\n" for clip in clips)
    cut.write_text(f"{_HEAD}timeline:\n{items}outputs: [{{path: cut.mp4}}]\n")
    run(vedc("render", "-y", "-q", "--allow-path", MEDIA, cut))
    decided = folder / "decided.vedc.yaml"
    item = "  - {clip: cut.mp4, grade: [{auto: {equalise: all}}]}\n"
    decided.write_text(f"{_HEAD}timeline:\n{item}outputs: [{{path: decided.mp4}}]\n")
    run(vedc("lock", decided))
    typed = folder / "typed.vedc.yaml"
    typed.write_text(run(vedc("config", "--decided", decided)).output)

    def rendered(spec: Path) -> Run:
        cache = folder / f"cache-{spec.stem}"
        shutil.rmtree(cache / "entries", ignore_errors=True)  # the segments
        return measured(vedc("render", "-y", "-q", "--cache", cache, spec))

    rendered(decided), rendered(typed)  # probes, compiled kernels
    one, other = in_turn(lambda: rendered(decided), lambda: rendered(typed), TIMES)
    row("a film of four shots in one clip", f"{one / other - 1:+.1%}", "at most 2%")
