"""Evaluates values that depend on the spec's own timeline: ``start: "${{ end('intro') }}"``.

Tracks are laid out as far as they are known, references to known items are filled in, and so on
until nothing is left. Cycles, over any number of items, are reported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from vedc.edit.media_info import MediaInfo
from vedc.edit.times import parse_time
from vedc.lang.expr.references import DeferredText, Reference
from vedc.lang.expr.syntax import ExpressionError
from vedc.lang.form.deferred import deferred_nodes, waits, with_known
from vedc.lang.keys.retiming import LENGTH_WORDS
from vedc.lang.language import ITEM
from vedc.lang.resolve.file_facts import FileFacts
from vedc.lang.resolve.items.clip_time import Pace, repeats
from vedc.lang.resolve.items.context import CheckContext
from vedc.lang.resolve.items.item_values import Values
from vedc.lang.resolve.items.labels import enabled
from vedc.lang.resolve.items.timeline import Layout
from vedc.lang.yaml.load import Document
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.support.suggest import suggestion

if TYPE_CHECKING:
    from vedc.lang.resolve.scope import Scope

_COMPOSITIONS: Final = "compositions"
_TIMES: Final = (*LENGTH_WORDS, "start", "gap", "transition")
"""Keys that determine when an item is seen."""
_SOUND_TIMES: Final = ("clip", "start", *LENGTH_WORDS, "pitch")


ScopeOf = Callable[[Document, CheckContext], "Scope"]
"""The scope for laying out the timelines of a spec."""


class _Unknown(Exception):
    """The target of a reference has no known place yet."""


class _Span(NamedTuple):
    """When something is seen or heard, in seconds of the film; a marker has no end."""

    start: Fraction
    end: Fraction | None


def fill(document: Document, context: CheckContext, open_scope: ScopeOf) -> SpecNode:
    """A canonical spec with the values that its own timelines give.

    Values that depend on an undecided ``auto`` item stay as they are. Errors go to ``context``.
    ``open_scope`` gives the scope for laying out timelines.
    """
    hushed = replace(context, problems=Problems())
    while True:
        scope = open_scope(document, hushed)
        root = document.root
        films = {"": root} | dict(root["compositions"].entries if "compositions" in root else {})
        lookups = {
            name: _Timeline(film, scope) for name, film in films.items() if "timeline" in film
        }
        made, changed = {}, False
        for name, timeline in lookups.items():
            held = films[name]
            if not name:
                held = held.with_value(
                    {k: v for k, v in held.entries.items() if k != _COMPOSITIONS}
                )
            filling = _Filling(timeline, context.problems)
            made[name] = with_known(held, filling)
            changed |= filling.changed
        entries = dict(made.pop("").entries)
        if _COMPOSITIONS in root:
            given = root[_COMPOSITIONS]
            entries[_COMPOSITIONS] = given.with_value({**given.entries, **made})
        order = {key: entries[key] for key in root.entries}
        document = replace(document, root=root.with_value(order))
        if context.problems or not waits(document.root):
            return document.root
        if not changed:
            for timeline in lookups.values():
                if not timeline.undecided:
                    _report_cycles(timeline, context.problems)
            return document.root


def _alone(film: SpecNode) -> SpecNode:
    """A film without its compositions, which have their own timelines."""
    return film.with_value({k: v for k, v in film.entries.items() if k != _COMPOSITIONS})


class _Filling:
    """Evaluates what is known so far."""

    def __init__(self, timeline: _Timeline, problems: Problems) -> None:
        self.timeline, self.problems, self.changed = timeline, problems, False

    def __call__(self, node: SpecNode) -> SpecNode:
        text = node.value
        assert isinstance(text, DeferredText)
        try:
            value = text.evaluate(self.timeline.value)
        except _Unknown:
            return node
        except ExpressionError as error:
            self.problems.add(error.code, error.message, text.locate(error.span), error.hint)
            return SpecNode(None, node.location, node.key_location, broken=True)
        self.changed = True
        return SpecNode.of(value, node.location, node.key_location)


class _Timeline:
    """What is known of a spec's timeline."""

    def __init__(self, tree: SpecNode, scope: Scope) -> None:
        self.tree, self.scope = tree, scope
        self.facts = FileFacts(scope.document.root, scope.context)
        self.assets, timeline = scope.assets, tree["timeline"]
        self.tracks = [track for track in timeline["tracks"] if enabled(track)]
        items = [item for track in self.tracks for item in track["clips"]]
        self.undecided = any("auto" in item for item in items)
        root = scope.document.root
        self.canvas = scope.canvas(SpecNode({}), root["timeline"])
        if tree is not root:
            self.canvas = self.canvas.within(tree.get("profile"))
        self.rate = self.canvas.rate
        layout = Layout(self.rate, self.rate, self._media_of, ITEM.kind_of, Problems())
        layout.complete = not self.undecided
        total = layout.length(self.tracks)
        self.placed = [layout.lay_out(track["clips"], total)[0] for track in self.tracks]
        ends = [item.end for items in self.placed for item in items]
        self.sure = all(item.known for items in self.placed for item in items)
        self.sure &= bool(timeline["tracks"].value)  # a film of sound alone is as long as that
        self.film = max(ends, default=Fraction(0))
        self.spans: dict[str, _Span | None] = {}
        """By name; None where it is not known."""
        self._add_tracks()
        self._add_sounds()
        self._add_markers()

    def _media_of(self, node: SpecNode) -> MediaInfo | None:
        """As of the scope, but unknown for a composition that is not known yet."""
        if "composition" in node and _waits_inside(node["composition"], self.scope):
            return None
        return self.scope.media_of(self.canvas, node)

    def value(self, reference: Reference) -> Any:
        """Raises _Unknown where it is not known yet, ExpressionError where there is none."""
        function, name = reference.function, reference.name
        if name not in self.spans:
            if self.facts.knows(reference):
                return self.facts.value(reference)
            if (track := self._left_out(name)) is not None:
                message = f"{name!r} has no time: the track {track!r} is left out of the film"
                hint = "take enabled: false off the track, or give it to the track's items"
                raise ExpressionError("unknown-id", message, reference.span, hint)
            if self._is_outside(name):
                message = (
                    f"{name!r} is an item of the film, and a composition has a time of its own"
                )
                hint = "name an item of the composition, or move this to a track of the film"
                raise ExpressionError("unknown-id", message, reference.span, hint)
            message = f"there is no item with the id {name!r}{suggestion(name, self.spans)}"
            hint = f"give it one: {{clip: a.mp4, id: {name}}}"
            raise ExpressionError("unknown-id", message, reference.span, hint)
        span = self.spans[name]
        if span is None:
            raise _Unknown
        if span.end is None and function != "start":
            message = f"{name!r} is a marker, which is a moment"
            raise ExpressionError("unknown-id", message, reference.span, f"use start({name!r})")
        if function == "start" or span.end is None:
            return span.start
        return span.end if function == "end" else span.end - span.start

    def _left_out(self, name: str) -> str | None:
        """The track that is not enabled and has this name, or an item of this name."""
        for track in self.tree["timeline"]["tracks"]:
            named = (item["id"].value for item in track["clips"] if "id" in item)
            if not enabled(track) and name in (track["id"].value, *named):
                return track["id"].text
        return None

    def _is_outside(self, name: str) -> bool:
        """Whether an item of the film has this name, seen from a composition in it."""
        root = self.scope.document.root
        return self.tree is not root and any(
            item["id"].value == name
            for track in root["timeline"]["tracks"]
            for item in track["clips"]
            if "id" in item
        )

    def _add_tracks(self) -> None:
        for track, placed in zip(self.tracks, self.placed, strict=True):
            known = all(item.known for item in placed)
            whole = _Span(Fraction(0), placed[-1].end if placed else Fraction(0))
            self.spans[track["id"].text] = whole if known else None
            for item in placed:
                if "id" not in item.node:
                    continue
                span = None
                if item.known:
                    span = _Span(item.start + item.head, item.end - item.tail)
                name = item.node["id"].text
                self.spans[name] = span
                chosen = name.rpartition("[")[0]
                if chosen and name.endswith("]"):  # one of the items that one became
                    self.spans[chosen] = _joined(self.spans.get(chosen, span), span)

    def _add_sounds(self) -> None:
        for node in self.tree.get("audio") or ():
            if "id" not in node or node.broken:
                continue
            times = {key: node[key] for key in _SOUND_TIMES if key in node}
            plain = node.with_value(dict[str, SpecNode](times))
            self.spans[node["id"].text] = None if waits(plain) else self._sound_span(plain)

    def _sound_span(self, node: SpecNode) -> _Span | None:
        """An audio item at the length it would have if the film did not end."""
        media = self.assets.media(node["clip"])
        if media is None:
            return None
        film = self._values(self.film)
        whole = media.sound_length or Fraction(0)
        rate = media.video.rate if media.video is not None else self.rate
        source = Values(rate, rate, whole, Problems(), self.assets)
        if not all(film.knows(node[key]) for key in ("start", "duration") if key in node):
            return None
        start, times = film.seconds(node.get("start"), "start"), repeats(node)
        if "duration" in node:
            return _Span(start, start + film.seconds(node["duration"], "duration"))
        if times is None:
            return _Span(start, self.film) if self.sure else None
        begin = source.seconds(node.get("in"), "in")
        end = source.seconds(node["out"], "out") if "out" in node else whole
        return _Span(start, start + times * (end - begin) / Pace.of(node, Problems()).speed)

    def _values(self, length: Fraction) -> Values:
        return Values(self.rate, self.rate, length, Problems(), self.assets, self.sure)

    def _add_markers(self) -> None:
        for node in self.tree["timeline"].get("markers") or ():
            span, at = None, node["time"]
            if not waits(at):
                time = parse_time(at.value, from_end=True)
                if self.sure or not time.needs_parent:
                    span = _Span(self._values(self.film).seconds(at, "time"), None)
            self.spans.setdefault(node["name"].text, span)


def _joined(first: _Span | None, second: _Span | None) -> _Span | None:
    if first is None or second is None or first.end is None or second.end is None:
        return None
    return _Span(min(first.start, second.start), max(first.end, second.end))


def _report_cycles(timeline: _Timeline, problems: Problems) -> None:
    """Report values that depend on themselves."""
    needs: dict[str, set[str]] = {}
    """By name: the names that its times depend on."""
    for track in timeline.tracks:
        before: set[str] = set()
        for item in track["clips"]:
            own = {
                reference.name
                for key in _TIMES
                if key in item
                for node in deferred_nodes(item[key])
                if isinstance(node.value, DeferredText)
                for reference in node.value.references()
            }
            before = own if "start" in item and not waits(item["start"]) else before | own
            if "id" in item:
                needs[item["id"].text] = set(before)
        needs[track["id"].text] = before
    for node in timeline.tree.get("audio") or ():
        if "id" in node:
            needs[node["id"].text] = {
                reference.name
                for key in _SOUND_TIMES
                if key in node
                for each in deferred_nodes(node[key])
                if isinstance(each.value, DeferredText)
                for reference in each.value.references()
            }
    for node in deferred_nodes(_alone(timeline.tree)):
        text = node.value
        assert isinstance(text, DeferredText)
        for reference in text.references():
            way = _cycle(reference.name, needs)
            if way is not None:
                names = " needs ".join(map(repr, way))
                message = f"this depends on itself: {names}"
                hint = f"give {way[0]!r} a time that depends on no other"
                problems.add("reference-cycle", message, text.locate(reference.span), hint)
                break
        else:
            names = " and ".join(repr(reference.name) for reference in text.references())
            message = f"when {names} is seen cannot be known here"
            hint = "percentages and times from the end of the film need all other items first"
            problems.add("reference-cycle", message, node, hint)


def _waits_inside(named: SpecNode, scope: Scope, seen: frozenset[str] = frozenset()) -> bool:
    """Whether a composition, or a nested one, holds unknown values."""
    held = scope.document.root.get(_COMPOSITIONS)
    node = held.get(named.text) if held is not None and isinstance(named.value, str) else None
    if node is None or named.text in seen:
        return False
    if waits(node):
        return True
    tracks = node["timeline"]["tracks"] if "timeline" in node else ()
    items = (item for track in tracks for item in track["clips"])
    inner = (item["composition"] for item in items if "composition" in item)
    return any(_waits_inside(each, scope, seen | {named.text}) for each in inner)


def _cycle(name: str, needs: Mapping[str, set[str]]) -> list[str] | None:
    """The cycle from a name back to itself."""
    ways = [[name]]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        for needed in sorted(needs.get(way[-1], ())):
            if needed == name:
                return [*way, name]
            if needed not in seen:
                seen.add(needed)
                ways.append([*way, needed])
    return None
