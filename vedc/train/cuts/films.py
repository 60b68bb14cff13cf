"""Films for testing shot detectors: labelled edits with full-size pictures, encoded and decoded.

They are encoded by x264 at many qualities, rates and key frame intervals, and decoded like any
film. Every third film has only hard negatives: a take full of flashes, whip pans and titles, in
which any detected boundary is false.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np

from vedc.decide.arrays import Byte, Generator
from vedc.train.cuts.edits import PLAIN, LabelledBoundary, LabelledEdit, Negative, Recipe, make_edit
from vedc.train.cuts.footage import Footage

#: (height, width) of the films and of their footage.
SIZE: Final = (180, 320)

FRAMES: Final = 500
_RATES: Final = (Fraction(24), Fraction(25), Fraction(30), Fraction(30000, 1001), Fraction(50))

#: Edits with boundaries, and takes without any, disturbed as often as possible. No film fades in
#: from black: detectors disagree on whether that is a boundary.
EDITED: Final = replace(PLAIN, without=0.0, edges=0.0, shot=(25.0, 90.0), disturbed=0.5)
DISTURBED: Final = replace(PLAIN, without=1.0, edges=0.0, disturbed=0.97)


@dataclass(frozen=True, slots=True)
class Film:
    """A film on disk and its labels."""

    path: Path
    frames: int
    rate: Fraction
    boundaries: tuple[LabelledBoundary, ...]
    negatives: tuple[Negative, ...]
    hard: bool
    """Whether it has no boundaries, only hard negatives."""
    crf: int = 0


def render_edit(
    rng: Generator,
    footage: Footage,
    path: Path,
    frames: int = FRAMES,
    recipe: Recipe = EDITED,
) -> Film:
    """Make a film at ``path`` (an .mp4), and its labels beside it (.json).

    ``footage`` is loaded at ``SIZE``, or at the film's intended size.
    """
    edit = make_edit(rng, footage, frames, footage.size, recipe)
    rate = _RATES[int(rng.integers(len(_RATES)))]
    crf = int(rng.integers(18, 33))
    encode(path, edit, rate, crf, keys=int(rng.choice([12, 48, 250])))
    film = Film(path, frames, rate, edit.boundaries, edit.negatives, recipe.without == 1.0, crf)
    path.with_suffix(".json").write_text(json.dumps(_plain(film)), encoding="utf-8")
    return film


def encode(path: Path, edit: LabelledEdit, rate: Fraction, crf: int, keys: int) -> None:
    """Write the frames of an edit by x264, 4:2:0."""
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate)
        stream.height, stream.width = edit.thumbs.shape[1:3]
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": str(crf), "preset": "veryfast", "g": str(keys)}
        for picture in edit.thumbs:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def render_set(
    footage: Footage,
    folder: Path,
    seed: int,
    count: int = 36,
    frames: int = FRAMES,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Film, ...]:
    """``count`` films in ``folder``, each with its own seed; existing ones are reused."""
    folder.mkdir(parents=True, exist_ok=True)
    films = []
    for number in range(count):
        path = folder / f"{number:03}.mp4"
        if not path.with_suffix(".json").is_file():
            rng = np.random.default_rng([seed, number])
            recipe = DISTURBED if number % 3 == 2 else EDITED
            render_edit(rng, footage, path, frames, recipe)
        films.append(read_film(path))
        if progress:
            progress(number + 1, count)
    return tuple(films)


def read_set(folder: Path) -> tuple[Film, ...]:
    """The films of a folder, in order."""
    return tuple(read_film(path.with_suffix(".mp4")) for path in sorted(folder.glob("*.json")))


def read_film(path: Path) -> Film:
    """A film, read from its labels."""
    facts: dict[str, Any] = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    return Film(
        path,
        facts["frames"],
        Fraction(facts["rate"]),
        tuple(LabelledBoundary(**boundary) for boundary in facts["joints"]),
        tuple(Negative(**negative) for negative in facts["negatives"]),
        facts["hard"],
        facts["crf"],
    )


def _plain(film: Film) -> dict[str, Any]:
    return {
        "frames": film.frames,
        "rate": str(film.rate),
        "joints": [asdict(boundary) for boundary in film.boundaries],
        "negatives": [asdict(negative) for negative in film.negatives],
        "hard": film.hard,
        "crf": film.crf,
    }


def thumbs_of(path: Path) -> tuple[Byte, Fraction]:
    """The thumbnails of a film, (n, 27, 48, 3), and its rate."""
    from vedc.decide.analyses.decode_video import decode_video
    from vedc.media.probe import probe

    media = probe(path)
    watcher = _Collector()
    decode_video(media, [watcher])
    assert media.video is not None
    return np.concatenate(watcher.blocks), media.video.rate


class _Collector:
    """Collects thumbnails during decoding."""

    def __init__(self) -> None:
        self.blocks: list[Byte] = []

    def push(self, block: Any) -> None:
        self.blocks.append(np.array(block.thumbs))

    def finish(self) -> Any:
        return None
