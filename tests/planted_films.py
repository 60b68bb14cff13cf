"""Films in memory with faults that were put there: pictures, sound, captions, facts of a probe."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from vedc.color import Color
from vedc.decide.analyses.decode_video import Shrinker
from vedc.edit.captions import Cue
from vedc.edit.media_info import AudioInfo, MediaInfo, VideoInfo
from vedc.edit.sounds import LoudnessTarget
from vedc.lang.keys.targets import TARGETS
from vedc.review.check import decode
from vedc.review.check.catalogue import chosen, limits
from vedc.review.check.core.check import Film, Frame, Sound, TimedCue
from vedc.review.check.run import Checked, check_film

WIDTH, HEIGHT, RATE, HERTZ = 64, 48, 25, 48_000
Pictures = NDArray[np.uint8]
Samples = NDArray[np.float32]


def moving(count: int, seed: int = 1, speed: float = 1.5) -> Pictures:
    """Frames (count, height, width, 3) of a soft texture that pans, as footage does."""
    import cv2

    rng = np.random.default_rng(seed)
    wide = 64 + int(count * speed) + WIDTH
    rough = rng.integers(40, 200, (HEIGHT // 6, wide // 6, 3)).astype(np.uint8)
    texture: Any = cv2.resize(rough, (wide, HEIGHT), interpolation=cv2.INTER_CUBIC)
    return np.stack([texture[:, int(n * speed) : int(n * speed) + WIDTH] for n in range(count)])


def solid(count: int, *rgb: int) -> Pictures:
    return np.broadcast_to(np.array(rgb, np.uint8), (count, HEIGHT, WIDTH, 3)).copy()


def noise(seconds: float, level: float = -23.0, channels: int = 2, seed: int = 5) -> Samples:
    """Noise of about that level in dB of full scale, the same in all channels."""
    rng = np.random.default_rng(seed)
    one = rng.standard_normal(int(seconds * HERTZ)).clip(-3, 3).astype(np.float32)
    return np.tile(one * np.float32(10 ** (level / 20)), (channels, 1))


@dataclass
class Planted:
    """A film; None means absent."""

    pictures: Pictures | None = field(default_factory=lambda: moving(75))
    samples: Samples | None = field(default_factory=lambda: noise(3.0))
    cues: Sequence[tuple[float, float, str]] = ()
    planes: Callable[[int, av.VideoFrame], av.VideoFrame] | None = None
    """Changes the samples of a stored frame."""
    target: str | None = None
    loudness: LoudnessTarget | None = None
    given: Sequence[str] = ()
    """Limits."""
    media: dict[str, Any] = field(default_factory=dict)
    video: dict[str, Any] = field(default_factory=dict)
    audio: dict[str, Any] = field(default_factory=dict)
    rate: int = RATE
    path: str = "planted.mp4"
    damaged: Sequence[int] = ()

    def check(self, only: Sequence[str] = (), skip: Sequence[str] = ()) -> Checked:
        film = Film(
            self.path,
            self._media(),
            limits(self.given),
            TARGETS[self.target] if self.target else None,
            self.loudness,
            [
                TimedCue(Cue(Fraction(str(a)), Fraction(str(b)), text), "planted")
                for a, b, text in self.cues
            ],
        )
        return check_film(
            film, chosen(only, skip), frames=self._frames(film.media), blocks=self._blocks()
        )

    def _media(self) -> MediaInfo:
        video = audio = None
        lengths = []
        if self.pictures is not None:
            count = len(self.pictures)
            video = VideoInfo(
                WIDTH, HEIGHT, Fraction(1), 0, "yuv420p", "yuv420p", Fraction(self.rate), Color(),
                True, "h264", Fraction(1, 12800), count, length=Fraction(count, self.rate),
            )  # fmt: skip
            lengths.append(Fraction(count, self.rate))
            video = replace(video, **self.video)
        if self.samples is not None:
            channels, count = self.samples.shape
            length = Fraction(count, HERTZ)
            layout = {1: "mono", 2: "stereo"}[channels]
            audio = AudioInfo(HERTZ, channels, layout, "aac", Fraction(0), length)
            lengths.append(length)
            audio = replace(audio, **self.audio)
        kind: Any = "video" if video is not None else "audio"
        made = MediaInfo(
            self.path, 1, 1, kind, "mov,mp4,m4a,3gp,3g2,mj2", max(lengths), video, audio
        )
        return replace(made, **self.media)

    def _frames(self, media: MediaInfo) -> Iterator[Frame]:
        """Through what real frames go through: 4:2:0 and the reduction."""
        if media.video is None or self.pictures is None:
            return
        shrinker = Shrinker(media.video)
        for number, rgb in enumerate(self.pictures):
            stored = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), "rgb24")
            stored = stored.reformat(format="yuv420p", dst_colorspace="ITU709")
            if self.planes is not None:
                stored = self.planes(number, stored)
            yield decode.reduced(shrinker, stored, number, damaged=number in self.damaged)

    def _blocks(self) -> Iterator[Sound]:
        if self.samples is None:
            return
        for first in range(0, self.samples.shape[1], HERTZ):
            yield Sound(first, self.samples[:, first : first + HERTZ], HERTZ)


def reported(checked: Checked) -> set[str]:
    """The checks that found an error or a warning."""
    return {found.check for found in checked.findings if found.severity != "note"}


def plane(frame: av.VideoFrame, number: int) -> NDArray[np.uint8]:
    """A plane of a frame, to be written to."""
    found = frame.planes[number]
    rows: NDArray[np.uint8] = np.frombuffer(memoryview(found), np.uint8)
    return rows.reshape(-1, found.line_size)[: found.height, : found.width]


def tone(seconds: float, level: float = -20.0, hertz: float = 997.0, channels: int = 2) -> Samples:
    """A sine with a peak of ``level`` dB."""
    at = np.arange(int(seconds * HERTZ)) / HERTZ
    wave = (10 ** (level / 20) * np.sin(2 * np.pi * hertz * at)).astype(np.float32)
    return np.tile(wave, (channels, 1))


def write(
    path: Path,
    pictures: Pictures | None,
    samples: Samples | None,
    codec: str = "libx264",
    sound: str = "aac",
    options: dict[str, str] | None = None,
) -> Path:
    """The same as a file, encoded as films are."""
    with av.open(str(path), "w") as out:
        video = audio = None
        if pictures is not None:
            video = out.add_stream(codec, rate=RATE, options=options or {"crf": "20"})
            video.width, video.height = pictures.shape[2], pictures.shape[1]
            video.pix_fmt = "yuv420p"
            context = video.codec_context
            context.colorspace, context.color_primaries, context.color_trc = 1, 1, 1
            context.color_range = 1
        if samples is not None:
            layout = {1: "mono", 2: "stereo"}[len(samples)]
            audio = out.add_stream(sound, rate=HERTZ, layout=layout)
        if video is not None and pictures is not None:
            for number, rgb in enumerate(pictures):
                frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), "rgb24")
                frame = frame.reformat(format="yuv420p", dst_colorspace="ITU709")
                frame.pts, frame.time_base = number, Fraction(1, RATE)
                out.mux(video.encode(frame))
            out.mux(video.encode(None))
        if audio is not None and samples is not None:
            for first in range(0, samples.shape[1], 1024):
                part = np.ascontiguousarray(samples[:, first : first + 1024])
                heard = av.AudioFrame.from_ndarray(part, "fltp", audio.layout.name)
                heard.sample_rate, heard.pts = HERTZ, first
                heard.time_base = Fraction(1, HERTZ)
                out.mux(audio.encode(heard))
            out.mux(audio.encode(None))
    return path
