"""Analysing beside decoding: CPU time and memory of every picture analysis together."""

from __future__ import annotations

import statistics
import sys
import time
from fractions import Fraction
from pathlib import Path

from tests.bench.measure import MEDIA, Run, measured, row

CLIPS = ("elf.mp4", "crystal.mp4", "monster.mp4", "pig.mp4")
FLAT = "talk.mp4"
SIZE = 1280, 720
#: Frames taken of each clip.
TAKEN = 150

DECODE = """
import sys, av
count = 0
with av.open(sys.argv[1]) as file:
    stream = file.streams.video[0]
    stream.thread_type, stream.codec_context.thread_count = "AUTO", int(sys.argv[2])
    for frame in file.decode(stream):
        count += 1
print(count)
"""

ANALYSE = """
import sys
from pathlib import Path
from vedc.decide.analyses.analysis import get
from vedc.decide.analyses.decode_video import decode_video
from vedc.media.probe import probe
media = probe(Path(sys.argv[1]))
watchers = []
for name in sys.argv[4:]:
    kept = {"draft": Path(sys.argv[3])} if name == "thumbs" else {}
    watchers.append(get(name).make(media, **kept))
decode_video(media, watchers, threads=int(sys.argv[2]))
for watcher in watchers:
    watcher.finish()
"""


def film(path: Path, clips: list[Path]) -> Path:
    """A film of 720p from pieces of real clips, cut to 16:9."""
    import av

    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=30, options={"preset": "veryfast", "crf": "20"})
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        count = 0
        for clip in clips:
            with av.open(str(clip)) as file:
                for n, frame in enumerate(file.decode(video=0)):
                    if n == TAKEN:
                        break
                    scaled = frame.reformat(*SIZE, "yuv420p", interpolation="BICUBIC")
                    scaled.pts, scaled.time_base = count, Fraction(1, 30)
                    scaled.pict_type = 0
                    count += 1
                    out.mux(stream.encode(scaled))
        out.mux(stream.encode(None))
    return path


def looped(path: Path, source: Path, times: int) -> Path:
    """The packets of a film, over and over."""
    import av

    with av.open(str(path), "w") as out, av.open(str(source)) as probe:
        given = probe.streams.video[0]
        stream = out.add_stream_from_template(given)
        # The length of one round in ticks.
        length = round(given.frames / (given.average_rate or 30) / given.time_base)
        for k in range(times):
            with av.open(str(source)) as file:
                for packet in file.demux(video=0):
                    if packet.dts is None:
                        continue
                    packet.pts += k * length
                    packet.dts += k * length
                    packet.stream = stream
                    out.mux(packet)
    return path


def decoding(path: Path, threads: int) -> Run:
    return measured([sys.executable, "-c", DECODE, path, str(threads)])


def analysing(path: Path, threads: int, folder: Path, names: tuple[str, ...]) -> Run:
    draft = folder / "bench.thumbs"
    return measured([sys.executable, "-c", ANALYSE, path, str(threads), draft, *names])


def compare(name: str, path: Path, folder: Path, times: int = 4) -> None:
    """Analysing over decoding, in turn: the medians of CPU time, the best elapsed times."""
    pairs = [
        (decoding(path, 0), analysing(path, 0, folder, ("thumbs", "measures")))
        for _ in range(times)
    ]
    cpu = [
        statistics.median(runs) for runs in zip(*((a.cpu, b.cpu) for a, b in pairs), strict=True)
    ]
    wall = [min(runs) for runs in zip(*((a.wall, b.wall) for a, b in pairs), strict=True)]
    row(f"{name}: CPU of analysing over decoding", f"{cpu[1] / cpu[0]:.2f}x")
    row(f"{name}: elapsed", f"{wall[1] / wall[0]:.2f}x", "at most 1.3")


def main(folder: Path) -> None:
    print("Analysing: thumbs and measures beside mere decoding, 720p")
    clips = [MEDIA / "video" / name for name in CLIPS]
    if not all(clip.exists() for clip in clips):
        print(f"  left out: {MEDIA / 'video'} is not there (set VEDC_MEDIA)")
        return
    short = film(folder / "short.mp4", clips)
    long = looped(folder / "long.mp4", short, 4)
    compare("real clips", long, folder)
    flat = MEDIA / "video" / FLAT
    compare("a flat ground with a timecode", flat, folder)
    peaks = [analysing(p, 0, folder, ("thumbs", "measures")).peak for p in (short, long)]
    row("memory of 80 s", f"{peaks[1] / 1e6:.0f} MB")
    row("memory of 80 s over 20 s", f"{peaks[1] / peaks[0]:.2f}x", "at most 1.15")
    size = (folder / "bench.thumbs").stat().st_size
    seconds = TAKEN * len(CLIPS) / 30 * 4
    row("thumbs of an hour", f"{size / seconds * 3600 / 1e6:.0f} MB")
    reading(folder / "bench.thumbs")


def reading(path: Path) -> None:
    from vedc.decide.analyses.thumbs import open_thumbs

    thumbs = open_thumbs(path)
    began = time.process_time()
    for start in range(0, len(thumbs), 100):
        thumbs.read(start, min(start + 100, len(thumbs)))
    spent = time.process_time() - began
    row("thumbs read in a second of CPU", f"{len(thumbs) / spent:.0f}")
