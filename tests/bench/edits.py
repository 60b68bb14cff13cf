"""Everyday edits beside FFmpeg: CPU time of the whole process for the same edit of the same film.

One edit per row, over 412 different frames of 720p, x264 ultrafast, no sound. Both
programs run in turn, in one process and with the same threads, vedc with compiled kernels and
nothing else cached.
Below the table is the geometric mean of its rows, and the title relative to the clip without it.
`python -m tests.bench.edits rotated title` runs the rows whose names have one of the words.
"""

from __future__ import annotations

import math
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.bench.cost import write_look
from tests.bench.measure import MEDIA, ROOT, Run, in_turn, measured, row, run, vedc

FRAMES, FPS = 412, 30
CLIP = MEDIA / "video" / "talk.mp4"
FONT = ROOT / "vedc" / "text" / "fonts" / "default.otf"
PHOTO = ROOT / "examples" / "quickstart" / "media" / "dandelions.jpg"
_ULTRAFAST = ["-an", "-c:v", "libx264", "-crf", "20", "-preset", "ultrafast", "-threads", "2"]
_OUTPUT = "outputs: [{path: out.mp4, crf: 20, preset: ultrafast, audio_codec: none}]"


@dataclass(frozen=True, slots=True)
class Edit:
    """The same edit for both programs; ``of`` are the files that FFmpeg reads."""

    name: str
    timeline: str
    graph: str
    of: tuple[str, ...] = ("a.mp4",)
    size: tuple[int, int] = (1280, 720)


def _clip(more: str) -> str:
    return f"timeline: [{{clip: a.mp4{more}}}]"


def _over(item: str) -> str:
    return f"timeline: {{tracks: [{{clips: [{{clip: a.mp4}}]}}, {{clips: [{item}]}}]}}"


_LENGTH = f"{FRAMES}f"
EDITS = (
    Edit(
        "six grade ops",
        _clip(
            ", grade: [{op: exposure, stops: 0.2}, {op: contrast, amount: 1.1}, "
            "{op: saturation, amount: 1.2}, {op: color_balance, shadows: [0, 0, 0.1], highlights: "
            "[0.1, 0, 0]}, {op: curves, master: [[0, 0], [0.5, 0.55], [1, 1]]}], "
            "effects: [{op: vignette, amount: 0.4}]"
        ),
        "format=gbrpf32le,exposure=exposure=0.2,format=yuv420p,eq=contrast=1.1:saturation=1.2,"
        "colorbalance=bs=0.1:rh=0.1,curves=master='0/0 0.5/0.55 1/1',vignette=PI/8",
    ),
    Edit(
        "33-point LUT",
        "assets: {look: look.cube}\n" + _clip(", grade: [{op: lut, asset: look}]"),
        "lut3d=look.cube:interp=tetrahedral",
    ),
    Edit(
        "9:16 over its own blur",
        _clip(", fit: contain-blur"),
        "split[a][b];[a]scale=1706:960,crop=540:960,gblur=sigma=20[bg];[b]scale=540:-2[fg];"
        "[bg][fg]overlay=0:(H-h)/2",
        size=(540, 960),
    ),
    Edit(
        "cuts only",
        "timeline: [{clip: a.mp4, out: 206f}, {clip: b.mp4, out: 206f}]",
        "[0:v]trim=end_frame=206,setpts=PTS-STARTPTS[x];[1:v]trim=end_frame=206,setpts=PTS-"
        "STARTPTS[y];[x][y]concat=n=2:v=1",
        of=("a.mp4", "b.mp4"),
    ),
    Edit("sharpen", _clip(", effects: [{op: sharpen}]"), "unsharp=7:7:0.7:7:7:0.7"),
    Edit(
        "picture in picture at 0.35",
        _over("{clip: b.mp4, width: 448, position: bottom-right, margin: 40}"),
        "[1:v]scale=448:252[p];[0:v][p]overlay=W-w-40:H-h-40",
        of=("a.mp4", "b.mp4"),
    ),
    Edit(
        "static title",
        _over(f"{{text: A quiet morning, duration: {_LENGTH}, size: 72}}"),
        f"drawtext=fontfile={FONT}:text='A quiet morning':fontsize=72:fontcolor=white"
        ":x=(w-tw)/2:y=(h-th)/2",
    ),
    Edit(
        "gaussian_blur 10",
        _clip(", effects: [{op: gaussian_blur, radius: 10}]"),
        "gblur=sigma=10",
    ),
    Edit(
        "halo",
        _clip(", effects: [{op: halo}]"),
        "format=gbrp,split[a][b];[b]lutrgb=r='max(val-204,0)*5':g='max(val-204,0)*5':"
        "b='max(val-204,0)*5',gblur=sigma=24[c];[a][c]blend=all_mode=screen:all_opacity=0.4",
    ),
    Edit(
        "rotated by 15 degrees",
        _clip(", rotation: 15"),
        "rotate=15*PI/180",
    ),
    Edit(
        "Ken Burns on a still",
        f"timeline: [{{image: photo.jpg, duration: {_LENGTH}, ken_burns: {{from: {{width: 100%, "
        "height: 100%}, to: {x: 40%, y: 30%, width: 50%, height: 50%}}}]",
        f"zoompan=z='1+on/{FRAMES}':x='iw*0.4*on/{FRAMES}':y='ih*0.3*on/{FRAMES}':d={FRAMES}"
        f":s=1280x720:fps={FPS}",
        of=("photo.jpg",),
    ),
)
PLAIN = Edit("the clip", _clip(""), "null")


def sources(folder: Path) -> None:
    """Two clips with their own grain, the photograph and the look."""
    for name, start in (("a", 0), ("b", 14)):
        run([
            "ffmpeg", "-v", "error", "-y", "-ss", str(start), "-i", CLIP, "-frames:v", str(FRAMES),
            "-vf", f"noise=alls=6:allf=t,fps={FPS},format=yuv420p", "-an", "-c:v", "libx264",
            "-crf", "20", "-preset", "veryfast", "-g", "60", folder / f"{name}.mp4",
        ])  # fmt: skip
    shutil.copy(PHOTO, folder / "photo.jpg")
    write_look(folder / "look.cube")


def seconds(folder: Path, edit: Edit, times: int) -> tuple[float, float]:
    """CPU seconds of vedc and of FFmpeg."""
    width, height = edit.size
    profile = f"profile: {{width: {width}, height: {height}, fps: {FPS}, color: bt709}}"
    spec = folder / "film.vedc.yaml"
    spec.write_text(f"version: 1\n{profile}\n{edit.timeline}\n{_OUTPUT}\n")
    named = [part for file in edit.of for part in ("-i", str(folder / file))]
    graph = edit.graph.replace("look.cube", str(folder / "look.cube"))
    command = [
        "ffmpeg", "-v", "error", "-y", "-filter_complex_threads", "2", *named, "-filter_complex",
        f"{graph},format=yuv420p", "-frames:v", str(FRAMES), *_ULTRAFAST,
        str(folder / "theirs.mp4"),
    ]  # fmt: skip

    def mine(*more: str) -> Run:
        shutil.rmtree(folder / ".vedc" / "cache" / "entries", ignore_errors=True)
        return measured(vedc("render", "-q", "-y", "--workers", "1", "--jobs", "2", *more, spec))

    mine("--to", "8f")  # compiles
    return in_turn(mine, lambda: measured(command), times)


def main(folder: Path, times: int = 1, words: tuple[str, ...] = ()) -> None:
    print("Everyday edits: CPU time of vedc over that of FFmpeg's filters")
    if not shutil.which("ffmpeg") or not CLIP.exists():
        print(f"  left out: no ffmpeg, or no media at {MEDIA}")
        return
    sources(folder)
    ratios, title = [], 0.0
    for edit in EDITS:
        if words and not any(word in edit.name for word in words):
            continue
        mine, theirs = seconds(folder, edit, times)
        ratios.append(mine / theirs)
        title = mine if edit.name == "static title" else title
        each = f"{1e3 * mine / FRAMES:.1f} and {1e3 * theirs / FRAMES:.1f} ms a frame"
        row(edit.name, f"{mine / theirs:.2f}x", each)
    row("geometric mean", f"{math.exp(sum(map(math.log, ratios)) / len(ratios)):.2f}x", "<= 0.5x")
    if title:
        plain, _ = seconds(folder, PLAIN, times)
        row("the title relative to the clip without it", f"{title / plain:.2f}x", "<= 1.1x")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="vedc-bench-") as place:
        main(Path(place), words=tuple(sys.argv[1:]))
