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

from dataclasses import replace

from vedc.errors import InternalError
from vedc.expr.picture import atlas
from vedc.ir.graph import Node, walk
from vedc.ir.image import Param
from vedc.ops.core.filters import PYRAMID
from vedc.plan.chain import Chain, Copy, Fetch, FilterStep, Kernel, LayerRef, Rect
from vedc.plan.fusion.kernel_builder import KernelBuilder
from vedc.plan.fusion.param_binder import ReadTable


def fuse(root: Node, read_table: ReadTable) -> Chain | Copy:
    """Fuse an optimised graph."""
    if root.facts.fetched == "stream":
        return Copy(Fetch(root, Rect(0, 0, root.type.width, root.type.height), covers=True))
    if root.type.encoding != "code":
        raise InternalError(f"cannot fuse a graph that ends in {root.op}")
    return _Fusion(read_table).chain(root)


class _Fusion:
    """The chain under construction. Layers are made once, however many steps read them."""

    def __init__(self, read_table: ReadTable) -> None:
        self.read_table = read_table
        self.steps: list[Kernel | FilterStep] = []
        self._layers: dict[tuple[int, str], LayerRef] = {}

    def chain(self, root: Node) -> Chain:
        self.steps.append(KernelBuilder(self, root).film())
        return Chain(_needed(self.steps))

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
            used.update(made.step for made in _read(steps[index]))
    places = {index: place for place, index in enumerate(sorted(used))}

    def moved(made: LayerRef) -> LayerRef:
        return replace(made, step=places[made.step])

    def placed(step: Kernel | FilterStep) -> Kernel | FilterStep:
        if isinstance(step, FilterStep):
            return replace(step, source=moved(step.source))
        inputs = tuple(moved(i) if isinstance(i, LayerRef) else i for i in step.inputs)
        return replace(step, inputs=inputs)

    return tuple(placed(steps[index]) for index in places)


def _read(step: Kernel | FilterStep) -> tuple[LayerRef, ...]:
    if isinstance(step, FilterStep):
        return (step.source,)
    return tuple(i for i in step.inputs if isinstance(i, LayerRef))
