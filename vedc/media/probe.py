"""Probing: what is in a media file, as ``vedc.edit.media_info`` describes it.

A probe opens the file, decodes its first picture and its first sound, and reads (without
decoding) the packets at its end. The first picture tells what the headers leave open or
get wrong: the true pixel format, the display matrix, and when source time begins. The last
packets tell exactly when it ends, and whether the file was cut short.

The position in which the picture is shown is the display matrix's, or the EXIF orientation's
of a still.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from vedc.edit.media_info import USUAL, AudioInfo, MediaInfo, Note, ProbeError, Streams, VideoInfo
from vedc.media.container import check_readable, frames_from, open_media, packets_of
from vedc.media.describe import describe_color, hdr_peak, kernel_format
from vedc.media.digest import Stamp
from vedc.media.picture import orientation
from vedc.media.picture.decoder import PictureDecoder
from vedc.media.picture.orientation import Orientation
from vedc.media.picture.scan import looked_into
from vedc.media.streams import chosen_audio, chosen_video, index_of, listed
from vedc.support.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream


_HEAD_PACKETS = 4000
"""The most packets to read for the first picture and sound."""

_TAIL_STEPS = (Fraction(1), Fraction(4), Fraction(16), Fraction(64))
"""Seconds before the end from which to look for the last packets."""

_CUT_SHORT = Fraction(1, 2)
"""Seconds by which the packets may end earlier than the index says."""

_STILL_BRANDS = frozenset({"avif", "heic", "heix", "mif1"})


def probe(path: Path, streams: Streams = USUAL) -> MediaInfo:
    """Describe the media file at ``path``, of which ``streams`` are used.

    Raises ProbeError: ``no-such-file``, ``not-readable``, ``not-media``, ``damaged-media``,
    ``no-streams``, ``no-stream``, ``not-yet``, ``unsupported-codec``, ``unsupported-pixels`` or
    ``encrypted-media``.
    """
    import av

    check_readable(path)
    stamp = Stamp.of(path)
    with open_media(path) as container:
        try:
            return _describe(container, stamp, streams)
        except av.FFmpegError as error:
            raise ProbeError(
                "damaged-media",
                f"'{path}' is damaged: {error.strerror or error}",
                "copy or download it again, or repair it with ffmpeg",
            ) from None


@dataclass(slots=True)
class _Ends:
    """When a stream begins and ends: seconds on the container's clock."""

    start: Fraction
    end: Fraction | None


def _describe(container: InputContainer, stamp: Stamp, streams: Streams) -> MediaInfo:
    path = stamp.path
    video = chosen_video(container, streams, path)
    audio = chosen_audio(container, streams, path)
    if video is None and audio is None:
        raise ProbeError(
            "no-streams", f"'{path}' has neither picture nor sound", "name another file"
        )
    if container.format.name == "svg_pipe":
        raise ProbeError(
            "not-yet",
            f"'{path}' is an SVG drawing, which this version cannot read yet",
            "export it as PNG, at least as large as it is shown",
        )
    for stream in (video, audio):
        if stream is not None and stream.codec_context is None:
            part = "picture" if stream is video else "sound"
            raise ProbeError(
                "unsupported-codec",
                f"there is no decoder for the {part} of '{path}'",
                "convert it, for example to h264 or prores, with aac or pcm sound",
            )
    picture, sound = _first_frames(container, video, audio, path)
    name = container.format.name
    kind: Literal["video", "audio", "image"]
    video_info, audio_info = None, None
    ends: list[Fraction] = []
    notes: list[Note] = []
    zero = Fraction(0)
    if video is not None and picture is not None:
        still = _is_still(container, video)
        seen = _Ends(zero, None) if still else _video_ends(container, video, picture, path)
        zero = seen.start
        video_info = _video_info(video, picture, seen, still, path, index_of(container, video))
        if not still:
            frames = partial(frames_from, container, video)
            video_info, notes = looked_into(frames, video, picture, video_info, path)
        if seen.end is not None:
            ends.append(seen.end)
        kind = "image" if still else "video"
    else:
        kind = "audio"
    if audio is not None and sound is not None and kind != "image":
        heard = _audio_ends(container, audio, sound)
        if video_info is None:
            zero = heard.start
        if heard.end is not None:
            ends.append(heard.end)
        audio_info = AudioInfo(
            rate=sound.sample_rate,
            channels=len(sound.layout.channels),
            layout=sound.layout.name,
            codec=audio.codec_context.codec.canonical_name,
            start=heard.start - zero,
            duration=None if heard.end is None else heard.end - heard.start,
            stream=index_of(container, audio),
        )
    duration = max(ends) - zero if ends else None
    if kind != "image" and duration is not None and duration <= 0:
        raise ProbeError("damaged-media", f"'{path}' has no duration", "make the file again")
    return MediaInfo(
        path=path,
        size=stamp.size,
        mtime_ns=stamp.mtime_ns,
        kind=kind,
        container=name,
        duration=None if kind == "image" else duration,
        video=video_info,
        audio=audio_info,
        ctime_ns=stamp.ctime_ns,
        inode=stamp.inode,
        streams=listed(container),
        notes=tuple(notes),
    )


def _first_frames(
    container: InputContainer, video: VideoStream | None, audio: AudioStream | None, path: str
) -> tuple[VideoFrame | None, AudioFrame | None]:
    """The first intact frame of each stream."""
    import av

    wanted = [stream for stream in (video, audio) if stream is not None]
    for stream in wanted:
        stream.codec_context.thread_count = 1  # more threads would only decode ahead
    decoders: dict[int, PictureDecoder] = {}
    if video is not None:
        decoders[video.index] = PictureDecoder(video)
    found: dict[int, Any] = {}
    failure: av.FFmpegError | None = None
    for count, packet in enumerate(packets_of(container, *wanted)):
        if packet.stream.index in found:
            continue
        if packet.has_sidedata("encryption_info"):
            raise ProbeError(
                "encrypted-media", f"'{path}' is encrypted", "use an unprotected copy of it"
            )
        try:
            decode: Callable[[Packet[Any]], list[Any]] = decoders.get(
                packet.stream.index, type(packet).decode
            )
            frames = decode(packet)
        except av.InvalidDataError as error:
            failure = error  # a recording may begin mid-frame
            continue
        whole = next((frame for frame in frames if not frame.is_corrupt), None)
        if whole is not None:
            found[packet.stream.index] = whole
        if len(found) == len(wanted) or count > _HEAD_PACKETS:
            break
    for stream in wanted:
        if stream.index not in found:
            kind = "picture" if stream is video else "sound"
            if stream.codec_context.name == "webp":
                raise ProbeError(
                    "unsupported-codec",
                    f"'{path}' is an animated WebP, which cannot be decoded",
                    "convert it to a video or a GIF",
                )
            why = f": {failure.strerror}" if failure is not None else ""
            raise ProbeError(
                "damaged-media",
                f"no {kind} of '{path}' can be decoded{why}",
                "copy or download it again, or repair it with ffmpeg",
            )
    return (
        found[video.index] if video is not None else None,
        found[audio.index] if audio is not None else None,
    )


def _is_still(container: InputContainer, video: VideoStream) -> bool:
    """Whether the file is a still picture."""
    names = container.format.name.split(",")
    if names[0] == "image2" or names[0].endswith("_pipe"):
        return True
    if names[0] in ("apng", "gif", "webp_anim"):
        container.seek(0)
        packets = (packet for packet in packets_of(container, video) if packet.size)
        return next(packets, None) is None or next(packets, None) is None
    return container.metadata.get("major_brand", "").strip() in _STILL_BRANDS


def _video_ends(
    container: InputContainer, video: VideoStream, picture: VideoFrame, path: str
) -> _Ends:
    base = video.time_base or Fraction(1, 1)
    rate = _frame_rate(video)
    first = picture.pts if picture.pts is not None else picture.dts
    if first is None:  # an elementary stream has no times: count its frames
        with open_media(Path(path)) as again:  # nor is it seekable
            packets = packets_of(again, again.streams[video.index])
            count = sum(1 for packet in packets if packet.size)
        return _Ends(Fraction(0), count / rate)
    last = _last_packet(container, video)
    promised = None
    if video.duration is not None and video.duration > 0:
        promised = ((video.start_time or 0) + video.duration) * base
    if last is None:
        return _Ends(first * base, promised)
    span, length = ((last.pts or 0) - first) * base, (last.duration or 0) * base
    steps = round(span * rate)
    if not length or abs(1 / rate - length) < base:
        length = 1 / rate  # ticks (milliseconds in Matroska) may be too coarse
        span = steps / rate if abs(span - steps / rate) <= base else span
    end = first * base + span + length
    indexed = "mov" in container.format.name.split(",")
    if indexed and promised is not None and end + _CUT_SHORT < promised:
        raise ProbeError(
            "damaged-media",
            f"'{path}' is cut short: its picture ends after {float(end):.2f} s,"
            f" but its index says {float(promised):.2f} s",
            "copy or download it again",
        )
    return _Ends(first * base, end)


def _audio_ends(container: InputContainer, audio: AudioStream, sound: AudioFrame) -> _Ends:
    base = audio.time_base or Fraction(1, sound.sample_rate)
    first = sound.pts if sound.pts is not None else (audio.start_time or 0)
    if audio.duration is not None and audio.duration > 0:
        return _Ends(first * base, ((audio.start_time or 0) + audio.duration) * base)
    last = _last_packet(container, audio)
    if last is None or last.pts is None:
        return _Ends(first * base, None)
    return _Ends(first * base, (last.pts + (last.duration or 0)) * base)


def _last_packet(
    container: InputContainer, stream: VideoStream | AudioStream
) -> Packet[Any] | None:
    """The packet of ``stream`` with the latest pts, found without decoding."""
    import av

    if stream.duration is not None and stream.duration > 0:
        end = (stream.start_time or 0) + stream.duration
    elif container.duration is not None and stream.time_base:
        clock = Fraction((container.start_time or 0) + container.duration, av.time_base)
        end = round(clock / stream.time_base)
    else:
        return _latest(_packets(container, stream, None))
    base = stream.time_base or Fraction(1, av.time_base)
    for step in _TAIL_STEPS:
        last = _latest(_packets(container, stream, end - math.ceil(step / base)))
        if last is not None:
            return last
    return _latest(_packets(container, stream, None))


def _packets(
    container: InputContainer, stream: VideoStream | AudioStream, since: int | None
) -> Iterator[Packet[Any]]:
    """Packets of ``stream`` from about ``since`` ticks (None: from the start) to the end."""
    import av

    try:
        if since is None:
            container.seek(stream.start_time or 0, stream=stream)
        else:
            container.seek(since, stream=stream, any_frame=True)
        yield from (packet for packet in packets_of(container, stream) if packet.size)
    except av.FFmpegError:
        return  # the caller looks further back and notices a truncated file


def _latest(packets: Iterator[Packet[Any]]) -> Packet[Any] | None:
    shown = (packet for packet in packets if packet.pts is not None and not packet.is_discard)
    return max(shown, key=lambda packet: packet.pts or 0, default=None)


def _frame_rate(video: VideoStream) -> Fraction:
    """Average frames per second, or the nominal rate if the average only rounds it."""
    rate = video.average_rate or video.guessed_rate or video.base_rate or Fraction(25)
    whole = round(rate)
    for nominal in (Fraction(whole), Fraction(round(rate * 1001 / 1000) * 1000, 1001)):
        if nominal > 0 and abs(rate / nominal - 1) < Fraction(1, 50_000):
            return nominal
    return rate


def _video_info(
    video: VideoStream, picture: VideoFrame, seen: _Ends, still: bool, path: str, index: int
) -> VideoInfo:
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
    position = _exif_orientation(path) if still else orientation.of_frame(picture)
    rate = _frame_rate(video)
    frames: int | None = video.frames or None
    if still:
        frames = 1
    elif frames is not None and seen.end is not None:
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
        peak=None if still else hdr_peak(picture),
    )


def _exif_orientation(path: str) -> Orientation:
    """From an image's EXIF orientation (tag 274)."""
    import PIL.Image

    too_large = PIL.Image.DecompressionBombError
    try:
        with warnings.catch_warnings(action="ignore"), PIL.Image.open(path) as image:
            found = image.getexif().get(274, 1)
    except (OSError, SyntaxError, ValueError, too_large):  # what Pillow cannot read has no EXIF
        found = 1
    return orientation.EXIF.get(found, Orientation())
