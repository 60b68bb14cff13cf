"""The cases that a spec is tested in, and how close its film must come to the stored one.

Everything lies in a folder beside the spec, ``edit.vedc.test`` for ``edit.vedc.yaml``:

    cases.yaml        written by hand, if there is more than the one case without variables
    NAME.yaml         what is expected of a case, written by ``vedc test --update``
    NAME/*.png        its pictures
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Final

from vedc.errors import SpecError
from vedc.lang.yaml.load import load
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.support.suggest import did_you_mean

#: Of the case without variables, where none is named.
DEFAULT: Final = "default"
#: The file of cases, in the folder of expectations.
CASES: Final = "cases.yaml"

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a film may be from the stored one.

    Devices and versions of libraries round differently: by a code value here and there, which is a
    PSNR of 48 dB at worst. Visible changes are far larger.
    """

    psnr: float = 40.0
    """The least, in decibels, of a picture."""
    block: float = 4.0
    """Code values of 255 by which the mean of a block of 8x8 pixels may differ."""
    strip: float = 2.5
    """The same of a cell of the film strip."""
    duration: int = 0
    """Frames."""
    loudness: float = 0.3
    """LU, of the whole film."""
    peak: float = 0.5
    """dB, of its true peak."""
    level: float = 0.5
    """dB, of a stretch of the sound."""
    time: float = 0.001
    """Seconds, of captions."""


@dataclass(frozen=True, slots=True)
class Case:
    """The variables that the film is made with, and the parts that are compared."""

    name: str = DEFAULT
    values: Mapping[str, str] = field(default_factory=dict)
    frames: tuple[str, ...] = ()
    """Times of the pictures; none: in the middle of every stretch that is made in one way."""
    only: str | None = None
    """The output that is tested, if not the first."""
    tolerance: Tolerance = Tolerance()


def folder_of(spec: Path) -> Path:
    """The folder of a spec's expectations."""
    return spec.with_name(f"{spec.name.removesuffix('.yaml').removesuffix('.yml')}.test")


def cases_of(spec: Path) -> list[Case]:
    """The cases of a spec. Raises SpecError with every mistake in ``cases.yaml``."""
    file = folder_of(spec) / CASES
    if not file.exists():
        return [Case()]
    root = load(file).root
    problems = Problems()
    cases = list(_cases(root, problems))
    if problems:
        raise SpecError(tuple(problems))
    return cases


def _cases(root: SpecNode, problems: Problems) -> Iterator[Case]:
    if not _keys(root, ("tolerance", "cases"), problems, "the file"):
        return
    tolerance = _tolerance(root.get("tolerance"), Tolerance(), problems)
    listed = root.get("cases")
    if listed is None:
        yield Case(tolerance=tolerance)
        return
    if not isinstance(listed.value, list) or not listed.value:
        problems.add("bad-cases", "`cases` is a list of cases", listed, _EXAMPLE)
        return
    taken: set[str] = set()
    for node in listed:
        if not _keys(node, ("name", "set", "frames", "only", "tolerance"), problems, "a case"):
            continue
        name = _name(node, taken, problems)
        yield Case(
            name,
            _values(node.get("set"), problems),
            _texts(node.get("frames"), problems),
            _text(node.get("only"), problems),
            _tolerance(node.get("tolerance"), tolerance, problems),
        )


_EXAMPLE: Final = "write cases: [{name: spring, set: {headline: Spring}}]"


def _keys(node: SpecNode, known: tuple[str, ...], problems: Problems, what: str) -> bool:
    if not isinstance(node.value, dict):
        problems.add("bad-cases", f"{what} is a mapping", node, _EXAMPLE)
        return False
    for key, child in node.entries.items():
        if key not in known:
            near = did_you_mean(key, known)
            tail = f"; did you mean {near!r}?" if near else ""
            message = f"{key!r} is not a key of {what}{tail}"
            hint = f"the keys are {', '.join(known)}"
            problems.add("unknown-key", message, child.key_location, hint)
    return True


def _name(node: SpecNode, taken: set[str], problems: Problems) -> str:
    given = node.get("name")
    name = DEFAULT if given is None else str(given.value)
    if not _NAME.fullmatch(name) or name == "cases":
        message = f"{name!r} cannot be the name of a case"
        hint = "it names a file: letters, digits, - and _, and not cases"
        problems.add("bad-case-name", message, given or node, hint)
    if name in taken:
        problems.add("bad-case-name", f"two cases are named {name!r}", given or node, "rename one")
    taken.add(name)
    return name


def _values(node: SpecNode | None, problems: Problems) -> dict[str, str]:
    """Variables as ``--set`` has them."""
    if node is None:
        return {}
    if not isinstance(node.value, dict):
        problems.add("bad-cases", "`set` is a mapping of variables", node, _EXAMPLE)
        return {}
    found = {}
    for name, child in node.entries.items():
        if isinstance(child.value, (dict, list)):
            hint = "variables of a test are texts, numbers, true or false"
            problems.add("bad-cases", f"the value of {name!r} is not a single value", child, hint)
            continue
        value = child.value
        found[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return found


def _texts(node: SpecNode | None, problems: Problems) -> tuple[str, ...]:
    if node is None:
        return ()
    if not isinstance(node.value, list) or not node.value:
        problems.add("bad-cases", "`frames` is a list of times", node, "write [1s, 50%, -1f]")
        return ()
    return tuple(str(child.value) for child in node)


def _text(node: SpecNode | None, problems: Problems) -> str | None:
    if node is None or isinstance(node.value, str):
        return None if node is None else node.text
    problems.add("bad-cases", "`only` is the name of an output", node, "write only: film.mp4")
    return None


def _tolerance(node: SpecNode | None, base: Tolerance, problems: Problems) -> Tolerance:
    if node is None:
        return base
    known = {each.name: getattr(base, each.name) for each in fields(Tolerance)}
    if not _keys(node, tuple(known), problems, "`tolerance`"):
        return base
    for name, child in node.entries.items():
        value = child.value
        if name not in known:
            continue
        whole = name == "duration"
        number = _number(value, whole=whole)
        if number is None:
            what = "a whole number of frames" if whole else "a number"
            hint = "write 1" if whole else "write 0.5"
            problems.add("bad-cases", f"{name!r} is {what}, 0 or more", child, hint)
        else:
            known[name] = number
    return Tolerance(**known)


def _number(value: object, *, whole: bool) -> float | None:
    """A tolerance; None for an invalid value. Nothing differs from another value by more than
    NaN."""
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        return None
    return value if 0 <= value < math.inf else None
