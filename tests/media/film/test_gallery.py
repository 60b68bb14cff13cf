"""The gallery's projects: each is rendered, small, and its pictures and sound are measured."""

from __future__ import annotations

import shutil
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
import pytest
from av.filter import Graph

from tests.paths import EXAMPLES
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver

GALLERY = EXAMPLES / "gallery"
NAMES = sorted(path.parent.name for path in GALLERY.glob("*/edit.vedc.yaml"))
DRAFT = Fraction(1, 6)


class Film(NamedTuple):
    """The files that a project makes."""

    seconds: float
    dark: float
    """The part of its frames that may be black but for a few words."""
    sound: bool = True


FILMS = {
    "advert": Film(15.0, 0.0),
    "clinic": Film(16.0, 0.05, sound=False),
    "greeting": Film(12.0, 0.05),
    "karaoke": Film(27.0, 0.1),
    "lesson": Film(28.5, 0.05),
    "news": Film(24.0, 0.03),
    "recommendations": Film(18.8, 0.3),
    "reframe360": Film(16.0, 0.1, sound=False),
    "slideshow": Film(7.4, 0.0),
    "split-screen": Film(18.0, 0.1),
    "stream-recap": Film(19.0, 0.25),
    "support-answer": Film(14.0, 0.0),
    "talk": Film(21.2, 0.05),
    "title-sequence": Film(20.2, 0.45),
    "traffic-recap": Film(18.5, 0.05, sound=False),
    "trailer": Film(21.0, 0.6),
}


def test_there_are_sixteen_projects() -> None:
    assert sorted(FILMS) == NAMES and len(NAMES) == 16
    listed = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert all(f"(gallery/{name}/edit.vedc.yaml)" in listed for name in NAMES)


def test_they_are_small_and_credit_their_media() -> None:
    files = [path for name in NAMES for path in (GALLERY / name).glob("media/**/*")]
    assert sum(path.stat().st_size for path in files if path.is_file()) < 30e6
    for name in NAMES:
        reported = (GALLERY / name / "MEDIA.md").read_text(encoding="utf-8")
        for path in (GALLERY / name / "media").iterdir():
            found = path.name in reported or f"media/*{path.suffix}" in reported
            assert found, f"{name}/MEDIA.md does not tell of {path.name}"


@pytest.mark.parametrize("file", sorted(GALLERY.glob("*/*/*.yaml")), ids=lambda p: p.stem)
def test_every_file_of_values_makes_a_film(file: Path) -> None:
    spec = file.parents[1] / "edit.vedc.yaml"
    assert Build(spec, var_file=file).edits()


class Sound(NamedTuple):
    seconds: float
    loudness: float
    """LUFS, of the whole."""
    peak: float
    """dBTP."""


def measured(path: Path) -> Sound | None:
    """The sound of a film as FFmpeg's ebur128 measures it."""
    with av.open(str(path)) as film:
        if not film.streams.audio:
            return None
        graph = Graph()
        source = graph.add_abuffer(template=film.streams.audio[0])
        meter = graph.add("ebur128", "metadata=1:peak=true")
        sink = graph.add("abuffersink")
        source.link_to(meter)
        meter.link_to(sink)
        graph.configure()
        last, samples, rate = {}, 0, film.streams.audio[0].rate
        for frame in [*film.decode(audio=0), None]:
            samples += frame.samples if frame is not None else 0
            graph.push(frame)
            while True:
                try:
                    last = graph.pull().metadata or last
                except (BlockingIOError, EOFError):
                    break
    peaks = [float(v) for k, v in last.items() if k.startswith("lavfi.r128.true_peaks_ch")]
    peak = 20 * np.log10(max(*peaks, 1e-9))
    return Sound(samples / rate, float(last["lavfi.r128.I"]), float(peak))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_project(tmp_path: Path, name: str) -> None:
    folder, film = tmp_path / name, FILMS[name]
    shutil.copytree(GALLERY / name, folder, ignore=shutil.ignore_patterns("out", ".vedc"))
    reports = deliver(Build(folder / "edit.vedc.yaml", draft=DRAFT), replace=True)
    path = Path(reports[0].target)
    with av.open(str(path)) as written:
        rate = written.streams.video[0].average_rate
        frames = [frame.to_ndarray(format="gray") for frame in written.decode(video=0)]
    assert rate is not None
    assert abs(len(frames) - film.seconds * rate) <= 1
    dark = np.mean([np.percentile(frame, 95) < 24 for frame in frames])
    assert dark <= film.dark
    moving = [np.abs(a.astype(int) - b).mean() for a, b in zip(frames, frames[12:], strict=False)]
    assert np.mean(np.array(moving) > 0.2) > 0.5
    sound = measured(path)
    if not film.sound:
        assert sound is None or sound.loudness < -60
        return
    assert sound is not None
    assert abs(sound.seconds - len(frames) / float(rate)) < 0.05
    assert -26 < sound.loudness < -9
    assert sound.peak < 1.0
