"""A small picture of every op and preset at work, drawn by the compiler itself.

``python -m vedc.report.ops.thumbnails FOLDER SHEET`` writes them all into a folder, and one picture
of all ops.

The film that is drawn shows the op in a way that suits its kind: a grade on the right half, a
mask as the only place with colour, a key over a checker board, a blend of two pictures, a
transition in progress. Parameters have their ``shown`` values.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from vedc import ops
from vedc.codegen.image import Image as Planes
from vedc.edit.values import OpCall, ParamValue
from vedc.execute.devices.cpu import CpuExecutor
from vedc.ir.graph import Node, node
from vedc.ir.image import Param
from vedc.ir.lower.ops import OpLowering
from vedc.lang.keys.catalogue import sample
from vedc.lang.keys.vocabulary import transition_presets
from vedc.ops import Op, OpKind
from vedc.ops import Param as DeclaredParam
from vedc.ops.shared.cube import Cube, read
from vedc.passes import optimise
from vedc.plan.executable import ComputedPiece
from vedc.plan.fusion.fuse import fuse
from vedc.text.fonts import default_font

#: The canvas for all drawing, whatever the size of the requested picture.
SIZE: Final = (640, 360)
PICTURES: Final = Path(__file__).parent / "pictures"

_QUALITY: Final = 72
_FPS: Final = Fraction(25)
#: The frame that is shown of ops that move: late enough for them to have moved.
_FRAME: Final = 40
_COLOR: Final[dict[str, Param]] = {"primaries": "bt709", "transfer": "bt709"}

_FIRST, _SECOND, _GREEN = "bunny.jpg", "sunset.jpg", "green.jpg"

Calls = tuple[tuple[str, Mapping[str, Any]], ...]
_GRAIN: Final[Calls] = (("film_grain", {"amount": 0.09, "size": 2.0, "colored": True}),)

#: The input of an op, if not the unchanged first picture.
_INPUTS: Final[Mapping[str, tuple[str, Calls]]] = {
    "bilateral": (_FIRST, _GRAIN),
    "chroma_key": (_GREEN, ()),
    "color_key": (_GREEN, ()),
    "clean": (_FIRST, _GRAIN),
    "model_3": (_FIRST, _GRAIN),
    "model_5": (_FIRST, _GRAIN),
    "denoise": (_FIRST, _GRAIN),
    "wavelet_denoise": (_FIRST, _GRAIN),
    "despill": (_GREEN, ()),
    "flare": (_FIRST, (("exposure", {"stops": -1.5}),)),
    "glow": (_SECOND, ()),
    "god_rays": (_SECOND, ()),
    "leak": (_FIRST, (("exposure", {"stops": -1.0}),)),
    "lens_dirt": (_SECOND, ()),
    "grow_matte": (_GREEN, (("chroma_key", {}),)),
    "halo": (_SECOND, ()),
    "luma_key": (_SECOND, ()),
    "median": (_FIRST, _GRAIN),
    "steady": (_FIRST, _GRAIN),
    "style": (_FIRST, ()),
    "reframe360": (_SECOND, (("mirror", {}),)),  # a panorama ends where it begins
    "shadows_highlights": (_SECOND, ()),
    "tone_map": (_SECOND, (("exposure", {"stops": 2.0}),)),
}

#: Progress of transitions for which 0.4 is not the most instructive.
_PROGRESS: Final[Mapping[str, float]] = {
    "blink": 0.25, "blur_dissolve": 0.2, "burn_dissolve": 0.3, "card_flip": 0.3,
    "diagonal": 0.55, "dip": 0.25, "fade_grays": 0.25, "kaleidoscope_dissolve": 0.25,
    "light_leak": 0.25, "overexposure": 0.2, "rotate_scale": 0.2, "smooth_wipe": 0.5,
    "gl:HorizontalClose": 0.6, "gl:VerticalClose": 0.6, "gl:cannabisleaf": 0.65,
    "gl:dissolve": 0.65, "swap": 0.3, "tube_off": 0.1, "tv_static": 0.15, "whip_pan": 0.15,
    "zoom_in": 0.25,
}  # fmt: skip
_MIDWAY: Final = 0.4

#: Blends that are about shapes: a circle from the left meets one from the right.
_SHAPES: Final = frozenset(
    {
        "blend_dissolve", "clear", "copy", "destination", "destination_atop", "destination_in",
        "destination_out", "destination_over", "normal", "plus_lighter", "source_atop",
        "source_in", "source_out", "xor",
    }
)  # fmt: skip

#: Filters whose effect is small: the right half shows it beside the picture as it was.
_HALVED: Final = frozenset(
    {
        "bilateral",
        "clarity",
        "clean",
        "denoise",
        "grow_matte",
        "halo",
        "glow",
        "median",
        "sharpen",
        "steady",
        "wavelet_denoise",
    }
)


#: Values for required parameters, where the op itself names none.
_ANY: Final[Mapping[str, Any]] = {
    "color": (1.0, 0.7, 0.0), "curve": (0.0, 0.0, 0.3, 0.6, 1.0, 1.0), "pair": (0.3, 0.3),
    "points": (0.2, 0.1, 0.8, 0.3, 0.4, 0.9), "rgb": (1.0, 0.6, 0.3), "text": "p",
}  # fmt: skip
_FILES: Final = ("picture", "table")


@dataclass(frozen=True, slots=True)
class ThumbnailScene:
    """The scene of a thumbnail."""

    shown: Node
    untouched: tuple[Node, ...]
    """The input pictures of the op, as shown if it did nothing."""
    halved: bool
    """Whether only the right half shows the op at work."""


def names() -> list[str]:
    """Every op that comes with vedc, and every preset that has a name of its own; not those that
    imitate another program."""
    own = [op.name for op in map(ops.get, ops.names()) if not op.source and not op.program]
    presets = transition_presets()
    return own + [n for n in presets if n not in own and ":" not in n + presets[n][0]]


def thumbnail(name: str, width: int = 320) -> bytes:
    """A PNG, 16:9, of an op or a transition preset at work. Where both have the name, the op.

    Raises KeyError.
    """
    out = io.BytesIO()
    picture(name, width).save(out, "PNG", optimize=True)
    return out.getvalue()


def picture(name: str, width: int = 320) -> Image.Image:
    """The same, as a picture of Pillow's."""
    made = scene(name)
    drawn = Image.fromarray(draw(made.shown))
    if made.halved:
        drawn.paste((255, 255, 255), (SIZE[0] // 2 - 1, 0, SIZE[0] // 2 + 2, SIZE[1]))
    size = (width, round(width * SIZE[1] / SIZE[0]))
    return drawn if size == SIZE else drawn.resize(size, Image.Resampling.LANCZOS)


def scene(name: str) -> ThumbnailScene:
    """The graph of an op's or a preset's thumbnail, up to the display. Raises KeyError."""
    if name in ops.names():
        call = _instructive_call(name, {})
    else:
        target, given = transition_presets()[name]
        call = _instructive_call(target, given)
    op = ops.get(call.op)
    match op.kind:
        case "transition":
            return _transition(op, call)
        case "blend":
            return _blend(op, call)
        case "mask":
            return _mask(call)
        case "generator":
            clear = _solid((0.0, 0.0, 0.0, 0.0))
            return _done(_look().call((clear,), call, _FRAME), (clear,))
    return _change(op, call)


def _change(op: Op, call: OpCall) -> ThumbnailScene:
    """Grades, keys, geometry and filters: the right half after, or all of it."""
    if op.name == "difference_key":
        plate = _still(_SECOND)
        given = node("over", (plate, _figure(0)))
    elif op.past:
        given = node("over", (_still(_SECOND), _figure(0)))
    elif op.name in ("gamut", "transfer") and op.inverse is not None:
        back = op.inverse({**dict(call.params), "method": "none"}) or {}
        given = _look().apply(_still(_FIRST), (_call(op.name, back),), _FRAME)
    else:
        file, calls = _INPUTS.get(op.name, (_FIRST, ()))
        made = tuple(_call(name, values) for name, values in calls)
        given = _look().apply(_still(file), made, _FRAME)
    halved = op.name in _HALVED or (op.kind == "grade" and not op.positional)
    if halved:
        half = _call("rectangle", {"center": (0.75, 0.5), "size": (0.5, 1.0)})
        call = OpCall(call.op, call.params, half)

    def earlier(ago: int) -> Node:
        if not op.past:
            file, calls = _INPUTS[op.name]
            made = tuple(_call(name, values) for name, values in calls)
            return _look().apply(_still(file), made, _FRAME - ago)
        return node("over", (_still(_SECOND), _figure(ago)))

    changed = _look().apply(given, (call,), _FRAME, None, earlier if op.temporal else None)
    return _done(changed, (given,), halved)


def _mask(call: OpCall) -> ThumbnailScene:
    """Colour inside, dim grey outside."""
    given = _still(_FIRST)
    calls = (_call("monochrome", {}), _call("exposure", {"stops": -1.5}))
    grey = _look().apply(given, calls, _FRAME)
    matte = _look().matte(given, call, _FRAME, None)
    return _done(node("mixed", (grey, given, matte)), (given, grey))


def _blend(op: Op, call: OpCall) -> ThumbnailScene:
    backdrop, source = _still(_FIRST), _still(_SECOND)
    if op.name in _SHAPES:
        soft = 0.9 if op.name in ("blend_dissolve", "plus_lighter") else 0.0
        shapes = [
            _call("ellipse", {"center": (x, 0.5), "radius": (0.43, 0.43), "feather": soft})
            for x in (0.36, 0.64)
        ]
        if op.name not in ("normal", "blend_dissolve"):
            backdrop = _look().masked(backdrop, shapes[0], _FRAME)
        source = _look().masked(source, shapes[1], _FRAME)
    met = _look().call((backdrop, source), call, _FRAME)
    # Without the blend the source would simply lie on the backdrop.
    given = (backdrop, source) if op.name == "normal" else (node("over", (backdrop, source)),)
    return _done(met, given)


def _transition(op: Op, call: OpCall) -> ThumbnailScene:
    a, b = _still(_FIRST), _still(_SECOND)
    if op.filter is not None:  # it looks for common content in both
        b = _look().apply(a, (_call("zoom", {"amount": 1.3}),), _FRAME)
    progress: dict[str, Param] = {"progress": _PROGRESS.get(op.name, _MIDWAY)}
    return _done(_look().call((a, b), call, _FRAME, progress), (a, b))


def _done(shown: Node, untouched: Iterable[Node], halved: bool = False) -> ThumbnailScene:
    """Everything over a checker board, which is seen where a picture is clear."""
    clear = _solid((0.0, 0.0, 0.0, 0.0))
    squares = {"size": 24.0, "color_1": (0.85,) * 3, "color_2": (0.65,) * 3}
    board = _look().call((clear,), _call("checker", squares), 0)
    over = [node("over", (board, n)) for n in (shown, *untouched)]
    return ThumbnailScene(over[0], tuple(over[1:]), halved)


def _figure(ago: int) -> Node:
    """The figure of the green picture, cut out, as of some frames ago."""
    cut = _look().apply(_still(_GREEN), (_call("chroma_key", {}),), _FRAME)
    moved = _call("transform", {"position": (60.0 - 12.0 * ago, 0.0)})
    return _look().apply(cut, (moved,), _FRAME)


def _still(file: str) -> Node:
    size: dict[str, Param] = {"width": SIZE[0], "height": SIZE[1]}
    return node("still", (), {"digest": str(PICTURES / file), **size, **_COLOR})


def _solid(color: tuple[float, ...]) -> Node:
    size: dict[str, Param] = {"width": SIZE[0], "height": SIZE[1]}
    return node("solid", (), {"color": color, **size, **_COLOR})


def _look() -> OpLowering:
    return OpLowering(1, _FPS, lambda path: path)


def _instructive_call(name: str, given: Mapping[str, Any]) -> OpCall:
    """A call with the given values, else the instructive ones, else the defaults.

    If the op then has no effect and declares no instructive values, as a plugin may, example
    values are used. Required parameters always have a value.
    """
    op = ops.get(name)
    shown = {p.name: p.shown for p in op.params if p.shown is not None}
    values = {**op.defaults(), **shown, **given}
    free = [p for p in op.params if p.name not in {**shown, **given} and p.kind not in _FILES]
    values.update((p.name, _example(p)) for p in free if p.required)
    files = {p.name: p.name for p in op.params if p.kind in _FILES}
    if op.identity({**files, **values}):
        values.update((p.name, _example(p)) for p in free if p.kind == "number")
    return _call(name, values)


def _example(param: DeclaredParam) -> Any:
    return _ANY[param.kind] if param.kind in _ANY else sample(param)


def _call(name: str, given: Mapping[str, Any]) -> OpCall:
    """A call with the given values, else the defaults. Files are those of ``PICTURES``."""
    params: list[tuple[str, ParamValue]] = []
    for param in ops.get(name).params:
        value: Any = given.get(param.name, param.default)
        if param.kind in _FILES and value != "":  # empty: not needed
            value = str(PICTURES / (value or ("clouds.jpg", "look.cube")[param.kind == "table"]))
        elif param.foreign:  # a network of a few numbers for each window
            value = str(PICTURES / f"{name}.onnx")
        elif param.kind in ("rgb", "color", "pair") and isinstance(value, (int, float)):
            value = (float(value),) * (2 if param.kind == "pair" else 3)
        elif param.kind in ("rgb", "color", "pair", "curve", "points"):
            value = tuple(float(v) for v in value)
        elif param.kind == "number":
            value = float(value)
        params.append((param.name, value))
    return OpCall(name, tuple(params))


class _Files(dict[str, str]):
    """Digests that are paths."""

    def __missing__(self, key: str) -> str:
        return key


class _Tables(dict[str, Cube]):
    """The contents of .cube files by path, each read once."""

    def __missing__(self, key: str) -> Cube:
        table = self[key] = read(Path(key))
        return table


_TABLES: Final = _Tables()


@cache
def _executor() -> CpuExecutor:
    return CpuExecutor(_Files(), _TABLES, None, 1)


def draw(shown: Node) -> NDArray[np.uint8]:
    """A graph that ends at the display, drawn: (height, width, 3) of 8 bits."""
    params: dict[str, Param] = {"matrix": "rgb", "range": "full", "format": "gbrp"}
    piece = fuse(optimise(node("encode", (shown,), params)), _TABLES.__getitem__)
    assert isinstance(piece, ComputedPiece)
    width, height = SIZE
    planes = np.empty((3, height, width), np.uint8)
    address = planes.ctypes.data
    out = Planes(tuple((address + i * width * height, width) for i in range(3)), width, height)
    _executor().compute(piece, 0, (), out)
    return np.ascontiguousarray(planes[[2, 0, 1]].transpose(1, 2, 0))


def write_thumbnails(folder: Path, width: int = 240) -> None:
    """Write all as JPEG, presets smaller, and remove those of former ops."""
    folder.mkdir(parents=True, exist_ok=True)
    known = names()
    for name in known:
        own = picture(name, width if name in ops.names() else width * 2 // 3)
        own.save(folder / f"{name}.jpg", quality=_QUALITY, optimize=True)
    for file in folder.glob("*.jpg"):
        if file.stem not in known:
            file.unlink()


#: Of the sheet, in pixels: a picture's width, and the space below it for the name.
_CELL: Final = 146
_LABEL: Final = 22
_COLUMNS: Final = 8
_KINDS: Final[tuple[OpKind, ...]] = (
    "grade", "key", "mask", "stencil", "geometry", "blend", "transition", "generator",
)  # fmt: skip


def sheet() -> Image.Image:
    """All ops on one picture, by kind, with their names."""
    small, large = (ImageFont.truetype(default_font(), size) for size in (12, 18))
    high = round(_CELL * SIZE[1] / SIZE[0])
    groups = [[n for n in names() if n in ops.names() and ops.get(n).kind == k] for k in _KINDS]
    rows = sum(-(-len(group) // _COLUMNS) for group in groups)
    size = (_COLUMNS * (_CELL + 4) + 4, rows * (high + _LABEL) + len(groups) * 2 * _LABEL)
    made = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(made)
    top = 0
    for kind, group in zip(_KINDS, groups, strict=True):
        pen.text((5, top + _LABEL), f"{kind}, {len(group)}", "black", large, anchor="lm")
        top += 2 * _LABEL
        for index, name in enumerate(group):
            row, column = divmod(index, _COLUMNS)
            x, y = 4 + column * (_CELL + 4), top + row * (high + _LABEL)
            made.paste(picture(name, _CELL), (x, y))
            pen.text((x + 1, y + high + _LABEL // 2 - 1), name, "black", small, anchor="lm")
        top += -(-len(group) // _COLUMNS) * (high + _LABEL)
    return made


if __name__ == "__main__":
    write_thumbnails(Path(sys.argv[1]))
    if len(sys.argv) > 2:
        sheet().save(sys.argv[2], quality=_QUALITY, optimize=True)
