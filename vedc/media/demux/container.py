"""Opening a media file, and only that file, with helpful errors."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from vedc.edit.media_info import ProbeError

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

#: Demuxers that are never used: those whose input names further files or hosts (a spec may
#: read only what it names), those that record from a device, and those that turn any text into
#: a picture or a stream.
_BARRED: Final = frozenset(
    {
        "concat", "dash", "hls", "imf", "rtp", "rtsp", "sap", "sdp", "vobsub",
        "webm_dash_manifest",
        "alsa", "avisynth", "dvdvideo", "fbdev", "iec61883", "jack", "kmsgrab", "lavfi", "oss",
        "pulse", "sndio", "v4l2", "vapoursynth", "x11grab",
        "bin", "data", "ffmetadata", "tty", "txd",
    }
)  # fmt: skip

#: First bytes and names of playlists.
_PLAYLISTS: Final = (
    (re.compile(rb"#EXTM3U"), "an M3U or HLS playlist"),
    (re.compile(rb"ffconcat version"), "a list for FFmpeg's concat demuxer"),
    (re.compile(rb"v=0\r?\n"), "an SDP session description"),
    (
        re.compile(rb"(<[?!][^>]*>\s*)*<(\w+:)?(MPD|CompositionPlaylist)\b"),
        "a DASH or IMF playlist",
    ),
)
_HEAD_BYTES: Final = 4096

#: Offsets and first bytes of common containers: a file that begins like this but cannot be
#: opened is damaged rather than of another kind.
_MAGIC: Final[tuple[tuple[int, bytes], ...]] = (
    (4, b"ftyp"),
    (4, b"moov"),
    (4, b"mdat"),
    (0, b"\x1aE\xdf\xa3"),
    (0, b"RIFF"),
    (0, b"OggS"),
    (0, b"fLaC"),
    (0, b"ID3"),
    (0, b"\x89PNG\r\n\x1a\n"),
    (0, b"\xff\xd8\xff"),
    (0, b"GIF8"),
    (0, b"FLV\x01"),
    (0, b"\x00\x00\x01\xba"),
)

_CUT_SHORT = "the file seems incomplete: copy or download it again"


def check_readable(path: Path) -> bytes:
    """The first bytes of a file that can be read.

    Raises ProbeError ``no-such-file`` or ``not-readable``, or ``not-media`` for a folder, a pipe
    or an empty file.
    """
    try:
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            raise ProbeError("not-media", f"'{path}' is a folder", "name a file in it")
        if not stat.S_ISREG(mode):  # opening a pipe would wait for a writer
            raise ProbeError(
                "not-media", f"'{path}' is not a regular file", "copy what it gives into one"
            )
        with open(path, "rb") as file:
            head = file.read(_HEAD_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        hint = "check its name and its folder"
        raise ProbeError("no-such-file", f"there is no file '{path}'", hint) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise ProbeError(
            "not-readable",
            f"'{path}' cannot be read: {getattr(error, 'strerror', None) or error}",
            "check the permissions of the file and of its folder",
        ) from None
    if not head:
        raise ProbeError("not-media", f"'{path}' is empty", _CUT_SHORT)
    return head


@cache
def _demuxers() -> str:
    """The names of the demuxers that may be used, as FFmpeg's ``format_whitelist``."""
    import av

    names = (name for name in av.formats_available if not _BARRED & set(name.split(",")))
    return ",".join(sorted(names))


def local_only() -> dict[str, str]:
    """Options of ``av.open`` that confine a file, and whatever it refers to, to local media."""
    return {"protocol_whitelist": "file", "format_whitelist": _demuxers()}


def open_media(path: Path) -> InputContainer:
    """Open a local file for demuxing. The caller closes it.

    Only the file itself is read: network protocols, playlists and numbered sequences are off.
    Raises ProbeError ``no-such-file``, ``not-readable``, ``not-media`` or ``damaged-media``.
    """
    import av

    head = check_readable(path)
    # FFmpeg would open everything a playlist names, even pipes and files outside the project,
    # before it could be refused.
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for beginning, name in _PLAYLISTS:
        if beginning.match(text):
            raise ProbeError(
                "not-media",
                f"'{path}' is {name}, which names other files",
                "name the media files themselves",
            )
    try:
        container = av.open(
            "file:" + os.fspath(path),
            options=local_only() | {"pattern_type": "none"},
            metadata_errors="replace",
        )
    except (av.FFmpegError, OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        if any(head[at:].startswith(magic) for at, magic in _MAGIC):
            raise ProbeError(
                "damaged-media", f"'{path}' is damaged: {reason}", _CUT_SHORT
            ) from None
        raise ProbeError(
            "not-media",
            f"'{path}' is not a media file that FFmpeg can read: {reason.lower()}",
            "name a video, a sound or a picture; ffmpeg converts other formats",
        ) from None
    return container


def packets_of(container: InputContainer, *streams: Stream) -> Iterator[Packet[Any]]:
    """The packets of some streams, from the current position to the end.

    The last packet of each stream is empty and flushes its decoder. Raises av.FFmpegError.
    """
    while True:
        try:
            yield from container.demux(*streams)
            return
        except IndexError:  # PyAV fails on a packet of a stream that appears midway
            continue


def intact_packets(container: InputContainer, *streams: Stream) -> Iterator[Packet[Any]]:
    """As :func:`packets_of`, up to where the file becomes unreadable."""
    import av

    try:
        yield from packets_of(container, *streams)
    except av.FFmpegError:
        return


def frames_from(
    container: InputContainer, video: VideoStream, place: Fraction
) -> Iterator[VideoFrame]:
    """Whole frames from the key frame at or before a share of the length, 0 to 1.

    Raises av.FFmpegError.
    """
    import av

    container.seek((video.start_time or 0) + round((video.duration or 0) * place), stream=video)
    for packet in packets_of(container, video):
        try:
            frames = packet.decode()
        except av.InvalidDataError:
            continue
        for frame in frames:
            if not frame.is_corrupt:
                yield frame
