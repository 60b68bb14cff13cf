"""Pictures of the zoo, damaged in four ways: each is shown, or refused by its probe."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.media.zoo import animations, stills
from tests.media.zoo.entry import Entry
from vedc.color import FORMATS
from vedc.edit.media_info import ProbeError
from vedc.media.probe import probe
from vedc.stills.load import load_still

#: Errors that may refuse a damaged picture.
CODES = ("damaged-media", "bad-image", "image-too-large", "not-media", "no-streams")

_LIES = (b"\xff\xff\xff\xff", bytes(4), b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f")

GOOD = [entry for entry in (*stills.ENTRIES, *animations.ENTRIES) if entry.right.refused is None]


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Cut short, with single bytes changed, with a stretch replaced, or with a header that lies."""
    data = bytearray(content)
    kind = chance.randrange(4)
    if kind == 0:
        return content[: chance.randrange(len(content))]
    if kind == 1:
        for _ in range(chance.randrange(1, 12)):
            data[chance.randrange(chance.choice([min(200, len(data)), len(data)]))] = (
                chance.randrange(256)
            )
    elif kind == 2:
        at = chance.randrange(len(data))
        data[at : at + chance.randrange(1, 60)] = chance.randbytes(chance.randrange(60))
    else:
        at = chance.randrange(min(100, len(data) - 4))
        data[at : at + 4] = chance.choice(_LIES)
    return bytes(data)


@pytest.mark.parametrize("entry", GOOD, ids=[entry.name for entry in GOOD])
def test_damage_is_shown_or_refused(entry: Entry, tmp_path: Path) -> None:
    path, chance = tmp_path / entry.name, random.Random(entry.name)
    entry.make(path)
    whole = path.read_bytes()
    for _ in range(3):
        path.write_bytes(damaged(whole, chance))
        try:
            info = probe(path)
        except ProbeError as error:
            assert error.code in CODES  # noqa: PT017
            continue
        assert info.video is not None
        if info.kind == "image":  # what a probe accepts is shown
            stored = FORMATS.get(info.video.pix_fmt)
            deep = stored is not None and stored.depth > 8
            load_still(path, 20, 15, format=info.video.pix_fmt if deep else "rgba")
