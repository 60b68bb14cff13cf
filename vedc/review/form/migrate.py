"""Bringing specs of older versions of the language to the current one, comments and all.

A version is left by one :class:`Migration`: a list of rewrites of the tree, applied in order. The
language has had one version so far, so the table has no rows; today the only change is to add the
version to a spec without one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from vedc.errors import Problem, SpecError
from vedc.lang.language import VERSION
from vedc.lang.yaml.load import Document
from vedc.review.form.round_trip import checked, parsed, written

Path = tuple[str | int, ...]

#: Directives, comments and blank lines up to the mark of a document's start.
_START: Final = re.compile(r"(?:[ \t]*\n|[ \t]*#[^\n]*\n|%[^\n]*\n)*---[ \t]*(?:#[^\n]*)?\n")


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One thing that is written differently in the next version.

    ``where`` says of a mapping, by its place in the spec, whether it is meant; the rewrite then
    gives ``key`` another name, another value, or both. ``renamed`` None keeps the name. Scalars are
    the texts that are written: ``value`` takes and gives those.
    """

    key: str
    where: Callable[[Path, Any], bool]
    renamed: str | None = None
    value: Callable[[Any], Any] | None = None

    def apply(self, path: Path, mapping: CommentedMap) -> str | None:
        """Rewrite a mapping; what was done, in words, or None."""
        if self.key not in mapping or not self.where(path, mapping):
            return None
        name = self.renamed or self.key
        if name != self.key and name in mapping:
            return None  # both are given: that is a mistake for the checks
        if self.value is not None:
            mapping[self.key] = self.value(mapping[self.key])
        if name != self.key:
            _rename(mapping, self.key, name)
        place = ".".join(str(part) for part in path) or "the spec"
        return f"{place}: {self.key}" + (f" is now {name}" if name != self.key else " is rewritten")


@dataclass(frozen=True, slots=True)
class Migration:
    """From version ``start`` of the language to the next one."""

    start: int
    rewrites: tuple[Rewrite, ...]


#: One for each version that was.
MIGRATIONS: Final[tuple[Migration, ...]] = ()


@dataclass(frozen=True, slots=True)
class Migrated:
    """A spec in the current version."""

    text: str
    start: int | None
    """The version that it had; None where it named none."""
    notes: tuple[str, ...]
    """What was rewritten, in words."""


def migrated(
    document: Document,
    migrations: Sequence[Migration] = MIGRATIONS,
    current: int = VERSION,
) -> Migrated:
    """A spec brought to the ``current`` version.

    Raises SpecError ``unknown-version`` for a version of the future, or one that nothing leads on
    from, and ``cannot-format`` where a comment would be lost.
    """
    tree = parsed(document)
    if not isinstance(tree, CommentedMap):
        problem = Problem("wrong-type", "a spec is a mapping", document.root.location)
        raise SpecError((problem,))
    start = _version(document, current)
    notes: list[str] = []
    version = current if start is None else start
    while version < current:
        step = next((m for m in migrations if m.start == version), None)
        if step is None:
            raise _unknown(document, version, current)
        for rewrite in step.rewrites:
            for path, mapping in _mappings(tree, ()):
                note = rewrite.apply(path, mapping)
                if note is not None:
                    notes.append(note)
        version += 1
    if start == current:
        return Migrated(document.text, start, ())
    if start is None:
        text = _with_version(tree, document, current)
        return Migrated(
            checked(text, document, same=False), None, (f"version: {current} is named",)
        )
    tree["version"] = str(current)
    return Migrated(checked(written(tree, document), document, same=False), start, tuple(notes))


def _with_version(tree: CommentedMap, document: Document, current: int) -> str:
    """The spec with a first line that names the version."""
    if tree.fa.flow_style():
        tree.insert(0, "version", str(current))
        return written(tree, document)
    # Before everything, comments at the head included: they may be about the first key.
    found = _START.match(document.text)
    at = 0 if found is None else found.end()
    return f"{document.text[:at]}version: {current}\n{document.text[at:]}"


def _version(document: Document, current: int) -> int | None:
    node = document.root.get("version")
    if node is None:
        return None
    if isinstance(node.value, bool) or not isinstance(node.value, int) or node.value < 1:
        message = f"the version of the language is a whole number from 1 to {current}"
        problem = Problem("unknown-version", message, node.location, f"write version: {current}")
        raise SpecError((problem,))
    if node.value > current:
        raise _unknown(document, node.value, current)
    return node.value


def _unknown(document: Document, version: int, current: int) -> SpecError:
    node = document.root.get("version")
    message = f"this vedc reads version {current} of the language, not {version}"
    problem = Problem(
        "unknown-version", message, None if node is None else node.location, "update vedc"
    )
    return SpecError((problem,))


def _mappings(value: Any, path: Path) -> Iterator[tuple[Path, CommentedMap]]:
    """Every mapping with its place, outer ones first; one behind an alias at each place."""
    if isinstance(value, CommentedMap):
        yield path, value
        for key in [*value]:
            if key in value:
                yield from _mappings(value[key], (*path, key))
    elif isinstance(value, CommentedSeq):
        for number, item in enumerate(value):
            yield from _mappings(item, (*path, number))


def _rename(mapping: CommentedMap, old: str, new: str) -> None:
    """Give a key another name, in its place and with its comments."""
    comment = mapping.ca.items.pop(old, None)
    place = [*mapping].index(old)
    value = mapping.pop(old)
    mapping.insert(place, new, value)
    if comment is not None:
        mapping.ca.items[new] = comment
