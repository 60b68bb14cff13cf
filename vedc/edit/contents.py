"""The content of items, and their placement on the canvas."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from vedc.color import Color, Transform
from vedc.edit.captions import Span
from vedc.edit.media_info import MediaInfo, Note
from vedc.edit.time_map import TimeMap
from vedc.edit.values import Keyframes, Motion, Number, OpCall, ParamValue, Point2
from vedc.support.lazy_dataclass import dataclass, field

Fit = Literal["contain", "cover", "stretch", "none", "contain-blur"]


@dataclass(frozen=True, slots=True)
class Border:
    """A line along the inside of an item's box."""

    width: Number
    """Canvas pixels at scale 1."""
    color: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Shadow:
    """The shadow of an item on the layers below; it is scaled and turned with the item."""

    color: tuple[float, float, float, float]
    offset: Point2
    """Canvas pixels to the right and down, at scale 1."""
    blur: float
    """Canvas pixels at scale 1: twice the standard deviation of a Gaussian, as in CSS."""


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
    """Further parameters of the item's IR ops: (op, parameter, value)."""
    box: tuple[Number, Number] | None = None
    """Width and height, in canvas pixels at scale 1, of the box that it is fitted into, placed by
    and clipped by; each may move. Without a box it is fitted into the canvas, placed by its own
    edges, and clipped by nothing else."""
    pixel: Fraction = Fraction(1)
    """With ``fit: none``: canvas pixels for a pixel of the picture, at scale 1."""

    @property
    def moves(self) -> bool:
        """Whether its place or its size changes over time."""
        parts = (self.position, self.anchor, self.offset, self.scale)
        return self.box_moves or any(isinstance(part, Keyframes) for part in parts)

    @property
    def box_moves(self) -> bool:
        """Whether the width or the height of its box changes over time."""
        return any(isinstance(side, Keyframes) for side in self.box or ())

    @property
    def still_box(self) -> Point2 | None:
        """The box of an item whose box does not move."""
        if self.box is None:
            return None
        width, height = self.box
        assert isinstance(width, float) and isinstance(height, float)
        return width, height

    def of(self, op: str) -> dict[str, ParamValue]:
        """The further parameters of one op."""
        return {name: value for owner, name, value in self.params if owner == op}


@dataclass(frozen=True, slots=True)
class Clip:
    """A stretch of a video file (or of the sound alone, where the file has no picture)."""

    media: MediaInfo
    color: Color
    """The meaning of its samples, with overrides of the spec."""
    time_map: TimeMap
    """Source time since the item's start. Where it decreases, the picture is the one just before
    each time; where it is constant, there is no sound."""
    pitch: Literal["keep", "follow"] = "keep"
    """Of its sound at another speed."""
    depth: int | None = None
    """Actual bits of its samples, if stored with more."""
    sound_media: MediaInfo | None = None
    """The file whose sound replaces its own."""
    sound_offset: Fraction = Fraction(0)
    """The time in that file that belongs to time 0 of its own."""
    space: Transform | None = None
    """From its code values to light, in the film's working space if an OpenColorIO config manages
    colours, else in ACES2065-1; replaces transfer and primaries."""


@dataclass(frozen=True, slots=True)
class Image:
    path: str
    width: int
    height: int
    """As shown, upright; for a drawing, its nominal size."""
    format: str = "rgba"
    """``rgba`` (8 bits of sRGB), or the kernel format of a picture that has more."""
    color: Color = Color("bt709", "iec61966-2-1", "rgb", "full")
    """The meaning of samples in another format."""
    peak: float | None = None
    """The largest light in cd/m2, of HDR and of linear light, if known."""
    scalable: bool = False
    """Whether it is a drawing, sharp at any size."""
    opaque: bool = False
    """Whether the file has no alpha."""
    notes: tuple[Note, ...] = field(default=(), compare=False)
    space: Transform | None = None
    """As of a clip."""


@dataclass(frozen=True, slots=True)
class Animation:
    """How a title enters or leaves, by a preset of :mod:`vedc.edit.text_motion`."""

    preset: str
    by: Literal["all", "line", "word", "letter"]
    frames: int
    easing: str
    stagger: float
    """Delay of each unit after the one before: 0 none, 1 until that has arrived."""


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    fonts: tuple[str, ...]
    """Absolute paths of font files. A character uses the first that shows it:

    the first ``chain`` of them if not 0; the others belong to spans."""
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
    """Width and height of the box for its lines, in canvas pixels; lines wrap at its width."""
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
    """Letters that look different, in order."""


@dataclass(frozen=True, slots=True)
class Highlight:
    """How the spoken word is highlighted."""

    color: tuple[float, float, float, float]
    mode: Literal["word", "so-far"] = "word"
    """That word alone, or everything up to its end."""
    background: tuple[float, float, float, float] | None = None
    """Colour of a box behind the highlight."""


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
    """No picture of its own: the item's grade, effects and mask apply to everything below its
    track."""
