"""Reports on decisions, on a terminal and on a page."""

from __future__ import annotations

import html
import io
import re
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from vedc.decide.analyses.results import Curve, Shot, Shots
from vedc.decide.choose.reasons import Reason
from vedc.errors import RenderError, SourceLocation
from vedc.report.decisions.chart import Chart, film
from vedc.report.decisions.page import page, write_page
from vedc.report.decisions.text import data, shares, text
from vedc.report.decisions.view import Decided, DecisionView, SourceView, reason_of

EVIL = "<script>alert('x')</script>&\"'.mp4"


def jpeg(color: tuple[int, int, int] = (200, 30, 30)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (32, 18), color).save(out, "JPEG")
    return out.getvalue()


def clip(number: int, begin: int, end: int, at: int, **more: Any) -> Decided:
    """Seconds of the film, and where in the source it begins."""
    more = {"source": "talk", "score": 0.4, "reasons": REASONS, "picture": jpeg()} | more
    return Decided(
        asks="main[0]",
        number=number,
        of=3,
        begin=Fraction(begin),
        end=Fraction(end),
        fields={"clip": more["source"], "in": f"{at}s", "out": f"{at + end - begin}s"},
        source_begin=Fraction(at),
        source_end=Fraction(at + end - begin),
        **more,
    )


REASONS = (Reason("sharp", 0.31, "0.9 of 1"), Reason("dark", -0.06), Reason("steady", 0.15))
JOIN = Decided(
    "main[1]", 1, 1, Fraction(7, 2), Fraction(9, 2), {"transition": "dissolve", "duration": "1s"},
    score=0.2, reasons=(Reason("colours differ", 0.2),), instead=("hard cut, score 0.10",),
)  # fmt: skip


def a_view(*items: Decided, time: Fraction = Fraction(1), source: str = "talk") -> DecisionView:
    ramp = Curve(np.linspace(0, 1, 200, dtype=np.float32), Fraction(10))
    level = Curve(np.full(2000, -30.0, np.float32), Fraction(100))
    shots = Shots(
        (
            Shot(0, 250, 9, "start", 1.0, (0, 0)),
            Shot(250, 375, 300, "cut", 0.9, (250, 250)),
            Shot(375, 500, 400, "dissolve", 0.8, (365, 385)),
        ),
        Fraction(25),
        "classical",
    )
    thumbs = [(Fraction(k * 5), jpeg((0, 50 * k, 0))) for k in range(4)]
    seen = SourceView(
        source, f"/media/{source}", Fraction(20), Fraction(25),
        {"speech": ramp, "loudness": level}, shots, thumbs,
    )  # fmt: skip
    return DecisionView("trip.vedc.yaml", time, Fraction(25), Fraction(12), items, [seen])


VIEW = a_view(clip(1, 0, 4, 2), JOIN, clip(2, 4, 8, 10), clip(3, 8, 12, 16, edited=True))


def test_reasons_of_a_lock_are_read_back() -> None:
    assert reason_of("sharp +0.31 (0.9 of 1)") == Reason("sharp", 0.31, "0.9 of 1")
    assert reason_of("in.speech gap -0.08") == Reason("in.speech gap", -0.08)
    assert reason_of("whatever") == Reason("whatever", 0.0)
    assert reason_of("at -40 dB +0.20 (speech (94 %))") == Reason("at -40 dB", 0.2, "speech (94 %)")


def test_a_decision_on_a_terminal() -> None:
    assert text(VIEW) == (
        "trip.vedc.yaml at 00:00:01:00\n"
        "\n"
        "clip talk, 00:00:02:00 to 00:00:06:00 (4.00 s)\n"
        "  main[0], item 1 of 3\n"
        "  in the film from 00:00:00:00 to 00:00:04:00\n"
        "  from /media/talk\n"
        "\n"
        "  for      sharp   +0.31  ████████████████  0.9 of 1\n"
        "           steady  +0.15  ███████▊\n"
        "  against  dark    -0.06  ███▏\n"
        "  score            +0.40\n"
    )


def test_what_is_shown_adds_up() -> None:
    said = text(VIEW)
    points = [float(p) for p in re.findall(r"  ([+-]\d\.\d\d)", said)]
    assert points[-1] == pytest.approx(sum(points[:-1]), abs=0.005)
    for_, against, rest = shares(clip(1, 0, 4, 2, score=1.0))
    assert sum(r.points for r in (*for_, *against)) + rest == pytest.approx(1.0)
    assert "all else" in text(a_view(clip(1, 0, 4, 2, score=1.0)))
    assert shares(clip(1, 0, 4, 2, score=0.41))[2] == 0.0  # by rounding only


@pytest.mark.parametrize(
    ("time", "said"),
    [
        (Fraction(7, 2), ["transition dissolve, 1.00 s", "hard cut, score 0.10", "clip talk"]),
        (Fraction(4), ["transition dissolve", "00:00:10:00 to 00:00:14:00"]),
        (Fraction(9), ["edited by hand", "00:00:16:00 to"]),
    ],
)
def test_a_moment_has_all_that_is_seen_then(time: Fraction, said: list[str]) -> None:
    shown = text(a_view(*VIEW.items, time=time))
    assert all(part in shown for part in said)


def test_a_hard_cut_is_shown_with_the_frame_that_it_leads_to() -> None:
    hard = Decided("m", 1, 1, Fraction(4), Fraction(4), {"transition": "cut"}, score=0.3)
    view = a_view(clip(1, 0, 4, 2), hard, clip(2, 4, 8, 10), time=Fraction(4))
    assert "hard cut\n" in text(view) and "in the film at 00:00:04:00" in text(view)
    assert hard not in view.at(Fraction(4) + Fraction(1, 25))
    assert hard not in view.at(Fraction(4) - Fraction(1, 25))


def test_where_nothing_was_decided_the_nearest_is_shown() -> None:
    view = a_view(clip(1, 4, 8, 2), time=Fraction(1))
    assert text(view) == (
        "trip.vedc.yaml at 00:00:01:00: there is no decision here; the nearest one, main[0], "
        "begins at 00:00:04:00\n"
    )
    assert "there is no decision here, and nothing is said" in text(a_view())


def test_colours_only_where_asked() -> None:
    assert "\x1b" not in text(VIEW)
    coloured = text(VIEW, color=True)
    assert re.sub(r"\x1b\[\d+m", "", coloured) == text(VIEW)


def test_as_data() -> None:
    (decision,) = data(VIEW)["decisions"]
    assert decision["item"] == {"clip": "talk", "in": "2s", "out": "6s"}
    assert sum(r["points"] for r in decision["reasons"]) == pytest.approx(decision["score"])


# -- the page ----------------------------------------------------------------------------------

_EMPTY = {"meta", "link", "img", "br", "input"}


class Nested(HTMLParser):
    """Holds every tag to be closed in order, and notes ids, links and addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.sources: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        for name, value in attrs:
            assert not name.startswith("on")
            if name == "id":
                self.ids.append(value or "")
            elif name in ("href", "src"):
                (self.links if (value or "").startswith("#") else self.sources).append(value or "")
        if tag not in _EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _EMPTY:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parsed(view: DecisionView) -> Nested:
    found = Nested()
    found.feed(page(view))
    found.close()
    assert found.open == []
    return found


def test_the_page_is_whole_and_needs_no_network() -> None:
    found = parsed(VIEW)
    assert all(source.startswith("data:image/jpeg;base64,") for source in found.sources)
    assert {link[1:] for link in found.links} <= set(found.ids)
    assert len(set(found.ids)) == len(found.ids)
    assert not re.search(r"https?://|@import|url\((?!data:)", page(VIEW))
    # Four pictures of the source and one of each clip; the film's strip holds these again.
    assert len(found.sources) == 4 + 3
    assert found.seen.count("details") == 4 and found.seen.count("script") == 1


def test_names_and_phrases_cannot_become_markup() -> None:
    evil = Reason(EVIL, 0.2, EVIL)
    item = clip(1, 0, 4, 2, source=EVIL, reasons=(evil,), instead=(EVIL,), by={EVIL: EVIL},
                location=SourceLocation(EVIL, 3))  # fmt: skip
    found = parsed(a_view(item, source=EVIL))
    assert found.seen.count("script") == 1
    assert html.escape(EVIL) in page(a_view(item, source=EVIL))


def _chart(view: DecisionView) -> ElementTree.Element:
    return ElementTree.fromstring(Chart(view, view.sources[0]).drawing())


def test_what_was_kept_stands_at_its_time() -> None:
    chart = _chart(VIEW)
    width = float(chart.attrib["width"])
    kept = [rect for rect in chart.iter("rect") if rect.get("class") == "shade"]
    places = [(float(r.attrib["x"]), float(r.attrib["width"])) for r in kept]
    wanted = [(2, 4), (10, 4), (16, 4)]
    for (x, w), (begin, length) in zip(places, wanted, strict=True):
        assert x == pytest.approx(width * begin / 20, abs=0.1)
        assert w == pytest.approx(width * length / 20, abs=0.1)
    now = [a.attrib["data-item"] for a in chart.iter("a") if "now" in a.attrib["class"]]
    assert now == ["0"]


def test_curves_are_drawn_by_their_values() -> None:
    lines = list(_chart(VIEW).iter("polyline"))
    ramp, level = ([tuple(map(float, p.split(","))) for p in line.attrib["points"].split()]
                   for line in lines)  # fmt: skip
    width = float(_chart(VIEW).attrib["width"])
    for x, y in ramp:
        share = (float(lines[0].attrib["data-floor"]) - y) / float(lines[0].attrib["data-lane"])
        assert share == pytest.approx(x / width, abs=0.02)
    floor, lane = (float(lines[1].attrib[name]) for name in ("data-floor", "data-lane"))
    assert {y for _, y in level} == {floor - lane / 2}  # -30 of -60 to 0


def test_cuts_and_dissolves_are_marked() -> None:
    chart = _chart(VIEW)
    width = float(chart.attrib["width"])
    (cut,) = (line for line in chart.iter("line") if line.get("class") == "cut")
    assert float(cut.attrib["x1"]) == pytest.approx(width * 10 / 20, abs=0.1)
    (boundary,) = (rect for rect in chart.iter("rect") if rect.get("class") == "joint")
    assert float(boundary.attrib["x"]) == pytest.approx(width * 14.6 / 20, abs=0.1)
    assert float(boundary.attrib["width"]) == pytest.approx(width * 0.8 / 20, abs=0.1)


def test_holes_in_a_curve_stay_holes() -> None:
    values = np.ones(200, np.float32)
    values[50:150] = np.nan
    source = SourceView(
        "a", "a", Fraction(20), Fraction(25), {"motion": Curve(values, Fraction(10))}
    )
    view = DecisionView("s", Fraction(0), Fraction(25), Fraction(1), [], [source])
    runs = [line.attrib["points"].split() for line in _chart(view).iter("polyline")]
    edges = [[float(run[k].split(",")[0]) for k in (0, -1)] for run in runs]
    assert edges == [[0, pytest.approx(240, abs=4)], [pytest.approx(720, abs=4), 958]]


def test_a_long_source_keeps_its_page_small() -> None:
    noise = np.random.default_rng(1).random(3 * 3600 * 30, np.float32)
    source = SourceView(
        "a", "a", Fraction(3 * 3600), Fraction(30), {"motion": Curve(noise, Fraction(30))}
    )
    view = DecisionView(
        "s", Fraction(0), Fraction(30), Fraction(60), [clip(1, 0, 1, 5000)], [source]
    )
    assert len(page(view)) < 200_000


def test_the_film_is_a_strip_of_its_items() -> None:
    strip = film(VIEW)
    assert re.findall(r"left:([\d.]+)%;width:([\d.]+)%", strip) == [
        ("0.000", "33.333"), ("29.167", "8.333"), ("33.333", "33.333"), ("66.667", "33.333"),
    ]  # fmt: skip
    assert 'class="head" style="left:8.333%"' in strip


def test_sound_alone_has_no_pictures() -> None:
    level = Curve(np.full(100, -20.0, np.float32), Fraction(10))
    source = SourceView("a", "a.wav", Fraction(10), Fraction(30), {"loudness": level})
    parsed(DecisionView("s", Fraction(0), Fraction(25), Fraction(1), [], [source]))


def test_writing(tmp_path: Path) -> None:
    assert write_page(VIEW, tmp_path / "a.html").read_text("utf-8") == page(VIEW)
    with pytest.raises(RenderError, match="cannot-write"):
        write_page(VIEW, tmp_path / "no" / "a.html")
