"""Stills: against Pillow's own resize, a published colour conversion, and hand-made pixels."""

from __future__ import annotations

import contextlib
import io
import random
import re
import struct
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import ExifTags, Image, ImageCms, PngImagePlugin

from tests.media.zoo.profiles import display_p3
from vedc.edit.media_info import ProbeError
from vedc.errors import UserError
from vedc.media.known_files import ProbeCache
from vedc.media.probe import probe
from vedc.stills.load import load_still

Pixels = npt.NDArray[np.uint8]

#: The error codes for bad pictures.
CODES = ("damaged-media", "bad-image", "image-too-large")


def shown_size(path: Path) -> tuple[int, int]:
    video = probe(path).video
    assert video is not None
    return video.display_size


def pixels(path: Path, width: int, height: int) -> Pixels:
    bitmap = load_still(path, width, height)
    assert (bitmap.width, bitmap.height) == (width, height)
    drawn = np.frombuffer(bitmap.planes[0], np.uint8).reshape(height, width, 4)
    assert (drawn[..., :3] <= drawn[..., 3:]).all(), "not premultiplied"
    return drawn


def noise(width: int, height: int, channels: int = 3, smooth: int = 8) -> Image.Image:
    """A blurry random picture, so that lossy formats keep it."""
    samples = np.random.default_rng(5).integers(
        0, 256, (height // smooth + 1, width // smooth + 1, channels), np.uint8
    )
    small = Image.fromarray(samples.squeeze())
    return small.resize((width, height), Image.Resampling.BICUBIC)


def save(path: Path, image: Image.Image, **options: object) -> Path:
    image.save(path, **options)
    return path


def problem(path: Path, width: int = 8, height: int = 8) -> tuple[str, str, str]:
    with pytest.raises(UserError) as caught:
        load_still(path, width, height)
    found = caught.value.problems[0]
    assert found.hint
    assert str(path) in found.message
    return found.code, found.message, found.hint


# Formats ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("suffix", "options", "tolerance"),
    [
        ("png", {}, 0),
        ("bmp", {}, 0),
        ("tiff", {}, 0),
        ("tiff", {"compression": "tiff_lzw"}, 0),
        ("webp", {"lossless": True}, 0),
        ("webp", {"quality": 95}, 40),  # its chroma is halved
        ("jpeg", {"quality": 98, "subsampling": 0}, 6),
        ("mpo", {"quality": 98, "subsampling": 0}, 6),
        ("jpeg", {"quality": 95, "subsampling": 0, "progressive": True}, 14),
    ],
)
def test_every_format_gives_its_pixels(
    tmp_path: Path, suffix: str, options: dict[str, object], tolerance: int
) -> None:
    picture = noise(60, 40)
    path = save(tmp_path / f"a.{suffix}", picture, **options)
    assert shown_size(path) == (60, 40)
    drawn = pixels(path, 60, 40)
    assert (drawn[..., 3] == 255).all()
    assert np.abs(drawn[..., :3].astype(int) - np.asarray(picture)).max() <= tolerance


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_mode_gives_its_pixels(tmp_path: Path, mode: str) -> None:
    """Against Pillow's conversion of the picture that was saved."""
    picture = noise(30, 20, 4).convert(mode)
    drawn = pixels(save(tmp_path / "a.png", picture), 30, 20)
    assert (drawn == np.asarray(picture.convert("RGBA").convert("RGBa"))).all()


def test_the_transparent_colour_of_a_palette_and_of_plain_rgb(tmp_path: Path) -> None:
    palette = Image.new("P", (2, 1))
    palette.putpalette([10, 20, 30, 200, 100, 50])
    palette.putpixel((1, 0), 1)
    for name in ("a.gif", "a.png"):
        drawn = pixels(save(tmp_path / name, palette, transparency=0), 2, 1)
        assert drawn.tolist() == [[[0, 0, 0, 0], [200, 100, 50, 255]]]
    rgb = Image.new("RGB", (2, 1), (1, 2, 3))
    rgb.putpixel((1, 0), (4, 5, 6))
    drawn = pixels(save(tmp_path / "b.png", rgb, transparency=(1, 2, 3)), 2, 1)
    assert drawn.tolist() == [[[0, 0, 0, 0], [4, 5, 6, 255]]]


def test_16_bit_gray_is_rounded_to_8(tmp_path: Path) -> None:
    codes = np.array([[0, 128, 129, 257, 32767, 65406, 65535]], np.uint16)
    for suffix in ("png", "tiff"):
        drawn = pixels(save(tmp_path / f"a.{suffix}", Image.fromarray(codes)), 7, 1)
        assert drawn[0, :, 0].tolist() == [0, 0, 1, 1, 127, 254, 255]


def test_cmyk_without_a_profile_is_the_plain_complement(tmp_path: Path) -> None:
    picture = Image.new("CMYK", (16, 16), (255, 0, 0, 0))
    assert pixels(save(tmp_path / "a.tiff", picture), 16, 16)[3, 3].tolist() == [0, 255, 255, 255]
    drawn = pixels(save(tmp_path / "a.jpg", picture, quality=100), 16, 16)
    assert np.abs(drawn[8, 8].astype(int) - [0, 255, 255, 255]).max() <= 3


def test_the_first_frame_is_taken(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
    for name in ("a.gif", "a.webp", "a.tiff"):
        options = {"lossless": True} if name.endswith("webp") else {}
        path = save(tmp_path / name, frames[0], save_all=True, append_images=frames[1:], **options)
        assert pixels(path, 8, 8)[4, 4].tolist() == [255, 0, 0, 255]


# Orientation --------------------------------------------------------------------------------

#: Where the stored top left corner is shown, as x and y in 0..1 (EXIF 2.32, 4.6.4 A, 0x0112).
CORNERS = {
    1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1),
    5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1),
}  # fmt: skip


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tiff"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(tmp_path: Path, orientation: int, suffix: str) -> None:
    stored = Image.new("RGB", (64, 32), "black")
    stored.paste((255, 255, 255), (0, 0, 16, 16))
    stored.paste((255, 0, 0), (16, 0, 64, 16))  # the rest of the stored first row
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    path = save(tmp_path / f"a.{suffix}", stored, exif=exif)
    sideways = orientation >= 5
    width, height = (32, 64) if sideways else (64, 32)
    assert shown_size(path) == (width, height)
    drawn = pixels(path, width, height).astype(int)
    x, y = CORNERS[orientation]
    at = (slice(4, 12), slice(-12, -4))
    assert drawn[at[y], at[x], :3].min() > 200, "white corner"
    along = drawn[at[1 - y], at[x]] if sideways else drawn[at[y], at[1 - x]]
    assert along[..., 0].min() > 200 and along[..., 1].max() < 60, "red along the stored top row"


def test_an_impossible_orientation_is_none(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 77
    assert shown_size(save(tmp_path / "a.jpg", noise(20, 10), exif=exif)) == (20, 10)


# Colour profiles ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("p3", "srgb"),
    [
        # The corners of sRGB in Display P3, as CSS Color 4 converts them: red is
        # color(display-p3 0.9175 0.2003 0.1386), lime 0.4584 0.9853 0.2983.
        ((234, 51, 35), (255, 0, 0)),
        ((117, 251, 76), (0, 255, 0)),
        ((0, 0, 245), (0, 0, 255)),
        ((255, 255, 255), (255, 255, 255)),
        ((128, 128, 128), (128, 128, 128)),
    ],
)
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_display_p3_becomes_srgb(
    tmp_path: Path, mode: str, p3: tuple[int, ...], srgb: tuple[int, ...]
) -> None:
    """Within 12 code values at a corner, where 8 bits of P3 are coarse; 1 for grays."""
    picture = Image.new("RGB", (4, 4), p3)
    picture = picture.quantize(4) if mode == "P" else picture.convert(mode)
    drawn = pixels(save(tmp_path / "a.png", picture, icc_profile=display_p3()), 4, 4)
    worst = np.abs(drawn[1, 1, :3].astype(int) - srgb).max()
    assert worst <= (1 if len(set(p3)) == 1 else 12)
    assert drawn[1, 1, 3] == 255


def test_alpha_survives_a_profile(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (2, 2), (128, 128, 128, 100))
    drawn = pixels(save(tmp_path / "a.png", picture, icc_profile=display_p3()), 2, 2)
    assert drawn[0, 0].tolist() == [50, 50, 50, 100]


def test_an_srgb_profile_changes_nothing(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture = noise(40, 30)
    drawn = pixels(save(tmp_path / "a.png", picture, icc_profile=profile), 40, 30)
    assert np.abs(drawn[..., :3].astype(int) - np.asarray(picture)).max() <= 1


def test_gray_pixels_with_an_rgb_profile(tmp_path: Path) -> None:
    picture = Image.new("L", (2, 2), 77)
    drawn = pixels(save(tmp_path / "a.png", picture, icc_profile=display_p3()), 2, 2)
    assert np.abs(drawn[0, 0].astype(int) - [77, 77, 77, 255]).max() <= 1


@pytest.mark.parametrize("profile", [b"junk" * 40, display_p3()[:200], b"\0"])
def test_a_damaged_profile_is_ignored_with_a_note(tmp_path: Path, profile: bytes) -> None:
    picture = noise(8, 8)
    path = save(tmp_path / "a.png", picture, icc_profile=profile)
    (note,) = probe(path).notes
    assert (note.code, "ICC" in note.message) == ("color-profile", True)
    assert (pixels(path, 8, 8)[..., :3] == np.asarray(picture)).all()


def test_a_profile_for_other_pixels_is_ignored_with_a_note(tmp_path: Path) -> None:
    picture = Image.new("CMYK", (8, 8), (255, 0, 0, 0))
    path = save(tmp_path / "a.tiff", picture, icc_profile=display_p3())
    (note,) = probe(path).notes
    assert note.code == "color-profile"
    assert "RGB" in note.message and "CMYK" in note.message
    assert pixels(path, 8, 8)[0, 0].tolist() == [0, 255, 255, 255]


# Resampling -----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(60, 40), (35, 77), (200, 150), (100, 80)])
def test_resampled_as_pillow_resamples(tmp_path: Path, size: tuple[int, int]) -> None:
    picture = noise(100, 80, 4)
    drawn = pixels(save(tmp_path / "a.png", picture), *size).astype(int)
    theirs = np.asarray(picture.convert("RGBa").resize(size, Image.Resampling.LANCZOS))
    assert np.abs(drawn - np.minimum(theirs, theirs[..., 3:])).max() <= 2


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_a_large_picture_is_brought_down_in_steps(tmp_path: Path, suffix: str) -> None:
    """The quick way stays near the exact filter: JPEG decoded at an eighth, PNG by boxes."""
    picture = noise(2403, 1601, smooth=160)
    options = {"quality": 95} if suffix == "jpg" else {"compress_level": 1}
    drawn = pixels(save(tmp_path / f"a.{suffix}", picture, **options), 90, 60)[..., :3].astype(int)
    exact = np.asarray(picture.resize((90, 60), Image.Resampling.LANCZOS))
    assert np.abs(drawn - exact).max() <= 4
    assert np.abs(drawn - exact).mean() < 0.7


def test_no_dark_fringe_around_a_shape(tmp_path: Path) -> None:
    """White on transparent black stays white, however it is scaled."""
    picture = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    picture.paste((255, 255, 255, 255), (20, 20, 44, 44))
    for size in (23, 64, 151):
        drawn = pixels(save(tmp_path / "a.png", picture), size, size).astype(int)
        assert np.abs(drawn[..., :3] - drawn[..., 3:]).max() <= 1


# A backdrop -----------------------------------------------------------------------------------


def gaussian(samples: npt.NDArray[np.float64], sigma: float) -> npt.NDArray[np.float64]:
    """Rows and columns convolved with a sampled Gaussian, mirrored beyond the border."""
    reach = round(5 * sigma)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    for axis in (0, 1):
        sides = [(reach, reach) if i == axis else (0, 0) for i in range(3)]
        padded = np.pad(samples, sides, mode="symmetric")
        windows = np.lib.stride_tricks.sliding_window_view(padded, len(kernel), axis)
        samples = windows @ (kernel / kernel.sum())
    return samples


@pytest.mark.parametrize("size", [(160, 90), (90, 160), (100, 100)])
@pytest.mark.parametrize("orientation", [1, 3, 6])
@pytest.mark.parametrize("suffix", ["png", "jpeg"])
@pytest.mark.slow
def test_a_backdrop_is_cut_from_the_middle_and_blurred(
    tmp_path: Path, suffix: str, orientation: int, size: tuple[int, int]
) -> None:
    channels = 4 if suffix == "png" else 3
    picture = noise(640, 480, channels, 40)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    path = save(tmp_path / f"a.{suffix}", picture, exif=exif, quality=98)
    bitmap = load_still(path, *size, 0.05)
    drawn = np.frombuffer(bitmap.planes[0], np.uint8).reshape(size[1], size[0], 4)
    assert (drawn[..., :3] <= drawn[..., 3:]).all()

    turned = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_270}
    upright = picture.transpose(turned[orientation]) if orientation in turned else picture
    scale = max(size[0] / upright.width, size[1] / upright.height)
    x, y = (upright.width - size[0] / scale) / 2, (upright.height - size[1] / scale) / 2
    box = (x, y, upright.width - x, upright.height - y)
    cut = upright.convert("RGBA").convert("RGBa").resize(size, Image.Resampling.LANCZOS, box)
    away = drawn - gaussian(np.asarray(cut).astype(float), 0.05 * min(size))
    assert np.abs(away).mean() < 0.8
    assert np.abs(away).max() < 6


def test_a_backdrop_of_one_colour_is_that_colour(tmp_path: Path) -> None:
    path = save(tmp_path / "a.png", Image.new("RGBA", (30, 50), (200, 100, 10, 255)))
    drawn = np.frombuffer(load_still(path, 160, 90, 0.05).planes[0], np.uint8).reshape(-1, 4)
    assert (drawn == [200, 100, 10, 255]).all()


# Errors ----------------------------------------------------------------------------------------


def test_a_missing_file(tmp_path: Path) -> None:
    assert problem(tmp_path / "no.png")[0] == "missing-file"
    assert problem(tmp_path)[0] == "missing-file"


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n", b"GIF89a"])
def test_files_that_are_not_pictures(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    assert problem(path)[0] in CODES
    with pytest.raises(ProbeError):
        probe(path)


@pytest.mark.parametrize("suffix", ["png", "jpg", "tiff", "gif", "ppm", "bmp", "tga"])
def test_of_a_truncated_file_the_intact_part_is_shown(tmp_path: Path, suffix: str) -> None:
    """The existing part matches the whole file; a note says what is missing."""
    options = {"interlace": 0} if suffix == "gif" else {}
    path = save(tmp_path / f"a.{suffix}", noise(200, 150, smooth=2), **options)
    whole = pixels(path, 200, 150)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 6 // 10])
    bottom_up = suffix in ("bmp", "tga")
    intact = slice(-60, None) if bottom_up else slice(None, 60)
    assert (pixels(path, 200, 150)[intact] == whole[intact]).all()
    (note,) = probe(path).notes
    side = "topmost" if bottom_up else "lowest"
    assert note.code == "damaged-image"
    assert re.search(rf"the {side} [456]\d of its 150 rows are missing", note.message)


def test_a_truncated_webp_is_refused(tmp_path: Path) -> None:
    """Its decoder gives nothing before it has everything."""
    path = save(tmp_path / "a.webp", noise(200, 150, smooth=2))
    path.write_bytes(path.read_bytes()[:2000])
    assert problem(path)[0] == "damaged-media"
    with pytest.raises(ProbeError, match=r"a\.webp"):
        probe(path)


def test_a_decompression_bomb(tmp_path: Path) -> None:
    """A PNG header of 60000 by 60000 pixels; nothing of that size is ever allocated."""
    path = save(tmp_path / "a.png", Image.new("L", (8, 8)))
    content = bytearray(path.read_bytes())
    content[16:24] = struct.pack(">II", 60_000, 60_000)
    content[29:33] = struct.pack(">I", PngImagePlugin._crc32(bytes(content[12:29])))
    path.write_bytes(content)
    code, message, _ = problem(path)
    assert code == "image-too-large"
    assert "3,600,000,000 pixels" in message
    with pytest.raises(ProbeError):
        probe(path)


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "tiff", "gif", "bmp"])
def test_damage_never_ends_in_another_exception(tmp_path: Path, suffix: str) -> None:
    """Only ``UserError`` comes out, and no warning, whatever bytes change."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    good = io.BytesIO()
    image = noise(40, 30, smooth=3)
    image.save(good, {"jpg": "jpeg"}.get(suffix, suffix), exif=exif)
    chance = random.Random(3)
    path = tmp_path / f"a.{suffix}"
    for _ in range(60):
        damaged = bytearray(good.getvalue())
        for _ in range(chance.randrange(1, 12)):
            damaged[chance.randrange(chance.choice([60, len(damaged)]))] = chance.randrange(256)
        path.write_bytes(damaged)
        try:
            load_still(path, 10, 10)
        except UserError as error:
            assert error.problems[0].code in CODES  # noqa: PT017
        with contextlib.suppress(ProbeError):
            probe(path)


def test_threads_do_not_disturb_each_other(tmp_path: Path) -> None:
    path = save(tmp_path / "a.png", noise(50, 50))
    expected = load_still(path, 20, 20)
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(load_still(path, 20, 20))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 8


def test_a_known_picture_is_not_opened_again(tmp_path: Path) -> None:
    """A second look at an unchanged file loads no reader at all."""
    path = save(tmp_path / "a.png", noise(8, 8))
    first = ProbeCache(tmp_path / "cache")(path)
    script = (
        "import sys; from pathlib import Path; from vedc.media.known_files import ProbeCache;"
        f"info = ProbeCache(Path({str(tmp_path / 'cache')!r}))(Path({str(path)!r}));"
        "print(info.video.width, *(m for m in ('PIL', 'av', 'numpy', 'cv2') if m in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert first.video is not None
    assert done.stdout.split() == ["8"]
