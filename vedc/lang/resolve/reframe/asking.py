"""The questions of decided crops, once every clip of the film is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from vedc.color import FORMATS
from vedc.edit.contents import Clip, Image, Text
from vedc.edit.model import TimelineItem
from vedc.edit.placement import corner, picture_size, still
from vedc.edit.values import Keyframes
from vedc.errors import Problem
from vedc.lang.keys.item.place.crop import is_asked
from vedc.lang.language import ITEM
from vedc.lang.resolve.grades.question import GradedItem, LaidOut
from vedc.lang.resolve.grades.references import seen
from vedc.lang.resolve.items.labels import enabled
from vedc.lang.resolve.items.timing import ItemTiming
from vedc.lang.resolve.reframe.question import (
    AskedReframe,
    Covered,
    ReframedItem,
    ReframeQuestion,
)
from vedc.lang.resolve.sections.assets import Assets
from vedc.lang.yaml.tree import Problems, SpecNode

Place = tuple[int, int]
"""The numbers of a track and of a clip in it."""

#: Kinds of item whose crop can be decided.
_SHOWN: Final = ("clip", "image")

#: Keys that give an item its own size or place.
_PLACED: Final = (
    "width", "height", "scale", "rotation", "position", "anchor", "offset", "ken_burns",
)  # fmt: skip

#: Least share of a picture that a crop cuts off.
_LEAST: Final = 0.01


def asks_reframe(root: SpecNode) -> bool:
    """Whether a canonical spec leaves a crop to vedc."""
    return any(map(_asks, root["outputs"])) or any(True for _ in asked_crops(root))


def asked_crops(root: SpecNode) -> Iterator[SpecNode]:
    """The open crops of the enabled items of a timeline."""
    for track in root["timeline"]["tracks"]:
        for item in track["clips"] if enabled(track) else ():
            if not item.broken and enabled(item) and is_asked(item.get("crop")):
                yield item["crop"]


def _asks(output: SpecNode) -> bool:
    return not output.broken and "reframe" in output


class ReframeAsking:
    """The questions of a spec whose cuts and transitions are decided.

    ``names`` are those of its items, by place. ``lay_out`` gives the film on the canvas of an
    output by its number, or on its own canvas if None. Errors go to ``problems``.
    """

    def __init__(
        self,
        root: SpecNode,
        names: Mapping[Place, str],
        lay_out: Callable[[int | None], LaidOut],
        assets: Assets,
        problems: Problems,
    ) -> None:
        self.root, self.names, self.lay_out, self.problems = root, names, lay_out, problems
        self.assets = assets
        self.tracks = root["timeline"]["tracks"].items
        self.notes: list[Problem] = []

    def all(self) -> list[AskedReframe]:
        """The questions: of items first, then of outputs."""
        return [*self._of_items(), *self._of_outputs()]

    # Items

    def _of_items(self) -> Iterator[AskedReframe]:
        asking = [
            (number, index)
            for number, track in enumerate(self.tracks)
            for index, node in enumerate(track["clips"])
            if enabled(track) and not node.broken and enabled(node) and is_asked(node.get("crop"))
        ]
        if not asking:
            return
        laid = self.lay_out(None)
        shown = _placed(laid)
        for place in asking:
            node = self._node(place)
            kind = ITEM.kind_of(node)
            if kind == "composition":
                message = "what a composition shows is known only when it is drawn"
                hint = "write its crop, or give {auto: reframe} to clips of the film"
                self.problems.add("no-decision", message, node["crop"], hint)
                continue
            found = shown.get(place)
            if found is None or not found[0].known:
                continue
            item = self._item(place, laid, *found)
            if item is None:
                self._idle(node["crop"], f"the picture of {self.names[place]}")
                continue
            question = ReframeQuestion(
                (item,), laid.profile, False, node["crop"].location, self._faces(node["crop"])
            )
            yield AskedReframe(
                node["crop"], self.names[place], question, _plain(question), (place,)
            )

    # Outputs

    def _of_outputs(self) -> Iterator[AskedReframe]:
        for number, output in enumerate(self.root["outputs"]):
            if not _asks(output):
                continue
            laid = self.lay_out(number)
            shown = _placed(laid)
            items, places = [], []
            for place, (timing, item) in shown.items():
                if not timing.known or not self._follows(place, item):
                    continue
                made = self._item(place, laid, timing, item)
                if made is not None:
                    items.append(made)
                    places.append(place)
            if not items:
                self._idle(output["reframe"], "each picture that fills the canvas")
                continue
            asked = output["reframe"]
            question = ReframeQuestion(
                tuple(items), laid.profile, True, asked.location, self._faces(asked)
            )
            plain = _plain(question)
            name = output["path"].text
            yield AskedReframe(output["reframe"], name, question, plain, tuple(places), number)

    def _follows(self, place: Place, item: TimelineItem) -> bool:
        """Whether an output's ``reframe`` applies to an item; skipped items are noted."""
        node = self._node(place)
        kind = ITEM.kind_of(node)
        why = ""
        if kind == "composition" and not any(key in node for key in _PLACED):
            why = "what a composition shows is known only when it is drawn"
        elif kind not in _SHOWN or any(key in node for key in _PLACED):
            return False
        elif "fit" in node and node["fit"].text != "cover":
            why = f"it has fit: {node['fit'].text}"
        elif isinstance(item.frame.of("source").get("crop"), Keyframes):
            why = "its crop moves already"
        elif _transparent(item):
            why = "it has transparency"
        if why:
            self._left(node, why)
        return not why

    def _left(self, node: SpecNode, why: str) -> None:
        problem = Problem(
            "not-reframed",
            f"reframe leaves this as it is: {why}",
            node.location,
            "give it a crop of its own, or leave out what keeps it as it is",
            "note",
        )
        if problem not in self.notes:
            self.notes.append(problem)

    def _idle(self, node: SpecNode, what: str) -> None:
        message = f"reframe has nothing to do: {what} has the shape of what it fills"
        hint = "leave it out"
        self.notes.append(Problem("no-effect", message, node.location, hint, "note"))

    def _faces(self, asked: SpecNode) -> tuple[Path, str] | None:
        """The detector of faces that a crop or an output names; None if it names none, or if it is
        not needed (reported)."""
        if not isinstance(asked.value, dict) or "faces" not in asked:
            return None
        named = asked["faces"]
        asset = self.assets.asset(named)
        if asset is None:
            return None
        return self.assets.files.detector(named.with_value(asset["src"].text))

    # One item

    def _node(self, place: Place) -> SpecNode:
        node: SpecNode = self.tracks[place[0]]["clips"].items[place[1]]
        return node

    def _item(
        self, place: Place, laid: LaidOut, timing: ItemTiming, item: TimelineItem
    ) -> ReframedItem | None:
        """The question about an item; None if nothing needs to be cut off."""
        content = item.content
        if not isinstance(content, (Clip, Image)):
            return None
        picture = picture_size(content)
        if picture is None:
            return None
        box = item.frame.box or (float(laid.profile.width), float(laid.profile.height))
        if any(isinstance(side, Keyframes) for side in box):
            node = self._node(place)["crop"]
            message = "the box changes its shape, and a crop is decided for one shape"
            hint = "write the crop, or leave the box as large as it is"
            self.problems.add("no-decision", message, node, hint)
            return None
        width, height = (float(side) for side in box if not isinstance(side, Keyframes))
        crop = item.frame.of("source").get("crop")
        window = (0, 0, *picture)
        if isinstance(crop, tuple):
            x, y, wide, high = (int(v) for v in crop)
            window = (x, y, wide, high)
        shape, wanted = window[2] / window[3], width / height
        if min(shape, wanted) / max(shape, wanted) > 1 - _LEAST:
            return None
        node = self._node(place)
        shown = GradedItem(
            self.names[place], node[timing.kind].text, item, laid.profile.fps, timing.head,
            timing.own_length,
        )  # fmt: skip
        covered = tuple(_covered(laid, place[0], item, (width, height)))
        return ReframedItem(shown, window, picture, (width, height), covered)


def _placed(laid: LaidOut) -> dict[Place, tuple[ItemTiming, TimelineItem]]:
    """The items of a film by their places in the spec."""
    found = {}
    for number, track, placed in zip(laid.tracks, laid.edit.tracks, laid.placed, strict=True):
        by_index = {timing.index: timing for timing in placed}
        for item in track.items:
            index = int(item.name[len(track.id) + 1 :].partition("]")[0]) - 1
            found[number, index] = by_index[index], item
    return found


def _transparent(item: TimelineItem) -> bool:
    """Whether a film has transparency; for a still, the picture itself decides."""
    content = item.content
    video = content.media.video if isinstance(content, Clip) else None
    return video is not None and FORMATS[video.format].alpha


def _covered(
    laid: LaidOut, track: int, item: TimelineItem, box: tuple[float, float]
) -> Iterator[Covered]:
    """The static titles over an item that fills its box."""
    canvas = (laid.profile.width, laid.profile.height)
    if box != canvas:  # items in cells are not considered
        return
    above = [t for number, t in zip(laid.tracks, laid.edit.tracks, strict=True) if number > track]
    for title in (each for held in above for each in held.items):
        begin, end = max(title.start, item.start), min(title.end, item.end)
        place = _title_box(title, canvas)
        if begin < end and place is not None:
            yield Covered(begin - item.start, end - item.start, place)


def _title_box(
    title: TimelineItem, canvas: tuple[int, int]
) -> tuple[float, float, float, float] | None:
    """The place of a static title, in fractions of the canvas; None for anything else."""
    frame, box = title.frame, title.box
    if not isinstance(title.content, Text) or box is None or box.ink is None or frame.moves:
        return None
    sides: list[tuple[float, float]] = []
    position, offset, anchor = still(frame.position), still(frame.offset), still(frame.anchor)
    scale = still(frame.scale)
    for axis, whole in enumerate(canvas):
        own = round((box.width, box.height)[axis] * scale[axis])
        begin = corner(position[axis], offset[axis], anchor[axis], whole, own)
        first, last = (box.ink[axis + side] * scale[axis] for side in (0, 2))
        sides.append(((begin + first) / whole, (begin + last) / whole))
    (left, right), (top, bottom) = sides
    return left, top, right, bottom


def _plain(question: ReframeQuestion) -> Any:
    """A question as plain data."""
    plain: dict[str, Any] = {
        "reframe": [
            [each.item.source, *seen(each.item.shown), list(each.window), _shape(each),
             [[c.begin, c.end, [round(v, 3) for v in c.box]] for c in each.covered]]
            for each in question.items
        ]
    }  # fmt: skip
    if question.faces is not None:
        plain["faces"] = question.faces[1]
    if question.shared:
        plain["names"] = [each.name for each in question.items]
    return plain


def _shape(item: ReframedItem) -> str:
    return f"{item.box[0] / item.box[1]:.4f}"
