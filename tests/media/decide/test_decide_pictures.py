"""The sweep against whole pictures decoded another way, and against the reader."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame

from tests.bench.measure import MEDIA
from tests.media.make import read_luma_number, write_numbered
from vedc.decide.analyses.analysis import PictureBlock, get
from vedc.decide.analyses.decode_video import BLOCK, decode_video, frame_count
from vedc.decide.analyses.results import Curves
from vedc.decide.analyses.thumbs import open_thumbs
from vedc.edit.media_info import MediaInfo
from vedc.errors import RenderError
from vedc.media.probe import probe
from vedc.media.reader import VideoReader

FAST = {"preset": "veryfast", "crf": "18"}


class Seen:
    """Keeps every block."""

    def __init__(self) -> None:
        self.blocks: list[PictureBlock] = []

    def push(self, block: PictureBlock) -> None:
        self.blocks.append(block)

    def finish(self) -> Curves:
        raise AssertionError("sweeping does not finish a watcher")

    @property
    def luma(self) -> np.ndarray:
        return np.concatenate([b.luma for b in self.blocks])

    @property
    def thumbs(self) -> np.ndarray:
        return np.concatenate([b.thumbs for b in self.blocks])


def swept(path: Path | MediaInfo, threads: int = 0) -> Seen:
    seen = Seen()
    decode_video(probe(path) if isinstance(path, Path) else path, [seen], threads=threads)
    return seen


def real(name: str) -> Path:
    path = MEDIA / name
    if not path.exists():
        pytest.skip(f"{path} is not there (set VEDC_MEDIA)")
    return path


# -- which frames ----------------------------------------------------------------------------

VFR = [i * 40 + (i * i * 7) % 29 for i in range(150)]
#: Pictures that last one frame or many, and some so short that they are never shown.
WILD = sorted({(i * i * 13 + i * 37) % 6000 for i in range(90)} | {0})

FILMS = {
    "bframes.mp4": {"frames": 150, "options": FAST, "b_frames": 3},
    "vfr.mp4": {"frames": 150, "times": VFR, "time_base": Fraction(1, 1000), "options": FAST},
    "wild.mkv": {"frames": len(WILD), "times": WILD, "time_base": Fraction(1, 1000),
                 "options": FAST},
    "ntsc.mkv": {"frames": 100, "rate": Fraction(30000, 1001), "options": FAST},
    "offset.ts": {"frames": 90, "time_base": Fraction(1, 90000), "start": 270000,
                  "times": [i * 3600 for i in range(90)], "options": FAST},
    "program.mpg": {"frames": 60, "codec": "mpeg2video"},
    "raw.h264": {"frames": 70, "options": FAST},
    "edited.mp4": {"frames": 60, "start": -10, "options": FAST},
    "turned.mp4": {"frames": 20, "rotation": 180, "options": FAST},
}  # fmt: skip


@pytest.mark.parametrize("name", FILMS)
def test_each_frame_is_the_one_that_the_reader_shows(tmp_path: Path, name: str) -> None:
    path = write_numbered(tmp_path / name, **FILMS[name])  # type: ignore[arg-type]
    info = probe(path)
    assert info.video is not None
    seen = swept(info)
    count = frame_count(info)
    assert [b.first for b in seen.blocks] == list(range(0, count, BLOCK))
    assert len(seen.luma) == len(seen.thumbs) == count
    reader = VideoReader(info, None)
    for i in range(count):
        shown = reader.frame_at(i / info.video.rate)
        wanted = read_luma_number(shown.to_ndarray(format="gray8").astype(np.int64))
        assert read_luma_number(seen.luma[i].astype(np.int64)) == wanted, i
        assert read_luma_number(seen.thumbs[i, ..., 1].astype(np.int64)) == wanted, i
    reader.close()


def test_a_file_that_claims_more_holds_its_last_frame(tmp_path: Path) -> None:
    info = probe(write_numbered(tmp_path / "a.mp4", 30, options=FAST))
    assert info.video is not None
    claims = replace(info, duration=Fraction(4), video=replace(info.video, frames=100))
    seen = swept(claims)
    assert len(seen.luma) == 100
    assert [read_luma_number(p.astype(np.int64)) for p in seen.luma[[28, 29, 30, 99]]] == [
        28, 29, 29, 29,
    ]  # fmt: skip


def test_a_file_without_a_length_is_counted(tmp_path: Path) -> None:
    info = probe(write_numbered(tmp_path / "a.mp4", 30, options=FAST))
    assert info.video is not None
    assert len(swept(replace(info, duration=None)).luma) == 30


def test_a_film_cut_short_since_it_was_probed_holds_its_last_frame(tmp_path: Path) -> None:
    path = write_numbered(tmp_path / "a.mkv", 120, width=320, height=240, codec="ffv1")
    info = probe(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    # The existing part is intact: its last frame is held, as in clips.
    assert len(swept(info).luma) == frame_count(info) == 120


def test_a_damaged_film_is_refused(tmp_path: Path) -> None:
    path = write_numbered(tmp_path / "a.mp4", 60, options=FAST)
    info = probe(path)
    data = bytearray(path.read_bytes())
    at = data.index(b"mdat") + 2000
    data[at : at + 4000] = bytes(range(250)) * 16
    path.write_bytes(data)
    with pytest.raises(RenderError, match="damaged-media"):
        swept(info)


def test_a_file_that_has_gone_is_reported(tmp_path: Path) -> None:
    path = write_numbered(tmp_path / "a.mp4", 10, options=FAST)
    info = probe(path)
    path.unlink()
    with pytest.raises(RenderError, match="no-such-file"):
        swept(info)


def test_a_watcher_that_fails_ends_the_sweep(tmp_path: Path) -> None:
    class Failing(Seen):
        def push(self, block: PictureBlock) -> None:
            raise KeyError("mine")

    info = probe(write_numbered(tmp_path / "a.mp4", 200, options=FAST))
    with pytest.raises(KeyError, match="mine"):
        decode_video(info, [Failing()])


def test_progress_counts_seconds(tmp_path: Path) -> None:
    reported: list[tuple[str, object]] = []

    class Told:
        def start(self, what: str, total: float) -> None:
            reported.append((what, total))

        def advance(self, seconds: float) -> None:
            reported.append(("advance", seconds))

        def finish(self) -> None:
            reported.append(("finish", None))

    info = probe(write_numbered(tmp_path / "a.mp4", 100, options=FAST))
    decode_video(info, [], Told())
    assert reported == [("a.mp4", 4.0), ("advance", 2.56), ("advance", 1.44), ("finish", None)]


# -- what a frame looks like -----------------------------------------------------------------


def picture(width: int, height: int) -> np.ndarray:
    """RGB of 0 to 1, smooth, with every colour, all corners different."""
    y, x = np.mgrid[0:height, 0:width] / np.array([height, width])[:, None, None]
    return np.stack([x, y, 1 - (x + y) / 2], axis=-1) * 0.9 + 0.05


def coded(rgb: np.ndarray, pix_fmt: str, full: bool) -> VideoFrame:
    """A frame of BT.709 codes by H.273's equations, written out; chroma by plain means."""
    format = av.VideoFormat(pix_fmt)
    depth = format.components[0].bits
    height, width, _ = rgb.shape
    frame = VideoFrame(width, height, pix_fmt)
    word = np.uint8 if depth == 8 else np.dtype("<u2")
    if pix_fmt.startswith("gbr"):
        planes = [rgb[..., k] * ((1 << depth) - 1) for k in (1, 2, 0)]
    else:
        luma = rgb @ np.array([0.2126, 0.7152, 0.0722])
        cb, cr = (rgb[..., 2] - luma) / 1.8556, (rgb[..., 0] - luma) / 1.5748
        if full:
            peak = (1 << depth) - 1
            planes = [luma * peak, *(c * peak + (1 << (depth - 1)) for c in (cb, cr))]
        else:
            unit = 1 << (depth - 8)
            planes = [(luma * 219 + 16) * unit, *((c * 224 + 128) * unit for c in (cb, cr))]
        if pix_fmt.startswith("gray"):
            planes = planes[:1]
        for k in range(1, len(planes)):
            across, down = 64 // format.chroma_width(64), 64 // format.chroma_height(64)
            rows, columns = np.arange(0, height, down), np.arange(0, width, across)
            sums = np.add.reduceat(np.add.reduceat(planes[k], rows, 0), columns, 1)
            ones = np.ones((height, width))
            planes[k] = sums / np.add.reduceat(np.add.reduceat(ones, rows, 0), columns, 1)
    for plane, values in zip(frame.planes, planes, strict=True):
        codes = np.zeros((values.shape[0], plane.line_size), np.uint8)
        codes.view(word)[:, : values.shape[1]] = np.rint(values)
        plane.update(codes.tobytes())
    return frame


FORMATS = [
    ("yuv420p", "libx264", False), ("yuv422p", "ffv1", False), ("yuv444p", "ffv1", False),
    ("yuv420p", "ffv1", True), ("yuv420p10le", "ffv1", False), ("yuv422p10le", "ffv1", True),
    ("yuv444p12le", "ffv1", False), ("gray", "ffv1", True), ("gray10le", "ffv1", True),
    ("gbrp", "utvideo", True), ("gbrp10le", "ffv1", True), ("yuv444p16le", "ffv1", False),
]  # fmt: skip


def means(values: np.ndarray, height: int, width: int) -> np.ndarray:
    """Exact means over the areas that pixels of ``height`` x ``width`` cover."""

    def weights(old: int, new: int) -> np.ndarray:
        edges = np.arange(new + 1) * old / new
        low, high = edges[:-1, None], edges[1:, None]
        cells = np.arange(old)[None]
        return np.clip(np.minimum(high, cells + 1) - np.maximum(low, cells), 0, 1) * new / old

    rows, columns = weights(values.shape[0], height), weights(values.shape[1], width)
    planes = values.reshape(*values.shape[:2], -1).transpose(2, 0, 1)
    return (rows @ planes @ columns.T).transpose(1, 2, 0)


@pytest.mark.parametrize(("pix_fmt", "codec", "full"), FORMATS)
@pytest.mark.parametrize("size", [(640, 360), (402, 262), (98, 54)])
def test_thumbs_and_luma_are_area_means_in_full_range(
    tmp_path: Path, pix_fmt: str, codec: str, full: bool, size: tuple[int, int]
) -> None:
    rgb = picture(*size)
    options = FAST | {"crf": "1"} if codec == "libx264" else {}
    path = write_numbered(
        tmp_path / ("a.avi" if codec == "utvideo" else "a.mkv"),
        2,
        codec=codec,
        pix_fmt=pix_fmt,
        width=size[0],
        height=size[1],
        options=options,
        color=(1, 1, 1, 2 if full else 1) if pix_fmt[0] == "y" else None,
        pictures=[coded(rgb, pix_fmt, full) for _ in range(2)],
    )
    seen = swept(path)
    grey = pix_fmt.startswith("gray")
    luma = (rgb @ np.array([0.2126, 0.7152, 0.0722]))[..., None]
    info = probe(path).video
    assert info is not None
    if grey and info.color.range == "limited":  # untagged files are interpreted the way players do
        luma = (luma * 255 - 16) / 219
    shown = np.clip(np.repeat(luma, 3, -1) if grey else rgb, 0, 1)
    error = seen.thumbs[1] - means(shown, 27, 48) * 255
    # Each halving of 8 bits rounds half up, which adds an eighth of a code on average.
    assert np.abs(error).max() < 4
    assert abs(error.mean()) < 1
    wanted = means(np.clip(luma, 0, 1), *seen.luma.shape[1:])[..., 0] * 255
    assert max(seen.luma.shape[1:]) == 320
    assert np.abs(seen.luma[1] - wanted).max() < 3


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_turned_and_stretched_pictures_come_upright(
    tmp_path: Path, rotation: int, mirrored: bool
) -> None:
    """Against Pillow: turned and mirrored as a player does, stretched to the displayed size."""
    from PIL import Image, ImageOps

    rgb = picture(180, 240)
    path = write_numbered(
        tmp_path / ("a.mp4" if rotation or mirrored else "a.mkv"),
        2,
        width=180,
        height=240,
        sar=Fraction(4, 3),
        rotation=rotation,
        mirrored=mirrored,
        color=(1, 1, 1, 1),
        options=FAST | {"crf": "1"},
        pictures=[coded(rgb, "yuv420p", False) for _ in range(2)],
    )
    info = probe(path).video
    assert info is not None and info.mirrored == mirrored
    seen = swept(path)
    whole = Image.fromarray(np.rint(rgb * 255).astype(np.uint8)).rotate(-rotation, expand=True)
    whole = ImageOps.mirror(whole) if mirrored else whole
    thumb = np.asarray(whole.resize((48, 27), Image.Resampling.BOX)).astype(float)
    assert np.abs(seen.thumbs[0] - thumb).max() < 5
    # Shown at 240 x 240, whichever way it is turned.
    assert seen.luma.shape[1:] == (320, 320)
    grey = np.rint(np.asarray(whole) @ np.array([0.2126, 0.7152, 0.0722]))
    wanted = np.asarray(Image.fromarray(grey.astype(np.uint8)).resize((320, 320)))
    assert np.abs(seen.luma[0].astype(float) - wanted).max() < 6


def test_ten_bits_are_not_crushed(tmp_path: Path) -> None:
    """A ramp over 16 codes of 10 bits, which are four of 8: thumbs distinguish all four."""
    ramp = np.linspace(0.5, 0.5 + 16 / 876, 640)
    rgb = np.repeat(np.tile(ramp, (360, 1))[..., None], 3, -1)
    frame = coded(rgb, "yuv420p10le", False)
    path = write_numbered(
        tmp_path / "a.mkv", 1, codec="ffv1", pix_fmt="yuv420p10le", width=640, height=360,
        color=(1, 1, 1, 1), pictures=[frame],
    )  # fmt: skip
    luma = swept(path).luma[0, 90].astype(int)
    assert luma[0] in (127, 128) and luma[-1] in (132, 133)
    assert (np.diff(luma) >= 0).all() and len(set(luma.tolist())) >= 5


def test_a_fine_texture_that_moves_does_not_flicker(tmp_path: Path) -> None:
    """Stripes two pixels wide, moving by one a frame: every thumb is plain grey."""

    def stripes() -> Iterator[VideoFrame]:
        for i in range(8):
            on = (np.arange(1280) + i) // 2 % 2
            codes = np.tile(np.where(on, 235, 16).astype(np.uint8), (720, 1))
            yield VideoFrame.from_ndarray(codes, format="gray8").reformat(
                format="yuv420p", src_color_range=2, dst_color_range=2
            )

    path = write_numbered(
        tmp_path / "a.mkv", 8, codec="ffv1", width=1280, height=720, color=(1, 1, 1, 1),
        pictures=stripes(),
    )  # fmt: skip
    thumbs = swept(path).thumbs.astype(int)
    assert np.abs(thumbs - 127.5).max() < 4
    assert np.ptp(thumbs, axis=0).max() < 4


def test_a_size_that_changes_in_the_middle(tmp_path: Path) -> None:
    """Raw h264 whose second half is smaller: stretched to what the file shows at first."""
    parts = [
        write_numbered(tmp_path / f"{w}.h264", 12, width=w, height=h, first=first, options=FAST)
        for w, h, first in ((192, 108, 0), (96, 54, 12))
    ]
    path = tmp_path / "both.h264"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    seen = swept(path)
    numbers = [read_luma_number(p.astype(np.int64)) for p in seen.luma]
    assert seen.luma.shape[1:] == (180, 320)
    assert numbers == list(range(24))


def test_threads_do_not_matter(tmp_path: Path) -> None:
    path = write_numbered(tmp_path / "a.mp4", 70, options=FAST)
    one, many = swept(path, 1), swept(path, 4)
    assert (one.luma == many.luma).all() and (one.thumbs == many.thumbs).all()


# -- analyses of real films ------------------------------------------------------------------


def analysed(path: Path, folder: Path) -> tuple[np.ndarray, Curves]:
    info, seen = probe(path), Seen()
    thumbs = get("thumbs").make(info, draft=folder / "draft")
    measures = get("measures").make(info)
    decode_video(info, [thumbs, measures, seen])
    kept = thumbs.finish()
    (folder / "draft").rename(folder / "kept")
    again = open_thumbs(folder / "kept")
    assert len(kept) == len(again) == frame_count(info)
    assert (again.read(0, len(again)) == seen.thumbs).all()
    curves = measures.finish()
    assert isinstance(curves, Curves)
    return again.read(0, len(again)), curves


@pytest.mark.slow
def test_measures_beside_ffmpeg(tmp_path: Path) -> None:
    """Brightness is signalstats' YAVG, exactly; sharpness falls as blurdetect's blur rises."""
    path = real("video/elf.mp4")
    _, curves = analysed(path, tmp_path)
    average, blur = [], []
    with av.open(str(path)) as file:
        graph = av.filter.Graph()
        stream = file.streams.video[0]
        source = graph.add_buffer(template=stream)
        steps = [graph.add("signalstats"), graph.add("scale", "320:-1"), graph.add("blurdetect")]
        last = source
        for step in [*steps, graph.add("buffersink")]:
            last.link_to(step)
            last = step
        graph.configure()
        for frame in file.decode(stream):
            graph.push(frame)
            out = graph.pull()
            average.append((float(out.metadata["lavfi.signalstats.YAVG"]) - 16) / 219)
            blur.append(float(out.metadata["lavfi.blur"]))
    count = len(average)
    brightness, sharp = curves.values["brightness"][:count], curves.values["sharpness"][:count]
    np.testing.assert_allclose(brightness, average, atol=0.004)
    ranks = [np.argsort(np.argsort(values)) for values in (sharp, -np.array(blur))]
    assert np.corrcoef(*ranks)[0, 1] > 0.5


@pytest.mark.slow
def test_motion_shows_when_somebody_walks(tmp_path: Path) -> None:
    """A camera that stands: nobody in the first three seconds, people after; it does not pan."""
    path = real("video/one-by-one-person-detection.mp4")
    _, curves = analysed(path, tmp_path)
    motion, difference = curves.values["motion"], curves.values["difference"]
    assert motion[:30].max() < 0.01
    walking, empty = motion[difference > 0.01], motion[difference < 0.0005]
    assert np.median(walking) > 0.02 > 0.005 > np.median(empty)
    assert np.percentile(curves.values["camera"], 90) < 0.01
