"""Specs by chance: instances of the JSON Schema, and data with something changed."""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Iterator
from typing import Any, Final

TEXTS: Final = (
    "", "a", "media/bunny.mp4", "media/sunset.jpg", "nothing.mp4", "1s", "-1s", "2.5s", "90f",
    "50%", "100%", "00:00:01", "00:00:01:10", "00:00:01;02", "1e9s", "#ffb000", "#12", "gold",
    "auto", "main", "${{ 1 + }}", "${{ missing }}", "${{ 1 / 0 }}", "${{ 'x' * 3 }}", "$${{ x }}",
    "ease-in", "top-left", "dissolve", "exposure", "-6dB", "30000/1001", "0/0", "h264",
    "no", "0x1F", "1_000", "~", "../../etc/passwd", "/dev/zero", "*", "é\u202e漢🎬",
    "https://example.com/a.mp4", "\x1b[31mred\x1b[0m", "a\rb", "\u2066x", "x" * 5000, "/dev/stdin",
    "media", "media/../media/bunny.mp4", "edit.vedc.yaml", "out/../edit.vedc.yaml", "media/pipe",
    "media/loop", "media/out.mp4", "MEDIA/bunny.mp4", "${{ 9 ** 9 ** 9 }}", "gl:wind", "file:a.mp4",
)  # fmt: skip
_GOOD: Final = (
    "1s", "0.4s", "10f", "250ms", "00:00:01", "00:00:00:10", "50%", "-6dB", "#ffb000", "gold",
    "center", "top-left", "30000/1001", "25", "main", "talk", "Spring", "2M", "${{ 1 + 1 }}",
    "Cross-Dissolve", "FADE black", "gl: Cube", "x-fade:wipe_left",
    "out/film.mp4", "out/film.webm", "out/still.png",
)  # fmt: skip
_FILES: Final = (
    "media/bunny.mp4", "media/yawn.mp4", "media/sunset.jpg", "media/music.opus",
    "looks/warm-print.cube",
)  # fmt: skip
SCALARS: Final = (
    None, True, False, 0, 1, -1, 3.5, 1e-12, 1e308, -1e308, float("inf"), float("nan"), -0.0,
    1e-300, 10**30, 10**300, 2**63, 1_000_000, *TEXTS,
)  # fmt: skip


_EXPRESSION: Final = {"$ref": "#/definitions/expression"}
#: The purpose of a schema without a type, by a word that it holds.
_TELLING: Final = {
    "properties": "object", "required": "object", "additionalProperties": "object",
    "items": "array", "minItems": "array", "minimum": "number", "exclusiveMinimum": "number",
}  # fmt: skip
#: Files that are there, by the keys that name some.
_NAMED: Final = {
    "clip": ("media/bunny.mp4", "media/yawn.mp4"),
    "image": ("media/sunset.jpg", "media/dandelions.jpg"),
    "path": ("out/film.mp4", "out/film.webm", "out/still.png"),
    "version": (1,),
    "from": ("media/bunny.mp4", ["media/bunny.mp4", "media/yawn.mp4"], "media/music.opus"),
    "music": ("media/music.opus",),
    "src": ("looks/warm-print.cube", "media/sunset.jpg", "media/bunny.mp4"),
}
#: Keys that most specs leave out: what they hold is refused nearly always.
_RARE: Final = frozenset({"auto", "defaults", "metadata", "plugins", "variables"})


class Generator:
    """Instances of a JSON Schema, right in form as far as patterns allow."""

    def __init__(self, schema: dict[str, Any], draw: random.Random, plain: bool = False) -> None:
        """``plain``: without expressions, ratios and what is carried out before the checks."""
        self.schema, self.draw, self.plain = schema, draw, plain
        self.noise = draw.choice((0.0, 0.0, 0.001, 0.01))
        """How often any other value stands in the place of the right one."""

    def spec(self) -> Any:
        return self.value(self.schema, 0)

    def value(self, schema: Any, depth: int) -> Any:
        draw = self.draw
        if not isinstance(schema, dict) or draw.random() < self.noise:
            return draw.choice(SCALARS)
        if "$ref" in schema:
            return self.value(self.schema["definitions"][schema["$ref"].rpartition("/")[2]], depth)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return draw.choice(schema["enum"])
        if "allOf" in schema:
            return self._all(schema, depth)
        if "anyOf" in schema and "properties" in schema:
            return self._one_of(schema, depth)
        if "anyOf" in schema:
            plain = [s for s in schema["anyOf"] if s != _EXPRESSION]
            own = plain and (self.plain or draw.random() < 0.95)
            return self.value(draw.choice(plain if own else schema["anyOf"]), depth)
        if "if" in schema:
            return self._branch(schema, depth)
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = draw.choice(kind)
        if kind is None:
            kind = next((kind for word, kind in _TELLING.items() if word in schema), "string")
        return getattr(self, f"_{kind}", self._scalar)(schema, depth)

    def _all(self, schema: dict[str, Any], depth: int) -> Any:
        """A value that also meets the requirements under its own ``op`` or ``name``."""
        rules = schema["allOf"]
        rest = {key: part for key, part in schema.items() if key != "allOf"}
        if "properties" not in rest and "anyOf" not in rest:
            return self.value(rules[0], depth)
        made = self.value(rest, depth)
        if isinstance(made, dict):
            for rule in rules:
                tested = rule.get("if", {}).get("properties", {})
                if tested and all(self._fits(made.get(k), t) for k, t in tested.items()):
                    more = self.value(rule["then"], depth)
                    made = (more | made) if isinstance(more, dict) else made
        return made

    def _one_of(self, schema: dict[str, Any], depth: int) -> Any:
        """An object with the keys that one of the alternatives requires."""
        rest = {key: part for key, part in schema.items() if key != "anyOf"}
        plain = [part for part in schema["anyOf"] if set(part) == {"required"}]
        part = self.draw.choice(plain or schema["anyOf"])
        required = [*rest.get("required", ()), *part.get("required", ())]
        return self.value({**rest, "required": required}, depth)

    def _fits(self, value: Any, schema: dict[str, Any]) -> bool:
        """Whether a value is the name, or one of the names, that a condition asks for."""
        if "$ref" in schema:
            schema = self.schema["definitions"][schema["$ref"].rpartition("/")[2]]
        if "pattern" in schema:
            return isinstance(value, str) and re.search(schema["pattern"], value) is not None
        return value in schema.get("enum", [schema.get("const")])

    def _branch(self, schema: dict[str, Any], depth: int) -> Any:
        """One of the branches of a chain of ``if``, with what its condition names."""
        rest: Any = schema
        while isinstance(rest, dict) and "if" in rest:
            early = self.plain and "repeat" in rest["if"].get("required", ())
            if "else" not in rest or (self.draw.random() < 0.3 and not early):
                made = self.value(rest["then"], depth)
                known = self.value({"type": "object", **rest["if"]}, depth)
                return known | made if isinstance(known, dict) and isinstance(made, dict) else made
            rest = rest["else"]
        return self.value(rest, depth)

    def _object(self, schema: dict[str, Any], depth: int) -> Any:
        draw, known = self.draw, schema.get("properties", {})
        wanted = set(schema.get("required", ()))
        wanted |= {key for key in known if depth < 6 and draw.random() < 3 / (len(known) + 2)}
        if self.plain:
            wanted -= {"repeat", "if"}
        if draw.random() < 0.7:
            wanted -= _RARE - set(schema.get("required", ()))
        made = {key: self._entry(key, known.get(key, {}), depth) for key in sorted(wanted)}
        further = schema.get("additionalProperties")
        if isinstance(further, dict) and depth < 6:
            for key in draw.sample(("a", "b", "talk", "two words"), draw.randrange(3)):
                made[key] = self.value(further, depth + 1)
        return made

    def _entry(self, key: str, schema: Any, depth: int) -> Any:
        files = _NAMED.get(key)
        if files and self.draw.random() < 0.9:
            return self.draw.choice(files)
        return self.value(schema, depth + 1)

    def _array(self, schema: dict[str, Any], depth: int) -> Any:
        least, most = schema.get("minItems", 0), schema.get("maxItems", 4)
        count = self.draw.randint(least, max(least, min(most, least + 3)))
        return [self.value(schema.get("items", {}), depth + 1) for _ in range(count)]

    def _number(self, schema: dict[str, Any], depth: int) -> Any:
        low = schema.get("minimum", schema.get("exclusiveMinimum", -10))
        high = schema.get("maximum", low + 20)
        return self.draw.choice((low, high, round(self.draw.uniform(low, high), 3)))

    def _integer(self, schema: dict[str, Any], depth: int) -> Any:
        return round(self._number(schema, depth))

    def _boolean(self, schema: dict[str, Any], depth: int) -> Any:
        return self.draw.random() < 0.5

    def _string(self, schema: dict[str, Any], depth: int) -> Any:
        if self.draw.random() < self.noise:
            return self.draw.choice(TEXTS)
        pattern = schema.get("pattern", ".*")
        fit = [text for text in (*_GOOD, *_FILES) if re.search(pattern, text)]
        if self.plain:
            fit = [text for text in fit if "${{" not in text and text != "30000/1001"]
        return self.draw.choice(fit or TEXTS)

    def _scalar(self, schema: dict[str, Any], depth: int) -> Any:
        return self.draw.choice(SCALARS)


def mutated(draw: random.Random, data: Any) -> Any:
    """The data with one to four changes: values, keys and elements lost, doubled or replaced."""
    data = copy.deepcopy(data)
    for _ in range(draw.choice((1, 1, 1, 2, 4))):
        places = list(containers(data))
        holder = draw.choice(places)
        if isinstance(holder, dict) and holder:
            key = draw.choice(list(holder))
            action = draw.randrange(5)
            if action == 0:
                del holder[key]
            elif action == 1:
                holder[draw.choice(("", "oppacity", "speed", f"{key}s", "a" * 200))] = holder[key]
            elif action == 2:
                other = draw.choice(places)
                holder[key] = copy.deepcopy(other)
            else:
                holder[key] = draw.choice(SCALARS)
        elif isinstance(holder, list):
            holder.insert(draw.randrange(len(holder) + 1), draw.choice(SCALARS))
            if draw.random() < 0.3:
                holder.extend(copy.deepcopy(holder))
    return data


def containers(data: Any) -> Iterator[Any]:
    if isinstance(data, (dict, list)):
        yield data
        for child in data.values() if isinstance(data, dict) else data:
            yield from containers(child)
