"""Mixing: cuts, fades, loops and levels to the sample, against FFmpeg's own filters."""

from __future__ import annotations

import os
import subprocess
import sys
import wave
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest

from tests.paths import MEDIA, ROOT
from vedc.audio.mix import mix
from vedc.color import CANVAS_COLORS
from vedc.edit.contents import Clip
from vedc.edit.media_info import AudioInfo, MediaInfo
from vedc.edit.model import Edit, Output, Profile, TimelineItem, Track, Transition
from vedc.edit.sounds import Sound, SoundFade
from vedc.edit.tables.sound_words import CURVES
from vedc.edit.time_map import TimeMap
from vedc.plan.settings import AudioPiece, AudioPlan, AudioSettings, Fade
from vedc.plan.sound import plan_sound

Floats = npt.NDArray[np.float32]

needs_media = pytest.mark.skipif(not MEDIA.exists(), reason="the shared media are not here")
RATE = 48000


def write_wav(path: Path, sound: Floats, rate: int = RATE) -> str:
    """A 16-bit file of samples of shape (channels, n)."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(sound.shape[0])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.round(sound.T * 32768).clip(-32768, 32767).astype("<i2").tobytes())
    return str(path)


def noise(seconds: float, seed: int, level: float = 0.25) -> Floats:
    sound = np.random.default_rng(seed).uniform(-level, level, (2, round(seconds * RATE)))
    return (np.round(sound * 32768) / 32768).astype(np.float32)


def mixed(*pieces: AudioPiece, length: int, channels: int = 2, rate: int = RATE) -> Floats:
    settings = AudioSettings("pcm_s16le", "pcm_s16le", rate, channels)
    return np.concatenate(list(mix(AudioPlan(settings, length, pieces))), axis=1)


def edited(
    *items: TimelineItem, fps: Fraction, transitions: tuple[Transition, ...] = ()
) -> AudioPlan:
    canvas = CANVAS_COLORS["bt709"]
    plan = plan_sound(
        Edit(
            "/e.yaml",
            Profile(64, 64, fps, canvas, RATE),
            (Track("main", items, transitions),),
            (),
            (),
            Output("/film.mov", "h264", "yuv420p", audio_codec="pcm_s16le"),
            max(item.end for item in items),
        ),
        str,
    )
    assert plan is not None
    return plan


def clip(path: str, start: int, end: int, source_in: Fraction) -> TimelineItem:
    audio = AudioInfo(RATE, 2, "stereo", "pcm_s16le", Fraction(0), None)
    media = MediaInfo(path, 1, 1, "video", "mov", None, None, audio)
    color = CANVAS_COLORS["bt709"]
    return TimelineItem(
        "clip", start, end, Clip(media, color, TimeMap.linear(source_in)), sound=Sound()
    )


def through(sound: Floats, filters: str) -> Floats:
    """Samples through one of FFmpeg's filters."""
    graph = av.filter.Graph()
    name, options = filters.split("=", 1)
    nodes = [
        graph.add_abuffer(
            sample_rate=RATE, format="fltp", layout="stereo", time_base=Fraction(1, RATE)
        ),
        graph.add(name, options),
        graph.add("abuffersink"),
    ]
    graph.link_nodes(*nodes).configure()
    frame = av.AudioFrame.from_ndarray(sound, "fltp", "stereo")
    frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
    nodes[0].push(frame)
    nodes[0].push(None)
    got = []
    while True:
        try:
            got.append(nodes[-1].pull().to_ndarray())
        except av.EOFError:
            return np.concatenate(got, axis=1)


@pytest.mark.parametrize("rate", [48000, 44100])
def test_clicks_cut_twenty_times_over_ten_minutes_stay_on_their_frames(
    tmp_path: Path, rate: int
) -> None:
    """A source with a click at the start of every 30th frame, at 30000/1001 frames a second."""
    fps = Fraction(30000, 1001)
    source_frames, every = 18000, 30
    times = [frame / fps for frame in range(0, source_frames, every)]
    sound = np.zeros((1, int(source_frames / fps * rate) + rate), np.float32)
    for time in times:
        sound[0, round(time * rate)] = 0.9
    path = write_wav(tmp_path / "clicks.wav", sound, rate)

    picks = np.random.default_rng(20)
    items, wanted, at = [], [], 0
    for _ in range(20):
        length, source = int(picks.integers(850, 950)), int(picks.integers(0, 17000))
        items.append(clip(path, at, at + length, source / fps))
        wanted += [
            at + f - source for f in range(0, source_frames, every) if 0 < f - source < length - 1
        ]
        at += length
    plan = edited(*items, fps=fps)
    assert plan.length > 590 * RATE
    got = np.abs(np.concatenate(list(mix(plan)), axis=1)[0])
    # Half a sample from the writing, half from the cutting; resampled, half from the looking.
    bound = 1 if rate == RATE else Fraction(RATE, 2 * rate) + 1
    assert len(wanted) > 550
    for frame in wanted:
        here = frame / fps * RATE
        near = int(here) - 600
        assert abs(near + got[near : near + 1200].argmax() - here) <= bound


@pytest.mark.parametrize("rate", [48000, 44100])
def test_a_source_cut_to_pieces_and_put_together_is_the_source(tmp_path: Path, rate: int) -> None:
    sound = noise(12.0, 5)
    path = write_wav(tmp_path / "a.wav", sound, rate)
    fps = Fraction(30000, 1001)
    cuts = [0, 7, 8, 55, 130, 131, 200, 240]
    items = [clip(path, a, b, a / fps + Fraction(1, 7)) for a, b in pairwise(cuts)]
    got = np.concatenate(list(mix(edited(*items, fps=fps))), axis=1)
    whole = edited(clip(path, 0, 240, Fraction(1, 7)), fps=fps)
    np.testing.assert_array_equal(got, np.concatenate(list(mix(whole)), axis=1))
    if rate == RATE:
        first = round(Fraction(RATE, 7))
        wanted = sound[:, first : first + got.shape[1]]
        np.testing.assert_array_equal(got[:, 240:-240], wanted[:, 240:-240])  # 5 ms at either end


def splatter(sound: Floats, at: int, *hertz: float) -> float:
    """The strongest line away from some tones around a sample, in dB of full scale."""
    size = 8192
    part = sound[0, at - size // 2 : at + size // 2] * np.blackman(size)
    spectrum = 20 * np.log10(np.abs(np.fft.rfft(part)) / (0.42 * size / 2) + 1e-12)
    lines = np.fft.rfftfreq(size, 1 / RATE)
    return float(spectrum[np.min([np.abs(lines - f) for f in hertz], axis=0) > 800].max())


@pytest.mark.parametrize("gap", [0, 10])
def test_two_tones_join_without_a_click(tmp_path: Path, gap: int) -> None:
    """Cut where both are at their peaks, with opposite signs."""
    t = np.arange(4 * RATE) / RATE
    paths = [
        write_wav(tmp_path / f"{f}.wav", np.float32(0.5 * sign * np.cos(2 * np.pi * f * t))[None])
        for f, sign in ((440, 1), (1000, -1))
    ]
    cuts: list[Floats] = []
    for fade in (None, SoundFade(Fraction(0))):
        sound = Sound(fade_in=fade, fade_out=fade)
        items = [
            replace(clip(path, begin, begin + 50, Fraction(1)), sound=sound)
            for path, begin in zip(paths, (0, 50 + gap), strict=True)
        ]
        cuts.append(np.concatenate(list(mix(edited(*items, fps=Fraction(25)))), axis=1))
    joined, hard = cuts
    at = 50 * 1920
    assert splatter(hard, at, 440, 1000) > -60
    assert splatter(joined, at, 440, 1000) < -90
    # Nothing but the joins has changed: the film's own ends are cuts as well.
    away = np.ones(hard.shape[1], bool)
    for cut in (0, at, at + gap * 1920, hard.shape[1]):
        away[max(0, cut - 240) : cut + 240] = False
    np.testing.assert_array_equal(joined[:, away], hard[:, away])


def test_a_change_of_level_glides_where_the_sound_goes_on(tmp_path: Path) -> None:
    sound = noise(8.0, 3)
    path = write_wav(tmp_path / "a.wav", sound)
    one, other = clip(path, 0, 50, Fraction(0)), clip(path, 50, 100, Fraction(2))
    items = one, replace(other, sound=Sound(-12.0))
    got = np.concatenate(list(mix(edited(*items, fps=Fraction(25)))), axis=1)
    at, low = 50 * 1920, 10 ** (-12 / 20)
    along = (1 - np.cos(np.arange(240) / 240 * np.pi)) / 2
    level = np.concatenate([np.ones(at), 1 + (low - 1) * along, np.full(at - 240, low)])
    np.testing.assert_allclose(got[:, :-240], (sound[:, : 2 * at] * level)[:, :-240], atol=1e-6)


@needs_media
def test_a_real_clip_cut_and_joined_has_no_click(tmp_path: Path) -> None:
    path, fps = str(MEDIA / "video/talk.mp4"), Fraction(30)
    cuts = list(range(0, 300, 11))
    joined = edited(*(clip(path, a, b, a / fps) for a, b in pairwise(cuts)), fps=fps)
    plain = edited(clip(path, 0, cuts[-1], Fraction(0)), fps=fps)
    got = np.concatenate(list(mix(joined)), axis=1)
    np.testing.assert_array_equal(got, np.concatenate(list(mix(plain)), axis=1))


@pytest.mark.parametrize("curve", CURVES)
def test_fades_match_afade(tmp_path: Path, curve: str) -> None:
    sound = noise(3.0, 1)
    path = write_wav(tmp_path / "a.wav", sound)
    piece = AudioPiece(
        path, "", 0, sound.shape[1], 0,
        fades=(Fade("in", 1000, 30000, curve), Fade("out", 90000, 40001, curve)),
    )  # fmt: skip
    oracle = through(
        through(sound, f"afade=type=in:start_sample=1000:nb_samples=30000:curve={curve}"),
        f"afade=type=out:start_sample=90000:nb_samples=40001:curve={curve}",
    )
    # FFmpeg leaves the samples before a fade in as they are; here they are silent.
    got = mixed(piece, length=sound.shape[1])
    assert not got[:, :1000].any()
    np.testing.assert_allclose(got[:, 1000:], oracle[:, 1000:], atol=3e-6)


@pytest.mark.parametrize("curves", [("qsin", "qsin"), ("exp", "log"), ("hsin", "par")])
def test_a_crossfade_matches_acrossfade(tmp_path: Path, curves: tuple[str, str]) -> None:
    one, two, over = noise(2.0, 1), noise(2.0, 2), 24000
    graph = av.filter.Graph()
    inputs = [
        graph.add_abuffer(
            sample_rate=RATE, format="fltp", layout="stereo", time_base=Fraction(1, RATE)
        )
        for _ in range(2)
    ]
    cross = graph.add("acrossfade", f"nb_samples={over}:curve1={curves[0]}:curve2={curves[1]}")
    sink = graph.add("abuffersink")
    for pad, node in enumerate(inputs):
        node.link_to(cross, 0, pad)
    cross.link_to(sink)
    graph.configure()
    for node, sound in zip(inputs, (one, two), strict=True):
        frame = av.AudioFrame.from_ndarray(sound, "fltp", "stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
        node.push(frame)
        node.push(None)
    parts = []
    while True:
        try:
            parts.append(sink.pull().to_ndarray())
        except av.EOFError:
            break
    oracle = np.concatenate(parts, axis=1)

    length, begin = one.shape[1], one.shape[1] - over
    got = mixed(
        AudioPiece(
            write_wav(tmp_path / "1.wav", one), "", 0, length, 0,
            fades=(Fade("out", begin, over, curves[0]),),
        ),
        AudioPiece(
            write_wav(tmp_path / "2.wav", two), "", begin, length, 0,
            fades=(Fade("in", 0, over, curves[1]),),
        ),
        length=begin + length,
    )  # fmt: skip
    assert oracle.shape == got.shape
    # FFmpeg's outgoing ramp is one sample ahead of its incoming one, and the steepest of these
    # curves falls by 11.5 times its length.
    np.testing.assert_allclose(got, oracle, atol=0.25 * 12 / over)


def test_a_dissolve_keeps_the_power_of_unlike_sounds(tmp_path: Path) -> None:
    one = write_wav(tmp_path / "1.wav", noise(5.0, 1))
    two = write_wav(tmp_path / "2.wav", noise(5.0, 2))
    fps = Fraction(25)
    plan = edited(
        clip(one, 0, 100, Fraction(0)),
        clip(two, 50, 150, Fraction(0)),
        fps=fps,
        transitions=(Transition("dissolve", 50, 100, 0, 1),),
    )
    got = np.concatenate(list(mix(plan)), axis=1)
    power = (got.reshape(2, 60, -1) ** 2).mean(axis=(0, 2))  # by tenths of a second
    assert np.abs(10 * np.log10(power / (0.25**2 / 3))).max() < 0.3


def test_a_fade_through_black_is_silent_halfway(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "1.wav", noise(5.0, 1))
    plan = edited(
        clip(path, 0, 100, Fraction(0)),
        clip(path, 50, 150, Fraction(1)),
        fps=Fraction(25),
        transitions=(Transition("dip", 50, 100, 0, 1),),
    )
    got = np.concatenate(list(mix(plan)), axis=1)
    middle = 75 * 1920
    assert np.abs(got[:, middle - 50 : middle + 50]).max() < 0.25 * 50 / 48000 + 1e-6
    assert np.abs(got[:, : 50 * 1920]).max() > 0.2 and np.abs(got[:, 100 * 1920 :]).max() > 0.2


def test_pieces_are_summed_at_their_levels(tmp_path: Path) -> None:
    one, two = noise(1.0, 1, 0.5), noise(1.0, 2, 0.4)
    paths = write_wav(tmp_path / "1.wav", one), write_wav(tmp_path / "2.wav", two)
    got = mixed(
        AudioPiece(paths[0], "", 0, RATE, 0, gain_db=-6.0),
        AudioPiece(paths[1], "", 100, RATE - 100, 0, gain_db=12.0),
        length=RATE + 500,
    )
    wanted = np.zeros((2, RATE + 500))
    wanted[:, :RATE] = one * 10 ** (-6 / 20)
    wanted[:, 100:RATE] += two[:, :-100] * 10 ** (12 / 20)
    assert np.abs(wanted).max() > 1.2
    np.testing.assert_allclose(got, wanted, atol=1e-6)


def over_and_over(begin: int, length: int) -> TimeMap:
    return TimeMap.linear(begin, 1, Fraction(length)).loop()


def test_a_loop_has_no_seam(tmp_path: Path) -> None:
    """Ten periods of a tone, from within a file, over and over: one long tone."""
    t = np.arange(2 * RATE) / RATE
    tone = (0.5 * np.sin(2 * np.pi * 440 * t)).astype(np.float32)[None]
    path = write_wav(tmp_path / "a.wav", tone)
    loop = 12000  # 110 periods
    got = mixed(
        AudioPiece(path, "", 300, 20 * RATE, 777, retimed=over_and_over(777, loop)),
        length=21 * RATE,
        channels=1,
    )
    n = np.arange(20 * RATE)
    wanted = 0.5 * np.sin(2 * np.pi * 440 * (n + 777) / RATE)
    np.testing.assert_allclose(got[0, 300 : 300 + 20 * RATE], wanted, atol=2e-5)
    assert not got[:, :300].any() and not got[:, 300 + 20 * RATE :].any()


@needs_media
def test_a_loop_of_a_lossy_file_joins_to_the_sample() -> None:
    path, loop = str(MEDIA / "audio/vibe_ace.ogg"), 70001
    looped = AudioPiece(path, "", 0, 3 * loop, 5000, retimed=over_and_over(5000, loop))
    once = AudioPiece(path, "", 0, loop, 5000)
    got, wanted = mixed(looped, length=3 * loop), np.tile(mixed(once, length=loop), 3)
    away = np.arange(3 * loop) % loop >= RATE // 200
    away[:loop] = True
    np.testing.assert_array_equal(got[:, away], wanted[:, away])


def test_a_loop_that_jumps_does_not_click(tmp_path: Path) -> None:
    """A tone that does not end where it begins: above it, a join is as quiet as anywhere else."""
    t = np.arange(RATE) / RATE
    path = write_wav(
        tmp_path / "a.wav", (0.5 * np.sin(2 * np.pi * 440 * t)).astype(np.float32)[None]
    )
    loop = 12027  # a quarter of a period too long
    got = mixed(
        AudioPiece(path, "", 0, 4 * RATE, 0, retimed=over_and_over(0, loop)),
        length=4 * RATE,
        channels=1,
    )[0]
    window = np.hanning(512)

    def above(at: int) -> float:
        spectrum = np.abs(np.fft.rfft(got[at - 256 : at + 256] * window))
        return float(20 * np.log10(spectrum[len(spectrum) // 4 :].max() / spectrum.max()))

    assert all(above(n * loop) < -60 for n in range(1, 15))  # -39 where it jumps
    stepped = np.abs(np.diff(got)).max()
    assert stepped < 1.2 * 0.5 * 2 * np.pi * 440 / RATE


MEMORY = """
import resource, sys
from vedc.audio.mix import mix
from vedc.plan.settings import AudioPiece, AudioPlan, AudioSettings

def run(pieces):
    made = tuple(
        AudioPiece(sys.argv[1 + n % 4], "", n * 9000, 20000, (n * 7919) % 90000, -3.0)
        for n in range(pieces)
    )
    plan = AudioPlan(AudioSettings("pcm_s16le", "pcm_s16le", 48000, 2), pieces * 9000, made)
    for block in mix(plan):
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

few = run(20)
print(few, run(600))
"""


def test_memory_does_not_grow_with_the_length_or_the_number_of_pieces(tmp_path: Path) -> None:
    paths = [write_wav(tmp_path / f"{n}.wav", noise(3.0, n)) for n in range(4)]
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, *paths],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    few, many = map(int, done.stdout.split())
    assert many < few * 1.1
