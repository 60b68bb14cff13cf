"""Edits in the style of editly: what is shown when, its placement, and the reports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.interchange_support import cases, check_case

CASES = cases("editly")


def test_there_are_34_edits() -> None:
    assert len(CASES) == 34


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_edit(media: Path, case: dict[str, Any]) -> None:
    check_case(media, case, f"{{{case['edit']}}}", "editly", ".json5")
