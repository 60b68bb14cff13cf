"""Reading picture files into rasters at their display size.

8-bit colours are converted to sRGB if the file describes them differently, and the canvas shows
them unchanged; resampling is Lanczos on premultiplied, display-encoded samples. Deeper pictures
keep their bits, as described in ``vedc.stills.deep``. Drawings are rendered at the requested size.
Of several frames the first is used.
"""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from vedc.color import FORMATS
from vedc.edit.media_info import ProbeError
from vedc.errors import InternalError, MissingError, RenderError
from vedc.stills import colors, deep, light
from vedc.stills.ffmpeg_frame import Samples
from vedc.stills.kinds import HEAD_BYTES, Kind, kind_of
from vedc.stills.pillow_file import (
    UPRIGHT,
    bad,
    decode,
    opened,
    orientation,
)
from vedc.stills.raster import Raster

#: Pictures are first reduced by integer factors to this many times the target size, then filtered
#: exactly. At 3 the result is indistinguishable from the exact filter alone.
_REDUCING_GAP: Final = 3.0

_TURNS: Final = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}

_Box = tuple[float, float, float, float]
_Size = tuple[int, int]


def load_still(
    path: str | os.PathLike[str],
    width: int,
    height: int,
    blur: float | None = None,
    crop: tuple[float, ...] | None = None,
    format: str = "rgba",
) -> Raster:
    """Decode, turn upright and resample to ``width`` by ``height`` pixels.

    With ``blur`` the picture is not stretched: it covers that size, centred, with the excess cut
    off, and is blurred by a Gaussian whose standard deviation is ``blur`` times the shorter side,
    mirrored beyond its border. ``crop`` is the part used of the upright picture (x, y, width,
    height, in its whole pixels). ``format`` is ``rgba``, or the format that ``describe`` gives for
    the file. Raises ``MissingError`` (``missing-file``) if there is no readable file,
    ``RenderError`` with ``bad-image`` if it cannot be shown.
    """
    if width < 1 or height < 1:
        raise InternalError(f"a still was placed at {width}x{height} pixels")
    try:
        kind = _kind(path)
        if kind.name == "svg":
            return _drawn(Path(path), width, height, blur, crop)
        found = deep.read(path, kind)
        if found is not None and found.samples.dtype != np.uint8:
            raster = sampled(found, width, height, blur, crop, format)
        elif found is not None:
            image = Image.fromarray(found.samples.squeeze())
            raster = _of_image(image, (width, height), blur, crop, 1, None)
        else:
            raster = _photographed(path, kind, width, height, blur, crop)
    except ProbeError as error:
        raise RenderError.one(error.code, error.message, hint=error.hint) from error
    if raster.format != format:
        raise RenderError.one("media-changed", f"'{Path(path)}' changed after it was checked")
    return raster


def _kind(path: str | os.PathLike[str]) -> Kind:
    try:
        with open(path, "rb") as file:
            kind = kind_of(Path(path), file.read(HEAD_BYTES))
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise MissingError.one(
            "missing-file", f"cannot read {os.fspath(path)}: {reason}", hint="check the path"
        ) from error
    if kind is None:
        raise bad(path, "it is no picture that vedc reads", "convert it to PNG or JPEG")
    return kind


# ------------------------------------------------------------------------------ 8 bits


def _photographed(
    path: str | os.PathLike[str],
    kind: Kind,
    width: int,
    height: int,
    blur: float | None,
    crop: tuple[float, ...] | None,
) -> Raster:
    with opened(path, kind) as image:
        turn, mirrored = UPRIGHT[orientation(image)]
        sideways = turn in (90, 270) and crop is None
        size = (height, width) if sideways else (width, height)
        whole = (crop[2], crop[3]) if crop else image.size
        fractions = (1.0, 1.0) if blur is None else _visible_fractions(whole, size)
        enough = (
            round(_REDUCING_GAP * size[0] / fractions[0]),
            round(_REDUCING_GAP * size[1] / fractions[1]),
        )
        # The JPEG decoder halves at almost no cost, never below the requested size. It rounds sizes
        # up: ``box`` is the part that the picture covers, in fractions of a pixel.
        shown: _Box | None = None
        if crop is None:
            _, shown = image.draft(None, enough) or (None, None)
        decode(image, path)
        color, alpha = colors.separate(image)
        profile = image.info.get("icc_profile")
    meaning = None if profile else colors.of_header(os.fspath(path), kind)
    placed, _ = colors.to_srgb(color, profile, meaning)
    if alpha is not None:
        placed.putalpha(alpha)
    return _of_image(placed, (width, height), blur, crop, turn, shown, mirrored)


def _of_image(
    image: Image.Image,
    wanted: _Size,
    blur: float | None,
    crop: tuple[float, ...] | None,
    turn: int = 0,
    shown: _Box | None = None,
    mirrored: bool = False,
) -> Raster:
    """Crop, resample, blur and turn a picture in sRGB; ``shown`` is the part of it to use."""
    placed = image.convert("RGBA").convert("RGBa")
    if crop is not None:  # refers to the upright picture
        placed = _upright(placed, turn, mirrored)
        left, top, across, down = crop
        placed = placed.crop((left, top, left + across, top + down))
        turn, mirrored = 0, False
    size = wanted[::-1] if turn in (90, 270) else wanted
    if blur is not None:
        box = shown or (0, 0, *placed.size)
        whole = (box[2] - box[0], box[3] - box[1])
        shown = _center(box, _visible_fractions(whole, size))
    if placed.size != size or shown is not None:
        placed = placed.resize(size, Image.Resampling.LANCZOS, shown, reducing_gap=_REDUCING_GAP)
    if blur is not None:
        placed = _blurred(placed, blur * min(size))
    pixels = np.array(_upright(placed, turn, mirrored))
    # Lanczos overshoots next to edges, and no colour may exceed its alpha.
    np.minimum(pixels, pixels[..., 3:], out=pixels)
    return Raster(*wanted, "rgba", (pixels.tobytes(),))


def _upright(image: Image.Image, turn: int, mirrored: bool) -> Image.Image:
    if mirrored:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return image.transpose(_TURNS[turn]) if turn in _TURNS else image


def _visible_fractions(given: tuple[float, float], size: _Size) -> tuple[float, float]:
    """The visible fractions of width and height when a picture covers ``size``."""
    across, down = given[0] * size[1], given[1] * size[0]
    return min(1.0, down / across), min(1.0, across / down)


def _center(box: _Box, fractions: tuple[float, float]) -> _Box:
    left, top, right, bottom = box
    x, y = (right - left) * (1 - fractions[0]) / 2, (bottom - top) * (1 - fractions[1]) / 2
    return left + x, top + y, right - x, bottom - y


def _blurred(image: Image.Image, sigma: float) -> Image.Image:
    (width, height), reach = image.size, math.ceil(3 * sigma)
    sides = ((reach, reach), (reach, reach), (0, 0))
    wider = np.pad(np.asarray(image), sides, mode="symmetric")
    size = (width + 2 * reach, height + 2 * reach)
    blurred = Image.frombytes(image.mode, size, wider.tobytes())
    blurred = blurred.filter(ImageFilter.GaussianBlur(sigma))
    return blurred.crop((reach, reach, reach + width, reach + height))


# ------------------------------------------------------------------------------ drawings


def _drawn(
    path: Path, width: int, height: int, blur: float | None, crop: tuple[float, ...] | None
) -> Raster:
    from vedc.stills import svg  # parsers of XML, which few films need

    text = svg.drawing(path)
    across, down = (max(1, round(side)) for side in svg.intrinsic(text))
    left, top, wide, high = crop or (0.0, 0.0, float(across), float(down))
    if blur is not None:
        x, y = _visible_fractions((wide, high), (width, height))
        left, top = left + wide * (1 - x) / 2, top + high * (1 - y) / 2
        wide, high = wide * x, high * y
    part = svg.Box(left / across, top / down, wide / across, high / down)
    image = svg.render(path, text, width, height, part).convert("RGBa")
    if blur is not None:
        image = _blurred(image, blur * min(width, height))
    return Raster(width, height, "rgba", (image.tobytes(),))


# ------------------------------------------------------------------------------ more than 8 bits


def sampled(
    found: deep.Deep,
    width: int,
    height: int,
    blur: float | None,
    crop: tuple[float, ...] | None,
    format: str,
) -> Raster:
    """Resample each channel in float, then convert the colours to ``found.color``."""
    turn, mirrored = UPRIGHT[found.orientation]
    samples = found.samples[:, ::-1] if mirrored else found.samples
    samples = np.rot90(samples, -turn // 90)
    if crop is not None:
        left, top, across, down = map(int, crop)
        samples = samples[top : top + down, left : left + across]
    linear = found.color.transfer == "linear"
    channels = samples.shape[2]
    alpha = _channel(samples, channels - 1, None) if channels in (2, 4) else None
    size, box = (width, height), None
    if blur is not None:
        whole = (0.0, 0.0, float(samples.shape[1]), float(samples.shape[0]))
        box = _center(whole, _visible_fractions(whole[2:], size))
    # Next to a light a hundred times as bright, Lanczos would ring visibly.
    kernel = Image.Resampling.BILINEAR if linear else Image.Resampling.LANCZOS

    def resampled(channel: NDArray[np.float32]) -> NDArray[np.float32]:
        image = Image.fromarray(channel)
        if image.size != size or box is not None:
            image = image.resize(size, kernel, box, reducing_gap=_REDUCING_GAP)
        if blur is None:
            return np.asarray(image)
        return _blurred_floats(np.asarray(image), blur * min(size))

    color = range(channels - (alpha is not None))
    planes = [resampled(_channel(samples, i, alpha)) for i in color]
    rgb = np.stack(planes if len(planes) == 3 else planes * 3, axis=-1)
    cover = None if alpha is None else np.clip(resampled(alpha), 0, 1)
    if cover is not None:
        np.divide(rgb, cover[..., None], out=rgb, where=cover[..., None] > 0)
    if found.described is not None:
        rgb = found.described.to_light(rgb) if linear else found.described.to_srgb(rgb)
    if format == "rgba":
        shown = light.light_to_srgb(np.clip(rgb, 0, 1)) if linear else np.clip(rgb, 0, 1)
        whole_alpha = np.ones(rgb.shape[:2], np.float32) if cover is None else cover
        packed = np.dstack([shown * whole_alpha[..., None], whole_alpha])
        return Raster(width, height, "rgba", (np.rint(packed * 255).astype(np.uint8).tobytes(),))
    ordered = [rgb[..., i] for i in (1, 2, 0)] + ([] if cover is None else [cover])
    name = format_of(found)
    if FORMATS[name].floating:
        return Raster(width, height, name, tuple(p.astype("<f4").tobytes() for p in ordered))
    codes = (np.rint(np.clip(p, 0, 1) * 65535).astype("<u2").tobytes() for p in ordered)
    return Raster(width, height, name, tuple(codes))


def format_of(found: deep.Deep) -> str:
    """The format in which a picture of more than 8 bits is delivered."""
    depth = 32 if found.samples.dtype == np.float32 else 16
    return format_at(depth, found.samples.shape[2] in (2, 4))


def format_at(depth: int, alpha: bool) -> str:
    """The planar format of integers of 8 or 16 bits, or of floats of 32."""
    return f"gbr{'a' if alpha else ''}p{ {8: '', 16: '16le', 32: 'f32le'}[depth] }"


def _channel(
    samples: Samples, index: int, alpha: NDArray[np.float32] | None
) -> NDArray[np.float32]:
    """One channel as float, premultiplied by ``alpha``; 1 is the largest integer."""
    channel = np.ascontiguousarray(samples[..., index], np.float32)
    if samples.dtype == np.uint16:
        channel = channel / np.float32(65535)
    return channel if alpha is None else channel * np.clip(alpha, 0, 1)


def _blurred_floats(channel: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    import cv2

    blurred = cv2.GaussianBlur(channel, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
    return np.asarray(blurred, np.float32)
