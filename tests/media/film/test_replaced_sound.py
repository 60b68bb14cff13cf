"""A clip with the sound of another file: in step to the sample, whatever its range and speed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.media.heard import RATE, Floats, render, tone, write_wav


def noise(seconds: float, seed: int) -> Floats:
    return np.random.default_rng(seed).uniform(-0.3, 0.3, (2, round(seconds * RATE)))


@pytest.mark.parametrize(
    ("clip", "other"),
    [
        ("in: 1s, out: 3s, sound: b.wav", "in: 1s, out: 3s"),
        ("in: 1s, out: 3s, sound: {from: b.wav, offset: 1.5s}", "in: 2.5s, out: 4.5s"),
        ("in: 3s, out: 4s, sound: {from: b.wav, offset: -2.25s}", "in: 0.75s, out: 1.75s"),
        (
            "in: 1s, out: 3s, reverse: true, sound: {from: b.wav, offset: 1s}",
            "in: 2s, out: 4s, reverse: true",
        ),
        (
            "in: 1s, out: 3s, speed: 2, sound: {from: b.wav, offset: 1s}",
            "in: 2s, out: 4s, speed: 2",
        ),
    ],
)  # fmt: skip
def test_the_sound_of_another_file_follows_the_clip(tmp_path: Path, clip: str, other: str) -> None:
    write_wav(tmp_path / "a.wav", tone(6))
    write_wav(tmp_path / "b.wav", noise(6, 1))
    got = render(tmp_path, f"timeline: [{{clip: a.wav, {clip}}}]\n")
    wanted = render(tmp_path, f"timeline: [{{clip: b.wav, {other}}}]\n")
    assert np.abs(wanted).max() > 0.2
    np.testing.assert_array_equal(got, wanted)


def test_it_is_silent_where_the_other_file_has_nothing(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", tone(6))
    write_wav(tmp_path / "b.wav", noise(1, 1))
    got = render(tmp_path, "timeline: [{clip: a.wav, sound: {from: b.wav, offset: -2s}}]\n")
    assert got.shape[1] == 6 * RATE
    assert not got[:, : 2 * RATE].any() and not got[:, 3 * RATE :].any()
    assert np.abs(got[:, 2 * RATE : 3 * RATE]).max() > 0.2


def test_cuts_of_one_take_join_without_a_seam(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", tone(6))
    write_wav(tmp_path / "b.wav", noise(8, 1))
    sound = "sound: {from: b.wav, offset: 0.7s}"
    whole = render(tmp_path, f"timeline: [{{clip: a.wav, out: 4s, {sound}}}]\n")
    cut = render(
        tmp_path,
        f"timeline: [{{clip: a.wav, out: 1.44s, {sound}}},"
        f" {{clip: a.wav, in: 1.44s, out: 4s, {sound}}}]\n",
    )
    np.testing.assert_array_equal(cut, whole)
