"""Captions as streams of films, as FFmpeg reads them back."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import pytest
from av.stream import Disposition

from tests.media.make import write_numbered
from tests.parity.ops.films import build, planes_of, render
from vedc.errors import UsageError
from vedc.ops.shared.cube import read
from vedc.plan.fusion.make_plan import captions_of, make_plan
from vedc.workspace.deliver import stream
from vedc.workspace.planning import plan_edit

SRT = """1
00:00:00,500 --> 00:00:01,250
Hello <i>world</i>
5 < 6 & <x> {y}

2
00:00:01,000 --> 00:00:02,321
overlapping ä 一

3
00:00:02,400 --> 00:00:09,000
beyond
"""
CONTAINERS = {"mp4": "mov_text", "mov": "mov_text", "mkv": "srt", "webm": "webvtt"}
Shown = list[tuple[float, float, str]]


def spec(output: str, film: Any, **more: Any) -> dict[str, Any]:
    return {
        "profile": {"width": 64, "height": 48, "fps": "30000/1001"},
        "timeline": {"tracks": [{"clips": [{"color": "gray", "duration": "90f"}], **more}]},
        "outputs": [{"path": output}],
        **({"captions": film} if film is not None else {}),
    }


def streams(path: Path) -> list[tuple[str, str | None, Disposition, Shown]]:
    """Codec, language, disposition and cues of every stream of captions."""
    found: list[tuple[str, str | None, Disposition, Shown]] = []
    with av.open(str(path)) as film:
        reported = [
            (s.codec_context.name, s.language, s.disposition) for s in film.streams.subtitles
        ]
        count = len(reported)
    for number in range(count):
        with av.open(str(path)) as film:
            stream = film.streams.subtitles[number]
            cues: Shown = []
            for packet in film.demux(stream):
                for subtitle in packet.decode():
                    assert packet.pts is not None and packet.duration is not None
                    start = packet.pts * packet.time_base
                    end = start + packet.duration * packet.time_base
                    text = subtitle.ass.decode().split(",", 8)[8].replace("\u2060", "")
                    cues.append((float(start), float(end), text))
            found.append((*reported[number], cues))
    return found


def plain(text: str) -> str:
    return re.sub(r"\{\\[^}]*\}", "", text).replace("\\N", "\n").replace("\\{{}", "{")


@pytest.mark.parametrize("ending", CONTAINERS)
def test_every_container_has_its_codec_the_times_and_the_words(tmp_path: Path, ending: str) -> None:
    (tmp_path / "talk.srt").write_text(SRT)
    film = render(tmp_path, spec(f"film.{ending}", {"src": "talk.srt", "language": "de"}))
    ((codec, language, reported, cues),) = streams(film)
    assert codec == CONTAINERS[ending]
    assert language in ("deu", "ger")
    # FFmpeg's muxer of MP4 marks the first stream of each kind where none is marked.
    assert bool(reported & Disposition.default) == (codec == "mov_text")
    end = 90 * 1001 / 30000
    hello = "Hello world\n5 < 6 & <x> {y}"
    wanted = [(0.5, 1.25, hello), (1.0, 2.321, "overlapping ä 一"), (2.4, end, "beyond")]
    if codec == "mov_text":  # one sample at a time
        wanted[:2] = [
            (0.5, 1.0, hello),
            (1.0, 1.25, f"{hello}\noverlapping ä 一"),
            (1.25, 2.321, "overlapping ä 一"),
        ]
    assert [plain(text) for *_, text in cues] == [text for *_, text in wanted]
    for found, expected in zip(cues, wanted, strict=True):
        assert found[:2] == pytest.approx(expected[:2], abs=0.0006)
    assert "{\\i1}world" in cues[0][2]
    assert len(planes_of(film)) == 90


@pytest.mark.parametrize("ending", ["mp4", "mkv"])
def test_several_languages(tmp_path: Path, ending: str) -> None:
    for name in ("en", "fr"):
        (tmp_path / f"{name}.srt").write_text(f"1\n00:00:01,000 --> 00:00:02,000\n{name}\n")
    named = [
        {"src": "en.srt", "language": "en", "default": True},
        {"src": "fr.srt", "language": "fr", "title": "Forcés", "forced": True},
        {"cues": [{"start": "15f", "end": "2s", "text": "in place"}], "language": "de"},
    ]
    film = render(tmp_path, spec(f"film.{ending}", named))
    english, french, german = streams(film)
    assert english[2] & Disposition.default and not english[2] & Disposition.forced
    assert french[2] & Disposition.forced and not french[2] & Disposition.default
    assert [each[3][0][2].partition("{")[0] for each in (english, french)] == ["en", "fr"]
    assert german[3][0][0] == pytest.approx(15 * 1001 / 30000, abs=0.0006)
    with av.open(str(film)) as file:
        tags = file.streams.subtitles[1].metadata
    assert "Forcés" in tags.values()


@pytest.mark.parametrize(("offset", "start"), [("0.25s", 0.75), ("-0.25s", 0.25), ("-0.75s", 0.0)])
def test_an_offset_moves_them(tmp_path: Path, offset: str, start: float) -> None:
    (tmp_path / "talk.srt").write_text(SRT)
    film = render(tmp_path, spec("film.mkv", {"src": "talk.srt", "offset": offset}))
    assert streams(film)[0][3][0][0] == pytest.approx(start, abs=0.0006)


def test_styled_captions_stay_styled_in_matroska(tmp_path: Path) -> None:
    (tmp_path / "talk.vtt").write_text(
        "WEBVTT\n\n00:00.500 --> 00:02.000 line:0\nTop <c.yellow>yellow</c> <00:01.000>word\n"
    )
    film = render(tmp_path, spec("film.mkv", "talk.vtt"))
    ((codec, _, _, cues),) = streams(film)
    assert codec in ("ass", "ssa")
    text = cues[0][2]
    assert "\\an8" in text and "\\c&H00FFFF&" in text and "\\k50" in text
    assert plain(text) == "Top yellow word"


def test_captions_of_a_track_go_with_it(tmp_path: Path) -> None:
    (tmp_path / "talk.srt").write_text(SRT)
    assert len(streams(render(tmp_path, spec("film.mkv", None, captions="talk.srt")))) == 1
    hidden = spec("film.mkv", None)
    hidden["timeline"]["tracks"].append(
        {"clips": [{"color": "red", "duration": "1s"}], "captions": "talk.srt", "enabled": False}
    )
    assert streams(render(tmp_path, hidden)) == []


def test_a_part_of_the_film_has_the_captions_of_that_part(tmp_path: Path) -> None:
    (tmp_path / "talk.srt").write_text(SRT)
    edit = replace(build(tmp_path, spec("film.mp4", "talk.srt")).edits()[0], part=(30, 60))
    (stream,) = captions_of(edit)
    frame = Fraction(1001, 30000)
    assert [(cue.start, cue.end) for cue in stream.cues] == [
        (0, Fraction(5, 4) - 30 * frame), (0, 30 * frame),
    ]  # fmt: skip


def test_the_film_changes_with_its_captions(tmp_path: Path) -> None:
    """The segments stay, the file does not."""
    file = tmp_path / "talk.srt"
    file.write_text(SRT)
    made = build(tmp_path, spec("film.mp4", "talk.srt"))
    first = plan_edit(made, made.edits()[0])
    file.write_text(SRT.replace("Hello", "Hullo"))
    made = build(tmp_path, spec("film.mp4", "talk.srt"))
    second = plan_edit(made, made.edits()[0])
    assert first.keys == second.keys
    plans = [
        make_plan(each, lambda path: read(Path(path)), missing=set()) for each in (first, second)
    ]
    assert plans[0].film_digest() != plans[1].film_digest()
    assert plans[0].digest() != plans[1].digest()


@pytest.mark.parametrize(
    ("clip", "wanted"),
    [
        ({"in": "1s", "out": "3s"}, [(1.0, 2.0, "one"), (2.5, 3.0, "two")]),
        ({"in": "1s", "out": "3s", "speed": 2}, [(1.0, 1.5, "one"), (1.75, 2.0, "two")]),
        ({"in": "1s", "out": "3s", "speed": 0.5}, [(1.0, 3.0, "one"), (4.0, 5.0, "two")]),
        ({"in": "1s", "out": "3s", "reverse": True}, [(1.0, 1.5, "two"), (2.0, 3.0, "one")]),
        ({"in": "2.2s", "out": "2.4s"}, []),
    ],
)
def test_captions_of_a_clip_follow_it(
    tmp_path: Path, clip: dict[str, Any], wanted: list[tuple[float, float, str]]
) -> None:
    write_numbered(tmp_path / "a.mp4", 100, 25, width=64, height=48)
    cues = (("00:00:00,500", "00:00:02,000", "one"), ("00:00:02,500", "00:00:03,500", "two"))
    text = "".join(f"{n}\n{a} --> {b}\n{t}\n\n" for n, (a, b, t) in enumerate(cues, 1))
    (tmp_path / "a.srt").write_text(text)
    film = {
        "profile": {"width": 64, "height": 48, "fps": 25},
        "timeline": [{"gap": "1s"}, {"clip": "a.mp4", "captions": "a.srt", **clip}],
        "outputs": [{"path": "film.mkv"}],
    }
    (edit,) = build(tmp_path, film).edits()
    found = [(c.start, c.end, c.text) for s in edit.caption_streams for c in s.cues]
    assert found == wanted


def test_captions_of_clips_are_one_stream(tmp_path: Path) -> None:
    write_numbered(tmp_path / "a.mp4", 50, 25, width=64, height=48)
    (tmp_path / "a.srt").write_text("1\n00:00:00,500 --> 00:00:01,000\nhere\n")
    clip = {"clip": "a.mp4", "captions": {"src": "a.srt", "language": "en"}}
    film = spec("film.mkv", {"cues": [{"start": "1s", "end": "2s", "text": "x"}]})
    film["timeline"] = [clip, clip]
    first, second = streams(render(tmp_path, film))
    starts = [[start for start, *_ in each[3]] for each in (first, second)]
    assert sorted(starts, key=len) == [[1.0], [0.5, 2.5]]


class TestOutputs:
    """Each output says how it has the captions."""

    CAPTIONS = (
        {"src": "en.srt", "language": "en", "style": {"color": "yellow"}},
        {"src": "de.srt", "language": "de", "burn": True},
    )

    def film(self, folder: Path, **output: str) -> Any:
        for name in ("en", "de"):
            (folder / f"{name}.srt").write_text(f"1\n00:00:00,000 --> 00:00:01,000\n{name}\n")
        made = spec("film.mkv", list(self.CAPTIONS))
        made["outputs"] = [{"path": "film.mkv", **output}, {"path": "b.mkv", "captions": "burn"}]
        return build(folder, made).edits()[0]

    @pytest.mark.parametrize(
        ("how", "burned", "streams"),
        [
            ({}, ["de"], ["eng"]),
            ({"captions": "burn"}, ["en"], ["deu"]),
            ({"captions": "stream"}, [], ["eng", "deu"]),
            ({"captions": "none"}, [], []),
        ],
    )
    def test_one(
        self, tmp_path: Path, how: dict[str, str], burned: list[str], streams: list[str]
    ) -> None:
        edit = self.film(tmp_path, **how)
        assert [caption.text.text for caption in edit.captions] == burned
        assert [stream.language for stream in edit.caption_streams] == streams

    def test_other_languages_of_a_file_that_carries_none_are_left_out(self, tmp_path: Path) -> None:
        edit = self.film(tmp_path, path="film.gif", captions="burn")
        assert [caption.text.text for caption in edit.captions] == ["en"]
        assert edit.caption_streams == ()
        assert [note.code for note in edit.warnings] == ["captions-left-out"]


def test_a_film_on_a_pipe_has_them(tmp_path: Path) -> None:
    (tmp_path / "talk.srt").write_text(SRT)
    film = spec("film.mp4", {"src": "talk.srt", "language": "de", "default": True})
    made = build(tmp_path, film)
    with open(tmp_path / "piped.mp4", "wb") as sink:
        stream(made, sink, container="mp4")
    ((codec, language, reported, cues),) = streams(tmp_path / "piped.mp4")
    assert (codec, language) == ("mov_text", "deu") and reported & Disposition.default
    assert cues[0][:2] == pytest.approx((0.5, 1.0), abs=0.0006)
    with pytest.raises(UsageError, match="MPEG-TS cannot hold captions"):
        stream(build(tmp_path, film), BytesIO(), container="ts")
