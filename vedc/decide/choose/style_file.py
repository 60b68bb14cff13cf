"""A style: the findings of ``vedc learn`` in finished films, as a file for ``auto``.

A part that did no better than vedc's defaults is ``kept: default`` and has no values: readers of
the style then behave as without one. The file has a digest of its values, which reveals changes by
hand.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal, get_args

from vedc.decide.choose import transition_choice
from vedc.decide.choose.feature_catalogue import CUTS, FEATURES
from vedc.decide.choose.pace import LONGEST, SHORTEST, Pace
from vedc.decide.choose.score_weights import SIDES, ScoreWeights, digest_of
from vedc.errors import SourceLocation, SpecError
from vedc.lang.schema.records import Key, ListOf, MapOf, Record
from vedc.lang.schema.values import Anything, Number, Text, Word
from vedc.lang.yaml.load import display_name, load, load_text
from vedc.lang.yaml.tree import Problems, SpecNode

VERSION: Final = 1
MARK: Final = "style"
Part = Literal["cutting", "joining", "pace", "look"]
PARTS: Final[tuple[Part, ...]] = get_args(Part)
Kept = Literal["learned", "default"]

_CURE: Final = "name a style.json that `vedc learn` wrote"
_AGAIN: Final = "learn it again: vedc learn RAW... --edit FILM -o FOLDER"
_LARGEST: Final = 100.0

_KEPT: Final = Key(
    "kept", Word(get_args(Kept)), "Whether the part was learned, or stays as it is.", required=True
)
_WHY: Final = Key("why", Text(), "How it did on films left out. It is not read.")
_WEIGHTS: Final = Key(
    "weights", MapOf(Number(-_LARGEST, _LARGEST), "feature"), "The weight of each feature."
)
_SECONDS: Final = Number(SHORTEST, LONGEST)
_FILE: Final = Record(
    "a style",
    "A style of `vedc learn`.",
    (
        Key("vedc", Word((MARK,)), "What the file is.", required=True),
        Key("version", Number(1, integer=True), "Of the form of the file.", required=True),
        Key("digest", Text(), "Of its values."),
        Key("films", ListOf(Text(), "film"), "The films that it was learned from.", required=True),
        Key(
            "cutting",
            Record("cutting", "What is kept, and where cuts are.", (_KEPT, _WHY, _WEIGHTS)),
            "What is kept, and where cuts are.",
            required=True,
        ),
        Key(
            "joining",
            Record(
                "joining",
                "How clips are joined.",
                (
                    _KEPT,
                    _WHY,
                    _WEIGHTS,
                    Key(
                        "choose",
                        MapOf(Number(0.02, 10), "transition"),
                        "The transitions of the films, and how many seconds each usually takes.",
                    ),
                ),
            ),
            "How clips are joined.",
            required=True,
        ),
        Key(
            "pace",
            Record(
                "pace",
                "How long shots are.",
                (_KEPT, _WHY, Key("lengths", ListOf(_SECONDS, "length"), "In seconds, in order.")),
            ),
            "How long shots are.",
            required=True,
        ),
        Key(
            "look",
            Record(
                "look",
                "The grade.",
                (_KEPT, _WHY, Key("look", Anything(), "A look, as `vedc grade learn` has it.")),
            ),
            "The grade.",
            required=True,
        ),
        Key("habits", Anything(), "What else was seen. It is not read."),
    ),
)


@dataclass(frozen=True, slots=True)
class HouseStyle:
    """The contents of a style. Fields that are None leave the default unchanged."""

    name: str
    """The file's name, without its folder."""
    digest: str
    films: tuple[str, ...]
    cutting: ScoreWeights | None
    joining: ScoreWeights | None
    choose: Mapping[str, float]
    """Transitions and their usual lengths in seconds; only with ``joining``."""
    pace: Pace | None
    look: bool
    why: Mapping[str, str] = field(default_factory=dict)


def style_digest(data: Mapping[str, Any]) -> str:
    """The digest of a style's values, without its texts."""
    parts = {
        part: {key: value for key, value in data[part].items() if key != "why"} for part in PARTS
    }
    text = json.dumps([data["version"], parts], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def read_style(path: Path) -> HouseStyle:
    """The style of a file.

    Raises MissingError if it cannot be read, and SpecError with locations in it: ``bad-style`` if
    it is not a style or was changed by hand, ``old-style`` for another version, and the codes of
    specs (``wrong-type``, ``missing-key``) for errors inside.
    """
    stat = path.stat() if path.exists() else None
    return _read(path, stat.st_mtime_ns if stat else 0, stat.st_size if stat else 0)


@lru_cache(maxsize=8)
def _read(path: Path, changed: int, size: int) -> HouseStyle:
    """As :func:`read_style`; a file that has not changed is read once."""
    root = _tree(path)
    problems = Problems()
    _check_kind(root, path, problems)
    if not problems:
        _FILE.check(root, "a style", problems)
    if not problems:
        _check_values(root, path, problems)
    if problems:
        raise SpecError(tuple(replace(p, hint=p.hint or _AGAIN) for p in problems))
    return _style(path, root.plain())


def _tree(path: Path) -> SpecNode:
    """The data of a file with its locations."""
    try:
        text = path.read_bytes().decode("utf-8")
        json.loads(text)
    except UnicodeDecodeError:
        where = SourceLocation(display_name(path))
        raise SpecError.one("bad-style", "it is not text", where, _CURE) from None
    except json.JSONDecodeError as error:
        where = SourceLocation(display_name(path), error.lineno, error.colno)
        message = f"it is not JSON: {error.msg[:1].lower()}{error.msg[1:]}"
        raise SpecError.one("bad-style", message, where, _CURE) from None
    except (OSError, RecursionError):
        return load(path).root  # which reports the error
    return load_text(text, display_name(path)).root


def _check_kind(root: SpecNode, path: Path, problems: Problems) -> None:
    """Check that it is a style, of a supported version."""
    kind = root.get("vedc") if isinstance(root.value, dict) else None
    if kind is None or kind.value != MARK:
        message, hint = f"{path.name} is not a style that `vedc learn` wrote", _CURE
        if kind is not None and kind.value == "look":
            message = f"{path.name} is a look, not a style"
            hint = "put it under `grade`: grade: {look: FILE}"
        elif isinstance(root.value, dict) and root.get("weights") is not None:
            message = f"{path.name} holds weights, not a style"
            hint = "put it under `cut`: cut: {weights: FILE}"
        problems.add("bad-style", message, root.location or SourceLocation(str(path)), hint)
        return
    version = root.get("version")
    if version is not None and version.value != VERSION and isinstance(version.value, int):
        message = f"{path.name} has version {version.value}, and this vedc reads {VERSION}"
        problems.add("old-style", message, version, _AGAIN)


def _check_values(root: SpecNode, path: Path, problems: Problems) -> None:
    """Check names, counts and the digest, which the schema does not cover."""
    of_cutting = {*FEATURES, *(f"{side}.{name}" for side in SIDES for name in CUTS)}
    of_joining = set(transition_choice.FEATURES)
    for part, features in (("cutting", of_cutting), ("joining", of_joining)):
        rows = root[part].get("weights")
        for name, node in (rows.entries if rows is not None else {}).items():
            if name not in features:
                message = f"{part} has no feature {name!r}: {path.name} is of another vedc"
                problems.add("old-style", message, node.key_location or node, _AGAIN)
    named = root["joining"].get("choose")
    for name, node in (named.entries if named is not None else {}).items():
        if not _is_transition(name):
            message = f"there is no transition {name!r}"
            problems.add("bad-style", message, node.key_location or node, _AGAIN)
    for part, key in (
        ("cutting", "weights"), ("joining", "weights"), ("pace", "lengths"), ("look", "look"),
    ):  # fmt: skip
        if root[part]["kept"].value == "learned" and key not in root[part]:
            message = f"{part} is said to be learned, and has no {key}"
            problems.add("bad-style", message, root[part], _AGAIN)
    stated = root.get("digest")
    if not problems and stated is not None and stated.value != style_digest(root.plain()):
        message = f"the digest of {path.name} is not that of its values: it was changed"
        hint = "restore the file; if the change is intended, remove its `digest`"
        problems.add("bad-style", message, stated, hint)


def _is_transition(name: str) -> bool:
    try:
        transition_choice.family(name)
    except (KeyError, ValueError):
        return False
    return True


def _style(path: Path, plain: Mapping[str, Any]) -> HouseStyle:
    learned = {part for part in PARTS if plain[part]["kept"] == "learned"}

    def weights(part: Part) -> ScoreWeights | None:
        if part not in learned:
            return None
        values = {name: float(value) for name, value in plain[part]["weights"].items()}
        digest = digest_of(part, VERSION, values)
        return ScoreWeights(part, VERSION, values, {}, digest, f"learned, {path.name}")

    lengths: Sequence[float] = plain["pace"].get("lengths", ()) if "pace" in learned else ()
    return HouseStyle(
        path.name,
        style_digest(plain),
        tuple(plain["films"]),
        weights("cutting"),
        weights("joining"),
        dict(plain["joining"].get("choose", {})) if "joining" in learned else {},
        Pace.of(lengths) if lengths else None,
        "look" in learned,
        {part: str(plain[part].get("why", "")) for part in PARTS},
    )
