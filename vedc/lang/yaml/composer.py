"""Parser events to a graph of nodes without cycles: anchors, merge keys, keys, tags."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import yaml

from vedc.errors import Problem, SourceLocation, SpecError, shorten
from vedc.lang.yaml.lines import Lines
from vedc.lang.yaml.scalars import Scalar, resolve_plain, resolve_tagged
from vedc.lang.yaml.tree import Problems
from vedc.support.lazy_dataclass import dataclass, field
from vedc.support.suggest import suggestion

#: libyaml's parser, if built in.
LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
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
class YamlScalar:
    value: Scalar
    location: SourceLocation


@dataclass(slots=True, eq=False)
class YamlSequence:
    location: SourceLocation
    items: list[YamlNode] = field(default_factory=list)
    open: bool = True
    """Still being read, so that an alias to it would contain itself."""


@dataclass(slots=True, eq=False)
class YamlMapping:
    location: SourceLocation
    pairs: dict[str, tuple[SourceLocation, YamlNode]] = field(default_factory=dict)
    """Keys with their locations; once ``open`` is false, merged ones too."""
    open: bool = True


YamlNode = YamlScalar | YamlSequence | YamlMapping


def too_deep(location: SourceLocation, limit: int) -> SpecError:
    message = f"lists and mappings are nested more than {limit} deep"
    return SpecError((Problem("spec-too-deep", message, location),))


class Composer:
    """Reads one document. All aliases of an anchor share one node."""

    def __init__(self, lines: Lines, max_depth: int, max_nodes: int) -> None:
        self.lines = lines
        self.max_depth = max_depth
        self.max_nodes = max_nodes
        self.problems = Problems()
        self.anchors: dict[str, YamlNode] = {}
        self.count = 0
        self.events: Iterator[yaml.Event] = yaml.parse(lines.text, Loader=LOADER)

    def compose(self) -> YamlNode:
        """The root. Raises ``SpecError`` with every problem up to the first syntax error."""
        try:
            root = self._document()
        except yaml.YAMLError as error:
            from vedc.lang.yaml.syntax_errors import explain

            self.problems.append(explain(error, self.lines))
        except SpecError as error:
            self.problems.extend(error.problems)
        else:
            if not self.problems:
                return root
        raise SpecError(tuple(self.problems))

    def _document(self) -> YamlNode:
        next(self.events)  # StreamStart
        start = next(self.events)
        event = next(self.events, None)
        if event is None or (
            isinstance(event, yaml.ScalarEvent) and event.implicit[0] and event.value == ""
        ):
            raise _stop("spec-empty", "there is nothing in the file", self.lines.location(0))
        self._check_version(start)
        root = self._node(event, 1)
        next(self.events)  # DocumentEnd
        event = next(self.events)
        if isinstance(event, yaml.DocumentStartEvent):
            hint = "a file holds one spec: remove this line and everything after it"
            raise _stop("yaml-documents", "a second document starts here", self._mark(event), hint)
        return root

    def _check_version(self, start: yaml.Event) -> None:
        version = start.version if isinstance(start, yaml.DocumentStartEvent) else None
        if version is not None and version != (1, 2):
            message = f"the file says that it is YAML {version[0]}.{version[1]}; specs are YAML 1.2"
            self.problems.add("yaml-version", message, self._mark(start), "remove the %YAML line")

    def _mark(self, event: yaml.Event) -> SourceLocation:
        """The location of an event, anchor and tag included."""
        return self.lines.location(*_span(event))

    def _content(self, event: yaml.NodeEvent) -> int:
        """The offset of a node's content, after its anchor and tag."""
        start, _ = _span(event)
        if event.anchor is None and getattr(event, "tag", None) is None:
            return start
        found = _PROPERTIES.match(self.lines.text, start)
        return found.end() if found else start

    def _count(self, location: SourceLocation, more: int = 1) -> None:
        self.count += more
        if self.count > self.max_nodes:
            message = f"there are more than {self.max_nodes} values"
            raise _stop("spec-too-many-nodes", message, location, "split it into several specs")

    def _node(self, event: yaml.Event, depth: int) -> YamlNode:
        """Read the node that begins with an event."""
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if isinstance(event, yaml.ScalarEvent):
            leaf = YamlScalar(*self._scalar(event))
            self._count(leaf.location)
            if event.anchor is not None:
                self.anchors[event.anchor] = leaf
            return leaf
        assert isinstance(event, yaml.CollectionStartEvent)
        start = self._content(event)
        location = self.lines.location(start)
        self._count(location)
        if depth > self.max_depth:
            raise too_deep(location, self.max_depth)
        is_list = isinstance(event, yaml.SequenceStartEvent)
        node = YamlSequence(location) if is_list else YamlMapping(location)
        if event.tag not in (None, "!", _CORE_TAG + ("seq" if is_list else "map")):
            self._bad_tag(event)
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        end = (
            self._items(node, depth) if isinstance(node, YamlSequence) else self._pairs(node, depth)
        )
        node.open = False
        if event.flow_style:
            node.location = self.lines.location(start, _span(end)[1])
        return node

    def _items(self, node: YamlSequence, depth: int) -> yaml.Event:
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            node.items.append(self._node(event, depth + 1))
        return event

    def _pairs(self, node: YamlMapping, depth: int) -> yaml.Event:
        merges: list[tuple[SourceLocation, YamlMapping]] = []
        seen: dict[str, SourceLocation] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            merge = isinstance(event, yaml.ScalarEvent) and _is_merge(event)
            key, location = self._key(event, depth)
            value = self._node(next(self.events), depth + 1)
            if not node.pairs and not merges:
                node.location = location
            if key is None or self._glued(key, location, value):
                continue
            if key in seen:
                first = seen[key]
                message = f"the key {shorten(key)!r} is repeated; it is first on line {first.line}"
                self.problems.add("duplicate-key", message, location, "keep one of the two")
                continue
            seen[key] = location
            if merge:
                merges = self._merge_sources(value, location)
            else:
                node.pairs[key] = (location, value)
        for location, source in merges:
            self._count(location, len(source.pairs))
            for key, pair in source.pairs.items():
                node.pairs.setdefault(key, pair)
        return event

    def _key(self, event: yaml.Event, depth: int) -> tuple[str | None, SourceLocation]:
        """A mapping's key, or None where it cannot be one."""
        node = self._node(event, depth + 1)
        location = self._mark(event) if isinstance(event, yaml.AliasEvent) else node.location
        if not isinstance(node, YamlScalar):
            kind = "list" if isinstance(node, YamlSequence) else "mapping"
            hint = None
            if self.lines.text.startswith("{{", self.lines.offset(location) - 1):
                hint = "quote a text with {{ in it"
            self.problems.add("key-not-string", f"a {kind} cannot be a key", location, hint)
        elif isinstance(node.value, str):
            return node.value, location
        else:
            shown = shorten(self.lines.shown(location))
            if shown.startswith(":"):
                message, hint = "there is no key before the colon", None
            else:
                kind = "null" if node.value is None else type(node.value).__name__
                message = f"the key {shown} is {_KINDS[kind]}; keys are texts"
                hint = f'quote it: "{shown}"'
            self.problems.add("key-not-string", message, location, hint)
        return None, location

    def _glued(self, key: str, location: SourceLocation, value: YamlNode) -> bool:
        """Report ``{width:1920}``: valid YAML for a key ``width:1920`` without a value."""
        name, colon, rest = key.partition(":")
        empty = isinstance(value, YamlScalar) and value.value is None
        start = self.lines.offset(location)
        behind = self.lines.text[start + len(key) : start + len(key) + 1]
        if not (colon and rest and empty) or behind == ":" or self.lines.shown(location) != key:
            return False
        message = f"a space is missing after the colon of {shorten(name)!r}"
        hint = f"write '{shorten(f'{name}: {rest}')}'"
        self.problems.add("yaml-syntax", message, location, hint)
        return True

    def _merge_sources(
        self, value: YamlNode, location: SourceLocation
    ) -> list[tuple[SourceLocation, YamlMapping]]:
        """The mappings that ``<<`` merges, highest precedence first."""
        sources = value.items if isinstance(value, YamlSequence) else [value]
        good = [(location, s) for s in sources if isinstance(s, YamlMapping)]
        if len(good) < len(sources):
            message = "'<<' merges mappings: it takes an alias of one, or a list of them"
            self.problems.add("yaml-merge", message, location)
        return good

    def _alias(self, event: yaml.AliasEvent) -> YamlNode:
        location, name = self._mark(event), event.anchor or ""
        node = self.anchors.get(name)
        if node is None:
            message = f"there is no anchor &{shorten(name)} before this alias"
            hint = None if self.anchors else "quote a text that starts with '*'"
            message += suggestion(name, self.anchors)
            self.problems.add("yaml-alias", message, location, hint)
            return YamlScalar(None, location)
        if not isinstance(node, YamlScalar) and node.open:
            message = f"*{shorten(name)} is inside its own anchor, so it would contain itself"
            raise _stop("yaml-alias", message, location, "remove it, or move the anchor")
        return node

    def _scalar(self, event: yaml.ScalarEvent) -> tuple[Scalar, SourceLocation]:
        start, end = self._content(event), _span(event)[1]
        while start == end and self.lines.text[start - 1 : start].isspace():
            start = end = start - 1  # libyaml puts a missing value before the next token
        location = self.lines.location(start, end)
        tag, text = event.tag, event.value
        try:
            if tag is None:
                return resolve_plain(text) if event.implicit[0] else text, location
            if tag == "!":
                return text, location
            return resolve_tagged(tag.removeprefix(_CORE_TAG), text), location
        except KeyError:
            self._bad_tag(event)
        except ValueError as error:
            code = "number-too-large" if tag is None else "yaml-tag"
            self.problems.add(code, str(error), location, "quote it if it is meant as text")
        return text, location

    def _bad_tag(self, event: yaml.NodeEvent) -> None:
        found = _TAG.search(self.lines.text, _span(event)[0])
        assert found is not None
        location = self.lines.location(found.start(), found.end())
        message = f"the tag {shorten(found[0])} has no meaning in a spec"
        hint = "remove it, or quote a text that starts with '!'"
        self.problems.add("yaml-tag", message, location, hint)


def _stop(code: str, message: str, location: SourceLocation, hint: str | None = None) -> SpecError:
    """The error that ends reading."""
    return SpecError((Problem(code, message, location, hint),))


def _span(event: yaml.Event) -> tuple[int, int]:
    """The offsets of the first character and of the one after the last."""
    assert event.start_mark is not None and event.end_mark is not None
    return event.start_mark.index, event.end_mark.index


def _is_merge(event: yaml.ScalarEvent) -> bool:
    if event.tag is None:
        return bool(event.value == "<<" and event.implicit[0])
    return bool(event.tag == _CORE_TAG + "merge")
