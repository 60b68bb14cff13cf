"""Shot boundaries by vedc's own network (models/cuts/network.py), in NumPy, without torch.

A film is read in windows. Convolutions and similarities reach 57 frames and run once for each
frame. The GRU forgets slowly but is cheap: it reads far beyond each window on both sides, so that
window positions do not change the result.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, get_args

import numpy as np

from vedc.decide.analyses.results import Thumbs
from vedc.decide.arrays import Float, true_runs
from vedc.decide.shots.boundary import Boundary, DetectedKind
from vedc.models import network_weights
from vedc.models.cuts import network
from vedc.models.layers import NumpyLayers
from vedc.models.network_weights import NetworkWeights

#: Frames of a window, and frames that the GRU reads on each side of it.
WINDOW: Final = 512
MEMORY: Final = 512

_LONG: Final = 6
"""The fewest frames of a gradual transition that is more than a blurred cut."""

_KINDS: Final[tuple[DetectedKind, ...]] = get_args(DetectedKind)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Least probabilities, tuned on validation and stored with the weights."""

    cut: float = 0.5
    gradual: float = 0.5
    """For the most confident frame of a gradual transition."""
    inside: float = 0.3
    """For each of its frames."""
    edge: float = 0.3
    """For a first or last frame, to move an end found by ``inside``."""
    shortest: int = 3
    """Least frames of a gradual transition."""

    @classmethod
    def of(cls, notes: Mapping[str, str]) -> Thresholds:
        """From the notes of weights; missing ones have the defaults."""
        shortest = int(notes.get("shortest", cls().shortest))
        others = {name: float(notes[name]) for name in cls.__slots__[:-1] if name in notes}
        return cls(**others, shortest=shortest)

    def notes(self) -> dict[str, str]:
        return {name: repr(getattr(self, name)) for name in self.__slots__}


def digest() -> str:
    """Digest of the shipped weights."""
    return network_weights.digest(network_weights.shipped("cuts"))


def detect(thumbs: Thumbs, file: Path | None = None) -> list[Boundary]:
    """Boundaries in order. ``file``: other weights than those shipped.

    Memory: a few windows, and 36 bytes a frame. Raises what ``network_weights.load`` raises.
    """
    path = file or network_weights.shipped("cuts")
    weights = _load(path, network_weights.digest(path))
    return boundaries(curves(thumbs, weights.arrays), Thresholds.of(weights.notes))


@lru_cache(maxsize=2)
def _load(path: Path, digest: str) -> NetworkWeights:
    return network_weights.load(path, network.shapes())


def curves(thumbs: Thumbs, arrays: Mapping[str, Float]) -> Float:
    """Probabilities of every frame, (n, 9), in the columns of the network."""
    layers, n = NumpyLayers(), len(thumbs)
    out = np.empty((n, network.OUTPUTS), np.float32)
    encoded: deque[Float] = deque()  # from frame ``first``
    first = known = 0
    for start in range(0, n, WINDOW):
        end = min(start + WINDOW, n)
        while known < min(end + MEMORY, n):
            encoded.append(_encode(thumbs, arrays, known, min(known + WINDOW, n)))
            known += len(encoded[-1])
        while first + len(encoded[0]) <= start - MEMORY:
            first += len(encoded.popleft())
        logits = network.classify(layers, arrays, np.concatenate(encoded)[None])[0]
        logits = logits[start - first : end - first]
        out[start:end, : network.TYPE.start] = layers.sigmoid(logits[:, : network.TYPE.start])
        out[start:end, network.TYPE] = layers.softmax(logits[:, network.TYPE])
    return out


def _encode(thumbs: Thumbs, arrays: Mapping[str, Float], start: int, end: int) -> Float:
    """The encoding of frames ``start`` to ``end``: (end - start, 160)."""
    low, high = max(0, start - network.REACH), min(len(thumbs), end + network.REACH)
    frames = thumbs.read(low, high)
    codes = network.patches(frames).astype(np.float32)[None]
    encoded = network.encode(NumpyLayers(), arrays, codes, network.compared(frames)[None])
    found: Float = encoded[0, start - low : end - low]
    return found


def boundaries(probable: Float, limits: Thresholds) -> list[Boundary]:
    """Read boundaries off the curves.

    A cut is a local maximum; a gradual transition is a run of frames whose ends move to the
    likeliest first and last frame nearby. Of two that overlap, the one further above its
    threshold stays; a transition that begins or ends with a cut is one boundary.
    """
    graduals = _graduals(probable, limits)
    found = [c for c in _cuts(probable, limits) if not any(_at_edge(c, g) for g in graduals)]
    out: list[Boundary] = []
    for one in sorted([*found, *graduals], key=lambda b: (b.start, b.end)):
        while out and _clash(out[-1], one):
            if _margin(out[-1], limits) >= _margin(one, limits):
                break
            out.pop()
        else:
            out.append(one)
    return out


def _margin(one: Boundary, limits: Thresholds) -> float:
    limit = limits.cut if one.kind == "cut" else limits.gradual
    return (one.score - limit) / (1 - limit + 1e-6)


def _clash(first: Boundary, second: Boundary) -> bool:
    """Whether they share a frame, or leave no frame for the shot between."""
    return second.start < first.end or second.middle <= first.middle


def _at_edge(cut: Boundary, gradual: Boundary) -> bool:
    """Whether a longer transition begins or ends with the cut."""
    near = min(abs(cut.start - gradual.start), abs(cut.start - gradual.end))
    return near <= 2 and gradual.end - gradual.start >= _LONG


def _cuts(probable: Float, limits: Thresholds) -> list[Boundary]:
    c = probable[:, network.CUT]
    n = len(c)
    around = np.pad(c, 2, constant_values=-1.0)
    # The first of equals: greater than those before, no less than those after.
    peak = (c > around[:n]) & (c > around[1 : n + 1])
    peak &= (c >= around[3 : n + 3]) & (c >= around[4:])
    peak &= c >= limits.cut
    peak[:1] = False  # the first frame of the film is not after a cut
    return [Boundary("cut", int(i), int(i), float(c[i])) for i in np.flatnonzero(peak)]


def _graduals(probable: Float, limits: Thresholds) -> list[Boundary]:
    out = []
    for start, end in true_runs(probable[:, network.GRADUAL] >= limits.inside):
        top = float(probable[start:end, network.GRADUAL].max())
        if top < limits.gradual:
            continue
        first = _nearby(probable[:, network.START], start, start, end, limits)
        last = _nearby(probable[:, network.END], end - 1, first, end, limits)
        if last + 1 - first < limits.shortest:
            continue
        kinds = probable[first : last + 1, 5:].sum(0)
        kind = _KINDS[1 + int(kinds.argmax())]
        out.append(Boundary(kind, first, last + 1, top))
    return out


def _nearby(curve: Float, at: int, low: int, high: int, limits: Thresholds) -> int:
    """The likeliest end near ``at``; ``at`` itself if none is likely."""
    reach = 2 + (high - low) // 3
    begin = max(0, at - reach)
    part = curve[begin : at + reach + 1]
    best = begin + int(part.argmax())
    return best if curve[best] >= limits.edge else at
