"""Edits of Shotstack and JSON2Video, timelines of auto-editor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.interchange_support import cases, check_case

COUNTS = {"shotstack": 9, "json2video": 7, "auto-editor": 4}
CASES = [(form, case) for form in COUNTS for case in cases(form)]


@pytest.mark.parametrize("form", COUNTS)
def test_there_are_so_many_cases(form: str) -> None:
    assert len(cases(form)) == COUNTS[form]


@pytest.mark.parametrize(("form", "case"), CASES, ids=[f"{f}-{c['name']}" for f, c in CASES])
def test_edit(media: Path, form: str, case: dict[str, Any]) -> None:
    check_case(media, case, case["edit"], form, ".json")
