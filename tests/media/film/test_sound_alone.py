"""A spec of ``audio`` alone: its film's length and contents."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from tests.media.heard import RATE, Floats, tone, write_wav
from vedc.errors import SpecError
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver


def made(folder: Path, audio: str) -> Floats:
    """The samples of the film, of one channel."""
    write_wav(folder / "voice.wav", tone(2.3, 1000, 0.25))
    write_wav(folder / "music.wav", tone(1, 300, 0.25))
    path = folder / "show.vedc.yaml"
    path.write_text(
        "version: 1\nprofile: {channels: 1}\noutputs: [{path: show.wav, audio_codec: pcm_s16le}]\n"
        f"audio: [{audio}]\n"
    )
    deliver(Build(path), replace=True, warn=lambda _: None)
    with wave.open(str(folder / "show.wav"), "rb") as file:
        assert (file.getframerate(), file.getnchannels()) == (RATE, 1)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32767


@pytest.mark.parametrize(
    ("audio", "samples"),
    [
        ("{clip: voice.wav}", 110_400),
        ("{clip: voice.wav, in: 0.1s, out: 0.60001s, start: 1s}", 72_000),
        ("{clip: voice.wav, speed: 2}", 55_200),
        ("{clip: music.wav, loop: 3, start: 0.5s}", 168_000),
        ("{clip: music.wav, duration: 0.25s}, {clip: voice.wav, enabled: false}", 12_000),
        ("{clip: voice.wav}, {clip: music.wav, loop: true}", 110_400),
        ("{clip: music.wav, start: -0.5s}, {clip: voice.wav, start: 1s}", 158_400),
        ("{clip: music.wav, id: m}, {clip: voice.wav, start: \"${{ end('m') }}\"}", 158_400),
    ],
)
def test_it_is_as_long_as_what_is_heard(tmp_path: Path, audio: str, samples: int) -> None:
    assert len(made(tmp_path, audio)) == samples


def test_every_sound_is_where_the_spec_says(tmp_path: Path) -> None:
    film = made(
        tmp_path, "{clip: voice.wav, start: 1s}, {clip: music.wav}, {clip: music.wav, start: -0.5s}"
    )
    wanted = np.zeros(round(3.3 * RATE))
    wanted[RATE:] += tone(2.3, 1000, 0.25)[0]
    wanted[:RATE] += tone(1, 300, 0.25)[0]
    wanted[-RATE // 2 :] += tone(1, 300, 0.25)[0, : RATE // 2]
    np.testing.assert_allclose(film[: -RATE // 100], wanted[: -RATE // 100], atol=2e-4)


def test_a_length_that_nothing_says_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        made(tmp_path, "{clip: music.wav, loop: true}")
    assert [problem.code for problem in caught.value.problems] == ["no-film-length"]
