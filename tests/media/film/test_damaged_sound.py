"""Films of damaged sound: they are made, and say once where they are silent."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import yaml

from tests.media.files.test_audio_decode import chirp, damaged, frames, write
from tests.media.film.test_limited_sound import decoded
from vedc.audio.limiter import Overload
from vedc.audio.report import Loss, SoundReport, merged
from vedc.errors import Problem, RenderError
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver


def film(folder: Path) -> Path:
    write(folder / "talk.mka", "aac", frames(chirp(6.0, 48000), 48000), "matroska")
    damaged(folder / "talk.mka", 140, 143, 4)
    spec = {
        "version": 1,
        "profile": {"width": 16, "height": 16, "fps": 25},
        "timeline": [{"color": "black", "duration": "5s"}],
        "audio": [
            {"clip": "talk.mka", "out": "4s"},
            {"clip": "talk.mka", "in": "4s", "start": "4s"},
        ],
        "outputs": [{"path": "film.mkv", "codec": "ffv1", "audio_codec": "flac"}],
    }
    path = folder / "edit.vedc.yaml"
    path.write_text(yaml.safe_dump(spec, sort_keys=False))
    return path


def test_damage_is_silent_and_reported_with_its_times(tmp_path: Path) -> None:
    spec = film(tmp_path)
    begin = 139 * 1024  # the encoder's run-up is not played
    clock = f"0:{begin / 48000:05.2f}-0:{(begin + 4096) / 48000:05.2f}"
    name = tmp_path / "talk.mka"
    reported = f"the sound of '{name}' is damaged (4 packets); it is silent at {clock}"
    for _ in range(2):  # from the render, then from the store
        said: list[Problem] = []

        def warn(warnings: Sequence[Problem], said: list[Problem] = said) -> None:
            said.extend(warnings)

        deliver(Build(spec), replace=True, warn=warn)
        assert [(w.code, w.message) for w in said] == [("damaged-sound", reported)]
        assert said[0].hint
    sound = decoded(tmp_path / "film.mkv")
    assert not sound[:, begin + 64 : begin + 4096].any()
    loud = np.abs(sound[:, begin - 3000 : begin - 1100]).max()
    assert loud > 0.3 and np.abs(sound[:, begin + 5200 : begin + 8000]).max() > 0.3


def test_strict_refuses_it(tmp_path: Path) -> None:
    with pytest.raises(RenderError) as caught:
        deliver(Build(film(tmp_path)), strict=True)
    assert [problem.code for problem in caught.value.problems] == ["damaged-sound"]


def test_losses_that_touch_are_one() -> None:
    def loss(start: int, end: int, packets: int) -> Loss:
        return Loss(Fraction(start), Fraction(end), packets)

    assert merged([loss(5, 6, 1), loss(1, 2, 2), loss(2, 3, 1), loss(5, 6, 1)]) == [
        loss(1, 3, 3),
        loss(5, 6, 1),
    ]


def test_a_report_survives_the_store_and_a_damaged_entry_says_nothing() -> None:
    report = SoundReport(Overload(48000))
    report.add(
        "a.mp3", [Loss(Fraction(1, 3), Fraction(1, 2), 3), Loss(Fraction(9), Fraction(61), 1)]
    )
    assert SoundReport.from_meta(report.to_meta()) == SoundReport(Overload(1), report.damage)
    ((code, message, hint),) = report.texts()
    assert message == "the sound of 'a.mp3' is damaged (4 packets); it is silent at " + (
        "0:00.33-0:00.50 and 0:09.00-1:01.00"
    )
    assert code == "damaged-sound" and hint
    for meta in (
        None,
        [],
        {"damaged": 1},
        {"damaged": {"a": 1}},
        {"damaged": {"a": [["x", 1, 2]]}},
    ):
        assert SoundReport.from_meta(meta).texts() == []


def test_the_oracle_hears_the_same_silence(tmp_path: Path) -> None:
    """FFmpeg itself gives no frame for those packets."""
    film(tmp_path)
    lost = 0
    with av.open(str(tmp_path / "talk.mka")) as file:
        for packet in file.demux(audio=0):
            try:
                packet.decode()
            except av.FFmpegError:
                lost += 1
    assert lost == 4
