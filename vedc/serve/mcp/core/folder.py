"""The served folder: every path of a call lies in it, and so does every file of a spec.

A path is judged by where it leads: through links, ``..`` and absolute names alike.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Final

from vedc.edit.times import MAX_FILM
from vedc.errors import MissingError, Problem, UsageError, UserError
from vedc.workspace.build import CACHE, Build
from vedc.workspace.moments import Part

_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")

#: A hint to use the command line.
_OPTION: Final = re.compile(r"--allow-|(^| )-[yo]\b")
#: The replacement for it.
_HINTS: Final[Mapping[str, str]] = {
    "outside-root": "use files in the spec's own folder: this server opens no others",
    "url": "this server uses no network: have the file put into the spec's folder, and name it",
    "plugins-not-allowed": "use the ops of vedc: this server was started without plugins",
    "output-exists": "name another file: this server replaces only what vedc wrote",
    "models-not-allowed": "use the networks of vedc: this server was started without models",
}


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder, and permissions of its specs: to run Python plugins, and third-party models."""

    root: Path
    """Absolute, without links."""
    plugins: bool = False
    models: bool = False

    @classmethod
    def at(cls, folder: Path, *, plugins: bool = False, models: bool = False) -> Folder:
        """Raises UsageError ``no-such-folder``."""
        if not folder.is_dir():
            message = f"{folder} is not a folder"
            raise UsageError.one("no-such-folder", message, hint="name the folder of the specs")
        return cls(Path(os.path.realpath(folder)), plugins, models)

    def path(self, text: str) -> Path:
        """A path of a call, relative to the folder. Raises UsageError ``outside-root``."""
        if _URL.match(text):
            message = f"{text!r} is a URL, and this server uses no network"
            raise UsageError.one("url", message, hint="name a file in the folder that is served")
        if "\0" in text or not text:
            message = "a path is empty or has a NUL character in it"
            raise UsageError.one("bad-path", message, hint="name a file, such as edit.vedc.yaml")
        path = Path(os.path.abspath(self.root / os.path.expanduser(text)))
        self.check(
            path, text
        )  # the result must be resolved: .. after a link leads elsewhere otherwise
        return path

    def existing(self, text: str) -> Path:
        """As :meth:`path`, of a file that exists. Raises MissingError ``no-such-file``."""
        path = self.path(text)
        if not path.is_file():
            message = f"there is no file {text!r}"
            hint = "paths are relative to the folder that is served; `files` lists what it holds"
            raise MissingError.one("no-such-file", message, hint=hint)
        return path

    def check(self, path: Path, text: str) -> None:
        """Raise UsageError ``outside-root`` for a path that leads out of the folder."""
        real = Path(os.path.realpath(path))
        if not real.is_relative_to(self.root):
            message = f"{text!r} is outside the folder that is served"
            hint = "name a file in that folder, by its path from there"
            raise UsageError.one("outside-root", message, hint=hint)

    def shown(self, path: str | Path) -> str:
        """A path as calls name it."""
        path = Path(path)
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else path.name

    def build(
        self,
        spec: str,
        variables: Mapping[str, str] | None = None,
        *,
        part: Part | None = None,
        scale: Fraction = Fraction(1),
        only: tuple[str, ...] = (),
    ) -> Build:
        """The build of a spec in the folder, with nothing allowed outside the spec's own.

        Raises UsageError if the spec, its cache or its lock leads out of the folder.
        """
        path = self.existing(spec)
        build = Build(
            path,
            dict(variables or {}),
            plugins=self.plugins,
            max_length=MAX_FILM,
            draft=scale,
            part=part or Part(),
            only=only,
            run_models=self.models,
        )
        for used in (build.folder, build.lock, *build.record_folders):
            self.check(used, self.shown(used))
        return build

    def cache_of(self, file: Path) -> Path:
        """The cache for analyses of a file: never the user's own, which is outside the folder."""
        beside = file.parent / CACHE
        folder = beside if beside.is_dir() else self.root / CACHE
        self.check(folder, self.shown(folder))
        return folder

    def error(self, error: UserError) -> UserError:
        """An error with places relative to the folder, and hints that an agent can follow."""
        return type(error)(tuple(self.problem(problem) for problem in error.problems))

    def problem(self, problem: Problem) -> Problem:
        """The same, with paths from the folder and a hint that an agent can follow."""
        place, hint = problem.location, problem.hint
        if place is not None:
            shown = self.shown(os.path.abspath(place.file))
            place = replace(place, file=shown if place.file != "-" else "-")
        if hint is not None and _OPTION.search(hint):
            hint = _HINTS.get(problem.code, hint)
        message = self._relative(problem.message)
        return replace(
            problem,
            location=place,
            message=message,
            hint=None if hint is None else self._relative(hint),
        )

    def _relative(self, text: str) -> str:
        if self.root == self.root.parent:  # the root of all paths
            return text
        inner = text.replace(f"{self.root}{os.sep}", "")
        return re.sub(re.escape(str(self.root)) + r"(?![\w.-])", "this folder", inner)
