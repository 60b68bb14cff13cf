"""Damage to the text of a spec, from single letters to the bytes of its encoding."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Final

_MARKS: Final = (
    "", "", ":", "- ", "\n", "  ", "{", "]", '"', "'", "\t", "&a ", "*a", "!!", "#", "\x00", "é",
    "? ", "| ", "> ", "<<: ", "%", "---\n", "...", ",", "\r", "\u2028", "\x85", "\ufeff",
    "\x1b[31m", "\u202e", "${{", "}}", "!!binary ", "!!python/object:os.system ",
)  # fmt: skip


def scrambled(draw: random.Random, text: str) -> str:
    """Text with a few characters lost, doubled or put in, or cut off."""
    letters = list(text)
    for _ in range(draw.choice((1, 1, 2, 6))):
        at = draw.randrange(len(letters))
        letters[at : at + draw.choice((0, 1, 1, 12))] = draw.choice(_MARKS)
        if not letters:
            return ""
    return "".join(letters)


def _aliases(draw: random.Random, text: str) -> str:
    """Aliases of aliases: a few lines that stand for millions of values."""
    depth, width = draw.choice(((3, 4), (9, 9), (30, 2))), 0
    width = depth[1]
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * width)}]" for i in range(1, depth[0])]
    return text + "\nmetadata:\n" + "".join(f"  {line}\n" for line in lines)


def _cycle(draw: random.Random, text: str) -> str:
    return text + draw.choice(
        ("\nmetadata: &a [*a]\n", "\nmetadata: &a {b: *a}\n", "\nmetadata: &a\n  <<: *a\n")
    )


def _deep(draw: random.Random, text: str) -> str:
    opening, closing = draw.choice((("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", "")))
    depth = draw.choice((50, 64, 65, 500, 20_000))
    return f"{text}\nmetadata: {opening * depth}x{closing * depth}\n"


def _long(draw: random.Random, text: str) -> str:
    fill = draw.choice(("x", "1", "é", "漢", " ", "\t", "'", "${{ 1 }}", "a: ", "[", "\\"))
    start = draw.choice(("", '"', "# "))
    return f"{text}\nmetadata: {start}{fill * draw.choice((3000, 200_000))}"


def _many(draw: random.Random, text: str) -> str:
    entry = draw.choice(
        ("  - {gap: 1}\n", "  - {color: red, duration: 1f}\n", "  - {oppacity: 1}\n", "  - x\n")
    )
    return f"version: 1\ntimeline:\n{entry * draw.choice((10, 1000, 5000))}"


def _doubled(draw: random.Random, text: str) -> str:
    lines = text.split("\n")
    at = draw.randrange(len(lines))
    return "\n".join([*lines[: at + 1], *lines[at:]])


def _tabs(draw: random.Random, text: str) -> str:
    return text.replace("  ", "\t", draw.choice((1, -1)))


def _documents(draw: random.Random, text: str) -> str:
    return draw.choice((f"---\n{text}---\n{text}", f"%YAML 1.1\n---\n{text}", f"{text}...\n{text}"))


def _numbers(draw: random.Random, text: str) -> str:
    """One number of the text replaced by one that is far too large, too small or none."""
    found = list(re.finditer(r"\d+(\.\d+)?", text))
    if not found:
        return text
    one = draw.choice(found)
    odd = draw.choice(
        ("1" + "0" * 300, "1e300", "1e-300", "-0.0", ".inf", "-.inf", ".nan", "1e400",
         "0x" + "f" * 99, "0o7", "1" * 5000, "-1", "0", "1e5", "00", "1_000",
         "9" * 19, "0." + "0" * 400 + "1")
    )  # fmt: skip
    return text[: one.start()] + odd + text[one.end() :]


TEXT: Final[tuple[Callable[[random.Random, str], str], ...]] = (
    scrambled, scrambled, scrambled, _aliases, _cycle, _deep, _long, _many, _doubled, _tabs,
    _documents, _numbers, _numbers, _numbers,
)  # fmt: skip


def _flipped(draw: random.Random, data: bytes) -> bytes:
    made = bytearray(data)
    for _ in range(draw.choice((1, 4))):
        if made:
            made[draw.randrange(len(made))] = draw.randrange(256)
    return bytes(made)


#: Ways to write a text as bytes, some of them wrong.
BYTES: Final[tuple[Callable[[random.Random, str], bytes], ...]] = (
    lambda draw, text: b"\xef\xbb\xbf" + text.encode(errors="replace"),
    lambda draw, text: text.replace("\n", "\r\n").encode(errors="replace"),
    lambda draw, text: text.replace("\n", "\r").encode(errors="replace"),
    lambda draw, text: text.encode("utf-16", errors="replace"),
    lambda draw, text: text.encode("utf-16-be", errors="replace"),
    lambda draw, text: text.encode("utf-32", errors="replace"),
    lambda draw, text: text.encode("latin-1", errors="replace"),
    lambda draw, text: _flipped(draw, text.encode(errors="replace")),
    lambda draw, text: text.encode(errors="replace")[: draw.randrange(len(text) + 1)],
    lambda draw, text: text.encode(errors="replace").replace(b"e", b"\xff", 1),
    lambda draw, text: text.encode(errors="replace").replace(b" ", b"\x00", 1),
    lambda draw, text: draw.randbytes(draw.choice((1, 40, 4000))),
)
