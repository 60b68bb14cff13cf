"""Description of a picture file, made by decoding all of it: broken files are refused before a
render."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from vedc.color import Color
from vedc.edit.media_info import Note, VideoInfo
from vedc.ops.shared.hdr import PQ_PEAK, WHITE
from vedc.stills import animation, colors, deep, svg
from vedc.stills.kinds import Kind
from vedc.stills.load import format_of
from vedc.stills.pillow_file import UPRIGHT, bad, decode, opened, orientation
from vedc.support.lazy_dataclass import dataclass

#: FFmpeg's pixel formats for Pillow's modes.
_PIX_FMTS: Final = {
    "1": "monow", "L": "gray", "LA": "ya8", "La": "ya8", "P": "pal8", "PA": "pal8",
    "RGB": "rgb24", "RGBX": "rgb0", "RGBA": "rgba", "RGBa": "rgba", "CMYK": "cmyk",
    "YCbCr": "yuv444p", "LAB": "lab", "I;16": "gray16le", "I;16B": "gray16be",
}  # fmt: skip

_RATE: Final = Fraction(25)
"""Nominal rate of a still."""


@dataclass(frozen=True, slots=True)
class Described:
    video: VideoInfo
    duration: Fraction | None
    """Seconds of an animation; None for a still."""
    notes: tuple[Note, ...]


def describe(path: Path, kind: Kind) -> Described:
    """Decode a picture, or every frame of an animation.

    ``VideoInfo.format`` has 8 bits, as delivered by a reader; if ``pix_fmt`` is a kernel format of
    more bits, ``load_still`` delivers the picture in that. Raises ProbeError ``bad-image``.
    """
    if kind.name == "svg":
        return _drawing(path)
    found = deep.read(path, kind)
    if found is not None:
        return _deep(found, kind)
    return _pillow(path, kind)


def _drawing(path: Path) -> Described:
    text = svg.drawing(path)
    width, height = (max(1, round(side)) for side in svg.intrinsic(text))
    svg.render(path, text, min(width, 256), min(height, 256))
    return Described(_info("svg", width, height, "rgba", "gbrap", deep.DISPLAY), None, text.notes)


def _deep(found: deep.Deep, kind: Kind) -> Described:
    height, width, channels = found.samples.shape
    alpha = "a" if channels in (2, 4) else ""
    stored = format_of(found)
    if found.samples.dtype == np.uint8:
        stored = "rgba" if alpha else "rgb24"
    turn, mirrored = UPRIGHT[found.orientation]
    info = _info(kind.name, width, height, stored, f"gbr{alpha}p", found.color, turn, mirrored)
    if found.color.transfer == "linear":
        brightest = float(found.samples[..., : channels - (alpha == "a")].max())
        info = replace(info, peak=min(max(brightest, 1.0) * WHITE, PQ_PEAK))
    return Described(info, None, ())


def _pillow(path: Path, kind: Kind) -> Described:
    with opened(path, kind) as image:
        if kind.moves and getattr(image, "n_frames", 1) > 1:
            moving = animation.survey(path, kind)
            if len(moving.starts) > 1:
                return _moving(path, kind, moving, image)
        stored = image.mode
        turn, mirrored = UPRIGHT[orientation(image)]
        lost = decode(image, path)
        try:
            color, alpha = colors.separate(image)
        except ValueError as error:
            raise bad(path, str(error), "save it as 8- or 16-bit RGB or gray") from error
        _, unused = colors.to_srgb(color.crop((0, 0, 1, 1)), image.info.get("icc_profile"))
        width, height = image.size
    format = "gbrp" if alpha is None else "gbrap"
    pix_fmt = _PIX_FMTS.get(stored, "rgb24")
    info = _info(kind.name, width, height, pix_fmt, format, deep.DISPLAY, turn, mirrored)
    return Described(info, None, tuple(_notes(path, lost, unused)))


def _damaged(path: Path, lost: str) -> Note:
    message = f"'{path}' is damaged: {lost}"
    return Note("damaged-image", message, "export the picture again", "picture")


def _notes(path: Path, lost: str | None, unused: str | None) -> list[Note]:
    found = [] if lost is None else [_damaged(path, lost)]
    if unused is not None:
        found.append(
            Note(
                "color-profile",
                f"the ICC profile of '{path}' {unused}; its colours are taken for sRGB",
                "save the picture again with the sRGB profile",
                "picture",
            )
        )
    return found


def _moving(path: Path, kind: Kind, moving: animation.Survey, image: Image.Image) -> Described:
    width, height = image.size
    info = VideoInfo(
        width=width,
        height=height,
        sar=Fraction(1),
        rotation=0,
        pix_fmt="rgba" if moving.alpha else "rgb24",
        format="gbrap" if moving.alpha else "gbrp",
        rate=moving.rate,
        color=deep.DISPLAY,
        tagged=True,
        codec=kind.name,
        time_base=Fraction(1, 1000),
        frames=len(moving.starts) if moving.even else None,
        length=moving.duration,
    )
    notes = () if moving.lost is None else (_damaged(path, moving.lost),)
    return Described(info, moving.duration, notes)


def _info(
    codec: str,
    width: int,
    height: int,
    pix_fmt: str,
    format: str,
    color: Color,
    rotation: int = 0,
    mirrored: bool = False,
) -> VideoInfo:
    return VideoInfo(
        width=width,
        height=height,
        sar=Fraction(1),
        rotation=rotation,
        pix_fmt=pix_fmt,
        format=format,
        rate=_RATE,
        color=color,
        tagged=True,
        codec=codec,
        time_base=1 / _RATE,
        frames=1,
        mirrored=mirrored,
    )
