"""Pictures in motion: CPU time of whole renders beside FFmpeg's filter graphs for the same film.

All frames of the sources differ, and both encode with the same settings of x264. FFmpeg has no
sampling between pixels for an overlay: its picture in picture moves in whole pixels, and its
zoompan too. What each program draws is held to Pillow by tests/media/film.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from tests.bench.measure import MEDIA, ROOT, Run, in_turn, measured, row, run, vedc

SECONDS, FPS = 6, 30
CLIP = MEDIA / "video" / "talk.mp4"
FONT = ROOT / "vedc" / "text" / "fonts" / "default.otf"
PHOTO = ROOT / "examples" / "quickstart" / "media" / "dandelions.jpg"
_X264 = ["-an", "-c:v", "libx264", "-crf", "20", "-preset", "veryfast", "-threads", "4"]
_OUTPUT = "outputs: [{path: out.mp4, crf: 20, preset: veryfast, audio_codec: none}]"
_HEAD = f"version: 1\nprofile: {{width: 1280, height: 720, fps: {FPS}, color: bt709}}\n"

Case = tuple[str, str, list[str], str, str]
"""Name, spec, FFmpeg's inputs and graph, and what is asked."""

CASES: tuple[Case, ...] = (
    (
        "a 4K clip placed small, over FFmpeg's decode and scale",
        f"timeline: [{{clip: large.mp4, out: {SECONDS}s, width: 480, position: top-right}}]",
        ["large.mp4"],
        "[0:v]scale=480:270:flags=lanczos,pad=1280:720:800:0",
        "<= 1.2x",
    ),
    (
        "a picture in picture at rest",
        "timeline: {tracks: [{clips: [{clip: small.mp4, out: 6s}]}, {clips: [{clip: other.mp4, "
        "out: 6s, width: 480, position: bottom-right, margin: 40}]}]}",
        ["small.mp4", "other.mp4"],
        "[1:v]scale=480:270:flags=lanczos[p];[0:v][p]overlay=760:410",
        "",
    ),
    (
        "a picture in picture that moves",
        "timeline: {tracks: [{clips: [{clip: small.mp4, out: 6s}]}, {clips: [{clip: other.mp4, "
        "out: 6s, width: 480, anchor: center, position: {keyframes: [{time: 0s, value: "
        "[0.25, 0.3]}, {time: 6s, value: [0.75, 0.7]}]}}]}]}",
        ["small.mp4", "other.mp4"],
        "[1:v]scale=480:270:flags=lanczos[p];[0:v][p]overlay=x='80+t*640/6':y='81+t*288/6'",
        "",
    ),
    (
        "a 4K picture in picture that moves",
        "timeline: {tracks: [{clips: [{clip: small.mp4, out: 6s}]}, {clips: [{clip: large.mp4, "
        "out: 6s, width: 480, anchor: center, position: {keyframes: [{time: 0s, value: "
        "[0.25, 0.3]}, {time: 6s, value: [0.75, 0.7]}]}}]}]}",
        ["small.mp4", "large.mp4"],
        "[1:v]scale=480:270:flags=lanczos[p];[0:v][p]overlay=x='80+t*640/6':y='81+t*288/6'",
        "",
    ),
    (
        "one with round corners, a border and a shadow, alone",
        "timeline: {tracks: [{clips: [{clip: small.mp4, out: 6s}]}, {clips: [{clip: other.mp4, "
        "out: 6s, width: 480, position: bottom-right, margin: 40, radius: 20, border: 4, "
        "shadow: {blur: 30}}]}]}",
        ["small.mp4", "other.mp4"],
        "[1:v]scale=480:270:flags=lanczos[p];[0:v][p]overlay=760:410",
        "FFmpeg: without",
    ),
    (
        "a static title",
        "timeline: {tracks: [{clips: [{clip: small.mp4, out: 6s}]}, {clips: [{text: A quiet "
        "morning, duration: 6s, size: 72}]}]}",
        ["small.mp4"],
        f"[0:v]drawtext=fontfile={FONT}:text='A quiet morning':fontsize=72:fontcolor=white"
        ":x=(w-tw)/2:y=(h-th)/2",
        "",
    ),
    (
        "Ken Burns over a photograph",
        "timeline: [{image: photo.jpg, duration: 6s, ken_burns: {from: {width: 100%, height: "
        "100%}, to: {x: 40%, y: 30%, width: 50%, height: 50%}}}]",
        ["photo.jpg"],
        f"zoompan=z='1+on/{SECONDS * FPS}':x='iw*0.4*on/{SECONDS * FPS}'"
        f":y='ih*0.3*on/{SECONDS * FPS}':d={SECONDS * FPS}:s=1280x720:fps={FPS}",
        "",
    ),
    (
        "a clip that zooms in",
        f"timeline: [{{clip: small.mp4, out: {SECONDS}s, effects: [{{op: zoom, amount: "
        "{keyframes: [{time: 0s, value: 1}, {time: 6s, value: 1.5}]}}]}]",
        ["small.mp4"],
        f"zoompan=z='1+0.5*on/{SECONDS * FPS}':x='iw/2-iw/zoom/2':y='ih/2-ih/zoom/2':d=1"
        f":s=1280x720:fps={FPS}",
        "",
    ),
)  # fmt: skip


def _sources(folder: Path) -> None:
    """Clips of 720p and of 4K whose frames all differ, and the photograph."""
    for name, size, start in (
        ("small", "1280:720", 0),
        ("other", "1280:720", 6),
        ("large", "3840:2160", 3),
    ):
        encoder = ["-an", "-c:v", "libx264", "-crf", "20", "-preset", "veryfast", "-g", "60"]
        grain = f"scale={size}:flags=lanczos,noise=alls=6:allf=t,fps={FPS},format=yuv420p"
        run([
            "ffmpeg", "-v", "error", "-y", "-ss", str(start), "-i", CLIP, "-t", str(SECONDS + 1),
            "-vf", grain, *encoder, folder / f"{name}.mp4",
        ])  # fmt: skip
    shutil.copy(PHOTO, folder / "photo.jpg")


def main(folder: Path, times: int = 3) -> None:
    print("Motion: CPU time of vedc, nothing cached, over that of FFmpeg's filter graph")
    if not shutil.which("ffmpeg") or not CLIP.exists():
        print(f"  left out: no ffmpeg, or no media at {MEDIA}")
        return
    _sources(folder)
    beside_ffmpeg(folder, CASES, times)


def beside_ffmpeg(folder: Path, cases: Sequence[Case], times: int) -> None:
    """A row for each film: its CPU time over that of FFmpeg's graph."""
    for name, timeline, inputs, graph, asked in cases:
        spec = folder / "film.vedc.yaml"
        spec.write_text(f"{_HEAD}{timeline}\n{_OUTPUT}\n")
        named = [part for file in inputs for part in ("-i", str(folder / file))]
        command = [
            "ffmpeg", "-v", "error", "-y", *named, "-filter_complex",
            f"{graph},format=yuv420p", "-t", str(SECONDS), *_X264, str(folder / "theirs.mp4"),
        ]  # fmt: skip

        def edit() -> Run:
            shutil.rmtree(folder / ".vedc", ignore_errors=True)
            return measured(vedc("render", "-q", "-y", folder / "film.vedc.yaml"))

        edit()  # compiles
        mine, theirs = in_turn(edit, lambda command=command: measured(command), times)  # type: ignore[misc]
        row(name, f"{mine / theirs:.2f}x", asked)
