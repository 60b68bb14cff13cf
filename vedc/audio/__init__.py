"""The sound of a film: decoding, mixing and encoding, on FFmpeg's libraries.

Loaded only by rendering.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Final

from vedc.audio.encode import encode
from vedc.audio.limiter import Overload, limit
from vedc.audio.loudness import Master
from vedc.audio.meter import measure_file
from vedc.audio.mix import mix
from vedc.audio.report import SoundReport
from vedc.audio.signal.curves import amplitude
from vedc.edit.sounds import LoudnessTarget
from vedc.plan.settings import AudioPlan

if TYPE_CHECKING:
    from vedc.audio.decode import Samples

_ATTEMPTS: Final = 5
"""The most attempts to write a file with the wanted loudness."""


def render(
    plan: AudioPlan, path: Path, progress: Callable[[int], None] | None = None
) -> SoundReport:
    """Write the sound of a plan as a separate file, whose packets the film's muxer copies.

    Its container is ``plan.settings.muxer``; sample 0 plays at time 0. ``progress`` is called from
    time to time with the number of samples done. The same plan gives the same bytes. Memory depends
    on how many pieces sound at once, not on their length or total number.

    Returns where the limiter acts, what was done for a loudness, and which damage is heard as
    silence. Raises RenderError: ``damaged-media`` where nothing of a source can be decoded,
    ``cannot-write`` where the file cannot be written. A partial file may remain at ``path``.
    """
    rate = plan.settings.rate
    report = SoundReport(Overload(rate))
    with closing(mix(plan, report)) as blocks:
        if plan.loudness is None:
            report.ceiling = plan.limiter
            peak = None if plan.limiter is None else amplitude(plan.limiter)
            limited = limit(blocks, rate, report.overload, peak)
            encode(_part_of(limited, plan), plan.settings, path, progress)
        else:
            _normalise(plan, plan.loudness, blocks, path, progress, report)
    return report


def _normalise(
    plan: AudioPlan,
    target: LoudnessTarget,
    blocks: Iterable[Samples],
    path: Path,
    progress: Callable[[int], None] | None,
    report: SoundReport,
) -> None:
    rate, channels = plan.settings.rate, plan.settings.channels

    def tick() -> None:
        if progress is not None:
            progress(0)

    with TemporaryFile(dir=path.parent) as scratch:
        master = Master(blocks, target, rate, channels, scratch, tick)
        for attempt in range(_ATTEMPTS):
            encode(_part_of(master.play(), plan), plan.settings, path, progress)
            written = measure_file(path, rate, channels)
            report.loudness = master.report(written)
            last = attempt == _ATTEMPTS - 1
            if last or not master.correct(written, whole=plan.part is None):
                return


def render_part(
    plan: AudioPlan, path: Path, progress: Callable[[int], None] | None = None
) -> SoundReport:
    """As :func:`render`, for a sound that others read: whole, and not limited, since only the final
    sound must not exceed full scale."""
    report = SoundReport(Overload(plan.settings.rate))
    with closing(mix(plan, report)) as blocks:
        encode(blocks, plan.settings, path, progress)
    return report


def _part_of(blocks: Iterable[Samples], plan: AudioPlan) -> Iterable[Samples]:
    """What the file holds of the film's sound."""
    return blocks if plan.part is None else _between(blocks, *plan.part)


def _between(blocks: Iterable[Samples], first: int, end: int) -> Iterator[Samples]:
    """Samples ``first <= s < end`` of the blocks: those before are mixed too, since the result may
    depend on them."""
    at = 0
    for block in blocks:
        length = block.shape[1]
        wanted = block[:, max(0, first - at) : max(0, end - at)]
        if wanted.shape[1]:
            yield wanted
        at += length
        if at >= end:
            return
