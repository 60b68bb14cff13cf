"""The resolved edit: typed, in frames, with nothing left to decide.

``resolve`` makes an :class:`Edit` from a canonical spec, for one output. All timeline
times are integer frames of ``profile.fps``; intervals are half-open; source times are
exact seconds. Lowering, the audio planner and the titles read this and nothing else.
"""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Final, Literal

from vedc.color import Color, HdrMetadata
from vedc.edit.captions import CaptionStream, Span
from vedc.edit.codecs import IMAGE_CODECS, SOUND_ONLY
from vedc.edit.media_info import MediaInfo, Note
from vedc.edit.text_box import TextBox
from vedc.edit.time_map import TimeMap
from vedc.errors import Problem, SourceLocation
from vedc.support.file_patterns import is_numbered
from vedc.support.lazy_dataclass import dataclass, field

Scalar = float | tuple[float, ...] | str | bool


@dataclass(frozen=True, slots=True)
class Keyframe:
    """``value`` at ``frame`` frames after the item's start; ``easing`` leads on to the next."""

    frame: Fraction
    value: float | tuple[float, ...]
    easing: str = "linear"


UNLIMITED: Final = (-math.inf, math.inf)


@dataclass(frozen=True, slots=True)
class Keyframes:
    """A value over time: held before the first point and after the last one."""

    points: tuple[Keyframe, ...]
    limits: tuple[float, float] = UNLIMITED
    """The least and the greatest value, which easings that overshoot do not exceed."""


Number = float | Keyframes
"""A number that may move."""
ParamValue = Scalar | Keyframes


@dataclass(frozen=True, slots=True)
class OpCall:
    """An op with its parameters, in declaration order, every default filled in.

    A parameter of kind ``rgb`` or ``color`` is a tuple of three floats, a ``pair`` one of two;
    ``curve`` and ``points`` are flat tuples (x0, y0, x1, y1, ...); a file parameter is an
    absolute path.
    """

    op: str
    params: tuple[tuple[str, ParamValue], ...]
    mask: OpCall | None = None
    """A call of a mask: the op works where its matte is 1."""
    location: SourceLocation | None = field(default=None, compare=False)


Fit = Literal["contain", "cover", "stretch", "none", "contain-blur"]
Point2 = tuple[float, float]
Motion = tuple[float, ...] | Keyframes
"""A pair of numbers that may move."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where and how strongly an item is shown on the canvas."""

    fit: Fit = "contain"
    position: Motion = (0.5, 0.5)
    """The canvas point, in fractions of its size, that the anchor is put on."""
    anchor: Motion = (0.5, 0.5)
    """The item's own point, in fractions of its size."""
    offset: Motion = (0.0, 0.0)
    """Added, in canvas pixels; y down."""
    scale: Motion = (1.0, 1.0)
    """Across and down, on top of ``fit``; at least 0."""
    opacity: Number = 1.0
    params: tuple[tuple[str, str, ParamValue], ...] = ()
    """Further parameters of the IR ops that the item becomes: (op, parameter, value)."""
    box: Point2 | None = None
    """Width and height, in canvas pixels at scale 1, of what it is fitted into, placed by and
    clipped by. Without one it is fitted into the canvas, placed by its own edges, and clipped by
    nothing else."""
    pixel: Fraction = Fraction(1)
    """With ``fit: none``: canvas pixels for a pixel of the picture, at scale 1."""

    @property
    def moves(self) -> bool:
        """Whether its place or its size changes over time."""
        parts = (self.position, self.anchor, self.offset, self.scale)
        return any(isinstance(part, Keyframes) for part in parts)

    def of(self, op: str) -> dict[str, ParamValue]:
        """The further parameters of one op."""
        return {name: value for owner, name, value in self.params if owner == op}


@dataclass(frozen=True, slots=True)
class Clip:
    """A stretch of a video file (or of the sound alone, where the file has no picture)."""

    media: MediaInfo
    color: Color
    """What the samples mean, overrides of the spec included."""
    time_map: TimeMap
    """Source time since the item's start. Where it falls, the picture is what comes just before
    each time, and where it stands still there is no sound."""
    pitch: Literal["keep", "follow"] = "keep"
    """Of its sound at another speed."""
    depth: int | None = None
    """Bits that its samples really have, where they are kept with more."""
    heard: MediaInfo | None = None
    """The file that is heard instead of its own sound."""
    heard_offset: Fraction = Fraction(0)
    """The time in that file that belongs to time 0 of its own."""


@dataclass(frozen=True, slots=True)
class Composition:
    """A stretch of a film within the film."""

    edit: Edit
    media: MediaInfo
    """What is known of that film, as of a file: its size, its rate, its length, its sound."""
    time_map: TimeMap
    """Its time since the item's start; as of a clip."""
    pitch: Literal["keep", "follow"] = "keep"
    design: Fraction = Fraction(1)
    """The scale of its canvas, where that comes from the film: lengths in pixels are of a canvas of
    scale 1."""

    @property
    def color(self) -> Color:
        """What its samples mean."""
        return self.edit.profile.color


@dataclass(frozen=True, slots=True)
class Image:
    path: str
    width: int
    height: int
    """As shown, upright; of a drawing the size that it asks for."""
    format: str = "rgba"
    """``rgba`` (8 bits of sRGB), or the kernel format of a picture that has more."""
    color: Color = Color("bt709", "iec61966-2-1", "rgb", "full")
    """What the samples of another format mean."""
    peak: float | None = None
    """The largest light in cd/m2, of HDR and of linear light where it is known."""
    scalable: bool = False
    """Whether it is a drawing, sharp at any size."""
    notes: tuple[Note, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Animation:
    """How a title comes or goes, by a preset of :mod:`vedc.edit.text_motion`."""

    preset: str
    by: Literal["all", "line", "word", "letter"]
    frames: int
    easing: str
    stagger: float
    """How long a unit waits for the one before: 0 not at all, 1 until that has arrived."""


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    fonts: tuple[str, ...]
    """Absolute paths of font files. A character has the first of them that shows it.

    The first ``chain`` of them where that is not 0; the others are those of spans."""
    size: float
    color: tuple[float, float, float, float]
    """Red, green, blue, alpha in 0..1, display-encoded, not premultiplied."""
    fill: tuple[float, ...] | None = None
    """A gradient through the letters instead of their colour: red, green, blue and alpha of each
    colour, evenly spaced from ``fill_start`` to ``fill_end``."""
    fill_start: Point2 = (0.0, 0.0)
    """In fractions of the box around the letters; y down."""
    fill_end: Point2 = (0.0, 1.0)
    align: Literal["left", "center", "right"] = "center"
    line_height: float = 1.2
    """Times the size."""
    box: tuple[float, float] | None = None
    """Width and height of the room that it is set in, in canvas pixels; lines wrap at its width."""
    shrink: bool = False
    """Whether it is set smaller if it does not fit into its box."""
    vertical_align: Literal["top", "middle", "bottom"] = "middle"
    """In its box."""
    letter_spacing: float = 0.0
    """Canvas pixels added between letters."""
    max_width: float | None = None
    """Canvas pixels; longer lines wrap."""
    stroke_width: float = 0.0
    stroke_color: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 1.0)
    shadow: tuple[float, float, float, float] | None = None
    """The colour of a shadow; None for none."""
    shadow_offset: Point2 = (0.0, 0.0)
    """Canvas pixels to the right and down."""
    shadow_blur: float = 0.0
    """Canvas pixels: twice the standard deviation of a Gaussian, as in CSS."""
    background: tuple[float, float, float, float] | None = None
    padding: float = 0.0
    animate_in: Animation | None = None
    """Its first frames, and ..."""
    animate_out: Animation | None = None
    """... its last ones. They do not overlap."""
    chain: int = 0
    spans: tuple[Span, ...] = ()
    """Letters that look otherwise, in order."""


@dataclass(frozen=True, slots=True)
class Highlight:
    """How the word that is said is marked."""

    color: tuple[float, float, float, float]
    mode: Literal["word", "so-far"] = "word"
    """That word alone, or everything up to its end."""
    background: tuple[float, float, float, float] | None = None
    """Of a box behind what is marked."""


@dataclass(frozen=True, slots=True)
class Caption:
    """A caption that is burned in, during frames ``start <= n < end``."""

    start: int
    end: int
    text: Text
    position: Point2
    """The canvas point, in fractions of its size, that the anchor is put on."""
    anchor: Point2
    """Its own point, in fractions of its size."""
    offset: Point2
    """Added, in canvas pixels; y down."""
    fade: tuple[int, int] = (0, 0)
    """Frames in which it appears and disappears."""
    words: tuple[tuple[int, int], ...] = ()
    """The frame, from ``start``, at which each word begins, and its offset in the text."""
    highlight: Highlight | None = None


@dataclass(frozen=True, slots=True)
class Solid:
    color: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Generated:
    """A picture that a generator draws over the whole canvas."""

    call: OpCall


@dataclass(frozen=True, slots=True)
class Adjustment:
    """No picture of its own: the item's grade, effects and mask work on what lies below its
    track."""


@dataclass(frozen=True, slots=True)
class Border:
    """A line along the inside of an item's box."""

    width: Number
    """Canvas pixels at scale 1."""
    color: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Shadow:
    """What an item casts on what is below it; it is scaled and turned with the item."""

    color: tuple[float, float, float, float]
    offset: Point2
    """Canvas pixels to the right and down, at scale 1."""
    blur: float
    """Canvas pixels at scale 1: twice the standard deviation of a Gaussian, as in CSS."""


@dataclass(frozen=True, slots=True)
class MotionBlur:
    """An exposure of an item, in the middle of each frame."""

    angle: float
    """Of the shutter, in degrees: 360 is the whole frame."""
    samples: int
    """Moments that are averaged."""


Content = Clip | Composition | Image | Text | Solid | Generated | Adjustment
BlendSpace = Literal["display", "linear"]


@dataclass(frozen=True, slots=True)
class Duck:
    """A sound is lowered while others are heard."""

    under: tuple[str, ...]
    """Ids of tracks and audio items."""
    by: float
    """Decibels, 0 or more."""
    attack: Fraction
    """Seconds in which it falls."""
    release: Fraction
    threshold: float
    """Decibels of full scale above which the others are heard."""


@dataclass(frozen=True, slots=True)
class LoudnessTarget:
    """A loudness by EBU R 128."""

    integrated: float
    """LUFS."""
    true_peak: float = -1.0
    """dBTP, at most."""
    range: float | None = None
    """LU, at most; None: as it is."""


@dataclass(frozen=True, slots=True)
class Effect:
    """A filter of a sound, with every parameter: decibels, seconds, hertz, ratios."""

    name: Literal[
        "denoise", "gate", "compressor",
        "peak", "low_shelf", "high_shelf", "highpass", "lowpass", "notch",
    ]  # fmt: skip
    params: tuple[tuple[str, Number], ...]


@dataclass(frozen=True, slots=True)
class Reverb:
    """A room around a sound."""

    amount: float
    """Its level relative to the sound: 1 is as loud."""
    time: Fraction
    """Seconds in which it falls by 60 dB."""
    delay: Fraction
    """Seconds before it is heard."""


@dataclass(frozen=True, slots=True)
class SoundFade:
    """From or to silence."""

    duration: Fraction
    """Seconds."""
    curve: str = "tri"
    """One of :data:`vedc.edit.sound_words.CURVES`."""


ChannelMap = Literal["left", "right", "swap", "mono"]
"""What is heard of stereo: one channel in both speakers, both swapped, or their mean."""


@dataclass(frozen=True, slots=True)
class Sound:
    """How an item, a track or the film is heard."""

    volume: Number = 0.0
    """Decibels; ``-inf`` is silence."""
    fade_in: SoundFade | None = None
    """None: a short one where the sound would click."""
    fade_out: SoundFade | None = None
    pan: Number = 0.0
    """-1 is left, 1 is right."""
    channels: ChannelMap | None = None
    duck: Duck | None = None
    denoise: Effect | None = None
    gate: Effect | None = None
    eq: tuple[Effect, ...] = ()
    compressor: Effect | None = None
    reverb: Reverb | None = None
    limiter: float | None = None
    """Of the film: its highest true peak in dBTP; None: full scale, as samples count it."""
    loudness: LoudnessTarget | None = None
    """Of the film."""

    @property
    def effects(self) -> tuple[Effect, ...]:
        """Its filters before its level, in their order."""
        found = self.denoise, self.gate, *self.eq, self.compressor
        return tuple(effect for effect in found if effect is not None)


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """Something on a track during frames ``start <= n < end``. A gap has no item."""

    name: str
    """Its name in messages and the plan: ``main[2] talk.mp4``."""
    start: int
    end: int
    content: Content
    frame: Placement = Placement()
    grade: tuple[OpCall, ...] = ()
    effects: tuple[OpCall, ...] = ()
    sound: Sound | None = None
    location: SourceLocation | None = field(default=None, compare=False)
    mask: OpCall | None = None
    """A call of a mask, after all effects: the item is seen where its matte is 1."""
    blend: str = "normal"
    """The blend op that mixes it with the tracks below."""
    blend_space: BlendSpace = "display"
    border: Border | None = None
    radius: Motion = (0.0, 0.0)
    """Of the corners of its box: canvas pixels at scale 1, and a share of the shorter side, which
    are added."""
    shadow: Shadow | None = None
    motion_blur: MotionBlur | None = None
    box: TextBox | None = None
    """The size of a title, as it is drawn before it is put in its place."""


JoinSound = Literal["crossfade", "dip", "cut"]
"""How a transition is heard: at constant power; out, then in; or as a cut in its middle."""


@dataclass(frozen=True, slots=True)
class Transition:
    """From item ``left`` to item ``right`` of the same track, over ``start <= n < end``.

    Both items are on the track during the transition. ``left`` or ``right`` is None where
    there is a gap on that side, or where an item enters or exits. Progress at frame n is
    (n - start + 1) / (end - start + 1), eased: the first frame already shows something of the
    right and the last still something of the left.
    """

    name: str
    start: int
    end: int
    left: int | None
    """Index into the track's items."""
    right: int | None
    easing: str = "linear"
    params: tuple[tuple[str, ParamValue], ...] = ()
    location: SourceLocation | None = field(default=None, compare=False)
    sound: JoinSound | None = None
    """None: as suits the op."""
    curves: tuple[str, str] | None = None
    """How its sound goes out and comes in, by names of :mod:`vedc.edit.sound_words`; None: as
    suits ``sound``."""


@dataclass(frozen=True, slots=True)
class Track:
    id: str
    items: tuple[TimelineItem, ...]
    """By start; two neighbours overlap exactly where a transition joins them."""
    transitions: tuple[Transition, ...] = ()
    """By start; no two overlap."""
    effects: tuple[OpCall, ...] = ()
    opacity: Number = 1.0
    mask: OpCall | None = None
    blend: str = "normal"
    blend_space: BlendSpace = "display"
    sound: Sound = Sound()
    """Over the length of the film."""
    captions: tuple[Caption, ...] = ()
    """Burned in above the track, those in front last."""


@dataclass(frozen=True, slots=True)
class AudioItem:
    """Sound that belongs to no picture."""

    name: str
    start: int
    end: int
    """Frames."""
    media: MediaInfo
    time_map: TimeMap
    """Source time since the item's start; beyond its length nothing is heard."""
    sound: Sound = Sound()
    location: SourceLocation | None = field(default=None, compare=False)
    id: str | None = None
    pitch: Literal["keep", "follow"] = "keep"
    """At another speed."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The canvas."""

    width: int
    height: int
    fps: Fraction
    color: Color
    sample_rate: int = 48000
    channels: int = 2


#: What is written: moving pictures with or without sound, sound alone, one picture, numbered
#: pictures, a picture file that moves, one of the renditions of an adaptive stream.
Form = Literal["film", "sound", "picture", "sequence", "animation", "stream"]


@dataclass(frozen=True, slots=True)
class Output:
    """One file to write. ``None`` where the codec's own default holds."""

    path: str
    """Absolute."""
    codec: str
    """A key of ``VIDEO_CODECS`` or ``IMAGE_CODECS``, or none: sound alone."""
    pix_fmt: str
    crf: float | None = None
    bitrate: int | None = None
    passes: int | None = None
    """Over each segment, to meet ``bitrate``."""
    preset: str | None = None
    audio_codec: str | None = "aac"
    """aac, opus, flac, pcm_s16le, pcm_s24le, mp3; None for no sound."""
    audio_bitrate: int | None = None
    loudness: LoudnessTarget | None = None
    """None: that of the film."""
    audio_depth: int | None = None
    """Bits of a sample of lossless sound."""
    at: int | None = None
    """The frame that an image output shows; None for a sequence of all frames."""
    first_number: int = 1
    """Of the files of a sequence."""
    cover: str | None = None
    """The path of its cover art: JPEG or PNG."""
    hdr: HdrMetadata | None = None
    """The light that the film says it has."""
    plays: int = 0
    """How often an animation plays; 0 is for ever."""
    colors: int = 256
    """Of a GIF."""
    mixed: Literal["none", "bayer", "floyd_steinberg", "sierra2_4a"] = "sierra2_4a"
    """How a GIF mixes them; FFmpeg's words."""
    quality: float | None = None
    """Of lossy pictures, up to 100."""
    lossless: bool = False
    metadata: tuple[tuple[str, str], ...] = ()
    """Tags of the file, by FFmpeg's names."""
    segment: Fraction | None = None
    """Seconds of a segment of an adaptive stream; all outputs of its path are its renditions."""
    dither: Literal["auto", "none", "ordered"] = "auto"
    """auto: ordered where the picture has more depth than the output, or smooth ramps."""
    location: SourceLocation | None = field(default=None, compare=False)

    @property
    def form(self) -> Form:
        if self.segment is not None:
            return "stream"
        if self.codec == SOUND_ONLY:
            return "sound"
        if self.codec not in IMAGE_CODECS:
            return "film"
        if self.at is not None:
            return "picture"
        return "sequence" if is_numbered(self.path) else "animation"


#: How the film of a composition is kept: without loss to 12 bits, to which layers between kernels
#: are exact, and with its alpha ...
KEPT: Final = Output("", "ffv1", "gbrap12le", audio_codec=None, dither="none")

#: ... and that of one that is opaque.
KEPT_OPAQUE: Final = replace(KEPT, pix_fmt="gbrp12le")


@dataclass(frozen=True, slots=True)
class Marker:
    """A named moment of the film: the beginning of a chapter."""

    frame: int
    name: str


@dataclass(frozen=True, slots=True)
class Edit:
    """One film for one output."""

    path: str
    """The spec file."""
    profile: Profile
    tracks: tuple[Track, ...]
    """Bottom first."""
    effects: tuple[OpCall, ...]
    audio: tuple[AudioItem, ...]
    output: Output
    duration: int
    """Frames: the end of the last item of any track."""
    part: tuple[int, int] | None = None
    """The frames ``first <= n < end`` that the output shows, if not all; a still shows ``at``."""
    master: Sound = Sound()
    """How the whole film is heard."""
    markers: tuple[Marker, ...] = ()
    """In order; no two at one frame."""
    captions: tuple[Caption, ...] = ()
    """Burned in above everything, those in front last."""
    caption_streams: tuple[CaptionStream, ...] = ()
    background: tuple[float, float, float, float] | None = None
    """Red, green, blue and alpha behind all tracks; None for nothing where the output has
    transparency, else black."""
    warnings: tuple[Problem, ...] = field(default=(), compare=False)
    """What the user should know although the film can be made, by place in the spec."""
