"""Names that stand for many files: numbered ones (``frames/%05d.png``) and globs (``*.png``).

Files are in natural order: ``shot2`` comes before ``shot10``.
"""

from __future__ import annotations

import os
import re
from glob import glob
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

_NUMBER: Final = re.compile(r"%(0?)([0-9]*)d")
_WILD: Final = re.compile(r"[*?]|\[[^]/]+\]")
_DIGITS: Final = re.compile(r"([0-9]+)")

MOST_FRAMES: Final = 1_000_000
"""The most pictures that a numbered sequence may span."""


class Listing(NamedTuple):
    """The files of a pattern, in order."""

    files: tuple[str, ...]
    """Absolute paths."""
    frames: tuple[int, ...]
    """The file of each frame: that of its number, or of the last number before it."""
    missing: tuple[tuple[int, int], ...] = ()
    """Ranges of missing numbers, from first to last."""
    numbered: bool = False
    """Whether numbers define frames, so that missing ones are frames, too."""


class BadPattern(ValueError):
    """A pattern that cannot be used; the text says why and what to write."""


def is_pattern(name: str) -> bool:
    """Whether a name stands for many files, unless a file has just that name."""
    return is_numbered(name) or _WILD.search(name) is not None


def is_numbered(name: str) -> bool:
    """Whether a name has a number's place, such as ``%05d``."""
    return _NUMBER.search(name.replace("%%", "")) is not None


def natural_key(name: str) -> tuple[tuple[tuple[int, int, str], ...], str]:
    """Sort key for natural order: digits by value, letters without case."""
    parts = tuple(
        (0, int(part), "") if part.isdecimal() and part.isascii() else (1, 0, part.casefold())
        for part in _DIGITS.split(name)
        if part
    )
    return parts, name


def listed(pattern: str | os.PathLike[str]) -> Listing:
    """The files that an absolute pattern stands for now; none where nothing matches.

    Hidden files match only names that begin with a dot themselves. Raises BadPattern.
    """
    text = os.fspath(pattern)
    if is_numbered(text):
        return _numbered(text)
    found = sorted(filter(os.path.isfile, glob(text, recursive=True)), key=natural_key)
    return Listing(tuple(found), tuple(range(len(found))), _gaps(_common_numbers(found)))


def _numbered(text: str) -> Listing:
    folder, name = os.path.split(text)
    if is_numbered(folder):
        raise BadPattern("the number's place is in a folder: it belongs in the name of the file")
    places = list(_NUMBER.finditer(name.replace("%%", "\0\0")))
    if len(places) != 1:
        raise BadPattern("it has two numbers' places: keep one, such as %05d")
    if _WILD.search(text):
        raise BadPattern("it has a number's place and a wildcard: keep one of them")
    start, end = places[0].span()
    width = int(places[0][2] or 1)
    before, after = (part.replace("%%", "%") for part in (name[:start], name[end:]))
    # As printf writes them: zeros only up to the width.
    digits = rf"[0-9]{{{width}}}|[1-9][0-9]{{{width},}}"
    shape = re.compile(f"{re.escape(before)}({digits}){re.escape(after)}")
    try:
        names = os.listdir(folder)
    except OSError:
        return Listing((), (), numbered=True)
    numbers = sorted(
        (int(match[1]), found)
        for found in names
        if (match := shape.fullmatch(found)) is not None
        and os.path.isfile(os.path.join(folder, found))
    )
    files = tuple(os.path.join(folder, found) for _, found in numbers)
    if not numbers:
        return Listing((), (), numbered=True)
    first, last = numbers[0][0], numbers[-1][0]
    if last - first >= MOST_FRAMES:
        raise BadPattern(
            f"its numbers go from {first} to {last}: write * for the number, to count only files"
        )
    frames: list[int] = []
    for index, (number, _) in enumerate(numbers):
        frames += [index - 1] * (number - first - len(frames))
        frames.append(index)
    return Listing(files, tuple(frames), _gaps([number for number, _ in numbers]), True)


def _common_numbers(files: list[str]) -> list[int]:
    """The numbers of files whose names differ in one number only; else none."""
    split = [_DIGITS.split(os.path.basename(file)) for file in files]
    if len(split) < 2 or len({len(parts) for parts in split}) > 1:
        return []
    different = [len(set(column)) > 1 for column in zip(*split, strict=True)]
    if sum(different) != 1 or len({os.path.dirname(file) for file in files}) > 1:
        return []
    at = different.index(True)
    return [int(parts[at]) for parts in split] if at % 2 else []


def _gaps(numbers: list[int]) -> tuple[tuple[int, int], ...]:
    return tuple((a + 1, b - 1) for a, b in pairwise(numbers) if b - a > 1)


def example_of(folder: Path) -> str | None:
    """The pattern of the longest numbered sequence in a folder, such as ``%04d.png``."""
    try:
        names = [entry.name for entry in os.scandir(folder) if entry.is_file()]
    except OSError:
        return None
    found: dict[str, int] = {}
    for name in names:
        numbers = list(_DIGITS.finditer(name))
        if not numbers or name.startswith("."):
            continue
        last = numbers[-1]
        width = f"0{len(last[0])}" if last[0].startswith("0") else ""
        pattern = f"{name[: last.start()]}%{width}d{name[last.end() :]}"
        found[pattern] = found.get(pattern, 0) + 1
    best = max(found, key=lambda pattern: (found[pattern], pattern), default=None)
    return best if best is not None and found[best] > 1 else None
