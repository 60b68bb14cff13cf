"""Sixty films, each with a fault: every one is found, at its place, and hardly anything else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import av
import numpy as np
import pytest

from tests.planted_films import (
    HERTZ,
    Pictures,
    Planted,
    Samples,
    moving,
    noise,
    plane,
    reported,
    solid,
    tone,
)
from vedc.edit.media_info import Note
from vedc.edit.sounds import LoudnessTarget
from vedc.review.check.run import Checked

pytestmark = pytest.mark.slow

R128 = LoudnessTarget(-23.0, -1.0)
MOST_FALSE_ALARMS = 2


@dataclass
class Fault:
    name: str
    check: str
    make: Callable[[], Planted]
    frames: tuple[int, int] | None = None
    """Where it is; None: anywhere, or in the whole film."""
    seconds: tuple[float, float] | None = None
    also: set[str] = field(default_factory=set)
    """Checks that rightly find the same fault."""


def with_pictures(*parts: Pictures, samples: Samples | None = None) -> Planted:
    pictures = np.concatenate(parts)
    return Planted(pictures, noise(len(pictures) / 25) if samples is None else samples)


def black_in(first: int, count: int, whole: int = 75, level: int = 0) -> Planted:
    pictures = moving(whole)
    pictures[first : first + count] = level
    return Planted(pictures, noise(whole / 25))


def fading_black() -> Planted:
    """A fade, three seconds of black, a fade."""
    pictures = moving(125).astype(float)
    gain = np.interp(np.arange(125), [0, 15, 25, 100, 110, 125], [1, 1, 0, 0, 1, 1])
    dark = (pictures - 16) * gain[:, None, None, None] + 16 * (gain[:, None, None, None] > 0)
    return Planted(dark.clip(0, 255).astype(np.uint8), noise(5))


def frozen(first: int, count: int, whole: int = 100, *, grain: int = 0) -> Planted:
    pictures = moving(whole)
    pictures[first : first + count] = pictures[first]
    if grain:
        rng = np.random.default_rng(3)
        added = rng.integers(-grain, grain + 1, pictures.shape)
        pictures = (pictures + added).clip(0, 255).astype(np.uint8)
    return Planted(pictures, noise(whole / 25))


def repeated(*numbers: int, whole: int = 75) -> Planted:
    pictures = moving(whole)
    for number in numbers:
        pictures[number] = pictures[number - 1]
    return Planted(pictures, noise(whole / 25))


def flashing(
    hertz: float,
    low: tuple[int, int, int],
    high: tuple[int, int, int],
    area: float = 1.0,
    whole: int = 75,
) -> Planted:
    pictures = solid(whole, 90, 90, 90)
    rows = round(48 * area)
    for number in range(whole):
        on = int(2 * hertz * number / 25) % 2
        pictures[number, :rows] = high if on else low
    return Planted(pictures, noise(whole / 25))


def stored(luma: int | None = None, cb: int = 128, cr: int = 128, rows: int = 48) -> Planted:
    """Codes of the file itself, in the upper rows of some frames."""

    def change(number: int, frame: av.VideoFrame) -> av.VideoFrame:
        if 20 <= number < 40:
            if luma is not None:
                plane(frame, 0)[:rows] = luma
            for channel, code in ((1, cb), (2, cr)):
                plane(frame, channel)[: rows // 2] = code
        return frame

    return Planted(planes=change)


def silent(first: float, count: float, whole: float = 5.0, floor: float = 0.0) -> Planted:
    samples = noise(whole)
    begin, end = int(first * HERTZ), int((first + count) * HERTZ)
    samples[:, begin:end] = samples[:, begin:end] * np.float32(floor)
    return Planted(moving(int(whole * 25)), samples)


def clipped(
    gain: float, first: float = 1.0, count: float = 1.0, *, left_only: bool = False
) -> Planted:
    samples = tone(3.0, -6.0, 300.0)
    part = slice(int(first * HERTZ), int((first + count) * HERTZ))
    rows = slice(0, 1) if left_only else slice(None)
    samples[rows, part] = (samples[rows, part] * np.float32(gain)).clip(-1, 1)
    return Planted(samples=samples)


def loud(level: float, target: LoudnessTarget = R128, **more: object) -> Planted:
    return Planted(samples=tone(3.0, level), loudness=target, **more)  # type: ignore[arg-type]


def between_samples() -> Planted:
    """A sine of a quarter of the rate whose samples miss its peaks by 3 dB."""
    at = np.arange(3 * HERTZ)
    wave = (1.12 * np.sin(np.pi / 2 * at + np.pi / 4)).astype(np.float32)
    return Planted(samples=np.tile(wave * np.float32(0.9999), (2, 1)))


def said(*cues: tuple[float, float, str]) -> Planted:
    return Planted(cues=cues)


def aimed(target: str, **more: object) -> Planted:
    """A film that suits a target except for what is changed."""
    return Planted(target=target, **more)  # type: ignore[arg-type]


BROADCAST = {"codec": "prores", "pix_fmt": "yuv422p10le", "width": 1920, "height": 1080}
PCM = {"codec": "pcm_s24le"}
LONG = "A caption with so many letters that nobody reads it in a second"

FAULTS = [
    # Black
    Fault("2.4 s of black in the middle", "black", lambda: black_in(20, 60, 100), (20, 80)),
    Fault("black at the start", "black", lambda: black_in(0, 55, 100), (0, 55)),
    Fault("black at the end", "black", lambda: black_in(45, 55, 100), (45, 100)),
    Fault("one black frame between shots", "black", lambda: black_in(37, 1), (37, 38)),
    Fault("two black frames", "black", lambda: black_in(30, 2), (30, 32)),
    Fault("ten black frames", "black", lambda: black_in(30, 10), (30, 40)),
    Fault("dark grey that passes for black", "black", lambda: black_in(20, 60, 100, 20), (20, 80)),
    Fault("a fade into long black", "black", fading_black),
    Fault("black throughout", "black", lambda: with_pictures(solid(75, 0, 0, 0)), (0, 75)),
    # Frozen
    Fault("frozen for 2.4 s", "freeze", lambda: frozen(20, 60), (20, 80)),
    Fault("frozen for 3 s under coding noise", "freeze", lambda: frozen(15, 75, grain=1), (15, 90)),
    Fault("frozen to the end", "freeze", lambda: frozen(30, 70), (30, 100)),
    Fault(
        "a still of 11 s",
        "freeze",
        lambda: with_pictures(moving(25), moving(1, 9).repeat(275, 0), moving(25, 4)),
        (25, 300),
    ),
    # Repeated
    Fault("one frame twice", "repeats", lambda: repeated(40), (39, 41)),
    Fault("three frames twice", "repeats", lambda: repeated(20, 40, 60)),
    Fault("a frame four times", "repeats", lambda: repeated(40, 41, 42), (39, 43)),
    Fault("every fifth frame twice", "repeats", lambda: repeated(*range(6, 75, 5))),
    Fault("every third frame twice", "repeats", lambda: repeated(*range(6, 75, 3))),
    # Flashes
    Fault(
        "white flashes, 5 a second", "flashes", lambda: flashing(5, (20, 20, 20), (235, 235, 235))
    ),
    Fault(
        "grey flashes, 4 a second", "flashes", lambda: flashing(4, (40, 40, 40), (160, 160, 160))
    ),
    Fault("flashes over a third", "flashes", lambda: flashing(6, (0, 0, 0), (255, 255, 255), 0.34)),
    Fault("red flashes", "flashes", lambda: flashing(5, (0, 0, 0), (255, 0, 0))),
    Fault(
        "red against grey of its luminance",
        "flashes",
        lambda: flashing(5, (118, 118, 118), (230, 0, 0)),
    ),
    Fault(
        "strobe at 12.5 Hz",
        "flashes",
        lambda: flashing(12.5, (10, 10, 10), (240, 240, 240)),
        also={"repeats"},
    ),
    # Levels
    Fault("luma at code 1", "range", lambda: stored(1, rows=8), (20, 40)),
    Fault("luma at code 254", "range", lambda: stored(254), (20, 40)),
    Fault("luma at 254 in 4% of the picture", "range", lambda: stored(254, rows=2), (20, 40)),
    Fault("a blue beyond the gamut", "gamut", lambda: stored(120, 240, 110), (20, 40)),
    Fault("a red beyond the gamut", "gamut", lambda: stored(140, 110, 240), (20, 40)),
    Fault("a green below zero", "gamut", lambda: stored(40, 220, 220), (20, 40)),
    # Silence
    Fault("2.5 s of silence", "silence", lambda: silent(1.5, 2.5), seconds=(1.5, 4.0)),
    Fault("silence at the start", "silence", lambda: silent(0, 2.2), seconds=(0, 2.2)),
    Fault("silence at the end", "silence", lambda: silent(2.5, 2.5), seconds=(2.5, 5.0)),
    Fault("hiss below -60 dB", "silence", lambda: silent(1, 3, floor=0.003), seconds=(1, 4)),
    Fault("silence throughout", "silence", lambda: silent(0, 3, 3)),
    Fault(
        "no sound on the right",
        "silence",
        lambda: Planted(samples=noise(3) * np.array([[1], [0]], np.float32)),
    ),
    # Clipping
    Fault("a clipped second", "clipping", lambda: clipped(4), seconds=(1, 2), also={"true-peak"}),
    Fault(
        "ten times too loud", "clipping", lambda: clipped(20), seconds=(1, 2), also={"true-peak"}
    ),
    Fault(
        "clipped on the left",
        "clipping",
        lambda: clipped(4, left_only=True),
        seconds=(1, 2),
        also={"true-peak"},
    ),
    Fault(
        "a few clipped peaks",
        "clipping",
        lambda: clipped(2.5, 1.0, 0.01),
        seconds=(1, 1.01),
        also={"true-peak"},
    ),
    # Loudness
    Fault("3 LU too loud", "loudness", lambda: loud(-20.0)),
    Fault("4 LU too soft", "loudness", lambda: loud(-27.0)),
    Fault("0.8 LU too loud", "loudness", lambda: loud(-22.2)),
    Fault("too soft for streaming", "loudness", lambda: loud(-20.0, LoudnessTarget(-14.0, -1.0))),
    Fault("0.3 dB above -1 dBTP", "true-peak", lambda: Planted(samples=tone(3.0, -0.7))),
    Fault("peaks between samples", "true-peak", between_samples),
    # Captions
    Fault("63 letters in a second", "reading-speed", lambda: said((1, 2, LONG)), seconds=(1, 2)),
    Fault(
        "26 letters a second", "reading-speed", lambda: said((0.5, 2.9, LONG)), seconds=(0.5, 2.9)
    ),
    Fault("a caption of 0.4 s", "reading-speed", lambda: said((1, 1.4, "Well."))),
    Fault(
        "captions that overlap by 0.5 s",
        "caption-overlap",
        lambda: said((0, 1.5, "One comes."), (1, 2.5, "Two comes.")),
        seconds=(1, 1.5),
    ),
    Fault(
        "a caption within another",
        "caption-overlap",
        lambda: said((0, 2.9, "The first one."), (1, 2, "Within.")),
        seconds=(1, 2),
    ),
    # The file
    Fault(
        "H.264 for a broadcaster",
        "codec",
        lambda: aimed(
            "broadcast",
            path="a.mov",
            video={**BROADCAST, "codec": "h264"},
            audio=PCM,
            samples=tone(3, -23.0),
        ),
    ),
    Fault("4:2:2 for the web", "codec", lambda: aimed("web", video={"pix_fmt": "yuv422p"})),
    Fault("MP3 for YouTube", "codec", lambda: aimed("youtube", audio={"codec": "mp3"})),
    Fault(
        "Matroska for the web",
        "container",
        lambda: aimed("web", path="a.mkv", media={"container": "matroska,webm"}),
    ),
    Fault(
        "Matroska that is called .mp4",
        "container",
        lambda: Planted(media={"container": "matroska,webm"}),
    ),
    Fault(
        "a wide reel",
        "size",
        lambda: aimed("instagram_reel", video={"width": 1920, "height": 1080}, rate=25),
    ),
    Fault("a second too long", "duration", lambda: Planted(given=("duration.exact=2s",))),
    Fault("sound that ends early", "duration", lambda: Planted(samples=noise(2.0))),
    Fault("damaged frames", "damage", lambda: Planted(damaged=range(30, 34)), (30, 34)),
]


@cache
def result(number: int) -> Checked:
    return FAULTS[number].make().check()


def test_there_are_sixty() -> None:
    assert len(FAULTS) == len({fault.name for fault in FAULTS}) == 60


@pytest.mark.parametrize("number", range(len(FAULTS)), ids=[fault.name for fault in FAULTS])
def test_the_fault_is_found_at_its_place(number: int) -> None:
    fault = FAULTS[number]
    found = [f for f in result(number).findings if f.check == fault.check]
    assert found, result(number).findings
    assert all(each.cure and each.severity != "note" for each in found)
    if fault.frames is not None:
        first, end = fault.frames
        assert any(
            each.frames and abs(each.frames[0] - first) <= 1 and abs(each.frames[1] - end) <= 1
            for each in found
        ), found
    if fault.seconds is not None:
        begin, until = fault.seconds
        assert any(
            each.start is not None
            and each.end is not None
            and abs(float(each.start) - begin) < 0.03
            and abs(float(each.end) - until) < 0.03
            for each in found
        ), found


def test_hardly_anything_else_is_found() -> None:
    false = {
        fault.name: others
        for number, fault in enumerate(FAULTS)
        if (others := reported(result(number)) - {fault.check} - fault.also)
    }
    assert sum(map(len, false.values())) <= MOST_FALSE_ALARMS, false


def test_a_film_without_a_fault_has_no_finding() -> None:
    sound = Planted()
    assert sound.check().findings == []


def test_a_note_of_the_probe_is_damage() -> None:
    lost = Note("no-sound", "its sound cannot be decoded", "export it again")
    found = Planted(media={"no_sound": lost}).check(only=["damage"]).findings
    assert [(f.check, f.severity, f.message) for f in found] == [
        ("damage", "error", "its sound cannot be decoded")
    ]


def test_a_dissolve_into_a_still_is_no_freeze() -> None:
    first, second = moving(1, 1)[0].astype(float), moving(1, 4)[0].astype(float)
    share = np.interp(np.arange(100), [0, 20, 36, 100], [0, 0, 1, 1])[:, None, None, None]
    pictures = np.rint(first + share * (second - first)).astype(np.uint8)
    assert reported(Planted(pictures, noise(4)).check()) == set()


def test_a_recording_of_a_screen_stands_still_by_nature() -> None:
    """It moves now and then, and every time it stops."""
    stretch = [moving(12, seed) for seed in range(4)]
    stills = [part[-1:].repeat(60, 0) for part in stretch]
    pictures = np.concatenate([p for pair in zip(stretch, stills, strict=True) for p in pair])
    found = Planted(pictures, noise(len(pictures) / 25)).check(only=["freeze"]).findings
    assert [f.severity for f in found if f.severity == "error"] == []


def test_a_file_that_is_cut_short_is_damaged() -> None:
    cut = Note("cut-short", "it ends after 5.00 s, but its index says 7.33 s", "copy it again")
    guessed = Note("frame-rate", "its rate is guessed")
    found = Planted(media={"notes": (cut, guessed)}).check().findings
    assert [(f.check, f.severity, f.cure) for f in found] == [("damage", "error", "copy it again")]


def cuts(count: int, length: int) -> Pictures:
    return np.concatenate([moving(length, seed) for seed in range(count)])


def faded(pictures: Pictures, gain: list[float]) -> Pictures:
    share = np.interp(np.linspace(0, len(gain) - 1, len(pictures)), range(len(gain)), gain)
    return (16 + (pictures.astype(float) - 16) * share[:, None, None, None]).astype(np.uint8)


def grainy(pictures: Pictures, amount: int) -> Pictures:
    added = np.random.default_rng(2).integers(-amount, amount + 1, pictures.shape)
    return (pictures + added).clip(0, 255).astype(np.uint8)


CLEAN = {
    "a slow pan": lambda: moving(75, speed=1),
    "two cuts a second": lambda: cuts(6, 12),
    "a cut every fifth frame": lambda: cuts(15, 5),
    "a fade from and to black": lambda: faded(moving(100), [0, 1, 1, 1, 0]),
    "a dip to black between shots": lambda: faded(cuts(2, 50), [1, 1, 0, 1, 1]),
    "heavy grain": lambda: grainy(moving(75), 30),
    "a title card of three seconds": lambda: np.concatenate(
        [moving(25), solid(75, 30, 60, 90), moving(25, 3)]
    ),
    "night": lambda: faded(moving(75), [0.25, 0.25]),
    "snow": lambda: solid(75, 250, 250, 250) - grainy(solid(75, 8, 8, 8), 6),
    "two flashes of a camera": lambda: np.concatenate(
        [moving(20), solid(1, 250, 250, 250), moving(20, 2), solid(1, 250, 250, 250), moving(20, 4)]
    ),
}


@pytest.mark.parametrize("name", CLEAN)
def test_nothing_but_faults_is_reported(name: str) -> None:
    pictures = CLEAN[name]()
    assert reported(Planted(pictures, noise(len(pictures) / 25)).check()) == set()
