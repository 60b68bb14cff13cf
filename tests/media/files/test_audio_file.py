"""The sound's file: alignment after its packets are copied into a film, bytes, errors."""

from __future__ import annotations

import wave
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest

from vedc.audio import render
from vedc.color import CANVAS_COLORS
from vedc.edit.contents import Clip
from vedc.edit.model import Edit, Output, Profile, TimelineItem, Track
from vedc.edit.sounds import Sound
from vedc.edit.time_map import TimeMap
from vedc.errors import RenderError
from vedc.media.probe import probe
from vedc.plan.encoders import audio_settings
from vedc.plan.settings import AudioPiece, AudioPlan
from vedc.plan.sound import plan_sound

Floats = npt.NDArray[np.float64]

RATE, LENGTH = 48000, 3 * 48000 + 777


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Floats]:
    """A rising tone, which fits itself at no other place than its own; and its samples."""
    t = np.arange(LENGTH) / RATE
    tone = 0.3 * np.sin(2 * np.pi * (200 + 400 * t) * t)
    sound = np.round(np.stack([tone, tone / 2]) * 32768) / 32768
    path = tmp_path_factory.mktemp("source") / "a.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((sound.T * 32768).astype("<i2").tobytes())
    return str(path), sound


def plan(path: str, codec: str, muxer: str, channels: int = 2) -> AudioPlan:
    settings = replace(audio_settings(codec, rate=RATE, channels=channels), muxer=muxer)
    return AudioPlan(settings, LENGTH, (AudioPiece(path, "", 0, LENGTH, 0),))


def copied(sound: Path, film: Path, muxer: str) -> None:
    """A film of the sound's packets beside a picture that starts at time 0."""
    with av.open(str(sound)) as given, av.open(str(film), "w", format=muxer) as file:
        codec = "libvpx-vp9" if muxer == "webm" else "libx264"
        options = {"deadline": "realtime", "cpu-used": "8"} if muxer == "webm" else {"bf": "2"}
        picture = file.add_stream(codec, rate=30, options=options)
        picture.width, picture.height = 32, 32
        stream = file.add_stream_from_template(given.streams.audio[0])
        packets = [p for p in given.demux(audio=0) if p.size]
        for number in range(90):
            frame = av.VideoFrame(32, 32, "yuv420p")
            for plane in frame.planes:
                plane.update(bytes(plane.buffer_size))
            frame.pts, frame.time_base = number, Fraction(1, 30)
            file.mux(picture.encode(frame))
        file.mux(picture.encode(None))
        for packet in packets:
            packet.stream = stream
            file.mux(packet)


def decoded(path: Path) -> tuple[Fraction, Floats]:
    """The time of the first sample after the first picture's, and the samples."""
    with av.open(str(path)) as file:
        pictures = file.streams.video
        zero = Fraction(0)
        if pictures:
            first = next(file.decode(video=0))
            zero = first.pts * first.time_base
            file.seek(0)
    with av.open(str(path)) as file:
        parts, begin = [], None
        for frame in file.decode(audio=0):
            begin = frame.pts * frame.time_base if begin is None else begin
            part = frame.to_ndarray()
            if not frame.format.is_planar:
                part = part.reshape(-1, frame.layout.nb_channels).T
            if part.dtype.kind == "i":
                part = part / float(-np.iinfo(part.dtype).min)
            parts.append(part.astype(np.float64))
    assert begin is not None
    return begin - zero, np.concatenate(parts, axis=1)


HOLDERS = [
    ("aac", "mp4"), ("aac", "mov"), ("aac", "matroska"),
    ("opus", "mp4"), ("opus", "matroska"), ("opus", "webm"),
    ("mp3", "mp4"), ("mp3", "mov"), ("mp3", "matroska"),
    ("flac", "mp4"), ("flac", "matroska"),
    ("pcm_s16le", "mov"), ("pcm_s16le", "matroska"),
    ("pcm_s24le", "mov"), ("pcm_s24le", "matroska"),
]  # fmt: skip


@pytest.mark.parametrize(("codec", "muxer"), HOLDERS)
def test_sample_zero_plays_with_the_first_picture(
    tmp_path: Path, source: tuple[str, Floats], codec: str, muxer: str
) -> None:
    path, wanted = source
    render(plan(path, codec, muxer), tmp_path / "sound")
    copied(tmp_path / "sound", tmp_path / "film", muxer)
    begin, got = decoded(tmp_path / "film")
    first = round(begin * RATE)

    def miss(late: int) -> float:
        part = got[0, 20000 - first + late : 60000 - first + late]
        return float(np.abs(part - wanted[0, 20000:60000]).mean())

    best = min(range(-1200, 1201), key=miss)
    # Matroska counts milliseconds; the others are exact.
    assert abs(best) <= (48 if muxer in ("matroska", "webm") else 0)
    assert miss(best) < 0.01
    assert first + got.shape[1] >= LENGTH - 48


@pytest.mark.parametrize("codec", ["flac", "pcm_s16le", "pcm_s24le"])
def test_lossless_codecs_keep_every_sample(
    tmp_path: Path, source: tuple[str, Floats], codec: str
) -> None:
    path, wanted = source
    render(plan(path, codec, "matroska"), tmp_path / "sound")
    np.testing.assert_array_equal(decoded(tmp_path / "sound")[1], wanted)


@pytest.mark.parametrize("codec", ["aac", "opus", "flac"])
@pytest.mark.parametrize("channels", [1, 6])
def test_mono_and_surround(
    tmp_path: Path, source: tuple[str, Floats], codec: str, channels: int
) -> None:
    path, wanted = source
    render(plan(path, codec, "mp4", channels), tmp_path / "sound")
    got = decoded(tmp_path / "sound")[1][:, 20000:60000]
    assert got.shape[0] == channels
    if channels == 1:
        assert np.abs(got[0] - wanted[:, 20000:60000].mean(axis=0)).mean() < 0.01
    else:  # left and right, and nothing elsewhere
        assert np.abs(got[:2] - wanted[:, 20000:60000]).mean() < 0.02
        assert np.abs(got[2:]).max() < 0.02


@pytest.mark.parametrize(("codec", "muxer"), HOLDERS)
def test_the_same_plan_gives_the_same_bytes(
    tmp_path: Path, source: tuple[str, Floats], codec: str, muxer: str
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for path in (one, two):
        render(plan(source[0], codec, muxer), path)
    assert one.read_bytes() == two.read_bytes()


def test_progress_counts_samples_up_to_the_end(tmp_path: Path, source: tuple[str, Floats]) -> None:
    reported: list[int] = []
    render(plan(source[0], "flac", "matroska"), tmp_path / "sound", reported.append)
    assert reported == sorted(reported) and reported[-1] == LENGTH


@pytest.mark.parametrize("where", ["/dev/full", "no such folder/sound"])
def test_an_unwritable_file_is_an_error(
    tmp_path: Path, source: tuple[str, Floats], where: str
) -> None:
    with pytest.raises(RenderError) as caught:
        render(plan(source[0], "pcm_s16le", "matroska"), tmp_path / where)
    assert caught.value.problems[0].code == "cannot-write"


@pytest.mark.parametrize(("muxer", "late"), [("mp4", 0.5), ("matroska", 0.5), ("mpegts", -0.25)])
def test_a_source_whose_sound_begins_apart_from_its_picture(
    tmp_path: Path, muxer: str, late: float
) -> None:
    """A click 1 s after the first picture, in a sound that begins late or early."""
    path = tmp_path / "a.media"
    with av.open(str(path), "w", format=muxer) as file:
        picture = file.add_stream("libx264", rate=25, options={"bf": "2", "g": "250"})
        picture.width, picture.height = 32, 32
        sound = file.add_stream("mp2" if muxer == "mpegts" else "flac", rate=RATE)
        sound.layout = "mono"
        for number in range(50):
            frame = av.VideoFrame(32, 32, "yuv420p")
            frame.pts, frame.time_base = number + 10, Fraction(1, 25)
            file.mux(picture.encode(frame))
        file.mux(picture.encode(None))
        samples = np.zeros((1, 2 * RATE), np.float32)
        samples[0, round((1 - late) * RATE)] = 0.8
        for at in range(0, samples.shape[1], 960):
            part = av.AudioFrame.from_ndarray(samples[:, at : at + 960].copy(), "fltp", "mono")
            part.sample_rate, part.time_base = RATE, Fraction(1, RATE)
            part.pts = round((0.4 + late) * RATE) + at
            file.mux(sound.encode(part))
        file.mux(sound.encode(None))
    info = probe(path)
    assert info.audio is not None
    canvas = CANVAS_COLORS["bt709"]
    item = TimelineItem(
        "a", 0, 30, Clip(info, canvas, TimeMap.linear(Fraction(1, 5))), sound=Sound()
    )
    made = plan_sound(
        Edit(
            "/e.yaml",
            Profile(32, 32, Fraction(25), canvas, RATE, 1),
            (Track("main", (item,)),),
            (),
            (),
            Output("/film.mov", "h264", "yuv420p", audio_codec="pcm_s16le"),
            30,
        ),
        str,
    )
    assert made is not None
    render(made, tmp_path / "sound")
    got = decoded(tmp_path / "sound")[1]
    assert got.shape[1] == made.length
    assert abs(int(np.abs(got[0]).argmax()) - round(0.8 * RATE)) <= 48
