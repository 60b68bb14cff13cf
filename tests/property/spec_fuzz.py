"""Specs by chance: made from the JSON Schema, and the examples with something changed.

``python -m tests.property.spec_fuzz COUNT [SEED]`` checks many and prints those that fail.
"""

from __future__ import annotations

import contextlib
import copy
import json
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

import yaml

from tests.error.support import check_no_python, run
from tests.paths import EXAMPLES, ROOT
from tests.property import spec_damage

#: Longest that a spec may take to check, in seconds.
LIMIT: Final = 10.0
#: Exit codes of a check: valid, invalid, something missing.
_EXITS: Final = frozenset({0, 3, 4})

_TEXTS: Final = (
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
    "out/film.mp4", "out/film.webm", "out/still.png",
)  # fmt: skip
_FILES: Final = (
    "media/bunny.mp4", "media/yawn.mp4", "media/sunset.jpg", "media/music.opus",
    "looks/warm-print.cube",
)  # fmt: skip
_SCALARS: Final = (
    None, True, False, 0, 1, -1, 3.5, 1e-12, 1e308, -1e308, float("inf"), float("nan"), -0.0,
    1e-300, 10**30, 10**300, 2**63, 1_000_000, *_TEXTS,
)  # fmt: skip


_EXPRESSION: Final = {"$ref": "#/definitions/expression"}
#: What a schema without a type is for, by a word that it holds.
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

    def __init__(self, schema: dict[str, Any], draw: random.Random) -> None:
        self.schema, self.draw = schema, draw
        self.noise = draw.choice((0.0, 0.0, 0.001, 0.01))
        """How often any other value stands in the place of the right one."""

    def spec(self) -> Any:
        return self.value(self.schema, 0)

    def value(self, schema: Any, depth: int) -> Any:
        draw = self.draw
        if not isinstance(schema, dict) or draw.random() < self.noise:
            return draw.choice(_SCALARS)
        if "$ref" in schema:
            return self.value(self.schema["definitions"][schema["$ref"].rpartition("/")[2]], depth)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return draw.choice(schema["enum"])
        if "allOf" in schema:
            return self._all(schema, depth)
        if "anyOf" in schema:
            plain = [s for s in schema["anyOf"] if s != _EXPRESSION]
            return self.value(
                draw.choice(plain if draw.random() < 0.95 else schema["anyOf"]), depth
            )
        if "if" in schema:
            return self._branch(schema, depth)
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = draw.choice(kind)
        if kind is None:
            kind = next((kind for word, kind in _TELLING.items() if word in schema), "string")
        return getattr(self, f"_{kind}", self._scalar)(schema, depth)

    def _all(self, schema: dict[str, Any], depth: int) -> Any:
        """A value that also holds what is asked of it under its own ``op`` or ``name``."""
        rules = schema["allOf"]
        rest = {key: part for key, part in schema.items() if key != "allOf"}
        if "properties" not in rest and "anyOf" not in rest:
            return self.value(rules[0], depth)
        made = self.value(rest, depth)
        if isinstance(made, dict):
            for rule in rules:
                tested = rule.get("if", {}).get("properties", {})
                if tested and all(made.get(k) == t.get("const") for k, t in tested.items()):
                    more = self.value(rule["then"], depth)
                    made = (more | made) if isinstance(more, dict) else made
        return made

    def _branch(self, schema: dict[str, Any], depth: int) -> Any:
        """One of the branches of a chain of ``if``, with what its condition names."""
        rest: Any = schema
        while isinstance(rest, dict) and "if" in rest:
            if "else" not in rest or self.draw.random() < 0.3:
                made = self.value(rest["then"], depth)
                known = self.value({"type": "object", **rest["if"]}, depth)
                return known | made if isinstance(known, dict) and isinstance(made, dict) else made
            rest = rest["else"]
        return self.value(rest, depth)

    def _object(self, schema: dict[str, Any], depth: int) -> Any:
        draw, known = self.draw, schema.get("properties", {})
        wanted = set(schema.get("required", ()))
        wanted |= {key for key in known if depth < 6 and draw.random() < 3 / (len(known) + 2)}
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
            return self.draw.choice(_TEXTS)
        pattern = schema.get("pattern", ".*")
        fit = [text for text in (*_GOOD, *_FILES) if re.search(pattern, text)]
        return self.draw.choice(fit or _TEXTS)

    def _scalar(self, schema: dict[str, Any], depth: int) -> Any:
        return self.draw.choice(_SCALARS)


def mutated(draw: random.Random, data: Any) -> Any:
    """The data with one to four changes: values, keys and elements lost, doubled or replaced."""
    data = copy.deepcopy(data)
    for _ in range(draw.choice((1, 1, 1, 2, 4))):
        places = list(_containers(data))
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
                holder[key] = draw.choice(_SCALARS)
        elif isinstance(holder, list):
            holder.insert(draw.randrange(len(holder) + 1), draw.choice(_SCALARS))
            if draw.random() < 0.3:
                holder.extend(copy.deepcopy(holder))
    return data


def _containers(data: Any) -> Iterator[Any]:
    if isinstance(data, (dict, list)):
        yield data
        for child in data.values() if isinstance(data, dict) else data:
            yield from _containers(child)


@dataclass(frozen=True, slots=True)
class Case:
    """A spec as bytes, and how it is checked."""

    data: bytes
    arguments: tuple[str, ...] = ("validate", "edit.vedc.yaml")
    variables: bytes = b""
    """The content of ``vars.yaml``."""

    @property
    def lines(self) -> list[str]:
        """The lines of the spec, as an editor counts them."""
        return _lines(self.data)


def _lines(data: bytes) -> list[str]:
    utf16 = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    text = data.decode("utf-16" if utf16 else "utf-8-sig", errors="replace")
    return re.split(r"\r\n|\r|\n", text)


_COMMANDS: Final = (
    ("validate",), ("validate",), ("validate",), ("validate", "--json"), ("config",),
    ("config", "--json"), ("validate", "--strict"), ("validate", "--format", "github"),
    ("validate", "--locked"),
)  # fmt: skip


def specs(seed: int) -> Iterator[Case]:
    """Specs without end, the same for the same seed."""
    draw = random.Random(seed)
    schema = json.loads((ROOT / "specs" / "edit.schema.json").read_text())
    texts = [path.read_text() for path in sorted(EXAMPLES.glob("*/edit.vedc.yaml"))]
    while True:
        kind, text = draw.random(), draw.choice(texts)
        if kind < 0.4:
            text = _dumped(draw, Generator(schema, draw).spec())
        elif kind < 0.65:
            text = _dumped(draw, mutated(draw, yaml.safe_load(text)))
        elif kind < 0.75:
            yield _templated(draw, text)
            continue
        elif kind < 0.95:
            text = draw.choice(spec_damage.TEXT)(draw, text)
        else:
            yield Case(draw.choice(spec_damage.BYTES)(draw, text))
            continue
        command = draw.choice(_COMMANDS)
        data = text.encode("utf-8", errors="surrogatepass")
        yield Case(data, (command[0], "edit.vedc.yaml", *command[1:]))


def _dumped(draw: random.Random, data: Any) -> str:
    style = draw.choice((None, False, True))
    text: str = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, default_flow_style=style)
    return text


_PATTERNS: Final = ("^[A-Z]", "(a+)+$", "[", "(?=a)", "\\1", "(" * 500, "a{1,1000}{1,1000}", "\\d*")


def _templated(draw: random.Random, text: str) -> Case:
    """Variables of all kinds, given by a file and on the command line, and used all over."""
    data = yaml.safe_load(text)
    names = ("headline", "x", "count", "a b", "if", "start", "_")
    keys = ("default", "enum", "minimum", "maximum", "minLength", "maxLength", "format")
    declared: dict[str, Any] = {}
    for name in draw.sample(names, 3):
        kind = draw.choice(("string", "number", "integer", "boolean", draw.choice(_SCALARS)))
        declared[name] = {"type": kind}
        for key in draw.sample(keys, draw.randrange(3)):
            declared[name][key] = draw.choice((*_SCALARS, [1, 2], ["a"], "color", 3))
        if draw.random() < 0.3:
            declared[name]["pattern"] = draw.choice(_PATTERNS)
    if isinstance(data, dict):
        data["variables"] = declared
        for _ in range(draw.randrange(5)):
            holder = draw.choice(list(_containers(data)))
            if isinstance(holder, dict) and holder:
                holder[draw.choice(list(holder))] = _expression(draw, names)
    given = [
        part
        for _ in range(draw.randrange(3))
        for part in (
            "--set",
            f"{draw.choice(names)}={draw.choice((*_TEXTS, '9' * 400, 'a' * 5000))}",
        )
    ]
    variables = b""
    if draw.random() < 0.4:
        variables = _dumped(
            draw, {n: draw.choice(_SCALARS) for n in draw.sample(names, 2)}
        ).encode()
        if draw.random() < 0.3:
            variables = draw.choice(spec_damage.BYTES)(draw, variables.decode())
        given += ["--var-file", "vars.yaml"]
    arguments = ("validate", "edit.vedc.yaml", *given)
    return Case(_dumped(draw, data).encode(errors="replace"), arguments, variables)


_PARTS: Final = (
    "1", "0", "2.5", "'a'", "true", "null", "x", "count", "headline", "missing", "(", ")", "+", "-",
    "*", "/", "//", "%", "**", "<", "==", "and", "or", "not", "if", "else", "min(", "max(",
    "round(",
    "start('a')", "duration('media/bunny.mp4')", "probe('media/bunny.mp4').width", ",", ".", "[0]",
    "1e999", "9" * 50, "'" , "{", "}}", "#",
)  # fmt: skip


def _expression(draw: random.Random, names: tuple[str, ...]) -> str:
    if draw.random() < 0.5:
        return draw.choice((f"${{{{ {draw.choice(names)} }}}}", "${{ 1 + 1 }}", "${{ x }}s"))
    repeat = draw.choice((1, 1, 1, 400))
    inside = " ".join(draw.choice(_PARTS) for _ in range(draw.randrange(1, 9)))
    return draw.choice(("${{ %s }}", "a ${{ %s }} b", "${{ %s", "$${{ %s }}")) % (inside * repeat)


def check(case: Case, folder: Path) -> None:
    """Check one spec, and what holds of every answer. Raises AssertionError."""
    (folder / "edit.vedc.yaml").write_bytes(case.data)
    (folder / "vars.yaml").write_bytes(case.variables)
    start = time.process_time()
    with _alarm():
        answer = run(*case.arguments, folder=folder)
    assert time.process_time() - start < LIMIT, "too slow"
    assert answer.exit in _EXITS | ({5} if "--locked" in case.arguments else set()), answer.exit
    if "--json" in case.arguments:
        json.loads(answer.out)
        assert answer.exit == 0 or answer.err == ""
    codes = r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"
    assert not re.search(codes, answer.out + answer.err), "control characters reach the terminal"
    if answer.exit == 0:
        return
    check_no_python(answer)
    if {"--json", "github"} & {*case.arguments}:
        return
    lines = {"edit.vedc.yaml": case.lines, "vars.yaml": _lines(case.variables)}
    assert answer.problems()
    for told in answer.problems():
        if told.location is not None:
            file, line, column = told.location.rsplit(":", 2)
            if file in lines:
                known = lines[file]
                inside = int(line) <= len(known) and int(column) <= len(known[int(line) - 1]) + 1
                assert inside, f"outside the text: {told}"


@contextlib.contextmanager
def _alarm() -> Iterator[None]:
    """Raise where a check takes three times its limit, so that it cannot hang a run."""

    def ring(number: int, frame: object) -> NoReturn:
        raise TimeoutError("too slow")

    kept = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, 6 * LIMIT)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, kept)


def project(folder: Path) -> Path:
    """A folder with the media that the examples name."""
    for media in sorted(EXAMPLES.glob("*/media")):
        shutil.copytree(media, folder / "media", dirs_exist_ok=True)
    shutil.copytree(EXAMPLES / "quickstart" / "looks", folder / "looks", dirs_exist_ok=True)
    os.mkfifo(folder / "media" / "pipe")
    (folder / "media" / "loop").symlink_to("loop")
    (folder / "media" / "out.mp4").symlink_to("/etc/hostname")
    return folder


def main(count: int, seed: int) -> int:
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = project(Path(name))
        for number, case in zip(range(count), specs(seed), strict=False):
            try:
                check(case, folder)
            except (Exception, SystemExit) as error:
                failed += 1
                kind = type(error).__name__
                print(f"--- {number}: {kind}: {str(error)[:300]}\n{case.arguments}", flush=True)
                print(case.data.decode(errors="replace")[:1500], flush=True)
                (Path(tempfile.gettempdir()) / f"spec-fuzz-{seed}-{number}.yaml").write_bytes(
                    case.data
                )
    print(f"{count} specs, seed {seed}: {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1))
