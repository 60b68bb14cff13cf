"""Runs analyses: a graph of them, one decoding of each file, every result kept by content.

The nodes of the graph are interned by key: the analysis and its version, its parameters, the
digest of the file, what made its inputs. What is kept is not computed again, and what needs
the same decoding shares it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import weakref
from collections.abc import Callable, Generator, Iterable
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from vedc.decide.analyses.analysis import Analysis, AnalysisRequest, Progress, Watcher, get
from vedc.decide.analyses.result_cache import ResultCache
from vedc.decide.analyses.results import Result, Thumbs
from vedc.edit.media_info import MediaInfo
from vedc.errors import RenderError, SpecError


@dataclass(frozen=True, slots=True)
class AnalysisNode:
    """An analysis of a file, with what it is made from."""

    key: str
    analysis: Analysis
    ask: AnalysisRequest
    inputs: tuple[AnalysisNode, ...]


class _Drafting:
    """A watcher that writes a draft as it looks on, in the context of ``writing``."""

    def __init__(
        self, make: Callable[[], Watcher], writing: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._writing = writing
        with writing():
            self._watcher = make()

    def push(self, block: Any) -> None:
        with self._writing():
            self._watcher.push(block)

    def finish(self) -> Any:
        with self._writing():
            return self._watcher.finish()


class AnalysisRunner:
    """Answers :class:`~vedc.decide.analyses.analysis.AnalysisRequest`.

    ``cache`` is the folder for results (None: nothing outlives this object); ``digest`` names
    a file by its content; ``threads`` limits decoding (0: one for each processor).
    """

    def __init__(
        self,
        cache: Path | None,
        digest: Callable[[str], str],
        progress: Progress | None = None,
        threads: int = 0,
    ) -> None:
        if cache is None:
            cache = Path(tempfile.mkdtemp(prefix="vedc-analyses-"))
            weakref.finalize(self, shutil.rmtree, cache, ignore_errors=True)
        self._kept = ResultCache(cache)
        self._digest, self._progress, self._threads = digest, progress, threads
        self._nodes: dict[str, AnalysisNode] = {}
        self._known: dict[str, Result] = {}
        self.made: list[str] = []
        """Names of what was computed, in order: not what was kept."""

    def __call__(self, *asks: AnalysisRequest) -> list[Any]:
        """The results, in the order asked.

        Raises SpecError ``no-picture`` or ``no-sound`` where a file lacks what is to be
        analysed, RenderError where it cannot be decoded.
        """
        wanted = [self.node(ask) for ask in asks]
        self._decode(wanted)
        return [self._result(node) for node in wanted]

    def node(self, ask: AnalysisRequest) -> AnalysisNode:
        """The node of the graph that answers ``ask``."""
        analysis = get(ask.name)
        lacks = {
            "picture": ask.media.video is None,
            "sound": ask.media.audio is None,
            "derived": False,
        }[analysis.of]
        if lacks:
            message = f"'{ask.media.path}' has no {analysis.of}, so its {ask.name} cannot be found"
            raise SpecError.one(f"no-{analysis.of}", message, hint="name another source or method")
        inputs = tuple(self.node(AnalysisRequest(name, ask.media)) for name in analysis.needs)
        facts = [
            analysis.name,
            analysis.version,
            analysis.by(dict(ask.params)),
            ask.params,
            self._digest(ask.media.path),
            [node.key for node in inputs],
        ]
        key = hashlib.sha256(json.dumps(facts).encode()).hexdigest()
        return self._nodes.setdefault(key, AnalysisNode(key, analysis, ask, inputs))

    def made_by(self, ask: AnalysisRequest) -> dict[str, str]:
        """Name and version of every analysis that an answer hangs on, for the lock."""
        node = self.node(ask)
        found = {
            n.analysis.name: " ".join(
                filter(None, (str(n.analysis.version), n.analysis.by(dict(n.ask.params))))
            )
            for n in _all([node])
        }
        return dict(sorted(found.items()))

    # -- running -----------------------------------------------------------------------------

    def _result(self, node: AnalysisNode) -> Result:
        found = self._have(node)
        if found is None:
            given = {n.analysis.name: self._result(n) for n in node.inputs}
            found = node.analysis.make(node.ask.media, **given, **dict(node.ask.params))
            self._keep(node, found)
        return found

    def _have(self, node: AnalysisNode) -> Result | None:
        if node.key not in self._known:
            kept = self._kept.get(node.key, node.analysis.gives)
            if kept is None:
                return None
            self._known[node.key] = kept
        return self._known[node.key]

    def _keep(self, node: AnalysisNode, result: Result) -> None:
        self.made.append(node.analysis.name)
        self._kept.put(node.key, result)
        self._known[node.key] = result

    def _decode(self, wanted: Iterable[AnalysisNode]) -> None:
        """Compute whatever is missing and looks at pictures or sound: each file once."""
        missing: dict[tuple[str, str], dict[str, AnalysisNode]] = {}
        for node in self._missing(wanted):
            if node.analysis.of != "derived":
                group = missing.setdefault((node.ask.media.path, node.analysis.of), {})
                group[node.key] = node
        for (_, of), nodes in missing.items():
            self._watch(next(iter(nodes.values())).ask.media, of, list(nodes.values()))

    def _missing(self, wanted: Iterable[AnalysisNode]) -> Iterable[AnalysisNode]:
        for node in wanted:
            if self._have(node) is None:
                yield from self._missing(node.inputs)
                yield node

    def _watch(self, media: MediaInfo, of: str, nodes: list[AnalysisNode]) -> None:
        watchers: list[Watcher] = []
        drafts: dict[str, Path] = {}
        try:
            for node in nodes:
                make = partial(node.analysis.make, media, **dict(node.ask.params))
                if node.analysis.gives is Thumbs:
                    with self._writing():
                        drafts[node.key] = self._kept.draft()
                    make = partial(make, draft=drafts[node.key])
                    watchers.append(_Drafting(make, self._writing))
                else:
                    watchers.append(make())
            if of == "picture":
                from vedc.decide.analyses.decode_video import decode_video

                decode_video(media, watchers, self._progress, self._threads)
            else:
                from vedc.decide.analyses.decode_sound import decode_sound

                decode_sound(media, watchers, self._progress)
            for node, watcher in zip(nodes, watchers, strict=True):
                result = watcher.finish()
                if node.key in drafts:
                    self.made.append(node.analysis.name)
                    with self._writing():
                        self._known[node.key] = self._kept.put_thumbs(node.key, drafts[node.key])
                else:
                    self._keep(node, result)
        finally:
            for draft in drafts.values():
                draft.unlink(missing_ok=True)

    @contextmanager
    def _writing(self) -> Generator[None]:
        """Tell what the disk refuses, a folder or more bytes, as a fault of the cache."""
        try:
            yield
        except OSError as error:
            reason = str(error.strerror or error).lower()
            message = f"{self._kept.folder} cannot be written: {reason}"
            hint = "name another folder with --cache"
            raise RenderError.one("cannot-use-cache", message, hint=hint) from None


def _all(nodes: Iterable[AnalysisNode]) -> Iterable[AnalysisNode]:
    for node in nodes:
        yield from _all(node.inputs)
        yield node
