"""Sound: formats, rates and layouts, encoders that add samples, joined, damaged and lying files.

Most files hold a quarter of a second of silence, half a second of a tone and a quarter of silence.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame

from tests.media.make import numbered_frame
from tests.media.zoo.basics import silence, tone
from tests.media.zoo.entry import Entry, Right, Sound

_LOSSLESS = Sound(0.25, 0.75, hertz=440, level=-9.03)
_LOSSY = replace(_LOSSLESS, slack=0.03)
"""Coders smear an edge over a frame."""

_LAME = replace(_LOSSY, level=-9.03 + 20 * math.log10(0.95))
"""LAME lowers what it encodes by a twentieth."""

_HALF_POWER = 10 * math.log10(0.5)

Maker = Callable[[Path], object]


def phrase(rate: int = 48000, before: float = 0.25, after: float = 0.25) -> np.ndarray:
    """Silence, half a second of a tone, silence: float32 (1, samples)."""
    return np.hstack([silence(before, rate), tone(440, 0.5, rate), silence(after, rate)])


def write(
    path: Path,
    codec: str,
    samples: np.ndarray | None = None,
    rate: int = 48000,
    *,
    layout: str = "mono",
    container: str | None = None,
    options: Mapping[str, str] | None = None,
    container_options: Mapping[str, str] | None = None,
    bit_rate: int | None = None,
) -> Path:
    """Encode float32 (channels, samples); by default the phrase."""
    sound = phrase(rate) if samples is None else samples
    if layout == "stereo" and len(sound) == 1:
        sound = np.repeat(sound, 2, axis=0)
    with av.open(
        str(path), "w", format=container, container_options=dict(container_options or {})
    ) as out:
        stream = out.add_stream(codec, rate=rate, layout=layout, options=dict(options or {}))
        if bit_rate:
            stream.bit_rate = bit_rate
        for part in _frames(sound, stream, layout, rate):
            out.mux(stream.encode(part))
        out.mux(stream.encode(None))
    return path


def _frames(
    sound: np.ndarray, stream: av.AudioStream, layout: str, rate: int, start: int = 0
) -> list[AudioFrame]:
    packed = np.ascontiguousarray(sound.T.reshape(1, -1), np.float32)
    whole = AudioFrame.from_ndarray(packed, "flt", layout)
    whole.sample_rate, whole.pts, whole.time_base = rate, 0, Fraction(1, rate)
    resampler = av.AudioResampler(stream.codec_context.format, layout, rate)
    fifo = av.AudioFifo()
    for part in [*resampler.resample(whole), *resampler.resample(None)]:
        part.pts = None
        fifo.write(part)
    out: list[AudioFrame] = []
    at, size = start, stream.codec_context.frame_size or 1024
    while (part := fifo.read(size, partial=True)) is not None:
        part.pts, part.time_base = at, Fraction(1, rate)
        at += part.samples
        out.append(part)
    return out


def _maker(codec: str, *arguments: object, **options: object) -> Maker:
    return lambda path: write(path, codec, *arguments, **options)  # type: ignore[arg-type]


def _plain(
    name: str,
    codec: str,
    right: Sound = _LOSSLESS,
    rate: int = 48000,
    seconds: float = 1.0,
    **options: object,
) -> Entry:
    why = f"{codec} at {rate} Hz"
    return Entry(
        name,
        why,
        _maker(codec, None, rate, **options),
        Right(None, None, seconds, sound=right),
        "audio",
    )


def _in_channels(layout: str, channel: int) -> np.ndarray:
    count = av.AudioLayout(layout).nb_channels
    sound = np.zeros((count, 48000), np.float32)
    sound[channel] = phrase()[0]
    return sound


def _layout(name: str, layout: str, channel: int, gain: float, why: str) -> Entry:
    """The tone in one channel, which is heard at ``gain`` dB in the louder side of stereo."""
    right = Right(seconds=1.0, sound=replace(_LOSSLESS, level=-9.03 + gain))
    make = _maker("pcm_s16le", _in_channels(layout, channel), layout=layout)
    return Entry(name, why, make, right, "audio")


# -- changed after they were written ---------------------------------------------------------------


def _edited(codec: str, change: Callable[[bytes], bytes], rate: int = 48000) -> Maker:
    def make(path: Path) -> None:
        write(path, codec, None, rate)
        path.write_bytes(change(path.read_bytes()))

    return make


def _with_data_size(size: int) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        at = data.index(b"data") + 4
        return data[:at] + struct.pack("<I", size) + data[at + 4 :]

    return change


def _with_avi_rate(scale: int, rate: int) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        at = data.index(b"strh") + 28
        return data[:at] + struct.pack("<2I", scale, rate) + data[at + 8 :]

    return change


def _joined(
    codec: str, rates: tuple[int, int] = (48000, 48000), between: bytes = b"", **options: object
) -> Maker:
    def make(path: Path) -> None:
        parts = []
        for number, rate in enumerate(rates):
            part = path.with_name(f"part{number}{path.suffix}")
            write(part, codec, None, rate, **options)  # type: ignore[arg-type]
            parts.append(part.read_bytes())
            part.unlink()
        path.write_bytes(between.join(parts))

    return make


def _twice(second: float, slack: float) -> Sound:
    """The phrase, and again ``second`` seconds later."""
    return Sound(
        0.25, second + 0.75, hertz=440, level=-9.03, gaps=((0.75, second + 0.25),), slack=slack
    )


_TAGS = b"TAG" + bytes(125) + b"ID3\x04\0\0\0\0\x01\0" + bytes(128)


def spoil(path: Path, first: int, last: int | None, keep: int) -> None:
    """Overwrite packets of the sound but for their first bytes."""
    data = bytearray(path.read_bytes())
    with av.open(str(path)) as file:
        packets = [packet for packet in file.demux(audio=0) if packet.size]
    for packet in packets[first:last]:
        assert packet.pos is not None
        data[packet.pos + keep : packet.pos + packet.size] = b"\xff" * (packet.size - keep)
    path.write_bytes(data)


def _damaged(path: Path) -> None:
    write(path, "aac", tone(440, 2.0))
    spoil(path, 40, 44, 4)


def _half(path: Path) -> None:
    write(path, "flac", tone(440, 3.0))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _undecodable(path: Path) -> None:
    _film(codec="aac", skip=(2.0, 2.0))(path)
    spoil(path, 0, None, 4)


# -- with a picture -----------------------------------------------------------------------------


def _film(
    *, start: float = 0.0, codec: str = "flac", skip: tuple[float, float] | None = None,
    sent: bool = True, frames: int = 50,
) -> Maker:  # fmt: skip
    """Two seconds of picture with the phrase from ``start`` on, or with a tone with a gap."""

    def make(path: Path) -> None:
        with av.open(str(path), "w") as out:
            video = out.add_stream(
                "ffv1" if path.suffix in (".mkv", ".avi") else "libx264", rate=25
            )
            video.width, video.height, video.pix_fmt = 96, 64, "yuv420p"
            audio = out.add_stream(codec, rate=48000, layout="mono")
            sound = phrase() if skip is None else tone(440, 2.0)
            parts = _frames(sound, audio, "mono", 48000, round(start * 48000))
            packets = [packet for part in parts for packet in audio.encode(part)]
            packets += audio.encode(None)
            due = iter(packets if sent else [])
            packet = next(due, None)
            for number in range(frames):
                frame = numbered_frame(number, 96, 64)
                frame.pts, frame.time_base = number, Fraction(1, 25)
                out.mux(video.encode(frame))
                while packet is not None and packet.pts * packet.time_base <= (number + 1) / 25:
                    time = float(packet.pts * packet.time_base)
                    if skip is None or not skip[0] <= time < skip[1]:
                        out.mux(packet)
                    packet = next(due, None)
            out.mux(video.encode(None))
            while packet is not None:
                out.mux(packet)
                packet = next(due, None)

    return make


def _filmed(name: str, why: str, make: Maker, sound: Sound | None, *notes: str) -> Entry:
    right = Right(
        (96, 64), frames=50, numbers={0: 0, 49: 49}, sound=sound, silent=sound is None,
        notes=frozenset(notes),
    )  # fmt: skip
    return Entry(name, why, make, right)


ENTRIES = (
    # Sample formats, rates and codecs.
    _plain("u8.wav", "pcm_u8"),
    _plain("s24.wav", "pcm_s24le"),
    _plain("s32.wav", "pcm_s32le"),
    _plain("f32.wav", "pcm_f32le"),
    _plain("f64.wav", "pcm_f64le"),
    _plain("big.aiff", "pcm_s16be"),
    _plain("phone.wav", "pcm_s16le", rate=8000),
    _plain("odd-rate.wav", "pcm_s16le", rate=11025),
    _plain("studio.wav", "pcm_s24le", rate=192000),
    _plain("mu-law.wav", "pcm_mulaw", rate=8000),
    _plain("a-law.wav", "pcm_alaw", rate=8000),
    _plain("adpcm-ms.wav", "adpcm_ms", replace(_LOSSY, level=None), rate=22050),
    _plain("adpcm-ima.wav", "adpcm_ima_wav", replace(_LOSSY, level=None), rate=22050),
    _plain("apple.m4a", "alac"),
    _plain("pack.wv", "wavpack"),
    _plain("true-audio.tta", "tta"),
    _plain("flac.mka", "flac"),
    _plain("pcm.avi", "pcm_s16le"),
    # The last frame of these is padded, and nothing says by how much.
    _plain("dolby.ac3", "ac3", _LOSSY, seconds=1.04),
    _plain("dolby-plus.eac3", "eac3", _LOSSY, seconds=1.04),
    _plain("layer-two.mp2", "mp2", _LOSSY),
    # FFmpeg's decoder gives nothing for the first two packets, so the sound begins after them.
    _plain("windows.wma", "wmav2", Sound(0.2, 0.7, hertz=440, slack=0.08), rate=44100,
           seconds=0.96, layout="stereo", bit_rate=128_000),
    _plain("phone.amr", "libopencore_amrnb", replace(_LOSSY, level=None), rate=8000, seconds=1.04,
           bit_rate=12200),
    # Encoders that add samples before and after, and say so.
    _plain("gapless.mp3", "libmp3lame", _LAME, rate=44100),
    _plain("gapless.m4a", "aac", _LOSSY),
    _plain("pre-skip.opus", "libopus", _LOSSY),
    _plain("pre-skip.webm", "libopus", _LOSSY),
    _plain("granules.ogg", "vorbis", _LOSSY, layout="stereo",
           options={"strict": "experimental"}),
    # Channels: ITU-R BS.775 for the stereo film.
    _layout("centre.wav", "5.1", 2, _HALF_POWER, "5.1 with a tone in the centre"),
    _layout("side.wav", "7.1", 6, _HALF_POWER, "7.1 with a tone in a side"),
    _layout("quad.wav", "quad", 0, 0.0, "quad with a tone in front"),
    _layout("three.wav", "3.0", 2, _HALF_POWER, "3.0 with a tone in the centre"),
    # Headers that are wrong about the length.
    Entry(
        "size-zero.wav", "a recorder that never filled in the size",
        _edited("pcm_s16le", _with_data_size(0)), Right(seconds=1.0, sound=_LOSSLESS), "audio",
    ),
    Entry(
        "size-open.wav", "a stream of unknown size",
        _edited("pcm_s16le", _with_data_size(0xFFFFFFFF)),
        Right(seconds=1.0, sound=_LOSSLESS), "audio",
    ),
    Entry(
        "no-table.mp3", "a variable bit rate without a table of contents",
        _maker(
            "libmp3lame", np.hstack([phrase(44100), silence(9, 44100)]), 44100,
            options={"q": "2"}, container_options={"write_xing": "0"},
        ),
        Right(seconds=10.04, sound=replace(_LAME, start=0.275, end=0.775)),
        "audio",
    ),
    Entry(
        "bare.aac", "AAC without a container", _maker("aac"),
        Right(seconds=1.04, sound=replace(_LOSSLESS, start=0.271, end=0.771, slack=0.03)), "audio",
    ),
    Entry(
        "lying-pcm.avi", "an AVI whose header tells a quarter of the rate",
        _edited("pcm_s16le", _with_avi_rate(1, 12000)),
        Right(seconds=1.0, sound=_LOSSLESS, notes=frozenset({"false-times"})), "audio",
    ),
    Entry(
        "lying-mp3.avi", "an AVI that tells 25 packets a second",
        _edited("libmp3lame", _with_avi_rate(1, 25)),
        Right(
            seconds=1.04, sound=replace(_LAME, start=0.273, end=0.773),
            notes=frozenset({"false-times"}),
        ), "audio",
    ),
    # Joined end to end.
    Entry(
        "joined.mp3", "MP3s of two rates, with tags between them",
        _joined("libmp3lame", (44100, 48000), _TAGS),
        Right(
            sound=replace(_twice(1.06, 0.06), level=_LAME.level),
            notes=frozenset({"joined-sound"}),
        ), "audio",
    ),
    Entry(
        "joined.aac", "AAC of two rates", _joined("aac", (44100, 48000)),
        Right(
            sound=replace(_twice(1.045, 0.05), start=0.271),
            notes=frozenset({"joined-sound"}),
        ), "audio",
    ),
    Entry(
        "chained.opus", "an Ogg file of two links", _joined("libopus"),
        Right(seconds=2.0, sound=_twice(1.0, 0.03), notes=frozenset({"joined-sound"})), "audio",
    ),
    Entry(
        "joined.flac", "FLACs", _joined("flac"),
        Right(seconds=2.0, sound=_twice(1.0, 0.002), notes=frozenset({"joined-sound"})), "audio",
    ),
    Entry(
        "joined.wav", "a WAV behind another, which no player plays", _joined("pcm_s16le"),
        Right(seconds=1.0, sound=_LOSSLESS, notes=frozenset({"joined-sound"})), "audio",
    ),
    Entry(
        "joined.mka", "Matroska files, whose times jump back", _joined("flac"),
        Right(seconds=2.0, sound=_twice(1.0, 0.003), notes=frozenset({"time-jumps"})), "audio",
    ),
    # Damaged and cut short.
    Entry(
        "short.wav", "a copy that broke off",
        _edited("pcm_s16le", lambda data: data[: 44 + 2 * 24000 + 24000 // 2]),
        Right(sound=replace(_LOSSLESS, end=0.625), notes=frozenset({"cut-short"})), "audio",
    ),
    Entry(
        "short.flac", "a copy that broke off", _half,
        Right(notes=frozenset({"cut-short"})), "audio",
    ),
    Entry(
        "damaged.mka", "four packets that do not decode", _damaged,
        Right(
            seconds=2.0,
            sound=Sound(0, 2.0, hertz=440, gaps=((0.832, 0.917),), slack=0.03),
        ), "audio",
    ),
    # With a picture.
    _filmed("late.mkv", "sound that begins late", _film(start=0.5),
            replace(_LOSSLESS, start=0.75, end=1.25, slack=0.003)),
    _filmed("late.mov", "sound that begins late, by an edit list",
            _film(start=0.5, codec="pcm_s16le"), replace(_LOSSLESS, start=0.75, end=1.25)),
    _filmed("late.mp4", "AAC that begins late", _film(start=0.5, codec="aac"),
            replace(_LOSSY, start=0.75, end=1.25)),
    _filmed("early-end.mkv", "sound that ends before the picture", _film(),
            replace(_LOSSLESS, slack=0.003)),
    _filmed("gap.mkv", "sound with a gap", _film(skip=(0.5, 1.0)),
            Sound(0, 2.0, hertz=440, gaps=((0.512, 1.024),), slack=0.1)),
    _filmed("never-sent.mkv", "sound that is declared and never sent", _film(sent=False), None,
            "damaged-media"),
    _filmed("undecodable.mkv", "sound that does not decode", _undecodable, None,
            "damaged-media"),
)  # fmt: skip
