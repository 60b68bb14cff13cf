"""Animations frame by frame: in order, backwards and at random."""

from __future__ import annotations

import random
from fractions import Fraction
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from vedc.media.probe import probe
from vedc.media.reading.frame_reader import open_reader
from vedc.media.reading.pictures import PictureReader

COUNT = 40


@pytest.fixture(params=["gif", "png", "webp", "avif"])
def animation(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Frame n, of 50 ms, is grey of the code 5n."""
    path = tmp_path / f"a.{request.param}"
    first, *others = (PIL.Image.new("L", (32, 16), 5 * n).convert("RGB") for n in range(COUNT))
    options = {"webp": {"lossless": True}, "avif": {"quality": 100}}.get(request.param, {})
    first.save(path, save_all=True, append_images=others, duration=50, **options)
    return path


def shown(reader: PictureReader, number: int) -> int:
    """The number of the frame at the middle of frame ``number``."""
    frame = reader.frame_at(Fraction(2 * number + 1, 40))
    rows = np.frombuffer(memoryview(frame.planes[0]), np.uint8)
    return round(int(rows[frame.planes[0].line_size * 8 + 16]) / 5)


def opened(path: Path) -> PictureReader:
    info = probe(path)
    assert info.kind == "video" and info.video is not None
    assert (info.duration, info.video.rate, info.video.frames) == (2, 20, COUNT)
    reader = open_reader(info, None)
    assert isinstance(reader, PictureReader)
    return reader


def test_every_frame_at_its_time(animation: Path) -> None:
    reader = opened(animation)
    assert [shown(reader, n) for n in range(COUNT)] == list(range(COUNT))
    assert reader.decoded == COUNT
    assert shown(reader, COUNT + 5) == COUNT - 1
    reader.close()
    assert shown(reader, 3) == 3


def test_backwards_each_frame_is_decoded_once(animation: Path) -> None:
    reader = opened(animation)
    backwards = list(reversed(range(COUNT)))
    assert [shown(reader, n) for n in backwards] == backwards
    assert reader.decoded <= COUNT


def test_at_random(animation: Path) -> None:
    reader, chance = opened(animation), random.Random(4)
    numbers = [chance.randrange(COUNT) for _ in range(25)]
    assert [shown(reader, n) for n in numbers] == numbers


def test_between_two_frames_the_earlier_is_shown(animation: Path) -> None:
    reader = opened(animation)
    before, at = Fraction(1, 20) - Fraction(1, 10**6), Fraction(1, 20)
    first, second = reader.decoded_at(before), reader.decoded_at(at)
    assert first is not second
    assert reader.decoded_at(at + Fraction(1, 10**6)) is second
