"""From the items of a track, with known times, to their pictures and sounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from vedc.color import Color
from vedc.edit import colors
from vedc.edit.contents import Adjustment, Clip, Generated, Image, Solid, Text
from vedc.edit.lengths import scaled_content, scaled_placement
from vedc.edit.model import Composition, Content, TimelineItem, Track, Transition
from vedc.edit.placement import picture_size
from vedc.edit.sounds import Sound
from vedc.edit.times import to_frames
from vedc.lang.keys.item.edges import Edge, sound_of
from vedc.lang.keys.item_key import BOXED, GRADED
from vedc.lang.keys.items import CHOSEN
from vedc.lang.language import ITEM
from vedc.lang.resolve.changed import note_fade
from vedc.lang.resolve.items import item_values
from vedc.lang.resolve.items.boxes import check_moving_box
from vedc.lang.resolve.items.labels import label
from vedc.lang.resolve.items.timing import (
    ItemTiming,
    TransitionTiming,
    check_beside,
    check_edges,
)
from vedc.lang.resolve.items.title import animated
from vedc.lang.resolve.remarks import tone_mapped
from vedc.lang.resolve.scope import Scope
from vedc.lang.resolve.sections.canvas import Canvas
from vedc.lang.resolve.sections.cells import Cell
from vedc.lang.resolve.soundtrack import check_replaced_sound, pitch_of, replaced_sound
from vedc.lang.yaml.tree import SpecNode


class Tracks:
    """The tracks of a film of ``length`` seconds, which is ``sure`` or not. ``values`` reads the
    values of something that lasts so many seconds; ``grade`` is that of all tracks."""

    def __init__(
        self,
        scope: Scope,
        canvas: Canvas,
        values: Callable[..., item_values.Values],
        length: Fraction,
        sure: bool,
        grade: SpecNode | None = None,
    ) -> None:
        self.scope, self.canvas, self.values = scope, canvas, values
        self.length, self.sure, self.grade = length, sure, grade
        self.assets, self.problems, self.remarks = scope.assets, scope.problems, scope.remarks
        self.profile = canvas.profile

    def track(
        self,
        node: SpecNode,
        placed: Sequence[ItemTiming],
        transitions: Sequence[TransitionTiming],
        cell: Cell | None = None,
    ) -> Track:
        """``cell`` contains its items, if not the whole canvas."""
        name = node["id"].text
        mute = "mute" in node and node["mute"].value is True
        indices: dict[int, int] = {}
        items: list[TimelineItem] = []
        joined: list[Transition] = []
        for entry in placed:
            if entry.kind == "gap":
                continue
            item, edges = self._item(entry, name, mute, cell, node.get("grade"))
            if edges:
                self._check_edges(node["clips"], entry, edges, transitions)
            if item is not None and entry.shown:
                indices[id(entry)] = len(items)
                joined += self._edges(entry, edges, len(items))
                items.append(item)
        for timing in transitions:
            if (transition := self._transition(timing, indices)) is not None:
                joined.append(transition)
        whole = self.values(self.length, sure=self.sure)
        keys = item_values.read("track", node, whole)
        return Track(
            id=name,
            items=tuple(items),
            transitions=tuple(sorted(joined, key=lambda each: each.start)),
            sound=item_values.sound("track", node, whole),
            **keys.item,
            **keys.placement,
        )

    def _check_edges(
        self,
        nodes: SpecNode,
        entry: ItemTiming,
        edges: Mapping[str, Edge],
        transitions: Sequence[TransitionTiming],
    ) -> None:
        def joins(index: int) -> bool:
            kinds = ("transition", CHOSEN)
            return 0 <= index < len(nodes.items) and ITEM.kind_of(nodes.items[index]) in kinds

        beside = {"enter": joins(entry.index - 1), "exit": joins(entry.index + 1)}
        check_beside(entry, edges, beside, self.problems)
        if entry.known and self.canvas.rate_known:
            joints = [joint for joint in transitions if entry in (joint.left, joint.right)]
            apart = {name: edge for name, edge in edges.items() if not beside[name]}
            check_edges(entry, apart, joints, self.profile.fps, self.problems)

    def _edges(
        self, entry: ItemTiming, edges: Mapping[str, Edge], index: int
    ) -> Iterator[Transition]:
        """How an item enters and exits: transitions from and to nothing."""
        for name, edge in edges.items():
            enters = name == "enter"
            begin = entry.start if enters else entry.end - edge.duration
            yield Transition(
                name=edge.op,
                start=to_frames(begin, self.profile.fps),
                end=to_frames(begin + edge.duration, self.profile.fps),
                left=None if enters else index,
                right=index if enters else None,
                easing=edge.easing,
                params=edge.params,
                location=edge.node.location,
                sound=edge.sound,
                curves=edge.curves,
            )

    def _transition(self, timing: TransitionTiming, indices: dict[int, int]) -> Transition | None:
        node = timing.node["transition"]
        for side in (timing.left, timing.right):
            if side.media is not None and side.media.video is None:
                message = f"{side.node['clip'].text!r} has no picture to make a transition with"
                hint = "put sound under `audio` and use fade_in and fade_out"
                self.problems.add("no-video", message, timing.node, hint)
        note_fade(node["name"], self.scope.lines, self.remarks.warnings)
        params = item_values.transition_params(timing, self.values(timing.duration))
        left, right = indices.get(id(timing.left)), indices.get(id(timing.right))
        if params is None or (left is None and right is None):  # both sides are hidden
            return None
        fps = self.profile.fps
        easing = node.get("easing")
        sound, curves = sound_of(node)
        return Transition(
            name=node["name"].text,
            start=to_frames(timing.right.start, fps),
            end=to_frames(timing.left.end, fps),
            left=left,
            right=right,
            easing=easing.text if easing is not None else "linear",
            params=params,
            location=timing.node.location,
            sound=sound,
            curves=curves,
        )

    def _item(
        self,
        placed: ItemTiming,
        track: str,
        mute: bool,
        cell: Cell | None,
        grade: SpecNode | None,
    ) -> tuple[TimelineItem | None, Mapping[str, Edge]]:
        """An item, and how it enters and exits; ``grade`` is that of its track."""
        node, kind = placed.node, placed.kind
        if node.broken:
            return None, {}
        values = self.values(placed.own_length, sure=placed.length_known)
        values.head = placed.head
        if cell is not None:
            values.canvas = cell.size
        content = self._content(placed, values) if kind != "auto" else None
        if content is not None:
            content = scaled_content(content, self.canvas.design)
        if isinstance(content, (Clip, Image)):
            values.picture = picture_size(content)
        elif isinstance(content, Composition):
            width, height = (content.edit.profile.width, content.edit.profile.height)
            values.picture = round(width / content.design), round(height / content.design)
        keys = item_values.read(kind, node, values)
        if kind in GRADED and not (placed.media is not None and placed.media.video is None):
            shared = (*values.shared_calls(grade), *values.shared_calls(self.grade))
            if shared:
                keys.item["grade"] = (*keys.item.get("grade", ()), *shared)
        check_moving_box(kind, node, keys, self.problems)
        if not placed.length_known:
            return None, keys.edge
        sound = self._sound(placed, values, mute)
        if content is None:
            return None, keys.edge
        placed_at = item_values.placement(kind, keys, values)
        frame = scaled_placement(placed_at, content, self.canvas.design)
        if cell is not None:
            canvas = self.profile.width, self.profile.height
            frame = cell.placed(frame, canvas, boxed=kind in BOXED)
        start = to_frames(placed.start, self.profile.fps)
        end = to_frames(placed.end, self.profile.fps)
        box = None
        if isinstance(content, Text):
            content = animated(content, node, values, end - start)
            self.scope.titles.note_margin(node)
        if isinstance(content, Text) and self.canvas.size_known:
            size = self.profile.width, self.profile.height
            effects = keys.item.get("effects", ())
            box = self.scope.titles.check_place(
                content, node, frame, effects, size, end - start, self.canvas.design
            )
        if isinstance(content, Image):
            self.remarks.report(content.path, content.notes, node["image"], "picture")
        elif placed.media is not None:
            used = {"sound"} if placed.media.video is None else {"picture"}
            silent = self._muted(placed, mute) or "sound" in node
            parts = used if silent else used | {"sound"}
            self.remarks.report(placed.media.path, placed.media.notes, node[kind], *parts)
        item = TimelineItem(
            name=f"{track}[{placed.index + 1}] {label(kind, node)}",
            start=start,
            end=end,
            content=content,
            frame=frame,
            sound=sound,
            location=node.location,
            box=box,
            id=node["id"].text if "id" in node else None,
            **keys.item,
        )
        file = content if isinstance(content, Image) else placed.media
        if file is not None:
            named = node[kind]
            notes = tone_mapped(item, named.text, self.profile)
            self.remarks.report(file.path, notes, named, "picture")
        return item, keys.edge

    def _sound(self, placed: ItemTiming, values: item_values.Values, mute: bool) -> Sound | None:
        own = "sound" not in placed.node
        if placed.media is None or (own and placed.media.audio is None):
            return None
        sound = item_values.sound(placed.kind, placed.node, values)
        return None if self._muted(placed, mute) else sound

    @staticmethod
    def _muted(placed: ItemTiming, track: bool) -> bool:
        return track or ("mute" in placed.node and placed.node["mute"].value is True)

    def _content(self, placed: ItemTiming, values: item_values.Values) -> Content | None:
        """The content of an item, else None (reported)."""
        node = placed.node
        match placed.kind:
            case "clip":
                return self._with_replaced_sound(self._clip(placed, values), placed, values)
            case "composition":
                return self._composition(placed, values)
            case "image":
                return self.assets.image(node["image"])
            case "text":
                sides = [side / self.canvas.design for side in values.canvas]
                return self.scope.titles.title(node, sides)
            case "generator":
                call = values.call(node["generator"])
                return Generated(call) if call is not None else None
            case "adjustment":
                return Adjustment()
            case _:
                return Solid(colors.rgba(node["color"].text))

    def _clip(self, placed: ItemTiming, values: item_values.Values) -> Clip | None:
        media, node = placed.media, placed.node
        if media is None:
            return None
        pitch = pitch_of(node)
        _check_time_map(node, values)
        if media.video is None:
            key = next((k for k in item_values.picture_keys() if k in node), None)
            if key is not None:
                message = f"{node['clip'].text!r} has no picture, so {key!r} has no meaning"
                self.problems.add(
                    "no-video", message, node[key].key_location, "put it under `audio`"
                )
            return Clip(media, Color(), placed.time_map, pitch)
        woven = "deinterlace" in node and node["deinterlace"].value == "off"
        if "sampling" in node and media.video.scan != "progressive" and not woven:
            message = f"{node['clip'].text!r} is interlaced: nothing is drawn between fields"
            hint = "leave `sampling` out: a clip that is deinterlaced has twice the pictures"
            if node["sampling"].value != "nearest":
                self.problems.add("no-sampling", message, node["sampling"], hint)
        color = self.assets.color(node["clip"], media.video)
        space = self.assets.space(node["clip"], media.path)
        return Clip(media, color, placed.time_map, pitch, space=space)

    def _with_replaced_sound(
        self, clip: Clip | None, placed: ItemTiming, values: item_values.Values
    ) -> Clip | None:
        """A clip with the sound of another file, if it is given one."""
        if clip is None or "sound" not in placed.node:
            return clip
        node = placed.node["sound"]
        taken = replaced_sound(node, self.assets, values.rate, self.problems)
        if taken is None:
            return None
        self.remarks.report(taken.media.path, taken.media.notes, node["from"], "sound")
        if placed.known and placed.length > 0:
            check_replaced_sound(taken, placed.time_map, placed.length, node, self.problems)
        return replace(clip, sound_media=taken.media, sound_offset=taken.offset)

    def _composition(self, placed: ItemTiming, values: item_values.Values) -> Composition | None:
        node = placed.node
        composed = self.scope.compositions.composed(node["composition"], self.canvas)
        if "vars" in node and (composed is not None or placed.media is not None):
            message = f"{node['composition'].text!r} is part of this spec, and has its variables"
            hint = "leave `vars` out, or make it a spec of its own with `variables`"
            self.problems.add("no-variables", message, node["vars"].key_location, hint)
        if composed is None:
            return None
        _check_time_map(node, values)
        edit, media, design = composed
        return Composition(edit, media, placed.time_map, pitch_of(node), design)


def _check_time_map(node: SpecNode, values: item_values.Values) -> None:
    if "time_map" in node:
        values.check_last_easing(node["time_map"]["keyframes"])
