"""A shared store: what is fetched, what is sent, and what is never trusted."""

from __future__ import annotations

import errno
import os
import pickle
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any

import fsspec
import pytest

from vedc.errors import MissingError, RenderError, UsageError, UserError
from vedc.execute.shared.address import Address, address_of
from vedc.execute.shared.collect import collect, listed
from vedc.execute.shared.layered import SharedStore
from vedc.execute.shared.machine import this_machine
from vedc.execute.shared.objects import explained
from vedc.execute.shared.sealed import Sealed, Unsound, seal, unseal
from vedc.execute.shared.sources import fetch_source, send_source
from vedc.execute.shared.threads import Threads, for_all
from vedc.execute.store import Store
from vedc.media.digest import file_digest
from vedc.support.remote import failures as failing
from vedc.workspace.cache import collect_shared, list_shared


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failing, "PAUSES", (0.0, 0.0))


@pytest.fixture(params=["memory", "file"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Address]:
    """An empty place, in memory or in a folder."""
    if request.param == "file":
        yield address_of(str(tmp_path / "shared place"), network=False)
        return
    yield address_of(f"memory://{tmp_path.name}", network=False)
    fsspec.filesystem("memory").store.clear()


def machine(folder: Path, address: Address) -> SharedStore:
    return SharedStore(folder / "cache", address)


def put(store: Store, key: str, content: bytes, **meta: Any) -> None:
    with store.put(key, meta=meta) as path:
        path.write_bytes(content)


def objects_of(address: Address) -> tuple[Any, list[str]]:
    system, root = fsspec.core.url_to_fs(address.url)
    return system, [path for path in system.find(root) if "entries" in path]


def rewrite(address: Address, change: Callable[[bytes], bytes]) -> None:
    system, paths = objects_of(address)
    for path in paths:
        system.pipe_file(path, change(system.cat_file(path)))


# ------------------------------------------------------------------------- fetching and sending


def test_what_one_machine_stores_another_one_has(tmp_path: Path, address: Address) -> None:
    one, two = machine(tmp_path / "1", address), machine(tmp_path / "2", address)
    put(one, "key1", b"payload", frames=60)
    assert one.settle() == [] and one.sent == 1
    assert two.has("key1") and not two.has("key2")
    entry = two.get("key1")
    assert entry is not None and entry.path.read_bytes() == b"payload"
    assert (entry.kind, dict(entry.meta), two.fetched) == ("video", {"frames": 60}, 1)
    assert two.get("key1") == entry or two.fetched == 1  # and not again
    assert two.path_of("key1").is_relative_to(tmp_path / "2")


def test_many_at_once_with_a_word_about_it(tmp_path: Path, address: Address) -> None:
    one, two = machine(tmp_path / "1", address), machine(tmp_path / "2", address)
    keys = [f"key{number}" for number in range(40)]
    for key in keys:
        put(one, key, key.encode() * 100)
    one.settle()
    reported: list[str] = []
    two.fetch([*keys, "absent"], reported.append)
    assert reported == [f"40 segments fetched from the store {address.shown}"]
    assert two.missing([*keys, "absent"]) == {"absent"}
    assert all(two.path_of(key).read_bytes() == key.encode() * 100 for key in keys)


def test_what_was_stored_before_is_shared_when_it_is_needed(
    tmp_path: Path, address: Address
) -> None:
    put(Store(tmp_path / "1"), "key1", b"payload")
    one = SharedStore(tmp_path / "1", address)
    one.share(["key1", "absent"])
    assert one.settle() == [] and one.sent == 1
    again = SharedStore(tmp_path / "1", address)
    again.share(["key1"])
    assert again.settle() == [] and again.sent == 0
    assert machine(tmp_path / "2", address).has("key1")


def test_it_is_notified_when_others_can_read_an_entry(tmp_path: Path, address: Address) -> None:
    store, reported = machine(tmp_path, address), list[str]()
    put(store, "key1", b"payload")
    store.when_shared("key1", lambda: reported.append("key1"))
    store.settle()
    store.when_shared("key1", lambda: reported.append("again"))
    assert reported == ["key1", "again"] and objects_of(address)[1]


def test_an_entry_that_came_later_is_found_by_who_expects_it(
    tmp_path: Path, address: Address
) -> None:
    one, two = machine(tmp_path / "1", address), machine(tmp_path / "2", address)
    assert two.get("key1") is None
    put(one, "key1", b"payload")
    one.settle()
    assert two.get("key1") is None, "what is known to be absent is not asked for again"
    two.look_again(["key1"])
    assert two.get("key1") is not None


def test_machines_may_send_the_same_entry_at_once(tmp_path: Path) -> None:
    """In a folder: fsspec's memory has one place to read from for all threads."""
    address = address_of(str(tmp_path / "shared"), network=False)
    stores = [machine(tmp_path / str(number), address) for number in range(6)]

    def work(store: SharedStore) -> bytes:
        for number in range(8):
            if store.get(f"key{number}") is None:
                put(store, f"key{number}", bytes([number]) * 50_000)
        assert store.settle() == [] and store.damaged == 0
        return b"".join(store.path_of(f"key{number}").read_bytes() for number in range(8))

    with ThreadPoolExecutor(len(stores)) as pool:
        assert len(set(pool.map(work, stores))) == 1
    assert len(objects_of(address)[1]) == 8
    system, root = fsspec.core.url_to_fs(address.url)
    assert not [path for path in system.find(root) if "drafts" in path]


def test_it_travels_to_another_process_without_what_is_open(
    tmp_path: Path, address: Address
) -> None:
    store = machine(tmp_path, address)
    put(store, "key1", b"payload")
    store.settle()
    there = pickle.loads(pickle.dumps(store))
    assert there.folder == store.folder and there.objects.address == address
    assert there.on_machine(tmp_path / "other").get("key1") is not None


# --------------------------------------------------------------------------- what is not trusted


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[: len(data) // 2],
        lambda data: data[:-1],
        lambda data: b"",
        lambda data: bytes([data[0] ^ 1]) + data[1:],
        lambda data: data + b"more",
        lambda data: data.replace(b"key1", b"key2"),
        lambda data: b"x" * 100,
    ],
    ids=["half", "a byte less", "empty", "a changed bit", "longer", "renamed", "foreign"],
)
def test_damage_counts_as_absent_and_is_made_good(
    tmp_path: Path, address: Address, change: Callable[[bytes], bytes]
) -> None:
    one, two = machine(tmp_path / "1", address), machine(tmp_path / "2", address)
    put(one, "key1", b"payload" * 100)
    one.settle()
    rewrite(address, change)
    assert two.get("key1") is None and two.damaged == 1
    assert objects_of(address)[1] == []
    put(two, "key1", b"payload" * 100)
    two.settle()
    assert machine(tmp_path / "3", address).get("key1") is not None


def test_a_seal_holds_what_it_says(tmp_path: Path) -> None:
    (tmp_path / "payload").write_bytes(os.urandom(3_000_000))
    entry = Sealed("key1", "video", {"frames": 3})
    seal(tmp_path / "payload", tmp_path / "sealed", entry)
    assert unseal(tmp_path / "sealed", "key1") == entry
    assert (tmp_path / "sealed").read_bytes() == (tmp_path / "payload").read_bytes()
    with pytest.raises(Unsound):
        unseal(tmp_path / "sealed", "key1")


def test_entries_from_another_kind_of_machine_are_reported(
    tmp_path: Path, address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = machine(tmp_path / "1", address), machine(tmp_path / "2", address)
    here = this_machine()
    with monkeypatch.context() as patch:
        other = here._replace(name="node7", cpu="arm64 other")
        patch.setattr("vedc.execute.shared.layered.this_machine", lambda: other)
        put(one, "key1", b"payload")
        put(one, "key2", b"payload")
        one.settle()
    two.fetch(["key1", "key2"])
    (warning,) = two.settle()
    assert (warning.code, warning.severity) == ("mixed-machines", "warning")
    assert "machine node7 is of another kind: CPU arm64 other (here " in warning.message
    assert two.path_of("key1").read_bytes() == b"payload"


def test_another_version_of_the_store_is_refused(tmp_path: Path, address: Address) -> None:
    system, root = fsspec.core.url_to_fs(address.url)
    system.makedirs(root, exist_ok=True)
    system.pipe_file(f"{root}/vedc-store", b"form 99")
    with pytest.raises(RenderError, match="not a store, or that of another version"):
        machine(tmp_path, address).get("key1")


# ------------------------------------------------------------------------------------- failures


class Failing:
    """A file system's behaviour in place of ``method``."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, method: str, *errors: Exception) -> None:
        self.errors, self.calls = list(errors), 0
        kind = type(fsspec.filesystem("memory"))
        self.usual = getattr(kind, method)

        def call(system: Any, *given: Any, **options: Any) -> Any:
            self.calls += 1
            if self.errors:
                error = self.errors.pop(0) if len(self.errors) > 1 else self.errors[0]
                raise error
            return self.usual(system, *given, **options)

        monkeypatch.setattr(kind, method, call)


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Address]:
    yield address_of(f"memory://{tmp_path.name}", network=False)
    fsspec.filesystem("memory").store.clear()


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (PermissionError("no"), "store-refused", "may not be used"),
        (TimeoutError(), "store-failed", "it is silent"),
        (ConnectionError("gone"), "store-failed", "gone"),
    ],
)
def test_a_store_that_cannot_be_opened_is_reported(
    tmp_path: Path, memory: Address, monkeypatch: pytest.MonkeyPatch, error: Exception, code: str,
    words: str,
) -> None:  # fmt: skip
    Failing(monkeypatch, "cat_file", error)
    Failing(monkeypatch, "put_file", error)
    with pytest.raises(RenderError) as reported:
        machine(tmp_path, memory).fetch(["key1", "key2"])
    (problem,) = reported.value.problems
    assert problem.code == code and words in problem.message and problem.hint


def test_looking_at_a_store_that_is_not_there_makes_none(tmp_path: Path, address: Address) -> None:
    for look in (list_shared, lambda place: collect_shared(place, "0")):
        with pytest.raises(MissingError, match="there is no store at"):
            look(address)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("error", "words", "cure"),
    [
        (OSError(errno.EROFS, "Read-only file system"), "may not be used", "you may write"),
        (PermissionError(errno.EACCES, "Permission denied"), "permission denied", "you may write"),
        (OSError(errno.ENOSPC, "No space left on device"), "no space", "free some space"),
        (FileExistsError(errno.EEXIST, "File exists"), "it is a file", "name a folder"),
    ],
)
def test_a_folder_that_cannot_be_a_store_has_its_fix(
    tmp_path: Path, error: OSError, words: str, cure: str
) -> None:
    (problem,) = explained(address_of(str(tmp_path / "place"), network=False), error).problems
    assert words in problem.message and cure in (problem.hint or "")


def test_keys_that_are_missing_are_named() -> None:
    class NoCredentialsError(Exception):
        pass

    place = address_of("s3://films/segments", network=True)
    (problem,) = explained(place, NoCredentialsError()).problems
    assert problem.code == "store-refused" and "no keys" in problem.message
    assert "AWS_PROFILE" in (problem.hint or "")


def test_a_connection_that_breaks_is_tried_again(
    tmp_path: Path, memory: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = machine(tmp_path, memory)
    store.objects.open()
    failing_put = Failing(monkeypatch, "put_file", ConnectionError("gone"))
    put(store, "key1", b"payload")
    (problem,) = store.settle()
    assert (problem.code, problem.severity) == ("store-failed", "warning")
    assert failing_put.calls == 3 and "nothing more is put there" in problem.message
    failing_put.errors = []
    put(store, "key2", b"payload")
    assert store.settle() == [] and store.sent == 1


def test_a_store_that_may_only_be_read_is_read(
    tmp_path: Path, memory: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = machine(tmp_path / "1", memory), machine(tmp_path / "2", memory)
    put(one, "key1", b"payload")
    one.settle()
    refusing = Failing(monkeypatch, "put_file", PermissionError("no"))
    assert two.get("key1") is not None
    put(two, "key2", b"payload")
    put(two, "key3", b"payload")
    (problem,) = two.settle()
    assert problem.code == "store-refused" and "may be read, and not written" in problem.message
    assert refusing.calls <= 2


def test_those_who_may_not_list_a_bucket_can_use_it(
    tmp_path: Path, memory: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For a missing key, S3 answers them with a refusal."""
    kind = type(fsspec.filesystem("memory"))
    for method in ("cat_file", "get_file", "info"):
        usual = getattr(kind, method)

        def call(system: Any, *given: Any, usual: Any = usual, **options: Any) -> Any:
            try:
                return usual(system, *given, **options)
            except FileNotFoundError:
                raise PermissionError("AccessDenied") from None

        monkeypatch.setattr(kind, method, call)
    one, two = machine(tmp_path / "1", memory), machine(tmp_path / "2", memory)
    assert one.get("key1") is None and one.missing(["key1"]) == {"key1"}
    put(one, "key1", b"payload")
    assert one.settle() == []
    assert two.missing(["key1", "key2"]) == {"key2"} and two.get("key1") is not None


def test_a_key_that_expires_is_no_missing_segment(
    tmp_path: Path, memory: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = machine(tmp_path, memory)
    store.objects.open()
    error = PermissionError("The provided token has expired.")
    cause = Exception()
    cause.__dict__["response"] = {"Error": {"Code": "ExpiredToken"}}
    error.__cause__ = cause
    Failing(monkeypatch, "get_file", error)
    with pytest.raises(RenderError, match=r"may not be used \(ExpiredToken\)"):
        store.get("key1")


def test_a_missing_package_is_reported_with_its_fix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    monkeypatch.delitem(import_module("fsspec.registry")._registry, "s3", raising=False)
    with pytest.raises(MissingError) as reported:
        machine(tmp_path, address_of("s3://bucket/film", network=True)).get("key1")
    (problem,) = reported.value.problems
    assert problem.code == "missing-extra" and problem.hint == "pip install 'vedc[s3]'"


@pytest.mark.parametrize(
    "name", ["", "ftp://host/x", "s3://", "https:///x", "C://x"], ids=lambda name: name or "nothing"
)
def test_places_that_are_none_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="is not a place for segments"):
        address_of(name, network=True)


def test_the_network_is_used_only_where_it_is_allowed() -> None:
    for name in ("s3://bucket/x", "gs://bucket/x", "https://host/x"):
        with pytest.raises(UsageError, match="only where it is allowed"):
            address_of(name, network=False)
        assert address_of(name + "/", network=True).url == name
    shown = address_of("https://me:secret@host/x", network=True).shown
    assert "secret" not in shown and "me" in shown


# ------------------------------------------------------------------------------ sources, removal


def test_a_source_comes_to_a_machine_that_lacks_it(tmp_path: Path, address: Address) -> None:
    clip = tmp_path / "My clip.tga"
    clip.write_bytes(os.urandom(10_000))
    objects, digest = machine(tmp_path, address).objects, file_digest(clip, None)

    def name_of(path: str) -> str:
        return file_digest(Path(path), None)

    place = tmp_path / "there"
    assert fetch_source(objects, digest, place, name_of) is None
    send_source(objects, digest, str(clip), tmp_path / "drafts")
    found = fetch_source(objects, digest, place, name_of)
    assert found is not None and found.endswith(".tga") and name_of(found) == digest
    assert fetch_source(objects, digest, place, name_of) == found
    Path(found).write_bytes(b"changed")
    assert fetch_source(objects, digest, place, name_of) == found and name_of(found) == digest
    assert list((tmp_path / "drafts").iterdir()) == []


@pytest.mark.parametrize("pattern", ["f%03d.png", "*.png"])
def test_so_do_the_pictures_of_a_sequence(tmp_path: Path, address: Address, pattern: str) -> None:
    from fractions import Fraction

    from vedc.edit.media_info import sequence_locator

    (tmp_path / "in").mkdir()
    for number in (1, 2, 4):
        (tmp_path / "in" / f"f{number:03}.png").write_bytes(os.urandom(1000))
    objects = machine(tmp_path, address).objects
    locator = sequence_locator(str(tmp_path / "in" / pattern), Fraction(30000, 1001))

    def name_of(path: str) -> str:
        return file_digest(Path(path), None)

    digest = name_of(locator)
    send_source(objects, digest, locator, tmp_path / "drafts")
    found = fetch_source(objects, digest, tmp_path / "there", name_of)
    assert found is not None and name_of(found) == digest
    assert fetch_source(objects, digest, tmp_path / "there", name_of) == found


def test_what_is_old_is_removed_down_to_a_size(tmp_path: Path, address: Address) -> None:
    store = machine(tmp_path, address)
    for number in range(4):
        put(store, f"key{number}", bytes(1000))
        store.settle()
    found = listed(store.objects)
    assert [entry.key for entry in found] == [f"key{n}" for n in range(4)]
    assert all(entry.kind == "segment" and 1000 < entry.size < 2500 for entry in found)
    assert collect(store.objects, 0) == []  # a render may be waiting for them
    removed = collect(store.objects, 2 * found[0].size, young=-1.0)
    assert [entry.key for entry in removed] == ["key0", "key1"]
    assert [entry.key for entry in listed(store.objects)] == ["key2", "key3"]
    assert machine(tmp_path / "2", address).missing(["key0", "key3"]) == {"key0"}


# -------------------------------------------------------------------------------------- threads


def test_threads_give_answers_in_order_and_the_first_error() -> None:
    assert for_all(lambda name: name * 2, ["a", "b", "c"]) == ["aa", "bb", "cc"]

    def fail(name: str) -> str:
        raise RenderError.one("store-failed", name)

    with pytest.raises(UserError, match="a"):
        for_all(fail, ["a", "b"])


def test_threads_end_when_there_is_nothing_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vedc.execute.shared.threads._IDLE", 0.01)
    threads = Threads(3, "vedc-test")
    for _ in range(3):
        assert [threads.submit(lambda: 1).result(10) for _ in range(5)] == [1] * 5
        for thread in threading.enumerate():
            if thread.name == "vedc-test":
                thread.join(10)
        assert threads._started == 0
