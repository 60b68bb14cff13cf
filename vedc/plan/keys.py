"""Keys: the hash of all that can change the bytes of a segment or of the sound.

A key is made of texts: the optimised graphs with their times counted from the segment's
start and their files named by content; the versions of the ops in them; the encoder's
settings; and the versions of the libraries whose output is not the same from release to
release. Nothing of it depends on where the files or the segment lie.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from functools import cache

from vedc.ir.graph import Node, walk
from vedc.ir.ir_ops import ir_op
from vedc.ir.text import print_graph
from vedc.plan.settings import AudioPlan, VideoSettings

#: Raised by hand when the same plan would render other bytes than the release before.
ENGINE = "2"


@cache
def _library(name: str) -> str:
    from importlib.metadata import version  # takes longer to load than all that plans

    return version(name)


def digest(parts: Iterable[str]) -> str:
    """SHA-256 over length-prefixed texts, as hexadecimal."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode()
        total.update(len(data).to_bytes(8, "little"))
        total.update(data)
    return total.hexdigest()


def segment_key(
    pieces: Iterable[tuple[int, Node]],
    settings: VideoSettings,
    engine: Callable[[str], str],
    drawn_by: str = "",
) -> str:
    """The key of a closed segment: (frames, optimised graph) of each piece, in order.

    ``engine`` names what will draw a fetched node (``still``, ``title``), version included.
    ``drawn_by`` names what computes the pixels where that is not the processor: two devices
    round differently.
    """
    parts = [f"vedc segment {ENGINE}", repr(settings), f"av {_library('av')}"]
    if drawn_by:
        parts.append(f"drawn by {drawn_by}")
    used: set[str] = set()
    for frames, graph in pieces:
        parts += [str(frames), print_graph(graph)]
        used.update(node.op for node in walk(graph))
    for name in sorted(used):
        facts = ir_op(name)
        if facts.fetched == "bitmap":
            parts.append(f"{name} by {engine(name)}")
        if facts.op is not None:
            source = f" from {facts.op.source}" if facts.op.source else ""
            parts.append(f"{name} {facts.op.version}{source}")
        for used_filter in facts.filters:
            cv = _library("opencv-python-headless")
            parts.append(f"{name} by {used_filter.name} {used_filter.version}, OpenCV {cv}")
    return digest(parts)


def sound_key(plan: AudioPlan) -> str:
    """The key of the film's sound. Paths do not count: the digests beside them do."""
    pieces = [
        (p.digest, p.start, p.length, p.source_in, p.gain_db, p.fades, p.loop_length)
        for p in plan.pieces
    ]
    return digest(
        [
            f"vedc sound {ENGINE}",
            repr(plan.settings),
            str(plan.length),
            repr(pieces),
            f"av {_library('av')}",
        ]
    )
