"""How well lamps are found and followed, and how rarely something else is taken for one.

Clips with lamps are real clips to which light is added: in linear light a disc of 10 to 500 times
white along a known path, blurred by its motion, with the wings that CIE 135/1 gives for the
scatter of an eye (10 / angle^3 + 5 / angle^2, of which a lens has a half), then noise, clipping
and H.264. In a third of them a dark post passes before the lamp, in another third it leaves the
picture. Clips without lamps are stretches of other sources, and slow moves over photographs.

Rules and limits were chosen on the sources in TUNED; only the others count.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import cv2
import numpy as np

from tests.bench.measure import MEDIA, ROOT, row
from vedc.decide.effects.lamps.analysis import LACKS, lamps, lamps_of
from vedc.decide.grades.balance.light import encoded, light_of
from vedc.media.probe import probe

EXAMPLES: Final = ROOT / "examples"
TUNED: Final = ("crystal", "car-detection", "monster", "nasa_13013")
TESTED: Final = ("elf", "frog", "pig", "one-by-one-person-detection", "green-screen")
#: Other films, with the photographs that have the sun left out.
FILMS: Final = (
    EXAMPLES / "gallery/split-screen/media/city.mp4", EXAMPLES / "gallery/trailer/media/bunny.mp4",
    EXAMPLES / "gallery/stream-recap/media/game.mp4",
    EXAMPLES / "gallery/traffic-recap/media/camera.mp4",
    EXAMPLES / "gallery/trailer/media/yawn.mp4",
    MEDIA / "video/talk.mp4",
)  # fmt: skip
FRAMES: Final = 40
_RATE: Final = 25


@dataclass(frozen=True)
class Planted:
    """A lamp: its place in pixels and how much of it is seen, in each frame."""

    x: Any
    y: Any
    seen: Any


def _ignored(seconds: float) -> None:
    """No progress is shown."""


def frames_of(path: Path, first: int, count: int) -> list[Any]:
    found: list[Any] = []
    with av.open(str(path)) as film:
        for number, frame in enumerate(film.decode(video=0)):
            if number >= first:
                found.append(frame.to_ndarray(format="rgb24"))
            if len(found) == count:
                break
    return found


def write(path: Path, frames: list[Any], crf: int) -> None:
    with av.open(str(path), "w") as film:
        stream = film.add_stream("libx264", rate=_RATE, options={"crf": str(crf), "preset": "fast"})
        stream.height, stream.width = (n // 2 * 2 for n in frames[0].shape[:2])
        stream.pix_fmt = "yuv420p"
        for picture in frames:
            cut = np.ascontiguousarray(picture[: stream.height, : stream.width])
            film.mux(stream.encode(av.VideoFrame.from_ndarray(cut, format="rgb24")))
        film.mux(stream.encode())


def light_at(shape: tuple[int, int], x: float, y: float, radius: float, peak: float) -> Any:
    """A lamp and what scatters around it: (h, w), white is 1."""
    high, wide = shape
    yy, xx = np.mgrid[:high, :wide].astype(np.float32) + np.float32(0.5)
    away = np.hypot(xx - x, yy - y)
    disc = np.clip(radius + 0.5 - away, 0, 1)
    view = 40.0  # degrees from top to bottom
    own = radius / high * view
    angle = 1 / np.maximum(away * (view / high), max(own, 0.1))
    solid = math.pi * math.radians(own) ** 2
    return peak * (disc + 0.5 * solid * angle * angle * (10 * angle + 5))


def path_of(random: np.random.Generator, shape: tuple[int, int], leaves: bool) -> tuple[Any, Any]:
    """A smooth path with the unrest of a hand; it may end outside."""
    high, wide = shape
    begin = random.uniform(0.2, 0.8, 2)
    end = np.array((1.15, random.uniform(0.2, 0.8))) if leaves else random.uniform(0.2, 0.8, 2)
    time = np.linspace(0, 1, FRAMES)[:, np.newaxis]
    way = begin + (end - begin) * time**1.3
    turns, phases = random.uniform(1, 6, (3, 2)), random.uniform(0, 2 * np.pi, (3, 2))
    for turn, phase in zip(turns, phases, strict=True):
        way = way + np.sin(2 * np.pi * turn * time + phase) * (0.012 / turn)
    return way[:, 0] * wide, way[:, 1] * high


def plant(frames: list[Any], seed: int) -> tuple[list[Any], Planted]:
    """Frames with a lamp."""
    random = np.random.default_rng(seed)
    high, wide = frames[0].shape[:2]
    leaves, post = seed % 3 == 1, seed % 3 == 2
    x, y = path_of(random, (high, wide), leaves)
    radius, peak = random.uniform(0.005, 0.022) * high, 10 ** random.uniform(1.0, 2.7)
    color = np.float32([(1, 0.93, 0.82), (1, 0.75, 0.45), (0.92, 0.96, 1)][int(random.integers(3))])
    exposure = random.choice([1.0, 0.5, 0.25])
    seen, made = np.ones(FRAMES), []
    bar = 2.5 * radius
    linear = light_of(np.repeat(np.arange(256)[:, np.newaxis] / 255, 3, axis=1))[:, 0]
    steps = encoded(np.repeat(np.linspace(0, 1, 4096)[:, np.newaxis], 3, axis=1))[:, 0]
    coded = np.uint8(np.rint(steps * 255))
    noise = random.normal(0, 0.005, (*frames[0].shape[:2], 3)).astype(np.float32)
    for n, codes in enumerate(frames):
        light = linear[codes] * np.float32(exposure)
        dx, dy = (float(np.gradient(v)[n]) / 2 for v in (x, y))  # a shutter of 180 degrees
        subs = np.linspace(-0.5, 0.5, 3)
        glow = sum(light_at((high, wide), x[n] + s * dx, y[n] + s * dy, radius, peak) for s in subs)
        glow = glow / 3
        if post:
            at = x[FRAMES // 2] + (n - FRAMES / 2) * 0.012 * wide
            off = np.clip((x[n] - at + np.linspace(-radius, radius, 41)) / bar, -2, 2)
            seen[n] = float((np.abs(off) > 1).mean())
            glow = glow * seen[n]
            left, right = (int(np.clip(at + s * bar, 0, wide)) for s in (-1, 1))
            light[:, left:right] = light[:, left:right] * 0.05
        if not (-radius < x[n] < wide + radius):
            seen[n] = 0.0
        light = light + glow[..., np.newaxis] * color + np.roll(noise, 31 * n, axis=(0, 1))
        made.append(coded[np.uint16(np.clip(light, 0, 1) * 4095)])
    return made, Planted(x, y, seen)


def lampless() -> Iterator[tuple[str, Path, int]]:
    """A name, a film and a first frame, without a lamp."""
    for source in TESTED:
        path = MEDIA / "video" / f"{source}.mp4"
        if path.exists():
            yield from ((source, path, first) for first in _firsts(path, 6))
    for path in FILMS:
        if path.exists():
            yield from ((path.stem, path, first) for first in _firsts(path, 6))


def _firsts(path: Path, count: int) -> list[int]:
    video = probe(path).video
    assert video is not None
    length = probe(path).clip_length or Fraction(4)
    last = max(0, int(length * video.rate) - FRAMES)
    return sorted({int(n) for n in np.linspace(0, last, count)})


def photographs() -> list[Path]:
    """Those of the examples that show neither sun nor lamp, and three paintings."""
    left = ("sunset", "room", "letters")
    every = sorted(EXAMPLES.rglob("media/*.jpg"))
    found = {path.stem: path for path in every if path.stem not in left}
    return [*found.values(), *sorted((MEDIA / "style").glob("*.jpg"))]


def moved_over(photograph: Path) -> list[Any]:
    """A slow move over a photograph."""
    picture = cv2.imread(str(photograph))[..., ::-1]
    high, wide = picture.shape[:2]
    side = min(high, wide * 9 // 16) * 0.8
    made = []
    for n in range(FRAMES):
        left, top = (wide - side * 16 / 9) * n / FRAMES, (high - side) * (0.3 + 0.4 * n / FRAMES)
        scale = side / 360
        to = np.float32([[scale, 0, left], [0, scale, top]])
        way = cv2.INTER_AREA | cv2.WARP_INVERSE_MAP
        made.append(cv2.warpAffine(picture, to, (640, 360), flags=way))
    return made


def main(folder: Path) -> None:
    print("lamps: found and followed on real clips with light added")
    for name, sources in (("tuned on", TUNED), ("other sources", TESTED)):
        _found(folder, name, sources, 6 if name == "tuned on" else 12)
    print("lamps: clips without")
    _alarms(folder)


def _found(folder: Path, name: str, sources: tuple[str, ...], each: int) -> None:
    hits = clips = wrong = 0
    errors: list[float] = []
    hidden: list[float] = []
    whole: list[float] = []
    missed: dict[str, int] = {}
    for number, source in enumerate(sources):
        path = MEDIA / "video" / f"{source}.mp4"
        if not path.exists():
            continue
        for k in range(each):
            firsts = _firsts(path, each)
            frames = frames_of(path, firsts[min(k, len(firsts) - 1)], FRAMES)
            if len(frames) < FRAMES:
                continue
            made, planted = plant(frames, 100 * number + k)
            film = folder / "lamp.mp4"
            write(film, made, (20, 24, 28)[k % 3])
            media = probe(film)
            curves = lamps(media, first=0, end=FRAMES, advance=_ignored)
            found = lamps_of(curves)
            high, wide = frames[0].shape[:2]
            clips += 1
            right = None
            for lamp in found[:1]:
                lit = (lamp.light > 0.05) & (planted.seen > 0.3)
                off = np.hypot(lamp.x * wide - planted.x, lamp.y * high - planted.y)[lit]
                right = lamp if lit.sum() >= 8 and np.median(off) < 12 else None
                if right is not None:
                    errors += off.tolist()
                    hidden += lamp.light[planted.seen < 0.01].tolist()
                    whole += lamp.light[planted.seen > 0.99].tolist()
            hits += right is not None
            wrong += bool(found) and right is None
            if not found:
                lacks = curves.values["lacks"]
                why = LACKS[int(lacks.argmax())] if lacks.any() else "no spot"
                missed[why] = missed.get(why, 0) + 1
    if not clips:
        row(f"{name}: left out", "-", "the clips are not here")
        return
    low, top = wilson(hits, clips)
    row(f"{name}: recall, {clips} clips", f"{hits / clips:.2f}", f"95%: {low:.2f} to {top:.2f}")
    row(f"{name}: another thing was taken", f"{wrong}", f"missed: {missed}")
    if errors:
        within = np.mean(np.array(errors) <= 3)
        reported = f"median; p95 {np.quantile(errors, 0.95):.2f}, worst {max(errors):.1f}"
        row(f"{name}: error in px, {len(errors)} frames", f"{np.median(errors):.2f}", reported)
        row(f"{name}: frames within 3 px", f"{within:.1%}")
        reported = f"mean while hidden; whole lamps {np.mean(whole):.2f}"
        row(f"{name}: light", f"{np.mean(hidden) if hidden else 0:.3f}", reported)


def _alarms(folder: Path) -> None:
    alarms, clips = [], 0
    for name, path, first in lampless():
        clips += 1
        if lamps_of(lamps(probe(path), first=first, end=first + FRAMES, advance=_ignored)):
            alarms.append(f"{name} {first}")
    for path in photographs():
        write(folder / "still.mp4", moved_over(path), 20)
        clips += 1
        if lamps_of(lamps(probe(folder / "still.mp4"), first=0, end=FRAMES, advance=_ignored)):
            alarms.append(path.stem)
    low, top = wilson(len(alarms), max(clips, 1))
    reported = f"95%: {low:.1%} to {top:.1%}; {', '.join(alarms)}"
    row(f"a lamp where there is none, {clips} clips", f"{len(alarms)}", reported)


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95% interval of a share (Wilson 1927)."""
    z, share = 1.96, hits / of
    middle = share + z * z / (2 * of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return (middle - half) / (1 + z * z / of), (middle + half) / (1 + z * z / of)
