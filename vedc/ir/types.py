"""Type inference: what each operation gives for what it takes, and what it refuses.

The structural operations are listed here; every grade and transition comes from the ops
room and keeps its input's type.

    source      a decoded, upright, scaled video stream            -> code
    still       an image file at its placed size                   -> display, alpha
                (both: where it has the parameter ``blur``, the picture covers its size,
                centred and cut, and is blurred; the standard deviation is ``blur`` times
                the shorter side)
    title       set text                                           -> display, alpha
    solid       one colour over the canvas                         -> display
    decode      samples to R'G'B'                             code -> display
    to_linear   undo the camera curve                      display -> linear
    to_display  apply the camera curve                      linear -> display
    primaries   change the colour primaries                 linear -> linear
    relabel     declare a display encoding equal to another    display -> display
    place       put on the canvas, transparent around      display -> display, alpha
    opacity     scale colour and alpha                     display -> display, alpha
    over        source over backdrop                   2 x display -> display
    encode      R'G'B' to samples                          display -> code
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from vedc import ops
from vedc.color import FORMATS
from vedc.errors import InternalError
from vedc.ir.image import ImageType, Param

#: Structural operation -> number of inputs.
STRUCTURAL: dict[str, int] = {
    "source": 0,
    "still": 0,
    "title": 0,
    "solid": 0,
    "decode": 1,
    "to_linear": 1,
    "to_display": 1,
    "primaries": 1,
    "relabel": 1,
    "place": 1,
    "opacity": 1,
    "over": 2,
    "encode": 1,
}

#: What a render fetches from outside: everything else is computed per pixel.
FETCHES = frozenset({"source", "still", "title"})


def _integer(params: Mapping[str, Param], name: str) -> int:
    value = params.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise InternalError(f"parameter {name!r} is not an integer: {value!r}")
    return value


def _text(params: Mapping[str, Param], name: str) -> str:
    value = params.get(name)
    if not isinstance(value, str):
        raise InternalError(f"parameter {name!r} is not a text: {value!r}")
    return value


def _need(op: str, given: ImageType, encoding: str) -> None:
    if given.encoding != encoding:
        raise InternalError(f"{op} needs a {encoding} picture, got {given}")


def infer(op: str, given: tuple[ImageType, ...], params: Mapping[str, Param]) -> ImageType:
    """The type of a node; raises InternalError where the graph makes no sense."""
    arity = STRUCTURAL.get(op)
    if arity is None:
        return _infer_op(op, given, params)
    if len(given) != arity:
        raise InternalError(f"{op} takes {arity} inputs, got {len(given)}")
    if op == "source":
        name = _text(params, "format")
        return ImageType(
            _integer(params, "width"),
            _integer(params, "height"),
            "code",
            _text(params, "primaries"),
            _text(params, "transfer"),
            _text(params, "matrix"),
            _text(params, "range"),
            name,
            opaque=not FORMATS[name].alpha,
        )
    if op in ("still", "title", "solid"):
        color = params.get("color")
        opaque = op == "solid" and isinstance(color, tuple) and color[3] == 1.0
        return ImageType(
            _integer(params, "width"),
            _integer(params, "height"),
            "display",
            _text(params, "primaries"),
            _text(params, "transfer"),
            opaque=opaque,
        )
    first = given[0]
    if op == "decode":
        _need(op, first, "code")
        return replace(first, encoding="display", matrix="rgb", range="full", format="")
    if op == "to_linear":
        _need(op, first, "display")
        return replace(first, encoding="linear")
    if op == "to_display":
        _need(op, first, "linear")
        return replace(first, encoding="display", transfer=_text(params, "transfer"))
    if op == "primaries":
        _need(op, first, "linear")
        return replace(first, primaries=_text(params, "to"))
    if op == "relabel":
        _need(op, first, "display")
        return replace(
            first, primaries=_text(params, "primaries"), transfer=_text(params, "transfer")
        )
    if op == "place":
        _need(op, first, "display")
        width, height = _integer(params, "width"), _integer(params, "height")
        x, y = _integer(params, "x"), _integer(params, "y")
        whole = x <= 0 and y <= 0 and x + first.width >= width and y + first.height >= height
        return replace(first, width=width, height=height, opaque=first.opaque and whole)
    if op == "opacity":
        _need(op, first, "display")
        return replace(first, opaque=False)
    if op == "over":
        _same_picture(op, given)
        return replace(first, opaque=any(t.opaque for t in given))
    _need(op, first, "display")
    return replace(
        first,
        encoding="code",
        matrix=_text(params, "matrix"),
        range=_text(params, "range"),
        format=_text(params, "format"),
    )


def _same_picture(op: str, given: tuple[ImageType, ...]) -> None:
    first = given[0]
    for other in given[1:]:
        _need(op, other, "display")
        if replace(other, opaque=first.opaque) != first:
            raise InternalError(f"{op} needs two pictures of one kind, got {first} and {other}")


def _infer_op(op: str, given: tuple[ImageType, ...], params: Mapping[str, Param]) -> ImageType:
    declared = ops.get(op)
    if declared.kind == "grade":
        if len(given) != 1:
            raise InternalError(f"{op} takes one input, got {len(given)}")
        if given[0].encoding == "code":
            raise InternalError(f"{op} cannot work on code values")
        return given[0]
    if declared.kind == "transition":
        if len(given) != 2:
            raise InternalError(f"{op} takes two inputs, got {len(given)}")
        _same_picture(op, given)
        if "progress" not in params:
            raise InternalError(f"{op} has no progress")
        return replace(given[0], opaque=all(t.opaque for t in given))
    raise InternalError(f"{declared.kind} ops are not part of the graph: {op}")
