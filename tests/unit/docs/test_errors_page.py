"""docs/errors.md: every code of the source is there, and the page is up to date."""

from __future__ import annotations

import re

import pytest

from docs.make import errors
from docs.make.codes import codes

pytestmark = pytest.mark.slow


def test_every_code_is_on_the_page() -> None:
    text = errors.PAGE.read_text(encoding="utf-8")
    listed = re.findall(r"^### (\S+)$", text, re.MULTILINE)
    assert sorted(listed) == sorted(codes()), "run `python -m docs.make.errors`"


def test_what_the_source_says_is_found() -> None:
    found = codes()
    assert len(found) > 300
    assert any("is not a key of" in message for message in found["unknown-key"].messages)
    assert "give an earlier time; -1f is the last frame" in found["bad-time"].hints


@pytest.mark.slow
def test_the_page_is_up_to_date() -> None:
    """Its examples are run, so they are still mistakes and are still answered so."""
    assert errors.PAGE.read_text(encoding="utf-8") == errors.page(), (
        "run `python -m docs.make.errors`"
    )
