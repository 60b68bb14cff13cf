"""First read of a colour file, in a separate process.

The file may come from anywhere, and its reader is native code. A timeout, too much memory or a
crash ends that process, and is an error like any other.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from vedc.color import Vec3f
from vedc.errors import MissingError, Problem, SourceLocation, UserError
from vedc.looks import checks, read
from vedc.looks.library import need
from vedc.ops.looks.look_info import Correction, LookInfo
from vedc.support.read_json import read_json

#: Seconds, and bytes of address space, that reading one file may take.
_SECONDS: Final = 60
_MEMORY: Final = 4 << 30


def probe(path: Path) -> LookInfo:
    """As :func:`vedc.looks.read.probe`, for an unknown file."""
    kind = path.suffix.lower()
    if kind == ".cube" and not _two_tables(path):
        return read.probe(path)
    checks.check(path, checks.content(path))
    need(f"a {kind} file")
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    folders = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, folders))
    command = [sys.executable, "-m", "vedc.looks.guarded", str(path.absolute())]
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, timeout=_SECONDS, check=False
        )
        answer = read_json(done.stdout)
    except subprocess.TimeoutExpired:
        checks.refuse(path, None, f"it takes more than {_SECONDS} seconds to read")
    except ValueError:
        checks.refuse(path, None, "reading it takes too much memory, or ends in a crash")
    if "problem" in answer:
        _raise(path, answer["problem"])
    return from_json(answer["look"])


def _two_tables(path: Path) -> bool:
    """Whether a .cube file is one that vedc's own reader leaves to OpenColorIO."""
    try:
        from vedc.ops.shared import cube

        cube.check(path)
    except UserError as error:
        return "both a 1D and a 3D" in error.problems[0].message
    return False


def to_json(info: LookInfo) -> dict[str, Any]:
    return asdict(info)


def from_json(fields: dict[str, Any]) -> LookInfo:
    """Raises ValueError for other fields."""
    try:
        corrections = tuple(
            Correction(
                c["id"], _vec(c["slope"]), _vec(c["offset"]), _vec(c["power"]), c["saturation"]
            )
            for c in fields["corrections"]
        )
        return LookInfo(
            tuple(fields["holds"]),
            corrections,
            fields["title"],
            fields["takes"],
            fields["gives"],
            tuple(fields["notes"]),
        )
    except (KeyError, TypeError) as error:
        raise ValueError("not a colour file's record") from error


def _vec(values: Any) -> Vec3f:
    r, g, b = values
    return r, g, b


def _raise(path: Path, problem: dict[str, Any]) -> None:
    kind = MissingError if problem["code"].startswith("missing") else UserError
    location = SourceLocation(str(path), problem["line"]) if problem["line"] else None
    raise kind((Problem(problem["code"], problem["message"], location, problem["hint"]),))


def _main(path: Path) -> None:
    """Print the content of a file, or its error, as JSON."""
    _limit()
    try:
        answer: dict[str, Any] = {"look": to_json(read.probe(path))}
    except UserError as error:
        problem = error.problems[0]
        line = problem.location.line if problem.location else 0
        answer = {
            "problem": {
                "code": problem.code,
                "message": problem.message,
                "line": line,
                "hint": problem.hint,
            }
        }
    print(json.dumps(answer))


def _limit() -> None:
    """Bound this process's memory and time, where the system can."""
    try:
        import resource
    except ImportError:  # not on Windows: there the time alone is bounded
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
