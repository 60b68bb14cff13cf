"""A spec as YAML that can be changed and written again with its comments.

ruamel.yaml keeps comments, quotes, anchors, block texts and the way numbers are written. Its output
is never trusted: :func:`checked` reads it as vedc does and compares data and comments.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.emitter import RoundTripEmitter
from ruamel.yaml.error import YAMLError
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.tokens import CommentToken

from vedc.errors import Problem, SourceLocation, SpecError, UserError
from vedc.lang.yaml.load import Document, load_text
from vedc.lang.yaml.tree import SpecNode

#: Lines are never broken: where to is a matter of taste, and in texts of meaning.
_NEVER: Final = 1 << 20

#: A key whose value has an anchor and a comment beside it, which ruamel writes on the next line.
_ANCHORED: Final = re.compile(r"&([\w.-]+)[ \t]+(#[^\n]*)$", re.MULTILINE)
_PARTED: Final = re.compile(r"(&([\w.-]+))\n[ \t]*(#[^\n]*)$", re.MULTILINE)


class _Verbatim(VersionedResolver):
    """Takes every unquoted scalar for text, so that numbers are written as they were."""

    @property
    def versioned_resolver(self) -> dict[str, list[tuple[str, re.Pattern[str]]]]:
        return {
            "<": [("tag:yaml.org,2002:merge", re.compile("<<$"))],
            "": [("tag:yaml.org,2002:null", re.compile("$"))],
        }


class _Emitter(RoundTripEmitter):
    """Begins a new line after every comment at the end of one.

    ruamel's own emitter forgets to after a flow collection whose list had a comment beside its key,
    and then writes the first two keys of the next item on one line.
    """

    def write_comment(self, comment: Any, pre: bool = False) -> None:
        super().write_comment(comment, pre)
        if not pre:
            self.no_newline = False


def _yaml() -> YAML:
    yaml = YAML()
    yaml.Resolver = _Verbatim
    yaml.Emitter = _Emitter
    yaml.preserve_quotes = True
    yaml.width = _NEVER
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.brace_single_entry_mapping_in_flow_sequence = True
    return yaml


def parsed(document: Document) -> Any:
    """The tree of a document that vedc has read; unquoted scalars are texts.

    Raises SpecError where that is not possible.
    """
    try:
        tree = _yaml().load(document.text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = 1 if mark is None else mark.line + 1
        raise _refused(document, "it uses YAML that cannot be kept", line) from None
    _keep_anchors(tree)
    return tree


def _keep_anchors(tree: Any) -> None:
    """Have anchors written that no alias names (yet), too."""
    stack, seen = [tree], set()
    while stack:
        current = stack.pop()
        if not isinstance(current, (CommentedMap, CommentedSeq)) or id(current) in seen:
            continue
        seen.add(id(current))
        if current.anchor.value is not None:
            current.anchor.always_dump = True
        stack += current.values() if isinstance(current, CommentedMap) else current


def written(tree: Any, document: Document) -> str:
    """A tree as YAML."""
    stream = StringIO()
    try:
        _yaml().dump(tree, stream)
    except (YAMLError, AttributeError, TypeError) as error:
        raise _refused(document, f"it cannot be written again: {error}") from None
    columns = {
        (found[1], found[2]): found.start(2) - document.text.rfind("\n", 0, found.start()) - 1
        for found in _ANCHORED.finditer(document.text)
    }
    made = stream.getvalue()

    def joined(found: re.Match[str]) -> str:
        column = columns.get((found[2], found[3]))
        if column is None:
            return found[0]
        line = found.end(1) - made.rfind("\n", 0, found.start()) - 1
        return f"{found[1]}{' ' * max(2, column - line)}{found[3]}"

    return _PARTED.sub(joined, made)


def read_again(text: str, document: Document) -> Document:
    """The written text, read as vedc reads specs. Raises SpecError ``cannot-format`` where that
    fails: the mistake is not the author's."""
    try:
        return load_text(text, document.file)
    except UserError as error:
        problem = error.problems[0]
        at = 1 if problem.location is None else problem.location.line
        line = _line_of(text.split("\n")[:at], document)
        raise _refused(document, f"the result would be broken: {problem.message}", line) from None


def checked(text: str, document: Document, *, same: bool = True) -> str:
    """The text, if it has the comments of the document and, where it must be the ``same``, says the
    same. Raises SpecError ``cannot-format`` otherwise: then nothing must be written."""
    again = read_again(text, document)
    if same and (place := _first_difference(document.root, again.root)) is not None:
        raise _refused(document, "the result would say something else here", _line(place))
    lost = Counter(comments(document.text)) - Counter(comments(text))
    if lost:
        comment = next(iter(lost))
        line = next(
            number for number, each in enumerate(document.text.split("\n"), 1) if comment in each
        )
        raise _refused(document, f"the comment {comment!r} would be lost", line)
    return text


def _line(node: SpecNode) -> int:
    return 1 if node.location is None else node.location.line


def _first_difference(old: SpecNode, new: SpecNode) -> SpecNode | None:
    """The innermost node of the old tree, in order, from which the new one differs."""
    if old.plain() == new.plain():
        return None
    pairs: list[tuple[SpecNode, SpecNode]] = []
    if isinstance(old.value, dict) and isinstance(new.value, dict):
        lost = [child for key, child in old.entries.items() if key not in new.entries]
        if lost:
            return lost[0]
        pairs = [(child, new.entries[key]) for key, child in old.entries.items()]
    elif isinstance(old.value, list) and isinstance(new.value, list):
        pairs = list(zip(old, new, strict=False))
    for pair in pairs:
        if (found := _first_difference(*pair)) is not None:
            return found
    return old


def _line_of(written_lines: list[str], document: Document) -> int:
    """The line of a document that the last of these lines comes from: the nearest one, upwards,
    that the document has as well."""
    lines = {line.strip(): n for n, line in reversed([*enumerate(document.text.split("\n"), 1)])}
    for line in reversed(written_lines):
        if line.strip() and line.strip() in lines:
            return lines[line.strip()]
    return 1


def comments(text: str) -> Iterator[str]:
    """The comments of a YAML text, in order."""
    yaml = YAML(typ="rt", pure=True)
    stream = yaml.scan(text)
    # The scanner for round trips hands out comments as tokens, or attached to those before them.
    for token in stream:
        if isinstance(token, CommentToken):
            yield from _lines(token.value)
        for attached in getattr(token, "_comment", None) or ():
            for each in attached if isinstance(attached, list) else [attached]:
                if isinstance(each, CommentToken):
                    yield from _lines(each.value)


def _lines(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        if line.strip():
            yield line.strip()


def _refused(document: Document, why: str, line: int = 1) -> SpecError:
    message = f"the file is left as it is: {why}"
    hint = "move the comment to a line above the key, or write this in simpler YAML"
    return SpecError(
        (Problem("cannot-format", message, SourceLocation(document.file, line), hint),)
    )
