"""Probing: the content of a media file, as ``vedc.edit.media_info`` describes it.

A probe opens the file, decodes its first picture and its first sound, and reads (without
decoding) the packets at its end. The first picture settles what the headers leave open or
get wrong: the true pixel format, the display matrix, and the start of source time. The
last packets show exactly when it ends, and whether the file was cut short.

The orientation of the picture is the display matrix's. Picture files, still or animated, are
described by ``vedc.stills``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from vedc.edit.media_info import (
    SEQUENCE,
    USUAL,
    AudioInfo,
    Join,
    MediaInfo,
    Note,
    ProbeError,
    Streams,
    VideoInfo,
)
from vedc.media.demux import rates
from vedc.media.demux.container import (
    check_readable,
    frames_from,
    intact_packets,
    open_media,
)
from vedc.media.demux.ends import Ends, picture_ends, rewind, sampled_times
from vedc.media.demux.joins import find_joins, suspect
from vedc.media.demux.matroska import segment_end
from vedc.media.demux.streams import chosen_audio, chosen_video, index_of, listed
from vedc.media.describe import describe_color, hdr_peak, kernel_format
from vedc.media.digest import Stamp
from vedc.media.picture import orientation
from vedc.media.picture.decoder import PictureDecoder
from vedc.media.picture.scan import looked_into
from vedc.media.sound.ends import exact_sound_ends
from vedc.stills.kinds import HEAD_BYTES, Kind, kind_of, unread
from vedc.support.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

    from vedc.stills.describe import Described


_HEAD_PACKETS = 4000
"""The most packets to read for the first picture and sound."""

_HEAD_BYTES = 4096
"""Bytes that contain the container's intended size."""


def probe(path: Path, streams: Streams = USUAL) -> MediaInfo:
    """Describe the media file at ``path``, of which ``streams`` are used.

    Raises ProbeError: ``no-such-file``, ``not-readable``, ``not-media``, ``damaged-media``,
    ``no-streams``, ``no-stream``, ``not-yet``, ``unsupported-codec``, ``unsupported-pixels``,
    ``encrypted-media``, or of pictures ``bad-image`` and ``image-too-large``.
    """
    head = check_readable(path)
    stamp = Stamp.of(path)
    kind = kind_of(path, head[:HEAD_BYTES])
    if kind is not None:
        return _describe_picture(kind, stamp)
    import av

    with open_media(path) as container:
        try:
            return _describe(container, stamp, streams)
        except av.FFmpegError as error:
            raise ProbeError(
                "damaged-media",
                f"'{path}' is damaged: {error.strerror or error}",
                "copy or download it again, or repair it with ffmpeg",
            ) from None


def probe_sequence(pattern: Path, rate: Fraction) -> MediaInfo:
    """Describe the pictures that an absolute pattern stands for, shown at ``rate`` a second.

    Raises ProbeError ``no-such-file``, ``bad-pattern``, ``mixed-pictures``, or those of pictures.
    """
    from vedc.stills.sequence.describe import describe_sequence, listing_of

    listing_of(pattern)
    stamp = Stamp.of_sequence(pattern, rate)
    found = describe_sequence(pattern, rate)
    return replace(_of_pictures(found, stamp, SEQUENCE), path=str(pattern))


def _describe_picture(kind: Kind, stamp: Stamp) -> MediaInfo:
    from vedc.stills.describe import describe

    return _of_pictures(describe(Path(stamp.path), kind), stamp, kind.name)


def _of_pictures(found: Described, stamp: Stamp, container: str) -> MediaInfo:
    return MediaInfo(
        path=stamp.path,
        size=stamp.size,
        mtime_ns=stamp.mtime_ns,
        kind="image" if found.duration is None else "video",
        container=container,
        duration=found.duration,
        video=found.video,
        ctime_ns=stamp.ctime_ns,
        inode=stamp.inode,
        notes=found.notes,
    )


def _describe(container: InputContainer, stamp: Stamp, streams: Streams) -> MediaInfo:
    path = stamp.path
    video = chosen_video(container, streams, path)
    audio = chosen_audio(container, streams, path)
    if video is None and audio is None:
        raise ProbeError(
            "no-streams", f"'{path}' has neither picture nor sound", "name another file"
        )
    if video is not None and _is_still(container):
        name = container.format.name.removesuffix("_pipe")
        if name == "image2":  # only its name says that it is a picture
            raise ProbeError(
                "damaged-media",
                f"no picture of '{path}' can be decoded: it does not start like a picture file",
                "copy or download it again",
            )
        raise unread(Path(path), f"a picture ({name})", "convert it to PNG or JPEG")
    head = _first_frames(container, video, audio, path)
    picture, sound = head.picture, head.sound
    if picture is None and sound is None:
        lost = head.no_picture or head.no_sound
        assert lost is not None
        raise ProbeError(lost.code, lost.message, lost.hint)
    notes = [note for note in (head.no_picture, head.no_sound) if note is not None]
    with open(path, "rb") as file:
        beginning = file.read(_HEAD_BYTES)
    joins = _joins(container, head, stamp, beginning)
    if joins:
        notes.append(_joined(path, joins))
    name = container.format.name
    kind: Literal["video", "audio"] = "audio"
    video_info, audio_info = None, None
    ends: list[Fraction] = []
    zero = Fraction(0)
    if video is not None and picture is not None:
        kind = "video"
        rate = _rate(container, video, notes, path)
        seen = _picture_ends(container, video, picture, rate, joins)
        zero = seen.start
        video_info = _video_info(video, picture, seen, path, index_of(container, video), rate)
        frames = partial(frames_from, container, video)
        video_info, remarks = looked_into(frames, video, picture, video_info, path)
        if not joins:
            video_info = replace(video_info, begins=head.begins)
        notes += remarks
        if seen.end is not None:
            ends.append(seen.end)
        notes += _cut_short(path, "picture", seen, zero)
    if audio is not None and sound is not None:
        audio_ends, remarks = exact_sound_ends(Path(path), container, audio, sound, joins)
        notes += remarks
        if video_info is None:
            zero = audio_ends.start
        if audio_ends.end is not None:
            ends.append(audio_ends.end)
        notes += _cut_short(path, "sound", audio_ends, zero)
        audio_info = AudioInfo(
            rate=sound.sample_rate,
            channels=len(sound.layout.channels),
            layout=sound.layout.name,
            codec=audio.codec_context.codec.canonical_name,
            start=audio_ends.start - zero,
            duration=None if audio_ends.end is None else audio_ends.end - audio_ends.start,
            stream=index_of(container, audio),
        )
    duration = max(ends) - zero if ends else None
    if duration is not None and "matroska" in name:
        meant = segment_end(beginning)
        if meant is not None and meant > stamp.size:
            notes.append(_incomplete(path, duration, meant - stamp.size))
    if duration is not None and duration <= 0:
        raise ProbeError("damaged-media", f"'{path}' has no duration", "make the file again")
    return MediaInfo(
        path=path,
        size=stamp.size,
        mtime_ns=stamp.mtime_ns,
        kind=kind,
        container=name,
        duration=duration,
        video=video_info,
        audio=audio_info,
        ctime_ns=stamp.ctime_ns,
        inode=stamp.inode,
        notes=tuple(notes),
        no_picture=head.no_picture,
        no_sound=head.no_sound,
        joins=joins,
        streams=listed(container),
    )


@dataclass(slots=True)
class _Head:
    """The first intact frame of each stream, or the reason why there is none."""

    picture: VideoFrame | None = None
    sound: AudioFrame | None = None
    no_picture: Note | None = None
    no_sound: Note | None = None
    begins: int | None = None
    """The picture's time in ticks, if nothing before it failed and its first packet has a time."""


def _first_frames(
    container: InputContainer, video: VideoStream | None, audio: AudioStream | None, path: str
) -> _Head:
    import av

    head = _Head()
    playable: list[VideoStream | AudioStream] = []
    for stream in (video, audio):
        if stream is not None and stream.codec_context is None:
            part = "picture" if stream is video else "sound"
            _lose(head, stream, Note(
                "unsupported-codec",
                f"there is no decoder for the {part} of '{path}'",
                "convert it, for example to h264 or prores, with aac or pcm sound",
                part,
            ))  # fmt: skip
        elif stream is not None:
            playable.append(stream)
    found: dict[int, Any] = {}
    failures: dict[int, str | None] = {}
    timed: dict[int, bool] = {}
    """Whether the first packet of each stream has a time."""
    decoders: dict[int, Callable[[Packet[Any]], list[Any]]] = {}
    if video is not None and video in playable:
        decoders[video.index] = PictureDecoder(video)

    def look(*streams: VideoStream | AudioStream) -> None:
        for count, packet in enumerate(intact_packets(container, *streams)):
            index = packet.stream.index
            if index in found:
                continue
            if packet.has_sidedata("encryption_info"):
                raise ProbeError(
                    "encrypted-media", f"'{path}' is encrypted", "use an unprotected copy of it"
                )
            timed.setdefault(index, packet.pts is not None or packet.dts is not None)
            try:
                frames = decoders.get(index, type(packet).decode)(packet)
            except av.FFmpegError as error:
                failures[index] = error.strerror  # a recording may begin mid-frame
                continue
            whole = next((frame for frame in frames if not frame.is_corrupt), None)
            if whole is not None:
                found[index] = whole
            if all(stream.index in found for stream in streams) or count > _HEAD_PACKETS:
                break

    for stream in playable:
        stream.codec_context.thread_count = 1  # more threads would only decode ahead
    if playable:
        look(*playable)
    for stream in playable:
        if stream.index not in found and len(playable) > 1:  # it may begin late
            with suppress(av.FFmpegError):
                rewind(container, stream)
                stream.codec_context.flush_buffers()
                look(stream)
        if stream.index in found:
            if stream is video:
                head.picture = found[stream.index]
                if timed[stream.index] and stream.index not in failures:
                    head.begins = found[stream.index].pts
            else:
                head.sound = found[stream.index]
        else:
            _lose(head, stream, _undecodable(path, stream, failures))
    return head


def _lose(head: _Head, stream: VideoStream | AudioStream, note: Note) -> None:
    if stream.type == "video":
        head.no_picture = note
    else:
        head.no_sound = note


def _undecodable(
    path: str, stream: VideoStream | AudioStream, failures: Mapping[int, str | None]
) -> Note:
    part: Literal["picture", "sound"] = "picture" if stream.type == "video" else "sound"
    if stream.index not in failures:
        message = f"'{path}' declares a {part} but holds none"
    else:
        reason = failures[stream.index] or "the reason is unknown"
        message = f"no {part} of '{path}' can be decoded: {reason[:1].lower()}{reason[1:]}"
    hint = "copy or download it again, or repair it with ffmpeg"
    return Note("damaged-media", message, hint, part)


def _joins(
    container: InputContainer, head: _Head, stamp: Stamp, beginning: bytes
) -> tuple[Join, ...]:
    """Where further parts begin in a file that is joined from several."""
    video = head.picture is not None
    if not suspect(container, beginning, stamp.size):
        return ()
    kinds = [container.streams.video] if video else []
    guides = [stream for streams in (*kinds, container.streams.audio) for stream in streams]
    with open_media(Path(stamp.path)) as again:
        wanted = [again.streams[stream.index] for stream in guides]
        guessed = "matroska" in container.format.name
        return find_joins(intact_packets(again, *wanted), wanted, guessed=guessed)


def _joined(path: str, joins: Sequence[Join]) -> Note:
    times = ", ".join(f"{float(join.time):.2f} s" for join in joins[:3])
    more = f" and {len(joins) - 3} more times" if len(joins) > 3 else ""
    return Note(
        "time-jumps",
        f"the times of '{path}' jump back at {times}{more}; it is played on from there",
        "remux each part by itself if this is not meant",
    )


def _rate(container: InputContainer, video: VideoStream, notes: list[Note], path: str) -> Fraction:
    """The nominal frame rate, noted where it had to be guessed."""
    declared = rates.declared(video.average_rate, video.base_rate)
    if declared is not None and "mov" in container.format.name.split(","):
        return declared  # averaged over its index; others merely state it
    tick = video.time_base or Fraction(1, 1000)
    times = sampled_times(container, video)
    found = rates.judged(times, video.average_rate, tick)
    if found.average is not None and abs(found.average / found.rate - 1) > rates.UNEVEN:
        notes.append(
            Note(
                "uneven-frames",
                f"the frames of '{path}' come at uneven times, {float(found.average):.4g} a second"
                f" on average: they keep their times, and it counts as {found.rate} fps",
                "set fps of the profile if the film should have another rate",
                "picture",
            )
        )
    elif found.capped is not None:
        notes.append(
            Note(
                "frame-rate",
                f"'{path}' has {float(found.capped):.6g} frames a second; "
                f"it counts as {found.rate} fps",
                None,
                "picture",
            )
        )
    return found.rate


def _picture_ends(
    container: InputContainer,
    video: VideoStream,
    picture: VideoFrame,
    rate: Fraction,
    joins: Sequence[Join],
) -> Ends:
    first = picture.pts if picture.pts is not None else picture.dts
    if first is not None:
        return picture_ends(container, video, first, rate, joins)
    # An elementary stream has no times, and is not seekable: count its frames.
    with open_media(Path(container.name.removeprefix("file:"))) as again:
        packets = intact_packets(again, again.streams[video.index])
        count = sum(1 for packet in packets if packet.size)
    return Ends(Fraction(0), count / rate)


def _incomplete(path: str, duration: Fraction, missing: int) -> Note:
    message = (
        f"'{path}' is cut short: it ends after {float(duration):.2f} s,"
        f" and {missing:,} bytes that its header announces are missing"
    )
    return Note("cut-short", message, "copy or download it again")


def _cut_short(
    path: str, part: Literal["picture", "sound"], ends: Ends, zero: Fraction
) -> list[Note]:
    if ends.promised is None or ends.end is None:
        return []
    there, promised = float(ends.end - zero), float(ends.promised - zero)
    message = (
        f"'{path}' is cut short: its {part} ends after {there:.2f} s,"
        f" but its index says {promised:.2f} s"
    )
    return [Note("cut-short", message, "copy or download it again", part)]


def _is_still(container: InputContainer) -> bool:
    """Whether the file is one picture, or several joined end to end."""
    name = container.format.name.split(",")[0]
    return name == "image2" or name.endswith("_pipe")


def _video_info(
    video: VideoStream, picture: VideoFrame, seen: Ends, path: str, index: int,
    rate: Fraction,
) -> VideoInfo:  # fmt: skip
    context = video.codec_context
    pixels = kernel_format(picture.format)
    if pixels is None:
        raise ProbeError(
            "unsupported-pixels",
            f"'{path}' has {picture.format.name} pixels, which cannot be edited",
            "convert it to an integer RGB or YUV format of at most 16 bits",
        )
    codec = context.codec.canonical_name
    color, tagged = describe_color(picture, codec)
    position = orientation.of_frame(picture)
    frames: int | None = video.frames or None
    if frames is not None and seen.end is not None:
        # An index also counts frames that an edit list hides.
        shown = (seen.end - seen.start) * rate
        frames = frames if abs(shown - frames) < 1 else None
    return VideoInfo(
        width=picture.width,
        height=picture.height,
        sar=video.sample_aspect_ratio or context.sample_aspect_ratio or Fraction(1),
        rotation=position.rotation,
        pix_fmt=picture.format.name,
        format=pixels,
        rate=rate,
        color=color,
        tagged=tagged,
        codec=codec,
        time_base=video.time_base or 1 / rate,
        frames=frames,
        mirrored=position.mirrored,
        stream=index,
        peak=hdr_peak(picture),
        length=None if seen.end is None else seen.end - seen.start,
    )
