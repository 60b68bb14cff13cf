"""YAML syntax errors in plain words, with the location and the cure of the usual causes.

A parser reports where it got stuck, which is often a line after the mistake. Each rule below
looks for one common mistake near that point; the first rule that finds one wins.
Rules go by the parser's kind of complaint and by the text, since libyaml and PyYAML's own
parser word their complaints differently.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import yaml

from vedc.errors import Problem, shorten
from vedc.lang.yaml.composer import LOADER
from vedc.lang.yaml.lines import Lines
from vedc.support.lazy_dataclass import dataclass

_GLUED: Final = re.compile(r"\s*(?:- +)*(?P<key>[A-Za-z_][\w.-]*)(?P<colon>:)(?=[^\s:/\\])[^#]*")
_KEYED: Final = re.compile(r"(?P<indent>\s*(?:- +)*)(?P<key>[^\s'\"{\[#][^:#]*):\s+(?P<value>.*)")
_CLOSERS: Final = {"{": "}", "[": "]"}


@dataclass(frozen=True, slots=True)
class _Stuck:
    """The parser's complaint, and its place."""

    lines: Lines
    problem: str
    context: str
    at: int
    """Offset where reading stopped."""
    since: int | None
    """Offset where the construct being read began."""

    @property
    def text(self) -> str:
        return self.lines.text

    @property
    def char(self) -> str:
        return self.text[self.at : self.at + 1]

    @property
    def line(self) -> int:
        return self.lines.line_of(self.at)

    def line_start(self, line: int) -> int:
        return self.lines.starts[line - 1]

    def line_before(self, line: int) -> int | None:
        """The nearest line above that is neither blank nor a comment."""
        for number in range(line - 1, 0, -1):
            content = self.lines.line(number).strip()
            if content and not content.startswith("#"):
                return number
        return None

    def found(self, message: str, start: int, end: int, hint: str | None = None) -> Problem:
        return Problem("yaml-syntax", message, self.lines.location(start, end), hint)


def explain(error: yaml.YAMLError, lines: Lines) -> Problem:
    """A parser's error as a problem."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    context_mark = getattr(error, "context_mark", None)
    stuck = _Stuck(
        lines,
        problem=str(getattr(error, "problem", None) or error),
        context=str(getattr(error, "context", None) or ""),
        at=min(mark.index if mark else 0, len(lines.text)),
        since=context_mark.index if context_mark else None,
    )
    for rule in _RULES:
        problem = rule(stuck)
        if problem is not None:
            return problem
    return stuck.found(f"this is not YAML: {stuck.problem}", stuck.at, stuck.at + 1)


def _tab(stuck: _Stuck) -> Problem | None:
    if "cannot start any token" not in stuck.problem and "tab character" not in stuck.problem:
        return None
    start = stuck.line_start(stuck.line)
    indent = re.compile(r"[ ]*(?=\t)").match(stuck.text, start)
    if indent is None:
        return None
    hint = "indent with spaces, two a level; most editors can convert"
    return stuck.found("a tab cannot indent a line", indent.end(), indent.end() + 1, hint)


def _reserved_start(stuck: _Stuck) -> Problem | None:
    at = stuck.at
    if "directive" in stuck.context and stuck.since is not None:
        at = stuck.since
    elif "cannot start any token" not in stuck.problem:
        return None
    char = stuck.text[at : at + 1]
    value = re.compile(r"[^\n#,\]}]*").match(stuck.text, at)
    end = value.end() if value else at + 1
    shown = shorten(stuck.text[at:end].rstrip())
    hint = f'quote it: "{shown}"' if '"' not in shown else "quote it"
    return stuck.found(f"a text cannot start with {char!r} unless it is quoted", at, end, hint)


def _expression(stuck: _Stuck) -> Problem | None:
    """``${{`` where YAML sees a flow mapping, or with a ``: `` inside."""
    if stuck.text.startswith("${{", stuck.at - 1):
        start = stuck.at - 1
        where = "inside { } or [ ]"
    elif "mapping values are not allowed" in stuck.problem:
        start = stuck.text.find("${{", stuck.line_start(stuck.line), stuck.at)
        where = "with a ': ' in it"
    else:
        return None
    close = stuck.text.find("}}", start)
    if start < 0 or close < 0 or (stuck.at > close and "mapping" in stuck.problem):
        return None
    shown = shorten(stuck.text[start : close + 2])
    quote = "'" if '"' in shown else '"'
    hint = f"write {quote}{shown}{quote}" if quote not in shown and "\n" not in shown else None
    return stuck.found(f"an expression {where} must be quoted", start, close + 2, hint)


def _glued_colon(stuck: _Stuck) -> Problem | None:
    """``width:1920``: one text to YAML, which then trips over a line near it."""
    if "mapping values are not allowed" in stuck.problem:
        line = stuck.line_before(stuck.line)
    elif "expected ':'" in stuck.problem and stuck.since is not None:
        line = stuck.lines.line_of(stuck.since)
    else:
        return None
    match = _GLUED.fullmatch(stuck.lines.line(line)) if line is not None else None
    if line is None or match is None:
        return None
    start = stuck.line_start(line)
    fixed = shorten(f"{match['key']}: {match.string[match.end('colon') :].strip()}")
    message = f"a space is missing after the colon of {shorten(match['key'])!r}"
    return stuck.found(
        message, start + match.start("key"), start + match.end("colon"), f"write {fixed!r}"
    )


def _colon_in_text(stuck: _Stuck) -> Problem | None:
    if "mapping values are not allowed" not in stuck.problem:
        return None
    start = stuck.line_start(stuck.line)
    match = _KEYED.fullmatch(stuck.lines.line(stuck.line))
    if match is None or stuck.at < start + match.start("value"):
        return None
    value = shorten(match["value"].rstrip())
    hint = f'write "{value}"' if '"' not in value else "quote the whole value"
    message = "a text with ': ' in it must be quoted"
    return stuck.found(message, start + match.start("value"), start + match.end("value"), hint)


def _deeper(stuck: _Stuck) -> Problem | None:
    """A key below a line that already has a value."""
    above = stuck.line_before(stuck.line)
    if "mapping values are not allowed" not in stuck.problem or above is None:
        return None
    start = stuck.line_start(stuck.line)
    indent = len(stuck.lines.line(stuck.line)) - len(stuck.lines.line(stuck.line).lstrip())
    upper = stuck.lines.line(above)
    if indent <= len(upper) - len(upper.lstrip()) or upper.lstrip()[0] in "'\"":
        return None
    message = f"this line is indented deeper than line {above}, which already has its value"
    hint = f"align it with the key on line {above}, or remove the value there"
    return stuck.found(message, start + indent, stuck.at, hint)


def _no_colon(stuck: _Stuck) -> Problem | None:
    if "expected ':'" not in stuck.problem or stuck.since is None:
        return None
    line = stuck.lines.line(stuck.lines.line_of(stuck.since))
    key = line[stuck.since - stuck.line_start(stuck.lines.line_of(stuck.since)) :].strip()
    if key[:1] in ("'", '"') and key.count(key[0]) % 2:
        return _unclosed_quote_at(stuck, stuck.since)
    message = f"there is no ':' after the key {shorten(key)!r}"
    hint = f"write '{shorten(key)}:'"
    return stuck.found(message, stuck.since, stuck.since + len(key), hint)


def _unclosed_quote_at(stuck: _Stuck, start: int) -> Problem:
    quote = stuck.text[start]
    end = stuck.text.find("\n", start)
    inside = "write '' for an apostrophe" if quote == "'" else 'write \\" for a quote'
    return stuck.found(
        f"the quote {quote} that opens here is not closed where it should be",
        start,
        end if end >= 0 else len(stuck.text),
        f"close it with {quote}; inside such a text {inside}",
    )


def _unclosed_quote(stuck: _Stuck) -> Problem | None:
    if "quoted scalar" in stuck.context and "unexpected" in stuck.problem:
        assert stuck.since is not None
        return _unclosed_quote_at(stuck, stuck.since)
    return None


def _escape(stuck: _Stuck) -> Problem | None:
    if "quoted scalar" not in stuck.context:
        return None
    start = stuck.text.rfind("\\", 0, stuck.at + 1)
    if "unknown escape" in stuck.problem:
        shown = stuck.text[start : start + 2]
        hint = "write \\\\ for a backslash, or put the text in single quotes"
        return stuck.found(f"{shown} means nothing in double quotes", start, start + 2, hint)
    if "hex" in stuck.problem:
        digits = {"x": 2, "u": 4, "U": 8}.get(stuck.text[start + 1 : start + 2], 2)
        shown = stuck.text[start : start + 2]
        message = f"{shown} must be followed by {digits} hexadecimal digits"
        return stuck.found(message, start, start + 2 + digits)
    return None


def _after_quote(stuck: _Stuck) -> Problem | None:
    """Something behind a closing quote: an inner quote, or a quote left open lines above."""
    if "while parsing" not in stuck.context:
        return None
    start = end = None
    try:
        for token in yaml.scan(stuck.text, Loader=LOADER):
            if token.start_mark.index >= stuck.at:
                break
            if isinstance(token, yaml.ScalarToken) and not token.plain and token.style in "'\"":
                start, end = token.start_mark.index, token.end_mark.index
            else:
                start = end = None
    except yaml.YAMLError:
        return None
    if start is None or end is None or stuck.text[end : stuck.at].strip(" "):
        return None
    if "\n" in stuck.text[start:end]:
        return _unclosed_quote_at(stuck, start)
    if stuck.char in ",:]}" or "flow" in stuck.context:
        return None
    quote = stuck.text[start]
    inside = "''" if quote == "'" else '\\"'
    hint = f"inside a text in {quote} quotes write {inside} for {quote}"
    message = f"the text ends at the quote {quote} before this"
    return stuck.found(message, stuck.at, stuck.at + 1, hint)


def _flow(stuck: _Stuck) -> Problem | None:
    """A list or mapping in brackets: not closed, or a comma is missing."""
    if "flow" not in stuck.context or stuck.since is None:
        return None
    bracket = stuck.text[stuck.since : stuck.since + 1]
    closer = _CLOSERS.get(bracket)
    if closer is None:
        return None
    if stuck.text.count(closer, stuck.at) and not _closed_before(stuck):
        start = stuck.at
        if stuck.char == ":":  # the parser took the key for more of the value before it
            start = max(stuck.text.rfind(" ", 0, start), stuck.text.rfind("\n", 0, start)) + 1
        message = "a comma is missing before this"
        hint = f"it is inside the {bracket} of line {stuck.lines.line_of(stuck.since)}"
        return stuck.found(message, start, max(start + 1, stuck.at), hint)
    message = f"the {bracket} that opens here is not closed"
    return stuck.found(message, stuck.since, stuck.since + 1, f"close it with {closer}")


def _closed_before(stuck: _Stuck) -> bool:
    """Whether a block key begins a line after the bracket, which is then not closed."""
    assert stuck.since is not None
    outer = stuck.lines.line(stuck.lines.line_of(stuck.since))
    indent = len(outer) - len(outer.lstrip())
    inner = stuck.lines.line(stuck.line)
    below = stuck.line > stuck.lines.line_of(stuck.since)
    return below and len(inner) - len(inner.lstrip()) <= indent


def _stray(stuck: _Stuck) -> Problem | None:
    if "while parsing" in stuck.context and stuck.char in ("}", "]"):
        message = f"{stuck.char} closes nothing"
        hint = "remove it, or quote the text that it belongs to"
        return stuck.found(message, stuck.at, stuck.at + 1, hint)
    before = stuck.text[stuck.line_start(stuck.line) : stuck.at].rstrip()
    if "while parsing" in stuck.context and stuck.char == ":" and before[-1:] in ("", "{", ","):
        return stuck.found("there is no key before the colon", stuck.at, stuck.at + 1)
    if "while parsing" in stuck.context and stuck.char == ",":
        hint = "quote the text, or put the list in [ ]"
        return stuck.found("a comma has no meaning here", stuck.at, stuck.at + 1, hint)
    return None


def _block_header(stuck: _Stuck) -> Problem | None:
    if "block scalar" not in stuck.context or stuck.since is None:
        return None
    mark = stuck.text[stuck.since]
    message = f"text cannot follow {mark} on its line"
    hint = f"start it on the next line, indented; or quote it if {mark} belongs to it"
    return stuck.found(message, stuck.at, stuck.at + 1, hint)


def _indicator(stuck: _Stuck) -> Problem | None:
    """``*``, ``&``, ``!`` and ``? `` at the start of what was meant as text."""
    if "mapping keys are not allowed" in stuck.problem:
        start = stuck.at
    elif stuck.since is None or not re.search(r"scanning an a|a tag|undefined tag", stuck.context):
        if "undefined tag handle" not in stuck.problem:
            return None
        start = stuck.at
    else:
        start = stuck.since
    char = stuck.text[start : start + 1]
    names = {"*": "an alias", "&": "an anchor", "!": "a tag", "?": "a key"}
    if char not in names:
        return None
    message = f"{char} starts {names[char]} in YAML, but this is not one"
    return stuck.found(message, start, start + 1, "quote the text if it is meant as text")


def _misplaced(stuck: _Stuck) -> Problem | None:
    """A line that fits no level above it."""
    if "sequence entries are not allowed" in stuck.problem:
        message = "a list with '-' cannot start on the line of its key"
        hint = "put each '- item' on a line of its own, or write [a, b]"
        return stuck.found(message, stuck.at, stuck.at + 1, hint)
    if "while parsing a block" not in stuck.context:
        return None
    end = stuck.text.find("\n", stuck.at)
    end = len(stuck.text) if end < 0 else end
    if stuck.text[stuck.line_start(stuck.line) : stuck.at].strip():
        return None
    in_list = stuck.since is not None and stuck.text.startswith("- ", stuck.since)
    if in_list and stuck.char != "-":
        message = "a list item is expected here, and this line does not start with '-'"
    elif not in_list and stuck.char == "-":
        message = "a key is expected here, and this line starts a list item"
    else:
        message = "the indentation of this line matches no line above that it could belong to"
    opened = stuck.lines.line_of(stuck.since) if stuck.since is not None else 1
    hint = f"align it with its neighbours; the block it is in begins on line {opened}"
    return stuck.found(message, stuck.at, end, hint)


def _other(stuck: _Stuck) -> Problem | None:
    """The rest, at least without the parser's vocabulary."""
    end = stuck.at + 1
    if stuck.at >= len(stuck.text.rstrip()):
        message = "the file ends where a value is expected"
        return stuck.found(message, max(0, len(stuck.text.rstrip()) - 1), len(stuck.text))
    if "document start" in stuck.problem:
        hint = "a spec is one mapping; check the lines above for brackets and indentation"
        message = "the value above is complete, and this does not belong to it"
        return stuck.found(message, stuck.at, end, hint)
    if "mapping values are not allowed" in stuck.problem:
        hint = "quote the text if the ':' belongs to it"
        return stuck.found("a ':' is not allowed here", stuck.at, end, hint)
    return None


def _version(stuck: _Stuck) -> Problem | None:
    if "incompatible YAML" not in stuck.problem:
        return None
    end = stuck.text.find("\n", stuck.at)
    return stuck.found("specs are YAML 1.2", stuck.at, end, "remove the %YAML line")


_RULES: Final[tuple[Callable[[_Stuck], Problem | None], ...]] = (
    _tab,
    _expression,
    _version,
    _reserved_start,
    _glued_colon,
    _colon_in_text,
    _deeper,
    _no_colon,
    _unclosed_quote,
    _escape,
    _after_quote,
    _block_header,
    _indicator,
    _stray,
    _flow,
    _misplaced,
    _other,
)
