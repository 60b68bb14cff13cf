"""Specs by chance: made from the JSON Schema, and the examples with something changed.

``python -m tests.property.spec_fuzz COUNT [SEED]`` checks many and prints those that fail.
"""

from __future__ import annotations

import contextlib
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
from tests.property.spec_generator import SCALARS, TEXTS, Generator, containers, mutated

#: Longest that a spec may take to check, in seconds.
LIMIT: Final = 10.0
#: Exit codes of a check: valid, invalid, something missing.
_EXITS: Final = frozenset({0, 3, 4})


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
        kind = draw.choice(("string", "number", "integer", "boolean", draw.choice(SCALARS)))
        declared[name] = {"type": kind}
        for key in draw.sample(keys, draw.randrange(3)):
            declared[name][key] = draw.choice((*SCALARS, [1, 2], ["a"], "color", 3))
        if draw.random() < 0.3:
            declared[name]["pattern"] = draw.choice(_PATTERNS)
    if isinstance(data, dict):
        data["variables"] = declared
        for _ in range(draw.randrange(5)):
            holder = draw.choice(list(containers(data)))
            if isinstance(holder, dict) and holder:
                holder[draw.choice(list(holder))] = _expression(draw, names)
    given = [
        part
        for _ in range(draw.randrange(3))
        for part in (
            "--set",
            f"{draw.choice(names)}={draw.choice((*TEXTS, '9' * 400, 'a' * 5000))}",
        )
    ]
    variables = b""
    if draw.random() < 0.4:
        variables = _dumped(draw, {n: draw.choice(SCALARS) for n in draw.sample(names, 2)}).encode()
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
    for reported in answer.problems():
        if reported.location is not None:
            file, line, column = reported.location.rsplit(":", 2)
            if file in lines:
                known = lines[file]
                inside = int(line) <= len(known) and int(column) <= len(known[int(line) - 1]) + 1
                assert inside, f"outside the text: {reported}"


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
