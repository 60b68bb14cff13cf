"""Rendering the outputs of a spec."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vedc.api.progress import LOG, Callback, Frames
from vedc.api.spec import TURN, PathName, Spec, Time, build_of, deciding_of
from vedc.errors import Problem
from vedc.support.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from vedc.execute.devices.device import Device
    from vedc.execute.output import RenderSummary


@dataclass(frozen=True, slots=True)
class Rendered:
    """An output that was rendered."""

    path: Path
    """The file; the first page of a contact sheet, the pattern of numbered pictures."""
    frames: int
    rendered_frames: int
    """Frames that were rendered now; the others came from the store."""
    warnings: tuple[Problem, ...]
    """What was guessed, repaired or lost, with places in the spec."""
    pages: tuple[Path, ...] = ()
    """The files of a contact sheet."""
    rendition: str | None = None
    """The size, such as 1280x720, of a rendition of an adaptive stream."""
    loudness: Mapping[str, Any] | None = None
    """What was done to reach the loudness that the spec asks for."""


def render(
    spec: Spec,
    output: PathName | None = None,
    *,
    only: Sequence[str] = (),
    start: Time | None = None,
    end: Time | None = None,
    scale: float | Fraction = 1,
    overwrite: bool = False,
    jobs: int = 0,
    workers: int = 1,
    store: PathName | None = None,
    device: str = "auto",
    networks: str = "auto",
    locked: bool = False,
    strict: bool = False,
    progress: Callback | None = None,
) -> tuple[Rendered, ...]:
    """Render the outputs of a spec; only frames not stored by an earlier render are drawn.

    ``output`` takes the place of the path of a spec's one output; ``only`` chooses among several by
    file name or pattern. ``start`` and ``end`` select a part of the film, and ``scale`` renders a
    draft. A file that vedc did not write is replaced only with ``overwrite``. ``jobs`` is the
    number of threads, by default one for each core. ``workers`` is the number of processes, this
    one included; 0 chooses by cores, memory and the length of the film; processes started end with
    the call. ``store`` is where machines share what they store: a folder, s3://BUCKET/FOLDER,
    gs://BUCKET/FOLDER or, to read only, https://HOST/FOLDER; all but folders need a spec that may
    use the network. ``device`` is auto, cpu, cuda or cuda:N, and ``networks`` what runs networks on
    the CPU: auto, cv, ort or torch. Decisions that ``vedc.lock`` lacks are made and written there;
    with ``locked`` they raise LockError. With ``strict`` every warning is an error.

    ``progress`` is called on the calling thread, several times a second. An exception that it
    raises ends the render and propagates; finished segments stay in the store.

    Raises SpecError or MissingError for a spec that is not valid, UsageError for options that do
    not fit it, and RenderError where decoding, encoding or writing fails.
    """
    from vedc.execute.workers.pool import WorkerPool
    from vedc.workspace.deliver import deliver

    if output is not None and only:
        raise TypeError("output names the file of a spec's one output; only chooses among several")
    with TURN:
        where = chosen_device(device, networks)
        build = build_of(
            spec, output=output, only=only, start=start, end=end, scale=scale, store=store
        )
        deciding = deciding_of(
            build, locked=locked, jobs=jobs, progress=progress, networks=where.networks
        )
        with WorkerPool(workers or None) as pool:
            done = deliver(
                build,
                replace=overwrite,
                threads=jobs,
                progress=Frames(progress),
                device=where,
                deciding=deciding,
                warn=_refuse if strict else _ignore,
                strict=strict,
                workers=pool,
            )
    return tuple(map(_rendered, done))


def chosen_device(name: str, networks: str) -> Device:
    """The device of that name; notes about the choice are logged."""
    from vedc.execute.devices.device import pick_device

    device = pick_device(name, networks)
    if device.note:
        LOG.info(device.note)
    return device


def _ignore(warnings: Sequence[Problem]) -> None:
    """They are in what :func:`render` returns."""


def _refuse(warnings: Sequence[Problem]) -> None:
    from vedc.errors import SpecError, as_errors

    if refused := as_errors(warnings):
        raise SpecError(refused)


def _rendered(summary: RenderSummary) -> Rendered:
    return Rendered(
        Path(summary.target),
        summary.frames,
        summary.rendered_frames,
        tuple(summary.warnings),
        tuple(map(Path, summary.pages or ())),
        summary.rendition,
        summary.loudness,
    )
