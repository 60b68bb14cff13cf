"""A graded shot before its decision and as the film shows it, with scopes beside them."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import numpy as np

from vedc.decide.arrays import Floats
from vedc.decide.grades.perceived import delta_e, lab
from vedc.decide.grades.pictures import Viewer
from vedc.edit.model import Edit
from vedc.lang.resolve.grades.question import GradedItem, GradeQuestion

if TYPE_CHECKING:
    from PIL import Image

SIDE: Final = 480
"""The longer side of pictures, in pixels."""
_HIGH, _GAP, _WORDS = 180, 6, 22
_QUALITY: Final = 84


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """One frame of a shot: display values (height, width, 3) of the canvas, 0..1."""

    before: Floats
    """With the steps before the question."""
    after: Floats
    """With all steps of the film's grades."""
    reference: Floats | None
    """The reference."""
    question: GradeQuestion

    @property
    def change(self) -> float:
        """Mean CIEDE2000 between before and after."""
        return float(delta_e(self.before, self.after).mean())


@dataclass(frozen=True, slots=True)
class Measured:
    """A picture's averages in CIELAB."""

    name: str
    lightness: float
    """L*, 0..100."""
    green_red: float
    """a*: above 0 towards red, below towards green."""
    blue_yellow: float
    """b*: above 0 warm, below cold."""
    chroma: float


def measured(compared: Compared) -> list[Measured]:
    """The picture before, in the film, and the reference where there is one."""
    rows = [("before", compared.before), ("in the film", compared.after)]
    if compared.reference is not None:
        rows.append(("reference", compared.reference))
    found = []
    for name, pixels in rows:
        lightness, a, b = np.moveaxis(lab(pixels), -1, 0)
        chroma = float(np.hypot(a, b).mean())
        found.append(
            Measured(name, float(lightness.mean()), float(a.mean()), float(b.mean()), chroma)
        )
    return found


class Comparing:
    """Compares shots of a film before and after their decisions."""

    def __init__(self, edit: Edit) -> None:
        self._items = {
            (item.name, item.start): item for track in edit.tracks for item in track.items
        }

    def at(self, question: GradeQuestion, item: GradedItem, frame: int) -> Compared | None:
        """The content of an item at a frame of the film; None if the film does not show it."""
        film = self._items.get((item.shown.name, item.shown.start))
        if film is None:
            return None
        own = min(max(frame - item.shown.start, 0), max(item.frames - 1, 0))
        before = _seen(question, item, own)
        shown = replace(item.shown, grade=film.grade)
        after = _seen(question, replace(item, shown=shown), own)
        return Compared(before, after, _reference(question), question)


def _seen(question: GradeQuestion, item: GradedItem, frame: int) -> Floats:
    """An item a number of film frames after its start."""
    viewer = Viewer(question.profile)
    if item.media is None:
        return np.asarray(viewer.still(item, SIDE)[0])
    time = item.time_map.source_at(Fraction(frame) / item.fps)
    return viewer.frame(item, _read(item, time), frame)


def _reference(question: GradeQuestion) -> Floats | None:
    item = question.reference
    if item is None:
        return None
    if item.media is None:
        return np.asarray(Viewer(question.profile).still(item, SIDE)[0])
    if question.at is None:
        return _seen(question, item, item.frames // 2)
    return Viewer(question.profile).frame(item, _read(item, question.at), 0)


def _read(item: GradedItem, time: Fraction) -> Floats:
    """Small R'G'B' of a clip's file at a time."""
    import cv2

    from vedc.report.scopes.source import film_frame

    media = item.media
    assert media is not None and media.video is not None
    rate = media.video.rate
    rgb = film_frame(media, max(int(time * rate), 0)).rgb
    scale = SIDE / max(media.video.display_size)
    size = tuple(max(1, round(side * scale)) for side in media.video.display_size)
    if scale >= 1:
        return np.asarray(np.clip(rgb, 0, 1), np.float64)
    small = cv2.resize(np.clip(rgb, 0, 1), size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float64)


def picture(compared: Compared) -> Image.Image:
    """Before, in the film and the reference, a row each: picture, waveform, parade,
    vectorscope."""
    from PIL import Image, ImageDraw

    from vedc.report.scopes import draw
    from vedc.report.scopes.signal import Signal

    profile = compared.question.profile
    ground, ink = (24, 27, 31), (200, 206, 212)
    rows = [("before", compared.before), ("in the film", compared.after)]
    if compared.reference is not None:
        rows.append(("reference", compared.reference))
    wide = _HIGH * 16 // 9
    made = Image.new(
        "RGB", (3 * wide + _HIGH + 5 * _GAP, len(rows) * (_HIGH + _WORDS) + _GAP), ground
    )
    pen = ImageDraw.Draw(made)
    heads = ("waveform", "parade", "vectorscope")
    for number, (words, pixels) in enumerate(rows):
        signal = Signal.of(pixels, profile.color, 16)
        shown = draw.thumbnail(signal, wide, _HIGH)
        scopes = (
            draw.waveform(signal, wide, _HIGH, draw.SMALL),
            draw.parade(signal, wide, _HIGH, draw.SMALL),
            draw.vectorscope(signal, _HIGH, draw.SMALL),
        )
        top = number * (_HIGH + _WORDS) + _WORDS
        pen.text((_GAP, top - 7), words, ink, draw.font(13), anchor="ls")
        made.paste(shown, (_GAP + (wide - shown.width) // 2, top + (_HIGH - shown.height) // 2))
        for column, (scope, head) in enumerate(zip(scopes, heads, strict=True), 1):
            left = _GAP + column * (wide + _GAP)
            made.paste(scope, (left, top))
            if not number:
                pen.text((left, top - 7), head, ink, draw.font(13), anchor="ls")
    return made


def as_jpeg(shown: Image.Image) -> bytes:
    data = io.BytesIO()
    shown.save(data, "JPEG", quality=_QUALITY, optimize=True)
    return data.getvalue()
