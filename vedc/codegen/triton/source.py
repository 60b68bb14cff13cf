"""The source of a GPU kernel: a program in, a Python file of Triton functions out.

The file has one kernel and a function for each group of nodes that is needed more than once within
a block: ``pixel`` for values that vary by pixel, ``line`` for those that vary by row, and so on. It
reads first, then computes, then rounds and writes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from vedc.codegen.arguments import ArgumentLayout
from vedc.codegen.triton.memory import HEADER, Memory
from vedc.codegen.triton.opcodes import Scope
from vedc.codegen.triton.rates import COLUMN, LANE, LINE, ROW, Narrow, Rates, suffix
from vedc.expr.nodes import Expr, walk
from vedc.expr.program import Program

#: Opcodes whose values the kernel provides before any node is computed.
_GIVEN = frozenset({"param", "load", "cover", "x", "y"})
_RATE_NAMES = {LINE | ROW: "line", LANE | ROW: "row", LANE | COLUMN: "column"}
_PRELUDE = "vedc.codegen.triton.prelude"


class KernelSource:
    """One kernel under construction. Call :meth:`text`."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.rates = Rates(program)
        self.layout = ArgumentLayout(program, HEADER)
        order = list(walk(self.rates.roots))
        self.numbers = {e: n for n, e in enumerate(order)}
        self.kernel = Scope(program, self.numbers, self.base)
        self.order = order
        self.functions: list[str] = []
        self.narrow = self.rates.narrow()
        self.live = set(walk(self._ends()))
        """Nodes computed at their own rate; some others are needed only as a mean."""

    def text(self) -> str:
        """The whole file."""
        memory = Memory(self.rates)
        given = [e for e in self.order if e.op in _GIVEN and e in self.live]
        body = [*memory.reading(given), *self._arithmetic(), *self._writing(memory)]
        head = self._head(body)
        # No argument may be called ``params``: Triton's own launcher has a variable of that name.
        kernel = [
            '@triton.jit(do_not_specialize=["desc", "uniforms"])',
            "def kernel(",
            "    desc, uniforms, VECTOR: tl.constexpr, BLOCK: tl.constexpr, LINES: tl.constexpr",
            "):",
            *(f"    {line}" for line in head),
            "    for block_row in range(first, last):",
            *(f"        {line}" for line in body),
        ]
        code = "\n\n\n".join([*self.functions, "\n".join(kernel)]) + "\n"
        return self._preamble(code) + "\n\n" + code

    # -- names --------------------------------------------------------------------------

    def base(self, e: Expr) -> str:
        """The name of a value within a function that sees one row and column of the block."""
        match e.op, e.attr:
            case "param", int(index):
                return f"p{index}"
            case "cover", int(leaf):
                return f"cover{leaf}"
            case "load", (int(leaf), int(channel)):
                return f"s{leaf}_{channel}"
            case (("x" | "y"), _):
                return e.op
        return f"v{self.numbers[e]}"

    def named(self, e: Expr, row: int, column: int) -> str:
        """The same in the kernel, for one row and column of the block."""
        if e.op == "const":
            return self.kernel.value(e)
        if self._inline(e):
            return self.kernel.value(e)
        return self.base(e) + suffix(self.rates.varies(e), row, column)

    def _inline(self, e: Expr) -> bool:
        """Whether the kernel computes ``e`` itself: it is needed once."""
        return e.op not in _GIVEN and not self.rates.varies(e) & (ROW | COLUMN)

    # -- preamble -----------------------------------------------------------------------

    def _preamble(self, code: str) -> str:
        program = self.program
        leaves = [
            f"leaf {i}: {leaf.format.name}"
            + (", covers" if leaf.covers else ", placed")
            + (", sampled" if leaf.sampled else "")
            for i, leaf in enumerate(program.leaves)
        ]
        tables = [f"table {i}: {t.dims}D, {t.size} points" for i, t in enumerate(program.tables)]
        dither = ", dithered" if program.dither else ""
        comment = [
            f"ops: {program.title or 'none'}",
            *leaves,
            *tables,
            f"out: {program.out.name}{dither}",
            f"a lane is a block of {self.rates.columns}x{self.rates.rows} pixels",
        ]
        helpers = sorted(_HELPER_NAMES & _words([code]))
        lines = [f"# {' '.join(line.split())}" for line in comment]
        lines += ["", "import triton", "import triton.language as tl", ""]
        if helpers:
            lines += [f"from {_PRELUDE} import (", *(f"    {h}," for h in helpers), ")"]
        return "\n".join(lines)

    def _head(self, body: Sequence[str]) -> list[str]:
        """Definitions of values that are constant over the frame, as far as the body uses them."""
        layout, r = self.layout, self.rates
        used = _words(body)
        frame = Scope(self.program, self.numbers, self.base)
        uniform = [
            e
            for e in self.order
            if e in self.live and e.op != "const" and self._inline(e) and not r.varies(e)
        ]
        for e in uniform:
            frame.add(e)
        for e in uniform:
            if f"v{self.numbers[e]}" in used:
                frame.value(e)
        used |= _words(frame.lines)
        lines = [
            "frame = tl.program_id(2)",
            f"desc += frame * {layout.memos}",
            f"uniforms += frame * {self.program.params}",
            "width = tl.load(desc).to(tl.int32)",
            "height = tl.load(desc + 1).to(tl.int32)",
        ]
        leaves = self.program.leaves
        planes = [(f"out_{p}", layout.out_plane(p)) for p in range(self.program.out.planes)]
        planes += [
            (f"leaf{i}_{p}", layout.leaf_plane(i, p))
            for i, leaf in enumerate(leaves)
            for p in range(leaf.format.planes)
        ]
        for name, at in planes:
            if name in used:
                lines.append(
                    f"{name}, {name}_stride = tl.load(desc + {at}), tl.load(desc + {at + 1})"
                )
        for i in range(len(leaves)):
            at = layout.leaf_place(i)
            for k, what in enumerate(("x", "y", "width", "height")):
                if f"leaf{i}_{what}" in used:
                    lines.append(f"leaf{i}_{what} = tl.load(desc + {at + k}).to(tl.int32)")
        for i in range(len(self.program.tables)):
            if f"table{i}" in used or any(f"table{i}_scale{c}" in used for c in range(3)):
                lines.append(f"table{i} = tl.load(desc + {layout.tables + i})")
            lines += [
                f"table{i}_scale{c}, table{i}_offset{c} = channel_of(table{i}, {c})"
                for c in range(3)
                if f"table{i}_scale{c}" in used
            ]
        lines += [
            f"p{i} = tl.load(uniforms + {i})" for i in range(self.program.params) if f"p{i}" in used
        ]
        lines += frame.lines
        lines += [
            f"across = tl.multiple_of({_halved('width', r.sub_x)}, max(VECTOR, 1))",
            f"down = {_halved('height', r.sub_y)}",
            "lane = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)",
            "valid = lane < across",
        ]
        if r.columns == 2:
            lines += ["left = lane * 2", "right = tl.minimum(left + 1, width - 1)"]
        else:
            lines += ["left = lane"]
        lines += ["first = tl.program_id(1) * LINES", "last = tl.minimum(first + LINES, down)"]
        return lines

    # -- arithmetic ---------------------------------------------------------------------

    def _arithmetic(self) -> list[str]:
        """Nodes by rate; within one, in order of use."""
        r = self.rates
        wanted = self._wanted()
        classes: dict[int, list[Expr]] = {}
        for e in self.order:
            if e.op not in _GIVEN and e.op != "const" and r.varies(e) and e in self.live:
                classes.setdefault(r.varies(e), []).append(e)
        lines: list[str] = []
        for varies in sorted(classes):
            group = classes[varies]
            if not varies & (ROW | COLUMN):
                for e in group:
                    self.kernel.add(e)
                for e in group:
                    if e in wanted:
                        self.kernel.value(e)
                lines += self.kernel.lines
                self.kernel.lines = []
            else:
                lines += self._function(varies, group, [e for e in group if e in wanted])
        return lines

    def _ends(self) -> list[Expr]:
        """The nodes to compute: roots, or the parts of their means."""
        narrow, roots = self.narrow, self.rates.roots
        if narrow is None:
            return list(roots)
        ends = [e for c, e in enumerate(roots) if c not in narrow.channels]
        ends += [roots[c] for c in narrow.channels if roots[c] not in narrow.steps]
        ends += narrow.parts
        ends += [a for e in narrow.steps for a in e.args if a not in narrow.steps]
        return list(dict.fromkeys(ends))

    def _wanted(self) -> set[Expr]:
        """Nodes whose values are written, or used at a different rate."""
        r = self.rates
        found = set(self._ends())
        for e in self.live:
            found.update(a for a in e.args if r.varies(a) != r.varies(e))
        return found

    def _function(self, varies: int, group: list[Expr], results: list[Expr]) -> list[str]:
        """Define a function for nodes of one rate; return the lines that call it."""
        if not results:
            return []
        scope = Scope(self.program, self.numbers, self.base)
        for e in group:
            scope.add(e)
        returned = [scope.value(e) for e in results]
        given = [e for e in _inputs(dict.fromkeys(group)) if self.base(e) in scope.inputs]
        name = _RATE_NAMES.get(varies, "pixel")
        inputs = [*map(self.base, given), *scope.resources]
        self._define(name, inputs, scope.lines, returned)
        lines = []
        for at in self.rates.instances(varies):
            targets = [self.named(e, *at) for e in results]
            arguments = [*(self.named(e, *at) for e in given), *scope.resources]
            lines.append(f"{', '.join(targets)} = {name}({', '.join(arguments)})")
        return lines

    def _define(
        self, name: str, inputs: Sequence[str], body: Sequence[str], returned: Sequence[str]
    ) -> None:
        lines = ["@triton.jit", f"def {name}({', '.join(inputs)}):"]
        lines += [f"    {line}" for line in body]
        lines.append(f"    return {', '.join(returned)}")
        self.functions.append("\n".join(lines))

    # -- means --------------------------------------------------------------------------

    def _means(self, narrow: Narrow) -> list[str]:
        """Average the parts over each block of the output, and compute the nodes above them."""
        r = self.rates
        scope = Scope(self.program, self.numbers, self.base)
        for e in narrow.steps:
            scope.add(e)
        given = _inputs(narrow.steps)
        results = dict.fromkeys(r.roots[c] for c in narrow.channels if r.roots[c] in narrow.steps)
        if results:
            returned = [scope.value(e) for e in results]
            self._define("mean", [self.base(e) for e in given], scope.lines, returned)
        lines: list[str] = []
        for row in range(r.rows) if not narrow.shared & ROW else (0,):
            tag = self._tag(narrow, row)
            lines += [
                f"mean_{self.base(e)}{tag} = {self._mean(e, narrow, row)}" for e in narrow.parts
            ]
            if results:
                targets = [f"mean_{self.base(e)}{tag}" for e in results]
                arguments = [
                    f"mean_{self.base(e)}{tag}" if e in narrow.parts else self.named(e, row, 0)
                    for e in given
                ]
                lines.append(f"{', '.join(targets)} = mean({', '.join(arguments)})")
        return lines

    def _tag(self, narrow: Narrow, row: int) -> str:
        """The suffix of means' names: their row, if each row of the block has separate ones."""
        return f"_r{row}" if self.rates.rows > 1 and not narrow.shared & ROW else ""

    def _mean(self, e: Expr, narrow: Narrow, row: int) -> str:
        over = self.rates.varies(e) & narrow.shared
        names = [self.named(e, y if over & ROW else row, x) for y, x in self.rates.instances(over)]
        return f"({' + '.join(names)}) * {1 / len(names)}"

    # -- writing ------------------------------------------------------------------------

    def _writing(self, memory: Memory) -> list[str]:
        roots, out, narrow = self.rates.roots, self.program.out, self.narrow

        def value(channel: int, row: int, column: int) -> str:
            return self.named(roots[channel], row, column)

        if narrow is None:
            return [line for p in range(out.planes) for line in memory.write_full(p, value)]

        def mean(channel: int, row: int, column: int) -> str:
            e = roots[channel]
            if not self.rates.varies(e) & narrow.shared:
                return value(channel, row, column)
            return f"mean_{self.base(e)}{self._tag(narrow, row)}"

        lines = self._means(narrow)
        for plane in range(out.planes):
            if out.members(plane)[0] in narrow.channels:
                lines += memory.write_narrow(plane, narrow, mean)
            else:
                lines += memory.write_full(plane, value)
        return lines


#: Every name that generated code may take from the prelude.
_HELPER_NAMES = {
    "angle", "any_power", "channel_of", "code", "code_dithered", "cosine", "cube", "curve",
    "float_bits", "load_one", "load_texel", "load_two", "log2", "noise", "power", "sine",
    "store_one", "store_two", "texel_at",
}  # fmt: skip


def _inputs(nodes: Mapping[Expr, object]) -> list[Expr]:
    """The inputs of some nodes that are not among them."""
    found = (a for e in nodes for a in e.args if a.op != "const" and a not in nodes)
    return list(dict.fromkeys(found))


def _halved(size: str, shift: int) -> str:
    """The number of blocks that cover a number of pixels. No shift by 0: Triton would lose the
    size's known alignment."""
    return f"({size} + 1) >> 1" if shift else size


def _words(lines: Sequence[str]) -> set[str]:
    """The names in some lines of code."""
    return set(re.findall(r"[A-Za-z_]\w*", "\n".join(lines)))
