"""Reading a file backwards: a batch of frames forwards, then handed out from its end.

A decoder only goes forward. To read every frame on its own would decode its group of pictures anew
each time; a batch decodes it once, and how much is held does not depend on the group or the clip.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeVar

from av import VideoFrame

_Source = TypeVar("_Source")

ROOM: Final = 128 << 20
"""Bytes of pictures that may wait to be handed out, of one file."""


def in_order(
    read: Callable[[int], Mapping[_Source, VideoFrame]], frames: int, backwards: bool, size: int
) -> Iterator[Mapping[_Source, VideoFrame]]:
    """``read(0)``, ``read(1)`` and so on; where it reads ``backwards``, called in batches.

    ``size``: bytes that one of them has at most.
    """
    first = 0
    while first < frames:
        batch = min(max(1, ROOM // size), frames - first) if backwards else 1
        held = [read(number) for number in reversed(range(first, first + batch))]
        size = max(1, sum(p.buffer_size for frame in held[0].values() for p in frame.planes))
        first += batch
        while held:
            yield held.pop()
