"""One spec with what the command line says of it, up to the resolved edits.

Everything that is asked again and again of the same files (probes, digests, fonts, compiled
objects, segments) is kept in one cache folder, ``.vedc/cache`` beside the spec. Checking
loads nothing that only planning or rendering needs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

from vedc.errors import UsageError
from vedc.media.probe import ProbeCache
from vedc.spec.compile import canonical_document, check_document
from vedc.spec.load import Document, load
from vedc.spec.model import Edit
from vedc.text.fonts import FontCache

CACHE = Path(".vedc") / "cache"


@dataclass(frozen=True)
class Build:
    """One spec with what the command line says of it.

    ``given``: variables by ``--set``; ``allow``: further folders that media may lie in;
    ``cache``: the cache folder, if not the one beside the spec.
    """

    spec: Path | Literal["-"]
    given: Mapping[str, str] = field(default_factory=dict)
    var_file: Path | None = None
    allow: Sequence[Path] = ()
    cache: Path | None = None
    target: Path | None = None
    """Where the one output goes instead (``-o``)."""
    plugins: bool = False
    """Whether the Python files that the spec names as plugins may run."""

    @cached_property
    def root(self) -> Path:
        """The folder that the spec's paths start from."""
        return Path.cwd() if self.spec == "-" else self.spec.absolute().parent

    @cached_property
    def folder(self) -> Path:
        return self.cache or self.root / CACHE

    def canonical(self) -> Document:
        """The spec in its one long form. Raises with every problem of form found."""
        return canonical_document(
            self._document(), self.given, self._variables(), self.root, self.allow, self.plugins
        )

    def edits(self) -> list[Edit]:
        """Check the spec; one edit for each output. Raises with every problem found."""
        # Who names a target on the command line may write there.
        target = [self.target.absolute().parent] if self.target is not None else []
        return check_document(
            self._document(),
            self.given,
            ProbeCache(self.folder / "probes"),
            FontCache(self.folder / "fonts"),
            self._variables(),
            self.root,
            [*self.allow, *target],
            self.plugins,
        )

    def _document(self) -> Document:
        document = load(self.spec)
        if self.target is not None:
            _redirect(document, self.target.absolute())
        return document

    def _variables(self) -> Document | None:
        return load(self.var_file) if self.var_file else None


def _redirect(document: Document, target: Path) -> None:
    """Write the spec's one output to ``target`` instead; other mistakes are left to the checks."""
    data = document.data
    if not isinstance(data, dict):
        return
    outputs = data.get("outputs")
    if isinstance(outputs, list) and len(outputs) > 1:
        raise UsageError.one(
            "ambiguous-output",
            f"-o names one file, and {document.file} has {len(outputs)} outputs",
            document.place(("outputs",)),
            "leave -o out, or keep one output in the spec",
        )
    first = outputs[0] if isinstance(outputs, list) and outputs else {}
    data["outputs"] = [{**(first if isinstance(first, dict) else {}), "path": str(target)}]
