"""YAML text to a tree of nodes with source locations.

PyYAML parses (with libyaml where it has it); scalars follow the YAML 1.2
core schema (``scalars``). The tree is built from parser events, one at a time, so that limits
hold before memory is spent. Stricter than YAML: keys are strings, no key appears twice, there
is one document per file, and no tags but the core ones.

The location of a value behind an alias, or from a merge key (``<<``), is the anchor's content: that
is the text to change.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any, Final, Literal

from vedc.errors import MissingError, Problem, SourceLocation, SpecError
from vedc.lang.yaml.composer import Composer, YamlNode, YamlScalar, YamlSequence, too_deep
from vedc.lang.yaml.lines import Lines
from vedc.lang.yaml.tree import Scalar, SpecNode
from vedc.support.gc_pause import without_gc
from vedc.support.lazy_dataclass import dataclass
from vedc.support.suggest import did_you_mean

MAX_BYTES: Final = 4 * 1024 * 1024
MAX_DEPTH: Final = 64
#: Values, counted after aliases and merge keys are expanded.
MAX_NODES: Final = 200_000

#: Characters that YAML 1.2 forbids in a file (section 5.1); and U+0085, U+2028 and U+2029, which
#: libyaml counts as line breaks, unlike editors.
_FORBIDDEN: Final = (
    "[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


@dataclass(frozen=True)
class Document:
    """A file's data as a tree, with the file's details for messages."""

    file: str
    """As shown in messages: relative to the working directory where that is shorter."""
    path: Path | None
    """Absolute; None for standard input and for text."""
    root: SpecNode
    text: str = ""
    """The source, every line ending in ``\\n``, without a byte order mark."""

    @property
    def data(self) -> Any:
        """Plain data: dict, list, str, int, float, bool or None, all the way down."""
        return self.root.plain()

    @property
    def folder(self) -> Path:
        """The folder that paths in the file start from."""
        return self.path.parent if self.path else Path.cwd()


@without_gc
def load(path: Path | Literal["-"]) -> Document:
    """Read a YAML file, or standard input for ``"-"``.

    Raises ``MissingError`` if it cannot be read, ``SpecError`` with every problem found if
    it is not valid.
    """
    if path == "-":
        return _parse(_decode(sys.stdin.buffer.read(MAX_BYTES + 1), "<stdin>"), "<stdin>", None)
    file = display_name(path)
    return _parse(_decode(_read(path, file), file), file, path.absolute())


def load_text(text: str, name: str = "<text>") -> Document:
    """Read YAML from a string; ``name`` is the file's name in messages. Raises ``SpecError``."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise _too_large(name)
    return _parse(text.removeprefix("\ufeff"), name, None)


def display_name(path: Path) -> str:
    """The path as shown in messages: relative to the working directory where that is shorter."""
    absolute = str(path.absolute())
    try:
        relative = os.path.relpath(absolute)
    except ValueError:  # another drive
        return absolute
    return relative if len(relative) < len(absolute) else absolute


def _read(path: Path, file: str) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        near = did_you_mean(path.name, _names_in(path.parent))
        hint = f"looked for {path.absolute()}"
        if near:
            hint = f"did you mean {display_name(path.with_name(near))!r}?"
        problem = Problem("spec-missing", f"there is no file {file!r}", None, hint)
    except IsADirectoryError:
        specs = [name for name in _names_in(path) if name.endswith(".vedc.yaml")]
        such = f", such as {display_name(path / specs[0])!r}" if specs else ""
        hint = f"name a file in it{such}"
        problem = Problem("spec-missing", f"{file!r} is a folder, not a spec", None, hint)
    except OSError as error:
        message = f"{file!r} cannot be read: {str(error.strerror or error).lower()}"
        problem = Problem("spec-unreadable", message, None, "check its path and its permissions")
    raise MissingError((problem,))


def _names_in(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:  # the folder is missing too: there is nothing to suggest
        return []


def _too_large(file: str) -> SpecError:
    message = f"the file is larger than {MAX_BYTES // 2**20} MiB"
    hint = "a spec is text for people; keep media and tables in files of their own"
    return SpecError((Problem("spec-too-large", message, SourceLocation(file), hint),))


def _decode(raw: bytes, file: str) -> str:
    if len(raw) > MAX_BYTES:
        raise _too_large(file)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        good = _unify_breaks(raw[: error.start].decode("utf-8-sig"))
        location = Lines(good, file).location(len(good))
        message, hint = f"byte 0x{raw[error.start]:02x} is not UTF-8", "save the file as UTF-8"
        if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
            message = "the file is UTF-16"
        elif b"\0" in raw:
            message, hint = "the file is not text", "name a spec; for a media file: vedc probe FILE"
            location = SourceLocation(file)
        raise SpecError((Problem("yaml-encoding", message, location, hint),)) from None


def _unify_breaks(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _parse(text: str, file: str, path: Path | None) -> Document:
    lines = Lines(_unify_breaks(text), file)
    _check_characters(lines)
    composed = Composer(lines, MAX_DEPTH, MAX_NODES).compose()
    return Document(file, path, _TreeBuilder().build(composed), lines.text)


def _check_characters(lines: Lines) -> None:
    if lines.text.replace("\n", "").replace("\t", "").isprintable():
        return  # almost always, and compiling the pattern takes longer than loading the file
    problems: list[Problem] = []
    for found in re.finditer(_FORBIDDEN, lines.text):
        code = ord(found[0])
        what = "a NUL byte" if code == 0 else f"the invisible character U+{code:04X}"
        escape = f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
        hint = f'remove it, or write it as "{escape}" in double quotes if it is meant'
        message = f"{what} is not allowed in a spec"
        problems.append(Problem("yaml-character", message, lines.location(found.start()), hint))
        if len(problems) == 10:  # a binary file: repeating this does not help
            break
    if problems:
        raise SpecError(tuple(problems))


class _TreeBuilder:
    """Unfolds the graph of YAML nodes: every use of an alias gets its own copy."""

    def __init__(self) -> None:
        self.count = 0

    def build(
        self, node: YamlNode, key_location: SourceLocation | None = None, depth: int = 0
    ) -> SpecNode:
        self.count += 1
        if self.count > MAX_NODES:
            message = f"the spec has more than {MAX_NODES} values once its aliases are expanded"
            hint = "use fewer aliases, or split it into several specs"
            raise SpecError((Problem("spec-too-many-nodes", message, node.location, hint),))
        if depth >= MAX_DEPTH:
            raise too_deep(node.location, MAX_DEPTH)
        value: Scalar | list[SpecNode] | dict[str, SpecNode]
        if isinstance(node, YamlScalar):
            value = node.value
        elif isinstance(node, YamlSequence):
            value = [self.build(item, None, depth + 1) for item in node.items]
        else:
            value = {
                key: self.build(child, location, depth + 1)
                for key, (location, child) in node.pairs.items()
            }
        return SpecNode(value, node.location, key_location)
