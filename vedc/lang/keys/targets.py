"""Targets: bundles of output settings, named after the destination of a film.

A target fills in settings that its output does not give. Requirements without a setting (a rate, a
length) are limits, and a film beyond one gets a warning.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from vedc.support.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Setting:
    """One key of an output, and why it has this value."""

    key: str
    value: int | str
    reason: str


@dataclass(frozen=True, slots=True)
class Target:
    """The settings and limits of a target."""

    name: str
    summary: str
    settings: tuple[Setting, ...]
    notes: tuple[str, ...] = ()
    """Remarks that need no setting."""
    rates: tuple[Fraction, Fraction] | None = None
    """The least and the most frames a second that it takes."""
    seconds: tuple[int, int] | None = None
    """The shortest and the longest film that it takes."""

    @property
    def size(self) -> tuple[int, int] | None:
        given = {setting.key: setting.value for setting in self.settings}
        width, height = given.get("width"), given.get("height")
        return (width, height) if isinstance(width, int) and isinstance(height, int) else None


_PLAYS: Final = "every phone, browser and television plays it"
_CHROMA: Final = (
    "4:2:0 with 8 bits, the only one that players are sure to have; not on HDR canvases"
)
_SMALLER: Final = "smaller at the same quality, for about twice the time of medium"
_INDEX: Final = "The index precedes the media, so that playback and checks start at once."
_OWN_SIZE: Final = "Size, rate and colour are the canvas's: width, height and fps change them."
_UPRIGHT: Final = "the platform's upright full screen, 9:16"
_PHONE_RATES: Final = (Fraction(23), Fraction(60))

_ALL: Final = (
    Target(
        "youtube",
        "A file to upload to YouTube, which encodes it again.",
        (
            Setting("codec", "h264", "what YouTube recommends for uploads, in High profile"),
            Setting(
                "crf", 17, "hardly any loss before YouTube's own encoding; it sets no upper limit"
            ),
            Setting("preset", "slow", _SMALLER),
            Setting("pix_fmt", "yuv420p", "4:2:0, as YouTube asks; not on HDR canvases"),
            Setting("audio_codec", "aac", "AAC-LC, as YouTube asks"),
            Setting("audio_bitrate", 384_000, "YouTube's recommendation for stereo"),
        ),
        (
            _OWN_SIZE,
            "GOPs are closed, and the scan is progressive.",
            _INDEX,
        ),
    ),
    Target(
        "instagram_reel",
        "A reel to upload to Instagram.",
        (
            Setting("codec", "h264", "Instagram takes H.264 and HEVC, with closed GOPs"),
            Setting("crf", 19, "stays below the 25 Mbit/s that Instagram accepts"),
            Setting("preset", "slow", _SMALLER),
            Setting("pix_fmt", "yuv420p", "4:2:0, as Instagram asks"),
            Setting("width", 1080, _UPRIGHT),
            Setting("height", 1920, _UPRIGHT),
            Setting("audio_codec", "aac", "the codec that Instagram takes, up to 48 kHz"),
            Setting("audio_bitrate", 128_000, "the bit rate that Instagram names"),
        ),
        (_INDEX,),
        _PHONE_RATES,
        (3, 900),
    ),
    Target(
        "tiktok",
        "A film to upload to TikTok.",
        (
            Setting("codec", "h264", "TikTok's first choice among H.264, HEVC, VP8 and VP9"),
            Setting("crf", 18, "hardly any loss before TikTok's own encoding"),
            Setting("preset", "slow", _SMALLER),
            Setting("pix_fmt", "yuv420p", _CHROMA),
            Setting("width", 1080, _UPRIGHT),
            Setting("height", 1920, _UPRIGHT),
            Setting("audio_codec", "aac", _PLAYS),
            Setting("audio_bitrate", 192_000, "transparent stereo before TikTok's own encoding"),
        ),
        (_INDEX,),
        _PHONE_RATES,
        (3, 600),
    ),
    Target(
        "broadcast",
        "A file for a broadcaster or a playout house.",
        (
            Setting("codec", "prores", "most houses take it; AS-11 and XDCAM need another encoder"),
            Setting("preset", "hq", "ProRes 422 HQ, about 220 Mbit/s at 1920x1080 and 30 fps"),
            Setting("pix_fmt", "yuv422p10le", "4:2:2 with 10 bits, as ITU-R BT.709 is produced"),
            Setting("width", 1920, "EBU Tech 3299 and SMPTE ST 274: 1920x1080"),
            Setting("height", 1080, "EBU Tech 3299 and SMPTE ST 274: 1920x1080"),
            Setting("audio_codec", "pcm_s24le", "PCM with 24 bits, as delivery papers ask"),
            Setting("loudness", "broadcast", "EBU R 128; for America write loudness: atsc"),
        ),
        ("The rate is the canvas's: 25 or 50 in Europe, 30000/1001 or 60000/1001 in America.",),
        (Fraction(24000, 1001), Fraction(60)),
    ),
    Target(
        "web",
        "A file that web pages play as it is.",
        (
            Setting("codec", "h264", "every browser plays it"),
            Setting("crf", 23, "x264's own balance of size and quality"),
            Setting("preset", "slow", _SMALLER),
            Setting("pix_fmt", "yuv420p", _CHROMA),
            Setting("audio_codec", "aac", "every browser plays it"),
            Setting("audio_bitrate", 128_000, "good stereo at a small size"),
        ),
        (_OWN_SIZE, _INDEX),
    ),
    Target(
        "prores_master",
        "A master to keep, and to make other files from.",
        (
            Setting("codec", "prores", "editing programs read it without conversion"),
            Setting("preset", "hq", "ProRes 422 HQ: survives several generations"),
            Setting("pix_fmt", "yuv422p10le", "4:2:2 with 10 bits, for SDR and HDR"),
            Setting("audio_codec", "pcm_s24le", "PCM with 24 bits, without loss"),
        ),
        (_OWN_SIZE, "The loudness is that of the mix."),
    ),
)
TARGETS: Final[Mapping[str, Target]] = MappingProxyType({target.name: target for target in _ALL})
