"""Messages between the process that the user started and its workers, through pipes.

Both ends are the same program, and nobody else has access to the pipes, so messages are pickles.
"""

from __future__ import annotations

import pickle
import threading
import traceback
from contextlib import suppress
from typing import Any, BinaryIO, Final

from vedc.errors import InternalError, UserError

Message = tuple[Any, ...]
"""Its kind, a word, followed by its data."""


#: Precedes a worker's first message: Python may print anything else while it starts.
_GREETING: Final = b"\0vedc worker\n"


class Channel:
    """Sends and receives messages. Any thread may send; one receives."""

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self._incoming, self._outgoing = incoming, outgoing
        self._lock = threading.Lock()

    def greet(self) -> None:
        """Announce that messages follow. Raises OSError."""
        with self._lock:
            self._outgoing.write(_GREETING)
            self._outgoing.flush()

    def greeted(self) -> bool:
        """Wait until messages follow; False if there will be none."""
        received = b""
        with suppress(OSError, ValueError):
            while not received.endswith(_GREETING) and (byte := self._incoming.read(1)):
                received = received[1 - len(_GREETING) :] + byte
        return received.endswith(_GREETING)

    def send(self, *message: Any) -> None:
        """Send a message. Raises OSError, or ValueError if the other end is gone."""
        data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        with self._lock:
            self._outgoing.write(len(data).to_bytes(8, "little"))
            self._outgoing.write(data)
            self._outgoing.flush()

    def receive(self) -> Message | None:
        """The next message; None if there will be no more."""
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
        """Stop sending."""
        with suppress(OSError):
            self._outgoing.close()

    def close(self) -> None:
        self.hang_up()
        with suppress(OSError):
            self._incoming.close()


Packed = tuple[Any, ...]


def packed(error: BaseException) -> Packed:
    """An error in a form that another process can raise again with the same message."""
    if isinstance(error, UserError):
        return type(error), error.problems
    if isinstance(error, OSError):
        return OSError, pickle.dumps(error)  # with its file names and FFmpeg's description
    return InternalError, f"in a worker process:\n{''.join(traceback.format_exception(error))}"


def unpacked(given: Packed) -> BaseException:
    kind, *arguments = given
    made: BaseException = pickle.loads(*arguments) if kind is OSError else kind(*arguments)
    return made
