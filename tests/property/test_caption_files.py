"""Caption files with random damage: read or refused, and the result makes sense."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pytest

from vedc.captions.events import events, header
from vedc.captions.read import parse
from vedc.edit.captions import CaptionStream
from vedc.edit.media_info import ProbeError

SAMPLES = (
    "1\n00:00:01,000 --> 00:00:02,000\nOne <i>two</i>\n\n2\n00:00:02,500 --> 00:00:04,000\n"
    '<font color="red">three</font> {\\an8}four\n\n3\n00:00:05,000 --> 00:00:06,000\nfünf\n',
    "WEBVTT\n\nNOTE x\n\n00:01.000 --> 00:03.000 line:0 position:10%,line-left\n<v Ann>One "
    "<00:02.000><c.yellow>two</c> &amp; <ruby>漢<rt>kan</rt></ruby>\n\n"
    "00:04.000 --> 00:05.000\nx\n",
    "[Script Info]\nPlayResX: 640\nPlayResY: 360\n\n[V4+ Styles]\nFormat: Name, Fontsize, "
    "PrimaryColour, Bold, Alignment\nStyle: Default,20,&H00FFFFFF,-1,2\n\n[Events]\n"
    "Format: Layer, Start, End, Style, Text\n"
    "Dialogue: 0,0:00:01.00,0:00:03.00,Default,{\\pos(3,4)\\k50}ka{\\k25}ra\\N{\\i1\\c&HFF&}oke\n"
    "Dialogue: 1,0:00:02.00,0:00:04.00,Default,{\\p1}m 0 0{\\p0}{\\fad(9,9)}b\n",
)
PIECES = (
    *(b"<i>", b"</i>", b"-->", b"\n\n", b"<00:00:01.000>", b"{\\k50}", b"\\pos(1,2)", b"{", b"}"),
    *(b"&H", b"\xff", b"\xef\xbb\xbf", b"00:00:01,000 --> 00:00:02,000\n", b"<font color=", b"-"),
    *(b"\\t(\\fs20)", b"\\c&HFFFFFFFFFFFF&", b"\\fs1e999", b"\\k99999999999", b"99:99:99,999"),
    *(b"\0", b"\\", b"\\fad("),
)
ENCODINGS = ("utf-8", "utf-8", "utf-16", "cp1252")


def damaged(rng: random.Random) -> bytes:
    data = bytearray(rng.choice(SAMPLES).encode(rng.choice(ENCODINGS), "replace"))
    for _ in range(rng.randrange(1, 10)):
        at, kind = rng.randrange(len(data) + 1), rng.random()
        if kind < 0.5:
            data[at:at] = rng.choice(PIECES)
        elif kind < 0.8:
            del data[at : at + rng.randrange(1, 20)]
        else:
            data[at:at] = data[rng.randrange(len(data) + 1) :][:40]
    return bytes(data)


@pytest.mark.parametrize("seed", range(8))
def test_what_is_read_makes_sense(seed: int) -> None:
    rng = random.Random(seed)
    refused = 0
    for _ in range(150):
        data = damaged(rng)
        try:
            file = parse(data, Path(f"a.{rng.choice(('srt', 'vtt', 'ass'))}"))
        except ProbeError:
            refused += 1
            continue
        starts = [cue.start for cue in file.cues]
        assert starts == sorted(starts), data
        for cue in file.cues:
            assert 0 <= cue.start < cue.end and cue.text.strip(), data
            edges = [edge for span in cue.spans for edge in (span.start, span.end)]
            assert edges == sorted(edges) and all(0 <= e <= len(cue.text) for e in edges), data
            assert all(span.start < span.end for span in cue.spans), data
            assert all(0 <= word.offset < len(cue.text) for word in cue.words), data
        for codec in ("ass", "subrip", "mov_text", "webvtt"):
            stream = CaptionStream(codec, file.cues)
            assert header(stream).startswith("[Script Info]")
            packets = events(stream)
            assert all(packet.start < packet.end for packet in packets), data
            if codec == "mov_text":
                assert all(a.end <= b.start for a, b in pairwise(packets))
    assert refused < 100
