"""Speech with known words: espeak-ng reads a text and reports the start of each word."""

from __future__ import annotations

import ctypes
import wave
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

#: The type of espeak_EVENT for the start of a word.
_WORD = 1
_RETRIEVE = 1 << 0


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_int64),
    )


_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


@cache
def _library() -> tuple[Any, int]:
    try:
        library = ctypes.CDLL("libespeak-ng.so.1")
    except OSError:
        pytest.skip("needs espeak-ng: apt-get install espeak-ng")
    return library, library.espeak_Initialize(2, 0, None, 0)


def speak(
    text: str, speed: int = 150, voice: str = "en-us"
) -> tuple[Any, int, list[tuple[int, float]]]:
    """Samples (int16), their rate, and the offset in the text and the time of each word."""
    library, rate = _library()
    sound: list[Any] = []
    words: list[tuple[int, float]] = []

    def take(samples: Any, count: int, events: Any) -> int:
        if count > 0:
            sound.append(np.ctypeslib.as_array(samples, (count,)).copy())
        index = 0
        while events[index].type:
            if events[index].type == _WORD:
                words.append((events[index].text_position - 1, events[index].sample / rate))
            index += 1
        return 0

    callback = _CALLBACK(take)
    library.espeak_SetSynthCallback(callback)
    library.espeak_SetVoiceByName(voice.encode())
    library.espeak_SetParameter(1, speed, 0)
    data = text.encode() + b"\0"
    library.espeak_Synth(data, len(data), 0, 1, 0, 1, None, None)
    library.espeak_Synchronize()
    return np.concatenate(sound), rate, words


def write_wav(file: Path, samples: Any, rate: int) -> Path:
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(samples.astype("<i2").tobytes())
    return file


def starts_of(text: str, told: list[tuple[int, float]]) -> dict[int, Fraction]:
    """The start times of written words by their number, for those that espeak reports separately.
    It joins some ("that it") into one event, so the second has no time."""
    offsets, at = {}, 0
    for number, word in enumerate(text.split()):
        at = text.index(word, at)
        offsets[at] = number
        at += len(word)
    return {offsets[o]: Fraction(round(t * 1000), 1000) for o, t in told if o in offsets}
