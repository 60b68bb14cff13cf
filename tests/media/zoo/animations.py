"""Animated GIF, PNG, WebP and AVIF.

The times of frames follow from the delays that the maker put in; their pictures, from composing
their parts by hand.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image

from tests.media.zoo.entry import Entry, Rgb, Right

SIZE = (60, 40)
RED: Rgb = (220, 30, 20)
GREEN: Rgb = (20, 200, 40)
BLUE: Rgb = (30, 40, 210)
BLACK: Rgb = (0, 0, 0)


def _pictures(*colors: Rgb, alpha: int | None = None) -> list[PIL.Image.Image]:
    mode, more = ("RGB", ()) if alpha is None else ("RGBA", (alpha,))
    return [PIL.Image.new(mode, SIZE, (*map(int, color), *more)) for color in colors]


def _moving(delays: Sequence[float], **options: Any) -> Callable[[Path], object]:
    """Red, green and blue by Pillow; ``delays`` in ms."""

    def make(path: Path) -> None:
        first, *others = _pictures(RED, GREEN, BLUE)
        first.save(path, save_all=True, append_images=others, duration=list(delays), **options)

    return make


def _shown(*colors: Rgb) -> dict[int, Rgb]:
    """The mean of each frame in turn."""
    return dict(enumerate(colors))


def _entry(
    name: str, why: str, make: Callable[[Path], object], rate: float, *colors: Rgb, **more: Any
) -> Entry:
    right = Right(
        SIZE,
        frames=len(colors),
        rate=rate,
        means=_shown(*colors),
        seconds=len(colors) / rate,
        **more,
    )
    return Entry(name, why, make, right)


# ------------------------------------------------------------------------------ GIF, by hand


def _gif(*frames: bytes, palette: Sequence[Rgb] = (BLACK, RED, GREEN, BLUE)) -> bytes:
    colors = b"".join(bytes(map(int, color)) for color in palette)
    screen = struct.pack("<6sHHBBB", b"GIF89a", *SIZE, 0x80 | 1, 0, 0)
    loop = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"
    return screen + colors + loop + b"".join(frames) + b"\x3b"


def _part(
    index: int, delay: int, disposal: int = 0, box: tuple[int, int, int, int] = (0, 0, *SIZE)
) -> bytes:
    """A rectangle of one colour; ``delay`` in hundredths, colour 0 is transparent."""
    control = struct.pack("<BBBBHBB", 0x21, 0xF9, 4, disposal << 2 | 1, delay, 0, 0)
    x, y, width, height = box
    image = struct.pack("<BHHHHB", 0x2C, x, y, width, height, 0)
    # LZW with a clear code before every sample: codes of three bits throughout.
    bits = (
        "".join(f"{code:03b}"[::-1] for _ in range(width * height) for code in (4, index)) + "101"
    )
    data = bytes(int(bits[at : at + 8][::-1], 2) for at in range(0, len(bits), 8))
    blocks = b"".join(
        bytes([len(data[at : at + 255])]) + data[at : at + 255] for at in range(0, len(data), 255)
    )
    return control + image + b"\x02" + blocks + b"\0"


def _write(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


_LEFT = (0, 0, 30, 40)


def _mixed(left: Rgb, right: Rgb) -> Rgb:
    red, green, blue = ((a + b) / 2 for a, b in zip(left, right, strict=True))
    return red, green, blue


_BACKGROUND = _gif(_part(1, 10), _part(2, 10, 2, _LEFT), _part(3, 10, 0, (30, 0, 30, 40)))
"""The second part is cleared before the third is drawn."""

_PREVIOUS = _gif(_part(1, 10), _part(2, 10, 3, _LEFT), _part(3, 10, 1, (30, 0, 30, 40)))
"""What was below the second part comes back before the third is drawn."""

_KEPT = _gif(_part(1, 10), _part(2, 10, 1, _LEFT), _part(3, 10, 1, (30, 0, 30, 40)))

# ------------------------------------------------------------------------------ alpha


def _see_through(**options: Any) -> Callable[[Path], object]:
    """Red and blue with an alpha of 128."""

    def make(path: Path) -> None:
        first, second = _pictures(RED, BLUE, alpha=128)
        first.save(path, save_all=True, append_images=[second], duration=100, **options)

    return make


def _half(color: Rgb) -> Rgb:
    red, green, blue = (part * 128 / 255 for part in color)
    return red, green, blue


def _blended_png(path: Path) -> None:
    """A red picture, and half transparent blue blended over it."""
    first, second = _pictures(RED, alpha=255)[0], _pictures(BLUE, alpha=128)[0]
    first.save(path, save_all=True, append_images=[second], duration=100, blend=[0, 1])


_OVER = _mixed(RED, BLUE)


def _still_first(path: Path) -> None:
    """A PNG whose first picture is only for viewers without animation."""
    first, *others = _pictures(GREEN, RED, BLUE)
    first.save(path, save_all=True, append_images=others, duration=100, default_image=True)


def _one_frame(path: Path) -> None:
    _pictures(RED)[0].save(path, save_all=True, append_images=[])


def _cut(path: Path) -> None:
    noise = np.random.default_rng(2).integers(0, 256, (3, 40, 60), np.uint8)
    first, *others = (PIL.Image.fromarray(picture) for picture in noise)
    first.save(path, save_all=True, append_images=others, duration=100)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 9 // 10])


def _film_of_slow_gif(name: str) -> list[dict[str, Any]]:
    return [{"clip": name, "in": "4s", "out": "5s"}]


_MIX = {"lossless": True}
_CLEAN = {"quality": 100, "subsampling": "4:4:4"}
_UNEVEN = (RED, GREEN, GREEN, BLUE)

ENTRIES = (
    _entry("even.gif", "GIF", _moving([40, 40, 40]), 25, RED, GREEN, BLUE),
    _entry("uneven.gif", "delays of 100, 200 and 100 ms", _moving([100, 200, 100]), 10, *_UNEVEN),
    _entry(
        "zero.gif",
        "delays of 0 and 10 ms, which count as 100",
        _write(_gif(_part(1, 0), _part(2, 1), _part(3, 2))),
        50, *(5 * [RED]), *(5 * [GREEN]), BLUE,
    ),
    _entry(
        "kept.gif", "parts that stay", _write(_KEPT), 10,
        RED, _mixed(GREEN, RED), _mixed(GREEN, BLUE),
    ),
    _entry(
        "background.gif", "a part that is cleared", _write(_BACKGROUND), 10,
        RED, _mixed(GREEN, RED), _mixed(BLACK, BLUE),
    ),
    _entry(
        "previous.gif", "a part that is taken back", _write(_PREVIOUS), 10,
        RED, _mixed(GREEN, RED), _mixed(RED, BLUE),
    ),
    Entry(
        "slow.gif",
        "a frame every 4.2 s: a film of 25 fps",
        _moving([4200, 4200, 4200]),
        Right(SIZE, frames=25, rate=25, means={0: RED, 4: RED, 5: GREEN, 24: GREEN}),
        timeline=_film_of_slow_gif,
    ),
    _entry("even.png", "APNG", _moving([40, 40, 40]), 25, RED, GREEN, BLUE),
    _entry("film.png", "APNG of 1/24 s", _moving([1000 / 24] * 3), 24, RED, GREEN, BLUE),
    _entry("alpha.png", "APNG with alpha", _see_through(), 10, _half(RED), _half(BLUE)),
    _entry("blend.png", "APNG that blends a frame", _blended_png, 10, RED, _OVER),
    _entry("default.png", "APNG with a still that is no frame", _still_first, 10, RED, BLUE),
    _entry("even.webp", "WebP", _moving([40, 40, 40], **_MIX), 25, RED, GREEN, BLUE),
    _entry("uneven.webp", "WebP, uneven", _moving([100, 200, 100], **_MIX), 10, *_UNEVEN),
    _entry("alpha.webp", "WebP with alpha", _see_through(**_MIX), 10, _half(RED), _half(BLUE)),
    _entry("even.avif", "AVIF", _moving([40, 40, 40], **_CLEAN), 25, RED, GREEN, BLUE),
    _entry("uneven.avif", "AVIF, uneven", _moving([100, 200, 100], **_CLEAN), 10, *_UNEVEN),
    _entry("alpha.avif", "AVIF with alpha", _see_through(**_CLEAN), 10, _half(RED), _half(BLUE)),
    Entry(
        "single.gif",
        "GIF with one frame is a still",
        _one_frame,
        Right(SIZE, frames=5, means={0: RED, 4: RED}),
        "image",
    ),
    Entry(
        "clip.gif",
        "an animation named as an image",
        _moving([40, 40, 40]),
        Right(SIZE, refused="not-an-image"),
        "image",
    ),
    Entry(
        "cut.gif",
        "GIF cut short in its last frame",
        _cut,
        Right(SIZE, frames=2, rate=10, notes=frozenset({"damaged-image"})),
    ),
)  # fmt: skip
