"""Titles and stills of a plan as images for kernels, made once and kept while they are used."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from vedc.codegen.image import Image
from vedc.edit.model import Text
from vedc.edit.placement import corner
from vedc.errors import InternalError
from vedc.ir.graph import Node
from vedc.lru import LruCache
from vedc.plan.chain import Fetch
from vedc.text.bitmap import Bitmap

#: Bytes of bitmaps that are kept; those of the frame being drawn are, however large.
LIMIT = 128 << 20


class Bitmaps:
    """Gives the images of ``title`` and ``still`` nodes. ``files``: digest -> path."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files
        self._images: LruCache[Node, Image] = LruCache(LIMIT, size=_size)

    def images(self, fetches: Iterable[Fetch]) -> list[Image]:
        """All images of one frame, placed as the fetches say; a title by its own size."""
        wanted = list(fetches)
        # Never drop one of this frame: the next frame would have to make it again.
        nodes = {fetch.node for fetch in wanted}
        return [self._image(fetch, nodes) for fetch in wanted]

    def _image(self, fetch: Fetch, pinned: set[Node]) -> Image:
        node = fetch.node
        found = self._images.get_or_make(node, lambda: self._make(node), pinned)
        if node.facts.sizes_itself:
            return found
        return Image(
            found.planes, found.width, found.height, fetch.rect.x, fetch.rect.y, found.owner
        )

    def _make(self, node: Node) -> Image:
        if node.op == "title":
            return self._title(node)
        if node.op == "still":
            from vedc.text.stills import load_still

            path = self._files[node.text("digest")]
            blur, crop = node.get("blur"), node.get("crop")
            assert blur is None or isinstance(blur, float)
            assert crop is None or isinstance(crop, tuple)
            size = node.integer("width"), node.integer("height")
            return _wrap(load_still(path, *size, blur, None if crop is None else crop))
        raise InternalError(f"{node.op} is not a bitmap")

    def _title(self, node: Node) -> Image:
        from vedc.text.titles import render_text

        given: dict[str, Any] = {
            f.name: node[f"text_{f.name}"] for f in fields(Text) if f.name != "font"
        }
        scale = node["scale"]
        assert isinstance(scale, float)
        bitmap = render_text(Text(**given, font=self._files[node.text("digest")]), scale)
        canvas = (node.integer("width"), node.integer("height"))
        x, y = (
            corner(_pair(node, "position")[i], _pair(node, "offset")[i], _pair(node, "anchor")[i],
                   canvas[i], own)
            for i, own in enumerate((bitmap.width, bitmap.height))
        )  # fmt: skip
        return _wrap(bitmap, x, y)


def _size(image: Image) -> int:
    return image.width * image.height * 4


def _pair(node: Node, name: str) -> tuple[float, ...]:
    value = node[name]
    assert isinstance(value, tuple)
    return value


def _wrap(bitmap: Bitmap, x: int = 0, y: int = 0) -> Image:
    address = ctypes.cast(ctypes.c_char_p(bitmap.data), ctypes.c_void_p).value
    assert address is not None
    return Image(((address, bitmap.width * 4),), bitmap.width, bitmap.height, x, y, owner=bitmap)
