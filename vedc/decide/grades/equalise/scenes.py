"""Which shots show the same things, and which of them are one scene."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from vedc.decide.grades.likeness import Likeness, candidates
from vedc.decide.grades.shot import Shot
from vedc.decide.grades.space import Cells

LINKS: Final = 4
"""Comparisons per shot with the most similar ones, besides its neighbours."""
_COLORS: Final = 48
"""Colours of a link: each is a row of the system that solves all links at once."""
REACH: Final = 8
"""Distance, in shots of the film, across which a scene continues: A, B, A, B is one scene."""


@dataclass(frozen=True, slots=True, eq=False)
class Link:
    """Two shots, by number, the lower one first, that show the same things."""

    first: int
    second: int
    agreement: float
    """0.6 to 1."""
    cells: Cells
    """Colours at the same places in both."""


def links(shots: Sequence[Shot]) -> list[Link]:
    """All links between the shots worth comparing."""
    seen = [Likeness(shot.pictures) for shot in shots]
    found = []
    for i, j in candidates(seen, LINKS) if len(seen) > 1 else ():
        common = seen[i].common(seen[j], _COLORS)
        if common is not None:
            found.append(Link(i, j, common.agreement, common.cells))
    return found


def scenes(count: int, found: Iterable[Link], reach: int = REACH) -> list[int]:
    """The number of each shot's scene, from 0 in order of the film.

    A scene extends from a shot to the last one like it, and likewise from every shot between them
    (Yeung and Yeo, "Segmentation of Video by Clustering and Graph Analysis", 1998): cutting back
    and forth between two framings is one scene.
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
