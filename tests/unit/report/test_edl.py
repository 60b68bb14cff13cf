"""Edit decision lists: timecode by SMPTE ST 12-1, and events as CMX 3600 has them."""

from __future__ import annotations

import importlib
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedc.decide.analyses.results import BoundaryKind, Shot, Shots
from vedc.interchange.nle.cmx import reel_of
from vedc.report.edl import EdlEvent, EdlTimecode, of_shots, write_edl

NTSC, NTSC_60 = Fraction(30000, 1001), Fraction(60000, 1001)


@pytest.mark.parametrize(
    ("rate", "frame", "label"),
    [
        (Fraction(25), 0, "00:00:00:00"),
        (Fraction(25), 90_000, "01:00:00:00"),
        (Fraction(24000, 1001), 86_400, "01:00:00:00"),
        (NTSC, 1799, "00:00:59;29"),
        (NTSC, 1800, "00:01:00;02"),  # two labels are left out at every minute
        (NTSC, 3597, "00:01:59;29"),
        (NTSC, 3598, "00:02:00;02"),
        (NTSC, 17_981, "00:09:59;29"),
        (NTSC, 17_982, "00:10:00;00"),  # but at none of the tenth ones
        (NTSC, 107_892, "01:00:00;00"),
        (NTSC, 2_589_407, "23:59:59;29"),  # the last one of a day
        (NTSC, 2_589_408, "00:00:00;00"),
        (NTSC_60, 3599, "00:00:59;59"),
        (NTSC_60, 3600, "00:01:00;04"),
        (NTSC_60, 35_964, "00:10:00;00"),
    ],
)
def test_timecode_as_the_standard_has_it(rate: Fraction, frame: int, label: str) -> None:
    assert EdlTimecode.of(rate).label(frame) == label


def test_without_dropping_a_minute_has_its_first_label() -> None:
    assert EdlTimecode.of(NTSC, drop=False).label(1800) == "00:01:00:00"
    assert not EdlTimecode.of(Fraction(30)).drop


@given(st.integers(0, 2_589_407), st.sampled_from([(NTSC, 30), (NTSC_60, 60)]))
def test_dropped_labels_never_appear_and_keep_up_with_the_clock(
    frame: int, at: tuple[Fraction, int]
) -> None:
    rate, base = at
    hours, minutes, rest = EdlTimecode.of(rate).label(frame).split(":")
    seconds, frames = rest.split(";")
    dropped = base // 15
    assert not (int(seconds) == 0 and int(frames) < dropped and int(minutes) % 10)
    shown = int(hours) * 3600 + int(minutes) * 60 + int(seconds) + Fraction(int(frames), base)
    assert abs(shown - frame / rate) < Fraction(3, 20)  # the standard: 75 ms, and 86 ms a day


@pytest.mark.parametrize(
    ("rate", "counts", "exact"),
    [
        (Fraction(25, 2), Fraction(25), True),
        (Fraction(10), Fraction(30), True),
        (Fraction(2997, 100), NTSC, False),
        (Fraction(1000, 33), Fraction(30), False),
    ],
)
def test_rates_that_timecode_does_not_count(rate: Fraction, counts: Fraction, exact: bool) -> None:
    clock = EdlTimecode.of(rate)
    assert (clock.counts, clock.exact) == (counts, exact)
    for frame in (0, 7, 1234):
        assert abs(clock.count(frame) / counts - frame / rate) <= 1 / counts / 2


def _shot(start: int, end: int, boundary: BoundaryKind, first: int = 0, last: int = 0) -> Shot:
    return Shot(start, end, start, boundary, 0.9, (first or start, last or start))


SHOTS = Shots(
    (
        _shot(0, 100, "start"),
        _shot(100, 2000, "cut"),
        _shot(2000, 2200, "dissolve", 1990, 2010),
        _shot(2200, 2400, "wipe", 2195, 2205),
    ),
    Fraction(25),
    "classical",
)

KNOWN = """\
TITLE: trip.mp4
FCM: NON-DROP FRAME

001  TRIP     V     C        00:00:00:00 00:00:04:00 00:00:00:00 00:00:04:00
* FROM CLIP NAME: trip.mp4
002  TRIP     V     C        00:00:04:00 00:01:19:15 00:00:04:00 00:01:19:15
* FROM CLIP NAME: trip.mp4
003  TRIP     V     C        00:01:19:15 00:01:19:15 00:01:19:15 00:01:19:15
003  TRIP     V     D    020 00:01:19:15 00:01:27:20 00:01:19:15 00:01:27:20
* EFFECT NAME: CROSS DISSOLVE
* FROM CLIP NAME: trip.mp4
* TO CLIP NAME: trip.mp4
004  TRIP     V     C        00:01:27:20 00:01:27:20 00:01:27:20 00:01:27:20
004  TRIP     V     W001 010 00:01:27:20 00:01:36:00 00:01:27:20 00:01:36:00
* EFFECT NAME: WIPE
* FROM CLIP NAME: trip.mp4
* TO CLIP NAME: trip.mp4
"""


def test_a_film_as_its_shots() -> None:
    assert write_edl("trip.mp4", "trip.mp4", SHOTS.rate, of_shots(SHOTS)) == KNOWN


def test_stretches_that_are_put_together() -> None:
    text = write_edl(
        "talk",
        "My talk (2).mp4",
        NTSC,
        [EdlEvent(30, 60), EdlEvent(1790, 1810)],
        "AA/V",
        assembled=True,
    )
    assert text.splitlines() == [
        "TITLE: talk",
        "FCM: DROP FRAME",
        "",
        "001  MYTALK2  AA/V  C        00:00:01;00 00:00:02;00 00:00:00;00 00:00:01;00",
        "* FROM CLIP NAME: My talk (2).mp4",
        "002  MYTALK2  AA/V  C        00:00:59;20 00:01:00;12 00:00:01;00 00:00:01;20",
        "* FROM CLIP NAME: My talk (2).mp4",
    ]


def test_an_odd_rate_is_noted_in_the_list() -> None:
    text = write_edl("a", "a.mp4", Fraction(25, 2), [EdlEvent(0, 10), EdlEvent(10, 20)])
    assert text.count("* THE SOURCE RUNS AT 12.5 FPS, TIMECODE AT 25") == 1
    assert "00:00:00:20 00:00:01:15 00:00:00:20 00:00:01:15" in text


def test_transitions_that_overlap_stay_within_their_events() -> None:
    crowded = Shots(
        (
            _shot(0, 50, "start"),
            _shot(50, 60, "dissolve", 40, 60),
            _shot(60, 64, "wipe", 55, 70),
            _shot(64, 100, "fade", 55, 75),
        ),
        Fraction(25),
        "classical",
    )
    events = of_shots(crowded)
    assert [(e.start, e.end) for e in events] == [(0, 40), (40, 55), (55, 100)]
    assert all(e.frames <= e.end - e.start for e in events)


@pytest.mark.parametrize(
    ("clip", "reel"),
    [
        ("talk.mp4", "TALK"),
        ("a very long name.mov", "AVERYLON"),
        ("bl.mp4", "BL001"),  # means black
        ("Grüße.mp4", "GRSSE"),
        ("日本.mp4", "001"),
    ],
)
def test_reels_are_short_and_plain(clip: str, reel: str) -> None:
    assert reel_of(clip) == reel


def test_names_cannot_break_lines() -> None:
    text = write_edl("a\nTITLE: b", "x\n002  Y V C.mp4", Fraction(25), [EdlEvent(0, 5)])
    assert [line[:5] for line in text.splitlines()] == ["TITLE", "FCM: ", "", "001  ", "* FRO"]


@pytest.mark.parametrize("rate", [Fraction(25), NTSC, NTSC_60, Fraction(24000, 1001)])
def test_another_program_reads_the_same_frames(rate: Fraction) -> None:
    """OpenTimelineIO's adapter, where it is installed."""
    pytest.importorskip("otio_cmx3600_adapter", reason="needs otio-cmx3600-adapter")
    otio: Any = importlib.import_module("opentimelineio")
    shots = Shots(SHOTS.shots, rate, "classical")
    text = write_edl("trip", "trip.mp4", rate, of_shots(shots))
    read = otio.adapters.read_from_string(text, "cmx_3600", rate=float(rate))
    (track,) = (read if isinstance(read, otio.schema.Timeline) else read[0]).tracks
    clips = [c.source_range for c in track if isinstance(c, otio.schema.Clip)]
    found = [(r.start_time.value, r.duration.value) for r in clips]
    assert found == [(e.start, e.end - e.start) for e in of_shots(shots)]
    boundaries = [c for c in track if isinstance(c, otio.schema.Transition)]
    assert [(j.transition_type, j.out_offset.value) for j in boundaries] == [
        ("SMPTE_Dissolve", 20.0),
        ("SMPTE_Wipe", 10.0),
    ]
