"""Small pictures of a clip or a still, as the film shows them before a question's step.

They follow the renderer's path: the file's samples by its matrix and range, its colour into the
canvas's (tone-mapped if the film would be), then the preceding steps. No code is duplicated: the
graph is lowered and fused as for a film, and run in float64 on thumbnails.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vedc import ops
from vedc.codegen.reference.run_program import LeafArrays, run_unrounded
from vedc.color import FORMATS, MATRICES, Color
from vedc.decide.analyses.results import THUMB
from vedc.decide.arrays import Byte, Floats
from vedc.edit.contents import Clip, Image
from vedc.edit.model import Profile
from vedc.edit.placement import tone_map_of
from vedc.edit.values import Keyframes, OpCall
from vedc.errors import InternalError
from vedc.expr.uniforms import evaluator
from vedc.ir.graph import Node, node
from vedc.ir.image import Param
from vedc.ir.lower.ops import OpLowering
from vedc.ir.lower.source import SourceLowering
from vedc.lang.resolve.grades.question import GradedItem
from vedc.looks.read import read
from vedc.looks.transforms import transform
from vedc.ops.looks.look_file import LookFile
from vedc.ops.shared.cube import Cube
from vedc.plan.executable import ComputedPiece, Kernel
from vedc.plan.fusion.fuse import fuse
from vedc.plan.tables import table_content
from vedc.stills.raster import Raster

_FORMAT: Final = "gbrpf32le"
"""Format of input and output samples: unrounded."""


class Viewer:
    """Draws the pictures of a question's items as the film shows them."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self._sources = SourceLowering(profile, str, _no_composition)

    def clip(self, item: GradedItem, thumbs: Byte, frames: Sequence[int]) -> Floats:
        """Display values (n, height, width, 3) of thumbnails (n, 27, 48, 3) of a clip, each at its
        number of frames of the film after the clip's start."""
        content = item.content
        assert isinstance(content, Clip) and content.media.video is not None
        codes = recoded(thumbs / 255.0, content.media.video.color, content.color)
        codes = _cropped(codes, item)
        calls = item.shown.grade
        if not any(map(_needs_place, calls)):
            stacked = codes.reshape(1, -1, codes.shape[2], 3)
            return self._drawn(item, stacked[0], 0).reshape(codes.shape)
        size = _like(codes.shape[1:3], item)
        return np.stack(
            [
                self._drawn(item, _resized(picture, size), frame)
                for picture, frame in zip(codes, frames, strict=True)
            ]
        )

    def frame(self, item: GradedItem, rgb: NDArray[Any], frame: int) -> Floats:
        """Display values (height, width, 3) of one picture of a clip of any size: R'G'B' by the
        file's own matrix and range, as :meth:`clip` takes in codes."""
        content = item.content
        assert isinstance(content, Clip) and content.media.video is not None
        codes = recoded(rgb[np.newaxis], content.media.video.color, content.color)
        return self._drawn(item, _cropped(codes, item)[0], frame)

    def still(self, item: GradedItem, side: int = THUMB[1]) -> Floats:
        """Display values (1, height, width, 3) of a still, whose longer side is ``side``."""
        from vedc.stills.load import load_still

        content = item.content
        assert isinstance(content, Image)
        crop = item.shown.frame.of("source").get("crop")
        whole = crop if isinstance(crop, tuple) else None
        own = (whole[2], whole[3]) if whole is not None else (content.width, content.height)
        height, width = _shape(own[0], own[1], side)
        raster = load_still(content.path, width, height, None, whole, content.format)
        tone_map = tone_map_of(item.shown.frame, item.shown.grade)
        picture = self._sources.picture(content, (width, height), 0, {}, tone_map)
        return self._run(item, picture, _planes(raster), 0)[np.newaxis]

    def _drawn(self, item: GradedItem, codes: Floats, frame: int) -> Floats:
        """One picture of codes (height, width, 3), or several stacked vertically."""
        clip = item.content
        assert isinstance(clip, Clip)
        height, width = codes.shape[:2]
        params: dict[str, Param] = {
            "digest": "", "start": Fraction(0), "step": Fraction(0), "width": width,
            "height": height, "format": _FORMAT, "primaries": clip.color.primaries,
            "transfer": clip.color.transfer, "matrix": "rgb", "range": "full",
        }  # fmt: skip
        picture = node("decode", (node("source", (), params),))
        tone_map = tone_map_of(item.shown.frame, item.shown.grade)
        picture = self._sources.colors.clip(picture, clip, tone_map)
        planes = [np.ascontiguousarray(codes[..., c], np.float32) for c in (1, 2, 0)]
        return self._run(item, picture, planes, frame)

    def _run(
        self, item: GradedItem, picture: Node, planes: list[NDArray[Any]], frame: int
    ) -> Floats:
        """Display values (height, width, 3) after the steps before the question."""
        lowering = OpLowering(1, self.profile.fps, str)
        picture = lowering.apply(picture, item.shown.grade, frame)
        picture = self._sources.colors.shown(picture, self.profile.color)
        out: dict[str, Param] = {"matrix": "rgb", "range": "full", "format": _FORMAT}
        piece = fuse(node("encode", (picture,), out), _table)
        assert isinstance(piece, ComputedPiece)
        (kernel,) = piece.steps
        assert isinstance(kernel, Kernel)
        tables = []
        for source in kernel.tables:
            held = table_content(source, _table)
            shape = (held.size,) * held.dims + (3,)
            tables.append(np.frombuffer(held.data, np.float32).reshape(shape))
        params = evaluator(kernel.uniforms)([value.at(0) for value in kernel.values])
        leaves = [LeafArrays(planes) for _ in kernel.inputs]
        green, blue, red = run_unrounded(
            kernel.program, leaves, params, tables, kernel.width, kernel.height
        )
        shown = np.stack(np.broadcast_arrays(red, green, blue), -1)
        result: Floats = np.clip(np.nan_to_num(shown), 0.0, 1.0)
        return result


@lru_cache(maxsize=16)
def _table(path: str) -> Cube | LookFile:
    return transform(path) or read(Path(path))


def _no_composition(*_: object) -> Node:
    raise InternalError("nothing is decided of compositions")


def _planes(raster: Raster) -> list[NDArray[Any]]:
    """The planes of a still in the layout of a kernel's leaf."""
    format = FORMATS[raster.format]
    found = []
    for number, data in enumerate(raster.planes):
        width, height = format.plane_size(number, raster.width, raster.height)
        kind = "<f4" if format.floating else "u1" if format.bytes == 1 else "<u2"
        shape = (height, width, 4) if format.layout == "rgba" else (height, width)
        found.append(np.frombuffer(data, kind).reshape(shape))
    return found


def _needs_place(call: OpCall) -> bool:
    """Whether a step depends on a pixel's position or the frame."""
    op = ops.get(call.op)
    moves = any(isinstance(value, Keyframes) for _, value in call.params)
    masked = call.mask is not None and _needs_place(call.mask)
    return moves or masked or op.positional or op.timed


def recoded(rgb: Floats, declared: Color, meant: Color) -> Floats:
    """R'G'B' (..., 3) decoded by the file's own matrix and range, converted to the spec's."""
    if (declared.matrix, declared.range) == (meant.matrix, meant.range) or "rgb" in (
        declared.matrix,
        meant.matrix,
    ):
        return np.asarray(rgb, np.float64)
    kr, kb = MATRICES.get(declared.matrix, MATRICES["bt709"])
    red, green, blue = np.moveaxis(np.asarray(rgb, np.float64), -1, 0)
    luma = kr * red + (1 - kr - kb) * green + kb * blue
    cb, cr = (blue - luma) / (2 * (1 - kb)), (red - luma) / (2 * (1 - kr))
    if declared.range != meant.range:
        to_full = meant.range == "full"
        luma = (luma * 219 + 16) / 255 if to_full else (luma * 255 - 16) / 219
        cb, cr = (c * (224 / 255 if to_full else 255 / 224) for c in (cb, cr))
    kr, kb = MATRICES.get(meant.matrix, MATRICES["bt709"])
    red, blue = luma + cr * 2 * (1 - kr), luma + cb * 2 * (1 - kb)
    green = (luma - kr * red - kb * blue) / (1 - kr - kb)
    return np.stack([red, green, blue], -1)


def _cropped(codes: Floats, item: GradedItem) -> Floats:
    """The part of thumbnails inside a static crop, at least a pixel."""
    crop = item.shown.frame.of("source").get("crop")
    media = item.media
    if not isinstance(crop, tuple) or media is None or media.video is None:
        return codes
    wide, high = media.video.display_size
    x, y, width, height = (float(v) for v in crop)
    top, bottom = _rows(y / high, (y + height) / high, codes.shape[1])
    left, right = _rows(x / wide, (x + width) / wide, codes.shape[2])
    return codes[:, top:bottom, left:right]


def _rows(begin: float, end: float, count: int) -> tuple[int, int]:
    first = min(max(round(begin * count), 0), count - 1)
    return first, min(max(round(end * count), first + 1), count)


def _shape(width: float, height: float, side: int = THUMB[1]) -> tuple[int, int]:
    """Rows and columns of a small picture of this shape."""
    scale = side / max(width, height)
    return max(1, round(height * scale)), max(1, round(width * scale))


def _like(shape: tuple[int, ...], item: GradedItem) -> tuple[int, int]:
    """The size at which masks on a thumbnail have the same shape as on the picture."""
    media = item.media
    if media is None or media.video is None:
        return int(shape[0]), int(shape[1])
    wide, high = media.video.display_size
    return _shape(wide * shape[1] / THUMB[1], high * shape[0] / THUMB[0])


def _resized(picture: Floats, size: tuple[int, int]) -> Floats:
    import cv2

    return np.asarray(cv2.resize(picture, size[::-1], interpolation=cv2.INTER_AREA), np.float64)
