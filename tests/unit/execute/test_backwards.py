"""Reading backwards: batches forwards, handed out from their ends."""

from __future__ import annotations

from itertools import pairwise

import pytest
from av import VideoFrame

from vedc.execute import backwards
from vedc.execute.backwards import in_order


@pytest.mark.parametrize("room", [0, 1, 5, 100])
@pytest.mark.parametrize("frames", [1, 2, 9])
def test_frames_come_in_order_and_are_read_in_runs_towards_the_end_of_the_file(
    frames: int, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = VideoFrame(16, 16, "gray")
    size = sum(plane.buffer_size for plane in picture.planes)
    monkeypatch.setattr(backwards, "ROOM", room * size)
    asked: list[int] = []
    waiting = most = 0

    def read(number: int) -> dict[int, VideoFrame]:
        nonlocal waiting, most
        asked.append(number)
        waiting += 1
        most = max(most, waiting)
        return {number: picture}

    got = []
    for pictures in in_order(read, frames, True, size):
        waiting -= 1
        got += pictures
    assert got == [*range(frames)] == sorted(asked)
    assert most <= max(room, 1)
    # The file is read forwards, that is to lower numbers, but for the beginning of each batch.
    turns = sum(later > earlier for earlier, later in pairwise(asked))
    assert turns <= frames / max(room, 1)


def test_forwards_nothing_is_read_ahead() -> None:
    asked: list[int] = []
    picture = VideoFrame(16, 16, "gray")

    def read(number: int) -> dict[int, VideoFrame]:
        asked.append(number)
        return {number: picture}

    stream = in_order(read, 3, False, 1)
    assert list(next(stream)) == [0] and asked == [0]
