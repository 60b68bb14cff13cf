"""The cost of the edit: CPU time beside that of decoding and encoding the same frames.

The edit is like the quickstart's: two 720p clips of 20 seconds joined by a dissolve of one second,
both graded (exposure, CDL, 33-point LUT, saturation, vignette), a title for five seconds, no sound.
It is measured on footage (the quickstart's clips, repeated) and on two clips of almost flat colour,
which cost an encoder next to nothing, so any work on their pixels weighs most. The same edit as an
FFmpeg filter graph, and in MLT and MoviePy (which have no CDL), is shown beside it where those
programs are installed.
"""

from __future__ import annotations

import importlib.util
import shutil
import sys
from dataclasses import replace
from pathlib import Path

from tests.bench.measure import MEDIA, ROOT, Run, in_turn, measured, row, run, vedc

SECONDS, OVERLAP = 20, 1
FOOTAGE = (
    ROOT / "examples" / "quickstart" / "media" / "bunny.mp4",
    ROOT / "examples" / "quickstart" / "media" / "yawn.mp4",
)
FLAT = (MEDIA / "video" / "talk.mp4", MEDIA / "video" / "green-screen.mp4")

SPEC = """\
version: 1
profile: {{width: 1280, height: 720, fps: {fps}, color: bt709}}
assets: {{look: look.cube}}
timeline:
  tracks:
    - clips:
        - clip: {first}
          out: {seconds}s
          grade: &grade
            - {{op: exposure, stops: 0.3}}
            - {{op: cdl, slope: [1.02, 1, 0.97], power: 1.05, saturation: 1.1}}
            - {{op: lut, asset: look, strength: 0.8}}
            - {{op: saturation, amount: 1.1}}
          effects: [&vignette {{op: vignette, amount: 0.4}}]
        - {{transition: dissolve, duration: {overlap}s}}
        - {{clip: {second}, out: {seconds}s, grade: *grade, effects: [*vignette]}}
    - clips:
        - {{text: The cost of the edit, start: 2s, duration: 5s, size: 72, position: bottom}}
outputs: [{{path: out.mp4, crf: 20, preset: {preset}, audio_codec: none}}]
"""


def spec_text(preset: str, fps: int) -> str:
    return SPEC.format(
        first="a.mp4", second="b.mp4", seconds=SECONDS, overlap=OVERLAP, preset=preset, fps=fps
    )


def repeated(clip: Path, target: Path) -> None:
    """The clip over and over, until it is long enough."""
    spec = target.with_suffix(".vedc.yaml")
    lines = [
        "version: 1",
        f"outputs: [{{path: {target.name}, crf: 18, audio_codec: none}}]",
        "timeline:",
        *[f"  - {{clip: {clip}, mute: true}}"] * 8,
    ]
    spec.write_text("\n".join(lines) + "\n")
    run(vedc("render", "-q", "--allow-path", clip.parent, spec))


def write_look(path: Path, size: int = 33) -> None:
    """A cube with a gentle S-curve and a warm cast."""

    def curve(x: float) -> float:
        return 0.5 * x + 0.5 * x * x * (3 - 2 * x)

    axis = [i / (size - 1) for i in range(size)]
    rows = (
        f"{0.95 * curve(r) + 0.03:.6f} {curve(g):.6f} {0.9 * curve(b) + 0.05:.6f}\n"
        for b in axis
        for g in axis
        for r in axis
    )
    path.write_text(f"LUT_3D_SIZE {size}\n{''.join(rows)}")


#: Decodes the clips and encodes the film's own frames, which are kept beside it as raw
#: samples: what an edit that costs nothing would take. Filling the frames is not counted.
PLAIN = """\
import sys
import time
from fractions import Fraction
import av
import numpy as np

raw, target, preset, seconds, fps, *clips = sys.argv[1:]

def decoded():
    for clip in clips:
        source = av.open(clip)
        source.streams.video[0].thread_type = "AUTO"
        for n, frame in enumerate(source.decode(video=0)):
            if n == int(seconds) * int(fps):
                break
            yield frame

film = np.memmap(raw, np.uint8, "r").reshape(-1, 1280 * 720 * 3 // 2)
out = av.open(target, "w")
stream = out.add_stream("libx264", rate=int(fps), options={"crf": "20", "preset": preset})
stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
stream.thread_count, stream.thread_type = 4, "FRAME"
source, filling = decoded(), 0.0
for count, samples in enumerate(film):
    next(source, None)
    began = time.thread_time()
    frame = av.VideoFrame(1280, 720, "yuv420p")
    at = 0
    for plane in frame.planes:
        size = plane.width * plane.height
        rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
        rows[:, : plane.width] = samples[at : at + size].reshape(plane.height, plane.width)
        at += size
    filling += time.thread_time() - began
    frame.pts, frame.time_base = count, Fraction(1, int(fps))
    out.mux(stream.encode(frame))
for _ in source:
    pass
out.mux(stream.encode(None))
out.close()
print(filling)
"""


def write_film(spec: Path, target: Path) -> None:
    """The frames of an edit as raw samples."""
    import av

    lossless = target.with_suffix(".mkv")
    run(vedc("render", "-q", "-y", "-o", lossless, spec))
    with av.open(str(lossless)) as film, target.open("wb") as raw:
        for frame in film.decode(video=0):
            raw.write(frame.to_ndarray().tobytes())
    lossless.unlink()


def ffmpeg(folder: Path, preset: str, fps: int) -> list[str]:
    """The same edit as a filter graph; the title is a picture, as the cheapest way to one."""
    grade = (
        "format=gbrpf32le,exposure=exposure=0.3,"
        "format=gbrp,lutrgb=r='pow(clip(val/255*1.02,0,1),1.05)*255'"
        ":g='pow(clip(val/255,0,1),1.05)*255':b='pow(clip(val/255*0.97,0,1),1.05)*255',"
        f"lut3d={folder / 'look.cube'}:interp=tetrahedral,format=yuv420p,hue=s=1.2,vignette=PI/8"
    )
    graph = (
        f"[0:v]trim=end={SECONDS},setpts=PTS-STARTPTS,fps={fps},settb=1/{fps},{grade}[a];"
        f"[1:v]trim=end={SECONDS},setpts=PTS-STARTPTS,fps={fps},settb=1/{fps},{grade}[b];"
        f"[a][b]xfade=transition=fade:duration={OVERLAP}:offset={SECONDS - OVERLAP}[v];"
        "[v][2:v]overlay=x=(W-w)/2:y=H-h-40:enable='between(t,2,7)',format=yuv420p"
    )
    inputs = [folder / "a.mp4", folder / "b.mp4", folder / "title.png"]
    return [
        "ffmpeg", "-v", "error", "-y", *(a for path in inputs for a in ("-i", str(path))),
        "-filter_complex", graph, "-an", "-c:v", "libx264", "-crf", "20", "-preset", preset,
        "-threads", "4", str(folder / "ffmpeg.mp4"),
    ]  # fmt: skip


def melt(folder: Path, preset: str, fps: int) -> list[str]:
    last = SECONDS * fps - 1
    grades = [
        "-attach", "brightness", "start=1.1",
        "-attach", "avfilter.lut3d", f"av.file={folder / 'look.cube'}",
        "-attach", "vignette",
    ]  # fmt: skip
    return [
        "melt", "-silent", "-profile", f"atsc_720p_{fps}",
        str(folder / "a.mp4"), "in=0", f"out={last}", *grades,
        str(folder / "b.mp4"), "in=0", f"out={last}", *grades,
        "-mix", str(OVERLAP * fps), "-mixer", "luma",
        "-consumer", f"avformat:{folder / 'melt.mp4'}", "vcodec=libx264", "crf=20",
        f"preset={preset}", "an=1", "threads=4",
    ]  # fmt: skip


MOVIEPY = """\
import sys
from moviepy import CompositeVideoClip, ImageClip, VideoFileClip, vfx

target, preset, seconds, overlap, title, *clips = sys.argv[1:]
seconds, overlap = int(seconds), int(overlap)
first, second = (
    VideoFileClip(c, audio=False).subclipped(0, seconds).with_effects([vfx.MultiplyColor(1.1)])
    for c in clips
)
second = second.with_start(seconds - overlap).with_effects([vfx.CrossFadeIn(overlap)])
text = ImageClip(title).with_start(2).with_duration(5).with_position(("center", "bottom"))
film = CompositeVideoClip([first, second, text], size=(1280, 720))
film.write_videofile(
    target, codec="libx264", preset=preset, audio=False, logger=None, threads=4,
    ffmpeg_params=["-crf", "20"],
)
"""


def main(folder: Path, times: int = 3) -> None:
    print(
        "Cost of the edit: CPU time over that of decoding the clips and encoding the film's\n"
        "frames through PyAV with the same settings"
    )
    for name, clips, fps in (("footage", FOOTAGE, 25), ("flat colour", FLAT, 30)):
        if not all(clip.exists() for clip in clips):
            print(f"  {name} left out: {MEDIA} does not hold the two clips (set VEDC_MEDIA)")
            continue
        place = folder / name.replace(" ", "-")
        place.mkdir()
        for clip, target in zip(clips, ("a.mp4", "b.mp4"), strict=True):
            if clips is FOOTAGE:
                repeated(clip, place / target)
            else:
                shutil.copy(clip, place / target)
        compare(place, name, fps, times, others=clips is FOOTAGE)


def compare(folder: Path, name: str, fps: int, times: int, others: bool) -> None:
    """Measure the edit of ``folder``'s two clips; with ``others``, by other programs too."""
    write_look(folder / "look.cube")
    (folder / "plain.py").write_text(PLAIN)
    film, lossless = folder / "film.yuv", folder / "film.vedc.yaml"
    lossless.write_text(spec_text("medium", fps).replace("crf: 20, preset: medium, ", ""))
    write_film(lossless, film)
    for preset, asked in (("medium", "at most 1.25"), ("veryfast", "at most 1.6")):
        spec = folder / f"{preset}.vedc.yaml"
        spec.write_text(spec_text(preset, fps))

        def edit(spec: Path = spec) -> Run:
            shutil.rmtree(folder / ".vedc", ignore_errors=True)
            return measured(vedc("render", "-q", "-y", spec))

        def plain(preset: str = preset) -> Run:
            clips = [folder / "a.mp4", folder / "b.mp4"]
            arguments = [film, folder / "plain.mp4", preset, SECONDS, fps, *clips]
            done = measured([sys.executable, folder / "plain.py", *map(str, arguments)])
            return replace(done, cpu=done.cpu - float(done.output))

        mine, base = in_turn(edit, plain, times)
        row(f"{name}, x264 {preset}: vedc, nothing cached", f"{mine / base:.2f}x", asked)
        if not others:
            continue
        save_title(folder / "title.png")
        commands: list[tuple[str, list[str]]] = []
        if shutil.which("ffmpeg"):
            commands.append(("FFmpeg filter graph", ffmpeg(folder, preset, fps)))
        if shutil.which("melt"):
            commands.append(("MLT (no CDL, no title)", melt(folder, preset, fps)))
        if importlib.util.find_spec("moviepy"):
            arguments = ["moviepy.mp4", preset, SECONDS, OVERLAP, "title.png", "a.mp4", "b.mp4"]
            paths = [str(folder / a) if str(a).endswith(("4", "g")) else str(a) for a in arguments]
            commands.append(
                ("MoviePy (a gain in place of the grade)", [sys.executable, "-c", MOVIEPY, *paths])
            )
        for program, command in commands:
            row(f"{name}, x264 {preset}: {program}", f"{measured(command).cpu / base:.2f}x")


def save_title(path: Path) -> None:
    from PIL import Image

    from vedc.edit.contents import Text
    from vedc.text.fonts import default_font
    from vedc.text.titles import render_text

    white = (1.0, 1.0, 1.0, 1.0)
    bitmap = render_text(Text("The cost of the edit", (str(default_font()),), 72.0, white))
    picture = Image.frombytes("RGBa", (bitmap.width, bitmap.height), bitmap.data)
    picture.convert("RGBA").save(path)
