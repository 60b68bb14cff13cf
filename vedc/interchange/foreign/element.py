"""XML of another program, with a record of the parts that were read, as in :mod:`.node` for JSON.

Nothing outside the text is read: declarations of entities are refused, and none are fetched.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, NoReturn
from xml.parsers import expat

from vedc.errors import SourceLocation, SpecError, shorten
from vedc.interchange.common.losses import Losses, Severity

MAX_DEPTH: Final = 200
MAX_ELEMENTS: Final = 500_000


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Tags and attributes allowed in the parts of a format that are read as a whole: those known to
    change nothing, or reported by the reader itself."""

    tags: frozenset[str] = frozenset()
    attributes: frozenset[str] = frozenset()


class Element:
    """An element with its place. Children and attributes that no reader takes are losses."""

    def __init__(self, tag: str, attributes: dict[str, str], at: SourceLocation, path: str) -> None:
        self.tag, self.location, self.path = tag, at, path
        self.attributes = attributes
        self.children: list[Element] = []
        self.parts: list[str] = []
        self.losses: Losses = Losses(at.file)
        self._read: set[str] = set()
        self._taken = False
        self._kept = self._lost = False
        self.vocabulary = Vocabulary()
        self.used = False
        """Set by readers for elements that others refer to."""

    @property
    def content(self) -> str:
        return "".join(self.parts).strip()

    # Reading

    def attribute(self, name: str) -> str | None:
        if name not in self.attributes:
            return None
        self._read.add(name)
        return self.attributes[name]

    def child(self, tag: str) -> Element | None:
        """The first child of a tag, which counts as read; others of it do not."""
        found = next((each for each in self.children if each.tag == tag), None)
        if found is not None:
            found._taken = True
        return found

    def all(self, *tags: str) -> list[Element]:
        """All children of these tags, or of any, in their order."""
        found = [each for each in self.children if not tags or each.tag in tags]
        for each in found:
            each._taken = True
        return found

    def find(self, path: str) -> Element | None:
        """A descendant by tags with ``/`` between them."""
        found: Element | None = self
        for tag in path.split("/"):
            found = found.child(tag) if found is not None else None
        return found

    def text(self, path: str) -> str | None:
        """The text of a descendant; None where it is missing or empty."""
        found = self.find(path)
        return found.content or None if found is not None else None

    def number(self, path: str) -> Fraction | None:
        found = self.find(path)
        if found is None or not found.content:
            return None
        value = number(found.content)
        if value is None:
            found.lose("is not a number")
        return value

    def __iter__(self) -> Iterator[Element]:
        return iter(self.children)

    def keep(self) -> Element:
        """Count everything in it as read whose tags and attributes the format is known to have."""
        self._kept = True
        return self

    # Losing

    @property
    def name(self) -> str:
        label = self.attributes.get("name") or self.attributes.get("id") or ""
        return f"<{self.tag}>" + (f" {label!r}" if label else "")

    def lose(
        self,
        what: str = "is not known here",
        instead: str = "left out",
        severity: Severity = "lost",
    ) -> None:
        self._lost = True
        self.losses.add(severity, f"{shorten(self.name)} {what}", instead, self.location, self.path)

    def note_loss(self, what: str, instead: str, severity: Severity = "changed") -> None:
        self.losses.add(severity, what, instead, self.location, self.path)

    def drop(
        self, tag: str, why: str, instead: str = "left out", severity: Severity = "lost"
    ) -> None:
        for each in self.all(tag):
            each.lose(why, instead, severity)

    def finish(self) -> None:
        """Put everything that was not read into the loss report."""
        if self._lost:
            return
        usual = self.vocabulary.attributes if self._kept else frozenset()
        for name in self.attributes:
            if name not in self._read and name not in usual:
                what = f"the attribute {name!r} of <{self.tag}> is not known here"
                self.losses.add("lost", what, "left out", self.location, f"{self.path}@{name}")
        for child in self.children:
            if self._kept and child.tag in self.vocabulary.tags:
                child.keep().finish()
            elif child._taken and not self._kept:
                child.finish()
            else:
                child.lose()


def number(text: str) -> Fraction | None:
    text = text.strip()
    try:
        return Fraction(text) if len(text) < 60 and "e" not in text.lower() else None
    except (ValueError, ZeroDivisionError):
        return None


def parse(text: str, file: str, vocabulary: Vocabulary | None = None) -> Element:
    """Read a text. Raises SpecError ``foreign-syntax`` if it is not XML, or declares entities."""
    return _Builder(text, file, vocabulary or Vocabulary()).root()


class _Builder:
    def __init__(self, text: str, file: str, vocabulary: Vocabulary) -> None:
        self.file, self.text, self.vocabulary = file, text, vocabulary
        self.losses = Losses(file)
        self.stack: list[Element] = []
        self.top: Element | None = None
        self.count = 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._data
        self.parser.EntityDeclHandler = self._entity
        self.parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    def root(self) -> Element:
        try:
            # Decoded already, so that a declared encoding no longer counts.
            self.parser.Parse(_without_declaration(self.text).encode("utf-8", "replace"), True)
        except expat.ExpatError as error:
            self._fail(
                expat.errors.messages.get(error.code, str(error)), error.lineno, error.offset + 1
            )
        if self.top is None:
            self._fail("it holds no element", 1, 1)
        return self.top

    def _fail(self, what: str, line: int, column: int) -> NoReturn:
        raise SpecError.one(
            "foreign-syntax",
            f"this is not XML that vedc reads: {what}",
            SourceLocation(self.file, line, column),
            "repair the file, or export it again",
        )

    def _here(self) -> SourceLocation:
        return SourceLocation(
            self.file, self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1
        )

    def _entity(self, *_: object) -> None:
        here = self._here()
        self._fail("it declares an entity", here.line, here.column)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self.count += 1
        here = self._here()
        if self.count > MAX_ELEMENTS or len(self.stack) > MAX_DEPTH:
            self._fail("it holds too much", here.line, here.column)
        parent = self.stack[-1] if self.stack else None
        path = tag
        if parent is not None:
            place = sum(each.tag == tag for each in parent.children[-1:]) and parent.children[-1]
            turn = _turn(place.path) + 1 if place else 1
            path = f"{parent.path}/{tag}" + (f"[{turn}]" if turn > 1 else "")
        made = Element(tag, attributes, here, path)
        made.losses, made.vocabulary = self.losses, self.vocabulary
        if parent is not None:
            parent.children.append(made)
        elif self.top is None:
            self.top = made
        self.stack.append(made)

    def _end(self, tag: str) -> None:
        self.stack.pop()

    def _data(self, data: str) -> None:
        if self.stack:
            self.stack[-1].parts.append(data)


def _turn(path: str) -> int:
    last = path.rpartition("/")[2]
    return int(last[last.index("[") + 1 : -1]) if last.endswith("]") else 1


def _without_declaration(text: str) -> str:
    text = text.lstrip("\ufeff \t\r\n")
    if text.startswith("<?xml") and "?>" in text:
        end = text.index("?>") + 2
        return "".join(c if c == "\n" else " " for c in text[:end]).lstrip(" ") + text[end:]
    return text
