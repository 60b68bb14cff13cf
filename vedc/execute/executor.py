"""What draws frames: on the processor (``frames``) or on a graphics card (``gpu``).

An executor is given drawings as they come and gives them back, in order, as they are done. It
may hold a few together to draw them at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from vedc.codegen.image import Image
from vedc.ir.graph import Node
from vedc.plan.chain import Chain, Copy, Fetch


def _ready() -> None:
    """Nothing is left to wait for."""


@dataclass(slots=True)
class Drawing:
    """One frame to draw.

    ``graph`` is None where there is nothing to draw: such a drawing only keeps its place.
    """

    graph: Node | None
    frame: int = 0
    """Of the piece."""
    pictures: Mapping[Fetch, Image] = field(default_factory=dict)
    """What was decoded."""
    out: Image | None = None
    ready: Callable[[], None] = _ready
    """Waits until ``out`` holds the frame; called by whoever reads it."""
    job: Any = None
    """Whatever belongs to the drawing; handed back with it."""


class Executor(Protocol):
    def chain(self, graph: Node) -> Chain | Copy:
        """The steps that a piece is drawn by."""

    def draw_all(self, drawings: Iterator[Drawing]) -> Iterator[Drawing]: ...

    def close(self) -> None: ...
