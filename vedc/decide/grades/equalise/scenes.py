"""Which shots show the same things, and which of them are one scene."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from vedc.decide.grades.likeness import Likeness, candidates
from vedc.decide.grades.shot import Shot
from vedc.decide.grades.space import Cells

LINKS: Final = 4
"""Comparisons of a shot with those most like it, besides its neighbours."""
_COLORS: Final = 48
"""Colours of a link: every one is a row of the system, for all links at once."""
REACH: Final = 8
"""Shots in order of the film over which a scene goes on: A, B, A, B are two shots of one."""


@dataclass(frozen=True, slots=True, eq=False)
class Link:
    """Two shots, by number, the lower one first, that show the same things."""

    first: int
    second: int
    agreement: float
    """0.6 to 1."""
    cells: Cells
    """Colours at the same places of both."""


def links(shots: Sequence[Shot]) -> list[Link]:
    """All links between shots that are worth a comparison."""
    seen = [Likeness(shot.pictures) for shot in shots]
    found = []
    for i, j in candidates(seen, LINKS) if len(seen) > 1 else ():
        common = seen[i].common(seen[j], _COLORS)
        if common is not None:
            found.append(Link(i, j, common.agreement, common.cells))
    return found


def scenes(count: int, found: Iterable[Link], reach: int = REACH) -> list[int]:
    """The number of each shot's scene, from 0 in order of the film.

    A scene goes from a shot to the last one like it, and on from every shot between them (Yeung
    and Yeo, "Segmentation of Video by Clustering and Graph Analysis", 1998): what cuts back and
    forth between two framings is one scene.
    """
    furthest = list(range(count))
    for link in found:
        if link.second - link.first <= reach:
            furthest[link.first] = max(furthest[link.first], link.second)
    numbers, number, end = [], -1, -1
    for i in range(count):
        if i > end:
            number += 1
        end = max(end, furthest[i])
        numbers.append(number)
    return numbers


def components(count: int, found: Iterable[Link]) -> list[list[int]]:
    """Shots that links join, directly or through others; each in order."""
    parent = list(range(count))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for link in found:
        a, b = sorted((root(link.first), root(link.second)))
        parent[b] = a
    groups: dict[int, list[int]] = {}
    for i in range(count):
        groups.setdefault(root(i), []).append(i)
    return list(groups.values())
