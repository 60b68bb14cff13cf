"""Sound at other speeds and backwards: pitch, time and channels."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import yaml

from tests.media.clicks import BRIGHT, DARK, brightness, clicks, write_clicks
from tests.media.film.test_audio_mix import RATE, Floats, edited, mixed, noise, write_wav
from vedc.audio.decode import SoundReader
from vedc.audio.mix import mix
from vedc.audio.retime import retimed
from vedc.audio.tape import Tape
from vedc.color import CANVAS_COLORS
from vedc.edit.contents import Clip
from vedc.edit.media_info import AudioInfo, MediaInfo
from vedc.edit.model import TimelineItem
from vedc.edit.sounds import Sound
from vedc.edit.time_map import TimeMap
from vedc.plan.settings import AudioPiece
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver

F = Fraction
Pitch = Literal["keep", "follow"]
NOTES = (82.41, 440.0, 659.3, 3001.7)


def piece(
    path: str, length: int, source: int, speed: Fraction, pitch: Pitch = "keep"
) -> AudioPiece:
    return AudioPiece(
        path, "", 0, length, source, retimed=TimeMap.linear(source, speed), pitch=pitch
    )


def cents(sound: Floats, wanted: float) -> float:
    """How far the loudest partial near a frequency is from it."""
    spectrum = np.abs(np.fft.rfft(sound * np.blackman(len(sound)), 1 << 19))
    at = wanted * (1 << 19) / RATE
    low = int(at * 0.96)
    return float(1200 * np.log2((low + np.argmax(spectrum[low : int(at * 1.04)])) / at))


@pytest.mark.parametrize("pitch", ["keep", "follow"])
@pytest.mark.parametrize("speed", [F(1, 2), F(3, 4), F(9, 10), F(4, 3), F(2), F(-5, 4)])
def test_pitch_is_within_a_cent_and_levels_hold(
    tmp_path: Path, speed: Fraction, pitch: Pitch
) -> None:
    t = np.arange(6 * RATE) / RATE
    left = sum(0.2 * np.sin(2 * np.pi * f * t + f) for f in NOTES)
    path = write_wav(tmp_path / "chord.wav", np.array([left, -0.5 * left]).astype(np.float32))
    source = RATE if speed > 0 else 5 * RATE
    out = mixed(piece(path, 2 * RATE, source, speed, pitch), length=2 * RATE)
    for note in NOTES:
        played = note if pitch == "keep" else note * abs(float(speed))
        assert abs(cents(out[0], played)) < 2
    want = np.sqrt(np.mean(left**2))
    parts = np.sqrt(np.mean(out[0].reshape(20, -1) ** 2, axis=1))
    assert parts.min() > 0.9 * want and parts.max() < 1.1 * want
    assert np.abs(out[1] + 0.5 * out[0]).max() < 1e-3  # the channels stay together


@pytest.mark.parametrize("seconds", [1, 7])
def test_backwards_sound_is_the_sound_backwards(tmp_path: Path, seconds: int) -> None:
    sound = noise(8, 3)
    path = write_wav(tmp_path / "noise.wav", sound)
    length = seconds * RATE
    out = mixed(piece(path, length, RATE // 2 + length, F(-1)), length=length)
    assert np.array_equal(out, sound[:, RATE // 2 : RATE // 2 + length][:, ::-1])


def test_where_the_map_stands_still_there_is_silence(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "noise.wav", sound := noise(3, 4))
    curve = TimeMap.curve([(F(0), F(0), "linear"), (F(RATE), F(RATE), "linear")])
    out = mixed(AudioPiece(path, "", 0, 2 * RATE, 0, retimed=curve), length=2 * RATE)
    assert np.array_equal(out[:, :RATE], sound[:, :RATE]) and not out[:, RATE:].any()


@pytest.mark.parametrize("pitch", ["keep", "follow"])
@pytest.mark.parametrize("speed", [F(7, 5), F(-1, 2)])
def test_how_much_is_read_at_once_makes_no_difference(
    tmp_path: Path, speed: Fraction, pitch: Pitch
) -> None:
    path = write_wav(tmp_path / "noise.wav", noise(4, 5))
    found = []
    for size in (RATE, 777):
        reader = SoundReader(path, RATE, 2)
        voice = retimed(TimeMap.linear(2 * RATE, speed), Tape(reader), RATE, pitch)
        found.append(np.concatenate([voice.read(size) for _ in range(RATE // size)], axis=1))
        reader.close()
    length = found[1].shape[1]
    assert np.abs(found[0][:, :length] - found[1]).max() < 1e-6


@pytest.mark.parametrize("pitch", ["keep", "follow"])
def test_cuts_at_other_speeds_over_ten_minutes_are_in_sync(tmp_path: Path, pitch: Pitch) -> None:
    """A burst of sound 0.4 s of film after each cut is heard within a millisecond of there."""
    fps = F(30000, 1001)
    speeds = (F(1, 2), F(2), F(-1), F(11, 10), F(-3, 2), F(3, 4))
    t = np.arange(8 * RATE) / RATE
    burst = np.exp(-(((t - 4) / 0.01) ** 2)) * np.sin(2 * np.pi * 1000 * t) / 2
    path = write_wav(tmp_path / "burst.wav", np.array([burst, burst]).astype(np.float32))
    media = MediaInfo(
        path, 1, 1, "video", "mov", None, None,
        AudioInfo(RATE, 2, "stereo", "pcm_s16le", F(0), None),
    )  # fmt: skip
    items, due = [], []
    for n in range(24):
        start, speed = round(25 * n * fps) + n % 3, speeds[n % len(speeds)]
        times = TimeMap.linear(4 - F(2, 5) * speed, speed, F(4, 5))
        content = Clip(media, CANVAS_COLORS["bt709"], times, pitch)
        items.append(TimelineItem("clip", start, start + 24, content, sound=Sound()))
        due.append(float(start / fps + F(2, 5)))
    blocks = list(mix(edited(*items, fps=fps)))
    power = np.concatenate(blocks, axis=1)[0].astype(float) ** 2
    for time in due:
        first = round((time - 0.1) * RATE)
        near = power[first : first + RATE // 5]
        heard = (first + np.sum(np.arange(len(near)) * near) / near.sum()) / RATE
        assert abs(heard - time) < 0.001


def test_flashes_and_clicks_of_a_film_with_speeds_and_reversals(tmp_path: Path) -> None:
    write_clicks(tmp_path / "a.mp4", 150, F(25), [30, 60, 90])
    clips = [
        {"clip": "a.mp4", "in": "20f", "out": "100f", "reverse": True},
        {"clip": "a.mp4", "in": "20f", "out": "100f", "speed": 2, "pitch": "follow"},
        {"clip": "a.mp4", "in": "20f", "duration": "40f", "speed": -0.5, "pitch": "follow"},
    ]
    outputs = [{"path": "film.mkv", "audio_codec": "flac"}]
    spec = {"version": 1, "timeline": clips, "outputs": outputs}
    (tmp_path / "edit.vedc.yaml").write_text(yaml.safe_dump(spec))
    (report,) = deliver(Build(tmp_path / "edit.vedc.yaml"))
    film = Path(report.target)
    bright = [n for n, (_, level) in enumerate(brightness(film)) if level > (DARK + BRIGHT) / 2]
    # Backwards, what was shown in frame 90 of 20 to 100 is the tenth from the end. At half speed
    # a frame shows for two.
    assert bright == [9, 39, 69, 80 + 5, 80 + 20, 80 + 35, 120 + 18, 120 + 19]
    # A click at the beginning of a frame ends it backwards, and rises towards its end.
    at = [10, 40, 70, 85, 100, 115, 140]
    heard = clicks(film)
    assert len(heard) == len(at)
    assert all(abs(time - n / 25) < 0.001 for time, n in zip(heard, at, strict=True)), heard


@pytest.mark.parametrize("speed", [F(1, 2), F(3, 4), F(5, 4), F(2), F(-1, 2)])
def test_attacks_stay_sharp_and_come_when_they_are_due(tmp_path: Path, speed: Fraction) -> None:
    """Bursts of noise over two tones, which FFmpeg's atempo misses by up to 27 ms."""
    rng = np.random.default_rng(1)
    t = np.arange(10 * RATE) / RATE
    sound = 0.15 * np.sin(2 * np.pi * 220 * t) + 0.1 * np.sin(2 * np.pi * 553 * t)
    burst = 0.35 * rng.normal(size=2400) * np.exp(-np.arange(2400) / 400)
    places = np.arange(1, 19) * RATE // 2 + rng.integers(0, 4000, 18)
    if speed < 0:
        burst = burst[::-1]  # what ends suddenly begins so backwards
    for place in places:
        sound[place : place + len(burst)] += burst
    path = write_wav(tmp_path / "bursts.wav", np.array([sound, sound]).astype(np.float32))
    length = int(9 * RATE / abs(speed))
    begin = 0 if speed > 0 else 10 * RATE
    out = mixed(piece(path, length, begin, speed), length=length)[0]
    for place in places:
        start = place if speed > 0 else place + len(burst)
        due = float((start - begin) / speed)
        if not 2400 < due < length - 4800:
            continue
        power = np.diff(out[int(due) - 2400 : int(due) + 4800]).astype(float) ** 2
        smooth = np.convolve(power, np.ones(48) / 48, "same")
        began = np.argmax(smooth > 0.2 * smooth.max()) - 2400
        assert abs(began) < RATE / 1000
        assert power[: 2400 - 96].sum() < 0.02 * power.sum()


@pytest.mark.parametrize("pitch", ["keep", "follow"])
def test_sound_follows_an_eased_ramp(tmp_path: Path, pitch: Pitch) -> None:
    """Bursts come when the Bezier curve of CSS's ease-in-out reaches their source time."""
    t = np.arange(9 * RATE) / RATE
    marks = (1.0, 2.5, 4.0, 6.5)
    sound = sum(np.exp(-(((t - m) / 0.01) ** 2)) * np.sin(2000 * np.pi * t) for m in marks) / 2
    path = write_wav(tmp_path / "marks.wav", np.array([sound, sound]).astype(np.float32))
    media = MediaInfo(
        path, 1, 1, "video", "mov", None, None,
        AudioInfo(RATE, 2, "stereo", "pcm_s16le", F(0), None),
    )  # fmt: skip
    times = TimeMap.curve([(F(0), F(0), "ease-in-out"), (F(6), F(8), "linear")], F(6))
    content = Clip(media, CANVAS_COLORS["bt709"], times, pitch)
    item = TimelineItem("clip", 0, 180, content, sound=Sound())
    blocks = list(mix(edited(item, fps=F(30))))
    power = np.concatenate(blocks, axis=1)[0].astype(float) ** 2
    s = np.linspace(0, 1, 1_000_001)
    along, reached = 1.26 * (1 - s) ** 2 * s + 1.74 * (1 - s) * s**2 + s**3, 3 * s**2 - 2 * s**3
    for mark in marks:
        due = 6 * np.interp(mark / 8, reached, along)
        first = round((due - 0.1) * RATE)
        near = power[first : first + RATE // 5]
        heard = (first + np.sum(np.arange(len(near)) * near) / near.sum()) / RATE
        assert abs(heard - due) < 0.002
