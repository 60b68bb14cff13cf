"""Make the gallery's photographs from their sources: cut and brought to the sizes that are shown.

    python examples/gallery/make/pictures.py WALLPAPERS SKIMAGE STELLARIUM

WALLPAPERS is the folder of pictures of Debian's lomiri-wallpapers-16.04, SKIMAGE the folder
``skimage/data`` of the wheel of scikit-image 0.17.2, STELLARIUM the folder ``landscapes`` of
Debian's stellarium-data. MEDIA.md in each project credits the pictures.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Final, NamedTuple

from PIL import Image, ImageOps

GALLERY: Final = Path(__file__).parents[1]
QUICKSTART: Final = GALLERY.parent / "quickstart/media"


class Cut(NamedTuple):
    """A picture of a project: its source, its size, and the point that stays in the middle."""

    target: str
    source: str
    size: tuple[int, int]
    centre: tuple[float, float] = (0.5, 0.5)


WALLPAPERS: Final = (
    Cut("advert/media/room.jpg", "Wine_by_Jakkub_Mede.jpg", (1080, 1620)),
    Cut("news/media/mountains.jpg", "picosdeeuropa_by_Aitzol_Berasategi.jpg", (1600, 900)),
    Cut("split-screen/media/stream.jpg", "life_by_Aitzol_Berasategi.jpg", (1280, 720)),
    Cut("split-screen/media/sunset.jpg", "sunset_by_Aitzol_Berasategi.jpg", (1280, 720)),
    Cut("title-sequence/media/brushes.jpg", "Picture_1A_by_freespace.jpg", (1280, 720)),
    Cut("title-sequence/media/fig.jpg", "Picture_0B_by_freespace.jpg", (1280, 720)),
    Cut("title-sequence/media/colours.jpg", "umang_by_Abhishek_Mudgal.jpg", (1280, 720)),
    Cut("greeting/media/dandelions.jpg", "seeding_by_Clements_Engelhardt.jpg", (1280, 720)),
    Cut("recommendations/media/brushes.jpg", "Picture_1A_by_freespace.jpg", (900, 700)),
    Cut("recommendations/media/fig.jpg", "Picture_0B_by_freespace.jpg", (1000, 700)),
    Cut("recommendations/media/dogs.jpg", "friends_by_Aitzol_Berasategi.jpg", (900, 1200)),
    Cut("recommendations/media/stream.jpg", "life_by_Aitzol_Berasategi.jpg", (1000, 700)),
)
SKIMAGE: Final = (
    Cut("advert/media/coffee.jpg", "coffee.png", (600, 400)),
    Cut("clinic/media/retina.jpg", "retina.jpg", (1400, 1400)),
    Cut("news/media/rocket.jpg", "rocket.jpg", (640, 427)),
)
STELLARIUM: Final = (Cut("reframe360/media/mars.jpg", "mars/mars.png", (2048, 1024)),)
COPIES: Final = {
    "trailer/media/bunny.mp4": "bunny.mp4",
    "trailer/media/yawn.mp4": "yawn.mp4",
    "split-screen/media/bunny.mp4": "bunny.mp4",
    "talk/media/speaker.mp4": "bunny.mp4",
}


def make(cuts: tuple[Cut, ...], folder: Path) -> None:
    for cut in cuts:
        target = GALLERY / cut.target
        target.parent.mkdir(parents=True, exist_ok=True)
        with Image.open(folder / cut.source) as photo:
            upright = ImageOps.exif_transpose(photo).convert("RGB")
            fitted = ImageOps.fit(upright, cut.size, Image.Resampling.LANCZOS, 0, cut.centre)
            fitted.save(target, quality=88, optimize=True, progressive=True)


if __name__ == "__main__":
    for cuts, folder in zip((WALLPAPERS, SKIMAGE, STELLARIUM), sys.argv[1:], strict=True):
        make(cuts, Path(folder))
    for target, source in COPIES.items():
        (GALLERY / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(QUICKSTART / source, GALLERY / target)
