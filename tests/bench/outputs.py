"""Several outputs of one spec: rendered together over rendered one after the other."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.bench.measure import MEDIA, measured, row, vedc

CLIP = MEDIA / "video" / "talk.mp4"
SECONDS = 20
#: A full size, a smaller one, and an upright one that shows the middle.
OUTPUTS = {
    "1080p": "{path: wide.mp4, width: 1920, height: 1080, preset: veryfast}",
    "720p": "{path: small.mp4, width: 1280, height: 720, preset: veryfast}",
    "vertical": "{path: tall.mp4, width: 1080, height: 1920, preset: veryfast}",
}
#: The same canvas in three qualities: drawn once.
ALIKE = {
    name: f"{{path: {name}.mp4, width: 1920, height: 1080, preset: veryfast, crf: {crf}}}"
    for name, crf in (("fine", 16), ("middle", 23), ("rough", 30))
}


def write_spec(path: Path, outputs: list[str]) -> None:
    lines = [
        "version: 1",
        "profile: {width: 1920, height: 1080, fps: 30}",
        f"outputs: [{', '.join(outputs)}]",
        "timeline:",
        f"  - {{clip: {CLIP.name}, in: 2s, duration: {SECONDS}s, fit: cover, "
        "grade: [{op: exposure, stops: 0.3}]}",
    ]
    path.write_text("\n".join(lines) + "\n")


def main(folder: Path) -> None:
    print(f"Several outputs: {SECONDS} s, together over one after the other")
    if not CLIP.exists():
        print(f"  left out: {CLIP} is not there (set VEDC_MEDIA)")
        return
    (folder / CLIP.name).symlink_to(CLIP)
    for name, outputs in (("1080p, 720p and vertical", OUTPUTS), ("1080p in three crf", ALIKE)):
        compare(folder, name, list(outputs.values()))


def compare(folder: Path, name: str, outputs: list[str]) -> None:
    cpu = wall = 0.0
    decoded, peaks = 0, []
    for number, given in enumerate([[one] for one in outputs] + [outputs]):
        spec = folder / f"outputs-{number}.vedc.yaml"
        write_spec(spec, given)
        measured(vedc("plan", "--allow-path", MEDIA, spec))  # fills the caches of probes and code
        shutil.rmtree(folder / ".vedc" / "cache" / "entries", ignore_errors=True)
        done = measured(vedc("render", "--json", "-y", "--allow-path", MEDIA, spec))
        peaks.append(done.peak)
        frames = sum(report["decoded_frames"] for report in json.loads(done.output))
        if len(given) > 1:
            row(f"{name}: frames decoded", f"{frames / decoded:.0%}")
            row("  CPU time", f"{done.cpu / cpu:.0%}")
            row("  wall time", f"{done.wall / wall:.0%}")
        else:
            cpu, wall, decoded = cpu + done.cpu, wall + done.wall, decoded + frames
    row("  peak memory over that of the largest one", f"{peaks[-1] / max(peaks[:-1]):.2f}x")
