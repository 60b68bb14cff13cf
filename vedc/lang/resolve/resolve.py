"""Canonical spec and probed files to the typed :class:`~vedc.edit.model.Edit` of an output.

Errors that the form of a spec does not show are found here, and all reported at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from vedc.color import Color
from vedc.edit import colors
from vedc.edit.codecs import SOUND_ONLY
from vedc.edit.containers import container_for_extension, extension
from vedc.edit.lengths import ratio, scaled_content, scaled_placement
from vedc.edit.media_info import VideoInfo
from vedc.edit.model import (
    Adjustment,
    AudioItem,
    Caption,
    Clip,
    Content,
    Edit,
    Generated,
    Image,
    Output,
    Solid,
    Sound,
    Text,
    TimelineItem,
    Track,
    Transition,
)
from vedc.edit.placement import picture_size
from vedc.edit.timecode import brief
from vedc.edit.times import format_time, to_frames
from vedc.errors import sort_problems
from vedc.lang.keys.item.edges import Edge, sound_of
from vedc.lang.keys.items import CHOSEN
from vedc.lang.language import ITEM
from vedc.lang.resolve.burned import Burner, Captions
from vedc.lang.resolve.captions import CaptionResolver
from vedc.lang.resolve.items import item_values
from vedc.lang.resolve.items.context import CheckContext
from vedc.lang.resolve.items.labels import enabled, label
from vedc.lang.resolve.items.timeline import Layout
from vedc.lang.resolve.items.timing import (
    ItemTiming,
    TransitionTiming,
    check_beside,
    check_edges,
    markers,
)
from vedc.lang.resolve.items.title import Titles, animated
from vedc.lang.resolve.remarks import Remarks, tone_mapped
from vedc.lang.resolve.sections.assets import Assets
from vedc.lang.resolve.sections.canvas import canvas, drafted, is_known
from vedc.lang.resolve.sections.output_paths import check_paths
from vedc.lang.resolve.sections.outputs import resolve_output
from vedc.lang.resolve.sections.targets import check_target
from vedc.lang.resolve.soundtrack import Soundtrack, check_ducks, pitch_of
from vedc.lang.yaml.lines import Lines
from vedc.lang.yaml.load import Document
from vedc.lang.yaml.tree import ANY, SpecNode


def resolve(
    document: Document, context: CheckContext, output: int = 0, undecided: SpecNode | None = None
) -> Edit | None:
    """The edit for one output of a canonical spec; None for a broken output.

    With problems, which are added to those of ``context``, or with open questions it is good for
    nothing but its checks. ``undecided`` is the timeline before decisions were put into it: they
    do not change the canvas.
    """
    return _Resolver(document, context, output, undecided or document.root["timeline"]).edit()


def pictured(node: SpecNode) -> list[SpecNode]:
    """What an item's picture may come from: the assets that a clip, or an ``auto``, names."""
    kind = ITEM.kind_of(node)
    if kind == "clip":
        return [node["clip"]]
    return node["auto"]["from"].items if kind == "auto" else []


def first_picture(
    timeline: SpecNode, assets: Assets
) -> tuple[tuple[VideoInfo, Color] | None, bool]:
    """The first clip of the first track that has a picture, with what its samples mean.

    Also whether that is certain: an item before it, or the file of one, may not be known.
    """
    known = not timeline["tracks"].lost
    for track in timeline["tracks"]:
        for node in track["clips"]:
            if node.broken:
                known &= ITEM.kind_of(node) == "transition"
                continue
            for named in pictured(node):
                media = assets.source(named)
                known &= media is not None
                if media is not None and media.video is not None:
                    return (media.video, assets.color(named, media.video)), known
    return None, known


def _hours(seconds: Fraction) -> str:
    return f"{float(seconds / 3600):.4g}"


class _Resolver:
    """One output of one spec."""

    def __init__(
        self, document: Document, context: CheckContext, output: int, undecided: SpecNode
    ) -> None:
        tree = self.tree = document.root
        self.path = str(document.path) if document.path else document.file
        self.lines = Lines(document.text, document.file)
        self.files, self.problems = context.files, context.problems
        self.assets = Assets(tree, context)
        self.max_length, self.draft = context.max_length, context.draft
        self.remarks = Remarks()
        self.titles = Titles(context, self.remarks.warnings)
        self.context = context
        self.captions = CaptionResolver(context, self.assets, self.remarks.warnings)
        self.output = tree["outputs"].items[output]
        self.timeline, self.undecided = tree["timeline"], undecided

    # The whole

    def edit(self) -> Edit | None:
        inputs = self.assets.check()
        check_paths(self.tree["outputs"], self.files, inputs, self.problems)
        first, certain = first_picture(self.undecided, self.assets)
        given = self.tree.get("profile")
        design = canvas(given, SpecNode({}), first)
        profile = drafted(canvas(given, self.output, first), self.draft)
        self.rate = design.fps
        if self._is_sound_alone(given, first is None and certain):
            profile = replace(profile, fps=Fraction(profile.sample_rate))
        self.design = ratio((profile.width, profile.height), (design.width, design.height))
        layers = [given or SpecNode({}, lost=self.tree.lost & {"profile"}), self.output]
        self.size_known = all(is_known(layers, key, certain) for key in ("width", "height"))
        self.rate_known = is_known(layers, "fps", certain)
        complete = not self.timeline["tracks"].lost
        layout = Layout(
            profile.fps, self.rate, self.assets.clip_media, ITEM.kind_of, self.problems,
            rate_known=self.rate_known, complete=complete,
        )  # fmt: skip
        nodes = [track for track in self.timeline["tracks"] if enabled(track)]
        self._check_ids(nodes)
        total = layout.length(nodes)
        placed = [layout.lay_out(track["clips"], total) for track in nodes]
        ends = [items[-1].end for items, _ in placed if items]
        film = max(ends, default=Fraction(0))
        sure = complete and all(item.known for items, _ in placed for item in items)
        self.film, self.sure, self.profile = film, sure, profile
        if film > self.max_length:
            last = max((items[-1] for items, _ in placed if items), key=lambda item: item.end)
            self.problems.add(
                "film-too-long",
                f"the film lasts {_hours(film)} hours, and at most {_hours(self.max_length)} "
                "are allowed",
                last.node,
                f"shorten it, or allow it with --max-length {format_time(film)}",
            )
        tracks = [
            self._track(node, items, transitions)
            for node, (items, transitions) in zip(nodes, placed, strict=True)
        ]
        if not nodes and complete:
            message = "the timeline is empty: every track is disabled"
            self.problems.add("empty-timeline", message, self.timeline, "enable one of them")
        whole = self._values(film, sure=sure)
        effects = item_values.read("timeline", self.timeline, whole).item.get("effects", ())
        audio, output = self._audio(), self._output()
        master = item_values.sound("master", self.tree.get("master") or SpecNode({}), whole)
        burned = self._burned(self.captions.take(self.tree.get("captions"), whole))
        if output is None:
            return None
        if self.size_known and self.rate_known and sure:
            check_target(self.output, design, profile, film, self.remarks.warnings)
        streams = self.captions.streams(output)
        return Edit(
            path=self.path,
            profile=profile,
            tracks=tuple(tracks),
            effects=effects,
            audio=audio,
            output=output,
            duration=to_frames(film, profile.fps),
            master=master,
            markers=markers(self.timeline.get("markers") or (), whole, film, self.problems),
            captions=burned,
            caption_streams=streams,
            warnings=sort_problems(self.remarks.warnings),
        )

    def _is_sound_alone(self, profile: SpecNode | None, no_picture: bool) -> bool:
        """Whether the film is cut to the sample: nothing is seen in it, and nothing of it is shown.

        The sound of a film with pictures is cut where they are, even in a file without them.
        """
        codec, given = self.output.get("codec"), profile or SpecNode({})
        heard = codec is not None and codec.value == SOUND_ONLY
        return heard and no_picture and "fps" not in given and not given.lost

    def _check_ids(self, tracks: Sequence[SpecNode]) -> None:
        seen: set[str] = set()
        for track in tracks:
            name = track["id"]
            if name.text in seen:
                message = f"two tracks are named {name.text!r}"
                self.problems.add("same-id", message, name, "give one of them another id")
            seen.add(name.text)

    # Tracks

    def _track(
        self, node: SpecNode, placed: Sequence[ItemTiming], transitions: Sequence[TransitionTiming]
    ) -> Track:
        name = node["id"].text
        mute = "mute" in node and node["mute"].value is True
        indices: dict[int, int] = {}
        items: list[TimelineItem] = []
        joined: list[Transition] = []
        for entry in placed:
            if entry.kind == "gap":
                continue
            item, edges = self._item(entry, name, mute)
            if edges:
                self._check_edges(node["clips"], entry, edges, transitions)
            if item is not None and entry.shown:
                indices[id(entry)] = len(items)
                joined += self._edges(entry, edges, len(items))
                items.append(item)
        for timing in transitions:
            if (transition := self._transition(timing, indices)) is not None:
                joined.append(transition)
        whole = self._values(self.film, sure=self.sure)
        keys = item_values.read("track", node, whole)
        burned = self._burned(self.captions.take(node.get("captions"), whole))
        return Track(
            id=name,
            items=tuple(items),
            transitions=tuple(sorted(joined, key=lambda each: each.start)),
            sound=item_values.sound("track", node, whole),
            captions=burned,
            **keys.item,
            **keys.placement,
        )

    def _burned(self, found: Sequence[Captions]) -> tuple[Caption, ...]:
        """Captions in their places on the canvas, as far as that is known."""
        if not found or not (self.size_known and self.rate_known):
            return ()
        burner = Burner(self.context, self.remarks.warnings, self.profile, self.design)
        return tuple(caption for each in found for caption in burner.burned(each))

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
        if entry.known and self.rate_known:
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
        params = item_values.transition_params(timing, self._values(timing.duration))
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

    def _values(self, length: Fraction, *, sure: bool = True) -> item_values.Values:
        fps, rate, files = self.profile.fps, self.rate, self.assets.op_file
        return item_values.Values(
            fps,
            rate,
            length,
            self.problems,
            files,
            sure,
            self.lines,
            self.rate_known,
            self.remarks.warnings,
            self.design,
            (self.profile.width, self.profile.height),
        )

    def _item(
        self, placed: ItemTiming, track: str, mute: bool
    ) -> tuple[TimelineItem | None, Mapping[str, Edge]]:
        """An item, and how it enters and exits."""
        node, kind = placed.node, placed.kind
        if node.broken:
            return None, {}
        values = self._values(placed.own_length, sure=placed.length_known)
        values.head = placed.head
        content = self._content(placed, values) if kind != "auto" else None
        if content is not None:
            content = scaled_content(content, self.design)
        if isinstance(content, (Clip, Image)):
            values.picture = picture_size(content)
        keys = item_values.read(kind, node, values)
        if not placed.length_known:
            return None, keys.edge
        sound = self._sound(placed, values, mute)
        if content is None:
            return None, keys.edge
        frame = scaled_placement(item_values.placement(kind, keys, values), content, self.design)
        start = to_frames(placed.start, self.profile.fps)
        end = to_frames(placed.end, self.profile.fps)
        box = None
        if isinstance(content, Text):
            content = animated(content, node, values, end - start)
            self.titles.tell_margin(node)
        if isinstance(content, Text) and self.size_known:
            size = self.profile.width, self.profile.height
            effects = keys.item.get("effects", ())
            box = self.titles.check_place(
                content, node, frame, effects, size, end - start, self.design
            )
        if isinstance(content, Image):
            self.remarks.tell(content.path, content.notes, node["image"], "picture")
        elif placed.media is not None:
            used = {"sound"} if placed.media.video is None else {"picture"}
            heard = used if self._muted(placed, mute) else used | {"sound"}
            self.remarks.tell(placed.media.path, placed.media.notes, node["clip"], *heard)
        item = TimelineItem(
            name=f"{track}[{placed.index + 1}] {label(kind, node)}",
            start=start,
            end=end,
            content=content,
            frame=frame,
            sound=sound,
            location=node.location,
            box=box,
            **keys.item,
        )
        file = content if isinstance(content, Image) else placed.media
        if file is not None:
            named = node["image" if isinstance(content, Image) else "clip"]
            notes = tone_mapped(item, named.text, self.profile.color)
            self.remarks.tell(file.path, notes, named, "picture")
        return item, keys.edge

    def _sound(self, placed: ItemTiming, values: item_values.Values, mute: bool) -> Sound | None:
        if placed.media is None or placed.media.audio is None:
            return None
        sound = item_values.sound(placed.kind, placed.node, values)
        return None if self._muted(placed, mute) else sound

    @staticmethod
    def _muted(placed: ItemTiming, track: bool) -> bool:
        return track or ("mute" in placed.node and placed.node["mute"].value is True)

    def _content(self, placed: ItemTiming, values: item_values.Values) -> Content | None:
        """What an item shows, else None (reported)."""
        node = placed.node
        match placed.kind:
            case "clip":
                return self._clip(placed, values)
            case "image":
                return self.assets.image(node["image"])
            case "text":
                return self.titles.title(node, (self.profile.width, self.profile.height))
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
        if "time_map" in node:
            values.check_last_easing(node["time_map"]["keyframes"])
        if media.video is None:
            key = next((k for k in item_values.picture_keys() if k in node), None)
            if key is not None:
                message = f"{node['clip'].text!r} has no picture, so {key!r} has no meaning"
                self.problems.add(
                    "no-video", message, node[key].key_location, "put it under `audio`"
                )
            return Clip(media, Color(), placed.time_map, pitch)
        color = self.assets.color(node["clip"], media.video)
        return Clip(media, color, placed.time_map, pitch)

    # Sound and output

    def _audio(self) -> tuple[AudioItem, ...]:
        track = Soundtrack(
            self.assets, self.film, self.sure, self.profile.fps, self.rate, self.problems,
            self._values, self.remarks,
        )  # fmt: skip
        nodes = self.tree.get("audio") or ()
        if not self.tree.lost & {"audio", ANY}:
            check_ducks(self.timeline["tracks"], nodes, self.problems)
        return track.items(nodes)

    def _output(self) -> Output | None:
        if self.output.broken:
            return None
        path = self.files.inside(self.output["path"], written=True) or self.files.root
        at = None
        if "at" in self.output:
            node = self.output["at"]
            values = self._values(self.film, sure=self.sure)
            seconds = values.seconds(node, "at")
            at = to_frames(seconds, self.profile.fps)
            if self.sure and values.knows(node) and at >= to_frames(self.film, self.profile.fps):
                message = f"at is {brief(seconds)}, and the film ends at {brief(self.film)}"
                hint = f"give a time before {brief(self.film)}"
                self.problems.add("at-beyond-end", message, node, hint)
        self._warn_of_chapters()
        canvas, profile = self.tree.get("profile"), self.profile
        if not self.size_known:
            profile = replace(profile, width=2, height=2)  # a size that suits every format
        return resolve_output(self.output, path, profile, at, self.problems, canvas)

    def _warn_of_chapters(self) -> None:
        ending = extension(self.output["path"].text)
        container = container_for_extension(ending)
        if "markers" not in self.timeline or container is None or container.chapters:
            return
        message = f"{ending} holds no chapters: the markers of the timeline are left out of it"
        hint = "write .m4a, .mp3, .opus or .mka to keep them"
        self.remarks.warnings.warn("no-chapters", message, self.output["path"], hint)
