"""The cost of colour management: CPU time of films of one 1080p clip, taken as a camera's log and
seen through a view of OpenColorIO, or taken as BT.709.

Both decode and encode the same samples at the encoder's fastest preset, and both have a grade, so
that the pixels of both are computed. ACES 1 is all formulas, ACES 2 a table.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.bench.hdr import write_slopes
from tests.bench.measure import Run, in_turn, measured, row, vedc

TIMES = 5
SPEC = """\
version: 1
{profile}
assets: {{a: {{src: slopes.mkv, color: {color}}}}}
timeline: [{{clip: a, grade: [{{op: exposure, stops: 0.3}}]}}]
outputs: [{{path: {name}.mp4, preset: ultrafast}}]
"""
LOG = "{space: ARRI LogC4}"
PLAIN = "{transfer: bt709, primaries: bt709, matrix: bt709}"
CONFIGS = {"aces1": "studio-config-v2.1.0_aces-v1.3_ocio-v2.3", "aces2": "studio-config-latest"}


def main(folder: Path) -> None:
    write_slopes(folder / "slopes.mkv")
    specs = {"plain": ("profile: {color: bt709}", PLAIN)}
    specs |= {name: (f"profile: {{ocio: {config}}}", LOG) for name, config in CONFIGS.items()}
    for name, (profile, color) in specs.items():
        text = SPEC.format(profile=profile, color=color, name=name)
        (folder / f"{name}.vedc.yaml").write_text(text, "utf-8")

    def film(name: str) -> Run:
        shutil.rmtree(folder / ".vedc" / "cache" / "entries", ignore_errors=True)
        return measured(vedc("render", folder / f"{name}.vedc.yaml", "-q", "-y"))

    for name in specs:  # compiled kernels and probes are stored
        film(name)
    for name in CONFIGS:
        managed, plain = in_turn(lambda name=name: film(name), lambda: film("plain"), TIMES)  # type: ignore[misc]
        row(
            f"a log film through an {name.upper()} view over a plain one", f"{managed / plain:.2f}x"
        )
