"""The streams of a file, and which of them are used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

from vedc.edit.media_info import ProbeError, StreamInfo, Streams

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.stream import Stream
    from av.video.stream import VideoStream

S = TypeVar("S", bound="Stream")

_KINDS: Final[dict[str, Literal["video", "audio", "subtitle"]]] = {
    "video": "video",
    "audio": "audio",
    "subtitle": "subtitle",
}


def chosen_video(container: InputContainer, streams: Streams, path: str) -> VideoStream | None:
    """The video stream to use: the one named, else the first flagged default, else the first.

    Cover art and thumbnails are used only where they are named. Raises ProbeError ``no-stream``.
    """
    playable = [stream for stream in container.streams.video if not _is_cover(stream)]
    every = container.streams.video
    return _chosen(every, playable, streams.video, "video", path)


def chosen_audio(container: InputContainer, streams: Streams, path: str) -> AudioStream | None:
    """The audio stream to use, by the same rule."""
    every = container.streams.audio
    return _chosen(every, every, streams.audio, "audio", path)


def index_of(container: InputContainer, stream: VideoStream | AudioStream) -> int:
    """The index of a stream among those of its kind."""
    same: Sequence[Stream] = (
        container.streams.video if stream.type == "video" else container.streams.audio
    )
    return [other.index for other in same].index(stream.index)


def listed(container: InputContainer) -> tuple[StreamInfo, ...]:
    """All streams, in the file's order, from their headers."""
    from av.stream import Disposition

    counts: dict[str, int] = {}
    found = []
    for stream in container.streams:
        kind: Literal["video", "audio", "subtitle", "other"] = _KINDS.get(stream.type, "other")
        index = counts.get(kind, 0)
        counts[kind] = index + 1
        context: Any = stream.codec_context  # None where there is no decoder
        found.append(
            StreamInfo(
                kind=kind,
                index=index,
                codec=_codec(stream, context),
                language=stream.metadata.get("language") or None,
                title=stream.metadata.get("title") or None,
                default=bool(stream.disposition & Disposition.default),
                cover=kind == "video" and _is_cover(stream),
                channels=context.channels if kind == "audio" and context is not None else None,
            )
        )
    return tuple(found)


def _codec(stream: Stream, context: Any) -> str:
    if context is None:
        return "unknown"
    codec = getattr(context, "codec", None)
    return str(codec.canonical_name if codec is not None else context.name)


def _is_cover(stream: Stream) -> bool:
    from av.stream import Disposition

    return bool(stream.disposition & (Disposition.attached_pic | Disposition.timed_thumbnails))


def _chosen(
    every: Sequence[S], playable: Sequence[S], wanted: int | None, kind: str, path: str
) -> S | None:
    from av.stream import Disposition

    if wanted is None:
        flagged = (stream for stream in playable if stream.disposition & Disposition.default)
        return next(flagged, None) or next(iter(playable), None)
    if wanted < len(every):
        return every[wanted]
    message = f"'{path}' has no {kind} stream {wanted}"
    if not every:
        raise ProbeError("no-stream", f"{message}: it has no {kind} at all", "leave it out")
    there = "only stream 0" if len(every) == 1 else f"streams 0 to {len(every) - 1}"
    raise ProbeError("no-stream", f"{message}: it has {there}", "vedc probe lists its streams")
