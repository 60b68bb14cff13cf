"""Declaring ops: one place, a few lines each.

    @op("grade", space="linear", use="...", identity=lambda p: p["stops"] == 0)
    def exposure(m: Math, rgb: Vec3, *, stops: Scalar = param(0.0, low=-10, high=10)) -> Vec3:
        \"\"\"Summary line.

        The rest of the documentation.
        \"\"\"
        return rgb * m.exp2(stops)

The decorator reads name, documentation and parameters off the function. The JSON Schema,
the reference page, the float64 reference, the generated code and the optimiser's facts all
come from this one declaration.

A body is called with a namespace ``m``, its pictures by position and its parameters by
name. What the pictures are follows from the kind:

    grade       (m, rgb)             display- or scene-linear colour, not premultiplied -> Vec3
    mask        (m, pixel)           a premultiplied pixel -> Pixel
    blend       (m, backdrop, source)  premultiplied pixels -> Pixel
    transition  (m, a, b, progress)  premultiplied pixels, progress 0..1 -> Pixel

and a body that names an ``at`` argument is also given the :class:`~vedc.expr.math.Position`.
A number may move over time, so a body never branches on one; choices and booleans are
known when the body runs and may be branched on.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from vedc.errors import InternalError

OpKind = Literal["grade", "mask", "blend", "transition"]
ParamKind = Literal["number", "integer", "rgb", "color", "enum", "boolean", "table"]
Space = Literal["linear", "display"]
Default = float | tuple[float, float, float] | str | bool | None
Values = Mapping[str, object]
"""Parameter values: a constant of the spec, or something that moves over time, which is
unequal to every constant."""

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter of an op.

    ``kind``
        ``number``; ``integer``; ``rgb``: one number for each channel, or one for all;
        ``color``: a display-encoded colour; ``enum``: one of ``choices``; ``boolean``;
        ``table``: the path of a .cube file.
    ``default``
        None where the parameter must be given.
    ``low``, ``high``
        Inclusive limits of each number, or None.
    """

    name: str
    kind: ParamKind
    default: Default
    low: float | None = None
    high: float | None = None
    unit: str = ""
    summary: str = ""
    choices: tuple[str, ...] = ()

    @property
    def required(self) -> bool:
        return self.default is None

    @property
    def animatable(self) -> bool:
        """Whether keyframes may stand for the value."""
        return self.kind in ("number", "rgb", "color")


@dataclass(frozen=True, slots=True)
class Op:
    """One op, as declared."""

    name: str
    kind: OpKind
    summary: str
    doc: str
    """The documentation after the summary, in Markdown; may be empty."""
    use: str
    """One line on when to use it."""
    space: Space
    """The encoding of the colours that the body works on: scene-linear light, or the
    display-encoded values of the canvas."""
    params: tuple[Param, ...]
    body: Callable[..., Any]
    identity: Callable[[Values], bool]
    """Whether the op leaves every picture as it is (a transition: is a plain cut)."""
    inverse: Callable[[Values], Mapping[str, object] | None] | None
    """The parameters with which the same op undoes itself exactly, or None."""
    opaque: bool
    """Whether opaque pictures in make an opaque picture out."""
    covers: bool
    """Of a blend: whether an opaque source hides the backdrop completely."""
    positional: bool
    """Whether the body takes ``at``."""
    version: int
    """Counted up when the op's result changes; part of every segment's key."""

    def param(self, name: str) -> Param:
        """Raises KeyError."""
        for candidate in self.params:
            if candidate.name == name:
                return candidate
        raise KeyError(name)

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
) -> Any:
    """Declare a parameter as the default of a keyword-only argument. See :class:`Param`.

    A number as the default of an ``rgb`` or a ``color`` stands for all three channels.
    """
    if choices:
        kind = "enum"
    elif isinstance(default, bool):
        kind = "boolean"
    if kind in ("rgb", "color") and isinstance(default, (int, float)):
        default = (float(default),) * 3
    return Param("", kind, default, low, high, unit, doc, choices)


_ops: Final[dict[str, Op]] = {}


def op(
    kind: OpKind,
    *,
    space: Space,
    use: str,
    identity: Callable[[Values], bool] = lambda values: False,
    inverse: Callable[[Values], Mapping[str, object] | None] | None = None,
    opaque: bool = True,
    covers: bool = False,
    version: int = 1,
) -> Callable[[Callable[..., Any]], Op]:
    """Declare the decorated function as an op. The function's name is the op's."""

    def declare(body: Callable[..., Any]) -> Op:
        name = body.__name__.rstrip("_")
        if not _NAME.fullmatch(name) or name in _ops:
            raise InternalError(f"op name {name!r} is malformed or taken")
        summary, _, doc = inspect.cleandoc(body.__doc__ or "").partition("\n\n")
        if not summary:
            raise InternalError(f"op {name} has no docstring")
        signature = inspect.signature(body)
        made = Op(
            name=name,
            kind=kind,
            summary=" ".join(summary.split()),
            doc=doc.strip(),
            use=use,
            space=space,
            params=tuple(
                _read(name, argument)
                for argument in signature.parameters.values()
                if argument.kind is argument.KEYWORD_ONLY
            ),
            body=body,
            identity=identity,
            inverse=inverse,
            opaque=opaque,
            covers=covers,
            positional="at" in signature.parameters,
            version=version,
        )
        _ops[name] = made
        return made

    return declare


def _read(op_name: str, argument: inspect.Parameter) -> Param:
    declared = argument.default
    if not isinstance(declared, Param):
        raise InternalError(f"op {op_name}: {argument.name} is not declared with param()")
    if declared.choices and declared.default not in (None, *declared.choices):
        raise InternalError(f"op {op_name}: the default of {argument.name} is not a choice")
    return replace(declared, name=argument.name)


def get(name: str) -> Op:
    """The op of that name. Raises KeyError."""
    return _ops[name]


def by_kind(kind: OpKind) -> tuple[Op, ...]:
    """Every op of a kind, in the order of declaration."""
    return tuple(o for o in _ops.values() if o.kind == kind)


def names() -> tuple[str, ...]:
    """Every op's name, in the order of declaration."""
    return tuple(_ops)
