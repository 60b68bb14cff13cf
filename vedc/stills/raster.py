"""The form of a loaded still: a picture in memory, ready for a kernel."""

from __future__ import annotations

from vedc.support.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Raster:
    """A picture in memory, in a format of ``vedc.color.FORMATS``, rows without padding.

    ``rgba`` is sRGB, premultiplied; no colour sample is greater than its pixel's alpha.
    """

    width: int
    height: int
    format: str
    planes: tuple[bytes, ...]
