"""The table of IR ops: what the compiler knows of each operation of the graph.

    source      a decoded, upright, scaled video stream            -> code
                (where its samples really have fewer bits than their format, that is ``depth``)
    still       an image file at its placed size                   -> display, alpha
                (where it has ``format``, samples of that              -> code)
                (both: where it has the parameter ``blur``, the picture covers its size,
                centred and cut, and is blurred; the standard deviation is ``blur`` times
                the shorter side; where it has ``crop``, that rectangle x, y, width, height of
                the file's picture as shown is all there is of it)
    title       rendered text                                      -> display, alpha
    captions    rendered captions, others from frame to frame      -> display, alpha
                (on its way in or out it has the parameters of animations, ``in_preset`` and so
                on, the item's length in ``frames``, and as ``clock`` the frame of the item at the
                piece's start)
    solid       one colour over the canvas                         -> display
    decode      samples to R'G'B'                             code -> display
    to_linear   undo the camera curve                      display -> linear
    to_display  apply the camera curve                      linear -> display
    primaries   change the colour primaries                 linear -> linear
    to_sdr      tone-map HDR into an SDR display's primaries       linear -> linear
    by_config   one of an OpenColorIO config, by ``id``    display <-> linear
    relabel     declare a display encoding equal to another    display -> display
    place       put on the canvas, transparent around      display -> display, alpha
    affine      put on the canvas, scaled, turned, moved   display -> display, alpha
                (the picture's point ``anchor`` lies at ``pivot`` of the canvas, both in pixels;
                ``scale`` is in canvas pixels for a picture pixel, ``rotation`` in degrees
                clockwise; the picture is sampled once, and it is transparent around it.
                Of an item that moves, ``anchor``, ``pivot``, ``rotation`` and ``zoom``, a factor
                on the scale, may be keyframes; ``offset``, in canvas pixels, adds to the pivot.
                With ``crop``, keyframes of a rectangle x, y, width, height of the picture, that
                is all there is of it: it is fitted into ``box`` by ``fit``, which multiplies the
                scale, and ``anchor`` is in fractions of it. A box that moves is ``box_width`` and
                ``box_height``, with a ``crop`` that may stand still: the rectangle is fitted into
                the middle of it, and ``anchor`` is in fractions of the box; without ``crop`` the
                box is one pixel of the picture. ``moved``, in canvas pixels times the smaller
                ``zoom``, moves all along the picture's own axes. ``edge`` is what lies beyond the
                picture's edge if that is not clear)
    opacity     scale colour and alpha                     display -> display, alpha
    over        source over backdrop                  2 x display* -> display*
    masked      scale colour and alpha by a matte     display*, matte -> display*, alpha
    mixed       the second picture where a matte is 1 2 x display*, matte -> display*
    box_matte   the part of each pixel within a box      display* -> matte
                (``box``: x, y, width, height in pixels of what ``affine`` put on the canvas, whose
                parameters it has, or of the picture itself without them. Lengths are in canvas
                pixels, times ``zoom`` if it is given: ``radius``, of the corners, is a pair of one
                and a share of the shorter side; ``inset`` makes the box smaller on every side,
                ``shift`` moves it, ``blur`` is twice the deviation of a Gaussian that softens it;
                ``invert`` gives what lies beyond)
    summed      the first picture, and ``weight`` times the second   2 x display -> display, alpha
    alpha_matte the alpha of each pixel                 display* -> matte
    encode      R'G'B' to samples                          display -> code
                (* or linear, all pictures alike)

These *structural* ops have an entry each in ``STRUCTURAL``. All others come from ``vedc.ops``,
and their entries follow from their declarations. The inputs of such a node are the pictures
that the op works on (of a generator: a clear one, which says how large to draw), then its
picture parameters. Besides the op's own parameters it may carry ``progress`` (transitions),
``bounds`` (the rectangle x, y, width, height that positions count from, where that is not the
whole picture) and ``clock`` with ``fps`` (the frame at the piece's start, for timed ops).

How ops are computed is in ``vedc.plan.fusion.emit``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, Literal

from vedc import ops
from vedc.edit.values import Keyframes
from vedc.ir import type_rules
from vedc.ir.type_rules import TypeRule
from vedc.ops.core.alpha import BlendFacts, blend_facts
from vedc.ops.core.filters import PYRAMID, Filter
from vedc.support.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from vedc.ir.graph import Node
    from vedc.ir.image import Param

Rule = Callable[["Node"], "Node"]
"""A replacement for a node; the node itself if nothing changes."""


def _unchanged(node: Node) -> Node:
    return node


def _never(node: Node) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class IrOp:
    arity: int
    type_rule: TypeRule
    fold: Rule = _unchanged
    """Computes constants."""
    simplify: Rule = _unchanged
    """Drops the op if it changes nothing."""
    cancel: Rule = _unchanged
    """Drops the op together with one below that it undoes."""
    is_clear: Callable[[Node], bool] = _never
    """Whether the picture is known to be fully transparent."""
    fetched: Literal["stream", "bitmap"] | None = None
    """For external pictures: one for each frame, or one for all of them."""
    sizes_itself: bool = False
    """Whether the size and position of a bitmap are known only after drawing."""
    direct: bool = False
    """Whether its pixels are read straight from a fetched picture."""
    recolors: bool = False
    """Whether it changes each pixel's colour regardless of where and when that is shown."""
    stretches: bool = False
    """Whether it may amplify tones, which shows the rounding of tones below."""
    spatial: bool = False
    """Whether it needs whole pictures in memory."""
    layered: bool = False
    """Whether its picture is always computed in a separate kernel."""
    ramps: bool = False
    """Whether it leaves smooth ramps, which show steps at 8 bits."""
    covers: bool = False
    """Whether its second picture hides the first where it is opaque."""
    filters: tuple[Filter, ...] = ()
    """Every filter that may take part in the result."""
    op: ops.Op | None = None
    """The declaration, unless the op is structural."""
    blend: BlendFacts | None = None

    def takes(self, params: Mapping[str, Param]) -> int:
        """The number of inputs with these parameters: without omitted pictures."""
        if self.op is None:
            return self.arity
        return self.arity - sum(params.get(p.name) == "" for p in self.op.pictures)


# ------------------------------------------------------------ rules of structural ops


def _solid_is_clear(node: Node) -> bool:
    color = node["color"]
    return isinstance(color, tuple) and color[3] == 0.0


def _input_is_clear(node: Node) -> bool:
    return clear(node.inputs[0])


def _opacity_is_clear(node: Node) -> bool:
    return node["value"] == 0.0 or clear(node.inputs[0])


def _fold_opacity(node: Node) -> Node:
    below, value = node.inputs[0], node["value"]
    if not isinstance(value, float):
        return node
    if below.op == "solid":
        color = below["color"]
        assert isinstance(color, tuple)
        return below.replace(params={"color": (*color[:3], color[3] * value)})
    inner = below.get("value") if below.op == "opacity" else None
    return (
        node.replace(below.inputs, {"value": inner * value}) if isinstance(inner, float) else node
    )


def _drop_full_opacity(node: Node) -> Node:
    return node.inputs[0] if node["value"] == 1.0 else node


def _drop_clear_layer(node: Node) -> Node:
    return node.inputs[0] if clear(node.inputs[1]) else node


def _drop_place_on_itself(node: Node) -> Node:
    picture = node.inputs[0].type
    whole = (picture.width, picture.height) == (node["width"], node["height"])
    return node.inputs[0] if whole and node["x"] == node["y"] == 0 else node


def _drop_mask_of_clear(node: Node) -> Node:
    return node.inputs[0] if clear(node.inputs[0]) else node


def _drop_mix(node: Node) -> Node:
    """A mix of equal pictures, and one that shows none of one of them."""
    before, after, matte = node.inputs
    if before is after:
        return before
    if matte.op == "uniform" and isinstance(amount := matte["amount"], (int, float)):
        amount = 1 - amount if matte["invert"] is True else amount
        if amount in (0, 1):
            return after if amount else before
    return node


def _cancel_to_linear(node: Node) -> Node:
    below = node.inputs[0]
    if below.op != "to_display":
        return node
    # The curve that is undone is the one just applied: `below`'s type names it.
    inner = below.inputs[0]
    return inner if inner.type.primaries == node.type.primaries else node


def _cancel_to_display(node: Node) -> Node:
    below = node.inputs[0]
    undone = below.op == "to_linear" and below.inputs[0].type == node.type
    return below.inputs[0] if undone else node


def _cancel_relabel(node: Node) -> Node:
    below = node.inputs[0]
    if below.op == "relabel":
        return _cancel_relabel(node.replace(below.inputs))
    return below if below.type == node.type else node


STRUCTURAL: Final[dict[str, IrOp]] = {
    "source": IrOp(0, type_rules.source, fetched="stream"),
    "still": IrOp(0, type_rules.bitmap, fetched="bitmap", direct=True),
    "title": IrOp(0, type_rules.bitmap, fetched="bitmap", direct=True, sizes_itself=True),
    "captions": IrOp(0, type_rules.bitmap, fetched="bitmap", direct=True, sizes_itself=True),
    "solid": IrOp(0, type_rules.drawn, is_clear=_solid_is_clear),
    "decode": IrOp(1, type_rules.decode, direct=True),
    "to_linear": IrOp(
        1, type_rules.to_linear, cancel=_cancel_to_linear, is_clear=_input_is_clear,
        recolors=True, stretches=True,
    ),
    "to_display": IrOp(
        1, type_rules.to_display, cancel=_cancel_to_display, recolors=True, stretches=True
    ),
    "primaries": IrOp(1, type_rules.primaries, recolors=True, stretches=True),
    "to_sdr": IrOp(1, type_rules.primaries, recolors=True, stretches=True),
    "by_config": IrOp(
        1, type_rules.by_config, is_clear=_input_is_clear, recolors=True, stretches=True
    ),
    "relabel": IrOp(
        1, type_rules.relabel, cancel=_cancel_relabel, recolors=True, stretches=True
    ),
    "place": IrOp(
        1, type_rules.place, simplify=_drop_place_on_itself, is_clear=_input_is_clear
    ),
    "affine": IrOp(1, type_rules.affine, filters=(PYRAMID,)),
    "opacity": IrOp(
        1, type_rules.opacity, fold=_fold_opacity, simplify=_drop_full_opacity,
        is_clear=_opacity_is_clear,
    ),
    "over": IrOp(2, type_rules.over, simplify=_drop_clear_layer, covers=True),
    "masked": IrOp(2, type_rules.masked, simplify=_drop_mask_of_clear, is_clear=_input_is_clear),
    "box_matte": IrOp(1, type_rules.matte),
    "alpha_matte": IrOp(1, type_rules.matte),
    "summed": IrOp(2, type_rules.summed, layered=True),
    "mixed": IrOp(3, type_rules.mixed, simplify=_drop_mix),
    "encode": IrOp(1, type_rules.encode),
}  # fmt: skip


# ------------------------------------------------------------ declared ops


def _simplify_change(node: Node) -> Node:
    params = dict(node.params)
    if any(isinstance(v, Keyframes) for v in params.values()):
        return node
    return node.inputs[0] if ops.get(node.op).identity(params) else node


def _simplify_blend(node: Node) -> Node:
    backdrop, layer = node.inputs[:2]
    blend = node.facts.blend
    unseen = clear(layer) and blend is not None and blend.keeps_backdrop
    return backdrop if unseen or ops.get(node.op).identity(dict(node.params)) else node


def _simplify_transition(node: Node) -> Node:
    left, right = node.inputs[:2]
    return left if left is right and clear(left) else node


def _cancel_inverse(node: Node) -> Node:
    below = node.inputs[0]
    inverse = ops.get(node.op).inverse
    if below.op != node.op or inverse is None:
        return node
    return below.inputs[0] if inverse(dict(below.params)) == dict(node.params) else node


_SIMPLIFY: Final[dict[ops.OpKind, Rule]] = {
    "blend": _simplify_blend,
    "transition": _simplify_transition,
    "generator": _unchanged,
    "mask": _unchanged,
}
_declared: Final[dict[str, IrOp]] = {}


def ir_op(name: str) -> IrOp:
    """The entry of an op. Raises KeyError for an unknown name."""
    found = STRUCTURAL.get(name)
    if found is not None:
        return found
    op = ops.get(name)
    found = _declared.get(name)
    if found is None or found.op is not op:  # another spec's plugin may declare the same name
        found = _declared[name] = _of_op(op)
    return found


def _of_op(op: ops.Op) -> IrOp:
    grade = op.kind == "grade"
    blend = blend_facts(op) if op.kind == "blend" else None
    return IrOp(
        op.inputs + len(op.pictures),
        type_rules.of_op(op, blend),
        simplify=_SIMPLIFY.get(op.kind, _simplify_change),
        cancel=_cancel_inverse,
        recolors=grade and not (op.positional or op.timed or op.pictures),
        # An op that depends on the position weights a picture spatially.
        stretches=op.kind not in ("transition", "blend") and not (grade and op.positional),
        spatial=op.spatial,
        ramps=op.ramps,
        covers=blend is not None and blend.covers,
        filters=op.filters,
        op=op,
        blend=blend,
    )


def clear(node: Node) -> bool:
    """Whether a picture is known to be fully transparent."""
    return node.facts.is_clear(node)
