"""A worker process, seen from the process that started it."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any, Final

from vedc.execute.workers.wire import Channel, Message
from vedc.support.threads.one_blas_thread import one_blas_thread

#: Imports use the same search path as here, whatever the working folder.
_PROGRAM: Final = (
    "import sys; sys.path[:] = sys.argv.pop().split('\\n');"
    " from vedc.support.gc_pause import collect_seldom; collect_seldom();"
    " from vedc.execute.workers.child import main; main()"
)
#: Seconds for a busy worker to abandon its work.
_PATIENCE: Final = 10.0

#: Exit code of a worker that ran out of memory.
NO_MEMORY: Final = 12


class WorkerProcess:
    """One worker. It ends with this process, however that ends, because its pipe is closed."""

    def __init__(
        self,
        number: int,
        on_message: Callable[[WorkerProcess, Message], None],
        ended: Callable[[WorkerProcess], None],
    ) -> None:
        """``on_message`` is called for each message, and ``ended`` after the last one, both on this
        worker's thread. Raises OSError."""
        self.number = number
        self.idle = True
        """Whether it has nothing to do."""
        self._on_message, self._ended = on_message, ended
        if not sys.executable:  # for instance when Python is embedded in another program
            raise FileNotFoundError(errno.ENOENT, "Python does not say where its program is")
        environment = dict(os.environ)
        one_blas_thread(environment)
        options = [f"-W{option}" for option in sys.warnoptions]
        with _interrupts_held_back():
            self._process = subprocess.Popen(
                [sys.executable, "-P", *options, "-c", _PROGRAM, "\n".join(sys.path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=environment,
            )
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None
        self._channel = Channel(stdout, stdin)  # type: ignore[arg-type]  # typeshed: IO[bytes]
        name = f"vedc-worker-{number}"
        self._thread = threading.Thread(target=self._listen, name=name, daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, *message: Any) -> None:
        """Send a message; does nothing if the worker is gone, as ``ended`` reports."""
        with contextlib.suppress(OSError, ValueError):
            self._channel.send(*message)

    def how_it_ended(self) -> tuple[bool, str]:
        """Whether it was killed from outside or ran out of memory, for which its turns are not to
        blame; and how it ended, in words. Waits for the end."""
        code = self._process.wait()
        if code == NO_MEMORY:
            return True, "ran out of memory"
        if code < 0:
            with contextlib.suppress(ValueError):
                name = signal.Signals(-code).name
                return name in ("SIGKILL", "SIGTERM"), f"died of {name}"
            return False, f"died of signal {-code}"
        return code == 128 + signal.SIGTERM, f"ended with exit code {code}"

    def hang_up(self) -> None:
        """Ask it to end. It drops its current work and leaves nothing behind."""
        if self.idle:
            self._process.kill()
        self._channel.hang_up()

    def close(self) -> None:
        """Wait for its end after ``hang_up``."""
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._thread.join()

    def _listen(self) -> None:
        try:
            if self._channel.greeted():
                while (message := self._channel.receive()) is not None:
                    self._on_message(self, message)
        finally:  # in any case, nobody waits for it in vain
            self._channel.close()
            self._ended(self)


@contextlib.contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """A process started within begins with Ctrl-C blocked, until it ignores it: Ctrl-C reaches all
    processes of a terminal, and this process is responsible for stopping its workers."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
