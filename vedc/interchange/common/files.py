"""The files of a foreign timeline: their paths in the spec, and their properties."""

from __future__ import annotations

import os
import re
from fractions import Fraction
from pathlib import Path
from typing import Final

from vedc.edit.media_info import MediaInfo, ProbeError
from vedc.errors import UserError
from vedc.media.known_files import ProbeCache

#: A scheme with //, or one that FFmpeg or a browser accepts without it; a drive has one letter.
_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:(//)?")


class ForeignFiles:
    """Files named in a file of ``folder``, for a spec in ``target``.

    Nothing is fetched, and only files below ``target`` or a folder of ``allow`` are opened.
    """

    def __init__(self, folder: Path, target: Path, allow: tuple[Path, ...], cache: Path) -> None:
        self.folder, self.target = folder.absolute(), target.absolute()
        self._allowed = tuple(Path(os.path.realpath(each)) for each in (target, *allow))
        self._probe = ProbeCache(cache / "probes")
        self._known: dict[str, MediaInfo | None] = {}

    def path(self, named: str) -> str:
        """A path as the spec names it: relative to its folder; a URL as it is."""
        named = named.strip()
        if is_url(named):
            return named
        absolute = os.path.normpath(self.folder / named.replace("\\", "/"))
        try:
            relative = os.path.relpath(absolute, self.target)
        except ValueError:  # another drive
            return absolute
        outside = relative.startswith("..")
        return (absolute if outside and os.path.isabs(named) else relative).replace(os.sep, "/")

    def media(self, path: str) -> MediaInfo | None:
        """The media info of a file of the spec, if it exists and may be opened."""
        if path not in self._known:
            self._known[path] = self._read(path)
        return self._known[path]

    def _read(self, path: str) -> MediaInfo | None:
        if is_url(path) or "%" in path or "\0" in path:
            return None
        found = Path(os.path.realpath(self.target / path))
        if not any(found.is_relative_to(folder) for folder in self._allowed):
            return None
        try:
            return self._probe(found) if found.is_file() else None
        except (ProbeError, UserError, OSError, ValueError):
            return None

    def length(self, path: str) -> Fraction | None:
        """The longest clip of the file in seconds, if known."""
        media = self.media(path)
        return None if media is None else media.clip_length

    def rate(self, path: str) -> Fraction | None:
        """Its frames a second, if known."""
        media = self.media(path)
        return media.video.rate if media is not None and media.video is not None else None

    def has_picture(self, path: str) -> bool | None:
        media = self.media(path)
        return None if media is None else media.video is not None

    def has_sound(self, path: str) -> bool | None:
        media = self.media(path)
        return None if media is None else media.audio is not None


def is_url(path: str) -> bool:
    return _URL.match(path) is not None
