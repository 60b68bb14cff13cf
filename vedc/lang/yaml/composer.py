"""Parser events to a graph of nodes without cycles: anchors, merge keys, keys, tags."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import yaml

from vedc.errors import Place, Problem, SpecError, shorten
from vedc.lang.schema.suggest import suggestion
from vedc.lang.yaml.lines import Lines
from vedc.lang.yaml.scalars import Scalar, resolve_plain, resolve_tagged
from vedc.lang.yaml.syntax_errors import LOADER, explain

_CORE_TAG: Final = "tag:yaml.org,2002:"
#: Anchors and tags, with the space and comments after them.
_PROPERTIES: Final = re.compile(r"(?:[&!][^\s,\[\]{}]*(?:\s|#[^\n]*)*)+")
_TAG: Final = re.compile(r"!(?:<[^>\s]*>|[^\s,\[\]{}]*)")

_KINDS: Final = {
    "null": "null",
    "bool": "a true or false",
    "int": "a number",
    "float": "a number",
}


@dataclass(slots=True, eq=False)
class Leaf:
    value: Scalar
    place: Place


@dataclass(slots=True, eq=False)
class Listing:
    place: Place
    items: list[Node] = field(default_factory=list)
    open: bool = True
    """Still being read: an alias to it would contain itself."""


@dataclass(slots=True, eq=False)
class Mapping:
    place: Place
    pairs: dict[str, tuple[Place, Node]] = field(default_factory=dict)
    """Keys with their places; once ``open`` is false, merged ones too."""
    open: bool = True


Node = Leaf | Listing | Mapping


def too_deep(place: Place, limit: int) -> SpecError:
    message = f"lists and mappings are nested more than {limit} deep"
    return SpecError((Problem("spec-too-deep", message, place),))


class Composer:
    """Reads one document. Every alias of an anchor is the same node."""

    def __init__(self, lines: Lines, max_depth: int, max_nodes: int) -> None:
        self.lines = lines
        self.max_depth = max_depth
        self.max_nodes = max_nodes
        self.problems: list[Problem] = []
        self.anchors: dict[str, Node] = {}
        self.count = 0
        self.events: Iterator[yaml.Event] = yaml.parse(lines.text, Loader=LOADER)

    def compose(self) -> Node:
        """The root. Raises ``SpecError`` with every problem up to the first syntax error."""
        try:
            root = self._document()
        except yaml.YAMLError as error:
            self.problems.append(explain(error, self.lines))
        except SpecError as error:
            self.problems.extend(error.problems)
        else:
            if not self.problems:
                return root
        raise SpecError(tuple(self.problems))

    def _document(self) -> Node:
        next(self.events)  # StreamStart
        start = next(self.events)
        event = next(self.events, None)
        if event is None or (
            isinstance(event, yaml.ScalarEvent) and event.implicit[0] and event.value == ""
        ):
            raise _stop("spec-empty", "there is nothing in the file", self.lines.place(0))
        self._check_version(start)
        root = self._node(event, 1)
        next(self.events)  # DocumentEnd
        event = next(self.events)
        if isinstance(event, yaml.DocumentStartEvent):
            hint = "keep one spec in a file; remove this line and what follows it"
            raise _stop("yaml-documents", "a second document starts here", self._mark(event), hint)
        return root

    def _check_version(self, start: yaml.Event) -> None:
        version = start.version if isinstance(start, yaml.DocumentStartEvent) else None
        if version is not None and version != (1, 2):
            message = f"the file says that it is YAML {version[0]}.{version[1]}; specs are YAML 1.2"
            self._problem("yaml-version", message, self._mark(start), "remove the %YAML line")

    def _problem(self, code: str, message: str, place: Place, hint: str | None = None) -> None:
        self.problems.append(Problem(code, message, place, hint))

    def _mark(self, event: yaml.Event) -> Place:
        """Where an event stands, anchor and tag included."""
        return self.lines.place(*_span(event))

    def _content(self, event: yaml.NodeEvent) -> int:
        """The offset of a node's content: behind its anchor and tag."""
        start, _ = _span(event)
        if event.anchor is None and getattr(event, "tag", None) is None:
            return start
        found = _PROPERTIES.match(self.lines.text, start)
        return found.end() if found else start

    def _count(self, place: Place, more: int = 1) -> None:
        self.count += more
        if self.count > self.max_nodes:
            message = f"there are over {self.max_nodes} values"
            raise _stop("spec-too-many-nodes", message, place, "make several specs of it")

    def _node(self, event: yaml.Event, depth: int) -> Node:
        """Read one node; its first event is given, the others are taken."""
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if isinstance(event, yaml.ScalarEvent):
            leaf = Leaf(*self._scalar(event))
            self._count(leaf.place)
            if event.anchor is not None:
                self.anchors[event.anchor] = leaf
            return leaf
        assert isinstance(event, yaml.CollectionStartEvent)
        start = self._content(event)
        place = self.lines.place(start)
        self._count(place)
        if depth > self.max_depth:
            raise too_deep(place, self.max_depth)
        is_list = isinstance(event, yaml.SequenceStartEvent)
        node = Listing(place) if is_list else Mapping(place)
        if event.tag not in (None, "!", _CORE_TAG + ("seq" if is_list else "map")):
            self._bad_tag(event)
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        end = self._items(node, depth) if isinstance(node, Listing) else self._pairs(node, depth)
        node.open = False
        if event.flow_style:
            node.place = self.lines.place(start, _span(end)[1])
        return node

    def _items(self, node: Listing, depth: int) -> yaml.Event:
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            node.items.append(self._node(event, depth + 1))
        return event

    def _pairs(self, node: Mapping, depth: int) -> yaml.Event:
        merges: list[tuple[Place, Mapping]] = []
        seen: dict[str, Place] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            merge = isinstance(event, yaml.ScalarEvent) and _is_merge(event)
            key, place = self._key(event, depth)
            value = self._node(next(self.events), depth + 1)
            if not node.pairs and not merges:
                node.place = place
            if key is None or self._glued(key, place, value):
                continue
            if key in seen:
                first = seen[key]
                message = f"the key {shorten(key)!r} stands twice; first on line {first.line}"
                self._problem("duplicate-key", message, place, "keep one of the two")
                continue
            seen[key] = place
            if merge:
                merges = self._merge_sources(value, place)
            else:
                node.pairs[key] = (place, value)
        for place, source in merges:
            self._count(place, len(source.pairs))
            for key, pair in source.pairs.items():
                node.pairs.setdefault(key, pair)
        return event

    def _key(self, event: yaml.Event, depth: int) -> tuple[str | None, Place]:
        """A mapping's key, or None where it cannot be one."""
        node = self._node(event, depth + 1)
        place = self._mark(event) if isinstance(event, yaml.AliasEvent) else node.place
        if not isinstance(node, Leaf):
            kind = "list" if isinstance(node, Listing) else "mapping"
            hint = None
            if self.lines.text.startswith("{{", self.lines.offset(place) - 1):
                hint = "quote a text with {{ in it"
            self._problem("key-not-string", f"a {kind} cannot be a key", place, hint)
        elif isinstance(node.value, str):
            return node.value, place
        else:
            shown = shorten(self.lines.shown(place))
            if shown.startswith(":"):
                message, hint = "there is no key before the colon", None
            else:
                kind = "null" if node.value is None else type(node.value).__name__
                message = f"the key {shown} is {_KINDS[kind]}; keys are texts"
                hint = f'quote it: "{shown}"'
            self._problem("key-not-string", message, place, hint)
        return None, place

    def _glued(self, key: str, place: Place, value: Node) -> bool:
        """Report ``{width:1920}``: valid YAML for a key ``width:1920`` without a value."""
        name, colon, rest = key.partition(":")
        empty = isinstance(value, Leaf) and value.value is None
        start = self.lines.offset(place)
        behind = self.lines.text[start + len(key) : start + len(key) + 1]
        if not (colon and rest and empty) or behind == ":" or self.lines.shown(place) != key:
            return False
        message = f"a space is missing after the colon of {shorten(name)!r}"
        hint = f"write '{shorten(f'{name}: {rest}')}'"
        self._problem("yaml-syntax", message, place, hint)
        return True

    def _merge_sources(self, value: Node, place: Place) -> list[tuple[Place, Mapping]]:
        """What ``<<`` brings, in falling precedence."""
        sources = value.items if isinstance(value, Listing) else [value]
        good = [(place, s) for s in sources if isinstance(s, Mapping)]
        if len(good) < len(sources):
            message = "'<<' merges mappings: it takes an alias of one, or a list of them"
            self._problem("yaml-merge", message, place)
        return good

    def _alias(self, event: yaml.AliasEvent) -> Node:
        place, name = self._mark(event), event.anchor or ""
        node = self.anchors.get(name)
        if node is None:
            message = f"there is no anchor &{shorten(name)} before this alias"
            hint = None if self.anchors else "quote a text that starts with '*'"
            message += suggestion(name, self.anchors)
            self._problem("yaml-alias", message, place, hint)
            return Leaf(None, place)
        if not isinstance(node, Leaf) and node.open:
            message = f"*{shorten(name)} stands inside its own anchor: it would contain itself"
            raise _stop("yaml-alias", message, place, "remove it, or move the anchor")
        return node

    def _scalar(self, event: yaml.ScalarEvent) -> tuple[Scalar, Place]:
        start, end = self._content(event), _span(event)[1]
        while start == end and self.lines.text[start - 1 : start].isspace():
            start = end = start - 1  # libyaml puts a value that is not there before the next token
        place = self.lines.place(start, end)
        tag, text = event.tag, event.value
        try:
            if tag is None:
                return resolve_plain(text) if event.implicit[0] else text, place
            if tag == "!":
                return text, place
            return resolve_tagged(tag.removeprefix(_CORE_TAG), text), place
        except KeyError:
            self._bad_tag(event)
        except ValueError as error:
            code = "number-too-large" if tag is None else "yaml-tag"
            self._problem(code, str(error), place, "quote it if it is meant as text")
        return text, place

    def _bad_tag(self, event: yaml.NodeEvent) -> None:
        found = _TAG.search(self.lines.text, _span(event)[0])
        assert found is not None
        place = self.lines.place(found.start(), found.end())
        message = f"the tag {shorten(found[0])} has no meaning in a spec"
        hint = "remove it, or quote a text that starts with '!'"
        self._problem("yaml-tag", message, place, hint)


def _stop(code: str, message: str, place: Place, hint: str | None = None) -> SpecError:
    """For what makes reading on pointless."""
    return SpecError((Problem(code, message, place, hint),))


def _span(event: yaml.Event) -> tuple[int, int]:
    """First offset and the one behind the last."""
    assert event.start_mark is not None and event.end_mark is not None
    return event.start_mark.index, event.end_mark.index


def _is_merge(event: yaml.ScalarEvent) -> bool:
    if event.tag is None:
        return bool(event.value == "<<" and event.implicit[0])
    return bool(event.tag == _CORE_TAG + "merge")
