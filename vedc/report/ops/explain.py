"""What ``vedc ops`` and ``vedc explain`` say about an op, as text and as JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from vedc.edit.media_info import ProbeError
from vedc.errors import UsageError
from vedc.lang.files import Files, failure
from vedc.lang.keys.catalogue import CatalogueEntry, example, lookup, search
from vedc.lang.keys.item import item_keys
from vedc.lang.keys.search_words import meaning
from vedc.lang.plugins.activate import activate
from vedc.lang.schema.records import ABSENT
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.ops import OpKind, Param
from vedc.ops.transition.presets import namesakes

_SPACES = {"linear": "scene-linear light", "display": "the values as they are shown"}


def load_plugins(paths: list[Path]) -> None:
    """Register the ops of plugins, for commands that read no spec."""
    if not paths:
        return
    problems = Problems()
    here = Path.cwd()
    files = Files(
        here, [p.absolute().parent for p in paths], _not_probed, _not_probed, problems, _not_probed
    )
    activate(SpecNode([SpecNode(str(path)) for path in paths]), files, True, problems)
    if problems:
        raise failure(tuple(problems))


def _not_probed(path: Path) -> Any:
    raise ProbeError("not-media", f"{path} cannot be probed here")


def listing(words: str, kind: OpKind | None) -> list[dict[str, Any]]:
    """The ops and presets that match, as the documented objects of ``vedc ops --json``.

    Ops and item keys that match the meaning of the words come first.
    """
    meant = meaning(words)
    first = [e for n in meant.ops if isinstance(e := lookup(n), CatalogueEntry)] if meant else []
    wanted = [entry for entry in first if kind in (None, entry.op.kind)]
    known = {(entry.word, entry.op.kind) for entry in wanted}
    wanted += [e for e in search(words, kind) if (e.word, e.op.kind) not in known]
    keys = [key for key in item_keys() if meant and key.name in meant.keys and kind is None]
    ops = [
        {
            "name": entry.word,
            "kind": entry.op.kind,
            "summary": _summary(entry),
            "params": [_param(entry, p) for p in entry.op.params],
        }
        for entry in wanted
    ]
    items = [
        {"name": k.name, "kind": "item key", "summary": k.of(k.items[0]).doc, "params": []}
        for k in keys
    ]
    return ops[: len(known)] + items + ops[len(known) :]


def note_on(words: str) -> str:
    """A line about what neither an op nor a key does, or how to use them; else nothing."""
    meant = meaning(words)
    return f"{meant.note}\n" if meant and meant.note else ""


def listing_text(found: list[dict[str, Any]], note: str = "") -> str:
    if not found:
        return note or "no op matches all of these words\n"
    width = max(len(o["name"]) for o in found)
    lines = [f"{o['name']:{width}}  {o['kind']:10}  {o['summary']}\n" for o in found]
    return "".join(lines) + (f"\n{note}" if note else "")


def find(name: str) -> CatalogueEntry:
    """The op, preset or blend mode of that name."""
    found = lookup(name)
    if isinstance(found, CatalogueEntry):
        return found
    near = f"; did you mean {found!r}?" if found else ""
    hint = f"vedc explain {found}" if found else "vedc ops WORDS searches the ops"
    raise UsageError.one("unknown-op", f"there is no op called {name!r}{near}", hint=hint)


def is_op(name: str) -> bool:
    """Whether an op, a preset or a blend mode has exactly that name."""
    return isinstance(lookup(name), CatalogueEntry)


def _summary(entry: CatalogueEntry) -> str:
    if not entry.preset:
        return entry.op.summary
    given = ", ".join(
        f"{p.name}: {_shown(entry.default(p))}" for p in entry.op.params if p.name in entry.given
    )
    return f"{entry.op.name} with {given}." if given else f"The same as {entry.op.name}."


def _param(entry: CatalogueEntry, param: Param) -> dict[str, Any]:
    default = entry.default(param)
    plain = asdict(param) | {"choices": list(param.choices)}
    value = None if default is ABSENT else default
    return plain | {"default": value, "required": entry.required(param)}


def explained(entry: CatalogueEntry) -> dict[str, Any]:
    """The documented object of ``vedc explain OP --json``."""
    op = entry.op
    return {
        "name": entry.word,
        "kind": op.kind,
        "summary": _summary(entry),
        "params": [_param(entry, p) for p in op.params],
        "op": op.name,
        "use": op.use,
        "doc": op.doc,
        "works_on": op.space,
        "leaves_the_picture": identities(entry),
        "keys": [{"name": key.name, "summary": key.doc} for key in entry.keys],
        "example": example(entry),
    }


def identities(entry: CatalogueEntry) -> list[str]:
    """The parameters with which the op does nothing, found by asking the op itself."""
    op = entry.op
    values: dict[str, object] = {**op.defaults(), **entry.given}
    for param in op.params:
        values.setdefault(param.name, _anything)
    if op.identity(values):
        return ["with its defaults"]
    found = []
    for param in op.params:
        if param.kind == "number":
            tried: tuple[object, ...] = (0.0, 1.0)
        else:
            tried = param.choices or ((False, True) if param.kind == "boolean" else ())
        found += [
            f"with {param.name}: {_shown(_short(value))}"
            for value in tried
            if op.identity({**values, param.name: value})
        ]
    return found


class _Anything:
    """A value that equals no other."""


_anything = _Anything()


def _short(value: object) -> object:
    return int(value) if isinstance(value, float) and value == int(value) else value


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def facts(entry: CatalogueEntry) -> Iterator[tuple[str, str]]:
    """Facts besides the parameters: a title and a sentence each."""
    op = entry.op
    yield "When to use", op.use
    yield "Works on", _SPACES[op.space] + (", including neighbouring pixels" if op.spatial else "")
    identity = identities(entry)
    if op.kind == "transition" and (others := namesakes(entry.name)):
        draw = "draw" if others[1:] else "draws"
        yield "Same name", f"{' and '.join(others)} {draw} what that program draws"
    if op.kind in ("grade", "key", "geometry", "stencil", "transition"):
        yield "Does nothing", " or ".join(identity) or "never"
    kernel = f"; so does its filter, {op.filter.name}" if op.filter else ""
    yield "Runs on", f"cpu (LLVM), cuda (Triton), float64 reference (NumPy){kernel}"


def as_text(entry: CatalogueEntry) -> str:
    """The explanation for a terminal."""
    op = entry.op
    lines = [f"{entry.word}: {op.kind}", "", *wrapped(_summary(entry))]
    if entry.preset:
        lines += ["", *wrapped(op.summary)]
    if op.doc:
        for paragraph in op.doc.split("\n\n"):
            lines += ["", *wrapped(paragraph)]
    lines.append("")
    for title, text in facts(entry):
        lines += wrapped(text, f"  {title + ':':14}")
    if op.params:
        lines += ["", "Parameters"]
    names = [param.name for param in op.params] + [key.name for key in entry.keys]
    width = max(map(len, names), default=0)
    for param in op.params:
        needed = entry.default_text(param, _shown)
        if not entry.required(param):
            needed = f"default {needed}"
        lines += wrapped(f"{entry.phrase(param)}; {needed}", f"  {param.name:{width}}  ")
        if param.summary:
            lines += wrapped(param.summary, " " * (width + 4))
    for key in entry.keys:
        lines += wrapped(key.type.phrase, f"  {key.name:{width}}  ")
        lines += wrapped(key.doc, " " * (width + 4))
    lines += ["", "Example", "", textwrap.indent(example(entry), "  ").rstrip()]
    return "\n".join(lines) + "\n"


def wrapped(text: str, lead: str = "") -> list[str]:
    return textwrap.wrap(
        " ".join(text.split()),
        100,
        initial_indent=lead,
        subsequent_indent=" " * len(lead),
        break_long_words=False,
    )
