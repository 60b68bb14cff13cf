"""A pixel program: everything a code generator needs to make one kernel.

The kernel reads the planes of ``leaves``, computes ``roots`` for every canvas pixel and
writes the planes of ``out``. Roots are code values (0..peak, not yet rounded) in the
order of the output's channels: Y, Cb, Cr for ``yuv``; G, B, R for ``gbr``; then alpha.
Where a plane is subsampled its root is computed for each pixel and averaged over the block;
a subsampled input plane gives every pixel of its block the same sample. So a picture that
passes through unchanged is unchanged to the bit. After averaging, a root is clamped to 0..peak
and rounded half up; NaN becomes 0. With ``dither`` a threshold between -1/2 and 1/2 is added
before rounding: ``BAYER[row % 8][column % 8]`` at the sample's position in its plane. Roots that
are integers are not changed by it.

Floating planes store their roots unrounded: NaN becomes 0, the rest is clamped to
-FLOAT_LIMIT..FLOAT_LIMIT, so that no filter ever sees an infinity.

Canvas pixels beyond an odd width or height repeat the nearest pixel in the average.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

from vedc.color import PixelFormat
from vedc.expr.nodes import Expr, listing, walk
from vedc.expr.scalar_ops import FUNCTIONS
from vedc.support.lazy_dataclass import dataclass, field


@dataclass(frozen=True, slots=True)
class Leaf:
    """An input image.

    ``covers``: the image has the canvas's size and is at its origin. Otherwise it is placed at
    integer canvas coordinates (x, y), given with each call, and may be partly or wholly outside;
    ``load`` and ``cover`` give 0 where it is not.

    A ``sampled`` leaf is also read with ``texel``, at any position. It is floating and covers; if
    nothing loads from it, it may have any size and has no position on the canvas.

    A ``streamed`` leaf is floating and covers, and is never sampled. On the CPU it is not in
    memory: a filter makes each of its rows for the kernel that is about to read it.
    """

    format: PixelFormat
    covers: bool = True
    sampled: bool = False
    streamed: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A lookup table given with each call: float32, C order.

    3d: shape (size, size, size, 3), red varying fastest, as in a .cube file.
    1d: shape (size, 3).
    """

    dims: int
    size: int


#: A memo's values are stored as integers 0..1020: ten bits, and a multiple of 255, so that 8-bit
#: code values can be whole steps.
MEMO_STEPS = 1020


@dataclass(frozen=True, slots=True)
class Memo:
    """Three expressions that depend only on the code values of one 8-bit leaf.

    A kernel may cache their values, rounded half up to integers, in a table that it fills as
    colours appear; the program scales them for that. A triple with a value outside 0..MEMO_STEPS
    is never stored and used unrounded. Whether an entry was filled before never changes the
    result.
    """

    leaf: int
    exprs: tuple[Expr, Expr, Expr]


#: Opcodes that are the same for all planes.
_READ_NOTHING = frozenset({*FUNCTIONS, "const", "param", "x", "y", "cover"})

#: Opcodes that read a layer between its samples; ``expr.taps`` gives their meaning.
_LOOKS = frozenset({"bilinear", "bicubic"})

#: The limit of floating planes: the largest finite half float.
FLOAT_LIMIT = 65504.0


def _bayer(size: int) -> list[list[int]]:
    """Bayer's ordered dither (1973): each quarter is the matrix of half the size, spread."""
    if size == 1:
        return [[0]]
    half = _bayer(size // 2)
    grow = ((0, 2), (3, 1))
    return [
        [4 * half[y % len(half)][x % len(half)] + grow[y * 2 // size][x * 2 // size]
         for x in range(size)]
        for y in range(size)
    ]  # fmt: skip


#: Thresholds of the ordered dither: 64 values in -63/128..63/128 with mean 0.
BAYER: tuple[tuple[float, ...], ...] = tuple(
    tuple((n + 0.5) / 64 - 0.5 for n in row) for row in _bayer(8)
)


@dataclass(frozen=True, slots=True)
class Program:
    """One kernel's worth of work. ``width`` and ``height`` are given with each call."""

    leaves: tuple[Leaf, ...]
    tables: tuple[Table, ...]
    memos: tuple[Memo, ...]
    out: PixelFormat
    roots: tuple[Expr, ...]
    params: int
    """The number of uniform floats per call."""
    dither: bool = False
    title: str = field(default="", compare=False)
    """The ops in it, for headers and listings."""

    def loaded_leaves(self) -> set[int]:
        """The leaves that something loads from; any other may have any size."""
        exprs = [*self.roots, *(e for memo in self.memos for e in memo.exprs)]
        loads = (e.attr for e in walk(exprs) if e.op == "load")
        return {attr[0] for attr in loads if isinstance(attr, tuple)}

    def plane_by_plane(self) -> bool:
        """Whether each plane is made of the same one of the inputs: no matrix is left."""
        # Where a plane of Y'CbCr looks only at its own in a layer, that layer is Y'CbCr, too.
        looked = range(len(self.leaves) if self.out.layout == "yuv" else 0)
        return self.out.layout in ("yuv", "gbr") and all(
            e.op in _READ_NOTHING
            or (e.op == "load" and e.attr in self._of_plane(plane))
            or (e.op in _LOOKS and e.attr in [(leaf, plane) for leaf in looked])
            for plane, root in enumerate(self.roots)
            for e in walk([root])
        )

    def _of_plane(self, plane: int) -> list[tuple[int, int]]:
        layout = self.out.layout
        return [(i, plane) for i, leaf in enumerate(self.leaves) if leaf.format.layout == layout]

    def text(self) -> str:
        """A readable listing, one node per line; equal programs have equal text."""
        dither = " dither" if self.dither else ""
        lines = [f"out {self.out.name} params {self.params}{dither}"]
        lines += [
            f"leaf {i} {leaf.format.name}{' covers' if leaf.covers else ''}"
            f"{' sampled' if leaf.sampled else ''}{' streamed' if leaf.streamed else ''}"
            for i, leaf in enumerate(self.leaves)
        ]
        lines += [f"table {i} {t.dims}d {t.size}" for i, t in enumerate(self.tables)]
        exprs, names = listing([e for m in self.memos for e in m.exprs] + list(self.roots))
        lines += exprs
        for i, memo in enumerate(self.memos):
            lines.append(f"memo {i} leaf {memo.leaf} " + " ".join(names[e] for e in memo.exprs))
        lines.append("roots " + " ".join(names[e] for e in self.roots))
        return "\n".join(lines) + "\n"

    def digest(self) -> str:
        """SHA-256 of the listing, as hexadecimal."""
        return _digest(self)


@lru_cache(maxsize=256)  # the pieces of a film share a few programs
def _digest(program: Program) -> str:
    return hashlib.sha256(program.text().encode()).hexdigest()
