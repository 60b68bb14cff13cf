"""The contact sheet of a film: pictures of it with their timecodes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from PIL import Image

from vedc.edit.model import Edit
from vedc.edit.timecode import clock_time, timecode_or_clock
from vedc.errors import UsageError
from vedc.workspace.sheets.page import Grid, Tile, fitted, layout, pages_of, write_pages


@dataclass(frozen=True, slots=True)
class _Canvas:
    display_size: tuple[int, int]


class FilmSheet:
    """A sheet at ``target`` with pictures of these ``frames`` of a film."""

    def __init__(
        self, target: Path, name: str, film: Edit, frames: Sequence[int], columns: int | None
    ) -> None:
        """``name`` is the spec's; ``columns`` None is as many as fit."""
        self.target, self.name, self.film, self.frames = target, name, film, frames
        profile = film.profile
        self._canvas = _Canvas((profile.width, profile.height))
        self.grid: Grid = layout(self._canvas, len(frames), columns)

    @property
    def scale(self) -> Fraction:
        """The size of its pictures relative to the canvas, at most 1."""
        return min(Fraction(1), Fraction(self.grid.width, self.film.profile.width))

    @property
    def pages(self) -> list[Path]:
        """The files that it is written to."""
        return pages_of(self.target, self.grid, len(self.frames))

    def check_free(self, replace: bool) -> None:
        """Raise UsageError ``output-exists`` if a page would replace a file, unless allowed."""
        for page in self.pages:
            if page.exists() and not replace:
                message = f"{page} already exists"
                hint = "replace it with -y, or write elsewhere with -o"
                raise UsageError.one("output-exists", message, hint=hint)

    def write(self, pictures: Sequence[Path]) -> list[Path]:
        """Write the pages from picture files, by frame; returns their files."""
        rate = self.film.profile.fps
        tiles = [Tile(f, timecode_or_clock(f, rate), f"frame {f}") for f in self.frames]
        length = clock_time(self.film.duration / rate, short=True)
        size = f"{self.film.profile.width}x{self.film.profile.height}"
        facts = f"{length}, {self.film.duration} frames at {float(rate):.5g} fps, {size}"
        shown = self._fitted(pictures)
        return write_pages(self.target, self.grid, tiles, shown, self.name, facts)

    def _fitted(self, pictures: Sequence[Path]) -> Iterator[Image.Image]:
        size = fitted(self._canvas, self.grid.width, self.grid.height)
        for path in pictures:
            with Image.open(path) as picture:
                shown = picture.convert("RGB")
            yield shown if shown.size == size else shown.resize(size, Image.Resampling.LANCZOS)
