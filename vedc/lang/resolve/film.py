"""A timeline with its sound on a canvas: a film, or a composition in one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial

from vedc.edit.contents import Caption
from vedc.edit.model import KEPT, AudioItem, Edit
from vedc.edit.times import format_time, to_frames
from vedc.lang.keys.sound.said import SAID_KEYS
from vedc.lang.language import ITEM
from vedc.lang.resolve.burned import Burner
from vedc.lang.resolve.captions import CaptionResolver
from vedc.lang.resolve.items import item_values
from vedc.lang.resolve.items.ducks import check_ducks
from vedc.lang.resolve.items.labels import enabled
from vedc.lang.resolve.items.timeline import Layout
from vedc.lang.resolve.items.timing import ItemTiming, markers
from vedc.lang.resolve.scope import Scope
from vedc.lang.resolve.sections.canvas import Canvas
from vedc.lang.resolve.sections.caption_stacks import Stacks
from vedc.lang.resolve.sections.cells import Cell, cells
from vedc.lang.resolve.soundtrack import Soundtrack
from vedc.lang.resolve.tracks import Tracks
from vedc.lang.yaml.tree import ANY, SpecNode


class Film:
    """Resolves ``timeline``, ``audio`` and ``master`` of ``tree``, a spec or a composition."""

    def __init__(self, scope: Scope, tree: SpecNode, canvas: Canvas) -> None:
        self.scope, self.tree, self.canvas = scope, tree, canvas
        self.captions = CaptionResolver(scope.context, scope.assets, scope.remarks.warnings)
        self.caption_stacks = Stacks()
        self.problems, self.timeline = scope.problems, tree["timeline"]
        self.length = Fraction(0)
        """Seconds, once it is resolved."""
        self.sure = True
        """Whether the length is known."""
        self.placed: list[list[ItemTiming]] = []
        """The items of each enabled track, once they are laid out."""

    @classmethod
    def of_composition(cls, scope: Scope, tree: SpecNode, canvas: Canvas) -> Edit | None:
        """The edit of a composition; None where its length is not known."""
        film = cls(scope, tree, canvas)
        edit = film.edit(scope.path)
        if tree is not scope.document.root:  # another spec's are ignored, like its outputs
            film.refuse_what_films_have()
        return edit if film.sure else None

    def edit(self, path: str) -> Edit:
        """The edit, for an output without a name yet."""
        fps = self.canvas.profile.fps
        nodes = [track for track in self.timeline["tracks"] if enabled(track)]
        self._check_ids(nodes)
        complete = not self.timeline["tracks"].lost
        media_of = partial(self.scope.media_of, self.canvas)
        layout = Layout(
            fps, self.canvas.rate, media_of, ITEM.kind_of, self.problems,
            rate_known=self.canvas.rate_known, complete=complete,
        )  # fmt: skip
        total = layout.length(nodes)
        placed = [layout.lay_out(track["clips"], total) for track in nodes]
        self.placed = [items for items, _ in placed]
        ends = [items[-1].end for items, _ in placed if items]
        self.length = max(ends, default=Fraction(0))
        self.sure = complete and all(item.known for items, _ in placed for item in items)
        if complete and not self.timeline["tracks"].value:  # a film of sound alone
            audio = self.tree.get("audio") or SpecNode([], lost=frozenset({ANY}))
            self.length, self.sure = self._soundtrack().natural_length(audio)
        longest = self.scope.context.max_length
        if self.length > longest:
            ends_of = [items[-1] for items, _ in placed if items]
            last = max(ends_of, key=lambda item: item.end).node if ends_of else self.tree["audio"]
            self.problems.add(
                "film-too-long",
                f"the film lasts {_hours(self.length)} hours, and at most {_hours(longest)} "
                "are allowed",
                last,
                f"shorten it, or allow it with --max-length {format_time(self.length)}",
            )
        grade = self.timeline.get("grade")
        makers = Tracks(self.scope, self.canvas, self.values, self.length, self.sure, grade)
        in_cells = self._cells()
        tracks = [
            replace(
                makers.track(node, items, transitions, in_cells.get(id(node))),
                captions=self._burned(node, items),
            )
            for node, (items, transitions) in zip(nodes, placed, strict=True)
        ]
        if not nodes and complete and self.timeline["tracks"].value:
            message = "the timeline is empty: every track is disabled"
            self.problems.add("empty-timeline", message, self.timeline, "enable one of them")
        whole = self.values(self.length, sure=self.sure)
        effects = item_values.read("timeline", self.timeline, whole).item.get("effects", ())
        master = item_values.sound("master", self.tree.get("master") or SpecNode({}), whole)
        named = self.timeline.get("markers") or ()
        return Edit(
            path=path,
            profile=self.canvas.profile,
            tracks=tuple(tracks),
            effects=effects,
            audio=self._audio(),
            output=KEPT,
            duration=to_frames(self.length, fps),
            master=master,
            markers=markers(named, whole, self.length, self.problems),
            captions=self._burned(self.tree),
        )

    def values(self, length: Fraction, *, sure: bool = True) -> item_values.Values:
        """Reads the values of something of that length in seconds."""
        return item_values.Values(
            self.canvas.profile.fps,
            self.canvas.rate,
            length,
            self.problems,
            self.scope.assets,
            sure,
            self.scope.lines,
            self.canvas.rate_known,
            self.scope.remarks.warnings,
            self.canvas.design,
            (self.canvas.profile.width, self.canvas.profile.height),
        )

    def _cells(self) -> dict[int, Cell]:
        """The cells of tracks in a layout, by the identity of their nodes. A disabled track keeps
        its cell empty."""
        layout = self.tree.get("layout")
        if layout is None or layout.lost:
            return {}
        found = cells(layout, self.values(self.length, sure=self.sure))
        return {id(node): cell for node, cell in zip(self.timeline["tracks"], found, strict=False)}

    def refuse_what_films_have(self) -> None:
        """Report keys that a composition cannot have: captions that are not burned in, a loudness,
        chapters."""
        named = self.timeline.get("markers")
        if named is not None:
            message = "markers become chapters of the film, and a composition has none"
            hint = "give them to the film's own timeline, by its times"
            self.problems.add("composed-markers", message, named.key_location, hint)
        loudness = (self.tree.get("master") or SpecNode({})).get("loudness")
        if loudness is not None:
            message = "a loudness is that of the whole film, and a composition has none"
            hint = "give it to the film's master, and set the level here with `volume`"
            self.problems.add("composed-loudness", message, loudness.key_location, hint)
        for node in self.captions.open:
            message = "the words of a composition are not looked for"
            hint = "give captions to clips of the film, or name a file: captions: talk.srt"
            self.problems.add("no-decision", message, node, hint)
        for track in self.timeline["tracks"]:
            for item in track["clips"]:
                for key in SAID_KEYS if not item.broken else ():
                    if key in item:
                        message = "what is said in the clips of a composition is not looked for"
                        hint = "give `in` and `out`: vedc find shows when something is said"
                        self.problems.add("no-decision", message, item[key].key_location, hint)
        for captions in self.captions.soft:
            message = "captions that players draw are streams of the film, not of a composition"
            hint = "write burn: true, or give them to the film"
            self.problems.add("composed-captions", message, captions.node, hint)

    def _burned(self, owner: SpecNode, items: Sequence[ItemTiming] = ()) -> tuple[Caption, ...]:
        """The captions of a track and its items, or of all, in their places, as far as these are
        known."""
        whole = self.values(self.length, sure=self.sure)
        found = [*self.captions.take(owner.get("captions"), whole)]
        for item in items:
            if item.shown and item.known and "captions" in item.node:
                own = self.values(item.own_length)
                found += self.captions.take(item.node["captions"], own, item)
        found += self.captions.speech(self.length if self.sure else None)
        if not found or not (self.canvas.size_known and self.canvas.rate_known):
            return ()
        warnings = self.scope.remarks.warnings
        profile, design = self.canvas.profile, self.canvas.design
        burner = Burner(self.scope.context, warnings, profile, design, self.caption_stacks)
        return burner.burned(found)

    def _check_ids(self, tracks: Sequence[SpecNode]) -> None:
        seen: set[str] = set()
        for track in tracks:
            name = track["id"]
            if name.text in seen:
                message = f"two tracks are named {name.text!r}"
                self.problems.add("same-id", message, name, "give one of them another id")
            seen.add(name.text)
        for track in tracks:
            for item in track["clips"]:
                if item.broken or "id" not in item or "auto" in item:  # those are checked as such
                    continue
                name = item["id"]
                if name.text in seen:
                    message = f"another item or track is named {name.text!r}"
                    self.problems.add("same-id", message, name, "give one of them another id")
                seen.add(name.text)

    def _soundtrack(self) -> Soundtrack:
        return Soundtrack(
            self.scope.assets, self.length, self.sure, self.canvas.profile.fps, self.canvas.rate,
            self.problems, self.values, self.scope.remarks,
        )  # fmt: skip

    def _audio(self) -> tuple[AudioItem, ...]:
        nodes = self.tree.get("audio") or ()
        if not self.tree.lost & {"audio", ANY}:
            check_ducks(self.timeline["tracks"], nodes, self.problems)
        return self._soundtrack().items(nodes)


def _hours(seconds: Fraction) -> str:
    return f"{float(seconds / 3600):.4g}"
