"""The mark records what made a file, and its seal breaks with any change."""

from __future__ import annotations

import zlib
from dataclasses import replace
from pathlib import Path

import av
import pytest
from PIL import Image

from tests.media.moving import decode, settings, write_segment
from vedc.media.mark import Mark, is_sealed, mark_image, read_mark
from vedc.media.mux import Picture, mux

MARK = Mark("0.1.0", 'tést "1".vedc.yaml', "a" * 64, "b" * 64)
FILMS = (("h264", ".mp4"), ("prores", ".mov"), ("ffv1", ".mkv"), ("vp9", ".webm"))
IMAGES = (".png", ".jpg")


def film(folder: Path, codec: str, ext: str, mark: Mark | None = MARK) -> Path:
    part = write_segment(settings(codec), folder / "part", 0, 5)
    target = folder / f"film{ext}"
    mux(target, Picture([part], [5], settings(codec)), None, mark=mark)
    return target


def image(folder: Path, ext: str, mark: Mark | None = MARK) -> Path:
    target = folder / f"image{ext}"
    Image.linear_gradient("L").convert("RGB").save(target)
    if mark is not None:
        mark_image(target, mark)
    return target


@pytest.fixture(params=[*FILMS, *((None, ext) for ext in IMAGES)], ids=lambda p: p[1][1:])
def marked(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    codec, ext = request.param
    return film(tmp_path, codec, ext) if codec else image(tmp_path, ext)


def test_it_is_read_back_and_sealed(marked: Path) -> None:
    mark = read_mark(marked)
    assert mark is not None and replace(mark, content_digest=MARK.content_digest) == MARK
    assert mark != MARK
    assert is_sealed(marked, mark)


def test_any_changed_byte_breaks_the_seal(marked: Path) -> None:
    data = bytearray(marked.read_bytes())
    for at in range(7, len(data), len(data) // 40):
        changed = bytearray(data)
        changed[at] ^= 1
        marked.write_bytes(changed)
        mark = read_mark(marked)
        # A checksum that covers the seal is the one thing that the seal cannot cover.
        assert mark is None or not is_sealed(marked, mark) or _in_a_checksum(data, at)
    for other in (bytes(data) + b"\0", bytes(data[:-1])):
        marked.write_bytes(other)
        mark = read_mark(marked)
        assert mark is None or not is_sealed(marked, mark)


def _in_a_checksum(data: bytes, at: int) -> bool:
    png = data.find(b"}", data.find(b"tEXtComment")) + 1
    tags = data.find(b"\xbf\x84", data.rfind(b"\x12\x54\xc3\x67", 0, data.find(b"vedc {"))) + 2
    return any(start <= at < start + 4 for start in (png, tags))


@pytest.mark.parametrize(("codec", "ext"), FILMS)
def test_frames_match_a_film_without_a_mark(codec: str, ext: str, tmp_path: Path) -> None:
    plain = decode(film(tmp_path, codec, ext, None))
    assert decode(film(tmp_path, codec, ext)) == plain


@pytest.mark.parametrize("ext", IMAGES)
def test_pixels_match_an_image_without_a_mark(ext: str, tmp_path: Path) -> None:
    plain = Image.open(image(tmp_path, ext, None)).tobytes()
    with Image.open(image(tmp_path, ext)) as opened:
        assert opened.tobytes() == plain
        text = opened.info["Comment" if ext == ".png" else "comment"]
    text = text if isinstance(text, str) else text.decode()
    assert text.startswith('vedc {"version":"0.1.0"')


def test_checksums_are_right(tmp_path: Path) -> None:
    data = image(tmp_path, ".png").read_bytes()
    at = data.index(b"tEXt")
    size = int.from_bytes(data[at - 4 : at], "big")
    end = at + 4 + size
    assert int.from_bytes(data[end : end + 4], "big") == zlib.crc32(data[at:end])

    data = film(tmp_path, "ffv1", ".mkv").read_bytes()
    tags = data.rindex(b"\x12\x54\xc3\x67", 0, data.index(b"vedc {"))
    size, body = _element_size(data, tags + 4)
    assert data[body : body + 2] == b"\xbf\x84"
    content = data[body + 6 : body + size]
    assert int.from_bytes(data[body + 2 : body + 6], "little") == zlib.crc32(content)


def _element_size(data: bytes, at: int) -> tuple[int, int]:
    """The size of a Matroska element, and where its content begins."""
    length = next(n for n in range(1, 9) if data[at] >> (8 - n))
    return int.from_bytes(data[at : at + length], "big") - (1 << 7 * length), at + length


@pytest.mark.parametrize("ext", [".mp4", ".mov", ".mkv"])
def test_a_remuxed_film_carries_a_broken_seal(ext: str, tmp_path: Path) -> None:
    source = film(tmp_path, "h264", ext)
    target = tmp_path / f"copy{ext}"
    with av.open(str(source)) as old, av.open(str(target), "w") as new:
        new.metadata.update(old.metadata)
        stream = new.add_stream_from_template(old.streams.video[0])
        for packet in old.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                new.mux(packet)
    mark = read_mark(target)
    assert mark is not None and mark.spec == MARK.spec
    assert not is_sealed(target, mark)


@pytest.mark.parametrize(
    "content",
    ["", "no film", MARK.text(), "#EXTM3U\nfilm.mp4\n"],
    ids=["empty", "text", "only the mark", "playlist"],
)
def test_other_files_have_none(content: str, tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_text(content)
    assert read_mark(path) is None
    assert read_mark(tmp_path) is None
    assert read_mark(tmp_path / "missing.mp4") is None


@pytest.mark.parametrize(
    "comment",
    [
        MARK.text().replace("aa", "a\\u001b"),
        "a holiday",
        "vedc {",
        "vedc []",
        'vedc {"spec": 1}',
        "vedc " + "[" * 100_000,
    ],
    ids=["control", "words", "broken", "list", "fields", "deep"],
)
def test_anybody_elses_comment_is_not_a_mark(comment: str, tmp_path: Path) -> None:
    part = write_segment(settings("ffv1"), tmp_path / "part", 0, 2)
    target = tmp_path / "film.mkv"
    mux(target, Picture([part], [2], settings("ffv1")), None, {"comment": comment})
    assert read_mark(target) is None


def test_a_name_cannot_control_the_terminal() -> None:
    assert replace(MARK, spec="a\x1b[2Jb\n").spec_shown == "a?[2Jb?"
