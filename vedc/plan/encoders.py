"""From the spec's few words on a codec to the complete options of its encoder.

What is set beyond the user's words serves one promise: a segment is closed. It starts with a
key frame that nothing before it is needed for, it refers to nothing outside itself, and its
parameter sets equal those of every other segment with the same settings.
"""

from __future__ import annotations

from fractions import Fraction

from vedc.color import Color
from vedc.edit.codecs import AUDIO_CODECS, IMAGE_CODECS, VIDEO_CODECS
from vedc.plan.settings import AudioSettings, VideoSettings

THREADS = 4
"""x264 places frames on threads and so depends on their number; the rest do not, but libvpx
differs between one and more."""


def _fixed(codec: str, threads: int, width: int, height: int) -> dict[str, str]:
    """Options that no word of the spec changes."""
    match codec:
        case "h264":
            return {"x264-params": "open-gop=0"}
        case "hevc":
            # x265 takes its threads from the machine unless told. info: a SEI with the build's
            # name in every segment; log-level: it writes to stderr on its own.
            return {
                "x265-params": f"open-gop=0:repeat-headers=0:info=0:log-level=none"
                f":frame-threads=2:pools={threads}"
            }
        case "av1":
            return {"svtav1-params": "irefresh-type=2"}  # closed GOPs
        case "vp9":
            return {"deadline": "good", "row-mt": "1"}
        case "ffv1":
            # Version 3 with checksums, every frame a key frame, range coder with the larger
            # context model: what archives ask for. Very small pictures cannot be cut in four.
            archive = {"level": "3", "coder": "1", "context": "1", "g": "1", "slicecrc": "1"}
            return archive | ({"slices": "4"} if min(width, height) >= 128 else {})
        case _:
            return {}


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def video_settings(
    codec: str,
    *,
    width: int,
    height: int,
    rate: Fraction,
    color: Color,
    pix_fmt: str | None = None,
    crf: float | None = None,
    bitrate: int | None = None,
    preset: str | None = None,
    threads: int = THREADS,
) -> VideoSettings:
    """Settings of a film's encoder; what is ``None`` gets the codec's default.

    ``bitrate`` is in bits a second and stands in place of ``crf``. ``color`` is that of the
    file (``vedc.edit.codecs.stored_color``). The values are taken as checked.
    """
    entry = VIDEO_CODECS[codec]
    options = _fixed(codec, threads, width, height)
    if entry.presets:
        options[entry.presets.option] = preset if preset is not None else entry.presets.default
    if bitrate is not None:
        options["b"] = str(bitrate)
    elif entry.quality:
        options["crf"] = _number(crf if crf is not None else entry.quality.default)
        if codec == "vp9":
            options["b"] = "0"  # else the quality is only an upper bound
    return VideoSettings(
        codec=codec,
        encoder=entry.encoder,
        width=width,
        height=height,
        rate=rate,
        pix_fmt=pix_fmt or entry.pix_fmts[0],
        color=color,
        options=tuple(sorted(options.items())),
        threads=threads,
    )


def image_settings(
    codec: str, *, width: int, height: int, rate: Fraction, color: Color, pix_fmt: str | None = None
) -> VideoSettings:
    """Settings of a still picture's encoder. ``rate`` only places the frame in time."""
    entry = IMAGE_CODECS[codec]
    # mjpeg counts quality from 2 (best) to 31; optimal tables are a few percent smaller.
    options = (("huffman", "optimal"), ("qmax", "2"), ("qmin", "2")) if codec == "jpeg" else ()
    return VideoSettings(
        codec=codec,
        encoder=entry.encoder,
        width=width,
        height=height,
        rate=rate,
        pix_fmt=pix_fmt or entry.pix_fmts[0],
        color=color,
        options=options,
        threads=1,
    )


def audio_settings(
    codec: str, *, rate: int, channels: int, bitrate: int | None = None
) -> AudioSettings:
    """Settings of the sound's encoder; ``bitrate`` in bits a second, for all channels."""
    entry = AUDIO_CODECS[codec]
    if bitrate is None and entry.bitrate is not None:
        bitrate = entry.bitrate * channels
    return AudioSettings(codec, entry.encoder, rate, channels, bitrate)
