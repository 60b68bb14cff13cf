"""Kernels of transforms of OpenColorIO: from light to a view, from a camera's log to light."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np
import PyOpenColorIO as ocio

from tests.looks_support import BEYOND, EXTREME, LIGHT, UNIT, Array, by_ocio
from tests.parity.llvm.llvm_support import Picture
from vedc.color import OPAQUE_LAYER
from vedc.expr.chain import Chain
from vedc.expr.math import Tracer, Vec3
from vedc.expr.nodes import load
from vedc.expr.program import Leaf, Program, Table
from vedc.expr.rules import simplify
from vedc.looks.blocks import Ends
from vedc.looks.processor import transforms_of
from vedc.looks.run import lut_of
from vedc.looks.transforms import compiled

_ACES1 = "ocio://studio-config-v2.1.0_aces-v1.3_ocio-v2.3"
#: Name -> config, source, display and view (or target and nothing), what goes in and comes out.
CASES: Final = {
    "ACES 1 view": (_ACES1, "ACEScg", ("sRGB - Display", "ACES 1.0 - SDR Video"), True, False),
    "PQ view": (
        _ACES1,
        "ACEScg",
        ("Rec.2100-PQ - Display", "ACES 1.1 - HDR Video (1000 nits & Rec.2020 lim)"),
        True,
        False,
    ),
    "LogC4": (_ACES1, "ARRI LogC4", ("ACEScg",), False, True),
    "Canon Log 2": (_ACES1, "CanonLog2 CinemaGamut D55", ("ACEScg",), False, True),
}
#: How far kernels may deviate from OpenColorIO: relative to the largest channel where that is above
#: 1.
TOLERANCE: Final = 1e-3


@cache
def _processor(name: str) -> Any:
    config, source, target, _, _ = CASES[name]
    opened = ocio.Config.CreateFromFile(config)
    if len(target) == 2:
        return opened.getProcessor(source, *target, ocio.TRANSFORM_DIR_FORWARD)
    return opened.getProcessor(source, *target)


def program(name: str) -> tuple[Program, list[Array]]:
    """A kernel from a layer to a layer, with its tables."""
    ends = Ends(*CASES[name][3:])
    made = compiled(transforms_of(_processor(name)), ends)
    luts = tuple(lut_of(number, cube) for number, cube in enumerate(made.tables))
    shown = Chain(made.steps, luts).look_up(Tracer(), Vec3(*(load(0, c) for c in range(3))))
    tables = tuple(Table(cube.dims, cube.size) for cube in made.tables)
    roots = tuple(simplify(list(shown.channels)))
    data = [
        np.array(cube.data, np.float32).reshape((cube.size,) * cube.dims + (3,))
        for cube in made.tables
    ]
    return Program((Leaf(OPAQUE_LAYER),), tables, (), OPAQUE_LAYER, roots, 0), data


def colors(name: str, step: int = 1) -> tuple[Picture, Array]:
    """Every ``step``-th of values within and beyond 0..1, out of gamut, negative; also what
    OpenColorIO makes of them, (n, 3)."""
    pixels = np.concatenate([UNIT[:500], BEYOND[:500], LIGHT[:300], EXTREME])
    if not CASES[name][3]:
        pixels = np.clip(pixels, -0.2, 1.2)
    pixels = np.concatenate([pixels[: -len(EXTREME) : step], pixels[-len(EXTREME) :]])
    width = 13
    pixels = pixels[len(pixels) % width :]
    planes = [np.ascontiguousarray(pixels[:, c].reshape(-1, width)) for c in range(3)]
    picture = Picture(planes, width, len(pixels) // width)
    return picture, by_ocio(_processor(name), pixels)


def furthest(planes: list[Array], theirs: Array) -> float:
    ours = np.stack([plane.ravel() for plane in planes], -1)
    size = np.maximum(1.0, np.abs(theirs).max(axis=1, keepdims=True))
    return float((np.abs(ours - theirs) / size).max())
