"""Pictures made upright, square and of the wanted size, without harm to their samples."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter

from tests.media.make import luma, read_number, write_cropped, write_numbered
from vedc.color import FORMATS, Color
from vedc.edit.media_info import VideoInfo
from vedc.errors import InternalError
from vedc.media.delivery import Deliverer, Delivery
from vedc.media.describe import describe_color, kernel_format
from vedc.media.digest import Stamp
from vedc.media.probe import probe
from vedc.media.reader import VideoReader
from vedc.media.record import from_json, to_json

LOSSLESS = {"preset": "ultrafast", "qp": "0"}
WIDTH, HEIGHT = 64, 32


def frame_of(pix_fmt: str, planes: list[np.ndarray]) -> VideoFrame:
    """A frame from its planes' samples, packed ones interleaved by the caller."""
    height, width = planes[0].shape[:2]
    if pix_fmt in PACKED:
        width = width * planes[0].itemsize // PACKED[pix_fmt]
    frame = VideoFrame(width, height, pix_fmt)
    for plane, samples in zip(frame.planes, planes, strict=True):
        rows = np.ascontiguousarray(samples).view(np.uint8).reshape(samples.shape[0], -1)
        data = np.zeros((plane.height, plane.line_size), np.uint8)
        data[:, : rows.shape[1]] = rows
        plane.update(data.tobytes())
    return frame


#: Bytes of a pixel.
PACKED = {"ya8": 2, "yuyv422": 2, "uyvy422": 2, "vuya": 4}


def info_of(frame: VideoFrame, color: Color, rotation: int = 0) -> VideoInfo:
    pixels = kernel_format(frame.format)
    assert pixels is not None
    return VideoInfo(
        width=frame.width,
        height=frame.height,
        sar=Fraction(1),
        rotation=rotation,
        pix_fmt=frame.format.name,
        format=pixels,
        rate=Fraction(25),
        color=color,
        tagged=True,
        codec="rawvideo",
        time_base=Fraction(1, 25),
        frames=1,
    )


def random_planes(pix_fmt: str, peak: int = 255) -> list[np.ndarray]:
    draw = np.random.default_rng(7)
    shape = av.VideoFormat(pix_fmt)
    small = shape.chroma_height(HEIGHT), shape.chroma_width(WIDTH)
    sizes = [(HEIGHT, WIDTH), small, small]
    return [draw.integers(0, peak + 1, size, np.uint16).astype(
        np.uint16 if peak > 255 else np.uint8) for size in sizes]  # fmt: skip


def calm_planes(pix_fmt: str) -> list[np.ndarray]:
    """Noise that scaling sharpens to nothing outside the range: FFmpeg cuts such values off
    halfway, between rows and columns."""
    peak = FORMATS[pix_fmt].peak
    noise = random_planes("yuv444p" if pix_fmt == "gbrp" else pix_fmt, peak)
    return [plane // 2 + (peak + 1) // 4 for plane in noise]


def samples_of(frame: VideoFrame, channel: int) -> np.ndarray:
    """A channel's code values."""
    fmt = FORMATS[frame.format.name]
    plane = next(p for p in range(fmt.planes) if channel in fmt.members(p))
    kind = np.uint8 if fmt.bytes == 1 else np.dtype("<u2")
    rows = np.frombuffer(frame.planes[plane], kind).reshape(frame.planes[plane].height, -1)
    width, _ = fmt.plane_size(plane, frame.width, frame.height)
    members = fmt.members(plane)
    used = rows[:, : width * len(members)]
    return used[:, members.index(channel) :: len(members)] >> fmt.shift


def interleave(*planes: np.ndarray) -> np.ndarray:
    return np.stack(planes, -1).reshape(planes[0].shape[0], -1)


@pytest.mark.parametrize("range_", ["limited", "full"])
@pytest.mark.parametrize(
    "pix_fmt",
    ["nv12", "nv21", "yuyv422", "uyvy422", "vuya", "p010le", "yuv420p10be", "yuvj420p", "yuvj444p"],
)
def test_other_layouts_of_yuv_lose_nothing(pix_fmt: str, range_: str) -> None:
    if pix_fmt.startswith("yuvj") and range_ == "limited":
        pytest.skip("yuvj is full range by name")
    deep = "10" in pix_fmt
    y, u, v = samples = random_planes(pix_fmt, 1023 if deep else 255)
    stored = {
        "nv12": lambda: [y, interleave(u, v)],
        "nv21": lambda: [y, interleave(v, u)],
        "yuyv422": lambda: [interleave(y[:, ::2], u, y[:, 1::2], v)],
        "uyvy422": lambda: [interleave(u, y[:, ::2], v, y[:, 1::2])],
        "vuya": lambda: [interleave(v, u, y, 255 - y)],
        "p010le": lambda: [y << 6, interleave(u, v) << 6],
        "yuv420p10be": lambda: [plane.byteswap() for plane in samples],
    }.get(pix_fmt, lambda: samples)()
    frame = frame_of(pix_fmt, stored)
    info = info_of(frame, Color(range=range_))  # type: ignore[arg-type]  # parametrised
    got = Deliverer(info, Delivery.of(info))(frame)
    assert got.format.name == info.format in FORMATS
    expected = [*samples, 255 - y] if pix_fmt == "vuya" else samples
    for plane, wanted in enumerate(expected):
        assert (samples_of(got, plane) == wanted).all()


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize(("semi", "planar"), [("nv12", "yuv420p"), ("p010le", "yuv420p10le")])
def test_semi_planar_pictures_are_turned_and_scaled_as_planar_ones(
    semi: str, planar: str, turn: int
) -> None:
    """By PyAV's own conversion to a planar frame, delivered as such. FFmpeg scales those that are
    not planar, and rounds in other places."""
    shift = FORMATS[semi].shift
    y, u, v = (p << shift for p in calm_planes(planar))
    frame = frame_of(semi, [y, interleave(u, v)])
    same = frame.reformat(format=planar)
    width, height = (HEIGHT, WIDTH) if turn in (90, 270) else (WIDTH, HEIGHT)
    for size in ((width, height), (width // 2, height), (2 * width + 2, height + 6)):
        one, other = (
            Deliverer(info_of(given, Color(), turn), Delivery(*size, format))(given)
            for given, format in ((frame, semi), (same, planar))
        )
        assert (one.width, one.height, one.format.name) == (*size, semi)
        for channel in range(3):
            off = samples_of(one, channel).astype(int) - samples_of(other, channel)
            inside = off if turn else off[6:-6, 6:-6]  # FFmpeg errs near the left and upper edge
            assert abs(inside).max() <= (1 << FORMATS[planar].depth - 8) * (turn == 0)


@pytest.mark.parametrize("range_", ["limited", "full"])
@pytest.mark.parametrize(("pix_fmt", "peak"), [("gray", 255), ("gray10le", 1023), ("ya8", 255)])
def test_grey_keeps_its_luma_in_either_range(pix_fmt: str, peak: int, range_: str) -> None:
    y = random_planes("yuv420p", peak)[0]
    frame = frame_of(pix_fmt, [interleave(y, peak - y) if pix_fmt == "ya8" else y])
    info = info_of(frame, Color(range=range_))  # type: ignore[arg-type]  # parametrised
    got = Deliverer(info, Delivery.of(info))(frame)
    assert (luma(got) == y).all()
    assert (luma(got, 1) == (peak + 1) // 2).all() and (luma(got, 2) == (peak + 1) // 2).all()
    if pix_fmt == "ya8":
        assert (luma(got, 3) == peak - y).all()


@pytest.mark.parametrize(
    ("pix_fmt", "order"),
    [("rgb24", "rgb"), ("bgr24", "bgr"), ("bgr0", "bgr0"), ("rgba", "rgba"), ("argb", "argb")],
)
def test_packed_rgb_becomes_planar_exactly(pix_fmt: str, order: str) -> None:
    draw = np.random.default_rng(3)
    part = {name: draw.integers(0, 256, (HEIGHT, WIDTH), np.uint8) for name in "rgba0"}
    frame = VideoFrame(WIDTH, HEIGHT, pix_fmt)
    data = np.zeros((HEIGHT, frame.planes[0].line_size), np.uint8)
    data[:, : WIDTH * len(order)] = interleave(*(part[name] for name in order))
    frame.planes[0].update(data.tobytes())
    info = info_of(frame, Color(matrix="rgb", range="full"))
    got = Deliverer(info, Delivery.of(info))(frame)
    assert got.format.name == ("gbrap" if "a" in order else "gbrp")
    for plane, name in enumerate("gbra" if "a" in order else "gbr"):
        assert (luma(got, plane) == part[name]).all()


def test_palettes_become_their_colours(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    colours = np.random.default_rng(4).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    indexed = image.fromarray(colours).quantize(200)
    indexed.save(tmp_path / "palette.png")
    info = probe(tmp_path / "palette.png")
    assert info.video is not None and info.video.pix_fmt == "pal8"
    got = VideoReader(info, None).frame_at(Fraction(0))
    expected = np.asarray(indexed.convert("RGB"))
    for plane, channel in enumerate((1, 2, 0)):
        assert (luma(got, plane) == expected[..., channel]).all()


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv422p", "yuv444p", "yuv420p10le"])
def test_turned_as_the_display_matrix_says(turn: int, pix_fmt: str, tmp_path: Path) -> None:
    planes = random_planes(pix_fmt, 1023 if "10" in pix_fmt else 255)
    path = write_numbered(
        tmp_path / "clip.mp4",
        1,
        pix_fmt=pix_fmt,
        width=WIDTH,
        height=HEIGHT,
        options=LOSSLESS,
        rotation=turn,
        pictures=[frame_of(pix_fmt, planes)],
    )
    info = probe(path)
    assert info.video is not None and info.video.rotation == turn
    with av.open(str(path)) as container:  # PyAV counts counter-clockwise
        assert -next(container.decode(video=0)).rotation % 360 == turn
    got = VideoReader(info, None).frame_at(Fraction(0))
    assert got.format.name == pix_fmt
    assert (got.width, got.height) == info.video.display_size
    # A 4:2:2 picture on its side cannot keep its chroma samples; all others keep all.
    kept = 1 if pix_fmt == "yuv422p" and turn in (90, 270) else 3
    for plane in range(kept):
        assert (luma(got, plane) == np.rot90(planes[plane], -turn // 90)).all()


@pytest.mark.parametrize("matrix", list(itertools.product((1, -1), (1, -1), (False, True))))
@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv444p", "yuv420p10le"])
def test_each_sample_goes_where_the_display_matrix_takes_it(
    pix_fmt: str, matrix: tuple[int, int, bool], tmp_path: Path
) -> None:
    across, down, swapped = matrix
    planes = random_planes(pix_fmt, 1023 if "10" in pix_fmt else 255)
    a, b, c, d = (0, across, down, 0) if swapped else (across, 0, 0, down)
    one = 1 << 16
    path = write_numbered(
        tmp_path / "clip.mp4",
        1,
        pix_fmt=pix_fmt,
        width=WIDTH,
        height=HEIGHT,
        options=LOSSLESS,
        matrix=(a * one, b * one, 0, c * one, d * one, 0, 0, 0, 1 << 30),
        pictures=[frame_of(pix_fmt, planes)],
    )
    info = probe(path)
    got = VideoReader(info, None).frame_at(Fraction(0))
    for plane, stored in enumerate(planes):
        rows, columns = np.indices(stored.shape)
        x, y = a * columns + c * rows, b * columns + d * rows
        expected = np.empty_like(stored.T if swapped else stored)
        expected[y - y.min(), x - x.min()] = stored
        assert (luma(got, plane) == expected).all()


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_part_of_a_mirrored_picture(turn: int) -> None:
    planes = random_planes("yuv444p")
    info = replace(info_of(frame_of("yuv444p", planes), Color(), turn), mirrored=True)
    got = Deliverer(info, Delivery(10, 12, "yuv444p", crop=(3, 5, 10, 12)))(
        frame_of("yuv444p", planes)
    )
    for plane, stored in enumerate(planes):
        upright = np.rot90(stored[:, ::-1], -turn // 90)
        assert (luma(got, plane) == upright[5:17, 3:13]).all()


@pytest.mark.parametrize(("sar", "size"), [(Fraction(4, 3), (128, 64)), (Fraction(8, 9), (96, 72))])
def test_square_pixels(sar: Fraction, size: tuple[int, int], tmp_path: Path) -> None:
    path = write_numbered(tmp_path / "clip.mp4", 8, options={"crf": "10"}, sar=sar)
    reader = VideoReader(probe(path), None)
    for index in (0, 5, 7):
        frame = reader.frame_at(Fraction(index, 25))
        assert (frame.width, frame.height) == size
        assert read_number(frame) == index


@pytest.mark.parametrize("size", [(32, 16), (40, 24), (128, 64), (200, 90)])
@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv444p", "yuv420p10le", "gbrp"])
def test_luma_is_scaled_as_swscale_does(size: tuple[int, int], pix_fmt: str) -> None:
    frame = frame_of(pix_fmt, calm_planes(pix_fmt))
    rgb = Color(matrix="rgb", range="full")
    info = info_of(frame, rgb if pix_fmt == "gbrp" else Color())
    got = Deliverer(info, Delivery(*size, pix_fmt))(frame)
    flags = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.BITEXACT
    flags |= Interpolation.FULL_CHR_H_INT | Interpolation.FULL_CHR_H_INP
    expected = VideoReformatter().reformat(frame, *size, format=pix_fmt, interpolation=flags)
    off = luma(got).astype(int) - luma(expected)  # FFmpeg rounds in between as well
    off = off[6:-6, 6:-6]  # and errs near the left and the upper edge
    assert abs(off).max() <= 1 << FORMATS[pix_fmt].depth - 8
    assert abs(off).mean() < 0.05 * (1 << FORMATS[pix_fmt].depth - 8)


def ramp_at(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """A colour ramp, in 10-bit code values, over the luma grid."""
    return 40 + 4 * x + 4 * y


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("factor", [Fraction(1, 4), Fraction(1, 2), Fraction(2)])
@pytest.mark.parametrize("pix_fmt", ["yuv420p10le", "yuv422p10le", "yuv444p10le"])
def test_chroma_stays_in_place_when_scaled(
    pix_fmt: str, turn: int, mirrored: bool, factor: Fraction
) -> None:
    """A ramp scaled is the same ramp; half a luma sample off would be 2 code values or more."""
    width, height = 128, 96

    def sites(columns: int, rows: int) -> tuple[np.ndarray, np.ndarray]:
        """Luma coordinates of the chroma samples: left-sited in 4:2:0 and 4:2:2."""
        wide, high = 1 + FORMATS[pix_fmt].sub_x, 1 + FORMATS[pix_fmt].sub_y
        x, y = np.meshgrid(np.arange(columns // wide), np.arange(rows // high))
        return wide * x, high * y + (high - 1) / 2

    ramp = ramp_at(*sites(width, height)).astype(np.uint16)
    flat = np.full((height, width), 512, np.uint16)
    frame = frame_of(pix_fmt, [flat, ramp, np.full(ramp.shape, 512, np.uint16)])
    info = replace(info_of(frame, Color(), turn), mirrored=mirrored)
    shown = info.display_size
    delivery = Delivery(int(shown[0] * factor), int(shown[1] * factor), pix_fmt)
    got = luma(Deliverer(info, delivery)(frame), 1)
    # Where each delivered chroma site lies on the upright picture, then on the stored one.
    x, y = ((at + 0.5) / float(factor) - 0.5 for at in sites(delivery.width, delivery.height))
    stored = {
        0: (x, y),
        90: (y, height - 1 - x),
        180: (width - 1 - x, height - 1 - y),
        270: (width - 1 - y, x),
    }[turn]
    if mirrored:
        stored = width - 1 - stored[0], stored[1]
    error = (got - ramp_at(*stored))[4:-4, 4:-4]  # the ramp ends at the border
    assert error.size
    assert abs(error).max() <= 1.0


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("factor", [1, Fraction(1, 2)])
@pytest.mark.parametrize("pix_fmt", ["yuv420p10le", "yuv422p10le"])
def test_chroma_in_the_middle_of_its_block_is_moved_to_the_left(
    pix_fmt: str, factor: Fraction, turn: int, mirrored: bool
) -> None:
    """A ramp whose samples lie where JPEG puts them is the same ramp where H.264 puts them."""
    if factor == 1 and (turn or mirrored):
        pytest.skip("pictures that are only turned keep their chroma samples")
    width, height = 128, 96
    wide, high = 1 + FORMATS[pix_fmt].sub_x, 1 + FORMATS[pix_fmt].sub_y
    x, y = np.meshgrid(np.arange(width // wide), np.arange(height // high))
    ramp = ramp_at(wide * x + (wide - 1) / 2, high * y + (high - 1) / 2).astype(np.uint16)
    flat = np.full((height, width), 512, np.uint16)
    frame = frame_of(pix_fmt, [flat, ramp, np.full(ramp.shape, 512, np.uint16)])
    info = replace(info_of(frame, Color(), turn), codec="mjpeg", mirrored=mirrored)
    shown = info.display_size
    delivery = Delivery(int(shown[0] * factor), int(shown[1] * factor), pix_fmt)
    got = luma(Deliverer(info, delivery)(frame), 1)
    x, y = np.meshgrid(np.arange(got.shape[1]), np.arange(got.shape[0]))
    x, y = ((at + 0.5) / float(factor) - 0.5 for at in (wide * x, high * y + (high - 1) / 2))
    stored_x, stored_y = {
        0: (x, y),
        90: (y, height - 1 - x),
        180: (width - 1 - x, height - 1 - y),
        270: (width - 1 - y, x),
    }[turn]
    if mirrored:
        stored_x = width - 1 - stored_x
    error = (got - ramp_at(stored_x, stored_y))[6:-6, 6:-6]
    assert abs(error).max() <= 1.0


@pytest.mark.parametrize("container", ["mp4", "mkv"])
@pytest.mark.parametrize("matrix", [None, (0, 1, -1, 0)])
def test_what_the_container_hides_is_cut_off(
    container: str, matrix: tuple[int, ...] | None, tmp_path: Path
) -> None:
    """A clean aperture of QuickTime, and the same as Matroska's PixelCrop; turned as well."""
    planes = random_planes("yuv420p")
    path = write_cropped(
        tmp_path / f"clip.{container}", 4, (4, 12, 6, 10), matrix, width=WIDTH, height=HEIGHT,
        options=LOSSLESS, pictures=[frame_of("yuv420p", planes) for _ in range(4)],
    )  # fmt: skip
    info = probe(path)
    assert info.video is not None
    assert (info.video.width, info.video.height) == (48, 16)
    known = from_json(json.loads(json.dumps(to_json(info))), Stamp.probed(info))
    assert known is not None and known.video == info.video
    turned = matrix is not None
    assert info.video.rotation == (90 if turned else 0)
    reader = VideoReader(info, None)
    for index in (0, 3, 1):
        got = reader.frame_at(Fraction(index, 25))
        for plane, (stored, unit) in enumerate(zip(planes, (1, 2, 2), strict=True)):
            part = stored[4 // unit : 20 // unit, 6 // unit : 54 // unit]
            assert (luma(got, plane) == np.rot90(part, -1 if turned else 0)).all()


def test_a_stream_that_changes_size_is_delivered_at_one() -> None:
    small = frame_of("yuv420p", random_planes("yuv420p"))
    big = small.reformat(width=2 * WIDTH, height=2 * HEIGHT)
    info = info_of(small, Color())
    deliver = Deliverer(info, Delivery.of(info))
    assert deliver(small) is small
    assert (deliver(big).width, deliver(big).height) == (WIDTH, HEIGHT)
    assert deliver(small) is small


def test_premultiplied_rgba_is_not_read_from_files() -> None:
    info = info_of(frame_of("yuv420p", random_planes("yuv420p")), Color())
    with pytest.raises(InternalError):
        Deliverer(info, Delivery(WIDTH, HEIGHT, "rgba"))


@pytest.mark.parametrize("name", sorted(av.video.format.names))
def test_every_pixel_format_is_delivered_or_refused(name: str) -> None:
    frame_format = av.VideoFormat(name)
    kernel = kernel_format(frame_format)
    if kernel is None:
        return
    assert kernel in FORMATS and kernel != "rgba"
    depth = max(part.bits for part in frame_format.components)
    assert FORMATS[kernel].depth >= depth
    frame = VideoFrame(WIDTH, HEIGHT, name)
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    color, _ = describe_color(frame, "rawvideo")
    info = info_of(frame, color)
    got = Deliverer(info, Delivery.of(info))(frame)
    assert (got.width, got.height, got.format.name) == (WIDTH, HEIGHT, kernel)
