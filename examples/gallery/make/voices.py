"""Make the gallery's voices and the caption files that say what they say.

    python examples/gallery/make/voices.py      # needs the program flite

Each line begins a fixed pause after the one before; its caption has the same times.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Final

import numpy as np
from sound import RATE, Samples, encode, faded, read

GALLERY: Final = Path(__file__).parents[1]

#: Project, voice, seconds before the first line, pause between lines, and the lines.
TEXTS: Final[tuple[tuple[str, str, float, float, tuple[str, ...]], ...]] = (
    (
        "lesson",
        "slt",
        0.8,
        0.7,
        (
            "Why is the sky blue?",
            "Sunlight looks white, but it is a mixture of all colours.",
            "On its way through the air, it meets molecules that are far smaller than its waves.",
            "They scatter short waves more than long ones:",
            "blue light about four times as much as red.",
            "So blue reaches your eye from every part of the sky.",
            "In the evening the way is longer. The blue is lost, and red is what remains.",
        ),
    ),
    (
        "news",
        "rms",
        3.4,
        0.6,
        (
            "Good evening. Here are three stories in half a minute.",
            "A rocket is ready for its launch to watch the weather of the sun.",
            "The city has switched its office lights to a new schedule.",
            "And in the mountains, the first hikers of the season are on their way.",
            "That was the news. Good night.",
        ),
    ),
    (
        "support-answer",
        "slt",
        0.6,
        0.8,
        (
            "You asked how to change who can see your calendar.",
            "Open the settings, and choose sharing.",
            "Under visibility, pick: only my team.",
            "Press save. That is all.",
        ),
    ),
    (
        "talk",
        "awb",
        0.6,
        0.6,
        (
            "Hello. I am a rabbit, and this is a talk about sleeping well.",
            "First: choose a quiet place. Under a tree is good.",
            "Second: stretch, slowly, before you do anything else.",
            "Third: do not look at butterflies. They keep you awake.",
            "Thank you. I am going back to bed.",
        ),
    ),
)


def spoken(voice: str, line: str) -> Samples:
    """One line, without the silence around it."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        call = ["flite", "-voice", voice, "--setf", "duration_stretch=1.06", "-o", file.name]
        subprocess.run([*call, "-t", line], check=True)
        said = read(Path(file.name), "mono")
    loud = np.flatnonzero(np.abs(said[0]) > 0.004)
    return said[:, loud[0] : loud[-1] + RATE // 20]


def clock(seconds: float) -> str:
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    return f"00:{minutes:02d}:{rest // 1000:02d},{rest % 1000:03d}"


def tell(project: str, voice: str, lead: float, pause: float, lines: tuple[str, ...]) -> None:
    now, pieces, cues = lead, [np.zeros((1, round(lead * RATE)), np.float32)], []
    for number, text in enumerate(lines, 1):
        said = spoken(voice, text)
        length = said.shape[1] / RATE
        cues.append(f"{number}\n{clock(now)} --> {clock(now + length + 0.2)}\n{text}\n")
        pieces += [said, np.zeros((1, round(pause * RATE)), np.float32)]
        now += length + pause
    whole = np.concatenate(pieces, axis=1)
    media = GALLERY / project / "media"
    encode(media / "voice.opus", faded(whole, whole.shape[1] / RATE, 0), 40_000)
    (media / "voice.srt").write_text("\n".join(cues), encoding="utf-8")
    print(f"{project}: {now:.2f} s")


if __name__ == "__main__":
    for text in TEXTS:
        tell(*text)
