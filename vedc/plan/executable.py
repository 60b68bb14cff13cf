"""How a piece's frames are made: the fetches, then the kernels and filters in order.

Plain data. A kernel reads fetched pictures and the layers of earlier steps; a filter turns one
layer into another. Layers are planar float32, premultiplied, as large as the canvas unless a
filter says otherwise. The last kernel draws the frame.

Nothing here depends on a piece's position in its sources: start times belong to the pieces
(``vedc.plan.plan``), so that all parts of a long clip share one executable.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from vedc.color import FORMATS, LAYER, OPAQUE_LAYER, Color, PixelFormat, in_floats
from vedc.edit.contents import Animation, Caption, Text
from vedc.edit.easing import value_at
from vedc.edit.media_info import Fields, Sampling
from vedc.edit.values import Keyframes
from vedc.expr.nodes import Expr
from vedc.expr.program import Program
from vedc.ir.image import Param
from vedc.ops.core.filters import Filter
from vedc.plan.tables import TableSource
from vedc.support.lazy_dataclass import dataclass, field

# ---------------------------------------------------------------- fetches


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle of the canvas, in pixels."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class VideoSource:
    """A decoded video: upright, scaled, converted to a sample format."""

    digest: str
    read: int
    """Index of the piece's :class:`VideoRead` that decodes it."""
    width: int
    height: int
    format: str
    blur: float | None = None
    """The picture covers its size and is blurred with this deviation, relative to the shorter
    side."""
    crop: tuple[int, ...] | None = None
    """The part used of the upright picture (x, y, width, height), if not all of it."""
    stream: int = 0
    """Index of the video stream among those of the file."""
    fields: Fields = "frames"
    """The treatment of interlaced frames."""
    on_damage: str = "conceal"
    """The treatment of damaged frames; ``error`` ends the render."""
    sampling: Sampling = "nearest"
    """The picture shown between two frames."""
    moves = True


@dataclass(frozen=True, slots=True)
class StillSource:
    """An image file, scaled; ``blur`` and ``crop`` as in :class:`VideoSource`."""

    digest: str
    width: int
    height: int
    blur: float | None = None
    crop: tuple[int, ...] | None = None
    format: str = "rgba"
    moves = False


@dataclass(frozen=True, slots=True)
class TitleMotion:
    """How a title enters and leaves, as far as the piece shows it."""

    enter: Animation | None
    leave: Animation | None
    clock: int
    """Frames from the start of the title's item to the start of the piece."""
    length: int
    """Frames of the item."""

    def at(self, frame: int) -> tuple[Animation, float, bool] | None:
        """At a frame of the piece: the animation, its progress, and whether it leads out.

        None where the title rests.
        """
        now, enter, leave = self.clock + frame, self.enter, self.leave
        if enter is not None and now < enter.frames:
            return enter, max(now, 0) / enter.frames, False
        since = 0 if leave is None else now - (self.length - leave.frames)
        if leave is not None and since > 0:
            return leave, min(since / leave.frames, 1.0), True
        return None


@dataclass(frozen=True, slots=True)
class TitleSource:
    """Text to typeset at a point of the canvas. Its size is known only once it is set."""

    text: Text
    """``fonts`` are the digests of the font files."""
    scale: float
    canvas: tuple[int, int]
    position: tuple[float, ...]
    offset: tuple[float, ...]
    anchor: tuple[float, ...]
    motion: TitleMotion | None = None
    format = "rgba"

    @property
    def moves(self) -> bool:
        return self.motion is not None


@dataclass(frozen=True, slots=True)
class CaptionSource:
    """Captions to typeset. ``start`` and ``end`` count from the start of the piece; ``fonts`` are
    the digests of the font files."""

    captions: tuple[Caption, ...]
    """From back to front."""
    canvas: tuple[int, int]
    number: int = 0
    """Index among a graph's captions, while their content is not known."""
    format = "rgba"
    moves = True


Source = VideoSource | StillSource | TitleSource | CaptionSource


@dataclass(frozen=True, slots=True)
class Fetch:
    """A picture from outside and its place; for a title, the canvas."""

    source: Source
    rect: Rect


@dataclass(frozen=True, slots=True)
class VideoRead:
    """A decoder's output for each frame: one file, at one time, in several forms."""

    step: Fraction
    """Source seconds per frame of the film."""
    sources: tuple[VideoSource, ...]

    @property
    def digest(self) -> str:
        return self.sources[0].digest

    @property
    def stream(self) -> int:
        return self.sources[0].stream


# ---------------------------------------------------------------- inputs of kernels


@dataclass(frozen=True, slots=True)
class FetchRef:
    """The picture of fetch ``fetch`` of the piece."""

    fetch: int
    format_name: str
    covers: bool
    """The picture has the canvas's size and is at its origin."""
    alpha = streamed = False

    @property
    def format(self) -> PixelFormat:
        return FORMATS[self.format_name]


@dataclass(frozen=True, slots=True)
class LayerRef:
    """The layer that step ``step`` of the piece makes."""

    step: int
    width: int
    height: int
    alpha: bool
    planes: str = ""
    """In plane space, the format whose samples it holds, as floats, each plane at its own size."""
    color: Color = Color()
    """The colour space of these samples."""
    covers = True

    @property
    def streamed(self) -> bool:
        """Whether its rows are produced on demand for the kernel that reads it, which never
        samples it."""
        return bool(self.planes)

    @property
    def format(self) -> PixelFormat:
        return layer_format(self.alpha, self.planes)


def layer_format(alpha: bool, planes: str = "") -> PixelFormat:
    """The format of a layer."""
    if planes:
        return in_floats(FORMATS[planes])
    return LAYER if alpha else OPAQUE_LAYER


@dataclass(frozen=True, slots=True)
class Count:
    """A number that grows by ``step`` with every frame of the piece."""

    first: int
    step: Fraction = Fraction(1)

    def at(self, frame: int) -> float:
        return float((self.first + frame) * self.step)


@dataclass(frozen=True, slots=True)
class KernelParam:
    """One number of the graph: a parameter, or its channel ``channel``."""

    param: float | tuple[float, ...] | Keyframes | Count
    channel: int | None = None

    @property
    def moves(self) -> bool:
        return isinstance(self.param, (Keyframes, Count))

    def at(self, frame: int) -> float:
        """The number at a frame of the piece."""
        if isinstance(self.param, Count):
            return self.param.at(frame)
        value = value_at(self.param, frame) if isinstance(self.param, Keyframes) else self.param
        if isinstance(value, tuple):
            assert self.channel is not None
            return value[self.channel]
        return value


@dataclass(frozen=True, slots=True)
class MemoInputs:
    """The kernel's parameters and tables that a memo's entries depend on, by index.

    None of these parameters moves within the piece.
    """

    params: tuple[int, ...]
    tables: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Optimised:
    """A kernel's cost after one stage of the expression compiler."""

    stage: str
    operations: int
    """Vector operations per pixel, as ``expr.affine`` counts them."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """A step that computes pixel by pixel."""

    program: Program
    width: int
    height: int
    inputs: tuple[FetchRef | LayerRef, ...]
    """The program's leaves."""
    values: tuple[KernelParam, ...]
    """The graph's numbers, evaluated for each frame ..."""
    uniforms: tuple[Expr, ...]
    """... and the program's parameters, which the host computes from those."""
    tables: tuple[TableSource, ...]
    memos: tuple[MemoInputs, ...] = ()
    optimised: tuple[Optimised, ...] = field(default=(), compare=False)
    in_planes: bool = field(default=False, compare=False)
    """Whether its layer holds Y'CbCr (``look_planes``)."""


@dataclass(frozen=True, slots=True)
class FilterStep:
    """A step that reads whole neighbourhoods."""

    filter: Filter
    source: LayerRef | FetchRef
    """A layer, or a fetched picture in plane space, whose planes the filter takes one by one."""
    width: int
    height: int
    op: str = ""
    """The op that the filter belongs to, which turns the parameters into the filter's arguments;
    without one the parameters are the arguments."""
    params: tuple[tuple[str, Param], ...] = field(default=())
    bounds: tuple[float, ...] | None = None
    """The rectangle (x, y, width, height) that the op's positions refer to, if not the whole."""
    others: tuple[LayerRef, ...] = ()
    """For a filter with a window, the frames around ``source``, earliest first; for a transition,
    its incoming picture."""

    @property
    def alpha(self) -> bool:
        """Whether its layer has four planes: if the picture has, and always for a pair."""
        return self.source.alpha or self.filter.pair

    @property
    def planes(self) -> str:
        """In plane space, the format of the decoded picture that it works on."""
        return self.source.format_name if isinstance(self.source, FetchRef) else ""

    @property
    def sources(self) -> tuple[LayerRef, ...]:
        """All layers that it reads, in order of time."""
        if isinstance(self.source, FetchRef):
            return ()
        before = self.filter.window[0]
        return (*self.others[:before], self.source, *self.others[before:])

    def at(self, frame: int) -> Mapping[str, Any]:
        """The op's parameters at a frame, as plain values."""
        return {
            name: value_at(value, frame) if isinstance(value, Keyframes) else value
            for name, value in self.params
        }


@dataclass(frozen=True, slots=True)
class Layer:
    """The planar float32 picture that a step makes, and its place in memory."""

    format: PixelFormat
    width: int
    height: int
    constant: bool
    """Whether it is the same in every frame of the piece: made once, kept to the piece's end."""
    last_use: int
    """The last step that reads this layer."""
    buffer: int | None
    """Index of the piece's buffer that holds it; None if a filter allocates its own."""

    @property
    def channels(self) -> int:
        return self.format.channels

    @property
    def size(self) -> int:
        """Bytes."""
        sizes = (
            self.format.plane_size(plane, self.width, self.height)
            for plane in range(self.format.planes)
        )
        return sum(4 * width * height for width, height in sizes)


@dataclass(frozen=True, slots=True)
class ComputedPiece:
    """Frames that are computed. The last step draws the frame; the others make layers."""

    fetches: tuple[Fetch, ...]
    reads: tuple[VideoRead, ...]
    steps: tuple[Kernel | FilterStep, ...]
    layers: tuple[Layer, ...]
    """The layers of all steps but the last."""
    buffers: tuple[int, ...]
    """Size of each buffer in bytes; layers that are never needed together share one."""

    @property
    def last(self) -> Kernel:
        final = self.steps[-1]
        assert isinstance(final, Kernel)
        return final

    def dead_after(self, step: int) -> list[int]:
        """Layers last used by ``step``, each by the step that makes it."""
        layers = enumerate(self.layers[: step + 1])
        return [i for i, layer in layers if layer.last_use == step and not layer.constant]


@dataclass(frozen=True, slots=True)
class CopiedPiece:
    """Frames whose decoded samples are the encoder's input."""

    read: VideoRead

    @property
    def reads(self) -> tuple[VideoRead, ...]:
        return (self.read,)

    @property
    def fetches(self) -> tuple[Fetch, ...]:
        source = self.read.sources[0]
        return (Fetch(source, Rect(0, 0, source.width, source.height)),)


ExecutablePiece = ComputedPiece | CopiedPiece
