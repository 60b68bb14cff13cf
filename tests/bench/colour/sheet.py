"""A sheet of twelve decided grades for the docs: before, after, and what was right.

Six matches to another framing of the scene, graded by FFmpeg's filters, and six balances of casts.
All are of test sources whose licence lets the docs show them. Run as

    python -m tests.bench.colour.sheet --clips DIR -o docs/matches.jpg
"""

from __future__ import annotations

import argparse
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tests.bench.colour import balance, foreign
from tests.bench.colour.judging import frames_of, stored
from tests.bench.colour.match import part_of, seen_as_shot
from vedc.decide.grades.match.match import decide_match
from vedc.decide.grades.perceived import delta_e
from vedc.decide.grades.tables import graded
from vedc.train.cuts.footage import Clip, Footage, list_items

_FREE = re.compile(r"CC0|public domain|CC BY [0-9]|MIT|BSD|Apache")
_WIDTH, _HEIGHT, _LINE, _GAP = 240, 135, 20, 8
_SHOWN = (270, 480)
_GRADES = ("cold night", "teal and orange", "faded", "film", "cross", "bleach")
Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Row:
    title: str
    before: Array
    after: Array
    right: Array
    reference: Array | None = None


def free_sources(clips: Path) -> set[str]:
    """Test sources whose pictures the docs may show."""
    items = list_items(clips)
    sources = {item.source for item in items if item.use == "test"}
    return {
        source
        for source in sources
        if all(_FREE.match(item.licence) for item in items if item.source == source)
    }


def matches(clips: Path, sources: set[str], cache: Path) -> list[Row]:
    footage = Footage.load(clips, _SHOWN, cache, only=lambda item: item.source in sources)
    takes: dict[str, Clip] = {}
    for clip in sorted(footage.clips, key=lambda clip: (clip.still, clip.name)):
        if len(clip.frames) >= 24:
            takes.setdefault(clip.source, clip)
    chains = dict(foreign.ffmpeg())
    rows = []
    for name, take in zip(_GRADES, takes.values(), strict=False):
        grade = chains[name]
        left = [part_of(p, 0.0, 0.15, 0.8) for p in frames_of(take, 0, 0.45, 8)]
        right = [part_of(p, 0.3, 0.2, 0.7) for p in frames_of(take, 0.55, 1, 8)]
        reference = [grade(p) for p in right]
        (decision,) = decide_match([seen_as_shot(left)], seen_as_shot(reference))
        before, wanted = left[4] / 255, grade(left[4]) / 255
        after = np.clip(graded(decision.steps, before), 0, 1)
        was, now = (float(delta_e(p, wanted).mean()) for p in (before, after))
        title = f"match, {name}: dE {was:.1f} to {now:.1f}"
        rows.append(Row(title, before, after, wanted, stored(reference[4])))
    return rows


def balances(clips: Path, sources: set[str]) -> list[Row]:
    found = [e for e in balance.examples(clips, 99) if e.source in sources]
    return [
        Row(
            f"balance: cast of {e.angle_before:.1f} to {e.angle_after:.1f} degrees",
            e.before,
            e.after,
            e.original,
        )
        for e in found[:6]
    ]


def drawn(rows: list[Row]) -> Image.Image:
    """The rows below each other, four pictures each."""
    heads = ("before", "after", "what was right", "reference")
    across, down = _WIDTH + _GAP, _HEIGHT + _LINE + _GAP
    size = 4 * across + _GAP, len(rows) * down + _LINE + _GAP
    sheet = Image.new("RGB", size, (24, 24, 24))
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(13)
    for column, head in enumerate(heads):
        draw.text((_GAP + column * across, 4), head, (200, 200, 200), font)
    for number, row in enumerate(rows):
        top = _LINE + _GAP + number * down
        for column, picture in enumerate((row.before, row.after, row.right, row.reference)):
            if picture is not None:
                place = _GAP + column * across, top + _LINE
                sheet.paste(_fitted(picture), place)
        draw.text((_GAP, top + 2), row.title, (230, 230, 230), font)
    return sheet


def _fitted(picture: Array) -> Image.Image:
    codes = np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
    return Image.fromarray(cv2.resize(codes, (_WIDTH, _HEIGHT), interpolation=cv2.INTER_AREA))


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw decided grades for the docs.")
    parser.add_argument("--clips", type=Path, required=True, help="footage with a manifest")
    parser.add_argument("-o", "--output", type=Path, default=Path("docs/matches.jpg"))
    given = parser.parse_args()
    sources = free_sources(given.clips)
    with tempfile.TemporaryDirectory() as cache:
        rows = matches(given.clips, sources, Path(cache))
    rows += balances(given.clips, sources)
    drawn(rows).save(given.output, quality=80, optimize=True)
    print(f"{given.output}: {len(rows)} rows of {', '.join(sorted(sources))}")


if __name__ == "__main__":
    main()
