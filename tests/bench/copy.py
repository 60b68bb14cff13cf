"""An hour of footage, trimmed at forty places: copying it over encoding it again.

The footage is a real clip whose packets are repeated until an hour is full. The film has no sound,
which is rendered in the same way in both cases. Encoding an hour takes too long, so that a sample
is encoded, from all over the film, and its CPU time is multiplied.
"""

from __future__ import annotations

import json
import shutil
from fractions import Fraction
from pathlib import Path

import av

from tests.bench.measure import MEDIA, Run, measured, row, vedc

CLIP = MEDIA / "video" / "talk.mp4"
MINUTES = 60
CUTS = 40
#: Seconds of the film that are encoded for comparison, a clip of five of them at a time.
SAMPLE = 60


def repeated(source: Path, target: Path, seconds: int) -> None:
    """The packets of a clip's picture over and over."""
    with av.open(str(source)) as container, av.open(str(target), "w") as out:
        origin = container.streams.video[0]
        assert origin.time_base is not None
        stream = out.add_stream_from_template(origin, opaque=True)
        kept = [
            (bytes(packet), packet.pts, packet.dts, packet.is_keyframe, packet.duration)
            for packet in container.demux(origin)
            if packet.size and packet.pts is not None and packet.dts is not None
        ]
        length = sum(duration or 0 for *_, duration in kept)
        for turn in range(round(seconds / float(length * origin.time_base)) + 1):
            for data, pts, dts, key, duration in kept:
                packet = av.Packet(data)
                packet.pts, packet.dts = pts + turn * length, dts + turn * length
                packet.time_base, packet.duration = origin.time_base, duration
                packet.is_keyframe, packet.stream = key, stream
                out.mux_one(packet)


def write_spec(path: Path, clips: list[tuple[Fraction, Fraction]], output: str) -> None:
    lines = ["version: 1", f"outputs: [{{path: {path.stem}.mp4, audio_codec: none{output}}}]"]
    lines.append("timeline:")
    for begin, length in clips:
        frames = round(begin * 30), round(length * 30)
        lines.append(f"  - {{clip: hour.mp4, in: {frames[0]}f, duration: {frames[1]}f}}")
    path.write_text("\n".join(lines) + "\n")


def rendered(spec: Path) -> tuple[Run, dict[str, int]]:
    done = measured(vedc("render", "--json", "-y", spec))
    (report,) = json.loads(done.output)
    return done, report


def main(folder: Path) -> None:
    print(f"Copying: {MINUTES} min of 720p, trimmed at {CUTS} places, x264 medium, no sound")
    if not CLIP.exists():
        print(f"  left out: {CLIP} is not there (set VEDC_MEDIA)")
        return
    repeated(CLIP, folder / "hour.mp4", 60 * MINUTES)
    each = Fraction(60 * MINUTES, CUTS)
    # A second and some frames are taken out at each place, at another one of the groups each time.
    clips = [
        (k * each + Fraction(37 * k % 61, 30), each - 1 - Fraction(53 * k % 47, 30) / 2)
        for k in range(CUTS)
    ]
    write_spec(folder / "copied.yaml", clips, "")
    step = Fraction(60 * MINUTES * 5, SAMPLE)
    sample = [(k * step + 1, Fraction(5)) for k in range(SAMPLE // 5)]
    write_spec(folder / "encoded.yaml", sample, ", copy: never")
    measured(vedc("validate", folder / "encoded.yaml"))  # probes the footage
    encoded, reported = rendered(folder / "encoded.yaml")
    per_frame = encoded.cpu / reported["frames"]
    copied, report = rendered(folder / "copied.yaml")
    whole = per_frame * report["frames"]
    row("frames that are copied", f"{report['copied_frames'] / report['frames']:.1%}")
    row(f"encoding it all, CPU seconds, by {SAMPLE} s of it", f"{whole:.0f}")
    row("copying, CPU seconds, the first time", f"{copied.cpu:.1f}")
    row("  relative to encoding it all", f"{copied.cpu / whole:.2%}", "3%")
    row("  seconds of wall time", f"{copied.wall:.0f}")
    begin, length = clips[8]
    clips[8] = begin, length - Fraction(11, 30)
    write_spec(folder / "copied.yaml", clips, "")
    again, report = rendered(folder / "copied.yaml")
    row("one cut moved: frames encoded", f"{report['rendered_frames']}")
    row("  CPU seconds relative to encoding it all", f"{again.cpu / whole:.2%}")
    shutil.rmtree(folder / ".vedc", ignore_errors=True)
