"""Filters of sounds: against FFmpeg's own, in step to the sample, over cuts and on every bus."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.media.heard import RATE, Floats, Warned, render, tone, write_wav

PICTURE = "timeline: [{color: black, duration: 4s}]\n"


def noise(seconds: float, level: float = 0.1, seed: int = 1) -> Floats:
    return np.random.default_rng(seed).uniform(-level, level, (2, round(seconds * RATE)))


def through(sound: Floats, name: str, options: str) -> Floats:
    """Samples through one of FFmpeg's filters."""
    graph = av.filter.Graph()
    nodes = [
        graph.add_abuffer(
            sample_rate=RATE, format="fltp", layout="stereo", time_base=Fraction(1, RATE)
        ),
        graph.add(name, options),
        graph.add("aformat", "sample_fmts=fltp"),
        graph.add("abuffersink"),
    ]
    graph.link_nodes(*nodes).configure()
    frame = av.AudioFrame.from_ndarray(sound.astype(np.float32), "fltp", "stereo")
    frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
    nodes[0].push(frame)
    nodes[0].push(None)
    got = []
    while True:
        try:
            got.append(nodes[-1].pull().to_ndarray())
        except av.EOFError:
            return np.concatenate(got, axis=1)


def dynamic(seconds: float) -> Floats:
    """Noise that is loud and soft by turns of half a second."""
    sound = noise(seconds, 1.0)
    turn = np.arange(sound.shape[1]) // (RATE // 2) % 2
    return sound * np.where(turn, 0.02, 0.5)


EFFECTS = {
    "eq: [{frequency: 1000, gain: 6dB, q: 2}]": ("equalizer", "f=1000:t=q:w=2:g=6"),
    "eq: [{type: low_shelf, frequency: 200, gain: -9dB}]": ("lowshelf", "f=200:t=q:w=0.707:g=-9"),
    "eq: [{type: high_shelf, frequency: 5000, gain: 3dB}]": ("highshelf", "f=5000:t=q:w=0.707:g=3"),
    "eq: [{type: highpass, frequency: 300}]": ("highpass", "f=300:t=q:w=0.707"),
    "eq: [{type: lowpass, frequency: 300}]": ("lowpass", "f=300:t=q:w=0.707"),
    "eq: [{type: notch, frequency: 300, q: 5}]": ("bandreject", "f=300:t=q:w=5"),
    "compressor: {threshold: -20dB, ratio: 4, attack: 10ms, release: 0.1s, knee: 6dB,"
    " makeup: 3dB}": (
        "acompressor",
        "threshold=0.1:ratio=4:attack=10:release=100:knee=1.99526:makeup=1.41254:link=maximum",
    ),
    "gate: {threshold: -30dB, by: 20dB, ratio: 8, attack: 5ms, release: 50ms}": (
        "agate",
        "threshold=0.0316228:range=0.1:ratio=8:attack=5:release=50:link=maximum",
    ),
}  # fmt: skip


@pytest.mark.parametrize("key", EFFECTS)
def test_an_effect_matches_ffmpeg(tmp_path: Path, key: str) -> None:
    sound = dynamic(4)
    write_wav(tmp_path / "a.wav", sound)
    got = render(tmp_path, PICTURE + f"audio: [{{clip: a.wav, {key}}}]\n")
    stored = np.round(sound * 32767) / 32768
    name, options = EFFECTS[key]
    wanted = through(stored, name, options + ":precision=f64" * key.startswith("eq"))
    assert np.abs(wanted - stored).max() > 0.02
    np.testing.assert_allclose(got, wanted, atol=2e-5)


@pytest.mark.parametrize("where", ["item", "track", "master"])
def test_filters_that_look_ahead_leave_everything_in_its_place(tmp_path: Path, where: str) -> None:
    clicks = noise(4, 0.0003)
    for at in (10_000, 60_000, 120_000, 180_000):
        clicks[:, at] = 0.8
    write_wav(tmp_path / "a.wav", clicks)
    write_wav(tmp_path / "b.wav", np.roll(clicks, 5000, axis=1))
    key = {name: "denoise: 12dB, " if name == where else "" for name in ("item", "track", "master")}
    spec = (
        f"timeline: {{tracks: [{{{key['track']}clips: [{{clip: a.wav, {key['item']}}}]}}]}}\n"
        "audio: [{clip: b.wav}]\n" + (f"master: {{{key['master']}}}\n" if key["master"] else "")
    )
    got = np.abs(render(tmp_path, spec.replace(", }", "}"))[0])
    assert got.size == 4 * RATE
    for at in (10_000, 60_000, 120_000, 180_000):
        for place in (at, at + 5000):
            assert place - 300 + int(got[place - 300 : place + 300].argmax()) == place
            assert got[place] > 0.6


def test_noise_is_taken_away(tmp_path: Path) -> None:
    sound = noise(4, 0.01)
    sound[:, 2 * RATE :] += tone(2, 1000, 0.3, channels=2)
    write_wav(tmp_path / "a.wav", sound)
    plain = render(tmp_path, PICTURE + "audio: [{clip: a.wav}]\n")
    got = render(
        tmp_path, PICTURE + "audio: [{clip: a.wav, denoise: {amount: 20dB, floor: -40dB}}]\n"
    )
    part = slice(RATE, 2 * RATE - 4800)
    lower = 20 * np.log10(np.std(plain[:, part]) / np.std(got[:, part]))
    assert lower == pytest.approx(20, abs=1)
    loud = slice(3 * RATE, 4 * RATE - 4800)
    assert np.std(got[:, loud]) == pytest.approx(np.std(plain[:, loud]), rel=0.03)


def test_state_runs_on_over_a_cut(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", dynamic(6))
    band = "{frequency: 200, gain: 12dB}"
    keys = f"compressor: {{threshold: -30dB, ratio: 8, release: 500ms}}, eq: [{band}]"
    whole = render(tmp_path, f"timeline: [{{clip: a.wav, in: 2s, out: 6s, {keys}}}]\n")
    cut = render(
        tmp_path,
        f"timeline: [{{clip: a.wav, in: 2s, out: 3.52s, {keys}}},"
        f" {{clip: a.wav, in: 3.52s, out: 6s, {keys}}}]\n",
    )
    assert np.abs(whole).max() > 0.1
    np.testing.assert_allclose(cut[:, 480:-480], whole[:, 480:-480], atol=1e-3)


def test_a_band_may_move(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", tone(4, 1000, 0.1))
    gain = "{keyframes: [{time: 1s, value: -12dB}, {time: 3s, value: 12dB}]}"
    for owner in ("audio: [{{clip: a.wav, {}}}]", "audio: [{{clip: a.wav}}]\nmaster: {{{}}}"):
        spec = PICTURE + owner.format(f"eq: [{{frequency: 1000, q: 0.5, gain: {gain}}}]") + "\n"
        got = render(tmp_path, spec)[0]
        step = RATE // 100
        lines = got.reshape(-1, step) @ np.exp(-2j * np.pi * 1000 * np.arange(step) / RATE)
        level = 20 * np.log10(np.abs(lines) * 2 / step / 0.1)
        middle = (np.arange(400) + 0.5) / 100
        wanted = np.clip((middle - 2) * 12, -12, 12)
        np.testing.assert_allclose(level[5:-5], wanted[5:-5], atol=0.3)


def test_a_room_sounds_on_and_keeps_the_sound(tmp_path: Path) -> None:
    click = np.zeros((1, RATE))
    click[0, 1000] = 0.5
    write_wav(tmp_path / "a.wav", click)
    keys = "reverb: {amount: -6dB, time: 1.5s, delay: 50ms}"
    got = render(tmp_path, PICTURE + f"audio: [{{clip: a.wav, {keys}}}]\n")
    assert got[0, 1000] == pytest.approx(0.5, abs=1e-3)
    room = got.copy()
    room[:, :1001] = 0
    first = int(np.flatnonzero(np.abs(room[0]) > 1e-5)[0])
    assert first == pytest.approx(1000 + 2400, abs=5)
    # Its energy, and the time in which it falls by 60 dB (Schroeder's integral, from -5 to -25 dB).
    assert np.sum(room[0] ** 2) == pytest.approx((0.5 * 10 ** (-6 / 20)) ** 2, rel=0.02)
    left = 10 * np.log10(np.cumsum(room[0, ::-1] ** 2)[::-1] / np.sum(room[0] ** 2) + 1e-12)
    early, late = (int(np.flatnonzero(left < level)[0]) for level in (-5, -25))
    assert 3 * (late - early) / RATE == pytest.approx(1.5, rel=0.25)
    # The speakers differ, and the room is heard after the clip's end at 1 s.
    assert abs(np.corrcoef(room[0, 3400:9000], room[1, 3400:9000])[0, 1]) < 0.1
    assert np.std(got[:, RATE : RATE + 4800]) > 1e-5


def test_a_limiter_keeps_a_ceiling(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", tone(4, 997, 0.9, channels=2))
    warned = Warned()
    got = render(tmp_path, PICTURE + "audio: [{clip: a.wav}]\nmaster: {limiter: -6dB}\n", warned)
    assert np.abs(got).max() == pytest.approx(10 ** (-6 / 20), abs=0.003)
    assert not warned.codes
