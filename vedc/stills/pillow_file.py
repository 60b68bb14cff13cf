"""Opening and decoding pictures with Pillow: without warnings, with a size limit, and damaged files
as far as possible."""

from __future__ import annotations

import os
import re
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
from PIL import ExifTags, Image, ImageFile, UnidentifiedImageError

from vedc.edit.media_info import LARGEST_STILL, ProbeError
from vedc.stills.kinds import Kind

#: EXIF orientations (EXIF 2.32, tag 0x0112) as clockwise turns and whether to mirror left to right
#: first.
UPRIGHT: Final[dict[int, tuple[int, bool]]] = {
    1: (0, False),
    2: (0, True),
    3: (180, False),
    4: (180, True),
    5: (270, True),
    6: (90, False),
    7: (90, True),
    8: (270, False),
}

#: Errors of Pillow's readers on damaged files.
BROKEN: Final = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    AssertionError,
    AttributeError,
    OverflowError,
    MemoryError,
    ZeroDivisionError,
    RuntimeError,
    struct.error,
    zlib.error,
)

_EMPTIEST: Final = 2000
"""Pixels per byte above which a broken file has a wrong header rather than a missing end."""

_filtering = threading.Lock()
"""``catch_warnings`` and Pillow's switch for truncated files are not safe between threads."""


@contextmanager
def opened(path: str | os.PathLike[str], kind: Kind) -> Iterator[Image.Image]:
    """Open a picture; reader errors inside the block are converted as by :func:`explained`."""
    if kind.name == "heif":
        import pillow_heif

        pillow_heif.register_heif_opener(thumbnails=False)
    with open(path, "rb") as file, explained(path):
        with quiet():
            image = Image.open(file, formats=kind.pillow)
        with image:
            yield image


@contextmanager
def explained(path: str | os.PathLike[str]) -> Iterator[None]:
    """Turn reader errors on bad files into ProbeError ``damaged-media``, ``bad-image`` or
    ``image-too-large``."""
    try:
        yield
    except Image.DecompressionBombError as error:
        raise too_large(path, re.search(r"\((\d+) pixels", str(error))) from error
    except UnidentifiedImageError as error:
        raise damaged(path, "its header makes no sense") from error
    except NotImplementedError as error:
        cure = "save it in another variant of its format, or as PNG or TIFF"
        raise bad(path, "it uses a part of its format that is not read", cure) from error
    except BROKEN as error:
        raise damaged(path, str(error) or type(error).__name__) from error


@contextmanager
def quiet() -> Iterator[None]:
    """Ignore Pillow's warnings about odd metadata and large but allowed sizes."""
    with _filtering, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def decode(image: Image.Image, path: str | os.PathLike[str]) -> str | None:
    """Decode the pixels of the file at ``path``, as far as possible.

    Returns the missing part in words; None if complete. Raises the errors in ``BROKEN`` if there is
    nothing to show.
    """
    try:
        with quiet():
            image.load()
    except BROKEN as error:
        if image.width * image.height > _EMPTIEST * os.path.getsize(path):
            raise
        with quiet():
            ImageFile.LOAD_TRUNCATED_IMAGES = True
            try:
                image.load()
            except BROKEN:
                raise error from None
            finally:
                ImageFile.LOAD_TRUNCATED_IMAGES = False
        return _lost(image, error)
    return None


def _lost(image: Image.Image, error: BaseException) -> str:
    """The missing part of a damaged picture. Raises ``error`` if everything is missing.

    Decoders leave areas without samples in one colour.
    """
    pixels = np.asarray(image.convert("RGBA"))
    height = image.height
    for at, side in ((-1, "lowest"), (0, "topmost")):
        plain = (pixels == pixels[at, at]).all(axis=(1, 2))
        if plain.all():
            raise error from None
        ordered = plain[::-1] if at else plain
        count = int(np.argmin(ordered))
        if count:
            return f"the {side} {count} of its {height} rows are missing"
    return f"a part of its {height} rows is missing"


def orientation(image: Image.Image) -> int:
    """The EXIF orientation still to be applied, 1 to 8."""
    if image.format in ("TIFF", "HEIF"):
        return 1  # their readers turn the picture themselves
    # The base method: PNG's would decode the pixels, in search of a chunk after them.
    found = Image.Image.getexif(image).get(ExifTags.Base.Orientation, 1)
    return found if found in UPRIGHT else 1


def damaged(path: str | os.PathLike[str], why: str) -> ProbeError:
    message = f"'{Path(path)}' is damaged: {why}"
    return ProbeError("damaged-media", message, "copy or download it again, or export it anew")


def too_large(path: str | os.PathLike[str], counted: re.Match[str] | None = None) -> ProbeError:
    size = f"{int(counted[1]):,} pixels, " if counted else ""
    message = f"'{Path(path)}' has {size}more than vedc reads"
    return ProbeError(
        "image-too-large", message, f"make it smaller: at most {LARGEST_STILL:,} pixels"
    )


def bad(path: str | os.PathLike[str], reason: str, cure: str) -> ProbeError:
    return ProbeError("bad-image", f"cannot use '{Path(path)}': {reason}", cure)
