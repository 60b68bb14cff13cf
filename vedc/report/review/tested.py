"""Results of tests: text, JSON, JUnit XML, and a picture of what differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from vedc.errors import Problem
from vedc.report.problems import records
from vedc.review.golden.check import Check
from vedc.support.printable import printable
from vedc.text.fonts import default_font
from vedc.workspace.sheets.page import save

_GROUND, _INK, _FAINT = "#14171a", "#f2f4f6", "#9aa4ae"
_WIDTH, _EDGE, _GAP, _LABEL = 1600, 32, 16, 36
#: Pictures that differ, on one sheet.
_MOST: Final = 12


@dataclass(slots=True)
class CaseResult:
    """The result of one case's test."""

    spec: str
    case: str
    checks: list[Check] = field(default_factory=list)
    problems: tuple[Problem, ...] = ()
    """Why there is no film."""
    missing: bool = False
    """Whether nothing is stored to compare with."""
    updated: list[str] = field(default_factory=list)
    """Files that were written."""
    seconds: float = 0.0
    sheet: str | None = None
    """A picture of what differs."""

    @property
    def failed(self) -> list[Check]:
        return [check for check in self.checks if check.failure is not None]

    @property
    def passed(self) -> bool:
        return not (self.failed or self.problems or self.missing)

    @property
    def name(self) -> str:
        return f"{self.spec} [{self.case}]"


def as_text(results: Sequence[CaseResult]) -> str:
    lines: list[str] = []
    for result in results:
        lines += _lines(result)
    if not any(result.updated for result in results):
        passed = sum(result.passed for result in results)
        lines.append(f"{passed} of {len(results)} passed")
    return "\n".join(lines) + "\n"


def _lines(result: CaseResult) -> Iterator[str]:
    if result.updated:
        count = len(result.updated)
        yield f"{result.name}: written, {count} file{'' if count == 1 else 's'}"
        return
    if result.missing:
        yield f"{result.name}: nothing is stored; write it with vedc test --update {result.spec}"
        return
    if result.passed:
        yield f"{result.name}: passed, {len(result.checks)} checks in {result.seconds:.1f} s"
        return
    yield f"{result.name}: failed"
    for problem in result.problems:
        yield f"  {problem.headline()}"
        if problem.hint:
            yield f"    help: {problem.hint}"
    yield from (f"  {check.name}: {check.failure}" for check in result.failed)
    if result.sheet is not None:
        yield f"  see {result.sheet}"


def as_data(results: Sequence[CaseResult]) -> dict[str, Any]:
    """The results as documented JSON."""
    return {
        "version": 1,
        "passed": all(result.passed for result in results),
        "cases": [
            {
                "spec": result.spec,
                "case": result.case,
                "status": "updated" if result.updated else _status(result),
                "seconds": round(result.seconds, 3),
                "checks": [
                    {"name": check.name, "passed": check.failure is None, "failure": check.failure}
                    for check in result.checks
                ],
                "problems": records(result.problems),
                "picture": result.sheet,
                "written": result.updated,
            }
            for result in results
        ],
    }


def _status(result: CaseResult) -> str:
    if result.missing:
        return "missing"
    if result.problems:
        return "error"
    return "passed" if result.passed else "failed"


def junit(results: Sequence[CaseResult]) -> bytes:
    """JUnit XML: a suite for each case, a test case for each check."""
    root = ElementTree.Element("testsuites", name="vedc test")
    totals = {"tests": 0, "failures": 0, "errors": 0}
    for result in results:
        errors = len(result.problems) + result.missing
        counts = {
            "tests": len(result.checks) + errors,
            "failures": len(result.failed),
            "errors": errors,
        }
        for name, count in counts.items():
            totals[name] += count
        about = {"name": printable(result.name), "time": f"{result.seconds:.3f}"}
        about |= {name: str(count) for name, count in counts.items()}
        suite = ElementTree.SubElement(root, "testsuite", about)
        for check in result.checks:
            case = ElementTree.SubElement(
                suite, "testcase", classname=printable(result.name), name=printable(check.name)
            )
            if check.failure is not None:
                message = printable(check.failure)
                failure = ElementTree.SubElement(
                    case, "failure", message=message, type="difference"
                )
                failure.text = message if result.sheet is None else f"{message}\nsee {result.sheet}"
        error_texts = [(problem.code, problem.headline()) for problem in result.problems]
        if result.missing:
            error_texts.append(("missing", "nothing is stored; run vedc test --update"))
        for code, text in error_texts:
            case = ElementTree.SubElement(
                suite, "testcase", classname=printable(result.name), name=code
            )
            ElementTree.SubElement(case, "error", message=printable(text), type=code)
    for name, count in totals.items():
        root.set(name, str(count))
    ElementTree.indent(root)
    made: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return made + b"\n"


def write_failures(result: CaseResult, target: Path) -> bool:
    """Draw expected, actual and difference of the pictures that differ; whether there are any."""
    shown = [check for check in result.failed if check.expected is not None][:_MOST]
    if not shown:
        return False
    wide = (_WIDTH - 2 * _EDGE - 2 * _GAP) // 3
    rows = [(check, [_scaled(p, wide) for p in _triple(check)]) for check in shown]
    heights = [max(p.height for p in pictures if p is not None) for _, pictures in rows]
    height = 80 + sum(h + _LABEL + _GAP for h in heights) + _EDGE
    sheet = Image.new("RGB", (_WIDTH, height), _GROUND)
    pen = ImageDraw.Draw(sheet)
    large, small = (ImageFont.truetype(default_font(), size) for size in (26, 16))
    title = f"{result.name}: expected, actual, difference"
    pen.text((_EDGE, 38), title, _INK, large, anchor="lm")
    y = 80
    for (check, pictures), high in zip(rows, heights, strict=True):
        for column, picture in enumerate(pictures):
            if picture is not None:
                sheet.paste(picture, (_EDGE + column * (wide + _GAP), y))
        text = f"{check.name}: {check.failure}"
        pen.text((_EDGE, y + high + 16), text, _FAINT, small, anchor="lm")
        y += high + _LABEL + _GAP
    save(sheet, target)
    return True


def _triple(check: Check) -> list[Any]:
    old, new = check.expected, check.actual
    if old is None or new is None or old.shape != new.shape:
        return [old, new, None]
    apart = np.abs(old.astype(np.int16) - new).max(axis=2)
    gain = 255 / max(1, int(apart.max()))
    raised = np.clip(apart * gain, 0, 255).astype(np.uint8)
    return [old, new, np.repeat(raised[..., None], 3, axis=2)]


def _scaled(picture: Any, wide: int) -> Image.Image | None:
    if picture is None:
        return None
    shown = Image.fromarray(picture)
    high = max(1, round(shown.height * wide / shown.width))
    how = Image.Resampling.LANCZOS if wide < shown.width else Image.Resampling.NEAREST
    return shown.resize((wide, high), how)
