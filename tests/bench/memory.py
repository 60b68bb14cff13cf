"""Memory: the peak of a ten-minute render beside that of ten seconds of the same, and of 4K films.

x264's preset `ultrafast` keeps no frames to look ahead; with `medium` they are most of what a 4K
film takes, in any program.
"""

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


#: Rows of the table of 4K films, and their tracks.
_LARGE = {
    "one clip of 4K, untouched": "[{clips: [{clip: large.mp4, duration: %s}]}]",
    "three layers of 4K: a grade; blurred, half opaque; small, turned": (
        "[{clips: [{clip: large.mp4, duration: %s, grade: [{op: exposure, stops: 0.2}]}]},"
        " {clips: [{clip: large.mp4, in: 1s, duration: %s, opacity: 0.5,"
        " effects: [{op: gaussian_blur, radius: 10}]}]},"
        " {clips: [{clip: large.mp4, duration: %s, width: 30%, rotation: 8}]}]"
    ),
}


def large(folder: Path) -> None:
    """Peaks of 4K films of three and of nine seconds."""
    head = "version: 1\nprofile: {width: 3840, height: 2160, fps: 30, color: bt709}\n"
    spec = folder / "large.vedc.yaml"

    def peak(timeline: str, output: str) -> int:
        spec.write_text(f"{head}timeline: {timeline}\noutputs: [{output}]\n")
        shutil.rmtree(folder / ".vedc", ignore_errors=True)
        return measured(vedc("render", "-q", "-y", "--allow-path", MEDIA, spec)).peak

    footage = "{path: large.mp4, preset: ultrafast, crf: 24, audio_codec: none}"
    peak(f"[{{clip: {CLIP.name}, duration: 10s}}]", footage)
    film = "{path: film.mp4, preset: ultrafast, crf: 23, audio_codec: none, copy: never}"
    for name, tracks in _LARGE.items():
        timeline = f"{{tracks: {tracks}}}"
        peaks = [peak(timeline.replace("%s", seconds), film) for seconds in ("3s", "9s")]
        row(name, f"{peaks[1] / 1e6:.0f} MB", "at most 1200 MB")
        row("  nine seconds over three", f"{peaks[1] / peaks[0]:.2f}x", "at most 1.15")


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
    large(folder)
