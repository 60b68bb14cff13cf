"""Memory: the peak of a ten-minute render beside that of ten seconds of the same."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.bench.measure import MEDIA, measured, row, vedc

CLIP = MEDIA / "video" / "talk.mp4"
#: Seconds of each stretch; a film is made of as many stretches as it needs.
STRETCH = 10


def write_spec(path: Path, seconds: int) -> None:
    lines = [
        "version: 1",
        "profile: {width: 1280, height: 720, fps: 30}",
        "outputs: [{path: out.mp4, preset: ultrafast, crf: 30}]",
        "timeline:",
    ]
    lines += [
        f"  - {{clip: {CLIP.name}, in: {n * 7 % 30}s, duration: {STRETCH}s, "
        f"grade: [{{op: exposure, stops: {round(0.1 + 0.01 * n, 2)}}}]}}"
        for n in range(seconds // STRETCH)
    ]
    path.write_text("\n".join(lines) + "\n")


def main(folder: Path) -> None:
    print("Memory: peak resident memory of a 720p render")
    if not CLIP.exists():
        print(f"  left out: {CLIP} is not there (set VEDC_MEDIA)")
        return
    (folder / CLIP.name).symlink_to(CLIP)
    peaks = []
    for seconds in (10, 600):
        spec = folder / f"memory-{seconds}.vedc.yaml"
        write_spec(spec, seconds)
        shutil.rmtree(folder / ".vedc", ignore_errors=True)
        done = measured(vedc("render", "-q", "-y", "--allow-path", MEDIA, spec))
        peaks.append(done.peak)
        row(f"{seconds} s", f"{done.peak / 1e6:.0f} MB")
    row("ten minutes over ten seconds", f"{peaks[1] / peaks[0]:.2f}x", "at most 1.15")
