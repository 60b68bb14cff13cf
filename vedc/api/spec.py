"""A spec in Python: read once, checked on demand, and given to plan, render and still."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Self

from vedc.errors import Interrupted, Problem, UsageError, UserError
from vedc.support.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from vedc.api.progress import Callback
    from vedc.edit.model import Edit
    from vedc.workspace.build import Build, Deciding

PathName = str | os.PathLike[str]
#: A moment or a length: a number counts seconds; a text is as on the command line: ``"300f"``,
#: ``"1:30"``, ``"25%"`` or ``"-1f"``, the last frame.
Time = str | int | float | Fraction
Scalar = None | bool | int | float | str
Value = Scalar | os.PathLike[str] | Sequence["Value"] | Mapping[str, "Value"]
"""A value of a variable: anything YAML can express."""

#: Calls take turns: the caches of a process are not made for several renders at once, and one
#: render uses the whole machine anyway.
TURN: Final = threading.RLock()


@dataclass(frozen=True, slots=True)
class Output:
    """A file that a spec writes."""

    path: Path
    form: Literal["film", "sound", "picture", "sheet"]
    width: int
    height: int
    fps: Fraction
    frames: int
    """Frames shown; 0 for sound alone."""
    duration: Fraction
    """Seconds; 0 for pictures."""


class Spec:
    """An edit. Made by :meth:`load` and :meth:`parse`; it does not change afterwards.

    Files that it names are read when they are needed. ``cache`` is the folder for data that vedc
    keeps between calls, by default ``.vedc/cache`` beside the spec. As on the command line, a spec
    may touch nothing beyond its own folder unless it is allowed: files below ``allow_paths``,
    Python ``plugins``, third-party ``models``, and files from the ``network``.
    """

    def __init__(self, build: Build) -> None:
        self._build = build

    @classmethod
    def load(
        cls,
        path: PathName,
        *,
        variables: Mapping[str, Value] | None = None,
        cache: PathName | None = None,
        allow_paths: Sequence[PathName] = (),
        allow_plugins: bool = False,
        allow_models: bool = False,
        allow_network: bool = False,
    ) -> Self:
        """The spec in a file. ``variables`` are those of ``--set``, as Python values.

        Raises MissingError if the file cannot be read, and SpecError if it is not YAML. Every
        other mistake is in :attr:`problems`, and is raised by calls that need a valid spec.
        """
        from vedc.lang.yaml.load import load
        from vedc.workspace.build import Build

        made = Build(
            Path(path),
            allow=_folders(allow_paths),
            cache=None if cache is None else Path(cache),
            plugins=allow_plugins,
            run_models=allow_models,
        )
        with TURN:
            return cls(_completed(made, load(Path(path)), variables, allow_network))

    @classmethod
    def parse(
        cls,
        text: str,
        *,
        folder: PathName = ".",
        name: str = "<text>",
        variables: Mapping[str, Value] | None = None,
        cache: PathName | None = None,
        allow_paths: Sequence[PathName] = (),
        allow_plugins: bool = False,
        allow_models: bool = False,
        allow_network: bool = False,
    ) -> Self:
        """The spec in ``text``, whose paths are relative to ``folder``.

        Messages call it ``name``. Since it has no file of its own, its decisions are neither read
        from ``vedc.lock`` nor written to it. Raises SpecError if it is not YAML.
        """
        from vedc.lang.yaml.load import load_text
        from vedc.workspace.build import Build

        made = Build(
            "-",
            allow=_folders(allow_paths),
            cache=None if cache is None else Path(cache),
            plugins=allow_plugins,
            run_models=allow_models,
            home=Path(folder),
        )
        with TURN:
            return cls(_completed(made, load_text(text, name), variables, allow_network))

    def __repr__(self) -> str:
        shared = self._build.shared
        return f"<vedc.Spec {shared.document.file if shared else self._build.spec}>"

    @property
    def folder(self) -> Path:
        """The absolute folder that its paths are relative to."""
        return self._build.root

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """Everything wrong with the spec and its files: errors, warnings and notes, by place.

        Empty for a spec that is fine. Nothing is raised, rendered or decided. Found once: load the
        spec again after a change.
        """
        from vedc.workspace.specs.checking import check_spec

        with TURN:
            try:
                checked = check_spec(self._build)
                checked.check_sound()
            except Interrupted:
                raise
            except UserError as error:
                return error.problems
            return tuple(checked.warnings)

    @property
    def valid(self) -> bool:
        """Whether it can be rendered: no problem is an error."""
        return not any(problem.severity == "error" for problem in self.problems)

    @property
    def outputs(self) -> tuple[Output, ...]:
        """What it writes. Raises SpecError or MissingError if it is not valid, and LockError where
        a length waits for a decision that ``vedc.lock`` lacks."""
        return tuple(map(_output, self._edits("locked")))

    def canonical(self) -> dict[str, Any]:
        """Its canonical form as plain data: variables are filled in, and defaults and shorthand
        are written out. Raises SpecError."""
        with TURN:
            data: dict[str, Any] = self._build.canonical().data
            return data

    def _edits(self, mode: Literal["locked", "decide"]) -> list[Edit]:
        from vedc.workspace.build import Deciding

        with TURN:
            return self._build.edits(Deciding(self._build, mode))


def build_of(
    spec: Spec,
    *,
    output: PathName | None = None,
    only: Sequence[str] = (),
    start: Time | None = None,
    end: Time | None = None,
    scale: float | Fraction = 1,
    store: PathName | None = None,
) -> Build:
    """The build of a spec with the options of one call. Raises UsageError."""
    from vedc.execute.shared.address import address_of
    from vedc.workspace.moments import Part

    if isinstance(only, str):
        raise TypeError(f"only takes a list of names, such as [{only!r}]")
    size = Fraction(str(scale))
    if not Fraction(1, 100) <= size <= 8:
        message = f"scale {scale} is not a number from 0.01 to 8"
        raise UsageError.one("bad-option", message, hint="0.5 is a draft of half the size")
    part = Part(None if start is None else time(start), None if end is None else time(end))
    target = None if output is None else Path(output)
    shared = None if store is None else address_of(str(store), spec._build.network.allowed)
    named = replace(spec._build, target=target, only=tuple(only), shared_store=shared)
    return replace(named, part=part, draft=size)


def deciding_of(
    build: Build, *, locked: bool, jobs: int, progress: Callback | None, networks: str
) -> Deciding:
    """How open decisions are made."""
    from vedc.api.progress import Analyses
    from vedc.workspace.build import Deciding

    mode: Literal["locked", "decide"] = "locked" if locked else "decide"
    deciding = Deciding(build, mode, Analyses(progress), jobs)
    deciding.networks = networks
    return deciding


def time(value: Time) -> str:
    """A time as the command line takes it."""
    return value if isinstance(value, str) else f"{Fraction(str(value))}s"


def _folders(paths: Sequence[PathName]) -> list[Path]:
    if isinstance(paths, (str, os.PathLike)):
        raise TypeError(f"allow_paths takes a list of folders, such as [{os.fspath(paths)!r}]")
    for folder in map(Path, paths):
        if not folder.is_dir():
            message = f"allow_paths: there is no folder {str(folder)!r}"
            hint = "name the folder that contains the files"
            raise UsageError.one("no-such-folder", message, hint=hint)
    return [Path(path) for path in paths]


def _completed(
    build: Build, document: Any, variables: Mapping[str, Value] | None, network: bool
) -> Build:
    """A build with the document, the values of variables, and permissions to fetch."""
    from vedc.lang.yaml.tree import SpecNode
    from vedc.media.known_files import ProbeCache
    from vedc.text.fonts import FontCache
    from vedc.workspace.build import Shared
    from vedc.workspace.remote import Network

    probes, fonts = ProbeCache(build.folder / "probes"), FontCache(build.folder / "fonts")
    row = None if not variables else SpecNode.of(_plain(variables, "variables"))
    shared = Shared(document, None, probes, fonts)
    return replace(build, row=row, shared=shared, network=Network(network))


def _plain(value: Value, where: str) -> Any:
    """A value as YAML has it. Raises TypeError for anything else."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Mapping):
        return {_key(key, where): _plain(v, f"{where}[{key!r}]") for key, v in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return [_plain(v, f"{where}[{n}]") for n, v in enumerate(value)]
    kinds = "text, numbers, true or false, None, paths, lists and mappings"
    raise TypeError(f"{where} is {type(value).__name__}; variables are {kinds}")


def _key(key: object, where: str) -> str:
    if not isinstance(key, str):
        raise TypeError(f"{where} has the key {key!r}, which is not text")
    return key


def _output(edit: Edit) -> Output:
    output, profile = edit.output, edit.profile
    form: Literal["film", "sound", "picture", "sheet"] = "film"
    frames, seconds = edit.duration, edit.duration / profile.fps
    if output.sheet is not None:
        form = "sheet"
        frames = len(output.sheet.frames((0, edit.duration), profile.fps))
        seconds = Fraction(0)
    elif output.at is not None:
        form, frames, seconds = "picture", 1, Fraction(0)
    elif output.form == "sound":
        form, frames = "sound", 0
    path = Path(output.path)
    return Output(path, form, profile.width, profile.height, profile.fps, frames, seconds)
