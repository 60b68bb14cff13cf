"""Animated titles: against the title at rest, against arithmetic on its ink, and by counting."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from tests.unit.media.test_text_titles import FONT, WHITE, pixels
from vedc.edit.contents import Animation, Text
from vedc.edit.easing import easing
from vedc.edit.text_motion import PRESETS, UNITS, progress
from vedc.text.layout import lay_out
from vedc.text.moving import MovingTitle
from vedc.text.titles import measure, render_text
from vedc.text.units import units

CANVAS = (420, 200)
Alpha = npt.NDArray[np.float64]


def text(words: str = "Spring in\nthe valley", size: float = 40, **more: object) -> Text:
    return replace(Text(words, (FONT,), size, WHITE), **more)  # type: ignore[arg-type]


RICH = text(
    stroke_width=3.0,
    stroke_color=(0.1, 0.2, 0.3, 1.0),
    fill=(1.0, 0.9, 0.6, 1.0, 1.0, 0.4, 0.5, 1.0),
    shadow=(0.0, 0.0, 0.0, 0.6),
    shadow_offset=(4.0, 4.0),
    shadow_blur=6.0,
    background=(0.2, 0.3, 0.4, 0.5),
    padding=12.0,
    letter_spacing=-1.5,
)


def frame(title: Text, preset: str, share: float, out: bool = False, **more: object) -> Alpha:
    """The canvas, premultiplied, 0..255: (height, width, 4)."""
    given = PRESETS[preset]
    way = Animation(preset, given.by, 20, given.easing, given.stagger)
    moving = MovingTitle(title, 1.0, replace(way, **more))  # type: ignore[arg-type]
    bitmap, x, y = moving.draw(share, out, corner(title), CANVAS)
    return on_canvas(pixels(bitmap), x, y)


def corner(title: Text) -> tuple[int, int]:
    box = measure(title)
    return (CANVAS[0] - box.width) // 2, (CANVAS[1] - box.height) // 2


def on_canvas(drawn: npt.NDArray[np.uint8], x: int, y: int) -> Alpha:
    whole = np.zeros((CANVAS[1], CANVAS[0], 4))
    whole[y : y + drawn.shape[0], x : x + drawn.shape[1]] = drawn
    return whole


def at_rest(title: Text) -> Alpha:
    return on_canvas(pixels(render_text(title)), *corner(title))


def centre(shown: Alpha) -> tuple[float, float]:
    ink = shown[..., 3]
    rows, columns = np.mgrid[: ink.shape[0], : ink.shape[1]]
    return float((ink * columns).sum() / ink.sum()), float((ink * rows).sum() / ink.sum())


def seen_columns(shown: Alpha) -> npt.NDArray[np.intp]:
    return np.flatnonzero(shown[..., 3].max(axis=0) > 60)


# In their places ---------------------------------------------------------------------------


def close(shown: Alpha, title: Text) -> bool:
    """Whether it is a title, but for what HarfBuzz's curves gain in larger letters: 2 codes of 255
    in the mean of all ink."""
    off = np.abs(shown - at_rest(title)).max(axis=-1)
    return bool(off.max() < 50 and off.sum() < 2 * np.count_nonzero(at_rest(title)[..., 3]))


@pytest.mark.parametrize("by", UNITS)
@pytest.mark.parametrize("title", [text(), RICH], ids=["plain", "rich"])
def test_units_in_their_places_are_the_title(title: Text, by: str) -> None:
    assert close(frame(title, "fade", 1.0, by=by), title)
    moved = np.roll(frame(title, "fade", 1.0, by=by), 1, axis=1)
    assert not close(moved, title)


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("out", [False, True])
def test_every_way_begins_without_the_title_and_ends_with_it(preset: str, out: bool) -> None:
    title = text(background=(0.0, 0.0, 0.0, 1.0), padding=4.0)
    gone, there = (1.0, 0.0) if out else (0.0, 1.0)
    assert close(frame(title, preset, there, out), title)
    left = frame(title, preset, gone, out)
    if preset == "karaoke":
        assert left[..., 3].max() == pytest.approx(255 * 0.35, abs=1)
    else:
        assert left.max() <= 1
    middle = frame(title, preset, 0.5, out)
    assert np.abs(middle - at_rest(title)).max() > 60
    assert (middle[..., :3].max(axis=-1) <= middle[..., 3]).all()


# Against arithmetic ------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.2, 0.5, 0.85])
def test_a_rise_moves_and_fades_the_ink_by_its_easing(share: float) -> None:
    rest, shown = at_rest(text()), frame(text(), "rise", share)
    eased = 1 - (1 - share) ** 3
    assert shown.sum() / rest.sum() == pytest.approx(eased, rel=0.01)
    (x0, y0), (x1, y1) = centre(rest), centre(shown)
    assert x1 == pytest.approx(x0, abs=0.05)
    assert y1 - y0 == pytest.approx(0.8 * 40 * (1 - eased), abs=0.05)


@pytest.mark.parametrize(("share", "out"), [(0.3, False), (0.7, True)])
def test_a_slide_goes_on_in_its_direction(share: float, out: bool) -> None:
    title = text("Spring")
    (x0, y0), (x1, y1) = centre(at_rest(title)), centre(frame(title, "slide-left", share, out))
    assert y1 == pytest.approx(y0, abs=0.05)
    left = (1 - (share if not out else 1 - share)) ** 3
    way = corner(title)[0] + measure(title).width if out else corner(title)[0] - CANVAS[0]
    assert x0 - x1 == pytest.approx(left * way, abs=0.05)


@pytest.mark.parametrize("share", [0.42, 0.8])
def test_a_pop_has_the_size_of_its_easing(share: float) -> None:
    title = text("HHHH", 60)
    grown = frame(title, "pop", share, by="all")
    wide, high = (
        np.ptp(np.argwhere(a[..., 3] > a[..., 3].max() / 2), axis=0) + 1
        for a in (grown, at_rest(title))
    )
    assert wide / high == pytest.approx([easing("ease-out-back")(share)] * 2, abs=0.03)


def test_a_wipe_uncovers_its_share() -> None:
    title = text("HHHHHHHH", 30)
    shown = seen_columns(frame(title, "wipe-right", 0.5))
    whole = seen_columns(at_rest(title))
    assert shown[0] == whole[0]
    assert shown[-1] == pytest.approx(whole.mean(), abs=7)
    left = seen_columns(frame(title, "wipe-right", 0.5, out=True))
    assert left[-1] == whole[-1]
    assert left[0] >= shown[-1] - 1


def test_spacing_spreads_from_the_middle() -> None:
    title = text("HHHHH", 30)
    wide = seen_columns(frame(title, "tracking", 0.5, easing="linear"))
    whole = seen_columns(at_rest(title))
    # Four gaps of half the size, half of the way.
    assert np.ptp(wide) - np.ptp(whole) == pytest.approx(4 * 0.5 * 30 * 0.5, abs=2)
    assert wide.mean() == pytest.approx(whole.mean(), abs=1)


# Units in their order ----------------------------------------------------------------------


def test_units_are_letters_words_and_lines_in_reading_order() -> None:
    layout = lay_out(text("Hello, world:\na b"), 1.0)
    counts = {by: len(units(layout, by, 0)) for by in UNITS}
    assert counts == {"all": 1, "line": 2, "word": 4, "letter": 14}
    pens = [(unit.row, unit.pen[0]) for unit in units(layout, "letter", 0)]
    assert pens == sorted(pens)


def test_letters_with_marks_are_one_unit() -> None:
    layout = lay_out(text("e\u0301a\u0302n"), 1.0)
    assert len(units(layout, "letter", 0)) == 3


def test_units_of_other_directions_and_of_joined_letters() -> None:
    """Hebrew is read from right to left; letters of Arabic move as words."""
    font = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
    if not font.exists():
        pytest.skip("needs a font with Hebrew and Arabic (Debian: fonts-dejavu-core)")
    hebrew = lay_out(text("שלום עולם", fonts=(str(font),)), 1.0)
    pens = [unit.pen[0] for unit in units(hebrew, "letter", 0)]
    assert len(pens) == 8
    assert pens == sorted(pens, reverse=True)
    arabic = lay_out(text("سلام عالم ab", fonts=(str(font),)), 1.0)
    assert len(units(arabic, "letter", 0)) == 4
    assert len(units(arabic, "word", 0)) == 3


@pytest.mark.parametrize("count", [1, 2, 7])
@pytest.mark.parametrize("stagger", [0, 0.3, 1])
def test_the_last_unit_arrives_at_the_end(count: int, stagger: float) -> None:
    each = 1 / (1 + stagger * (count - 1))
    for share in np.linspace(0, 1, 11):
        got = progress(count, stagger, float(share))
        want = [np.clip((share - n * stagger * each) / each, 0, 1) for n in range(count)]
        assert got == pytest.approx(want)
    assert progress(count, stagger, 1.0)[-1] == pytest.approx(1)


@pytest.mark.parametrize("typed", range(7))
def test_a_typewriter_types_and_deletes_letter_by_letter(typed: int) -> None:
    title = text("HHHHHH", 30, letter_spacing=6.0)
    for share, out in ((typed / 6 + 0.01, False), (1 - typed / 6 - 0.01, True)):
        if not 0 <= share <= 1:
            continue
        columns = seen_columns(frame(title, "typewriter", share, out))
        stems = 1 + np.count_nonzero(np.diff(columns) > 4) if columns.size else 0
        # The bar of an H joins its stems.
        assert stems == typed
        if typed:
            assert columns[0] == seen_columns(at_rest(title))[0]
