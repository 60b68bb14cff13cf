"""A machine's local store, in front of one that it shares with others.

Entries that the local store lacks are fetched on demand. New entries are available locally at once
and sent by a few threads in the background; ``settle`` waits until others can have them. An entry's
name follows from its key, so several machines may send the same one. A damaged entry, or another
one under its name, counts as absent and is removed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

from vedc.errors import Problem, RenderError, UserError
from vedc.execute.shared.address import Address
from vedc.execute.shared.machine import mixed, this_machine
from vedc.execute.shared.objects import Objects, Refused
from vedc.execute.shared.sealed import Sealed, Unsound, seal, unseal
from vedc.execute.shared.threads import Threads, for_all, wait_for
from vedc.execute.store import Store, StoreEntry

#: Entries sent concurrently.
_SENDERS: Final = 4
_HINT: Final = "the film is complete; the next machine renders again what is not there"


class SharedStore(Store):
    """A :class:`Store` whose entries are shared with other machines. Methods that read also raise
    the errors of :meth:`Objects.open`."""

    def __init__(self, folder: Path, address: Address, limit: int | None = None) -> None:
        super().__init__(folder, limit)
        self.objects = Objects(address)
        self.fetched = 0
        """Entries fetched from the shared store."""
        self.sent = 0
        """Entries sent to it."""
        self._absent: set[str] = set()
        self._there: set[str] = set()
        """Keys that the shared store is known to lack, and keys that it is known to have."""
        self._lock = threading.Lock()
        self._senders: Threads | None = None
        self._going: dict[str, Future[None]] = {}
        self._problem: Problem | None = None
        self._mixed: dict[Problem, None] = {}
        """Warnings about the machines that made fetched entries."""
        self._witness = ""

    def __reduce__(self) -> tuple[object, ...]:
        return SharedStore, (self.folder, self.objects.address, self.limit)

    def on_machine(self, folder: Path) -> SharedStore:
        """The same store on a machine without access to this one's folder."""
        return SharedStore(folder, self.objects.address, self.limit)

    # -- reading ---------------------------------------------------------------------------

    def has(self, key: str) -> bool:
        return super().has(key) or key not in self._lacking([key])

    def get(self, key: str) -> StoreEntry | None:
        entry = super().get(key)
        if entry is not None or key in self._absent:
            return entry
        return self._fetched(key)

    def missing(self, keys: Iterable[str]) -> set[str]:
        lacking = {key for key in keys if super(SharedStore, self).get(key) is None}
        return self._lacking(sorted(lacking))

    def fetch(self, keys: Iterable[str], note: Callable[[str], None] | None = None) -> None:
        """Fetch those of these entries that this machine lacks and the shared store has."""
        wanted = [
            key
            for key in dict.fromkeys(keys)
            if key not in self._absent and not super(SharedStore, self).has(key)
        ]
        before = self.fetched
        for_all(self.get, wanted)
        if note is not None and (found := self.fetched - before):
            what = "1 segment" if found == 1 else f"{found} segments"
            note(f"{what} fetched from the store {self.objects.address.shown}")

    def look_again(self, keys: Iterable[str]) -> None:
        keys = list(keys)
        super().look_again(keys)
        self._absent.difference_update(keys)
        self.fetch(keys)

    def expect(self, key: str) -> None:
        self._absent.discard(key)
        self._threads().submit(partial(self.get, key))

    # -- writing ---------------------------------------------------------------------------

    @contextmanager
    def put(
        self, key: str, kind: str = "video", meta: Mapping[str, Any] | None = None
    ) -> Iterator[Path]:
        with super().put(key, kind, meta) as path:
            yield path
        self._send(key, self._sent)

    def share(self, keys: Iterable[str]) -> None:
        """Send those of these entries that this machine has and the shared store lacks."""
        for key in dict.fromkeys(keys):
            if key not in self._there and super().has(key):
                self._send(key, self._sent_if_lacking)

    def when_shared(self, key: str, then: Callable[[], None]) -> None:
        def done(future: Future[None]) -> None:
            if future.exception() is None and key in self._there:
                then()

        going = self._going.get(key)
        if going is not None:
            going.add_done_callback(done)
        elif key in self._there:
            then()

    def settle(self) -> list[Problem]:
        while self._going:
            key, future = next(iter(self._going.items()))
            wait_for(future)
            del self._going[key]
        problem, self._problem = self._problem, None
        return [*self._mixed, *([problem] if problem is not None else [])]

    # -- other machines --------------------------------------------------------------------

    def witness(self) -> str:
        name = super().witness()
        if name and name != self._witness:
            with self._draft("witness") as draft:
                draft.write_bytes(b"A render is under way.\n")
                self._put_at(f"witnesses/{name}", draft)
            self._witness = name
        return name

    def is_reached(self, witness: str) -> bool:
        """Whether another process, on another machine, uses this shared store."""
        return witness.isalnum() and self.objects.has(f"witnesses/{witness}")

    def forget_witness(self) -> None:
        name, self._witness = self._witness, ""
        if name:
            with suppress(Refused, UserError):
                self.objects.remove([f"witnesses/{name}"])

    # -- inside ----------------------------------------------------------------------------

    def _lacking(self, keys: Sequence[str]) -> set[str]:
        """The keys that the shared store lacks."""
        asked = [key for key in keys if key not in self._absent and key not in self._there]
        answers = for_all(lambda key: self.objects.has(_name(key)), asked)
        for key, there in zip(asked, answers, strict=True):
            (self._there if there else self._absent).add(key)
        return {key for key in keys if key in self._absent}

    def _fetched(self, key: str) -> StoreEntry | None:
        index = self._index(key)
        self._prepare()
        with self._draft(key) as draft:
            with self._writing():
                found = self.objects.get(_name(key), draft)
            if not found:
                self._absent.add(key)
                return None
            try:
                with self._writing():
                    sealed = unseal(draft, key)
            except Unsound:
                self._absent.add(key)
                with self._lock:
                    self.damaged += 1
                with suppress(Refused, UserError):
                    self.objects.remove([_name(key)])
                return None
            with self._lock:
                size = self._publish(index, draft, sealed.kind, dict(sealed.meta))
                self.fetched += 1
        self._there.add(key)
        by = sealed.machine
        if by is not None and (warning := mixed(by, this_machine())) is not None:
            self._mixed[warning] = None
        with self._lock:
            self._keep_limit(size)
        return super().get(key)

    def _send(self, key: str, how: Callable[[str], None]) -> None:
        if not self.objects.address.is_written:
            return
        self._absent.discard(key)
        self._going[key] = self._threads().submit(partial(how, key))

    def _threads(self) -> Threads:
        with self._lock:
            self._senders = self._senders or Threads(_SENDERS, "vedc-send")
            return self._senders

    def _sent_if_lacking(self, key: str) -> None:
        try:
            there = self.objects.has(_name(key))
        except UserError as error:
            self._stop_sending(error.problems[0])
            return
        if there:
            self._there.add(key)
        else:
            self._sent(key)

    def _sent(self, key: str) -> None:
        entry = super().get(key)
        if entry is None or self._problem is not None:
            return  # the store is gone: do not try every segment
        with self._draft(key) as draft:
            with self._writing():
                seal(entry.path, draft, Sealed(key, entry.kind, entry.meta, this_machine()))
            try:
                self._put_at(_name(key), draft)
            except UserError as error:
                self._stop_sending(error.problems[0])
                return
        with self._lock:
            self.sent += 1
        self._there.add(key)

    def _put_at(self, name: str, draft: Path) -> None:
        try:
            self.objects.put(name, draft)
        except Refused:
            message = f"the store {self.objects.address.shown} may be read, and not written"
            hint = "ask for the right to write, or leave it to machines that have it"
            raise RenderError.one("store-refused", message, hint=hint) from None

    def _stop_sending(self, problem: Problem) -> None:
        message = f"{problem.message}: nothing more is put there"
        hint = problem.hint if problem.code == "store-refused" else _HINT
        self._problem = Problem(problem.code, message, None, hint, "warning")


def _name(key: str) -> str:
    return f"entries/{key[:2]}/{key}"
