"""The frames of a comparison as pictures: a sheet, and a film of both sides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.video.frame import VideoFrame
from PIL import Image, ImageDraw, ImageFont

from vedc.edit.timecode import clock_time, timecode_or_clock
from vedc.media.files import whole_file
from vedc.media.probe import probe
from vedc.report.sheets.stills import stills
from vedc.review.compare.compare import Opened
from vedc.review.compare.results import Comparison, Stretch
from vedc.review.compare.sides import Pictures, Place
from vedc.text.fonts import default_font
from vedc.workspace.sheets.page import save

_GROUND, _INK, _FAINT, _BEHIND = "#14171a", "#f2f4f6", "#9aa4ae", "#22272c"
_EDGE, _GAP, _HEAD, _LABEL = 32, 16, 96, 44
_WIDTH: Final = 1600
#: Stretches on a sheet: the longest ones of more.
MOST: Final = 24
#: Width of a picture of the film.
_HALF: Final = 960
_BAR: Final = 40


def write_sheet(found: Comparison, opened: Opened, target: Path) -> None:
    """A row for each stretch: its worst frame before, after, and where the two differ."""
    kept = sorted(found.stretches, key=lambda stretch: -stretch.length)[:MOST]
    shown = [stretch for stretch in found.stretches if stretch in kept]
    wide = (_WIDTH - 2 * _EDGE - 2 * _GAP) // 3
    rows = []
    for stretch in shown:
        before, after = stretch.worst
        rows.append(
            (
                stretch,
                None if before is None else _picture(opened.before, before, wide),
                None if after is None else _picture(opened.after, after, wide),
            )
        )
    heights = [max(p.height for p in (old, new) if p is not None) for _, old, new in rows]
    height = _HEAD + sum(h + _LABEL + _GAP for h in heights) + _EDGE
    sheet = Image.new("RGB", (_WIDTH, height), _GROUND)
    pen = ImageDraw.Draw(sheet)
    large, small = (ImageFont.truetype(default_font(), size) for size in (26, 16))
    pen.text(
        (_EDGE, 30), _fit(f"{found.before}  →  {found.after}", large), _INK, large, anchor="lm"
    )
    left_out = len(found.stretches) - len(shown)
    more = f", the {len(shown)} longest of {len(found.stretches)}" if left_out else ""
    pen.text((_EDGE, 66), f"before, after, difference{more}", _FAINT, small, anchor="lm")
    y = _HEAD
    for (stretch, old, new), high in zip(rows, heights, strict=True):
        third, label = _apart(old, new)
        for column, picture in enumerate((old, new, third)):
            x = _EDGE + column * (wide + _GAP)
            pen.rectangle((x, y, x + wide - 1, y + high - 1), _BEHIND)
            if picture is not None:
                sheet.paste(picture, (x, y))
        _labels(pen, small, stretch, found.fps, y + high + 18, wide, label)
        y += high + _LABEL + _GAP
    save(sheet, target)


def _labels(
    pen: ImageDraw.ImageDraw,
    font: ImageFont.FreeTypeFont,
    stretch: Stretch,
    fps: Fraction,
    y: int,
    wide: int,
    label: str,
) -> None:
    length = f"{stretch.length} frame{'' if stretch.length == 1 else 's'} {stretch.kind}"
    texts = [
        "not there" if frame is None else f"{timecode_or_clock(frame, fps)}, frame {frame}"
        for frame in stretch.worst
    ]
    summary = f"{length}{label}"
    if stretch.measured is not None:
        summary += f", PSNR {stretch.measured.worst_psnr:.1f} dB"
    for column, text in enumerate((*texts, summary)):
        pen.text((_EDGE + column * (wide + _GAP), y), text, _FAINT, font, anchor="lm")


def _apart(old: Image.Image | None, new: Image.Image | None) -> tuple[Image.Image | None, str]:
    """The amplified difference of two pictures, and the amplification."""
    if old is None or new is None:
        return None, ""
    if old.size != new.size:
        new = new.resize(old.size, Image.Resampling.LANCZOS)
    apart = np.abs(np.asarray(old).astype(np.int16) - np.asarray(new)).max(axis=2)
    gain = 255 / max(1, int(apart.max()))
    shown = np.clip(apart * gain, 0, 255).astype(np.uint8)
    return Image.fromarray(shown).convert("RGB"), f", difference x{gain:.3g}" if gain > 1.05 else ""


def _picture(pictures: Pictures, frame: int, wide: int) -> Image.Image:
    (picture,) = _pictures([pictures.place(frame)])
    return _scaled(picture, wide)


def _scaled(picture: Image.Image, wide: int) -> Image.Image:
    high = max(2, round(picture.height * wide / picture.width))
    # Enlarged pictures keep their visible pixels.
    how = Image.Resampling.LANCZOS if wide < picture.width else Image.Resampling.NEAREST
    return picture.resize((wide, high), how)


def _pictures(places: Sequence[Place]) -> Iterator[Image.Image]:
    """Frames of files in 8 bits of sRGB; those of one file that follow one another are read in one
    go."""
    for path, group in groupby(places, key=lambda place: place[0]):
        numbers = [number for _, number in group]
        if path.suffix == ".png":
            with Image.open(path) as picture:
                yield picture.convert("RGB")
        else:
            yield from stills(probe(path), numbers)


def write_film(found: Comparison, opened: Opened, target: Path) -> None:
    """A film of everything that differs: before at the left, after at the right."""
    size: tuple[int, int] | None = None
    font = ImageFont.truetype(default_font(), 20)
    fps = found.fps
    with whole_file(target) as part, av.open(str(part), "w", format="mp4") as film:
        stream = None
        for stretch in found.stretches:
            for number, (old, new) in enumerate(_both(stretch, opened)):
                shown = old or new
                assert shown is not None
                if size is None or stream is None:
                    wide = min(_HALF, shown.width // 2 * 2)
                    size = wide, round(shown.height * wide / shown.width / 2) * 2
                    stream = film.add_stream("libx264", fps, {"crf": "18"})
                    stream.width, stream.height = 2 * size[0], size[1] + _BAR
                    stream.pix_fmt = "yuv420p"
                picture = _side_by_side(old, new, size, _title(stretch, number, fps), font)
                frame = VideoFrame.from_ndarray(np.asarray(picture), format="rgb24")
                film.mux(stream.encode(frame))
        if stream is not None:
            film.mux(stream.encode())


def _title(stretch: Stretch, number: int, fps: Fraction) -> tuple[str, str]:
    def at(first: int) -> str:
        return f"{clock_time((first + number) / fps, short=True)}, frame {first + number}"

    before = "not there" if stretch.kind == "inserted" else f"before  {at(stretch.before[0])}"
    after = "not there" if stretch.kind == "removed" else f"after  {at(stretch.after[0])}"
    return before, after


def _both(
    stretch: Stretch, opened: Opened
) -> Iterator[tuple[Image.Image | None, Image.Image | None]]:
    sides: list[Iterator[Image.Image | None]] = []
    for pictures, span in ((opened.before, stretch.before), (opened.after, stretch.after)):
        if span[0] == span[1]:
            sides.append(None for _ in range(stretch.length))
        else:
            sides.append(iter(_pictures([pictures.place(n) for n in range(*span)])))
    return zip(*sides, strict=True)


def _side_by_side(
    old: Image.Image | None,
    new: Image.Image | None,
    size: tuple[int, int],
    titles: tuple[str, str],
    font: ImageFont.FreeTypeFont,
) -> Image.Image:
    wide, high = size
    whole = Image.new("RGB", (2 * wide, high + _BAR), _GROUND)
    pen = ImageDraw.Draw(whole)
    for column, (picture, title) in enumerate(zip((old, new), titles, strict=True)):
        pen.text((column * wide + 12, _BAR // 2), title, _INK, font, anchor="lm")
        if picture is not None:
            shown = picture.resize(size, Image.Resampling.LANCZOS)
            whole.paste(shown, (column * wide, _BAR))
    return whole


def _fit(text: str, font: ImageFont.FreeTypeFont) -> str:
    room = _WIDTH - 2 * _EDGE
    while font.getlength(text) > room and len(text) > 8:
        text = f"{text[:-2]}…"
    return text
