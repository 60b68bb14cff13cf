"""Loudness of films, as FFmpeg's ebur128 measures the files."""

from __future__ import annotations

import re
from pathlib import Path

import av
import numpy as np
import pytest

from tests.media.heard import RATE, Floats, tone, write_wav
from tests.paths import MEDIA
from vedc.errors import Problem, RenderError
from vedc.execute.output import RenderSummary
from vedc.execute.progress import Silent
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver

needs_media = pytest.mark.skipif(not MEDIA.exists(), reason="the shared media are not here")


class Notes(Silent):
    """A render's notes and warnings."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


def rendered(
    folder: Path, timeline: str, output: str, allow: tuple[Path, ...] = ()
) -> tuple[RenderSummary, list[str], list[Problem]]:
    path = folder / "edit.vedc.yaml"
    path.write_text(
        f"version: 1\nprofile: {{width: 64, height: 32, fps: 25}}\noutputs: [{output}]\n{timeline}"
    )
    reported, warned = Notes(), list[Problem]()
    (summary,) = deliver(
        Build(path, allow=allow), replace=True, progress=reported, warn=warned.extend
    )
    return summary, reported.notes, warned


def measured(path: str) -> tuple[float, float, float]:
    """(LUFS, LU of range, dBTP) in the words of ebur128 when it is done."""
    with av.open(path) as file:
        graph = av.filter.Graph()
        nodes = [
            graph.add_abuffer(template=file.streams.audio[0]),
            graph.add("ebur128", "metadata=1:peak=true"),
            graph.add("abuffersink"),
        ]
        graph.link_nodes(*nodes).configure()
        seen: dict[str, str] = {}

        def pull() -> None:
            while True:
                try:
                    found = dict(nodes[-1].pull().metadata)
                except (av.BlockingIOError, av.EOFError):
                    return
                seen.update(found)

        for frame in file.decode(audio=0):
            nodes[0].push(frame)
            pull()
        nodes[0].push(None)
        pull()
    integrated, span, peak = (
        float(seen[f"lavfi.r128.{name}"]) for name in ("I", "LRA", "true_peak")
    )
    return integrated, span, 20 * np.log10(peak)


def bursts(seconds: int, loud: float, soft: float) -> Floats:
    """Pink noise that swells and fades, loud and soft by turns of five seconds."""
    rng = np.random.default_rng(4)
    count = seconds * RATE
    lines = np.fft.rfft(rng.normal(0, 1, (2, count)))
    lines /= np.sqrt(np.maximum(np.arange(lines.shape[1]), 20 * seconds))
    sound = np.fft.irfft(lines, count)
    sound /= sound.std()
    swells = np.exp(0.6 * rng.normal(0, 1, seconds * 10))
    sound *= np.interp(np.arange(count), np.arange(seconds * 10) * RATE / 10, swells)
    turn = np.arange(count) // (5 * RATE) % 2
    return np.clip(sound * np.where(turn, soft, loud), -1, 1)


PICTURE = "timeline: [{color: black, duration: 20s}]\naudio: [{clip: a.wav}]\n"


@pytest.mark.parametrize("loudness", ["broadcast", "-14", "{i: -16, tp: -3}"])
@pytest.mark.parametrize(
    ("path", "codec"), [("film.mov", "pcm_s24le"), ("film.mp4", "aac"), ("film.mkv", "opus")]
)
def test_a_file_has_its_loudness_and_keeps_its_true_peak(
    tmp_path: Path, loudness: str, path: str, codec: str
) -> None:
    write_wav(tmp_path / "a.wav", bursts(20, 0.1, 0.03))
    output = f"{{path: {path}, codec: h264, audio_codec: {codec}, loudness: {loudness}}}"
    summary, notes, warned = rendered(tmp_path, PICTURE, output)
    integrated, _, peak = measured(summary.target)
    wanted = {"broadcast": -23, "-14": -14}.get(loudness, -16)
    ceiling = -3 if "tp" in loudness else -1
    assert integrated == pytest.approx(wanted, abs=0.1)
    assert peak <= ceiling + 0.2
    if wanted > -20:  # the limiter acts, and no more than it must
        assert peak > ceiling - 0.7
        assert "peaks are lowered by" in notes[0]
    else:
        assert "peaks" not in notes[0]
    assert not warned
    # The reported loudness is what ebur128 finds.
    found = re.search(r"to (-[\d.]+) LUFS with a true peak of (-?[\d.]+) dBTP", notes[0])
    assert found is not None
    assert float(found[1]) == pytest.approx(integrated, abs=0.1)
    assert float(found[2]) == pytest.approx(peak, abs=0.1)
    # A sound from the store is reported too.
    again = rendered(tmp_path, PICTURE, output)
    assert again[1] == notes and not again[0].rendered_sound


def test_below_its_ceiling_the_sound_is_only_scaled(tmp_path: Path) -> None:
    sound = np.round(bursts(20, 0.05, 0.02) * 32767) / 32767
    write_wav(tmp_path / "a.wav", sound)
    output = "{path: film.mov, codec: h264, audio_codec: pcm_s24le, loudness: -23}"
    summary, _, _ = rendered(tmp_path, PICTURE, output)
    assert summary.loudness is not None
    with av.open(summary.target) as file:
        resampler = av.AudioResampler("dblp")
        got = np.concatenate(
            [o.to_ndarray() for f in file.decode(audio=0) for o in resampler.resample(f)], axis=1
        )
    factor = np.sum(got * sound) / np.sum(sound * sound) * 32767 / 32768
    np.testing.assert_allclose(got, sound * factor * 32768 / 32767, atol=2e-6)
    assert 20 * np.log10(factor) == pytest.approx(summary.loudness["gain_db"], abs=0.02)


def test_a_wide_range_is_narrowed(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", bursts(60, 0.1, 0.01))
    timeline = PICTURE.replace("20s", "60s")
    output = "{{path: film.mov, codec: h264, audio_codec: pcm_s24le, loudness: {}}}"
    summary, _, _ = rendered(tmp_path, timeline, output.format("-20"))
    assert measured(summary.target)[1] > 15
    summary, notes, warned = rendered(tmp_path, timeline, output.format("{i: -20, lra: 7}"))
    integrated, span, _ = measured(summary.target)
    assert (integrated, span) == (pytest.approx(-20, abs=0.1), pytest.approx(7, abs=0.5))
    assert "its range is narrowed from" in notes[0] and not warned


def test_the_film_has_a_loudness_that_an_output_replaces(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", tone(20, 1000, 0.1, channels=2))
    for given, wanted in (("", -26), (", loudness: -18", -18)):
        output = f"{{path: film.mov, codec: h264, audio_codec: pcm_s24le{given}}}"
        summary, _, _ = rendered(tmp_path, PICTURE + "master: {loudness: -26}\n", output)
        assert measured(summary.target)[0] == pytest.approx(wanted, abs=0.1)


def test_an_unmeasurable_or_unreachable_loudness_is_reported(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", tone(20, 1000, 0.0001, channels=2))
    output = "{{path: film.mov, codec: h264, audio_codec: pcm_s24le, loudness: {}}}"
    _, notes, warned = rendered(tmp_path, PICTURE, output.format(-14))
    assert [w.code for w in warned] == ["loudness-unknown"] and not notes
    clicks = np.zeros((2, 20 * RATE))
    clicks[:, ::RATE] = 0.9
    write_wav(tmp_path / "a.wav", clicks)
    _, notes, warned = rendered(tmp_path, PICTURE, output.format(-8))
    assert [w.code for w in warned] == ["loudness-missed"] and notes
    path = tmp_path / "edit.vedc.yaml"
    with pytest.raises(RenderError, match="LUFS instead of -8"):
        deliver(Build(path), replace=True, strict=True)


@needs_media
@pytest.mark.parametrize("name", ["audio/vibe_ace.ogg", "audio/speech_1.ogg"])
def test_music_and_speech(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.ogg").symlink_to(MEDIA / name)
    timeline = "timeline: [{color: black, duration: 12s}]\naudio: [{clip: a.ogg, in: 0s}]\n"
    output = "{path: film.mp4, codec: h264, loudness: streaming}"
    summary, _, _ = rendered(tmp_path, timeline, output, (MEDIA,))
    integrated, _, peak = measured(summary.target)
    assert integrated == pytest.approx(-14, abs=0.1)
    assert peak <= -0.8
