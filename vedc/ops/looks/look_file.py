"""The contents of a colour file as data: chains of steps and their tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from vedc.expr.chain import Chain, Curves, Lattice, Look, Step
from vedc.expr.math import Lut
from vedc.ops.shared.cube import Cube
from vedc.support.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Compiled:
    """A chain with the tables that its steps number, and what was not kept exactly."""

    steps: tuple[Step, ...]
    tables: tuple[Cube, ...] = ()
    notes: tuple[str, ...] = ()
    """One line each: what was approximated, and by how much at most."""

    @property
    def words(self) -> tuple[str, ...]:
        """Its steps in words, in the order in which they are computed."""
        return tuple(
            in_words(self.tables[step.number], str(step))
            if isinstance(step, (Curves, Lattice))
            else str(step)
            for step in self.steps
        )


def in_words(table: Cube, name: str = "") -> str:
    """A table in words, with its size."""
    kind = name or ("3D table" if table.dims == 3 else "curves")
    points = f"{table.size} points a side" if table.dims == 3 else f"{table.size:,} points"
    return f"{kind}, {points}"


@dataclass(frozen=True, slots=True)
class LookFile:
    """A colour file: a chain without an id, or the corrections of a collection by id."""

    chains: tuple[tuple[str, Compiled], ...]

    @property
    def tables(self) -> tuple[Cube, ...]:
        """The tables of all chains, in their order."""
        return tuple(table for _, chain in self.chains for table in chain.tables)

    def bound(self, lut_of: Callable[[int], Lut]) -> Look:
        """The look with a handle for each of :attr:`tables`."""
        chains, first = {}, 0
        for id, compiled in self.chains:
            luts = tuple(lut_of(first + i) for i in range(len(compiled.tables)))
            chains[id] = Chain(compiled.steps, luts)
            first += len(luts)
        return Look(chains)


#: Colour files by the extensions of their names, with what they are called. ``.cube`` is read by
#: vedc itself, the others need OpenColorIO.
KINDS: Final = {
    ".3dl": "Autodesk and Lustre 3D tables",
    ".cc": "an ASC colour correction",
    ".ccc": "a collection of ASC colour corrections",
    ".cdl": "an ASC colour decision list",
    ".clf": "the Academy's Common LUT Format",
    ".csp": "Cinespace tables",
    ".ctf": "Autodesk's Color Transform Format",
    ".cub": "Truelight tables",
    ".cube": "Adobe, IRIDAS and Resolve tables",
    ".itx": "IRIDAS 3D tables",
    ".look": "IRIDAS looks",
    ".lut": "Houdini and Discreet tables",
    ".m3d": "Pandora 3D tables",
    ".mga": "Pandora 3D tables",
    ".spi1d": "Sony Imageworks 1D tables",
    ".spi3d": "Sony Imageworks 3D tables",
    ".spimtx": "Sony Imageworks matrices",
    ".vf": "Nuke vector fields",
}
#: Those that hold corrections by id.
COLLECTIONS: Final = (".cc", ".ccc", ".cdl")
