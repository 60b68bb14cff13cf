"""The mark in the films and images that vedc writes: their origin, and a seal on their bytes.

The mark is a line of JSON in the file's comment: the ``comment`` tag of a film or of sound, a tEXt
chunk of PNG, a COM segment of JPEG. Players show or ignore it. Its last field, the
seal, is the BLAKE2b-256 of the whole file except the seal's own digits and the checksum that covers
them. Editing, remuxing or retagging the file breaks it.
"""

from __future__ import annotations

import json
import mmap
import os
import re
import zlib
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO, Final, Literal

from vedc.edit.media_info import ProbeError
from vedc.errors import InternalError
from vedc.media.demux.container import check_readable, open_media
from vedc.support.lazy_dataclass import dataclass

_PREFIX: Final = "vedc "
_SEAL_BYTES: Final = 32
_UNSEALED: Final = "0" * (2 * _SEAL_BYTES)
_DIGEST: Final = re.compile("[0-9a-f]{64}")
_VERSION: Final = re.compile(r"[0-9A-Za-z.+-]{1,40}")

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PNG_COMMENT: Final = b"tEXtComment\0"
_JPEG: Final = b"\xff\xd8\xff"
_EBML: Final = b"\x1aE\xdf\xa3"
_OGG: Final = b"OggS"
_MATROSKA_TAGS: Final = b"\x12\x54\xc3\x67"
_MATROSKA_CRC: Final = b"\xbf\x84"
_IMAGE_HEAD: Final = 8192
"""Bytes of an image within which its mark begins and ends."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The origin of a file. The digests are 64 hexadecimal digits."""

    version: str
    """Of vedc."""
    spec: str
    """The file name of the spec, or ``-`` for standard input."""
    spec_digest: str
    plan_digest: str
    content_digest: str = _UNSEALED
    """The seal; zeros in a stream, which cannot be sealed."""

    @property
    def spec_shown(self) -> str:
        """The spec's name without control characters: the file may come from anyone."""
        return "".join(char if char.isprintable() else "?" for char in self.spec)

    def fields(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in self.__slots__}

    def text(self) -> str:
        """The comment: one line of ASCII that ends with the seal."""
        return _PREFIX + json.dumps(self.fields(), separators=(",", ":"))


def read_mark(path: Path) -> Mark | None:
    """The mark of a file; None if it has none or cannot be read."""
    try:
        head = check_readable(path)
        if head.startswith((_PNG, _JPEG)):
            with open(path, "rb") as file:
                return _image_mark(file.read(_IMAGE_HEAD))
        with open_media(path) as container:
            tags = [*container.metadata.items()]
            for stream in list(container.streams)[:1]:  # Ogg has tags of its streams
                tags += stream.metadata.items()
            comments = (value for name, value in tags if name.lower() == "comment")
            return _parsed(next(comments, ""))
    except (ProbeError, OSError):
        return None


def is_sealed(path: Path, mark: Mark) -> bool:
    """Whether every byte of a file is as vedc wrote it. Reads the whole file."""
    try:
        with open(path, "rb") as file:
            sealed = _Sealed.find(file, mark)
            return sealed is not None and sealed.digest(file) == mark.content_digest
    except OSError:
        return False


def seal(path: Path, mark: Mark) -> None:
    """Seal a finished file that contains ``mark.text()``. Raises OSError."""
    with open(path, "r+b") as file:
        sealed = _Sealed.find(file, mark)
        if sealed is None:
            raise InternalError(f"{path} lacks the mark")
        digest = sealed.digest(file)
        for at in sealed.digits:
            file.seek(at)
            file.write(digest.encode())
        if sealed.checksum is not None:
            sealed.checksum.update(file)


def can_be_marked(path: Path) -> bool:
    """Whether a picture's file has a place for a mark: PNG and JPEG do."""
    with open(path, "rb") as file:
        return file.read(len(_PNG)).startswith((_PNG, _JPEG))


def mark_image(path: Path, mark: Mark) -> None:
    """Insert a sealed mark into a PNG or JPEG file. Raises OSError."""
    data = path.read_bytes()
    comment = mark.text().encode()
    if data.startswith(_PNG):
        at = len(_PNG) + 12 + int.from_bytes(data[8:12], "big")  # after the header chunk
        chunk = _PNG_COMMENT + comment
        size = len(comment) + len(_PNG_COMMENT) - 4  # the chunk's type does not count
        part = size.to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")
    elif data.startswith(_JPEG):
        jfif = data[2:4] == b"\xff\xe0"  # must stay the first segment
        at = 4 + int.from_bytes(data[4:6], "big") if jfif else 2
        part = b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment
    else:
        raise InternalError(f"{path} is neither PNG nor JPEG")
    path.write_bytes(data[:at] + part + data[at:])
    seal(path, mark)


def _image_mark(head: bytes) -> Mark | None:
    start = head.find((_PREFIX + "{").encode())
    end = head.find(b"}", start)
    return _parsed(head[start : end + 1].decode("latin-1")) if 0 <= start < end else None


def _parsed(comment: str) -> Mark | None:
    if not comment.startswith(_PREFIX):
        return None
    try:
        fields = json.loads(comment.removeprefix(_PREFIX))
    except (ValueError, RecursionError):
        return None
    names = Mark.__slots__
    if not isinstance(fields, dict) or fields.keys() != set(names):
        return None
    mark = Mark(*(str(fields[name]) for name in names))
    digests = (mark.spec_digest, mark.plan_digest, mark.content_digest)
    sound = _VERSION.fullmatch(mark.version) and all(_DIGEST.fullmatch(d) for d in digests)
    return mark if sound and mark.text() == comment else None


@dataclass(frozen=True, slots=True)
class _Checksum:
    """A CRC-32 in the file, of the bytes from ``start`` to ``end``; that of Ogg is within them."""

    at: int
    start: int
    end: int
    order: Literal["little", "big"]

    def update(self, file: BinaryIO) -> None:
        file.seek(self.start)
        data = file.read(self.end - self.start)
        inside = self.at - self.start
        if inside < 0 or self.at >= self.end:
            value = zlib.crc32(data)
        else:
            value = _ogg_crc(data[:inside] + bytes(4) + data[inside + 4 :])
        file.seek(self.at)
        file.write(value.to_bytes(4, self.order))


@dataclass(frozen=True, slots=True)
class _Sealed:
    """Where the seal is in a file (MOV has two copies), and the checksum that covers it."""

    digits: tuple[int, ...]
    checksum: _Checksum | None

    @classmethod
    def find(cls, file: BinaryIO, mark: Mark) -> _Sealed | None:
        if os.fstat(file.fileno()).st_size == 0:
            return None
        text = mark.text().encode()
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            starts: list[int] = []
            while (at := data.find(text, starts[-1] + 1 if starts else 0)) >= 0:
                starts.append(at)
            if not starts:
                return None
            digits = text.rindex(mark.content_digest.encode())
            checksum = _checksum(data, starts[0], starts[0] + len(text))
            return cls(tuple(at + digits for at in starts), checksum)

    def digest(self, file: BinaryIO) -> str:
        """What the seal should be."""
        skipped = [(at, at + len(_UNSEALED)) for at in self.digits]
        if self.checksum is not None:
            skipped.append((self.checksum.at, self.checksum.at + 4))
        total = blake2b(digest_size=_SEAL_BYTES)
        at = 0
        for start, end in [*sorted(skipped), (os.fstat(file.fileno()).st_size, 0)]:
            file.seek(at)
            while at < start:
                block = file.read(min(1 << 20, start - at))
                if not block:
                    return ""
                total.update(block)
                at += len(block)
            at = end
        return total.hexdigest()


def _checksum(data: mmap.mmap, start: int, end: int) -> _Checksum | None:
    """The checksum that covers the mark from ``start`` to ``end``."""
    if data[: len(_PNG)] == _PNG:
        return _Checksum(end, start - len(_PNG_COMMENT), end, "big")
    if data[: len(_OGG)] == _OGG:
        return _ogg_page(data, start, end)
    if data[: len(_EBML)] != _EBML:
        return None
    tags = data.rfind(_MATROSKA_TAGS, 0, start)
    if tags < 0:
        return None
    first = data[tags + 4]
    length = 9 - first.bit_length()  # of the element's size, a number of variable length
    body = tags + 4 + length
    size = int.from_bytes(data[tags + 4 : body], "big") & ((1 << 7 * length) - 1)
    content = body + len(_MATROSKA_CRC) + 4
    if data[body : body + 2] != _MATROSKA_CRC or not content <= start < end <= body + size:
        return None
    return _Checksum(body + 2, content, body + size, "little")


def _ogg_page(data: mmap.mmap, start: int, end: int) -> _Checksum | None:
    """The checksum of the page that the mark is in (RFC 3533)."""
    page = data.rfind(_OGG, 0, start)
    if page < 0:
        return None
    count = data[page + 26]
    body = page + 27 + count
    after = body + sum(data[page + 27 : body])
    return _Checksum(page + 22, page, after, "little") if end <= after else None


def _ogg_crc(data: bytes) -> int:
    """The CRC-32 of Ogg pages: of polynomial 0x04c11db7, bits not reflected, from 0."""
    value = 0
    for byte in data:
        value = ((value << 8) & 0xFFFFFFFF) ^ _OGG_TABLE[(value >> 24) ^ byte]
    return value


def _ogg_entry(byte: int) -> int:
    value = byte << 24
    for _ in range(8):
        value = (value << 1) ^ (0x104C11DB7 if value & 0x80000000 else 0)
    return value


_OGG_TABLE: Final = tuple(_ogg_entry(byte) for byte in range(256))
