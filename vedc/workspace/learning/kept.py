"""Findings about each film, kept beside the style, so that an interrupted run resumes.

Each film has a folder with the spec that rebuilds it and a file of findings, which records what
they depend on: the digests of the film and of the raw files, and the version of this format.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from vedc.decide.align.alignment import AlignedSegment, Alignment
from vedc.decide.align.pictures import Box
from vedc.edit.media_info import MediaInfo
from vedc.media.files import make_folder, whole_file
from vedc.support.read_json import read_json

_VERSION: Final = 1
"""Increased when stages change their findings."""
FOUND: Final = "found.json"


@dataclass(slots=True)
class Kept:
    """The results of a film's stages, by name."""

    file: Path
    key: str
    stages: dict[str, Any]

    @classmethod
    def open(cls, folder: Path, digests: Sequence[str]) -> Kept:
        """A folder's findings for a film and raw files with these digests, if any."""
        key = hashlib.sha256(json.dumps([_VERSION, *digests]).encode()).hexdigest()
        file = folder / FOUND
        try:
            data = read_json(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            data = None
        stages = {}
        if (
            isinstance(data, dict)
            and data.get("key") == key
            and isinstance(data.get("stages"), dict)
        ):
            stages = data["stages"]
        return cls(file, key, stages)

    def keep(self, stage: str, value: Any) -> None:
        """Write a result. Raises RenderError ``cannot-write``."""
        self.stages[stage] = value
        make_folder(self.file.parent)
        text = json.dumps({"key": self.key, "stages": self.stages}, indent=1, ensure_ascii=False)
        with whole_file(self.file) as part:
            part.write_text(text + "\n", encoding="utf-8")


def alignment_data(found: Alignment) -> dict[str, Any]:
    """An alignment as plain data; the files are left out."""
    return {
        "rate": str(found.rate),
        "frames": found.frames,
        "area": _box(found.area),
        "segments": [
            {
                "start": s.start,
                "end": s.end,
                "origin": s.origin,
                "source": s.source,
                "begin": str(s.begin),
                "speed": str(s.speed),
                "crop": _box(s.crop),
                "boundary": s.boundary,
                "range": list(s.boundary_range),
                "confidence": s.confidence,
                "way": s.way,
            }
            for s in found.segments
        ],
    }


def alignment_of(data: Mapping[str, Any], film: MediaInfo, raws: Sequence[MediaInfo]) -> Alignment:
    """An alignment from :func:`alignment_data`, and its files."""
    segments = tuple(
        AlignedSegment(
            s["start"], s["end"], s["origin"], s["source"], Fraction(s["begin"]),
            Fraction(s["speed"]), Box(*s["crop"]), s["boundary"],
            (s["range"][0], s["range"][1]), s["confidence"],
            s.get("way"),
        )
        for s in data["segments"]
    )  # fmt: skip
    area, rate = Box(*data["area"]), Fraction(data["rate"])
    return Alignment(film, tuple(raws), rate, data["frames"], area, segments)


def _box(box: Box) -> list[float]:
    return [box.x, box.y, box.width, box.height]
