"""One spec with the options of the command line, up to the resolved edits.

Data read repeatedly from the same files (probes, digests, fonts, segments) is cached in one folder,
``.vedc/cache`` beside the spec. Checking loads nothing that only planning or rendering needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from fractions import Fraction
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from vedc.edit.contents import Text
from vedc.edit.model import Edit
from vedc.edit.text_box import TextBox
from vedc.edit.times import MAX_FILM
from vedc.errors import Problem, UsageError, sort_problems
from vedc.lang.form.default_outputs import target_size
from vedc.lang.resolve.compile import canonical, check
from vedc.lang.resolve.items.context import CheckContext
from vedc.lang.yaml.load import Document, display_name, load
from vedc.lang.yaml.tree import SpecNode
from vedc.media.known_files import LookCache, ProbeCache, content_name
from vedc.support.lazy_dataclass import dataclass, field
from vedc.support.suggest import did_you_mean
from vedc.text.fonts import FontCache
from vedc.workspace.machine_fonts import NamedFonts
from vedc.workspace.models.pins import RUNTIME, PinnedModels
from vedc.workspace.moments import Part, frame_at
from vedc.workspace.outputs.written import OUTPUTS
from vedc.workspace.remote import Network, RemoteFiles

if TYPE_CHECKING:
    from vedc.decide.analyses.analysis import Progress
    from vedc.decide.analyses.runner import AnalysisRunner
    from vedc.decide.lock.lock_file import Lock
    from vedc.decide.lock.resolve_lock import Mode, ResolvedLock
    from vedc.execute.shared.address import Address
    from vedc.execute.store import Store
    from vedc.lang.keys.random_pick import Pick

CACHE = Path(".vedc") / "cache"


@dataclass(frozen=True)
class Shared:
    """Data shared by many films of one spec."""

    document: Document
    var_file: SpecNode | None
    probes: ProbeCache
    fonts: FontCache


@dataclass(frozen=True)
class Build:
    """One spec with the options of the command line.

    ``given``: variables by ``--set``; ``allow``: further folders for media; ``cache``: the cache
    folder, if not the one beside the spec.
    """

    spec: Path | Literal["-"]
    set_values: Mapping[str, str] = field(default_factory=dict)
    var_file: Path | None = None
    allow: Sequence[Path] = ()
    cache: Path | None = None
    target: Path | None = None
    """Path that replaces that of the only output (``-o``)."""
    plugins: bool = False
    """Whether the plugins that the spec names may run."""
    max_length: Fraction = MAX_FILM
    """Seconds that a film may last."""
    draft: Fraction = Fraction(1)
    """The size of the film relative to the spec's."""
    part: Part = Part()
    """The part of the film that is rendered."""
    only: Sequence[str] = ()
    """Names of the outputs that are rendered, if not all."""
    still: str | None = None
    """A time: ``target`` is a picture of the film at it, in place of the outputs."""
    network: Network = Network()
    """Permissions to fetch from other machines."""
    run_models: bool = False
    """Whether models that are not vedc's own may run."""
    row: SpecNode | None = None
    """Values of variables by name, of one film of many; before those of ``var_file``."""
    shared: Shared | None = None
    """Data shared by the builds of many films."""
    home: Path | None = None
    """The folder of a spec without a file, if not the working directory."""
    shared_store: Address | None = None
    """The store of segments that several machines share."""

    @cached_property
    def root(self) -> Path:
        """The folder that the spec's paths are relative to."""
        if self.spec == "-":
            return (self.home or Path.cwd()).absolute()
        return self.spec.absolute().parent

    @cached_property
    def folder(self) -> Path:
        return self.cache or self.root / CACHE

    def open_store(self) -> Store:
        """The store of the build's segments."""
        if self.shared_store is None:
            from vedc.execute.store import Store

            return Store(self.folder)
        from vedc.execute.shared.layered import SharedStore

        return SharedStore(self.folder, self.shared_store)

    @property
    def record_folders(self) -> list[Path]:
        """The cache's folders besides the store's."""
        names = ("probes", "fonts", "digests", "tables", "analyses", OUTPUTS)
        return [self.folder, *(self.folder / name for name in names)]

    @property
    def digest(self) -> Callable[[str], str]:
        """Gives the digest of a file's content: :func:`vedc.media.known_files.content_name`. Worker
        processes get it, too."""
        return partial(content_name, self.folder / "digests")

    @property
    def lock(self) -> Path:
        """The lock file, beside the spec."""
        return self.root / "vedc.lock"

    @cached_property
    def remote(self) -> RemoteFiles:
        """The remote files that the spec names."""

        digests = self.folder / "digests"
        return RemoteFiles(self.folder / "remote", digests, self.network, self._pins)

    @cached_property
    def named_fonts(self) -> NamedFonts:
        """The fonts that the spec names by family."""
        return NamedFonts(self.folder / "fonts", self.folder / "digests", self._pins)

    @cached_property
    def models(self) -> PinnedModels:
        """The network files that the spec names."""
        found = PinnedModels(self.root, lambda: self._locked().models, self.folder / "digests")
        found.allowed = self.run_models
        return found

    def _pins(self) -> Mapping[str, str]:
        return self._locked().pins

    def _locked(self) -> Lock:
        from vedc.decide.lock.lock_file import Lock

        return Lock.load(self.lock)

    def share(self) -> Shared:
        """Data shared by the builds of many films of the spec. Raises as ``load``."""
        return Shared(
            load(self.spec),
            self._var_file(),
            ProbeCache(self.folder / "probes", remember=True),
            FontCache(self.folder / "fonts", remember=True),
        )

    def _var_file(self) -> SpecNode | None:
        return load(self.var_file).root if self.var_file else None

    def context(self) -> CheckContext:
        """The context of the spec's checks."""
        allow = list(self.allow)
        if self.target is not None:  # a target named on the command line may be written
            allow.append(self.target.absolute().parent)
        shared = self.shared
        return CheckContext(
            self.root,
            ProbeCache(self.folder / "probes") if shared is None else shared.probes,
            FontCache(self.folder / "fonts") if shared is None else shared.fonts,
            allow,
            self.plugins,
            self.set_values,
            _over(self.row, self._var_file() if shared is None else shared.var_file),
            max_length=self.max_length,
            probe_look=LookCache(self.folder / "tables"),
            measure=_measure,
            find_font=_font_with,
            draft=self.draft,
            fetch=self.remote,
            family=self.named_fonts,
            models=self.models,
        )

    def canonical(self, picks: list[Pick] | None = None) -> Document:
        """The canonical form of the spec. ``picks`` takes what seeds picked. Raises with every
        problem of form."""
        return canonical(self._document(), self.context(), picks)

    def edits(self, deciding: Deciding | None = None) -> list[Edit]:
        """Check the spec; one edit for each output. Raises with every problem.

        ``deciding`` makes the decisions that the spec leaves to vedc; by default they are taken
        from the lock, and those missing there remain open.
        """
        settle = (deciding or Deciding(self)).resolve_lock
        edits = check(self._document(), self.context(), settle)
        return list(map(self._shown, self._selected(edits)))

    def _selected(self, edits: list[Edit]) -> list[Edit]:
        """The edits of the outputs that ``only`` names. Raises UsageError for an unknown name."""
        paths = list(dict.fromkeys(edit.output.path for edit in edits))
        wanted: set[str] = set()
        for name in self.only:
            found = {path for path in paths if _is_named(Path(path), name, self.root)}
            if not found:
                names = [Path(path).name for path in paths]
                near = did_you_mean(name, names)
                tail = f"; did you mean {near!r}?" if near else ""
                message = f"the spec has no output {name!r}{tail}"
                hint = f"it writes {', '.join(names)}"
                raise UsageError.one("unknown-output", message, hint=hint)
            wanted |= found
        return [edit for edit in edits if edit.output.path in wanted or not self.only]

    def _shown(self, edit: Edit) -> Edit:
        """An edit with the command line's time options applied."""
        if self.still is not None:
            at = frame_at(edit, "--at", self.still)
            return replace(edit, output=replace(edit.output, at=at))
        return edit if edit.output.at is not None else replace(edit, part=self.part.of(edit))

    def _document(self) -> Document:
        document = load(self.spec) if self.shared is None else self.shared.document
        if self.target is None:
            return document
        target = self.target.absolute()
        return _redirected(document, target) if self.still is None else _pictured(document, target)


class Deciding:
    """How the questions of one spec are answered: see ``vedc.decide.lock.resolve_lock``."""

    def __init__(
        self,
        build: Build,
        mode: Mode = "kept",
        progress: Progress | None = None,
        threads: int = 0,
        tidy: bool = False,
    ) -> None:
        """``tidy``: remove obsolete entries from the lock, even if the spec asks nothing."""
        self.build, self.mode, self.threads, self.tidy = build, mode, threads, tidy
        self.progress = progress
        self.networks = ""
        """The backend that runs networks, if any run: one of ``vedc.nn``."""
        self.settled: ResolvedLock | None = None
        """The answers; None for a spec that asks nothing and has no lock."""
        self.canonical: Document | None = None
        """The canonical spec, once it has passed its first checks."""
        self._read: Lock | None = None
        """The lock as read."""
        build.remote.locked = build.named_fonts.locked = mode == "locked"
        build.models.locked, build.models.accepting = mode == "locked", mode == "accept"

    @property
    def location(self) -> Path:
        """The lock file, beside the spec."""
        return self.build.lock

    @property
    def name(self) -> str:
        """The name of the spec in the lock."""
        return "-" if self.build.spec == "-" else self.build.spec.name

    @property
    def warnings(self) -> Sequence[Problem]:
        """Warnings about decisions that no longer fit, once made, and about networks."""
        notes = () if self.settled is None else self.settled.notes
        return [*notes, *self._runtime_notes()]

    def _runtime_notes(self) -> list[Problem]:
        if not self.networks or not self.build.models.draws:
            return []
        from vedc.nn.backends import engine

        note = self.build.models.runtime_note(engine(self.networks), display_name(self.location))
        return [] if note is None else [note]

    @property
    def in_lock(self) -> bool:
        """Whether the lock, as read, has all the decisions."""
        made, read = self.settled, self._read
        return made is None or (read is not None and made.lock.text == read.text)

    @property
    def template(self) -> bool:
        """Whether variables are set: decisions for those are not written to the lock."""
        build = self.build
        return bool(build.set_values) or build.var_file is not None or build.row is not None

    def resolve_lock(self, document: Document, context: CheckContext) -> Document:
        """Answer the questions of a canonical spec. Raises as ``resolve_lock.resolve_lock``."""
        from vedc.lang.resolve.questions import asks_anything

        self.canonical = document
        if not asks_anything(document.root) and not (self.tidy and self.location.exists()):
            return document
        from vedc.decide.lock.lock_file import Lock
        from vedc.decide.lock.resolve_lock import Decider, resolve_lock

        self._read = Lock(self.location) if self.build.spec == "-" else Lock.load(self.location)
        self.settled = resolve_lock(
            document,
            self._read,
            self.name,
            self.mode,
            Decider(self.analyst, self.build.root),
            context,
            self.build.digest,
        )
        return self.settled.document

    def analyst(self) -> AnalysisRunner:
        """An analysis runner with the project's cache."""
        from vedc.decide.analyses.runner import AnalysisRunner

        folder = self.build.folder / "analyses"
        return AnalysisRunner(folder, self.build.digest, self.progress, self.threads)

    @property
    def unwritten(self) -> bool:
        """Whether the lock does not hold these decisions yet, as where they were stale."""
        if self.settled is None or self._read is None:
            return False
        return self.settled.lock.texts(self.name) != self._read.texts(self.name)

    def save(self) -> bool:
        """Write the lock, except for standard input and with variables; whether it changed.

        It holds the decisions and the digests of remote files. Entries written for other specs in
        the meantime are preserved. Raises LockError if this spec's decisions changed in the
        meantime, or if the lock cannot be written.
        """
        if self.build.spec == "-" or self.template:
            return False
        decided = self._save_decisions()
        pinned = self._save_pins()
        return self._save_models() or pinned or decided

    def _save_pins(self) -> bool:
        used = {**self.build.remote.used, **self.build.named_fonts.used}
        if not used:
            return False
        from vedc.decide.lock.lock_file import Lock

        now = Lock.load(self.location)
        return now.with_pins({**now.pins, **used}).save()

    def _save_models(self) -> bool:
        """Save the digests of network files, and their runtime: the latter only if unknown, or by
        ``vedc lock``, so that a render elsewhere does not rewrite it."""
        used = self.build.models.used
        if not used:
            return False
        from vedc.decide.lock.lock_file import Lock

        now = Lock.load(self.location)
        made = {**now.models, **used}
        if self.build.models.draws and (self.tidy or RUNTIME not in made):
            from vedc.nn.backends import engine

            made[RUNTIME] = engine(self.networks or "cv")
        return now.with_models(made).save()

    def _save_decisions(self) -> bool:
        if self.settled is None:
            return False
        from vedc.decide.lock.lock_file import Lock
        from vedc.errors import LockError, SourceLocation

        made, read = self.settled.lock, self._read
        if read is None or made.text == read.text:
            return False
        now = Lock.load(self.location)
        if now.text != read.text:
            if now.texts(self.name) != read.texts(self.name):
                message = f"the decisions for {self.name} changed while vedc was deciding"
                hint = "nothing is lost: run the same command again"
                raise LockError.one("lock-changed", message, SourceLocation(now.file), hint)
            made = now.with_entries(self.name, made.entries(self.name))
            self.settled.lock = made
        changed = made.save()
        self._tidy_files(made.text)
        return changed

    def _tidy_files(self, lock: str) -> None:
        """Remove the files beside the lock that it no longer names."""
        if (self.build.root / "vedc.lock.d").is_dir():
            from vedc.decide.kept_files import KeptFiles

            KeptFiles(self.build.root).tidy(lock)


def _over(values: SpecNode | None, others: SpecNode | None) -> SpecNode | None:
    """Values by name, ``values`` before ``others``; non-mappings are left to the checks."""
    if values is None or others is None or not isinstance(others.value, dict):
        return others if others is not None else values
    return others.with_value({**others.value, **values.entries})


def _is_named(path: Path, name: str, root: Path) -> bool:
    """Whether a name denotes an output: by its file name, with or without extension, a pattern of
    file names, or its path in the spec."""
    return name in (path.stem, str(path)) or fnmatchcase(path.name, name) or root / name == path


def _measure(text: Text, scale: float) -> TextBox:
    from vedc.text.titles import measure  # loads HarfBuzz and ICU: only for specs with titles

    return measure(text, scale)


def _font_with(characters: Sequence[str]) -> Path | None:
    from vedc.text.machine_fonts import font_with

    return font_with(characters)


def warnings_of(
    edits: Sequence[Edit], deciding: Deciding, *, notes: bool = False
) -> tuple[Problem, ...]:
    """The warnings about decisions and about all edits, each once, by place."""
    of_edits = (
        problem
        for edit in edits
        for problem in edit.warnings
        if notes or problem.severity == "warning"
    )
    return sort_problems([*deciding.warnings, *of_edits])


def _pictured(document: Document, target: Path) -> Document:
    """The spec with one output, a picture on the canvas of its first; other mistakes are left to
    the checks."""
    root = document.root
    outputs = root.get("outputs") if isinstance(root.value, dict) else None
    if not isinstance(root.value, dict):
        return document
    listed = outputs.value if outputs is not None and isinstance(outputs.value, list) else []
    first = listed[0].value if listed and isinstance(listed[0].value, dict) else {}
    output = {key: first[key] for key in first if key in ("width", "height", "fps")}
    if "target" in first:
        output |= target_size(listed[0])
    output["path"] = SpecNode(str(target))
    entries = {**root.entries, "outputs": SpecNode([SpecNode(output)])}
    return replace(document, root=root.with_value(entries))


def _redirected(document: Document, target: Path) -> Document:
    """The spec with its single output at ``target``; other mistakes are left to the checks."""
    root = document.root
    if not isinstance(root.value, dict):
        return document
    outputs = root.get("outputs") or SpecNode(None, root.location)
    listed = outputs.value if isinstance(outputs.value, list) else []
    if len(listed) > 1:
        raise UsageError.one(
            "ambiguous-output",
            f"-o names one file, but {document.file} has {len(listed)} outputs",
            outputs.location,
            "leave -o out, or keep one output in the spec",
        )
    first = listed[0] if listed else SpecNode(None, outputs.location)
    settings = first.value if isinstance(first.value, dict) else {}
    path = settings.get("path", first)
    output = first.with_value({**settings, "path": path.with_value(str(target))})
    entries = {**root.entries, "outputs": outputs.with_value([output])}
    return replace(document, root=root.with_value(entries))
