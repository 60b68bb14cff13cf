"""The cost of tone mapping: CPU time of films of one 1080p clip, read as PQ and as BT.709.

Both decode and encode the same samples. As BT.709 the clip has a grade, so that its pixels
are computed as well; as PQ it is tone-mapped. At the encoder's fastest preset pixels weigh most.
"""

from __future__ import annotations

import shutil
from fractions import Fraction
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame

from tests.bench.measure import Run, in_turn, measured, row, vedc
from tests.media.make import write_numbered

FRAMES, TIMES = 50, 5

SPEC = """\
version: 1
assets: {{a: {{src: pq.mkv, color: {color}}}}}
timeline: [{{clip: a, {keys}}}]
outputs: [{{path: {name}.mp4, preset: {preset}}}]
"""
SDR = "{transfer: bt709, primaries: bt709, matrix: bt709}"
PQ = "{transfer: smpte2084}"


def _pictures() -> list[VideoFrame]:
    """Moving slopes with highlights, in 10 bits."""
    y, x = np.mgrid[0:1080, 0:1920]
    pictures = []
    for n in range(FRAMES):
        frame = VideoFrame(1920, 1080, "yuv420p10le")
        for i, plane in enumerate(frame.planes):
            step = 2 if i else 1
            wave = np.sin((x + 8 * n)[::step, ::step] / 97.0 + i) * np.cos(y[::step, ::step] / 61.0)
            codes = np.round(512 + wave * (60 if i else 340)).astype("<u2")
            stored = np.zeros((plane.height, plane.line_size // 2), "<u2")
            stored[:, : plane.width] = codes
            plane.update(stored.tobytes())
        pictures.append(frame)
    return pictures


def write_slopes(path: Path) -> None:
    """The clip, tagged as PQ."""
    write_numbered(
        path, FRAMES, Fraction(25), "libx265", "yuv420p10le", width=1920, height=1080,
        color=(9, 9, 16, 1), pictures=_pictures(),
        options={"preset": "ultrafast", "x265-params": "log-level=none"},
    )  # fmt: skip


def main(folder: Path) -> None:
    write_slopes(folder / "pq.mkv")
    for preset in ("ultrafast", "medium"):
        for name, color, keys in (
            ("sdr", SDR, "grade: [{op: exposure, stops: 0.3}]"),
            ("pq", PQ, "tone_map: bt2390"),
        ):
            text = SPEC.format(color=color, keys=keys, name=name, preset=preset)
            (folder / f"{name}.vedc.yaml").write_text(text, "utf-8")

        def film(name: str) -> Run:
            shutil.rmtree(folder / ".vedc" / "cache" / "entries", ignore_errors=True)
            return measured(vedc("render", folder / f"{name}.vedc.yaml", "-q", "-y"))

        for name in ("pq", "sdr"):  # compiled kernels and probes are stored
            film(name)
        pq, sdr = in_turn(lambda: film("pq"), lambda: film("sdr"), TIMES)
        row(f"a PQ film over an SDR one, preset {preset}", f"{pq / sdr:.2f}x")
