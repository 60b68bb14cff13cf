"""The film is its segments, packet for packet, at exact times; whole or not there at all."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from tests.media.moving import RATE, decode, largest_file, settings, write_segment
from vedc.audio.encode import encode as encode_sound
from vedc.edit.tables.codecs import VIDEO_CODECS
from vedc.edit.tables.containers import container_for_extension, extensions_for_codec
from vedc.errors import InternalError, RenderError
from vedc.media.mux import Picture, mux
from vedc.plan.encoders import audio_settings
from vedc.plan.settings import VideoSettings

#: One frame first, fewer frames than an encoder reorders, and a long one.
COUNTS = [1, 9, 2, 1, 14]
TOTAL = sum(COUNTS)
FILMS = [(codec, ext) for codec in VIDEO_CODECS for ext in extensions_for_codec(codec)]
SAMPLES = 48000
CLICK = 12345


def segments(made: VideoSettings, folder: Path, counts: Sequence[int] = COUNTS) -> list[Path]:
    starts = [sum(counts[:k]) for k in range(len(counts))]
    return [
        write_segment(made, folder / f"{made.codec}-{k}", start, count)
        for k, (start, count) in enumerate(zip(starts, counts, strict=True))
    ]


def sound(folder: Path, codec: str, ext: str) -> Path:
    """One second with a click at sample ``CLICK``, as the film's container will hold it."""
    container = container_for_extension(ext)
    assert container is not None
    made = replace(audio_settings(codec, rate=48000, channels=2), muxer=container.muxer)
    click = np.zeros((2, SAMPLES), np.float32)
    click[:, CLICK] = 0.9
    encode_sound([click], made, folder / "sound")
    return folder / "sound"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    """The segments of every codec."""
    folder = tmp_path_factory.mktemp("segments")
    return {codec: segments(settings(codec), folder) for codec in VIDEO_CODECS}


@pytest.mark.parametrize(("codec", "ext"), FILMS)
class TestFilm:
    def test_decodes_to_the_frames_of_its_segments(
        self, codec: str, ext: str, made: dict[str, list[Path]], tmp_path: Path
    ) -> None:
        film = tmp_path / f"film{ext}"
        mux(film, Picture(made[codec], COUNTS, settings(codec)), None)
        parts = [frame for path in made[codec] for frame in decode(path)]
        assert decode(film) == parts
        assert len(parts) == TOTAL
        assert [p.name for p in tmp_path.iterdir()] == [film.name]

    def test_times_are_exact(
        self, codec: str, ext: str, made: dict[str, list[Path]], tmp_path: Path
    ) -> None:
        film = tmp_path / f"film{ext}"
        mux(film, Picture(made[codec], COUNTS, settings(codec)), None)
        # Matroska counts milliseconds; MP4 and MOV count the rate's own ticks.
        off = Fraction(1, 2000) if ext in (".mkv", ".webm") else 0
        with av.open(str(film)) as file:
            stream = file.streams.video[0]
            assert stream.average_rate == RATE and stream.start_time == 0
            assert stream.time_base is not None and file.duration is not None
            assert abs(Fraction(file.duration, av.time_base) - TOTAL / RATE) <= Fraction(1, 1000)
            if not off and ext != ".mxf":  # which does not say how many it has
                assert stream.frames == TOTAL
                assert stream.duration is not None
                assert stream.duration * stream.time_base == TOTAL / RATE
            packets = [p for p in file.demux(stream) if p.size]
            assert packets[0].is_keyframe
            times = sorted(p.pts * p.time_base for p in packets if p.pts is not None)
            assert all(abs(t - n / RATE) <= off for n, t in enumerate(times))
            decode_times = [p.dts for p in packets if p.dts is not None]
            assert all(a < b for a, b in pairwise(decode_times))

    def test_keeps_its_colour_tags(
        self, codec: str, ext: str, made: dict[str, list[Path]], tmp_path: Path
    ) -> None:
        film = tmp_path / f"film{ext}"
        mux(film, Picture(made[codec], COUNTS, settings(codec)), None, {"title": "Spring"})
        with av.open(str(film)) as file:
            context = file.streams.video[0].codec_context
            tags = (
                context.color_primaries,
                context.color_trc,
                context.colorspace,
                context.color_range,
            )
            assert tags == (1, 1, 1, 1)
            assert ext == ".mxf" or file.metadata["title"] == "Spring"


class TestSound:
    @pytest.mark.parametrize(
        ("ext", "audio"),
        [(".mp4", a) for a in ("aac", "opus", "flac", "mp3")]
        + [(".mov", a) for a in ("aac", "pcm_s16le", "pcm_s24le")]
        + [(".mkv", a) for a in ("aac", "opus", "flac", "pcm_s16le")],
    )
    def test_the_click_stands_at_its_sample(
        self, ext: str, audio: str, made: dict[str, list[Path]], tmp_path: Path
    ) -> None:
        film = tmp_path / f"film{ext}"
        mux(film, Picture(made["h264"], COUNTS, settings("h264")), sound(tmp_path, audio, ext))
        with av.open(str(film)) as file:
            frames = list(file.decode(audio=0))
            assert file.streams.video[0].start_time == 0
        first = frames[0]
        assert first.pts is not None and first.time_base is not None
        planar = av.AudioResampler("fltp")
        heard = np.concatenate([r.to_ndarray()[0] for f in frames for r in planar.resample(f)])
        at = int(np.abs(heard).argmax()) + round(first.pts * first.time_base * 48000)
        # Opus and MP3 smear a single sample; Matroska rounds the start to a millisecond.
        assert abs(at - CLICK) <= (1 if audio in ("flac", "pcm_s16le", "pcm_s24le") else 24)

    def test_both_tracks_are_interleaved(self, made: dict[str, list[Path]], tmp_path: Path) -> None:
        film = tmp_path / "film.mkv"
        mux(film, Picture(made["ffv1"], COUNTS, settings("ffv1")), sound(tmp_path, "flac", ".mkv"))
        with av.open(str(film)) as file:
            times: dict[str, list[float]] = {"video": [], "audio": []}
            for packet in file.demux():
                if packet.size and packet.pts is not None:
                    times[packet.stream.type].append(float(packet.pts * packet.time_base))
                    other = times["audio" if packet.stream.type == "video" else "video"]
                    assert times[packet.stream.type][-1] - (other[-1] if other else 0) < 0.25
        assert len(times["video"]) == TOTAL


class TestContainers:
    @pytest.mark.parametrize("ext", [".mp4", ".mov"])
    def test_the_index_stands_in_front(
        self, ext: str, made: dict[str, list[Path]], tmp_path: Path
    ) -> None:
        film = tmp_path / f"film{ext}"
        mux(film, Picture(made["h264"], COUNTS, settings("h264")), None)
        data = film.read_bytes()
        assert 0 < data.index(b"moov") < data.index(b"mdat")

    def test_apple_players_know_the_codec_tags(
        self, made: dict[str, list[Path]], tmp_path: Path
    ) -> None:
        for codec, tag in (("hevc", "hvc1"), ("prores", "apch")):
            film = tmp_path / f"{codec}.mov"
            mux(film, Picture(made[codec], COUNTS, settings(codec)), None)
            with av.open(str(film)) as file:
                assert file.streams.video[0].codec_context.codec_tag == tag

    def test_an_unknown_extension(self, made: dict[str, list[Path]], tmp_path: Path) -> None:
        with pytest.raises(RenderError, match="cannot tell the container") as caught:
            mux(tmp_path / "film.xyz", Picture(made["h264"], COUNTS, settings("h264")), None)
        assert ".mp4" in (caught.value.problems[0].hint or "")

    def test_a_codec_that_the_container_refuses(
        self, made: dict[str, list[Path]], tmp_path: Path
    ) -> None:
        with pytest.raises(RenderError) as caught:
            mux(tmp_path / "film.webm", Picture(made["h264"], COUNTS, settings("h264")), None)
        (problem,) = caught.value.problems
        assert problem.code == "cannot-mux" and "h264" in problem.message and problem.hint
        assert list(tmp_path.iterdir()) == []


class TestTarget:
    """Nothing partial, and what stood there stays."""

    def film(self, made: dict[str, list[Path]], target: Path) -> None:
        mux(target, Picture(made["ffv1"], COUNTS, settings("ffv1")), None)

    def refused(self, made: dict[str, list[Path]], target: Path) -> str:
        with pytest.raises(RenderError) as caught:
            self.film(made, target)
        (problem,) = caught.value.problems
        assert problem.code == "cannot-write" and str(target) in problem.message
        return f"{problem.message}; {problem.hint}"

    def test_a_file_that_stands_there_is_replaced(
        self, made: dict[str, list[Path]], tmp_path: Path
    ) -> None:
        film = tmp_path / "film.mkv"
        film.write_text("old")
        self.film(made, film)
        assert len(decode(film)) == TOTAL

    def test_a_link_is_written_through(self, made: dict[str, list[Path]], tmp_path: Path) -> None:
        (tmp_path / "disk").mkdir()
        (tmp_path / "film.mkv").symlink_to("disk/real.mkv")
        self.film(made, tmp_path / "film.mkv")
        assert (tmp_path / "film.mkv").is_symlink()
        assert len(decode(tmp_path / "disk" / "real.mkv")) == TOTAL

    @pytest.mark.parametrize("old", [None, "old"])
    def test_a_full_disk(
        self, old: str | None, made: dict[str, list[Path]], tmp_path: Path
    ) -> None:
        film = tmp_path / "film.mkv"
        if old:
            film.write_text(old)
        with largest_file(30_000):
            reported = self.refused(made, film)
        assert "file too large" in reported and "write elsewhere" in reported
        assert [p.name for p in tmp_path.iterdir()] == ([film.name] if old else [])
        assert not old or film.read_text() == old

    def test_a_full_disk_with_the_index_in_front(
        self, made: dict[str, list[Path]], tmp_path: Path
    ) -> None:
        parts = segments(settings("h264", crf=0), tmp_path)
        with largest_file(30_000), pytest.raises(RenderError, match="file too large"):
            mux(tmp_path / "film.mp4", Picture(parts, COUNTS, settings("h264", crf=0)), None)
        assert not [p for p in tmp_path.iterdir() if p not in parts]

    def test_a_folder(self, made: dict[str, list[Path]], tmp_path: Path) -> None:
        (tmp_path / "film.mkv").mkdir()
        assert "it is a folder" in self.refused(made, tmp_path / "film.mkv")

    def test_a_pipe(self, made: dict[str, list[Path]], tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "film.mkv")
        assert "a device or a pipe" in self.refused(made, tmp_path / "film.mkv")

    def test_a_folder_that_is_not_there(self, made: dict[str, list[Path]], tmp_path: Path) -> None:
        reported = self.refused(made, tmp_path / "none" / "film.mkv")
        assert "its folder does not exist" in reported and "make the folder" in reported

    def test_a_file_in_the_path(self, made: dict[str, list[Path]], tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        self.refused(made, tmp_path / "file" / "film.mkv")

    def test_ctrl_c(
        self, made: dict[str, list[Path]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def interrupt(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("vedc.media.copying.parts._frame_number", interrupt)
        with pytest.raises(KeyboardInterrupt):
            self.film(made, tmp_path / "film.mkv")
        assert list(tmp_path.iterdir()) == []


class TestSegments:
    """A segment that is not what it should be never becomes a part of a film."""

    def refused(self, parts: list[Path], counts: list[int], target: Path) -> str:
        with pytest.raises(InternalError) as caught:
            mux(target, Picture(parts, counts, settings("h264")), None)
        assert not target.exists()
        return str(caught.value)

    def test_other_settings(self, made: dict[str, list[Path]], tmp_path: Path) -> None:
        other = write_segment(settings("h264", preset="slow"), tmp_path / "other", 0, 3)
        reported = self.refused([made["h264"][0], other], [1, 3], tmp_path / "film.mp4")
        assert "other parameter sets" in reported

    @pytest.mark.parametrize("count", [8, 10])
    def test_another_count(self, count: int, made: dict[str, list[Path]], tmp_path: Path) -> None:
        self.refused(made["h264"][:2], [1, count], tmp_path / "film.mp4")

    def test_none(self, tmp_path: Path) -> None:
        self.refused([], [], tmp_path / "film.mp4")

    def test_a_lost_one_is_distinguished_from_the_target(
        self, made: dict[str, list[Path]], tmp_path: Path
    ) -> None:
        for parts in ([tmp_path / "lost"], [made["h264"][0], tmp_path / "lost"]):
            with pytest.raises(RenderError) as caught:
                mux(tmp_path / "film.mp4", Picture(parts, [1] * len(parts), settings("h264")), None)
            (problem,) = caught.value.problems
            assert problem.code == "cannot-read" and "lost" in problem.message
        assert list(tmp_path.iterdir()) == []
