"""How a decoded picture becomes the one that kernels read: upright, square pixels, scaled.

Where the stored picture is already so, it is passed on untouched. Otherwise one libavfilter
chain, built once, does it all: scale, turn, pixel format. Range and matrix stay as they are.

Chroma of 4:2:0 is taken and delivered left-sited (H.273 type 0). Turning a picture also
turns its chroma sites; where the picture is scaled as well the scaler puts them back. A
picture that is only turned keeps its chroma samples bit for bit, as players show it, which
leaves them half a luma sample off.
"""

from __future__ import annotations

from dataclasses import dataclass

from av.video.frame import VideoFrame

from vedc.color import FORMATS
from vedc.errors import InternalError
from vedc.media.describe import is_grey
from vedc.media.filters import Step, VideoChain
from vedc.spec.sources import VideoInfo

_SCALER = "bicubic+accurate_rnd+full_chroma_int+full_chroma_inp+bitexact"
"""``bitexact``: the same pixels whatever the processor's vector width."""

_MATRIX_NAMES = {"rgb": "gbr"}

#: (x, y) of a chroma sample in 1/256 luma samples from its block's first, for swscale: the
#: site that becomes "left" (0, 128) when the picture is turned clockwise by so many degrees.
_SITES = {0: (0, 128), 90: (128, 256), 180: (256, 128), 270: (128, 0)}

_TURNS: dict[int, tuple[Step, ...]] = {
    0: (),
    90: (("transpose", {"dir": "clock"}),),
    180: (("hflip", {}), ("vflip", {})),
    270: (("transpose", {"dir": "cclock"}),),
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """The picture wanted: upright, square pixels; ``format`` is a key of ``FORMATS``."""

    width: int
    height: int
    format: str

    @classmethod
    def of(cls, info: VideoInfo) -> Delivery:
        """The picture at its own size, in its own kernel format."""
        width, height = info.display_size
        return cls(width, height, info.format)


class Deliverer:
    """Turns decoded frames of one source into deliveries."""

    def __init__(self, info: VideoInfo, delivery: Delivery, threads: int = 0) -> None:
        if delivery.format not in FORMATS or delivery.format == "rgba":
            raise InternalError(f"no delivery in {delivery.format}")
        self._info = info
        self._delivery = delivery
        self._threads = threads
        self._chain: VideoChain | None = None
        self._shape: tuple[int, int, str] | None = None

    def __call__(self, frame: VideoFrame) -> VideoFrame:
        """The frame as wanted: itself, untouched, where nothing is to be done."""
        # A stream may change size or format in the middle; the delivery does not.
        shape = (frame.width, frame.height, frame.format.name)
        if shape != self._shape:
            self._chain = self._build(frame)
            self._shape = shape
        return frame if self._chain is None else self._chain(frame)

    def _build(self, frame: VideoFrame) -> VideoChain | None:
        wanted, turn = self._delivery, self._info.rotation
        sideways = turn in (90, 270)
        width, height = (wanted.height, wanted.width) if sideways else (wanted.width, wanted.height)
        stored = frame.format.name
        scaled = (frame.width, frame.height) != (width, height)
        if not scaled and not turn and stored == wanted.format:
            return None
        target = FORMATS[wanted.format]
        # FFmpeg's transpose takes only formats that are subsampled alike both ways.
        turned = wanted.format
        if sideways and target.sub_x != target.sub_y:
            turned = wanted.format.replace("422", "444")
        steps: list[Step] = []
        if scaled or stored != turned:
            left = _SITES[0]
            steps += self._scale(frame, width, height, turned, left, _SITES[turn])
        steps += _TURNS[turn]
        if turned != wanted.format:
            steps += self._scale(
                frame, wanted.width, wanted.height, wanted.format, _SITES[0], _SITES[0]
            )
        return VideoChain(self._source(frame), steps, self._threads)

    def _source(self, frame: VideoFrame) -> dict[str, str]:
        color = self._info.color
        return {
            "video_size": f"{frame.width}x{frame.height}",
            "pix_fmt": frame.format.name,
            "time_base": str(self._info.time_base),
            "pixel_aspect": "1/1",
            "colorspace": _MATRIX_NAMES.get(color.matrix, color.matrix),
            "range": "pc" if color.range == "full" else "tv",
        }

    def _scale(
        self,
        frame: VideoFrame,
        width: int,
        height: int,
        pix_fmt: str,
        site_in: tuple[int, int],
        site_out: tuple[int, int],
    ) -> list[Step]:
        # swscale holds grey to be full range, whatever it is told of the other side.
        full = self._info.color.range == "full" or is_grey(frame.format)
        range_ = "full" if full else "limited"
        options = {
            "w": str(width),
            "h": str(height),
            "flags": _SCALER,
            "in_range": range_,
            "out_range": range_,
        }
        stored = frame.format
        narrow_in = stored.chroma_width(64) < 64, stored.chroma_height(64) < 64
        target = FORMATS[pix_fmt]
        narrow_out = target.sub_x > 0, target.sub_y > 0
        for side, site, narrow in (("in", site_in, narrow_in), ("out", site_out, narrow_out)):
            for axis, at, subsampled in zip("hv", site, narrow, strict=True):
                options[f"{side}_{axis}_chr_pos"] = str(at if subsampled else 0)
        return [("scale", options), ("format", {"pix_fmts": pix_fmt})]
