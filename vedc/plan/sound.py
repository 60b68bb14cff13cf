"""From the resolved edit to the plan of its sound: which samples of which file are heard when.

Positions are rounded half up to samples. A piece starts at the sample nearest to its first
frame. Which samples of the source it plays follows from the shift between source and film time,
not from where the piece starts, so that clips that are continuous in the source stay continuous
in the sound. Every sample is played within half a sample of its time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final, Literal

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
from vedc.plan.joins import JOIN, Heard, edges, own_fades, transition_fades, without_clicks
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
"""Up to so many channels without named speakers have a usual order."""

_GLIDE: Final = Fraction(1, 200)
"""Seconds that a jump of the volume takes."""

_HOLD: Final = Fraction(3, 10)
"""Seconds that a sound still counts as heard: the pause between two words."""


def plan_sound(edit: Edit, digest: Callable[[str], str]) -> AudioPlan | None:
    """The sound of an edit; ``None`` if it is silent or the output has no sound.

    An output of sound alone has it even where nothing is heard.

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
    """The sound of an edit in some form. ``parts`` takes that of compositions, by key."""
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


def _buses(edit: Edit, planner: _Planner, end: int) -> tuple[list[AudioPiece], list[Bus]]:
    """The pieces of an edit, and the buses of what is not heard straight in the film."""
    heard: list[tuple[str | None, list[AudioPiece], Bus, Duck | None]] = [
        (t.id, planner.track(t, edit.duration), planner.bus(t.sound, end), t.sound.duck)
        for t in edit.tracks
    ]
    alone = [(a, each) for a in edit.audio for each in planner.audio_item(a, edit.duration)]
    joined = without_clicks([each for _, each in alone], planner.join, track=False)
    heard += [
        (a.id, [piece], Bus(), a.sound.duck) for (a, _), piece in zip(alone, joined, strict=True)
    ]
    named = {name for _, _, _, duck in heard if duck for name in duck.under}
    heard = [row for row in heard if row[1]]
    own = [row for row in heard if row[0] in named or row[2] != Bus() or row[3]]
    indices = {name: index for index, (name, *_) in enumerate(own) if name is not None}
    pieces: list[AudioPiece] = []
    for row in heard:
        index = next((n for n, other in enumerate(own) if other is row), None)
        pieces += [replace(piece, bus=index) for piece in row[1]]
    buses = [replace(bus, ducking=planner.ducking(duck, indices)) for _, _, bus, duck in own]
    return pieces, buses


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
    """The lowest rate that the codec supports and that loses nothing; else its highest."""
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
        """By the identity of a composition's edit: its sound as of a file."""

    def sample(self, frame: int) -> int:
        """The sample at which a frame begins."""
        return round_half_up(frame / self._fps * self._rate)

    def track(self, track: Track, duration: int) -> list[AudioPiece]:
        heard: list[Heard] = []
        beside: dict[int | None, list[Transition]] = {}
        """By item: the transitions at its ends."""
        for transition in track.transitions:
            for side in {transition.left, transition.right}:
                beside.setdefault(side, []).append(transition)
        for index, item in enumerate(track.items):
            end = min(item.end, duration)
            if item.sound is None or not isinstance(item.content, (Clip, Composition)):
                continue
            media, time_map = item.content.media, item.content.time_map
            if isinstance(item.content, Clip) and item.content.heard is not None:
                media = item.content.heard
                time_map = time_map.then(TimeMap.linear(item.content.heard_offset))
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
            heard += self._piece(
                item, media, item.sound, end, time_map, joins,
                pitch=item.content.pitch,
            )  # fmt: skip
        return without_clicks(heard, self.join, track=True)

    def _mix(self, shown: Composition) -> MediaInfo | None:
        """The sound of a composition, mixed once; None where nothing of it is heard.

        It is kept in the form of the film's mix, so that nothing is rounded or limited twice.
        """
        known = id(shown.edit)
        if known not in self._mixed:
            kept = AudioSettings("pcm_f32le", "pcm_f32le", self._rate, self._settings.channels)
            plan = _plan(shown.edit, replace(kept, muxer="w64"), self._digest, self._parts)
            self._mixed[known] = None
            if plan is not None and shown.media.audio is not None:
                plan = replace(plan, parts={}, loudness=None)  # that is of the film as a whole
                key = sound_key(plan)
                self._parts[key] = plan
                path = kept_path(shown.media.path, key)
                audio = replace(
                    shown.media.audio, rate=self._rate, channels=self._settings.channels,
                    layout="mono" if self._settings.channels == 1 else "stereo",
                )  # fmt: skip
                self._mixed[known] = replace(shown.media, path=path, audio=audio)
        return self._mixed[known]

    def audio_item(self, item: AudioItem, duration: int) -> list[Heard]:
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
    ) -> list[Heard]:
        """The piece of an item up to frame ``end``: one, or none if nothing is heard."""
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
        return [Heard(piece, opens, closes, whole)]

    def bus(self, sound: Sound, length: int) -> Bus:
        """What a track, or the film, of so many samples is heard through."""
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

    def ducking(self, duck: Duck | None, buses: Mapping[str, int]) -> Ducking | None:
        """``buses`` holds the index of each bus that is heard, by id."""
        under = tuple(buses[name] for name in duck.under if name in buses) if duck else ()
        if duck is None or not under:
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
