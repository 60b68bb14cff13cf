"""The pages of a contact sheet: pictures in rows, each with its number and description.

A sheet is 1600 pixels wide. Pictures keep their aspect ratio and are larger when there are few;
those that do not fit on one page continue on the next.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from PIL import Image, ImageDraw, ImageFont

from vedc.edit.tables.containers import SHEETS
from vedc.errors import UsageError
from vedc.media.files import whole_file
from vedc.text.fonts import default_font

QUALITY: Final = 88

_WIDTH: Final = 1600
_EDGE, _GAP = 32, 16
_TALLEST: Final = 2400
"""Height of a page; some programs refuse taller ones."""
_AREA: Final = (320 * 180, 480 * 270)
"""Target area of a picture in pixels: on a full page, and when there are few."""
_HEAD: Final = 96
_LABEL: Final = 52
_LINE: Final = 20
#: Lines of text below a picture at most, besides its time and detail.
_MOST_LINES: Final = 5

_GROUND, _INK, _FAINT, _BEHIND = "#14171a", "#f2f4f6", "#9aa4ae", "#22272c"
#: Colours of transitions, distinguishable with colour blindness (Okabe and Ito 2008).
BADGES: Final = {
    "start": "#9aa4ae",
    "cut": "#e69f00",
    "dissolve": "#56b4e9",
    "fade": "#cc79a7",
    "wipe": "#009e73",
    "slide": "#f0e442",
}


@dataclass(frozen=True, slots=True)
class Tile:
    """One picture of a sheet."""

    frame: int
    title: str
    """Beside the number: its time."""
    detail: str
    """Below: length and score."""
    mark: str = ""
    """A boundary, shown as a badge in its colour."""
    lines: tuple[str, ...] = ()
    """Further lines of description; lines beyond the page's layout are left out."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The layout of the pictures on a page."""

    columns: int
    rows: int
    """Largest number of rows on a page."""
    width: int
    height: int
    """Size of a cell's picture, in pixels."""
    lines: int = 0
    """Of text below a picture, besides its time and detail."""

    @property
    def label(self) -> int:
        """Pixels below a picture."""
        return _LABEL + self.lines * _LINE

    @property
    def on_a_page(self) -> int:
        return self.columns * self.rows

    def size(self, tiles: int) -> tuple[int, int]:
        rows = min(self.rows, math.ceil(tiles / self.columns)) or 1
        return _WIDTH, _HEAD + rows * (self.height + self.label + _GAP) + _EDGE - _GAP


class Sized(Protocol):
    """Something that is shown at a size."""

    @property
    def display_size(self) -> tuple[int, int]: ...


def fitted(video: Sized, width: int, height: int) -> tuple[int, int]:
    """The largest even size within ``width`` x ``height`` with the picture's aspect ratio."""
    own = video.display_size
    scale = min(width / own[0], height / own[1])
    return max(2, round(own[0] * scale / 2) * 2), max(2, round(own[1] * scale / 2) * 2)


def layout(video: Sized, tiles: int, columns: int | None = None, lines: int = 0) -> Grid:
    """The number of columns for pictures of a readable size at any aspect ratio, or the wanted
    number; ``lines`` of text below each, as space allows."""
    lines = min(lines, _MOST_LINES)
    across, down = video.display_size
    shape = min(max(across / down, 1 / 3), 3.0)
    few = tiles <= 12
    width = math.sqrt((_AREA[1] if few else _AREA[0]) * shape)
    room = _WIDTH - 2 * _EDGE + _GAP
    columns = columns or max(2, round(room / (width + _GAP)))
    width = room // columns - _GAP
    size = fitted(video, width, round(width / shape))
    rows = max(1, int((_TALLEST - _HEAD - _EDGE) // (size[1] + _LABEL + lines * _LINE + _GAP)))
    return Grid(columns, rows, width, size[1], lines)


def pages_of(target: Path, grid: Grid, tiles: int) -> list[Path]:
    """The files of a sheet with that many pictures."""
    pages = max(1, math.ceil(tiles / grid.on_a_page))
    more = (
        target.with_name(f"{target.stem}-{page}{target.suffix}") for page in range(2, pages + 1)
    )
    return [target, *more]


def write_pages(
    target: Path,
    grid: Grid,
    tiles: Sequence[Tile],
    pictures: Iterator[Image.Image],
    title: str,
    facts: str,
) -> list[Path]:
    """Write the pages of a sheet; returns their files."""
    places = pages_of(target, grid, len(tiles))
    for page, place in enumerate(places):
        shown = tiles[page * grid.on_a_page : (page + 1) * grid.on_a_page]
        of = f"{facts}, page {page + 1} of {len(places)}" if len(places) > 1 else facts
        save(draw(grid, shown, pictures, title, of, page * grid.on_a_page + 1), place)
    return places


def check_kind(target: Path) -> None:
    """Raise UsageError ``bad-picture`` for an extension that is not in ``SHEETS``."""
    if target.suffix.lower() not in SHEETS:
        known = ", ".join(SHEETS)
        message = f"{target.name}: the name of a picture must end in one of {known}"
        raise UsageError.one("bad-picture", message, hint=f"write {target.stem or 'sheet'}.jpg")


def save(picture: Image.Image, target: Path) -> None:
    """Write a picture atomically, in the format of its extension."""
    kind = SHEETS[target.suffix.lower()]
    options = {} if kind == "PNG" else {"quality": QUALITY}
    with whole_file(target) as part:
        picture.save(part, kind, **options)


def draw(
    grid: Grid,
    tiles: Sequence[Tile],
    pictures: Iterator[Image.Image],
    title: str,
    facts: str,
    first: int = 1,
) -> Image.Image:
    """One page. ``first`` is the number of its first picture."""
    large, medium, small = (ImageFont.truetype(default_font(), size) for size in (30, 20, 16))
    sheet = Image.new("RGB", grid.size(len(tiles)), _GROUND)
    pen = ImageDraw.Draw(sheet)
    right = _WIDTH - _EDGE
    pen.text((_EDGE, 30), _cut(title, large, right - _EDGE), _INK, large, anchor="lm")
    pen.text((_EDGE, 62), _cut(facts, small, right - _EDGE), _FAINT, small, anchor="lm")
    for index, (tile, picture) in enumerate(zip(tiles, pictures, strict=False)):
        row, column = divmod(index, grid.columns)
        x = _EDGE + column * (grid.width + _GAP)
        y = _HEAD + row * (grid.height + grid.label + _GAP)
        pen.rectangle((x, y, x + grid.width - 1, y + grid.height - 1), _BEHIND)
        left = (grid.width - picture.width) // 2
        sheet.paste(picture, (x + left, y + (grid.height - picture.height) // 2))
        base, far = y + grid.height, x + grid.width
        number = f"{first + index}"
        pen.text((x, base + 18), number, _INK, medium, anchor="lm")
        after = x + pen.textlength(number, medium) + 10
        pen.text((after, base + 18), tile.title, _FAINT, small, anchor="lm")
        room = grid.width
        if tile.mark:
            wide = pen.textlength(tile.mark, small) + 14
            room -= int(wide) + 8
            box = (far - wide, base + 31, far - 1, base + 50)
            pen.rounded_rectangle(box, 4, BADGES.get(tile.mark, _FAINT))
            pen.text((far - wide / 2, base + 41), tile.mark, _GROUND, small, anchor="mm")
        pen.text((x, base + 41), _cut(tile.detail, small, room), _FAINT, small, anchor="lm")
        for row, line in enumerate(tile.lines[: grid.lines], 1):
            place = (x, base + 41 + row * _LINE)
            pen.text(place, _cut(line, small, grid.width), _FAINT, small, anchor="lm")
    return sheet


def _cut(text: str, font: ImageFont.FreeTypeFont, room: float) -> str:
    """The text, shortened to fit ``room`` pixels."""
    if font.getlength(text) <= room:
        return text
    while text and font.getlength(text + "…") > room:
        text = text[:-1]
    return text + "…"
