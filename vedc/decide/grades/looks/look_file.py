"""Looks as files: JSON that a person can read, a line for each statistic.

Their numbers are weights along the directions of a space of grades and mean nothing in another
space, so the file names the space in which it was learned.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vedc.decide.arrays import Floats
from vedc.decide.grades.grade_changes import changes
from vedc.decide.grades.looks.learn import Judged, Look
from vedc.decide.grades.looks.statistics import NAMES, STATISTICS
from vedc.decide.grades.perceived import delta_e
from vedc.decide.grades.space import DIRECTIONS, GradeSpace
from vedc.decide.grades.tables import apply
from vedc.errors import SourceLocation, SpecError
from vedc.lang.schema.records import Key, ListOf, MapOf, Record
from vedc.lang.schema.values import Number, Text, Word
from vedc.lang.yaml.load import display_name, load, load_text
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.media.files import whole_file

VERSION: Final = 1
_MARK: Final = "vedc"
_NAMED: Final = 3
"""The number of changes named in a statistic's text."""
_WEIGHTS: Final = ListOf(Number(-100, 100), "number")
_ROW: Final = Record(
    "a statistic",
    "What a statistic of a shot adds to its grade.",
    (
        Key("centre", Number(), "Its mean over the examples.", required=True),
        Key("spread", Number(above=0), "Its deviation.", required=True),
        Key("low", Number(), "The least that was seen.", required=True),
        Key("high", Number(), "The most that was seen.", required=True),
        Key("does", Text(), "What one deviation more does, in words. It is not read."),
        Key("weights", _WEIGHTS, "What one deviation more adds.", required=True),
    ),
)
_FILE: Final = Record(
    "a look",
    "A look of `vedc grade learn`.",
    (
        Key(_MARK, Word(("look",)), "What the file is.", required=True),
        Key("version", Number(1, integer=True), "Of the form of the file.", required=True),
        Key("grades", Text(), "The space of grades that it was learned in.", required=True),
        Key(
            "learned",
            Record(
                "learned",
                "From what, and how far it reaches: mean CIEDE2000 of shots left out.",
                (
                    Key("shots", Number(1, integer=True), "Pairs of shots.", required=True),
                    Key("sources", Number(1, integer=True), "Sources.", required=True),
                    Key("checked", Word(("yes", "no")), "Whether any was left out.", required=True),
                    Key("untouched", Number(0), "As they are.", required=True),
                    Key("constant", Number(0), "By one grade for all.", required=True),
                    Key("statistics", Number(0), "By statistics."),
                ),
            ),
            "What it was learned from.",
            required=True,
        ),
        Key("does", Text(), "What the look does, in words. It is not read."),
        Key("constant", _WEIGHTS, "The grade of a usual shot.", required=True),
        Key("statistics", MapOf(_ROW, "statistic"), "What hangs on the shot.", required=True),
    ),
)


def look_text(look: Look, colors: Floats, space: GradeSpace) -> str:
    """The file of a look. ``colors`` (n, 3): colours of the examples before their grades, for the
    texts."""
    usual = apply(space.table(look.constant), colors)
    learned: dict[str, Any] = {
        "shots": look.shots,
        "sources": look.sources,
        "checked": "yes" if look.judged.checked else "no",
        "untouched": round(look.judged.untouched, 3),
        "constant": round(look.judged.constant, 3),
    }
    if look.judged.statistics is not None:
        learned["statistics"] = round(look.judged.statistics, 3)
    lines = [
        f'"{_MARK}": "look"',
        f'"version": {VERSION}',
        f'"grades": {json.dumps(look.space)}',
        f'"learned": {json.dumps(learned)}',
        f'"does": {json.dumps(_words(colors, usual))}',
        f'"constant": {_numbers(look.constant)}',
    ]
    rows = []
    for number, name in enumerate(() if look.is_constant else NAMES):
        more = apply(space.table(look.constant + look.weights[number]), colors)
        facts = {
            key: round(float(values[number]), 3)
            for key, values in (
                ("centre", look.centre), ("spread", look.spread),
                ("low", look.low), ("high", look.high),
            )
        }  # fmt: skip
        head = json.dumps({**facts, "does": _words(usual, more)})[:-1]
        rows.append(f'{json.dumps(name)}: {head}, "weights": {_numbers(look.weights[number])}}}')
    inner = ",\n    ".join(rows)
    lines.append(f'"statistics": {{\n    {inner}\n  }}' if rows else '"statistics": {}')
    return "{\n  " + ",\n  ".join(lines) + "\n}\n"


def _numbers(values: Floats) -> str:
    return "[" + ", ".join(f"{value + 0.0:.4f}" for value in np.round(values, 4)) + "]"


def _words(before: NDArray[Any], after: NDArray[Any]) -> str:
    """What changed, in words."""
    away = float(delta_e(np.clip(before, 0, 1), np.clip(after, 0, 1)).mean())
    named = [f"{name} {by:+.1f}" for name, by in changes(before, after)[:_NAMED]]
    return ", ".join([f"dE {away:.2f}", *named])


def write_look(target: Path, look: Look, colors: Floats, space: GradeSpace | None = None) -> None:
    """Write a look. Raises RenderError ``cannot-write``."""
    text = look_text(look, colors, space or GradeSpace.load())
    with whole_file(target) as part:
        part.write_text(text, encoding="utf-8")


def read_look(path: Path, space: GradeSpace | None = None) -> Look:
    """The look of a file.

    Raises MissingError if it cannot be read, and SpecError with locations in it: ``bad-look`` if it
    is not a look, ``old-look`` for another version or another space of grades, and the codes of
    specs (``wrong-type``, ``missing-key``) for errors inside.
    """
    root = _of_style(_tree(path))
    problems = Problems()
    _check_kind(root, path, problems)
    if not problems:
        _FILE.check(root, "a look", problems)
    if not problems:
        _check_space(root, space or GradeSpace.load(), path, problems)
        _check_numbers(root, problems)
    if problems:
        raise SpecError(tuple(problems))
    return _look(root)


def has_look(path: Path) -> bool:
    """Whether a file has a look; a style whose look was no better than none has none.

    Raises MissingError if the file cannot be read, and SpecError if it is not JSON.
    """
    root = _tree(path)
    return not _is_style(root) or _of_style(root) is not root


def _is_style(root: SpecNode) -> bool:
    kind = root.get(_MARK) if isinstance(root.value, dict) else None
    return kind is not None and kind.value == "style"


def _of_style(root: SpecNode) -> SpecNode:
    """The look in a style's file; for any other file, the file itself."""
    part = root.get("look") if _is_style(root) else None
    found = part.get("look") if part is not None and isinstance(part.value, dict) else None
    return root if found is None else found


def _tree(path: Path) -> SpecNode:
    """The data of a file with its locations. Only JSON, a subset of YAML, is read."""
    hint = _HINT
    if path.suffix.lower() in _TABLES:
        hint = f"a table is a step of its own: {{op: lut, src: {path.name}}}"
    try:
        text = path.read_bytes().decode("utf-8")
        json.loads(text)
    except UnicodeDecodeError:
        where = SourceLocation(display_name(path))
        raise SpecError.one("bad-look", "it is not text", where, hint=hint) from None
    except json.JSONDecodeError as error:
        where = SourceLocation(display_name(path), error.lineno, error.colno)
        message = f"it is not JSON: {error.msg[:1].lower()}{error.msg[1:]}"
        raise SpecError.one("bad-look", message, where, hint=hint) from None
    except (OSError, RecursionError):
        return load(path).root  # which reports the error
    return load_text(text, display_name(path)).root


_TABLES: Final = (".cube", ".3dl", ".clf", ".csp")
_HINT: Final = "name a file that `vedc grade learn` wrote"


def _check_kind(root: SpecNode, path: Path, problems: Problems) -> None:
    """Check that it is a look, of a supported version."""
    kind = root.get(_MARK) if isinstance(root.value, dict) else None
    if kind is None or kind.value != "look":
        where = root.location or SourceLocation(display_name(path))
        message = f"{path.name} is not a look that `vedc grade learn` wrote"
        hint = _HINT
        if isinstance(root.value, dict) and {"steps", "difference"} <= root.value.keys():
            hint = "that is what `vedc grade fit --json` prints: paste its steps into the grade"
        problems.add("bad-look", message, where, hint)
        return
    version = root.get("version")
    if version is not None and version.value != VERSION and isinstance(version.value, int):
        message = f"{path.name} has version {version.value}, and this vedc reads {VERSION}"
        problems.add("old-look", message, version, "learn it again, or use the vedc that wrote it")


def _check_space(root: SpecNode, space: GradeSpace, path: Path, problems: Problems) -> None:
    named = root["grades"]
    if named.value != space.digest[:12]:
        message = (
            f"{path.name} was learned in the space of grades {named.value}, and that of this vedc "
            f"is {space.digest[:12]}: its weights mean something else here"
        )
        problems.add("old-look", message, named, "learn it again: vedc grade learn DIR -o FILE")


def _check_numbers(root: SpecNode, problems: Problems) -> None:
    """Check counts, names and ranges, which the schema does not cover."""
    rows = root["statistics"].entries
    for node in (root["constant"], *(row["weights"] for row in rows.values())):
        if len(node.items) != DIRECTIONS:
            message = f"it needs {DIRECTIONS} numbers, and has {len(node.items)}"
            problems.add("bad-look", message, node, "learn it again, or restore the file")
    for name, row in rows.items():
        if name not in NAMES:
            message = f"{name!r} is not a statistic of shots"
            hint = f"they are {', '.join(NAMES)}"
            problems.add("bad-look", message, row.key_location or row, hint)
        elif row["low"].number > row["high"].number:
            message = "low is above high"
            problems.add("bad-look", message, row["low"], "exchange them")


def _look(root: SpecNode) -> Look:
    plain = root.plain()
    rows, learned = plain["statistics"], plain["learned"]

    def column(key: str, default: Sequence[float]) -> Floats:
        pairs = zip(NAMES, default, strict=True)
        return np.array([rows[n][key] if n in rows else d for n, d in pairs], np.float64)

    count = len(STATISTICS)
    weights = np.zeros((count, DIRECTIONS))
    for number, name in enumerate(NAMES):
        if name in rows:
            weights[number] = rows[name]["weights"]
    judged = Judged(
        learned["untouched"],
        learned["constant"],
        learned.get("statistics"),
        learned["checked"] == "yes",
    )
    return Look(
        plain["grades"],
        np.array(plain["constant"], np.float64),
        column("centre", [0.0] * count),
        column("spread", [1.0] * count),
        column("low", [0.0] * count),
        column("high", [0.0] * count),
        weights,
        judged,
        learned["shots"],
        learned["sources"],
    )
