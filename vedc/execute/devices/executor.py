"""The interface of executors, which compute frames of executable pieces.

An executor takes frame jobs as they come and returns them when done, each output's in order. It may
hold a few to compute them together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from vedc.codegen.image import Image
from vedc.plan.executable import ComputedPiece
from vedc.support.lazy_dataclass import dataclass


def _ready() -> None:
    """There is nothing to wait for."""


@dataclass(slots=True)
class FrameJob:
    """One frame to compute.

    ``piece`` is None if there is nothing to compute: such a job only keeps its turn.
    """

    piece: ComputedPiece | None
    frame: int = 0
    """The frame number in the piece."""
    pictures: Sequence[Image | None] = ()
    """The decoded pictures, by fetch; None for stills and titles, which the executor makes."""
    out: Image | None = None
    ready: Callable[[], None] = _ready
    """Waits until ``out`` holds the frame; called by its reader."""
    tag: Any = None
    """Arbitrary data of the job's owner; returned with it."""
    outputs: tuple[int, ...] = (0,)
    """The outputs that show the frame. Jobs of several outputs may alternate."""
    unlike: bool = False
    """Whether a transition's filter found nothing in common between its pictures."""


class Executor(Protocol):
    def run(self, jobs: Iterator[FrameJob]) -> Iterator[FrameJob]: ...

    def close(self) -> None: ...


class Passing:
    """The executor of plans in which nothing is computed: frames are encoded as decoded."""

    def run(self, jobs: Iterator[FrameJob]) -> Iterator[FrameJob]:
        return jobs

    def close(self) -> None:
        """There is nothing to close."""
