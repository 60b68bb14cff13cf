"""One kernel of a chain: a part of the graph as a pixel program."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, cast

from vedc import ops
from vedc.color import FORMATS, LAYER, OPAQUE_LAYER, Color, PixelFormat
from vedc.errors import InternalError
from vedc.expr import nodes
from vedc.expr.affine import compose, operations
from vedc.expr.derive import NO_STRETCH, footprint
from vedc.expr.intervals import ANYTHING, Interval
from vedc.expr.math import Pixel, Scalar, Tracer, Vec3, premultiply
from vedc.expr.nodes import Expr
from vedc.expr.picture import Edge, Picture, Pyramid, atlas
from vedc.expr.program import Leaf, Memo, Program, Table
from vedc.expr.rules import simplify
from vedc.expr.uniforms import hoist
from vedc.ir.graph import Node, walk
from vedc.ir.types import FETCHES, STRUCTURAL
from vedc.ops.core import call
from vedc.ops.shared import convert
from vedc.ops.shared.plane import cos_sin, unturned
from vedc.plan.chain import Fetch, Kernel, KernelParam, LayerRef, Optimised, Rect
from vedc.plan.fusion import memos, mip_select
from vedc.plan.fusion.collapse import bound, collapse
from vedc.plan.fusion.coordinates import CoordinateBinder
from vedc.plan.fusion.param_binder import ParamBinder, ReadTable


class LayerSource(Protocol):
    """The chain that a kernel belongs to, as the kernel sees it: what else is computed first."""

    read_table: ReadTable

    def known(self, node: Node) -> LayerRef | None:
        """A node's picture, if it is a layer already that costs less to read than to compute."""

    def layer(self, node: Node) -> LayerRef:
        """A node's picture."""

    def filtered(self, node: Node) -> LayerRef:
        """What the filter of a stencil makes of the picture below it."""

    def pyramid(self, node: Node, levels: int | None, edge: str) -> LayerRef:
        """A node's picture with smaller copies of itself."""


class KernelBuilder:
    """One kernel under construction, as large as the picture of ``root``."""

    def __init__(self, layers: LayerSource, root: Node) -> None:
        self.layers, self.root = layers, root
        self.own: Node | None = None
        """The node whose layer this is: it is computed here."""
        self.canvas = Rect(0, 0, root.type.width, root.type.height)
        self.math = Tracer(root.type.matrix)
        self.numbers = ParamBinder(self.math, layers.read_table)
        self.places = CoordinateBinder(self.math, self.numbers)
        self.inputs: list[Fetch | LayerRef] = []
        self.memos: list[tuple[int, Vec3]] = []
        self.pixels: dict[tuple[int, Rect], Pixel] = {}
        self.titles: list[str] = []
        self.regraded: set[int] | None = None
        """Nodes that no memo may hold; None where there are no memos at all."""

    # ------------------------------------------------------------ whole kernels

    def film(self) -> Kernel:
        root = self.root
        target = FORMATS[root.type.format]
        if target.depth == 8:
            self.regraded = memos.regraded(root)
        pixel = self.pixel(root.inputs[0], self.canvas)
        color = Color(root.type.primaries, root.type.transfer, root.type.matrix)
        color = color.with_(range=root.type.range)
        roots = convert.encode(
            self.math, pixel.rgb, target, color, pixel.a if target.alpha else None
        )
        held = [rgb for _, rgb in self.memos]
        choices = memos.remembered(self.math, held, roots, target, color) if held else ()
        return self.finished(roots, target, choices, dither=root.get("dither") is True)

    def layer(self, node: Node, alpha: bool, prepare: Node | None = None) -> Kernel:
        """The kernel of a node's picture; with ``prepare`` of what that stencil's filter takes."""
        self.own = node if prepare is None else None
        pixel = self.pixel(node, self.canvas)
        if prepare is not None:
            declared = ops.get(prepare.op)
            assert declared.prepare is not None
            given = self.given(prepare, self.canvas)
            pixel = declared.prepare(self.math, pixel, **given)
            self.titles.append(f"before_{prepare.op}")
        target = LAYER if alpha else OPAQUE_LAYER
        color = Color(node.type.primaries, node.type.transfer)
        roots = convert.encode(self.math, pixel.rgb, target, color, pixel.a if alpha else None)
        return self.finished(roots, target)

    def finished(
        self,
        roots: Sequence[Scalar],
        target: PixelFormat,
        choices: Iterable[tuple[list[Scalar], list[Scalar]]] = (),
        dither: bool = False,
    ) -> Kernel:
        """The kernel of some roots. ``choices``: what its memos may hold, and the roots then."""
        stages = [_composed(held, above) for held, above in choices or [([], list(roots))]]
        # The colours that a memo holds cost nothing once they are known.
        held, traced, ruled, rows = min(stages, key=lambda s: operations(s[-1][len(s[0]) :]))
        # Layers are looked at further down the chain, so they are held to what 12 bits hold.
        allowed = bound(12 if target.floating else target.depth)
        tabled = self.collapsed(rows[: len(held)], rows[len(held) :], allowed)
        exprs, uniforms = hoist(tabled)
        exprs = self.without_unread(exprs)
        remembered = tuple(
            Memo(leaf, (exprs[3 * i], exprs[3 * i + 1], exprs[3 * i + 2]))
            for i, (leaf, _) in enumerate(self.memos)
        )
        sampled = _sampled(exprs)
        program = Program(
            leaves=tuple(
                Leaf(
                    self.format_of(given), isinstance(given, LayerRef) or given.covers, i in sampled
                )
                for i, given in enumerate(self.inputs)
            ),
            tables=tuple(Table(c.dims, c.size) for c in self.numbers.cubes),
            memos=remembered,
            out=target,
            roots=tuple(exprs[len(held) :]),
            params=len(uniforms),
            dither=dither,
            title=" ".join(dict.fromkeys(self.titles)),
        )
        return Kernel(
            program,
            self.canvas.width,
            self.canvas.height,
            tuple(self.inputs),
            tuple(self.numbers.values),
            tuple(uniforms),
            tuple(self.numbers.tables),
            tuple(memos.inputs(memo) for memo in remembered),
            (
                Optimised("as written", operations(traced)),
                Optimised("rules", operations(ruled)),
                Optimised("affine rows", operations(rows)),
                Optimised("tables", operations(tabled)),
            ),
        )

    def without_unread(self, exprs: list[Expr]) -> list[Expr]:
        """Drop the inputs that the rules have left nothing of, and count leaves anew."""
        remembered = {leaf for leaf, _ in self.memos}
        read = (_leaf(e) for e in nodes.walk(exprs))
        used = sorted(remembered | {leaf for leaf in read if leaf is not None})
        if len(used) == len(self.inputs):
            return exprs
        places = {leaf: place for place, leaf in enumerate(used)}
        self.inputs = [self.inputs[leaf] for leaf in used]
        self.memos = [(places[leaf], rgb) for leaf, rgb in self.memos]
        done: dict[Expr, Expr] = {}
        for e in nodes.walk(exprs):
            leaf = _leaf(e)
            attr = e.attr
            if leaf is not None:
                attr = (places[leaf], attr[1]) if isinstance(attr, tuple) else places[leaf]
            done[e] = nodes.node(e.op, *(done[a] for a in e.args), attr=attr)
        return [done[e] for e in exprs]

    def collapsed(self, held: list[Expr], roots: list[Expr], allowed: float) -> list[Expr]:
        """The expressions with long chains as tables; a memo's run too seldom to gain by it."""

        def leaf(e: Expr) -> Interval:
            if e.op == "load" and isinstance(e.attr, tuple):
                format = self.format_of(self.inputs[e.attr[0]])
                return ANYTHING if format.floating else (0.0, float(format.peak))
            if e.op == "param" and isinstance(e.attr, int):
                value = still[e.attr]
                return ANYTHING if value is None else (value, value)
            return ANYTHING

        still = self.numbers.still()
        found = collapse(roots, leaf, still, lambda made: self.numbers.table(made).index, allowed)
        return [*held, *(roots if found == roots else simplify(found))]

    @staticmethod
    def format_of(given: Fetch | LayerRef) -> PixelFormat:
        if isinstance(given, LayerRef):
            return given.format
        node = given.node
        return FORMATS[node.type.format] if node.op == "source" else FORMATS["rgba"]

    # ------------------------------------------------------------ nodes

    def pixel(self, node: Node, rect: Rect) -> Pixel:
        """The node's picture, lying at ``rect``, as a premultiplied pixel."""
        key = (id(node), rect)
        if key not in self.pixels:
            made = self.layers.known(node) if node is not self.own else None
            if made is not None and rect == self.canvas:
                pixel = self.read(made)  # another step has computed it
            else:
                pixel = self.memoised(node, rect) or self.compute(node, rect)
            if node.type.opaque:  # known of the whole, where the parts only add up to it
                pixel = Pixel(pixel.rgb, self.math.number(1.0))
            self.pixels[key] = pixel
        return self.pixels[key]

    def compute(self, node: Node, rect: Rect) -> Pixel:
        op, inputs = node.op, node.inputs
        if op == "decode":
            return self.decoded(node, rect)
        if op in ("still", "title"):
            return convert.decode_rgba(self.math, self.leaf(node, rect))
        if op == "solid":
            return self.solid(node)
        if op == "place":
            return self.placed(node)
        if op == "affine":
            return self.affine(node, rect)
        if op == "over":
            backdrop, layer = (self.pixel(n, rect) for n in inputs)
            return layer + backdrop * (1.0 - layer.a)
        if op == "opacity":
            return self.pixel(inputs[0], rect) * self.numbers.number(node["value"])
        if op == "masked":
            return self.pixel(inputs[0], rect) * self.matte(inputs[1], rect)
        if op == "mixed":
            before, after = (self.pixel(n, rect) for n in inputs[:2])
            amount = self.matte(inputs[2], rect)
            return before * (1.0 - amount) + after * amount
        if op in STRUCTURAL:
            return call.on_color(self.math, self.pixel(inputs[0], rect), self.step(node))
        declared = ops.get(op)
        if declared.kind == "geometry":
            return self.mapped(node, rect)
        given = self.given(node, rect)
        # First, so that what it makes a layer of is not computed once more below.
        filtered = self.layers.filtered(node) if declared.filter else None
        own = () if declared.kind == "generator" else inputs[: declared.inputs]
        pictures = [
            self.seen(n, node, rect) if declared.samples else self.pixel(n, rect) for n in own
        ]
        if filtered is not None:
            pictures.append(self.read(filtered))
        self.titles.append(op)
        return call.pixel(declared, self.math, pictures, given)

    def matte(self, node: Node, rect: Rect) -> Scalar:
        """What a mask says about the pixel."""
        declared = ops.get(node.op)
        below = node.inputs[0]
        picture = self.seen(below, node, rect) if declared.samples else self.pixel(below, rect)
        given = self.given(node, rect) | {"invert": node.get("invert", False)}
        self.titles.append(node.op)
        return call.matte(declared, self.math, picture, given)

    def step(self, node: Node) -> Callable[[Vec3], Vec3]:
        """A structural change of colour."""
        given, math = node.inputs[0].type, self.math
        if node.op == "to_linear":
            return lambda rgb: convert.linearize(math, rgb, given.transfer)
        if node.op == "to_display":
            return lambda rgb: convert.delinearize(math, rgb, node.type.transfer)
        if node.op == "primaries":
            rows = convert.primaries_matrix(given.primaries, node.type.primaries)
            return lambda rgb: math.matrix(rows, rgb)
        if node.op == "relabel":
            return lambda rgb: rgb
        raise InternalError(f"{node.op} is not a change of colour")

    def memoised(self, node: Node, rect: Rect) -> Pixel | None:
        """The colour chain that ends here as a memo, where that pays and is exact enough."""
        if self.regraded is None or id(node) in self.regraded:
            return None
        found = memos.chain_of(node)
        if found is None:
            return None
        chain, below = found
        pixel = self.decoded(below, rect)
        rgb = pixel.rgb
        for step in reversed(chain):
            if step.op in STRUCTURAL:
                rgb = self.step(step)(rgb)
            else:
                rgb = ops.get(step.op).body(self.math, rgb, **self.given(step, rect))
                self.titles.append(step.op)
        if not any(e.op in memos.COSTLY and not e.uniform for e in nodes.walk(rgb.channels)):
            return Pixel(rgb, pixel.a)
        index = len(self.memos)
        self.memos.append((self.leaf(below.inputs[0], rect), rgb))
        return Pixel(Vec3(*(nodes.node("memo", attr=(index, c)) for c in range(3))), pixel.a)

    # ------------------------------------------------------------ whole pictures

    def seen(self, node: Node, by: Node, rect: Rect) -> Picture:
        """A node's picture as a layer that can be looked at anywhere, as its user counts."""
        made = self.layers.layer(node)
        left, top, width, height = self.places.origin(by, rect)
        leaf, here = self.input(made), self.read(made)
        return Picture(self.math, leaf, width, height, here, made.alpha, left, top)

    def read(self, made: LayerRef) -> Pixel:
        """A layer's own pixel."""
        return convert.decode(self.math, self.input(made), made.format, Color())

    def affine(self, node: Node, rect: Rect) -> Pixel:
        """A picture put on the canvas by a map, with the maps right below it: one sampling."""
        below, at, numbers = node.inputs[0], self.places.position(rect), self.numbers

        def pair(name: str) -> tuple[Scalar, Scalar]:
            value = node[name]
            assert isinstance(value, tuple)
            return numbers.uniform(KernelParam(value, 0)), numbers.uniform(KernelParam(value, 1))

        anchor, pivot, scale = pair("anchor"), pair("pivot"), pair("scale")
        across, down = at.x - pivot[0], at.y - pivot[1]
        rotation = node["rotation"]
        if isinstance(rotation, float):  # quarter turns are exact
            c, s = (numbers.number(part) for part in cos_sin(rotation))
            across, down = across * c + down * s, down * c - across * s
        else:
            across, down = unturned(self.math, across, down, numbers.number(rotation))
        x, y = anchor[0] + across / scale[0], anchor[1] + down / scale[1]
        given = Rect(0, 0, below.type.width, below.type.height)
        if self.composes(below):
            return self.mapped(below, given, (x, y))
        whole = (0.0, 0.0, float(given.width), float(given.height))
        return self.sampled(below, x, y, "clear", whole)

    def mapped(self, node: Node, rect: Rect, place: tuple[Scalar, Scalar] | None = None) -> Pixel:
        """A geometry op and those right below it: one sampling at the composed place.

        ``place`` is where another map looks at the op's picture, if that is not the pixel.
        """
        at = self.places.position(rect)
        x, y = place or (at.x, at.y)
        cover = None
        if place is not None:
            cover = self.places.covered(x, rect.width) * self.places.covered(y, rect.height)
        while True:
            declared, below = ops.get(node.op), node.inputs[0]
            found = declared.body(self.math, **self.given(node, rect, (x, y)))
            self.titles.append(node.op)
            left, top, width, height = bounds = self.places.origin(node, rect)
            edge, covered = node.text("edge"), self.places.covered
            if edge != "clear" and node.get("origin") is not None:  # it fills the item's frame
                inside = covered(x - left, width) * covered(y - top, height)
                cover = inside if cover is None else cover * inside
            x, y = found[0] + left, found[1] + top
            if not self.composes(below) or edge != "clear":
                break
            inside = covered(x, rect.width) * covered(y, rect.height)
            cover = inside if cover is None else cover * inside
            node = below
        pixel = self.sampled(below, x, y, edge, bounds)
        return pixel if cover is None else pixel * cover

    def sampled(
        self, below: Node, x: Scalar, y: Scalar, edge: str, bounds: tuple[float, ...]
    ) -> Pixel:
        """A picture at a place that a map gives, filtered where the map makes it smaller.

        An edge that is not clear lies around ``bounds``: left, top, width, height.
        """
        step = footprint(x, y)
        stretch = mip_select.minification(step, self.numbers.values)
        border = cast("Edge", edge)
        if stretch.most <= NO_STRETCH:
            made = self.layers.layer(below)
            if border == "clear":  # what runs over the item's edge is seen
                bounds = (0.0, 0.0, made.width, made.height)
            left, top, width, height = bounds
            leaf, here = self.input(made), self.read(made)
            picture = Picture(self.math, leaf, width, height, here, made.alpha, left, top)
            return picture.moved(x - left, y - top, step, edge=border)
        made = self.layers.pyramid(below, stretch.levels, edge)
        leaf = self.input(made)
        shape = atlas(below.type.height, below.type.width, stretch.levels)
        return Pyramid(self.math, leaf, shape, made.alpha, bounds).at(
            x, y, footprint=step, edge=border, probes=stretch.probes, sharp=stretch.least < 1.5
        )

    @staticmethod
    def composes(node: Node) -> bool:
        """Whether a node is a map alone, so that the place it maps to can be asked of it."""
        if node.op in STRUCTURAL:
            return False
        return ops.get(node.op).kind == "geometry" and not ops.get(node.op).pictures

    # ------------------------------------------------------------ inputs

    def leaf(self, node: Node, rect: Rect) -> int:
        covers = node.op != "title" and rect == self.canvas
        return self.input(Fetch(node, rect, covers))

    def input(self, given: Fetch | LayerRef) -> int:
        """The number of a leaf."""
        if given not in self.inputs:
            self.inputs.append(given)
        return self.inputs.index(given)

    def decoded(self, node: Node, rect: Rect) -> Pixel:
        source = node.inputs[0]
        given = source.type
        color = Color(given.primaries, given.transfer, given.matrix).with_(range=given.range)
        return convert.decode(self.math, self.leaf(source, rect), FORMATS[given.format], color)

    def solid(self, node: Node) -> Pixel:
        color = node["color"]
        assert isinstance(color, tuple)
        if color[3] == 0.0:
            zero = self.math.number(0.0)
            return Pixel(Vec3(zero, zero, zero), zero)
        r, g, b, a = (self.numbers.uniform(KernelParam(color, i)) for i in range(4))
        if color[3] == 1.0:
            a = self.math.number(1.0)
        return premultiply(Vec3(r, g, b), a)

    def placed(self, node: Node) -> Pixel:
        below = node.inputs[0]
        rect = Rect(node.integer("x"), node.integer("y"), below.type.width, below.type.height)
        pixel = self.pixel(below, rect)
        if node.type.opaque:
            return pixel
        fetched = next((n for n in walk(below) if n.op in FETCHES), None)
        if fetched is None:
            return pixel * self.places.inside(rect)
        # Outside its rectangle a leaf reads 0: no alpha, but a colour where it has no alpha.
        return pixel * nodes.cover(self.leaf(fetched, rect)) if below.type.opaque else pixel

    # ------------------------------------------------------------ parameters

    def given(
        self, node: Node, rect: Rect, place: tuple[Scalar, Scalar] | None = None
    ) -> dict[str, object]:
        """What an op's body is given by name."""
        declared = ops.get(node.op)
        pictures = iter(node.inputs[declared.inputs :])
        params = {
            p.name: self.pixel(next(pictures), rect)
            if p.kind == "picture"
            else self.numbers.argument(p, node[p.name])
            for p in declared.params
        }
        given = call.arguments(declared, params, self.places.scene(node, rect, place))
        if declared.kind == "transition":
            given["progress"] = self.numbers.number(node["progress"])
        return given


def _composed(
    held: list[Expr], roots: list[Expr]
) -> tuple[list[Expr], list[Expr], list[Expr], list[Expr]]:
    """``held``, and all of it as written, under the rules, and as affine rows."""
    traced = [*held, *roots]
    # Rules before and after: the first make chains affine, the second tidy their sums.
    ruled = simplify(traced)
    return held, traced, ruled, simplify(compose(ruled))


def _leaf(e: Expr) -> int | None:
    """The leaf that a node reads."""
    if e.op in ("load", "texel") and isinstance(e.attr, tuple):
        return e.attr[0]
    return e.attr if e.op == "cover" and isinstance(e.attr, int) else None


def _sampled(exprs: Iterable[Expr]) -> set[int]:
    """The leaves that are looked at away from the pixel."""
    return {e.attr[0] for e in nodes.walk(exprs) if e.op == "texel" and isinstance(e.attr, tuple)}
