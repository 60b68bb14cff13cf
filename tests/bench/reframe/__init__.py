"""Crops that follow a subject, against marks made by hand.

Run as ``python -m tests.bench reframe [--clips DIR]``. ``marks.json`` has the box of the subject of
twelve clips, in fractions of the picture, about once a second; between marks it moves evenly. Six
clips served for tuning; the other six share no source with them. Eight further clips, in which
subjects come and go, helped to choose among variants of the path: their figures are not blind.

A crop of 9:16 is *kept* where it shows at least 80% of what a crop of its size can show of the
subject's width. *IoU* compares the crop with the one centred on the subject, or as nearly as the
picture allows. *Unrest* is the sum of squares of second differences from moment to moment, in
thousandths of the squared width.

Footage has its subject in the middle more often than not, which favours a crop of the middle. So
each clip is shown again with up to 30% cut off at one side, as far as the subject allows.

The package smartcrop, if it is installed, is asked about each frame on its own.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.measure import MEDIA
from vedc.decide.analyses.analysis import AnalysisRequest, PictureBlock
from vedc.decide.analyses.attention import Attention
from vedc.decide.analyses.decode_video import decode_video
from vedc.decide.analyses.results import THUMB, Maps
from vedc.decide.analyses.runner import AnalysisRunner
from vedc.decide.arrays import Floats
from vedc.decide.reframe.decide import frame_shot
from vedc.decide.reframe.evidence import PLACES, Evidence, Slide, shown
from vedc.decide.reframe.keyframes import Point, drawn
from vedc.edit.media_info import MediaInfo
from vedc.media.digest import file_digest
from vedc.media.probe import probe

MARKS = Path(__file__).with_name("marks.json")
SHAPE = (9.0, 16.0)
KEPT = 0.8
WAYS = ("vedc", "middle", "each frame", "smartcrop")


@dataclass(frozen=True)
class View:
    """A clip, or a part of its picture: ``left`` and ``right`` are cut off."""

    name: str
    left: float
    right: float
    boxes: Floats
    """(n, 5): seconds, left, top, right, bottom."""


@dataclass(frozen=True)
class Judged:
    kept: float
    iou: float
    unrest: float
    frames: int


class _Cut:
    """Attention to a part of the picture."""

    def __init__(self, media: MediaInfo, view: View) -> None:
        self.inner, self.view = Attention(media), view

    def push(self, block: PictureBlock) -> None:
        import cv2

        def part(width: int) -> slice:
            return slice(round(self.view.left * width), round((1 - self.view.right) * width))

        thumbs = block.thumbs[:, :, part(THUMB[1])]
        size = THUMB[::-1]
        sized = [cv2.resize(one, size, interpolation=cv2.INTER_LINEAR) for one in thumbs]
        luma = np.ascontiguousarray(block.luma[:, :, part(block.luma.shape[2])])
        self.inner.push(PictureBlock(block.first, np.stack(sized).astype(np.uint8), luma))

    def finish(self) -> Maps:
        return self.inner.finish()


def main(folder: Path, clips: Path | None = None) -> None:
    print("Crops of 9:16 against marks made by hand: kept, IoU, unrest")
    smart = importlib.util.find_spec("smartcrop") is not None
    if not smart:
        print("  smartcrop is left out: it is not installed")
    rows: dict[tuple[str, bool], list[dict[str, Judged]]] = {}
    for mark in json.loads(MARKS.read_text(encoding="utf-8")):
        places = [d / mark["file"] for d in (clips, MEDIA / "video") if d is not None]
        path = next((p for p in places if p.exists()), None)
        if path is None:
            print(f"  {mark['name']} is left out: there is no {mark['file']} (--clips DIR)")
            continue
        for view, found in _judged(path, mark, folder, smart=smart):
            print(f"  {view.name:<22} {mark['part']:<7} {_row(found)}")
            rows.setdefault((mark["part"], view.left + view.right > 0), []).append(found)
    for (part, cut), found in sorted(rows.items()):
        what = "one side cut off" if cut else "as they are"
        print(f"  {part}, {what}, {len(found)} clips, mean of clips: {_row(_mean(found))}")
    for parts in (("tuning", "test"), ("further",)):
        _print_whole([e for p in parts for e in rows.get((p, False), ())])


def _print_whole(whole: list[dict[str, Judged]]) -> None:
    if whole:
        frames = sum(each["vedc"].frames for each in whole)
        for way in [w for w in WAYS if w in whole[0]]:
            kept = sum(each[way].kept * each[way].frames for each in whole) / frames
            of_each = sum(each["each frame"].unrest for each in whole)
            unrest = sum(each[way].unrest for each in whole) / max(of_each, 1e-9)
            print(
                f"  {way}: kept in {kept:.1%} of {frames} moments of {len(whole)} clips, unrest "
                f"{unrest:.4f} of that of each frame"
            )


def _judged(
    path: Path, mark: dict[str, Any], folder: Path, *, smart: bool
) -> Iterator[tuple[View, dict[str, Judged]]]:
    media = probe(path)
    runner = AnalysisRunner(folder / "analyses", lambda p: file_digest(Path(p), folder / "digests"))
    (shots,) = runner(AnalysisRequest.of("shots", media, detector="best"))
    views = list(_views(mark))
    watchers = [_Cut(media, view) for view in views]
    decode_video(media, watchers, threads=1)
    assert media.video is not None
    width, height = media.video.display_size
    for view, watcher in zip(views, watchers, strict=True):
        maps = watcher.finish()
        wide = width * (1 - view.left - view.right)
        slide = Slide.fitted((wide, height), SHAPE)
        first, last = float(view.boxes[0, 0]), float(view.boxes[-1, 0])
        rate = float(maps.rate)
        moments = [n for n in range(len(maps)) if first - 1e-9 <= n / rate <= last + 1e-9]
        middles: dict[str, list[Floats]] = {way: [] for way in WAYS if smart or way != "smartcrop"}
        times: list[Floats] = []
        for shot in shots.shots:
            begin, end = shot.start / shots.rate, shot.end / shots.rate
            mine = [n for n in moments if begin <= n / maps.rate < end]
            if not mine:
                continue
            times.append(np.array(mine) / rate)
            half = slide.share / 2
            evidence = Evidence.of(maps.values["salient"][mine], maps.values["moving"][mine], rate)
            framed = frame_shot(evidence, slide)
            step = slide.room / (PLACES - 1)
            points = [Point(n, edge / step, easing) for n, edge, easing in framed.points]
            middles["vedc"].append(drawn(points, len(mine)) * step + half)
            middles["middle"].append(np.full(len(mine), 0.5))
            alone = shown(evidence.whole, slide).argmax(axis=1) * step + half
            middles["each frame"].append(alone)
            if smart:
                numbers = [int(n / maps.rate * media.video.rate) for n in mine]
                middles["smartcrop"].append(_smart(media, numbers, view, slide))
        at = np.concatenate(times)
        yield (
            view,
            {
                way: _judge(view, at, np.concatenate(paths), slide.share, _unrest(paths))
                for way, paths in middles.items()
            },
        )


def _views(mark: dict[str, Any]) -> Iterator[View]:
    boxes = np.array(mark["boxes"], np.float64)
    yield View(mark["name"], 0.0, 0.0, boxes)
    room = float(np.quantile(boxes[:, 1], 0.1)), 1 - float(np.quantile(boxes[:, 3], 0.9))
    for side, free in zip(("left", "right"), room, strict=True):
        if free < 0.2:
            continue
        cut = min(0.3, free)
        left, right = (cut, 0.0) if side == "left" else (0.0, cut)
        made = boxes.copy()
        made[:, [1, 3]] = np.clip((boxes[:, [1, 3]] - left) / (1 - cut), 0, 1)
        yield View(f"{mark['name']} -{side}", left, right, made)


def _smart(media: MediaInfo, numbers: list[int], view: View, slide: Slide) -> Floats:
    """The middles that smartcrop finds, of each frame on its own."""
    import smartcrop

    from vedc.report.sheets.stills import stills

    assert media.video is not None
    width, height = media.video.display_size
    size = 320, max(1, round(320 * height / width))
    asked = smartcrop.SmartCrop()
    found = []
    for picture in stills(media, numbers, size):
        box = round(view.left * size[0]), 0, round((1 - view.right) * size[0]), size[1]
        part = picture.crop(box)
        crop = asked.crop(part, round(SHAPE[0] * 20), round(SHAPE[1] * 20))["top_crop"]
        found.append((crop["x"] + crop["width"] / 2) / part.width)
    half = slide.share / 2
    return np.clip(np.array(found), half, 1 - half)


def _judge(view: View, times: Floats, middles: Floats, share: float, unrest: float) -> Judged:
    left, right = (np.interp(times, view.boxes[:, 0], view.boxes[:, k]) for k in (1, 3))
    wanted = np.clip((left + right) / 2, share / 2, 1 - share / 2)
    apart = np.abs(wanted - middles)
    iou = np.maximum(share - apart, 0) / (share + apart)
    inside = np.minimum(right, middles + share / 2) - np.maximum(left, middles - share / 2)
    kept = inside >= KEPT * np.minimum(right - left, share) - 1e-9
    return Judged(float(kept.mean()), float(iou.mean()), unrest, len(times))


def _unrest(paths: list[Floats]) -> float:
    return 1000 * float(sum((np.diff(path, 2) ** 2).sum() for path in paths))


def _mean(found: list[dict[str, Judged]]) -> dict[str, Judged]:
    def of(way: str) -> Judged:
        mine = [each[way] for each in found]
        means = [float(np.mean([getattr(m, f) for m in mine])) for f in ("kept", "iou", "unrest")]
        return Judged(*means, sum(m.frames for m in mine))

    return {way: of(way) for way in found[0]}


def _row(found: dict[str, Judged]) -> str:
    return " | ".join(
        f"{way} {each.kept:4.0%} {each.iou:.2f} {each.unrest:7.3f}" for way, each in found.items()
    )
