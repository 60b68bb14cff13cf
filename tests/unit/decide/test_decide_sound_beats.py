"""Onsets and beats of sounds that are made here, so that their times are known."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from vedc.decide.analyses.analysis import SoundBlock
from vedc.decide.analyses.beats import Flux, beats, onsets
from vedc.decide.analyses.results import Curve, Events
from vedc.decide.arrays import Floats
from vedc.edit.media_info import AudioInfo, MediaInfo

RATE = 48000


def media(start: Fraction = Fraction(0)) -> MediaInfo:
    audio = AudioInfo(RATE, 2, "stereo", "pcm_f32le", start, None)
    return MediaInfo("x.wav", 0, 0, "audio", "wav", None, None, audio)


def flux(sound: Floats, step: int = RATE, start: Fraction = Fraction(0)) -> Curve:
    watcher = Flux(media(start))
    stereo = np.stack([sound, sound]).astype(np.float32)
    for at in range(0, len(sound), step):
        part = stereo[:, at : at + step]
        watcher.push(SoundBlock(at, part, np.zeros(0, np.float32)))
    return watcher.finish()


def hit(kind: str, rng: np.random.Generator) -> Floats:
    """An eighth of a second that ends softly."""
    t = np.arange(RATE // 8) / RATE
    wave = {
        "click": lambda: 0.7 * np.sin(2 * np.pi * 1500 * t) * np.exp(-t / 0.004),
        "kick": lambda: 0.8 * np.sin(100 * np.pi * t + 3.6 * np.pi * (1 - np.exp(-t / 0.03)))
        * np.exp(-t / 0.05),
        "snare": lambda: (0.4 * rng.standard_normal(len(t)) + 0.3 * np.sin(380 * np.pi * t))
        * np.exp(-t / 0.04),
        "hat": lambda: 0.15 * rng.standard_normal(len(t)) * np.exp(-t / 0.015),
    }[kind]()  # fmt: skip
    return wave * np.minimum(1, (0.125 - t) / 0.02)


def put(sound: Floats, time: float, wave: Floats) -> None:
    at = round(time * RATE)
    sound[at : at + len(wave)] += wave[: max(len(sound) - at, 0)]


def played(tempo: Callable[[float], float], seconds: float, style: str) -> tuple[Floats, Floats]:
    """A click on each beat; or kick and snare, with hats on the eighths and odd sixteenths."""
    rng = np.random.default_rng(7)
    sound = 1e-4 * rng.standard_normal(int(seconds * RATE))
    times, at = [], 0.5
    while at < seconds - 0.2:
        times.append(at)
        length = 60 / tempo(at)
        if style == "clicks":
            put(sound, at, hit("click", rng))
        else:
            put(sound, at, hit("snare" if len(times) % 2 == 0 else "kick", rng))
            for eighth in (0, 0.5):
                put(sound, at + eighth * length, hit("hat", rng))
            if rng.random() < 0.3:
                put(sound, at + 0.75 * length, 0.6 * hit("kick", rng))
        at += length
    return sound, np.array(times)


def seconds(events: Events) -> Floats:
    return np.array([float(event.time) for event in events.events])


def f_measure(true: Floats, found: Floats, within: float) -> float:
    """Each true time takes the nearest that is found and free."""
    free, hits = list(found), 0
    for time in true:
        near = min(free, key=lambda other: abs(other - time), default=None)
        if near is not None and abs(near - time) <= within:
            free.remove(near)
            hits += 1
    return 2 * hits / (len(true) + len(found))


@pytest.mark.parametrize("kind", ["click", "kick", "snare", "hat"])
def test_onsets_are_where_sounds_begin(kind: str) -> None:
    rng = np.random.default_rng(2)
    times = 0.5 + np.arange(30) * 0.25 + rng.random(30) * 0.02
    sound = 1e-4 * rng.standard_normal(9 * RATE)
    for time in times:
        put(sound, time, hit(kind, rng))
    found = seconds(onsets(media(), flux(sound)))
    assert len(found) == 30
    assert np.abs(found - times).max() < 0.006
    assert abs(np.median(found - times)) < 0.002


def test_a_trembling_voice_begins_once_and_new_notes_each_time() -> None:
    """Vibrato of half a semitone up and down, seven times a second (the point of SuperFlux)."""
    t = np.arange(3 * RATE) / RATE
    swing = 2 ** (0.5 / 12 * np.sin(2 * np.pi * 7 * t))

    def note(hertz: float) -> Floats:
        phase = 2 * np.pi * np.cumsum(hertz * swing) / RATE
        wave = sum(np.sin(k * phase) / k for k in range(1, 9))
        return np.asarray(0.1 * wave * np.minimum(1, np.minimum(t, 3 - t) / 0.01))

    silent = np.zeros(RATE)
    sound = np.concatenate([silent, note(220), note(277), note(330), silent])
    found = seconds(onsets(media(), flux(sound)))
    assert np.allclose(found, [1, 4, 7], atol=0.02)


@pytest.mark.parametrize("style", ["clicks", "drums"])
@pytest.mark.parametrize("tempo", [92, 105, 120, 133, 150])
def test_a_steady_beat_is_followed(style: str, tempo: float) -> None:
    sound, times = played(lambda t: tempo, 20, style)
    found = beats(media(), flux(sound))
    assert f_measure(times, seconds(found), 0.07) > 0.97
    assert abs(np.median(seconds(found)[2:-2] - times[2:-2])) < 0.005
    assert found.tempo == pytest.approx(tempo, rel=0.005)


@pytest.mark.parametrize("style", ["clicks", "drums"])
@pytest.mark.parametrize("tempo", [
    pytest.param(lambda t: 90 + 50 * t / 40, id="faster"),
    pytest.param(lambda t: 140 - 50 * t / 40, id="slower"),
    pytest.param(lambda t: 100 if t < 20 else 130, id="jump"),
    pytest.param(lambda t: 110 + 15 * np.sin(t / 4), id="wave"),
])  # fmt: skip
def test_a_changing_tempo_is_followed(style: str, tempo: Callable[[float], float]) -> None:
    sound, times = played(tempo, 40, style)
    assert f_measure(times, seconds(beats(media(), flux(sound))), 0.07) > 0.95


@pytest.mark.parametrize("tempo", [60, 75, 180, 200])
def test_slow_and_fast_clicks_are_counted_as_they_are(tempo: float) -> None:
    sound, times = played(lambda t: tempo, 20, "clicks")
    assert f_measure(times, seconds(beats(media(), flux(sound))), 0.07) > 0.95


def test_beats_go_on_through_a_break_and_end_with_the_music() -> None:
    sound, times = played(lambda t: 120, 30, "drums")
    sound[12 * RATE : 14 * RATE] = 0
    sound = np.concatenate([np.zeros(5 * RATE), sound, np.zeros(10 * RATE)])
    found = seconds(beats(media(), flux(sound)))
    assert f_measure(times + 5, found, 0.07) > 0.97
    assert found[0] > 5 and found[-1] < 35.2


def test_without_sound_there_are_none() -> None:
    for length in (0, 100, 10 * RATE):
        curve = flux(np.zeros(length))
        assert onsets(media(), curve) == beats(media(), curve) == Events()


def test_one_sound_alone_is_one_onset_and_one_beat() -> None:
    sound = np.zeros(3 * RATE)
    put(sound, 1.0, hit("click", np.random.default_rng(0)))
    curve = flux(sound)
    assert np.allclose(seconds(onsets(media(), curve)), [1], atol=0.005)
    assert np.allclose(seconds(beats(media(), curve)), [1], atol=0.02)


def test_the_flux_does_not_depend_on_the_blocks_and_starts_where_the_sound_does() -> None:
    sound, _ = played(lambda t: 120, 3.3, "drums")
    one, many = flux(sound), flux(sound, step=6007, start=Fraction(-1, 4))
    assert len(one.values) == 330
    assert np.allclose(one.values, many.values, atol=1e-3)
    early, late = (seconds(onsets(media(), curve)) for curve in (many, one))
    assert np.allclose(early + 0.25, late)


def test_times_rise_and_strengths_are_shares() -> None:
    sound, _ = played(lambda t: 128, 15, "drums")
    for found in (onsets(media(), flux(sound)), beats(media(), flux(sound))):
        assert (np.diff(seconds(found)) > 0).all()
        strengths = [event.strength for event in found.events]
        assert 0 <= min(strengths) < max(strengths) == 1
