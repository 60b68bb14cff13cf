"""The table of codecs and containers: the values of ``outputs`` and their meaning.

Pure data with look-ups, read by the checks of the spec (no encoder is loaded) and by the plan,
which turns it into encoder options. Defaults are the encoders' own where they have one, so that
``crf: 23`` or ``preset: medium`` has its usual meaning.
"""

from __future__ import annotations

from typing import Final

from vedc.color import FORMATS, Color
from vedc.support.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Quality:
    """The constant-quality knob, ``crf`` in the spec: lower is better and larger."""

    low: float
    high: float
    default: float
    integer: bool = False
    """Whether the encoder takes only integers."""

    def accepts(self, crf: float) -> bool:
        return self.low <= crf <= self.high and (not self.integer or crf == int(crf))


@dataclass(frozen=True, slots=True)
class Presets:
    """The speed or flavour knob, ``preset`` in the spec, in the encoder's own words."""

    option: str
    """The encoder's option that it sets."""
    values: tuple[str, ...]
    default: str
    prefix: str = ""
    """Prefix of the encoder's words."""


@dataclass(frozen=True, slots=True)
class VideoCodec:
    """A codec of moving pictures."""

    name: str
    encoder: str
    """FFmpeg's name."""
    title: str
    pix_fmts: tuple[str, ...]
    """Formats that kernels write and the encoder takes; the first is the default."""
    quality: Quality | None = None
    """``None``: the codec has no ``crf``."""
    presets: Presets | None = None
    bitrate: bool = False
    """Whether ``bitrate`` can replace ``crf``."""
    min_size: int = 1
    """Least width and height."""
    min_width: int = 1
    """Least width, if it is more."""
    hdr_metadata: bool = False
    """Whether it carries the light of an HDR film (SMPTE ST 2086, CTA-861.3)."""
    whole_chroma: bool = False
    """Whether the size must be a multiple of the chroma subsampling."""


@dataclass(frozen=True, slots=True)
class ImageCodec:
    """A format of picture files: one picture, numbered ones, or an animation."""

    name: str
    encoder: str
    """FFmpeg's name; ``pillow`` where Pillow writes it."""
    title: str
    pix_fmts: tuple[str, ...]
    extensions: tuple[str, ...]
    options: tuple[tuple[str, str], ...] = ()
    """Further options of the encoder."""
    quality: Quality | None = None
    """The knob ``quality`` in the spec: higher is better and larger. ``None``: it is lossless."""
    still: bool = True
    """Whether one picture of the film can be such a file."""
    moves: bool = False
    """Whether the whole film can be one such file."""


@dataclass(frozen=True, slots=True)
class AudioCodec:
    name: str
    encoder: str
    title: str
    bitrate: int | None = None
    """Default bits a second per channel; ``None``: lossless, without a bitrate."""
    rates: tuple[int, ...] | None = None
    """Supported sample rates; ``None``: any."""
    max_channels: int = 8
    depths: tuple[int, ...] = ()
    """Bits of a sample that it can store, the default first; none: it is lossy. 32 are floats."""


_YUV_8_10: Final = (
    "yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le", "yuv444p10le",
)  # fmt: skip
_YUV_12: Final = ("yuv420p12le", "yuv422p12le", "yuv444p12le")
_YUVA: Final = ("yuva420p", "yuva422p", "yuva444p", "yuva420p10le", "yuva422p10le", "yuva444p10le")
_GBR: Final = ("gbrp", "gbrp10le", "gbrp12le")
_X26X_PRESETS: Final = (
    "ultrafast", "superfast", "veryfast", "faster", "fast",
    "medium", "slow", "slower", "veryslow", "placebo",
)  # fmt: skip

VIDEO_CODECS: Final[dict[str, VideoCodec]] = {
    codec.name: codec
    for codec in (
        VideoCodec(
            "h264",
            "libx264",
            "H.264 / AVC",
            _YUV_8_10,
            Quality(0, 51, 23),
            Presets("preset", _X26X_PRESETS, "medium"),
            bitrate=True,
            whole_chroma=True,
        ),
        VideoCodec(
            "hevc",
            "libx265",
            "H.265 / HEVC",
            _YUV_8_10 + _YUV_12 + _GBR,
            Quality(0, 51, 28),
            Presets("preset", _X26X_PRESETS, "medium"),
            bitrate=True,
            min_size=16,
            hdr_metadata=True,
            whole_chroma=True,
        ),
        VideoCodec(
            "av1",
            "libsvtav1",
            "AV1",
            ("yuv420p", "yuv420p10le"),
            Quality(1, 63, 35, integer=True),
            # The library's own default has moved between its versions: fixed here.
            Presets("preset", tuple(str(n) for n in range(14)), "8"),
            bitrate=True,
            # Smaller ones open, but hang for some shapes (16 x 2000).
            min_size=64,
            hdr_metadata=True,
        ),
        VideoCodec(
            "vp9",
            "libvpx-vp9",
            "VP9",
            ("yuv420p", "yuv422p", "yuv444p", "gbrp", "yuva420p"),
            Quality(0, 63, 32, integer=True),
            # Above 5, the good-quality mode behaves as 5. The library's 1 is about four times
            # slower than 4 for a few percent of size.
            Presets("cpu-used", tuple(str(n) for n in range(6)), "4"),
            bitrate=True,
        ),
        VideoCodec(
            "prores",
            "prores_ks",
            "Apple ProRes",
            ("yuv422p10le", "yuv444p10le", "yuva444p10le"),
            presets=Presets(
                "profile",
                ("auto", "proxy", "lt", "standard", "hq", "4444", "4444xq"),
                # "hq" or, with 4:4:4 samples, "4444".
                "auto",
            ),
        ),
        VideoCodec(
            "dnxhr",
            "dnxhd",
            "Avid DNxHR",
            ("yuv422p", "yuv422p10le", "yuv444p10le"),
            presets=Presets(
                "profile",
                ("auto", "lb", "sq", "hq", "hqx", "444"),
                # "hq", with 10 bits "hqx", with 4:4:4 samples "444".
                "auto",
                prefix="dnxhr_",
            ),
            min_size=120,
            min_width=256,
        ),
        VideoCodec(
            "ffv1",
            "ffv1",
            "FFV1, lossless",
            _YUV_8_10 + _YUV_12 + _GBR[1:] + _YUVA + ("gbrap10le", "gbrap12le"),
        ),
    )
}

_RGB: Final = ("gbrp", "gbrap", "gbrp12le", "gbrp16le", "gbrap16le")

#: The encoder of pictures that FFmpeg does not write, or not at a given quality.
PILLOW: Final = "pillow"

#: The codec of an output that holds no picture.
SOUND_ONLY: Final = "none"

IMAGE_CODECS: Final[dict[str, ImageCodec]] = {
    codec.name: codec
    for codec in (
        ImageCodec("png", "png", "PNG", _RGB, (".png",)),
        # JFIF sites subsampled chroma at the centre and kernels write it at the left, so only
        # 4:4:4 is exact.
        ImageCodec(
            "jpeg",
            "mjpeg",
            "JPEG",
            ("yuv444p",),
            (".jpg", ".jpeg"),
            # mjpeg counts from 2 (best) to 31; optimal tables are a few percent smaller.
            options=(("huffman", "optimal"), ("qmax", "2"), ("qmin", "2")),
            quality=Quality(1, 100, 100, integer=True),
        ),
        ImageCodec(
            "webp",
            "libwebp",
            "WebP",
            ("gbrp", "gbrap"),
            (".webp",),
            quality=Quality(0, 100, 75),
            moves=True,
        ),
        ImageCodec(
            "avif",
            PILLOW,
            "AVIF",
            ("gbrp", "gbrap"),
            (".avif",),
            quality=Quality(0, 100, 75, integer=True),
        ),
        ImageCodec("gif", "gif", "GIF", ("gbrp", "gbrap"), (".gif",), still=False, moves=True),
        ImageCodec(
            "apng",
            "apng",
            "animated PNG",
            ("gbrp", "gbrap", "gbrp16le", "gbrap16le"),
            (".apng",),
            still=False,
            moves=True,
        ),
        ImageCodec("tiff", "tiff", "TIFF", _RGB, (".tif", ".tiff"), (("compression_algo", "lzw"),)),
    )
}

AUDIO_CODECS: Final[dict[str, AudioCodec]] = {
    codec.name: codec
    for codec in (
        AudioCodec(
            "aac",
            "aac",
            "AAC",
            96_000,
            (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000),
        ),
        AudioCodec("opus", "libopus", "Opus", 64_000, (48000, 24000, 16000, 12000, 8000)),
        AudioCodec("flac", "flac", "FLAC, lossless", depths=(24, 16)),
        AudioCodec("alac", "alac", "Apple Lossless", depths=(24, 16)),
        AudioCodec("pcm_s16le", "pcm_s16le", "PCM, 16 bit", depths=(16,)),
        AudioCodec("pcm_s24le", "pcm_s24le", "PCM, 24 bit", depths=(24,)),
        AudioCodec("pcm_f32le", "pcm_f32le", "PCM, 32 bit floats", depths=(32,)),
        AudioCodec(
            "mp3",
            "libmp3lame",
            "MP3",
            96_000,
            (48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000),
            max_channels=2,
        ),
    )
}


def pix_fmts(codec: str) -> tuple[str, ...]:
    """Sample formats that a picture codec takes; the first is the default.

    Raises KeyError for an unknown codec.
    """
    entry = VIDEO_CODECS.get(codec)
    return entry.pix_fmts if entry else IMAGE_CODECS[codec].pix_fmts


def size_problem(codec: str, pix_fmt: str, width: int, height: int) -> str | None:
    """Why an encoder does not support a picture size, as a message; ``None`` where it does."""
    entry = VIDEO_CODECS.get(codec)
    if entry is None:
        return None
    least = max(entry.min_width, entry.min_size)
    if width < least or height < entry.min_size:
        return f"{codec} takes pictures from {least}x{entry.min_size} up"
    layout = FORMATS[pix_fmt]
    for name, length, shift in (("width", width, layout.sub_x), ("height", height, layout.sub_y)):
        if entry.whole_chroma and length % (1 << shift):
            return f"{codec} in {pix_fmt} takes only an even {name}, not {length}"
    return None


def takes_two_passes(pix_fmt: str) -> bool:
    """Whether frames of a format can be kept without loss until a second pass."""
    return pix_fmt in VIDEO_CODECS["ffv1"].pix_fmts


def with_alpha(codec: str) -> tuple[str, ...]:
    """The sample formats of a codec that hold transparency."""
    return tuple(name for name in pix_fmts(codec) if FORMATS[name].alpha)


def preset_suits(codec: str, preset: str, pix_fmt: str) -> bool:
    """Whether a preset works with a sample format: ProRes and DNxHR tie the two together."""
    layout = FORMATS[pix_fmt]
    if preset == "auto" or codec not in ("prores", "dnxhr"):
        return True
    if (layout.sub_x == 0) != preset.startswith("444"):
        return False
    return codec == "prores" or layout.sub_x == 0 or (preset == "hqx") == (layout.depth > 8)


def stored_color(codec: str, pix_fmt: str, canvas: Color) -> Color:
    """The colour description of the file, for a canvas: what its kernel must write.

    R, G and B planes have no matrix and full range. A JPEG is BT.601 and full range, since JFIF
    defines that and no reader looks for a tag. ProRes and DNxHR have limited range and no tag for
    it; the matrix of DNxHR is BT.709's, as its frames declare.
    """
    if FORMATS[pix_fmt].layout != "yuv":
        return canvas.with_(matrix="rgb", range="full")
    if codec == "jpeg":
        return canvas.with_(matrix="bt470bg", range="full")
    if codec == "dnxhr":
        return canvas.with_(matrix="bt709", range="limited")
    if canvas.matrix == "rgb":  # an RGB canvas in a Y'CbCr file: the matrix of its primaries
        matrix = {"bt2020": "bt2020nc", "bt470bg": "bt470bg", "smpte170m": "smpte170m"}
        return canvas.with_(matrix=matrix.get(canvas.primaries, "bt709"), range="limited")
    return canvas.with_(range="limited") if codec == "prores" else canvas


#: Codecs of outputs that footage can be copied to, and what FFmpeg calls them in files.
COPIED_CODECS: Final = {"h264": "h264", "hevc": "hevc", "prores": "prores", "dnxhr": "dnxhd"}
