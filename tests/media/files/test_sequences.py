"""Image sequences: what a probe says of them, every frame at its time, damage, and digests."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import PIL.Image
import pytest
from numpy.typing import NDArray

from vedc.color import FORMATS
from vedc.edit.media_info import MediaInfo, ProbeError, shown_name
from vedc.execute.unchanged_files import media_changed
from vedc.media.delivery import Delivery
from vedc.media.digest import Stamp, file_digest
from vedc.media.known_files import ProbeCache
from vedc.media.probe import probe_sequence
from vedc.media.reading.frame_reader import open_reader
from vedc.media.reading.sequences import SequenceReader
from vedc.media.record import from_json, to_json
from vedc.stills.describe import describe
from vedc.stills.sequence.heads import head_of

RATE = Fraction(25)
COUNT = 30


def save(path: Path, value: int, size: tuple[int, int] = (32, 16)) -> None:
    PIL.Image.new("RGB", size, (value, 2 * value, 255 - value)).save(path)


@pytest.fixture
def pattern(tmp_path: Path) -> Path:
    """Frame n, from number 1 on, is red of the code n."""
    for number in range(1, COUNT + 1):
        save(tmp_path / f"f{number:03d}.png", number)
    return tmp_path / "f%03d.png"


def reader_of(info: MediaInfo) -> SequenceReader:
    reader = open_reader(info, None)
    assert isinstance(reader, SequenceReader)
    return reader


def plane(frame: av.VideoFrame, index: int, kind: str = "u1") -> NDArray[np.generic]:
    held = frame.planes[index]
    rows = np.frombuffer(memoryview(held), np.uint8).reshape(-1, held.line_size)
    wide = frame.width * np.dtype(kind).itemsize
    return np.ascontiguousarray(rows[: frame.height, :wide]).view(kind)


def number(reader: SequenceReader, at: int, rate: Fraction = RATE) -> int:
    return int(plane(reader.frame_at(Fraction(2 * at + 1) / (2 * rate)), 2)[0, 0])


def test_a_sequence_is_a_film_of_its_pictures(pattern: Path) -> None:
    info = probe_sequence(pattern, RATE)
    video = info.video
    assert video is not None and info.kind == "video" and info.audio is None
    assert (info.duration, video.frames, video.rate) == (Fraction(30, 25), COUNT, RATE)
    assert (video.width, video.height, video.format, info.notes) == (32, 16, "gbrp", ())


@pytest.mark.parametrize("order", ["forward", "backward", "random", "jumps"])
def test_every_frame_at_its_time(pattern: Path, order: str) -> None:
    reader = reader_of(probe_sequence(pattern, RATE))
    frames = list(range(COUNT))
    if order == "backward":
        frames.reverse()
    if order == "random":
        random.Random(7).shuffle(frames)
    if order == "jumps":
        frames = frames[::4]
    assert [number(reader, at) for at in frames] == [at + 1 for at in frames]
    if order in ("forward", "backward"):
        assert reader.decoded == COUNT  # reading ahead decodes no picture twice
    assert number(reader, COUNT + 9) == COUNT and number(reader, 0) == 1
    reader.close()


def test_frames_begin_exactly_at_their_time(pattern: Path) -> None:
    rate = Fraction(30000, 1001)
    reader = reader_of(probe_sequence(pattern, rate))
    for at in range(1, COUNT):
        edge = at / rate
        assert int(plane(reader.frame_at(edge), 2)[0, 0]) == at + 1
        assert int(plane(reader.frame_at(edge - Fraction(1, 10**9)), 2)[0, 0]) == at
    reader.close()


def test_a_missing_number_holds_the_picture_before_and_is_reported(pattern: Path) -> None:
    for lost in (5, 6, 20):
        (pattern.parent / f"f{lost:03d}.png").unlink()
    info = probe_sequence(pattern, RATE)
    assert info.video is not None and info.video.frames == COUNT
    (note,) = info.notes
    assert note.code == "sequence-gap" and "3 numbers" in note.message
    assert "(5 to 6, 20)" in note.message
    reader = reader_of(info)
    assert [number(reader, at) for at in (3, 4, 5, 6, 18, 19, 20)] == [4, 4, 4, 7, 19, 19, 21]
    assert reader.damage == ()
    reader.close()


def test_a_damaged_picture_is_replaced_by_the_one_before(pattern: Path) -> None:
    good = (pattern.parent / "f010.png").read_bytes()
    (pattern.parent / "f010.png").write_bytes(good[: len(good) - 30])
    (pattern.parent / "f011.png").write_bytes(good[:40] + bytes(20))
    info = probe_sequence(pattern, RATE)
    (note,) = info.notes  # only headers are read
    assert note.code == "damaged-image" and "('f011.png')" in note.message
    reader = reader_of(info)
    assert [number(reader, at) for at in (8, 9)] == [9, 9]
    assert reader.damage == (Fraction(9, 25),)
    assert number(reader, 10) == 9 and reader.damage == (Fraction(10, 25),)
    assert number(reader, 11) == 12 and reader.damage == ()
    assert number(reader, 10) == 9  # the same from behind
    reader.close()


def test_a_damaged_beginning_is_replaced_by_the_first_whole_picture(pattern: Path) -> None:
    (pattern.parent / "f001.png").write_bytes(b"")
    good = (pattern.parent / "f002.png").read_bytes()
    (pattern.parent / "f002.png").write_bytes(good[:60])
    reader = reader_of(probe_sequence(pattern, RATE))
    assert [number(reader, at) for at in range(4)] == [3, 3, 3, 4]
    reader.close()


def test_something_else_among_pictures_is_refused(pattern: Path) -> None:
    (pattern.parent / "notes.txt").write_text("notes")
    with pytest.raises(ProbeError, match=r"notes.txt.*no picture"):
        probe_sequence(pattern.parent / "*", RATE)


def test_pictures_of_several_sizes_are_refused(pattern: Path) -> None:
    save(pattern.parent / "f007.png", 7, (16, 32))
    with pytest.raises(ProbeError, match=r"29 of 30 have 32x16.*'f007.png' has 16x32") as caught:
        probe_sequence(pattern, RATE)
    assert caught.value.code == "mixed-pictures"


def test_an_orientation_counts(tmp_path: Path) -> None:
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    PIL.Image.new("RGB", (16, 32), "red").save(tmp_path / "1.jpg")
    turned = PIL.Image.new("RGB", (32, 16), "red")
    turned.putpixel((0, 0), (0, 0, 255))
    turned.save(tmp_path / "2.jpg", exif=exif, quality=100, subsampling=0)
    info = probe_sequence(tmp_path / "*.jpg", RATE)
    assert info.video is not None and info.video.display_size == (16, 32)
    reader = reader_of(info)
    second = plane(reader.frame_at(Fraction(3, 50)), 1)  # blue; clockwise, left becomes top
    assert second.shape == (32, 16) and np.unravel_index(second.argmax(), second.shape) == (0, 15)
    reader.close()


def test_alpha_of_any_picture_counts(pattern: Path) -> None:
    PIL.Image.new("RGBA", (32, 16), (200, 100, 50, 77)).save(pattern.parent / "f020.png")
    info = probe_sequence(pattern, RATE)
    assert info.video is not None and info.video.format == "gbrap"
    reader = reader_of(info)
    shown = reader.frame_at(Fraction(39, 50))
    assert [int(plane(shown, i)[5, 5]) for i in range(4)] == [100, 50, 200, 77]
    assert int(plane(reader.frame_at(Fraction(0)), 3)[0, 0]) == 255
    reader.close()


def test_16_bits_are_kept(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    pictures = rng.integers(0, 65536, (3, 8, 12, 3), np.uint16)
    for index, picture in enumerate(pictures):
        cv2.imwrite(str(tmp_path / f"{index}.png"), picture)
    reader = reader_of(probe_sequence(tmp_path / "%d.png", RATE))
    for index, picture in enumerate(pictures):
        shown = reader.frame_at(index / RATE)
        assert shown.format.name == "gbrp16le"
        for at, channel in enumerate((1, 0, 2)):  # OpenCV has B, G, R
            assert np.array_equal(plane(shown, at, "<u2"), picture[..., channel])
    reader.close()


def test_light_beyond_white_is_kept(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    pictures = (rng.random((3, 8, 12, 3)) * 40).astype(np.float32)
    for index, picture in enumerate(pictures):
        cv2.imwrite(str(tmp_path / f"{index}.tiff"), picture)
    info = probe_sequence(tmp_path / "%d.tiff", RATE)
    assert info.video is not None and info.video.color.transfer == "linear"
    assert info.video.peak == pytest.approx(203 * pictures.max(), rel=1e-5)
    reader = reader_of(info)
    for index, picture in enumerate(pictures):
        shown = reader.frame_at(index / RATE)
        for at, channel in enumerate((1, 0, 2)):
            assert np.array_equal(plane(shown, at, "<f4"), picture[..., channel])
    half = reader.frame_at(Fraction(0), Delivery(6, 4, "gbrpf32le"))
    mean = pictures[0].reshape(4, 2, 6, 2, 3).mean((1, 3))
    assert abs(float(plane(half, 0, "<f4").mean()) - float(mean[..., 1].mean())) < 0.5
    assert float(plane(half, 0, "<f4").max()) > 20
    reader.close()


def test_light_among_other_pictures_is_refused(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "1.tiff"), np.ones((16, 32, 3), np.float32))
    save(tmp_path / "2.tiff", 9)
    with pytest.raises(ProbeError, match="linear light"):
        probe_sequence(tmp_path / "%d.tiff", RATE)


def test_a_film_among_pictures_is_refused(pattern: Path) -> None:
    PIL.Image.new("L", (32, 16)).save(
        pattern.parent / "z.gif", save_all=True, append_images=[PIL.Image.new("L", (32, 16), 255)]
    )
    with pytest.raises(ProbeError, match="animation"):
        probe_sequence(pattern.parent / "*.*", RATE)


def test_the_digest_covers_content_order_gaps_and_rate(pattern: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"

    def digest(rate: Fraction = RATE) -> str:
        info = probe_sequence(pattern, rate)
        assert file_digest(Path(info.locator), None) == file_digest(Path(info.locator), cache)
        return file_digest(Path(info.locator), cache)

    seen = [digest(), digest(Fraction(24))]
    save(pattern.parent / "f015.png", 99)
    seen.append(digest())
    one, other = pattern.parent / "f003.png", pattern.parent / "f004.png"
    one.rename(tmp_path / "aside")
    other.rename(one)
    (tmp_path / "aside").rename(other)
    seen.append(digest())
    (pattern.parent / "f030.png").rename(pattern.parent / "f031.png")
    seen.append(digest())
    assert len(set(seen)) == len(seen)


def test_only_changed_pictures_are_read_again(
    pattern: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vedc.media import digest

    locator = Path(probe_sequence(pattern, RATE).locator)
    file_digest(locator, tmp_path / "cache")
    read: list[str] = []
    real = digest._digest
    monkeypatch.setattr(digest, "_digest", lambda path: read.append(path.name) or real(path))
    file_digest(locator, tmp_path / "cache")
    assert read == []
    save(pattern.parent / "f015.png", 99)
    file_digest(locator, tmp_path / "cache")
    assert read == ["f015.png"]


def test_a_known_sequence_is_not_probed_again_until_a_picture_changes(
    pattern: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vedc.stills.sequence import describe

    known = ProbeCache(tmp_path / "probes")
    first = known(pattern, rate=RATE)
    monkeypatch.setattr(describe, "describe", lambda *_: pytest.fail("it is known"))
    assert known(pattern, rate=RATE) == first
    monkeypatch.undo()
    save(pattern.parent / "f031.png", 31)
    again = known(pattern, rate=RATE)
    assert again.video is not None and again.video.frames == COUNT + 1
    assert from_json(to_json(again), Stamp.probed(again)) == again


def test_no_picture_at_all(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        Stamp.of_sequence(tmp_path / "%d.png", RATE)


@pytest.mark.parametrize(
    ("name", "mode", "options"),
    [
        ("a.png", "RGB", {}), ("a.png", "RGBA", {}), ("a.png", "P", {"transparency": 3}),
        ("a.png", "L", {}), ("a.png", "I;16", {}), ("a.jpg", "RGB", {}), ("a.jpg", "CMYK", {}),
        ("a.webp", "RGBA", {}), ("a.bmp", "RGB", {}), ("a.gif", "P", {}), ("a.tiff", "RGBA", {}),
        ("a.tga", "RGBA", {}), ("a.avif", "RGB", {}), ("a.jp2", "RGB", {}), ("a.ppm", "RGB", {}),
        ("a.qoi", "RGBA", {}), ("a.dds", "RGBA", {}), ("a.sgi", "RGB", {}), ("a.pcx", "RGB", {}),
    ],
)  # fmt: skip
def test_headers_say_what_decoding_says(
    tmp_path: Path, name: str, mode: str, options: dict[str, object]
) -> None:
    path = tmp_path / name
    PIL.Image.new(mode, (24, 10), 0).save(path, **options)
    check_head(path)


def check_head(path: Path) -> None:
    head = head_of(path)
    video = describe(path, head.kind).video
    assert (head.width, head.height) == video.display_size
    assert head.alpha == ("a" in video.format)
    stored = FORMATS.get(video.pix_fmt)
    assert head.depth == (stored.depth if stored is not None and stored.depth > 8 else 8)


@pytest.mark.parametrize(
    ("codec", "name", "pix_fmt"),
    [
        ("exr", "a.exr", "gbrpf32le"), ("exr", "a.exr", "gbrapf32le"),
        ("exr", "a.exr", "grayf32le"),
        ("dpx", "a.dpx", "gbrp10be"), ("dpx", "a.dpx", "rgb24"), ("dpx", "a.dpx", "rgba"),
        ("dpx", "a.dpx", "rgb48le"), ("pam", "a.pam", "rgba"), ("pam", "a.pam", "rgb48be"),
        ("pam", "a.pam", "gray"), ("pfm", "a.pfm", "gbrpf32le"), ("hdr", "a.hdr", "gbrpf32le"),
        ("png", "a.png", "rgb48be"), ("png", "a.png", "rgba64be"), ("tiff", "a.tif", "rgb48le"),
        ("ppm", "a.ppm", "rgb48be"), ("pgm", "a.pgm", "gray16be"),
    ],
)  # fmt: skip
def test_headers_of_what_ffmpeg_writes(tmp_path: Path, codec: str, name: str, pix_fmt: str) -> None:
    context = av.CodecContext.create(codec, "w")
    context.width, context.height, context.pix_fmt = 24, 10, pix_fmt
    context.time_base = Fraction(1, 25)
    frame = av.VideoFrame(24, 10, "rgb24")
    packets = [*context.encode(frame.reformat(format=pix_fmt)), *context.encode(None)]
    (tmp_path / name).write_bytes(b"".join(map(bytes, packets)))
    check_head(tmp_path / name)


def test_a_drawing(tmp_path: Path) -> None:
    text = '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="10"/>'
    (tmp_path / "a.svg").write_text(text)
    check_head(tmp_path / "a.svg")


@pytest.mark.skipif(os.name != "posix", reason="makes a pipe")
def test_a_pipe_is_no_picture(pattern: Path) -> None:
    os.mkfifo(pattern.parent / "f031.png")
    info = probe_sequence(pattern, RATE)
    assert info.video is not None and info.video.frames == COUNT


def test_tools_take_patterns(pattern: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from vedc.workspace.analyses import open_media

    info = open_media(pattern)
    assert info.video is not None and (info.video.frames, info.video.rate) == (COUNT, 25)
    monkeypatch.chdir(pattern.parent)
    assert open_media(Path("*.png")) == replace(info, path=str(pattern.parent / "*.png"))


def test_a_locator_is_never_shown(pattern: Path) -> None:
    info = probe_sequence(pattern, RATE)
    assert shown_name(info.locator) == "f%03d.png"
    assert str(media_changed(info.locator).problems[0].message).startswith(f"'{pattern}' changed")
