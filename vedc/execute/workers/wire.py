"""Messages between the process that the user started and its workers, through pipes.

Both ends are the same program, and nobody else has the pipes: so messages are pickles.
"""

from __future__ import annotations

import pickle
import threading
import traceback
from contextlib import suppress
from typing import Any, BinaryIO

from vedc.errors import InternalError, UserError

Message = tuple[Any, ...]
"""Its kind, a word, and what belongs to it."""


class Channel:
    """Sends and receives messages. Any thread may send; one receives."""

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self._incoming, self._outgoing = incoming, outgoing
        self._lock = threading.Lock()

    def send(self, *message: Any) -> None:
        """Raises OSError, or ValueError where the other end is gone."""
        data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        with self._lock:
            self._outgoing.write(len(data).to_bytes(8, "little"))
            self._outgoing.write(data)
            self._outgoing.flush()

    def receive(self) -> Message | None:
        """The next message; None where there will be no more."""
        try:
            head = self._incoming.read(8)
            length = int.from_bytes(head, "little")
            data = self._incoming.read(length) if len(head) == 8 else b""
        except (OSError, ValueError):  # closed
            return None
        if not data or len(data) < length:
            return None
        message: Message = pickle.loads(data)
        return message

    def hang_up(self) -> None:
        """Send nothing more."""
        with suppress(OSError):
            self._outgoing.close()

    def close(self) -> None:
        self.hang_up()
        with suppress(OSError):
            self._incoming.close()


Packed = tuple[Any, ...]


def packed(error: BaseException) -> Packed:
    """An error on its way to another process, where it says the same."""
    if isinstance(error, UserError):
        return type(error), error.problems
    if isinstance(error, OSError):
        return type(error), *error.args, error.filename
    return InternalError, f"in a worker process:\n{''.join(traceback.format_exception(error))}"


def unpacked(given: Packed) -> BaseException:
    kind, *arguments = given
    if issubclass(kind, OSError):
        *arguments, filename = arguments
        failed: OSError = kind(*arguments)
        failed.filename = filename
        return failed
    made: BaseException = kind(*arguments)
    return made
