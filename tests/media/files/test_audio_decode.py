"""Reading sound: every place to the sample, against whole-file decoding by FFmpeg itself."""

from __future__ import annotations

import random
import struct
import wave
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest
from av.audio.frame import AudioFrame

from tests.paths import MEDIA
from vedc.audio.decode import SoundReader, _Source
from vedc.audio.downmix import matrix
from vedc.errors import RenderError
from vedc.media.probe import probe

Floats = npt.NDArray[np.float32]

needs_media = pytest.mark.skipif(not MEDIA.exists(), reason="the shared media are not here")


def chirp(seconds: float, rate: int, channels: int = 2) -> Floats:
    """A tone that rises, so that no two places sound alike; softer in each further channel."""
    t = np.arange(round(seconds * rate)) / rate
    tone = 0.4 * np.sin(2 * np.pi * (150 + 120 * t) * t)
    return np.stack([tone / (1 + c) for c in range(channels)]).astype(np.float32)


def frames(
    sound: Floats, rate: int, layout: str = "stereo", length: int = 1000, start: int = 0
) -> Iterable[AudioFrame]:
    for at in range(0, sound.shape[1], length):
        part = sound[:, at : at + length].T.reshape(1, -1)  # PyAV cannot fill eight planes
        frame = AudioFrame.from_ndarray(part, "flt", layout)
        frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), start + at
        yield frame


def write(path: Path, encoder: str, source: Iterable[AudioFrame], form: str | None = None) -> Path:
    with av.open(str(path), "w", format=form) as file:
        stream = None
        for frame in source:
            if stream is None:
                options = {"strict": "experimental"} if encoder == "vorbis" else {}
                stream = file.add_stream(encoder, rate=frame.sample_rate, options=options)
                stream.layout = frame.layout
            file.mux(stream.encode(frame))
        assert stream is not None
        file.mux(stream.encode(None))
    return path


def filtered(path: Path, *filters: tuple[str, str]) -> Floats:
    """A whole file through FFmpeg's filters, in one go."""
    graph = av.filter.Graph()
    parts = []
    with av.open(str(path)) as file:
        for frame in file.decode(audio=0):
            frame.pts = None
            if not parts:
                nodes = [
                    graph.add(
                        "abuffer",
                        sample_rate=str(frame.sample_rate),
                        sample_fmt=frame.format.name,
                        channel_layout=frame.layout.name,
                        time_base=f"1/{frame.sample_rate}",
                    ),
                    *(graph.add(name, options) for name, options in filters),
                    graph.add("aformat", "sample_fmts=fltp"),
                    graph.add("abuffersink"),
                ]
                graph.link_nodes(*nodes).configure()
                parts = [np.zeros((0, 0), np.float32)]
            nodes[0].push(frame)
        nodes[0].push(None)
    while True:
        try:
            parts.append(nodes[-1].pull().to_ndarray())
        except av.EOFError:
            return np.concatenate(parts[1:], axis=1)


def read(path: Path, count: int, rate: int, channels: int = 2, start: int = 0) -> Floats:
    reader = SoundReader(str(path), rate, channels)
    try:
        reader.seek(start)
        return reader.read(count)
    finally:
        reader.close()


STORED = [
    ("pcm_s16le", "wav", 0.0),
    ("pcm_s24le", "mov", 0.0),
    ("pcm_s16le", "matroska", 0.0),
    ("flac", "flac", 0.0),
    ("flac", "matroska", 0.0),
    ("alac", "mp4", 0.0),
    ("libmp3lame", "mp3", 0.0),
    ("libmp3lame", "matroska", 0.0),
    ("libmp3lame", "mp4", 0.0),
    ("mp2", "mpegts", 1e-3),  # its decoder dithers
    ("ac3", "matroska", 1e-3),
    ("aac", "mp4", 2e-3),  # noise substitution
    ("aac", "matroska", 2e-3),
    ("aac", "adts", 2e-3),
    ("aac", "flv", 2e-3),
    ("libopus", "webm", 2e-3),
    ("libopus", "ogg", 2e-3),
]


@pytest.mark.parametrize(("encoder", "form", "tolerance"), STORED)
def test_a_place_sounds_the_same_however_it_was_reached(
    tmp_path: Path, encoder: str, form: str, tolerance: float
) -> None:
    path = write(tmp_path / "a", encoder, frames(chirp(3.1, 48000), 48000), form)
    picks = random.Random(1)
    for rate in (48000, 44100):
        reader = SoundReader(str(path), rate, 2)
        whole = reader.read(3 * rate)
        for at in [picks.randrange(rate // 20, 2 * rate) for _ in range(6)]:
            reader.seek(at)
            assert np.abs(reader.read(4000) - whole[:, at : at + 4000]).max() <= tolerance
        reader.seek(0)
        again = reader.read(rate)
        assert np.abs(again[:, 50:] - whole[:, 50:rate]).max() <= max(tolerance, 1e-6)
        reader.close()


@needs_media
@pytest.mark.parametrize("name", ["hungarian_dance", "speech_1", "vibe_ace"])
def test_real_vorbis_whose_time_stamps_jump(name: str) -> None:
    reader = SoundReader(str(MEDIA / f"audio/{name}.ogg"), 48000, 2)
    whole = reader.read(8 * 48000)
    picks = random.Random(7)
    for at in [*(picks.randrange(1000, 7 * 48000) for _ in range(12)), 88648]:
        reader.seek(at)
        np.testing.assert_array_equal(reader.read(2000), whole[:, at : at + 2000])
    reader.close()


def test_pcm_comes_back_to_the_bit(tmp_path: Path) -> None:
    wanted = np.round(chirp(1.0, 48000) * 32768) / 32768
    path = write(tmp_path / "a.wav", "pcm_s16le", frames(wanted, 48000))
    got = read(path, 48000 + 200, 48000, start=-100)
    np.testing.assert_array_equal(got[:, 100:-100], wanted)
    assert not got[:, :100].any() and not got[:, -100:].any(), "silence before and after"


@pytest.mark.parametrize(("given", "wanted"), [(44100, 48000), (48000, 44100), (22050, 48000)])
def test_resampling_matches_aresample_over_the_whole_file(
    tmp_path: Path, given: int, wanted: int
) -> None:
    path = write(tmp_path / "a.wav", "pcm_s16le", frames(chirp(2.5, given), given))
    oracle = filtered(path, ("aresample", str(wanted)))
    assert abs(oracle.shape[1] - 2.5 * wanted) <= 1
    count = oracle.shape[1]
    np.testing.assert_allclose(read(path, count, wanted), oracle, atol=1e-6)
    at = 70001  # reached by a seek
    np.testing.assert_allclose(
        read(path, 9000, wanted, start=at), oracle[:, at : at + 9000], atol=1e-6
    )


def test_no_drift_over_ten_minutes(tmp_path: Path) -> None:
    """A click at 9 min 59.5 s of a 44.1 kHz file is heard there at 48 kHz."""
    rate, seconds = 44100, 600
    sound = np.zeros((1, rate * seconds), np.float32)
    sound[0, rate * seconds - rate // 2] = 0.9
    path = write(tmp_path / "a.wav", "pcm_s16le", frames(sound, rate, "mono", length=rate))
    got = read(path, 48000 * seconds, 48000, 1)
    assert np.abs(got).argmax() == 48000 * seconds - 24000
    near = 48000 * seconds - 26000
    sought = read(path, 4000, 48000, 1, start=near)
    np.testing.assert_array_equal(sought, got[:, near : near + 4000])


# Mono and stereo: W3C Web Audio API 1.0, "Up Mixing Speaker Layouts" and "Down Mixing Speaker
# Layouts". The rest: ITU-R BS.775-3, annex 4, table 2; mono is the mean of its stereo.
S = 0.5**0.5
MIXES = [
    ("mono", 2, [[1], [1]]),
    ("mono", 6, [[0], [0], [1], [0], [0], [0]]),
    ("stereo", 1, [[0.5, 0.5]]),
    ("stereo", 6, [[1, 0], [0, 1], [0, 0], [0, 0], [0, 0], [0, 0]]),
    ("2.1", 2, [[1, 0, 0], [0, 1, 0]]),
    ("3.0", 2, [[1, 0, S], [0, 1, S]]),
    ("3.0", 1, [[0.5, 0.5, S]]),
    ("4.0", 2, [[1, 0, S, 0.5], [0, 1, S, 0.5]]),
    ("quad", 2, [[1, 0, S, 0], [0, 1, 0, S]]),
    ("quad", 1, [[0.5, 0.5, S / 2, S / 2]]),
    ("quad", 6, [[1, 0, 0, 0], [0, 1, 0, 0], [0] * 4, [0] * 4, [0, 0, 1, 0], [0, 0, 0, 1]]),
    ("5.0", 2, [[1, 0, S, S, 0], [0, 1, S, 0, S]]),
    ("5.1", 1, [[0.5, 0.5, S, 0, S / 2, S / 2]]),
    ("5.1", 2, [[1, 0, S, 0, S, 0], [0, 1, S, 0, 0, S]]),
    ("5.1", 6, np.eye(6)),
    ("5.1(side)", 1, [[0.5, 0.5, S, 0, S / 2, S / 2]]),
    ("5.1(side)", 2, [[1, 0, S, 0, S, 0], [0, 1, S, 0, 0, S]]),
    ("5.1(side)", 6, np.eye(6)),
    ("6.1", 2, [[1, 0, S, 0, 0.5, S, 0], [0, 1, S, 0, 0.5, 0, S]]),
    ("7.1", 1, [[0.5, 0.5, S, 0, S / 2, S / 2, S / 2, S / 2]]),
    ("7.1", 2, [[1, 0, S, 0, S, 0, S, 0], [0, 1, S, 0, 0, S, 0, S]]),
    ("7.1", 6, np.concatenate([np.eye(6), np.eye(6)[:, 4:]], axis=1)),
    ("7.1(wide)", 1, [[0.5, 0.5, S, 0, S / 2, S / 2, 0.5, 0.5]]),
    ("7.1(wide)", 2, [[1, 0, S, 0, S, 0, 1, 0], [0, 1, S, 0, 0, S, 0, 1]]),
    ("7.1(wide-side)", 2, [[1, 0, S, 0, 1, 0, S, 0], [0, 1, S, 0, 0, 1, 0, S]]),
]


@pytest.mark.parametrize(("layout", "channels", "gains"), MIXES)
def test_channels_are_mixed_by_the_published_gains(
    tmp_path: Path, layout: str, channels: int, gains: npt.ArrayLike
) -> None:
    gains = np.asarray(gains, np.float32)
    given = np.random.default_rng(3).uniform(-0.2, 0.2, (gains.shape[1], 4800))
    given = (np.round(given * 32768) / 32768).astype(np.float32)
    path = write(tmp_path / "a.wav", "pcm_s16le", frames(given, 48000, layout))
    with av.open(str(path)) as file:
        assert file.streams.audio[0].layout.name == layout or gains.shape[1] < 3
    np.testing.assert_allclose(read(path, 4800, 48000, channels), gains @ given, atol=1e-6)


@pytest.mark.parametrize("layout", ["5.1", "5.1(side)", "7.1"])
def test_a_downmix_does_not_depend_on_the_stages_and_agrees_with_pan(
    tmp_path: Path, layout: str
) -> None:
    """Full-scale channels, so that a normalised matrix would differ; resampled too."""
    count = av.AudioLayout(layout).nb_channels
    given = np.random.default_rng(4).uniform(-1, 1, (count, 9600)).astype(np.float32)
    path = write(tmp_path / "a.wav", "pcm_f32le", frames(given, 48000, layout))
    surround = write(
        tmp_path / "b.wav", "pcm_f32le", frames(read(path, 9600, 48000, 6), 48000, "5.1")
    )
    sides = "0.70710678*BL" if layout == "5.1" else "0.70710678*SL"
    if layout == "7.1":
        sides += "+0.70710678*BL"
    gains = f"FL=FL+0.70710678*FC+{sides}|FR=FR+0.70710678*FC+{sides.replace('L', 'R')}"
    for rate in (48000, 44100):
        stereo = read(path, rate // 5, rate)
        assert np.abs(stereo).max() > 1.5
        oracle = filtered(path, ("aresample", str(rate)), ("pan", f"stereo|{gains}"))
        np.testing.assert_allclose(stereo, oracle[:, : rate // 5], atol=2e-6)
        np.testing.assert_allclose(read(surround, rate // 5, rate), stereo, atol=2e-6)
        mono = read(path, rate // 5, rate, 1)
        np.testing.assert_allclose(mono[0], stereo.mean(axis=0), atol=1e-6)


def test_channels_without_places_are_the_usual_ones_of_their_number(tmp_path: Path) -> None:
    assert matrix(("NONE",) * 6, 2) == matrix(("FL", "FR", "FC", "LFE", "BL", "BR"), 2)
    assert matrix(("NONE",) * 16, 2) is None
    path = tmp_path / "a.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((16, 2, 48000, 0, "NONE", ""))
        file.writeframes(bytes(16 * 2 * 4800))
    with pytest.raises(RenderError, match="its 16 channels"):
        read(path, 4800, 48000)


def remuxed(source: Path, target: Path, change: dict[int, int | None], form: str) -> Path:
    """Copy packets; ``change`` moves the time stamp of the n-th one, or drops it (None)."""
    with av.open(str(source)) as given, av.open(str(target), "w", format=form) as file:
        stream = file.add_stream_from_template(given.streams.audio[0])
        for number, packet in enumerate(given.demux(audio=0)):
            move = change.get(number, 0)
            if packet.dts is None or move is None:
                continue
            packet.pts, packet.dts = (packet.pts or 0) + move, packet.dts + move
            packet.stream = stream
            file.mux(packet)
    return target


def test_lost_packets_are_silence_and_what_follows_keeps_its_time(tmp_path: Path) -> None:
    sound = np.round(chirp(3.0, 48000) * 32768) / 32768
    whole = write(tmp_path / "a.mkv", "flac", frames(sound, 48000))
    with av.open(str(whole)) as file:
        length = next(file.decode(audio=0)).samples
    path = remuxed(whole, tmp_path / "b.mkv", {10: None, 11: None}, "matroska")
    low, high = 10 * length, 12 * length
    got = read(path, sound.shape[1], 48000)
    np.testing.assert_array_equal(got[:, :low], sound[:, :low])
    assert not got[:, low + 48 : high - 48].any()
    # Matroska counts milliseconds: after the gap up to 48 samples are in doubt.
    after = sound[:, high + 100 : high + 20100]
    fits = [d for d in range(-48, 49) if (got[:, high + 100 + d :][:, :20000] == after).all()]
    assert len(fits) == 1


def test_jitter_of_time_stamps_is_not_heard(tmp_path: Path) -> None:
    sound = chirp(2.0, 48000)
    whole = write(tmp_path / "a.mkv", "flac", frames(sound, 48000))
    jitter = {n: random.Random(n).randint(-7, 7) for n in range(1, 40)}
    path = remuxed(whole, tmp_path / "b.mkv", jitter, "matroska")
    np.testing.assert_array_equal(read(path, 90000, 48000), read(whole, 90000, 48000))


@pytest.mark.parametrize("move", [5000, -900])
def test_one_wrong_time_stamp_moves_nothing(tmp_path: Path, move: int) -> None:
    sound = np.round(chirp(3.0, 48000) * 32768) / 32768
    whole = write(tmp_path / "a.mkv", "flac", frames(sound, 48000))
    path = tmp_path / "b.mkv"
    data = bytearray(whole.read_bytes())
    with av.open(str(whole)) as file:
        at = [packet.pos for packet in file.demux(audio=0) if packet.size][20]
    assert at is not None
    (time,) = struct.unpack(">h", data[at + 1 : at + 3])  # in its cluster (RFC 9559)
    data[at + 1 : at + 3] = struct.pack(">h", time + move)
    path.write_bytes(data)
    np.testing.assert_array_equal(read(path, 140000, 48000), sound[:, :140000])
    reader = SoundReader(str(path), 48000, 2)
    reader.read(1000)
    for at in (120000, 90000):
        reader.seek(at)
        np.testing.assert_array_equal(reader.read(3000), sound[:, at : at + 3000])
    reader.close()


def test_damage_that_is_skipped_on_the_way_is_not_reported(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mka", "aac", frames(chirp(4.0, 48000), 48000), "matroska")
    damaged(path, 40, 43, 4)
    drop = remuxed(path, tmp_path / "b.mka", {90: None}, "matroska")  # now it is read on
    reader = SoundReader(str(drop), 48000, 2)
    reader.seek(3 * 48000)
    assert np.abs(reader.read(4000)).max() > 0.1
    assert reader.lost == []
    reader.close()


def damaged(path: Path, first: int, last: int, keep: int) -> None:
    """Overwrite packets ``first`` to ``last``, but for their first ``keep`` bytes."""
    data = bytearray(path.read_bytes())
    with av.open(str(path)) as file:
        packets = [p for p in file.demux(audio=0) if p.size]
    for packet in packets[first : last + 1]:
        assert packet.pos is not None
        data[packet.pos + keep : packet.pos + packet.size] = b"\xff" * (packet.size - keep)
    path.write_bytes(data)


@pytest.mark.parametrize(("form", "ending"), [("adts", "aac"), ("matroska", "mkv")])
def test_damage_becomes_silence_of_the_right_length_and_is_reported(
    tmp_path: Path, form: str, ending: str
) -> None:
    whole = write(tmp_path / f"a.{ending}", "aac", frames(chirp(8.0, 48000), 48000), form)
    path = tmp_path / f"b.{ending}"
    path.write_bytes(whole.read_bytes())
    damaged(path, 190, 193, 7 if form == "adts" else 4)  # 4.05 s to 4.14 s
    wanted = read(whole, 7 * 48000, 48000)
    reader = SoundReader(str(path), 48000, 2)
    got = reader.read(7 * 48000)
    begin = 190 * 1024 if form == "adts" else 189 * 1024  # without the encoder's run-up
    end = begin + 4 * 1024
    np.testing.assert_allclose(got[:, : begin - 1024], wanted[:, : begin - 1024], atol=2e-3)
    assert not got[:, begin + 64 : end].any()
    np.testing.assert_allclose(got[:, end + 1024 :], wanted[:, end + 1024 :], atol=2e-3)
    (loss,) = reader.lost
    assert loss.packets == 4
    assert abs(loss.start - Fraction(begin, 48000)) < Fraction(1, 1000)
    assert abs(loss.end - Fraction(end, 48000)) < Fraction(1, 1000)
    for at in (begin - 3000, begin + 100, end - 50, end + 9000):
        reader.seek(at)
        np.testing.assert_allclose(reader.read(4000), got[:, at : at + 4000], atol=2e-3)
    reader.close()
    for start, count in ((0, 4 * 48000), (round(4.4 * 48000), 48000)):  # on either side of it
        reader = SoundReader(str(path), 48000, 2)
        reader.seek(start)
        reader.read(count)
        assert not reader.lost
        reader.close()


def test_a_recording_cut_short_ends_there(tmp_path: Path) -> None:
    path = write(tmp_path / "a.aac", "aac", frames(chirp(2.0, 48000), 48000), "adts")
    data = path.read_bytes()
    path.write_bytes(data[:-120])
    got = read(path, 3 * 48000, 48000)
    assert np.abs(got[:, 80000:90000]).max() > 0.1
    assert not got[:, 2 * 48000 + 2048 :].any()


def test_a_file_that_is_not_sound_is_an_error(tmp_path: Path) -> None:
    missing, text, mute = tmp_path / "none.wav", tmp_path / "a.wav", tmp_path / "mute.mkv"
    text.write_bytes(b"not a sound at all, only some words")
    with av.open(str(mute), "w") as file:
        stream = file.add_stream("ffv1", rate=25)
        stream.width = stream.height = 16
        file.mux(stream.encode(av.VideoFrame(16, 16, "yuv420p")))
        file.mux(stream.encode(None))
    for path in (missing, text, mute):
        with pytest.raises(RenderError):
            SoundReader(str(path), 48000, 2)


def test_a_stream_may_change_its_layout_and_rate_on_the_way(tmp_path: Path) -> None:
    one = write(tmp_path / "1", "aac", frames(chirp(1.0, 48000, 1), 48000, "mono"), "adts")
    two = write(tmp_path / "2", "aac", frames(chirp(1.0, 48000, 2), 48000), "adts")
    both = tmp_path / "both.aac"
    both.write_bytes(one.read_bytes() + two.read_bytes())
    got = read(both, 2 * 48000, 48000)
    loud = np.sqrt((got.reshape(2, 4, -1) ** 2).mean(axis=2))
    tone = 0.4 * S
    np.testing.assert_allclose(loud[:, 0], [tone, tone], rtol=0.1)
    np.testing.assert_allclose(loud[:, 3], [tone, tone / 2], rtol=0.1)


@pytest.mark.parametrize(
    ("encoder", "ending", "rates", "apart"),
    [
        ("libmp3lame", "mp3", (44100, 48000), 0.06),
        ("libmp3lame", "mp3", (48000, 48000), 0.06),
        ("aac", "aac", (44100, 48000), 0.0),
        ("libopus", "ogg", (48000, 48000), 0.02),
        ("flac", "flac", (44100, 44100), 0.0),
    ],
)
def test_files_joined_end_to_end_play_through(
    tmp_path: Path, encoder: str, ending: str, rates: tuple[int, int], apart: float
) -> None:
    """As each of them plays by itself, the second after the first. Encoders add some samples."""
    sounds = [chirp(2.0, rates[0]), np.flip(chirp(3.0, rates[1]), 1)]
    files = [
        write(tmp_path / f"{n}.{ending}", encoder, frames(sound, rate))
        for n, (sound, rate) in enumerate(zip(sounds, rates, strict=True))
    ]
    if ending == "mp3":  # with the tags that stand between them
        tag = b"ID3\x04\0\0\0\0\x01\0" + bytes(128)
        files[1].write_bytes(tag + files[1].read_bytes())
        files[0].write_bytes(files[0].read_bytes() + b"TAG" + bytes(125))
    both = tmp_path / f"both.{ending}"
    both.write_bytes(b"".join(file.read_bytes() for file in files))
    alone = [read(file, 4 * 48000, 48000) for file in files]
    reader = SoundReader(str(both), 48000, 2)
    got = reader.read(7 * 48000)
    np.testing.assert_allclose(
        got[:, : int(1.9 * 48000)], alone[0][:, : int(1.9 * 48000)], atol=2e-3
    )
    second = alone[1][0, 24000 : 24000 + 96000]
    place = int(np.argmax(np.correlate(got[0, 90000:300000], second, "valid"))) + 90000 - 24000
    assert 0 <= place / 48000 - 2.0 <= apart + 0.05
    np.testing.assert_allclose(got[0, place + 24000 :][:96000], second, atol=5e-3)
    for at in (200000, 100000, 120000, 30000, place + 50):
        reader.seek(at)
        np.testing.assert_allclose(reader.read(5000), got[:, at : at + 5000], atol=3e-3)
    reader.close()


@pytest.mark.parametrize(
    ("encoder", "scale", "rate"),
    [
        ("pcm_s16le", 1, 176400),
        ("pcm_s16le", 1, 25),
        ("libmp3lame", 1, 176400),
        ("libmp3lame", 1152, 88200),
        ("ac3", 1, 25),
        ("adpcm_ms", 7, 3),
    ],
)
def test_an_avi_whose_header_lies_is_timed_by_its_samples(
    tmp_path: Path, encoder: str, scale: int, rate: int
) -> None:
    path = write(tmp_path / "a.avi", encoder, frames(chirp(2.5, 44100), 44100), "avi")
    lying = tmp_path / "b.avi"
    data = bytearray(path.read_bytes())
    header = data.index(b"strh") + 8
    data[header + 20 : header + 28] = struct.pack("<2I", scale, rate)
    lying.write_bytes(data)
    wanted = filtered(path, ("pan", "stereo|c0=c0|c1=c1"))
    reader = SoundReader(str(lying), 44100, 2)
    got = reader.read(wanted.shape[1])
    np.testing.assert_allclose(got, wanted, atol=1e-6)
    for at in (70000, 30000, 30500, 90000):
        reader.seek(at)
        np.testing.assert_allclose(reader.read(4000), got[:, at : at + 4000], atol=1e-3)
    reader.close()


#: Samples by which a file's sound is late. The encoder delay that its container states is removed;
#: where it states none the delay is heard: LAME's 576 and the decoder's 529 (LAME's technical
#: FAQ), a frame of AAC, Opus's pre-skip (RFC 7845), 256 of AC-3, 481 of MP2's filters.
DELAYS = [
    ("libmp3lame", "mp3", 0),
    ("libmp3lame", "mka", 0),
    ("libmp3lame", "mp4", 0),
    ("libmp3lame", "mov", 0),
    ("libmp3lame", "avi", 1105),
    ("libmp3lame", "ts", 1105),
    ("aac", "m4a", 0),
    ("aac", "mov", 0),
    ("aac", "mka", 0),
    ("aac", "ts", 1024),
    ("aac", "aac", 1024),
    ("aac", "flv", 1024),
    ("libopus", "opus", 0),
    ("libopus", "webm", 0),
    ("libopus", "mp4", 0),
    ("libopus", "ts", 312),
    ("vorbis", "ogg", 0),
    ("vorbis", "webm", 0),
    ("ac3", "mka", 0),
    ("ac3", "mp4", 0),
    ("ac3", "ts", 256),
    ("ac3", "avi", 256),
    ("eac3", "mp4", 0),
    ("mp2", "mka", 0),
    ("mp2", "avi", 481),
    ("alac", "m4a", 0),
    ("alac", "caf", 0),
    ("flac", "oga", 0),
    ("flac", "mp4", 0),
    ("pcm_s16le", "w64", 0),
    ("pcm_s16le", "nut", 0),
    ("pcm_bluray", "m2ts", 0),
    ("adpcm_ms", "wav", 0),
    ("adpcm_ima_wav", "wav", 0),
    ("adpcm_ima_wav", "avi", 0),
]


@pytest.mark.parametrize(("encoder", "ending", "late"), DELAYS)
def test_what_encoders_add_is_taken_off(
    tmp_path: Path, encoder: str, ending: str, late: int
) -> None:
    given = chirp(3.0, 48000)
    path = write(tmp_path / f"a.{ending}", encoder, frames(given, 48000))
    reader = SoundReader(str(path), 48000, 2)
    got = reader.read(4 * 48000)
    part = got[0, 24000:40384]
    place = 16000 + int(np.argmax(np.correlate(given[0, 16000:48000], part, "valid")))
    assert 24000 - place == late
    length = reader.reached
    reader.seek(60001)
    np.testing.assert_allclose(reader.read(3000), got[:, 60001:63001], atol=2e-3)
    reader.close()
    info = probe(path)
    assert info.audio is not None and info.audio.duration is not None and not info.notes
    reported = info.audio.duration * 48000
    if ending in ("mp4", "m4a", "mov"):  # the last frame holds more than its container counts
        assert abs(reported - 3 * 48000) <= 96 and reported <= length
    else:
        assert abs(reported - length) <= 48


def test_the_last_page_of_an_ogg_is_found_again(tmp_path: Path) -> None:
    """FFmpeg gives the packets of the last page false times if a seek leads right to it."""
    sound = frames(chirp(5.0, 44100), 44100)
    path = write(tmp_path / "a.ogg", "vorbis", sound)
    reader = SoundReader(str(path), 44100, 2)
    whole = reader.read(5 * 44100)
    for at in range(215000, 90000, -9001):
        reader.seek(at)
        np.testing.assert_allclose(reader.read(2000), whole[:, at : at + 2000], atol=1e-6)
    reader.close()


def test_a_seek_that_leads_too_far_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = np.round(chirp(4.0, 48000) * 32768) / 32768
    path = write(tmp_path / "a.wav", "pcm_s16le", frames(sound, 48000))
    honest, asked = _Source.seek, []

    def poor(source: _Source, time: Fraction) -> None:
        asked.append(time)
        honest(source, time + Fraction(3, 2))

    monkeypatch.setattr(_Source, "seek", poor)
    np.testing.assert_array_equal(read(path, 1000, 48000, start=150000), sound[:, 150000:151000])
    assert len(asked) > 1
