"""Pictures that Pillow encodes: AVIF, and JPEG of a chosen quality."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

from vedc.color import FORMATS

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

    from vedc.plan.settings import VideoSettings


def encoded(settings: VideoSettings, frame: VideoFrame) -> bytes:
    """The file of a frame, which has the settings' planar format of 8 bits.

    JPEG keeps the samples of Y'CbCr that it is given, and one of each per pixel.
    """
    from PIL import Image

    options = dict(settings.options)
    layout = FORMATS[settings.pix_fmt]
    planes = []
    for plane in frame.planes:
        rows = np.frombuffer(bytes(plane), np.uint8).reshape(-1, plane.line_size)
        planes.append(Image.fromarray(np.ascontiguousarray(rows[: plane.height, : plane.width])))
    if layout.layout == "gbr":
        green, blue, red, *alpha = planes
        picture = Image.merge("RGBA" if alpha else "RGB", (red, green, blue, *alpha))
    else:
        picture = Image.merge("YCbCr", planes)
    data = io.BytesIO()
    quality = int(options["quality"])
    if settings.codec == "jpeg":
        picture.save(data, "JPEG", quality=quality, subsampling=0, optimize=True)
    else:
        picture.save(data, "AVIF", quality=quality, subsampling="4:4:4", max_threads=1)
    return data.getvalue()
