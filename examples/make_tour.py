"""Make ``decisions/media/tour.mp4``: a spoken tour of five photographs, with pauses to cut.

    python examples/make_tour.py      # needs espeak-ng, for the voice

Every photograph is a shot: the camera drifts over it, by hand. Shots meet in cuts and in one
dissolve; the voice has pauses of different lengths, over the soft noise of a room.
"""

from __future__ import annotations

import math
import subprocess
import tempfile
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

HERE = Path(__file__).parent
QUICKSTART, SLIDESHOW = HERE / "quickstart" / "media", HERE / "gallery" / "slideshow" / "media"
TARGET = HERE / "decisions" / "media" / "tour.mp4"
RATE, SOUND_RATE = 25, 48_000
WIDTH, HEIGHT = 640, 360

#: Photograph, seconds, frames of dissolve into it, drift from and to (x, y, zoom).
SHOTS = (
    (SLIDESHOW / "picos-de-europa.jpg", 7.0, 0, (0.40, 0.45, 1.25), (0.60, 0.50, 1.25)),
    (SLIDESHOW / "stream.jpg", 6.0, 0, (0.50, 0.60, 1.50), (0.50, 0.45, 1.30)),
    (QUICKSTART / "dandelions.jpg", 5.0, 0, (0.45, 0.50, 1.60), (0.55, 0.50, 1.50)),
    (SLIDESHOW / "aizkorri.jpg", 6.0, 20, (0.60, 0.50, 1.20), (0.40, 0.50, 1.20)),
    (QUICKSTART / "sunset.jpg", 6.0, 0, (0.50, 0.40, 1.30), (0.50, 0.55, 1.45)),
)

#: When it is said (seconds), and what.
LINES = (
    (0.6, "We begin in the mountains, early in the morning."),
    (5.6, "Down here, the stream is cold."),
    (9.3, "Very cold."),
    (13.5, "These are the seeds of last summer."),
    (18.6, "And up again. From here you see both valleys."),
    (25.0, "Then the sun goes down, and we go home."),
)

Picture = npt.NDArray[np.float32]


def shot(
    photo: Path, frames: int, first: tuple[float, ...], last: tuple[float, ...], seed: int
) -> list[Picture]:
    """A photograph, filmed by hand from one place in it to another."""
    whole = cv2.imread(str(photo)).astype(np.float32)
    height, width = whole.shape[:2]
    rng = np.random.default_rng(seed)
    steps = rng.standard_normal((frames, 2))
    sway = np.cumsum(steps - np.concatenate([[[0, 0]], steps[:-1]]) * 0.4, axis=0) * 0.15
    made = []
    for number in range(frames):
        progress = number / max(frames - 1, 1)
        eased = (1 - math.cos(math.pi * progress)) / 2
        x, y, zoom = (a + (b - a) * eased for a, b in zip(first, last, strict=True))
        scale = WIDTH / width * zoom
        move = np.array(
            [
                [scale, 0, WIDTH / 2 - x * width * scale + sway[number, 0]],
                [0, scale, HEIGHT / 2 - y * height * scale + sway[number, 1]],
            ]
        )
        made.append(cv2.warpAffine(whole, move, (WIDTH, HEIGHT), flags=cv2.INTER_AREA))
    return made


def pictures() -> list[Picture]:
    film: list[Picture] = []
    for seed, (photo, seconds, dissolve, first, last) in enumerate(SHOTS):
        taken = shot(photo, round(seconds * RATE) + dissolve, first, last, seed)
        for number in range(dissolve):
            share = (number + 1) / (dissolve + 1)
            place = len(film) - dissolve + number
            film[place] = film[place] * (1 - share) + taken[number] * share
        film += taken[dissolve:]
    return film


def voice(seconds: float) -> npt.NDArray[np.float64]:
    """The lines at their times, over the noise of a room 60 dB below."""
    rng = np.random.default_rng(7)
    noise = np.convolve(rng.standard_normal(round(seconds * SOUND_RATE)), np.ones(24) / 24, "same")
    sound = 0.001 * noise
    for at, line in LINES:
        with tempfile.NamedTemporaryFile(suffix=".wav") as file:
            call = ["espeak-ng", "-v", "en-gb", "-s", "150", "-w", file.name, line]
            subprocess.run(call, check=True)
            with av.open(file.name) as container:
                resampler = av.AudioResampler("flt", "mono", SOUND_RATE)
                blocks = [
                    out.to_ndarray()[0]
                    for frame in [*container.decode(audio=0), None]
                    for out in resampler.resample(frame)
                ]
        said = np.concatenate(blocks)
        start = round(at * SOUND_RATE)
        sound[start : start + said.size] += 0.5 * said[: sound.size - start]
    return sound


def main() -> None:
    film = pictures()
    sound = voice(len(film) / RATE)
    with av.open(str(TARGET), "w", options={"movflags": "+faststart"}) as out:
        video = out.add_stream("libx264", rate=RATE, options={"crf": "27", "preset": "veryslow"})
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        context = video.codec_context
        context.color_primaries = context.color_trc = context.colorspace = 1  # BT.709
        context.color_range = 1  # limited
        heard = out.add_stream("aac", rate=SOUND_RATE, layout="mono")
        heard.bit_rate = 48_000
        for number, picture in enumerate(film):
            frame = av.VideoFrame.from_ndarray(picture.clip(0, 255).astype(np.uint8), "bgr24")
            frame = frame.reformat(format="yuv420p", dst_colorspace=1)
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            frame.colorspace, frame.color_range = 1, 1
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        for start in range(0, sound.size, 1024):
            block = np.ascontiguousarray(sound[None, start : start + 1024], np.float32)
            samples = av.AudioFrame.from_ndarray(block, "fltp", "mono")
            samples.rate, samples.pts = SOUND_RATE, start
            samples.time_base = Fraction(1, SOUND_RATE)
            out.mux(heard.encode(samples))
        out.mux(heard.encode(None))


if __name__ == "__main__":
    main()
