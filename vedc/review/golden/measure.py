"""A summary of a film, small enough to store: pictures, a strip of all of it, levels, captions.

Everything is drawn at 128 pixels across (or down) without a codec, so that nothing depends on an
encoder, and a test takes a fraction of a render's time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import cv2
import numpy as np

from vedc.audio.decode import SoundReader
from vedc.audio.meter import Meter
from vedc.color import CANVAS_COLORS, FORMATS, HDR_TRANSFERS
from vedc.edit.model import Edit, spread
from vedc.edit.timecode import clock_time
from vedc.ir.lower.film import pieces
from vedc.review.compare.frames import planes
from vedc.review.compare.sides import Drawing, SpecSide
from vedc.review.golden.cases import Case
from vedc.workspace.build import Build, Deciding
from vedc.workspace.film_frames import at_size
from vedc.workspace.moments import frame_shown_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

Picture: TypeAlias = "NDArray[np.uint8]"
"""Shape (rows, columns, 3): red, green, blue of sRGB or of the film's own SDR colour."""

LARGEST: Final = 128
"""Pixels of the longer side of a picture."""
PICTURES: Final = 16
"""At most, where a case names no times."""
STRIP: Final = 600
"""Frames of the strip at most: those of two minutes at 5 a second, spread over a longer film."""
CELL: Final = 144
"""Pixels of a cell of the strip, about: 16x9."""
LEVELS: Final = 600
"""Stretches of sound at most, of a second or more."""
_SQUARE: Final = 8
"""Pixels of a square of the ground behind what is transparent, ..."""
_GROUND: Final = (200, 90)
"""... and the code values of the squares."""
SILENT: Final = -70.0
"""dBFS below which sound counts as silence."""


@dataclass(frozen=True, slots=True)
class HeardCaption:
    """A caption that viewers turn on and off; seconds."""

    start: float
    end: float
    text: str
    language: str | None = None


@dataclass(slots=True)
class Film:
    """The stored summary of a film."""

    output: str
    """The name of its file."""
    size: str
    fps: str
    frames: int
    pictures: dict[int, Picture] = field(default_factory=dict)
    """By frame."""
    strip: Picture | None = None
    """Small pictures of frames spread over the film, in rows."""
    strip_frames: int = 0
    loudness: float | None = None
    """LUFS; None where there is no sound, or it is too soft."""
    peak: float | None = None
    """dBTP."""
    levels: list[float] = field(default_factory=list)
    """RMS in dBFS of stretches of ``window`` seconds."""
    window: float = 1.0
    captions: list[HeardCaption] = field(default_factory=list)


def measure(build: Build, case: Case, deciding: Deciding, drawing: Drawing) -> Film:
    """The summary of a case's film. Raises as a render does."""
    edits = build.edits(deciding)
    edit = edits[0]
    profile = edit.profile
    side = SpecSide(edit.output.path, build, edit)
    first, end = side.span
    film = Film(
        Path(edit.output.path).name,
        f"{profile.width}x{profile.height}" if side.canvas is not None else "none",
        str(profile.fps),
        end - first,
    )
    if side.canvas is not None:
        _look(film, build, edit, case, deciding, drawing)
    with side.sound(drawing) as sound:
        if sound is not None:
            _listen(film, sound, profile.sample_rate, profile.channels)
    film.captions = [
        HeardCaption(round(float(cue.start), 3), round(float(cue.end), 3), cue.text, s.language)
        for s in edit.caption_streams
        for cue in s.cues
    ]
    return film


def picture_frames(edit: Edit, case: Case) -> list[int]:
    """The frames that pictures are kept of, counted from the start of the film."""
    if edit.output.at is not None:
        return [edit.output.at]
    if case.frames:
        return sorted({frame_shown_at(edit, "frames", time) for time in case.frames})
    first, end = edit.part or (0, edit.duration)
    middles = [(p.start + p.end) // 2 for p in pieces(edit) if p.length]
    middles = sorted({n for n in middles if first <= n < end})
    if len(middles) <= PICTURES:
        return middles
    return [middles[n] for n in spread((0, len(middles)), PICTURES)]


def _look(
    film: Film, build: Build, edit: Edit, case: Case, deciding: Deciding, drawing: Drawing
) -> None:
    wanted = picture_frames(edit, case)
    longer = max(edit.profile.width, edit.profile.height)
    small = at_size(build, edit, min(Fraction(1), Fraction(LARGEST, longer)), deciding)
    side = SpecSide(film.output, build, _for_eyes(small))
    span = side.span
    stripped = set(spread(span, STRIP))
    cells: list[Picture] = []
    across, down = _cell(small.profile.width, small.profile.height)
    with side.pictures([span], drawing) as drawn:
        for number, frame in enumerate(drawn.read(*span), span[0]):
            if number not in stripped and number not in wanted:
                continue
            picture = _eight_bits(planes(frame, None))
            if number in wanted:
                film.pictures[number] = picture
            if number in stripped:
                cell: Any = cv2.resize(picture, (across, down), interpolation=cv2.INTER_AREA)
                cells.append(cell)
    film.strip, film.strip_frames = _in_rows(cells), len(cells)


def _for_eyes(edit: Edit) -> Edit:
    """A film in red, green and blue, of ten bits as FFV1 has them, with its transparency; of high
    dynamic range as a display without it shows it."""
    pix_fmt = "gbrap10le" if FORMATS[edit.output.pix_fmt].alpha else "gbrp10le"
    output = replace(edit.output, codec="ffv1", pix_fmt=pix_fmt, dither="none")
    profile = edit.profile
    if profile.color.transfer in HDR_TRANSFERS:
        profile = replace(profile, color=CANVAS_COLORS["srgb"])
    return replace(edit, output=output, profile=profile)


def _eight_bits(found: Sequence[Any]) -> Picture:
    """Green, blue, red and perhaps alpha of ten bits as a picture: transparent parts are shown over
    a chequered ground, so that transparency is visible whatever the colour."""
    green, blue, red, *alpha = (np.minimum((plane.astype(np.uint32) * 255 + 511) // 1023, 255)
                                for plane in found)  # fmt: skip
    picture = np.stack([red, green, blue], axis=2)
    if alpha:
        rows, columns = np.indices(picture.shape[:2]) // _SQUARE
        ground = np.where((rows + columns) % 2, *_GROUND)[..., np.newaxis]
        cover = alpha[0][..., np.newaxis]
        picture = (picture * cover + ground * (255 - cover) + 127) // 255
    return picture.astype(np.uint8)


def _cell(width: int, height: int) -> tuple[int, int]:
    across = max(1, round(math.sqrt(CELL * width / height)))
    return min(across, width), min(max(1, round(across * height / width)), height)


#: Cells in a row of a strip.
ROW: Final = 30


def _in_rows(cells: Sequence[Picture]) -> Picture:
    """Cells in rows, in order; the rest of the last row is black."""
    high, wide, _ = cells[0].shape
    across = min(ROW, len(cells))
    rows = -(-len(cells) // across)
    strip = np.zeros((rows * high, across * wide, 3), np.uint8)
    for number, cell in enumerate(cells):
        row, column = divmod(number, across)
        strip[row * high : (row + 1) * high, column * wide : (column + 1) * wide] = cell
    return strip


def cells_of(strip: Picture, count: int) -> NDArray[Any]:
    """The cells of a strip: shape (cells, rows, columns, 3)."""
    across = min(ROW, count)
    rows = -(-count // across)
    high, wide = strip.shape[0] // rows, strip.shape[1] // across
    shaped = strip[: rows * high, : across * wide].reshape(rows, high, across, wide, 3)
    return shaped.transpose(0, 2, 1, 3, 4).reshape(-1, high, wide, 3)[:count]


def _listen(film: Film, sound: Path, rate: int, channels: int) -> None:
    meter = Meter(rate, channels)
    reader = SoundReader(str(sound), rate, channels)
    length = round(film.frames / Fraction(film.fps) * rate)
    seconds = max(1, math.ceil(length / rate / LEVELS))
    try:
        for start in range(0, length, seconds * rate):
            block = reader.read(min(seconds * rate, length - start))
            meter.add(block)
            power = float(np.mean(np.square(block, dtype=np.float64)))
            level = 10 * math.log10(power) if power > 0 else SILENT
            film.levels.append(round(max(level, SILENT), 2))
    finally:
        reader.close()
    found = meter.result()
    film.window = float(seconds)
    film.loudness = round(found.integrated, 2) if found.known else None
    film.peak = round(found.true_peak, 2) if math.isfinite(found.true_peak) else None


def shown_time(frame: int, fps: str) -> str:
    """A time as people read it."""
    return clock_time(frame / Fraction(fps), short=True)
