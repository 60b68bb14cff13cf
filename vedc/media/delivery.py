"""Converting decoded pictures for kernels: upright, square pixels, scaled.

A picture that already qualifies is passed through untouched. An upright one of another size is
scaled plane by plane (``picture.resample``). For everything else one libavfilter chain, built once,
scales, turns and converts the pixel format. Range and matrix are unchanged.

Chroma of 4:2:0 is delivered left-sited (H.273 type 0). It is assumed so, except for JPEG and
MPEG-1, whose samples are in the middle of their block and are moved. Turning a picture also
turns its chroma sites; where the picture is scaled as well the scaler puts them back. A
picture that is only turned keeps its chroma samples bit for bit, as players show it, which
leaves them half a luma sample off.

A cropped delivery is cut out of the stored picture before anything else. Its luma samples are
exactly those of the file. Where the cut falls between chroma samples the scaler moves them.

A blurred delivery (the backdrop of ``fit: contain-blur``) is cut, brought down to a small
picture of 16 bits by averaging, blurred there and brought up again: the blur removes any detail
that the small picture cannot hold. Its cost hardly depends on the size of the source.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

from av.video.format import VideoFormat
from av.video.frame import VideoFrame

from vedc.color import FORMATS
from vedc.edit.media_info import Fields, Sampling, VideoInfo
from vedc.errors import InternalError
from vedc.media.describe import is_grey
from vedc.media.picture.filters import FilterCall, VideoChain, buffer_options
from vedc.support.lazy_dataclass import dataclass

_EXACT = "+accurate_rnd+full_chroma_int+full_chroma_inp+bitexact"
"""``bitexact``: the same pixels whatever the CPU's vector width."""

_SCALER, _AVERAGE = "bicubic" + _EXACT, "area" + _EXACT

_SMALL_SIGMA = 3.0
"""Standard deviation of a blur, in pixels of the small picture, at least: with fewer, the
bicubic filter that enlarges it again would show its grid."""

_BLUR_STEPS = "6"
"""Passes of FFmpeg's recursive ``gblur``; its default of one is far from a Gaussian."""

#: (x, y) of a chroma sample in 1/256 luma samples from its block's first, for swscale: the
#: site that becomes "left" (0, 128) when the picture is turned clockwise by so many degrees.
_SITES = {0: (0, 128), 90: (128, 256), 180: (256, 128), 270: (128, 0)}

#: Codecs whose chroma samples lie in the middle of their block (JFIF, ISO/IEC 11172-2).
_CENTRED = frozenset({"amv", "mjpeg", "mpeg1video"})

#: Keys' cubic filter (1981) a quarter of a sample to the left, in parts of 128.
_TO_THE_LEFT = "-3 29 111 -9 0"

#: Bits of R, G and B where they are fewer than eight.
_NARROW = {
    "rgb444": (4, 4, 4),
    "bgr444": (4, 4, 4),
    "rgb555": (5, 5, 5),
    "bgr555": (5, 5, 5),
    "rgb565": (5, 6, 5),
    "bgr565": (5, 6, 5),
    "rgb8": (3, 3, 2),
    "bgr8": (3, 3, 2),
    "rgb4_byte": (1, 2, 1),
    "bgr4_byte": (1, 2, 1),
}

#: Steps that bring a picture upright, by (mirrored, rotation).
_TURNS: dict[tuple[bool, int], tuple[FilterCall, ...]] = {
    (False, 0): (),
    (False, 90): (("transpose", {"dir": "clock"}),),
    (False, 180): (("hflip", {}), ("vflip", {})),
    (False, 270): (("transpose", {"dir": "cclock"}),),
    (True, 0): (("hflip", {}),),
    (True, 90): (("transpose", {"dir": "clock_flip"}),),
    # vflip alone would hand on a frame whose rows run backwards in memory.
    (True, 180): (("vflip", {}), ("copy", {})),
    (True, 270): (("transpose", {"dir": "cclock_flip"}),),
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """The picture wanted: upright, square pixels; ``format`` is a key of ``FORMATS``,
    of integers not premultiplied.

    With ``blur`` the picture is not stretched: it covers ``width`` x ``height``, centred, with
    the excess cut off; and it is blurred by a Gaussian whose standard deviation is ``blur`` times
    the shorter side, mirrored beyond its border (a repeated border would flicker when objects
    enter).

    ``crop`` is the part of the displayed picture (x, y, width, height) to keep. ``fields`` says how
    interlaced frames are handled.
    """

    width: int
    height: int
    format: str
    blur: float | None = None
    crop: tuple[int, ...] | None = None
    fields: Fields = "frames"
    sampling: Sampling = "nearest"
    """The picture between two frames, which ``vedc.media.sampling`` makes from delivered ones."""

    @classmethod
    def of(cls, info: VideoInfo) -> Delivery:
        """The picture at its own size, in its own kernel format."""
        width, height = info.display_size
        return cls(width, height, info.format)


class Deliverer:
    """Converts decoded frames of one source to a delivery."""

    def __init__(self, info: VideoInfo, delivery: Delivery, threads: int = 0) -> None:
        format = FORMATS.get(delivery.format)
        if format is None or format.layout == "rgba" or format.floating:
            raise InternalError(f"no delivery in {delivery.format}")
        self._info = info
        self._delivery = delivery
        self._threads = threads
        self._chain: Callable[[VideoFrame], VideoFrame] | None = None
        self._shape: tuple[int, int, str] | None = None
        self._sideways = info.rotation in (90, 270)
        self._turns = _TURNS[info.mirrored, info.rotation]
        x, y = _SITES[info.rotation]
        self._site = (256 - x, y) if info.mirrored else (x, y)

    def __call__(self, frame: VideoFrame) -> VideoFrame:
        """The converted frame; the same object if nothing needs to be done."""
        # A stream may change size or format midway; the delivery does not.
        shape = (frame.width, frame.height, frame.format.name)
        if shape != self._shape:
            self._chain = self._build(frame)
            self._shape = shape
        return frame if self._chain is None else self._chain(frame)

    def _build(self, frame: VideoFrame) -> Callable[[VideoFrame], VideoFrame] | None:
        wanted, sideways = self._delivery, self._sideways
        if wanted.blur is not None:
            return VideoChain(
                buffer_options(frame, self._info), self._blurred(frame, wanted.blur), self._threads
            )
        width, height = (wanted.height, wanted.width) if sideways else (wanted.width, wanted.height)
        stored = frame.format.name
        x, y, across, down = self._part(frame)
        cut = (across, down) != (frame.width, frame.height)
        scaled = (across, down) != (width, height)
        moved = self._is_centred(frame.format)
        if not (scaled or self._turns or cut or moved) and stored == wanted.format:
            return None
        target = FORMATS[wanted.format]
        whole = x % (1 << target.sub_x) == 0 and y % (1 << target.sub_y) == 0
        alike = scaled and whole and stored == wanted.format and not (self._turns or moved)
        if alike and target.layout != "rgba" and not (target.semi or target.shift):
            from vedc.media.picture.resample import Scaler  # code is generated: only where needed

            return Scaler(stored, (x, y, across, down), (width, height), _SITES[0])
        # FFmpeg's transpose accepts only formats equally subsampled both ways.
        turned = wanted.format
        if sideways and target.sub_x != target.sub_y:
            turned = wanted.format.replace("422", "444")
        left = _SITES[0]
        steps, given = self._corrected(frame.format)
        units = _chroma_units(given)
        if cut and not _can_be_cut(given, x % units[0] == 0):
            depth = f"{target.depth}le" if target.depth > 8 else ""
            plain = VideoFormat(f"yuv{'a' if target.alpha else ''}444p{depth}")
            steps += self._scale(given, frame.width, frame.height, plain.name, left, left)
            given, units = plain, (1, 1)
        if cut:
            steps += _crop(x, y, across, down)
        # The first chroma sample may belong to pixels of which only the last are left.
        site = left[0] - 256 * (x % units[0]), left[1] - 256 * (y % units[1])
        if scaled or given.name != turned or site != left:
            steps += self._scale(given, width, height, turned, site, self._site)
        steps += self._turns
        if turned != wanted.format:
            steps += self._scale(
                VideoFormat(turned), wanted.width, wanted.height, wanted.format, left, left
            )
        return VideoChain(buffer_options(frame, self._info), steps, self._threads)

    def _blurred(self, frame: VideoFrame, blur: float) -> list[FilterCall]:
        """Cut, bring down, blur, turn, bring up."""
        wanted, sideways, left = self._delivery, self._sideways, _SITES[0]
        sigma = blur * min(wanted.width, wanted.height)
        factor = 2 ** max(0, math.floor(math.log2(sigma / _SMALL_SIGMA)))
        # Stored pixels up to the turn. Averaging over ``factor`` pixels blurs a little itself.
        width, height = (wanted.height, wanted.width) if sideways else (wanted.width, wanted.height)
        across, down = -(-width // factor), -(-height // factor)
        spread = math.sqrt(sigma**2 - (factor**2 - 1) / 12)
        corrected, given = self._corrected(frame.format)
        target = FORMATS[wanted.format]
        family = "yuv{}444p16le" if target.layout == "yuv" else "gbr{}p16le"
        small = VideoFormat(family.format("a" if target.alpha else ""))
        soft = _gaussian(across, down, spread * across / width, spread * down / height)
        if target.alpha:  # or invisible colours would be mixed in
            soft = [("premultiply", {"inplace": "1"}), *soft, ("unpremultiply", {"inplace": "1"})]
        return [
            *corrected,
            *self._cut(frame),
            *self._scale(given, across, down, small.name, left, left, _AVERAGE),
            *soft,
            *self._turns,
            *self._scale(small, wanted.width, wanted.height, wanted.format, left, left),
        ]

    def _is_centred(self, stored: VideoFormat) -> bool:
        """Whether chroma samples must move to the site of their first pixel."""
        return self._info.codec in _CENTRED and _chroma_units(stored)[0] == 2

    def _corrected(self, stored: VideoFormat) -> tuple[list[FilterCall], VideoFormat]:
        """Steps that correct samples before swscale, and the resulting format."""
        if self._is_centred(stored):
            chroma = {"m": _TO_THE_LEFT, "rdiv": str(1 / 128), "mode": "row"}
            options = {f"{plane}{key}": value for plane in (1, 2) for key, value in chroma.items()}
            return [("convolution", options)], stored
        correction = _correction(stored.name)
        if correction is None:
            return [], stored
        target, step = correction
        return [("scale", {"flags": _SCALER}), ("format", {"pix_fmts": target}), step], VideoFormat(
            target
        )

    def _part(self, frame: VideoFrame) -> tuple[int, int, int, int]:
        """The cropped part of the stored picture: x, y, width, height."""
        if self._delivery.crop is None:
            return 0, 0, frame.width, frame.height
        x, y, width, height = self._delivery.crop
        across, down = self._info.display_size
        turn = self._info.rotation
        if self._sideways:
            x, y = (y, across - x - width) if turn == 90 else (down - y - height, x)
            width, height, across, down = height, width, down, across
        elif turn == 180:
            x, y = across - x - width, down - y - height
        if self._info.mirrored:
            x = across - x - width
        left, right = (round(Fraction(at * frame.width, across)) for at in (x, x + width))
        top, bottom = (round(Fraction(at * frame.height, down)) for at in (y, y + height))
        return left, top, max(1, right - left), max(1, bottom - top)

    def _cut(self, frame: VideoFrame) -> list[FilterCall]:
        """The middle of the stored picture with the wanted proportions."""
        across, down = self._delivery.crop[2:] if self._delivery.crop else self._info.display_size
        x, y, whole_width, whole_height = self._part(frame)
        scale = max(Fraction(self._delivery.width, across), Fraction(self._delivery.height, down))
        fractions = self._delivery.width / (across * scale), self._delivery.height / (down * scale)
        if self._sideways:
            fractions = fractions[::-1]
        width, height = (
            max(1, round(own * part))
            for own, part in zip((whole_width, whole_height), fractions, strict=True)
        )
        # From a whole chroma sample on: half a one would shift the colours.
        unit_x, unit_y = _chroma_units(frame.format)
        x, y = x + (whole_width - width) // 2, y + (whole_height - height) // 2
        return _crop(x // unit_x * unit_x, y // unit_y * unit_y, width, height)

    def _scale(
        self,
        stored: VideoFormat,
        width: int,
        height: int,
        pix_fmt: str,
        site_in: tuple[int, int],
        site_out: tuple[int, int],
        flags: str = _SCALER,
    ) -> list[FilterCall]:
        # swscale treats grey as full range regardless of the other side's range.
        full = self._info.color.range == "full" or is_grey(stored)
        range_ = "full" if full else "limited"
        options = {
            "w": str(width),
            "h": str(height),
            "flags": flags,
            "in_range": range_,
            "out_range": range_,
        }
        narrow_in = stored.chroma_width(64) < 64, stored.chroma_height(64) < 64
        target = VideoFormat(pix_fmt)
        narrow_out = target.chroma_width(64) < 64, target.chroma_height(64) < 64
        for side, site, narrow in (("in", site_in, narrow_in), ("out", site_out, narrow_out)):
            for axis, at, subsampled in zip("hv", site, narrow, strict=True):
                options[f"{side}_{axis}_chr_pos"] = str(max(-512, at) if subsampled else 0)
        return [("scale", options), ("format", {"pix_fmts": pix_fmt})]


def _correction(pix_fmt: str) -> tuple[str, FilterCall] | None:
    """The planar format that swscale converts a format to, and the correction of its values."""
    if pix_fmt.startswith("xyz12"):
        # X'Y'Z' of SMPTE 428-1 puts white (48 cd/m2) below full scale (52.37). swscale applies a
        # power of 1/2.2, under which a factor on the light is a factor on the code.
        factor = str((52.37 / 48) ** (1 / 2.2))
        return "gbrp16le", ("colorchannelmixer", dict.fromkeys(("rr", "gg", "bb"), factor))
    bits = _NARROW.get(pix_fmt.removesuffix("le").removesuffix("be"))
    if bits is None:
        return None
    # It shifts 5 bits up to 8, so that white becomes 248.
    levels = {
        channel: f"round(floor(val/{2 ** (8 - n)})*255/{2**n - 1})"
        for channel, n in zip("rgb", bits, strict=True)
    }
    return "gbrp", ("lutrgb", levels)


def _crop(x: int, y: int, width: int, height: int) -> list[FilterCall]:
    options = {"w": width, "h": height, "x": x, "y": y, "exact": 1}
    return [("crop", {name: str(value) for name, value in options.items()})]


def _can_be_cut(format: VideoFormat, at_chroma: bool) -> bool:
    """Whether FFmpeg's crop is right for a format, at a column with or without a chroma sample."""
    if format.chroma_width(64) == 64:
        return True
    luma, blue, red = format.components[:3]
    packed, paired = luma.plane == blue.plane, blue.plane == red.plane
    return not packed and (at_chroma or not (paired or luma.bits > 8))


def _chroma_units(format: VideoFormat) -> tuple[int, int]:
    """Luma columns and rows of a chroma sample."""
    return 64 // (format.chroma_width(64) or 64), 64 // (format.chroma_height(64) or 64)


def _gaussian(width: int, height: int, across: float, down: float) -> list[FilterCall]:
    """Blur a picture of ``width`` x ``height`` by standard deviations in its own pixels."""
    # gblur itself misjudges what is beyond the border, by a tenth of the range.
    x, y = math.ceil(3 * across), math.ceil(3 * down)
    sides = {"left": str(x), "right": str(x), "top": str(y), "bottom": str(y)}
    whole = {"w": str(width + 2 * x), "h": str(height + 2 * y), "x": str(x), "y": str(y)}
    return [
        ("pad", whole),
        ("fillborders", {**sides, "mode": "mirror"}),
        ("gblur", {"sigma": repr(across), "sigmaV": repr(down), "steps": _BLUR_STEPS}),
        ("crop", {"w": str(width), "h": str(height), "x": str(x), "y": str(y)}),
    ]
