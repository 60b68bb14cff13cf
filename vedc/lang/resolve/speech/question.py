"""The question of captions made from speech and of cuts by words: the words of a file.
``vedc.decide.words`` answers it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vedc.captions.spoken import SpokenWord
from vedc.edit.media_info import MediaInfo
from vedc.errors import SourceLocation
from vedc.lang.yaml.tree import SpecNode
from vedc.support.lazy_dataclass import dataclass

Way = tuple[str, int, Path | None, Path | None, str]
"""A file, its stream, a script, a model and a language."""
Said = Mapping[Way, tuple[SpokenWord, ...]]
"""The known words."""


@dataclass(frozen=True, slots=True, eq=False)
class WordsQuestion:
    """Which words are said in a file."""

    source: str
    """The id of the asset."""
    media: MediaInfo
    script: Path | None = None
    """The spoken text, whose times are wanted; None: the words are recognised."""
    model: Path | None = None
    """The folder of the speech model; None: the one in ``models``."""
    digest: str = ""
    """The digest of a model that the spec names, ``sha256:...``."""
    language: str = ""
    """ISO 639-1; empty: detected."""
    location: SourceLocation | None = None
    asides: bool = False
    """Whether hesitations and words that are said once more are looked for."""

    @property
    def way(self) -> Way:
        """The sound, and how its words are found."""
        stream = self.media.audio.stream if self.media.audio is not None else 0
        return self.media.locator, stream, self.script, self.model, self.language


@dataclass(frozen=True, slots=True, eq=False)
class AskedWords:
    """A question with the captions that ask it."""

    node: SpecNode
    name: str
    question: WordsQuestion
    plain: Any
    """The question as plain data, without anything that cannot influence the answer."""
    places: tuple[tuple[int, int, int], ...] = ()
    """Of captions: the numbers of the track, of the item in it, and of the captions of that."""
