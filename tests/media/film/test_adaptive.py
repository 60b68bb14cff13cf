"""Adaptive streams, as FFmpeg reads them back."""

from __future__ import annotations

import re
import shutil
import subprocess
import wave
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import av
import numpy as np
import pytest
import yaml

from tests.media.make import luma, read_luma_number, write_numbered
from vedc.errors import Problem, RenderError, UserError
from vedc.media.adaptive import package
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver

FRAMES = 200
ONSET = 1.0
"""Seconds from the start of the film to a sound."""
NS = "{urn:mpeg:dash:schema:mpd:2011}"
HLS = {"path": "out/film.m3u8", "ladder": ["240p", {"size": "144p", "crf": 35}], "segment": "2s"}
DASH = {**HLS, "path": "out/film.mpd"}


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("adaptive")
    write_numbered(folder / "a.mp4", FRAMES, 25, width=320, height=180, gop=50, b_frames=2)
    tone = 0.5 * np.sin(2 * np.pi * 997 * np.arange(48000 * 8) / 48000)
    tone[: int(48000 * ONSET)] = 0
    with wave.open(str(folder / "tone.wav"), "wb") as file:
        file.setparams((1, 2, 48000, 0, "NONE", ""))
        file.writeframes((tone * 32767).astype("<i2").tobytes())
    return folder


def build(media: Path, folder: Path, *outputs: dict[str, Any], clips: Any = None) -> Build:
    shutil.copytree(media, folder, dirs_exist_ok=True)
    timeline = clips or [
        {"clip": "a.mp4", "out": "2.6s"},
        {"clip": "a.mp4", "in": "2.6s", "out": "7s"},
    ]
    spec = {
        "version": 1,
        "profile": {"width": 640, "height": 360, "fps": 25},
        "timeline": timeline,
        "audio": [{"clip": "tone.wav"}],
        "outputs": [{"preset": "veryfast", **output} for output in outputs],
    }
    (folder / "edit.vedc.yaml").write_text(yaml.safe_dump(spec))
    return Build(folder / "edit.vedc.yaml")


def playlists(folder: Path) -> list[Path]:
    return sorted(next((folder / "out").glob("film-*")).glob("media_*.m3u8"))


def key_times(playlist: Path) -> list[Fraction]:
    with av.open(str(playlist)) as stream:
        packets = [p for p in stream.demux(video=0) if p.pts is not None]
        return [p.pts * p.time_base for p in packets if p.is_keyframe]


def lengths(playlist: Path) -> list[float]:
    return [float(s) for s in re.findall(r"#EXTINF:([0-9.]+)", playlist.read_text())]


def test_hls_as_ffmpeg_reads_it(media: Path, tmp_path: Path) -> None:
    reports = deliver(build(media, tmp_path, HLS))
    assert [report.rendition for report in reports] == ["426x240", "256x144"]
    assert [report.decoded_frames > 0 for report in reports] == [True, False]
    with av.open(str(tmp_path / "out" / "film.m3u8")) as stream:
        sizes = {(v.width, v.height) for v in stream.streams.video}
        assert sizes == {(426, 240), (256, 144)}
        assert stream.duration == 7_000_000
        first = stream.streams.video[0]
        shown = [read_luma_number(luma(f)) for f in stream.decode(first)]
    assert shown == list(range(175))


def test_renditions_are_cut_at_the_same_key_frames(media: Path, tmp_path: Path) -> None:
    deliver(build(media, tmp_path, HLS))
    one, two, sound = playlists(tmp_path)
    keys = key_times(one)
    assert keys == key_times(two)
    assert lengths(one) == lengths(two)
    starts = np.cumsum([0, *lengths(one)[:-1]])
    assert set(np.round(starts, 3)) <= {round(float(key), 3) for key in keys}
    assert sum(lengths(one)) == pytest.approx(7.0, abs=1e-3)
    assert sum(lengths(sound)) == pytest.approx(7.0, abs=0.05)
    most = int(re.findall(r"TARGETDURATION:(\d+)", one.read_text())[0])
    assert max(map(round, lengths(one))) <= most


def test_the_sound_is_where_it_was(media: Path, tmp_path: Path) -> None:
    deliver(build(media, tmp_path, HLS))
    with av.open(str(tmp_path / "out" / "film.m3u8")) as stream:
        for frame in stream.decode(stream.streams.audio[0]):
            loud = np.flatnonzero(np.abs(frame.to_ndarray()).max(axis=0) > 0.1)
            if len(loud):
                assert frame.pts is not None and frame.time_base is not None
                onset = float(frame.pts * frame.time_base) + loud[0] / frame.sample_rate
                break
    assert onset == pytest.approx(ONSET, abs=0.002)


def test_the_master_playlist_says_what_players_choose_by(media: Path, tmp_path: Path) -> None:
    deliver(build(media, tmp_path, HLS))
    text = (tmp_path / "out" / "film.m3u8").read_text()
    variants = re.findall(
        r"BANDWIDTH=(\d+),AVERAGE-BANDWIDTH=(\d+),RESOLUTION=(\w+),"
        r'CODECS="(avc1\.[0-9a-f]{6}),mp4a\.40\.2",AUDIO="\w+",FRAME-RATE=25\.000',
        text,
    )
    assert [variant[2] for variant in variants] == ["426x240", "256x144"]
    *pictures, sound = playlists(tmp_path)

    def rates(playlist: Path) -> list[float]:
        names = [line for line in playlist.read_text().splitlines() if line.endswith(".m4s")]
        sizes = [(playlist.parent / name).stat().st_size * 8 for name in names]
        return [size / seconds for size, seconds in zip(sizes, lengths(playlist), strict=True)]

    for playlist, (peak, average, *_) in zip(pictures, variants, strict=True):
        # Segments shorter than half the target duration are judged with their neighbours.
        assert int(average) <= int(peak) <= max(rates(playlist)) + max(rates(sound)) + 2
        assert int(peak) >= np.mean(rates(playlist))
    assert "PROGRAM-DATE-TIME" not in "".join(p.read_text() for p in playlists(tmp_path))


def test_dash_shares_the_segments_and_has_the_length_of_the_film(
    media: Path, tmp_path: Path
) -> None:
    reports = deliver(build(media, tmp_path, HLS, DASH))
    assert [report.rendered_frames for report in reports] == [175, 175, 0, 0]
    assert len(list((tmp_path / "out").glob("film-*"))) == 1
    root = ElementTree.parse(tmp_path / "out" / "film.mpd").getroot()
    assert root.get("mediaPresentationDuration") == "PT7.000S"
    base = root.findtext(f"{NS}BaseURL")
    assert base is not None
    video, audio = root.iter(f"{NS}AdaptationSet")
    assert len(audio.findall(f"{NS}Representation")) == 1
    timelines = set()
    for each in video.findall(f"{NS}Representation"):
        template = each.find(f"{NS}SegmentTemplate")
        assert template is not None
        scale = int(template.get("timescale", ""))
        parts = [
            Fraction(int(s.get("d", "")), scale)
            for s in template.iter(f"{NS}S")
            for _ in range(int(s.get("r", "0")) + 1)
        ]
        assert sum(parts) == 7
        timelines.add(tuple(parts))
        number = each.get("id")
        files = sorted((tmp_path / "out" / base).glob(f"{number}-*.m4s"))
        assert len(files) == len(parts)
        whole = tmp_path / f"{number}.mp4"
        init = (tmp_path / "out" / base / f"{number}.mp4").read_bytes()
        whole.write_bytes(init + b"".join(file.read_bytes() for file in files))
        with av.open(str(whole)) as film:
            assert film.streams.video[0].width == int(each.get("width", ""))
            assert sum(1 for _ in film.decode(video=0)) == 175
    assert len(timelines) == 1


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="needs ffprobe")
def test_ffprobe_reads_the_dash_manifest(media: Path, tmp_path: Path) -> None:
    deliver(build(media, tmp_path, DASH))
    command = ["ffprobe", "-v", "error", "-show_entries", "stream=codec_name,width:format=duration"]
    target = str(tmp_path / "out" / "film.mpd")
    done = subprocess.run([*command, "-of", "csv", target], capture_output=True, text=True)
    if "Invalid data" in done.stderr:
        pytest.skip("this ffprobe reads no DASH")
    assert set(re.findall(r"h264,(\d+)", done.stdout)) == {"256", "426"}
    assert "aac" in done.stdout and "format,7.0" in done.stdout


def test_hevc_has_the_name_and_the_tag_that_apple_wants(media: Path, tmp_path: Path) -> None:
    output = {**HLS, "codec": "hevc", "preset": "ultrafast", "ladder": ["144p"]}
    deliver(build(media, tmp_path, output))
    text = (tmp_path / "out" / "film.m3u8").read_text()
    # Main profile, compatible with Main and Main 10, main tier, level 2 (30 times 2).
    assert re.search(r'CODECS="hvc1\.1\.6\.L60\.\w+,mp4a', text), text
    assert b"hvc1" in (playlists(tmp_path)[0].parent / "0.mp4").read_bytes()
    with av.open(str(playlists(tmp_path)[0])) as stream:
        assert sum(1 for _ in stream.decode(video=0)) == 175


def test_an_hdr_stream_says_so(media: Path, tmp_path: Path) -> None:
    built = build(media, tmp_path, {**HLS, "codec": "hevc", "preset": "ultrafast"})
    spec = yaml.safe_load((tmp_path / "edit.vedc.yaml").read_text())
    spec["profile"]["color"] = "bt2100-pq"
    spec["timeline"] = [{"color": "red", "duration": "1s"}]
    (tmp_path / "edit.vedc.yaml").write_text(yaml.safe_dump(spec))
    deliver(built)
    text = (tmp_path / "out" / "film.m3u8").read_text()
    assert text.count("VIDEO-RANGE=PQ") == 2
    # Main 10: profile 2, compatible with Main 10 alone.
    assert text.count('CODECS="hvc1.2.4.L') == 2


def test_messages_of_several_renditions_are_reported_once(media: Path, tmp_path: Path) -> None:
    reported: list[Problem] = []
    loud = build(media, tmp_path, HLS)
    spec = yaml.safe_load((tmp_path / "edit.vedc.yaml").read_text())
    spec["audio"][0]["volume"] = "24dB"
    (tmp_path / "edit.vedc.yaml").write_text(yaml.safe_dump(spec))
    reports = deliver(loud, warn=reported.extend)
    assert [problem.code for problem in reported] == ["sound-limited"]
    assert len(reports) == 2


def test_480p_stands_beside_1080p(media: Path, tmp_path: Path) -> None:
    """Rounded to even, 853.3x480 has not quite the same shape."""
    clips = [{"color": "red", "duration": "1s"}]
    output = {**HLS, "ladder": ["360p", "240p"]}
    deliver(build(media, tmp_path, output, clips=clips))
    assert "RESOLUTION=426x240" in (tmp_path / "out" / "film.m3u8").read_text()


def test_a_new_stream_takes_the_place_of_the_old_one(media: Path, tmp_path: Path) -> None:
    deliver(build(media, tmp_path, HLS, DASH))
    (old,) = (tmp_path / "out").glob("film-*")
    deliver(build(media, tmp_path, {**HLS, "ladder": ["144p"]}, DASH), replace=True)
    folders = set((tmp_path / "out").glob("film-*"))
    assert old in folders and len(folders) == 2, "the DASH manifest still names the old one"
    deliver(build(media, tmp_path, *({**o, "ladder": ["144p"]} for o in (HLS, DASH))), replace=True)
    assert len(list((tmp_path / "out").glob("film-*"))) == 1
    assert not list((tmp_path / "out").glob(".vedc-*"))


def test_the_same_stream_again_is_the_same_bytes(media: Path, tmp_path: Path) -> None:
    deliver(build(media, tmp_path / "a", HLS))
    deliver(build(media, tmp_path / "b", HLS))
    one, two = (
        {p.relative_to(folder): p.read_bytes() for p in (folder / "out").rglob("*") if p.is_file()}
        for folder in (tmp_path / "a", tmp_path / "b")
    )
    assert one == two


def test_a_stream_that_fails_leaves_the_old_one(
    media: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(build(media, tmp_path, HLS))
    before = {p: p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file()}

    def fail(*given: object) -> None:
        raise RenderError.one("cannot-mux", "no")

    monkeypatch.setattr(package, "media_rates", fail)
    with pytest.raises(UserError):
        deliver(build(media, tmp_path, {**HLS, "ladder": ["144p"]}))
    assert {p: p.read_bytes() for p in (tmp_path / "out").rglob("*") if p.is_file()} == before
