"""Fusion: one piece's graph becomes a chain of pixel programs, mostly of one.

Everything in a graph is computed per pixel except what must be fetched from outside (a
decoder's frame, a still, a set title) and what looks at whole pictures: a geometry op, a
stencil, a transition that moves its pictures. Those make fusion stop: the picture below is
computed as a layer, in a kernel of its own, and read from there. A piece whose picture goes
through untouched is a plain copy.

Numbers of ops are uniforms: the same kernel serves every clip with the same ops, and a
keyframed value costs nothing to compile. What depends on uniforms alone is computed once a
frame, in float64, on the host. The few values that make parts of an op vanish (0 and 1, where
they do not move) are literals of the program instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from vedc.errors import InternalError
from vedc.expr.picture import atlas
from vedc.ir.graph import Node, rewrite, walk
from vedc.ir.image import Param
from vedc.ops.core.filters import PYRAMID
from vedc.plan.executable import (
    ComputedPiece,
    CopiedPiece,
    ExecutablePiece,
    FetchRef,
    FilterStep,
    Kernel,
    LayerRef,
    Rect,
)
from vedc.plan.fusion.fetches import Fetches
from vedc.plan.fusion.kernel_builder import KernelBuilder
from vedc.plan.layers import allocate, layers_read
from vedc.plan.tables import ReadTable


def fuse(root: Node, read_table: ReadTable) -> ExecutablePiece:
    """Fuse an optimised graph."""
    return fuse_timed(root, read_table)[0]


def fuse_timed(root: Node, read_table: ReadTable) -> tuple[ExecutablePiece, tuple[Fraction, ...]]:
    """Fuse an optimised graph; gives the start times of the piece's reads too."""
    fusion = _Fusion(read_table)
    if root.facts.fetched == "stream":
        fusion.fetch(root, Rect(0, 0, root.type.width, root.type.height), covers=True)
        return CopiedPiece(*fusion.fetches.reads()), fusion.fetches.starts()
    if root.type.encoding != "code":
        raise InternalError(f"cannot fuse a graph that ends in {root.op}")
    return fusion.piece(root), fusion.fetches.starts()


class PieceFuser:
    """Fuses each distinct graph once. Parts of one clip differ in their times alone."""

    def __init__(self, read_table: ReadTable) -> None:
        self.pieces: list[ExecutablePiece] = []
        self._read_table = read_table
        self._known: dict[Node, tuple[int, tuple[Fraction, ...]]] = {}

    def fuse(self, root: Node) -> tuple[int, tuple[Fraction, ...]]:
        """The piece's place in ``pieces``, and the source time at which each read starts."""
        times: dict[tuple[str, Fraction, Fraction], int] = {}

        def without_time(node: Node) -> Node:
            if node.facts.fetched != "stream":
                return node
            time = node.text("digest"), node.fraction("start"), node.fraction("step")
            place = times.setdefault(time, len(times))
            return node.replace(params={"start": Fraction(place)})

        timeless = rewrite(root, without_time)
        if timeless not in self._known:
            piece, places = fuse_timed(timeless, self._read_table)
            self._known[timeless] = len(self.pieces), places
            self.pieces.append(piece)
        index, places = self._known[timeless]
        starts = [start for _, start, _ in times]
        return index, tuple(starts[int(place)] for place in places)


class _Fusion:
    """The piece under construction. Layers are made once, however many steps read them."""

    def __init__(self, read_table: ReadTable) -> None:
        self.read_table = read_table
        self.steps: list[Kernel | FilterStep] = []
        self._layers: dict[tuple[int, str], LayerRef] = {}
        self.fetches = Fetches()

    def piece(self, root: Node) -> ComputedPiece:
        self.steps.append(KernelBuilder(self, root).film())
        steps = _needed(self.steps)
        used = [i for s in steps if isinstance(s, Kernel) for i in s.inputs]
        places = self.fetches.keep(i.fetch for i in used if isinstance(i, FetchRef))
        steps = tuple(_with_fetches(step, places) for step in steps)
        layers, buffers = allocate(steps, self.fetches.fetches)
        fetches, reads = tuple(self.fetches.fetches), self.fetches.reads()
        return ComputedPiece(fetches, reads, steps, layers, buffers)

    def fetch(self, node: Node, rect: Rect, covers: bool) -> FetchRef:
        """A picture from outside."""
        return self.fetches.fetch(node, rect, covers)

    def layer(self, node: Node) -> LayerRef:
        """A node's picture as a layer."""
        key = (id(node), "")
        if key not in self._layers:
            alpha = not node.type.opaque
            kernel = KernelBuilder(self, node).layer(node, alpha)
            self._layers[key] = self._add(kernel, alpha)
        return self._layers[key]

    def known(self, node: Node) -> LayerRef | None:
        # Samples as they are decoded are smaller than the layer of them.
        return None if node.facts.direct else self._layers.get((id(node), ""))

    def filtered(self, node: Node) -> LayerRef:
        """What the filter of a stencil makes of the picture below it."""
        op = node.facts.op
        assert op is not None and op.filter is not None
        source = self.prepared(node) if op.prepare is not None else self.layer(node.inputs[0])
        params = tuple((p.name, node.get(p.name)) for p in op.params if p.kind != "picture")
        key = (id(node), "filtered")
        if key not in self._layers:
            origin = node.get("origin")
            assert origin is None or isinstance(origin, tuple)
            step = FilterStep(
                op.filter, source, source.width, source.height, node.op, params, origin
            )
            self._layers[key] = self._add(step, source.alpha)
        return self._layers[key]

    def pyramid(self, node: Node, levels: int | None, edge: str) -> LayerRef:
        """A node's picture with smaller copies of itself."""
        source = self.layer(node)
        key = (id(node), f"pyramid {levels} {edge}")
        if key not in self._layers:
            rows, columns = atlas(source.height, source.width, levels).size
            params: tuple[tuple[str, Param], ...] = (("levels", levels), ("edge", edge))
            step = FilterStep(PYRAMID, source, columns, rows, params=params)
            self._layers[key] = self._add(step, source.alpha)
        return self._layers[key]

    def prepared(self, node: Node) -> LayerRef:
        """What a stencil's filter runs on, where that is not the picture itself."""
        key = (id(node), "prepared")
        if key not in self._layers:
            if any(below.facts.spatial for below in walk(node.inputs[0])):
                self.layer(node.inputs[0])  # expensive: computed once, for this and later kernels
            kernel = KernelBuilder(self, node).layer(node.inputs[0], True, prepare=node)
            self._layers[key] = self._add(kernel, True)
        return self._layers[key]

    def _add(self, step: Kernel | FilterStep, alpha: bool) -> LayerRef:
        self.steps.append(step)
        return LayerRef(len(self.steps) - 1, step.width, step.height, alpha)


def _needed(steps: list[Kernel | FilterStep]) -> tuple[Kernel | FilterStep, ...]:
    """The steps that the last one stands on: a blend may have hidden what was made for it."""
    used = {len(steps) - 1}
    for index in reversed(range(len(steps))):
        if index in used:
            used.update(made.step for made in layers_read(steps[index]))
    places = {index: place for place, index in enumerate(sorted(used))}

    def moved(made: LayerRef) -> LayerRef:
        return replace(made, step=places[made.step])

    def placed(step: Kernel | FilterStep) -> Kernel | FilterStep:
        if isinstance(step, FilterStep):
            return replace(step, source=moved(step.source))
        inputs = tuple(moved(i) if isinstance(i, LayerRef) else i for i in step.inputs)
        return replace(step, inputs=inputs)

    return tuple(placed(steps[index]) for index in places)


def _with_fetches(step: Kernel | FilterStep, places: Mapping[int, int]) -> Kernel | FilterStep:
    """The step with its fetches counted anew."""
    if isinstance(step, FilterStep):
        return step
    inputs = (
        replace(i, fetch=places[i.fetch]) if isinstance(i, FetchRef) else i for i in step.inputs
    )
    return replace(step, inputs=tuple(inputs))
