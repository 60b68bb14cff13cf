"""Defects of a film's sources: recorded with each segment, reported once per file. They are damaged
frames, and frames of a different size than the first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, ClassVar

from vedc.edit.media_info import MediaInfo
from vedc.media.damage_text import damage_text

Source = tuple[str, int]
"""A file's digest and its video stream."""


class _Found:
    """Times of frames in seconds, by source."""

    key: ClassVar[str]
    """Its name in a segment's meta."""

    def __init__(self) -> None:
        self._times: dict[Source, set[Fraction]] = {}

    def __bool__(self) -> bool:
        return bool(self._times)

    def add(self, source: Source, times: Iterable[Fraction]) -> None:
        self._times.setdefault(source, set()).update(times)

    def add_first(self, source: Source, time: Fraction) -> None:
        """Add a time if the source has none yet."""
        self._times.setdefault(source, {time})

    def merge(self, meta: Mapping[str, Any]) -> None:
        """Add the data of :meth:`to_meta`. Anything of another form is ignored."""
        entries = meta.get(self.key)
        for entry in entries if isinstance(entries, list) else ():
            try:
                digest, stream, times = entry
                self.add((str(digest), int(stream)), [Fraction(str(time)) for time in times])
            except (TypeError, ValueError, ZeroDivisionError):
                continue

    def to_meta(self) -> dict[str, Any]:
        """As JSON data for the meta of a stored segment; empty if there is none."""
        if not self._times:
            return {}
        entries = sorted(self._times.items())
        return {self.key: [[*source, [str(t) for t in sorted(times)]] for source, times in entries]}

    def texts(self, media: Mapping[Source, MediaInfo]) -> list[tuple[str, str]]:
        """The digest of each file, with one line about it."""
        return [
            (source[0], self.text(media[source], sorted(times)))
            for source, times in sorted(self._times.items())
            if source in media
        ]

    def text(self, media: MediaInfo, times: list[Fraction]) -> str:
        raise NotImplementedError


class Damage(_Found):
    """All damaged frames."""

    key = "damaged"

    def text(self, media: MediaInfo, times: list[Fraction]) -> str:
        return damage_text(media, times)


class Resized(_Found):
    """The first frame of each segment whose size differs from the file's first frame."""

    key = "resized"

    def text(self, media: MediaInfo, times: list[Fraction]) -> str:
        size = f"{media.video.width}x{media.video.height}" if media.video is not None else "it"
        return (
            f"'{media.path}' changes its size, first shown at {float(times[0]):.2f} s:"
            f" scaled to {size}"
        )
