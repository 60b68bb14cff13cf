"""What the timelines of a spec share during resolution, and its compositions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from typing import Final, NamedTuple

from vedc.edit import colors
from vedc.edit.media_info import MediaInfo
from vedc.edit.model import Edit
from vedc.edit.tables.codecs import SOUND_ONLY
from vedc.errors import UserError
from vedc.lang.form.expand import expand
from vedc.lang.keys.items import CHOSEN
from vedc.lang.language import ITEM
from vedc.lang.resolve.checked_form import checked_form
from vedc.lang.resolve.composed import described
from vedc.lang.resolve.filled import filled
from vedc.lang.resolve.grades.lists import decided_steps
from vedc.lang.resolve.items.context import CheckContext
from vedc.lang.resolve.items.labels import enabled
from vedc.lang.resolve.items.title import Titles
from vedc.lang.resolve.reframe.asking import asked_crops
from vedc.lang.resolve.remarks import Remarks
from vedc.lang.resolve.sections.assets import Assets
from vedc.lang.resolve.sections.canvas import Canvas, Picture, canvas, drafted, is_known
from vedc.lang.resolve.sections.color_management import ColorManagement
from vedc.lang.resolve.sections.ladder import sized
from vedc.lang.stock import STOCK, stock_spec
from vedc.lang.yaml.lines import Lines
from vedc.lang.yaml.load import Document, display_name, load
from vedc.lang.yaml.tree import ANY, SpecNode
from vedc.support.suggest import did_you_mean

#: The deepest nesting of compositions. Each level is a nested call, here and in the plan.
DEEPEST: Final = 24


class Composed(NamedTuple):
    """A composition, resolved for a canvas."""

    edit: Edit
    media: MediaInfo
    design: Fraction
    """The scale of its canvas relative to the spec's."""


FilmOf = Callable[["Scope", SpecNode, Canvas], Edit | None]
"""Resolves the timeline and the sound of a film or a composition; None if a reported error makes
that impossible."""


class Scope:
    """The files, compositions and remarks of one spec.

    ``film`` resolves a timeline. ``inside`` are the compositions around this spec, outermost
    first, each with its name in messages.
    """

    def __init__(
        self,
        document: Document,
        context: CheckContext,
        remarks: Remarks,
        film: FilmOf,
        inside: Sequence[tuple[object, str]] = (),
        around: ColorManagement | None = None,
    ) -> None:
        """``around`` is the colour management of the film in which this spec is a composition."""
        self.document, self.context, self.remarks, self.film = document, context, remarks, film
        self.problems, self.files = context.problems, context.files
        self.colors = ColorManagement(document.root, context, remarks.warnings, around)
        self.assets = Assets(document.root, context, self.colors)
        self.lines = Lines(document.text, document.file)
        self.titles = Titles(context, remarks.warnings)
        self.compositions = Compositions(self, inside or [(_place(document), self.path)])

    @property
    def path(self) -> str:
        """The spec file."""
        return str(self.document.path) if self.document.path else self.document.file

    def canvas(
        self, output: SpecNode, undecided: SpecNode, rendition: SpecNode | None = None
    ) -> Canvas:
        """The canvas of an output, or of a rendition in its ladder. Decisions do not change it:
        ``undecided`` is the timeline before them."""
        root, draft = self.document.root, self.context.draft
        first, certain = self.first_picture(undecided)
        given = root.get("profile")
        management = self.colors.management(output)
        profile = drafted(sized(canvas(given, output, first), rendition), draft)
        if management is not None:
            profile = replace(profile, color=management.color, management=management)
        if _is_sound_alone(given, output, first is None and certain):
            profile = replace(profile, fps=Fraction(profile.sample_rate))
        layers = [given or SpecNode({}, lost=root.lost & {"profile"}), output]
        return Canvas(
            profile,
            canvas(given, SpecNode({}), first),
            all(is_known(layers, key, certain) for key in ("width", "height")),
            is_known(layers, "fps", certain),
        )

    def media_of(self, canvas: Canvas, node: SpecNode) -> MediaInfo | None:
        """The media of an item with a range, in a film of this canvas, else None (reported)."""
        if ITEM.kind_of(node) == "composition":
            composed = self.compositions.composed(node["composition"], canvas)
            return composed.media if composed is not None else None
        return self.assets.clip_media(node)

    def first_picture(self, timeline: SpecNode) -> tuple[Picture | None, bool]:
        """The first clip of the first track that has a picture.

        Also whether that is certain: an item before it, or its file, may be unknown.
        """
        known = not timeline["tracks"].lost
        for track in timeline["tracks"]:
            for node in track["clips"]:
                if node.broken:
                    known &= ITEM.kind_of(node) == "transition"
                    continue
                for named in _pictured(node):
                    media = self.assets.source(named)
                    known &= media is not None
                    if media is not None and media.video is not None:
                        video = media.video
                        color = self.assets.color(named, video)
                        return Picture(video.display_size, video.rate, color), known
                if ITEM.kind_of(node) == "composition":
                    found, certain = self.compositions.picture(node["composition"])
                    known &= certain
                    if found is not None:
                        return found, known
        return None, known


def _is_sound_alone(profile: SpecNode | None, output: SpecNode, no_picture: bool) -> bool:
    """Whether the film is cut to the sample, because it has no picture and no output shows any.

    The sound of a film with pictures is cut at frames, even in a file without pictures.
    """
    codec, given = output.get("codec"), profile or SpecNode({})
    sound_only = codec is not None and codec.value == SOUND_ONLY
    return sound_only and no_picture and "fps" not in given and not given.lost


def _place(document: Document) -> object:
    """The identity of a spec as a composition."""
    return str(document.path.resolve()) if document.path else None


def _pictured(node: SpecNode) -> list[SpecNode]:
    """Possible sources of an item's picture: the assets that a clip, or an ``auto``, names."""
    kind = ITEM.kind_of(node)
    if kind == "clip":
        return [node["clip"]]
    return node["auto"]["from"].items if kind == "auto" else []


class Compositions:
    """The compositions of a spec, each resolved once for every canvas it appears on."""

    def __init__(self, scope: Scope, inside: Sequence[tuple[object, str]]) -> None:
        held = scope.document.root.get("compositions")
        self._entries = dict(held.entries) if held is not None else {}
        self._complete = held is None or not held.lost
        self._complete &= "compositions" not in scope.document.root.lost
        self._scope, self._inside = scope, tuple(inside)
        self._made: dict[tuple[str, Canvas], Composed | None] = {}
        self._specs: dict[str, Scope | None] = {}

    def composed(self, named: SpecNode, around: Canvas) -> Composed | None:
        """The composition that an item names, in a film of this canvas; else None (reported)."""
        node = self._node(named)
        if node is None:
            return None
        key = named.text, around
        if key not in self._made:
            if not self._may_enter(named, node):
                return None
            self._made[key] = self._composed(named, node, around)
        return self._made[key]

    def check_unused(self, around: Canvas) -> None:
        """Check the compositions that no item uses, as if the film showed them."""
        used = {name for name, _ in self._made}
        for name, node in self._entries.items():
            if name not in used and not node.broken:
                self.composed(SpecNode(name, node.location, node.key_location), around)

    def picture(self, named: SpecNode) -> tuple[Picture | None, bool]:
        """The canvas of a film whose first picture is this composition."""
        node = self._node(named)
        if node is None or self._is_inside(named, node):
            return None, node is not None
        with self._entered(named, node):
            if "file" in node:
                scope = self._spec(named, node)
                if scope is None:
                    return None, False
                found = scope.canvas(SpecNode({}), scope.document.root["timeline"])
                first = found.profile
                return Picture((first.width, first.height), first.fps, first.color), True
            inner, certain = self._scope.first_picture(node["timeline"])
            own = node.get("profile")
            if own is None or (inner is None and not {"width", "height", "fps"} & {*own.entries}):
                return inner, certain
            profile = canvas(own, SpecNode({}), inner)
            return Picture((profile.width, profile.height), profile.fps, profile.color), certain

    # Inside

    def _node(self, named: SpecNode) -> SpecNode | None:
        if named.broken or not isinstance(named.value, str):
            return None
        node = self._entries.get(named.text)
        if node is None and self._complete:
            near = did_you_mean(named.text, self._entries)
            tail = f"; did you mean {near!r}?" if near else ""
            hint = "a file name has an extension; an id is declared under compositions"
            message = f"there is no composition {named.text!r}{tail}"
            self._scope.problems.add("unknown-composition", message, named, None if near else hint)
        return None if node is None or node.broken else node

    def _key(self, named: SpecNode, node: SpecNode) -> object:
        """The key of a composition, whichever item names it: a file by its path, others by spec and
        id."""
        if "file" in node and node["file"].text in STOCK:
            return id(self._entries), named.text
        if "file" in node:
            return str((self._scope.files.root / node["file"].text).resolve())
        return id(self._entries), named.text

    def _is_inside(self, named: SpecNode, node: SpecNode) -> bool:
        return any(key == self._key(named, node) for key, _ in self._inside)

    def _may_enter(self, named: SpecNode, node: SpecNode) -> bool:
        names = [name for _, name in self._inside]
        if self._is_inside(named, node):
            key = self._key(named, node)
            first = next(n for n, (other, _) in enumerate(self._inside) if other == key)
            chain = " > ".join([*names[first:], named.text])
            message = f"a composition would contain itself: {chain}"
            hint = "take one of them out of the other"
            self._scope.problems.add("composition-cycle", message, named, hint)
            return False
        if len(names) >= DEEPEST:
            message = f"compositions are more than {DEEPEST} deep in one another"
            hint = "render the innermost of them as a film of its own, and name that with `clip`"
            self._scope.problems.add("composition-too-deep", message, named, hint)
            return False
        return True

    def _composed(self, named: SpecNode, node: SpecNode, around: Canvas) -> Composed | None:
        problems = self._scope.problems
        before = len(problems)
        with self._entered(named, node):
            if "file" in node:
                scope = self._spec(named, node)
                if scope is None:
                    self._at_use(named, node)
                    return None
                tree = scope.document.root
                own = scope.canvas(SpecNode({}), tree["timeline"])
                if stock_spec(node["file"].text) is not None:
                    own = around
                own = own.managed_as(around)
            else:
                scope, tree, own = self._scope, node, around.within(_profile(node))
                scope.colors.check_composition(_profile(node))
            for asking in _undecided(tree):
                message = "nothing is decided inside a composition"
                hint = "put it into a track of the film, or write out here what it is to become"
                problems.add("undecided-composition", message, asking, hint)
            edit = scope.film(scope, tree, own)
        self._at_use(named, node)
        if edit is None or len(problems) > before:
            return None
        if edit.duration == 0:
            message = f"the composition {named.text!r} shows nothing at any time"
            problems.add("empty-composition", message, named, "put something on its timeline")
            return None
        if "background" in node:
            edit = replace(edit, background=colors.rgba(node["background"].text))
        return Composed(edit, described(edit, named.text), own.design)

    def _at_use(self, named: SpecNode, node: SpecNode) -> None:
        """Report mistakes of a stock composition where it is used: its variables cause them."""
        stock = stock_spec(node["file"].text) if "file" in node else None
        if stock is None:
            return
        problems, inside = self._scope.problems, display_name(stock)
        for number, problem in enumerate(problems):
            if problem.location is not None and problem.location.file == inside:
                problems[number] = replace(problem, location=named.location)

    @contextmanager
    def _entered(self, named: SpecNode, node: SpecNode) -> Iterator[None]:
        outside = self._inside
        self._inside = (*outside, (self._key(named, node), named.text))
        try:
            yield
        finally:
            self._inside = outside

    def _spec(self, named: SpecNode, node: SpecNode) -> Scope | None:
        """The checked spec of a composition; None if it is unusable."""
        if named.text not in self._specs:
            self._specs[named.text] = None
            document = self._document(node)
            if document is not None:
                self._specs[named.text] = document
        return self._specs[named.text]

    def _document(self, node: SpecNode) -> Scope | None:
        outer = self._scope
        stock = stock_spec(node["file"].text)
        path = stock or outer.files.existing(node["file"], one=True, local=True)
        if path is None:
            return None
        try:
            document = load(path)
        except UserError as error:
            outer.problems += error.problems
            return None
        context = replace(
            outer.context,
            root=outer.context.root if stock is not None else path.parent,
            allow=(*outer.context.allow, outer.context.root),
            set_values={},
            var_file=node.get("vars"),
            composed=True,
        )
        before = len(outer.problems)
        document = checked_form(document, context)
        if len(outer.problems) > before:
            return None
        if "timeline" not in document.root:
            message = f"{node['file'].text!r} has no timeline: it is sound alone, not a picture"
            hint = "name its sound under `audio`, or render it and name that file there"
            outer.problems.add("no-picture", message, node["file"], hint)
            return None
        if stock is not None:  # it is on the film's canvas, and its variables may name assets
            around = outer.document.root
            given = {key: around[key] for key in ("profile", "assets") if key in around}
            document = replace(
                document, root=document.root.with_value({**document.root.entries, **given})
            )
        expanded = filled(expand(document, context.files), context)
        if len(outer.problems) > before:
            return None
        return Scope(expanded, context, outer.remarks, outer.film, self._inside, outer.colors)


def _profile(node: SpecNode) -> SpecNode | None:
    lost = node.lost & {"profile", ANY}
    return node.get("profile") or (SpecNode({}, lost=lost) if lost else None)


def _undecided(tree: SpecNode) -> Iterator[SpecNode]:
    """The open decisions of a composition."""
    for track in tree["timeline"]["tracks"]:
        for node in track["clips"] if enabled(track) else ():
            if not node.broken and ITEM.kind_of(node) in ("auto", CHOSEN):
                yield node
    yield from decided_steps(tree)
    yield from asked_crops(tree)
