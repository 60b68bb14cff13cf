"""What every executor offers: frames of executable pieces, computed.

An executor takes frame jobs as they come and gives them back as they are done, those of each output
in order. It may hold a few to compute them together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from vedc.codegen.image import Image
from vedc.plan.executable import ComputedPiece
from vedc.support.lazy_dataclass import dataclass


def _ready() -> None:
    """Nothing is left to wait for."""


@dataclass(slots=True)
class FrameJob:
    """One frame to compute.

    ``piece`` is None where there is nothing to compute: such a job only keeps its turn.
    """

    piece: ComputedPiece | None
    frame: int = 0
    """Of the piece."""
    pictures: Sequence[Image | None] = ()
    """The decoded pictures, by fetch; None for stills and titles, which the executor makes."""
    out: Image | None = None
    ready: Callable[[], None] = _ready
    """Waits until ``out`` holds the frame; called by whoever reads it."""
    tag: Any = None
    """Whatever belongs to the job; handed back with it."""
    outputs: tuple[int, ...] = (0,)
    """The outputs that show the frame. Jobs of several outputs may alternate."""
    unlike: bool = False
    """Whether the pictures of a transition have nothing in common that its filter looks for."""


class Executor(Protocol):
    def run(self, jobs: Iterator[FrameJob]) -> Iterator[FrameJob]: ...

    def close(self) -> None: ...


class Passing:
    """The executor of plans in which nothing is computed: frames are encoded as decoded."""

    def run(self, jobs: Iterator[FrameJob]) -> Iterator[FrameJob]:
        return jobs

    def close(self) -> None:
        """There is nothing to close."""
