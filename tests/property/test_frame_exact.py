"""Every frame of a film shows the source frame that the spec asks for: none is off by one.

The clips' frames carry their numbers as a pattern (``tests.media.make``), of which any two
differ by black against white somewhere. The whole picture of every frame is compared with the
one that ``timelines`` predicts, including both sides of each transition: even at a side's least
weight, another frame of its source would change the picture by several code values.
"""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, given, settings

from tests.media.make import Unreadable, luma, read_luma_number, write_numbered
from tests.property.numbered import HEIGHT, SOURCES, WIDTH, Source
from tests.property.timelines import BLACK, Pictures, Timeline, stills, timelines
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver

#: The first so many of one fixed sequence of random timelines; the acceptance is 300.
TIMELINES = int(os.environ.get("VEDC_TIMELINES", "100"))
#: Code values: rounding to integers, and swscale's where the picture was scaled.
TOLERANCE, SCALED_TOLERANCE = 1.0, 4.0

_FAST = {"preset": "veryfast", "crf": "24"}
#: Long groups of pictures, B-frames, times that the container rounds, a late first frame.
_WRITTEN: dict[str, dict[str, Any]] = {
    "long_gop.mp4": {"gop": 1000, "b_frames": 3, "options": _FAST},
    "ntsc.mkv": {"gop": 45, "b_frames": 2, "options": _FAST},
    "uneven.mp4": {"b_frames": 2, "options": _FAST, "time_base": Fraction(1, 1000)},
    "pal50.mov": {"gop": 120, "b_frames": 3, "options": _FAST},
    "cinema.mkv": {"gop": 24, "codec": "mpeg4"},
    "late.ts": {"gop": 90, "b_frames": 3, "options": _FAST, "start": 45},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("frame_exact")


@pytest.fixture(scope="module")
def pictures(folder: Path) -> Pictures:
    """Writes the sources; gives what decoding each from first to last packet gives."""
    return {source.name: _write(source, folder / source.name) for source in SOURCES}


def _write(source: Source, path: Path) -> tuple[np.ndarray, np.ndarray]:
    write_numbered(
        path,
        source.frames,
        source.rate,
        width=WIDTH,
        height=HEIGHT,
        first=source.first,
        times=source.milliseconds or None,
        **_WRITTEN[source.name],
    )
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    small = [f.reformat(WIDTH * 3 // 4, HEIGHT * 3 // 4, interpolation="BICUBIC") for f in frames]
    numbers = [read_luma_number(luma(f)) for f in frames]
    assert numbers == [*range(source.first, source.first + source.frames)]
    return np.array([luma(f) for f in frames]), np.array([luma(f) for f in small])


def render(timeline: Timeline, folder: Path, frames: int | None = None) -> Path:
    spec = folder / "edit.vedc.yaml"
    spec.write_text(yaml.safe_dump(timeline.spec(), sort_keys=False))
    (report,) = deliver(Build(spec), replace=True)
    assert report.frames == (frames or timeline.frames)
    return Path(report.target)


def tolerance(timeline: Timeline) -> float:
    scaled = any(item.small for items in timeline.tracks for item in items)
    return SCALED_TOLERANCE if scaled else TOLERANCE


def check(timeline: Timeline, film: Path, pictures: Pictures) -> None:
    shown = 0
    with av.open(str(film)) as container:
        (stream,) = container.streams.video
        assert stream.average_rate == timeline.fps or film.suffix == ".mkv"  # there an estimate
        for index, frame in enumerate(container.decode(stream)):
            shown += 1
            due = index / timeline.fps
            tick = Fraction(1, 1000) if film.suffix == ".mkv" else Fraction(0)
            assert abs(frame.pts * frame.time_base - due) <= tick / 2
            assert not frame.is_corrupt
            got, want = luma(frame), timeline.picture(index, pictures)
            off = np.nanmax(np.abs(got - want), initial=0)
            if off > tolerance(timeline):
                pytest.fail(explain(timeline, index, got, want))
        assert shown == timeline.frames
        if film.suffix == ".mp4":
            assert stream.frames == shown
            assert stream.duration * stream.time_base == shown / timeline.fps


def explain(timeline: Timeline, index: int, got: np.ndarray, want: np.ndarray) -> str:
    seen = []
    for items in timeline.tracks:
        x, y = items[0].rect
        try:
            seen.append(f"#{read_luma_number(got[y : y + HEIGHT, max(x, 0) :])}")
        except Unreadable:
            seen.append("not a number")
    return (
        f"frame {index} of {timeline.frames}: asked for {timeline.numbers(index)}, seen {seen}, "
        f"{np.nanmax(np.abs(got - want)):.1f} code values off\n"
        f"{yaml.safe_dump(timeline.spec(), sort_keys=False)}"
    )


@pytest.mark.slow
@settings(
    max_examples=TIMELINES,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(timeline=timelines())
def test_every_frame_is_the_one_asked_for(
    timeline: Timeline, folder: Path, pictures: Pictures
) -> None:
    check(timeline, render(timeline, folder), pictures)


@pytest.mark.slow
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(still=stills())
def test_a_still_is_the_frame_of_its_moment(
    still: tuple[Timeline, int], folder: Path, pictures: Pictures
) -> None:
    timeline, index = still
    file = render(timeline, folder, frames=1)
    with av.open(str(file)) as image:
        (frame,) = image.decode(video=0)
    green = frame.to_ndarray(format="rgb24")[..., 1]
    off = np.abs(green * (219 / 255) + BLACK - timeline.picture(index, pictures))
    # The encoders of the sources did not leave grey quite grey.
    assert np.nanmax(off, initial=0) <= tolerance(timeline) + 2
