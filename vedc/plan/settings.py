"""Settings of the encoders and the sound mixer: plain data, part of the plan."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

from vedc.color import Color
from vedc.edit.media_info import Join
from vedc.edit.sounds import ChannelMap, LoudnessTarget
from vedc.edit.time_map import TimeMap
from vedc.support.lazy_dataclass import dataclass, field


@dataclass(frozen=True, slots=True)
class VideoSettings:
    """Everything that shapes the bytes of an encoded video stream."""

    codec: str
    """The name in specs: h264, png, ..."""
    encoder: str
    """The name in FFmpeg: libx264, ..."""
    width: int
    height: int
    rate: Fraction
    pix_fmt: str
    color: Color
    """Tags to write."""
    options: tuple[tuple[str, str], ...]
    """Encoder options, sorted: crf, preset, ..."""
    threads: int
    """Fixed, because x264's output depends on it."""
    passes: int = 1
    """Over each segment: two meet a bit rate."""


@dataclass(frozen=True, slots=True)
class AnimationSettings:
    """How the pictures of an output become one file that moves."""

    codec: str
    """The name in specs: gif, apng, webp."""
    encoder: str
    muxer: str
    options: tuple[tuple[str, str], ...] = ()
    """Of the encoder."""
    muxer_options: tuple[tuple[str, str], ...] = ()
    """How often it plays."""
    colors: int = 256
    """Of a GIF."""
    dither: str = "sierra2_4a"
    """FFmpeg's word for how a GIF mixes them."""


@dataclass(frozen=True, slots=True)
class AudioSettings:
    codec: str
    encoder: str
    rate: int
    """Samples per second, of the mix and of the file."""
    channels: int
    """1, 2 or 6 (5.1)."""
    bitrate: int | None = None
    """Bits per second; ``None`` for lossless codecs."""
    muxer: str = "mp4"
    """FFmpeg's name of the film's container. The sound is stored in the same kind, because each
    records the encoder's delay in its own way."""
    depth: int | None = None
    """Bits of a sample; ``None`` for lossy codecs. 32 are floats."""


@dataclass(frozen=True, slots=True)
class Fade:
    """A gain ramp over samples ``start <= s < start + length`` of a piece (piece time).

    ``in`` is silent before it, ``out`` silent after it. The curve is one of
    :data:`vedc.edit.tables.sound_words.CURVES`: ``qsin`` keeps the power of a crossfade constant,
    ``tri`` and ``hsin`` keep the amplitude. A ramp may reach beyond the piece.
    """

    kind: Literal["in", "out"]
    start: int
    length: int
    curve: str = "tri"


@dataclass(frozen=True, slots=True)
class Point:
    """``value`` at a sample; ``easing`` leads on to the next point."""

    sample: Fraction
    value: float
    easing: str = "linear"


@dataclass(frozen=True, slots=True)
class Curve:
    """Decibels or a pan over samples: held before the first point and after the last one."""

    points: tuple[Point, ...]
    limits: tuple[float, float]
    """The least and the greatest value."""
    glide: int
    """Samples that a jump takes, so that it does not click."""


@dataclass(frozen=True, slots=True)
class SoundFilter:
    """A filter of libavfilter."""

    name: str
    options: str
    moving: tuple[tuple[str, Curve, bool], ...] = ()
    """Parameters that move, by the filter's names of their commands: their values over samples, and
    whether those are decibels of an amplitude."""


@dataclass(frozen=True, slots=True)
class Room:
    """A room that is heard around a sound. Times are samples."""

    amount: float
    """Its level relative to the sound."""
    decay: int
    """In which it falls by 60 dB."""
    pause: int
    """Before it is heard."""


@dataclass(frozen=True, slots=True)
class Ducking:
    """A bus is lowered while others are heard. Times are samples, at least 1."""

    under: tuple[int, ...]
    """Indices of the buses that are heard above it: as they are before they are ducked."""
    by_db: float
    attack: int
    release: int
    hold: int
    """How long they count as heard after their last sample above the threshold."""
    threshold_db: float


@dataclass(frozen=True, slots=True)
class Bus:
    """Pieces that are summed and then go on as one: a track, clips on it, or the film."""

    gain_db: float | Curve = 0.0
    """Over samples of the film, like the other values."""
    pan: float | Curve = 0.0
    fades: tuple[Fade, ...] = ()
    ducking: Ducking | None = None
    filters: tuple[SoundFilter, ...] = ()
    """Before its level."""
    room: Room | None = None
    """After its level and fades."""
    within: int | None = None
    """Index of the bus that it goes into, which is in none itself; None for the film. One within
    another has nothing but its ducking: the rest is its pieces' own."""


@dataclass(frozen=True, slots=True)
class AudioPiece:
    """A stretch of one source's sound, placed to the sample."""

    path: str
    digest: str
    start: int
    """First sample on the timeline."""
    length: int
    """Samples, at the plan's rate. Silence follows where the source ends early."""
    source_in: int
    """The first sample of the source that is heard, at the plan's rate, counted from the first
    one that its decoder gives. Negative: silence until the source begins."""
    gain_db: float | Curve = 0.0
    """Over samples of the piece, like its pan."""
    fades: tuple[Fade, ...] = ()
    retimed: TimeMap | None = None
    """Samples of the source as a function of samples of the piece, where it does not just play on
    from ``source_in``. Where it stands still there is silence."""
    pitch: Literal["keep", "follow"] = "keep"
    """At another speed."""
    stream: int = 0
    """Index of the audio stream among those of the file."""
    joins: tuple[Join, ...] = ()
    """Where further parts of a joined file begin."""
    pan: float | Curve = 0.0
    """-1 is left, 1 is right."""
    mono: bool = False
    """Whether the source has one channel, which is the same in all of the film's."""
    channels: ChannelMap | None = None
    """What is heard of its stereo, before all else; None: as it is."""
    filters: tuple[SoundFilter, ...] = ()
    """Before its level, its pan and its fades."""
    room: Room | None = None
    """After them; it sounds on when the piece has ended."""
    bus: int | None = None
    """Index of the bus that it is heard through; None for straight into the film."""

    @property
    def time_map(self) -> TimeMap:
        """Samples of the source as a function of samples of the piece."""
        return TimeMap.linear(self.source_in) if self.retimed is None else self.retimed


@dataclass(frozen=True, slots=True)
class AudioPlan:
    """The whole sound of a film: the sum of all pieces and buses, silence elsewhere."""

    settings: AudioSettings
    length: int
    """Samples."""
    pieces: tuple[AudioPiece, ...]
    """Sorted by start."""
    part: tuple[int, int] | None = None
    """The samples ``first <= s < end`` that the file holds, if not all."""
    buses: tuple[Bus, ...] = ()
    master: Bus = Bus()
    """The film's own."""
    loudness: LoudnessTarget | None = None
    parts: Mapping[str, AudioPlan] = field(default_factory=dict)
    """Key -> the sound of a composition, the innermost first. The store keeps it, and pieces read
    it as a file of that digest."""
    limiter: float | None = None
    """The highest true peak in dBTP; None: full scale, as samples count it."""
