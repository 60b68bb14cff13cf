"""How GPU kernels access memory: a frame's descriptor, samples in, samples out."""

from __future__ import annotations

from collections.abc import Callable

from vedc.codegen.triton.opcodes import tensor
from vedc.codegen.triton.rates import COLUMN, LANE, ROW, Narrow, Rates
from vedc.color import PixelFormat
from vedc.expr.nodes import Expr

_TYPES = {1: "tl.uint8", 2: "tl.uint16", 4: "tl.uint32", 8: "tl.uint64"}
TritonValue = Callable[[int, int, int], str]
"""The name of a root's value, by its channel and the row and column of the block."""


#: Fields of a frame's descriptor before the output's planes: width and height.
HEADER = 2


class Memory:
    """Lines of a kernel that read and write memory. In them ``lane`` is a column of blocks,
    ``left`` and ``right`` are columns of pixels, ``block_row`` and ``row`` their rows."""

    def __init__(self, rates: Rates) -> None:
        self.rates, self.program = rates, rates.program

    def reading(self, given: list[Expr]) -> list[str]:
        """Define everything that no node computes: samples, coverage, positions."""
        r = self.rates
        lines = []
        if r.rows == 2:
            lines += ["row_r0 = block_row * 2", "row_r1 = tl.minimum(row_r0 + 1, height - 1)"]
            lines += [
                "valid_r0 = valid",
                "valid_r1 = lane < tl.where(row_r1 > row_r0, across, 0)",
            ]
        else:
            lines += ["row = block_row"]
        loads: dict[int, list[int]] = {}
        for e in given:
            if e.op == "load" and isinstance(e.attr, tuple):
                loads.setdefault(e.attr[0], []).append(e.attr[1])
        placed = {e.attr for e in given if e.op == "cover"} | {
            i for i in loads if not self.program.leaves[i].covers
        }
        for leaf in sorted(i for i in placed if isinstance(i, int)):
            lines += self._place(leaf)
        for leaf, channels in sorted(loads.items()):
            covers = self.program.leaves[leaf].covers
            lines += self._streamed(leaf, channels) if covers else self._placed(leaf, channels)
        for e in given:
            if e.op == "cover":
                lines += [
                    f"cover{e.attr}{s} = tl.where(inside{e.attr}{s}, 1.0, 0.0)"
                    for s in r.suffixes(LANE | ROW | COLUMN)
                ]
            elif e.op == "x":
                sides = zip(("left", "right"), r.suffixes(COLUMN), strict=False)
                lines += [f"x{s} = {side}.to(tl.float32) + 0.5" for side, s in sides]
            elif e.op == "y":
                lines += [f"y{s} = row{s}.to(tl.float32) + 0.5" for s in r.suffixes(ROW)]
        return lines

    def _place(self, leaf: int) -> list[str]:
        """Position of each pixel of the block in a placed leaf, and whether it is inside."""
        r, name = self.rates, f"leaf{leaf}"
        rows, columns = r.suffixes(ROW), r.suffixes(COLUMN)
        sides = dict(zip(columns, ("left", "right"), strict=False))
        lines = []
        for s in rows:
            row = f"{name}_row{s}"
            lines.append(f"{row} = row{s} - {name}_y")
            # In a row outside the picture its width is 0.
            lines.append(
                f"{name}_end{s} = tl.where(({row} >= 0) & ({row} < {name}_height), {name}_width, 0)"
            )
        lines += [f"{name}_column{s} = {sides[s]} - {name}_x" for s in columns]
        for y in rows:
            for x in columns:
                column = f"{name}_column{x}"
                inside = f"valid & ({column} >= 0) & ({column} < {name}_end{y})"
                lines.append(f"inside{leaf}{y}{x} = {inside}")
        return lines

    def _streamed(self, leaf: int, channels: list[int]) -> list[str]:
        """Elements of a leaf that covers the canvas, for the whole block, and their samples."""
        r, fmt = self.rates, self.program.leaves[leaf].format
        lines: list[str] = []
        for plane in range(fmt.planes):
            wanted = [c for c in fmt.members(plane) if c in channels]
            if not wanted:
                continue
            sub_x, sub_y = fmt.subsampling(wanted[0])
            size = fmt.element_bytes(plane)
            varies = (COLUMN if sub_x < r.sub_x else 0) | (ROW if sub_y < r.sub_y else 0)
            for y in r.suffixes(varies & ROW):
                where = f"leaf{leaf}_{plane}, leaf{leaf}_{plane}_stride, "
                where += f"row{y}" if sub_y < r.sub_y or r.rows == 1 else "block_row"
                element = f"e{leaf}_{plane}{y}"
                if varies & COLUMN:
                    lines.append(
                        f"{element}_c0, {element}_c1 = load_two({where}, lane, right, valid, "
                        f"{_TYPES[size]}, {_TYPES[2 * size]}, VECTOR)"
                    )
                else:
                    lines.append(
                        f"{element} = load_one({where}, lane, valid, {_TYPES[size]}, VECTOR)"
                    )
            for s in r.suffixes(varies):
                lines += [
                    f"s{leaf}_{c}{s} = {_sample(fmt, plane, c, f'e{leaf}_{plane}{s}')}"
                    for c in wanted
                ]
        return lines

    def _placed(self, leaf: int, channels: list[int]) -> list[str]:
        """The same for a placed leaf: a separate sample for each pixel."""
        r, fmt, name = self.rates, self.program.leaves[leaf].format, f"leaf{leaf}"
        lines: list[str] = []
        for plane in range(fmt.planes):
            wanted = [c for c in fmt.members(plane) if c in channels]
            if not wanted:
                continue
            sub_x, sub_y = fmt.subsampling(wanted[0])
            size = fmt.element_bytes(plane)
            for y in r.suffixes(ROW):
                row = f"{name}_row{y}" + (f" >> {sub_y}" if sub_y else "")
                for x in r.suffixes(COLUMN):
                    column = f"{name}_column{x}" + (f" >> {sub_x}" if sub_x else "")
                    element = f"e{leaf}_{plane}{y}{x}"
                    lines.append(
                        f"{element} = load_one({name}_{plane}, {name}_{plane}_stride, {row}, "
                        f"{column}, inside{leaf}{y}{x}, {_TYPES[size]}, 0)"
                    )
                    lines += [
                        f"s{leaf}_{c}{y}{x} = {_sample(fmt, plane, c, element)}" for c in wanted
                    ]
        return lines

    def write_narrow(self, plane: int, narrow: Narrow, mean: TritonValue) -> list[str]:
        """Write a plane that is coarser than the output's pixels; ``mean`` names its values."""
        r, out = self.rates, self.program.out
        lines = []
        whole = bool(narrow.shared & ROW) or r.rows == 1
        for y in range(1 if whole else r.rows):
            tag = "" if whole else f"_r{y}"
            row = "block_row" if whole else f"row_r{y}"
            values = [mean(c, y, 0) for c in out.members(plane)]
            code = f"o{plane}{tag}"
            lines.append(f"{code} = {self._element(values, 'lane', row)}")
            type = _TYPES[out.element_bytes(plane)]
            lines.append(
                f"store_one(out_{plane}, out_{plane}_stride, {row}, lane, valid{tag}, {code}, "
                f"{type}, VECTOR)"
            )
        return lines

    def write_full(self, plane: int, value: TritonValue) -> list[str]:
        """Write a plane with an element for each pixel."""
        r, out = self.rates, self.program.out
        size = out.element_bytes(plane)
        lines = []
        for y, row in enumerate(r.suffixes(ROW)):
            columns = list(zip(r.suffixes(COLUMN), ("left", "right"), strict=False))
            for x, (column, side) in enumerate(columns):
                values = [value(c, y, x) for c in out.members(plane)]
                element = self._element(values, side, f"row{row}")
                lines.append(f"o{plane}{row}{column} = {element}")
            where = f"out_{plane}, out_{plane}_stride, row{row}, lane"
            if r.columns == 2:
                lines.append(
                    f"store_two({where}, right, valid{row}, o{plane}{row}_c0, o{plane}{row}_c1, "
                    f"{_TYPES[size]}, {_TYPES[2 * size]}, VECTOR)"
                )
            else:
                lines.append(
                    f"store_one({where}, valid{row}, o{plane}{row}, {_TYPES[size]}, VECTOR)"
                )
        return lines

    def _element(self, values: list[str], column: str, row: str) -> str:
        """Values rounded to samples, side by side in one element."""
        out = self.program.out
        parts = []
        type = _TYPES[out.bytes * len(values)]
        for m, value in enumerate(values):
            if out.floating:
                parts.append(f"float_bits({tensor(value)})")
                continue
            if self.program.dither:
                text = f"code_dithered({tensor(value)}, {column}, {row}, {out.peak}, {type})"
            else:
                text = f"code({tensor(value)}, {out.peak}, {type})"
            shift = 8 * out.bytes * m + out.shift
            parts.append(f"({text} << {shift})" if shift else text)
        return " | ".join(parts)


def _sample(fmt: PixelFormat, plane: int, channel: int, element: str) -> str:
    """The number that a channel's sample in an element represents."""
    if fmt.floating:
        return f"{element}.to(tl.float32, bitcast=True)"
    members = fmt.members(plane)
    shift = 8 * fmt.bytes * members.index(channel) + fmt.shift
    text = f"({element} >> {shift})" if shift else element
    if len(members) > 1 and channel != members[-1]:
        text = f"({text} & {fmt.peak})"
    return f"{text}.to(tl.float32)"
