"""Fusion: one piece's graph becomes one pixel program and a list of what it reads.

Everything in a graph is computed per pixel except what must be fetched from outside (a
decoder's frame, a still, a set title). So a piece is one kernel over the planes of its
leaves, or, where its picture goes through untouched, a plain copy.

Numbers of ops are uniforms: the same kernel serves every clip with the same ops, and a
keyframed value costs nothing to compile. What depends on uniforms alone is computed once a
frame, in float64, on the host.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from vedc import ops
from vedc.color import FORMATS, Color, PixelFormat
from vedc.errors import InternalError
from vedc.expr import nodes
from vedc.expr.affine import compose
from vedc.expr.math import Lut, Pixel, Position, Scalar, Tracer, Vec3, premultiply, unpremultiply
from vedc.expr.nodes import Expr
from vedc.expr.program import Leaf, Memo, Program, Table
from vedc.expr.rules import simplify
from vedc.expr.uniforms import hoist
from vedc.ir.graph import Node, walk
from vedc.ir.image import Param
from vedc.ir.types import FETCHES, STRUCTURAL
from vedc.ops import convert
from vedc.ops.cube import Cube
from vedc.spec.easing import evaluate
from vedc.spec.model import Keyframes


@dataclass(frozen=True, slots=True)
class Rect:
    """Where a picture lies on the canvas, in canvas pixels."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Fetch:
    """An input of the kernel: what to fetch, and where it lies.

    A title's place is known only when it is set, so its ``rect`` is the canvas.
    """

    node: Node
    rect: Rect
    covers: bool


@dataclass(frozen=True, slots=True)
class Value:
    """One uniform number of the graph: channel ``channel`` of a parameter."""

    param: float | tuple[float, ...] | Keyframes
    channel: int | None = None

    def at(self, frame: int) -> float:
        """The number at a frame of the piece."""
        value = evaluate(self.param, frame) if isinstance(self.param, Keyframes) else self.param
        if isinstance(value, tuple):
            assert self.channel is not None
            return value[self.channel]
        return value


@dataclass(frozen=True, slots=True)
class MemoInputs:
    """What a memo's entries depend on besides the program, as indices of the kernel's.

    None of these parameters moves within the piece.
    """

    params: tuple[int, ...]
    tables: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Kernel:
    """A piece that is computed."""

    program: Program
    fetches: tuple[Fetch, ...]
    values: tuple[Value, ...]
    """Numbers of the graph, evaluated for each frame ..."""
    uniforms: tuple[Expr, ...]
    """... and what is computed of them on the host: the program's parameters."""
    tables: tuple[str, ...]
    """Digests of the lookup tables."""
    memos: tuple[MemoInputs, ...]


@dataclass(frozen=True, slots=True)
class Copy:
    """A piece whose decoded samples are the encoder's input."""

    fetch: Fetch


def fuse(root: Node, read_table: Callable[[str], Cube]) -> Kernel | Copy:
    """Fuse an optimised graph. ``read_table`` gives the lookup table of a digest."""
    if root.op == "source":
        return Copy(Fetch(root, Rect(0, 0, root.type.width, root.type.height), covers=True))
    return _Fusion(root, read_table).kernel()


#: Ops of the graph that a memo may hold: colour to colour, wherever the pixel lies.
_COLOR_STEPS = frozenset({"to_linear", "to_display", "primaries", "relabel"})
#: Opcodes that make a chain worth remembering: cheaper ones are faster than the table.
_COSTLY = frozenset({"pow", "log2", "exp2", "lut3d", "lut1d"})


class _Fusion:
    def __init__(self, root: Node, read_table: Callable[[str], Cube]) -> None:
        self.root, self.read_table = root, read_table
        self.canvas = Rect(0, 0, root.type.width, root.type.height)
        self.math = Tracer(root.type.matrix)
        self.fetches: list[Fetch] = []
        self.values: list[Value] = []
        self.tables: list[str] = []
        self.cubes: list[Cube] = []
        self.memos: list[tuple[int, Vec3]] = []
        self.pixels: dict[tuple[int, Rect], Pixel] = {}
        self.titles: list[str] = []
        self.regraded = _regraded(root)

    def kernel(self) -> Kernel:
        root = self.root
        if root.op != "encode":
            raise InternalError(f"cannot fuse a graph that ends in {root.op}")
        target = FORMATS[root.type.format]
        pixel = self.pixel(root.inputs[0], self.canvas)
        color = Color(root.type.primaries, root.type.transfer, root.type.matrix)
        color = color.with_(range=root.type.range)
        roots = convert.encode(
            self.math, pixel.rgb, target, color, pixel.a if target.alpha else None
        )
        # Rules before and after: the first make chains affine, the second tidy their sums.
        held = [c for _, rgb in self.memos for c in rgb.channels]
        exprs = simplify(compose(simplify([*held, *roots])))
        exprs, uniforms = hoist(exprs)
        split = len(held)
        memos = tuple(
            Memo(leaf, (exprs[3 * i], exprs[3 * i + 1], exprs[3 * i + 2]))
            for i, (leaf, _) in enumerate(self.memos)
        )
        program = Program(
            leaves=tuple(Leaf(self.leaf_format(f.node), f.covers) for f in self.fetches),
            tables=tuple(Table(c.dims, c.size) for c in self.cubes),
            memos=memos,
            out=target,
            roots=tuple(exprs[split:]),
            params=len(uniforms),
            title=" ".join(dict.fromkeys(self.titles)),
        )
        return Kernel(
            program,
            tuple(self.fetches),
            tuple(self.values),
            tuple(uniforms),
            tuple(self.tables),
            tuple(_inputs(memo) for memo in memos),
        )

    @staticmethod
    def leaf_format(node: Node) -> PixelFormat:
        return FORMATS[node.type.format] if node.op == "source" else FORMATS["rgba"]

    def pixel(self, node: Node, rect: Rect) -> Pixel:
        """The node's picture, lying at ``rect``, as a premultiplied pixel."""
        key = (id(node), rect)
        if key not in self.pixels:
            pixel = self.memoised(node, rect) or self.compute(node, rect)
            if node.type.opaque:  # known of the whole, where the parts only add up to it
                pixel = Pixel(pixel.rgb, self.math.number(1.0))
            self.pixels[key] = pixel
        return self.pixels[key]

    def compute(self, node: Node, rect: Rect) -> Pixel:
        op = node.op
        if op == "decode":
            return self.decoded(node, rect)
        if op in ("still", "title"):
            return convert.decode_rgba(self.math, self.leaf(node, rect))
        if op == "solid":
            return self.solid(node)
        if op == "place":
            return self.placed(node)
        if op == "over":
            backdrop, layer = (self.pixel(n, rect) for n in node.inputs)
            blended: Pixel = ops.get("normal").body(self.math, backdrop, layer)
            return blended
        if op == "opacity":
            return self.pixel(node.inputs[0], rect) * self.number(node["value"])
        if op in STRUCTURAL:
            return self.on_color(self.pixel(node.inputs[0], rect), self.step(node))
        self.titles.append(op)
        declared = ops.get(op)
        if declared.kind == "transition":
            left, right = (self.pixel(n, rect) for n in node.inputs)
            params = dict(self.arguments(node))
            progress = params.pop("progress")
            if declared.positional:
                params["at"] = self.position(rect)
            crossed: Pixel = declared.body(self.math, left, right, progress, **params)
            return crossed
        return self.on_color(self.pixel(node.inputs[0], rect), self.grade(node, rect))

    def on_color(self, pixel: Pixel, change: Callable[[Vec3], Vec3]) -> Pixel:
        """Apply a change of colour to a premultiplied pixel."""
        if pixel.a is self.math.number(1.0):
            return Pixel(change(pixel.rgb), pixel.a)
        return premultiply(change(unpremultiply(self.math, pixel)), pixel.a)

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

    def grade(self, node: Node, rect: Rect) -> Callable[[Vec3], Vec3]:
        declared = ops.get(node.op)
        params = self.arguments(node)
        if declared.positional:
            params["at"] = self.position(rect)

        def change(rgb: Vec3) -> Vec3:
            graded: Vec3 = declared.body(self.math, rgb, **params)
            return graded

        return change

    def position(self, rect: Rect) -> Position:
        x, y = nodes.node("x"), nodes.node("y")
        return Position(
            x - float(rect.x), y - float(rect.y),
            self.math.number(float(rect.width)), self.math.number(float(rect.height)),
        )  # fmt: skip

    def leaf(self, node: Node, rect: Rect) -> int:
        covers = node.op != "title" and rect == self.canvas
        fetch = Fetch(node, rect, covers)
        if fetch not in self.fetches:
            self.fetches.append(fetch)
        return self.fetches.index(fetch)

    def decoded(self, node: Node, rect: Rect) -> Pixel:
        source = node.inputs[0]
        given = source.type
        color = Color(given.primaries, given.transfer, given.matrix).with_(range=given.range)
        return convert.decode(self.math, self.leaf(source, rect), FORMATS[given.format], color)

    def solid(self, node: Node) -> Pixel:
        color = node["color"]
        assert isinstance(color, tuple)
        r, g, b, a = (self.uniform(Value(color, i)) for i in range(4))
        if color[3] == 1.0:
            a = self.math.number(1.0)
        elif color[3] == 0.0:
            zero = self.math.number(0.0)
            return Pixel(Vec3(zero, zero, zero), zero)
        return premultiply(Vec3(r, g, b), a)

    def placed(self, node: Node) -> Pixel:
        below = node.inputs[0]
        rect = Rect(node.integer("x"), node.integer("y"), below.type.width, below.type.height)
        pixel = self.pixel(below, rect)
        if node.type.opaque:
            return pixel
        fetched = next((n for n in walk(below) if n.op in FETCHES), None)
        if fetched is None:
            return pixel * self.inside(rect)
        # Outside its rectangle a leaf reads 0: no alpha, but a colour where it has no alpha.
        return pixel * nodes.cover(self.leaf(fetched, rect)) if below.type.opaque else pixel

    def inside(self, rect: Rect) -> Scalar:
        """1 within the rectangle, 0 outside, from the pixel's own position."""
        at = self.position(rect)
        math = self.math
        along = [
            math.select(c > 0.0, math.select(c < size, 1.0, 0.0), 0.0)
            for c, size in ((at.x, at.width), (at.y, at.height))
        ]
        return along[0] * along[1]

    def memoised(self, node: Node, rect: Rect) -> Pixel | None:
        """The colour chain that ends here as a memo, where that pays and is exact enough."""
        # A memo holds ten bits: enough for eight display-encoded ones, too few for ten, for the
        # dark end of linear light, or to be pushed apart by one more grade.
        if FORMATS[self.root.type.format].depth > 8 or node.type.encoding != "display":
            return None
        if id(node) in self.regraded:
            return None
        chain, below = [], node
        while below.op in _COLOR_STEPS or _plain_grade(below):
            chain.append(below)
            below = below.inputs[0]
        if not chain or below.op != "decode":
            return None
        given = below.inputs[0].type
        format = FORMATS[given.format]
        if format.layout != "yuv" or format.depth != 8 or format.alpha:
            return None
        pixel = self.decoded(below, rect)
        rgb = pixel.rgb
        for step in reversed(chain):
            change = self.step(step) if step.op in STRUCTURAL else self.grade(step, rect)
            rgb = change(rgb)
            if step.op not in STRUCTURAL:
                self.titles.append(step.op)
        if not any(e.op in _COSTLY and not e.uniform for e in nodes.walk(rgb.channels)):
            return Pixel(rgb, pixel.a)
        index = len(self.memos)
        leaf = self.leaf(below.inputs[0], rect)
        self.memos.append((leaf, rgb))
        return Pixel(Vec3(*(nodes.node("memo", attr=(index, c)) for c in range(3))), pixel.a)

    def arguments(self, node: Node) -> dict[str, object]:
        """An op's parameters as its body takes them."""
        kinds = {p.name: p.kind for p in ops.get(node.op).params}
        return {
            name: self.argument(kinds.get(name, "number"), value) for name, value in node.params
        }

    def argument(self, kind: str, value: Param) -> object:
        if kind == "table":
            assert isinstance(value, str)
            return self.table(value)
        if kind in ("enum", "boolean", "integer"):
            return value
        if kind in ("rgb", "color"):
            assert isinstance(value, (tuple, Keyframes))
            return Vec3(*(self.uniform(Value(value, i)) for i in range(3)))
        return self.number(value)

    def number(self, value: Param) -> Scalar:
        assert isinstance(value, (float, int, Fraction, Keyframes))
        return self.uniform(Value(value if isinstance(value, Keyframes) else float(value)))

    def uniform(self, value: Value) -> Scalar:
        self.values.append(value)
        return nodes.param(len(self.values) - 1)

    def table(self, digest: str) -> Lut:
        if digest not in self.tables:
            self.tables.append(digest)
            self.cubes.append(self.read_table(digest))
        index = self.tables.index(digest)
        cube = self.cubes[index]
        return Lut(index, cube.dims, cube.size, cube.domain_min, cube.domain_max)


def _inputs(memo: Memo) -> MemoInputs:
    """Read off the finished expressions: whatever they came from, this is what they use."""
    params: set[int] = set()
    tables: set[int] = set()
    for e in nodes.walk(memo.exprs):
        if e.op == "param":
            assert isinstance(e.attr, int)
            params.add(e.attr)
        elif e.op in nodes.TABLE_OPS:
            assert isinstance(e.attr, tuple)
            tables.add(e.attr[0])
    return MemoInputs(tuple(sorted(params)), tuple(sorted(tables)))


def _regraded(root: Node) -> set[int]:
    """Ids of the nodes whose colours a grade further up still changes.

    Ops that look at the place do not count: they weigh a picture from spot to spot, and do not
    stretch its tones.
    """
    found: set[int] = set()
    for node in reversed(tuple(walk(root))):  # users before inputs
        stretches = node.op in _COLOR_STEPS or (
            node.op not in STRUCTURAL
            and ops.get(node.op).kind == "grade"
            and not ops.get(node.op).positional
        )
        if stretches or id(node) in found:
            found.update(id(below) for below in node.inputs)
    return found


def _plain_grade(node: Node) -> bool:
    """Whether a node is a grade of the colour alone, with nothing that moves."""
    if node.op in STRUCTURAL:
        return False
    declared = ops.get(node.op)
    return (
        declared.kind == "grade"
        and not declared.positional
        and not any(isinstance(value, Keyframes) for _, value in node.params)
    )
