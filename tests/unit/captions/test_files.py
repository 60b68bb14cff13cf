"""SubRip, WebVTT and SubStation Alpha as files have them: broken, tagged, out of order."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from vedc.captions.read import parse
from vedc.edit.captions import CaptionFile, Cue, Span
from vedc.edit.media_info import ProbeError


def read(name: str, text: str) -> CaptionFile:
    return parse(text.encode(), Path(name))


def shown(file: CaptionFile) -> list[tuple[float, float, str]]:
    return [(float(cue.start), float(cue.end), cue.text) for cue in file.cues]


def reported(file: CaptionFile) -> list[tuple[str, int]]:
    return [(note.code, note.line) for note in file.notes]


def only(name: str, text: str) -> Cue:
    (cue,) = read(name, text).cues
    return cue


def srt(body: str) -> Cue:
    return only("a.srt", f"1\n00:00:01,000 --> 00:00:02,000\n{body}\n")


def looks(cue: Cue) -> list[tuple[str, str]]:
    """The texts of spans with their looks by initials."""
    found = []
    for span in cue.spans:
        names = "".join(n[0] for n in ("italic", "bold", "underline") if getattr(span, n))
        if span.strike:
            names += "s"
        if span.color is not None:
            names += "#" + "".join(f"{round(255 * value):02x}" for value in span.color[:3])
        found.append((cue.text[span.start : span.end], names))
    return found


class TestSubRip:
    def test_missing_empty_lines_and_numbers(self) -> None:
        text = "1\n00:00:01,000 --> 00:00:02,000\none\n2\n00:00:03,000 --> 00:00:04,000\ntwo\n"
        assert shown(read("a.srt", text)) == [(1, 2, "one"), (3, 4, "two")]
        text = "00:00:01,000 --> 00:00:02,000\none\n00:00:03,000 --> 00:00:04,000\n1984\n"
        assert shown(read("a.srt", text)) == [(1, 2, "one"), (3, 4, "1984")]

    def test_empty_lines_within_a_cue(self) -> None:
        assert srt("one\n\ntwo").text == "one\ntwo"

    @pytest.mark.parametrize(
        "times",
        [
            "00:00:01,500 --> 00:00:02,250",
            "00:00:01.500 --> 00:00:02.250",
            "0:0:1,5 -> 0:0:2,25",
            "00:01,500 --> 00:02,250",
            " 00:00:01,500  -->  00:00:02,250 ",
            "00:00:01,500 —> 00:00:02,250",
            "00: 00: 01, 500 --> 00: 00: 02, 250",
        ],
    )
    def test_times_as_people_write_them(self, times: str) -> None:
        assert shown(read("a.srt", f"1\n{times}\nx\n")) == [(1.5, 2.25, "x")]

    def test_order_of_time(self) -> None:
        text = "1\n00:00:05,000 --> 00:00:06,000\nb\n\n2\n00:00:01,000 --> 00:00:02,000\na\n"
        file = read("a.srt", text)
        assert shown(file) == [(1, 2, "a"), (5, 6, "b")]
        assert reported(file) == [("caption-order", 6)]

    def test_no_duration_and_less(self) -> None:
        text = (
            "1\n00:00:01,000 --> 00:00:01,000\nnever\n\n"
            "2\n00:00:05,000 --> 00:00:04,000\nuntil the next\n\n"
            "3\n00:00:07,000 --> 00:00:08,000\nthird\n"
        )
        file = read("a.srt", text)
        assert shown(file) == [(5, 7, "until the next"), (7, 8, "third")]
        assert reported(file) == [("caption-time", 2), ("caption-time", 6)]

    def test_unreadable_times_do_not_end_in_the_cue_before(self) -> None:
        text = "1\n00:00:01,000 --> 00:00:02,000\none\n\n2\n00:0x:03,000 --> 00:00:04,000\ntwo\n"
        file = read("a.srt", text)
        assert shown(file) == [(1, 2, "one")]
        assert reported(file) == [("caption-time", 6)]

    def test_tags(self) -> None:
        cue = srt(
            '<i>one <b>two</i> three</b> <u>four</u> <s>five</s> <FONT COLOR="red">six</FONT>'
        )
        assert cue.text == "one two three four five six"
        assert looks(cue) == [
            ("one ", "i"), ("two", "ib"), ("four", "u"), ("five", "s"), ("six", "#ff0000"),
        ]  # fmt: skip
        assert looks(srt("<font color=#00ff00>a</font><font color='0000FF'>b</font>")) == [
            ("a", "#00ff00"), ("b", "#0000ff"),
        ]  # fmt: skip

    def test_brackets_that_are_not_tags_are_text(self) -> None:
        assert srt("1 < 2, <3 and <who> &lt;b&gt; {x}").text == "1 < 2, <3 and <who> <b> {x}"

    def test_tags_of_ass(self) -> None:
        cue = srt("{\\an8}{\\i1}top{\\i0}")
        assert cue.text == "top" and looks(cue) == [("top", "i")]
        assert cue.place is not None and cue.place.anchor == (0.5, 0.0)

    def test_ten_thousand_times_the_same_loss_is_one_line(self) -> None:
        text = "".join(
            f"{n}\n00:{n // 60:02d}:{n % 60:02d},000 --> 00:59:00,000 X1:1 X2:2\nx\n\n"
            for n in range(1, 1000)
        )
        (note,) = read("a.srt", text).notes
        assert note.line == 2
        assert note.message.endswith("(also in lines 6, 10, 14, 18, 22 and 993 more)")


class TestWebVtt:
    def test_blocks(self) -> None:
        text = (
            "WEBVTT - a title\nKind: captions\n\nNOTE\nnot shown\n\nSTYLE\n::cue { color: red }\n\n"
            "first\n00:01.000 --> 00:02.000\none\ntwo\n\n00:03.000 --> 00:04.000\nthree\n"
            "00:05.000 --> 01:00:06.000\nfour\n\nfive\n"
        )
        file = read("a.vtt", text)
        assert shown(file) == [(1, 2, "one\ntwo"), (3, 4, "three"), (5, 3606, "four")]
        assert reported(file) == [("caption-style", 7), ("caption-time", 20)]

    def test_tags_and_times_of_words(self) -> None:
        cue = only(
            "a.vtt",
            "WEBVTT\n\n00:01.000 --> 00:04.000\n"
            "<v Ann>Hello <00:02.000><c.yellow>dear</c> <00:00:03.500>R&amp;D</v>\n",
        )
        assert cue.text == "Hello dear R&D"
        assert looks(cue) == [("dear", "#ffff00")]
        assert [(word.offset, float(word.time)) for word in cue.words] == [
            (0, 1),
            (6, 2),
            (11, 3.5),
        ]

    @pytest.mark.parametrize(
        ("settings", "point", "anchor", "align", "line"),
        [
            ("line:0", (None, None), (0.5, 0.0), "center", 0),
            ("line:-2", (None, None), (0.5, 1.0), "center", -2),
            ("line:20%", (None, 0.2), (0.5, 0.0), "center", None),
            ("line:80%,end", (None, 0.8), (0.5, 1.0), "center", None),
            ("position:10%,line-left align:start", (0.1, None), (0.0, 1.0), "left", None),
            ("position:90% align:right", (0.9, None), (1.0, 1.0), "right", None),
            ("align:left", (None, None), (0.0, 1.0), "left", None),
        ],
    )
    def test_settings(
        self,
        settings: str,
        point: tuple[float | None, float | None],
        anchor: tuple[float, float],
        align: str,
        line: int | None,
    ) -> None:
        place = only("a.vtt", f"WEBVTT\n\n00:01.000 --> 00:02.000 {settings}\nx\n").place
        assert place is not None
        assert (place.point, place.anchor, place.align, place.line) == (point, anchor, align, line)


STYLES = (
    "[Script Info]\nScriptType: v4.00+\nPlayResX: 640\nPlayResY: 360\n\n[V4+ Styles]\n"
    "Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, "
    "Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, "
    "Shadow, Alignment, MarginL, MarginR, MarginV, Encoding\n"
    "Style: Default,Arial,18,&H00FFFF,&H0,&H00000000,&H0,0,-1,0,0,100,100,0,0,1,2,0,2,10,10,36,1\n"
    "Style: Sign,Arial,36,&H00FFFFFF,&H0,&H00FF0000,&H0,-1,0,0,0,100,100,0,0,3,2,0,7,64,10,36,1\n"
    "\n[Events]\n"
    "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
)


def ass(text: str, style: str = "Default") -> Cue:
    return only("a.ass", f"{STYLES}Dialogue: 0,0:00:01.00,0:00:05.50,{style},,0,0,0,,{text}\n")


class TestSubStationAlpha:
    def test_a_style_is_in_shares_of_the_picture(self) -> None:
        cue = ass("Hello, you")
        assert (cue.start, cue.end, cue.text) == (1, Fraction(11, 2), "Hello, you")
        assert cue.look is not None and cue.place is not None
        assert cue.look.size == 18 / 360
        assert cue.look.color == (1.0, 1.0, 0.0, 1.0)  # &HAABBGGRR
        assert cue.look.stroke_width == 2 / 360
        assert looks(cue) == [("Hello, you", "i")]
        assert cue.place.point == (0.5, 0.9) and not cue.place.fixed

    def test_a_box(self) -> None:
        cue = ass("x", "Sign")
        assert cue.look is not None and cue.place is not None
        assert cue.look.background == (0.0, 0.0, 1.0, 1.0)
        assert cue.place.point == (0.1, 0.1) and cue.place.align == "left"

    def test_tags(self) -> None:
        cue = ass(
            "{\\pos(320,90)\\fad(200,300)\\c&H0000FF&}red{\\r} {\\b1}bold{\\b0}\\Nnext{\\i0}up"
        )
        assert cue.text == "red bold\nnextup"
        assert looks(cue)[0] == ("red", "i#ff0000")
        assert ("bold", "ib") in looks(cue)
        assert "up" not in [text for text, _ in looks(cue)]
        assert cue.place is not None and cue.place.point == (0.5, 0.25) and cue.place.fixed
        assert cue.fade == (Fraction(1, 5), Fraction(3, 10))

    def test_sizes(self) -> None:
        cue = ass("{\\fs36}big {\\fs18}half{\\fs} as first {\\fs+5}half as much again")
        assert cue.look is not None and cue.look.size == 0.1
        sizes = [(cue.text[span.start : span.end], span.size) for span in cue.spans]
        assert sizes == [
            ("big ", 1), ("half", 0.5), (" as first ", 1), ("half as much again", 1.5),
        ]  # fmt: skip

    def test_karaoke(self) -> None:
        cue = ass("{\\k50}ka{\\kf25}ra{\\ko100}oke")
        assert [(w.offset, w.time) for w in cue.words] == [
            (0, 1), (2, Fraction(3, 2)), (4, Fraction(7, 4)),
        ]  # fmt: skip

    def test_drawings_and_comments_are_no_text(self) -> None:
        text = f"{STYLES}Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,"
        text += "{\\p1}m 0 0 l 9 9{\\p0}a\n"
        text += "Comment: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,not shown\n"
        file = read("a.ass", text)
        assert shown(file) == [(1, 2, "a")]
        assert reported(file) == [("caption-tag", 13)]


@pytest.mark.parametrize(
    "data", [b"", b"\n\n", b"just text\n", b"\x1aE\xdf\xa3\x93\x42", b"\0" * 99]
)
def test_a_file_that_is_not_captions_is_refused(data: bytes) -> None:
    with pytest.raises(ProbeError) as caught:
        parse(data, Path("a.srt"))
    assert caught.value.code == "not-captions"


def test_the_content_says_the_format() -> None:
    assert read("a.srt", "WEBVTT\n\n00:01.000 --> 00:02.000\nx\n").format == "vtt"
    assert read("a.txt", "1\n00:00:01,000 --> 00:00:02,000\nx\n").format == "srt"
    assert read("a.srt", f"{STYLES}Dialogue: 0,0:00:01.00,0:00:02.00,,,0,0,0,,x\n").format == "ass"


def test_spans_lie_within_the_text_that_is_left() -> None:
    cue = srt("  <i> one </i>  \n\n  <b>two</b>  ")
    assert cue.text == "one\ntwo"
    assert cue.spans == (Span(0, 3, italic=True), Span(4, 7, bold=True))
