"""Parameters of ops as the language sees them: the rule for a value, and its default."""

from __future__ import annotations

from typing import Final

from vedc.lang.schema.animated import Animated
from vedc.lang.schema.points import Points
from vedc.lang.schema.quantities import ColorValue, Pair, Rgb
from vedc.lang.schema.records import ABSENT
from vedc.lang.schema.values import Boolean, Number, Text, Type, Word
from vedc.ops import Op, Param

#: Kinds of parameters that name a file.
FILES: Final = ("table", "correction", "picture", "weights", "palette")
#: Optional ones, empty by default.
_OPTIONAL: Final = ("correction", "picture", "weights", "palette")
_NAMED: Final = ("table", "correction", "weights", "palette")


def value_type(param: Param, *, animated: bool) -> Type:
    """The rule for a parameter's value."""
    inner = _inner(param)
    return Animated(inner) if animated and param.animatable else inner


def _inner(param: Param) -> Type:
    low, high = param.low, param.high
    match param.kind:
        case "number" | "integer":
            return Number(low, high, integer=param.kind == "integer", unit=param.unit)
        case "rgb":
            return Rgb(low, high)
        case "pair":
            number = Number(low, high, unit=param.unit)
            return Pair(f"[x, y], each {number.phrase}", low, high)
        case "color":
            return ColorValue(alpha=False)
        case "enum":
            return Word(param.choices)
        case "boolean":
            return Boolean()
        case "table":
            return Text("the path of a colour file", like="looks/teal.cube")
        case "correction":
            return Text("the path of a .cc, .ccc or .cdl file", like="grades/shots.ccc")
        case "picture":
            if param.name == "src":  # for assets, `asset` says so
                return Text("the path of a still picture", like="clouds.png")
            return Text("an asset's id or a still picture", like="clouds.png")
        case "weights" if param.foreign:
            return Text("the path of an .onnx file", like="models/mine.onnx")
        case "weights":
            return Text("the path of a .safetensors file", like="models/mine.safetensors")
        case "palette":
            return Text("the path of a still picture", like="paintings/wave.jpg")
        case "curve":
            return Points(low, high, least=2)
        case "points":
            return Points(low, high, least=param.least)
        case "text":
            return Text()


def named_file(op: Op) -> str | None:
    """The parameter whose file may be given as ``asset`` too."""
    return next(
        (p.name for p in op.params if p.kind in _NAMED or (p.kind, p.name) == ("picture", "src")),
        None,
    )


def plain_default(param: Param) -> object:
    """The default in the form of a spec; ABSENT for a required parameter."""
    optional_file = param.kind in _OPTIONAL and not param.default
    return ABSENT if param.required or optional_file else plain_value(param, param.default)


def plain_value(param: Param, value: object) -> object:
    """An op's value in the form of a spec."""
    if isinstance(value, (tuple, list)):
        if param.kind == "color":
            return "#" + "".join(f"{round(v * 255):02x}" for v in value)
        numbers = [_short(v) for v in value]
        if param.kind in ("curve", "points"):
            if value and isinstance(value[0], (tuple, list)):
                return [[_short(x), _short(y)] for x, y in value]
            return [list(p) for p in zip(numbers[::2], numbers[1::2], strict=True)]
        return numbers[0] if param.kind == "rgb" and len(set(numbers)) == 1 else numbers
    return _short(value)


def _short(value: object) -> object:
    """``1.0`` as 1."""
    if isinstance(value, float) and value == int(value):
        return int(value)
    return value
