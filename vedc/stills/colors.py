"""Conversion of 8-bit pictures to sRGB: by their ICC profile, otherwise by their header.

Little CMS, behind ``PIL.ImageCms``, is imported for the pictures that need it.
"""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from PIL import Image

from vedc.color import PRIMARIES
from vedc.errors import InternalError
from vedc.stills import light
from vedc.stills.boxes import CodePoints, nclx, png_color
from vedc.stills.kinds import Kind

if TYPE_CHECKING:
    from PIL.ImageCms import ImageCmsProfile

#: The Pillow mode of each colour space that an ICC profile may have.
_MODES: Final = {"GRAY": "L", "RGB": "RGB", "CMYK": "CMYK", "Lab": "LAB"}

#: H.273 primaries and transfers that differ from sRGB's and are converted by their formulas;
#: video's curves are treated as sRGB's, as everywhere.
_PRIMARIES: Final = {4: "bt470m", 5: "bt470bg", 9: "bt2020", 11: "smpte431", 12: "smpte432"}
_TRANSFERS: Final = {4: light.power(2.2), 5: light.power(2.8), 8: light.power(1.0)}

_ROWS: Final = 256
"""Rows converted at once, in float."""


def separate(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Colour in mode L, RGB, CMYK or LAB, and alpha if there is any.

    Raises ValueError for other pixels.
    """
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
    if image.mode == "LAB":
        return image, None
    raise ValueError(f"pixels of kind {image.mode!r} are not read")


def to_srgb(
    color: Image.Image, profile: bytes | None, otherwise: light.Described | None = None
) -> tuple[Image.Image, str | None]:
    """RGB in sRGB, and why its profile was not used.

    Relative colorimetric with black point compensation, as in browsers. Without a profile a picture
    is sRGB, or as ``otherwise`` describes; CMYK is its plain complement.
    """
    if color.mode == "LAB" and not profile:
        return _transformed(color, _profile("LAB")), None
    if not profile:
        plain = color.convert("RGB")
        return (plain if otherwise is None else _described(plain, otherwise)), None
    from PIL import ImageCms

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = source.profile.xcolor_space.strip()
        if space == "RGB" and color.mode == "L":
            color = color.convert("RGB")
        if _MODES.get(space) != color.mode:
            return color.convert("RGB"), f"is for {space}, but its pixels are {color.mode}"
        return _transformed(color, source), None
    except (ImageCms.PyCMSError, OSError) as error:
        return color.convert("RGB"), f"cannot be used ({error})"


@cache
def _profile(space: Literal["LAB", "sRGB"]) -> ImageCmsProfile:
    from PIL import ImageCms

    return ImageCms.ImageCmsProfile(ImageCms.createProfile(space))


def _transformed(color: Image.Image, source: ImageCmsProfile) -> Image.Image:
    from PIL import ImageCms

    converted = ImageCms.profileToProfile(
        color,
        source,
        _profile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    if converted is None:
        raise InternalError("ImageCms converted in place")
    return converted


def _described(image: Image.Image, meaning: light.Described) -> Image.Image:
    pixels = np.array(image)
    for top in range(0, len(pixels), _ROWS):
        rows = pixels[top : top + _ROWS]
        rows[:] = np.rint(meaning.to_srgb(np.divide(rows, 255, dtype=np.float32)) * 255)
    return Image.fromarray(pixels)


def of_header(path: str, kind: Kind) -> light.Described | None:
    """The colour description of a header without a profile; None if it is sRGB or missing."""
    if kind.name == "png":
        with open(path, "rb") as file:
            chunks = png_color(file)
        if chunks is None or chunks.has_profile:
            return None
        if chunks.points is not None:
            return _of_points(chunks.points)
        return None if chunks.srgb else light.of_gamma(chunks.gamma, chunks.chromaticities)
    if kind.name in ("avif", "heif"):
        with open(path, "rb") as file:
            points = nclx(file)
        return None if points is None else _of_points(points)
    return None


def _of_points(points: CodePoints) -> light.Described | None:
    curve = _TRANSFERS.get(points.transfer, light.srgb_to_light)
    primaries = PRIMARIES.get(_PRIMARIES.get(points.primaries, ""))
    if primaries is not None:
        return light.of_chromaticities(primaries, curve)
    if curve is light.srgb_to_light:
        return None
    return light.Described((curve, curve, curve), np.eye(3))
