"""Keys: the hash of everything that can change the bytes of a segment or of the sound.

A key is a hash of texts: the optimised graphs, with times counted from the piece's start and
files named by content; the versions of their ops and filters; the encoder's settings; and the
versions of libraries whose output changes from release to release. It depends neither on file
paths nor on the segment's position in the film.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

from vedc.ir.graph import Node, walk
from vedc.ir.ir_ops import ir_op
from vedc.ir.text import print_graph
from vedc.ops.core.filters import Network
from vedc.plan.settings import AudioPlan, VideoSettings
from vedc.support.installed import version

#: Raised by hand when the same plan renders different bytes than in the previous release.
ENGINE = "6"

#: The same for the frames of ``vedc.media.sampling``.
SAMPLING = "1"

#: The same for the sound.
SOUND_ENGINE = "8"


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
    computed_by: str = "",
) -> str:
    """The key of a closed segment: (frames, optimised graph) of each piece, in order.

    ``engine`` names the library that makes a ``still`` or ``title``, version included; for
    ``network NAME`` it names the weights and the backend. ``computed_by`` names the device that
    computes the pixels, if that is not the CPU: devices round differently.
    """
    parts = [f"vedc segment {ENGINE}", repr(settings), f"av {version('av')}"]
    if computed_by:
        parts.append(f"drawn by {computed_by}")
    used: set[str] = set()
    sampled: set[str] = set()
    for frames, graph in pieces:
        parts += [str(frames), print_graph(graph)]
        for node in walk(graph):
            used.add(node.op)
            if node.op == "source" and "sampling" in dict(node.params):
                sampled.add(node.text("sampling"))
    for sampling in sorted(sampled):
        cv = version("opencv-python-headless")
        parts.append(f"sampling {sampling} {SAMPLING}, OpenCV {cv}")
    for name in sorted(used):
        facts = ir_op(name)
        if facts.fetched == "bitmap":
            parts.append(f"{name} by {engine(name)}")
        if facts.op is not None:
            source = f" from {facts.op.source}" if facts.op.source else ""
            parts.append(f"{name} {facts.op.version}{source}")
        for used_filter in facts.filters:
            if isinstance(used_filter, Network):
                parts.append(f"{name} by {engine(f'network {used_filter.name}')}")
                continue
            cv = version("opencv-python-headless")
            parts.append(f"{name} by {used_filter.name} {used_filter.version}, OpenCV {cv}")
    return digest(parts)


def sound_key(plan: AudioPlan) -> str:
    """The key of the film's sound. Digests count, paths do not."""
    pieces = [
        (
            *(p.digest, p.start, p.length, p.source_in, p.gain_db, p.fades),
            *(p.stream, p.pan, p.mono, p.bus, p.pitch, p.filters, p.room, p.channels),
            p.retimed and (p.retimed.ramps, p.retimed.period),
        )
        for p in plan.pieces
    ]
    return digest(
        [
            f"vedc sound {SOUND_ENGINE}",
            repr(plan.settings),
            str(plan.length),
            repr(pieces),
            repr(plan.buses),
            repr(plan.master),
            f"av {version('av')}",
            *([f"samples {plan.part}"] if plan.part else []),
            *([repr(plan.loudness)] if plan.loudness else []),
            *([f"limiter {plan.limiter}"] if plan.limiter is not None else []),
        ]
    )
