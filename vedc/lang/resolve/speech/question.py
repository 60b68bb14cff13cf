"""What captions made of speech ask: the words of a file. ``vedc.decide.words`` answers it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vedc.edit.media_info import MediaInfo
from vedc.errors import SourceLocation
from vedc.lang.yaml.tree import SpecNode
from vedc.support.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class WordsQuestion:
    """Which words are said in a file."""

    source: str
    """The id of the asset."""
    media: MediaInfo
    script: Path | None = None
    """The text that is said, for its times to be found; None: the words are recognised."""
    model: Path | None = None
    """The folder of the speech model; None: the one in ``models``."""
    digest: str = ""
    """Of a model that the spec names, ``sha256:...``."""
    language: str = ""
    """ISO 639-1; empty: it is found out."""
    location: SourceLocation | None = None


@dataclass(frozen=True, slots=True, eq=False)
class AskedWords:
    """A question with the captions that ask it."""

    node: SpecNode
    name: str
    question: WordsQuestion
    plain: Any
    """The question as plain data, without what has no influence on the answer."""
    places: tuple[tuple[int, int, int], ...]
    """The numbers of the track, of the item in it, and of the captions of that."""
