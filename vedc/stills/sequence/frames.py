"""Whole pictures as frames of a film: upright, at their own size, alpha not premultiplied."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from vedc.edit.media_info import ProbeError
from vedc.stills import colors, deep, svg
from vedc.stills.ffmpeg_frame import Samples
from vedc.stills.kinds import HEAD_BYTES, kind_of
from vedc.stills.pillow_file import UPRIGHT, bad, decode, opened, orientation

_TURNS = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}


class Frame(NamedTuple):
    samples: Samples
    """(height, width, 3 or 4): R, G, B and optionally alpha. Integers are display-encoded in sRGB,
    or PQ or HLG if the file says so; floats are linear light."""
    lost: str | None = None
    """The missing part of the picture, in words."""


def read_frame(path: Path, depth: int) -> Frame:
    """The picture as integers of 8 or 16 bits, or as floats if ``depth`` is 32.

    Raises ProbeError if there is nothing to show.
    """
    try:
        with open(path, "rb") as file:
            kind = kind_of(path, file.read(HEAD_BYTES))
    except OSError as error:
        message = f"'{path}' cannot be read: {error.strerror or error}"
        raise ProbeError("not-readable", message, "check the file and its folder") from None
    if kind is None:
        raise bad(path, "it is no picture that vedc reads", "convert it to PNG or JPEG")
    found = deep.read(path, kind)
    if found is not None:
        return Frame(_of_depth(_upright(found), depth, path))
    if kind.name == "svg":
        text = svg.drawing(path)
        width, height = (max(1, round(side)) for side in svg.intrinsic(text))
        drawn = np.asarray(svg.render(path, text, width, height).convert("RGBA"))
        return Frame(_of_depth(drawn, depth, path))
    with opened(path, kind) as image:
        turn, mirrored = UPRIGHT[orientation(image)]
        lost = decode(image, path)
        try:
            color, alpha = colors.separate(image)
        except ValueError as error:
            raise bad(path, str(error), "save it as 8- or 16-bit RGB or gray") from error
        profile = image.info.get("icc_profile")
    meaning = None if profile else colors.of_header(str(path), kind)
    shown, _ = colors.to_srgb(color, profile, meaning)
    if alpha is not None:
        shown.putalpha(alpha)
    if mirrored:
        shown = shown.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if turn in _TURNS:
        shown = shown.transpose(_TURNS[turn])
    return Frame(_of_depth(np.asarray(shown), depth, path), lost)


def _upright(found: deep.Deep) -> Samples:
    """RGB or RGBA, with its colour description already applied."""
    samples = found.samples
    if samples.shape[2] < 3:
        samples = samples[..., [0, 0, 0, 1][: samples.shape[2] + 2]]
    if found.described is not None:
        samples = samples.copy()
        if samples.dtype == np.float32:
            samples[..., :3] = found.described.to_light(samples[..., :3].astype(np.float32))
        else:
            most = 255 if samples.dtype == np.uint8 else 65535
            rgb = found.described.to_srgb(samples[..., :3].astype(np.float32) / np.float32(most))
            samples[..., :3] = np.rint(rgb * most)
    turn, mirrored = UPRIGHT[found.orientation]
    return np.rot90(samples[:, ::-1] if mirrored else samples, -turn // 90)


def _of_depth(samples: Samples, depth: int, path: Path) -> Samples:
    if (samples.dtype == np.float32) != (depth == 32):
        what = "linear light" if samples.dtype == np.float32 else "no linear light"
        raise bad(path, f"it holds {what}, unlike the first picture", "convert it")
    if depth == 16 and samples.dtype == np.uint8:
        return samples.astype(np.uint16) * np.uint16(257)
    if depth == 8 and samples.dtype == np.uint16:
        return ((samples.astype(np.uint32) + 128) // 257).astype(np.uint8)
    return samples
