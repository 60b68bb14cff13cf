"""Declaring ops: one place, a few lines each.

    @op("grade", space="linear", use="...", identity=lambda p: p["stops"] == 0)
    def exposure(m: Math, rgb: Vec3, *, stops: Scalar = param(0.0, low=-10, high=10)) -> Vec3:
        \"\"\"Summary line.

        The rest of the documentation.
        \"\"\"
        return rgb * m.exp2(stops)

The decorator takes name, documentation and parameters from the function. The JSON Schema, the
reference page, the float64 reference, the generated code and the optimiser's facts all follow
from this one declaration.

A body is called with the math namespace ``m``, its pictures by position and its parameters by
name. The pictures depend on the kind:

    grade       (m, rgb) -> Vec3              a colour, not premultiplied
    key         (m, pixel) -> Pixel           changes a premultiplied pixel's coverage
    mask        (m, rgb) -> Scalar            a matte: 0 is outside, 1 inside
    blend       (m, backdrop, source) -> Pixel
    transition  (m, a, b, progress) -> Pixel  progress runs from 0 to 1
    generator   (m) -> Pixel
    geometry    (m, at) -> (x, y)             the canvas point whose colour is shown at ``at``
    stencil     (m, pixel, filtered) -> Pixel ``pixel``, and the same of the filtered picture
                (m, picture) -> Pixel         without ``filter``: samples its neighbours itself
                (m, pixel, before) -> Pixel   with ``past``: ``before`` is a frame ago

A body may also take

    at          the :class:`~vedc.expr.math.Position` of the pixel;
    clock       the :class:`~vedc.expr.math.Clock`: when the frame is shown;
    canvas      the :class:`~vedc.color.Color` of the picture: its primaries and transfer.

With ``samples``, a transition's two pictures, or a key's or mask's only one, are
:class:`~vedc.expr.picture.Picture` objects, which can be sampled anywhere; their ``here`` is the
pixel. Numbers may be animated, so a body never branches on one; choices, booleans, integers, the
number of points and texts are known when the body runs and may be branched on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from inspect import cleandoc
from typing import Any, Final, Literal, get_args

from vedc.errors import InternalError
from vedc.expr.picture import Edge
from vedc.ops.core.filters import PYRAMID, Filter
from vedc.support.lazy_dataclass import dataclass

OpKind = Literal["grade", "blend", "transition", "key", "mask", "geometry", "stencil", "generator"]
ParamKind = Literal[
    "number", "integer", "rgb", "pair", "color", "enum", "boolean",
    "table", "correction", "picture", "weights", "palette", "curve", "points", "text",
]  # fmt: skip
Space = Literal["linear", "display"]
TransitionFamily = Literal[
    "dissolve", "fade", "wipe", "slide", "whip", "zoom", "iris", "luma", "morph", "blur", "flash",
    "glitch", "light", "show",
]  # fmt: skip
TransitionSound = Literal["crossfade", "dip"]
Default = float | tuple[float, ...] | str | bool | None
Values = Mapping[str, object]
"""Parameter values: constants of the spec, or animated values, which equal no constant."""

#: What nodes of the graph carry besides an op's own parameters.
RESERVED: Final = frozenset(
    {"at", "bounds", "canvas", "clock", "fps", "mask", "op", "picture", "progress"}
)
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*(:[A-Za-z][A-Za-z0-9_-]*)?")


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter of an op.

    ``kind``
        ``number``; ``integer``; ``rgb``: one number for each channel, or one for all;
        ``pair``: two numbers; ``color``: a display-encoded colour; ``enum``: one of
        ``choices``; ``boolean``; ``table``: the path of a colour file; ``correction``: the path
        of a file of the ASC's colour corrections, whose numbers take the place of the op's own
        before a body runs, empty where there is none; ``picture``: the path of a still, stretched
        over the canvas, in the encoding that the op works in, or empty; ``weights``: the path of
        a file of weights for the op's network, empty for those that come with vedc; ``palette``:
        the path of a still whose colours count, or empty; ``curve``: at least two points [x, y]
        of a smooth curve, by rising x; ``points``: any points [x, y]; ``text``.

        Bodies receive a Scalar for ``number``; int; Vec3 for ``rgb`` and ``color``; a tuple of
        Scalars for ``pair``; str; bool; Lut for ``curve`` and Lut or Look for ``table`` (look a
        value up with ``m.lookup``), Lut or None for ``palette``; Pixel for ``picture``, at the
        same position, or None where it is left out; a tuple of pairs of Scalars for ``points``;
        str for ``enum``, ``text``, ``weights`` and ``correction``.
    ``default``
        None if the parameter is required. ``curve`` and ``points`` are flat: (x0, y0, x1, ...).
    ``low``, ``high``
        Inclusive limits of each number, or None; of a curve, for x as well as y.
    ``periodic``
        Of a curve: whether x = 1 continues at x = 0, as hues do.
    ``shown``
        An illustrative value for pictures of the op; None is the default.
    ``least``
        Of ``points``: the minimum number.
    ``relative``
        Of a ``pair``: whether it is a point in fractions of the picture's width and height. A
        filter, which knows only the canvas, gets it in fractions of that.
    ``network``
        Of ``weights``: the network that they are for; ``onnx`` for a whole model that a user
        brings, which a spec must name.
    ``instead``
        Of a file: the parameter whose place it takes. A spec may not give both.
    """

    name: str
    kind: ParamKind
    default: Default
    low: float | None = None
    high: float | None = None
    unit: str = ""
    summary: str = ""
    choices: tuple[str, ...] = ()
    periodic: bool = False
    shown: Default = None
    least: int = 1
    relative: bool = False
    network: str = ""
    instead: str = ""

    @property
    def required(self) -> bool:
        return self.default is None

    @property
    def foreign(self) -> bool:
        """Whether its file is a model that a user brings, for which vedc has no stand-in."""
        return self.kind == "weights" and self.network == "onnx"

    @property
    def animatable(self) -> bool:
        """Whether the value may be keyframed."""
        return self.kind in ("number", "rgb", "pair", "color")


@dataclass(frozen=True, slots=True)
class Op:
    """One op, as declared."""

    name: str
    kind: OpKind
    docstring: str
    """The body's, as written."""
    use: str
    """One line on when to use it."""
    space: Space
    """The encoding of the body's colours: scene-linear light or display-encoded."""
    params: tuple[Param, ...]
    body: Callable[..., Any]
    identity: Callable[[Values], bool]
    """Whether the op does not change pictures with colours in 0..1. It is then dropped, even where
    it would clamp other colours."""
    inverse: Callable[[Values], Mapping[str, object] | None] | None
    """The parameters with which the op undoes itself exactly for colours in 0..1, or None."""
    opaque: bool
    """Whether the result of opaque pictures is opaque. Not used of blends, see ``alpha``."""
    positional: bool
    """Whether the body takes ``at``."""
    timed: bool
    """Whether the body takes ``clock``."""
    colored: bool
    """Whether the body takes ``canvas``."""
    samples: bool
    """Whether the body samples its pictures away from its own pixel."""
    filter: Filter | None
    """Of a stencil: run on the whole picture first; of a transition: on both."""
    arguments: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None
    """The filter's arguments for the op's parameters: plain numbers, tuples and texts."""
    prepare: Callable[..., Any] | None
    """The filter's input, where it is not the picture itself: a body (m, pixel)."""
    past: bool
    """Of a stencil: whether it is recursive in time. Its body is then (m, pixel, before), where
    ``before`` is the op's own result a frame earlier; the integer parameter ``frames`` limits the
    recursion."""
    ramps: bool
    """Whether the result may contain smooth ramps, as of gradients and large blurs: they band at
    8 bits, so the output is dithered."""
    family: TransitionFamily
    """Of a transition, for choosing one: ``dissolve``; ``fade``, through a colour; ``wipe``, behind
    a straight edge; ``slide``, with moving pictures; ``whip``, a blurred pan; ``zoom``; ``iris``, a
    shape about a point; ``luma``, in the order of a picture; ``morph``, along what moved; ``blur``;
    ``flash``, through too much light; ``glitch``, a broken signal; ``light``, a leak; ``show``:
    all else, which draws attention to itself."""
    sound: TransitionSound
    """How a transition is heard: ``crossfade`` at constant power; ``dip``: out, then in."""
    version: int
    """Raised when the op's result changes; part of the key of every segment that uses it."""
    source: str
    """Digest of the plugin that declares the op; empty for vedc's own."""

    @property
    def summary(self) -> str:
        """The first paragraph of the documentation, on one line."""
        return " ".join(cleandoc(self.docstring).partition("\n\n")[0].split())

    @property
    def doc(self) -> str:
        """The documentation after the summary, in Markdown; may be empty."""
        return cleandoc(self.docstring).partition("\n\n")[2].strip()

    @property
    def module(self) -> str:
        """The module that declares the op."""
        return self.body.__module__

    @property
    def program(self) -> str:
        """The program that draws the same under the rest of the name; empty for vedc's own."""
        return self.name.partition(":")[0] if ":" in self.name else ""

    def param(self, name: str) -> Param:
        """Raises KeyError."""
        for candidate in self.params:
            if candidate.name == name:
                return candidate
        raise KeyError(name)

    @property
    def pictures(self) -> tuple[Param, ...]:
        """The parameters that are pictures: further inputs of the op's node, in this order."""
        return tuple(p for p in self.params if p.kind == "picture")

    @property
    def filters(self) -> tuple[Filter, ...]:
        """Every filter that may take part in the op's result."""
        if self.kind == "geometry":
            return (PYRAMID,)
        return () if self.filter is None else (self.filter,)

    @property
    def inputs(self) -> int:
        """The number of pictures the op works on, without parameters. A generator's is a clear
        picture that gives the size."""
        if self.filter is not None and self.filter.windowed:
            return 1 + sum(self.window)
        return 2 if self.kind in ("blend", "transition") or self.past else 1

    @property
    def window(self) -> tuple[int, int]:
        """Frames before and after that it sees besides its own. Its pictures are its own frame,
        then those of the window, the earliest first. An integer parameter ``over`` limits them."""
        return (0, 0) if self.filter is None else self.filter.window

    @property
    def temporal(self) -> bool:
        """Whether the op sees other frames than its own."""
        return self.past or self.window != (0, 0)

    @property
    def spatial(self) -> bool:
        """Whether the op needs the whole picture in memory, not just its own pixel."""
        return self.samples or self.kind == "geometry" or (self.kind == "stencil" and not self.past)

    def defaults(self) -> dict[str, Default]:
        return {p.name: p.default for p in self.params if not p.required}


def param(
    default: Default = None,
    *,
    kind: ParamKind = "number",
    low: float | None = None,
    high: float | None = None,
    unit: str = "",
    doc: str = "",
    choices: tuple[str, ...] = (),
    periodic: bool = False,
    shown: Default = None,
    least: int = 1,
    relative: bool = False,
    network: str = "",
    instead: str = "",
) -> Any:
    """Declare a parameter, as the default of a keyword-only argument. See :class:`Param`.

    A number as the default of an ``rgb``, ``color`` or ``pair`` applies to all its components.
    """
    if choices:
        kind = "enum"
    elif isinstance(default, bool):
        kind = "boolean"
    if kind in ("rgb", "color") and isinstance(default, (int, float)):
        default = (float(default),) * 3
    if kind == "pair" and isinstance(default, (int, float)):
        default = (float(default),) * 2
    kept = (choices, periodic, shown, least, relative, network, instead)
    return Param("", kind, default, low, high, unit, doc, *kept)


_ops: Final[dict[str, Op]] = {}
_declaring: str = ""


@contextmanager
def declaring(source: str) -> Iterator[None]:
    """Ops declared inside come from the file with that digest."""
    global _declaring
    before, _declaring = _declaring, source
    try:
        yield
    finally:
        _declaring = before


def op(
    kind: OpKind,
    *,
    space: Space,
    use: str,
    identity: Callable[[Values], bool] = lambda values: False,
    inverse: Callable[[Values], Mapping[str, object] | None] | None = None,
    opaque: bool = True,
    samples: bool = False,
    filter: Filter | None = None,
    arguments: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None,
    prepare: Callable[..., Any] | None = None,
    edge: Edge = "clear",
    past: bool = False,
    ramps: bool = False,
    family: TransitionFamily = "show",
    sound: TransitionSound = "crossfade",
    version: int = 1,
    name: str = "",
    adapt: Callable[[Callable[..., Any]], Callable[..., Any]] | None = None,
) -> Callable[[Callable[..., Any]], Op]:
    """Declare the decorated function as an op of the same name. See :class:`Op` for the arguments.

    ``name``
        The op's name, if it is not the function's. One that draws what another program draws is
        called ``program:name``.
    ``adapt``
        Makes the op's body, which takes ``at``, of the function where that is written in another
        form; the function still declares the parameters.

    Every mask has a parameter ``invert``, every geometry op a parameter ``edge`` with this
    default; bodies do not receive them.
    """

    def declare(body: Callable[..., Any]) -> Op:
        called = name or body.__name__.rstrip("_")
        if not _NAME.fullmatch(called):
            raise InternalError(
                f"an op cannot be called {called!r}: use lower-case letters, 0-9 and _"
            )
        if called in _ops:
            raise InternalError(f"there is an op called {called!r} already")
        if not (docstring := body.__doc__ or "").strip():
            raise InternalError(f"op {called} has no docstring")
        # Not inspect.signature, which would slow down every start of the command line.
        code, count = body.__code__, body.__code__.co_argcount
        takes = code.co_varnames[: count + code.co_kwonlyargcount]
        defaults = body.__kwdefaults__ or {}
        declared = Op(
            name=called,
            kind=kind,
            docstring=docstring,
            use=use,
            space=space,
            params=(
                *(_read(called, argument, defaults.get(argument)) for argument in takes[count:]),
                *_common(kind, edge),
            ),
            body=adapt(body) if adapt else body,
            identity=identity,
            inverse=inverse,
            opaque=opaque,
            positional="at" in takes or adapt is not None,
            timed="clock" in takes,
            colored="canvas" in takes,
            samples=samples or "picture" in takes,
            filter=filter,
            arguments=arguments,
            prepare=prepare,
            past=past,
            ramps=ramps,
            family=family,
            sound=sound,
            version=version,
            source=_declaring,
        )
        if filter is not None and not filter.name:
            filter.name = called
        _ops[called] = declared
        return declared

    return declare


INVERT: Final = Param("invert", "boolean", False, summary="Swaps inside and outside.")


def _edge(default: Edge) -> Param:
    summary = "Beyond the picture: nothing, its edge pixels, its mirror image or itself again."
    return Param("edge", "enum", default, summary=summary, choices=get_args(Edge))


def _common(kind: OpKind, edge: Edge) -> tuple[Param, ...]:
    """Parameters that all ops of a kind have and that bodies do not receive."""
    return {"mask": (INVERT,), "geometry": (_edge(edge),)}.get(kind, ())


def _read(op_name: str, name: str, declared: object) -> Param:
    if not isinstance(declared, Param):
        raise InternalError(f"op {op_name}: {name} is not declared with param()")
    if name in RESERVED:
        raise InternalError(f"op {op_name}: {name} is a reserved name")
    if declared.choices and declared.default not in (None, *declared.choices):
        raise InternalError(f"op {op_name}: the default of {name} is not a choice")
    return replace(declared, name=name)


def get(name: str) -> Op:
    """The op of that name. Raises KeyError."""
    return _ops[name]


def has(name: str) -> bool:
    """Whether an op of that name is declared."""
    return name in _ops


def arrange(modules: Sequence[str]) -> None:
    """Order the ops by the modules that declare them, in whatever order they were imported."""
    rank = {module: index for index, module in enumerate(modules)}
    ordered = sorted(_ops.values(), key=lambda o: rank.get(o.module, len(rank)))
    _ops.clear()
    _ops.update({o.name: o for o in ordered})


def add(op: Op) -> None:
    """Register an op that :func:`remove` has removed."""
    _ops[op.name] = op


def remove(name: str) -> None:
    """Unregister an op of a plugin: another spec has other plugins."""
    del _ops[name]


def by_kind(kind: OpKind) -> tuple[Op, ...]:
    """Every op of a kind, in order of declaration."""
    return tuple(o for o in _ops.values() if o.kind == kind)


def names() -> tuple[str, ...]:
    """Every op's name, in order of declaration."""
    return tuple(_ops)
