"""Segments of several outputs, rendered by one process in turns.

A turn is a unit of work: the segments of all outputs that show the same stretch of the film, so
that it is decoded once for all of them. Its bits depend neither on which process renders it nor on
what that process rendered before.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from fractions import Fraction
from functools import partial
from typing import Final, Protocol

from vedc.execute.devices.device import Device
from vedc.execute.devices.executor import Executor, Passing
from vedc.execute.kept_film import KeptFilm
from vedc.execute.lane import Lane
from vedc.execute.output import Output
from vedc.execute.pipeline import Pipeline
from vedc.execute.readers import Readers
from vedc.execute.schedule import schedule
from vedc.execute.stages import FilmFrame, Stages
from vedc.execute.store import Store
from vedc.plan.executable import CopiedPiece
from vedc.plan.plan import Plan, Segment
from vedc.support.lazy_dataclass import dataclass

Turn = tuple[tuple[int, Segment], ...]
"""Segments, each with the index of its output."""

#: More threads make decoders larger, but no faster.
DECODER_THREADS: Final = 4
#: Outputs whose segments begin at different times have no natural places to cut: one is made after
#: this many seconds of the film.
_LONG: Final = 8


def turns_of(wanted: Sequence[tuple[Plan, Sequence[Segment]]]) -> list[Turn]:
    """The turns that render some segments of each output, in the order of the film.

    Segments that show the same times belong together. If segments of outputs with different rates
    keep overlapping, a turn ends after ``_LONG`` seconds, and the film is decoded twice there.
    """
    spans = sorted(
        (
            (segment.start / plan.fps, (segment.start + segment.frames) / plan.fps, output, segment)
            for output, (plan, segments) in enumerate(wanted)
            for segment in segments
        ),
        key=lambda span: (span[0], span[2]),
    )
    turns: list[list[tuple[int, Segment]]] = []
    begun = reached = Fraction(-1)
    for start, end, output, segment in spans:
        if start >= reached or start - begun >= _LONG:
            turns.append([])
            begun = start
        turns[-1].append((output, segment))
        reached = max(reached, end)
    return [tuple(turn) for turn in turns]


def frames_of(turn: Turn) -> int:
    return sum(segment.frames for _, segment in turn)


@dataclass(frozen=True)
class Job:
    """Everything that a process needs to render turns."""

    outputs: tuple[Output, ...]
    store: Store
    device: Device
    encoded: Callable[[], None]
    """Called for each frame."""
    note: Callable[[str], None]
    """Shows a message to the user."""
    stored: Callable[[int, Segment], None] = lambda output, segment: None
    """Called for each complete segment, with the index of its output."""


class SegmentWork:
    """The decoders, kernels and encoders of a process. Must be closed."""

    def __init__(self, job: Job, threads: int) -> None:
        """``threads``: the number for decoding, and for computing."""
        self._job = job
        outputs = job.outputs
        self._executor = executor_for(job, threads)
        media = {key: info for output in outputs for key, info in output.plan.media.items()}
        kept = {
            name: KeptFilm(film, job.store.path_of)
            for output in outputs
            for name, film in output.plan.compositions.items()
        }
        self._readers = Readers(media, min(threads, DECODER_THREADS), kept)
        lanes = [
            Lane(output, job.encoded, partial(job.stored, number))
            for number, output in enumerate(outputs)
        ]
        self._stages = Stages(lanes, self._executor, self._readers)

    def run(self, turns: Iterator[Turn], tick: Callable[[], None]) -> None:
        """Render turns until there are no more. ``turns`` is iterated on another thread, ahead of
        drawing; ``tick`` is called several times a second on this one."""
        encoding = [self._stages.encode] * len(self._job.outputs)
        pipeline = Pipeline(
            lambda: self._fetched(turns),
            self._stages.compute,
            encoding,
            computes=not isinstance(self._executor, Passing),
        )
        pipeline.run(tick)

    @property
    def decoded(self) -> int:
        """Source frames decoded so far."""
        return self._readers.decoded

    def close(self) -> None:
        """Drop everything unfinished and leave no trace of it."""
        self._stages.abort()
        self._readers.close()
        self._executor.close()

    def _fetched(self, turns: Iterator[Turn]) -> Generator[FilmFrame, None, None]:
        for turn in turns:
            wanted = [
                (output.plan, [segment for number, segment in turn if number == index])
                for index, output in enumerate(self._job.outputs)
            ]
            yield from self._stages.fetch(schedule(wanted))


class Workers(Protocol):
    """Processes that help with rendering."""

    def render(
        self, job: Job, turns: Sequence[Turn], threads: int, tick: Callable[[int], None]
    ) -> int:
        """Render turns, here and in worker processes. Returns how many frames were decoded.

        ``threads`` as for ``render``. ``tick`` is called several times a second on this thread,
        with the number of frames encoded elsewhere since the last call. It is negative where more
        were lost than encoded.
        """


def executor_for(job: Job, threads: int) -> Executor:
    """The executor of a job's frames. Only its modules are loaded."""
    plans = [output.plan for output in job.outputs]
    if all(isinstance(piece, CopiedPiece) for plan in plans for piece in plan.executables):
        return Passing()
    from vedc.codegen.code_cache import code_folder

    kernels = code_folder()
    files = {digest: path for plan in plans for digest, path in plan.files.items()}
    tables = {digest: cube for plan in plans for digest, cube in plan.tables.items()}
    if job.device.kind == "cpu":
        from vedc.execute.devices.cpu import CpuExecutor

        return CpuExecutor(files, tables, kernels, threads, job.device.networks)
    from vedc.execute.devices.cuda import CudaExecutor

    return CudaExecutor(job.device, files, tables, kernels, job.note)
