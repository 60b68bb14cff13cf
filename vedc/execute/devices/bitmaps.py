"""Titles and stills of a plan as images for kernels, made once and cached."""

from __future__ import annotations

import ctypes
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from vedc.codegen.image import Image
from vedc.edit.contents import Animation, Text
from vedc.edit.placement import corner
from vedc.errors import InternalError
from vedc.plan.executable import CaptionSource, Fetch, Source, StillSource, TitleSource
from vedc.stills.raster import Raster
from vedc.support.lru import LruCache
from vedc.text.bitmap import Bitmap

if TYPE_CHECKING:
    from vedc.execute.devices.captions import CaptionPainter
    from vedc.text.moving import MovingTitle

MotionKey = tuple[TitleSource, Animation]

#: Bytes of bitmaps in the cache; those of the current frame stay, however large.
LIMIT = 128 << 20


class Bitmaps:
    """Makes the images of stills and titles. ``files``: digest -> path."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files
        self._images: LruCache[Source, Image] = LruCache(LIMIT, size=_size)
        self._titles: LruCache[MotionKey, MovingTitle] = LruCache(LIMIT, lambda t: t.bytes)

    @cached_property
    def _captions(self) -> CaptionPainter:
        from vedc.execute.devices.captions import CaptionPainter

        return CaptionPainter(self._files)

    def complete(
        self, fetches: Sequence[Fetch], decoded: Sequence[Image | None], frame: int = 0
    ) -> list[Image]:
        """The pictures of frame ``frame`` of a piece, by fetch; fills in those not decoded."""
        given = decoded or [None] * len(fetches)
        # Never evict one of this frame: the next frame would have to make it again.
        sources = {f.source for f, image in zip(fetches, given, strict=True) if image is None}
        pinned = {key for source in sources for key in _keys(source)}
        return [
            image or self._image(f, frame, pinned) for f, image in zip(fetches, given, strict=True)
        ]

    def _image(self, fetch: Fetch, frame: int, pinned: Container[object]) -> Image:
        source = fetch.source
        if isinstance(source, CaptionSource):
            return _wrap(*self._captions.draw(source, frame))
        if isinstance(source, TitleSource) and source.motion is not None:
            move = source.motion.at(frame)
            source = replace(source, motion=None)
            if move is not None:
                return self._moving(source, *move, pinned)
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

        bitmap = render_text(self._text(title), title.scale)
        return _wrap(bitmap, *_corner(title, bitmap.width, bitmap.height))

    def _moving(
        self,
        title: TitleSource,
        animation: Animation,
        share: float,
        out: bool,
        pinned: Container[object],
    ) -> Image:
        """A frame of a title at ``share``, 0..1, of its animation in or out."""
        from vedc.text.moving import MovingTitle

        def make() -> MovingTitle:
            return MovingTitle(self._text(title), title.scale, animation)

        moving = self._titles.get_or_make((title, animation), make, pinned)
        at = _corner(title, moving.width, moving.height)
        return _wrap(*moving.draw(share, out, at, title.canvas))

    def _text(self, title: TitleSource) -> Text:
        return replace(title.text, fonts=tuple(self._files[font] for font in title.text.fonts))


def _keys(source: Source) -> Iterator[object]:
    """The cache keys of a source's pictures."""
    if not isinstance(source, TitleSource) or source.motion is None:
        yield source
        return
    title, motion = replace(source, motion=None), source.motion
    yield title
    yield from ((title, way) for way in (motion.enter, motion.leave) if way is not None)


def _corner(title: TitleSource, width: int, height: int) -> tuple[int, int]:
    """The canvas pixel of the corner of a title with this size."""
    x, y = (
        corner(title.position[i], title.offset[i], title.anchor[i], title.canvas[i], own)
        for i, own in enumerate((width, height))
    )
    return x, y


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
