"""What a render would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vedc.api.spec import TURN, PathName, Spec, Time, build_of, deciding_of
from vedc.support.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from vedc.api.progress import Callback


@dataclass(frozen=True, slots=True)
class SegmentPlan:
    """A stretch of an output, the unit of rendering and of storing."""

    start: int
    """Its first frame."""
    frames: int
    key: str
    """A hash of everything that can change its frames."""
    stored: bool
    """Whether an earlier render left it in the store, so that it is not rendered again."""


@dataclass(frozen=True, slots=True)
class OutputPlan:
    """What a render would do for one output; a rendition of an adaptive stream has one, too."""

    path: Path
    segments: tuple[SegmentPlan, ...]
    frames: int
    pending_frames: int
    """Frames that would be rendered; the others are in the store."""
    duration: Fraction
    """Seconds, to a microsecond."""
    digest: str
    """Equal for two plans that give the same film."""
    data: Mapping[str, Any]
    """The plan as ``vedc plan --json`` prints it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a render would do."""

    outputs: tuple[OutputPlan, ...]

    @property
    def pending_frames(self) -> int:
        """Frames that a render would draw now; frames of compositions are not counted."""
        return sum(output.pending_frames for output in self.outputs)

    def __str__(self) -> str:
        """As ``vedc plan`` prints it."""
        from vedc.plan.describe import as_text

        return "\n".join(as_text(dict(output.data)) for output in self.outputs)


def plan(
    spec: Spec,
    *,
    only: Sequence[str] = (),
    start: Time | None = None,
    end: Time | None = None,
    scale: float | Fraction = 1,
    device: str = "auto",
    networks: str = "auto",
    locked: bool = False,
    store: PathName | None = None,
    progress: Callback | None = None,
) -> Plan:
    """What :func:`vedc.render` would do with the same options. Nothing is rendered or written.

    Decisions that ``vedc.lock`` lacks are made for the plan, or with ``locked`` raise LockError;
    ``store`` is as for a render; ``progress`` follows the analyses. Raises SpecError and
    MissingError.
    """
    from vedc.execute.devices.device import pick_device
    from vedc.report.specs.planned import described

    with TURN:
        where = pick_device(device, networks)
        build = build_of(spec, only=only, start=start, end=end, scale=scale, store=store)
        deciding = deciding_of(
            build, locked=locked, jobs=0, progress=progress, networks=where.networks
        )
        edits = build.edits(deciding)
        kept = build.open_store()
        return Plan(tuple(_planned(described(build, e, deciding, where, kept)) for e in edits))


def _planned(entry: dict[str, Any]) -> OutputPlan:
    segments = tuple(
        SegmentPlan(s["start"], s["frames"], s["key"], s["stored"]) for s in entry["segments"]
    )
    pending = {segment.key: segment.frames for segment in segments if not segment.stored}
    return OutputPlan(
        Path(entry["target"]),
        segments,
        entry["frames"],
        sum(pending.values()),
        Fraction(round(entry["seconds"] * 1_000_000), 1_000_000),
        entry["digest"],
        entry,
    )
