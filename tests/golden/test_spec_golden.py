"""Specs and their canonical form, as data: ``NAME.in.yaml`` and ``NAME.out.yaml``.

``VEDC_UPDATE_GOLDENS=1 pytest tests/golden/test_spec_golden.py`` rewrites the canonical forms.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from vedc.lang.resolve.compile import canonical
from vedc.lang.yaml.dump import to_yaml
from vedc.lang.yaml.load import load

FOLDER = Path(__file__).parent / "spec"
INPUTS = sorted(FOLDER.glob("*.in.yaml"))


@pytest.mark.parametrize("path", INPUTS, ids=lambda p: p.name.removesuffix(".in.yaml"))
def test_canonical_form(path: Path) -> None:
    made = to_yaml(canonical(load(path)))
    golden = path.with_name(path.name.replace(".in.", ".out."))
    if os.environ.get("VEDC_UPDATE_GOLDENS"):
        golden.write_text(made, encoding="utf-8")
    assert made == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", INPUTS, ids=lambda p: p.name.removesuffix(".in.yaml"))
def test_the_canonical_form_is_a_valid_spec_and_its_own_canonical_form(path: Path) -> None:
    golden = path.with_name(path.name.replace(".in.", ".out."))
    assert to_yaml(canonical(load(golden))) == golden.read_text(encoding="utf-8")


def test_there_are_goldens() -> None:
    assert INPUTS
