"""Which specs are tested, and which stored files no test uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vedc.errors import Problem, SourceLocation, UsageError
from vedc.lang.yaml.load import display_name, load
from vedc.review.golden.cases import CASES, DEFAULT, Case, folder_of
from vedc.review.golden.stored import WRITTEN
from vedc.support.suggest import did_you_mean

_SUFFIXES: Final = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Leftover:
    """Expectations of a case that no longer exists, or whose spec does not."""

    spec: Path
    case: str
    problem: Problem


def specs_below(folder: Path) -> list[Path]:
    """The specs that have something stored, at any depth; not those in hidden folders."""
    return [spec for tests in _test_folders(folder) for spec in _specs_beside(tests)]


def specs_of(given: Sequence[Path]) -> list[Path]:
    """Specs, and those below folders that have something stored.

    Raises MissingError for a file that there is not, UsageError ``no-tests`` for a folder without.
    """
    found: list[Path] = []
    for path in given:
        if not path.is_dir():
            if not path.exists():
                load(path)  # which says why not
            found.append(path)
            continue
        below = specs_below(path)
        if not below and not any(map(_holds_expectations, _test_folders(path))):
            where = "this folder" if path == Path() else str(path)
            hint = "vedc test --update SPEC stores the first"
            raise UsageError.one("no-tests", f"no spec below {where} has tests", hint=hint)
        found += below
    return list(dict.fromkeys(found))


def chosen(cases: Mapping[Path, list[Case]], names: Sequence[str]) -> dict[Path, list[Case]]:
    """Of each spec the cases of these names, or all. Raises UsageError for a name of none."""
    known = list(dict.fromkeys(case.name for each in cases.values() for case in each))
    for name in names:
        if name not in known:
            near = did_you_mean(name, known)
            message = f"--case {name}: there is no such case" + (
                f"; did you mean {near!r}?" if near else ""
            )
            raise UsageError.one("unknown-case", message, hint=f"there are {', '.join(known)}")
    return {
        spec: [case for case in each if not names or case.name in names]
        for spec, each in cases.items()
    }


def leftovers(given: Sequence[Path], cases: Mapping[Path, list[Case]]) -> list[Leftover]:
    """Files stored for specs that no longer exist, below the folders among ``given``, and for
    cases that ``cases`` lacks: otherwise a renamed spec would silently no longer be tested."""
    folders = dict.fromkeys(
        tests
        for path in given
        if path.is_dir()
        for tests in _test_folders(path)
        if _holds_expectations(tests) and not _specs_beside(tests)
    )
    found = [left for tests in folders for left in _without_spec(tests)]
    for spec, known in cases.items():
        names = {case.name for case in known}
        for name in _stored_cases(folder_of(spec)):
            if name not in names:
                file = folder_of(spec) / f"{name}.yaml"
                message = f"{spec.name} has no case {name!r}, and expectations of it are stored"
                hint = f"give {CASES} a case of this name, or delete {file.name} and {name}/"
                at = SourceLocation(display_name(file))
                found.append(Leftover(spec, name, Problem("case-gone", message, at, hint)))
    return found


def _without_spec(tests: Path) -> Iterator[Leftover]:
    spec = tests.with_name(tests.name.removesuffix(".test") + ".yaml")
    message = f"expectations of {spec.name} are stored, and there is no such spec"
    untested = [
        other
        for suffix in _SUFFIXES
        for other in sorted(tests.parent.glob(f"*.vedc{suffix}"))
        if not folder_of(other).exists()
    ]
    to = folder_of(untested[0]).name if len(untested) == 1 else "NAME.vedc.test"
    hint = f"if the spec was renamed, rename this folder with it: git mv {tests.name} {to}; "
    hint += "if it is gone, delete the folder"
    for name in _stored_cases(tests) or [DEFAULT]:
        at = SourceLocation(display_name(tests))
        yield Leftover(spec, name, Problem("spec-gone", message, at, hint))


def _test_folders(folder: Path) -> Iterator[Path]:
    """Folders named like folders of expectations, except in hidden ones."""
    for tests in sorted(folder.rglob("*.test")):
        inner = tests.relative_to(folder).parts[:-1]
        if tests.is_dir() and not any(part.startswith(".") for part in inner):
            yield tests


def _specs_beside(tests: Path) -> list[Path]:
    stem = tests.name.removesuffix(".test")
    beside = (tests.with_name(stem + suffix) for suffix in _SUFFIXES)
    return [spec for spec in beside if spec.is_file()]


def _holds_expectations(tests: Path) -> bool:
    """Whether a folder is one of vedc's, not merely named like one."""
    return bool(_stored_cases(tests)) or (tests / CASES).is_file()


def _stored_cases(tests: Path) -> list[str]:
    return [
        file.stem
        for file in sorted(tests.glob("*.yaml"))
        if file.name != CASES and file.is_file() and _is_written(file)
    ]


def _is_written(file: Path) -> bool:
    with open(file, "rb") as opened:
        return opened.read(len(WRITTEN)) == WRITTEN.encode()
