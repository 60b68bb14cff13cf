"""Small JSON files of the cache: whatever is damaged in them counts as absent."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from vedc.execute.store import Store
from vedc.media.digest import Stamp, StampCache, file_digest
from vedc.support.read_json import read_json
from vedc.workspace.outputs.written import Written

DEEP = [b"[" * n + b"]" * n for n in (900, 960, 980, 990, 1000, 100_000)]
DEEP += [b'{"a":' * n + b"1" + b"}" * n for n in (980, 100_000)]


@pytest.mark.parametrize("deep", DEEP, ids=len)
def test_json_nested_too_deep_is_damage(tmp_path: Path, deep: bytes) -> None:
    film = tmp_path / "film"
    film.write_bytes(b"film")
    cache = StampCache(tmp_path / "cache", "probe", 1)
    stamp = Stamp.of(film)
    cache.put(stamp, {"a": 1})
    (file,) = (tmp_path / "cache").iterdir()
    whole = file.read_bytes()
    for text in (deep, whole.replace(b'{"a":1}', deep)):
        file.write_bytes(text)
        assert cache.get(stamp) is None
    digest = file_digest(film, tmp_path / "digests")
    for file in (tmp_path / "digests").iterdir():
        file.write_bytes(deep)
    assert file_digest(film, tmp_path / "digests") == digest
    store = Store(tmp_path / "store")
    with store.put("key1") as path:
        path.write_bytes(b"x")
    store._index("key1").write_bytes(deep)
    assert not store.has("key1") and store.get("key1") is None and store.ls() == []
    assert store.verify() == [] and store.gc() == []
    written = Written(tmp_path / "outputs")
    written.add(film)
    (record,) = (tmp_path / "outputs").iterdir()
    record.write_bytes(deep)
    assert not written.knows(film)
    written.add(film)
    assert Written(tmp_path / "outputs").knows(film)


def test_processes_keep_each_others_records_of_films(tmp_path: Path) -> None:
    """Both were started before either wrote."""
    one, other = Written(tmp_path / "outputs"), Written(tmp_path / "outputs")
    films = tmp_path / "a.mp4", tmp_path / "b.mp4"
    for film in films:
        film.write_bytes(b"film")
    one.add(films[0])
    other.add(films[1])
    assert all(Written(tmp_path / "outputs").knows(film) for film in films)
    films[0].write_bytes(b"another")
    assert not one.knows(films[0])


@pytest.mark.slow
def test_no_damage_to_a_record_goes_unseen(tmp_path: Path) -> None:
    film = tmp_path / "film"
    film.write_bytes(b"film")
    cache = StampCache(tmp_path / "cache", "probe", 1)
    fields = {"a": 1, "text": "some", "list": [1.5, None, "ä"]}
    cache.put(Stamp.of(film), fields)
    (file,) = (tmp_path / "cache").iterdir()
    whole = file.read_bytes()
    for at in range(len(whole)):
        for bit in range(8):
            file.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :])
            assert cache.get(Stamp.of(film)) in (None, fields)
        file.write_bytes(whole[:at])
        assert cache.get(Stamp.of(film)) is None


def test_invalid_json_is_a_value_error() -> None:
    for text in (b"", b"\xff", b"{", b"1" * 5000, *DEEP[-3:]):
        with pytest.raises(ValueError, match=r"."):
            read_json(text)


def rewrite(path: Path, data: bytes) -> None:
    """New bytes of the same length, with the old mtime."""
    before = path.stat()
    assert len(data) == before.st_size
    time.sleep(0.02)  # the clock of the file system ticks every few milliseconds
    path.write_bytes(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_an_edit_with_the_same_size_and_mtime_is_noticed(tmp_path: Path) -> None:
    film, other = tmp_path / "film", tmp_path / "other"
    film.write_bytes(b"one"), other.write_bytes(b"six")
    cache = tmp_path / "digests"
    first = file_digest(film, cache)
    rewrite(film, b"two")
    second = file_digest(film, cache)
    assert first != second
    os.utime(other, ns=(0, film.stat().st_mtime_ns))
    os.replace(other, film)
    assert file_digest(film, cache) not in (first, second)
