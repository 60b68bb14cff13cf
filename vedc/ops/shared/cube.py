"""Reading .cube files: Adobe's Cube LUT specification 1.0, and Resolve's input ranges."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import Final, NoReturn, TextIO

from vedc.color import Vec3f
from vedc.errors import MissingError, SourceLocation, UserError
from vedc.support.lazy_dataclass import dataclass, field

#: Smallest and largest number of points along an axis, by the number of axes.
SIZES: Final = {1: (2, 65536), 3: (2, 129)}
#: A cube of the largest size, written with many digits, has about this many bytes.
MAX_BYTES: Final = 128 << 20
#: The specification allows 250 characters; titles and comments may be longer.
MAX_LINE: Final = 4096
_MAX_HEADER: Final = 10_000
#: Bytes of a line of data written with many digits, and of all else in a file.
_MAX_ROW, _SLACK = 160, 1 << 20
#: Lines that are read at once.
_BLOCK: Final = 4096
_MAX_FLOAT32: Final = 3.4028234663852886e38
#: Keyword -> how many fields follow it; None for free text.
_KEYWORDS: Final[dict[str, int | None]] = {
    "TITLE": None,
    "LUT_1D_SIZE": 1,
    "LUT_3D_SIZE": 1,
    "DOMAIN_MIN": 3,
    "DOMAIN_MAX": 3,
    "LUT_1D_INPUT_RANGE": 2,
    "LUT_3D_INPUT_RANGE": 2,
}


@dataclass(frozen=True, slots=True)
class Cube:
    """A lookup table.

    ``data`` holds float32 triples R, G, B: ``size`` of them for a 1D table, ``size ** 3``
    for a 3D one, red varying fastest. Inputs run from ``domain_min`` to ``domain_max``.
    """

    dims: int
    size: int
    domain_min: Vec3f
    domain_max: Vec3f
    data: array[float]
    title: str = ""

    @property
    def tables(self) -> tuple[Cube, ...]:
        """Itself, as what holds several tables gives them."""
        return (self,)


def read(path: Path) -> Cube:
    """The table of a file, parsed once while the file stays the same.

    Raises UserError ``bad-lut``, placed at the line, and MissingError ``missing-lut``.
    """
    try:
        status = path.stat()
        if status.st_size > MAX_BYTES:
            _refuse(path, 1, f"the file is larger than {MAX_BYTES >> 20} MiB")
        return _parsed(path, status.st_size, status.st_mtime_ns, status.st_ino)
    except OSError as error:
        raise MissingError.one(
            "missing-lut", f"cannot read {path}: {error.strerror}", hint="check the path"
        ) from error


@lru_cache(maxsize=8)
def _parsed(path: Path, size: int, *stamp: int) -> Cube:
    with path.open(encoding="utf-8-sig", errors="replace") as stream:
        return _Parser(path, size, stream).cube()


def check(path: Path) -> None:
    """Raise what :func:`read` would raise."""
    read(path)


def _refuse(path: Path, line: int, reason: str, hint: str | None = None) -> NoReturn:
    raise UserError.one("bad-lut", reason, SourceLocation(str(path), line), hint)


@dataclass(slots=True)
class _Parser:
    """Reads a file line by line, so that it needs only the table's memory."""

    path: Path
    bytes: int
    stream: TextIO
    line: int = 0
    """The number of the line that was read last."""
    sizes: dict[int, int] = field(default_factory=dict)
    """Points along an axis, by the number of axes."""
    low: Vec3f = (0.0, 0.0, 0.0)
    high: Vec3f = (1.0, 1.0, 1.0)
    title: str = ""

    def cube(self) -> Cube:
        first = self.header()
        if not self.sizes:
            self.refuse(max(self.line, 1), "neither LUT_1D_SIZE nor LUT_3D_SIZE is given")
        if len(self.sizes) == 2:
            self.refuse(
                1,
                "the file has both a 1D and a 3D table",
                "export the 1D part and the 3D part as separate files",
            )
        if not all(a < b for a, b in zip(self.low, self.high, strict=True)):
            self.refuse(1, f"the domain {self.low} to {self.high} is empty")
        ((dims, size),) = self.sizes.items()
        count = size**dims
        if self.bytes > _SLACK + count * _MAX_ROW:
            held = f"{self.bytes / (1 << 20):.0f} MiB"
            self.refuse(1, f"the file has {held}, far more than its {count} lines of data need")
        return Cube(dims, size, self.low, self.high, self.data(first, count), self.title)

    def refuse(self, line: int, reason: str, hint: str | None = None) -> NoReturn:
        _refuse(self.path, line, reason, hint)

    def lines(self) -> Iterator[str]:
        """The lines that are left."""
        while text := self.stream.readline(MAX_LINE + 1):
            self.line += 1
            if len(text) > MAX_LINE:
                hint = "a .cube file has one entry in each line; export it again"
                self.refuse(self.line, f"the line has more than {MAX_LINE} characters", hint)
            yield text

    def header(self) -> str:
        """Read the keywords; returns the first line of data, empty where there is none."""
        for line in self.lines():
            fields = line.split()
            if self.line > _MAX_HEADER:
                self.refuse(self.line, f"no data in the first {_MAX_HEADER} lines")
            if not fields or fields[0].startswith("#"):
                continue
            if fields[0][0] in "+-.0123456789" or fields[0].lower() in ("nan", "inf"):
                return line
            self.keyword(self.line, fields, line)
        return ""

    def keyword(self, number: int, fields: list[str], line: str) -> None:
        word, values = fields[0], fields[1:]
        if word not in _KEYWORDS:
            self.refuse(number, f"{word[:40]!r} is not a keyword of .cube files")
        count = _KEYWORDS[word]
        if count is None:
            self.title = line.split(None, 1)[1].strip().strip('"') if values else ""
            return
        if len(values) != count:
            self.refuse(number, f"{word} takes {count} values, got {len(values)}")
        if word.endswith("SIZE"):
            self.size(number, word, values[0])
            return
        floats = [self.number(number, v) for v in values]
        if word.endswith("RANGE"):
            self.low, self.high = (floats[0],) * 3, (floats[1],) * 3
        elif word == "DOMAIN_MIN":
            self.low = (floats[0], floats[1], floats[2])
        else:
            self.high = (floats[0], floats[1], floats[2])

    def size(self, number: int, word: str, value: str) -> None:
        dims = 1 if word == "LUT_1D_SIZE" else 3
        low, high = SIZES[dims]
        if not (value.isascii() and value.isdigit() and low <= int(value[:9]) <= high):
            self.refuse(number, f"{word} is {value[:40]}; it must be a number {low} to {high}")
        if dims in self.sizes:
            self.refuse(number, f"{word} is given twice")
        self.sizes[dims] = int(value)

    def data(self, first: str, count: int) -> array[float]:
        data = array("f")
        lines = chain([first], self.lines()) if first else iter(())
        before = self.line - 1
        while block := list(islice(lines, _BLOCK)):
            rows = [fields for line in block if (fields := line.split()) and fields[0][0] != "#"]
            room = count - len(data) // 3
            sound = len(rows) <= room and set(map(len, rows)) <= {3}
            numbers = _floats(chain.from_iterable(rows)) if sound else None
            if numbers is None:
                self.blame(block, before + 1, room, count)
            data.extend(numbers)
            before += len(block)
        if len(data) < 3 * count:
            self.refuse(
                self.line,
                f"{len(data) // 3} lines of data, but the size needs {count}",
                "the file may be cut off; export it again",
            )
        return data

    def blame(self, block: Sequence[str], first: int, room: int, count: int) -> NoReturn:
        """Refuse data, naming the first wrong line; ``first`` is the number of the block's."""
        for number, line in enumerate(block, first):
            fields = line.split()
            if not fields or fields[0].startswith("#"):
                continue
            if fields[0] in _KEYWORDS:
                self.refuse(number, f"{fields[0]} comes after the data; it must come before")
            if len(fields) != 3:
                self.refuse(number, f"a line of data has 3 numbers, this one {len(fields)}")
            for value in fields:
                self.number(number, value)
            room -= 1
            if room < 0:
                self.refuse(number, f"more than the {count} lines of data that the size needs")
        raise AssertionError("the block has no wrong line")

    def number(self, line: int, text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            self.refuse(line, f"{text[:40]!r} is not a number")
        if not abs(value) <= _MAX_FLOAT32:
            self.refuse(line, f"{text[:40]} is not a finite number of single precision")
        return value


def _floats(fields: Iterable[str]) -> array[float] | None:
    """The fields as float32; None if any is not a finite number."""
    try:
        data = array("f", map(float, fields))
    except (ValueError, OverflowError):
        return None
    return data if math.isfinite(sum(data)) else None
