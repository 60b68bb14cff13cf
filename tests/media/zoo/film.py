"""The picture and sound of a rendered film, compared with the expected ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np

from tests.media.make import Unreadable, read_luma_number

if TYPE_CHECKING:
    from tests.media.zoo.entry import Right, Sound

_AUDIBLE = 10 ** (-50 / 20)
"""The envelope above which something is heard, for full scale 1."""

_WINDOW = 0.001
"""Seconds of the envelope's window."""

_SPOT = 0.04
"""Side of the square that a spot averages, as a share of the picture's."""


def differences(film: Path, right: Right) -> list[str]:
    """Every fault of the film, in words."""
    pictures, rate, size = _pictures(film)
    found: list[str] = []
    if right.size is not None and size != right.size:
        found.append(f"size {size}, not {right.size}")
    if right.frames is not None and len(pictures) != right.frames:
        found.append(f"{len(pictures)} frames, not {right.frames}")
    if right.rate is not None and abs(rate - right.rate) > 0.001:
        found.append(f"{rate:.4f} frames per second, not {right.rate:.4f}")
    if right.seconds is not None and abs(len(pictures) / rate - right.seconds) > 0.5 / rate + 1e-6:
        found.append(f"{len(pictures) / rate:.3f} s, not {right.seconds:.3f} s")
    for index, mean in right.means.items():
        found += _color(f"frame {index}", pictures, index, slice(None), slice(None), mean, right)
    height, width = pictures[0].shape[:2]
    for (index, x, y), color in right.spots.items():
        columns, rows = _around(x, width), _around(y, height)
        found += _color(f"frame {index} at {x}, {y}", pictures, index, rows, columns, color, right)
    for index, number in right.numbers.items():
        found += _number(pictures, index, number)
    if right.sound is not None or right.silent:
        samples, hertz = _samples(film)
        if right.sound is not None:
            found += _heard(samples, hertz, right.sound)
        elif samples.size and np.abs(samples).max() > _AUDIBLE:
            found.append(f"sound of {np.abs(samples).max():.3f} where there should be none")
    return found


def _pictures(film: Path) -> tuple[list[np.ndarray], float, tuple[int, int]]:
    """Each frame as uint8 RGB (height, width, 3)."""
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        frames = [
            frame.reformat(format="rgb24", src_colorspace="ITU709").to_ndarray()
            for frame in container.decode(stream)
        ]
        assert stream.average_rate is not None
        return frames, float(stream.average_rate), (stream.width, stream.height)


def _around(at: float, length: int) -> slice:
    half = max(_SPOT * length / 2, 0.5)
    low = min(max(round(at * length - half), 0), length - 1)
    return slice(low, max(low + 1, round(at * length + half)))


def _color(
    where: str,
    pictures: list[np.ndarray],
    index: int,
    rows: slice,
    columns: slice,
    wanted: tuple[float, float, float],
    right: Right,
) -> list[str]:
    if not -len(pictures) <= index < len(pictures):
        return [f"{where} does not exist"]
    got = pictures[index][rows, columns].mean((0, 1))
    if np.abs(got - wanted).max() <= right.tolerance:
        return []
    return [f"{where} is {got.round(1).tolist()}, not {list(wanted)}"]


def _number(pictures: list[np.ndarray], index: int, number: int) -> list[str]:
    if not -len(pictures) <= index < len(pictures):
        return [f"frame {index} does not exist"]
    try:
        got = read_luma_number(pictures[index][..., 1].astype(np.int64))
    except Unreadable as error:
        return [f"frame {index}: {error}"]
    return [] if got == number else [f"frame {index} shows number {got}, not {number}"]


def _samples(film: Path) -> tuple[np.ndarray, int]:
    """Float samples (channels, count), and how many there are a second."""
    with av.open(str(film)) as container:
        if not container.streams.audio:
            return np.zeros((1, 0)), 1
        stream = container.streams.audio[0]
        resampler = av.AudioResampler(format="fltp")
        blocks = [
            part.to_ndarray()
            for frame in [*container.decode(stream), None]
            for part in resampler.resample(frame)
        ]
        return np.concatenate(blocks, axis=1), stream.rate


def _heard(samples: np.ndarray, rate: int, sound: Sound) -> list[str]:
    window = max(1, round(_WINDOW * rate))
    loudest = np.abs(samples).max(0) if samples.size else np.zeros(0)
    count = len(loudest) // window
    envelope = loudest[: count * window].reshape(count, window).max(1, initial=0)
    heard = np.flatnonzero(envelope > _AUDIBLE)
    if not heard.size:
        return ["silence where there should be sound"]
    found: list[str] = []
    start, end = heard[0] * _WINDOW, (heard[-1] + 1) * _WINDOW
    for what, got, wanted in (("begins", start, sound.start), ("ends", end, sound.end)):
        if abs(got - wanted) > sound.slack + _WINDOW:
            found.append(f"sound {what} at {got:.4f} s, not {wanted:.4f} s")
    for low, high in sound.gaps:
        inside = envelope[
            round((low + sound.slack) / _WINDOW) + 1 : round((high - sound.slack) / _WINDOW) - 1
        ]
        if inside.max(initial=0) > _AUDIBLE:
            found.append(f"sound between {low} s and {high} s, where there should be silence")
        found += [
            f"silence at {edge:.4f} s, beside the gap"
            for edge in (low - sound.slack - 2 * _WINDOW, high + sound.slack + _WINDOW)
            if envelope[round(edge / _WINDOW) - 12 : round(edge / _WINDOW) + 12].max() < _AUDIBLE
        ]
    inside = samples[:, round(sound.start * rate) : round(sound.end * rate)]
    inside = np.concatenate(_between(inside, rate, sound), axis=1)
    channel = inside[np.argmax((inside**2).mean(1))]
    if sound.hertz is not None:
        spectrum = np.abs(np.fft.rfft(channel * np.hanning(channel.size)))
        strongest = float(np.argmax(spectrum)) * rate / channel.size
        if abs(strongest - sound.hertz) > max(0.01 * sound.hertz, rate / channel.size):
            found.append(f"{strongest:.1f} Hz, not {sound.hertz:.1f} Hz")
    if sound.level is not None:
        level = 10 * float(np.log10((channel**2).mean() + 1e-12))
        if abs(level - sound.level) > 0.3:
            found.append(f"{level:.2f} dB, not {sound.level:.2f} dB")
    return found


def _between(samples: np.ndarray, rate: int, sound: Sound) -> list[np.ndarray]:
    """The stretches of ``samples``, which begin with the sound, that lie outside its gaps."""
    parts, at = [], 0
    for low, high in sound.gaps:
        parts.append(samples[:, at : round((low - sound.start) * rate)])
        at = round((high - sound.start) * rate)
    return [*parts, samples[:, at:]]
