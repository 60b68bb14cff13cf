"""Picture and sound of finished films: each click is heard when its flash is seen.

Films are read back as a player reads them, with edit lists, the encoders' run-up and rounded
time stamps, and not by the sample counts that the renderer planned.
"""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from tests.media.clicks import BRIGHT, DARK, brightness, clicks, heard, write_clicks
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver

NTSC = Fraction(30000, 1001)
MILLISECOND = 0.001
#: Frames between flashes: no two alike, so that a click cannot pass for its neighbour's.
GAPS = (23, 31, 29, 41, 26, 37, 33, 22, 43, 28, 35, 39)


def flashes(frames: int, first: int = 11) -> list[int]:
    turns = -(-frames // sum(GAPS))
    return [f for f in accumulate(GAPS * turns, initial=first) if f < frames - 8]


def render(folder: Path, spec: dict[str, Any]) -> list[Path]:
    path = folder / "edit.vedc.yaml"
    path.write_text(yaml.safe_dump(spec, sort_keys=False))
    return [Path(report.target) for report in deliver(Build(path), replace=True)]


def seen(film: Path) -> list[float]:
    """When the film flashes, in seconds."""
    middle = (BRIGHT + DARK) / 2
    return [float(time) for time, level in brightness(film) if level > middle]


@pytest.mark.slow
def test_twenty_cuts_over_ten_minutes(tmp_path: Path) -> None:
    """Every click within a millisecond of its flash's frame, in every container."""
    frames = 2400
    write_clicks(tmp_path / "a.mkv", frames, NTSC, flashes(frames))
    write_clicks(tmp_path / "b.mp4", frames, NTSC, flashes(frames, 19), sound="aac")
    clips = [
        {"clip": ("a.mkv", "b.mp4")[cut % 2], "in": f"{(cut * 577 + 5) % 1400}f", "duration": "30s"}
        for cut in range(20)
    ]
    names = {"film.mp4": "aac", "film.mkv": "opus", "film.mov": "pcm_s16le"}
    films = render(
        tmp_path,
        {
            "version": 1,
            # Some flashes are on a cut: their clicks would be faded in.
            "defaults": {"clip": {"fade_in": "0s", "fade_out": "0s"}},
            "timeline": clips,
            "outputs": [
                {"path": name, "codec": "h264", "preset": "ultrafast", "audio_codec": codec}
                for name, codec in names.items()
            ],
        },
    )
    expected = 0
    for cut in range(20):
        begin = (cut * 577 + 5) % 1400
        start, end = (round(30 * n * NTSC) for n in (cut, cut + 1))
        own = flashes(frames, (11, 19)[cut % 2])
        expected += sum(begin <= flash < begin + end - start for flash in own)
    for film in films:
        bright, loud = seen(film), clicks(film)
        assert len(bright) == len(loud) == expected > 500
        worst = max(abs(b - c) for b, c in zip(bright, loud, strict=True))
        assert worst < MILLISECOND, f"{film.name}: {worst * 1000:.2f} ms apart"


def test_sources_of_other_rates_cut_anywhere(tmp_path: Path) -> None:
    """The sound keeps its exact time in the source; the flash is the next frame of the film."""
    sources = {
        "pal.mp4": (Fraction(25), 44100, "aac", Fraction(0)),
        "film.mkv": (Fraction(24000, 1001), 48000, "flac", Fraction(0)),
        "late.mov": (Fraction(50), 32000, "pcm_s16le", Fraction(1, 8)),
        "early.mkv": (Fraction(25), 48000, "flac", Fraction(-1, 5)),
    }
    for name, (rate, sample_rate, codec, late) in sources.items():
        frames = int(24 * rate)
        write_clicks(
            tmp_path / name, frames, rate, flashes(frames),
            sound=codec, sample_rate=sample_rate, sound_late=late,
        )  # fmt: skip
    names = list(sources)
    cuts = [(names[cut % 4], Fraction(217 + cut * 1931 % 17000, 1000)) for cut in range(16)]
    clips = [{"clip": name, "in": f"{float(begin)}s", "duration": "3.7s"} for name, begin in cuts]
    (film,) = render(
        tmp_path,
        {
            "version": 1,
            "profile": {"width": 64, "height": 32, "fps": str(NTSC)},
            "timeline": clips,
            "outputs": [{"path": "out.mp4", "preset": "ultrafast"}],
        },
    )
    bright, loud = seen(film), clicks(film)
    frame = 1 / NTSC
    count = 0
    for cut, (name, begin) in enumerate(cuts):
        start, end = (
            math.floor(Fraction(37, 10) * n * NTSC + Fraction(1, 2)) for n in (cut, cut + 1)
        )
        rate = sources[name][0]
        for flash in flashes(int(24 * rate)):
            due = start * frame + flash / rate - begin
            # A cut through a click or a flash may lose either.
            if not (start + 1) * frame <= due <= (end - 2) * frame:
                continue
            count += 1
            click = min(loud, key=lambda c: abs(c - due))
            assert abs(click - due) < MILLISECOND, f"{name} at {float(begin)}"
            shown = math.ceil((due) * NTSC) * frame
            # A flash shorter than a frame of the film may fall between two of them.
            if rate <= NTSC:
                assert any(abs(b - shown) < MILLISECOND for b in bright)
    assert count > 30


def test_a_crossfade_runs_beside_its_dissolve(tmp_path: Path) -> None:
    """Half-way both shots are seen and heard, each at its own time, at constant power."""
    frames = 240
    write_clicks(tmp_path / "a.mkv", frames, NTSC, [20, 110, 130])
    write_clicks(tmp_path / "b.mkv", frames, NTSC, [10, 25, 90])
    (film,) = render(
        tmp_path,
        {
            "version": 1,
            "timeline": [
                {"clip": "a.mkv", "duration": "140f"},
                {"transition": "dissolve", "duration": "40f"},
                {"clip": "b.mkv", "duration": "120f"},
            ],
            "outputs": [
                {"path": "out.mkv", "codec": "ffv1", "audio_codec": "flac"},
            ],
        },
    )
    # The dissolve's forty frames begin with a's frame 100 and b's frame 0: the film's frame 110
    # shows a's flash and b's, 125 only b's, 130 only a's.
    want = {20: 1.0, 110: 1.0, 125: 26 / 41, 130: 10 / 41, 190: 1.0}
    shown = {}
    for index, (time, mean) in enumerate(brightness(film)):
        assert abs(time - index / NTSC) < MILLISECOND
        if mean > DARK + 2:
            shown[index] = (mean - DARK) / (BRIGHT - DARK)
    assert shown == pytest.approx(want, abs=0.02)
    loud = clicks(film, least=0.05)
    assert len(loud) == len(want)
    for index, click in zip(want, loud, strict=True):
        assert abs(click - index / NTSC) < MILLISECOND
    rate, samples = heard(film)

    def level(index: int) -> float:
        at = round(index / NTSC * rate)
        return float(np.abs(samples[at : at + rate // 2000]).max())

    whole = level(20)
    for index, gain in ((125, math.sin(25 / 80 * math.pi)), (130, math.cos(30 / 80 * math.pi))):
        assert level(index) == pytest.approx(gain * whole, rel=0.05)
    assert level(190) == pytest.approx(whole, rel=0.05)
