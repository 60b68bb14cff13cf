"""Reading picture files into bitmaps of the size at which they are shown.

Colours are converted to sRGB if the file has an ICC profile, and assumed to be sRGB (CMYK: its
plain complement) if not; the canvas shows them unchanged. The EXIF orientation is applied. Of
several frames the first is used.
"""

from __future__ import annotations

import io
import math
import os
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from PIL import ExifTags, Image, ImageCms, ImageFilter, UnidentifiedImageError

from vedc.errors import InternalError, MissingError, RenderError, UserError
from vedc.text.bitmap import Bitmap

#: Supported formats. Pillow has more, some of which run interpreters (EPS) or are stubs.
FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF")

#: How to turn stored pixels upright (EXIF 2.32, tag 0x0112).
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = (5, 6, 7, 8)

#: Pictures are first reduced by integer factors to this many times the target size, then filtered
#: exactly. At 3 the result is indistinguishable from the exact filter alone.
_REDUCING_GAP = 3.0

#: The Pillow mode of each colour space that an ICC profile may have.
_MODES = {"GRAY": "L", "RGB": "RGB", "CMYK": "CMYK"}

_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))

#: What Pillow's readers raise on damaged files.
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    AttributeError,
    OverflowError,
    MemoryError,
    ZeroDivisionError,
    struct.error,
    zlib.error,
)

_filtering = threading.Lock()
"""``catch_warnings`` is not safe between threads."""


def probe_image(path: str | os.PathLike[str]) -> tuple[int, int]:
    """Width and height as shown, read from the header without decoding pixels.

    Raises ``MissingError`` (``missing-file``) where there is no readable file, ``RenderError``
    with ``bad-image`` where it is damaged, too large or of no known format, and with
    ``not-yet`` for SVG.
    """
    with _open(path) as image:
        width, height = image.size
        return (height, width) if _orientation(image) in _SIDEWAYS else (width, height)


def load_still(
    path: str | os.PathLike[str],
    width: int,
    height: int,
    blur: float | None = None,
    crop: tuple[float, ...] | None = None,
) -> Bitmap:
    """Decode, bring to sRGB, turn upright and resample to ``width`` by ``height`` pixels.

    Resampling is Lanczos on premultiplied, display-encoded samples. With ``blur`` the picture
    is not stretched: it covers that size, centred, and what hangs over is cut off; and it is
    blurred by a Gaussian whose standard deviation is ``blur`` times the shorter side, mirrored
    beyond its border. ``crop`` is the part of the upright picture (x, y, width, height, in its
    whole pixels) that there is of it. Raises as :func:`probe_image` does.
    """
    if width < 1 or height < 1:
        raise InternalError(f"a still was placed at {width}x{height} pixels")
    with _open(path) as image:
        orientation = _orientation(image)
        sideways = orientation in _SIDEWAYS and crop is None
        size = (height, width) if sideways else (width, height)
        left, top, *whole = crop or (0, 0, *image.size)
        fractions = (1.0, 1.0) if blur is None else _visible_fractions((whole[0], whole[1]), size)
        enough = (
            round(_REDUCING_GAP * size[0] / fractions[0]),
            round(_REDUCING_GAP * size[1] / fractions[1]),
        )
        # The JPEG decoder halves almost for free, never below the requested size. It rounds
        # sizes up: ``box`` is the picture's part of them, in fractions of a pixel.
        shown: _Box | None = None
        if crop is None:
            _, shown = image.draft(None, enough) or (None, None)
        with _quiet():
            image.load()
    color, alpha = _separate(path, image)
    placed = _to_srgb(path, color, image.info.get("icc_profile"))
    if alpha is not None:
        placed.putalpha(alpha)
    placed = placed.convert("RGBA").convert("RGBa")
    if crop is not None:  # it counts on the upright picture
        if orientation in _UPRIGHT:
            placed = placed.transpose(_UPRIGHT[orientation])
        placed = placed.crop((left, top, left + whole[0], top + whole[1]))
        orientation = 1
    if blur is not None:
        shown = _center(shown or (0, 0, *placed.size), fractions)
    if placed.size != size or shown is not None:
        placed = placed.resize(size, Image.Resampling.LANCZOS, shown, reducing_gap=_REDUCING_GAP)
    if blur is not None:
        placed = _blurred(placed, blur * min(size))
    if orientation in _UPRIGHT:
        placed = placed.transpose(_UPRIGHT[orientation])
    pixels = np.array(placed)
    # Lanczos overshoots next to edges, and no colour may exceed its alpha.
    np.minimum(pixels, pixels[..., 3:], out=pixels)
    return Bitmap(width, height, pixels.tobytes())


_Box = tuple[float, float, float, float]


def _visible_fractions(given: tuple[float, float], size: tuple[int, int]) -> tuple[float, float]:
    """The fractions of width and height that remain when a picture covers ``size``."""
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


@contextmanager
def _open(path: str | os.PathLike[str]) -> Iterator[Image.Image]:
    """Open a picture; errors of its reader inside the block become user errors."""
    try:
        file = open(path, "rb")  # noqa: SIM115 (the with below closes it)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise MissingError.one(
            "missing-file", f"cannot read {os.fspath(path)}: {reason}", hint="check the path"
        ) from error
    with file:
        try:
            with _quiet():
                image = Image.open(file, formats=FORMATS)
            with image:
                yield image
        except UnidentifiedImageError as error:
            file.seek(0)
            raise _unknown(path, file.read(1024)) from error
        except Image.DecompressionBombError as error:
            raise _bad(path, str(error), "make the picture smaller") from error
        except _BROKEN as error:
            detail = f" ({error})" if str(error) else ""
            raise _bad(path, f"it is damaged{detail}", "export the picture again") from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Ignore Pillow's warnings about odd metadata and large but allowed sizes."""
    with _filtering, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation still to be applied, 1 to 8."""
    if image.format == "TIFF":
        return 1  # its reader turns the picture itself
    # The plain method: that of PNG would decode the pixels, in search of a chunk after them.
    orientation = Image.Image.getexif(image).get(ExifTags.Base.Orientation, 1)
    return orientation if orientation in _UPRIGHT else 1


def _separate(
    path: str | os.PathLike[str], image: Image.Image
) -> tuple[Image.Image, Image.Image | None]:
    """Colour in mode L, RGB or CMYK, and alpha if there is any."""
    if image.mode.startswith("I;16"):
        samples = np.asarray(image).astype(np.uint32)
        key = image.info.get("transparency")
        alpha = None if key is None else Image.fromarray(((samples != key) * 255).astype(np.uint8))
        return Image.fromarray(((samples + 128) // 257).astype(np.uint8)), alpha
    if image.mode in ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr"):
        if image.has_transparency_data:
            full = image.convert("RGBA")
            gray = image.mode in ("1", "L", "LA")
            return full.convert("L" if gray else "RGB"), full.getchannel("A")
        if image.mode in ("L", "CMYK"):
            return image, None
        return image.convert("L" if image.mode == "1" else "RGB"), None
    raise _bad(
        path, f"pixels of kind {image.mode!r} are not read", "save it as 8- or 16-bit RGB or gray"
    )


def _to_srgb(
    path: str | os.PathLike[str], color: Image.Image, profile: bytes | None
) -> Image.Image:
    """RGB in sRGB: relative colorimetric with black point compensation, as browsers do."""
    if not profile:
        return color.convert("RGB")
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = source.profile.xcolor_space.strip()
        if space == "RGB" and color.mode == "L":
            color = color.convert("RGB")
        if _MODES.get(space) != color.mode:
            raise _bad(
                path,
                f"its ICC profile is for {space}, its pixels are {color.mode}",
                "save the picture again with a fitting profile, or with none",
            )
        converted = ImageCms.profileToProfile(
            color,
            source,
            _SRGB,
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError) as error:
        raise _bad(
            path,
            f"its ICC profile cannot be used ({error})",
            "save the picture again with the sRGB profile, or with none",
        ) from error
    if converted is None:
        raise InternalError("ImageCms converted in place")
    return converted


def _unknown(path: str | os.PathLike[str], head: bytes) -> UserError:
    if b"<svg" in head or os.fspath(path).lower().endswith((".svg", ".svgz")):
        return RenderError.one(
            "not-yet",
            f"cannot read {os.fspath(path)}: SVG is not supported yet",
            hint="export it as PNG, at least as large as it is shown",
        )
    return _bad(path, "it is no picture that vedc reads", f"use one of {', '.join(FORMATS)}")


def _bad(path: str | os.PathLike[str], reason: str, hint: str) -> UserError:
    return RenderError.one("bad-image", f"cannot use {os.fspath(path)}: {reason}", hint=hint)
