"""From a spec file to plans: the compiler's stages, joined up.

Everything that is asked again and again of the same files (probes, digests, fonts, compiled
objects, segments) is kept in one cache folder, ``.vedc/cache`` beside the spec.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

from vedc.media.digest import file_digest
from vedc.media.probe import ProbeCache
from vedc.plan.encoders import image_settings, video_settings
from vedc.plan.plan import Plan, Trace, make_plan
from vedc.plan.settings import VideoSettings
from vedc.plan.sound import plan_sound
from vedc.runtime.store import Store
from vedc.spec.compile import check
from vedc.spec.codecs import IMAGE_CODECS, stored_color
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

    def edits(self) -> list[Edit]:
        """Check the spec; one edit for each output. Raises with every problem found."""
        return check(
            self.spec,
            given=self.given,
            var_file=self.var_file,
            prober=ProbeCache(self.folder / "probes"),
            fonts=FontCache(self.folder / "fonts"),
            allow=self.allow,
        )

    def plan(self, edit: Edit, trace: Trace | None = None) -> Plan:
        """Plan one edit. Reads every source once, to name it by content."""
        return make_plan(edit, settings(edit), plan_sound, self.digest, trace)

    def digest(self, path: str) -> str:
        return file_digest(Path(path), self.folder / "digests")


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


def redirected(edit: Edit, target: Path) -> Edit:
    """The same edit, written somewhere else."""
    return replace(edit, output=replace(edit.output, path=str(target.absolute())))
