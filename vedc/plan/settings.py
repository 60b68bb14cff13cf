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
    """The colour tags to write."""
    options: tuple[tuple[str, str], ...]
    """Encoder options, sorted: crf, preset, ..."""
    threads: int
    """Fixed, because x264's output depends on it."""
    passes: int = 1
    """Passes over each segment; two for a target bit rate."""


@dataclass(frozen=True, slots=True)
class AnimationSettings:
    """How an output's pictures are assembled into an animated file."""

    codec: str
    """The name in specs: gif, apng, webp."""
    encoder: str
    muxer: str
    options: tuple[tuple[str, str], ...] = ()
    """The encoder's options."""
    muxer_options: tuple[tuple[str, str], ...] = ()
    """How often it plays."""
    colors: int = 256
    """Palette size of a GIF."""
    dither: str = "sierra2_4a"
    """FFmpeg's name of a GIF's dithering."""


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
    records the encoder's delay differently."""
    depth: int | None = None
    """Bits per sample; ``None`` for lossy codecs. 32 means floats."""


@dataclass(frozen=True, slots=True)
class Fade:
    """A gain ramp over samples ``start <= s < start + length`` of a piece (piece time).

    ``in`` is silent before the ramp, ``out`` after it. The curve is one of
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
    """Samples over which a jump is spread, so that it does not click."""


@dataclass(frozen=True, slots=True)
class SoundFilter:
    """A filter of libavfilter."""

    name: str
    options: str
    moving: tuple[tuple[str, Curve, bool], ...] = ()
    """Animated parameters: the filter's command name, the values over samples, and whether those
    are decibels of an amplitude."""


@dataclass(frozen=True, slots=True)
class Room:
    """Reverb. Times are in samples."""

    amount: float
    """Its level relative to the sound."""
    decay: int
    """Time to fall by 60 dB."""
    pause: int
    """Pre-delay."""


@dataclass(frozen=True, slots=True)
class Ducking:
    """A bus is lowered while others are heard. Times are in samples, at least 1."""

    under: tuple[int, ...]
    """Indices of the buses that duck it, taken before they are ducked themselves."""
    by_db: float
    attack: int
    release: int
    hold: int
    """How long they still count as heard after their last sample above the threshold."""
    threshold_db: float


@dataclass(frozen=True, slots=True)
class Bus:
    """Pieces that are summed and then processed together: a track, clips on it, or the film."""

    gain_db: float | Curve = 0.0
    """Over samples of the film, like the other values."""
    pan: float | Curve = 0.0
    fades: tuple[Fade, ...] = ()
    ducking: Ducking | None = None
    filters: tuple[SoundFilter, ...] = ()
    """Applied before its level."""
    room: Room | None = None
    """Applied after its level and fades."""
    within: int | None = None
    """Index of the bus that it feeds, which feeds none but the film; None for the film. A bus
    within another has only its ducking: everything else belongs to its pieces."""


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
    """The first sample heard of the source, at the plan's rate, counted from the decoder's first.
    Negative: silence until the source begins."""
    gain_db: float | Curve = 0.0
    """Over samples of the piece, like its pan."""
    fades: tuple[Fade, ...] = ()
    retimed: TimeMap | None = None
    """Samples of the source as a function of samples of the piece, unless it simply plays from
    ``source_in``. Where it stands still there is silence."""
    pitch: Literal["keep", "follow"] = "keep"
    """The pitch at another speed."""
    stream: int = 0
    """Index of the audio stream among those of the file."""
    joins: tuple[Join, ...] = ()
    """Where further parts of a joined file begin."""
    pan: float | Curve = 0.0
    """-1 is left, 1 is right."""
    mono: bool = False
    """Whether the source has one channel, which is copied to all of the film's."""
    channels: ChannelMap | None = None
    """The remapping of its stereo channels, applied first; None: unchanged."""
    filters: tuple[SoundFilter, ...] = ()
    """Applied before its level, pan and fades."""
    room: Room | None = None
    """Applied after them; it rings on after the piece has ended."""
    bus: int | None = None
    """Index of its bus; None for directly into the film."""

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
    """The film's own bus."""
    loudness: LoudnessTarget | None = None
    parts: Mapping[str, AudioPlan] = field(default_factory=dict)
    """Key -> sound of a composition, innermost first. The store keeps it, and pieces read it like a
    file with that digest."""
    limiter: float | None = None
    """The highest true peak in dBTP; None: full scale, as samples count it."""
