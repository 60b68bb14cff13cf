"""Fusion: a piece's graph becomes a chain of pixel programs, usually a single one.

Everything in a graph is computed per pixel except pictures fetched from outside (a decoder's frame,
a still, a rendered title) and ops that sample whole pictures: a geometry op, a stencil, a
transition that moves its pictures. There fusion stops: the picture below is computed as a layer by
a separate kernel and read back. A piece whose picture passes through untouched is copied.

Parameters are uniforms: one kernel serves every clip with the same ops, and keyframed values cost
no compilation. Expressions of uniforms alone are computed once per frame, in float64, on the host.
The few values that make parts of an op vanish (constant 0 and 1) are literals of the program
instead. So clips whose grades differ only in numbers trace to the same expressions, which are
optimised once (``assemble``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from vedc.color import FORMATS, LAYER, Color
from vedc.errors import InternalError
from vedc.expr.picture import atlas
from vedc.ir.caption_text import decoded
from vedc.ir.graph import Node, rewrite, walk
from vedc.ir.image import Param
from vedc.ops.core.filters import PYRAMID
from vedc.plan.executable import (
    CaptionSource,
    ComputedPiece,
    CopiedPiece,
    ExecutablePiece,
    FetchRef,
    FilterStep,
    Kernel,
    LayerRef,
    Rect,
)
from vedc.plan.fusion import look_planes, plane_space
from vedc.plan.fusion.fetches import Fetches
from vedc.plan.fusion.kernel_builder import KernelBuilder
from vedc.plan.fusion.splits import splits
from vedc.plan.layers import allocate, fetches_read, layers_read
from vedc.plan.tables import ReadTable


def fuse(root: Node, read_table: ReadTable) -> ExecutablePiece:
    """Fuse an optimised graph."""
    return fuse_timed(root, read_table)[0]


def fuse_timed(root: Node, read_table: ReadTable) -> tuple[ExecutablePiece, tuple[Fraction, ...]]:
    """Fuse an optimised graph; also returns the start times of the piece's reads."""
    fusion = _Fusion(read_table)
    if root.facts.fetched == "stream":
        fusion.fetch(root, Rect(0, 0, root.type.width, root.type.height), covers=True)
        return CopiedPiece(*fusion.fetches.reads()), fusion.fetches.starts()
    if root.type.encoding != "code":
        raise InternalError(f"cannot fuse a graph that ends in {root.op}")
    return fusion.piece(root), fusion.fetches.starts()


class PieceFuser:
    """Fuses each distinct graph once: parts of one clip differ only in their times, and parts of a
    captioned film only in the captions' text."""

    def __init__(self, read_table: ReadTable) -> None:
        self.pieces: list[ExecutablePiece] = []
        self._read_table = read_table
        self._known: dict[Node, tuple[int, tuple[Fraction, ...]]] = {}
        self._fused: dict[Node, tuple[int, tuple[Fraction, ...]]] = {}

    def fuse(self, root: Node) -> tuple[int, tuple[Fraction, ...]]:
        """The piece's index in ``pieces``, and the source time at which each read starts."""
        if root not in self._fused:
            self._fused[root] = self._fuse(root)
        return self._fused[root]

    def _fuse(self, root: Node) -> tuple[int, tuple[Fraction, ...]]:
        times: dict[tuple[str, Fraction, Fraction], int] = {}
        captions: dict[str, int] = {}

        def without_time(node: Node) -> Node:
            if node.op == "captions":
                number = captions.setdefault(node.text("captions"), len(captions))
                return node.replace(params={"captions": "[]", "number": number})
            if node.facts.fetched != "stream":
                return node
            time = node.text("digest"), node.fraction("start"), node.fraction("step")
            number = times.setdefault(time, len(times))
            return node.replace(params={"start": Fraction(number)})

        timeless = rewrite(root, without_time)
        if timeless not in self._known:
            piece, numbers = fuse_timed(timeless, self._read_table)
            self._known[timeless] = len(self.pieces), numbers
            self.pieces.append(piece)
        index, numbers = self._known[timeless]
        if captions:
            texts = list(captions)
            self.pieces.append(_captioned(self.pieces[index], texts))
            index = len(self.pieces) - 1
        starts = [start for _, start, _ in times]
        return index, tuple(starts[int(number)] for number in numbers)


def _captioned(piece: ExecutablePiece, texts: list[str]) -> ExecutablePiece:
    """A piece that was fused without its captions, with them filled in."""
    assert isinstance(piece, ComputedPiece)
    fetches = (
        replace(fetch, source=CaptionSource(decoded(texts[source.number]), source.canvas))
        if isinstance(source := fetch.source, CaptionSource)
        else fetch
        for fetch in piece.fetches
    )
    return replace(piece, fetches=tuple(fetches))


class _Fusion:
    """The piece under construction. Layers are made once, however many steps read them."""

    def __init__(self, read_table: ReadTable) -> None:
        self.read_table = read_table
        self.steps: list[Kernel | FilterStep] = []
        self._layers: dict[tuple[int, str], LayerRef] = {}
        self.fetches = Fetches()
        self._splits: frozenset[int] = frozenset()
        self._film = LAYER
        """The format of the final picture."""

    def piece(self, root: Node) -> ComputedPiece:
        self._splits, self._film = splits(root), FORMATS[root.type.format]
        for node in walk(root):  # bottom-up, so that no kernel waits for a long chain of others
            if self.splits_at(node):
                self.layer(node)
        self.steps.append(KernelBuilder(self, root).film())
        needed = _needed(self.steps)
        step_numbers = {old: new for new, old in enumerate(needed)}
        read = [i for n in needed for i in fetches_read(self.steps[n])]
        fetch_numbers = self.fetches.keep(i.fetch for i in read)
        steps = tuple(_renumbered(self.steps[n], step_numbers, fetch_numbers) for n in needed)
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
        if node.facts.direct:  # decoded samples are smaller than a layer of them
            return None
        return self.layer(node) if self.splits_at(node) else self._layers.get((id(node), ""))

    def splits_at(self, node: Node) -> bool:
        return id(node) in self._splits

    def filtered(self, node: Node) -> LayerRef:
        """The result of an op's filter on the pictures below it."""
        op = node.facts.op
        assert op is not None and op.filter is not None
        samples = plane_space.samples_below(node, self._film)
        if samples is not None:
            return self.filtered_planes(node, samples)
        source = self.prepared(node) if op.prepare is not None else self.layer(node.inputs[0])
        params = tuple((p.name, node.get(p.name)) for p in op.params if p.kind != "picture")
        key = (id(node), "filtered")
        if key not in self._layers:
            bounds = node.get("bounds")
            assert bounds is None or isinstance(bounds, tuple)
            others = node.inputs[1 : op.inputs] if op.filter.several else ()
            layers = tuple(self.layer(n) for n in others)
            step = FilterStep(
                op.filter, source, source.width, source.height, node.op, params, bounds, layers
            )
            self._layers[key] = self._add(step, step.alpha)
        return self._layers[key]

    def filtered_planes(self, node: Node, samples: Node) -> LayerRef:
        """The same in plane space, on the decoded planes."""
        op = node.facts.op
        assert op is not None and op.filter is not None
        params = tuple((p.name, node.get(p.name)) for p in op.params)
        key = (id(node), "filtered")
        if key not in self._layers:
            size = node.type.width, node.type.height
            source = self.fetch(samples, Rect(0, 0, *size), covers=True)
            self.steps.append(FilterStep(op.filter, source, *size, node.op, params))
            means = source.format_name, plane_space.color_of(samples)
            self._layers[key] = LayerRef(len(self.steps) - 1, *size, False, *means)
        return self._layers[key]

    def pyramid(self, node: Node, levels: int | None, edge: str) -> LayerRef:
        """A node's picture with successively smaller copies."""
        source = self.layer(node)
        key = (id(node), f"pyramid {levels} {edge}")
        if key not in self._layers:
            rows, columns = atlas(source.height, source.width, levels).size
            params: tuple[tuple[str, Param], ...] = (("levels", levels), ("edge", edge))
            step = FilterStep(PYRAMID, source, columns, rows, params=params)
            self._layers[key] = self._add(step, source.alpha)
        return self._layers[key]

    def convertible(self, layer: LayerRef) -> bool:
        """Whether no step reads a layer so far, and ``in_planes`` can make it."""
        if layer.alpha or any(layer in layers_read(step) for step in self.steps):
            return False
        step = self.steps[layer.step]
        if isinstance(step, FilterStep) and step.filter is PYRAMID:
            assert isinstance(step.source, LayerRef)
            step = self.steps[step.source.step]
        return isinstance(step, Kernel)

    def in_planes(self, layer: LayerRef, color: Color) -> LayerRef:
        """An opaque layer as Y'CbCr instead of R'G'B'."""
        step = self.steps[layer.step]
        if isinstance(step, Kernel):
            return self._add(look_planes.in_planes(step, color), alpha=False)
        assert isinstance(step.source, LayerRef)
        return self._add(replace(step, source=self.in_planes(step.source, color)), alpha=False)

    def prepared(self, node: Node) -> LayerRef:
        """The input of a stencil's filter, if it is not the picture itself."""
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


def _needed(steps: list[Kernel | FilterStep]) -> list[int]:
    """The steps that the last one depends on: a blend may have hidden some that were made for
    it."""
    used = {len(steps) - 1}
    for index in reversed(range(len(steps))):
        if index in used:
            used.update(layer.step for layer in layers_read(steps[index]))
    return sorted(used)


def _renumbered(
    step: Kernel | FilterStep, steps: Mapping[int, int], fetches: Mapping[int, int]
) -> Kernel | FilterStep:
    """A step with its references to steps and fetches renumbered."""
    if isinstance(step, FilterStep):
        others = tuple(replace(layer, step=steps[layer.step]) for layer in step.others)
        source = step.source
        if isinstance(source, FetchRef):
            return replace(step, source=replace(source, fetch=fetches[source.fetch]))
        source = replace(source, step=steps[source.step])
        return replace(step, source=source, others=others)
    inputs = (
        replace(i, fetch=fetches[i.fetch])
        if isinstance(i, FetchRef)
        else replace(i, step=steps[i.step])
        for i in step.inputs
    )
    return replace(step, inputs=tuple(inputs))
