"""Cuts that follow music fall on its beats as the rendered film plays them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import yaml

from tests.media.clicks import click, clicks
from tests.media.files.test_audio_decode import frames, write
from tests.media.make import read_number, write_numbered
from vedc.errors import SpecError
from vedc.workspace.build import Build, Deciding
from vedc.workspace.deliver import deliver

RATE = 25
FIRST, PERIOD, SECONDS = 0.31, 0.52, 20.0
OTHER = (0.2, 0.44, 20.0)


def metronome(path: Path, first: float, period: float, seconds: float) -> Path:
    sound = np.zeros((1, round(seconds * 48000)), np.float32)
    pulse = click(48000).astype(np.float32)
    for n in range(int((seconds - first) / period)):
        at = round((first + n * period) * 48000)
        sound[0, at : at + len(pulse)] = pulse * (1.0 if n % 4 == 0 else 0.6)
    return write(path, "flac", frames(sound, 48000, "mono"))


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("beats")
    write_numbered(folder / "a.mkv", 1500, RATE, codec="ffv1", width=96, height=64)
    metronome(folder / "song.flac", FIRST, PERIOD, SECONDS)
    metronome(folder / "other.flac", *OTHER)
    return folder


def film(media: Path, name: str, timeline: Any, audio: Sequence[dict[str, Any]]) -> Path:
    spec = {
        "version": 1,
        "profile": {"width": 96, "height": 64, "fps": RATE},
        "timeline": timeline,
        "audio": list(audio),
        "outputs": [{"path": f"{name}.mkv", "codec": "ffv1", "audio_codec": "flac"}],
    }
    path = media / f"{name}.vedc.yaml"
    path.write_text(yaml.safe_dump(spec, sort_keys=False))
    return path


def cuts_of(path: Path, begin: float, end: float) -> list[float]:
    """Where the number that a frame shows does not follow that before it, in seconds."""
    with av.open(str(path)) as file:
        pictures = list(file.decode(video=0))[round(begin * RATE) : round(end * RATE)]
    shown = [read_number(frame) for frame in pictures]
    jumps = [n for n, (a, b) in enumerate(itertools.pairwise(shown), 1) if b != a + 1]
    return [begin + n / RATE for n in jumps]


def auto(duration: float | None = 8, *, music: str | None = "song.flac", **item: Any) -> Any:
    cut = {"method": "beats", "keep": "best", "every": 2}
    if duration is not None:
        cut["duration"] = f"{duration}s"
    asked = {"from": "a.mkv", "cut": cut} | ({"music": music} if music else {})
    return {"auto": asked, **item}


def rendered(spec: Path) -> Path:
    build = Build(spec)
    (report,) = deliver(build, replace=True, deciding=Deciding(build, "decide"))
    return Path(report.target)


TITLE = {"clip": "a.mkv", "in": "30s", "out": "33.04s", "mute": True}
CASES: dict[str, tuple[Any, list[dict[str, Any]], tuple[float, float], int]] = {
    "after a title": ([TITLE, auto()], [{"clip": "song.flac"}], (3.04, 11.04), 6),
    "a trimmed song": ([auto()], [{"clip": "song.flac", "in": "2.37s"}], (0, 8), 6),
    "a song that starts later": (
        [auto(10)], [{"clip": "song.flac", "start": "3.2s"}], (3.2, 10), 5,
    ),
    "trimmed and later, after a title": (
        [TITLE, auto()], [{"clip": "song.flac", "in": "1.1s", "start": "0.56s"}], (3.04, 11.04), 6,
    ),
    "a song that began before": (
        [{"color": "black", "duration": "6.6s"}, auto()], [{"clip": "song.flac"}], (6.6, 14.6), 6,
    ),
    "a loop": (
        [TITLE, auto(9)],
        [{"clip": "song.flac", "in": "1s", "out": "4.3s", "loop": True}],
        (3.04, 12.04), 6,
    ),
    "two songs": (
        [auto(12)],
        [{"clip": "song.flac", "out": "5s"}, {"clip": "song.flac", "in": "3.3s", "start": "5.6s"}],
        (0, 12), 9,
    ),
    "a muted item and a soundtrack": (
        [TITLE, auto(music=None, mute=True)], [{"clip": "other.flac", "in": "0.7s"}],
        (3.04, 11.04), 6,
    ),
    "a song on a track": (
        {"tracks": [
            {"clips": [TITLE, auto()]},
            {"clips": [{"gap": "1.6s"}, {"clip": "b.mkv", "opacity": 0}]},
        ]},
        [], (3.04, 11.04), 6,
    ),
    "one item after another": (
        [auto(6), auto(6, music="other.flac")],
        [{"clip": "song.flac", "out": "6s"}, {"clip": "other.flac", "start": "6s"}],
        (0, 12), 8,
    ),
    "as long as the music lasts": (
        [TITLE, auto(None)], [{"clip": "song.flac", "in": "10.4s"}], (3.04, 9.6), 4,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_cuts_fall_on_the_clicks_of_the_film(media: Path, name: str) -> None:
    timeline, audio, (begin, end), least = CASES[name]
    if name == "a song on a track":
        with_sound(media)
        timeline = yaml.safe_load(yaml.safe_dump(timeline).replace("song.flac", "b.mkv"))
    target = rendered(film(media, name.replace(" ", "-"), timeline, audio))
    heard = np.array(clicks(target, 0.1))
    cuts = cuts_of(target, begin, end)
    assert len(cuts) >= least
    if name == "one item after another":
        cuts.remove(6.0)
    cuts = [cut for cut in cuts if name != "two songs" or not 5 <= cut < 5.6]  # silent
    off = [float(np.abs(heard - cut).min()) for cut in cuts]
    assert max(off) <= 0.5 / RATE + 0.004, (cuts, off)


def with_sound(media: Path) -> None:
    """The song with a picture."""
    target = media / "b.mkv"
    if target.exists():
        return
    with av.open(str(media / "song.flac")) as song, av.open(str(target), "w") as out:
        video = out.add_stream("ffv1", rate=RATE)
        video.width, video.height, video.pix_fmt = 96, 64, "yuv420p"
        sound = out.add_stream_from_template(song.streams.audio[0])
        for n in range(round(SECONDS * RATE)):
            frame = av.VideoFrame.from_ndarray(np.full((96, 96), 128, np.uint8), "yuv420p")
            frame.pts, frame.time_base = n, Fraction(1, RATE)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        for packet in song.demux(audio=0):
            if packet.dts is not None:
                packet.stream = sound
                out.mux(packet)


def test_silence_before_the_music_is_cut_at_the_same_pace(media: Path) -> None:
    spec = film(media, "late", [auto(10)], [{"clip": "song.flac", "start": "4s"}])
    cuts = [0.0, *cuts_of(rendered(spec), 0, 10)]
    gaps = np.diff(cuts)
    assert max(gaps) <= 3 * PERIOD + 2 / RATE
    assert max(gaps[1:]) <= 2 * PERIOD + 2 / RATE


@pytest.mark.parametrize(
    ("audio", "reported"),
    [
        ([{"clip": "song.flac", "out": "2s"}], "song.flac ends before this item begins"),
        ([{"clip": "song.flac", "start": "11.5s"}], "no beat of song.flac is heard in the 8 s"),
    ],
)
def test_music_that_is_not_heard_there_is_refused(
    media: Path, audio: list[dict[str, Any]], reported: str
) -> None:
    spec = film(media, "never", [TITLE, auto(), {"color": "black", "duration": "4s"}], audio)
    with pytest.raises(SpecError) as caught:
        rendered(spec)
    (problem,) = caught.value.problems
    assert problem.code == "no-music" and reported in problem.message and problem.hint
    assert problem.location is not None


def test_a_moved_soundtrack_makes_the_decision_stale(media: Path) -> None:
    def decided(audio: dict[str, Any]) -> list[str]:
        build = Build(film(media, "moved", [TITLE, auto()], [audio]))
        deciding = Deciding(build, "decide")
        build.edits(deciding)
        deciding.save()
        assert deciding.settled is not None
        return deciding.settled.decided

    assert decided({"clip": "song.flac"})
    assert not decided({"clip": "song.flac", "volume": "-6dB"})
    assert decided({"clip": "song.flac", "in": "0.2s"})
    assert decided({"clip": "song.flac", "start": "0.2s"})


def test_a_transition_that_is_chosen_later_leaves_the_place_open(media: Path) -> None:
    timeline = [TITLE, {"transition": "auto"}, auto()]
    with pytest.raises(SpecError) as caught:
        rendered(film(media, "open", timeline, [{"clip": "song.flac"}]))
    assert [problem.code for problem in caught.value.problems] == ["unknown-place"]
    assert "transition" in (caught.value.problems[0].hint or "")
