"""The sound of a film: decoding, mixing and encoding, on FFmpeg's libraries.

Loaded only by rendering.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from vedc.audio.encode import encode
from vedc.audio.limiter import Overload, limit
from vedc.audio.mix import mix
from vedc.plan.settings import AudioPlan


def render(
    plan: AudioPlan, path: Path, progress: Callable[[int], None] | None = None
) -> Overload | None:
    """Write the sound of a plan as a file of its own, whose packets the film's muxer copies.

    Its container is ``plan.settings.muxer``; sample 0 plays at time 0. ``progress`` is called
    now and then with the number of samples done. The same plan gives the same bytes. Memory depends
    on how many pieces sound at once, not on the length or on how many there are.

    Returns where the limiter acts; ``None`` if the mix stays within full scale. Raises RenderError:
    ``damaged-media`` where a source cannot be decoded, ``cannot-write`` where the file cannot be
    written. A partial file may remain at ``path``.
    """
    rate = plan.settings.rate
    overload = Overload(rate)
    with closing(mix(plan)) as blocks:
        encode(limit(blocks, rate, overload), plan.settings, path, progress)
    return overload if overload.places else None
