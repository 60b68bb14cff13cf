"""Ducking: how deep and when a tone is lowered while another is heard."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.media.heard import RATE, Floats, render, tone, write_wav

PICTURE = "timeline: [{color: black, duration: 6s}]\n"
VOICE, MUSIC = 1000, 300


def level_of_music(film: Floats, music: float) -> Floats:
    """The level of the lower tone in hundredths of a second, relative to ``music``, in dB."""
    step = RATE // 100  # whole periods of both tones
    t = np.arange(step) / RATE
    parts = film[0].reshape(-1, step)
    seen = np.abs(parts @ np.exp(-2j * np.pi * MUSIC * t)) * 2 / step
    return 20 * np.log10(np.maximum(seen, 1e-6) / music)


def sounds(folder: Path) -> None:
    write_wav(folder / "music.wav", tone(6, MUSIC, 0.2))
    # Heard from 1 s to 2 s and from 2.2 s to 3 s.
    voice = np.concatenate(
        [tone(1, VOICE, 0.3), np.zeros((1, RATE // 5)), tone(0.8, VOICE, 0.3)], 1
    )
    write_wav(folder / "voice.wav", voice)


def wanted(by: float, attack: float, release: float) -> Floats:
    """In the middle of each hundredth of a second, by what the reference says."""
    middle = (np.arange(600) + 0.5) / 100
    falling = np.clip((middle - 1) / attack, 0, 1)
    rising = np.clip(1 - (middle - 3.3) / release, 0, 1)
    return -by * np.where(middle < 3.3, falling, rising)


@pytest.mark.parametrize(
    ("keys", "by", "attack", "release"),
    [("", 10, 0.1, 0.5), (", by: 18dB, attack: 0.5s, release: 1s", 18, 0.5, 1)],
)
def test_depth_and_timing(
    tmp_path: Path, keys: str, by: float, attack: float, release: float
) -> None:
    sounds(tmp_path)
    film = render(
        tmp_path,
        PICTURE + "audio:\n"
        f"  - {{clip: music.wav, duck: {{under: voice{keys}}}}}\n"
        "  - {clip: voice.wav, id: voice, start: 1s}\n",
    )
    got = level_of_music(film, 0.2)
    np.testing.assert_allclose(got, wanted(by, attack, release), atol=0.1)


def test_a_track_under_a_track_and_the_other_way_round(tmp_path: Path) -> None:
    """Each is lowered by what the other is before it is lowered itself."""
    sounds(tmp_path)
    film = render(
        tmp_path,
        """\
timeline:
  tracks:
    - {id: low, duck: {under: high}, clips: [{clip: music.wav}]}
    - {id: high, duck: {under: low, by: 6dB}, clips: [{gap: 1s}, {clip: voice.wav}]}
""",
    )
    np.testing.assert_allclose(level_of_music(film, 0.2), wanted(10, 0.1, 0.5), atol=0.1)
    step = RATE // 100
    part = film[0, round(1.5 * RATE) :][:step]
    seen = np.abs(part @ np.exp(-2j * np.pi * VOICE * np.arange(step) / RATE)) * 2 / step
    assert 20 * np.log10(seen / 0.3) == pytest.approx(-6, abs=0.1)


@pytest.mark.parametrize("keys", ["under: voice, threshold: -6dB", "under: silent"])
def test_what_is_soft_or_silent_lowers_nothing(tmp_path: Path, keys: str) -> None:
    sounds(tmp_path)
    film = render(
        tmp_path,
        PICTURE + "audio:\n"
        f"  - {{clip: music.wav, duck: {{{keys}}}}}\n"
        "  - {clip: voice.wav, id: voice, start: 1s}\n"
        "  - {clip: voice.wav, id: silent, volume: 0%}\n",
    )
    np.testing.assert_allclose(level_of_music(film, 0.2), 0, atol=0.05)


def tracks(low: str, high: str = "", sound: str = "") -> str:
    return (
        "timeline:\n  tracks:\n"
        f"    - {{id: low{sound}, clips: [{low}]}}\n"
        f"    - {{id: high{high}, clips: [{{gap: 1s}}, {{clip: voice.wav, id: said}}]}}\n"
    )


@pytest.mark.parametrize("under", ["high", "said", "[high, said]"])
@pytest.mark.parametrize(
    ("keys", "by", "attack", "release"),
    [("", 10, 0.1, 0.5), (", by: 18dB, attack: 0.5s, release: 1s", 18, 0.5, 1)],
)
def test_a_clip_under_a_track_and_under_an_item(
    tmp_path: Path, under: str, keys: str, by: float, attack: float, release: float
) -> None:
    sounds(tmp_path)
    film = render(tmp_path, tracks(f"{{clip: music.wav, duck: {{under: {under}{keys}}}}}"))
    got = level_of_music(film, 0.2)
    np.testing.assert_allclose(got, wanted(by, attack, release), atol=0.1)


def test_only_the_clip_that_says_so_is_lowered_and_the_cut_does_not_click(tmp_path: Path) -> None:
    """The rest of the same music is not: at the cut it is back within the fade of a cut."""
    sounds(tmp_path)
    film = render(
        tmp_path,
        tracks(
            "{clip: music.wav, out: 2s, duck: {under: high}}, {clip: music.wav, in: 2s}",
        ),
    )
    got = level_of_music(film, 0.2)
    expected = np.where(np.arange(600) < 200, wanted(10, 0.1, 0.5), 0)
    np.testing.assert_allclose(np.delete(got, 200), np.delete(expected, 200), atol=0.1)
    # A tone of 300 Hz at 0.2 and one of 1000 Hz at 0.3 move by less than that in a sample.
    steepest = 2 * np.pi * (MUSIC * 0.2 + VOICE * 0.3) / RATE
    assert np.abs(np.diff(film[0])).max() < steepest * 1.05


def test_clips_that_are_lowered_alike_go_on_sample_for_sample(tmp_path: Path) -> None:
    sounds(tmp_path)
    duck = "duck: {under: high}"
    whole = render(tmp_path, tracks(f"{{clip: music.wav, {duck}}}"))
    cut = f"{{clip: music.wav, out: 2s, {duck}}}, {{clip: music.wav, in: 2s, {duck}}}"
    np.testing.assert_array_equal(render(tmp_path, tracks(cut)), whole)


def test_a_clip_is_heard_through_its_track(tmp_path: Path) -> None:
    """Its own track is 6 dB softer, and its filters and the other track's delay both."""
    sounds(tmp_path)
    late = ", denoise: 1dB"
    clip = "{clip: music.wav, duck: {under: high}}"
    film = render(tmp_path, tracks(clip, late, ", volume: -6dB" + late))
    plain = render(tmp_path, tracks("{clip: music.wav}", late, ", volume: -6dB" + late))
    got = level_of_music(film, 0.2) - level_of_music(plain, 0.2)
    np.testing.assert_allclose(got[20:580], wanted(10, 0.1, 0.5)[20:580], atol=0.5)
    assert level_of_music(plain, 0.2)[50] == pytest.approx(-6, abs=0.5)


def test_two_clips_under_each_other(tmp_path: Path) -> None:
    """Each is lowered by what the other is before it is lowered itself."""
    sounds(tmp_path)
    film = render(
        tmp_path,
        """\
timeline:
  tracks:
    - clips: [{clip: music.wav, id: low, duck: {under: said}}]
    - clips: [{gap: 1s}, {clip: voice.wav, id: said, duck: {under: low, by: 6dB}}]
""",
    )
    np.testing.assert_allclose(level_of_music(film, 0.2), wanted(10, 0.1, 0.5), atol=0.1)


def test_a_composition_and_an_audio_item_under_a_clip(tmp_path: Path) -> None:
    sounds(tmp_path)
    shown = "{composition: {timeline: [{clip: music.wav}]}, duck: {under: said}}"
    film = render(tmp_path, tracks(shown))
    np.testing.assert_allclose(level_of_music(film, 0.2), wanted(10, 0.1, 0.5), atol=0.1)
    film = render(
        tmp_path,
        tracks("{color: black, duration: 6s}")
        + "audio: [{clip: music.wav, duck: {under: said}}]\n",
    )
    np.testing.assert_allclose(level_of_music(film, 0.2), wanted(10, 0.1, 0.5), atol=0.1)
