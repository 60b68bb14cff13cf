"""Small pictures of every frame, in a file that is written in order and read in windows.

The file has a head of fixed size, blocks of equally many frames, and an index (offset, length and
CRC-32 of each block). A block holds planes G, R - G and B - G, each frame less the previous one
(modulo 256), packed by zlib with run lengths and Huffman codes only: smaller and several times
faster than a search for repeats, which are absent from differences of real pictures. The first
frame of a block is whole, so that blocks are read independently. The head is written last: an
unfinished file does not open. It contains the key of the result, so a file under another name does
not open either.
"""

from __future__ import annotations

import hashlib
import os
import struct
import weakref
import zlib
from contextlib import suppress
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from vedc.decide.analyses.analysis import PictureBlock, picture, video_of
from vedc.decide.analyses.results import THUMB, Thumbs
from vedc.decide.arrays import Byte
from vedc.edit.media_info import MediaInfo
from vedc.errors import InternalError, RenderError
from vedc.support.lru import LruCache
from vedc.support.regular_files import open_regular

_MAGIC: Final = b"vedcthmb"
_HEAD: Final = struct.Struct("<8sI16sQQQIQI")
"""Magic, version, digest of the key, rate (numerator, denominator), frames, frames per block,
offset of the index, CRC-32 of everything before and of the index."""

_ENTRY: Final = struct.Struct("<QII")
"""An entry of the index: a block's offset, length and CRC-32."""

_VERSION: Final = 2
_BLOCK: Final = 64
_LARGEST: Final = 1024
_KEPT: Final = 4
"""Unpacked blocks cached by a reader: 1 MB."""

_SHAPE: Final = (*THUMB, 3)


class ThumbsWriter:
    """Writes thumbs in order. The file does not open before ``finish``."""

    def __init__(self, path: Path, rate: Fraction, key: str = "") -> None:
        self.path, self.rate, self._key = path, rate, _key_digest(key)
        self._file = open(path, "wb")  # noqa: SIM115  (closed by finish)
        weakref.finalize(self, _let_go, self._file)  # if decoding fails
        self._file.write(bytes(_HEAD.size))
        self._index: list[tuple[int, int, int]] = []
        self._waiting: Byte = np.empty((0, *_SHAPE), np.uint8)
        self._count = 0

    def write(self, frames: Byte) -> None:
        """More frames (n, 27, 48, 3)."""
        self._count += len(frames)
        if len(self._waiting):
            frames = np.concatenate([self._waiting, frames])
        whole = len(frames) // _BLOCK * _BLOCK
        for start in range(0, whole, _BLOCK):
            self._write_block(frames[start : start + _BLOCK])
        self._waiting = frames[whole:].copy()

    def finish(self) -> None:
        """Write the remaining frames, the index and the head."""
        if len(self._waiting):
            self._write_block(self._waiting)
        place = self._file.tell()
        index = b"".join(_ENTRY.pack(*entry) for entry in self._index)
        self._file.write(index)
        rate = self.rate.numerator, self.rate.denominator
        facts = _MAGIC, _VERSION, self._key, *rate, self._count, _BLOCK, place
        head = _HEAD.pack(*facts, 0)[:-4]
        self._file.seek(0)
        self._file.write(head + struct.pack("<I", zlib.crc32(index, zlib.crc32(head))))
        self._file.close()

    def _write_block(self, frames: Byte) -> None:
        packed = _pack(frames)
        self._index.append((self._file.tell(), len(packed), zlib.crc32(packed)))
        self._file.write(packed)


def _let_go(file: BinaryIO) -> None:
    with suppress(OSError):  # a full disk was reported before
        file.close()


def _key_digest(key: str) -> bytes:
    return hashlib.blake2b(key.encode(), digest_size=16).digest()


class FileThumbs(Thumbs):
    """Thumbs in a file. Caches a few unpacked blocks; not thread-safe.

    Raises ValueError if the file is damaged, unfinished or has another key, and OSError.
    """

    def __init__(self, path: Path, key: str = "") -> None:
        self.path, self._key = path, _key_digest(key)
        self._file = open_regular(path)  # closed with the object
        weakref.finalize(self, self._file.close)
        self.rate, self._count, self._block, self._index = self._open()
        self._blocks: LruCache[int, Byte] = LruCache(_KEPT)

    def __len__(self) -> int:
        return self._count

    def read(self, start: int, end: int) -> Byte:
        """See :meth:`Thumbs.read`. Raises RenderError if the file was damaged since it opened."""
        if not 0 <= start <= end <= self._count:
            raise InternalError(f"frames {start} to {end} of {self._count} thumbs")
        out = np.empty((end - start, *_SHAPE), np.uint8)
        for k in range(start // self._block, -(-end // self._block)):
            first = k * self._block
            frames = self._blocks.get_or_make(k, partial(self._unpacked, k))
            low, high = max(start, first), min(end, first + self._block)
            out[low - start : high - start] = frames[low - first : high - first]
        return out

    def _open(self) -> tuple[Fraction, int, int, list[tuple[int, int, int]]]:
        size = self._size = os.fstat(self._file.fileno()).st_size
        head = self._file.read(_HEAD.size)
        if len(head) < _HEAD.size:
            raise ValueError(f"'{self.path}' is cut short")
        magic, version, key, above, below, count, block, place, crc = _HEAD.unpack(head)
        if magic != _MAGIC or version != _VERSION:
            raise ValueError(f"'{self.path}' holds no thumbs of this version")
        if min(above, below, block) < 1 or block > _LARGEST or place > size:
            raise ValueError(f"'{self.path}' is damaged")
        entries = -(-count // block)
        if size - place != entries * _ENTRY.size:
            raise ValueError(f"'{self.path}' is cut short")
        self._file.seek(place)
        index = self._file.read(entries * _ENTRY.size)
        if zlib.crc32(index, zlib.crc32(head[:-4])) != crc:
            raise ValueError(f"'{self.path}' is damaged")
        if key != self._key:
            raise ValueError(f"'{self.path}' is the result of another analysis")
        return Fraction(above, below), count, block, list(_ENTRY.iter_unpack(index))

    def check(self) -> None:
        """Read every block. Raises ValueError if one is damaged."""
        end = _HEAD.size
        for k, (place, _, _) in enumerate(self._index):
            if place != end:
                raise ValueError(f"'{self.path}' is damaged at frame {k * self._block}")
            end += len(self._packed(k))

    def _packed(self, k: int) -> bytes:
        place, length, crc = self._index[k]
        if place + length > self._size:
            raise ValueError(f"'{self.path}' is cut short")
        self._file.seek(place)
        packed = self._file.read(length)
        if len(packed) != length or zlib.crc32(packed) != crc:
            raise ValueError(f"'{self.path}' is damaged at frame {k * self._block}")
        return packed

    def _unpacked(self, k: int) -> Byte:
        count = min(self._block, self._count - k * self._block)
        try:
            return _unpack(self._packed(k), count)
        except (OSError, ValueError, zlib.error):
            message = f"{self.path} was damaged while it was in use"
            raise RenderError.one("cannot-use-cache", message, hint="run it again") from None


def open_thumbs(path: Path, key: str = "") -> FileThumbs:
    """Thumbs in a file, whose every block is checked. Raises as :class:`FileThumbs` does."""
    thumbs = FileThumbs(path, key)
    thumbs.check()
    return thumbs


def _pack(frames: Byte) -> bytes:
    """Frames (n, 27, 48, 3) as the bytes of a block."""
    import cv2

    channels = cv2.split(frames.reshape(-1, THUMB[1], 3))
    red, green, blue = (channel.reshape(-1, *THUMB) for channel in channels)
    planes = np.empty((len(frames), 3, *THUMB), np.uint8)
    planes[:, 0] = green
    np.subtract(red, green, out=planes[:, 1])
    np.subtract(blue, green, out=planes[:, 2])
    planes[1:] -= planes[:-1].copy()
    packer = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, zlib.Z_RLE)
    return packer.compress(planes.tobytes()) + packer.flush()


def _unpack(packed: bytes, count: int) -> Byte:
    """``count`` frames of a block. Raises ValueError or zlib.error if it is damaged."""
    size = count * THUMB[0] * THUMB[1] * 3
    data = zlib.decompressobj().decompress(packed, size)  # no more than that, whatever it claims
    if len(data) != size:
        raise ValueError("a block of thumbs is too short")
    planes = np.frombuffer(data, np.uint8).reshape(count, 3, *THUMB)
    planes = np.add.accumulate(planes, axis=0, dtype=np.uint8)
    frames = np.empty((count, *_SHAPE), np.uint8)
    frames[..., 1] = planes[:, 0]
    frames[..., 0] = planes[:, 1] + planes[:, 0]
    frames[..., 2] = planes[:, 2] + planes[:, 0]
    return frames


@picture("thumbs", version=2, gives=Thumbs)
class ThumbsWatcher:
    """Writes the thumbs of every frame to ``draft``, as the result of ``key``."""

    def __init__(self, media: MediaInfo, *, draft: Path, key: str = "") -> None:
        self._key = key
        self._writer = ThumbsWriter(draft, video_of(media).rate, key)

    def push(self, block: PictureBlock) -> None:
        self._writer.write(block.thumbs)

    def finish(self) -> Thumbs:
        self._writer.finish()
        return FileThumbs(self._writer.path, self._key)
