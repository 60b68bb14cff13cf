"""A spec as YAML that can be changed and written again with its comments.

ruamel.yaml keeps comments, quotes, anchors, block texts and the way numbers are written. What it
writes is never trusted: :func:`checked` reads it as vedc does and compares data and comments.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.tokens import CommentToken

from vedc.errors import Problem, SourceLocation, SpecError, UserError
from vedc.lang.yaml.load import Document, load_text

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


def _yaml() -> YAML:
    yaml = YAML()
    yaml.Resolver = _Verbatim
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
        return _yaml().load(document.text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = 1 if mark is None else mark.line + 1
        raise _refused(document, "it uses YAML that cannot be kept", line) from None


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


def checked(text: str, document: Document, *, same: bool = True) -> str:
    """The text, if it has the comments of the document and, where it must be the ``same``, says the
    same. Raises SpecError ``cannot-format`` otherwise: then nothing is to be written."""
    try:
        again = load_text(text, document.file)
    except UserError as error:
        reason = error.problems[0].message
        raise _refused(document, f"the result would not be read: {reason}") from None
    if same and again.root.plain() != document.root.plain():
        raise _refused(document, "the result would say something else")
    lost = Counter(comments(document.text)) - Counter(comments(text))
    if lost:
        comment = next(iter(lost))
        line = next(
            number for number, each in enumerate(document.text.split("\n"), 1) if comment in each
        )
        raise _refused(document, f"the comment {comment!r} would be lost", line)
    return text


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
    hint = "move the comment out of the braces, or write the place in plain YAML"
    return SpecError(
        (Problem("cannot-format", message, SourceLocation(document.file, line), hint),)
    )
