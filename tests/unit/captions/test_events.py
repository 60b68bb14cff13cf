"""Cues as events: the reader of SubStation Alpha reads them back."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from vedc.captions.events import apart, events, header
from vedc.captions.read import parse
from vedc.captions.times import stamp
from vedc.edit.captions import CaptionStream, Cue, Look, Place, Span, Word

F = Fraction
CUE = Cue(
    F(1),
    F(3),
    "two words\n{not a tag} \\N <b>",
    (Span(0, 3, (1.0, 0.0, 0.0, 1.0)), Span(4, 9, italic=True, bold=True, size=1.5)),
    (Word(0, F(1)), Word(4, F(2))),
    Place((0.25, 0.5), (0.0, 0.0), "left", fixed=True),
    Look(size=0.1, color=(1.0, 1.0, 0.0, 1.0), stroke_width=0.005),
    (F(1, 5), F(3, 10)),
    layer=2,
)


def read_again(stream: CaptionStream) -> tuple[Cue, ...]:
    lines = [header(stream).replace("\r\n", "\n")]
    for event in events(stream):
        _, layer, rest = event.text.split(",", 2)
        times = (stamp(F(t, 1000), ".", 2)[1:] for t in (event.start, event.end))
        lines.append(f"Dialogue: {layer},{','.join(times)},{rest}\n")
    return parse("".join(lines).encode(), Path("a.ass")).cues


def test_a_styled_cue_survives() -> None:
    (cue,) = read_again(CaptionStream("ass", (CUE,)))
    assert (cue.start, cue.end, cue.layer, cue.fade) == (1, 3, 2, CUE.fade)
    assert [(w.offset, w.time) for w in cue.words] == [(0, 1), (4, 2)]
    assert cue.place is not None and cue.look is not None
    assert (cue.place.point, cue.place.anchor, cue.place.fixed) == ((0.25, 0.5), (0.0, 0.0), True)
    assert cue.look.size == pytest.approx(0.1) and cue.look.color == (1.0, 1.0, 0.0, 1.0)
    looks = [(cue.text[s.start : s.end], s.color, s.italic, s.bold, s.size) for s in cue.spans]
    assert looks[0] == ("two", (1.0, 0.0, 0.0, 1.0), False, False, 1.0)
    assert ("words", True, True) in [(text, italic, bold) for text, _, italic, bold, _ in looks]


@pytest.mark.parametrize("codec", ["mov_text", "subrip", "webvtt"])
def test_plain_codecs_get_no_tags_that_they_lack(codec: str) -> None:
    (event,) = events(CaptionStream(codec, (CUE,)))
    assert "\\k" not in event.text and "\\fad" not in event.text and "\\fs" not in event.text
    assert ("\\c&H" in event.text) == (codec == "subrip")


def test_what_is_shown_at_a_time() -> None:
    first, second, third = (Cue(F(0), F(1), text) for text in "abc")
    found = apart([(0, 30, first), (10, 20, second), (20, 40, third)])
    shown = [(start, end, "".join(cue.text for cue in cues)) for start, end, cues in found]
    assert shown == [(0, 10, "a"), (10, 20, "ab"), (20, 30, "ac"), (30, 40, "c")]
