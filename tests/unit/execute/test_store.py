"""The segment store: found again by key, checked on use, shared, limited, safe to kill."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from vedc.errors import InternalError, RenderError
from vedc.execute.store import Store

PYTHON = sys.executable


def put(store: Store, key: str, data: bytes, **meta: object) -> None:
    with store.put(key, "video", meta) as path:
        path.write_bytes(data)


def read(store: Store, key: str) -> bytes | None:
    entry = store.get(key)
    return entry.path.read_bytes() if entry else None


def age(store: Store, key: str, seconds: float) -> None:
    """Make an entry's last use so long ago."""
    then = time.time() - seconds
    os.utime(store._index(key), (then, then))


def files(folder: Path) -> set[str]:
    return {p.name for p in folder.rglob("*") if p.is_file()}


def script(body: str, folder: Path) -> subprocess.Popen[str]:
    """Another process with ``store`` on the folder."""
    head = (
        "import sys, time\nfrom pathlib import Path\nfrom vedc.execute.store import Store\n"
        f"store = Store(Path({str(folder)!r}))\n"
    )
    return subprocess.Popen([PYTHON, "-c", head + body], stdout=subprocess.PIPE, text=True)


def wait_for(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"


class TestEntries:
    def test_what_was_put_is_found_by_another_store(self, tmp_path: Path) -> None:
        put(Store(tmp_path), "key1", b"payload", frames=60)
        entry = Store(tmp_path).get("key1")
        assert entry is not None
        assert entry.path.read_bytes() == b"payload"
        assert entry.digest == hashlib.sha256(b"payload").hexdigest()
        assert (entry.kind, entry.size, entry.meta) == ("video", 7, {"frames": 60})
        assert Store(tmp_path).has("key1")

    def test_an_unknown_key_is_not_there(self, tmp_path: Path) -> None:
        store = Store(tmp_path / "none")
        assert not store.has("key1")
        assert store.get("key1") is None
        assert store.ls() == [] and store.gc() == [] and store.verify() == []
        assert not (tmp_path / "none").exists(), "reading must not make the folder"

    def test_nothing_is_published_where_the_block_raises(self, tmp_path: Path) -> None:
        store = Store(tmp_path)

        def fail() -> None:
            with store.put("key1") as path:
                path.write_bytes(b"half")
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            fail()
        assert not store.has("key1")
        assert files(tmp_path) == {"CACHEDIR.TAG", ".gitignore"}

    def test_an_entry_is_replaced(self, tmp_path: Path) -> None:
        store = Store(tmp_path)
        put(store, "key1", b"one")
        put(store, "key1", b"other")
        assert read(store, "key1") == read(Store(tmp_path), "key1") == b"other"
        assert len(store.ls()) == 1

    def test_least_recently_used_comes_first(self, tmp_path: Path) -> None:
        store = Store(tmp_path)
        for n, key in enumerate(["keya", "keyb", "keyc"]):
            put(store, key, b"x")
            age(store, key, 100 - n)
        assert store.get("keya") is not None
        assert [e.key for e in store.ls()] == ["keyb", "keyc", "keya"]

    @pytest.mark.parametrize("key", ["../up", "a/b/c", "", "x.y.z", "k*y1", "abc"])
    def test_a_key_cannot_leave_the_folder(self, tmp_path: Path, key: str) -> None:
        with pytest.raises(InternalError, match="not a key"):
            Store(tmp_path).has(key)

    def test_an_empty_draft_is_a_bug_of_the_caller(self, tmp_path: Path) -> None:
        store = Store(tmp_path)
        with pytest.raises(InternalError, match="nothing was written"), store.put("key1"):
            pass


class TestDamage:
    def test_a_flipped_bit_is_found_and_the_entry_removed(self, tmp_path: Path) -> None:
        put(Store(tmp_path), "key1", b"payload")
        store = Store(tmp_path)
        (path,) = tmp_path.glob("entries/*/key1.*[!n]")
        path.write_bytes(b"pbyload")
        assert store.has("key1"), "has() promises no more than presence and size"
        assert store.get("key1") is None
        assert store.damaged == 1
        assert not store.has("key1") and not path.exists()

    def test_a_change_after_the_first_check_is_found(self, tmp_path: Path) -> None:
        store = Store(tmp_path)
        put(store, "key1", b"payload")
        entry = store.get("key1")
        assert entry is not None
        entry.path.write_bytes(b"pbyload")
        assert store.get("key1") is None and store.damaged == 1

    def test_an_entry_is_read_once_in_a_process(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put(Store(tmp_path), "key1", b"payload")
        store = Store(tmp_path)
        assert store.get("key1") is not None
        monkeypatch.setattr("vedc.execute.store._sha256", lambda path: pytest.fail("read again"))
        assert store.get("key1") is not None

    def test_a_cut_payload_is_not_there(self, tmp_path: Path) -> None:
        store = Store(tmp_path)
        put(store, "key1", b"payload")
        entry = store.get("key1")
        assert entry is not None
        os.truncate(entry.path, 3)
        assert not store.has("key1")
        assert store.verify() == ["key1"]
        assert store.ls() == []

    def test_a_lost_payload_is_not_there(self, tmp_path: Path) -> None:
        store = Store(tmp_path)
        put(store, "key1", b"payload")
        entry = store.get("key1")
        assert entry is not None
        entry.path.unlink()
        assert not store.has("key1")
        assert store.get("key1") is None
        put(store, "key1", b"payload")
        assert read(store, "key1") == b"payload"

    @pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"version": 99}', "\xff"])
    def test_a_damaged_index_is_no_entry(self, tmp_path: Path, text: str) -> None:
        store = Store(tmp_path)
        put(store, "key1", b"payload")
        store._index("key1").write_text(text, encoding="latin-1")
        assert not store.has("key1") and store.get("key1") is None and store.ls() == []
        put(store, "key1", b"payload")
        assert read(store, "key1") == b"payload"

    def test_verify_reads_all_and_names_the_damaged(self, tmp_path: Path) -> None:
        store = Store(tmp_path)
        for key in ("keya", "keyb", "keyc"):
            put(store, key, key.encode())
        for key in ("keya", "keyc"):
            entry = store.get(key)
            assert entry is not None
            entry.path.write_bytes(b"KEY?")
        assert store.verify() == ["keya", "keyc"]
        assert [e.key for e in store.ls()] == ["keyb"]
        assert store.verify() == []


class TestLimit:
    def test_the_least_recently_used_go_first(self, tmp_path: Path) -> None:
        store = Store(tmp_path, limit=1000)
        for n in range(9):
            put(store, f"key{n}", bytes(100))
            age(store, f"key{n}", 1000 - n)
        assert store.get("key0") is not None  # used just now
        put(store, "key9", bytes(100))
        assert len(store.ls()) == 10, "exactly at the limit nothing goes"
        put(store, "keyx", bytes(100))
        kept = {e.key for e in store.ls()}
        assert sum(e.size for e in store.ls()) <= 1000
        assert {"key0", "keyx", "key9"} <= kept and "key1" not in kept and "key2" not in kept

    def test_gc_takes_another_limit(self, tmp_path: Path) -> None:
        store = Store(tmp_path)
        for n in range(5):
            put(store, f"key{n}", bytes(10))
            age(store, f"key{n}", 100 - n)
        removed = store.gc(25)
        assert [e.key for e in removed] == ["key0", "key1", "key2"]
        assert [e.key for e in store.gc(0)] == ["key3", "key4"]
        assert files(tmp_path / "entries") == set()

    def test_what_is_pinned_stays(self, tmp_path: Path) -> None:
        store = Store(tmp_path, limit=100)
        with store.pin(["key0", "key1"]):
            for n in range(4):
                put(store, f"key{n}", bytes(60))
            assert {"key0", "key1"} <= {e.key for e in store.ls()}
            Store(tmp_path).gc(0)
            assert {e.key for e in store.ls()} == {"key0", "key1"}
        assert {e.key for e in store.gc(0)} == {"key0", "key1"}
        assert files(tmp_path / "pins") == set()

    def test_pins_of_two_renders_add_up(self, tmp_path: Path) -> None:
        one, two = Store(tmp_path), Store(tmp_path)
        for key in ("keya", "keyb", "keyc"):
            put(one, key, b"x")
        with one.pin(["keya"]):
            with two.pin(["keyb"]):
                assert [e.key for e in one.gc(0)] == ["keyc"]
            assert [e.key for e in two.gc(0)] == ["keyb"]

    def test_leftovers_go_when_they_are_a_day_old(self, tmp_path: Path) -> None:
        store = Store(tmp_path)
        put(store, "key1", b"kept")
        entry = store.get("key1")
        assert entry is not None
        leftovers = [
            entry.path.with_name("key1." + "0" * 64),  # published, but the process died
            entry.path.with_name("key3.json"),  # of another version
        ]
        for path in leftovers:
            path.write_text(json.dumps({"version": 0}))
        store.gc()
        assert all(path.exists() for path in leftovers)
        for path in [*leftovers, entry.path, store._index("key1")]:
            os.utime(path, (1, 1))
        store.gc()
        assert not any(path.exists() for path in leftovers)
        assert read(store, "key1") == b"kept"


class TestProcesses:
    def test_two_processes_publish_the_same_key(self, tmp_path: Path) -> None:
        body = (
            "print('ready', flush=True)\n"
            "for n in range(60):\n"
            "    with store.put(f'key{n % 3}', 'video', {'frames': n}) as path:\n"
            "        path.write_bytes(b'same' * 5000)\n"
            "    entry = store.get(f'key{n % 3}')\n"
            "    assert entry and entry.path.read_bytes() == b'same' * 5000\n"
        )
        both = [script(body, tmp_path) for _ in range(2)]
        for process in both:
            process.communicate(timeout=300)
        assert [p.returncode for p in both] == [0, 0]
        store = Store(tmp_path)
        assert [e.key for e in sorted(store.ls(), key=lambda e: e.key)] == ["key0", "key1", "key2"]
        assert store.verify() == [] and files(tmp_path / "drafts") == set()

    def test_other_bytes_for_a_key_leave_one_whole_entry(self, tmp_path: Path) -> None:
        body = (
            "import os\n"
            "for n in range(60):\n"
            "    with store.put('key1') as path:\n"
            "        path.write_bytes(str(os.getpid()).encode() * 1000)\n"
            "    assert store.get('key1')\n"
        )
        both = [script(body, tmp_path) for _ in range(2)]
        for process in both:
            process.communicate(timeout=300)
        assert [p.returncode for p in both] == [0, 0]
        assert Store(tmp_path).get("key1") is not None

    def test_a_killed_writer_leaves_only_a_draft(self, tmp_path: Path) -> None:
        body = (
            "with store.pin(['key1']), store.put('key1') as path:\n"
            "    path.write_bytes(b'half')\n"
            "    print('ready', flush=True)\n"
            "    time.sleep(60)\n"
        )
        process = script(body, tmp_path)
        wait_for(process)
        store = Store(tmp_path)
        put(store, "key2", b"x")
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=10)
        assert not store.has("key1")
        (draft,) = (tmp_path / "drafts").iterdir()
        with store.put("key3") as mine, store.pin(["key3"]):
            assert mine.exists() and not draft.exists(), "the next render removes it"
            assert len(files(tmp_path / "pins")) == 2, "its pin died with it"
            Store(tmp_path).gc()
            assert mine.exists()
            mine.write_bytes(b"whole")
        assert read(store, "key3") == b"whole"
        assert files(tmp_path / "pins") == files(tmp_path / "drafts") == set()

    def test_a_pin_of_another_process_holds_until_it_is_killed(self, tmp_path: Path) -> None:
        store = Store(tmp_path)
        put(store, "key1", b"x")
        body = "with store.pin(['key1']):\n    print('ready', flush=True)\n    time.sleep(60)\n"
        process = script(body, tmp_path)
        wait_for(process)
        assert store.gc(0) == []
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=10)
        assert [e.key for e in store.gc(0)] == ["key1"]


class TestRefusal:
    def test_a_file_where_the_folder_should_be(self, tmp_path: Path) -> None:
        folder = tmp_path / "cache"
        folder.write_text("in the way")
        store = Store(folder)
        assert not store.has("key1") and store.get("key1") is None and store.ls() == []
        for write in (lambda: put(store, "key1", b"x"), lambda: store.gc(0), lambda: pinned(store)):
            with pytest.raises(RenderError) as caught:
                write()
            (problem,) = caught.value.problems
            assert problem.code == "cannot-use-cache"
            assert str(folder) in problem.message and problem.hint
        assert folder.read_text() == "in the way"

    def test_a_full_disk(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        store = Store(tmp_path)
        put(store, "key1", b"x")

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "replace", full)
        with pytest.raises(RenderError, match="no space left on device") as caught:
            put(store, "key2", b"y")
        assert "free some space" in (caught.value.problems[0].hint or "")
        monkeypatch.undo()
        assert not store.has("key2") and read(store, "key1") == b"x"
        assert files(tmp_path / "drafts") == set()

    def test_an_error_of_the_writer_is_its_own(self, tmp_path: Path) -> None:
        with pytest.raises(NotADirectoryError), Store(tmp_path).put("key1") as path:
            (path / "below").write_bytes(b"x")


def pinned(store: Store) -> None:
    with store.pin(["key1"]):
        pass
