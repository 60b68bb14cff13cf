"""Make the pictures that the thumbnails of ops are drawn with, from the examples or by formula.

    python examples/make_pictures.py

The files that it wrote are in vedc/report/ops/pictures; MEDIA.md there credits them.
"""

from __future__ import annotations

import math
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

HERE = Path(__file__).parent
QUICKSTART = HERE / "quickstart" / "media"
PICTURES = HERE.parent / "vedc" / "report" / "ops" / "pictures"
SIZE = (640, 360)

#: Which frame of the clip: the one with both arms stretched out.
BUNNY_FRAME = 90


def bunny() -> Image.Image:
    with av.open(QUICKSTART / "bunny.mp4") as file:
        for number, frame in enumerate(file.decode(video=0)):
            if number == BUNNY_FRAME:
                return frame.to_image().resize(SIZE, Image.Resampling.LANCZOS)
    raise SystemExit("bunny.mp4 is too short")


def sunset() -> Image.Image:
    with Image.open(QUICKSTART / "sunset.jpg") as photo:
        return photo.convert("RGB").resize(SIZE, Image.Resampling.LANCZOS)


def green() -> Image.Image:
    """A figure with loose hair, its screen lit unevenly and spilling onto the shoulders."""
    scale = 3
    width, height = SIZE[0] * scale, SIZE[1] * scale
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    light = 1.0 - 0.16 * (x**2 + y**2)
    green = np.stack([light * c for c in (0.02, 0.69, 0.25)], axis=-1) * 255
    screen = Image.fromarray(green.round().astype(np.uint8))
    picture = screen.copy()
    draw = ImageDraw.Draw(picture)

    def ellipse(cx: float, cy: float, rx: float, ry: float, color: tuple[int, int, int]) -> None:
        box = [(cx - rx) * scale, (cy - ry) * scale, (cx + rx) * scale, (cy + ry) * scale]
        draw.ellipse(box, color)

    rng = np.random.default_rng(5)
    hair, skin, shirt = (58, 34, 26), (226, 172, 140), (196, 44, 60)
    ellipse(320, 400, 168, 168, shirt)
    draw.rectangle([286 * scale, 210 * scale, 354 * scale, 270 * scale], (206, 150, 120))
    ellipse(320, 252, 44, 26, (206, 150, 120))
    ellipse(320, 138, 92, 100, hair)
    for angle in rng.uniform(math.pi * 0.9, math.pi * 2.1, 150):  # strands
        length = rng.uniform(90, 128)
        bend = rng.uniform(-0.12, 0.12)
        points = [
            (
                (320 + 0.95 * r * math.cos(angle + bend * r / length)) * scale,
                (138 + r * math.sin(angle + bend * r / length)) * scale,
            )
            for r in np.linspace(60, length, 8)
        ]
        draw.line(points, hair, width=scale)
    ellipse(320, 158, 68, 84, skin)
    for side in (-1, 1):
        ellipse(320 + 26 * side, 146, 9, 6, (250, 248, 244))
        ellipse(320 + 26 * side, 146, 5, 5, (52, 92, 160))
        arc = [(320 + 26 * side - 16) * scale, 124 * scale, (320 + 26 * side + 16) * scale,
               142 * scale]  # fmt: skip
        draw.arc(arc, 200, 340, hair, width=3 * scale)
    draw.arc(
        [294 * scale, 168 * scale, 346 * scale, 212 * scale], 25, 155, (170, 60, 66), 4 * scale
    )
    picture, screen = picture.reduce(scale), screen.reduce(scale)
    behind = Image.fromarray((np.asarray(picture) == np.asarray(screen)).all(-1))
    glow = np.asarray(behind.convert("L").filter(ImageFilter.GaussianBlur(14)), float) / 255
    spill = np.where(np.asarray(behind), 0.0, 0.45 * glow)[..., None]
    lit = np.asarray(picture, float) * (1 - 0.5 * spill) + spill * np.asarray(screen, float)
    lit_picture = Image.fromarray(lit.round().clip(0, 255).astype(np.uint8))
    return lit_picture.filter(ImageFilter.GaussianBlur(0.4))


def clouds() -> Image.Image:
    """A grey picture of soft hills: noise that falls off with the square of its frequency."""
    rng = np.random.default_rng(11)
    shape = (SIZE[1], SIZE[0])
    fy, fx = np.meshgrid(np.fft.fftfreq(shape[0]), np.fft.fftfreq(shape[1]), indexing="ij")
    spectrum = np.fft.fft2(rng.standard_normal(shape)) / np.maximum(np.hypot(fx, fy), 4e-3) ** 2
    hills: npt.NDArray[np.float64] = np.real(np.fft.ifft2(spectrum))
    ranks = hills.ravel().argsort().argsort().reshape(shape)  # every grey as often as any other
    return Image.fromarray((ranks * 255 / ranks.max()).round().astype(np.uint8))


def look(points: int = 7) -> str:
    """Teal shadows, orange lights, more contrast."""
    lines = ['TITLE "Teal and orange"', f"LUT_3D_SIZE {points}", ""]
    axis = np.linspace(0, 1, points)
    for blue in axis:
        for green_ in axis:
            for red in axis:
                rgb = np.array([red, green_, blue])
                luma = float(rgb @ [0.2126, 0.7152, 0.0722])
                rgb = rgb + 0.5 * (rgb * rgb * (3 - 2 * rgb) - rgb)
                rgb += (1 - luma) * np.array([-0.12, 0.03, 0.10]) * min(1.0, 4 * luma)
                rgb += luma * np.array([0.16, 0.02, -0.18])
                lines.append(" ".join(f"{c:.4f}" for c in rgb.clip(0, 1)))
    return "\n".join(lines) + "\n"


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    bunny().save(PICTURES / "bunny.jpg", quality=84, optimize=True)
    sunset().save(PICTURES / "sunset.jpg", quality=84, optimize=True)
    green().save(PICTURES / "green.jpg", quality=88, subsampling=0, optimize=True)
    clouds().save(PICTURES / "clouds.jpg", quality=88, optimize=True)
    (PICTURES / "look.cube").write_text(look())


if __name__ == "__main__":
    main()
