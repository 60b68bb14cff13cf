"""``vedc.lock``: decisions as text, beside the specs that asked for them.

    lock: 1
    specs:
      trip.vedc.yaml:
        - auto: main[3]              # which item of the spec
          asked: 3f9c01d2a4b58e67    # digest of what it asks
          decided: 77ab10ce          # digest of the answer as vedc gave it
          media: {valley: 5e1c4f0a9b3d2c61}
          by: {shots: 1 classical 2}
          items:
            - item: {clip: valley, in: 00:00:10:12, out: 00:00:12:26}
              score: 0.82
              for: [sharp +0.31, steady +0.12]
              against: [dark -0.08]
              instead: ["00:00:31:02 to 00:00:33:10, score 0.74"]
              sum: 9f3a2155          # digest of the item as vedc wrote it

Under ``item`` stand ordinary fields of a spec. A person may change them, add items and remove
some: digests tell, and what a person changed is kept. Entries that do not change keep their
text, comments included, to the letter.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from vedc.decide.choose.reasons import Choice, Reason
from vedc.errors import LockError, Problem, SourceLocation, SpecError, UserError
from vedc.lang.schema.records import Key, ListOf, MapOf, Record
from vedc.lang.schema.values import Anything, Boolean, Number, Text
from vedc.lang.yaml.load import display_name, load_text
from vedc.lang.yaml.scalars import resolve_plain
from vedc.lang.yaml.tree import Problems, SpecNode

NAME: Final = "vedc.lock"
VERSION: Final = 1

_HEAD: Final = """\
# What vedc decided for the specs in this folder, and why. Commit it. Change what stands under
# `item` by hand, add items or remove some: vedc keeps what you wrote (`vedc lock` marks it as
# edited), and decides again only what no longer fits the spec or its files.
"""
_HINT: Final = "put it right, or remove the file and run: vedc lock SPEC"

_TEXTS: Final = MapOf(Text("text"), "digest")
_REASONS: Final = ListOf(Text("a reason"), "reason")
_ITEM: Final = Record(
    "locked item",
    "An item of the answer.",
    (
        Key("item", Anything(), "Ordinary fields of a spec.", required=True),
        Key("score", Number(), "The sum of its reasons."),
        Key("for", _REASONS, "What spoke for it."),
        Key("against", _REASONS, "What spoke against it."),
        Key("instead", ListOf(Text("an alternative"), "alternative"), "The next best."),
        Key("edited", Boolean(), "That a person changed it."),
        Key("sum", Text("a digest"), "Digest of the item as vedc wrote it."),
    ),
)
_ENTRY: Final = Record(
    "locked decision",
    "The answer to one question of a spec.",
    (
        Key("auto", Text("a name"), "Which item of the spec asks.", required=True),
        Key("asked", Text("a digest"), "Digest of what it asks.", required=True),
        Key("decided", Text("a digest"), "Digest of the answer.", required=True),
        Key("edited", Boolean(), "That a person changed it."),
        Key("media", _TEXTS, "Digests of the files."),
        Key("by", _TEXTS, "What found it: analyses and weights, with their versions."),
        Key("items", ListOf(_ITEM, "locked item"), "The answer.", required=True),
    ),
)
_LOCK: Final = Record(
    "vedc.lock",
    "Decisions.",
    (
        Key("lock", Number(VERSION, VERSION, integer=True), "Its form.", required=True),
        Key("specs", MapOf(ListOf(_ENTRY, "decision"), "spec"), "By spec.", required=True),
    ),
)


@dataclass(frozen=True, slots=True)
class LockedItem:
    """An item of an answer. ``node`` is the item as it stands in the file, with its places."""

    node: SpecNode
    score: float | None = None
    reasons_for: tuple[str, ...] = ()
    reasons_against: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()
    sum: str = ""
    marked: bool = False

    @property
    def edited(self) -> bool:
        return self.sum != item_sum(self.node.plain())


@dataclass(frozen=True, slots=True)
class LockEntry:
    """An answer. ``text``: how it stands in the file, where it was read from one."""

    name: str
    asked: str
    decided: str
    media: Mapping[str, str]
    by: Mapping[str, str]
    items: tuple[LockedItem, ...]
    marked: bool = False
    location: SourceLocation | None = None
    text: str | None = None

    @property
    def edited(self) -> bool:
        """Whether a person changed, added, moved or removed an item."""
        if any(item.edited for item in self.items):
            return True
        return self.decided != _digest([item.sum for item in self.items], 4)

    def marked_as_edited(self) -> LockEntry:
        """The same entry with its edits marked; itself where they are marked already."""
        right = self.marked == self.edited and all(i.marked == i.edited for i in self.items)
        if right:
            return self
        items = tuple(replace(item, marked=item.edited) for item in self.items)
        marked = replace(self, items=items, marked=self.edited, text=None)
        return replace(marked, text=_marked_text(self.text, marked) if self.text else None)

    def accepted(self, asked: str, media: Mapping[str, str]) -> LockEntry:
        """The same items as the answer to what is asked now."""
        made = replace(self, asked=asked, media=dict(media))
        return replace(made, text=_accepted_text(self.text, made) if self.text else None)

    @classmethod
    def of(
        cls,
        name: str,
        asked: str,
        media: Mapping[str, str],
        by: Mapping[str, str],
        choices: Sequence[Choice],
    ) -> LockEntry:
        """The entry for an answer."""
        items = tuple(
            LockedItem(
                node=SpecNode.of(dict(choice.item)),
                score=choice.score,
                reasons_for=_phrases(r for r in choice.reasons if r.points > 0),
                reasons_against=_phrases(r for r in choice.reasons if r.points < 0),
                instead=choice.instead,
                sum=item_sum(dict(choice.item)),
            )
            for choice in choices
        )
        decided = _digest([item.sum for item in items], 4)
        return cls(name, asked, decided, dict(media), dict(by), items)


class Lock:
    """A lock file, read. ``entries`` are those of one spec; others keep their text."""

    def __init__(self, path: Path, text: str = "") -> None:
        """Parse a lock. Raises LockError with every problem, where it is not one."""
        self.path, self.text = path, text
        self.file = display_name(path)
        self._entries: dict[str, list[LockEntry]] = {}
        self._headings: dict[str, str] = {}
        """How the names of specs stand in the file, with what a person wrote there."""
        if text:
            self._read(text)

    @classmethod
    def load(cls, path: Path) -> Lock:
        """The lock at ``path``; an empty one where there is none."""
        try:
            return cls(path, path.read_text(encoding="utf-8").replace("\r\n", "\n"))
        except FileNotFoundError:
            return cls(path)
        except UnicodeDecodeError:
            location = SourceLocation(display_name(path))
            raise LockError.one("lock-damaged", "it is not text", location, _HINT) from None
        except OSError as error:
            reason = str(error.strerror or error).lower()
            location = SourceLocation(display_name(path))
            hint = "check its path and its permissions"
            message = f"it cannot be read: {reason}"
            raise LockError.one("lock-unreadable", message, location, hint) from None

    def entries(self, spec: str) -> list[LockEntry]:
        return list(self._entries.get(spec, []))

    def texts(self, spec: str) -> list[str]:
        """The entries of a spec as they stand in the file."""
        return [entry.text or entry_text(entry) for entry in self.entries(spec)]

    def specs(self) -> list[str]:
        return list(self._entries)

    def with_entries(self, spec: str, entries: Sequence[LockEntry]) -> Lock:
        """The lock with other entries for one spec, its text made anew where they differ."""
        sections = {**self._entries, spec: list(entries)}
        held = {name: kept for name, kept in sections.items() if kept}
        if not held:
            return Lock(self.path)
        lines = [_HEAD, f"lock: {VERSION}\n", "specs:\n"]
        if self.text:  # whatever stands before the first spec stays
            first = re.search(r"^specs:[ ]*(#[^\n]*)?\n", self.text, re.MULTILINE)
            if first is not None and re.search(r"^lock:", self.text[: first.start()], re.MULTILINE):
                lines = [self.text[: first.end()]]
        for name in sorted(held):
            lines.append(self._headings.get(name, f"  {_scalar(name)}:\n"))
            lines += [entry.text or entry_text(entry) for entry in held[name]]
        return Lock(self.path, "".join(lines))

    def save(self) -> bool:
        """Write the file, or remove it where nothing is left; whether anything changed.

        Raises LockError where it cannot be written.
        """
        try:
            old = self.path.read_text(encoding="utf-8") if self.path.exists() else ""
            if old == self.text:
                return False
            if not self.text:
                self.path.unlink()
                return True
            draft = self.path.with_name(f".{self.path.name}.tmp")
            draft.write_text(self.text, encoding="utf-8")
            draft.replace(self.path)
        except OSError as error:
            reason = str(error.strerror or error).lower()
            raise LockError.one(
                "lock-unwritable",
                f"{self.file} cannot be written: {reason}",
                hint="make its folder writable; with --locked nothing is written",
            ) from None
        return True

    # -- reading -----------------------------------------------------------------------------

    def _read(self, text: str) -> None:
        marks = re.search(r"^(<{7}|={7}|>{7})( |$)", text, re.MULTILINE)
        if marks is not None:
            line = text.count("\n", 0, marks.start()) + 1
            message = "a merge was left unresolved here"
            hint = "take one side, or remove the file, and run: vedc lock SPEC"
            raise LockError.one(
                "lock-damaged", message, SourceLocation(self.file, line, 1, 7), hint
            )
        try:
            tree = load_text(text, self.file).root
        except SpecError as error:
            raise _damaged(error) from None
        self._check_form(tree)
        lines = text.splitlines(keepends=True)
        starts = sorted(_starts(tree))
        for name, section in tree["specs"].entries.items():
            self._entries[name] = [
                _entry(node, _source(node, starts, lines)) for node in section.items
            ]
            heading = _heading(section, lines)
            if heading is not None:
                self._headings[name] = heading

    def _check_form(self, tree: SpecNode) -> None:
        if not isinstance(tree.value, dict) or "lock" not in tree:
            message = "this is no lock of vedc: it does not begin with lock: 1"
            hint = "is it another program's? move it away, and run: vedc lock SPEC"
            raise LockError.one("lock-foreign", message, SourceLocation(self.file), hint)
        version = tree["lock"]
        if version.value != VERSION:
            message = f"this vedc reads form {VERSION} of the lock, not {version.value!r}"
            hint = "update vedc, or remove the file and run: vedc lock SPEC"
            raise LockError.one("lock-version", message, version.location, hint)
        problems = Problems()
        _LOCK.check_keys(tree, problems)
        if problems:
            raise _damaged(LockError(tuple(problems)))


def _damaged(error: UserError) -> LockError:
    return LockError(
        tuple(
            Problem("lock-damaged", p.message, p.location, p.hint or _HINT, p.severity)
            for p in error.problems
        )
    )


def _starts(tree: SpecNode) -> Iterable[int]:
    """The lines on which a spec's section, or an entry, begins."""
    for section in tree["specs"].entries.values():
        if section.key_location is not None:
            yield section.key_location.line
        yield from (node.location.line for node in section.items if node.location is not None)


def _source(node: SpecNode, starts: Sequence[int], lines: Sequence[str]) -> str | None:
    """The text of an entry, from its dash to what comes next."""
    if node.location is None:
        return None
    first = node.location.line
    following = next((line for line in starts if line > first), len(lines) + 1)
    text = "".join(lines[first - 1 : following - 1])
    # Written by hand in another shape, it cannot be moved about as lines.
    return text if text.startswith("    - ") and text.endswith("\n") else None


def _heading(section: SpecNode, lines: Sequence[str]) -> str | None:
    """The lines from a spec's name to its first entry; None where they are of another shape."""
    if section.key_location is None or not section.items or section.items[0].location is None:
        return None
    name, *comments = lines[section.key_location.line - 1 : section.items[0].location.line - 1] or [
        ""
    ]
    plain = all(not line.strip() or line.lstrip().startswith("#") for line in comments)
    whole = re.fullmatch(r"  [^ #\n].*:[ ]*(#[^\n]*)?\n", name)
    return "".join((name, *comments)) if whole is not None and plain else None


def _entry(node: SpecNode, text: str | None) -> LockEntry:
    def texts(key: str) -> dict[str, str]:
        return {k: v.text for k, v in node[key].entries.items()} if key in node else {}

    return LockEntry(
        name=node["auto"].text,
        asked=node["asked"].text,
        decided=node["decided"].text,
        media=texts("media"),
        by=texts("by"),
        items=tuple(_item(item) for item in node["items"]),
        marked="edited" in node and node["edited"].value is True,
        location=node.location,
        text=text,
    )


def _item(node: SpecNode) -> LockedItem:
    def texts(key: str) -> tuple[str, ...]:
        return tuple(element.text for element in node[key]) if key in node else ()

    return LockedItem(
        node=node["item"],
        score=float(node["score"].number) if "score" in node else None,
        reasons_for=texts("for"),
        reasons_against=texts("against"),
        instead=texts("instead"),
        sum=node["sum"].text if "sum" in node else "",
        marked="edited" in node and node["edited"].value is True,
    )


# -- writing -----------------------------------------------------------------------------------


def entry_text(entry: LockEntry) -> str:
    """An entry as it is written."""
    lines = [f"    - auto: {_scalar(entry.name)}", f"      asked: {_scalar(entry.asked)}"]
    lines.append(f"      decided: {_scalar(entry.decided)}")
    if entry.marked:
        lines.append("      edited: true")
    if entry.media:
        lines.append(f"      media: {_flow(dict(entry.media))}")
    if entry.by:
        lines.append(f"      by: {_flow(dict(sorted(entry.by.items())))}")
    lines.append("      items:" if entry.items else "      items: []")
    for item in entry.items:
        lines.append(f"        - item: {_flow(item.node.plain())}")
        if item.score is not None:
            lines.append(f"          score: {item.score:.2f}")
        for key, values in (
            ("for", item.reasons_for),
            ("against", item.reasons_against),
            ("instead", item.instead),
        ):
            line = f"          {key}: {_flow(list(values))}"
            if len(line) <= _WIDTH and values:
                lines.append(line)
            elif values:
                lines.append(f"          {key}:")
                lines += [f"            - {_scalar(value)}" for value in values]
        if item.marked:
            lines.append("          edited: true")
        if item.sum:
            lines.append(f"          sum: {_scalar(item.sum)}")
    return "\n".join(lines) + "\n"


_ITEM_BEGINS: Final = "        - "
_MARK: Final = re.compile(r"edited:[ ]*(true|false)[ ]*\n")


def _marked_text(text: str, entry: LockEntry) -> str | None:
    """The text of an entry with its marks as they are now, all else as a person left it.

    None where it does not read as the entry then: it is of another shape, and is made anew.
    """
    blocks: list[list[str]] = [[]]  # what stands before the items, and each of them
    for line in text.splitlines(keepends=True):
        if line.startswith(_ITEM_BEGINS):
            blocks.append([])
        if not _MARK.fullmatch(line.lstrip(" ")):
            blocks[-1].append(line)
    if entry.marked:
        _mark(blocks[0], "      ", "decided:", after=True)
    for block, item in zip(blocks[1:], entry.items, strict=False):
        if item.marked:
            _mark(block, "          ", "sum:", after=False)
    return _if_it_reads_as(entry, "".join(line for block in blocks for line in block))


def _accepted_text(text: str, entry: LockEntry) -> str | None:
    """The text of an entry with the digests of what it answers as they are now, as above."""
    text = re.sub(
        r"(?m)^( {6}asked:) .*$", lambda m: f"{m[1]} {_scalar(entry.asked)}", text, count=1
    )
    media = _flow(dict(entry.media))
    return _if_it_reads_as(
        entry, re.sub(r"(?m)^( {6}media:) .*$", lambda m: f"{m[1]} {media}", text, count=1)
    )


def _if_it_reads_as(entry: LockEntry, text: str) -> str | None:
    try:
        lock = Lock(Path("vedc.lock"), f"lock: {VERSION}\nspecs:\n  a:\n{text}")
        (read,) = lock.entries("a")
    except (LockError, ValueError):
        return None
    return text if entry_text(read) == entry_text(entry) else None


def _mark(lines: list[str], indent: str, key: str, *, after: bool) -> None:
    """Add the mark beside a key, or after the last line that is no comment."""
    at = [i for i, line in enumerate(lines) if line.startswith(indent + key)]
    if at:
        location = at[0] + after
    else:
        said = (i for i, line in enumerate(lines) if line.split("#")[0].strip())
        location = 1 + max(said, default=-1)
    lines.insert(location, f"{indent}edited: true\n")


#: Columns, beyond which a list stands on lines of its own.
_WIDTH: Final = 100
_PLAIN: Final = re.compile(r"[A-Za-z0-9_./+-]([A-Za-z0-9_./:+%()=~ \[\]-]*[A-Za-z0-9_./+%)\]])?")


def _scalar(value: Any, flow: bool = False) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    plain = _PLAIN.fullmatch(value) and ": " not in value and not value.startswith("- ")
    if plain and flow and ("[" in value or "]" in value):
        plain = False
    try:
        kept = plain and resolve_plain(value) == value
    except ValueError:
        kept = False
    return value if kept else json.dumps(value, ensure_ascii=False)


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_scalar(k, True)}: {_flow(v)}" for k, v in value.items())
        return f"{{{inner}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_flow(v) for v in value)}]"
    return _scalar(value, True)


def _phrases(reasons: Iterable[Reason]) -> tuple[str, ...]:
    """Reasons as text, what counts most first."""
    ordered = sorted(reasons, key=lambda r: (-abs(r.points), r.name))
    return tuple(
        f"{r.name} {r.points:+.2f}" + (f" ({r.value})" if r.value else "") for r in ordered
    )


def item_sum(plain: Any) -> str:
    """The digest of an item: of what it says, not of how it is written."""
    return _digest(plain, 4)


def question_digest(plain: Any, *more: str) -> str:
    """The digest of what is asked."""
    return _digest([plain, *more], 8)


def _digest(value: Any, size: int) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size).hexdigest()
