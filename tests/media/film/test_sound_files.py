"""Outputs of sound alone, as FFmpeg reads them back."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.media.film.test_audio_mix import noise, write_wav
from tests.parity.ops.films import build
from vedc.media.mark import is_sealed, read_mark
from vedc.workspace.deliver import deliver

Floats = NDArray[np.float64]

RATE = 48000
SAMPLES = 3 * RATE + 777


@pytest.fixture
def source(tmp_path: Path) -> NDArray[np.float32]:
    """Noise of 16 bits, which fits itself nowhere else, as ``a.wav``."""
    sound = noise(SAMPLES / RATE, 7)
    write_wav(tmp_path / "a.wav", sound)
    return sound


def made(folder: Path, *outputs: dict[str, Any], **more: Any) -> list[Path]:
    timeline = {
        "tracks": [{"clips": [{"clip": "a.wav"}]}],
        "markers": [{"time": "0s", "name": "Intro"}, {"time": "1s", "name": "Zwei"}],
    }
    spec = {"timeline": timeline, **more, "outputs": list(outputs)}
    return [Path(report.target) for report in deliver(build(folder, spec))]


def heard(path: Path) -> tuple[Floats, str, dict[str, str]]:
    """Samples from the first on that players play, the sample format, the tags."""
    with av.open(str(path)) as file:
        (stream,) = file.streams.audio
        parts = []
        for frame in file.decode(stream):
            part = frame.to_ndarray()
            if not frame.format.is_planar:
                part = part.reshape(-1, frame.layout.nb_channels).T
            if part.dtype.kind == "i":
                part = part / -float(np.iinfo(part.dtype).min)
            parts.append(part.astype(np.float64))
        tags = {k.lower(): v for k, v in {**file.metadata, **stream.metadata}.items()}
        return np.concatenate(parts, axis=1), frame.format.name, tags


LOSSLESS = [
    ("a.wav", {}, "s32"),
    ("a.wav", {"audio_depth": 16}, "s16"),
    ("a.wav", {"audio_depth": 32}, "flt"),
    ("a.flac", {}, "s32"),
    ("a.flac", {"audio_depth": 16}, "s16"),
    ("a.ogg", {"audio_codec": "flac"}, "s32"),
    ("a.m4a", {"audio_codec": "alac"}, "s32p"),
    ("a.m4a", {"audio_depth": 16}, "s16p"),
    ("a.mka", {}, "s32"),
]


@pytest.mark.parametrize(("name", "given", "kept"), LOSSLESS)
def test_lossless_files_hold_every_sample(
    tmp_path: Path, source: NDArray[np.float32], name: str, given: dict[str, Any], kept: str
) -> None:
    (file,) = made(tmp_path, {"path": f"out/{name}", **given})
    samples, form, _ = heard(file)
    assert form == kept
    assert np.array_equal(samples, source)


@pytest.mark.parametrize("name", ["a.mp3", "a.opus", "a.ogg", "a.m4a", "a.mp4", "a.webm"])
def test_lossy_files_begin_with_the_first_sample(
    tmp_path: Path, source: NDArray[np.float32], name: str
) -> None:
    time = np.arange(SAMPLES) / RATE
    tone = np.stack([0.3 * np.sin(2 * np.pi * (200 + 400 * time) * time)] * 2)
    write_wav(tmp_path / "a.wav", tone.astype(np.float32))
    codec = {"codec": "none"} if name in ("a.mp4", "a.webm") else {}
    (file,) = made(tmp_path, {"path": f"out/{name}", **codec})
    samples, _, _ = heard(file)
    # AAC ends with a whole frame; the others say how many samples count.
    assert 0 <= samples.shape[1] - SAMPLES < (1024 if "m" in name else 1)
    stretch = slice(20000, 60000)

    def miss(late: int) -> float:
        moved = samples[0, stretch.start + late : stretch.stop + late]
        return float(np.abs(moved - tone[0, stretch]).mean())

    assert min(range(-1200, 1201), key=miss) == 0
    assert miss(0) < 0.01


@pytest.mark.parametrize("ending", ["wav", "flac", "mp3", "opus", "ogg", "m4a", "mka"])
def test_tags_chapters_and_the_mark(
    tmp_path: Path, source: NDArray[np.float32], ending: str
) -> None:
    tags = {"title": "Frühling", "artist": "Ensemble", "album": "Reihe", "date": "2026"}
    (file,) = made(tmp_path, {"path": f"out/a.{ending}", "metadata": tags})
    found = heard(file)[2]
    assert {key: found[key] for key in tags} == tags
    with av.open(str(file)) as opened:
        chapters = [
            (c["metadata"]["title"], c["start"] * c["time_base"]) for c in opened.chapters()
        ]
    assert chapters == ([] if ending in ("wav", "flac") else [("Intro", 0), ("Zwei", 1)])
    mark = read_mark(file)
    assert mark is not None and is_sealed(file, mark)
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    assert not is_sealed(file, mark)


def test_a_file_that_holds_no_chapters_says_so(tmp_path: Path, source: NDArray[np.float32]) -> None:
    timeline = {"tracks": [{"clips": [{"clip": "a.wav"}]}], "markers": [{"time": 0, "name": "A"}]}
    spec = {"timeline": timeline, "outputs": [{"path": "out/a.wav"}, {"path": "out/a.mp3"}]}
    first, second = build(tmp_path, spec).edits()
    assert [problem.code for problem in first.warnings] == ["no-chapters"]
    assert second.warnings == ()


def test_each_output_has_its_own_rate_and_channels(
    tmp_path: Path, source: NDArray[np.float32]
) -> None:
    speech = {"path": "out/b.wav", "sample_rate": 16000, "channels": 1, "audio_depth": 16}
    whole, part = made(tmp_path, {"path": "out/a.wav"}, speech)
    assert heard(whole)[0].shape == (2, SAMPLES)
    with wave.open(str(part)) as file:
        shape = file.getframerate(), file.getnchannels(), file.getnframes()
    assert shape == (16000, 1, SAMPLES // 3)


def test_the_sound_of_a_film_is_cut_where_its_pictures_are(tmp_path: Path) -> None:
    """At 24 frames a second 0.03 s are one frame; without pictures they are 1440 samples."""
    write_wav(tmp_path / "a.wav", noise(1, 3))
    clips = [{"clip": "a.wav", "duration": "0.03s"}]
    outputs = [{"path": "out/a.wav"}]
    for number, (profile, samples) in enumerate([({"fps": 24}, 2000), ({}, 1440)]):
        folder = tmp_path / str(number)
        folder.mkdir()
        write_wav(folder / "a.wav", noise(1, 3))
        spec = {"profile": profile, "timeline": clips, "outputs": outputs}
        (report,) = deliver(build(folder, spec))
        assert heard(Path(report.target))[0].shape[1] == samples


def test_no_picture_is_rendered(tmp_path: Path) -> None:
    spec = {
        "timeline": [{"color": "red", "duration": "2s"}, {"text": "unseen", "duration": "1s"}],
        "outputs": [{"path": "out/a.wav"}],
    }
    (report,) = deliver(build(tmp_path, spec))
    assert (report.frames, report.segments, report.seconds) == (0, 0, 3.0)
    samples, _, _ = heard(Path(report.target))
    assert samples.shape[1] == 3 * RATE and not samples.any()
