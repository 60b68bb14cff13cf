"""Events for the open pages, each with its own queue."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

#: The most pending events of a page; one that does not read must load everything again.
_DEPTH: Final = 256

_LOST: Final = "event: lost\ndata: {}\n\n"


class News:
    """The listeners and their pending events. Any thread may call any method."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: list[queue.Queue[str]] = []

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    def publish(self, name: str, data: Any) -> None:
        """Send an event to every page."""
        text = message(name, data)
        with self._lock:
            for listener in self._listeners:
                try:
                    listener.put_nowait(text)
                except queue.Full:
                    _empty(listener)
                    listener.put_nowait(_LOST)

    @contextmanager
    def listen(self) -> Iterator[queue.Queue[str]]:
        """The news from now on, as the text of server-sent events."""
        listener: queue.Queue[str] = queue.Queue(_DEPTH)
        with self._lock:
            self._listeners.append(listener)
        try:
            yield listener
        finally:
            with self._lock:
                self._listeners.remove(listener)


def message(name: str, data: Any) -> str:
    """One server-sent event: JSON contains no line breaks."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def _empty(listener: queue.Queue[str]) -> None:
    while True:
        try:
            listener.get_nowait()
        except queue.Empty:
            return
