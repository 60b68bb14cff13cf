"""Shot detectors side by side, on films whose boundaries are known.

The films are in the folder ``VEDC_FILMS`` (one that ``models/films.render_set``
made of sources that training never saw); without it films are made of the clips at hand.
"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

from tests.bench.measure import MEDIA
from vedc.errors import UserError
from vedc.train.cuts.films import Film

#: Clips without a cut inside.
CLIPS = (
    "car-detection", "crystal", "elf", "frog", "monster", "one-by-one-person-detection", "pig",
)  # fmt: skip
FILMS, FRAMES = 9, 240


def main(folder: Path) -> None:
    from vedc.train.cuts import evaluate, films

    place = os.environ.get("VEDC_FILMS")
    films = films.read_set(Path(place)) if place else made(folder)
    print("Shot detectors: F1 within 0 and 2 frames, 95% intervals of the bootstrap over films")
    if not films:
        print(f"  left out: no films in VEDC_FILMS, and no clips in {MEDIA} (set VEDC_MEDIA)")
        return
    if not place:
        print("  of clips that the network has partly learned from: models/cuts.md has its test")
    detectors = {}
    for name, (detect, packages) in evaluate.DETECTORS.items():
        missing = [p for p in packages if importlib.util.find_spec(p) is None]
        if missing:
            print(f"  {name} is left out: {', '.join(missing)} is not installed")
            continue
        if name == "network" and weights_missing():
            print(f"  {name} is left out: {weights_missing()}")
            continue
        detectors[name] = detect
    print(evaluate.evaluate_detectors(detectors, films).text())


def weights_missing() -> str:
    """Why the network cannot run here; nothing where it can."""
    from vedc.decide.shots import detect_network

    try:
        detect_network.digest()
    except UserError as error:
        return error.problems[0].message
    return ""


def made(folder: Path) -> tuple[Film, ...]:
    """A few films of the clips at hand."""
    from vedc.train.cuts import films
    from vedc.train.cuts.footage import Footage

    clips = [MEDIA / "video" / f"{name}.mp4" for name in CLIPS]
    if not all(clip.exists() for clip in clips):
        return ()
    chosen = folder / "clips"
    chosen.mkdir(exist_ok=True)
    for clip in clips:
        (chosen / clip.name).symlink_to(clip)
    footage = Footage.load(chosen, films.SIZE)
    return films.render_set(footage, folder / "films", seed=1, count=FILMS, frames=FRAMES)
