"""Caption files as FFmpeg's demuxers and decoders read them: the same times, the same words."""

from __future__ import annotations

import io
import random
import re
from fractions import Fraction
from pathlib import Path

import av
import pytest

from vedc.captions.read import parse
from vedc.captions.times import stamp
from vedc.edit.captions import Cue

WORDS = [
    "the",
    "quick",
    "brown",
    "fox",
    "jumps",
    "over",
    "a",
    "lazy",
    "dog",
    "naïve",
    "“quoted”",
    "größer",
    "一二三",
    "été",
]
FORMATS = {"srt": "srt", "vtt": "webvtt", "ass": "ass"}


def cues(seed: int) -> list[Cue]:
    rng = random.Random(seed)
    made, time = [], Fraction(0)
    for _ in range(60):
        time += Fraction(rng.randrange(10, 4000, 10), 1000)
        length = Fraction(rng.randrange(200, 5000, 10), 1000)
        lines = [" ".join(rng.choices(WORDS, k=rng.randrange(1, 7))) for _ in range(2)]
        made.append(Cue(time, time + length, "\n".join(lines)))
    return made


def written(format: str, made: list[Cue], tags: bool = False) -> str:
    """A file of a format, as the tools write it."""

    def text(cue: Cue) -> str:
        return f"<i>{cue.text}</i>" if tags else cue.text

    if format == "srt":
        return "".join(
            f"{n}\n{stamp(c.start)} --> {stamp(c.end)}\n{text(c)}\n\n"
            for n, c in enumerate(made, 1)
        )
    if format == "vtt":
        blocks = (f"{stamp(c.start, '.')} --> {stamp(c.end, '.')}\n{text(c)}\n\n" for c in made)
        return "WEBVTT\n\n" + "".join(blocks)
    head = (
        "[Script Info]\nScriptType: v4.00+\n\n[Events]\nFormat: Layer, Start, End, Style, Name, "
        "MarginL, MarginR, MarginV, Effect, Text\n"
    )
    times = ((stamp(c.start, ".", 2)[1:], stamp(c.end, ".", 2)[1:], c.text) for c in made)
    return head + "".join(
        f"Dialogue: 0,{begin},{end},Default,,0,0,0,,{line.replace(chr(10), chr(92) + 'N')}\n"
        for begin, end, line in times
    )


def by_ffmpeg(data: bytes, format: str) -> list[tuple[Fraction, Fraction, str]]:
    found = []
    with av.open(io.BytesIO(data), format=FORMATS[format]) as file:
        for packet in file.demux(file.streams.subtitles[0]):
            for subtitle in packet.decode():
                assert packet.pts is not None and packet.duration is not None
                text = subtitle.ass.decode().split(",", 8)[8]
                plain = re.sub(r"\{\\[^}]*\}", "", text).replace("\\N", "\n")
                start = packet.pts * packet.time_base
                found.append((start, start + packet.duration * packet.time_base, plain))
    return found


@pytest.mark.parametrize("tags", [False, True], ids=["plain", "tagged"])
@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("seed", range(4))
def test_times_and_words(format: str, seed: int, tags: bool) -> None:
    data = written(format, cues(seed), tags).encode()
    file = parse(data, Path(f"talk.{format}"))
    assert file.format == format and file.notes == ()
    assert [(c.start, c.end, c.text) for c in file.cues] == by_ffmpeg(data, format)
    assert len(file.cues) == 60


@pytest.mark.parametrize("seed", range(3))
def test_without_the_empty_lines_between_cues(seed: int) -> None:
    data = re.sub(r"\n\n", "\n", written("srt", cues(seed))).encode()
    found = [(c.start, c.end, c.text) for c in parse(data, Path("talk.srt")).cues]
    assert found == by_ffmpeg(data, "srt")
