"""Single frames of a file as pictures: upright, square pixels, 8 bits of RGB.

The file's own matrix and range are used. HDR pictures are drawn as on an SDR canvas: tone-mapped,
in the primaries of sRGB.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from PIL import Image

from vedc.color import HDR_TRANSFERS
from vedc.edit.media_info import MediaInfo, VideoInfo
from vedc.media.delivery import Delivery
from vedc.media.picture.filters import VideoChain
from vedc.media.reading.frame_reader import open_reader

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

_FLAGS: Final = "bicubic+accurate_rnd+full_chroma_int+full_chroma_inp+bitexact"


def stills(
    media: MediaInfo, frames: Iterable[int], size: tuple[int, int] | None = None
) -> Iterator[Image.Image]:
    """Frames by number, in the given order (ascending order is fast).

    They have their own size or ``size``, (width, height). Raises RenderError like the reader.
    """
    video = media.video
    assert video is not None
    width, height = size or video.display_size
    if video.color.transfer in HDR_TRANSFERS:
        from vedc.report.sheets.tone_mapped import tone_mapped  # loads the compiler

        yield from tone_mapped(media, frames, (width, height))
        return
    reader = open_reader(media, Delivery(width, height, video.format))
    chain: VideoChain | None = None
    try:
        for number in frames:
            frame = reader.frame_at(number / video.rate)
            chain = chain or _to_rgb(frame, video)
            yield Image.fromarray(chain(frame).to_ndarray(format="rgb24"))
    finally:
        reader.close()


def _to_rgb(frame: VideoFrame, video: VideoInfo) -> VideoChain:
    source = {
        "video_size": f"{frame.width}x{frame.height}",
        "pix_fmt": frame.format.name,
        "time_base": str(video.time_base),
        "pixel_aspect": "1/1",
        "colorspace": "gbr" if video.color.matrix == "rgb" else video.color.matrix,
        "range": "pc" if video.color.range == "full" else "tv",
    }
    scale = {"flags": _FLAGS, "out_range": "full"}
    return VideoChain(source, [("scale", scale), ("format", {"pix_fmts": "rgb24"})], 1)
