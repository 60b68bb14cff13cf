"""Runs analyses as a graph: one decoding of each file, every result cached by content.

The key of a node covers the analysis and its version, its parameters, the digest of the file and
the keys of its inputs. Analyses that need the same decoding share it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import weakref
from collections.abc import Callable, Generator, Iterable
from contextlib import AbstractContextManager, ExitStack, contextmanager
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
    """An analysis of a file, and its inputs."""

    key: str
    analysis: Analysis
    request: AnalysisRequest
    digest: str
    """Of the file."""
    inputs: tuple[AnalysisNode, ...]


class _Drafting:
    """A watcher that writes a draft, each call in the context of ``writing``."""

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


def _streams(media: MediaInfo) -> list[list[int]]:
    """Keys that distinguish analyses of a file's other streams; none for its first ones."""
    video = media.video.stream if media.video is not None else 0
    audio = media.audio.stream if media.audio is not None else 0
    return [[video, audio]] if video or audio else []


class AnalysisRunner:
    """Answers :class:`~vedc.decide.analyses.analysis.AnalysisRequest`.

    ``cache`` is the folder of results (None: a temporary one); ``digest`` names a file by its
    content; ``threads`` limits decoding (0: one per CPU core).
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
        self._cache = ResultCache(cache)
        self._digest, self._progress, self._threads = digest, progress, threads
        self._nodes: dict[str, AnalysisNode] = {}
        self._known: dict[str, Result] = {}
        self._noted = False
        self.made: list[str] = []
        """Names of the analyses that were computed, not read from the cache, in order."""

    def __call__(self, *asks: AnalysisRequest) -> list[Any]:
        """The results, in order.

        Raises SpecError ``no-picture`` and ``no-sound``, RenderError if decoding fails.
        """
        nodes = [self.node(request) for request in asks]
        self._decode(nodes)
        self._read(nodes)
        return [self._result(node) for node in nodes]

    def node(self, request: AnalysisRequest) -> AnalysisNode:
        """The node of the graph that answers a request."""
        analysis = get(request.name)
        lacks = {"picture": request.media.video is None, "sound": request.media.audio is None}
        if lacks.get(analysis.of):
            path = request.media.path
            message = f"'{path}' has no {analysis.of}, so its {request.name} cannot be found"
            raise SpecError.one(f"no-{analysis.of}", message, hint="name another source or method")
        inputs = tuple(self.node(AnalysisRequest(name, request.media)) for name in analysis.needs)
        digest = self._digest(request.media.locator)
        facts = [
            analysis.name,
            analysis.version,
            analysis.by(dict(request.params)),
            request.params,
            digest,
            [node.key for node in inputs],
            *_streams(request.media),
        ]
        key = hashlib.sha256(json.dumps(facts).encode()).hexdigest()
        return self._nodes.setdefault(key, AnalysisNode(key, analysis, request, digest, inputs))

    # -- running -----------------------------------------------------------------------------

    def _result(self, node: AnalysisNode) -> Result:
        found = self._lookup(node)
        if found is None:
            given: dict[str, Any] = {n.analysis.name: self._result(n) for n in node.inputs}
            if node.analysis.reads is not None:
                given["advance"] = self._advance
            found = node.analysis.make(node.request.media, **given, **dict(node.request.params))
            self._store(node, found)
        return found

    def _lookup(self, node: AnalysisNode) -> Result | None:
        if node.key not in self._known:
            cached = self._cache.get(node.key, node.analysis.gives)
            if cached is None:
                self._note_damage(node)
                return None
            self._known[node.key] = cached
        return self._known[node.key]

    def _note_damage(self, node: AnalysisNode) -> None:
        if self._cache.damaged and not self._noted and self._progress is not None:
            self._noted = True
            place = self._cache.damaged[0]
            self._progress.note(f"{place} is damaged or outdated: {node.analysis.name} is redone")

    def _store(self, node: AnalysisNode, result: Result) -> None:
        self.made.append(node.analysis.name)
        self._cache.put(node.key, result)
        self._known[node.key] = result

    def _decode(self, wanted: Iterable[AnalysisNode]) -> None:
        """Compute the missing analyses of pictures and sound, decoding each file once."""
        missing: dict[tuple[str, str, str], dict[str, AnalysisNode]] = {}
        for node in self._missing(wanted):
            if node.analysis.of != "derived":
                media = node.request.media
                source = media.locator, str(_streams(media)), node.analysis.of
                group = missing.setdefault(source, {})
                group[node.key] = node
        for (_, _, of), nodes in missing.items():
            self._watch(next(iter(nodes.values())).request.media, of, list(nodes.values()))

    def _read(self, wanted: Iterable[AnalysisNode]) -> None:
        """Compute the missing analyses that decode parts of files themselves, such as one for each
        shot, with one progress for all parts of a file."""
        files: dict[str, dict[str, AnalysisNode]] = {}
        for node in self._missing(wanted):
            if node.analysis.reads is not None:
                files.setdefault(node.request.media.locator, {})[node.key] = node
        for nodes in files.values():
            total = 0.0
            for node in nodes.values():
                assert node.analysis.reads is not None
                media = node.request.media
                total += node.analysis.reads(media, dict(node.request.params))
            if self._progress is not None:
                self._progress.start(os.path.basename(media.path), total)
            for node in nodes.values():
                self._result(node)
            if self._progress is not None:
                self._progress.finish()

    def _advance(self, seconds: float) -> None:
        if self._progress is not None:
            self._progress.advance(seconds)

    def _missing(self, nodes: Iterable[AnalysisNode]) -> Iterable[AnalysisNode]:
        for node in nodes:
            if self._lookup(node) is None:
                yield from self._missing(node.inputs)
                yield node

    def _watch(self, media: MediaInfo, of: str, nodes: list[AnalysisNode]) -> None:
        watchers: list[Watcher] = []
        drafts: dict[str, Path] = {}
        stack = ExitStack()
        try:
            for node in nodes:
                make = partial(node.analysis.make, media, **dict(node.request.params))
                if node.analysis.gives is Thumbs:
                    with self._writing():
                        drafts[node.key] = stack.enter_context(self._cache.draft())
                    make = partial(make, draft=drafts[node.key], key=node.key)
                    watchers.append(_Drafting(make, self._writing))
                else:
                    watchers.append(make())
            if of == "picture":
                from vedc.decide.analyses.decode_video import decode_video

                decode_video(media, watchers, self._progress, self._threads)
            else:
                from vedc.decide.analyses.decode_sound import decode_sound

                decode_sound(media, watchers, self._progress)
            if any(self._digest(media.locator) != node.digest for node in nodes):
                message = f"'{media.path}' changed while it was analysed"
                raise RenderError.one("media-changed", message, hint="run it again")
            for node, watcher in zip(nodes, watchers, strict=True):
                result = watcher.finish()
                if node.key in drafts:
                    self.made.append(node.analysis.name)
                    with self._writing():
                        self._known[node.key] = self._cache.put_thumbs(node.key, drafts[node.key])
                else:
                    self._store(node, result)
        finally:
            stack.close()

    @contextmanager
    def _writing(self) -> Generator[None]:
        """Report a disk error as one of the cache."""
        try:
            yield
        except OSError as error:
            reason = str(error.strerror or error).lower()
            message = f"{self._cache.folder} cannot be written: {reason}"
            hint = "name another folder with --cache"
            raise RenderError.one("cannot-use-cache", message, hint=hint) from None
