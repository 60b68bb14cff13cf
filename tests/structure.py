"""The structure of the product as numbers: ``python -m tests.structure [ROOT]`` prints a table.

Read from the text of the sources, so another checkout can be measured with the same program.
"""

from __future__ import annotations

import ast
import os
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.paths import ROOT

#: Folders at the top of the repository that are installed inside the package, through links.
LINKED: Final = frozenset({"kernels", "models", "specs"})


@dataclass(frozen=True)
class Structure:
    """The modules of a checkout and what they import from one another."""

    files: dict[str, Path]
    """By module: ``vedc.plan.keys``. Packages are named by their folder."""
    imports: frozenset[tuple[str, str]]
    """(importing module, imported module), imports inside functions included."""

    @property
    def folders(self) -> Counter[str]:
        """Python files in each folder, ``__init__.py`` not counted."""
        return Counter(
            file.parent.as_posix() for file in self.files.values() if file.stem != "__init__"
        )

    @property
    def lines(self) -> Counter[str]:
        """Lines in each room."""
        total: Counter[str] = Counter()
        for module, file in self.files.items():
            total[room(module)] += len(file.read_text().splitlines())
        return total

    @property
    def between_rooms(self) -> Counter[tuple[str, str]]:
        """How many modules of one room import how many of another, as pairs of modules."""
        return Counter(
            (room(user), room(used)) for user, used in self.imports if room(user) != room(used)
        )

    def mutual(self) -> list[tuple[str, str]]:
        """Pairs of folders of one room that import each other."""
        pairs = {
            (self.folder(user), self.folder(used))
            for user, used in self.imports
            if room(user) == room(used)
        }
        return sorted((a, b) for a, b in pairs if a < b and (b, a) in pairs)

    def folder(self, module: str) -> str:
        """The package that holds a module; a package holds its own ``__init__``."""
        package = self.files[module].stem == "__init__"
        return module if package else module.rpartition(".")[0]

    def cycles(self) -> list[tuple[str, str]]:
        """Pairs of rooms that reach each other."""
        reach: dict[str, set[str]] = {}
        for user, used in self.between_rooms:
            reach.setdefault(user, set()).add(used)
        for _ in reach:
            for user in reach:
                reach[user] |= {far for near in reach[user] for far in reach.get(near, ())}
        return sorted((a, b) for a in reach for b in reach[a] if a < b and a in reach.get(b, ()))


def room(module: str) -> str:
    """The room of a module: the second part of its name."""
    return module.split(".")[1] if "." in module else module


def measure(root: Path = ROOT) -> Structure:
    """Read the product's sources below ``root``."""
    files = {_module(root, file): file for file in _sources(root)}
    pairs = {
        (module, used)
        for module, file in files.items()
        for used in _imported(file, files)
        if used != module
    }
    return Structure(files, frozenset(pairs))


def _sources(root: Path) -> Iterator[Path]:
    for folder, below, names in os.walk(root / "vedc", followlinks=True):
        below.sort()
        yield from (Path(folder) / name for name in sorted(names) if name.endswith(".py"))


def _module(root: Path, file: Path) -> str:
    parts = list(file.relative_to(root).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(file: Path, known: dict[str, Path]) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module in known:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in known else node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)


def report(found: Structure) -> str:
    """The table as text."""
    uses = Counter(user for user, _ in found.imports)
    used = Counter(used for _, used in found.imports)
    lines, between = found.lines, found.between_rooms
    lengths = {m: len(f.read_text().splitlines()) for m, f in found.files.items()}
    cycles = ", ".join(f"{a} <-> {b}" for a, b in found.cycles()) or "none"
    mutual = ", ".join(f"{a} <-> {b}" for a, b in found.mutual()) or "none"
    rows = [
        f"modules {len(found.files)}, lines {sum(lines.values())}",
        f"imports between rooms {sum(between.values())} over {len(between)} pairs of rooms",
        f"cycles between rooms: {cycles}",
        f"folders of one room that import each other: {mutual}",
        "largest folders: " + _top({f.split("/vedc/", 1)[-1]: n for f, n in found.folders.items()}),
        "largest fan-out: " + _top(uses),
        "largest fan-in: " + _top(used),
        "longest files: " + _top(lengths),
        "lines per room: " + _top(lines, 40),
    ]
    return "\n".join(rows)


def _top(counts: dict[str, int], count: int = 6) -> str:
    return ", ".join(f"{name} {n}" for name, n in Counter(counts).most_common(count))


if __name__ == "__main__":
    print(report(measure(Path(sys.argv[1]).absolute() if len(sys.argv) > 1 else ROOT)))
