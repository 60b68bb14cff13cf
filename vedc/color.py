"""What the numbers in a picture mean: colour description and sample layout.

``Color`` names primaries, transfer, matrix and range in the terms of FFmpeg and ITU-T H.273.
``PixelFormat`` describes how samples are laid out in planes. Both are plain data for every room;
nothing here touches pixels.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from vedc.support.lazy_dataclass import dataclass, field

Range = Literal["limited", "full"]

Vec3f = tuple[float, float, float]
Mat3 = tuple[Vec3f, Vec3f, Vec3f]


@dataclass(frozen=True, slots=True)
class Color:
    """Colour description of a picture (ITU-T H.273).

    ``matrix`` is ``"rgb"`` where the planes hold R, G and B.
    """

    primaries: str = "bt709"
    transfer: str = "bt709"
    matrix: str = "bt709"
    range: Range = "limited"

    def with_(self, **changes: str) -> Color:
        return replace(self, **changes)  # type: ignore[arg-type]


#: The canvases that ``profile.color`` may name.
CANVAS_COLORS: dict[str, Color] = {
    "bt709": Color("bt709", "bt709", "bt709", "limited"),
    "bt601-525": Color("smpte170m", "smpte170m", "smpte170m", "limited"),
    "bt601-625": Color("bt470bg", "smpte170m", "bt470bg", "limited"),
    "bt2020": Color("bt2020", "bt2020-10", "bt2020nc", "limited"),
    "srgb": Color("bt709", "iec61966-2-1", "rgb", "full"),
    "bt2100-pq": Color("bt2020", "smpte2084", "bt2020nc", "limited"),
    "bt2100-hlg": Color("bt2020", "arib-std-b67", "bt2020nc", "limited"),
}

#: Luma weights Kr, Kb of each Y'CbCr matrix (H.273 table 4; Kg = 1 - Kr - Kb).
MATRICES: dict[str, tuple[float, float]] = {
    "bt709": (0.2126, 0.0722),
    "smpte170m": (0.299, 0.114),
    "bt470bg": (0.299, 0.114),
    "fcc": (0.30, 0.11),
    "smpte240m": (0.212, 0.087),
    "bt2020nc": (0.2627, 0.0593),
}

#: Matrices that are not of luma weights: H.273's 8, and 14 of BT.2100. Pictures are read from
#: them, not stored with them.
SPECIAL_MATRICES = frozenset({"ycgco", "ictcp"})

_C = (0.310, 0.316)
_D65 = (0.3127, 0.3290)
_ACES_WHITE = (0.32168, 0.33767)

#: Chromaticities (x, y) of red, green, blue and white: of displays (H.273 table 2, by FFmpeg's
#: names), of Adobe RGB (1998), of ACES (S-2008-001, S-2014-004), and of cameras as their
#: makers publish them.
PRIMARIES: dict[str, tuple[tuple[float, float], ...]] = {
    "bt709": ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060), (0.3127, 0.3290)),
    "bt470bg": ((0.640, 0.330), (0.290, 0.600), (0.150, 0.060), (0.3127, 0.3290)),
    "smpte170m": ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), (0.3127, 0.3290)),
    "smpte240m": ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), (0.3127, 0.3290)),
    "bt2020": ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), (0.3127, 0.3290)),
    "bt470m": ((0.670, 0.330), (0.210, 0.710), (0.140, 0.080), _C),
    "film": ((0.681, 0.319), (0.243, 0.692), (0.145, 0.049), _C),
    "ebu3213": ((0.630, 0.340), (0.295, 0.605), (0.155, 0.077), _D65),
    "smpte431": ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.314, 0.351)),
    "smpte432": ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.3127, 0.3290)),
    "adobergb": ((0.640, 0.330), (0.210, 0.710), (0.150, 0.060), _D65),
    "ap0": ((0.7347, 0.2653), (0.0, 1.0), (0.0001, -0.0770), _ACES_WHITE),
    "ap1": ((0.713, 0.293), (0.165, 0.830), (0.128, 0.044), _ACES_WHITE),
    "awg3": ((0.6840, 0.3130), (0.2210, 0.8480), (0.0861, -0.1020), _D65),
    "awg4": ((0.7347, 0.2653), (0.1424, 0.8576), (0.0991, -0.0308), _D65),
    "sgamut3": ((0.730, 0.280), (0.140, 0.855), (0.100, -0.050), _D65),
    "sgamut3cine": ((0.766, 0.275), (0.225, 0.800), (0.089, -0.087), _D65),
    "vgamut": ((0.730, 0.280), (0.165, 0.840), (0.100, -0.030), _D65),
    "rwg": ((0.780308, 0.304253), (0.121595, 1.493994), (0.095612, -0.084589), _D65),
    "cgamut": ((0.740, 0.270), (0.170, 1.140), (0.080, -0.100), _D65),
    "dgamut": ((0.710, 0.310), (0.210, 0.880), (0.090, -0.080), _D65),
    "davinci-wg": ((0.8000, 0.3130), (0.1682, 0.9877), (0.0790, -0.1155), _D65),
}

#: Transfers that share the BT.709 curve: the camera curve of standard dynamic range.
SDR_VIDEO_TRANSFERS = frozenset({"bt709", "smpte170m", "bt2020-10", "bt2020-12"})

#: Transfers of ITU-R BT.2100: those of high dynamic range.
HDR_TRANSFERS = frozenset({"smpte2084", "arib-std-b67"})

#: The largest light, in cd/m2, of HLG on its reference display and of most PQ films.
NOMINAL_PEAK = 1000.0


@dataclass(frozen=True, slots=True)
class HdrMetadata:
    """The light of an HDR film: its mastering display (SMPTE ST 2086) and content (CTA-861.3)."""

    primaries: str | None = None
    """Of the mastering display, a key of ``PRIMARIES``; ``None`` if unknown."""
    darkest: float = 0.005
    """What the display can show, in cd/m2 ..."""
    brightest: float = 1000.0
    max_cll: int | None = None
    """The brightest pixel of the film, in cd/m2; 0 is not known."""
    max_fall: int | None = None
    """The brightest average of a frame."""


@dataclass(frozen=True, slots=True)
class Transform:
    """A transform of an OpenColorIO config."""

    id: str
    """A hash of its effect: the key of its compiled form."""
    title: str = field(default="", compare=False)
    """Source and destination, by their names in the config."""


@dataclass(frozen=True, slots=True)
class Management:
    """How a film's colours are managed by an OpenColorIO config.

    Pictures are composited as scene light of the config's working space, in the code values of
    ACEScct; the output is that light seen through a view.
    """

    config: str
    """Names, for people: of the config, ..."""
    working: str
    """... the space of its scene light, ..."""
    display: str
    view: str
    look: str
    """... empty for none."""
    primaries: str
    """The working primaries, a key of ``PRIMARIES``, or ``scene``."""
    color: Color
    """What the view's code values are on its display."""
    back: Transform
    """From that to scene light, for titles and finished pictures."""
    out: Transform | None
    """From scene light to that; None in a composition, which is seen through the film's."""
    from_aces: Transform | None = None
    """From light in ACES2065-1 to scene light; None where the config does not say."""


@dataclass(frozen=True, slots=True)
class PixelFormat:
    """How samples are laid out in memory.

    ``layout``
        ``yuv``: channels Y, Cb, Cr (and A); ``gbr``: channels G, B, R (and A), as FFmpeg
        orders them; ``rgba``: one plane of packed 8-bit R, G, B, A, premultiplied;
        ``rgb``: vedc's own layers between kernels, planes R, G, B (and A) of float32,
        premultiplied.
    ``depth``
        Bits of a sample; more than 8 means little-endian uint16 words.
    ``sub_x``, ``sub_y``
        log2 of the chroma subsampling: 4:2:0 is (1, 1), 4:2:2 is (1, 0), 4:4:4 is (0, 0).
    ``semi``
        Cb and Cr are interleaved in one plane (NV12, P010).
    ``shift``
        Bits below a code in its word: 6 in P010, else 0.
    ``floating``
        Samples are float32; 1.0 corresponds to the largest code elsewhere.
    """

    name: str
    layout: Literal["yuv", "gbr", "rgba", "rgb"]
    depth: int = 8
    sub_x: int = 0
    sub_y: int = 0
    alpha: bool = False
    semi: bool = False
    shift: int = 0
    floating: bool = False

    @property
    def channels(self) -> int:
        """Values per pixel: a program has one root for each, and ``load`` counts them."""
        return 4 if self.alpha else 3

    @property
    def planes(self) -> int:
        """Planes in memory."""
        return 1 if self.layout == "rgba" else 2 if self.semi else self.channels

    @property
    def bytes(self) -> int:
        """Bytes of one sample."""
        return 4 if self.floating else 1 if self.depth == 8 else 2

    @property
    def peak(self) -> int:
        """The largest code value, ``2**depth - 1``; 1 where samples are floating."""
        return 1 if self.floating else (1 << self.depth) - 1

    def members(self, plane: int) -> tuple[int, ...]:
        """The channels whose samples share one element of a plane."""
        if self.layout == "rgba":
            return (0, 1, 2, 3)
        if self.semi:
            return (1, 2) if plane else (0,)
        return (plane,)

    def element_bytes(self, plane: int) -> int:
        """Bytes of an element of a plane: one sample, or several that are interleaved."""
        return self.bytes * len(self.members(plane))

    def plane_of(self, channel: int) -> int:
        """The plane that holds a channel."""
        return next(p for p in range(self.planes) if channel in self.members(p))

    def subsampling(self, channel: int) -> tuple[int, int]:
        """log2 of a channel's subsampling, horizontal and vertical."""
        return (self.sub_x, self.sub_y) if self.layout == "yuv" and channel in (1, 2) else (0, 0)

    def plane_size(self, plane: int, width: int, height: int) -> tuple[int, int]:
        """Width and height of a plane in elements, rounded up as FFmpeg does."""
        sub_x, sub_y = self.subsampling(plane)
        return -(-width >> sub_x), -(-height >> sub_y)


def _formats() -> dict[str, PixelFormat]:
    table: dict[str, PixelFormat] = {}
    for subsampling, (sx, sy) in {"420": (1, 1), "422": (1, 0), "444": (0, 0)}.items():
        for depth in (8, 10, 12):
            suffix = "" if depth == 8 else f"{depth}le"
            for alpha in (False, True):
                if alpha and subsampling == "420" and depth == 12:
                    continue  # FFmpeg has no such format
                name = f"yuv{'a' if alpha else ''}{subsampling}p{suffix}"
                table[name] = PixelFormat(name, "yuv", depth, sx, sy, alpha)
    for depth in (8, 10, 12):
        suffix = "" if depth == 8 else f"{depth}le"
        for alpha in (False, True):
            name = f"gbr{'a' if alpha else ''}p{suffix}"
            table[name] = PixelFormat(name, "gbr", depth, alpha=alpha)
    for alpha in (False, True):
        for subsampling, (sx, sy) in {"420": (1, 1), "422": (1, 0), "444": (0, 0)}.items():
            name = f"yuv{'a' if alpha else ''}{subsampling}p16le"
            table[name] = PixelFormat(name, "yuv", 16, sx, sy, alpha)
        name = f"gbr{'a' if alpha else ''}p16le"
        table[name] = PixelFormat(name, "gbr", 16, alpha=alpha)
        name = f"gbr{'a' if alpha else ''}pf32le"
        table[name] = PixelFormat(name, "gbr", 32, alpha=alpha, floating=True)
    for name, depth in {"gbrp9le": 9, "gbrp14le": 14, "gbrap14le": 14}.items():
        table[name] = PixelFormat(name, "gbr", depth, alpha=name.startswith("gbrap"))
    table["nv12"] = PixelFormat("nv12", "yuv", 8, 1, 1, semi=True)
    table["p010le"] = PixelFormat("p010le", "yuv", 10, 1, 1, semi=True, shift=6)
    table["rgba"] = PixelFormat("rgba", "rgba", 8, alpha=True)
    return table


#: Formats that kernels read and write, by FFmpeg's name. The reader converts anything else to the
#: nearest of these that loses nothing.
FORMATS: dict[str, PixelFormat] = _formats()


def in_floats(format: PixelFormat) -> PixelFormat:
    """The planes of a format as float32, each in its own size. Samples are the format's code
    values, not rounded."""
    return replace(format, name=f"{format.name} in floats", depth=32, floating=True)


#: Layers passed from one kernel to the next, with and without alpha.
LAYER: PixelFormat = PixelFormat("layer", "rgb", 32, alpha=True, floating=True)
OPAQUE_LAYER: PixelFormat = PixelFormat("opaque layer", "rgb", 32, floating=True)
