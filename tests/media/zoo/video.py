"""Streams to choose from, odd rates and time stamps, damage, files cut short or joined."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.stream import Disposition

from tests.media.make import numbered_frame, write_numbered
from tests.media.zoo.entry import Entry, Right, Sound


def write_streams(
    path: Path,
    firsts: Sequence[int],
    default: int | None,
    *,
    tones: Sequence[float] = (),
    default_tone: int | None = None,
    languages: Sequence[str] = (),
    frames: int = 12,
    rate: int = 25,
) -> None:
    """A file with a video stream for each first number, and an audio stream for each tone."""
    with av.open(str(path), "w") as out:
        videos, sounds = [], []
        for index, _ in enumerate(firsts):
            stream = out.add_stream("libx264", rate=rate, options={"crf": "16", "bf": "0"})
            stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
            stream.disposition = Disposition.default if index == default else Disposition(0)
            videos.append(stream)
        for index, _ in enumerate(tones):
            sound = out.add_stream("flac", rate=48000, layout="mono")
            sound.disposition = Disposition.default if index == default_tone else Disposition(0)
            if languages:
                sound.metadata["language"] = languages[index]
            sounds.append(sound)
        for i in range(frames):
            for stream, first in zip(videos, firsts, strict=True):
                frame = numbered_frame(first + i, 96, 64)
                frame.pts, frame.time_base = i, Fraction(1, rate)
                out.mux(stream.encode(frame))
            for sound, hertz in zip(sounds, tones, strict=True):
                count = 48000 // rate
                times = (np.arange(count) + i * count) / 48000
                samples = np.round(16000 * np.cos(2 * np.pi * hertz * times)).astype(np.int16)
                part = AudioFrame.from_ndarray(samples[None], "s16", "mono")
                part.sample_rate, part.pts = 48000, i * count
                part.time_base = Fraction(1, 48000)
                out.mux(sound.encode(part))
        for stream in (*videos, *sounds):
            out.mux(stream.encode(None))


_STREAMS = (
    Entry(
        "second_default.mkv",
        "two video streams, of which the second is flagged default",
        lambda path: write_streams(path, (40, 200), 1),
        Right((96, 64), frames=12, rate=25, numbers={0: 200, 11: 211}),
    ),
    Entry(
        "no_default.mkv",
        "two video streams, of which none is flagged default",
        lambda path: write_streams(path, (40, 200), None),
        Right((96, 64), frames=12, rate=25, numbers={0: 40, 11: 51}),
    ),
    Entry(
        "stream_chosen.mkv",
        "the stream that is not flagged, by its number",
        lambda path: write_streams(path, (40, 200, 400), 1),
        Right((96, 64), frames=12, rate=25, numbers={0: 400, 11: 411}),
        item={"stream": 2},
    ),
    Entry(
        "both_streams.mkv",
        "two streams of one file one after the other",
        lambda path: write_streams(path, (40, 200), 1),
        Right((96, 64), frames=24, rate=25, numbers={0: 40, 11: 51, 12: 200, 23: 211}),
        timeline=lambda name: [{"clip": name, "stream": 0}, {"clip": name, "stream": 1}],
    ),
    Entry(
        "no_such_stream.mkv",
        "a number that no stream has",
        lambda path: write_streams(path, (40, 200), 1),
        Right(refused="no-stream"),
        item={"stream": 2},
    ),
    Entry(
        "sound_default.mkv",
        "two languages, of which the second is flagged default",
        lambda path: write_streams(path, (40,), 0, tones=(440, 880), default_tone=1),
        Right((96, 64), frames=12, numbers={0: 40, 11: 51}, sound=Sound(0, 0.48, hertz=880)),
    ),
    Entry(
        "sound_chosen.mkv",
        "the other language, by its number",
        lambda path: write_streams(
            path, (40,), 0, tones=(440, 880), default_tone=1, languages=("fra", "deu")
        ),
        Right((96, 64), frames=12, numbers={0: 40, 11: 51}, sound=Sound(0, 0.48, hertz=440)),
        item={"stream": {"audio": 0}},
    ),
)


def joined(path: Path, *firsts: int, codec: str = "libx264", frames: int = 25) -> None:
    """Files of numbered frames, joined byte by byte."""
    parts = []
    for first in firsts:
        part = path.with_name(f"part-{first}{path.suffix}")
        options = {"crf": "16"} if codec == "libx264" else {}
        write_numbered(part, frames, 25, codec, first=first, gop=12, b_frames=2, options=options)
        parts.append(part.read_bytes())
        part.unlink()
    path.write_bytes(b"".join(parts))


_JUMPS = frozenset({"time-jumps"})
_JOINED = (
    *(
        Entry(
            name,
            "two files joined end to end, whose times jump back",
            lambda path, codec=codec: joined(path, 40, 200, codec=codec),  # type: ignore[misc]
            Right(
                (96, 64),
                frames=50,
                rate=25,
                numbers={0: 40, 24: 64, 25: 200, 49: 224},
                notes=_JUMPS,
            ),
        )
        for name, codec in (
            ("joined.ts", "libx264"),
            ("joined.mkv", "libx264"),
            ("joined.mpg", "mpeg2video"),
        )
    ),
    Entry(
        "joined_thrice.ts",
        "three files joined end to end, shown from the middle",
        lambda path: joined(path, 40, 200, 400),
        Right((96, 64), frames=50, numbers={0: 50, 15: 200, 39: 224, 40: 400}, notes=_JUMPS),
        item={"in": "0.4s", "out": "2.4s"},
    ),
)


def cut(path: Path, share: float, first: int = 40, **options: Any) -> None:
    """A file of 100 numbered frames, cut short."""
    write_numbered(path, 100, 25, first=first, gop=10, **options)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])


_SHORT = (
    Entry(
        "cut_short.mp4",
        "an index that promises more than there is",
        lambda path: cut(
            path,
            0.6,
            b_frames=0,
            options={"crf": "16"},
            container_options={"movflags": "faststart"},
        ),
        Right((96, 64), rate=25, numbers={0: 40, 20: 60}, notes=frozenset({"cut-short"})),
    ),
    Entry(
        "cut_short.mkv",
        "a Matroska file without its end",
        lambda path: cut(path, 0.6, b_frames=0, options={"crf": "16"}),
        Right((96, 64), rate=25, numbers={0: 40, 20: 60}, notes=frozenset({"cut-short"})),
    ),
    Entry(
        "cut_short.ts",
        "a recording that stops in mid-packet",
        lambda path: cut(path, 0.6, b_frames=0, options={"crf": "16"}),
        Right((96, 64), rate=25, numbers={0: 40, 20: 60}),
    ),
    Entry(
        "no_index.mp4",
        "an MP4 without its index, which says where everything is",
        lambda path: cut(path, 0.5, options={"crf": "16"}),
        Right(refused="damaged-media"),
    ),
)


def reordered(path: Path, rate: Fraction, frames: int = 24, **options: Any) -> None:
    write_numbered(
        path, frames, rate, first=40, gop=100, b_frames=3, options={"crf": "16"}, **options
    )


_LAST = tuple(
    Entry(
        f"slow_{name}",
        f"B-frames at {rate} frames a second: the last packet is not the last one shown",
        lambda path, rate=rate: reordered(path, rate),  # type: ignore[misc]
        Right((96, 64), frames=24, rate=float(rate), numbers={0: 40, 22: 62, 23: 63}),
    )
    for name, rate in (
        ("one.mp4", Fraction(1)),
        ("one.mkv", Fraction(1)),
        ("two.ts", Fraction(2)),
        ("three.mov", Fraction(3)),
        ("five.flv", Fraction(5)),
    )
)


def timed(path: Path, times: Sequence[int], base: Fraction, rate: int = 25, **options: Any) -> None:
    """Numbered frames at given times, in ticks of ``base``; the header claims ``rate``."""
    write_numbered(
        path,
        len(times),
        rate,
        first=40,
        times=times,
        time_base=base,
        b_frames=0,
        options={"crf": "16"},
        **options,
    )


#: Frames of a phone: 30 a second, with some that came early and some that never came.
_PHONE = [n * 3000 - (7 * n % 5) * 40 for n in range(60) if n % 11 != 5]

_RATES = (
    Entry(
        "phone.mp4",
        "a phone's 30 frames a second, some early, some missing",
        lambda path: timed(path, _PHONE, Fraction(1, 90000), 30),
        Right((96, 64), rate=30, numbers={0: 40, 4: 44, 5: 44, 6: 45}),
    ),
    Entry(
        "uneven.mkv",
        "a screen recording: long pauses, then 60 frames a second",
        lambda path: timed(path, [*range(40), *range(200, 240), 500], Fraction(1, 60)),
        Right(
            (96, 64),
            rate=60,
            numbers={0: 40, 39: 79, 199: 79, 200: 80, 499: 119, 500: 120},
            notes=frozenset({"uneven-frames"}),
        ),
    ),
    Entry(
        "slides.mkv",
        "one picture every 4.2 seconds",
        lambda path: timed(path, [0, 4200, 8400, 12600], Fraction(1, 1000)),
        Right((96, 64), rate=10, numbers={0: 40, 41: 40, 42: 41, 84: 42, 126: 43}),
    ),
    Entry(
        "thousand.mkv",
        "a thousand frames a second",
        lambda path: timed(path, list(range(500)), Fraction(1, 1000), 1000),
        Right((96, 64), rate=240, frames=121, notes=frozenset({"frame-rate"})),
    ),
    Entry(
        "high_speed.mp4",
        "240 frames a second",
        lambda path: timed(path, list(range(120)), Fraction(1, 240), 240),
        Right((96, 64), rate=240, frames=120, numbers={0: 40, 119: 159}),
    ),
    Entry(
        "late_start.mp4",
        "a first frame that is not at zero",
        lambda path: timed(path, [n * 3600 for n in range(5, 30)], Fraction(1, 90000)),
        Right((96, 64), rate=25, frames=25, numbers={0: 40, 24: 64}),
    ),
    Entry(
        "film_in_ms.mkv",
        "24000/1001 in milliseconds",
        lambda path: timed(path, [round(n * 1001 / 24) for n in range(48)], Fraction(1, 1000)),
        Right((96, 64), rate=24000 / 1001, frames=48, numbers={0: 40, 47: 87}),
    ),
    Entry(
        "elementary.h264",
        "an elementary stream, which has no times",
        lambda path: write_numbered(
            path, 30, 25, first=40, b_frames=2, options={"crf": "16"}, container="h264"
        ),
        Right((96, 64), rate=25, frames=30, numbers={0: 40, 29: 69}),
    ),
    Entry(
        "elementary.m2v",
        "an elementary stream of MPEG-2",
        lambda path: write_numbered(
            path, 30, 25, "mpeg2video", first=40, b_frames=0, container="mpeg2video"
        ),
        Right((96, 64), rate=25, frames=30, numbers={0: 40, 29: 69}),
    ),
    Entry(
        "mjpeg.avi",
        "AVI, whose times are counted",
        lambda path: write_numbered(path, 30, Fraction(30000, 1001), "mjpeg", "yuvj420p", first=40),
        Right((96, 64), rate=30000 / 1001, frames=30, numbers={0: 40, 29: 69}),
    ),
    Entry(
        "live.webm",
        "a browser's recording: no length, no index",
        lambda path: write_numbered(
            path,
            30,
            25,
            "libvpx-vp9",
            first=40,
            options={"crf": "20"},
            container_options={"live": "1"},
        ),
        Right((96, 64), rate=25, frames=30, numbers={0: 40, 29: 69}),
    ),
)


def coded(path: Path, codec: str, rate: Fraction | int = 25, **options: Any) -> None:
    """24 numbered frames."""
    write_numbered(path, 24, rate, codec, first=40, **options)


_DV: Any = {"width": 720, "gop": 1}
_KINDS = tuple(
    Entry(
        name,
        why,
        lambda path, codec=codec, rate=rate, options=options: coded(  # type: ignore[misc]
            path, codec, rate, **options
        ),
        Right(frames=24, rate=float(rate), numbers={0: 40, 11: 51, 23: 63}),
        item=item,
    )
    for name, why, codec, rate, options, item in (
        ("pal.dv", "raw DV, which has no times", "dvvideo", 25,
         _DV | {"height": 576}, {"deinterlace": "off"}),
        ("pal_dv.avi", "DV in AVI", "dvvideo", 25, _DV | {"height": 576}, {"deinterlace": "off"}),
        ("ntsc.dv", "raw DV at 30000/1001", "dvvideo", Fraction(30000, 1001),
         _DV | {"height": 480, "pix_fmt": "yuv411p"}, {"deinterlace": "off"}),
        ("wmv.asf", "ASF, which counts milliseconds", "wmv2", 15, {"gop": 12}, {}),
        ("ntsc.wmv", "ASF at 30000/1001", "wmv2", Fraction(30000, 1001), {"gop": 12}, {}),
        ("phone.3gp", "a phone's MPEG-4", "mpeg4", 15, {"gop": 12, "container": "3gp"}, {}),
        ("sorenson.flv", "FLV, which counts milliseconds", "flv", 24, {"gop": 12}, {}),
        ("film.flv", "24000/1001 in FLV", "libx264", Fraction(24000, 1001),
         {"gop": 12, "b_frames": 2, "options": {"crf": "16"}}, {}),
        ("odd.nut", "a rate that nobody uses", "mpeg4", Fraction(157, 10), {"gop": 12}, {}),
        ("double.ts", "59.94 in MPEG-TS", "libx264", Fraction(60000, 1001),
         {"gop": 12, "b_frames": 2, "options": {"crf": "16"}}, {}),
        ("hevc.mkv", "HEVC with open groups of pictures", "libx265", 24,
         {"gop": 8, "options": {"x265-params": "log-level=none:keyint=8:min-keyint=8"}}, {}),
        ("av1.mp4", "AV1", "libsvtav1", 25,
         {"gop": 12, "options": {"preset": "12", "crf": "20"}}, {}),
    )
)  # fmt: skip


def unsent_sound(path: Path) -> None:
    """A sound that is declared and never sent."""
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=25, options={"crf": "16", "bf": "0"})
        video.width, video.height, video.pix_fmt = 96, 64, "yuv420p"
        out.add_stream("aac", rate=48000, layout="stereo")
        for i in range(12):
            frame = numbered_frame(40 + i, 96, 64)
            frame.pts, frame.time_base = i, Fraction(1, 25)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))


_LOST = (
    Entry(
        "unsent_sound.mkv",
        "a sound that is declared and never sent",
        unsent_sound,
        Right(
            (96, 64),
            frames=12,
            numbers={0: 40, 11: 51},
            silent=True,
            notes=frozenset({"damaged-media"}),
        ),
    ),
    Entry(
        "unsent_sound_muted.mkv",
        "the same, muted: nothing is lost",
        unsent_sound,
        Right((96, 64), frames=12, numbers={0: 40, 11: 51}, silent=True),
        item={"mute": True},
    ),
)


def wiped(path: Path, numbers: Sequence[int], codec: str, keep: int = 0, **options: Any) -> None:
    """60 numbered frames; the packets of some are overwritten, except their beginnings."""
    write_numbered(path, 60, 25, codec, first=40, width=192, height=128, gop=12, **options)
    with av.open(str(path)) as file:
        packets = [(p.pts, p.pos, p.size) for p in file.demux(video=0) if p.size]
    order = sorted(pts for pts, _, _ in packets)
    data = bytearray(path.read_bytes())
    for pts, pos, size in packets:
        if order.index(pts) in numbers:
            data[pos + keep : pos + size] = bytes(size - keep)
    path.write_bytes(data)


def with_tone(path: Path, first: int, hertz: float) -> None:
    """A second of numbered frames with a tone."""
    codec = {".ts": "mp2", ".mpg": "mp2", ".mov": "pcm_s16le"}.get(path.suffix, "aac")
    with av.open(str(path), "w") as out:
        video = out.add_stream("mpeg2video", rate=25, options={"qscale": "2"})
        video.width, video.height, video.pix_fmt = 96, 64, "yuv420p"
        video.codec_context.gop_size, video.codec_context.max_b_frames = 12, 0
        sound = out.add_stream(codec, rate=48000, layout="mono")
        resampler = av.AudioResampler(sound.codec_context.format, "mono", 48000)
        fifo = av.AudioFifo()
        times = np.arange(48000) / 48000
        samples = np.round(16000 * np.cos(2 * np.pi * hertz * times)).astype(np.int16)
        whole = AudioFrame.from_ndarray(samples[None], "s16", "mono")
        whole.sample_rate, whole.pts = 48000, 0
        for part in [*resampler.resample(whole), *resampler.resample(None)]:
            fifo.write(part)
        done = 0
        for i in range(25):
            frame = numbered_frame(first + i, 96, 64)
            frame.pts, frame.time_base = i, Fraction(1, 25)
            out.mux(video.encode(frame))
            while done < (i + 1) * 1920:
                part = fifo.read(sound.codec_context.frame_size or 1920, partial=True)
                if part is None:
                    break
                done += part.samples
                out.mux(sound.encode(part))
        for stream in (video, sound):
            out.mux(stream.encode(None))


def joined_with_tone(path: Path) -> None:
    parts = []
    for first, hertz in ((40, 440.0), (200, 440.0)):
        part = path.with_name(f"tone-{first}{path.suffix}")
        with_tone(part, first, hertz)
        parts.append(part.read_bytes())
        part.unlink()
    path.write_bytes(b"".join(parts))


def renamed(path: Path, name: bytes) -> None:
    """A file with a tone; one of its codecs has an unknown name."""
    with_tone(path, 40, 440.0)
    data = path.read_bytes()
    assert data.count(name) >= 1
    path.write_bytes(data.replace(name, b"zzzz"))


_TONES = (
    *(
        Entry(
            name,
            "picture and sound joined end to end",
            joined_with_tone,
            Right(
                (96, 64),
                frames=50,
                rate=25,
                numbers={0: 40, 24: 64, 25: 200, 49: 224},
                sound=Sound(0, 2, hertz=440, slack=0.06),
                notes=_JUMPS,
            ),
        )
        for name in ("joined_tone.ts", "joined_tone.mpg", "joined_tone.mkv")
    ),
    Entry(
        "unknown_sound.mov",
        "a sound that has no decoder: the picture plays",
        lambda path: renamed(path, b"sowt"),
        Right(
            (96, 64),
            frames=25,
            numbers={0: 40, 24: 64},
            silent=True,
            notes=frozenset({"unsupported-codec"}),
        ),
    ),
    Entry(
        "unknown_picture.mov",
        "a picture that has no decoder, where it is wanted",
        lambda path: renamed(path, b"m2v1"),
        Right(refused="unsupported-codec"),
    ),
)

_CONCEALED = frozenset({"damage-concealed"})
_DAMAGED = (
    *(
        Entry(
            name,
            "some frames, each by itself, of which nothing is left: the ones before them stay",
            lambda path, codec=codec, keep=keep, options=options: wiped(  # type: ignore[misc]
                path, (20, 21, 40), codec, keep, **options
            ),
            Right(
                (192, 128),
                frames=60,
                rate=25,
                numbers={19: 59, 20: 59, 21: 59, 22: 62, 40: 79, 41: 81, 59: 99},
                reported=_CONCEALED,
            ),
        )
        for name, codec, keep, options in (
            ("wiped_prores.mov", "prores_ks", 0, {"pix_fmt": "yuv422p10le"}),
            ("wiped_mjpeg.avi", "mjpeg", 8, {"pix_fmt": "yuvj420p"}),
            ("wiped_png.mov", "png", 0, {"pix_fmt": "rgb24"}),
        )
    ),
    Entry(
        "wiped_tail.mp4",
        "the last frames of a group: what comes after the next key frame is whole",
        lambda path: wiped(path, range(30, 36), "libx264", 5, b_frames=0, options={"crf": "10"}),
        Right(
            (192, 128),
            frames=60,
            rate=25,
            numbers={0: 40, 29: 69, 36: 76, 59: 99},
            reported=_CONCEALED,
        ),
    ),
    Entry(
        "intact.mp4",
        "nothing: no damage is reported where there is none",
        lambda path: wiped(path, (), "libx264", options={"crf": "16"}),
        Right((192, 128), frames=60, rate=25, numbers={0: 40, 59: 99}, reported=frozenset()),
    ),
    Entry(
        "open_group.ts",
        "open groups of pictures, from their middle: no damage is reported where there is none",
        lambda path: wiped(
            path,
            (),
            "libx264",
            options={"x264-params": "open-gop=1:bframes=3:scenecut=0", "crf": "16"},
        ),
        Right((192, 128), frames=30, numbers={0: 70, 29: 99}, reported=frozenset()),
        item={"in": "30f"},
    ),
)

ENTRIES = (*_STREAMS, *_JOINED, *_SHORT, *_LAST, *_RATES, *_KINDS, *_LOST, *_TONES, *_DAMAGED)
