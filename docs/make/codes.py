"""Every problem code in the source, with the words of its messages and cures."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]

#: What makes a problem: the code is the first argument, the message the second.
_MAKERS: Final = frozenset(
    {
        "one", "add", "Problem", "ProbeError", "Note", "warn", "_warn", "reject", "_report", "note",
        "_add", "_stop", "ExpressionError",
    }
)  # fmt: skip
_CODE: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+|usage|interrupted|conflict|cycle")
_SPACES: Final = re.compile(r"\s+")


@dataclass
class Code:
    """A code with what its messages say, in the order of the source; holes are ``…``."""

    name: str
    messages: list[str] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)
    rooms: list[str] = field(default_factory=list)
    """Rooms of the house where it is made."""
    warning: bool = False


def codes() -> dict[str, Code]:
    """All codes by name."""
    found: dict[str, Code] = {}
    for path in sorted((ROOT / "vedc").rglob("*.py")):
        parts = path.relative_to(ROOT / "vedc").parts
        room = parts[0].removesuffix(".py")
        for name, message, hint, warning in _in(path):
            code = found.setdefault(name, Code(name))
            for text, texts in ((message, code.messages), (hint, code.hints)):
                if text and text not in texts:
                    texts.append(text)
            if room not in code.rooms:
                code.rooms.append(room)
            code.warning |= warning
    return dict(sorted(found.items()))


def _in(path: Path) -> Iterator[tuple[str, str, str, bool]]:
    """Code, message, hint, and whether it is a warning, of every problem that a module makes."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for function, call in _calls(tree):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else _id(call.func)
        if name not in _MAKERS or len(call.args) + len(call.keywords) < 2:
            continue
        first = call.args[0] if call.args else None
        if not (isinstance(first, ast.Constant) and isinstance(first.value, str)):
            continue
        if not _CODE.fullmatch(first.value):
            continue
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        message = call.args[1] if len(call.args) > 1 else given.get("message")
        hint = given.get("hint")
        rest = [a for a in call.args[2:] if _is_text(a) and not isinstance(a, ast.Constant)]
        rest += [a for a in call.args[2:] if isinstance(a, ast.Constant) and " " in str(a.value)]
        if hint is None and rest:
            hint = rest[0]
        severity = [a for a in call.args if isinstance(a, ast.Constant) and a.value == "warning"]
        warning = name in ("warn", "_warn", "Note", "note") or bool(severity)
        if message is None or not (_is_text(message) or isinstance(message, ast.Name)):
            continue
        yield (
            first.value,
            _text(message, function, call.lineno),
            _text(hint, function, call.lineno) if hint is not None else "",
            warning,
        )


def _calls(tree: ast.Module) -> Iterator[tuple[ast.AST, ast.Call]]:
    """Every call with the function around it."""

    def walk(node: ast.AST, function: ast.AST) -> Iterator[tuple[ast.AST, ast.Call]]:
        if isinstance(node, ast.FunctionDef):
            function = node
        if isinstance(node, ast.Call):
            yield function, node
        for child in ast.iter_child_nodes(node):
            yield from walk(child, function)

    yield from walk(tree, tree)


def _id(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _is_text(node: ast.expr) -> bool:
    if isinstance(node, ast.Name):
        return node.id in ("hint", "message", "cure")
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _text(node: ast.expr, function: ast.AST, line: int) -> str:
    """The words of a text, with holes; of a name, those that it was given last."""
    if isinstance(node, ast.Name):
        given = sorted(_given(node.id, function, line), key=lambda value: value.lineno)
        if not given or isinstance(given[-1], ast.Name):
            return ""
        return _text(given[-1], function, 0)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return _SPACES.sub(" ", node.value).strip()
    if isinstance(node, ast.JoinedStr):
        parts = (
            part.value if isinstance(part, ast.Constant) else _hole(part) for part in node.values
        )
        return _SPACES.sub(" ", "".join(map(str, parts))).strip()
    return ""


def _hole(part: ast.expr) -> str:
    quoted = isinstance(part, ast.FormattedValue) and part.conversion == ord("r")
    return "'…'" if quoted else "…"


def _given(name: str, function: ast.AST, line: int) -> list[ast.expr]:
    """What a name is given before a line, also by ``message, hint = "...", "..."``."""
    found: list[ast.expr] = []
    for made in ast.walk(function):
        if not isinstance(made, ast.Assign) or made.lineno > line:
            continue
        for target in made.targets:
            if isinstance(target, ast.Name) and target.id == name:
                found.append(made.value)
            elif isinstance(target, ast.Tuple) and isinstance(made.value, ast.Tuple):
                pairs = zip(target.elts, made.value.elts, strict=False)
                found += [v for e, v in pairs if isinstance(e, ast.Name) and e.id == name]
    return found
