"""Models that a user brings, over windows of one, three and five frames."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vedc.expr.math import Math, Pixel, Scalar
from vedc.ops.core import facts
from vedc.ops.core.filters import ForeignModel
from vedc.ops.core.registry import Op, param
from vedc.ops.shared.declare import stencil

_SRC: Final = param("", kind="weights", network="onnx", doc="The model: an .onnx file.")
_AMOUNT: Final = param(1.0, low=0, high=1, doc="How much of the model's picture is taken.")
_VALUES: Final = param(
    "declared",
    choices=("declared", "unit", "byte", "signed"),
    doc="The range of its numbers: 0..1 (unit), 0..255 (byte) or -1..1 (signed); by default what "
    "the file declares, else unit.",
)
_ORDER: Final = param(
    "declared",
    choices=("declared", "rgb", "bgr"),
    doc="The order of its channels; by default what the file declares, else rgb.",
)
_HALO: Final = param(
    -1,
    kind="integer",
    low=-1,
    high=1024,
    unit="px",
    doc="How far a pixel of its result sees. With it, large pictures are cut into tiles; by "
    "default what the file declares, else pictures stay whole.",
)
_MULTIPLE: Final = param(
    0,
    kind="integer",
    low=0,
    high=512,
    doc="The sides of its input must be multiples of this; by default what the file declares, "
    "else 1.",
)
_MEMORY: Final = param(
    4, kind="integer", low=1, high=256, unit="GiB", doc="The most memory it may take."
)
_SECONDS: Final = param(
    60, kind="integer", low=1, high=3600, unit="s", doc="The longest a frame may take."
)
_DOC: Final = """Draw {what} by a model of your own, an ONNX file.

It runs only with `--allow-models`, in a separate process with limits on memory and time, by
onnxruntime where that is installed and otherwise by OpenCV. It takes display R'G'B' of {frames} and
gives the picture of {which}, at the same size; the meaning of its numbers is declared in the call
or in the file. docs/networks.md says what is checked, and what is trusted. Coverage stays.
"""


def _given(p: Mapping[str, Any]) -> Mapping[str, Any]:
    names = ("values", "order", "halo", "multiple", "memory", "seconds")
    return {"weights": p["src"], **{name: p[name] for name in names}}


def _declare(name: str, around: int, what: str, frames: str, which: str) -> Op:
    def body(
        m: Math,
        pixel: Pixel,
        filtered: Pixel,
        *,
        src: str = _SRC,
        amount: Scalar = _AMOUNT,
        values: str = _VALUES,
        order: str = _ORDER,
        halo: int = _HALO,
        multiple: int = _MULTIPLE,
        memory: int = _MEMORY,
        seconds: int = _SECONDS,
    ) -> Pixel:
        return pixel * (1.0 - amount) + filtered * amount

    body.__doc__ = _DOC.format(what=what, frames=frames, which=which)
    declare = stencil(
        name=name,
        use="Use a network that vedc does not have.",
        identity=facts.neutral(amount=0.0),
        filter=ForeignModel(name, (around, around)),
        arguments=_given,
    )
    return declare(body)


model = _declare("model", 0, "a frame", "a frame", "that frame")
model_3 = _declare(
    "model_3", 1, "frames with their neighbours", "a frame and its two neighbours", "the middle one"
)
model_5 = _declare(
    "model_5",
    2,
    "frames with their neighbours",
    "a frame and the two on each side",
    "the middle one",
)
