"""Preparing a worker on another machine: it needs the store, and every file of the film with the
same content."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from platformdirs import user_cache_path

from vedc.edit.media_info import MediaInfo, kept_digest, split_locator
from vedc.errors import Problem, RenderError, SourceLocation
from vedc.execute.shared.layered import SharedStore
from vedc.execute.shared.sources import fetch_source
from vedc.execute.store import Store
from vedc.execute.unchanged_files import UnchangedFiles
from vedc.execute.work import Job
from vedc.media.digest import Stamp
from vedc.media.known_files import content_name
from vedc.plan.plan import Plan


def at_home(job: Job, witness: str, ask: Callable[[str], None]) -> Job:
    """The job adapted to this machine. Missing files come from the shared store, if there is one;
    ``ask`` has a file put there, by its digest.

    Raises RenderError ``not-on-machine`` for each file that this machine lacks or has with other
    content, and for a store without ``witness``.
    """
    return _Home(job, ask).settled(witness)


class _Home:
    def __init__(self, job: Job, ask: Callable[[str], None]) -> None:
        self._job, self._ask = job, ask
        self._folder = user_cache_path("vedc") / "farm"
        self._machine = socket.gethostname()
        self._problems: list[Problem] = []
        self._found: dict[str, str | None] = {}

    def settled(self, witness: str) -> Job:
        store = self._store(witness)
        if self._problems:  # without a store, no files can be found
            raise RenderError(tuple(self._problems))
        moved = store is not self._job.store
        for output in self._job.outputs:
            name_of = output.files.digest if output.files is not None else None
            if moved:
                output.store, name_of = store, partial(content_name, self._folder / "digests")
            if name_of is not None:
                output.plan = self._plan(output.plan, store, name_of)
                output.files = UnchangedFiles(output.plan, name_of)
        if self._problems:
            raise RenderError(tuple(self._problems))
        return replace(self._job, store=store)

    def _store(self, witness: str) -> Store:
        """This machine's store."""
        store = self._job.store
        if store.is_that_of(witness):
            return store
        if not isinstance(store, SharedStore):
            message = f"machine {self._machine} does not see the cache {store.folder}"
            hint = "name a folder that all machines share with --cache, or a store with --store"
            self._problems.append(Problem("not-on-machine", message, hint=hint))
        elif not store.is_reached(witness):
            where = store.objects.address.shown
            message = f"machine {self._machine} does not find this render in the store {where}"
            hint = "all machines need one store: a bucket, or a folder that all of them see"
            self._problems.append(Problem("not-on-machine", message, hint=hint))
        else:
            own = store.on_machine(self._folder)
            own.tidy()
            return own
        return store

    def _plan(self, plan: Plan, store: Store, name_of: Callable[[str], str]) -> Plan:
        """A plan with this machine's paths."""
        files: dict[str, str] = {}
        for planned, path in plan.files.items():
            if planned not in self._found:
                where = plan.locations.get(planned)
                self._found[planned] = self._file(planned, path, where, store, name_of)
            files[planned] = self._found[planned] or path
        if self._problems:
            return plan
        return replace(plan, files=files, media=_media(plan, files))

    def _file(
        self,
        planned: str,
        path: str,
        location: SourceLocation | None,
        store: Store,
        name_of: Callable[[str], str],
    ) -> str | None:
        """The path of a file on this machine."""
        if kept_digest(path) is not None:  # a composition, in the store
            return path
        shown = split_locator(path)[0]
        try:
            if name_of(path) == planned:
                return path
            message = f"machine {self._machine} has another '{shown}', with other content"
        except (OSError, ValueError) as error:
            reason = (getattr(error, "strerror", None) or str(error)).lower()
            message = f"machine {self._machine} cannot read '{shown}': {reason}"
        if isinstance(store, SharedStore):
            copy = partial(fetch_source, store.objects, planned, self._folder / "sources", name_of)
            if (found := copy()) is None:
                self._ask(planned)
                found = copy()
            if found is not None:
                return found
        hint = "put it into a folder that all machines see under the same path, or use --store"
        self._problems.append(Problem("not-on-machine", message, location, hint))
        return None


def _media(plan: Plan, files: Mapping[str, str]) -> dict[tuple[str, int], MediaInfo]:
    """The probed media with this machine's paths; the content is the same."""
    found = {}
    for (digest, stream), info in plan.media.items():
        path = files.get(digest)
        if path is not None and kept_digest(path) is None:
            stamp = Stamp.of(Path(path))
            info = replace(
                info,
                path=split_locator(path)[0],
                size=stamp.size,
                mtime_ns=stamp.mtime_ns,
                ctime_ns=stamp.ctime_ns,
                inode=stamp.inode,
            )
        found[digest, stream] = info
    return found
