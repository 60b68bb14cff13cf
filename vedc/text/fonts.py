"""Which characters a font can show, told without loading a font library twice.

``FontCache`` is the :data:`vedc.edit.media_info.FontProber` that the command line uses.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from vedc.atomic_write import write_whole
from vedc.edit.media_info import FontInfo, ProbeError

#: First bytes of the containers that are read: TrueType (two spellings), OpenType with CFF
#: outlines, and collections of either.
_SIGNATURES = (b"\x00\x01\x00\x00", b"true", b"OTTO", b"ttcf")

#: Tables that hold scalable outlines. A font with none of them is all bitmaps.
_OUTLINES = ("glyf", "CFF ", "CFF2")

_FORMAT = 1
"""Version of a cache entry; an entry of another version is probed again."""


def default_font() -> Path:
    """The font of a title that names none (see ``fonts/README.md``)."""
    return Path(__file__).with_name("fonts") / "default.otf"


class FontCache:
    """Probes fonts and remembers the answer in ``folder``, one small JSON file for each path.

    An answer holds as long as the font's size and modification time stay. fontTools is
    loaded for a font that has not been seen, and only then.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, path: Path) -> FontInfo:
        """The first face of the font at ``path``.

        Raises :class:`ProbeError` with code ``missing-font`` where there is no readable file,
        ``bad-font`` where its content is not a font with outlines and a Unicode table.
        """
        name = os.path.abspath(path)
        try:
            stat = os.stat(name)
        except (OSError, ValueError) as error:  # ValueError: a NUL in the path
            raise _missing(name, error) from error
        stamp = [_FORMAT, name, stat.st_size, stat.st_mtime_ns]
        entry = self._folder / f"{hashlib.sha256(os.fsencode(name)).hexdigest()[:32]}.json"
        cached = _recall(entry, stamp)
        if cached is not None:
            return cached
        info = probe_font(Path(name))
        _remember(entry, stamp, info)
        return info


def probe_font(path: Path) -> FontInfo:
    """Read family and character map of the first face. Raises as :class:`FontCache` does."""
    try:
        file = open(path, "rb")  # noqa: SIM115 (the with below closes it)
    except (OSError, ValueError) as error:
        raise _missing(str(path), error) from error
    with file:
        if file.read(4) not in _SIGNATURES:
            raise _bad(path, "it is not a TrueType or OpenType file")
        file.seek(0)
        return _read(path, file)


def _read(path: Path, file: BinaryIO) -> FontInfo:
    from fontTools.ttLib import TTFont, TTLibError

    try:
        with _silence("fontTools"), TTFont(file, lazy=True, fontNumber=0) as font:
            if not any(table in font for table in _OUTLINES):
                raise _bad(path, "it has no outlines, only bitmaps")
            characters = font.getBestCmap()
            if not characters:
                raise _bad(path, "it has no Unicode character map")
            family = font["name"].getBestFamilyName() or path.stem
            return FontInfo(str(path), family, _ranges(characters))
    except (
        # What fontTools lets through from the parsers of single tables in a damaged file.
        TTLibError,
        struct.error,
        AssertionError,
        AttributeError,
        EOFError,
        IndexError,
        KeyError,
        MemoryError,
        OSError,
        OverflowError,
        TypeError,
        ValueError,
    ) as error:
        detail = f" ({error})" if str(error) else ""
        raise _bad(path, f"the file is damaged{detail}") from error


@contextmanager
def _silence(name: str) -> Iterator[None]:
    """Keep a library's log off the terminal: damage is told once, as an error of ours."""
    import logging

    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)


def _ranges(characters: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Code points as sorted inclusive ranges."""
    ranges: list[tuple[int, int]] = []
    for code in sorted(characters):
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], code)
        else:
            ranges.append((code, code))
    return tuple(ranges)


def _recall(entry: Path, stamp: list[object]) -> FontInfo | None:
    try:
        saved = json.loads(entry.read_text("utf-8"))
        if saved["stamp"] != stamp:
            return None
        ranges = tuple((int(low), int(high)) for low, high in saved["ranges"])
        return FontInfo(str(stamp[1]), str(saved["family"]), ranges)
    except (OSError, ValueError, KeyError, TypeError):
        return None  # never written, or damaged: the font itself is the truth


def _remember(entry: Path, stamp: list[object], info: FontInfo) -> None:
    saved = {"stamp": stamp, "family": info.family, "ranges": info.ranges}
    # The cache only saves time, so a folder that cannot be written is no error.
    with suppress(OSError):
        write_whole(entry, json.dumps(saved, separators=(",", ":")).encode())


def _missing(path: str, error: Exception) -> ProbeError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return ProbeError(
        "missing-font",
        f"cannot read the font {path}: {reason}",
        "give the path of a TTF, OTF or TTC file, relative to the spec",
    )


def _bad(path: Path, reason: str) -> ProbeError:
    return ProbeError(
        "bad-font",
        f"cannot use the font {path}: {reason}",
        "use a TTF, OTF or TTC font with outlines; a web font (WOFF) must be unpacked first",
    )
