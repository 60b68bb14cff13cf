"""Clips backwards, faster and slower: CPU time of whole renders beside FFmpeg's filters.

All frames of the source differ. FFmpeg's ``reverse`` holds the whole clip in memory; vedc's peak is
compared with that of a longer film of the same. FFmpeg's ``minterpolate`` uses block flow; vedc
uses DIS.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.bench.measure import MEDIA, measured, row, run, vedc
from tests.bench.motion import SECONDS, Case, beside_ffmpeg

CLIP = MEDIA / "video" / "talk.mp4"
_SLOW = f"timeline: [{{clip: small.mp4, duration: {SECONDS}s, speed: 0.5, sampling: "

CASES: tuple[Case, ...] = (
    (
        "a clip backwards",
        f"timeline: [{{clip: small.mp4, out: {SECONDS}s, reverse: true}}]",
        ["small.mp4"],
        f"trim=0:{SECONDS},setpts=PTS-STARTPTS,reverse",
        "",
    ),
    (
        "twice as fast",
        f"timeline: [{{clip: small.mp4, duration: {SECONDS}s, speed: 2}}]",
        ["small.mp4"],
        "setpts=PTS/2,fps=30",
        "",
    ),
    (
        "half as fast",
        f"{_SLOW}nearest}}]",
        ["small.mp4"],
        "setpts=PTS*2,fps=30",
        "",
    ),
    (
        "half as fast, frames mixed",
        f"{_SLOW}blend}}]",
        ["small.mp4"],
        "setpts=PTS*2,minterpolate=fps=30:mi_mode=blend",
        "",
    ),
    (
        "half as fast, by optical flow",
        f"{_SLOW}flow}}]",
        ["small.mp4"],
        "setpts=PTS*2,minterpolate=fps=30:mi_mode=mci",
        "",
    ),
)


def main(folder: Path, times: int = 3) -> None:
    print("Retiming: CPU time of vedc, nothing cached, over that of FFmpeg's filters")
    if not shutil.which("ffmpeg") or not CLIP.exists():
        print(f"  left out: no ffmpeg, or no media at {MEDIA}")
        return
    run([
        "ffmpeg", "-v", "error", "-y", "-i", CLIP, "-t", str(2 * SECONDS + 1), "-vf",
        "scale=1280:720:flags=lanczos,noise=alls=6:allf=t,fps=30,format=yuv420p", "-an",
        "-c:v", "libx264", "-crf", "20", "-preset", "veryfast", "-g", "60", folder / "small.mp4",
    ])  # fmt: skip
    beside_ffmpeg(folder, CASES, times)
    peaks = []
    for turns in (1, 5):
        spec = folder / "peak.vedc.yaml"
        clip = f"{{clip: small.mp4, out: {2 * SECONDS}s, reverse: true, loop: {turns}}}"
        spec.write_text(f"version: 1\ntimeline: [{clip}]\n")
        shutil.rmtree(folder / ".vedc", ignore_errors=True)
        peaks.append(measured(vedc("render", "-q", "-y", spec)).peak)
    row("memory of a minute backwards over 12 s", f"{peaks[1] / peaks[0]:.2f}x", "at most 1.15")
