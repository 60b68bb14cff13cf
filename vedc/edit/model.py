"""The resolved edit: typed, in frames, with nothing left to decide.

``resolve`` makes an :class:`Edit` from a canonical spec, for one output. All timeline
times are integer frames of ``profile.fps``; intervals are half-open; source times are
exact seconds. Lowering, the audio planner and the titles read this and nothing else.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Final, Literal

from vedc.color import Color, HdrMetadata, Management
from vedc.edit.captions import CaptionStream
from vedc.edit.contents import (
    Adjustment,
    Border,
    Caption,
    Clip,
    Generated,
    Image,
    Placement,
    Shadow,
    Solid,
    Text,
)
from vedc.edit.media_info import MediaInfo
from vedc.edit.sounds import LoudnessTarget, Sound
from vedc.edit.tables.codecs import COPIED_CODECS, IMAGE_CODECS, SOUND_ONLY, VIDEO_CODECS
from vedc.edit.text_box import TextBox
from vedc.edit.time_map import TimeMap
from vedc.edit.values import Motion, Number, OpCall, ParamValue
from vedc.errors import Problem, SourceLocation
from vedc.support.file_patterns import is_numbered
from vedc.support.lazy_dataclass import dataclass, field


@dataclass(frozen=True, slots=True)
class Composition:
    """A stretch of a film within the film."""

    edit: Edit
    media: MediaInfo
    """The media info of that film, as for a file: its size, rate, length and sound."""
    time_map: TimeMap
    """Its time since the item's start, as for a clip."""
    pitch: Literal["keep", "follow"] = "keep"
    design: Fraction = Fraction(1)
    """The scale of its canvas, if that comes from the film: lengths in pixels refer to a canvas of
    scale 1."""

    @property
    def color(self) -> Color:
        """What its samples mean."""
        return self.edit.profile.canvas_color


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
    """The size of a title as drawn, before placement."""
    id: str | None = None
    """Its name in the spec."""


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
    """How its sound goes out and comes in, by names of the curves of ``sound_words``;
    None: as suits ``sound``."""


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
    """Of what is written."""
    sample_rate: int = 48000
    channels: int = 2
    management: Management | None = None
    """Where an OpenColorIO config manages the colours."""

    @property
    def canvas_color(self) -> Color:
        """The colour in which pictures are composited: the output's, or scene light."""
        if self.management is None:
            return self.color
        return Color(self.management.primaries, "acescct", "rgb", "full")


#: The kind of output: moving pictures with or without sound, sound alone, one picture, numbered
#: pictures, a picture file that moves, one of the renditions of an adaptive stream, a contact
#: sheet.
Form = Literal["film", "sound", "picture", "sequence", "animation", "stream", "sheet"]


def spread(span: tuple[int, int], count: int) -> list[int]:
    """``count`` of the frames ``first <= n < end``, each in the middle of its share; fewer for a
    short film."""
    first, end = span
    number = min(count, end - first)
    return [first + (2 * n + 1) * (end - first) // (2 * number) for n in range(number)]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Which pictures of a film a contact sheet shows."""

    columns: int | None = None
    """Pictures in a row; None for as many as fit."""
    count: int = 20
    """Pictures, spread over the film."""
    every: Fraction | None = None
    """Seconds from one to the next, in place of ``count``."""

    def frames(self, span: tuple[int, int], fps: Fraction) -> list[int]:
        """Those of the frames ``first <= n < end`` that it shows."""
        if self.every is None:
            return spread(span, self.count)
        return list(range(*span, max(1, round(self.every * fps))))


@dataclass(frozen=True, slots=True)
class Output:
    """One file to write. ``None`` means the codec's own default."""

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
    """The HDR metadata of the film."""
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
    sheet: Sheet | None = None
    """Of a contact sheet: its pictures are PNG files, whatever the sheet is."""
    copy: Literal["auto", "always", "never"] = "auto"
    """When footage that needs no change is copied."""
    location: SourceLocation | None = field(default=None, compare=False)

    @property
    def copies(self) -> bool:
        """Whether footage is copied where that is possible: by default if the output does not set
        how to encode the film."""
        if self.form != "film" or self.codec not in COPIED_CODECS:
            return False
        # Without a quality, a preset is a kind of the codec, which the source has or has not.
        preset = self.preset if VIDEO_CODECS[self.codec].quality else None
        free = all(wish is None for wish in (self.crf, self.bitrate, preset, self.hdr))
        return self.copy == "always" or (self.copy == "auto" and free)

    @property
    def form(self) -> Form:
        if self.sheet is not None:
            return "sheet"
        if self.segment is not None:
            return "stream"
        if self.codec == SOUND_ONLY:
            return "sound"
        if self.codec not in IMAGE_CODECS:
            return "film"
        if self.at is not None:
            return "picture"
        return "sequence" if is_numbered(self.path) else "animation"


#: How the film of a composition is kept: losslessly at 12 bits, the precision of layers between
#: kernels, and with its alpha ...
KEPT: Final = Output("", "ffv1", "gbrap12le", audio_codec=None, dither="none")

#: ... and for an opaque one.
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
    """Red, green, blue and alpha behind all tracks; None: transparent if the output has alpha, else
    black."""
    warnings: tuple[Problem, ...] = field(default=(), compare=False)
    """Warnings about a film that can still be made, by place in the spec."""
