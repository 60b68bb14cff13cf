"""Films of the editors whose places are known: rows to learn from without aligning anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np

from tests.bench.learn.editors import EDITORS, RATE, Editor, Used, cut, prepared
from tests.bench.measure import MEDIA

GROUPS: Final = (
    ("talk", "frog", "crystal"),
    ("one-by-one-person-detection", "elf", "nasa_13013"),
    ("car-detection", "green-screen", "pig", "monster"),
)
"""Footage, in groups that share no file."""
_KINDS: Final = {
    "fade": "dissolve", "fadeblack": "fade", "wipeleft": "wipe", "slideleft": "slide",
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A film, and what was found of it."""

    editor: str
    group: int
    rows: Any
    score: Any = None


def seconds_of(editor: Editor) -> float:
    """The length of a film: more for those whose shots are longer."""
    return 20.0 if editor.name in ("quiet", "report") else 14.0


def known_films(
    folder: Path, count: int, seed: int, groups: Sequence[Sequence[str]] = GROUPS
) -> list[Made]:
    """The rows of ``count`` films of each editor and group of files, without rendering."""
    from vedc.train.house.film_rows import rows_of
    from vedc.workspace.analyses import open_media, runner_for
    from vedc.workspace.learning.learn import features_of

    made: list[Made] = []
    for group, names in enumerate(groups):
        raws = prepared(MEDIA / "video", names, folder / "raw")
        media = [open_media(raw) for raw in raws]
        runner = runner_for(raws[0], folder / "cache")
        features = [features_of(runner, each, Fraction(RATE)) for each in media]
        for index, editor in enumerate(EDITORS):
            for number in range(count):
                rng = np.random.default_rng([seed, index, group, number])
                pieces = cut(editor, raws, rng, seconds_of(editor))
                found = _aligned(pieces, raws, media)
                name = f"{editor.name}-{group}{number}"
                made.append(Made(editor.name, group, rows_of(found, features, name)))
    return made


def _aligned(pieces: Sequence[Used], raws: Sequence[Path], media: Sequence[Any]) -> Any:
    """A perfect alignment of a film."""
    from vedc.decide.align.alignment import AlignedSegment, Alignment
    from vedc.decide.align.pictures import Box

    segments: list[AlignedSegment] = []
    at = 0
    for number, piece in enumerate(pieces):
        following = pieces[number + 1] if number + 1 < len(pieces) else None
        first = at - piece.overlap  # where the piece itself begins
        start = at - piece.overlap + piece.overlap // 2
        end = first + piece.frames
        at = end
        if following is not None:
            end -= following.overlap - following.overlap // 2
        inside = Fraction(start - first, RATE) * piece.speed
        zoom = 1 / piece.zoom
        segments.append(
            AlignedSegment(
                start,
                end,
                "raw",
                list(raws).index(piece.file),
                Fraction(piece.begin).limit_denominator(10_000) + inside,
                piece.speed,
                Box((1 - zoom) / 2, (1 - zoom) / 2, zoom, zoom),
                "start" if number == 0 else _KINDS.get(piece.join or "", "cut"),  # type: ignore[arg-type]
                (first, first + piece.overlap) if piece.overlap else (start, start),
                1.0,
            )
        )
    return Alignment(media[0], tuple(media), Fraction(RATE), at, Box(), tuple(segments))
