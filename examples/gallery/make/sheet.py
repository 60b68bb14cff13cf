"""Draw docs/gallery.jpg: a frame of each project of the gallery.

python examples/gallery/make/sheet.py
"""

from __future__ import annotations

import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Final

from PIL import Image, ImageOps

from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver

GALLERY: Final = Path(__file__).parents[1]
TARGET: Final = GALLERY.parents[1] / "docs" / "gallery.jpg"
CELL: Final = (400, 225)
COLUMNS: Final = 4

#: The time of the frame that is shown.
TIMES: Final = {
    "advert": "7s", "clinic": "10s", "greeting": "9s", "karaoke": "6s",
    "lesson": "17s", "news": "9s", "recommendations": "6s", "reframe360": "3.5s",
    "slideshow": "1.5s", "split-screen": "12.6s", "stream-recap": "9s", "support-answer": "9s",
    "talk": "11.5s", "title-sequence": "7s", "traffic-recap": "13s", "trailer": "19.3s",
}  # fmt: skip


def frame(name: str, folder: Path) -> Image.Image:
    """The frame of a project, fitted into a cell."""
    path = folder / f"{name}.png"
    spec = GALLERY / name / "edit.vedc.yaml"
    build = Build(spec, still=TIMES[name], target=path, draft=Fraction(1, 2), cache=folder / name)
    deliver(build, replace=True)
    with Image.open(path) as picture:
        return ImageOps.pad(picture.convert("RGB"), CELL, Image.Resampling.LANCZOS, "#1b1d22")


def main() -> None:
    rows = -(-len(TIMES) // COLUMNS)
    sheet = Image.new("RGB", (CELL[0] * COLUMNS, CELL[1] * rows))
    with tempfile.TemporaryDirectory() as folder:
        for number, name in enumerate(TIMES):
            place = number % COLUMNS * CELL[0], number // COLUMNS * CELL[1]
            sheet.paste(frame(name, Path(folder)), place)
    sheet.save(TARGET, quality=86, optimize=True, progressive=True)


if __name__ == "__main__":
    main()
