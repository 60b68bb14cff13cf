"""The input and output of a user's model: declared by the call or the file, and checked.

A file declares them in its metadata: ``vedc.values``, ``vedc.order``, ``vedc.halo``,
``vedc.multiple`` and ``vedc.window``. The call of the op takes precedence. Whether channels come
second or last follows from the shape of the input.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from vedc.nn.foreign.onnx_facts import FLOAT32, OnnxFacts, Tensor, refuse

#: How 0..1 of a picture is mapped: factor and offset.
VALUES: Final[Mapping[str, tuple[float, float]]] = {
    "unit": (1.0, 0.0),
    "byte": (255.0, 0.0),
    "signed": (2.0, -1.0),
}
#: The number of frames in the window of each op.
FRAMES_OF: Final[Mapping[str, int]] = {"model": 1, "model_3": 3, "model_5": 5}
ORDERS: Final = ("rgb", "bgr")
#: A value of a call that defers to the file.
DECLARED: Final = "declared"
_MOST_HALO, _MOST_MULTIPLE = 1024, 512


@dataclass(frozen=True, slots=True)
class Contract:
    """How a model is run on pictures."""

    frames: int
    values: str
    order: str
    last: bool
    """Whether channels are the last axis of its input and output, not the second."""
    halo: int | None
    """How many pixels of the input, to either side, a pixel of the result depends on; None if
    unknown: pictures are then not tiled."""
    multiple: int
    side: tuple[int, int] | None
    """Rows and columns of its input, if they are fixed."""


def contract(facts: OnnxFacts, frames: int, given: Mapping[str, object]) -> Contract:
    """How a call runs a file on windows of ``frames``.

    ``given`` are the op's parameters set by the call. Raises UserError ``bad-model``.
    """
    values = _word(facts, given, "values", tuple(VALUES), "unit")
    order = _word(facts, given, "order", ORDERS, "rgb")
    halo = _number(facts, given, "halo", -1, _MOST_HALO)
    multiple = _number(facts, given, "multiple", 0, _MOST_MULTIPLE) or 1
    said = facts.notes.get("vedc.window", str(frames))
    if said != str(frames):
        ops = {str(n): op for op, n in FRAMES_OF.items()}
        cure = f"write op: {ops[said]}" if said in ops else "windows of 1, 3 and 5 frames are run"
        refuse(facts.path, f"it is made for windows of {said[:20]} frames, not {frames}", cure)
    if len(facts.inputs) != 1 or len(facts.outputs) != 1:
        have = f"{len(facts.inputs)} inputs and {len(facts.outputs)} outputs"
        cure = "export it with one picture in and one out; constants are no inputs"
        refuse(facts.path, f"it has {have}; it must have one of each", cure)
    taken, made = facts.inputs[0], facts.outputs[0]
    for what, tensor in (("input", taken), ("output", made)):
        if tensor.type != FLOAT32:
            refuse(facts.path, f"its {what} is not of float32", "export it with float32 in and out")
        if len(tensor.sides) != 4 or tensor.sides[0] not in (1, None):
            forms = "(1, channels, h, w) or (1, h, w, channels)"
            why = f"its {what} is {_shape(tensor)}; it must be {forms}"
            refuse(facts.path, why, "export it for one picture with four axes")
    channels = 3 * frames
    last = taken.sides[1] != channels and taken.sides[3] == channels
    if not last and taken.sides[1] != channels:
        why = f"its input is {_shape(taken)}; {frames} frames of R, G and B are {channels} channels"
        refuse(facts.path, why, "models of other inputs are not run")
    out = made.sides[3] if last else made.sides[1]
    if out not in (3, None):
        refuse(facts.path, f"it gives {out} channels, not the 3 of a colour picture")
    rows, columns = taken.sides[1:3] if last else taken.sides[2:4]
    if (rows is None) != (columns is None):
        refuse(facts.path, f"its input is {_shape(taken)}: one side varies and the other does not")
    side = None if rows is None or columns is None else (rows, columns)
    if side is not None and max(side) > 16384:
        refuse(facts.path, f"its input is {_shape(taken)}, larger than any picture")
    if side is not None and halo >= 0 and min(side) <= 2 * halo:
        refuse(
            facts.path, f"its input of {side[1]}x{side[0]} is no larger than twice its halo {halo}"
        )
    if side is not None:  # all tiles have that size, so no other multiple is needed
        multiple = 1
    return Contract(frames, values, order, last, None if halo < 0 else halo, multiple, side)


def _shape(tensor: Tensor) -> str:
    return f"({', '.join('?' if side is None else str(side) for side in tensor.sides)})"


def _word(
    facts: OnnxFacts, given: Mapping[str, object], name: str, words: tuple[str, ...], default: str
) -> str:
    asked = given.get(name, DECLARED)
    if asked != DECLARED:
        return str(asked)
    said = facts.notes.get(f"vedc.{name}", default)
    if said not in words:
        cure = f"write {name}: {words[0]} in the call"
        refuse(
            facts.path,
            f"its metadata says vedc.{name}: {said[:40]!r}; {', '.join(words)} are known",
            cure,
        )
    return said


def _number(
    facts: OnnxFacts, given: Mapping[str, object], name: str, unsaid: int, most: int
) -> int:
    asked = given.get(name, unsaid)
    if isinstance(asked, int) and asked != unsaid:
        return asked
    said = facts.notes.get(f"vedc.{name}")
    if said is None:
        return unsaid
    if not (said.isascii() and said.isdigit() and len(said) < 6 and int(said) <= most):
        why = f"its metadata says vedc.{name}: {said[:40]!r}, which is not a number to {most}"
        refuse(facts.path, why, f"write {name}: in the call")
    return int(said)
