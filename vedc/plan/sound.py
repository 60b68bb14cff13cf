"""The sound plan of a resolved edit: which samples of which file are heard when.

Positions are rounded half up to samples. A piece starts at the sample nearest to its first frame.
The source samples it plays follow from the offset between source and film time, not from the
piece's start, so clips that are continuous in the source stay continuous in the sound. Every sample
is played within half a sample of its time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final, Literal, NamedTuple

from vedc.edit.contents import Clip
from vedc.edit.media_info import MediaInfo, kept_path
from vedc.edit.model import (
    AudioItem,
    Composition,
    Edit,
    Output,
    Profile,
    TimelineItem,
    Track,
    Transition,
)
from vedc.edit.sounds import Duck, Sound
from vedc.edit.tables.codecs import AUDIO_CODECS
from vedc.edit.tables.containers import container_for_extension, extension
from vedc.edit.time_map import TimeMap
from vedc.edit.times import round_half_up
from vedc.edit.values import Keyframes, Number
from vedc.errors import SourceLocation, SpecError
from vedc.plan.effects import highest_frequency, room, sound_filter
from vedc.plan.encoders import audio_settings
from vedc.plan.joins import JOIN, EdgedPiece, edges, own_fades, transition_fades, without_clicks
from vedc.plan.keys import sound_key
from vedc.plan.settings import (
    AudioPiece,
    AudioPlan,
    AudioSettings,
    Bus,
    Curve,
    Ducking,
    Fade,
    Point,
    SoundFilter,
)

_MAX_UNNAMED = 8
"""The most channels without named speakers that have a usual order."""

_GLIDE: Final = Fraction(1, 200)
"""Seconds over which a jump in volume is spread."""

_HOLD: Final = Fraction(3, 10)
"""Seconds that a sound still counts as heard: the pause between two words."""


def plan_sound(edit: Edit, digest: Callable[[str], str]) -> AudioPlan | None:
    """The sound of an edit; ``None`` if it is silent or the output has no sound.

    An output of sound alone always has one, even if silent.

    ``digest`` returns the content hash of a file. Raises SpecError ``audio-channels`` if the
    output's audio codec cannot hold the profile's number of channels, or if a source has many
    channels without named speakers.
    """
    if edit.output.audio_codec is None or edit.output.form not in ("film", "sound", "stream"):
        return None
    return _plan(edit, _settings(edit.output, edit.profile), digest, {})


def _plan(
    edit: Edit,
    settings: AudioSettings,
    digest: Callable[[str], str],
    parts: dict[str, AudioPlan],
) -> AudioPlan | None:
    """The sound of an edit in some form. Compositions' sounds are added to ``parts``, by key."""
    planner = _Planner(edit.profile.fps, settings, digest, parts)
    end = planner.sample(edit.duration)
    pieces, buses = _buses(edit, planner, end)
    if not pieces and edit.output.form != "sound":
        return None
    pieces.sort(key=lambda piece: piece.start)
    part = None
    if edit.part is not None:
        part = planner.sample(edit.part[0]), planner.sample(edit.part[1])
    master = planner.bus(edit.master, end)
    loudness = edit.output.loudness or edit.master.loudness
    return AudioPlan(
        settings, end, tuple(pieces), part, tuple(buses), master, loudness, parts,
        edit.master.limiter,
    )  # fmt: skip


class _Row(NamedTuple):
    """Pieces that share a bus, or go directly into the film."""

    names: frozenset[str]
    """Ids that others may be ducked under."""
    pieces: list[AudioPiece]
    bus: Bus
    duck: Duck | None = None
    track: int | None = None
    """For items of a track that have a separate row: the row of the others."""


def _buses(edit: Edit, planner: _Planner, end: int) -> tuple[list[AudioPiece], list[Bus]]:
    """The pieces of an edit, and the buses of those that do not go directly into the film."""
    sounds = [
        *(track.sound for track in edit.tracks),
        *(item.sound for item in edit.audio),
        *(item.sound for track in edit.tracks for item in track.items if item.sound is not None),
    ]
    named = frozenset(
        name for sound in sounds if sound.duck is not None for name in sound.duck.under
    )
    rows: list[_Row] = []
    for track in edit.tracks:
        rows += _rows_of(track, planner.track(track, edit.duration), named, len(rows), end, planner)
    alone = [(a, each) for a in edit.audio for each in planner.audio_item(a, edit.duration)]
    joined = without_clicks([each for _, each in alone], planner.join, track=False)
    for (item, _), piece in zip(alone, joined, strict=True):
        rows.append(_Row(named & _names(item.id), [piece], Bus(), item.sound.duck))
    own = [
        number
        for number, row in enumerate(rows)
        if row.names or row.bus != Bus() or row.duck is not None
    ]
    place = {number: index for index, number in enumerate(own)}
    indices: dict[str, list[int]] = {}
    for number, index in place.items():
        for name in rows[number].names:
            indices.setdefault(name, []).append(index)
    pieces = [
        replace(piece, bus=place.get(number))
        for number, row in enumerate(rows)
        for piece in row.pieces
    ]
    buses = [
        replace(
            row.bus,
            ducking=planner.ducking(row.duck, indices),
            within=None if row.track is None else place.get(row.track),
        )
        for row in (rows[number] for number in own)
    ]
    return pieces, buses


def _rows_of(
    track: Track,
    audible: Sequence[tuple[TimelineItem, AudioPiece]],
    named: frozenset[str],
    first: int,
    end: int,
    planner: _Planner,
) -> list[_Row]:
    """The rows of a track, if it is audible: row ``first``, then one for each group of equal items
    that are ducked, or that others are ducked under."""
    if not audible:
        return []
    straight: list[AudioPiece] = []
    apart: dict[tuple[frozenset[str], Duck | None], list[AudioPiece]] = {}
    for item, piece in audible:
        names = named & _names(item.id)
        duck = None if item.sound is None else item.sound.duck
        if names or duck is not None:
            apart.setdefault((names, duck), []).append(piece)
        else:
            straight.append(piece)
    whole = named & _names(track.id)
    return [
        _Row(whole, straight, planner.bus(track.sound, end), track.sound.duck),
        *(_Row(names, own, Bus(), duck, first) for (names, duck), own in apart.items()),
    ]


def _names(id: str | None) -> frozenset[str]:
    """The names of an item: one derived from another, such as ``best[2]``, has that one's too."""
    if id is None:
        return frozenset()
    chosen = id.rpartition("[")[0] if id.endswith("]") else ""
    return frozenset({id, chosen or id})


def _settings(output: Output, profile: Profile) -> AudioSettings:
    assert output.audio_codec is not None
    codec = AUDIO_CODECS[output.audio_codec]
    if profile.channels > codec.max_channels:
        raise SpecError.one(
            "audio-channels",
            f"{codec.title} holds {codec.max_channels} channels, not {profile.channels}",
            output.location,
            "choose another audio_codec, or fewer channels in the profile",
        )
    container = container_for_extension(extension(output.path))
    return replace(
        audio_settings(
            codec.name,
            rate=_rate(profile.sample_rate, codec.rates),
            channels=profile.channels,
            bitrate=output.audio_bitrate,
            depth=output.audio_depth,
        ),
        muxer=(container.sound_muxer or container.muxer) if container else "matroska",
    )


def _rate(wanted: int, taken: tuple[int, ...] | None) -> int:
    """The lowest supported rate that is at least the wanted one; else the codec's highest."""
    if taken is None or wanted in taken:
        return wanted
    return min((rate for rate in taken if rate >= wanted), default=max(taken))


class _Planner:
    def __init__(
        self,
        fps: Fraction,
        settings: AudioSettings,
        digest: Callable[[str], str],
        parts: dict[str, AudioPlan],
    ) -> None:
        self._fps, self._settings, self._digest, self._parts = fps, settings, digest, parts
        self._rate = settings.rate
        self.join = round_half_up(JOIN * self._rate)
        """Samples."""
        self._mixed: dict[int, MediaInfo | None] = {}
        """Each composition's sound as a file, by the id of its edit."""

    def sample(self, frame: int) -> int:
        """The sample at which a frame begins."""
        return round_half_up(frame / self._fps * self._rate)

    def track(self, track: Track, duration: int) -> list[tuple[TimelineItem, AudioPiece]]:
        """The audible items of a track, each with its piece."""
        edged: list[EdgedPiece] = []
        items: list[TimelineItem] = []
        beside: dict[int | None, list[Transition]] = {}
        """The transitions at the ends of each item."""
        for transition in track.transitions:
            for side in {transition.left, transition.right}:
                beside.setdefault(side, []).append(transition)
        for index, item in enumerate(track.items):
            end = min(item.end, duration)
            if item.sound is None or not isinstance(item.content, (Clip, Composition)):
                continue
            media, time_map = item.content.media, item.content.time_map
            if isinstance(item.content, Clip) and item.content.sound_media is not None:
                media = item.content.sound_media
                time_map = time_map.then(TimeMap.linear(item.content.sound_offset))
            if isinstance(item.content, Composition):
                mixed = self._mix(item.content)
                if mixed is None:
                    continue
                media = mixed
            joins = [
                fade
                for transition in beside.get(index, ())
                for fade in self._join(transition, item, index == transition.left)
            ]
            found = self._piece(
                item, media, item.sound, end, time_map, joins,
                pitch=item.content.pitch,
            )  # fmt: skip
            edged += found
            items += [item for _ in found]
        return list(zip(items, without_clicks(edged, self.join, track=True), strict=True))

    def _mix(self, shown: Composition) -> MediaInfo | None:
        """The sound of a composition, mixed once; None if it is silent.

        It is kept in the form of the film's mix, so that nothing is rounded or limited twice.
        """
        known = id(shown.edit)
        if known not in self._mixed:
            kept = AudioSettings("pcm_f32le", "pcm_f32le", self._rate, self._settings.channels)
            plan = _plan(shown.edit, replace(kept, muxer="w64"), self._digest, self._parts)
            self._mixed[known] = None
            if plan is not None and shown.media.audio is not None:
                plan = replace(plan, parts={}, loudness=None)  # loudness is for the whole film
                key = sound_key(plan)
                self._parts[key] = plan
                path = kept_path(shown.media.path, key)
                audio = replace(
                    shown.media.audio, rate=self._rate, channels=self._settings.channels,
                    layout="mono" if self._settings.channels == 1 else "stereo",
                )  # fmt: skip
                self._mixed[known] = replace(shown.media, path=path, audio=audio)
        return self._mixed[known]

    def audio_item(self, item: AudioItem, duration: int) -> list[EdgedPiece]:
        limit = None if item.time_map.length is None else item.time_map.length * self._rate
        return self._piece(
            item,
            item.media,
            item.sound,
            min(item.end, duration),
            item.time_map,
            limit=None if limit is None or item.time_map.period else round_half_up(limit),
            pitch=item.pitch,
        )

    def _piece(
        self,
        item: TimelineItem | AudioItem,
        media: MediaInfo,
        sound: Sound,
        end: int,
        time_map: TimeMap,
        joins: Sequence[Fade] = (),
        *,
        limit: int | None = None,
        pitch: Literal["keep", "follow"] = "keep",
    ) -> list[EdgedPiece]:
        """The piece of an item up to frame ``end``; empty if it is silent."""
        if media.audio is None:
            return []
        path, audio, start = media.path, media.audio, item.start
        first = self.sample(start)
        length = self.sample(end) - first
        if limit is not None:
            length = min(length, limit)
        second = Fraction(1, self._rate)
        silent = not any(ramp.slope for ramp in time_map.ramps)
        if length <= 0 or silent or sound.volume == -math.inf:
            return []
        if audio.channels > _MAX_UNNAMED and audio.layout == f"{audio.channels} channels":
            raise SpecError.one(
                "audio-channels",
                f"'{path}' has {audio.channels} channels and does not name their speakers",
                item.location,
                "convert its sound to stereo or 5.1, or mute the item",
            )
        source_in = time_map.source_at(0)
        moved = round_half_up((source_in - audio.start - start / self._fps) * self._rate)
        retimed = None
        if time_map.period or time_map.ramps[1:] or time_map.ramps[0].slope != 1:
            elapsed = TimeMap.linear(first * second - start / self._fps, second)
            retimed = elapsed.then(time_map).then(
                TimeMap.linear(-audio.start * self._rate, self._rate)
            )
        piece = AudioPiece(
            path=path,
            digest=self._digest(path),
            start=first,
            length=length,
            source_in=first + moved,
            gain_db=self._curve(sound.volume),
            fades=(*own_fades(sound, length, self._rate), *joins),
            retimed=retimed,
            pitch=pitch,
            stream=audio.stream,
            joins=media.joins,
            pan=self._curve(sound.pan),
            mono=audio.channels == 1 or sound.channels in ("left", "right", "mono"),
            channels=sound.channels,
            filters=self._filters(sound, item.location),
            room=room(sound.reverb, self._rate),
        )
        opens, closes = edges(
            sound,
            any(fade.kind == "in" for fade in joins),
            any(fade.kind == "out" for fade in joins),
        )
        whole = None if audio.duration is None else round_half_up(audio.duration * self._rate)
        return [EdgedPiece(piece, opens, closes, whole, sound.duck)]

    def bus(self, sound: Sound, length: int) -> Bus:
        """The bus of a track, or of the film, of ``length`` samples."""
        fades = tuple(own_fades(sound, length, self._rate))
        return Bus(
            self._curve(sound.volume),
            self._curve(sound.pan),
            fades,
            filters=self._filters(sound, None),
            room=room(sound.reverb, self._rate),
        )

    def _filters(self, sound: Sound, location: SourceLocation | None) -> tuple[SoundFilter, ...]:
        for effect in sound.effects:
            highest = highest_frequency(effect)
            if highest >= Fraction(self._rate, 2):
                raise SpecError.one(
                    "filter-frequency",
                    f"a band of `eq` is at {highest:g} Hz, and at {self._rate} Hz sound ends at "
                    f"{self._rate / 2:g} Hz",
                    location,
                    "leave the band out, or raise sample_rate of the profile",
                )
        return tuple(sound_filter(effect, self._curve) for effect in sound.effects)

    def ducking(self, duck: Duck | None, buses: Mapping[str, Sequence[int]]) -> Ducking | None:
        """``buses`` holds the indices of the audible buses, by id."""
        if duck is None:
            return None
        under = tuple(dict.fromkeys(n for name in duck.under for n in buses.get(name, ())))
        if not under:
            return None
        shortest = round_half_up(_GLIDE * self._rate)
        attack, release = (
            max(round_half_up(time * self._rate), shortest) for time in (duck.attack, duck.release)
        )
        hold = round_half_up(_HOLD * self._rate)
        return Ducking(under, duck.by, attack, release, hold, duck.threshold)

    def _curve(self, moving: Number) -> float | Curve:
        """A value over samples."""
        if not isinstance(moving, Keyframes):
            return moving
        points = []
        for point in moving.points:
            assert not isinstance(point.value, tuple)
            at = point.frame / self._fps * self._rate
            points.append(Point(at, point.value, point.easing))
        return Curve(tuple(points), moving.limits, round_half_up(_GLIDE * self._rate))

    def _join(self, transition: Transition, item: TimelineItem, leaving: bool) -> list[Fade]:
        origin = self.sample(item.start)
        start = self.sample(transition.start) - origin
        end = self.sample(transition.end) - origin
        return transition_fades(transition, leaving, start, end, self.join)
