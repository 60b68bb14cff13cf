"""The blurred backdrop of ``fit: contain-blur``: against a plain Gaussian, and in a film."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from tests.media.make import numbered_frame, write_numbered
from tests.media.moving import samples
from tests.parity.ops.films import Array, build, frames_of, planes_of, render
from vedc.color import FORMATS, Color
from vedc.edit.media_info import MediaInfo, VideoInfo
from vedc.ir.lower.picture import BACKDROP_BLUR
from vedc.media.delivery import Deliverer, Delivery
from vedc.media.reader import VideoReader
from vedc.plan.describe import stop
from vedc.plan.executable import VideoSource
from vedc.workspace.deliver import deliver
from vedc.workspace.planning import fuse_plan, plan_edit

Floats = NDArray[np.float64]
FORMATS_TRIED = ["yuv420p", "yuv422p10le", "yuv444p", "gbrp", "yuva420p", "gbrap"]


def gaussian(plane: Floats, across: float, down: float) -> Floats:
    """Convolved with a sampled Gaussian, mirrored beyond the border."""
    for axis, sigma in ((1, across), (0, down)):
        reach = math.ceil(5 * sigma)
        kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
        sides = [(reach, reach) if i == axis else (0, 0) for i in (0, 1)]
        padded = np.pad(plane, sides, mode="symmetric")
        windows = np.lib.stride_tricks.sliding_window_view(padded, len(kernel), axis)
        plane = windows @ (kernel / kernel.sum())
    return plane


def photo(pix_fmt: str, width: int, height: int, seed: int = 1) -> VideoFrame:
    """Soft shapes with hard edges and grain, opaque, in every plane a different picture."""
    frame = VideoFrame(width, height, pix_fmt)
    layout = FORMATS[pix_fmt]
    for k, plane in enumerate(samples(frame)):
        draw = np.random.default_rng([seed, k])
        y, x = np.mgrid[0 : 1 : plane.shape[0] * 1j, 0 : 1 : plane.shape[1] * 1j]
        picture = (
            0.5 + 0.25 * np.sin(9 * x + 4 * y + k) + 0.15 * np.sign(np.sin(13 * y - 5 * x + 1))
        )
        picture += draw.normal(0, 0.04, plane.shape)
        plane[:] = np.round(np.clip(picture, 0.07, 0.92) * layout.peak)
        if k == 3:
            plane[:] = layout.peak
    return frame


def flat(pix_fmt: str, width: int, height: int, values: list[int]) -> VideoFrame:
    frame = VideoFrame(width, height, pix_fmt)
    for plane, value in zip(samples(frame), values, strict=False):
        plane[:] = value
    return frame


def info_of(frame: VideoFrame, rotation: int = 0, range: str = "limited") -> VideoInfo:
    layout = FORMATS[frame.format.name]
    color = Color(matrix="rgb" if layout.layout == "gbr" else "bt709").with_(
        range="full" if layout.layout == "gbr" else range
    )
    return VideoInfo(
        frame.width, frame.height, Fraction(1), rotation, layout.name, layout.name, Fraction(25),
        color, True, "h264", Fraction(1, 25), None,
    )  # fmt: skip


def blurred(frame: VideoFrame, width: int, height: int, blur: float, **info: Any) -> list[Array]:
    made = Deliverer(info_of(frame, **info), Delivery(width, height, frame.format.name, blur))
    got = made(frame)
    assert (got.width, got.height, got.format.name) == (width, height, frame.format.name)
    return [view.copy() for view in samples(got)]


@pytest.mark.parametrize(("blur", "mean", "most"), [(BACKDROP_BLUR, 0.8, 4), (0.12, 1.5, 5)])
@pytest.mark.parametrize("pix_fmt", FORMATS_TRIED)
def test_it_is_a_gaussian(pix_fmt: str, blur: float, mean: float, most: float) -> None:
    """The picture is as large as wanted: only the blur is left to do.

    Differences in 8-bit code values.
    """
    width, height = 320, 180
    frame = photo(pix_fmt, width, height)
    layout = FORMATS[pix_fmt]
    got = blurred(frame, width, height, blur)
    for k, (plane, given) in enumerate(zip(got, samples(frame), strict=True)):
        across = given.shape[1] / width
        down = given.shape[0] / height
        sigma = blur * height
        wanted = gaussian(given.astype(float), sigma * across, sigma * down)
        away = (plane - wanted) * 255 / layout.peak
        assert np.abs(away).mean() < mean, k
        assert np.abs(away).max() < most, k
        assert abs(away.mean()) < 0.1, k
        border = np.concatenate([away[:4].ravel(), away[-4:].ravel()])
        sides = np.concatenate([away[:, :4].ravel(), away[:, -4:].ravel()])
        assert abs(border.mean()) < 0.5 and abs(sides.mean()) < 0.5, k


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("size", [(320, 180), (180, 318), (198, 198), (330, 120)])
def test_it_is_cut_from_the_middle_and_upright(size: tuple[int, int], turn: int) -> None:
    """Against the whole covering picture, scaled without a blur, then cut, then blurred."""
    frame = photo("yuv444p", 320, 240)
    info = info_of(frame, turn)
    shown = info.display_size
    scale = max(size[0] / shown[0], size[1] / shown[1])
    cover = Delivery(round(shown[0] * scale), round(shown[1] * scale), "yuv444p")
    left, top = (cover.width - size[0]) // 2, (cover.height - size[1]) // 2
    sigma = BACKDROP_BLUR * min(size)
    got = blurred(frame, *size, BACKDROP_BLUR, rotation=turn)
    for plane, whole in zip(got, samples(Deliverer(info, cover)(frame)), strict=True):
        cut = whole[top : top + size[1], left : left + size[0]].astype(float)
        away = plane - gaussian(cut, sigma, sigma)
        assert np.abs(away).mean() < 1.3  # the middle is rounded to whole pixels of the source
        assert np.abs(away).max() < 6


@pytest.mark.parametrize("range", ["limited", "full"])
@pytest.mark.parametrize("values", [[16, 128, 128], [235, 240, 16], [0, 0, 255], [255, 90, 200]])
@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv422p", "gbrp"])
def test_one_colour_stays_itself_up_to_the_border(
    pix_fmt: str, values: list[int], range: str
) -> None:
    frame = flat(pix_fmt, 90, 160, values)
    for plane, value in zip(blurred(frame, 160, 90, 0.05, range=range), values, strict=True):
        assert (plane == value).all()


def test_chroma_stays_in_place() -> None:
    """A ramp blurred is the same ramp, but near the border."""
    width, height = 512, 288
    x = np.arange(width)
    frame = flat("yuv444p10le", width, height, [500, 512, 512])
    samples(frame)[1][:] = 60 + x
    subsampled = frame.reformat(format="yuv420p10le")
    samples(subsampled)[1][:] = 60 + x[::2]  # left-sited
    for given, at in ((frame, x), (subsampled, x[::2])):
        got = blurred(given, width, height, 0.02)[1]
        assert np.abs(got[:, 40:-40] - (60 + at[40:-40])).max() <= 1


def test_what_is_not_seen_has_no_colour() -> None:
    """Left half: red, but transparent. No red bleeds into the right half."""
    frame = flat("gbrap", 160, 90, [200, 40, 60, 255])
    planes = samples(frame)
    planes[2][:, :80], planes[0][:, :80], planes[3][:, :80] = 255, 0, 0
    green, _, red, alpha = blurred(frame, 160, 90, 0.05)
    assert abs(int(alpha[45, 79]) + int(alpha[45, 80]) - 255) <= 4
    assert alpha[45, 10] == 0 and alpha[45, -10] == 255
    # The pixels at the edge itself are averaged with what they hide, by what they hide.
    assert np.abs(green[:, 84:].astype(int) - 200).max() <= 4
    assert np.abs(red[:, 84:].astype(int) - 60).max() <= 4


def test_grain_does_not_flicker() -> None:
    """One picture under two draws of grain gives one backdrop."""
    first, second = (blurred(photo("yuv420p", 720, 1280, s), 640, 360, 0.05) for s in (1, 2))
    for a, b in zip(first, second, strict=True):
        away = np.abs(a.astype(int) - b)
        assert away.mean() < 0.5 and away.max() <= 2


def test_two_deliveries_of_one_decoding(tmp_path: Path) -> None:
    path = write_numbered(tmp_path / "a.mp4", 20, width=96, height=160)
    made = build(tmp_path, {"timeline": [{"clip": path.name}]})
    (edit,) = made.edits()
    media = next(iter(plan_edit(made, edit).media.values()))
    assert isinstance(media, MediaInfo)
    backdrop = Delivery(160, 90, "yuv420p", BACKDROP_BLUR)
    shared, alone = VideoReader(media, None), VideoReader(media, backdrop)
    for n in (0, 1, 7, 8, 3):
        time = Fraction(n, 25)
        plain, soft = shared.frame_at(time), shared.frame_at(time, backdrop)
        assert (plain.width, soft.width) == (96, 160)
        assert shared.frame_at(time, backdrop) is soft
        for a, b in zip(samples(soft), samples(alone.frame_at(time)), strict=True):
            assert (a == b).all()
    assert shared.decoded == alone.decoded


# In a film ------------------------------------------------------------------------------------

LOSSLESS = {"path": "film.mkv", "codec": "ffv1"}
CANVAS = {"width": 160, "height": 90, "fps": 25}


@pytest.fixture
def portrait(tmp_path: Path) -> Path:
    write_numbered(
        tmp_path / "tall.mkv",
        6,
        25,
        "ffv1",
        width=90,
        height=160,
        color=(1, 1, 1, 1),
        pictures=(photo("yuv420p", 90, 160, n) for n in range(6)),
    )
    return tmp_path


def film(folder: Path, *clips: dict[str, Any], **more: Any) -> list[list[Array]]:
    spec = {"profile": CANVAS, "timeline": list(clips), "outputs": [LOSSLESS], **more}
    return planes_of(render(folder, spec))


def test_the_picture_stands_before_its_own_blur(portrait: Path) -> None:
    """Each frame: within the picture what ``contain`` gives, beside it the delivery's samples."""
    contained = film(portrait, {"clip": "tall.mkv"})
    got = film(portrait, {"clip": "tall.mkv", "fit": "contain-blur"})
    sources = list(frames_of(portrait / "tall.mkv"))
    assert len(got) == len(sources) == 6
    left, right = 55, 106  # 90 * 90 / 160 = 51 columns, half up
    for planes, plain, source in zip(got, contained, sources, strict=True):
        behind = blurred(source, 160, 90, BACKDROP_BLUR)
        assert (planes[0][:, left:right] == plain[0][:, left:right]).all()
        for sides in (slice(0, left), slice(right, None)):
            assert np.abs(planes[0][:, sides].astype(int) - behind[0][:, sides]).max() <= 1
        for k in (1, 2):
            for sides in (slice(0, left // 2 - 1), slice(right // 2 + 2, None)):
                assert np.abs(planes[k][:, sides].astype(int) - behind[k][:, sides]).max() <= 1


def test_nothing_is_decoded_twice(portrait: Path) -> None:
    clip = {"clip": "tall.mkv", "fit": "contain-blur"}
    spec = {"profile": CANVAS, "timeline": [clip], "outputs": [LOSSLESS]}
    (report,) = deliver(build(portrait, spec))
    assert report.rendered_frames == report.decoded_frames == 6


def test_the_item_fades_as_one(portrait: Path) -> None:
    """At half opacity every pixel is halfway to the black below, the picture's too."""
    whole = film(portrait, {"clip": "tall.mkv", "fit": "contain-blur"})
    half = film(portrait, {"clip": "tall.mkv", "fit": "contain-blur", "opacity": 0.5})
    for full, faded in zip(whole, half, strict=True):
        assert np.abs(faded[0] - (full[0].astype(float) + 16) / 2).max() <= 1.5


def test_a_grade_reaches_both_layers(portrait: Path) -> None:
    clip = {"clip": "tall.mkv", "fit": "contain-blur", "grade": [{"op": "saturation", "amount": 0}]}
    for _, blue, red in film(portrait, clip):
        assert (blue == 128).all() and (red == 128).all()


def test_why_fusion_stopped(portrait: Path) -> None:
    clip = {"clip": "tall.mkv", "fit": "contain-blur"}
    made = build(portrait, {"profile": CANVAS, "timeline": [clip], "outputs": [LOSSLESS]})
    (edit,) = made.edits()
    plan = fuse_plan(plan_edit(made, edit))
    fetches = plan.executables[0].fetches
    sources = [f.source for f in fetches if isinstance(f.source, VideoSource)]
    assert [source.blur for source in sources] == [BACKDROP_BLUR, None]
    reasons = [stop(plan, fetch).reason for fetch in fetches]
    assert ["blurring reads neighbouring pixels" in reason for reason in reasons] == [True, False]


def test_numbers_stay_on_time_beside_their_blur(tmp_path: Path) -> None:
    """The backdrop is of the same frame as the picture before it."""
    write_numbered(tmp_path / "n.mp4", 40, 25, gop=12, b_frames=3, width=96, height=160)
    planes = film(tmp_path, {"clip": "n.mp4", "in": "13f", "out": "29f", "fit": "contain-blur"})
    for n, got in enumerate(planes):
        want = blurred(numbered_frame(13 + n, 96, 160), 160, 90, BACKDROP_BLUR)[0]
        assert np.abs(got[0][:, :50].astype(float) - want[:, :50]).mean() < 2
