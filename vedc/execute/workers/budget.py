"""How many processes a render may use, given the machine's cores and memory."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from vedc.color import FORMATS
from vedc.execute.pipeline import DEPTH
from vedc.execute.readers import MOST_IDLE
from vedc.plan.executable import ComputedPiece
from vedc.plan.plan import Plan
from vedc.support.control_groups import memory_left

#: Bytes of a worker without pictures: the interpreter, the libraries, compiled kernels.
BASE: Final = 220 << 20
#: An encoder's memory in pictures, by codec, as measured at 1080p and 2160p: its lookahead, its
#: references, and data about each.
ENCODERS: Final = {"h264": 150, "hevc": 150, "av1": 120, "vp9": 90}
#: The same for any other codec.
PLAIN_ENCODER: Final = 12
#: Pictures that a decoder holds: its references, its threads' and the queued ones.
DECODER: Final = 24
#: The fraction of free memory that a render may use.
SHARE: Final = 0.7

_PROC: Final = Path("/proc")


def free_memory() -> int | None:
    """Bytes still available to processes, limited by the machine and its containers; None if
    unknown."""
    found = []
    with suppress(OSError, ValueError, StopIteration, IndexError):
        lines = (_PROC / "meminfo").read_text().splitlines()
        free = next(line for line in lines if line.startswith("MemAvailable:"))
        found.append(int(free.split()[1]) * 1024)
    if (left := memory_left()) is not None:
        found.append(left)
    return min(found) if found else None


def memory_of(plans: Sequence[Plan]) -> int:
    """An estimate of the most bytes that a process takes to render these outputs together."""
    total = BASE
    readers: set[tuple[str, int]] = set()
    largest = 0
    for plan in plans:
        if plan.video is None:
            continue
        pixels = plan.video.width * plan.video.height
        held = ENCODERS.get(plan.video.codec, PLAIN_ENCODER) + 2 * DEPTH
        total += held * _bytes(plan.video.pix_fmt, pixels)
        for piece in plan.executables:
            layers = sum(piece.buffers) if isinstance(piece, ComputedPiece) else 0
            delivered = sum(
                source.width * source.height * 4 for read in piece.reads for source in read.sources
            )
            largest = max(largest, layers + 2 * DEPTH * delivered)
            readers |= {(read.digest, read.stream) for read in piece.reads}
    decoded = sorted((_picture(plans, reader) for reader in readers), reverse=True)
    return total + largest + DECODER * sum(decoded[: MOST_IDLE + 1])


def affordable(plans: Sequence[Plan], free: int | None) -> int:
    """How many processes fit into memory, including this one."""
    if free is None:
        return 1 << 16
    return max(1, int(free * SHARE) // memory_of(plans))


def _bytes(pix_fmt: str, pixels: int) -> int:
    """The size of a picture with that many pixels."""
    layout, side = FORMATS[pix_fmt], 16
    sizes = ((plane, *layout.plane_size(plane, side, side)) for plane in range(layout.planes))
    one = sum(width * height * layout.element_bytes(plane) for plane, width, height in sizes)
    return pixels * one // (side * side)


def _picture(plans: Sequence[Plan], source: tuple[str, int]) -> int:
    """Bytes of a decoded picture of a file."""
    for plan in plans:
        info = plan.media.get(source)
        if info is not None and info.video is not None:
            return _bytes(info.video.format, info.video.width * info.video.height)
    return 0
