"""The characters that a font can show, cached so that known fonts load no font library.

``FontCache`` is the :data:`vedc.edit.font_info.FontProber` that the command line uses.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from vedc.edit.font_info import FontInfo
from vedc.edit.media_info import ProbeError
from vedc.media.digest import Stamp, StampCache

#: First bytes of supported files: TrueType (two variants), OpenType with CFF outlines, and
#: collections of either.
_SIGNATURES = (b"\x00\x01\x00\x00", b"true", b"OTTO", b"ttcf")

#: Tables that vedc draws: scalable outlines, or glyphs in colour. A font without any of them has
#: only bitmaps of one colour.
_DRAWN = ("glyf", "CFF ", "CFF2", "CBDT", "sbix", "SVG ")

_VERSION = 1
"""Increase when a record's fields change, to invalidate cached probes."""


def default_font() -> Path:
    """The default font of titles (see ``fonts/README.md``)."""
    return Path(__file__).with_name("fonts") / "default.otf"


class FontCache:
    """Probes fonts and caches the results in ``folder``.

    A result is valid while the font's size and modification time stay the same. fontTools is
    loaded only for a font that is not cached.
    """

    def __init__(self, folder: Path, *, remember: bool = False) -> None:
        """``remember``: as for :class:`~vedc.media.digest.StampCache`."""
        self._records = StampCache(folder, "font", _VERSION, remember=remember)

    def __call__(self, path: Path) -> FontInfo:
        """The first face of the font at ``path``.

        Raises :class:`ProbeError`: ``missing-font`` if the file cannot be read, ``bad-font`` if
        it is not a font with outlines and a Unicode table.
        """
        try:
            stamp = Stamp.of(path)
        except (OSError, ValueError) as error:  # ValueError: a NUL in the path
            raise _missing(os.path.abspath(path), error) from error
        fields = self._records.get(stamp)
        if fields is not None:
            ranges = tuple((low, high) for low, high in fields["ranges"])
            return FontInfo(stamp.path, fields["family"], ranges)
        info = probe_font(Path(stamp.path))
        self._records.put(stamp, {"family": info.family, "ranges": info.ranges})
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
        with silence("fontTools"), TTFont(file, lazy=True, fontNumber=0) as font:
            if not any(table in font for table in _DRAWN):
                raise _bad(path, "it has no outlines, only bitmaps of one colour")
            characters = font.getBestCmap()
            if not characters:
                raise _bad(path, "it has no Unicode character map")
            family = font["name"].getBestFamilyName() or path.stem
            return FontInfo(str(path), family, _ranges(characters))
    except (
        # Exceptions of fontTools' parsers for damaged tables.
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
def silence(name: str) -> Iterator[None]:
    """Silence a library's log: damage is reported once, by our own error."""
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
