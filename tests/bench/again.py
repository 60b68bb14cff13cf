"""Rendering again: nothing changed, one clip of sixty changed, killed at half."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import time
from pathlib import Path

from tests.bench.measure import MEDIA, measured, row, vedc

CLIP = MEDIA / "video" / "talk.mp4"
CLIPS, LENGTH = 60, 2


def write_spec(path: Path, changed: int | None = None) -> None:
    """Sixty stretches of two seconds, from all over the clip, each with its own grade."""
    lines = [
        "version: 1",
        "profile: {width: 1280, height: 720, fps: 30}",
        "outputs: [{path: out.mp4, crf: 20}]",
        "timeline:",
    ]
    for n in range(CLIPS):
        stops = 0.5 if n == changed else round(-0.3 + 0.01 * n, 2)
        lines.append(
            f"  - {{clip: {CLIP.name}, in: {n * 13 % 38}s, duration: {LENGTH}s, "
            f"grade: [{{op: exposure, stops: {stops}}}, {{op: saturation, amount: 1.1}}]}}"
        )
    path.write_text("\n".join(lines) + "\n")


def main(folder: Path) -> None:
    print(f"Rendering again: {CLIPS} clips of {LENGTH} s, CPU time over that of the first render")
    if not CLIP.exists():
        print(f"  left out: {CLIP} is not there (set VEDC_MEDIA)")
        return
    (folder / CLIP.name).symlink_to(CLIP)
    spec = folder / "again.vedc.yaml"
    write_spec(spec)
    command = vedc("render", "--json", "-y", "--allow-path", MEDIA, spec)
    start = measured(vedc("validate", "--allow-path", MEDIA, spec)).cpu  # fills the probe cache
    start = measured(vedc("validate", "--allow-path", MEDIA, spec)).cpu

    first = measured(command).cpu - start
    again = measured(command)
    report = json.loads(again.output)[0]
    assert report["decoded_frames"] == 0, report
    assert report["rendered_frames"] == 0, report
    row("nothing changed, beyond start-up", f"{(again.cpu - start) / first:.1%}", "at most 2%")
    row("  frames decoded or encoded", "0")

    write_spec(spec, changed=30)
    one = measured(command)
    report = json.loads(one.output)[0]
    row("one clip of 60 changed", f"{(one.cpu - start) / first:.1%}", "at most 4%")
    row("  segments rendered", f"{report['rendered_segments']} of {report['segments']}")

    shutil.rmtree(folder / ".vedc")
    write_spec(spec)
    half = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while _stored(folder / ".vedc" / "cache") < CLIPS // 2:
        time.sleep(0.02)
    half.send_signal(signal.SIGKILL)
    half.wait()
    resumed = measured(command)
    row("killed at half, resumed", f"{(resumed.cpu - start) / first:.1%}", "at most 60%")


def _stored(cache: Path) -> int:
    return len(list(cache.glob("entries/*/*.json")))
