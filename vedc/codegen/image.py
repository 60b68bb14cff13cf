"""Pictures in memory as kernels see them: addresses and strides, without copies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vedc.color import PixelFormat
from vedc.errors import InternalError
from vedc.support.lazy_dataclass import dataclass

if TYPE_CHECKING:
    import av


@dataclass(frozen=True, slots=True)
class Image:
    """The planes of one picture.

    ``planes`` holds (address, stride in bytes) of each plane in the order of the pixel format;
    ``width`` and ``height`` are in pixels of the picture, not of a plane. ``x`` and ``y`` place
    the picture on the canvas; covering leaves ignore them. Rows need no padding: kernels only
    touch the bytes of samples.
    """

    planes: tuple[tuple[int, int], ...]
    width: int
    height: int
    x: int = 0
    y: int = 0
    owner: object = None
    """The object that owns the memory."""

    def plane_fields(self, fmt: PixelFormat) -> list[int]:
        """Address and stride of each plane of the format, as kernel arguments."""
        if len(self.planes) < fmt.planes:
            raise InternalError(f"{fmt.name} has {fmt.planes} planes, not {len(self.planes)}")
        return [number for plane in self.planes[: fmt.planes] for number in plane]


def of_frame(frame: av.VideoFrame) -> Image:
    """The frame's own memory as an :class:`Image`, which keeps the frame alive."""
    return Image(
        planes=tuple((plane.buffer_ptr, plane.line_size) for plane in frame.planes),
        width=frame.width,
        height=frame.height,
        owner=frame,
    )
