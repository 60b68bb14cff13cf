"""When a sound begins and ends, to the sample where its file allows it.

Headers round, estimate or are wrong: the length of an MP3 without a table is guessed from its bit
rate, Opus counts samples that are never played, and the last packet holds padding. So the end is
that of the last frame, decoded. If the samples are the clock, all frames are decoded.
"""

from __future__ import annotations

import math
import mmap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from vedc.edit.media_info import Join, Note
from vedc.media.demux.container import intact_packets, open_media
from vedc.media.demux.ends import Ends, sound_ends
from vedc.media.sound.clock import clock_of, read_pages
from vedc.media.sound.raw import RawSound, raw_frame, read_raw_sound

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer

_STEPS: Final = (Fraction(1), Fraction(4), Fraction(16), Fraction(64))
"""Seconds before the supposed end at which to start decoding."""

_CUT_SHORT: Final = Fraction(1, 2)
"""Seconds by which a file may end earlier than its header says."""

_BARELY: Final = Fraction(1, 20)
"""The same for headers that count samples."""

_PROMISING: Final = frozenset(
    {"mov", "avi", "flac", "asf", "aiff", "caf", "w64", "tta", "ape", "wv"}
)
"""Formats whose headers count their samples or packets."""

_OPEN_ENDED: Final = (0, 0xFFFFFFFF)
"""Data sizes of WAV files that were never filled in."""

_HINT: Final = "copy or download it again"


def exact_sound_ends(
    path: Path,
    container: InputContainer,
    stream: AudioStream,
    first: AudioFrame,
    joins: Sequence[Join],
) -> tuple[Ends, list[Note]]:
    """The ends of a sound, and notes about them.

    ``first`` is its first frame. Moves the container's position. Raises OSError.
    """
    begin = first.pts if first.pts is not None else (stream.start_time or 0)
    rough = sound_ends(container, stream, begin, first.sample_rate, joins)
    if joins:
        return rough, []
    name = container.format.name
    raw = read_raw_sound(path) if name in ("mp3", "aac") else None
    notes = _of_raw(path, raw) if raw is not None else []
    number = container.streams.audio.index(stream)
    with _opened(path, number) as (again, same):
        clock = clock_of(path, again, same)
    with _opened(path, number) as (again, same):  # from the very beginning
        if clock == "headers":
            return Ends(rough.start, _counted(again, same)), notes
        if clock == "samples":
            notes += _of_clock(path, name)
            return Ends(rough.start, rough.start + _decoded(again, same)), notes
        end = _last(path, again, same, rough)
    if end is None:
        return rough, notes
    promised = rough.promised or rough.end
    meant = bool(_PROMISING & set(name.split(","))) or (raw is not None and raw.counted)
    if name == "wav":
        length, more = _wav_promise(path)
        promised, meant = None if length is None else rough.start + length, True
        notes += [_of_tail(path)] if more else []
    if name == "avi" and not stream.codec_context.name.startswith("pcm"):
        meant = False  # muxers disagree about what is counted
    slack = _BARELY if name in ("wav", "flac") else _CUT_SHORT
    if meant and promised is not None and end + slack < promised:
        return Ends(rough.start, end, promised), [n for n in notes if n.code != "cut-short"]
    rough = Ends(rough.start, rough.end, rough.promised if meant else None)
    return (rough if _agrees(end, rough, stream, name) else Ends(rough.start, end)), notes


def _agrees(end: Fraction, rough: Ends, stream: AudioStream, name: str) -> bool:
    """Whether the end by packets is as good as the last frame's.

    Time stamps may be rounded, and MP4 counts samples while the last frame holds padding.
    """
    if rough.end is None or rough.promised is not None:
        return False
    if "mov" in name.split(","):
        return end + _CUT_SHORT >= rough.end
    return abs(end - rough.end) <= (stream.time_base or 0)


@contextmanager
def _opened(path: Path, number: int) -> Iterator[tuple[InputContainer, AudioStream]]:
    """The file opened again to read one of its sounds."""
    from av.stream import Discard

    with open_media(path) as container:
        stream = container.streams.audio[number]
        stream.codec_context.thread_count = 1
        for other in container.streams:
            if other is not stream:
                other.discard = Discard.all
        yield container, stream


def _of_raw(path: Path, raw: RawSound) -> list[Note]:
    notes = []
    if raw.joined:
        message = f"'{path}' is joined from several files: they are played one after another"
        notes.append(Note("joined-sound", message, "join them decoded, if a gap is heard", "sound"))
    if raw.gaps:
        places = "a place" if raw.gaps == 1 else f"{raw.gaps} places"
        message = f"'{path}' is damaged: {places} in it hold no sound and are passed over"
        notes.append(Note("damaged-sound", message, _HINT, "sound"))
    if raw.cut:
        message = f"'{path}' is cut short: its last frame is incomplete and is not played"
        notes.append(Note("cut-short", message, _HINT, "sound"))
    return notes


def _of_clock(path: Path, name: str) -> list[Note]:
    if name == "avi":
        message = f"'{path}' has wrong time stamps for its sound: it is timed by its samples"
        hint = "remux it if picture and sound do not match"
        return [Note("false-times", message, hint, "sound")]
    if name == "wav":
        return []
    message = f"'{path}' is joined from several files: they are played one after another"
    return [Note("joined-sound", message, None, "sound")]


def _of_tail(path: Path) -> Note:
    message = f"another file follows the sound of '{path}', and is not played"
    return Note("joined-sound", message, "take the files apart, or join them decoded", "sound")


def _frames(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    """The decodable frames from the container's position."""
    import av

    for packet in intact_packets(container, stream):
        with suppress(av.FFmpegError):
            yield from cast("list[AudioFrame]", packet.decode())


def _decoded(container: InputContainer, stream: AudioStream) -> Fraction:
    """Seconds of everything that decodes."""
    samples: dict[int, int] = {}
    for frame in _frames(container, stream):
        samples[frame.sample_rate] = samples.get(frame.sample_rate, 0) + frame.samples
    return sum((Fraction(count, rate) for rate, count in samples.items()), Fraction(0))


def _counted(container: InputContainer, stream: AudioStream) -> Fraction:
    """When the last frame ends, by the headers of all."""
    end = Fraction(0)
    for packet in intact_packets(container, stream):
        header = raw_frame(bytes(packet)[:7]) if packet.size else None
        if header is not None:
            end += Fraction(header.samples, header.rate)
    return end


def _last(
    path: Path, container: InputContainer, stream: AudioStream, rough: Ends
) -> Fraction | None:
    """The end of the last frame, decoded; None if unknown."""
    import av

    base = stream.time_base
    if rough.end is None or base is None:
        return None
    supposed = math.ceil(rough.end / base)
    if container.format.name == "ogg":
        last = read_pages(path).last
        supposed = supposed if last is None else min(supposed, last)
    for step in _STEPS:
        try:
            container.seek(
                max(supposed - math.ceil(step / base), math.floor(rough.start / base)),
                stream=stream,
            )
        except av.FFmpegError:
            return None
        latest: Fraction | None = None
        for frame in _frames(container, stream):
            at = latest if frame.pts is None else frame.pts * base
            if at is not None and frame.samples:
                latest = at + Fraction(frame.samples, frame.sample_rate)
        if latest is not None:
            return latest
    return None


def _wav_promise(path: Path) -> tuple[Fraction | None, bool]:
    """Seconds that the header of a WAV promises beyond its data, if any, and whether another file
    follows its data."""
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        at, rate = 12, 0
        while at + 8 <= len(data):
            size = int.from_bytes(data[at + 4 : at + 8], "little")
            after = at + 8 + size + size % 2
            if data[at : at + 4] == b"fmt ":
                rate = int.from_bytes(data[at + 16 : at + 20], "little")
            if data[at : at + 4] == b"data":
                short = size not in _OPEN_ENDED and at + 8 + size > len(data) and rate > 0
                return Fraction(size, rate) if short else None, data[after : after + 4] == b"RIFF"
            at = after
    return None, False
