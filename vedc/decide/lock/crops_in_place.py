"""A spec with the crops of its lock in place of questions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final

from vedc.decide.lock.lock_entry import LockedItem, LockEntry
from vedc.edit.timecode import brief
from vedc.edit.times import parse_time
from vedc.edit.values import Keyframe, Keyframes
from vedc.errors import SpecError
from vedc.lang.keys.item.place.crop import CROP, is_asked, kept_part
from vedc.lang.resolve.reframe.in_place import Crops, with_crops, with_output_crops
from vedc.lang.resolve.reframe.question import AskedReframe, ReframedItem
from vedc.lang.resolve.reframe.spliced import Rectangle, ShotCrop, crop_of_clip
from vedc.lang.schema.records import Key, Record
from vedc.lang.yaml.tree import Problems, SpecNode

_ANSWER: Final = Record(
    "decided crop",
    "What is shown of a shot; without a crop, all that it shows anyway.",
    (Key("crop", CROP.type, "The part of the picture that is shown."),),
    advice={"fit": "a decided crop fills its box; take `reframe` away to have another `fit`"},
)


def reframed(root: SpecNode, answered: Sequence[tuple[AskedReframe, LockEntry]]) -> SpecNode:
    """The spec with crops in place of questions. Raises SpecError for errors in them."""
    problems = Problems()
    own: dict[tuple[int, int], SpecNode] = {}
    of_outputs: dict[int, Crops] = {}
    for question, entry in answered:
        found = _crops(question, entry, problems)
        if question.output is None:
            own |= found
        else:
            of_outputs[question.output] = found
    if problems:
        raise SpecError(tuple(problems))
    return with_output_crops(with_crops(root, own), of_outputs)


def _crops(
    question: AskedReframe, entry: LockEntry, problems: Problems
) -> dict[tuple[int, int], SpecNode]:
    """The crops of an answer by their places in the spec."""
    items = question.question.items
    names = [item.name for item in items]
    found = {}
    for locked in entry.items if question.question.shared else ():
        if locked.clip not in names:
            message = f"{entry.name} has no clip {locked.clip!r}"
            problems.add("bad-answer", message, locked.node, f"it is about {', '.join(names)}")
    for place, item in zip(question.places, items, strict=True):
        mine = [e for e in entry.items if not question.question.shared or e.clip == item.name]
        crop = _crop(item, mine, problems)
        if crop is not None:
            found[place] = crop
    return found


def _crop(item: ReframedItem, locked: Sequence[LockedItem], problems: Problems) -> SpecNode | None:
    """The crop of an item, with those of its shots combined; None if it stays unchanged, or if an
    error is reported."""
    before = len(problems)
    for each in locked:
        if not isinstance(each.node.value, dict):
            message = "a decided crop must be a mapping, {crop: ...}"
            hint = "write {crop: {x: 0.2, width: 0.5, height: 1}}"
            problems.add("wrong-type", message, each.node, hint)
        elif is_asked(each.node.get("crop")):
            message = "an answer cannot ask again"
            problems.add("bad-answer", message, each.node["crop"], "write an ordinary crop")
        else:
            _ANSWER.check_keys(each.node, problems)
    if len(problems) > before or not any("crop" in each.node for each in locked):
        return None
    nodes = [_ANSWER.canonical(each.node) for each in locked]
    if len(locked) == 1:
        return nodes[0]["crop"]
    shots: list[ShotCrop] = []
    for each, node in zip(locked, nodes, strict=True):
        times = _range(item, each, shots[-1].end if shots else None, problems)
        if times is not None:
            shots.append(ShotCrop(*times, crop_value(item, node.get("crop"), problems)))
    if len(problems) > before:
        return None
    graded = item.item
    plain = crop_of_clip(shots, graded.time_map, graded.head, graded.length, graded.fps)
    return SpecNode.of(plain, locked[0].node.location)


def _range(
    item: ReframedItem, locked: LockedItem, after: Fraction | None, problems: Problems
) -> tuple[Fraction, Fraction] | None:
    """A shot's range in seconds of the source; None, with a problem reported, if it cannot be
    read."""
    media = item.item.media
    rate = media.video.rate if media is not None and media.video else item.item.fps
    first, _, last = locked.shot.partition("-")
    try:
        begin, end = (parse_time(text).seconds(rate) for text in (first, last))
    except ValueError:
        message = f"{locked.shot or 'nothing'!r} is no stretch of the source"
        hint = "write two times of the file: shot: 00:00:00:00-00:00:04:12"
        problems.add("bad-answer", message, locked.node, hint)
        return None
    if begin >= end or (after is not None and begin < after):
        tail = f", after {brief(after)}" if after is not None else ""
        message = f"the shot {locked.shot} does not begin before its end{tail}"
        problems.add("bad-answer", message, locked.node, "put the shots in order of the source")
        return None
    return begin, end


def crop_value(
    item: ReframedItem, node: SpecNode | None, problems: Problems
) -> Rectangle | Keyframes:
    """A crop in fractions of the picture; without one, the part that is shown anyway."""
    width, height = item.picture
    if node is None:
        x, y, wide, high = item.window
        return x / width, y / height, wide / width, high / height

    def part(of: SpecNode) -> Rectangle:
        x, y, wide, high = kept_part(of, item.picture, problems)
        return x / width, y / height, wide / width, high / height

    if not (isinstance(node.value, dict) and "keyframes" in node):
        return part(node)
    fps, length = item.item.fps, item.item.length
    points = []
    for point in node["keyframes"]:
        try:
            time = parse_time(point["time"].value, from_end=True).seconds(fps, length)
        except ValueError as error:
            problems.add("bad-time", f"time: {error}", point["time"])
            continue
        easing = point["easing"].text if "easing" in point else "linear"
        points.append(Keyframe(time * fps, part(point["value"]), easing))
    if any(two.frame <= one.frame for one, two in pairwise(points)):
        problems.add("keyframe-order", "keyframes must be in order of time", node, "sort them")
    return Keyframes(tuple(points))
