"""Ops as the language calls them: ``{op: exposure, stops: 0.5}``, ``{name: wipe, ...}``.

The keys of a call are the parameters that the op declares; nothing is written twice.
"""

from __future__ import annotations

from collections.abc import Sequence

from vedc import ops
from vedc.ops import Op, OpKind, Param
from vedc.spec.quantities import ColorValue, Rgb
from vedc.spec.records import ABSENT, Animated, Key, Record
from vedc.spec.suggest import did_you_mean
from vedc.spec.tree import Node, Report
from vedc.spec.values import Boolean, Json, Number, Text, Type, Word, one_of, show

#: Ops that later versions bring.
LATER_OPS = ("white_balance", "halo", "blur", "sharpen", "grain", "glow", "denoise", "key")


def value_type(param: Param, *, animated: bool) -> Type:
    """The rule for a parameter's value."""
    inner: Type
    match param.kind:
        case "number" | "integer":
            integer = param.kind == "integer"
            inner = Number(param.low, param.high, integer=integer, unit=param.unit)
        case "rgb":
            inner = Rgb(param.low, param.high)
        case "color":
            inner = ColorValue(alpha=False)
        case "enum":
            inner = Word(param.choices)
        case "boolean":
            inner = Boolean()
        case "table":
            inner = Text("the path of a .cube file", like="looks/teal.cube")
    return Animated(inner) if animated and param.animatable else inner


def plain_default(param: Param) -> object:
    """The default as a spec writes it; ABSENT where the parameter must be given."""
    if param.required:
        return ABSENT
    if isinstance(param.default, tuple):
        values = [int(v) if v == int(v) else v for v in param.default]
        if param.kind == "color":
            return "#" + "".join(f"{round(v * 255):02x}" for v in param.default)
        return values[0] if len(set(values)) == 1 else values
    if isinstance(param.default, float) and param.default == int(param.default):
        return int(param.default)
    return param.default


class Call(Type):
    """A call of one of the ops of a kind.

    ``word`` is the key that names the op. ``extra`` are keys that every call has beside the
    op's own parameters. A table is given by its path under the parameter's own name, or as
    ``asset``.
    """

    def __init__(
        self, kind: OpKind, word: str, *, extra: Sequence[Key] = (), animated: bool = True
    ) -> None:
        self.kind, self.word, self.animated = kind, word, animated
        self.ops = {op.name: op for op in ops.by_kind(kind)}
        first = next(iter(self.ops))
        self.phrase = f"a mapping such as {{{word}: {first}}}"
        self.records = {op.name: self._record(op, extra) for op in self.ops.values()}

    def _record(self, op: Op, extra: Sequence[Key]) -> Record:
        keys = [Key(self.word, Word((op.name,)), op.summary, required=True), *extra]
        either = []
        for param in op.params:
            doc = " ".join(
                part for part in (param.summary, f"({param.unit})" if param.unit else "") if part
            )
            rule = value_type(param, animated=self.animated)
            table = param.kind == "table"
            keys.append(
                Key(
                    param.name,
                    rule,
                    doc,
                    plain_default(param),
                    required=param.required and not table,
                )
            )
            if table:
                keys.append(
                    Key("asset", Text("the id of an asset", like="look"), "The table, by id.")
                )
                either.append(((param.name, "asset"), "they name the same file: keep one of them"))
        return Record(op.name, op.summary, keys, either=either, inline=True)

    def table(self, op: str) -> str | None:
        """The name of an op's table parameter, if it has one."""
        return next((p.name for p in self.ops[op].params if p.kind == "table"), None)

    def schema(self, shared: Json) -> Json:
        """One if/then for each op: an editor then complains about the op that is meant."""
        name = f"{self.kind}_op"
        shared[name] = {
            "type": "object",
            "required": [self.word],
            "properties": {
                self.word: {"enum": list(self.ops), "description": f"Which {self.kind} op."}
            },
            "allOf": [
                {
                    "if": {
                        "properties": {self.word: {"const": op}},
                        "required": [self.word],
                    },
                    "then": self._own_schema(op, record, shared),
                }
                for op, record in self.records.items()
            ],
        }
        return {"$ref": f"#/definitions/{name}"}

    def _own_schema(self, op: str, record: Record, shared: Json) -> Json:
        schema = record.own_schema(shared)
        schema["properties"][self.word] = {"const": op, "description": record.doc}
        table = self.table(op)
        if table:
            schema["anyOf"] = [{"required": [table]}, {"required": ["asset"]}]
        return schema

    def check(self, node: Node, name: str, report: Report) -> None:
        if not isinstance(node.value, dict):
            known = isinstance(node.value, str) and node.value in self.ops
            hint = f"write {{{self.word}: {node.value}}}" if known else None
            self.reject(node, name, report, hint)
            return
        op = node.get(self.word)
        if op is None:
            self._nameless(node, name, report)
        elif self.check_name(op, report):
            self.records[op.text].check_keys(node, report)
            table = self.table(op.text)
            if table and table not in node and "asset" not in node:
                report.add(
                    "missing-key", f"{op.text} needs {table!r} or 'asset'", node, "name its file"
                )

    def _nameless(self, node: Node, name: str, report: Report) -> None:
        hint = f"write {{{self.word}: {next(iter(self.ops))}, ...}}"
        named = next((key for key in node.entries if key in self.ops), None)
        near = did_you_mean(next(iter(node.entries), ""), [self.word])
        if named:
            hint = f"write {{{self.word}: {named}, ...}}"
        elif near:
            hint = f"did you mean {near!r}?"
        report.add("missing-key", f"{name} needs {self.word!r}: which op it is", node, hint)

    def check_name(self, node: Node, report: Report) -> bool:
        """Whether a value is the name of an op of this kind; says why where it is not."""
        what = f"a {self.kind}" if self.kind == "transition" else f"a {self.kind} op"
        value = node.value
        known = one_of(tuple(self.ops))
        if not isinstance(value, str):
            message = f"{self.word} must be {known}, not {show(value)}"
            report.add("wrong-type", message, node)
        elif value in self.ops:
            return True
        elif value in ops.names():
            message = f"{value} is a {ops.get(value).kind}, not {what}"
            report.add("wrong-kind-of-op", message, node, f"here stands {known}")
        elif value in LATER_OPS:
            message = f"{value!r} is an op that this version does not have yet"
            report.add("not-yet", message, node, f"it has {known.removeprefix('one of ')}")
        else:
            near = did_you_mean(value, self.ops)
            tail = f"; did you mean {near!r}?" if near else ""
            hint = None if near else f"it must be {known}"
            report.add("unknown-op", f"{show(value)} is not {what}{tail}", node, hint)
        return False

    def canonical(self, node: Node) -> Node:
        return self.records[node[self.word].text].canonical(node)


class Transition(Call):
    """``dissolve``, or ``{name: wipe, direction: left, duration: 1s}``."""

    def __init__(self, extra: Sequence[Key]) -> None:
        super().__init__("transition", "name", extra=extra, animated=False)
        self.phrase = f"{one_of(tuple(self.ops))}, or {self.phrase}"

    def schema(self, shared: Json) -> Json:
        return {
            "if": {"type": "object"},
            "then": super().schema(shared),
            "else": {"type": "string", "enum": list(self.ops)},
        }

    def check(self, node: Node, name: str, report: Report) -> None:
        if isinstance(node.value, str):
            self.check_name(node, report)
        else:
            super().check(node, name, report)

    def canonical(self, node: Node) -> Node:
        if isinstance(node.value, str):
            node = node.with_value({"name": Node(node.value, node.place, node.place)})
        return super().canonical(node)
