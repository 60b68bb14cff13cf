"""Measures of made pictures, against formulas written out by hand and motions that are known."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from vedc.color import Color
from vedc.decide.analyses.analysis import AnalysisRequest, PictureBlock, Watcher
from vedc.decide.analyses.decode_video import frame_count, luma_size
from vedc.decide.analyses.keyframes import _greedy, keyframes
from vedc.decide.analyses.measures import Measures, colorfulness, sharpness
from vedc.decide.analyses.picture_signatures import picture_signatures, signature_distance
from vedc.decide.analyses.result_cache import ResultCache
from vedc.decide.analyses.results import Curves, HeldThumbs, KeyFrames, Shot, Shots, Thumbs
from vedc.decide.analyses.runner import AnalysisRunner
from vedc.decide.analyses.thumbs import FileThumbs, ThumbsWriter, open_thumbs
from vedc.edit.media_info import MediaInfo, VideoInfo
from vedc.errors import InternalError, RenderError

RATE = Fraction(30)


def media(rate: Fraction = RATE, frames: int | None = 90, **changes: object) -> MediaInfo:
    words: dict[str, object] = {
        "width": 1280,
        "height": 720,
        "sar": Fraction(1),
        "rotation": 0,
        "pix_fmt": "yuv420p",
        "format": "yuv420p",
        "rate": rate,
        "color": Color(),
        "tagged": True,
        "codec": "h264",
        "time_base": 1 / rate,
        "frames": frames,
    }
    video = VideoInfo(**(words | changes))  # type: ignore[arg-type]  # a dict of words
    duration = None if frames is None else frames / rate
    return MediaInfo("film.mp4", 1, 1, "video", "mov,mp4", duration, video)


def world(seed: int = 1, size: int = 900) -> np.ndarray:
    """Texture with detail at all scales, as natural pictures have it: codes 0 to 255."""
    rng = np.random.default_rng(seed)
    fy, fx = np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None]
    falls = 1 / np.maximum(np.hypot(fy, fx), 2 / size)
    waves = np.fft.rfft2(rng.normal(size=(size, size))) * falls * (np.hypot(fy, fx) < 0.1)
    picture = np.fft.irfft2(waves, s=(size, size))
    return 128 + 45 * (picture - picture.mean()) / picture.std()


def window(picture: np.ndarray, x: float, y: float) -> np.ndarray:
    """320 x 180 of it from (x, y) on, between pixels by bilinear interpolation."""
    left, top = int(np.floor(x)), int(np.floor(y))
    a, b = x - left, y - top
    part = picture[top : top + 181, left : left + 321]
    rows = part[:-1] * (1 - b) + part[1:] * b
    return rows[:, :-1] * (1 - a) + rows[:, 1:] * a


def thumbs_of(luma: np.ndarray) -> np.ndarray:
    """Grey thumbs of luma (n, 180, 320): plain means of the area under each pixel,
    approximately."""
    rows = np.linspace(0, 180, 28).round().astype(int)
    columns = np.linspace(0, 320, 49).round().astype(int)
    sums = np.add.reduceat(np.add.reduceat(luma.astype(float), rows[:-1], 1), columns[:-1], 2)
    areas = np.diff(rows)[:, None] * np.diff(columns)[None]
    return np.repeat(np.rint(sums / areas).astype(np.uint8)[..., None], 3, -1)


def measured(frames: list[np.ndarray], rate: Fraction = RATE, block: int = 64) -> Curves:
    luma = np.clip(np.rint(np.stack(frames)), 0, 255).astype(np.uint8)
    thumbs = thumbs_of(luma)
    watcher = Measures(media(rate))
    for first in range(0, len(luma), block):
        part = slice(first, first + block)
        watcher.push(PictureBlock(first, thumbs[part], luma[part]))
    return watcher.finish()


# -- motion ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("dx", "dy"), [(0.5, 0), (2, 0), (0, 3), (-3, 1.5), (9, 0), (0, -6)])
@pytest.mark.parametrize("rate", [Fraction(25), Fraction(30), Fraction(60)])
def test_a_pan_has_its_speed(dx: float, dy: float, rate: Fraction) -> None:
    """Pixels a frame of the 320 that are the longer side, times frames a second."""
    texture = world()
    frames = [window(texture, 280 + dx * (i - 15), 360 + dy * (i - 15)) for i in range(30)]
    speed = np.hypot(dx, dy) / 320 * float(rate)
    curves = measured(frames, rate)
    camera = curves.values["camera"]
    assert np.median(camera) == pytest.approx(speed, rel=0.2)
    assert np.median(curves.values["motion"]) >= 0.85 * min(speed, 1)
    assert np.median(curves.values["motion"]) <= max(1.6 * speed, 0.02)


def test_faster_is_more() -> None:
    texture = world(2)
    found = []
    for step in (0, 0.25, 0.5, 1, 2, 4, 8):
        frames = [window(texture, 100 + step * i, 300) for i in range(20)]
        found.append(float(np.median(measured(frames).values["motion"])))
    assert found == sorted(found) and len(set(found)) == len(found)
    assert found[0] < 0.002


def test_what_moves_in_part_is_motion_but_not_the_camera() -> None:
    """A quarter of the picture moves at 3 pixels a frame."""
    still, moving = window(world(3), 100, 100), world(4)
    frames = []
    for i in range(30):
        frame = still.copy()
        frame[90:, 160:] = window(moving, 100 + 3 * i, 100)[90:, 160:]
        frames.append(frame)
    curves = measured(frames)
    assert np.median(curves.values["motion"]) > 0.03
    assert curves.values["camera"].max() < 0.01


def noise(frame: np.ndarray, i: int) -> np.ndarray:
    return frame + np.random.default_rng(i).normal(0, 3, frame.shape)


def exposure(frame: np.ndarray, i: int) -> np.ndarray:
    return 128 + (frame - 128) * (1 + 0.01 * i) + 0.5 * i


def flash(frame: np.ndarray, i: int) -> np.ndarray:
    return frame + (90 if i in (12, 13) else 0)


@pytest.mark.parametrize("change", [noise, exposure, flash])
def test_what_changes_without_moving_is_hardly_motion(
    change: Callable[[np.ndarray, int], np.ndarray],
) -> None:
    """All less than the slow pan of a quarter pixel a frame: 0.023 a second."""
    still = window(world(5), 100, 100)
    curves = measured([change(still, i) for i in range(30)])
    assert curves.values["motion"].max() < 0.02
    assert curves.values["camera"].max() < 0.01


def test_a_cut_is_not_motion() -> None:
    frames = [window(world(6), 50, 50)] * 15 + [window(world(7), 50, 50)] * 15
    curves = measured(frames)
    assert curves.values["motion"].max() < 0.005
    assert curves.values["difference"][15] == curves.values["difference"].max() > 0.05


def test_repeated_frames_do_not_halt_motion() -> None:
    """12.5 pictures a second, each shown twice: motion as without the repeats."""
    texture = world(8)
    each = [window(texture, 100 + 2 * i, 300) for i in range(60)]
    repeated = [each[i // 2 * 2] for i in range(60)]
    rate = Fraction(25)
    smooth, halting = (measured(f, rate).values["camera"] for f in (each, repeated))
    assert np.median(halting) == pytest.approx(np.median(smooth), rel=0.15)
    assert halting.min() > 0.5 * smooth.min()


def test_a_steady_pan_does_not_shake_and_a_shaking_camera_does() -> None:
    texture, rng = world(9), np.random.default_rng(1)
    steady = measured([window(texture, 100 + 2 * i, 300) for i in range(60)])
    shaken = measured(
        [
            window(texture, 100 + 2 * i + a, 300 + b)
            for i, (a, b) in enumerate(rng.normal(0, 2, (60, 2)))
        ]
    )
    assert steady.values["shake"].max() < 0.03
    assert np.median(shaken.values["shake"]) > 5 * np.median(steady.values["shake"])


def test_flat_and_black_pictures_stand_still() -> None:
    rng = np.random.default_rng(0)
    for level in (0, 16, 128, 255):
        frames = [level + rng.normal(0, 1, (180, 320)) for _ in range(10)]
        curves = measured(frames)
        assert curves.values["motion"].max() < 0.02
        assert curves.values["sharpness"].max() < 0.15


def test_blocks_do_not_matter() -> None:
    texture = world(10)
    frames = [window(texture, 100 + 1.5 * i, 300) for i in range(70)]
    whole, pieces = measured(frames, block=70), measured(frames, block=7)
    for name, values in whole.values.items():
        np.testing.assert_allclose(pieces.values[name], values, atol=2e-5, err_msg=name)
        assert len(values) == 70 and values.dtype == np.float32


def test_one_frame_is_enough() -> None:
    curves = measured([window(world(), 0, 0)])
    assert all(len(values) == 1 and np.isfinite(values).all() for values in curves.values.values())
    assert curves.values["motion"][0] == curves.values["novelty"][0] == 0


# -- sharpness, colour, light ----------------------------------------------------------------


@pytest.mark.parametrize("width", [1, 2, 4, 8])
@pytest.mark.parametrize("contrast", [60, 200])
def test_sharpness_is_one_over_the_width_of_edges(width: int, contrast: int) -> None:
    """Bars whose edges are ramps over so many pixels."""
    ramp = np.clip(np.arange(40) / width, 0, 1)
    bars = np.tile(np.concatenate([ramp, 1 - ramp]), 4) * contrast + 20
    picture = np.tile(np.rint(bars), (180, 1)).astype(np.uint8)
    near = 0.25 if contrast == 60 else 0.12
    if contrast / width > 12:  # well above noise
        assert sharpness(picture) == pytest.approx(1 / width, rel=near)
        assert sharpness(picture.T.copy()) == pytest.approx(1 / width, rel=near)
    assert sharpness(picture) <= 1.12 / width


def test_sharpness_falls_as_pillow_blurs() -> None:
    from PIL import Image, ImageFilter

    rng = np.random.default_rng(0)
    picture = Image.fromarray(
        np.kron(rng.integers(0, 255, (18, 32)), np.ones((10, 10))).astype("u1")
    )
    found = [
        sharpness(np.asarray(picture.filter(ImageFilter.GaussianBlur(radius))))
        for radius in (0, 0.5, 1, 2, 4)
    ]
    assert all(a > 1.2 * b for a, b in pairwise(found))


def test_colorfulness_by_hand() -> None:
    """Hasler and Suesstrunk's equations, with Python's own statistics."""
    import statistics

    rgb = np.random.default_rng(3).integers(0, 200, (1, 27, 48, 3)).astype(np.uint8)
    red, green, blue = (rgb[0, ..., k].ravel().astype(int).tolist() for k in range(3))
    rg = [r - g for r, g in zip(red, green, strict=True)]
    yb = [(r + g) / 2 - b for r, g, b in zip(red, green, blue, strict=True)]
    deviation = (statistics.pvariance(rg) + statistics.pvariance(yb)) ** 0.5
    mean = (statistics.fmean(rg) ** 2 + statistics.fmean(yb) ** 2) ** 0.5
    assert colorfulness(rgb)[0] == pytest.approx(min(1, (deviation + 0.3 * mean) / 109), rel=1e-5)
    assert colorfulness(np.full((1, 27, 48, 3), 77, np.uint8))[0] == 0


def test_brightness_and_contrast() -> None:
    halves = np.concatenate([np.full((180, 160), 51.0), np.full((180, 160), 204.0)], axis=1)
    curves = measured([halves, halves])
    assert curves.values["brightness"][0] == pytest.approx(0.5)
    assert curves.values["contrast"][0] == pytest.approx(0.3)


@pytest.mark.slow
def test_novelty_rises_at_what_is_new_and_fades_in_four_seconds() -> None:
    one, other = np.full((180, 320), 40.0), np.full((180, 320), 200.0)
    novelty = measured([one] * 150 + [other] * 240).values["novelty"]
    assert novelty[:150].max() == 0
    assert novelty[158] > 0.5
    fading = novelty[160:285:15]
    assert (np.diff(fading) < 0).all()
    assert novelty[280:].max() == 0


def test_likeness() -> None:
    grey, noisy = np.full((1, 27, 48, 3), 100, np.uint8), np.full((1, 27, 48, 3), 101, np.uint8)
    white = np.full((1, 27, 48, 3), 255, np.uint8)
    assert signature_distance(picture_signatures(grey), picture_signatures(grey))[0, 0] == 0
    assert signature_distance(picture_signatures(grey), picture_signatures(noisy))[0, 0] < 0.01
    assert signature_distance(picture_signatures(grey), picture_signatures(white))[0, 0] == 1
    # A thing that moves across the same ground is less new than another ground.
    here, there = grey.copy(), grey.copy()
    here[:, 5:15, 5:15] = there[:, 5:15, 30:40] = (250, 40, 40)
    assert 0 < signature_distance(picture_signatures(here), picture_signatures(there))[0, 0] < 0.3


def test_layouts_are_in_lab_of_srgb() -> None:
    """Well-known values of the primaries, and white without colour."""
    known = {(255, 0, 0): (53.24, 80.09, 67.20), (0, 255, 0): (87.73, -86.18, 83.18),
             (0, 0, 255): (32.30, 79.19, -107.86), (255, 255, 255): (100, 0, 0),
             (0, 0, 0): (0, 0, 0), (119, 119, 119): (50.03, 0, 0)}  # fmt: skip
    for rgb, lab in known.items():
        layouts = picture_signatures(np.full((1, 27, 48, 3), rgb, np.uint8)).layouts
        assert layouts.shape == (1, 108, 3) and layouts.dtype == np.float32
        np.testing.assert_allclose(layouts[0], np.tile(lab, (108, 1)), atol=0.05)


# -- thumbs on the disk ----------------------------------------------------------------------


def written(path: Path, count: int, step: int = 50) -> np.ndarray:
    frames = np.random.default_rng(count).integers(0, 256, (count, 27, 48, 3)).astype(np.uint8)
    writer = ThumbsWriter(path, Fraction(30000, 1001))
    for start in range(0, count, step):
        writer.write(frames[start : start + step])
    writer.finish()
    return frames


@pytest.mark.parametrize("count", [0, 1, 63, 64, 65, 200])
def test_thumbs_are_read_as_written(tmp_path: Path, count: int) -> None:
    frames = written(tmp_path / "t", count)
    thumbs = open_thumbs(tmp_path / "t")
    assert len(thumbs) == count and thumbs.rate == Fraction(30000, 1001)
    assert (thumbs.read(0, count) == frames).all()
    for start, end in [(0, 0), (0, 1), (60, 70), (63, 129), (count, count)]:
        if end <= count:
            assert (thumbs.read(start, end) == frames[start:end]).all()


def test_what_thumbs_hand_out_may_be_written_into(tmp_path: Path) -> None:
    frames = written(tmp_path / "t", 70)
    thumbs = open_thumbs(tmp_path / "t")
    thumbs.read(0, 70)[:] = 0
    assert (thumbs.read(0, 70) == frames).all()


def test_thumbs_keep_few_blocks(tmp_path: Path) -> None:
    written(tmp_path / "t", 64 * 12)
    thumbs = open_thumbs(tmp_path / "t")
    assert isinstance(thumbs, FileThumbs)
    thumbs.read(0, 64 * 12)
    assert len(thumbs._blocks) <= 4


def test_thumbs_outside_are_a_bug(tmp_path: Path) -> None:
    written(tmp_path / "t", 10)
    for start, end in [(-1, 2), (5, 11), (6, 5)]:
        with pytest.raises(InternalError):
            open_thumbs(tmp_path / "t").read(start, end)


def test_unfinished_thumbs_do_not_open(tmp_path: Path) -> None:
    writer = ThumbsWriter(tmp_path / "t", RATE)
    writer.write(np.zeros((100, 27, 48, 3), np.uint8))
    writer._file.flush()
    with pytest.raises(ValueError, match="t'"):
        open_thumbs(tmp_path / "t")
    writer.finish()
    assert len(open_thumbs(tmp_path / "t")) == 100


def test_damage_to_thumbs_never_goes_unseen(tmp_path: Path) -> None:
    frames = written(tmp_path / "t", 130)
    whole = (tmp_path / "t").read_bytes()
    places = [*range(76), *range(76, len(whole), 4999), len(whole) - 1]
    damaged = tmp_path / "damaged"
    for place in places:
        damaged.write_bytes(whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :])
        with pytest.raises(ValueError, match="damaged"):
            open_thumbs(damaged).read(0, 130)
    for length in [0, 7, 50, 60, 1000, len(whole) // 2, len(whole) - 1]:
        damaged.write_bytes(whole[:length])
        with pytest.raises(ValueError, match="damaged"):
            open_thumbs(damaged)
    damaged.write_bytes(whole + b"x")
    with pytest.raises(ValueError, match="damaged"):
        open_thumbs(damaged)
    assert (open_thumbs(tmp_path / "t").read(0, 130) == frames).all()


def test_thumbs_of_another_key_do_not_open(tmp_path: Path) -> None:
    cache = ResultCache(tmp_path)
    for key in ("one", "two"):
        writer = ThumbsWriter(tmp_path / "draft", RATE, key)
        writer.write(np.zeros((3, 27, 48, 3), np.uint8))
        writer.finish()
        assert len(cache.put_thumbs(key, tmp_path / "draft")) == 3
    assert cache.get("one", Thumbs) is not None
    cache.place("two", Thumbs).rename(cache.place("one", Thumbs))
    assert cache.get("one", Thumbs) is None and cache.damaged == [cache.place("one", Thumbs)]


@pytest.mark.parametrize("place", [80, 400])
def test_damaged_thumbs_are_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    sweeps = []

    def sweep(media: MediaInfo, watchers: list[Watcher], progress: object, threads: int) -> None:
        sweeps.append(len(watchers))
        thumbs = np.random.default_rng(1).integers(0, 256, (9, 27, 48, 3)).astype(np.uint8)
        for watcher in watchers:
            watcher.push(PictureBlock(0, thumbs, np.zeros((9, 180, 320), np.uint8)))

    monkeypatch.setattr("vedc.decide.analyses.decode_video.decode_video", sweep)
    ask = AnalysisRequest.of("thumbs", media())
    (first,) = AnalysisRunner(tmp_path, lambda path: "content")(ask)
    (file,) = tmp_path.glob("*.thumbs")
    frames, whole = first.read(0, 9), file.read_bytes()
    file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
    (again,) = AnalysisRunner(tmp_path, lambda path: "content")(ask)
    assert (again.read(0, 9) == frames).all()
    assert file.read_bytes() == whole and len(sweeps) == 2
    AnalysisRunner(tmp_path, lambda path: "content")(ask)
    assert len(sweeps) == 2


def test_a_block_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    from vedc.decide.analyses.thumbs import _unpack

    bomb = zlib.compress(bytes(50_000_000))
    assert len(_unpack(bomb, 2)) == 2  # no more is unpacked than was asked for
    with pytest.raises(ValueError, match="short"):
        _unpack(zlib.compress(bytes(100)), 2)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("blocks", [1, 4])
def test_a_full_disk_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, blocks: int
) -> None:
    """Noticed while blocks are written, or at the end where all fits into a buffer."""
    cache = tmp_path / "cache"
    cache.mkdir()
    draft = cache / "draft"
    draft.symlink_to("/dev/full")

    @contextmanager
    def full(cache: ResultCache) -> Iterator[Path]:
        try:
            yield draft
        finally:
            draft.unlink()

    monkeypatch.setattr(ResultCache, "draft", full)
    rng = np.random.default_rng(0)
    frames = 2 if blocks == 1 else 64
    pushed = []

    def sweep(media: MediaInfo, watchers: list[Watcher], progress: object, threads: int) -> None:
        for first in range(0, blocks * frames, frames):
            thumbs = rng.integers(0, 256, (frames, 27, 48, 3)).astype(np.uint8)
            for watcher in watchers:
                watcher.push(PictureBlock(first, thumbs, np.zeros((frames, 180, 320), np.uint8)))
            pushed.append(first)

    monkeypatch.setattr("vedc.decide.analyses.decode_video.decode_video", sweep)
    with pytest.raises(RenderError, match=r"cannot-use-cache.*no space left") as caught:
        AnalysisRunner(cache, lambda path: "content")(AnalysisRequest.of("thumbs", media()))
    assert str(cache) in str(caught.value) and "--cache" in str(caught.value.problems[0].hint)
    assert len(pushed) == (1 if blocks == 1 else 0)
    assert not list(cache.iterdir())


# -- key frames ------------------------------------------------------------------------------


def colored(*levels: tuple[int, int, int]) -> np.ndarray:
    return np.stack([np.full((27, 48, 3), level, np.uint8) for level in levels])


def flat_curves(count: int, **changes: np.ndarray) -> Curves:
    values = {
        "sharpness": np.full(count, 0.5),
        "motion": np.zeros(count),
        "brightness": np.full(count, 0.5),
        "contrast": np.full(count, 0.2),
    }
    return Curves({k: v.astype(np.float32) for k, v in (values | changes).items()}, RATE)


def shots(*ends: int, **boundaries: tuple[int, int]) -> Shots:
    starts = (0, *ends[:-1])
    made = []
    for i, (start, end) in enumerate(zip(starts, ends, strict=True)):
        reach = boundaries.get(f"joint{i}", (start, start))
        kind = "start" if not i else "dissolve" if f"joint{i}" in boundaries else "cut"
        made.append(Shot(start, end, start, kind, 1.0, reach))  # type: ignore[arg-type]
    return Shots(tuple(made), RATE, "classical")


RED, BLUE, GREEN = (200, 30, 30), (30, 30, 200), (30, 180, 40)


def chosen(thumbs: np.ndarray, curves: Curves, found: Shots, **params: int) -> KeyFrames:
    return keyframes(media(), HeldThumbs(thumbs, RATE), curves, found, **params)


def test_greedy_keeps_its_promise() -> None:
    """At least 1 - 1/e of the best of all choices, which are tried one and all."""
    from itertools import combinations

    rng = np.random.default_rng(7)
    for _ in range(20):
        points = rng.random((12, 2))
        distance = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1)).astype(np.float32)
        weights = rng.random(12).astype(np.float32)
        quality = rng.uniform(0.5, 1, 12).astype(np.float32)
        worth = np.maximum(1 - distance, 0) * quality

        def reached(
            of: tuple[int, ...], worth: np.ndarray = worth, w: np.ndarray = weights
        ) -> float:
            return float(w @ worth[:, list(of)].max(axis=1))

        best = max(reached(c) for c in combinations(range(12), 3))
        got = reached(tuple(_greedy(distance, weights, quality, 3)))
        assert (1 - 1 / np.e) * best <= got <= best + 1e-5


def test_every_picture_that_differs_has_a_key_frame() -> None:
    film = colored(*[RED] * 60, *[BLUE] * 90, *[GREEN] * 150)
    found = chosen(film, flat_curves(300), shots(60, 150, 300))
    assert [one.shot for one in found.frames] == [0, 1, 2]
    assert [one.covers for one in found.frames] == pytest.approx([0.2, 0.3, 0.5], abs=1e-5)
    assert [
        one.shot for one in chosen(film, flat_curves(300), shots(60, 150, 300), count=2).frames
    ] == [
        1,
        2,
    ]


def test_two_cameras_in_turn_need_two() -> None:
    film = colored(*([RED] * 50 + [BLUE] * 50) * 5)
    found = chosen(film, flat_curves(500), shots(*range(50, 501, 50)))
    assert len(found.frames) == 2
    assert [one.covers for one in found.frames] == pytest.approx([0.5, 0.5], abs=1e-5)


def test_a_shot_that_changes_has_several() -> None:
    film = colored(*[RED] * 100, *[GREEN] * 100)
    assert len(chosen(film, flat_curves(200), shots(200)).frames) == 2


def test_the_sharp_and_still_frame_is_taken() -> None:
    sharp, motion = np.full(100, 0.3), np.full(100, 0.5)
    sharp[37], motion[37] = 0.6, 0
    found = chosen(
        colored(*[RED] * 100), flat_curves(100, sharpness=sharp, motion=motion), shots(100)
    )
    assert [one.frame for one in found.frames] == [37]
    assert found.frames[0].score == pytest.approx(1.0)


def test_no_frame_of_a_transition_of_black_or_of_a_flash() -> None:
    """Only frames 20 to 29 and 70 to 79 are free of all three, and they are the worst."""
    light, contrast, sharp = np.full(100, 0.5), np.full(100, 0.2), np.full(100, 0.9)
    light[:20], contrast[:20] = 0.01, 0.01
    light[80:84] = 0.9
    light[84:], contrast[84:] = 0.02, 0.0
    sharp[20:30] = sharp[70:80] = 0.1
    film = colored(*[RED] * 50, *[BLUE] * 50)
    curves = flat_curves(100, brightness=light, contrast=contrast, sharpness=sharp)
    found = chosen(film, curves, shots(50, 100, joint1=(30, 70)))
    assert len(found.frames) == 2
    assert 20 <= found.frames[0].frame < 30
    assert 70 <= found.frames[1].frame < 80


def test_a_black_film_has_no_key_frame_and_neither_has_an_empty_one() -> None:
    black = flat_curves(50, brightness=np.zeros(50), contrast=np.zeros(50))
    assert chosen(colored(*[(0, 0, 0)] * 50), black, shots(50)).frames == ()
    empty = Shots((), RATE, "classical")
    assert chosen(np.zeros((0, 27, 48, 3), np.uint8), flat_curves(0), empty).frames == ()


@pytest.mark.slow
def test_very_many_shots_stay_bounded() -> None:
    film = colored(*([RED, BLUE, GREEN] * 1200))
    found = chosen(film, flat_curves(3600), shots(*range(1, 3601)))
    assert 1 <= len(found.frames) <= 3


# -- sizes, and missing parts ------------------------------------------------------------


def test_frames_are_counted_as_clips_show_them() -> None:
    assert frame_count(media(Fraction(30000, 1001), 100)) == 100
    assert frame_count(media(frames=1)) == 1


@pytest.mark.parametrize(
    ("changes", "size"),
    [
        ({}, (180, 320)),
        ({"rotation": 90}, (320, 180)),
        ({"width": 720, "height": 576, "sar": Fraction(64, 45)}, (180, 320)),
        ({"width": 101, "height": 67}, (212, 320)),
        ({"width": 5000, "height": 2}, (1, 320)),
    ],
)
def test_the_longer_side_of_the_luma_is_320(
    changes: dict[str, object], size: tuple[int, int]
) -> None:
    info = media(**changes).video
    assert info is not None
    assert luma_size(info) == size
