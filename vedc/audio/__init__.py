"""The sound of a film: decoding, mixing and encoding, on FFmpeg's libraries.

Loaded only by rendering.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from vedc.audio.encode import encode
from vedc.audio.limiter import Overload, limit
from vedc.audio.mix import mix
from vedc.audio.report import SoundReport
from vedc.plan.settings import AudioPlan

if TYPE_CHECKING:
    from vedc.audio.decode import Samples


def render(
    plan: AudioPlan, path: Path, progress: Callable[[int], None] | None = None
) -> SoundReport:
    """Write the sound of a plan as a file of its own, whose packets the film's muxer copies.

    Its container is ``plan.settings.muxer``; sample 0 plays at time 0. ``progress`` is called
    now and then with the number of samples done. The same plan gives the same bytes. Memory depends
    on how many pieces sound at once, not on the length or on how many there are.

    Returns where the limiter acts and which damage is heard as silence. Raises RenderError:
    ``damaged-media`` where nothing of a source can be decoded, ``cannot-write`` where the file
    cannot be written. A partial file may remain at ``path``.
    """
    rate = plan.settings.rate
    report = SoundReport(Overload(rate))
    with closing(mix(plan, report)) as blocks:
        heard = limit(blocks, rate, report.overload)
        if plan.part is not None:
            heard = _between(heard, *plan.part)
        encode(heard, plan.settings, path, progress)
    return report


def _between(blocks: Iterable[Samples], first: int, end: int) -> Iterator[Samples]:
    """Samples ``first <= s < end`` of the blocks: those before are mixed too, since what is heard
    may depend on them."""
    at = 0
    for block in blocks:
        length = block.shape[1]
        wanted = block[:, max(0, first - at) : max(0, end - at)]
        if wanted.shape[1]:
            yield wanted
        at += length
        if at >= end:
            return
