"""Noticing saves."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from vedc.workspace.watch.watcher import Watcher


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.yaml"
    path.write_text("one")
    return path


def after(file: Path, act: Callable[[], object]) -> set[Path]:
    """A watcher's reports of changes to a file."""
    watcher = Watcher(interval=0.01, settled=0.02)
    watcher.follow([file])
    doing = threading.Timer(0.03, act)
    doing.start()
    try:
        return watcher.wait(_soon())
    finally:
        doing.join()


def _soon() -> threading.Event:
    """An event that ends a wait for something that never comes."""
    stop = threading.Event()
    timer = threading.Timer(5, stop.set)
    timer.daemon = True
    timer.start()
    return stop


def test_a_save_is_reported(file: Path) -> None:
    assert after(file, lambda: file.write_text("two!")) == {file}


def test_a_replaced_file_is_reported(file: Path) -> None:
    def replace() -> None:
        other = file.with_name("b.yaml")
        other.write_text("two")
        stamp = file.stat()
        os.utime(other, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
        other.replace(file)

    assert after(file, replace) == {file}


def test_removed_and_new_files_are_reported(file: Path) -> None:
    assert after(file, file.unlink) == {file}
    assert after(file, lambda: file.write_text("again")) == {file}


def test_a_half_written_save_is_not_reported_before_it_is_complete(file: Path) -> None:
    seen: list[str] = []

    def save() -> None:
        with file.open("w") as stream:
            for part in ("ver", "sion", ": 1"):
                stream.write(part)
                stream.flush()
                time.sleep(0.005)

    after(file, save)
    seen.append(file.read_text())
    assert seen == ["version: 1"]


def test_nothing_is_reported_once_it_is_stopped(file: Path) -> None:
    watcher, stop = Watcher(interval=0.01), threading.Event()
    watcher.follow([file])
    stop.set()
    assert watcher.wait(stop) == set()


def test_a_change_while_the_film_was_made_is_reported(file: Path) -> None:
    watcher = Watcher(interval=0.01, settled=0.01)
    watcher.follow([file])
    file.write_text("while it was made")
    watcher.follow([file], time.time_ns())
    assert watcher.wait(_soon()) == {file}


def test_a_new_file_that_is_newer_than_its_film_is_reported_once(file: Path) -> None:
    watcher = Watcher(interval=0.01, settled=0.01)
    watcher.follow([file], since=file.stat().st_mtime_ns - 1)
    assert watcher.wait(_soon()) == {file}
    watcher.follow([file], since=0)
    stop = threading.Event()
    threading.Timer(0.05, stop.set).start()
    assert watcher.wait(stop) == set()


def test_what_vedc_itself_wrote_is_accepted(file: Path) -> None:
    watcher = Watcher(interval=0.01)
    watcher.follow([file])
    file.write_text("by vedc")
    watcher.accept([file])
    stop = threading.Event()
    threading.Timer(0.05, stop.set).start()
    assert watcher.wait(stop) == set()
