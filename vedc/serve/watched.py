"""``vedc render --watch``: rendering again after every save."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vedc.errors import Interrupted, UserError, system_error
from vedc.lang.yaml.load import display_name
from vedc.support.printable import printable
from vedc.workspace.watch.read_files import read_files
from vedc.workspace.watch.watcher import Watcher

if TYPE_CHECKING:
    from vedc.workspace.build import Build, Deciding

#: The most files named; the others are counted.
_MOST: Final = 3


def keep_rendering(
    build: Build,
    decide: Callable[[Build], Deciding],
    render: Callable[[Build, Deciding], None],
    failed: Callable[[UserError], None],
    on_message: Callable[[str], None] = lambda text: None,
) -> None:
    """Render, wait for a change of the spec's inputs, and render again.

    Errors go to ``failed`` and do not end the loop: the next save may fix them. ``on_message``
    receives a line before and after each wait. Returns if interrupted while it waits, since the
    outputs are up to date then; an interrupted render raises Interrupted.
    """
    watcher = Watcher()
    while True:
        began = time.time_ns()
        current = replace(build)  # a new build reads everything again
        deciding = decide(current)
        try:
            render(current, deciding)
        except Interrupted:
            raise
        except UserError as error:
            failed(error)
        except BrokenPipeError:  # nobody reads the output
            raise
        except OSError as error:
            failed(system_error(error))
        try:
            sys.stdout.flush()
            files = read_files(current, deciding)
            watcher.follow(files, began)
            if _wrote_lock(deciding):
                watcher.accept([current.lock])
            on_message(f"watching {_counted(files)}; Ctrl-C ends it")
            changed = watcher.wait(threading.Event())
        except Interrupted:
            return
        on_message(f"changed: {_named(changed)}")


def _wrote_lock(deciding: Deciding) -> bool:
    """Whether the lock holds the decisions of this render, unchanged by anyone else in the
    meantime."""
    if deciding.settled is None:
        return True
    from vedc.decide.lock.lock_file import Lock

    try:
        now = Lock.load(deciding.location)
    except UserError:
        return False
    return now.texts(deciding.name) == deciding.settled.lock.texts(deciding.name)


def _counted(files: Iterable[Path]) -> str:
    count = sum(path.exists() for path in files)
    return f"{count} file{'' if count == 1 else 's'}"


def _named(files: Iterable[Path]) -> str:
    names = sorted(printable(display_name(path)) for path in files)
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return ", ".join(names[:_MOST]) + more
