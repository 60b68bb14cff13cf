"""From a spec file to plans: the compiler's stages, joined up.

Everything that is asked again and again of the same files (probes, digests, fonts, compiled
objects, segments) is kept in one cache folder, ``.vedc/cache`` beside the spec.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.metadata import version
from math import floor
from pathlib import Path
from typing import Literal

from vedc.errors import UsageError
from vedc.ir.diagram import dot, mermaid
from vedc.ir.lower import lower, pieces
from vedc.ir.text import print_graph
from vedc.media.digest import file_digest
from vedc.media.probe import ProbeCache
from vedc.ops.cube import Cube, read
from vedc.passes import optimise
from vedc.plan.encoders import image_settings, video_settings
from vedc.plan.plan import Plan, Trace, make_plan
from vedc.plan.settings import VideoSettings
from vedc.plan.sound import plan_sound
from vedc.runtime.store import Store
from vedc.spec.codecs import IMAGE_CODECS, stored_color
from vedc.spec.compile import canonical_document, resolve_all
from vedc.spec.load import Document, load
from vedc.spec.model import Edit
from vedc.spec.times import parse_time
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

    @cached_property
    def root(self) -> Path:
        """The folder that the spec's paths start from."""
        return Path.cwd() if self.spec == "-" else self.spec.absolute().parent

    @cached_property
    def folder(self) -> Path:
        return self.cache or self.root / CACHE

    @cached_property
    def store(self) -> Store:
        return Store(self.folder)

    def canonical(self) -> Document:
        """The spec in its one long form. Raises with every problem of form found."""
        document = load(self.spec)
        if self.target is not None:
            _redirect(document, self.target.absolute())
        return canonical_document(
            document, self.given, load(self.var_file) if self.var_file else None
        )

    def edits(self) -> list[Edit]:
        """Check the spec; one edit for each output. Raises with every problem found."""
        # Who names a target on the command line may write there.
        target = [self.target.absolute().parent] if self.target is not None else []
        return resolve_all(
            self.canonical(),
            ProbeCache(self.folder / "probes"),
            FontCache(self.folder / "fonts"),
            self.root,
            [*self.allow, *target],
        )

    def plan(self, edit: Edit, trace: Trace | None = None) -> Plan:
        """Plan one edit. Reads every source once, to name it by content."""
        return make_plan(edit, settings(edit), plan_sound, self.digest, engine, trace)

    def digest(self, path: str) -> str:
        return file_digest(Path(path), self.folder / "digests")


@cache
def engine(fetched: str) -> str:
    """What draws stills and titles, for the keys of the segments that show one."""
    if fetched == "still":
        return f"Pillow {version('pillow')}"
    from vedc.text.titles import engine as title_engine

    return title_engine()


def settings(edit: Edit) -> VideoSettings:
    """The encoder's settings for an edit's output."""
    output, profile = edit.output, edit.profile
    color = stored_color(output.codec, output.pix_fmt, profile.color)
    if output.codec in IMAGE_CODECS:
        return image_settings(
            output.codec,
            width=profile.width,
            height=profile.height,
            rate=profile.fps,
            color=color,
            pix_fmt=output.pix_fmt,
        )
    return video_settings(
        output.codec,
        width=profile.width,
        height=profile.height,
        rate=profile.fps,
        color=color,
        pix_fmt=output.pix_fmt,
        crf=output.crf,
        bitrate=output.bitrate,
        preset=output.preset,
    )


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


def read_tables(plan: Plan) -> Callable[[str], Cube]:
    """Gives the lookup table of a digest, read once."""
    return cache(lambda digest: read(Path(plan.files[digest])))


def graph_at(build: Build, at: str, form: str, raw: bool) -> str:
    """The graph of the first output's piece at a time, written as ``form``."""
    edit = build.edits()[0]
    try:
        seconds = parse_time(at).seconds(edit.profile.fps, edit.duration / edit.profile.fps)
    except ValueError as error:
        raise UsageError.one("bad-time", f"--at {at}: {error}") from None
    frame = floor(seconds * edit.profile.fps)
    span = next((s for s in pieces(edit) if s.start <= frame < s.end), None)
    if span is None:
        length = float(edit.duration / edit.profile.fps)
        raise UsageError.one("bad-time", f"--at {at} is beyond the film's end at {length:.3f} s")
    names: dict[str, str] = {}

    def digest(path: str) -> str:
        name = build.digest(path)
        names[name] = Path(path).name
        return name

    graph = lower(edit, span, digest)
    if not raw:
        graph = optimise(graph)
    writers = {"text": lambda g, _: print_graph(g), "dot": dot, "mermaid": mermaid}
    return writers[form](graph, names)
