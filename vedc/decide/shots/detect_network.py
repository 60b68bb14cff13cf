"""Shot boundaries by vedc's own network (models/cuts/network.py), in NumPy: no torch is loaded.

A film goes by in pieces. What convolutions and similarities see reaches 57 frames, and is
computed once for each frame. The GRU that reads it forgets only slowly, but is cheap: it reads
far beyond each piece on both sides, so that where pieces lie does not change what is found.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from vedc.decide.analyses.results import Thumbs
from vedc.decide.arrays import Float
from vedc.decide.shots.boundary import Boundary, DetectedKind

if TYPE_CHECKING:
    from vedc.models.network_weights import NetworkWeights

#: Frames of a piece, and those that the GRU reads on each side of it besides.
WINDOW: Final = 512
MEMORY: Final = 512

_LONG: Final = 6
"""Frames from which on a gradual transition is more than a cut seen unsharply."""

#: Columns of the curves of :func:`curves`: those of ``forward``, as probabilities.
CUT, GRADUAL, START, END = range(4)
_KINDS: Final[tuple[DetectedKind, ...]] = ("cut", "dissolve", "fade", "wipe", "slide")


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which probability on; tuned on validation and kept with the weights."""

    cut: float = 0.5
    gradual: float = 0.5
    """What the surest frame of a gradual transition must reach."""
    inside: float = 0.3
    """What each of its frames must reach."""
    edge: float = 0.3
    """What a first or last frame must reach to move an end that ``inside`` found."""
    shortest: int = 3
    """Frames of a gradual transition at least."""

    @classmethod
    def of(cls, notes: Mapping[str, str]) -> Thresholds:
        """From what was noted beside weights; what was not, as it stands here."""
        made = {}
        for name in cls.__slots__:
            if name in notes:
                made[name] = (int if name == "shortest" else float)(notes[name])
        return cls(**made)  # type: ignore[arg-type]

    def notes(self) -> dict[str, str]:
        return {name: repr(getattr(self, name)) for name in self.__slots__}


def digest() -> str:
    """Of the weights that are used."""
    from vedc.models import network_weights

    return network_weights.digest(network_weights.shipped("cuts"))


def detect(thumbs: Thumbs, file: Path | None = None) -> list[Boundary]:
    """Where shots meet, in order. ``file``: other weights than those shipped.

    Memory: a few pieces, and 36 bytes a frame. Raises what network_weights.load raises.
    """
    held = _loaded(*_where(file))
    return boundaries(curves(thumbs, held.arrays), Thresholds.of(held.notes))


def curves(thumbs: Thumbs, arrays: Mapping[str, Float]) -> Float:
    """Probabilities of every frame: (n, 9), in the columns that the network gives."""
    from vedc.models.cuts import network
    from vedc.models.layers import NumpyLayers

    of, n = NumpyLayers(), len(thumbs)
    out = np.empty((n, network.OUTPUTS), np.float32)
    pieces: deque[Float] = deque()  # what is seen, from frame ``first`` on
    first = known = 0
    for start in range(0, n, WINDOW):
        end = min(start + WINDOW, n)
        while known < min(end + MEMORY, n):
            pieces.append(_seen(thumbs, arrays, known, min(known + WINDOW, n)))
            known += len(pieces[-1])
        while first + len(pieces[0]) <= start - MEMORY:
            first += len(pieces.popleft())
        logits = network.classify(of, arrays, np.concatenate(pieces)[None])[
            0, start - first : end - first
        ]
        out[start:end, : network.TYPE.start] = of.sigmoid(logits[:, : network.TYPE.start])
        out[start:end, network.TYPE] = of.softmax(logits[:, network.TYPE])
    return out


def _seen(thumbs: Thumbs, arrays: Mapping[str, Float], start: int, end: int) -> Float:
    """What the network sees around frames ``start`` to ``end``: (end - start, 160)."""
    from vedc.models.cuts import network
    from vedc.models.layers import NumpyLayers

    low, high = max(0, start - network.REACH), min(len(thumbs), end + network.REACH)
    frames = thumbs.read(low, high)
    codes = network.patches(frames).astype(np.float32)[None]
    seen = network.encode(NumpyLayers(), arrays, codes, network.compared(frames)[None])
    found: Float = seen[0, start - low : end - low]
    return found


def boundaries(probable: Float, limits: Thresholds) -> list[Boundary]:
    """Read boundaries off the curves.

    A cut is a frame more probable than its neighbours; a gradual transition a run of frames,
    whose ends move to the likeliest first and last frame nearby. Where both claim a frame, the
    one that is further above its threshold stays; but a transition that begins or ends with a
    cut, as a fade from black after a cut to it, is one boundary.
    """
    graduals = _graduals(probable, limits)
    found = [c for c in _cuts(probable, limits) if not any(_at_edge(c, g) for g in graduals)]
    kept: list[Boundary] = []
    for one in sorted([*found, *graduals], key=lambda b: (b.start, b.end)):
        while kept and _clash(kept[-1], one):
            if _margin(kept[-1], limits) >= _margin(one, limits):
                break
            kept.pop()
        else:
            kept.append(one)
    return kept


def _margin(one: Boundary, limits: Thresholds) -> float:
    limit = limits.cut if one.kind == "cut" else limits.gradual
    return (one.score - limit) / (1 - limit + 1e-6)


def _clash(first: Boundary, second: Boundary) -> bool:
    """Whether a frame would be in both, or a shot between them have none."""
    return second.start < first.end or second.middle <= first.middle


def _at_edge(cut: Boundary, gradual: Boundary) -> bool:
    """Whether a cut is how a longer transition begins or ends."""
    near = min(abs(cut.start - gradual.start), abs(cut.start - gradual.end))
    return near <= 2 and gradual.end - gradual.start >= _LONG


def _cuts(probable: Float, limits: Thresholds) -> list[Boundary]:
    c = probable[:, CUT]
    n = len(c)
    around = np.pad(c, 2, constant_values=-1.0)
    # The first of equals: more than those before, no less than those after.
    peak = (c > around[:n]) & (c > around[1 : n + 1])
    peak &= (c >= around[3 : n + 3]) & (c >= around[4:])
    peak &= c >= limits.cut
    peak[:1] = False  # the first frame of the film is not after a cut
    return [Boundary("cut", int(i), int(i), float(c[i])) for i in np.flatnonzero(peak)]


def _graduals(probable: Float, limits: Thresholds) -> list[Boundary]:
    inside = np.concatenate([[False], probable[:, GRADUAL] >= limits.inside, [False]])
    edges = np.flatnonzero(inside[1:] != inside[:-1])
    out = []
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        top = float(probable[start:end, GRADUAL].max())
        if top < limits.gradual:
            continue
        first = _nearby(probable[:, START], start, start, end, limits)
        last = _nearby(probable[:, END], end - 1, first, end, limits)
        if last + 1 - first < limits.shortest:
            continue
        kinds = probable[first : last + 1, 5:].sum(0)
        kind = _KINDS[1 + int(kinds.argmax())]
        out.append(Boundary(kind, first, last + 1, top))
    return out


def _nearby(curve: Float, at: int, low: int, high: int, limits: Thresholds) -> int:
    """The likeliest end of a run near ``at``, which the run's own end is if none is likely."""
    reach = 2 + (high - low) // 3
    begin = max(0, at - reach)
    part = curve[begin : at + reach + 1]
    best = begin + int(part.argmax())
    return best if curve[best] >= limits.edge else at


def _where(file: Path | None) -> tuple[Path, int, int]:
    from vedc.models import network_weights

    path = file or network_weights.shipped("cuts")
    network_weights.digest(path)
    stat = path.stat()
    return path, stat.st_size, stat.st_mtime_ns


@lru_cache(maxsize=2)
def _loaded(path: Path, size: int, changed: int) -> NetworkWeights:
    from vedc.models import network_weights
    from vedc.models.cuts import network

    return network_weights.load(path, network.shapes())
