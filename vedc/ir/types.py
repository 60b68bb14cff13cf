"""Type inference: what each operation gives for what it takes, and what it refuses.

The structural operations are listed here; the others come from the ops room. Their inputs
are the pictures that the op works on (of a generator: a clear one, which says how large to
draw), then its picture parameters. Masks give mattes; all others keep their first input's type
but for its alpha. Besides the op's own parameters a node may carry ``progress`` (transitions),
``origin`` (the rectangle x, y, width, height that places count from, where that is not the
whole picture) and ``clock`` with ``fps`` (the frame at the piece's start, for timed ops).

    source      a decoded, upright, scaled video stream            -> code
    still       an image file at its placed size                   -> display, alpha
                (both: where it has the parameter ``blur``, the picture covers its size,
                centred and cut, and is blurred; the standard deviation is ``blur`` times
                the shorter side; where it has ``crop``, that rectangle x, y, width, height of the
                file's picture as shown is all there is of it)
    title       set text                                           -> display, alpha
    solid       one colour over the canvas                         -> display
    decode      samples to R'G'B'                             code -> display
    to_linear   undo the camera curve                      display -> linear
    to_display  apply the camera curve                      linear -> display
    primaries   change the colour primaries                 linear -> linear
    relabel     declare a display encoding equal to another    display -> display
                (over, masked, mixed: linear pictures alike)
    place       put on the canvas, transparent around      display -> display, alpha
    affine      put on the canvas, scaled, turned, moved   display -> display, alpha
                (the picture's point ``anchor`` lies at ``pivot`` of the canvas, both in pixels;
                ``scale`` is in canvas pixels for a picture pixel, ``rotation`` in degrees
                clockwise; the picture is sampled once, and it is transparent around it)
    opacity     scale colour and alpha                     display -> display, alpha
    over        source over backdrop                   2 x display -> display
    masked      scale colour and alpha by a matte        display, matte -> display, alpha
    mixed       the second picture where a matte is 1    2 x display, matte -> display
    encode      R'G'B' to samples                          display -> code
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from vedc import ops
from vedc.color import FORMATS
from vedc.errors import InternalError
from vedc.ir.image import ImageType, Param
from vedc.ops.core.alpha import keeps_opaque

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
    "affine": 1,
    "opacity": 1,
    "over": 2,
    "masked": 2,
    "mixed": 3,
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
    if op == "affine":
        _need(op, first, "display")
        width, height = _integer(params, "width"), _integer(params, "height")
        return replace(first, width=width, height=height, opaque=False)
    if op == "opacity":
        _need(op, first, "display")
        return replace(first, opaque=False)
    if op == "over":
        _same_picture(op, given)
        return replace(first, opaque=any(t.opaque for t in given))
    if op in ("masked", "mixed"):
        _same_picture(op, given[:-1])
        _need(op, given[-1], "matte")
        return replace(first, opaque=op == "mixed" and all(t.opaque for t in given[:-1]))
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
    if first.encoding not in ("display", "linear"):
        raise InternalError(f"{op} needs a picture, got {first}")
    for other in given[1:]:
        if replace(other, opaque=first.opaque) != first:
            raise InternalError(f"{op} needs two pictures of one kind, got {first} and {other}")


def _infer_op(op: str, given: tuple[ImageType, ...], params: Mapping[str, Param]) -> ImageType:
    declared = ops.get(op)
    wanted = declared.inputs + len(declared.pictures)
    if len(given) != wanted:
        raise InternalError(f"{op} takes {wanted} inputs, got {len(given)}")
    own, pictures = given[: declared.inputs], given[declared.inputs :]
    _same_picture(op, own)
    for picture in pictures:
        _need(op, picture, "display")
        if (picture.width, picture.height) != (own[0].width, own[0].height):
            raise InternalError(f"{op} needs pictures of one size, got {own[0]} and {picture}")
    if declared.kind == "transition" and "progress" not in params:
        raise InternalError(f"{op} has no progress")
    first = own[0]
    if declared.kind == "mask":
        return replace(first, encoding="matte", opaque=True)
    if declared.kind == "grade":
        return first
    if declared.kind == "generator":
        return replace(first, opaque=declared.opaque)
    opaque = declared.opaque and all(t.opaque for t in own)
    if declared.kind == "blend" and first.opaque:
        opaque = opaque or keeps_opaque(op)
    if declared.kind == "geometry":
        opaque = opaque and params.get("edge") != "clear"
    return replace(first, opaque=opaque)
