"""Patterns of files: numbers as printf writes them, globs, natural order."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from vedc.support.file_patterns import (
    BadPattern,
    Listing,
    example_of,
    is_pattern,
    listed,
    natural_key,
)


def names(listing: Listing) -> list[str]:
    return [Path(file).name for file in listing.files]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def make(folder: Path, *found: str) -> None:
    for name in found:
        (folder / name).touch()


@pytest.mark.parametrize("width", ["", "1", "3", "03", "05"])
def test_numbers_are_those_that_printf_writes(folder: Path, width: str) -> None:
    numbers = [0, 7, 12, 345, 6789, 123456]
    wanted = [f"a{f'%{width}d' % number}.png" for number in numbers]
    if width == "3":  # leading spaces are unusual in names: zeros are meant
        wanted = [f"a{number:03d}.png" for number in numbers]
    make(folder, *wanted, "a.png", "a1.jpg", "b7.png", "a7.png.bak", "a-7.png", "a٣.png")
    assert names(listed(folder / f"a%{width}d.png")) == wanted


def test_a_width_distinguishes_padded_numbers_from_others(folder: Path) -> None:
    make(folder, "1.png", "01.png", "001.png")
    assert names(listed(folder / "%d.png")) == ["1.png"]
    assert names(listed(folder / "%02d.png")) == ["01.png"]
    assert names(listed(folder / "%03d.png")) == ["001.png"]


def test_missing_numbers_hold_the_picture_before(folder: Path) -> None:
    make(folder, *(f"{n}.png" for n in (3, 4, 7, 8, 10)))
    found = listed(folder / "%d.png")
    assert found.frames == (0, 1, 1, 1, 2, 3, 3, 4)
    assert found.missing == ((5, 6), (9, 9)) and found.numbered


def test_globs_leave_missing_numbers_out(folder: Path) -> None:
    make(folder, *(f"s{n}.png" for n in (9, 10, 12, 100)))
    found = listed(folder / "*.png")
    assert names(found) == ["s9.png", "s10.png", "s12.png", "s100.png"]
    assert found.frames == (0, 1, 2, 3)
    assert found.missing == ((11, 11), (13, 99)) and not found.numbered


def test_names_that_differ_in_more_than_a_number_have_no_gaps(folder: Path) -> None:
    make(folder, "a1.png", "b5.png", "c9.png")
    assert listed(folder / "*.png").missing == ()


def test_natural_order_is_the_same_whatever_the_order_on_disk() -> None:
    wanted = ["", "1", "01", "2", "a", "A1", "a2", "a02b", "a2c", "a10", "B", "é"]
    wanted.sort(key=natural_key)
    for seed in range(20):
        mixed = wanted[:]
        random.Random(seed).shuffle(mixed)
        assert sorted(mixed, key=natural_key) == wanted
    assert wanted.index("a2") < wanted.index("a10") < wanted.index("B")


def test_globs_of_folders_and_hidden_files(folder: Path) -> None:
    for name in ("day1", "day2", "day10"):
        (folder / name).mkdir()
        make(folder / name, "x.png", ".hidden.png")
    found = listed(folder / "day*" / "*.png").files
    assert [Path(file).parent.name for file in found] == ["day1", "day2", "day10"]
    assert len(listed(folder / "**" / "*.png").files) == 3


def test_folders_are_no_pictures(folder: Path) -> None:
    (folder / "1.png").mkdir()
    make(folder, "2.png")
    assert names(listed(folder / "%d.png")) == names(listed(folder / "*.png")) == ["2.png"]


@pytest.mark.parametrize(
    ("pattern", "why"),
    [("a%d/b.png", "folder"), ("a%d_%d.png", "two"), ("*%d.png", "wildcard")],
)
def test_patterns_that_cannot_be_used(folder: Path, pattern: str, why: str) -> None:
    with pytest.raises(BadPattern, match=why):
        listed(folder / pattern)


def test_numbers_that_are_dates_are_no_sequence(folder: Path) -> None:
    make(folder, "20240101.png", "20260101.png", "90260101.png")
    with pytest.raises(BadPattern, match="20240101 to 90260101"):
        listed(folder / "%d.png")
    assert len(listed(folder / "*.png").files) == 3


def test_what_is_a_pattern() -> None:
    assert all(map(is_pattern, ("a%d.png", "%05d.png", "*.png", "a?.png", "[ab].png")))
    assert not any(map(is_pattern, ("a.png", "100%.png", "50%%d.png", "a[].png", "%s.png")))


def test_a_percent_sign_is_written_twice(folder: Path) -> None:
    make(folder, "50%_1.png", "50%_2.png")
    assert names(listed(folder / "50%%_%d.png")) == ["50%_1.png", "50%_2.png"]


def test_the_pattern_of_a_folder(folder: Path) -> None:
    assert example_of(folder) is None
    make(folder, "x_0001.png", "x_0002.png", "notes.txt", "y1.jpg")
    assert example_of(folder) == "x_%04d.png"
