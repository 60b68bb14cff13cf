"""Reading a file backwards: a batch of frames is decoded forwards and handed out from its end.

Decoders only go forward. Reading frames one by one would decode their GOP again for each; a batch
decodes it once, and memory does not depend on the length of the GOP or the clip.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeVar

from av import VideoFrame

_Source = TypeVar("_Source")

ROOM: Final = 128 << 20
"""The most bytes of pictures waiting to be handed out, per file."""


def in_order(
    read: Callable[[int], Mapping[_Source, VideoFrame]], frames: int, backwards: bool, size: int
) -> Iterator[Mapping[_Source, VideoFrame]]:
    """``read(0)``, ``read(1)`` and so on; called in batches when reading ``backwards``.

    ``size``: the most bytes of one result.
    """
    first = 0
    while first < frames:
        batch = min(max(1, ROOM // size), frames - first) if backwards else 1
        held = [read(number) for number in reversed(range(first, first + batch))]
        size = max(1, sum(p.buffer_size for frame in held[0].values() for p in frame.planes))
        first += batch
        while held:
            yield held.pop()
