"""Sound analyses of real files: layouts and rates, where time begins, speech in noise, the talk."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

from tests.media.clicks import write_clicks
from tests.paths import MEDIA
from vedc.audio.decode import SoundReader
from vedc.decide.analyses.beats import Flux, beats, onsets
from vedc.decide.analyses.decode_sound import blocks, decode_sound
from vedc.decide.analyses.level import Level, audible_in, silence, thresholds
from vedc.decide.analyses.results import Curve, Curves, Spans
from vedc.decide.analyses.speech import Voice, speech
from vedc.decide.arrays import Floats
from vedc.decide.choose.methods.pauses import kept_by_sound
from vedc.decide.choose.reasons import Source
from vedc.edit.media_info import MediaInfo
from vedc.lang.keys.auto import Cut
from vedc.media.probe import probe

needs_media = pytest.mark.skipif(not MEDIA.exists(), reason="the shared media are not here")

RATE = 48000


def heard(path: Path | str, *watchers: Any) -> tuple[MediaInfo, list[Any]]:
    media = probe(Path(path))
    made = [watcher(media) for watcher in watchers]
    decode_sound(media, made)
    return media, [watcher.finish() for watcher in made]


@cache
def known(name: str) -> tuple[MediaInfo, Curves, Curve, Curve]:
    media, (level, voice, flux) = heard(MEDIA / name, Level, Voice, Flux)
    return media, level, voice, flux


def pairs(found: Spans) -> list[tuple[float, float]]:
    return [(float(s.start), float(s.end)) for s in found]


def write(path: Path, sound: Floats, rate: int, layout: str, codec: str = "flac") -> Path:
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=rate, layout=layout)
        form = stream.codec_context.format.name
        for at in range(0, sound.shape[1], 4096):
            part = np.ascontiguousarray(sound[:, at : at + 4096])
            frame = AudioFrame.from_ndarray(part, "fltp", layout)
            frame.sample_rate, frame.pts, frame.time_base = rate, at, Fraction(1, rate)
            for converted in av.AudioResampler(form, layout, rate).resample(frame):
                converted.pts = at
                out.mux(stream.encode(converted))
        out.mux(stream.encode(None))
    return path


# -- any sound ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("rate", "layout", "channels"), [
    (8000, "mono", 1), (44100, "mono", 1), (44100, "stereo", 2), (48000, "5.1", 6),
    (96000, "stereo", 2),
])  # fmt: skip
def test_a_tone_is_found_at_its_time_at_any_rate_and_layout(
    tmp_path: Path, rate: int, layout: str, channels: int
) -> None:
    t = np.arange(3 * rate) / rate
    tone = np.where((t >= 1) & (t < 2), 0.3 * np.sin(2 * np.pi * 700 * t), 0)
    sound = np.zeros((channels, len(t)), np.float32)
    sound[0] = tone
    if channels == 2:
        sound[1] = tone
    media, (level, flux) = heard(write(tmp_path / "a.mkv", sound, rate, layout), Level, Flux)
    assert len(level.values["rms"]) == pytest.approx(300, abs=1)
    found = pairs(silence(media, level))
    assert np.allclose(found, [(0, 1), (2, float(media.duration or 3))], atol=0.011)
    assert np.abs(level.values["rms"][110:190] - 20 * np.log10(0.3 / np.sqrt(2))).max() < 0.3
    assert float(onsets(media, flux).events[0].time) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("late", [Fraction(0), Fraction(1, 3), Fraction(-6, 25)])
def test_times_match_the_picture(tmp_path: Path, late: Fraction) -> None:
    """Clicks that begin with frames 20, 40 and 60, in sound that begins before or after."""
    rate = Fraction(25)
    path = write_clicks(tmp_path / "c.mkv", 80, rate, [20, 40, 60], sound_late=late)
    media, (level, flux) = heard(path, Level, Flux)
    assert media.audio is not None and abs(media.audio.start - late) < Fraction(1, 500)
    times = [float(e.time) for e in onsets(media, flux).events]
    assert np.allclose(times, [20 / 25, 40 / 25, 60 / 25], atol=0.006)
    peaks = [float(level["peak"].time(int(i))) for i in np.flatnonzero(level.values["peak"] > -6)]
    for click in (0.8, 1.6, 2.4):
        assert any(-0.0101 <= click - peak <= 0.0101 for peak in peaks)


@needs_media
@pytest.mark.parametrize("name", ["audio/speech_1.ogg", "video/talk.mp4", "odd/mono.mp3"])
def test_the_voice_is_the_file_at_16_khz(name: str) -> None:
    """As FFmpeg's resampler makes it, except next to its own cutoff at 8 kHz."""
    voice = np.concatenate([b.voice for b in blocks(str(MEDIA / name))])
    reader = SoundReader(str(MEDIA / name), 16000, 1)
    theirs = reader.read(len(voice))[0]
    reader.close()
    error = np.sqrt(np.mean(np.square(voice - theirs)))
    assert error < 0.05 * np.sqrt(np.mean(np.square(theirs)))
    shifted = np.sqrt(np.mean(np.square(voice[1:] - theirs[:-1])))
    assert shifted > 2 * error


# -- speech ------------------------------------------------------------------------------------


def words(name: str) -> tuple[Floats, NDArray[np.bool_]]:
    """A reader's voice at 48 kHz, and which tenths of a second hold words: by its level alone."""
    reader = SoundReader(str(MEDIA / f"audio/{name}.ogg"), RATE, 1)
    sound = reader.read(RATE * 13)[0]
    reader.close()
    power = np.square(sound.reshape(-1, RATE // 100)).mean(axis=1)
    return sound, 10 * np.log10(power + 1e-12) > 10 * np.log10(power.mean()) - 12


@needs_media
@pytest.mark.parametrize("name", ["speech_1", "speech_2"])
@pytest.mark.parametrize("noise", [None, -55, -45, -38])
def test_no_word_is_lost_in_noise_and_pauses_are_found(
    tmp_path: Path, name: str, noise: float | None
) -> None:
    """Two seconds of pause are put between two halves; then noise over all of it.

    Ten decibels below the voice (-38 for the first, which has -28) level alone cannot distinguish
    the noise from it, and keeps everything.
    """
    sound, loud = words(name)
    at = int(np.argmin([loud[i : i + 30].sum() for i in range(300, 900)])) + 315
    cut = at * RATE // 100
    sound = np.concatenate([sound[:cut], np.zeros(2 * RATE, np.float32), sound[cut:]])
    loud = np.concatenate([loud[:at], np.zeros(200, bool), loud[at:]])
    if noise is not None:
        rng = np.random.default_rng(1)
        sound = sound + (10 ** (noise / 20) * rng.standard_normal(len(sound))).astype(np.float32)
    path = write(tmp_path / "s.flac", np.clip(sound, -1, 1)[None], RATE, "mono")
    media, (level, voice) = heard(path, Level, Voice)
    assert media.duration is not None
    source = Source("s", media, Fraction(0), media.duration)
    results = {"silence": silence(media, level), "speech": speech(media, voice, level)}
    for method in ("silence", "speech"):
        kept = kept_by_sound(source, Cut(method=method), results, Fraction(25))
        inside = np.zeros(len(loud), bool)
        for start, end in pairs(kept):
            inside[round(start * 100) : round(end * 100)] = True
        assert not (loud & ~inside).any(), method
        # Where noise is heard all along, speech reaches 0.2 s further; and 0.2 s are the margin.
        pause = slice(at + 60, at + 140)
        if method == "speech" or noise is None or noise <= -45:
            assert not inside[pause].any(), method


@needs_media
def test_there_is_no_speech_in_noise_or_in_an_orchestra(tmp_path: Path) -> None:
    media, level, voice, _ = known("audio/hungarian_dance.ogg")
    assert not speech(media, voice, level).spans
    rng = np.random.default_rng(0)
    sound = (0.05 * rng.standard_normal((1, 8 * RATE))).astype(np.float32)
    media, (level, voice) = heard(write(tmp_path / "n.flac", sound, RATE, "mono"), Level, Voice)
    assert not speech(media, voice, level).spans


@needs_media
@pytest.mark.parametrize("method", ["silence", "speech"])
def test_the_talk_loses_its_pauses_and_no_word(method: str) -> None:
    """Four pieces. The pauses: 0.6 s, 0.7 s, 22.7 s, and 1.8 s at the end."""
    media, level, voice, _ = known("video/talk.mp4")
    assert media.duration is not None
    source = Source("talk", media, Fraction(0), media.duration)
    results = {"silence": silence(media, level), "speech": speech(media, voice, level)}
    kept = kept_by_sound(source, Cut(method=method), results)
    length = float(sum(s.end - s.start for s in kept))
    assert len(kept) == 4 and 17.5 < length < 18.5
    rms, sure = level["rms"], voice.values
    high = thresholds(rms)
    for start, end in ((s.start, s.end) for s in kept):
        for low, over in ((start - Fraction(1, 20), start), (end, end + Fraction(1, 20))):
            if low < 0 or over > media.duration:
                continue
            hops = slice(rms.index(low), rms.index(over))
            assert (rms.values[hops] < high[hops] - 12).all()
            assert (sure[voice.index(low) : voice.index(over) + 1] < 0.1).all()
    # Every chunk that the network calls speech lies inside, a tenth of a second from any cut.
    spoken = [voice.time(int(i)) for i in np.flatnonzero(sure >= 0.5)]
    for time in spoken:
        end = time + 1 / voice.rate
        inside = [s for s in kept if s.start <= time and end <= s.end]
        assert inside, float(time)
        assert inside[0].start == 0 or time - inside[0].start >= Fraction(1, 10)
        assert inside[0].end - end >= Fraction(1, 10)


@needs_media
def test_the_talk_is_cut_where_auto_editor_cuts_it() -> None:
    """auto-editor 23.32.1 with its defaults (threshold 0.04 of the peak, margin 0.2 s) keeps
    frames 0-26, 34-396, 410-522 and 1192-1220. Its threshold is one of peaks, ours of power."""
    media, level, _, _ = known("video/talk.mp4")
    assert media.duration is not None
    threshold = float(level.values["peak"].max()) + 20 * np.log10(0.04)
    cut = Cut("silence", threshold=threshold, min_silence=Fraction(1, 5))
    found = {"silence": silence(media, level, threshold=threshold, min_silence="1/5")}
    kept = kept_by_sound(Source("talk", media, Fraction(0), media.duration), cut, found)
    frames = [edge * 30 for s in kept for edge in (s.start, s.end)]
    theirs = [0, 26, 34, 396, 410, 522, 1192, 1220]
    assert len(frames) == len(theirs)
    assert max(abs(a - b) for a, b in zip(frames, theirs, strict=True)) <= 1


# -- music -------------------------------------------------------------------------------------


@needs_media
def test_the_beats_of_steady_music() -> None:
    """librosa 0.11's beat tracker finds one every 0.4617 s, first at 0.53, 1.00, 1.46."""
    media, _, _, flux = known("audio/vibe_ace.ogg")
    found = beats(media, flux)
    assert found.tempo == pytest.approx(60 / 0.4617, rel=0.005)
    times = np.array([float(e.time) for e in found.events])
    times = times[(times > 5) & (times < 44)]
    assert np.abs(np.diff(times) - 0.4617).max() < 0.07
    grid = np.polynomial.Polynomial.fit(np.arange(len(times)), times, 1)
    assert np.abs(grid(np.arange(len(times))) - times).max() < 0.07
    theirs = np.array([13.003, 19.9, 26.831, 33.739, 40.67])  # every fifteenth of theirs
    assert np.abs(times[None, :] - theirs[:, None]).min(axis=1).max() < 0.07


@needs_media
def test_music_is_heard_all_along_and_silent_after_its_end() -> None:
    media, level, _, _ = known("audio/hungarian_dance.ogg")
    found = pairs(silence(media, level))
    assert found[-1] == pytest.approx((43.58, 45.845), abs=0.1)
    assert audible_in(level["rms"]).mean() > 0.85
