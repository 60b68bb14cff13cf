"""Specs by chance are valid or refused with a reason, at a place inside their text, in time."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from tests.property.spec_fuzz import check, project, specs

SLICES, SIZE = 10, 50


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return project(tmp_path_factory.mktemp("fuzz"))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SLICES))
def test_specs_by_chance(seed: int, folder: Path) -> None:
    for case in islice(specs(seed), SIZE):
        try:
            check(case, folder)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{case}") from error
