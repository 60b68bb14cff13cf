"""Every file of the zoo is right in a film, or refused by ``validate`` with a fix.

None is silently wrong, none ends in a crash. ``python -m tests.media.zoo FILTER`` renders the
entries whose names contain FILTER and lists the faults.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.media.zoo import ENTRIES
from tests.media.zoo.check import check
from tests.media.zoo.entry import Entry


@pytest.mark.parametrize("entry", ENTRIES, ids=[entry.name for entry in ENTRIES])
def test_a_file_of_the_zoo(entry: Entry, tmp_path: Path) -> None:
    reason = entry.needs()
    if reason is not None:
        pytest.skip(reason)
    assert not check(entry, tmp_path)


def test_names_are_unique() -> None:
    names = [entry.name for entry in ENTRIES]
    assert len(set(names)) == len(names)
