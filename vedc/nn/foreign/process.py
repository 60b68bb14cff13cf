"""The parent's side of the process that runs a user's model: start, requests, timeouts and end.

Any failure there (a crash, no memory, no answer, nonsense) becomes a :class:`Failed`
with one plain sentence. The process ends with vedc and cannot outlive it.
"""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

_PROGRAM: Final = Path(__file__).with_name("child.py")
#: Seconds that starting may take in addition to those for a picture: importing a runtime, reading
#: the file and preparing it.
_START: Final = 60.0


class Failed(Exception):
    """The model could not be run; the text says why."""


class ModelProcess:
    """A process that runs one model on inputs of one shape. Used by one thread at a time."""

    def __init__(
        self,
        model: Path,
        runtime: str,
        shape: tuple[int, ...],
        threads: int,
        memory: int,
        seconds: float,
        outputs: Sequence[str] = (),
    ) -> None:
        """``memory`` is in bytes, ``seconds`` is the limit per input. ``outputs`` names the outputs
        of a model with several: their values are concatenated. Raises Failed."""
        self._seconds, self._shape, self._memory = seconds, shape, memory
        self._late = False
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-B", str(_PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd=_PROGRAM.parent,
        )
        setup = {
            "model": str(model.absolute()),
            "runtime": runtime,
            "threads": threads,
            "memory": memory,
            "shape": shape,
            "outputs": list(outputs),
        }
        try:
            self._ask(json.dumps(setup).encode() + b"\n", _START + seconds, "to start")
        except Failed:
            self.close()
            raise

    def run(self, x: Any) -> Any:
        """The output for an input of the agreed shape. Raises Failed."""
        data = np.ascontiguousarray(x, np.float32).data.cast("B")
        head = len(data).to_bytes(8, "little")
        try:
            answer = self._ask(head, self._seconds, "for a picture", data)
            return self._output(answer)
        except Failed:
            self.close()
            raise

    def _output(self, answer: bytes) -> Any:
        try:
            length = int.from_bytes(answer[:8], "little")
            shape = tuple(map(int, json.loads(answer[8 : 8 + length])))
            made = np.frombuffer(answer, np.float32, offset=8 + length).reshape(shape)
        except (ValueError, TypeError):
            raise Failed("its process gave an answer that makes no sense") from None
        if not np.isfinite(made).all():
            raise Failed("it gives values that are not finite (NaN or infinity)")
        return made

    def _ask(self, head: bytes, seconds: float, what: str, data: Any = b"") -> bytes:
        """Send a request, and wait at most ``seconds`` for the answer."""
        timer = threading.Timer(seconds, self._give_up)
        timer.daemon = True
        timer.start()
        try:
            return self._exchange(head, data)
        except (OSError, EOFError, ValueError):
            if self._late:
                raise Failed(f"it took longer than {seconds:g} s {what}") from None
            raise Failed(self._ending()) from None
        finally:
            timer.cancel()

    def _exchange(self, head: bytes, data: Any) -> bytes:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None
        stdin.write(head)
        stdin.write(data)
        stdin.flush()
        status = stdout.read(9)
        if len(status) < 9:
            raise EOFError
        length = int.from_bytes(status[1:], "little")
        if length > max(self._memory, 1 << 20):
            raise ValueError
        answer = stdout.read(length)
        if len(answer) < length:
            raise EOFError
        if status[:1] == b"k":
            return answer
        raise Failed(answer.decode("utf-8", "replace") or "it failed without a word")

    def _give_up(self) -> None:
        self._late = True
        self._process.kill()

    def _ending(self) -> str:
        """Describe the end of a process that gave no answer."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        code = self._process.returncode
        if code is None or code >= 0:
            return f"its process ended without an answer (exit code {code})"
        with contextlib.suppress(ValueError):
            name = signal.Signals(-code).name
            how = "it ran out of memory" if name in ("SIGKILL", "SIGABRT") else "it crashed"
            return f"its process died of {name}: {how}"
        return f"its process died of signal {-code}"

    def most_memory(self) -> int:
        """The peak memory of the process so far, in bytes; 0 if unknown."""
        try:
            lines = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
            most = next(line for line in lines if line.startswith("VmHWM"))
            return int(most.split()[1]) * 1024
        except (OSError, StopIteration, ValueError):
            return 0

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether the process has ended."""
        return self._process.poll() is not None

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self._process.wait()

    def __del__(self) -> None:
        with contextlib.suppress(AttributeError, OSError):  # not started, or already gone
            self.close()
