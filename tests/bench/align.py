"""Alignment: how many frames of films with known sources are traced to their source frame.

Run as ``python -m tests.bench.align [--clips talk,frog] [--conditions all,crop] [FOLDER]``. For
each clip and condition a film is made of five pieces at drawn places of the clip; the clip is its
raw file. Reported: the share of frames traced within one frame of the source, first of all frames,
then only of those that can be distinguished: all but those whose source picture is bit for bit the
one found. ``tests/media/align_edits.py`` makes the films and counts.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from tests.bench.measure import MEDIA
from tests.media.align_edits import (
    CROP,
    GRADE,
    LOGO,
    LOOK,
    Piece,
    Truth,
    count_frames,
    make,
    rate_and_size,
    traced,
)

CLIPS = (
    "talk", "one-by-one-person-detection", "car-detection", "crystal", "elf", "frog", "monster",
    "pig", "green-screen", "nasa_13013",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Condition:
    """What is done to the pieces of a film."""

    filters: str = "null"
    crf: int = 18
    speeds: tuple[Fraction, ...] = (Fraction(1),)
    """In turn, from piece to piece."""
    other_rate: bool = False


_WORST = f"{CROP},{GRADE}"
CONDITIONS: Mapping[str, Condition] = {
    "plain": Condition(),
    "grade": Condition(GRADE),
    "look": Condition(LOOK),
    "crop": Condition(CROP),
    "crf 28": Condition(crf=28),
    "logo": Condition(LOGO),
    "all": Condition(_WORST, 28),
    "speed 0.5": Condition(_WORST, 28, (Fraction(1, 2),)),
    "speed 0.8": Condition(_WORST, 28, (Fraction(4, 5),)),
    "speed 1.25": Condition(_WORST, 28, (Fraction(5, 4),)),
    "speed 2": Condition(_WORST, 28, (Fraction(2),)),
    "speeds": Condition(
        _WORST, 28, (Fraction(1), Fraction(1, 2), Fraction(2), Fraction(4, 5), Fraction(5, 4))
    ),
    "rate": Condition(_WORST, 28, other_rate=True),
}


def pieces_of(file: Path, seed: int, speeds: Sequence[Fraction], count: int = 5) -> list[Piece]:
    """Pieces of 1 to 3 seconds at drawn places."""
    rng = random.Random(f"{file.name} {seed}")
    rate, _ = rate_and_size(file)
    total = count_frames(file)
    out: list[Piece] = []
    for k in range(count):
        speed = speeds[k % len(speeds)]
        length = min(Fraction(rng.randint(10, 30), 10), total / rate / speed / 2)
        last = int(total - length * speed * rate) - 2
        out.append(Piece(file, rng.randint(0, max(0, last)), length, speed))
    return out


def film(file: Path, name: str, seed: int, out: Path) -> Truth:
    """Make the film of a clip under a condition."""
    condition = CONDITIONS[name]
    rate, (width, height) = rate_and_size(file)
    scale = min(1.0, 640 / width)
    size = round(width * scale / 2) * 2, round(height * scale / 2) * 2
    film_rate = rate
    if condition.other_rate:
        film_rate = Fraction(25) if rate != 25 else Fraction(30000, 1001)
    return make(
        out,
        pieces_of(file, seed, condition.speeds),
        size=size,
        rate=film_rate,
        filters=condition.filters,
        crf=condition.crf,
    )


def main(
    folder: Path,
    clips: Sequence[str] = CLIPS,
    conditions: Sequence[str] = tuple(CONDITIONS),
    seed: int = 1,
) -> None:
    from vedc.decide.align.alignment import align
    from vedc.media.probe import probe

    print("frames traced within one frame of their source, in percent (of those told apart)")
    sums: dict[str, list[int]] = {}
    for clip in clips:
        file = MEDIA / "video" / f"{clip}.mp4"
        if not file.is_file():
            print(f"{clip}: left out, '{file}' is not there")
            continue
        for name in conditions:
            out = folder / f"{clip}-{name.replace(' ', '-')}.mp4"
            truth = film(file, name, seed, out)
            began = time.monotonic()
            found = align(probe(out), [probe(file)], folder=folder)
            took = time.monotonic() - began
            right, apart, total = traced(found, [file], truth)
            held = sums.setdefault(name, [0, 0, 0])
            for k, value in enumerate((right, apart, total)):
                held[k] += value
            print(
                f"{clip:28s} {name:11s} {100 * right / total:6.2f} "
                f"({100 * apart / total:6.2f} strictly) of {total}, {took:.0f} s",
                flush=True,
            )
    for name, (right, apart, total) in sums.items():
        print(f"{'all clips':28s} {name:11s} {100 * right / total:6.2f} "
              f"({100 * apart / total:6.2f} strictly) of {total}")  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--clips", default=",".join(CLIPS))
    parser.add_argument("--conditions", default=",".join(CONDITIONS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("folder", nargs="?", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        main(
            given.folder or Path(made),
            given.clips.split(","),
            given.conditions.split(","),
            given.seed,
        )
