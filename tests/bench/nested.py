"""Compositions: their cost beside an FFmpeg filter graph, and memory of long nested timelines.

A composition of a clip with a second one in a corner is shown on the whole canvas, small over a
third clip, and small twice. FFmpeg draws the same with `overlay`, and splits the result where it is
used twice. No sound, x264 veryfast, 720p. The long timeline has five tracks: a clip backwards,
one twice as fast, a composition of two clips backwards, the same again, and a title.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.bench.measure import MEDIA, in_turn, measured, row, vedc

SECONDS = 6
MAIN, INSET, BELOW = (
    MEDIA / "video" / name for name in ("talk.mp4", "green-screen.mp4", "talk.mp4")
)

HEAD = """\
version: 1
profile: {width: 1280, height: 720, fps: 30, color: bt709}
outputs: [{path: out.mp4, crf: 20, preset: veryfast, audio_codec: none}]
compositions:
  pair:
    timeline:
      tracks:
        - clips: [{clip: main.mp4, in: 2s, duration: 6s, mute: true}]
        - clips:
            - {clip: inset.mp4, duration: 6s, width: 384, height: 216, position: bottom-right,
               margin: 32, mute: true}
timeline:
  tracks:
"""
BELOW_TRACK = "    - clips: [{clip: below.mp4, in: 20s, duration: 6s, mute: true}]\n"
SMALL = "{composition: pair, width: 576, height: 324, margin: 32, position: %s}"
FILMS = {
    "on the whole canvas": "    - clips: [{composition: pair}]\n",
    "small": BELOW_TRACK + f"    - clips: [{SMALL % 'top-left'}]\n",
    "small, twice": BELOW_TRACK
    + f"    - clips: [{SMALL % 'top-left'}]\n"
    + f"    - clips: [{SMALL % 'bottom-right'}]\n",
}
_PAIR = (
    "[1]scale=384:216:flags=bicubic[i];[0][i]overlay=864:472:shortest=1,fps=30,format=yuv420p[p]"
)
_TINY = "scale=576:324:flags=bicubic"
GRAPHS = {
    "on the whole canvas": f"{_PAIR};[p]null[o]",
    "small": f"{_PAIR};[p]{_TINY}[s];[2][s]overlay=32:32:shortest=1,format=yuv420p[o]",
    "small, twice": f"{_PAIR};[p]{_TINY},split[s][t];[2][s]overlay=32:32:shortest=1[u];"
    "[u][t]overlay=672:364:shortest=1,format=yuv420p[o]",
}

LONG = """\
version: 1
profile: {{width: 320, height: 180, fps: 15}}
outputs: [{{path: long.mp4, crf: 30, preset: ultrafast}}]
compositions:
  pair:
    timeline:
      tracks:
        - clips: [{{clip: main.mp4, duration: 20s, reverse: true}}]
        - clips: [{{clip: inset.mp4, duration: 20s, scale: 0.4, position: left, mute: true}}]
timeline:
  tracks:
    - clips: [{backwards}]
    - clips: [{fast}]
    - clips: [{nested}]
    - clips: [{again}]
    - clips: [{{text: Ten minutes, duration: 100%, position: bottom}}]
"""
STRETCH = 20


def ffmpeg(folder: Path, graph: str) -> list[str]:
    inputs = (("2", "main"), ("0", "inset"), ("20", "below"))
    files = (a for at, name in inputs for a in ("-ss", at, "-i", str(folder / f"{name}.mp4")))
    return [
        "ffmpeg", "-v", "error", "-y", *files, "-filter_complex", graph, "-map", "[o]",
        "-t", str(SECONDS), "-c:v", "libx264", "-crf", "20", "-preset", "veryfast",
        "-threads", "4", str(folder / "ffmpeg.mp4"),
    ]  # fmt: skip


def long_spec(seconds: int) -> str:
    count = range(seconds // STRETCH)

    def items(item: str) -> str:
        grades = (f"grade: [{{op: exposure, stops: {round(0.01 * n, 2)}}}]" for n in count)
        return ", ".join(f"{{{item}, {grade}}}" for grade in grades)

    pair = "composition: pair, scale: 0.3, mute: true"
    return LONG.format(
        backwards=items("clip: main.mp4, in: 10s, out: 30s, reverse: true"),
        fast=items("clip: below.mp4, out: 40s, speed: 2, scale: 0.3, position: right, mute: true"),
        nested=items(f"{pair}, reverse: true, position: top-left"),
        again=items(f"{pair}, position: top-right"),
    )


def cost(folder: Path) -> None:
    print("Compositions: CPU time relative to an FFmpeg filter graph, 720p")
    for name, tracks in FILMS.items():
        spec = folder / "nested.vedc.yaml"
        spec.write_text(HEAD + tracks)

        def ours(spec: Path = spec) -> object:
            shutil.rmtree(folder / ".vedc", ignore_errors=True)
            return measured(vedc("render", "-q", "-y", "--allow-path", MEDIA, spec))

        theirs = ffmpeg(folder, GRAPHS[name])
        one, other = in_turn(ours, lambda theirs=theirs: measured(theirs), 3)  # type: ignore[arg-type, misc]
        row(name, f"{one / other:.2f}x")


def memory(folder: Path) -> None:
    print("Compositions: peak resident memory, five tracks with reversal and nesting, 180p")
    peaks = []
    for minutes in (1, 5, 10):
        spec = folder / f"long-{minutes}.vedc.yaml"
        spec.write_text(long_spec(60 * minutes))
        shutil.rmtree(folder / ".vedc", ignore_errors=True)
        done = measured(vedc("render", "-q", "-y", "--allow-path", MEDIA, spec))
        peaks.append(done.peak)
        row(f"{minutes} min", f"{done.peak / 1e6:.0f} MB")
    row("ten minutes over one", f"{peaks[-1] / peaks[0]:.2f}x", "at most 1.15")


def main(folder: Path) -> None:
    missing = [clip for clip in (MAIN, INSET, BELOW) if not clip.exists()]
    if missing:
        print(f"  left out: {missing[0]} is not there (set VEDC_MEDIA)")
        return
    for name, clip in (("main", MAIN), ("inset", INSET), ("below", BELOW)):
        (folder / f"{name}.mp4").symlink_to(clip)
    if shutil.which("ffmpeg"):
        cost(folder)
    memory(folder)
