"""How well and how fast noise is removed: vedc's denoisers beside FFmpeg's and scikit-image's.

White noise of 10, 20 and 30 of 255 on seven frames of real clips, reduced to 640 x 360, clipped and
rounded to 8 bits. PSNR in decibels of the middle one, the mean over clips. ``denoise``,
``wavelet_denoise`` and ``clean`` are given the noise as their strength; the others get the best of
a few strengths for each picture. CPU seconds are for a frame of 640 x 360 of the same run, on one
thread. Then the measurements of ``vedc noise``.
"""

from __future__ import annotations

import io
import itertools
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from tests.bench.measure import MEDIA, row
from vedc.decide.analyses.noise import measured
from vedc.kernels.denoise import nlm, wavelet
from vedc.nn.run import run

LEVELS = (10, 20, 30)
WIDTH, HEIGHT, FRAMES = 640, 360, 7
CLIPS = ("monster", "frog", "talk")

#: A filter and its strengths for noise of 1 of 255; some builds lack some of them.
FFMPEG: dict[str, list[tuple[str, float]]] = {
    "nlmeans": [("s={}:p=5:r=11", k) for k in (0.4, 0.5, 0.7)],
    "hqdn3d": [("{}", k) for k in (0.3, 0.5, 0.8, 1.2)],
    "atadenoise": [("{0}:{1}:{0}:{1}:{0}:{1}:s=5", k) for k in (0.004, 0.008)],
    "fftdnoiz": [("sigma={}", k) for k in (1.0, 2.0, 3.0)],
    "vaguedenoiser": [("threshold={}", k) for k in (0.7, 1.0, 1.5)],
    "dctdnoiz": [("s={}", k) for k in (1.0,)],
}
#: Those that see other frames: the rest is given the middle one alone.
TEMPORAL = {"hqdn3d", "atadenoise"}

Denoiser = Callable[[list[Any], int], tuple[Any, float]]
"""Noisy frames (rows, columns, 3) of 8 bits and the noise, of 255; gives the middle frame cleaned,
0..255, and CPU seconds a frame."""


def main(folder: Path) -> None:
    clips = [c for name in CLIPS if (c := MEDIA / "video" / f"{name}.mp4").exists()]
    if not clips:
        print("  denoise: needs real clips, see tests/bench/measure.py")
        return
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        pictures = [_frames(clip) for clip in clips]
        _compare(pictures)
        _measure(pictures)
    finally:
        cv2.setNumThreads(before)


def _compare(clips: list[list[Any]]) -> None:
    print(f"denoisers, {len(clips)} clips of {WIDTH}x{HEIGHT}: dB at noise of 10, 20, 30 of 255")
    middle, scores, spent = FRAMES // 2, dict[str, list[list[float]]](), dict[str, list[float]]()
    for level, (number, clean) in itertools.product(LEVELS, enumerate(clips)):
        random = np.random.default_rng([level, number])
        noisy = [_codes(frame + random.normal(0, level, frame.shape)) for frame in clean]
        for name, tries in _denoisers():
            made = [denoiser(noisy, level) for denoiser in tries]
            best = max(_psnr(picture, clean[middle]) for picture, _ in made)
            scores.setdefault(name, [[] for _ in LEVELS])[LEVELS.index(level)].append(best)
            spent.setdefault(name, []).extend(seconds for _, seconds in made)
    unit = float(np.median(spent["denoise"]))
    for name, found in scores.items():
        seconds = float(np.median(spent[name]))
        reported = ", ".join(f"{np.mean(values):.2f}" for values in found)
        row(name, f"{reported} dB", f"{seconds:.3f} CPU s, {seconds / unit:.2f} of denoise")


def _measure(clips: list[list[Any]]) -> None:
    """The added noise that ``vedc noise`` finds, and how much of it x264 leaves at some CRF."""
    print("noise measured, of 255; in brackets what is off from the clean film")
    weights = np.full(3, 3**-0.5, np.float32)
    for level, crf in itertools.product((0, 3, 10, 20), (None, 18, 23, 28)):
        reported, middle = [], FRAMES // 2
        for number, clean in enumerate(clips):
            random = np.random.default_rng([level, number])
            seen = [_codes(frame + random.normal(0, level, frame.shape)) for frame in clean]
            if crf is not None:
                seen = _through_x264(seen, crf)
            before, after = (seen[n] @ weights / 255 for n in (middle, middle + 1))
            off = float((seen[middle] @ weights - clean[middle] @ weights).std())
            reported.append(f"{measured(before, after)[0] * 255:.1f} ({off:.1f})")
        name = f"noise {level}" + ("" if crf is None else f", x264 at CRF {crf}")
        row(name, "  ".join(reported))


def _through_x264(frames: list[Any], crf: int) -> list[Any]:
    held = io.BytesIO()
    with av.open(held, "w", format="matroska") as film:
        options = {"crf": str(crf), "preset": "veryfast", "threads": "1"}
        stream = film.add_stream("libx264", rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for frame in frames:
            film.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        film.mux(stream.encode())
    held.seek(0)
    with av.open(held) as film:
        return [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]


def _denoisers() -> Iterator[tuple[str, list[Denoiser]]]:
    """By name, all that is tried under it."""
    yield "untouched", [lambda noisy, level: (noisy[FRAMES // 2], 0.0)]
    yield "denoise", [_by_kernel(nlm.cpu)]
    yield "wavelet_denoise", [_by_kernel(wavelet.cpu)]
    yield "clean", [_by_network]
    for name, tries in FFMPEG.items():
        if name in av.filter.filters_available:
            yield f"FFmpeg {name}", [_by_ffmpeg(name, text, factor) for text, factor in tries]
    if find_spec("skimage") and find_spec("pywt"):
        yield "scikit-image denoise_wavelet", [_by_skimage]


def _frames(clip: Path) -> list[Any]:
    with av.open(str(clip)) as container:
        decoded = itertools.islice(container.decode(video=0), 40, 40 + FRAMES)
        pictures = [frame.to_ndarray(format="rgb24") for frame in decoded]
    return [cv2.resize(p, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA) for p in pictures]


def _codes(picture: Any) -> Any:
    return np.round(picture.clip(0, 255)).astype(np.uint8)


def _psnr(made: Any, wanted: Any) -> float:
    off = np.clip(np.asarray(made, np.float64), 0, 255) - wanted
    return float(10 * np.log10(255**2 / (off**2).mean()))


def _layer(frame: Any) -> Any:
    return np.ascontiguousarray(frame.transpose(2, 0, 1), np.float32) / 255


def _by_kernel(kernel: Callable[..., Any]) -> Denoiser:
    def denoiser(noisy: list[Any], level: int) -> tuple[Any, float]:
        layer, began = _layer(noisy[FRAMES // 2]), time.process_time()
        made = kernel(layer, strength=level / 255)
        return made.transpose(1, 2, 0) * 255, time.process_time() - began

    return denoiser


def _by_network(noisy: list[Any], level: int) -> tuple[Any, float]:
    layers = [_layer(frame) for frame in noisy[FRAMES // 2 - 1 : FRAMES // 2 + 2]]
    began = time.process_time()
    made = run("clean", layers, {"strength": level / 255}, "cv", 1)
    return made.transpose(1, 2, 0) * 255, time.process_time() - began


def _by_skimage(noisy: list[Any], level: int) -> tuple[Any, float]:
    from skimage.restoration import denoise_wavelet

    frame, began = noisy[FRAMES // 2] / 255, time.process_time()
    made = denoise_wavelet(frame, sigma=level / 255, channel_axis=-1, convert2ycbcr=True)
    return made * 255, time.process_time() - began


def _by_ffmpeg(name: str, options: str, factor: float) -> Denoiser:
    def denoiser(noisy: list[Any], level: int) -> tuple[Any, float]:
        text = options.format(factor * level, 2 * factor * level)
        seen = noisy if name in TEMPORAL else noisy[FRAMES // 2 : FRAMES // 2 + 1]
        frames = [
            av.VideoFrame.from_ndarray(f, format="rgb24").reformat(format="gbrp") for f in seen
        ]
        graph = av.filter.Graph()
        source = graph.add_buffer(width=WIDTH, height=HEIGHT, format="gbrp", time_base="1/25")
        steps = [
            source,
            graph.add(name, text),
            graph.add("format", "gbrp"),
            graph.add("buffersink"),
        ]
        for before, after in itertools.pairwise(steps):
            before.link_to(after)
        graph.configure()
        found: list[Any] = []
        began = time.process_time()
        for number, frame in enumerate([*frames, None]):
            if frame is not None:
                frame.pts = number
            graph.push(frame)
            while True:
                try:
                    found.append(graph.pull())
                except (av.BlockingIOError, av.EOFError):
                    break
        spent = (time.process_time() - began) / len(seen)
        return found[len(seen) // 2].to_ndarray(format="rgb24"), spent

    return denoiser
