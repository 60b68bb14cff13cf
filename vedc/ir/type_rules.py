"""Type inference: the output type of each operation for its inputs, and the inputs it refuses.

A rule is called with the types of the inputs, as many as the op takes, and the node's
parameters; it raises InternalError if the graph makes no sense.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from vedc.color import FORMATS
from vedc.errors import InternalError
from vedc.ir.image import Encoding, ImageType, Param
from vedc.ops import Op
from vedc.ops.core.alpha import BlendFacts

Types = tuple[ImageType, ...]
Params = Mapping[str, Param]
TypeRule = Callable[[Types, Params], ImageType]


def _integer(params: Params, name: str) -> int:
    value = params.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise InternalError(f"parameter {name!r} is not an integer: {value!r}")
    return value


def _text(params: Params, name: str) -> str:
    value = params.get(name)
    if not isinstance(value, str):
        raise InternalError(f"parameter {name!r} is not a text: {value!r}")
    return value


def _need(image: ImageType, encoding: Encoding) -> ImageType:
    if image.encoding != encoding:
        raise InternalError(f"a {encoding} picture is needed, not {image}")
    return image


def _alike(images: Types) -> ImageType:
    """The first of some pictures, which may differ only in opacity."""
    first = images[0]
    if first.encoding not in ("display", "linear"):
        raise InternalError(f"a picture is needed, not {first}")
    for other in images[1:]:
        if replace(other, opaque=first.opaque) != first:
            raise InternalError(f"pictures of one kind are needed, not {first} and {other}")
    return first


def source(inputs: Types, params: Params) -> ImageType:
    format = _text(params, "format")
    return ImageType(
        _integer(params, "width"),
        _integer(params, "height"),
        "code",
        _text(params, "primaries"),
        _text(params, "transfer"),
        _text(params, "matrix"),
        _text(params, "range"),
        format,
        opaque=not FORMATS[format].alpha,
    )


def drawn(inputs: Types, params: Params) -> ImageType:
    color = params.get("color")
    return ImageType(
        _integer(params, "width"),
        _integer(params, "height"),
        "display",
        _text(params, "primaries"),
        _text(params, "transfer"),
        opaque=isinstance(color, tuple) and color[3] == 1.0,
    )


def bitmap(inputs: Types, params: Params) -> ImageType:
    if "format" in params:
        return source(inputs, params)
    return replace(drawn(inputs, params), opaque=params.get("opaque") is True)


def decode(inputs: Types, params: Params) -> ImageType:
    image = _need(inputs[0], "code")
    return replace(image, encoding="display", matrix="rgb", range="full", format="")


def to_linear(inputs: Types, params: Params) -> ImageType:
    return replace(_need(inputs[0], "display"), encoding="linear")


def to_display(inputs: Types, params: Params) -> ImageType:
    image = _need(inputs[0], "linear")
    return replace(image, encoding="display", transfer=_text(params, "transfer"))


def primaries(inputs: Types, params: Params) -> ImageType:
    return replace(_need(inputs[0], "linear"), primaries=_text(params, "to"))


def relabel(inputs: Types, params: Params) -> ImageType:
    image = _need(inputs[0], "display")
    return replace(image, primaries=_text(params, "primaries"), transfer=_text(params, "transfer"))


def by_config(inputs: Types, params: Params) -> ImageType:
    """To light without ``transfer``, else to its code values."""
    transfer = params.get("transfer")
    if inputs[0].encoding not in ("display", "linear"):
        raise InternalError(f"a transform of colours is given {inputs[0]}")
    if transfer is None:
        return replace(inputs[0], encoding="linear", primaries=_text(params, "primaries"))
    return replace(
        inputs[0],
        encoding="display",
        primaries=_text(params, "primaries"),
        transfer=_text(params, "transfer"),
    )


def place(inputs: Types, params: Params) -> ImageType:
    image = _need(inputs[0], "display")
    width, height = _integer(params, "width"), _integer(params, "height")
    x, y = _integer(params, "x"), _integer(params, "y")
    whole = x <= 0 and y <= 0 and x + image.width >= width and y + image.height >= height
    if whole and (image.width, image.height) == (width, height):
        return image
    return replace(image, width=width, height=height, opaque=image.opaque and whole)


def affine(inputs: Types, params: Params) -> ImageType:
    width, height = _integer(params, "width"), _integer(params, "height")
    return replace(_need(inputs[0], "display"), width=width, height=height, opaque=False)


def opacity(inputs: Types, params: Params) -> ImageType:
    return replace(_need(inputs[0], "display"), opaque=False)


def over(inputs: Types, params: Params) -> ImageType:
    image, opaque = _alike(inputs), any(image.opaque for image in inputs)
    return image if image.opaque == opaque else replace(image, opaque=opaque)


def summed(inputs: Types, params: Params) -> ImageType:
    return replace(_alike(inputs), opaque=False)


def masked(inputs: Types, params: Params) -> ImageType:
    _need(inputs[1], "matte")
    return replace(_alike(inputs[:1]), opaque=False)


def mixed(inputs: Types, params: Params) -> ImageType:
    _need(inputs[2], "matte")
    return replace(_alike(inputs[:2]), opaque=all(image.opaque for image in inputs[:2]))


def matte(inputs: Types, params: Params) -> ImageType:
    return replace(_alike(inputs), encoding="matte", opaque=True)


def encode(inputs: Types, params: Params) -> ImageType:
    return replace(
        _need(inputs[0], "display"),
        encoding="code",
        matrix=_text(params, "matrix"),
        range=_text(params, "range"),
        format=_text(params, "format"),
    )


def of_op(op: Op, blend: BlendFacts | None) -> TypeRule:
    """The rule of a declared op: masks give mattes, all others their first input's type except its
    alpha."""

    def rule(inputs: Types, params: Params) -> ImageType:
        own, pictures = inputs[: op.inputs], inputs[op.inputs :]
        image = _alike(own)
        for picture in pictures:
            _need(picture, "linear" if image.encoding == "linear" else "display")
            if (picture.width, picture.height) != (image.width, image.height):
                raise InternalError(f"pictures of one size are needed, not {image} and {picture}")
        if op.kind == "transition" and "progress" not in params:
            raise InternalError("a transition has no progress")
        if op.kind == "mask":
            return replace(image, encoding="matte", opaque=True)
        if op.kind == "grade":
            return image
        if blend is not None:
            both = blend.opaque and all(picture.opaque for picture in own)
            return replace(image, opaque=both or (blend.keeps_opaque and image.opaque))
        opaque = op.opaque and (op.kind == "generator" or all(t.opaque for t in own))
        if op.kind == "geometry":
            opaque = opaque and params.get("edge") != "clear"
        return replace(image, opaque=opaque)

    return rule
