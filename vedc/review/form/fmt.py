"""One way to write a spec, which says the same.

- Two spaces for each level, lists indented below their key, one space within braces.
- Sections of the spec in the order of the reference; of an item, a call or an output the word that
  says what it is comes first. Other keys stay in their order, and so do all that a comment is
  between.
- A mapping or list in braces is on one line; one that is too long for that is written in lines.
- No more than one blank line, no blanks at ends of lines, one line break at the end.
- Quotes, anchors, block texts and the way numbers are written are the author's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from vedc.lang.language import EDIT
from vedc.lang.yaml.load import Document
from vedc.review.form.round_trip import checked, parsed, read_again, written

#: Columns of a line.
WIDTH: Final = 120

#: Turns until the form is stable.
_TURNS: Final = 6

#: The words that say what an item of these lists is.
_ITEMS: Final = (
    "auto", "clip", "composition", "image", "text", "color", "generator", "adjustment", "gap",
    "transition",
)  # fmt: skip
_KINDS: Final = {
    "timeline": _ITEMS,
    "clips": _ITEMS,
    "audio": ("clip",),
    "grade": ("op", "auto"),
    "effects": ("op", "auto"),
    "keyframes": ("time",),
    "outputs": ("path",),
}
#: The part before them: its name, and how often it occurs.
_BEFORE: Final = ("id", "repeat")


def formatted(document: Document) -> str:
    """The document in its one form. Raises SpecError ``cannot-format`` where that would change what
    it says or lose a comment."""
    text = document.text
    current = document
    for _ in range(_TURNS):
        made = _once(current)
        if made == text:
            break
        text = made
        current = read_again(text, document)
    return checked(text, document)


def _once(document: Document) -> str:
    tree = parsed(document)
    if isinstance(tree, CommentedMap):
        _order(tree, [*EDIT.keys])
        for kinds, mapping in _mappings(tree):
            _order(mapping, _first(mapping, kinds))
        _break_long(tree, document.text)
    return _tidy(written(tree, document), document)


def _mappings(tree: Any) -> Iterator[tuple[tuple[str, ...], CommentedMap]]:
    """The items of lists that :data:`_KINDS` names, with the words that say what they are; those
    behind aliases once."""
    seen: set[int] = set()
    stack: list[tuple[str, Any]] = [("", tree)]
    while stack:
        key, current = stack.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        if isinstance(current, CommentedMap):
            stack += ((str(name), child) for name, child in current.items())
        elif isinstance(current, CommentedSeq):
            for item in current:
                if isinstance(item, CommentedMap) and id(item) not in seen:
                    yield _KINDS.get(key, ()), item
                stack.append(("", item))


def _first(mapping: CommentedMap, kinds: tuple[str, ...]) -> list[str]:
    """The keys of an item that come first."""
    kind = next((key for key in kinds if key in mapping), None)
    if kind is None:
        return []
    keys = [*mapping]
    return [key for key in keys[: keys.index(kind)] if key in _BEFORE] + [kind]


def _order(mapping: CommentedMap, wanted: list[str]) -> None:
    """Put keys in order. Where there are comments nothing moves, because it is unknown to which key
    they belong."""
    keys = [key for key in mapping if isinstance(key, str)]
    if len(keys) != len(mapping) or mapping.merge or _has_comments(mapping):
        return
    ordered = [key for key in wanted if key in keys]
    ordered += [key for key in keys if key not in ordered]
    if ordered == keys:
        return
    for key in ordered:
        mapping.move_to_end(key)


def _has_comments(value: Any) -> bool:
    """Whether a comment or a blank line is held by a collection or anything in it."""
    if not isinstance(value, (CommentedMap, CommentedSeq)):
        return False
    if value.ca.comment or value.ca.items or value.ca.end:
        return True
    return any(map(_has_comments, value.values() if isinstance(value, CommentedMap) else value))


def _break_long(tree: Any, text: str) -> None:
    """Break an overlong line in braces into lines."""
    lines = text.split("\n")
    stack = [tree]
    while stack:
        current = stack.pop()
        if not isinstance(current, (CommentedMap, CommentedSeq)):
            continue
        if current.fa.flow_style():
            line = lines[current.lc.line] if current.lc.line < len(lines) else ""
            whole = line.rstrip().endswith(("}", "]"))
            if len(line) > WIDTH and whole and _breaks(current):
                current.fa.set_block_style()
            continue
        stack += current.values() if isinstance(current, CommentedMap) else current


def _breaks(value: CommentedMap | CommentedSeq) -> bool:
    """Whether a collection is clearer in lines; a list of numbers is not."""
    if isinstance(value, CommentedMap):
        return len(value) > 1
    return any(isinstance(item, (CommentedMap, CommentedSeq)) for item in value)


_BLANKS: Final = re.compile(r"\n{3,}")


def _tidy(text: str, document: Document) -> str:
    """Blank lines, if that does not change a block text."""
    tidied = _BLANKS.sub("\n\n", text).strip("\n") + "\n"
    if read_again(tidied, document).root.plain() == document.root.plain():
        return tidied
    return text
