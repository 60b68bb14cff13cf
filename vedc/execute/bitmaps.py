"""Titles and stills of a plan as images for kernels, made once and cached."""

from __future__ import annotations

import ctypes
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from vedc.codegen.image import Image
from vedc.edit.placement import corner
from vedc.errors import InternalError
from vedc.plan.executable import Fetch, Source, StillSource, TitleSource
from vedc.stills.raster import Raster
from vedc.support.lru import LruCache
from vedc.text.bitmap import Bitmap

#: Bytes of bitmaps in the cache; those of the frame at hand stay, however large.
LIMIT = 128 << 20


class Bitmaps:
    """Makes the images of stills and titles. ``files``: digest -> path."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files
        self._images: LruCache[Source, Image] = LruCache(LIMIT, size=_size)

    def complete(self, fetches: Sequence[Fetch], decoded: Sequence[Image | None]) -> list[Image]:
        """The pictures of one frame, by fetch: what was decoded, and stills and titles."""
        given = decoded or [None] * len(fetches)
        # Never drop one of this frame: the next frame would have to make it again.
        pinned = {f.source for f, image in zip(fetches, given, strict=True) if image is None}
        return [image or self._image(f, pinned) for f, image in zip(fetches, given, strict=True)]

    def _image(self, fetch: Fetch, pinned: Collection[Source]) -> Image:
        source = fetch.source
        image = self._images.get_or_make(source, lambda: self._make(source), pinned)
        if isinstance(source, TitleSource):
            return image
        return replace(image, x=fetch.rect.x, y=fetch.rect.y)

    def _make(self, source: Source) -> Image:
        if isinstance(source, TitleSource):
            return self._title(source)
        if isinstance(source, StillSource):
            from vedc.stills.load import load_still

            path, size = self._files[source.digest], (source.width, source.height)
            return _planes(load_still(path, *size, source.blur, source.crop, source.format))
        raise InternalError("a video is not a bitmap")

    def _title(self, title: TitleSource) -> Image:
        from vedc.text.titles import render_text

        text = replace(title.text, fonts=tuple(self._files[font] for font in title.text.fonts))
        bitmap = render_text(text, title.scale)
        x, y = (
            corner(title.position[i], title.offset[i], title.anchor[i], title.canvas[i], own)
            for i, own in enumerate((bitmap.width, bitmap.height))
        )
        return _wrap(bitmap, x, y)


def _size(image: Image) -> int:
    return sum(image.height * line for _, line in image.planes)


def _wrap(bitmap: Bitmap, x: int = 0, y: int = 0) -> Image:
    plane = _address(bitmap.data), bitmap.width * 4
    return Image((plane,), bitmap.width, bitmap.height, x, y, owner=bitmap)


def _planes(raster: Raster) -> Image:
    planes = ((_address(data), len(data) // raster.height) for data in raster.planes)
    return Image(tuple(planes), raster.width, raster.height, owner=raster)


def _address(data: bytes) -> int:
    address = ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value
    assert address is not None
    return address
