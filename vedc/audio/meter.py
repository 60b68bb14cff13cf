"""Loudness by EBU R 128 (ITU-R BS.1770), as FFmpeg's ebur128 measures it."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import av
import numpy as np

from vedc.audio.downmix import LAYOUTS
from vedc.audio.signal.filter_graph import FilterGraph

if TYPE_CHECKING:
    from vedc.audio.decode import Samples

SILENT: Final = -70.0
"""LUFS of sound that is too short or too soft to measure: the absolute gate."""

STEP: Final = 10
"""Measurements a second."""

_RANGED: Final = 3 * STEP + 4
"""The least number of measurements for a loudness range: with fewer than five values over three
seconds the lowest tenth is empty, and ebur128 then gives the width of its gate, 20 LU."""


class Loudness(NamedTuple):
    """What was measured."""

    integrated: float
    """LUFS; :data:`SILENT` where nothing passes the gate."""
    range: float
    """LU; 0 of less than 3.4 seconds."""
    true_peak: float
    """dBTP; ``-inf`` for silence."""

    @property
    def known(self) -> bool:
        return self.integrated > SILENT


class Meter:
    """Measures blocks of shape (channels, samples), given in order."""

    def __init__(self, rate: int, channels: int, *, peaks: bool = True) -> None:
        options = "metadata=1:peak=" + ("true" if peaks else "none")
        self._graph = FilterGraph([("ebur128", options)], rate, LAYOUTS[channels])
        self._seen: dict[str, str] = {}
        self.short_term: list[float] = []
        """LUFS over the three seconds before each tenth of a second, from 0.1 s."""

    def add(self, block: Samples) -> None:
        self._take(self._graph.push(block))

    def result(self) -> Loudness:
        """The loudness of all blocks; nothing can be added after it."""
        self._take(self._graph.end())

        def value(name: str, default: float) -> float:
            return float(self._seen.get(f"lavfi.r128.{name}", default))

        peak = value("true_peak", 0.0)
        return Loudness(
            max(value("I", SILENT), SILENT),
            value("LRA", 0.0) if len(self.short_term) >= _RANGED else 0.0,
            20 * math.log10(peak) if peak > 0 else -math.inf,
        )

    def _take(self, frames: Iterable[tuple[Samples, Mapping[str, str]]]) -> None:
        for _, metadata in frames:
            if "lavfi.r128.S" in metadata:
                self._seen = dict(metadata)
                self.short_term.append(float(metadata["lavfi.r128.S"]))


def measure_file(path: Path, rate: int, channels: int) -> Loudness:
    """The loudness of a file's sound. Raises av.FFmpegError where it cannot be read."""
    meter = Meter(rate, channels)
    with av.open(os.fspath(path)) as file:
        resampler = av.AudioResampler("fltp", rate=rate)
        for frame in file.decode(audio=0):
            for same in resampler.resample(frame):
                meter.add(same.to_ndarray().astype(np.float32, copy=False))
    return meter.result()
