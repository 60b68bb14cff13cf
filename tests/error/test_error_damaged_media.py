"""Media files damaged in many ways: each is read, or refused with an error of ours."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from tests.media.zoo import video
from vedc.edit.media_info import ProbeError
from vedc.errors import UserError
from vedc.media.probe import probe
from vedc.media.reading.frame_reader import open_reader

#: Files of each kind that every way is tried on.
ENTRIES = [entry for entry in video.ENTRIES if not entry.name.startswith(("wiped", "no_such"))]


def cut(data: bytearray, draw: random.Random) -> None:
    del data[draw.randrange(1, len(data)) :]


def behead(data: bytearray, draw: random.Random) -> None:
    del data[: draw.randrange(1, len(data) // 2)]


def scatter(data: bytearray, draw: random.Random) -> None:
    for _ in range(draw.choice([1, 10, 100])):
        data[draw.randrange(len(data))] = draw.randrange(256)


def flip(data: bytearray, draw: random.Random) -> None:
    for _ in range(20):
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)


def wipe(data: bytearray, draw: random.Random) -> None:
    at = draw.randrange(len(data))
    end = min(len(data), at + draw.choice([16, 500, 5000]))
    data[at:end] = bytes(end - at)


def swap(data: bytearray, draw: random.Random) -> None:
    one, two = sorted((draw.randrange(len(data)), draw.randrange(len(data))))
    size = min(500, two - one, len(data) - two)
    held = data[one : one + size]
    data[one : one + size] = data[two : two + size]
    data[two : two + size] = held


def repeat(data: bytearray, draw: random.Random) -> None:
    at = draw.randrange(len(data))
    data[at:at] = data[at : at + 2000]


def insert(data: bytearray, draw: random.Random) -> None:
    at = draw.randrange(len(data))
    data[at:at] = draw.randbytes(300)


def lose(data: bytearray, draw: random.Random) -> None:
    at = draw.randrange(len(data))
    del data[at : at + draw.choice([1, 188, 4096])]


def append(data: bytearray, draw: random.Random) -> None:
    data += draw.randbytes(5000)


def blot(data: bytearray, draw: random.Random) -> None:
    at = draw.randrange(len(data))
    end = min(len(data), at + draw.choice([4, 64, 2048]))
    data[at:end] = b"\xff" * (end - at)


def shuffle(data: bytearray, draw: random.Random) -> None:
    at = draw.randrange(len(data))
    end = min(len(data), at + 512)
    part = list(data[at:end])
    draw.shuffle(part)
    data[at:end] = bytes(part)


WAYS = [cut, behead, scatter, flip, wipe, swap, repeat, insert, lose, append, blot, shuffle]


@pytest.fixture(scope="module")
def sound_files(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """Each of ``ENTRIES`` before the damage."""
    folder, made = tmp_path_factory.mktemp("sound"), []
    for entry in ENTRIES:
        entry.make(folder / entry.name)
        made.append((folder / entry.name).read_bytes())
    return made


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_no_damage_ends_in_anything_but_an_error_of_ours(
    way: Callable[[bytearray, random.Random], None], sound_files: list[bytes], tmp_path: Path
) -> None:
    """Twelve ways of damage, 40 files each, read in order and at random."""
    draw = random.Random(way.__name__)
    read = 0
    for number in range(40):
        entry = ENTRIES[number % len(ENTRIES)]
        path = tmp_path / f"{number}-{entry.name}"
        data = bytearray(sound_files[number % len(ENTRIES)])
        way(data, draw)
        path.write_bytes(data)
        try:
            info = probe(path)
            if info.video is None:
                continue
            reader = open_reader(info, None, 2)
            length = float(min(info.clip_length or Fraction(1), Fraction(60)))
            for _ in range(8):
                reader.decoded_at(Fraction(draw.random() * length))
            for index in range(20):
                reader.decoded_at(Fraction(index, 25))
            reader.close()
            read += 1
        except (ProbeError, UserError):
            continue
    assert read > 5
