"""Every pixel format that a decoder may give: read as arithmetic says, or refused."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame

from tests.media.files.test_delivery import info_of, samples_of
from tests.media.unpacked import fill, unpacked
from vedc.color import FORMATS, Color
from vedc.media.delivery import Deliverer, Delivery
from vedc.media.describe import describe_color, is_rgb, kernel_format

WIDTH, HEIGHT = 64, 32

#: Formats of no decoder of FFmpeg's but Vulkan's, where swscale is a code or two off.
VULKAN_ONLY = ("gbrp10msble", "gbrp10msbbe", "gbrp12msble", "gbrp12msbbe")

READ = [
    name
    for name in sorted(av.video.format.names)
    if kernel_format(av.VideoFormat(name)) is not None
    and name != "pal8"
    and not name.startswith("xyz12")
    and name not in VULKAN_ONLY
]


def widened(codes: np.ndarray, bits: int, peak: int, full: bool) -> np.ndarray:
    """Full-range codes by their ratio to the largest, rounded; others by their scale."""
    if not full:
        return codes << (peak + 1).bit_length() - 1 - bits
    most = (1 << bits) - 1
    return (2 * codes * peak + most) // (2 * most)


@pytest.mark.parametrize("range_", ["limited", "full"])
@pytest.mark.parametrize("name", READ)
def test_codes_are_widened_exactly(name: str, range_: str) -> None:
    frame = VideoFrame(WIDTH, HEIGHT, name)
    fill(frame, np.random.default_rng(11))
    rgb = is_rgb(frame.format)
    if range_ == "limited" and (rgb or name.startswith("yuvj")):
        pytest.skip("always full range")
    info = info_of(frame, Color(matrix="rgb" if rgb else "bt709", range=range_))  # type: ignore[arg-type]  # parametrised
    got = Deliverer(info, Delivery.of(info))(frame)
    kernel, stored = FORMATS[info.format], unpacked(frame)
    # In 16 bits swscale may be three codes off where it scales 14 or 9 bits of luma.
    slack = 3 if kernel.depth == 16 else 1 if name.startswith("gray9") else 0
    for channel, letter in enumerate("gbra" if rgb else "yuva"):
        if channel >= kernel.channels:
            break
        samples = samples_of(got, channel).astype(np.int64)
        if letter not in stored:
            neutral = kernel.peak if letter == "a" else 1 << (kernel.depth - 1)
            assert (samples == neutral).all()
            continue
        codes, bits = stored[letter]
        if codes.shape != samples.shape:
            continue  # chroma that is brought up to a finer grid
        full = rgb or letter == "a" or bits == 1 or (range_ == "full" and letter == "y")
        assert abs(samples - widened(codes, bits, kernel.peak, full)).max() <= slack


def test_what_is_not_read_is_refused() -> None:
    """Floating point, more than 16 bits, mosaics of sensors, and surfaces of graphics cards."""
    for name in sorted(av.video.format.names):
        if kernel_format(av.VideoFormat(name)) is None:
            odd = "f16", "f32", "32le", "32be", "96", "128", "bayer", "x2", "v30", "y21"
            assert any(part in name for part in odd) or name in ("rgb4", "bgr4") or not (
                av.VideoFormat(name).components
            )  # fmt: skip


@pytest.mark.parametrize(
    "light", [(1, 1, 1), (0.5, 0.5, 0.5), (0.9, 0.1, 0.1), (0.1, 0.8, 0.2), (0.2, 0.2, 0.9)]
)
@pytest.mark.parametrize("name", ["xyz12le", "xyz12be"])
def test_digital_cinema(name: str, light: tuple[float, ...]) -> None:
    """SMPTE 428-1: X' = (48 X / 52.37) ** (1 / 2.6), and the matrix of BT.709's primaries."""
    to_xyz = np.array(
        [
            [0.412391, 0.357584, 0.180481],
            [0.212639, 0.715169, 0.072192],
            [0.019331, 0.119195, 0.950532],
        ]
    )
    codes = np.rint(4095 * (to_xyz @ light * 48 / 52.37) ** (1 / 2.6)).astype(np.uint16) << 4
    frame = VideoFrame(WIDTH, HEIGHT, name)
    row = np.tile(codes, frame.planes[0].line_size // 6 + 1)[: frame.planes[0].line_size // 2]
    data = np.tile(row, HEIGHT).astype("<u2" if name.endswith("le") else ">u2")
    frame.planes[0].update(data.tobytes())
    color, tagged = describe_color(frame, "jpeg2000")
    assert tagged and color == Color("bt709", "gamma22", "rgb", "full")
    info = info_of(frame, color)
    got = Deliverer(info, Delivery.of(info))(frame)
    for channel, value in zip((2, 0, 1), light, strict=True):
        wanted = value ** (1 / 2.2) * 255
        assert abs(samples_of(got, channel)[5, 5] / 257 - wanted) < 0.5


def test_scaled_and_blurred_pictures_are_widened_too() -> None:
    frame = VideoFrame(WIDTH, HEIGHT, "rgb555le")
    frame.planes[0].update(b"\xff\x7f" * (frame.planes[0].buffer_size // 2))
    info = info_of(frame, Color(matrix="rgb", range="full"))
    for delivery in (
        Delivery(20, 10, "gbrp"),
        Delivery(20, 10, "gbrp", blur=0.05),
        Delivery(9, 7, "gbrp", crop=(3, 3, 9, 7)),
    ):
        got = Deliverer(info, delivery)(frame)
        assert all((samples_of(got, channel) == 255).all() for channel in range(3))


def test_probing_refuses_what_cannot_be_read(tmp_path: Path) -> None:
    from vedc.edit.media_info import ProbeError
    from vedc.media.probe import probe

    path = tmp_path / "a.nut"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("rawvideo", rate=25)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "bayer_rggb8"
        frame = VideoFrame(WIDTH, HEIGHT, "bayer_rggb8")
        frame.pts = 0
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    with pytest.raises(ProbeError, match="bayer_rggb8") as caught:
        probe(path)
    assert caught.value.code == "unsupported-pixels" and caught.value.hint
