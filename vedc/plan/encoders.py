"""The complete options of an encoder, from a spec's codec settings.

Options that a spec does not set keep segments closed: each starts with a key frame, refers to
nothing outside itself, and has the same parameter sets as every other segment with the same
settings.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Final

from vedc.color import PRIMARIES, Color, HdrMetadata
from vedc.edit.tables.codecs import (
    AUDIO_CODECS,
    IMAGE_CODECS,
    PILLOW,
    VIDEO_CODECS,
    preset_suits,
    takes_two_passes,
)
from vedc.plan.settings import AnimationSettings, AudioSettings, VideoSettings

THREADS = 4
"""x264's output depends on the number of threads, libvpx's on whether there is more than one."""


#: The choices of ``auto``.
_DNXHR: Final = ("hq", "hqx", "444")


def _fixed(codec: str, threads: int, width: int, height: int) -> dict[str, str]:
    """Options that a spec cannot change."""
    match codec:
        case "h264":
            return {"x264-params": "open-gop=0"}
        case "hevc":
            # pools: otherwise the machine decides; info: otherwise every segment names the build in
            # an SEI message; log-level: otherwise x265 writes to stderr.
            return {
                "x265-params": f"open-gop=0:repeat-headers=0:info=0:log-level=none"
                f":frame-threads=2:pools={threads}"
            }
        case "av1":
            return {"svtav1-params": "irefresh-type=2"}  # closed GOPs
        case "vp9":
            return {"deadline": "good", "row-mt": "1"}
        case "ffv1":
            # As archives require: version 3 with checksums, key frames only, range coder with
            # the larger context model. Very small pictures cannot be split into four slices.
            archive = {"level": "3", "coder": "1", "context": "1", "g": "1", "slicecrc": "1"}
            return archive | ({"slices": "4"} if min(width, height) >= 128 else {})
        case _:
            return {}


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _x265_light(hdr: HdrMetadata) -> tuple[str, str]:
    """Chromaticities in units of 0.00002, the display's luminance in units of 0.0001 cd/m2."""
    words = ["hdr10=1"]
    if hdr.primaries is not None:
        points = [
            f"{name}({round(x * 50000)},{round(y * 50000)})"
            for name, (x, y) in zip(("R", "G", "B", "WP"), PRIMARIES[hdr.primaries], strict=True)
        ]
        red, green, blue, white = points
        span = f"L({round(hdr.brightest * 10000)},{round(hdr.darkest * 10000)})"
        words.append(f"master-display={green}{blue}{red}{white}{span}")
    if hdr.max_cll is not None:
        words.append(f"max-cll={hdr.max_cll},{hdr.max_fall}")
    return "x265-params", ":".join(words)


def _svt_light(hdr: HdrMetadata) -> tuple[str, str]:
    words = []
    if hdr.primaries is not None:
        red, green, blue, white = (
            f"{name}({x},{y})"
            for name, (x, y) in zip(("R", "G", "B", "WP"), PRIMARIES[hdr.primaries], strict=True)
        )
        span = f"L({hdr.brightest},{hdr.darkest})"
        words.append(f"mastering-display={green}{blue}{red}{white}{span}")
    if hdr.max_cll is not None:
        words.append(f"content-light={hdr.max_cll},{hdr.max_fall}")
    return "svtav1-params", ":".join(words)


#: How an encoder receives HDR metadata: the name of its option, and the text appended to it.
_HDR: Final = {"hevc": _x265_light, "av1": _svt_light}


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
    key_frames: int | None = None,
    hdr: HdrMetadata | None = None,
    passes: int | None = None,
    threads: int = THREADS,
) -> VideoSettings:
    """Settings of a film's encoder, from checked values; ``None`` means the codec's default.

    ``bitrate``, in bits per second, replaces ``crf``. ``key_frames`` is the fixed distance of key
    frames, with none in between, whatever the pictures show (h264 and hevc). ``color`` is the
    file's (``vedc.edit.tables.codecs.stored_color``). ``hdr`` is for hevc and av1. ``passes``: by
    default two, if there is a target bit rate and FFV1 can keep the frames until the second.
    """
    entry = VIDEO_CODECS[codec]
    options = _fixed(codec, threads, width, height)
    if entry.presets:
        word = preset if preset is not None else entry.presets.default
        if codec == "dnxhr" and word == "auto":
            word = next(p for p in _DNXHR if preset_suits(codec, p, pix_fmt or entry.pix_fmts[0]))
        options[entry.presets.option] = entry.presets.prefix + word
    if key_frames is not None:
        params = f"{codec.replace('h264', 'x264').replace('hevc', 'x265')}-params"
        options[params] += f":keyint={key_frames}:min-keyint={key_frames}:scenecut=0"
    if passes is None:
        passes = 2 if bitrate is not None and takes_two_passes(pix_fmt or entry.pix_fmts[0]) else 1
    if hdr is not None:
        params, words = _HDR[codec](hdr)
        options[params] += f":{words}" if words else ""
    if bitrate is not None:
        options["b"] = str(bitrate)
    elif entry.quality:
        options["crf"] = _number(crf if crf is not None else entry.quality.default)
        if codec == "vp9":
            options["b"] = "0"  # otherwise the quality is only an upper bound
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
        passes=passes,
    )


def image_settings(
    codec: str,
    *,
    width: int,
    height: int,
    rate: Fraction,
    color: Color,
    pix_fmt: str | None = None,
    quality: float | None = None,
    lossless: bool = False,
) -> VideoSettings:
    """Settings of the encoder of pictures: a single one, a numbered series or an animation's.

    ``rate`` only places frames in time. ``quality`` None is the format's default.
    """
    entry = IMAGE_CODECS[codec]
    encoder, options = entry.encoder, entry.options
    if codec == "jpeg" and quality is not None:
        encoder, options = PILLOW, (("quality", _number(quality)),)
    elif entry.quality is not None and codec != "jpeg":
        level = entry.quality.default if quality is None else quality
        options = (*options, ("quality", _number(level)))
    if lossless:
        options = (("lossless", "1"), *options)
    return VideoSettings(
        codec=codec,
        encoder=encoder,
        width=width,
        height=height,
        rate=rate,
        pix_fmt=pix_fmt or entry.pix_fmts[0],
        color=color,
        options=options,
        threads=1,
    )


#: The intermediate format of an animation until it is complete: fast and lossless.
_FRAME_OPTIONS: Final = (("compression_level", "1"), ("pred", "sub"))


def animation_frame_settings(
    *, width: int, height: int, rate: Fraction, color: Color, pix_fmt: str
) -> VideoSettings:
    """Settings of the encoder of an animation's pictures, before they are assembled."""
    made = image_settings(
        "png", width=width, height=height, rate=rate, color=color, pix_fmt=pix_fmt
    )
    return replace(made, options=_FRAME_OPTIONS)


def animation_settings(
    codec: str,
    *,
    plays: int = 0,
    colors: int = 256,
    dither: str = "sierra2_4a",
    quality: float | None = None,
    lossless: bool = False,
) -> AnimationSettings:
    """How pictures are assembled into an animation that plays ``plays`` times; 0 means forever."""
    match codec:
        case "gif":  # which counts repetitions
            loop = ("loop", str({0: 0, 1: -1}.get(plays, plays - 1)))
            return AnimationSettings(codec, "gif", "gif", (), (loop,), colors, dither)
        case "apng":
            options, loop = (("pred", "mixed"),), ("plays", str(plays))
            return AnimationSettings(codec, "apng", "apng", options, (loop,))
        case _:
            entry = IMAGE_CODECS[codec].quality
            assert entry is not None
            level = ("quality", _number(entry.default if quality is None else quality))
            how = ("lossless", str(int(lossless)))
            return AnimationSettings(
                codec, "libwebp_anim", "webp", (how, level), (("loop", str(plays)),)
            )


def audio_settings(
    codec: str,
    *,
    rate: int,
    channels: int,
    bitrate: int | None = None,
    depth: int | None = None,
) -> AudioSettings:
    """Settings of the sound's encoder; ``bitrate`` in bits per second, for all channels; ``depth``
    in bits per sample."""
    entry = AUDIO_CODECS[codec]
    if bitrate is None and entry.bitrate is not None:
        bitrate = entry.bitrate * channels
    if entry.depths:
        depth = depth or entry.depths[0]
    return AudioSettings(codec, entry.encoder, rate, channels, bitrate, depth=depth)
