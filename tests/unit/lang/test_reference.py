"""The reference: it refuses nothing that it explains."""

from __future__ import annotations

import pytest

from vedc.errors import InternalError
from vedc.lang import language
from vedc.lang.docs.reference import chapters, reference
from vedc.lang.schema.records import Key, Record
from vedc.lang.schema.values import Boolean


def test_no_chapter_refuses_a_word_that_has_a_chapter(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "auto" in {record.title for record in chapters()}
    assert not any({"auto", "clip", "cut"} & set(record.later) for record in chapters())
    monkeypatch.setattr(language.EDIT, "later", ("markers", "auto"))
    with pytest.raises(InternalError, match="spec refuses 'auto', which has a chapter of its own"):
        reference()


def test_a_key_of_a_record_is_no_word_that_it_refuses() -> None:
    record = Record("r", "A record.", (Key("loop", Boolean(), "A key."),), later=("loop", "speed"))
    assert record.later == ("speed",)
