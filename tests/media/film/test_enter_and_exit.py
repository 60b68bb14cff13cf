"""``enter`` and ``exit`` in films: picture and sound, by arithmetic and by FFmpeg's afade."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from tests.media.film.test_audio_mix import RATE, Floats, noise, through, write_wav
from tests.parity.ops.films import BT709, Array, planes_of, render, write_source

CANVAS = {"width": 64, "height": 48, "fps": 25}
FILM = {"path": "film.mkv", "codec": "ffv1", "pix_fmt": "yuv444p"}
GREY = 126
"""The luma of a grey item; black is 16."""


def flat(plane: int, height: int, width: int, peak: int) -> Array:
    return np.full((height, width), 128 if plane else GREY)


def lumas(folder: Path, *tracks: list[dict[str, Any]]) -> list[Array]:
    timeline = {"tracks": [{"clips": clips} for clips in tracks]}
    film = render(folder, {"profile": CANVAS, "timeline": timeline, "outputs": [FILM]})
    return [frame[0].astype(float) for frame in planes_of(film)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_source(tmp_path / "grey.mkv", flat, "yuv444p", BT709, frames=25)
    return tmp_path


def test_a_clip_fades_in_from_nothing_and_out_to_it(folder: Path) -> None:
    enter, leave = {"preset": "fade", "duration": "9f"}, {"preset": "fade", "duration": "4f"}
    seen = lumas(folder, [{"clip": "grey.mkv", "enter": enter, "exit": leave}])
    shares = [k / 10 for k in range(1, 10)] + [1.0] * 12 + [k / 5 for k in (4, 3, 2, 1)]
    assert len(seen) == len(shares) == 25
    for frame, share in zip(seen, shares, strict=True):
        assert np.abs(frame - (16 + share * (GREY - 16))).max() <= 1


def test_what_is_below_shows_through_an_item_that_enters(folder: Path) -> None:
    white = {"color": "white", "duration": "25f"}
    black = {"color": "black", "duration": "25f", "opacity": 0.5}
    wiped = {"preset": "wipe", "direction": "right", "duration": "24f"}
    seen = lumas(folder, [white], [black | {"enter": wiped}])
    half = (seen[-1][0, 0] - 16) / (235 - 16)
    assert 0.4 < half < 0.6
    for index, frame in enumerate(seen[:24]):
        covered = (frame < 200).mean(axis=0)
        assert set(covered[:1]) | set(covered[-1:]) <= {0.0, 1.0} or 0 < index < 23
        assert abs(covered.mean() - (index + 1) / 25) <= 1.5 / CANVAS["width"]
        assert frame[0, -1] == 235 or index > 21


@pytest.mark.parametrize("blend", ["multiply", "screen"])
def test_an_item_of_another_blend_mode_enters_blended(folder: Path, blend: str) -> None:
    below = {"color": "#808080", "duration": "25f"}
    over = {"color": "#404040", "duration": "25f", "blend_mode": blend}
    whole = lumas(folder, [below], [over])[0]
    alone = lumas(folder, [below])[0]
    seen = lumas(folder, [below], [over | {"enter": {"preset": "fade", "duration": "4f"}}])
    for index, frame in enumerate(seen[:4]):
        wanted = alone + (whole - alone) * (index + 1) / 5
        assert np.abs(frame - wanted).max() <= 1


def heard(path: Path) -> Floats:
    with av.open(str(path)) as film:
        return np.concatenate([f.to_ndarray() for f in film.decode(audio=0)], axis=1)


def test_the_sound_comes_and_goes_with_the_picture(folder: Path) -> None:
    sound = noise(1.0, 3)
    write_wav(folder / "noise.wav", sound)
    with (
        av.open(str(folder / "grey.mkv")) as picture,
        av.open(str(folder / "noise.wav")) as wav,
        av.open(str(folder / "both.mkv"), "w") as both,
    ):
        streams = {p: both.add_stream_from_template(p.streams[0]) for p in (picture, wav)}
        for source, stream in streams.items():
            for packet in source.demux(source.streams[0]):
                if packet.dts is not None:
                    packet.stream = stream
                    both.mux(packet)
    item = {
        "clip": "both.mkv",
        "enter": {"preset": "fade", "duration": "5f"},
        "exit": {"preset": "wipe", "duration": "10f"},
    }
    film = {"profile": CANVAS, "timeline": [item], "outputs": [FILM | {"audio_codec": "pcm_s16le"}]}
    got = heard(render(folder, film)).reshape(-1, 2).T / 32768
    rise, fall = RATE // 5, RATE * 2 // 5
    wanted = through(sound, f"afade=type=in:nb_samples={rise}:curve=qsin")
    ending = f"afade=type=out:start_sample={RATE - fall}:nb_samples={fall}:curve=qsin"
    np.testing.assert_allclose(got[:, :RATE], through(wanted, ending), atol=1.5 / 32768)
