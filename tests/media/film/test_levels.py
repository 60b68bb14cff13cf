"""Levels and pans of items, tracks and the film, as its file holds them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.media.heard import RATE, render, tone, write_wav

PICTURE = "timeline: [{color: black, duration: 4s}]\n"


def test_a_moving_level_matches_its_formula(tmp_path: Path) -> None:
    sound = tone(4)
    write_wav(tmp_path / "a.wav", sound)
    keys = "{time: 1s, value: 0dB}, {time: 2s, value: -20dB}, {time: 100%, value: 0%}"
    got = render(tmp_path, PICTURE + f"audio: [{{clip: a.wav, volume: {{keyframes: [{keys}]}}}}]\n")
    t = np.arange(4 * RATE) / RATE
    level = np.where(t < 2, 10 ** (np.clip(t - 1, 0, 1) * -20 / 20), 0.1 * (4 - t) / 2)
    np.testing.assert_allclose(got, np.tile(sound * level, (2, 1)), atol=2 / 32768)


def test_a_track_and_the_film_act_on_the_sum(tmp_path: Path) -> None:
    left = np.concatenate([tone(2, level=0.2), np.zeros((1, 2 * RATE))])
    write_wav(tmp_path / "a.wav", left)
    write_wav(tmp_path / "b.wav", tone(2, 660, 0.2, channels=2))
    got = render(
        tmp_path,
        """\
timeline:
  tracks:
    - {volume: -6dB, pan: 1, clips: [{clip: a.wav}, {clip: b.wav, volume: 50%}]}
audio: [{clip: b.wav, start: 1s}]
master: {volume: {keyframes: [{time: 0s, value: 0dB}, {time: 4s, value: -12dB}]}, fade_in: 1s}
""",
    )
    assert got.shape == (2, 4 * RATE)
    first, second = tone(2, level=0.2)[0], tone(2, 660, 0.2)[0]
    track = 10 ** (-6 / 20)
    wanted = np.zeros((2, 4 * RATE))
    wanted[1] = track * np.concatenate([first, second])  # both channels of b at half their level
    wanted[:, RATE : 3 * RATE] += second
    t = np.arange(4 * RATE) / RATE
    wanted *= 10 ** (-3 * t / 20) * np.minimum(t, 1)
    for sound in (got, wanted):
        sound[:, 2 * RATE - 240 : 2 * RATE + 240] = 0  # where a ends and b begins they fade
    np.testing.assert_allclose(got, wanted, atol=3 / 32768)


def test_each_change_of_a_level_makes_another_sound(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", tone(4))
    item = "audio: [{{clip: a.wav, {}}}]\n"
    plain = render(tmp_path, PICTURE + item.format("volume: 0dB"))
    panned = render(tmp_path, PICTURE + item.format("pan: -1"))
    np.testing.assert_allclose(panned[0], plain[0] * np.sqrt(2), atol=1e-6)
    assert not panned[1].any()
    lower = render(tmp_path, PICTURE + item.format("pan: -1") + "master: {volume: -6dB}\n")
    np.testing.assert_allclose(lower, panned * 10 ** (-6 / 20), atol=1e-6)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("speed", ["", ", reverse: true"])
def test_channels_are_heard_where_they_are_put(tmp_path: Path, channels: int, speed: str) -> None:
    sound = np.concatenate([tone(2, 440, 0.2), tone(2, 660, 0.1)])
    write_wav(tmp_path / "a.wav", sound)
    left, right = sound[:, ::-1] if speed else sound
    for word, wanted in {
        "left": (left, left),
        "right": (right, right),
        "swap": (right, left),
        "mono": ((left + right) / 2,) * 2,
    }.items():
        spec = f"timeline: [{{clip: a.wav, channels: {word}{speed}}}]\n"
        got = render(tmp_path, spec, profile=f"channels: {channels}, ")
        expected = np.array(wanted) if channels == 2 else np.mean(wanted, axis=0)[None]
        np.testing.assert_allclose(got, expected, atol=3 / 32768)
