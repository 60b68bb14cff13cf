"""The captions of a frame as one picture, composed of texts that are drawn once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from vedc.edit.contents import Caption, Highlight, Text
from vedc.edit.placement import corner
from vedc.plan.executable import CaptionSource
from vedc.support.lru import LruCache
from vedc.text.bitmap import Bitmap
from vedc.text.highlight import HighlightedText
from vedc.text.titles import render_text

#: Bytes of drawn texts in the cache; those of the current frame stay, however large.
LIMIT: Final = 64 << 20

Drawn = tuple[Bitmap, int, int]
"""A picture and the canvas pixel of its corner."""

_CLEAR: Final = (Bitmap(1, 1, bytes(4)), 0, 0)
_Key = tuple[Text, Highlight | None]


class CaptionPainter:
    """Draws captions. ``files``: digest -> path, of fonts."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files
        self._plain: LruCache[_Key, Bitmap] = LruCache(LIMIT, size=lambda b: len(b.data))
        self._marked: LruCache[_Key, HighlightedText] = LruCache(LIMIT, size=lambda h: h.bytes)

    def draw(self, source: CaptionSource, frame: int) -> Drawn:
        """The captions visible in a frame of the piece; a clear pixel if there are none."""
        shown = [c for c in source.captions if c.start <= frame < c.end]
        keys = {_key(caption) for caption in shown}
        parts = [self._one(caption, frame, source.canvas, keys) for caption in shown]
        if not parts:
            return _CLEAR
        return parts[0] if len(parts) == 1 else _over(parts)

    def _one(self, caption: Caption, frame: int, canvas: tuple[int, int], keys: set[_Key]) -> Drawn:
        text = replace(caption.text, fonts=tuple(self._files[font] for font in caption.text.fonts))
        key = _key(caption)
        mark = caption.highlight
        if mark is None:
            bitmap = self._plain.get_or_make(key, lambda: render_text(text), keys)
        else:
            marked = self._marked.get_or_make(key, lambda: HighlightedText(text, mark), keys)
            bitmap = marked.at(*_said(caption, frame - caption.start))
        bitmap = _faded(bitmap, _share(caption, frame))
        x, y = (
            corner(caption.position[i], caption.offset[i], caption.anchor[i], canvas[i], own)
            for i, own in enumerate((bitmap.width, bitmap.height))
        )
        return bitmap, x, y


def _key(caption: Caption) -> _Key:
    return caption.text, caption.highlight


def _said(caption: Caption, frame: int) -> tuple[int, int]:
    """The range of letters highlighted at a frame of the caption."""
    begun = bisect_right(caption.words, frame, key=lambda word: word[0])
    if not begun or caption.highlight is None:
        return 0, 0
    starts = [offset for _, offset in caption.words]
    end = starts[begun] if begun < len(starts) else len(caption.text.text)
    first = 0 if caption.highlight.mode == "so-far" else starts[begun - 1]
    return first, end


def _share(caption: Caption, frame: int) -> float:
    """The opacity of a caption: below 1 while it appears and disappears."""
    enters, leaves = caption.fade
    share = 1.0
    if enters and frame - caption.start < enters:
        share = (frame - caption.start) / enters
    if leaves and caption.end - frame < leaves:
        share = min(share, (caption.end - frame) / leaves)
    return share


def _faded(bitmap: Bitmap, share: float) -> Bitmap:
    if share >= 1:
        return bitmap
    pixels = np.frombuffer(bitmap.data, np.uint8) * np.float32(share)
    data = np.rint(pixels).astype(np.uint8).tobytes()
    return Bitmap(bitmap.width, bitmap.height, data)


def _over(parts: list[Drawn]) -> Drawn:
    """Several pictures composed into one, the last in front."""
    left, top = min(x for _, x, _ in parts), min(y for *_, y in parts)
    right = max(x + bitmap.width for bitmap, x, _ in parts)
    bottom = max(y + bitmap.height for bitmap, _, y in parts)
    whole: npt.NDArray[np.float32] = np.zeros((bottom - top, right - left, 4), np.float32)
    for bitmap, x, y in parts:
        pixels = np.frombuffer(bitmap.data, np.uint8).reshape(bitmap.height, bitmap.width, 4)
        part = whole[y - top : y - top + bitmap.height, x - left : x - left + bitmap.width]
        part[:] = pixels + (1 - pixels[..., 3:] / np.float32(255)) * part
    data = np.rint(whole).clip(0, 255).astype(np.uint8).tobytes()
    return Bitmap(right - left, bottom - top, data), left, top
