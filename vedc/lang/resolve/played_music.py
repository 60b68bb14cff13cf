"""Where music is heard in the film, seen from an item whose cuts follow it.

Music sounds where an audio item plays it, or a clip that shows its file and is not muted. Times are
rounded to frames as everywhere: the times are those of the finished film.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from vedc.edit.media_info import MediaInfo
from vedc.edit.times import parse_time, to_frames
from vedc.lang.form.deferred import waits
from vedc.lang.language import ITEM
from vedc.lang.resolve.items.clip_time import Pace, repeats
from vedc.lang.resolve.items.labels import enabled
from vedc.lang.resolve.items.timeline import Layout, MediaOf
from vedc.lang.resolve.items.timing import ItemTiming, source_name
from vedc.lang.resolve.sections.assets import Assets
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.support.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """A stretch of a file that may be used."""

    id: str
    """The asset's id, which clips name."""
    media: MediaInfo
    begin: Fraction
    """Seconds of the source; on a frame where there is a picture."""
    end: Fraction


@dataclass(frozen=True, slots=True)
class PlayedMusic:
    """Music as it is heard in the film, in seconds from the beginning of an ``auto`` item."""

    source: Source
    """The part of the file that plays."""
    start: Fraction
    """When it begins; below 0 if it plays when the item begins."""
    end: Fraction | None
    """When it ends; None: with the film."""
    loop: bool = False
    """Whether it plays over and over until ``end``."""
    begin: Fraction | None = None
    """When following begins, if not at ``start``."""

    def plain(self) -> list[str | bool | None]:
        """The facts that an answer depends on, as plain data."""
        times = (self.source.begin, self.source.end, self.start, self.end)
        named = [None if time is None else str(time) for time in times]
        return [self.source.id, *named, self.loop]

    @property
    def after(self) -> Fraction:
        return self.start if self.begin is None else self.begin


def begins_with(played: Sequence[PlayedMusic], music: Source | None) -> bool:
    """Whether the music begins with the item, as assumed where it is not in the film."""
    if music is None or len(played) != 1:
        return False
    (only,) = played
    plain = only.start == 0 and not only.loop and only.source == music
    return plain and only.end == music.end - music.begin


def is_muted(node: SpecNode) -> bool:
    return "mute" in node and node["mute"].value is True


_Played = tuple[Source, Fraction, Fraction | None, bool]
"""As ``PlayedMusic``, in seconds of the film."""


class UnknownPlace(Exception):
    """The place of the item or its music depends on open decisions."""


class FilmMusic:
    """The music of a film whose items are not all decided. ``rate`` is its frame rate."""

    def __init__(
        self,
        tree: SpecNode,
        tracks: Sequence[SpecNode],
        assets: Assets,
        media_of: MediaOf,
        rate: Fraction,
    ) -> None:
        self._media_of = media_of
        self._audio = [node for node in tree.get("audio") or () if _is_sound(node)]
        self._tracks, self._assets, self._rate = tracks, assets, rate
        self._placed: list[list[ItemTiming]] | None = None
        self.altered: list[SpecNode] = []
        """Items with the requested music at another speed, whose beats are unknown."""

    def played(self, item: SpecNode, music: Source | None) -> tuple[PlayedMusic, ...]:
        """Where ``music`` is heard, or any audio item if None; nothing if it is not in the film.

        Raises UnknownPlace.
        """
        self.altered = []
        found = [*self._of_audio(music), *(self._of_clips(music) if music is not None else ())]
        if not found:
            return ()
        origin = self._start(item)
        return tuple(
            PlayedMusic(source, start - origin, None if end is None else end - origin, loop)
            for source, start, end, loop in found
        )

    def length(self, node: SpecNode) -> Fraction:
        """Seconds of the film for which an item is shown. Raises UnknownPlace."""
        for item in (item for placed in self._layout() for item in placed):
            if item.node is node and item.known:
                return self._on_frame(item.end) - self._on_frame(item.start)
        raise UnknownPlace

    # Audio items

    def _of_audio(self, music: Source | None) -> list[_Played]:
        found: list[_Played] = []
        if any(waits(node) for node in self._audio):
            raise UnknownPlace
        for node in self._audio:
            media = self._assets.media(node["clip"])
            if media is None or media.audio is None or not _plays(media, music):
                continue
            whole = media.sound_length
            start = self._seconds(node, "start", None) or Fraction(0)
            rate = media.video.rate if media.video is not None else self._rate
            begin = self._seconds(node, "in", whole, rate) or Fraction(0)
            end = self._seconds(node, "out", whole, rate) or whole
            length = self._seconds(node, "duration", None)
            times = repeats(node)
            if Pace.of(node, Problems()) != Pace(Fraction(1), backwards=False):
                self.altered.append(node)
                continue
            if length is not None and times == 1:
                end = begin + length
            if end is None or end <= begin:
                continue
            start = self._on_frame(start)
            if times is not None and (length is None or times > 1):
                length = times * (end - begin)
            until = None if length is None else start + length
            source = Source(node["clip"].text, media, begin, end)
            found.append((source, start, until, times != 1))
        return found

    def _seconds(
        self, node: SpecNode, key: str, parent: Fraction | None, rate: Fraction | None = None
    ) -> Fraction | None:
        if key not in node:
            return None
        try:
            return parse_time(node[key].value, from_end=True).seconds(rate or self._rate, parent)
        except ValueError:  # a share of an unknown length, or nonsense, which is reported elsewhere
            raise UnknownPlace from None

    # Items of tracks

    def _of_clips(self, music: Source) -> list[_Played]:
        found: list[_Played] = []
        for track, placed in zip(self._tracks, self._layout(), strict=True):
            for item in placed:
                media = item.media
                if media is None or media.audio is None or not item.known or not item.shown:
                    continue
                if not _plays(media, music) or is_muted(track) or is_muted(item.node):
                    continue
                (first, *more) = item.time_map.ramps
                if more or first.slope != 1:
                    self.altered.append(item.node)
                    continue
                begin, period = item.time_map.source_at(0), item.time_map.period
                end = begin + (period or item.length)
                source = Source(source_name(item.node), media, begin, end)
                start = self._on_frame(item.start)
                found.append((source, start, start + item.length, period is not None))
        return found

    def _start(self, node: SpecNode) -> Fraction:
        for placed in self._layout():
            for item in placed:
                if item.node is node:
                    if not item.start_known:
                        raise UnknownPlace
                    return self._on_frame(item.start)
        raise UnknownPlace

    def _layout(self) -> list[list[ItemTiming]]:
        if self._placed is None:
            layout = Layout(self._rate, self._rate, self._media_of, ITEM.kind_of, Problems())
            total = layout.length(self._tracks) if self._complete() else None
            self._placed = [layout.lay_out(track["clips"], total)[0] for track in self._tracks]
        return self._placed

    def _complete(self) -> bool:
        return not any("auto" in node for track in self._tracks for node in track["clips"])

    def _on_frame(self, time: Fraction) -> Fraction:
        return to_frames(time, self._rate) / self._rate


def _plays(media: MediaInfo, music: Source | None) -> bool:
    if music is None:
        return True
    assert music.media.audio is not None and media.audio is not None
    same = media.path == music.media.path
    return same and media.audio.stream == music.media.audio.stream


def _is_sound(node: SpecNode) -> bool:
    return not node.broken and not node.lost and enabled(node)
