"""The context of a check: one object from the command line to every check."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Never

from vedc.edit.captions import CaptionFile
from vedc.edit.contents import Text
from vedc.edit.font_info import FontFinder, FontProber, TextMeasurer
from vedc.edit.media_info import Prober
from vedc.edit.text_box import TextBox
from vedc.edit.times import MAX_FILM
from vedc.errors import InternalError
from vedc.lang.files import Files, ModelPins
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.ops.looks.look_info import LookInfo, LookProber
from vedc.support.lazy_dataclass import dataclass, field


def no_probing(path: Path) -> Never:
    """The prober for checks without media."""
    raise InternalError(f"{path} is not to be probed here")


def no_measuring(text: Text, scale: float) -> TextBox:
    """The measurer for checks without type: a title without ink fits everywhere."""
    return TextBox(1, 1, None)


def no_font(characters: Sequence[str]) -> None:
    """The finder for checks without this machine's fonts."""


def read_captions(path: Path, encoding: str | None) -> CaptionFile:
    """The captions of a file. Raises ProbeError where it has none."""
    from vedc.captions import read  # only for specs with captions

    return read.read_captions(path, encoding)


def probe_cube(path: Path) -> LookInfo:
    """Read a .cube file; raises UserError where it does not read well."""
    from vedc.ops.shared import cube

    return LookInfo((), title=cube.read(path).title)


@dataclass(eq=False)
class CheckContext:
    """The inputs of a check, and the problems that it finds."""

    root: Path
    """The root of the spec's paths, which they may not leave."""
    prober: Prober = no_probing
    fonts: FontProber = no_probing
    allow: Sequence[Path] = ()
    """Further folders that files may be in."""
    plugins: bool = False
    """Whether the Python files that the spec names may run."""
    set_values: Mapping[str, str] = field(default_factory=dict)
    """The texts of ``--set``, by name of variable."""
    var_file: SpecNode | None = None
    """A variables file."""
    problems: Problems = field(default_factory=Problems)
    probe_look: LookProber = probe_cube
    read_captions: Callable[[Path, str | None], CaptionFile] = read_captions
    measure: TextMeasurer = no_measuring
    find_font: FontFinder = no_font
    max_length: Fraction = MAX_FILM
    """Seconds that a film may last."""
    draft: Fraction = Fraction(1)
    """The size of the canvas relative to the spec's."""
    composed: bool = False
    """Whether the spec is shown as a composition in the film of another."""

    fetch: Callable[[str], Path] | None = None
    """Gives a local copy of a remote file, or raises ProbeError."""
    family: Callable[[str], Path] | None = None
    """Gives the file of a font of this machine by its family, or raises ProbeError."""
    models: ModelPins | None = None
    """Knows the digests of network files."""

    @cached_property
    def files(self) -> Files:
        """Finds and probes the files that the spec names, each once."""
        return Files(
            self.root,
            self.allow,
            self.prober,
            self.fonts,
            self.problems,
            self.probe_look,
            self.fetch,
            self.family,
            self.models,
        )
