"""Walking over the frames of MPEG audio and ADTS, against FFmpeg's own parsers."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import pytest

from tests.media.files.test_audio_decode import chirp, frames, write
from vedc.media.sound.raw import raw_frame, read_raw_sound

_KINDS = [
    *[("libmp3lame", "mp3", rate) for rate in (8000, 11025, 16000, 22050, 24000, 32000, 44100)],
    *[("mp2", "mp2", rate) for rate in (16000, 24000, 32000, 48000)],
    *[("aac", "aac", rate) for rate in (8000, 22050, 44100, 96000)],
]


@pytest.mark.parametrize(("encoder", "ending", "rate"), _KINDS)
def test_frames_are_those_that_ffmpeg_finds(
    tmp_path: Path, encoder: str, ending: str, rate: int
) -> None:
    path = write(tmp_path / f"a.{ending}", encoder, frames(chirp(1.5, rate), rate))
    found = read_raw_sound(path)
    with av.open(str(path)) as file:
        packets = [packet for packet in file.demux(audio=0) if packet.size]
        samples = [frame.samples for packet in packets for frame in packet.decode()]
    for packet in packets:
        header = raw_frame(bytes(packet)[:7])
        assert header is not None
        assert (header.size, header.rate, header.mono) == (packet.size, rate, False)
        assert header.samples in samples
    table = found.frames - len(packets)  # LAME's table is a frame that is not played
    assert table == (1 if ending == "mp3" else 0)
    assert found.counted == (ending == "mp3")
    header = raw_frame(bytes(packets[0])[:7])
    assert header is not None
    assert found.length == Fraction(header.samples * found.frames, rate)
    assert found.even and not found.cut


def test_tags_and_gaps_between_frames_are_distinguished(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp3", "libmp3lame", frames(chirp(1.0, 44100), 44100))
    whole = path.read_bytes()
    tag = b"ID3\x04\0\0\0\0\x02\0" + b"\xff\xfb" * 128  # looks like frames, but is not
    sound = read_raw_sound(path)

    def of(data: bytes) -> tuple[bool, int, bool]:
        path.write_bytes(data)
        found = read_raw_sound(path)
        return found.joined, found.gaps, found.cut

    assert of(tag + whole + b"TAG" + bytes(125)) == (False, 0, False)
    assert of(whole + tag + whole) == (True, 0, False)
    assert of(whole + bytes(1000) + whole) == (False, 1, False)
    assert of(whole[:-50]) == (False, 0, True)
    path.write_bytes(whole + tag + whole)
    assert read_raw_sound(path).frames == 2 * sound.frames


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff", b"\xff\xfb\xf0\x00", b"\xff\xe8\x90\x00", b"\xff\xf1\x7c\x80\0\0\0", b"RIFF"],
)
def test_an_invalid_header_gives_none(data: bytes) -> None:
    assert raw_frame(data) is None
