"""What a film shows of its sources and should be told: recorded with each segment, told once per
file. That is frames that are damaged, and frames of another size than the first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, ClassVar

from vedc.edit.media_info import MediaInfo
from vedc.media.damage_text import damage_text

Source = tuple[str, int]
"""A file's digest and its video stream."""


class _Found:
    """Source times (seconds) of frames, by source."""

    key: ClassVar[str]
    """Its name in the meta of a segment."""

    def __init__(self) -> None:
        self._times: dict[Source, set[Fraction]] = {}

    def __bool__(self) -> bool:
        return bool(self._times)

    def add(self, source: Source, times: Iterable[Fraction]) -> None:
        self._times.setdefault(source, set()).update(times)

    def add_first(self, source: Source, time: Fraction) -> None:
        """Add a time where the source has none yet."""
        self._times.setdefault(source, {time})

    def merge(self, meta: Mapping[str, Any]) -> None:
        """Add what :meth:`to_meta` wrote. What is not of its form is passed over."""
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
    """Frames that are damaged, all of them."""

    key = "damaged"

    def text(self, media: MediaInfo, times: list[Fraction]) -> str:
        return damage_text(media, times)


class Resized(_Found):
    """Frames of another size than the file's first, of each segment the first."""

    key = "resized"

    def text(self, media: MediaInfo, times: list[Fraction]) -> str:
        size = f"{media.video.width}x{media.video.height}" if media.video is not None else "it"
        return (
            f"'{media.path}' changes its size, first shown at {float(times[0]):.2f} s:"
            f" scaled to {size}"
        )
