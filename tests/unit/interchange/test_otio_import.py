"""OpenTimelineIO files from other programs: what is shown when, and what is reported as lost."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.interchange_support import (
    checked,
    edit_of,
    imported,
    losses_of,
    shown,
    write_clip,
)
from vedc.interchange.convert import import_file

Json = dict[str, Any]
NTSC = 30000 / 1001


def time(value: float, rate: float = 25) -> Json:
    return {"OTIO_SCHEMA": "RationalTime.1", "value": value, "rate": rate}


def span(start: float, length: float, rate: float = 25, length_rate: float = 25) -> Json:
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        "start_time": time(start, rate),
        "duration": time(length, length_rate),
    }


def clip(url: str, start: float, length: float, **more: Any) -> Json:
    media = {"OTIO_SCHEMA": "ExternalReference.1", "target_url": url, **more.pop("media", {})}
    rate = more.pop("rate", 25)
    return {
        "OTIO_SCHEMA": "Clip.1",
        "name": url,
        "source_range": span(start, length, rate),
        "media_reference": media,
        **more,
    }


def gap(length: float) -> Json:
    return {"OTIO_SCHEMA": "Gap.1", "source_range": span(0, length)}


def join(before: float, after: float, kind: str = "SMPTE_Dissolve", name: str = "") -> Json:
    return {
        "OTIO_SCHEMA": "Transition.1",
        "name": name,
        "transition_type": kind,
        "in_offset": time(before),
        "out_offset": time(after),
    }


def track(*children: Json, kind: str = "Video", name: str = "V1", **more: Any) -> Json:
    return {"OTIO_SCHEMA": "Track.1", "kind": kind, "name": name, "children": [*children], **more}


def stack(*children: Json, **more: Any) -> Json:
    return {"OTIO_SCHEMA": "Stack.1", "children": [*children], **more}


def film(*tracks: Json, **more: Any) -> Json:
    return {"OTIO_SCHEMA": "Timeline.1", "name": "film", "tracks": stack(*tracks), **more}


def warp(scalar: float, kind: str = "LinearTimeWarp") -> Json:
    return {"OTIO_SCHEMA": f"{kind}.1", "time_scalar": scalar, "effect_name": kind}


#: Name, timeline, visible clips, reported losses.
CASES: list[tuple[str, Json, list[str], list[str]]] = [
    (
        "cuts and a gap",
        film(track(clip("a.mkv", 10, 20), gap(5), clip("a.mkv", 50, 25))),
        ["0-20 a@10", "25-50 a@50"],
        ["guessed "],
    ),
    (
        "a dissolve of unequal offsets reaches into both clips",
        film(track(clip("a.mkv", 10, 20), join(4, 6), clip("a.mkv", 50, 25))),
        ["0-26 a@10", "16-45 a@46", "16-26 dissolve"],
        ["guessed "],
    ),
    (
        "a custom transition by its name, and an unknown one",
        film(
            track(
                clip("a.mkv", 10, 20),
                join(5, 5, "Custom_Transition", "wipe"),
                clip("a.mkv", 40, 20),
                join(5, 5, "Custom_Transition", "Swoosh 3D"),
                clip("a.mkv", 70, 20),
            )
        ),
        ["0-25 a@10", "15-45 a@35", "35-60 a@65", "15-25 wipe", "35-45 dissolve"],
        ["guessed ", "changed tracks.children[0].children[3]"],
    ),
    (
        "fades beside gaps",
        film(track(gap(10), join(0, 8), clip("a.mkv", 0, 30), join(5, 0), gap(5))),
        ["10-40 a@0", "10-18 dissolve", "35-40 dissolve"],
        ["guessed "],
    ),
    (
        "speed, backwards and a freeze frame",
        film(
            track(
                clip("a.mkv", 10, 20, effects=[warp(2)]),
                clip("a.mkv", 10, 20, effects=[warp(-1)]),
                clip("a.mkv", 30, 10, effects=[warp(0, "FreezeFrame")]),
            )
        ),
        ["0-20 a@10 x2", "20-40 a@30 x-1", "40-50 a@30 x0"],
        ["guessed "],
    ),
    (
        "timecode of the file, and another rate",
        film(
            track(
                clip(
                    "b.mkv",
                    108015,
                    30,
                    rate=NTSC,
                    media={"available_range": span(108000, 60, NTSC, NTSC)},
                ),
                clip("b.mkv", 7, 12, rate=NTSC),
            )
        ),
        ["0-30 b@15", "30-42 b@7"],
        ["guessed "],
    ),
    (
        "audio that repeats its clip, and audio of its own",
        film(
            track(clip("a.mkv", 0, 25), clip("a.mkv", 50, 25)),
            track(clip("a.mkv", 0, 25), kind="Audio", name="A1"),
            track(gap(5), clip("music.wav", 16000, 40, rate=8000), kind="Audio", name="A2"),
        ),
        ["0-25 a@0", "25-50 a@50", "5-45 sound music@50"],
        ["guessed "],
    ),
    (
        "crossfaded audio",
        film(
            track(clip("mute.mkv", 0, 40)),
            track(clip("a.mkv", 0, 20), join(2, 2), clip("a.mkv", 40, 20), kind="Audio"),
        ),
        ["0-40 mute@0", "0-22 sound a@0", "18-40 sound a@38"],
        ["guessed ", "note tracks.children[1]"],
    ),
    (
        "a nested stack, trimmed",
        film(
            track(
                clip("a.mkv", 0, 10),
                stack(
                    track(clip("a.mkv", 20, 30)),
                    track(gap(5), clip("photo.png", 0, 10)),
                    source_range=span(5, 20),
                    name="inner",
                ),
            )
        ),
        ["0-10 a@0", "10-30 composition@5"],
        ["guessed "],
    ),
    (
        "two tracks, the upper one above, one disabled clip",
        film(
            track(clip("a.mkv", 0, 50)),
            track(
                gap(10), clip("logo.png", 0, 20), clip("photo.png", 0, 5, enabled=False), name="V2"
            ),
        ),
        ["0-50 a@0", "10-30 logo"],
        ["guessed "],
    ),
    (
        "media that is missing, generated, or in many files",
        film(
            track(
                {
                    "OTIO_SCHEMA": "Clip.2",
                    "source_range": span(0, 5),
                    "media_references": {
                        "DEFAULT_MEDIA": {"OTIO_SCHEMA": "MissingReference.1"},
                        "proxy": {"a": 1},
                    },
                },
                {
                    "OTIO_SCHEMA": "Clip.1",
                    "source_range": span(0, 10),
                    "media_reference": {
                        "OTIO_SCHEMA": "GeneratorReference.1",
                        "generator_kind": "SMPTEBars",
                        "parameters": {},
                    },
                },
                {
                    "OTIO_SCHEMA": "Clip.1",
                    "source_range": span(0, 10),
                    "media_reference": {
                        "OTIO_SCHEMA": "GeneratorReference.1",
                        "generator_kind": "SolidColor",
                        "parameters": {"color": [1.0, 0.5, 0.0, 1.0]},
                    },
                },
                {
                    "OTIO_SCHEMA": "Clip.1",
                    "source_range": span(0, 10),
                    "media_reference": {
                        "OTIO_SCHEMA": "GeneratorReference.1",
                        "generator_kind": "Clouds",
                    },
                },
            )
        ),
        ["5-15 color_bars", "15-25 color", "25-35 color"],
        [
            "guessed ",
            "lost tracks.children[0].children[0].media_references.DEFAULT_MEDIA",
            "lost tracks.children[0].children[0].media_references.proxy",
            "lost tracks.children[0].children[3].media_reference",
        ],
    ),
    (
        "markers, metadata, an effect, a film that begins at an hour",
        film(
            track(
                clip(
                    "a.mkv",
                    10,
                    30,
                    metadata={"resolve": {"id": 7}},
                    effects=[{"OTIO_SCHEMA": "Effect.1", "effect_name": "Blur"}],
                    markers=[
                        {"OTIO_SCHEMA": "Marker.2", "name": "here", "marked_range": span(15, 0)}
                    ],
                )
            ),
            global_start_time=time(90000),
        ),
        ["0-30 a@10"],
        ["guessed ", "changed ", "lost tracks.children[0].children[0].effects[0]"],
    ),
    (
        "a track that is trimmed itself, with a transition",
        film(
            track(
                clip("a.mkv", 0, 20),
                join(3, 3),
                clip("a.mkv", 40, 20),
                clip("a.mkv", 80, 10),
                source_range=span(10, 35),
            )
        ),
        ["0-13 a@10", "7-30 a@37", "30-35 a@80", "7-13 dissolve"],
        ["guessed "],
    ),
]


@pytest.mark.parametrize(
    ("name", "timeline", "expected", "reported"), CASES, ids=[case[0] for case in CASES]
)
def test_timeline(
    media: Path, name: str, timeline: Json, expected: list[str], reported: list[str]
) -> None:
    file = f"{name.replace(' ', '-')[:24]}.otio"
    found = imported(media, file, json.dumps(timeline))
    assert shown(checked(media, file)) == expected, found.text
    assert sorted(losses_of(found)) == sorted(reported)


def test_markers_become_markers_of_the_film(media: Path) -> None:
    marks = [{"OTIO_SCHEMA": "Marker.2", "name": "here", "marked_range": span(15, 0)}]
    timeline = film(track(clip("a.mkv", 0, 5), clip("a.mkv", 10, 30, markers=marks)))
    imported(media, "markers.otio", json.dumps(timeline))
    (marker,) = checked(media, "markers.otio").markers
    assert (marker.frame, marker.name) == (10, "here")


def test_a_handle_that_a_file_lacks_shortens_the_transition(media: Path) -> None:
    timeline = film(track(clip("a.mkv", 75, 25), join(4, 6), clip("a.mkv", 50, 25)))
    found = imported(media, "handles.otio", json.dumps(timeline))
    assert shown(checked(media, "handles.otio")) == ["0-25 a@75", "21-50 a@46", "21-25 dissolve"]
    (loss,) = [each for each in found.losses if each.severity == "changed"]
    assert "shortened from 0.4 s to 0.16 s" in loss.instead


def test_a_package_is_read_through_opentimelineio(tmp_path: Path) -> None:
    """An .otioz, as opentimelineio itself writes it; its media stay in it."""
    import opentimelineio as otio

    write_clip(tmp_path / "a.mkv", 50, Fraction(25))
    media = otio.schema.ExternalReference(
        target_url=(tmp_path / "a.mkv").as_uri(),
        available_range=otio.opentime.range_from_start_end_time(
            otio.opentime.RationalTime(0, 25), otio.opentime.RationalTime(50, 25)
        ),
    )
    part = otio.opentime.TimeRange(
        otio.opentime.RationalTime(10, 25), otio.opentime.RationalTime(20, 25)
    )
    track = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    track.append(otio.schema.Clip("a", media_reference=media, source_range=part))
    timeline = otio.schema.Timeline("film")
    timeline.tracks.append(track)
    otio.adapters.write_to_file(timeline, str(tmp_path / "film.otioz"))
    found = import_file(tmp_path / "film.otioz", tmp_path / "film.vedc.yaml")
    assert found.format.name == "otio"
    assert "src: media/a.mkv" in found.text
    assert (found.losses[-1].severity, found.losses[-1].what) == (
        "note",
        "the media inside film.otioz",
    )
    (tmp_path / "media").mkdir()
    (tmp_path / "a.mkv").rename(tmp_path / "media" / "a.mkv")  # as if it were unpacked
    (tmp_path / "film.vedc.yaml").write_text(found.text)
    assert shown(edit_of(tmp_path / "film.vedc.yaml")) == ["0-20 a@10"]
