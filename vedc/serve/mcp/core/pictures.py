"""Pictures in answers: small enough for a model to look at."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Final

from vedc.serve.mcp.core.tool import Picture

if TYPE_CHECKING:
    from PIL.Image import Image

#: Pixels of the longer side: models scale larger pictures down themselves.
LONGEST: Final = 1568
#: Bytes of an encoded picture, at most.
MOST_BYTES: Final = 1_000_000
#: Qualities of JPEG that are tried in turn, until a picture is small enough.
_QUALITIES: Final = (90, 75, 60, 40)


def encoded(picture: Image) -> Picture:
    """A picture as JPEG within both limits."""
    from PIL import Image

    shown = picture.convert("RGB")
    scale = LONGEST / max(shown.size)
    while True:
        if scale < 1:
            size = tuple(max(1, round(side * scale)) for side in picture.size)
            shown = picture.convert("RGB").resize((size[0], size[1]), Image.Resampling.LANCZOS)
        for quality in _QUALITIES:
            stream = BytesIO()
            shown.save(stream, "JPEG", quality=quality)
            if stream.tell() <= MOST_BYTES:
                return Picture(stream.getvalue(), "image/jpeg", *shown.size)
        scale = min(scale, 1) / 2  # noise, which stays large at any quality


def pages(picture: Image, most: int) -> tuple[Picture, ...]:
    """A tall picture as pages, each as tall as a picture may be, and at most ``most`` of them."""
    width, height = picture.size
    tall = max(LONGEST, width)
    tops = list(range(0, height, tall))[:most]
    return tuple(encoded(picture.crop((0, y, width, min(height, y + tall)))) for y in tops)
