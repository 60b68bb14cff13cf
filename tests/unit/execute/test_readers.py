"""Decoders on loan: which files are opened."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path

import pytest

from vedc.color import Color
from vedc.edit.media_info import MediaInfo, VideoInfo
from vedc.errors import RenderError
from vedc.execute.readers import Readers
from vedc.media.digest import file_digest
from vedc.plan.executable import VideoRead, VideoSource


def media(path: Path) -> MediaInfo:
    status = path.stat()
    video = VideoInfo(
        64, 36, Fraction(1), 0, "yuv420p", "yuv420p", Fraction(25), Color(), True, "h264",
        Fraction(1, 12800), 100,
    )  # fmt: skip
    return MediaInfo(
        str(path), status.st_size, status.st_mtime_ns, "video", "mp4", Fraction(4), video,
        ctime_ns=status.st_ctime_ns, inode=status.st_ino,
    )  # fmt: skip


READ = VideoRead(Fraction(1, 25), (VideoSource("a", 0, 64, 36, "yuv420p"),))


def test_a_reader_is_lent_again(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"as it was")
    readers = Readers({("a", 0): media(path)}, 1)
    first = readers.take(READ, Fraction(0))
    assert readers.take(READ, Fraction(0)) is not first
    readers.give_back(first, Fraction(0))
    assert readers.take(READ, Fraction(0)) is first
    readers.close()


@pytest.mark.parametrize("later", [0, 10**9], ids=["another size", "another time"])
def test_a_file_changed_after_its_probe_is_not_read(tmp_path: Path, later: int) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"as it was")
    info = media(path)
    path.write_bytes(b"as it is!" if later else b"as it is now")
    os.utime(path, ns=(info.mtime_ns + later, info.mtime_ns + later))
    with pytest.raises(RenderError, match="media-changed"):
        Readers({("a", 0): info}, 1).take(READ, Fraction(0))


def test_the_same_bytes_under_another_inode_are_read(tmp_path: Path) -> None:
    path, copy = tmp_path / "a.mp4", tmp_path / "copy.mp4"
    path.write_bytes(b"as it was")
    info, digest = media(path), file_digest(path, None)
    read = VideoRead(Fraction(1, 25), (VideoSource(digest, 0, 64, 36, "yuv420p"),))
    copy.write_bytes(b"as it was")
    os.utime(copy, ns=(info.mtime_ns, info.mtime_ns))
    os.replace(copy, path)
    readers = Readers({(digest, 0): info}, 1)
    readers.take(read, Fraction(0))
    readers.close()
    copy.write_bytes(b"as it is!")
    os.utime(copy, ns=(info.mtime_ns, info.mtime_ns))
    os.replace(copy, path)
    with pytest.raises(RenderError, match="media-changed"):
        Readers({(digest, 0): info}, 1).take(read, Fraction(0))
