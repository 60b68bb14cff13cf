"""The sources of pictures for scopes: a still, a moment of a film, a frame of a spec."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from vedc.color import CANVAS_COLORS, FORMATS, PixelFormat
from vedc.edit.media_info import LARGEST_STILL, MediaInfo
from vedc.edit.times import parse_time
from vedc.errors import RenderError, UsageError
from vedc.report.scopes.signal import Signal, decoded

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

    from vedc.edit.model import Edit
    from vedc.workspace.build import Build


SRGB: Final = CANVAS_COLORS["srgb"]


@dataclass(frozen=True, slots=True)
class Seen:
    """A picture to draw scopes of."""

    name: str
    """The file or the spec."""
    time: Fraction | None
    """Seconds, the beginning of its frame; None of a still."""
    rate: Fraction | None
    signal: Signal


def of_file(media: MediaInfo, name: str, at: str | None) -> Seen:
    """A still, or the frame of a film that is shown at a time, its first by default.

    Raises RenderError ``no-picture``, UsageError ``bad-time``, and what reading raises.
    """
    video = media.video
    if video is None:
        message = f"{name} has no picture"
        raise RenderError.one("no-picture", message, hint="name a film or a picture")
    if media.kind == "image":
        if at is not None:
            message = f"{name} is a still, and has no time to choose"
            raise UsageError.one("bad-option", message, hint="leave --at out")
        return Seen(name, None, None, _still(media))
    frame = _frame_number(media, name, at)
    return Seen(name, frame / video.rate, video.rate, film_frame(media, frame))


def of_film(build: Build, film: Edit, frame: int, name: str) -> Seen:
    """A frame of a spec's film, as rendered, before it is encoded."""
    import cv2

    from vedc.workspace.film_frames import film_frames

    with film_frames(build, film, [frame], exact=True) as drawn:
        read: Any = cv2.imread(str(drawn.files[0]), cv2.IMREAD_UNCHANGED)
    rgb = read[..., 2::-1].astype(np.float32) / np.iinfo(read.dtype).max
    color = film.profile.color
    rate = film.profile.fps
    return Seen(name, frame / rate, rate, Signal.of(rgb, color, 16))


def _frame_number(media: MediaInfo, name: str, at: str | None) -> int:
    assert media.video is not None
    rate, length = media.video.rate, media.clip_length
    if at is None:
        return 0
    try:
        time = parse_time(at, from_end=True).seconds(rate, length)
    except ValueError as error:
        hint = "write a time such as 12s, 300f, 25% or -1f"
        raise UsageError.one("bad-time", f"--at {at}: {error}", hint=hint) from None
    if length is not None and time >= length:
        message = f"--at {at} is past the end of {name} at {float(length):.3f} s"
        raise UsageError.one(
            "bad-time", message, hint="give an earlier time; -1f is the last frame"
        )
    return int(time * rate)


def film_frame(media: MediaInfo, number: int) -> Signal:
    """A frame of a film by number, upright."""
    from vedc.media.delivery import Delivery
    from vedc.media.reading.frame_reader import open_reader

    video = media.video
    assert video is not None
    reader = open_reader(media, Delivery(*video.display_size, video.format))
    try:
        frame = reader.frame_at(number / video.rate)
        format = FORMATS[video.format]
        planes = _planes(frame, format)
    finally:
        reader.close()
    return Signal.of(decoded(planes, format, video.color), video.color, format.depth)


def _planes(frame: VideoFrame, format: PixelFormat) -> list[NDArray[Any]]:
    """The samples of a frame's channels, without the padding of rows."""
    found: list[NDArray[Any]] = []
    kind = np.dtype("u1") if format.bytes == 1 else np.dtype("<u2")
    for number, plane in enumerate(frame.planes):
        width, height = format.plane_size(number, frame.width, frame.height)
        whole: NDArray[Any] = np.frombuffer(bytes(plane), kind)
        data = whole.reshape(plane.height, -1) >> format.shift
        members = len(format.members(number))
        found += (data[:height, part : width * members : members] for part in range(members))
    return found


def _still(media: MediaInfo) -> Signal:
    """A still as shown on an SDR canvas of its colours, over black."""
    from vedc.stills.light import light_to_srgb
    from vedc.stills.load import load_still

    video = media.video
    assert video is not None
    width, height = video.display_size
    if width * height > LARGEST_STILL:
        message = f"{media.path} has {width}x{height} pixels, more than vedc reads"
        hint = f"make it smaller: at most {LARGEST_STILL:,} pixels"
        raise RenderError.one("image-too-large", message, hint=hint)
    stored = FORMATS.get(video.pix_fmt)
    name = stored.name if stored is not None and stored.depth > 8 else "rgba"
    raster = load_still(media.path, width, height, format=name)
    format = FORMATS[raster.format]
    if format.layout == "rgba":
        packed = np.frombuffer(raster.planes[0], np.uint8).reshape(height, width, 4)
        return Signal.of(packed[..., :3] / np.float32(255), SRGB, 8)
    kind = np.dtype("<f4") if format.floating else np.dtype("<u2")
    planes = [np.frombuffer(data, kind).reshape(height, width) for data in raster.planes]
    rgb = decoded(planes, format, video.color)
    if video.color.transfer == "linear":
        rgb, color = light_to_srgb(np.maximum(rgb, 0)), SRGB.with_(primaries=video.color.primaries)
        return Signal.of(rgb, color, format.depth)
    return Signal.of(rgb, video.color, format.depth)
