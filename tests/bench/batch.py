"""A batch: 1,000 rows of a template of ten seconds checked, and films made beyond their segments.

Figures are CPU time, since what else runs on the machine is not the subject.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

from tests.bench.measure import MEDIA, measured, row, vedc

CLIP = MEDIA / "video" / "talk.mp4"
ROWS, FILMS = 1000, 12
_SPEC = """\
version: 1
profile: {width: 320, height: 180, fps: 25}
variables:
  name: {type: string, maxLength: 40}
  city: {type: string, default: Bern}
  age: {type: integer, minimum: 1, maximum: 120}
  color: {type: string, format: color, default: "#ffb000"}
timeline:
  tracks:
    - clips:
        - {clip: talk.mp4, in: 2s, out: 8s, fit: cover}
        - {transition: dissolve, duration: 0.5s}
        - {color: "#102a43", duration: 4.5s}
    - clips:
        - {text: "Hello, ${{ name }}", start: 6s, duration: 3.5s, color: "${{ color }}"}
    - clips:
        - {text: "${{ city }}, ${{ age }}", start: 6.5s, duration: 3s, size: 4%, position: bottom}
audio:
  - {clip: talk.mp4, volume: -6dB, duration: 10s, fade_out: 1s}
outputs:
  - {path: "out/${{ slug(name) }}.mp4", crf: 23}
"""


def main(folder: Path) -> None:
    print(f"A batch: {ROWS} rows of a template of 10 s, CPU time")
    if not CLIP.exists():
        print(f"  left out: {CLIP} is not there (set VEDC_MEDIA)")
        return
    (folder / CLIP.name).symlink_to(CLIP)
    spec, many, few = folder / "card.vedc.yaml", folder / "many.csv", folder / "few.csv"
    spec.write_text(_SPEC)
    for path, count in ((many, ROWS), (few, FILMS)):
        with path.open("w", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["name", "city", "age", "color"])
            writer.writerows(
                [f"Person {n}", f"City {n % 37}", n % 100 + 1, ""] for n in range(count)
            )
    allow = ("--allow-path", MEDIA, "--json")
    measured(vedc("batch", spec, "--data", few, "--check", *allow))  # fills the probe cache
    start = measured(vedc("batch", spec, "--data", few, "--rows", "2", "--check", *allow)).cpu
    whole = measured(vedc("batch", spec, "--data", many, "--check", *allow)).cpu
    row(f"{ROWS} rows checked, start-up included", f"{whole:.1f} s", "under 10 s")

    first = json.loads(measured(vedc("batch", spec, "--data", few, *allow)).output)
    films = [film for entry in first["rows"] for film in entry["films"]]
    row("segments of a film that it shares", f"{_shared(films)}")
    (folder / ".vedc" / "cache" / "finished.jsonl").unlink()
    again = measured(vedc("batch", spec, "--data", few, *allow)).cpu - start
    row("a film beyond its own segments", f"{again / FILMS * 1000:.0f} ms", "at most 150 ms")
    kept = measured(vedc("batch", spec, "--data", few, *allow)).cpu - start
    row("a film that is complete already", f"{kept / FILMS * 1000:.0f} ms")


def _shared(films: list[dict[str, int]]) -> str:
    later = films[1:]
    total = sum(film["segments"] for film in later)
    return f"{total - sum(film['rendered_segments'] for film in later)} of {total}"
