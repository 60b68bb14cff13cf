"""A storyboard: the shots of an edit as a table, JSON, and a sheet of pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from PIL import Image

from vedc.edit.model import Edit
from vedc.edit.timecode import brief, clock_time, timecode_or_clock
from vedc.report.tables import Column, table
from vedc.review.board.shots import Shot
from vedc.workspace.sheets.page import Grid, Tile, fitted, layout, pages_of, write_pages


@dataclass(frozen=True, slots=True)
class _Canvas:
    display_size: tuple[int, int]


class Board:
    """The sheet at ``target`` with a picture of each shot."""

    def __init__(
        self, target: Path, name: str, film: Edit, shots: Sequence[Shot], columns: int | None
    ) -> None:
        self.target, self.name, self.film, self.shots = target, name, film, shots
        profile = film.profile
        self._canvas = _Canvas((profile.width, profile.height))
        lines = max(len(_lines(shot, profile.fps)) for shot in shots)
        self.grid: Grid = layout(self._canvas, len(shots), columns, lines)

    @property
    def frames(self) -> list[int]:
        return [shot.shows for shot in self.shots]

    @property
    def scale(self) -> Fraction:
        """The size of its pictures relative to the canvas, at most 1."""
        return min(Fraction(1), Fraction(self.grid.width, self.film.profile.width))

    @property
    def pages(self) -> list[Path]:
        return pages_of(self.target, self.grid, len(self.shots))

    def write(self, pictures: Sequence[Path]) -> list[Path]:
        """Write the pages from picture files, by shot; returns their files."""
        rate = self.film.profile.fps
        tiles = []
        for shot in self.shots:
            lines = _lines(shot, rate)
            begin = timecode_or_clock(shot.start, rate)
            title = f"{begin}, {brief((shot.end - shot.start) / rate)}"
            tiles.append(Tile(shot.shows, title, shot.name, shot.transition, tuple(lines)))
        length = clock_time(self.film.duration / rate, short=True)
        size = f"{self.film.profile.width}x{self.film.profile.height}"
        count = f"{len(self.shots)} shot{'' if len(self.shots) == 1 else 's'}"
        facts = f"{count}, {length}, {float(rate):.5g} fps, {size}"
        return write_pages(self.target, self.grid, tiles, self._shown(pictures), self.name, facts)

    def _shown(self, pictures: Sequence[Path]) -> Iterator[Image.Image]:
        size = fitted(self._canvas, self.grid.width, self.grid.height)
        for path in pictures:
            with Image.open(path) as picture:
                shown = picture.convert("RGB")
            yield shown if shown.size == size else shown.resize(size, Image.Resampling.LANCZOS)


def _lines(shot: Shot, rate: Fraction) -> list[str]:
    """The description of a shot, besides its name."""
    lines = []
    facts = []
    if shot.source is not None:
        begin, end = (clock_time(max(time, Fraction(0)), short=True) for time in shot.source)
        facts.append(f"{begin} to {end} of the file")
    if shot.transition_frames:
        facts.append(f"{shot.transition} of {brief(shot.transition_frames / rate)}")
    if facts:
        lines.append(", ".join(facts))
    lines += [f"“{title}”" for title in shot.titles]
    if shot.grade or shot.effects:
        lines.append(", ".join((*shot.grade, *shot.effects)))
    return lines


def as_text(film: Edit, shots: Sequence[Shot]) -> str:
    """The shots as a table."""
    rate = film.profile.fps
    rows = [
        [
            str(number),
            timecode_or_clock(shot.start, rate),
            brief((shot.end - shot.start) / rate),
            shot.transition,
            shot.track,
            shot.name,
            " / ".join(shot.titles),
        ]
        for number, shot in enumerate(shots, 1)
    ]
    columns = [
        Column("shot", True), Column("start"), Column("length", True), Column("by"),
        Column("track"), Column("shows"), Column("titles"),
    ]  # fmt: skip
    return table(columns, rows)


def as_data(film: Edit, shots: Sequence[Shot]) -> dict[str, Any]:
    """The shots as documented JSON."""
    rate = film.profile.fps
    return {
        "version": 1,
        "output": film.output.path,
        "frame_rate": str(rate),
        "frames": film.duration,
        "shots": [
            {
                "start": float(shot.start / rate),
                "end": float(shot.end / rate),
                "frames": [shot.start, shot.end],
                "frame": shot.shows,
                "track": shot.track,
                "name": shot.name,
                "source": None if shot.source is None else [float(t) for t in shot.source],
                "transition": shot.transition,
                "transition_length": float(shot.transition_frames / rate),
                "titles": list(shot.titles),
                "grade": list(shot.grade),
                "effects": list(shot.effects),
            }
            for shot in shots
        ],
    }
