"""``vedc.lock``: decisions as text, beside the specs that asked for them.

    lock: 1
    files:                         # what does not lie beside the specs, by digest
      font Inter Bold: 77aa...
      https://example.org/valley.mp4: 8d0f...
    models:                        # files of networks, and what ran them
      nn: cv 5.0.0.93 avx2
      styles/starry.safetensors: sha256:9c1f...
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

A grade has an item for each shot, whose ``item`` is the steps decided for it:

        - grade: main[1].2           # which step of which item of the spec
          items:
            - shot: 00:00:00:00-00:00:04:12
              item:
                - {op: exposure, stops: 0.4}

A reframed output, or a crop, also has an item for each shot of each clip:

        - reframe: out/tall.mp4      # which output of the spec, or the crop of which item
          items:
            - clip: main[1]
              shot: 00:00:00:00-00:00:04:12
              item: {crop: {x: 0.214, y: 0, width: 0.31641, height: 1}}

Captions made from speech have the words of each file, one item per phrase:

        - words: talk.mp4, speech      # of which file, and by what
          items:
            - item: {say: "We fixed this(?).", times: 1.20-1.41 1.41-1.80 1.80-1.97}

A word's spelling may be changed without moving it; ``(?)`` marks uncertain words.

If one question is about several clips, ``clip`` says which one an item is for. A gap between the
end of one shot and the beginning of the next is a gradual transition in the source.

``item`` holds ordinary fields of a spec. A person may change them, and add or remove items: digests
reveal such changes, which are kept. Unchanged entries keep their exact text, comments included.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Final

from vedc.decide.lock.lock_entry import Asks, LockedItem, LockEntry
from vedc.decide.lock.lock_text import entry_text, scalar_text
from vedc.errors import LockError, Problem, SourceLocation, SpecError, UserError
from vedc.lang.schema.records import Key, ListOf, MapOf, Record
from vedc.lang.schema.values import Anything, Boolean, Number, Text
from vedc.lang.yaml.load import display_name, load_text
from vedc.lang.yaml.tree import Problems, SpecNode

NAME: Final = "vedc.lock"
VERSION: Final = 1

_HEAD: Final = """\
# What vedc decided for the specs in this folder, and why. Commit it. Change what stands under
# `item` by hand, add items or remove some: vedc keeps what you wrote (`vedc lock` marks it as
# edited), and decides again only what no longer fits the spec or its files.
"""
#: How the lines of a section begin after its name.
_INNER: Final = (" ", "#", "\n")
_HINT: Final = "fix it, or remove the file and run: vedc lock SPEC"

_TEXTS: Final = MapOf(Text("text"), "digest")
_REASONS: Final = ListOf(Text("a reason"), "reason")
_ASKS: Final[tuple[Asks, ...]] = ("auto", "grade", "effects", "reframe", "words")
_ITEM: Final = Record(
    "locked item",
    "An item of the answer.",
    (
        Key("clip", Text("a name"), "Of several clips: the clip that it is for."),
        Key("shot", Text("a stretch of the source"), "The shot that it is for."),
        Key("item", Anything(), "Ordinary fields of a spec.", required=True),
        Key("score", Number(), "The sum of its reasons."),
        Key("for", _REASONS, "Reasons for it."),
        Key("against", _REASONS, "Reasons against it."),
        Key("instead", ListOf(Text("an alternative"), "alternative"), "The next best."),
        Key("removed", ListOf(Text("a reason"), "reason"), "What was taken out before it."),
        Key("edited", Boolean(), "That a person changed it."),
        Key("sum", Text("a digest"), "Digest of the item as vedc wrote it."),
    ),
)


class _Entry(Record):
    """The answer to a question, which has one of four names."""

    def check_keys(self, node: SpecNode, problems: Problems) -> None:
        super().check_keys(node, problems)
        if not any(asks in node for asks in _ASKS):
            message = "locked decision needs 'auto', 'grade', 'effects', 'reframe' or 'words'"
            problems.add("missing-key", message, node)


_ENTRY: Final = _Entry(
    "locked decision",
    "The answer to one question of a spec.",
    (
        Key("auto", Text("a name"), "Which item of the spec asks."),
        Key("grade", Text("a name"), "Which step of a grade asks."),
        Key("effects", Text("a name"), "Which step of an item's effects asks."),
        Key("reframe", Text("a name"), "Which output asks, or the crop of which item."),
        Key("words", Text("a name"), "Of which file, and by what."),
        Key("asked", Text("a digest"), "Digest of what it asks.", required=True),
        Key("decided", Text("a digest"), "Digest of the answer.", required=True),
        Key("edited", Boolean(), "That a person changed it."),
        Key("media", _TEXTS, "Digests of the files."),
        Key("by", _TEXTS, "What found it: analyses and weights, with their versions."),
        Key("items", ListOf(_ITEM, "locked item"), "The answer.", required=True),
    ),
    either=tuple((pair, "an answer is to one question") for pair in combinations(_ASKS, 2)),
)
_LOCK: Final = Record(
    "vedc.lock",
    "Decisions.",
    (
        Key("lock", Number(VERSION, VERSION, integer=True), "Its form.", required=True),
        Key("files", _TEXTS, "Digests of remote files, and of fonts of this machine."),
        Key("models", _TEXTS, "Digests of files of networks, and, as `nn`, what ran them."),
        Key("specs", MapOf(ListOf(_ENTRY, "decision"), "spec"), "By spec."),
    ),
)


class Lock:
    """A parsed lock file. ``entries`` gives those of one spec."""

    def __init__(self, path: Path, text: str = "") -> None:
        """Parse a lock. Raises LockError with every problem."""
        self.path, self.text = path, text
        self.file = display_name(path)
        self._entries: dict[str, list[LockEntry]] = {}
        self._headings: dict[str, str] = {}
        """The lines that name each spec, with comments."""
        self.pins: dict[str, str] = {}
        """Digests of remote files, by URL, and of fonts of this machine, by name."""
        self.models: dict[str, str] = {}
        """Digests of network files, by path from the lock's folder; under ``nn``, the runtime. Like
        files, they belong to the folder: a file is the same for all specs."""
        if text:
            self._read(text)

    @classmethod
    def load(cls, path: Path) -> Lock:
        """The lock at ``path``; an empty one if the file does not exist."""
        try:
            return cls(path, path.read_text(encoding="utf-8").replace("\r\n", "\n"))
        except FileNotFoundError:
            return cls(path)
        except UnicodeDecodeError:
            location = SourceLocation(display_name(path))
            raise LockError.one("lock-damaged", "it is not text", location, _HINT) from None
        except OSError as error:
            message = f"it cannot be read: {str(error.strerror or error).lower()}"
            location = SourceLocation(display_name(path))
            hint = "check its path and its permissions"
            raise LockError.one("lock-unreadable", message, location, hint) from None

    def entries(self, spec: str) -> list[LockEntry]:
        return list(self._entries.get(spec, []))

    def texts(self, spec: str) -> list[str]:
        """The text of each entry of a spec."""
        return [entry.text or entry_text(entry) for entry in self.entries(spec)]

    def specs(self) -> list[str]:
        return list(self._entries)

    def with_entries(self, spec: str, entries: Sequence[LockEntry]) -> Lock:
        """The lock with other entries for one spec."""
        sections = {**self._entries, spec: list(entries)}
        held = {name: kept for name, kept in sections.items() if kept}
        if not held:
            return Lock(self.path).with_pins(self.pins).with_models(self.models)
        pinned = [*_pin_lines("files", self.pins), *_pin_lines("models", self.models)]
        lines = [_HEAD, f"lock: {VERSION}\n", *pinned, "specs:\n"]
        if self.text:  # keep everything before the first spec
            first = re.search(r"^specs:[ ]*(#[^\n]*)?\n", self.text, re.MULTILINE)
            if first is not None and re.search(r"^lock:", self.text[: first.start()], re.MULTILINE):
                lines = [self.text[: first.end()]]
        for name in sorted(held):
            lines.append(self._headings.get(name, f"  {scalar_text(name)}:\n"))
            lines += [entry.text or entry_text(entry) for entry in held[name]]
        return Lock(self.path, "".join(lines))

    def with_pins(self, pins: Mapping[str, str]) -> Lock:
        """The lock with these digests of files; everything else is unchanged."""
        return self if pins == self.pins else self._with_section("files", pins)

    def with_models(self, models: Mapping[str, str]) -> Lock:
        """The lock with these digests of network files; everything else is unchanged."""
        return self if models == self.models else self._with_section("models", models)

    def _with_section(self, name: str, pins: Mapping[str, str]) -> Lock:
        lines = self.text.splitlines(keepends=True) or [_HEAD, f"lock: {VERSION}\n"]
        first = next((i for i, line in enumerate(lines) if line.startswith(f"{name}:")), None)
        if first is None:
            before = ("lock:",) if name == "files" or not self.pins else ("files:",)
            first = last = next(i for i, line in enumerate(lines) if line.startswith(before)) + 1
            while before == ("files:",) and last < len(lines) and lines[last].startswith(_INNER):
                first = last = last + 1
        else:
            last = first + 1
            while last < len(lines) and lines[last].startswith(_INNER):
                last += 1
        made = [*lines[:first], *_pin_lines(name, pins), *lines[last:]]
        return Lock(self.path, "".join(made))

    def save(self) -> bool:
        """Write the file, or remove it if it is empty; returns whether anything changed.

        Raises LockError ``lock-unwritable``.
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
                hint="make its folder writable, or use --locked, which writes nothing",
            ) from None
        return True

    # -- reading -----------------------------------------------------------------------------

    def _read(self, text: str) -> None:
        marks = re.search(r"^(<{7}|={7}|>{7})( |$)", text, re.MULTILINE)
        if marks is not None:
            line = text.count("\n", 0, marks.start()) + 1
            message = "there is an unresolved merge conflict here"
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
        pins = tree.get("files") or SpecNode({})
        self.pins = {url: node.text for url, node in pins.entries.items()}
        models = tree.get("models") or SpecNode({})
        self.models = {path: node.text for path, node in models.entries.items()}
        specs = tree.get("specs") or SpecNode({})
        for name, section in specs.entries.items():
            self._entries[name] = [
                _entry(node, _source(node, starts, lines)) for node in section.items
            ]
            heading = _heading(section, lines)
            if heading is not None:
                self._headings[name] = heading

    def _check_form(self, tree: SpecNode) -> None:
        if not isinstance(tree.value, dict) or "lock" not in tree:
            message = "this is not a vedc lock: it does not begin with lock: 1"
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


def _pin_lines(name: str, pins: Mapping[str, str]) -> list[str]:
    if not pins:
        return []
    lines = (f"  {scalar_text(url)}: {scalar_text(pins[url])}\n" for url in sorted(pins))
    return [f"{name}:\n", *lines]


def _starts(tree: SpecNode) -> Iterable[int]:
    """The lines on which specs and entries begin."""
    specs = tree.get("specs")
    for section in specs.entries.values() if specs is not None else ():
        if section.key_location is not None:
            yield section.key_location.line
        yield from (node.location.line for node in section.items if node.location is not None)


def _source(node: SpecNode, starts: Sequence[int], lines: Sequence[str]) -> str | None:
    """The text of an entry, from its dash to the next entry."""
    if node.location is None:
        return None
    first = node.location.line
    following = next((line for line in starts if line > first), len(lines) + 1)
    text = "".join(lines[first - 1 : following - 1])
    # In any other layout it cannot be moved as lines.
    return text if text.startswith("    - ") and text.endswith("\n") else None


def _heading(section: SpecNode, lines: Sequence[str]) -> str | None:
    """The lines from a spec's name to its first entry; None in an unknown layout."""
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

    asks = next(each for each in _ASKS if each in node)
    return LockEntry(
        name=node[asks].text,
        asked=node["asked"].text,
        decided=node["decided"].text,
        media=texts("media"),
        by=texts("by"),
        items=tuple(_item(item) for item in node["items"]),
        marked="edited" in node and node["edited"].value is True,
        location=node.location,
        text=text,
        asks=asks,
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
        removed=texts("removed"),
        sum=node["sum"].text if "sum" in node else "",
        clip=node["clip"].text if "clip" in node else "",
        shot=node["shot"].text if "shot" in node else "",
        marked="edited" in node and node["edited"].value is True,
    )
