"""Checks of real files, held against what FFmpeg's own filters say of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tests.paths import MEDIA
from tests.planted_films import Pictures, moving, noise, reported, solid, tone, write
from vedc.review.check.core.finding import Finding
from vedc.review.check.of_file import Wanted, check_file
from vedc.review.check.run import Checked


def checked(path: Path, *only: str, limits: Sequence[str] = ()) -> Checked:
    return check_file(path, Wanted.of(only=only, given=limits))


def findings(path: Path, check: str, limits: Sequence[str] = ()) -> list[Finding]:
    return [f for f in checked(path, check, limits=limits).findings if f.check == check]


def filtered(path: Path, kind: str, *filters: tuple[str, str]) -> Iterator[Any]:
    """FFmpeg's filters on a file, frame by frame, with their metadata."""
    with av.open(str(path)) as file:
        stream = file.streams.video[0] if kind == "video" else file.streams.audio[0]
        graph = av.filter.Graph()
        first = (
            graph.add_buffer(template=stream)
            if kind == "video"
            else graph.add_abuffer(template=stream)
        )
        nodes = [first, *(graph.add(name, options) for name, options in filters)]
        nodes.append(graph.add("buffersink" if kind == "video" else "abuffersink"))
        graph.link_nodes(*nodes).configure()
        with suppress(av.EOFError):  # a filter that has enough
            for frame in file.decode(stream):
                graph.push(frame)
                yield from _pulled(graph)
            graph.push(None)
        yield from _pulled(graph)


def _pulled(graph: Any) -> Iterator[Any]:
    while True:
        try:
            yield graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return


def last_told(frames: Iterator[Any], name: str) -> float:
    """The last value of a name in the metadata."""
    return float([f.metadata[name] for f in frames if name in f.metadata][-1])


def stretches(frames: Iterator[Any], start: str, end: str) -> list[tuple[float, float | None]]:
    """The stretches in a filter's metadata."""
    found: list[tuple[float, float | None]] = []
    for frame in frames:
        data = frame.metadata
        if start in data and (not found or found[-1][1] is not None):
            found.append((float(data[start]), None))
        if end in data and found and found[-1][1] is None:
            found[-1] = (found[-1][0], float(data[end]))
    return found


def same_times(
    ours: list[Finding], theirs: list[tuple[float, float | None]], within: float
) -> None:
    assert len(ours) == len(theirs), (ours, theirs)
    for mine, (start, end) in zip(ours, theirs, strict=True):
        assert mine.start is not None and abs(float(mine.start) - start) <= within
        assert mine.end is not None
        assert end is None or abs(float(mine.end) - end) <= within


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """12 s: black from 2 to 4.4 s, frozen from 6.8 to 9.4 s, silence from 1 to 4 and from 8 s on,
    a clipped second from 5 s on."""
    pictures = moving(300)
    pictures[50:110] = 0
    pictures[170:235] = pictures[170]
    samples = noise(12, -30)
    samples[:, 48_000 : 4 * 48_000] = 0
    samples[:, 8 * 48_000 :] = 0
    samples[:, 5 * 48_000 : 6 * 48_000] = (tone(1, 14, 300)).clip(-1, 1)
    path = tmp_path_factory.mktemp("faulty") / "faulty.mkv"
    return write(path, pictures, samples, sound="flac")


def test_black_is_where_blackdetect_finds_it(faulty: Path) -> None:
    theirs = stretches(
        filtered(faulty, "video", ("blackdetect", "d=2")), "lavfi.black_start", "lavfi.black_end"
    )
    assert len(theirs) == 1
    same_times(findings(faulty, "black"), theirs, 0.041)


def test_freezes_are_where_freezedetect_finds_them(faulty: Path) -> None:
    theirs = stretches(
        filtered(faulty, "video", ("freezedetect", "d=2")),
        "lavfi.freezedetect.freeze_start",
        "lavfi.freezedetect.freeze_end",
    )
    theirs = [place for place in theirs if place[0] > 5]  # it takes black for frozen, too
    assert len(theirs) == 1
    same_times(findings(faulty, "freeze"), theirs, 0.081)


def test_silence_is_where_silencedetect_finds_it(faulty: Path) -> None:
    theirs = stretches(
        filtered(faulty, "audio", ("silencedetect", "n=-60dB:d=2")),
        "lavfi.silence_start",
        "lavfi.silence_end",
    )
    assert len(theirs) == 2
    same_times(findings(faulty, "silence"), theirs, 0.011)


def test_clipping_is_what_astats_calls_flat(faulty: Path) -> None:
    """Only where there is clipping, astats finds peaks at full scale in a row."""
    (found,) = findings(faulty, "clipping")
    assert found.severity == "error"
    assert (float(found.start or 0), float(found.end or 0)) == pytest.approx((5, 6), abs=0.01)
    rows: dict[bool, float] = {}
    trim = "atrim=start=5:end=6", "atrim=start=6.1:end=8"
    for inside, cut in zip((True, False), trim, strict=True):
        name, options = cut.split("=", 1)
        frames = filtered(faulty, "audio", (name, options), ("astats", "metadata=1"))
        rows[inside] = last_told(frames, "lavfi.astats.Overall.Flat_factor")
    assert rows[True] > 5 > rows[False]


@pytest.mark.parametrize("name", ["hungarian_dance", "speech_1", "speech_2", "vibe_ace"])
def test_loudness_matches_ebur128(name: str) -> None:
    path = MEDIA / "audio" / f"{name}.ogg"
    if not path.exists():
        pytest.skip("the shared media are not there")
    theirs = list(filtered(path, "audio", ("ebur128", "metadata=1:peak=true")))
    measured = checked(path, "loudness", "true-peak").measured
    integrated = last_told(iter(theirs), "lavfi.r128.I")
    assert measured["integrated"] == pytest.approx(integrated, abs=0.1)
    peak = 20 * np.log10(last_told(iter(theirs), "lavfi.r128.true_peak"))
    assert measured["true_peak"] == pytest.approx(peak, abs=0.1)


@pytest.mark.parametrize("level", [-33.0, -23.0, -12.0])
def test_loudness_of_a_tone_is_what_the_standard_says(tmp_path: Path, level: float) -> None:
    """EBU Tech 3341: a stereo sine of 1 kHz at a peak of x dBFS has x LUFS."""
    path = write(tmp_path / "tone.flac", None, tone(6, level, 1000), sound="flac")
    measured = checked(path, "loudness").measured
    assert measured["integrated"] == pytest.approx(level, abs=0.1)


def flashing(hertz: float, low: int = 16, high: int = 235, whole: int = 75) -> Pictures:
    pictures = solid(whole, 90, 90, 90)
    for number in range(whole):
        pictures[number] = high if int(2 * hertz * number / 25) % 2 else low
    return pictures


def test_flashes_are_what_photosensitivity_calls_bad(tmp_path: Path) -> None:
    """FFmpeg's filter has a different measure; it agrees on which film is worse."""
    badness = {}
    for hertz in (1.5, 6.0):
        path = write(tmp_path / f"{hertz}.mp4", flashing(hertz), None)
        frames = filtered(path, "video", ("photosensitivity", "frames=25:bypass=1"))
        badness[hertz] = max(
            float(f.metadata.get("lavfi.photosensitivity.badness", 0)) for f in frames
        )
        assert bool(findings(path, "flashes")) == (hertz > 3)
    assert badness[6.0] > 2 * badness[1.5]


@pytest.mark.parametrize(
    ("hertz", "low", "high", "found"),
    [
        (3, 16, 235, False),  # three flashes a second are allowed
        (4, 16, 235, True),
        (5, 16, 60, False),  # a change of less than 10% of white
        (5, 240, 255, False),  # both brighter than 80% of white
        (5, 120, 170, True),
    ],
)
def test_flashes_by_their_definition(
    tmp_path: Path, hertz: float, low: int, high: int, found: bool
) -> None:
    path = write(tmp_path / "film.mp4", flashing(hertz, low, high), None)
    assert bool(findings(path, "flashes")) == found


def test_a_fault_survives_coding(tmp_path: Path) -> None:
    """A black frame, a frame that is shown twice and a short caption, in H.264 and AAC."""
    pictures = moving(100)
    pictures[30] = 0
    pictures[60] = pictures[59]
    path = write(tmp_path / "film.mp4", pictures, noise(4))
    subtitles = tmp_path / "film.srt"
    subtitles.write_text("1\n00:00:01,000 --> 00:00:01,300\nMuch too short to be read by anyone\n")
    found = check_file(path, Wanted.of(captions=[subtitles])).findings
    places = {f.check: f.frames for f in found}
    assert places == {"black": (30, 31), "repeats": (59, 61), "reading-speed": (25, 33)}
    (caption,) = (f for f in found if f.check == "reading-speed")
    assert caption.location is not None and caption.location.file == str(subtitles)


def test_captions_within_a_film_are_read(tmp_path: Path) -> None:
    path = MEDIA / "odd" / "mov_text.mp4"
    if not path.exists():
        pytest.skip("the shared media are not there")
    result = check_file(path, Wanted.of(only=["reading-speed", "caption-overlap"]))
    assert result.film.cues
    assert all(timed.cue.end > timed.cue.start for timed in result.film.cues)
    assert "<" not in "".join(timed.cue.text for timed in result.film.cues)


#: True faults of the shared clips, seen by eye or measured with other tools: code values of 0
#: or 255 along their edges, frames shown twice, sound that is silence.
KNOWN = {
    "car-detection": {"silence"},
    "crystal": {"range"},
    "elf": {"range"},
    "frog": {"range"},
    "green-screen": {"repeats", "silence"},
    "monster": {"range"},
    "nasa_13013": {"repeats"},
    "pig": {"range", "gamut"},
    "talk": {"silence"},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(KNOWN))
def test_real_clips_raise_no_false_alarm(name: str) -> None:
    path = MEDIA / "video" / f"{name}.mp4"
    if not path.exists():
        pytest.skip("the shared media are not there")
    assert reported(check_file(path, Wanted.of())) == KNOWN[name]


def test_memory_holds_no_frames(tmp_path: Path) -> None:
    """A watcher's memory does not grow with the frames of a clean film."""
    import pickle

    from vedc.review.check.catalogue import CHECKS
    from vedc.review.check.core.check import Film

    path = write(tmp_path / "film.mp4", moving(30), None)
    film = checked(path, "black").film
    assert isinstance(film, Film)
    from vedc.review.check import decode

    def size(count: int) -> int:
        watchers = [check.watch(film) for check in CHECKS if check.needs == "picture"]
        frames = list(decode.frames(film.media, codes=True))
        for number in range(count):
            for watcher in watchers:
                watcher.push(frames[number % len(frames)])
        state = [{k: v for k, v in vars(watcher).items() if k != "film"} for watcher in watchers]
        return len(pickle.dumps(state))

    assert size(240) < 1.2 * size(60)
