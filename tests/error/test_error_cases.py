"""Bad input and its error messages: the tables in ``cases``, one row per mistake."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.error.materials import SPECS, place
from tests.error.support import check_manners, files_in, litter, run, unmark

TABLES = Path(__file__).with_name("cases")
CASES = [
    pytest.param(case, id=f"{table.stem}: {case['name']}")
    for table in sorted(TABLES.glob("*.yaml"))
    for case in yaml.load(table.read_text("utf-8"), yaml.CSafeLoader)  # in C: 450 cases
]


@pytest.mark.parametrize("case", CASES)
def test_bad_input(case: dict[str, Any], tmp_path: Path) -> None:
    spec, marks = tmp_path / "edit.vedc.yaml", []
    if "make" in case:
        spec.write_bytes(SPECS[case["make"]]())
    else:
        text, marks = unmark(case["spec"])
        spec.write_text(text, "utf-8")
    for name, kind in case.get("files", {}).items():
        place(tmp_path, name, kind)
    before = files_in(tmp_path)

    answer = run(*case.get("run", ["validate", "edit.vedc.yaml"]), folder=tmp_path)

    print(answer.err)
    assert answer.exit == case.get("exit", 3)
    assert answer.out == ""
    check_manners(answer)
    assert files_in(tmp_path) == before
    assert litter(tmp_path) == []
    if case["problems"] == "any":
        return
    reported, places = answer.problems(), iter(marks)
    assert [t.code for t in reported] == [p["code"] for p in case["problems"]]
    for found, wanted in zip(reported, case["problems"], strict=True):
        assert wanted["message"] in found.message
        assert wanted.get("hint", "") in found.hint
        place_ = wanted.get("at") or (f"edit.vedc.yaml:{next(places)}" if marks else None)
        assert place_ is None or found.location == (None if place_ == "none" else place_)
    assert list(places) == []
