"""Reading .cube files: the result, and the place of each reported mistake."""

from __future__ import annotations

import contextlib
import tracemalloc
from pathlib import Path

import pytest

from vedc.errors import MissingError, UserError
from vedc.ops.shared import cube

IDENTITY = "\n".join(f"{r} {g} {b}" for b in (0, 1) for g in (0, 1) for r in (0, 1))


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "look.cube"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_cube(tmp_path: Path) -> None:
    text = f"""# made by hand
TITLE "Teal and orange"
LUT_3D_SIZE 2

DOMAIN_MIN -0.5 0 0
DOMAIN_MAX 1 2 1e1
# data
{IDENTITY}
"""
    read = cube.read(written(tmp_path, text))
    assert (read.dims, read.size, read.title) == (3, 2, "Teal and orange")
    assert read.domain_min == (-0.5, 0.0, 0.0) and read.domain_max == (1.0, 2.0, 10.0)
    assert list(read.data[:6]) == [0, 0, 0, 1, 0, 0]  # red varies fastest
    assert len(read.data) == 24


def test_a_curve_with_an_input_range(tmp_path: Path) -> None:
    read = cube.read(
        written(tmp_path, "LUT_1D_SIZE 3\nLUT_1D_INPUT_RANGE 0 4\n0 0 0\n.5 .5 .5\n1 1 1")
    )
    assert (read.dims, read.size, read.domain_max) == (1, 3, (4.0, 4.0, 4.0))


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_line_ends_and_byte_order_marks(tmp_path: Path, end: str) -> None:
    text = f"LUT_3D_SIZE 2\n# comment\n{IDENTITY}\n\n".replace("\n", end)
    assert cube.read(written(tmp_path, b"\xef\xbb\xbf" + text.encode())).size == 2


def test_comments_between_data(tmp_path: Path) -> None:
    text = "LUT_3D_SIZE 2\n" + IDENTITY.replace("\n", "\n# next\n")
    assert len(cube.read(written(tmp_path, text)).data) == 24


LINES = IDENTITY.split("\n")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "neither LUT_1D_SIZE nor LUT_3D_SIZE"),
        (IDENTITY, 1, "neither LUT_1D_SIZE nor LUT_3D_SIZE"),
        ("LUT_3D_SIZE 2\n" + "\n".join(LINES[:-1]), 8, "7 lines of data, but the size needs 8"),
        ("LUT_3D_SIZE 2\n" + IDENTITY + "\n0 0 0", 10, "more than the 8 lines"),
        ("LUT_3D_SIZE 1\n0 0 0", 1, "must be a number 2 to 129"),
        ("LUT_3D_SIZE 130", 1, "must be a number 2 to 129"),
        ("LUT_1D_SIZE 99999", 1, "must be a number 2 to 65536"),
        ("LUT_3D_SIZE two", 1, "must be a number"),
        ("LUT_3D_SIZE 2 2", 1, "takes 1 values, got 2"),
        ("LUT_3D_SIZE 2\nLUT_3D_SIZE 2", 2, "given twice"),
        ("LUT_3D_SIZE 2\nLUT_1D_SIZE 2\n0 0 0", 1, "both a 1D and a 3D"),
        ("LUT_3D_SIZE 2\nDOMAIN_MIN 0 0", 2, "takes 3 values, got 2"),
        ("LUT_3D_SIZE 2\nDOMAIN_MAX 1 0 1\n" + IDENTITY, 1, "domain"),
        ("LUT_3D_SIZE 2\nDOMAIN_MAX 1 nan 1\n" + IDENTITY, 2, "nan is not a finite"),
        ("LUT_2D_SIZE 2", 1, "'LUT_2D_SIZE' is not a keyword"),
        ("\0\0\0\0binary", 1, "is not a keyword"),
        ("LUT_3D_SIZE 2\n0 0 0\n1 0", 3, "a line of data has 3 numbers, this one 2"),
        ("LUT_3D_SIZE 2\n0 0 0\n1 0 x", 3, "'x' is not a number"),
        ("LUT_3D_SIZE 2\n" + IDENTITY.replace("0 1 1", "0 nan 1"), 8, "nan is not a finite"),
        ("LUT_3D_SIZE 2\n" + IDENTITY.replace("0 1 1", "0 -inf 1"), 8, "-inf is not a finite"),
        ("LUT_3D_SIZE 2\n" + IDENTITY.replace("0 1 1", "0 1e39 1"), 8, "1e39 is not a finite"),
        ("LUT_3D_SIZE 2\n" + IDENTITY + "\nTITLE late", 10, "comes after the data"),
    ],
)
def test_mistakes(tmp_path: Path, text: str, line: int, message: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(UserError) as caught:
        cube.check(path)
    (problem,) = caught.value.problems
    assert problem.code == "bad-lut" and message in problem.message
    assert problem.location is not None
    assert (problem.location.file, problem.location.line) == (str(path), line)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="missing-lut"):
        cube.read(tmp_path / "none.cube")


def peak(path: Path) -> int:
    """Most bytes that reading a file holds at once."""
    tracemalloc.start()
    try:
        with contextlib.suppress(UserError):
            cube.read(path)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("start", ["", "LUT_3D_SIZE 65\n", 'TITLE "', "LUT_3D_SIZE 65\n0 0 0\n"])
def test_a_line_without_end(start: str, tmp_path: Path) -> None:
    path = written(tmp_path, start + "0.5 " * (5 << 20))
    with pytest.raises(UserError, match="more than 4096 characters") as reported:
        cube.read(path)
    assert reported.value.problems[0].location is not None
    assert reported.value.problems[0].location.line == start.count("\n") + 1
    assert peak(path) < 1 << 20


def test_memory_matches_the_table(tmp_path: Path) -> None:
    path = written(tmp_path, "LUT_3D_SIZE 33\n" + "0.123456 0.234567 0.345678\n" * 33**3)
    table = 33**3 * 3 * 4
    assert peak(path) < 2 * table + (4 << 20)


def test_a_file_much_larger_than_its_table(tmp_path: Path) -> None:
    path = written(tmp_path, f"LUT_3D_SIZE 2\n{IDENTITY}\n" + "\n" * (2 << 20))
    with pytest.raises(UserError, match="2 MiB, far more than its 8 lines of data need"):
        cube.read(path)


def test_comments_without_end(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no data in the first 10000 lines"):
        cube.read(written(tmp_path, "# nothing\n" * 20_000 + f"LUT_3D_SIZE 2\n{IDENTITY}"))
