"""The schema and the checks of form accept and refuse the same, for every type of value.

Random values are tried on each type of the language by itself and on the language as a whole.
``BEYOND`` names what a schema cannot express.
"""

from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Iterator
from typing import Any, Final

import pytest

from tests.property.spec_generator import Generator, mutated
from tests.schemas import language_schema, language_validator, remembering
from vedc import ops
from vedc.lang.language import EDIT
from vedc.lang.schema.params import value_type
from vedc.lang.schema.records import Key
from vedc.lang.schema.values import Type
from vedc.lang.validate import validate_tree
from vedc.lang.yaml.tree import Problems, SpecNode

#: Visible only to the checks: the value of an expression, of NaN and infinity (which are not JSON)
#: and of a ratio such as 7200001/2, and the line break that ``$`` of Python's patterns skips.
#: Before the checks, ``repeat`` and ``if`` are carried out.
BEYOND: Final = re.compile(r"\"(repeat|if)\":|\$\{\{|(?<!\d)\d{4,}/\d|\d/\d{5,}|\\n|Infinity|NaN")

_ATOMS: Final = (
    "", "0", "1", "2.5", ".5", "5.", "1e3", "00", "007", "12", "24", "59", "60", "61", "99", "999",
    "1000", "1001", "10000", "10001", "3599999", "3600000", "3600001", "3600000.5", "3600000000",
    "1000000000", "1000000001", "60000", "0.0001", "0.00001", "0.001", "1/3", "0/1", "1/0", "-",
    "+", "-1", " ", "  ", "\t", "s", "ms", "f", "%", "dB", "db", "px", "M", "k", "m", "h", ":", ";",
    ":", "/", ".", "#", "#fff", "#ffb000", "#ffb000cc", "gold", "Gold", "transparent", "auto",
    "linear", "ease-in", "talk", "a.mp4", "٣", "é", "inf", "top-left",
    "center", "all", "best", "speech", "faces", "1" * 49, "x" * 50,
)  # fmt: skip
_NUMBERS: Final = (
    None, True, False, 0, 1, -1, 2, 3, 0.5, -0.5, 1.0, -0.0, 2.5, 64, 100, 255, 256, 300, 1000,
    1000.5, 1001, 4096, 4097, 10_001, 1e-300, 1e-12, 1e-5, 0.0001, 0.1, 1e300, -1e300, 10**30,
    10**300, -(10**30), 2**63, 999, 1_000_000, 3_600_000, 3_600_001, 3_600_000.5, 10**9,
    10**9 + 1, 10**10, 10**10 + 1, math.inf, math.nan,
)  # fmt: skip
_KEYS: Final = (
    "keyframes", "time", "value", "easing", "above", "below", "margin", "and", "or", "not",
    "speech", "silence", "motion", "name", "duration", "choose", "op", "src", "x", "y", "width",
    "height", "amount", "other",
)  # fmt: skip


def types() -> dict[tuple[str, str, str], Type]:
    """Every type of the language, by its class, phrase and title."""
    seen: set[int] = set()
    found: dict[tuple[str, str, str], Type] = {}
    params = (param for name in ops.names() for param in ops.get(name).params)
    left: list[object] = [EDIT, *(value_type(param, animated=True) for param in params)]
    while left:
        thing = left.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, Type):
            name = type(thing).__name__, thing.phrase, getattr(thing, "title", "")
            found.setdefault(name, thing)
            left += vars(thing).values()
            left += [value for value in vars(type(thing)).values() if isinstance(value, Type)]
        elif isinstance(thing, Key):
            left.append(thing.type)
        elif isinstance(thing, dict):
            left += thing.values()
        elif isinstance(thing, (list, tuple)):
            left += thing
    return found


def value(draw: random.Random, depth: int = 0) -> Any:
    kind = draw.random()
    if kind < 0.35:
        return draw.choice(_NUMBERS)
    if kind < 0.37:  # whole: the checks fold the spelling of names, which a schema cannot
        return draw.choice(("dissolve", "fade", "cut", "wipe"))
    if kind < 0.75 or depth > 2:
        parts = [draw.choice(_ATOMS) for _ in range(draw.choice((1, 1, 1, 2, 2, 3, 4)))]
        return "".join(["9" * 5000, *parts] if draw.random() < 0.05 else parts)
    if kind < 0.9:
        return [value(draw, depth + 1) for _ in range(draw.randrange(4))]
    return {draw.choice(_KEYS): value(draw, depth + 1) for _ in range(draw.randrange(3))}


def reported(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False)


TYPES: Final = types()


def test_every_type_is_reached() -> None:
    kinds = {kind for kind, _, _ in TYPES}
    assert {"TimeSpan", "Rate", "MarginType", "ConditionType", "TransitionName", "Bitrate",
            "Crop", "Points", "Animated", "Volume"} <= kinds  # fmt: skip


@pytest.mark.parametrize("seed", range(2))
def test_types_and_their_schemas_agree(seed: int) -> None:
    draw = random.Random(seed)
    # Some types refer to others that they do not declare.
    declared = language_schema()["definitions"]
    for name, kind in TYPES.items():
        shared: dict[str, Any] = {}
        rule = kind.schema(shared)
        definitions = {**declared, **shared}
        validator = remembering({"allOf": [rule], "definitions": definitions})
        for _ in range(10 if name[0] in ("Record", "Item", "Timeline") else 60):
            data = value(draw)
            if BEYOND.search(reported(data)):
                continue
            problems = Problems()
            kind.check(SpecNode.of(data), "value", problems)
            if name[0] == "Language" and data in _ATOMS:
                continue  # the schema does not list all languages
            accepted = validator.is_valid(data)
            assert accepted != bool(problems), (name, reported(data), [p.message for p in problems])
            if accepted:
                kind.canonical(SpecNode.of(data))


def specs(draw: random.Random) -> Iterator[Any]:
    schema = language_schema()
    while True:
        generator = Generator(schema, draw, plain=True)
        generator.noise = draw.choice((0.0, 0.0, 0.003, 0.01))
        yield generator.spec()


@pytest.mark.parametrize("seed", range(3))
def test_the_language_and_its_schema_agree(seed: int) -> None:
    """On specs of which many are valid, and on what becomes of each by a few changes."""
    draw, validator, valid = random.Random(seed), language_validator(), 0
    for number, made in zip(range(100), specs(draw), strict=False):
        changed = [mutated(draw, made)] if isinstance(made, dict) else []
        for data in (made, *changed):
            # A variable that is an array or an object takes keywords that a schema cannot list.
            if BEYOND.search(reported(data)) or "variables" in data:
                continue
            problems = validate_tree(SpecNode.of(data))
            accepted = validator.is_valid(data)
            valid += accepted
            assert accepted != bool(problems), (
                number,
                [p.headline() for p in problems][:2],
                [error.message for error in validator.iter_errors(data)][:2],
                reported(data),
            )
    assert valid > 15
