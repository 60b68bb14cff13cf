"""Segments are closed, exact in time, tagged, and the same bytes every time."""

from __future__ import annotations

import os
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import PictureType, VideoFrame
from PIL import Image

from tests.media.make import numbered_frame
from tests.media.moving import (
    HEIGHT,
    RATE,
    WIDTH,
    decode,
    largest_file,
    paint,
    picture,
    samples,
    settings,
    write_segment,
)
from vedc.color import CANVAS_COLORS, Color
from vedc.edit.tables.codecs import (
    AUDIO_CODECS,
    IMAGE_CODECS,
    VIDEO_CODECS,
    pix_fmts,
    preset_suits,
    size_problem,
    stored_color,
)
from vedc.edit.tables.containers import CONTAINERS
from vedc.errors import InternalError, MissingError, RenderError
from vedc.media import encode
from vedc.media.encode import (
    FramePool,
    SegmentEncoder,
    new_context,
    open_encoder,
    segment_format,
)
from vedc.media.image_files.encode import write_image
from vedc.media.picture.filters import VideoChain
from vedc.plan.encoders import image_settings

ALL = [(codec, pix_fmt) for codec in VIDEO_CODECS for pix_fmt in pix_fmts(codec)]

#: Code points of ITU-T H.273.
PRIMARIES = {"bt709": 1, "bt470bg": 5, "smpte170m": 6, "bt2020": 9}
TRANSFERS = {"bt709": 1, "smpte170m": 6, "iec61966-2-1": 13, "bt2020-10": 14}
MATRICES = {"rgb": 0, "bt709": 1, "bt470bg": 5, "smpte170m": 6, "bt2020nc": 9}
RANGES = {"limited": 1, "full": 2}


class TestSegments:
    @pytest.mark.parametrize(("codec", "pix_fmt"), ALL)
    def test_is_closed_and_exact_in_time(self, codec: str, pix_fmt: str, tmp_path: Path) -> None:
        made = settings(codec, pix_fmt)
        path = write_segment(made, tmp_path / "segment", 0, 7)
        with av.open(str(path)) as file:
            (stream,) = file.streams
            assert isinstance(stream, av.VideoStream)
            assert stream.average_rate == RATE and stream.start_time == 0
            packets = [p for p in file.demux(stream) if p.size]
            assert packets[0].is_keyframe and packets[0].pts == 0
            times = sorted(p.pts * p.time_base for p in packets if p.pts is not None)
            if segment_format(made) == "matroska":  # which counts milliseconds
                assert [round(time * RATE) for time in times] == list(range(7))
            else:
                assert stream.duration is not None and stream.time_base is not None
                assert stream.duration * stream.time_base == 7 / RATE
                assert times == [n / RATE for n in range(7)]
        frames = decode(path)
        assert len(frames) == 7
        for n, planes in enumerate(frames):
            expected = samples(picture(made, n))
            # Of VP9 only libvpx reads the transparency.
            assert len(planes) == (3 if codec == "vp9" else len(expected))
            if codec == "ffv1":
                assert planes == [plane.tobytes() for plane in expected]

    @pytest.mark.parametrize("codec", ["h264", "hevc", "av1", "vp9", "prores"])
    def test_shows_what_was_drawn(self, codec: str, tmp_path: Path) -> None:
        made = settings(codec)
        path = write_segment(made, tmp_path / "segment", 0, 5)
        with av.open(str(path)) as file:
            for n, frame in enumerate(file.decode(video=0)):
                for got, drawn in zip(samples(frame), samples(picture(made, n)), strict=True):
                    unit = 1 << (10 - 8 if "10" in made.pix_fmt else 0)
                    error = np.abs(got.astype(float) - drawn).mean() / unit
                    assert error < 8, f"plane of frame {n} is off by {error:.1f} on average"

    @pytest.mark.parametrize("canvas", ["bt709", "bt601-525", "bt601-625", "bt2020", "full"])
    @pytest.mark.parametrize("codec", VIDEO_CODECS)
    def test_says_what_its_colours_mean(self, codec: str, canvas: str, tmp_path: Path) -> None:
        color = CANVAS_COLORS.get(canvas) or Color(range="full")
        if codec in ("prores", "dnxhr") and canvas == "full":
            pytest.skip("it has no flag for the range")
        if codec == "dnxhr":
            color = stored_color(codec, "yuv422p", color)
        path = write_segment(settings(codec, canvas=color), tmp_path / "segment", 0, 2)
        wanted = (
            PRIMARIES[color.primaries],
            TRANSFERS[color.transfer],
            MATRICES[color.matrix],
            RANGES[color.range],
        )
        with av.open(str(path)) as file:
            context = file.streams.video[0].codec_context
            assert (
                context.color_primaries,
                context.color_trc,
                context.colorspace,
                context.color_range,
            ) == wanted
            frame = next(file.decode(video=0))
        assert (frame.colorspace, frame.color_range) == wanted[2:]

    def test_rgb_is_tagged_as_rgb(self, tmp_path: Path) -> None:
        path = write_segment(settings("hevc", "gbrp10le"), tmp_path / "segment", 0, 1)
        with av.open(str(path)) as file:
            context = file.streams.video[0].codec_context
            assert (context.colorspace, context.color_range) == (0, 2)

    @pytest.mark.parametrize("codec", VIDEO_CODECS)
    def test_same_frames_same_bytes_same_parameter_sets(self, codec: str, tmp_path: Path) -> None:
        made = settings(codec)
        one = write_segment(made, tmp_path / "one", 0, 9)
        two = write_segment(made, tmp_path / "two", 0, 9)
        short = write_segment(made, tmp_path / "short", 50, 1)
        assert one.read_bytes() == two.read_bytes()
        assert _extradata(one) == _extradata(short)

    @pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs CPU affinity")
    @pytest.mark.parametrize("codec", ["h264", "hevc", "av1", "vp9"])
    def test_the_machine_does_not_matter(self, codec: str, tmp_path: Path) -> None:
        cpus = os.sched_getaffinity(0)
        if len(cpus) < 2:
            pytest.skip("needs two processors to tell one from many")
        made = settings(codec)
        many = write_segment(made, tmp_path / "many", 0, 9)
        try:
            os.sched_setaffinity(0, {min(cpus)})
            one = write_segment(made, tmp_path / "one", 0, 9)
        finally:
            os.sched_setaffinity(0, cpus)
        assert many.read_bytes() == one.read_bytes()

    @pytest.mark.skipif(not hasattr(os, "sched_getscheduler"), reason="needs POSIX scheduling")
    def test_no_thread_becomes_real_time(self, tmp_path: Path) -> None:
        """SVT-AV1 makes its threads and the caller's so, in a process of root."""
        made = settings("av1")
        context = new_context(made, made.pix_fmt)
        open_encoder(context, made)
        for thread in os.listdir("/proc/self/task"):
            assert os.sched_getscheduler(int(thread)) == os.SCHED_OTHER, thread

    @pytest.mark.parametrize("codec", VIDEO_CODECS)
    def test_frames_may_be_drawn_over_once_written(self, codec: str, tmp_path: Path) -> None:
        class Hoard(FramePool):
            """Never hands out a frame again."""

            def give_back(self, frame: VideoFrame) -> None:
                hoard.append(self._lent.pop(id(frame)))

        made = settings(codec)
        reused = write_segment(made, tmp_path / "reused", 0, 12)
        hoard: list[VideoFrame] = []
        _fill(SegmentEncoder(made, tmp_path / "fresh", Hoard(made)), 12)
        assert len({frame.planes[0].buffer_ptr for frame in hoard}) == 12
        assert reused.read_bytes() == (tmp_path / "fresh").read_bytes()

    def test_x264_does_not_slice_its_frames(self, tmp_path: Path) -> None:
        data = write_segment(settings("h264"), tmp_path / "segment", 0, 2).read_bytes()
        assert b"sliced_threads=0" in data and b"threads=4" in data and b"open_gop=0" in data

    @pytest.mark.parametrize(
        ("height", "preset"),
        # AVX-512 in x264 has trouble with 60 macroblocks and with 80, but for some presets.
        [(90, "medium"), (128, "veryfast"), (90, "superfast"), (90, "ultrafast")],
    )
    def test_equal_frames_give_equal_bytes(
        self, height: int, preset: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """From run to run, and from CPUs with AVX-512 to those without."""
        made = settings("h264", width=160, height=height, preset=preset)
        films = set()
        for run in range(12):
            if run == 11:
                monkeypatch.setattr(encode, "_avx512_harms", lambda settings: True)
            encoder = SegmentEncoder(made, tmp_path / "film")
            for n in range(25):
                encoder.write(numbered_frame(n, 160, height))
            encoder.finish()
            films.add((tmp_path / "film").read_bytes())
        assert len(films) == 1

    @pytest.mark.parametrize("codec", VIDEO_CODECS)
    def test_nothing_is_printed(
        self, codec: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        write_segment(settings(codec), tmp_path / "segment", 0, 2)
        assert capfd.readouterr() == ("", "")

    def test_bitrate_stands_in_place_of_crf(self, tmp_path: Path) -> None:
        for codec in ("h264", "hevc", "av1", "vp9"):
            sizes = []
            for bitrate in (100_000, 1_000_000):
                made = settings(codec, bitrate=bitrate)
                assert "crf" not in dict(made.options)
                sizes.append(write_segment(made, tmp_path / "s", 0, 12).stat().st_size)
            assert sizes[0] < sizes[1]


class TestFrames:
    def test_a_frame_comes_back_to_the_pool(self, tmp_path: Path) -> None:
        made = settings("h264")
        pool = FramePool(made)
        encoder = SegmentEncoder(made, tmp_path / "segment", pool)
        first = encoder.new_frame()
        assert pool.take() is not first
        encoder.write(paint(first, 0))
        assert encoder.new_frame() is first
        encoder.abort()

    def test_a_frame_from_elsewhere_is_left_alone(self, tmp_path: Path) -> None:
        made = settings("ffv1", width=158)
        wide = VideoFrame(192, HEIGHT, made.pix_fmt)  # other strides than the pool's frames
        foreign = picture(made, 3)
        foreign.pts, foreign.time_base = 1234, Fraction(1, 90000)
        assert wide.planes[0].line_size != foreign.planes[0].line_size
        encoder = SegmentEncoder(made, tmp_path / "segment")
        encoder.write(foreign)
        assert (foreign.pts, foreign.time_base) == (1234, Fraction(1, 90000))
        encoder.write(paint(encoder.new_frame(), 9))
        encoder.finish()
        assert [p.tobytes() for p in samples(foreign)] == decode(tmp_path / "segment")[0]

    @pytest.mark.parametrize("codec", VIDEO_CODECS)
    def test_of_a_frame_from_elsewhere_only_the_samples_count(
        self, codec: str, tmp_path: Path
    ) -> None:
        """A decoder says of its frames what would be an order to an encoder: all key frames, a
        field first, for how long."""
        made = settings(codec)
        foreign = [picture(made, n) for n in range(9)]
        for frame in foreign:
            frame.pict_type, frame.duration = PictureType.I, 700
            frame.color_primaries, frame.pts, frame.time_base = 9, 5, Fraction(1, 7)
        filter = VideoChain(
            {
                "video_size": f"{made.width}x{made.height}",
                "pix_fmt": made.pix_fmt,
                "time_base": "1/7",
            },
            [("setfield", {"mode": "tff"})],
            1,
        )
        foreign = [filter(frame) for frame in foreign]
        assert all(f.interlaced_frame and f.pict_type == PictureType.I for f in foreign)
        encoder = SegmentEncoder(made, tmp_path / "foreign")
        for frame in foreign:
            encoder.write(frame)
        encoder.finish()
        own = write_segment(made, tmp_path / "own", 0, 9)
        assert (tmp_path / "foreign").read_bytes() == own.read_bytes()

    def test_a_frame_of_another_shape_is_a_bug_of_the_caller(self, tmp_path: Path) -> None:
        encoder = SegmentEncoder(settings("h264"), tmp_path / "segment")
        with pytest.raises(InternalError, match="passed to an encoder"):
            encoder.write(VideoFrame(WIDTH, HEIGHT + 2, "yuv420p"))
        encoder.abort()


class TestRefusal:
    def test_the_encoder_says_why(self, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
        for _ in range(2):  # libav skips a message that repeats
            with pytest.raises(RenderError) as caught:
                SegmentEncoder(settings("h264", width=161), tmp_path / "segment")
            (problem,) = caught.value.problems
            assert problem.code == "encoder-refused" and problem.hint
            assert "h264: libx264 refuses 161x96 yuv420p" in problem.message
            assert "width not divisible by 2 (161x96)" in problem.message
        assert capfd.readouterr() == ("", "")
        assert not (tmp_path / "segment").exists()

    def test_an_encoder_that_is_not_there(self, tmp_path: Path) -> None:
        made = replace(settings("h264"), encoder="libx666")
        with pytest.raises(MissingError, match="has no encoder libx666"):
            SegmentEncoder(made, tmp_path / "segment")

    def test_an_option_that_is_not_there(self, tmp_path: Path) -> None:
        made = replace(settings("h264"), options=(("cfr", "20"),))
        with pytest.raises(InternalError, match="does not know the options cfr=20"):
            SegmentEncoder(made, tmp_path / "segment")

    @pytest.mark.parametrize("codec", ["h264", "ffv1"])
    def test_a_full_disk(self, codec: str, tmp_path: Path) -> None:
        path = tmp_path / "segment"
        encoder = SegmentEncoder(settings(codec, **({"crf": 0} if codec == "h264" else {})), path)
        with largest_file(40_000), pytest.raises(RenderError) as caught:
            _fill(encoder, 60)
        (problem,) = caught.value.problems
        assert problem.code == "cannot-write" and str(path) in problem.message and problem.hint
        with largest_file(40_000):
            encoder.abort()
        assert not path.exists()

    def test_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        encoder = SegmentEncoder(settings("ffv1"), tmp_path / "none" / "segment")
        with pytest.raises(RenderError, match="no such file or directory"):
            _fill(encoder, 1)
        encoder.abort()

    def test_abort_leaves_nothing(self, tmp_path: Path) -> None:
        encoder = SegmentEncoder(settings("h264"), tmp_path / "segment")
        encoder.write(paint(encoder.new_frame(), 0))
        encoder.abort()
        assert list(tmp_path.iterdir()) == []

    def test_a_segment_without_frames_is_a_bug_of_the_caller(self, tmp_path: Path) -> None:
        encoder = SegmentEncoder(settings("h264"), tmp_path / "segment")
        with pytest.raises(InternalError, match="without frames"):
            encoder.finish()
        encoder.abort()


class TestTable:
    """The table of codecs matches the installed FFmpeg."""

    def test_encoders_take_their_formats(self) -> None:
        for codec in VIDEO_CODECS.values():
            formats = {f.name for f in av.Codec(codec.encoder, "w").video_formats or ()}
            assert set(codec.pix_fmts) <= formats, codec.name

    def test_encoders_take_their_sample_rates(self) -> None:
        for codec in AUDIO_CODECS.values():
            rates = av.Codec(codec.encoder, "w").audio_rates
            assert set(codec.rates or ()) <= set(rates or ()), codec.name

    def test_containers_take_their_codecs(self, tmp_path: Path) -> None:
        for container in CONTAINERS:
            with av.open(str(tmp_path / "x"), "w", format=container.muxer) as file:
                known = file.supported_codecs
            video = {VIDEO_CODECS[name].encoder for name in container.video}
            audio = {AUDIO_CODECS[name].encoder for name in container.audio}
            if container.name not in ("mxf", "ogg"):  # they take more than they say
                assert video | audio <= known, container.name

    @pytest.mark.parametrize("codec", VIDEO_CODECS)
    def test_every_preset_opens(self, codec: str, tmp_path: Path) -> None:
        presets = VIDEO_CODECS[codec].presets
        for preset in presets.values if presets else ():
            pix_fmt = next(f for f in pix_fmts(codec) if preset_suits(codec, preset, f))
            SegmentEncoder(settings(codec, pix_fmt, preset=preset), tmp_path / "s").abort()

    @pytest.mark.parametrize("codec", ["h264", "hevc", "av1", "vp9"])
    def test_the_ends_of_the_quality_range_open(self, codec: str, tmp_path: Path) -> None:
        quality = VIDEO_CODECS[codec].quality
        assert quality is not None
        for crf in (quality.low, quality.high):
            assert quality.accepts(crf)
            SegmentEncoder(settings(codec, crf=crf), tmp_path / "s").abort()
        assert not quality.accepts(quality.low - 1) and not quality.accepts(quality.high + 1)
        assert quality.accepts(20.5) == (codec in ("h264", "hevc"))

    @pytest.mark.parametrize("size", [(1, 1), (2, 2), (16, 16), (63, 64), (64, 65), (101, 77)])
    @pytest.mark.parametrize("codec", VIDEO_CODECS)
    def test_sizes_without_a_problem_encode(
        self, codec: str, size: tuple[int, int], tmp_path: Path
    ) -> None:
        for pix_fmt in (pix_fmts(codec)[0], pix_fmts(codec)[-1]):
            made = settings(codec, pix_fmt, width=size[0], height=size[1])
            if size_problem(codec, pix_fmt, *size) is None:
                path = write_segment(made, tmp_path / "segment", 0, 2)
                assert len(decode(path)) == 2
            elif codec != "av1":  # which may hang below its least size
                with pytest.raises(RenderError, match="refuses"):
                    SegmentEncoder(made, tmp_path / "segment")


class TestImages:
    def test_png_holds_the_very_samples(self, tmp_path: Path) -> None:
        canvas = CANVAS_COLORS["srgb"]
        made = image_settings(
            "png", width=51, height=33, rate=RATE, color=stored_color("png", "gbrp", canvas)
        )
        frame = picture(made, 4)
        write_image(made, frame, tmp_path / "still.png")
        green, blue, red = samples(frame)
        with Image.open(tmp_path / "still.png") as image:
            assert np.array_equal(np.asarray(image), np.stack([red, green, blue], -1))
            assert image.mode == "RGB" and "srgb" in image.info
        assert [p.name for p in tmp_path.iterdir()] == ["still.png"]

    def test_png_in_16_bits_spans_the_range(self, tmp_path: Path) -> None:
        color = stored_color("png", "gbrp12le", CANVAS_COLORS["bt2020"])
        made = image_settings("png", width=64, height=4, rate=RATE, color=color, pix_fmt="gbrp12le")
        frame = VideoFrame(64, 4, "gbrp12le")
        for k, plane in enumerate(samples(frame)):
            plane[:] = np.linspace(0, 4095, 64).astype(np.uint16)[:: 1 if k else -1]
        write_image(made, frame, tmp_path / "still.png")
        with av.open(str(tmp_path / "still.png")) as file:
            (got,) = file.decode(video=0)
            assert got.format.name == "rgb48be"
            rgb = got.to_ndarray().astype(float) / 65535
        for channel, plane in ((0, 2), (1, 0), (2, 1)):
            assert np.abs(rgb[..., channel] - samples(frame)[plane] / 4095).max() < 1 / 4095

    @pytest.mark.parametrize(
        ("rgb", "ycc"),  # JFIF 1.02: BT.601, all of 0..255
        [
            ((255, 0, 0), (76, 85, 255)),
            ((0, 255, 0), (150, 44, 21)),
            ((0, 0, 255), (29, 255, 107)),
            ((255, 255, 255), (255, 128, 128)),
            ((128, 128, 128), (128, 128, 128)),
        ],
    )
    def test_jpeg_has_the_right_colours(
        self, rgb: tuple[int, ...], ycc: tuple[int, ...], tmp_path: Path
    ) -> None:
        color = stored_color("jpeg", "yuv444p", CANVAS_COLORS["bt709"])
        assert (color.matrix, color.range) == ("bt470bg", "full")
        made = image_settings("jpeg", width=24, height=16, rate=RATE, color=color)
        frame = VideoFrame(24, 16, "yuv444p")
        for plane, value in zip(samples(frame), ycc, strict=True):
            plane[:] = value
        write_image(made, frame, tmp_path / "still.jpg")
        with Image.open(tmp_path / "still.jpg") as image:
            assert "jfif" in image.info and image.size == (24, 16)
            assert np.abs(np.asarray(image).astype(int) - rgb).max() <= 3

    def test_images_refuse_what_films_refuse(self, tmp_path: Path) -> None:
        made = image_settings("png", width=8, height=8, rate=RATE, color=Color(matrix="rgb"))
        frame = picture(made, 0)
        with pytest.raises(RenderError, match="it is a folder"):
            write_image(made, frame, tmp_path)
        with pytest.raises(RenderError, match="its folder does not exist"):
            write_image(made, frame, tmp_path / "none" / "still.png")
        with largest_file(10), pytest.raises(RenderError, match="file too large"):
            write_image(made, frame, tmp_path / "still.png")
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("codec", [c.name for c in IMAGE_CODECS.values() if c.still])
    def test_every_format_is_one_file(self, codec: str, tmp_path: Path) -> None:
        """As many bits as there are, and the same samples again where nothing is lost."""
        for pix_fmt in pix_fmts(codec):
            color = stored_color(codec, pix_fmt, Color())
            made = image_settings(
                codec, width=33, height=17, rate=RATE, color=color, pix_fmt=pix_fmt
            )
            frame = picture(made, 3)
            path = tmp_path / f"{pix_fmt}{IMAGE_CODECS[codec].extensions[0]}"
            write_image(made, frame, path)
            with av.open(str(path)) as file:
                (read,) = file.decode(video=0)
            assert (read.width, read.height) == (33, 17)
            if IMAGE_CODECS[codec].quality is None:
                back = read.reformat(format=pix_fmt)
                for got, want in zip(samples(back), samples(frame), strict=True):
                    assert np.abs(got.astype(int) - want.astype(int)).max() <= 1


def _fill(encoder: SegmentEncoder, count: int) -> None:
    for n in range(count):
        encoder.write(paint(encoder.new_frame(), n))
    encoder.finish()


def _extradata(path: Path) -> bytes | None:
    with av.open(str(path)) as file:
        return file.streams.video[0].codec_context.extradata
