"""Captions: text and times, with the looks and places that their files give.

Caption files are read into :class:`Cue`, whose times are seconds of their owner.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

from vedc.support.lazy_dataclass import dataclass, field

Rgba = tuple[float, float, float, float]
"""Red, green, blue, alpha in 0..1, display-encoded, not premultiplied."""


@dataclass(frozen=True, slots=True)
class Span:
    """The look of the letters ``start <= offset < end`` of a text."""

    start: int
    end: int
    color: Rgba | None = None
    """None: the text's."""
    italic: bool = False
    bold: bool = False
    underline: bool = False
    strike: bool = False
    size: float = 1.0
    """A factor on the text's."""
    fonts: tuple[int, ...] = ()
    """Fonts to take before those of the text, by their place in ``Text.fonts``."""


@dataclass(frozen=True, slots=True)
class Look:
    """The look of letters in a caption file; None where not given.

    Lengths are fractions of the height of the picture.
    """

    font: str | None = None
    """The name of a family."""
    size: float | None = None
    color: Rgba | None = None
    stroke_color: Rgba | None = None
    stroke_width: float | None = None
    background: Rgba | None = None
    padding: float = 0.0
    """From the letters to the edge of their background, which extends beyond their place."""
    shadow: float | None = None
    """How far a shadow falls to the right and down."""
    shadow_color: Rgba | None = None
    unsung: Rgba | None = None
    """Colour of karaoke letters before they are sung."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a caption file puts a cue."""

    point: tuple[float | None, float | None] = (None, None)
    """In fractions of the picture; None: at the margin nearest to the anchor, or in the middle."""
    anchor: tuple[float, float] = (0.5, 1.0)
    """The point of the cue that is put there, in fractions of its size."""
    align: Literal["left", "center", "right"] = "center"
    line: int | None = None
    """The line of type that it begins with: 0 is the first, -1 the last of the picture."""
    width: float | None = None
    """Its largest width, in fractions of the picture's."""
    fixed: bool = False
    """Whether it keeps its place whatever else is shown."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word: speech reaches an offset of the text at ``time``."""

    offset: int
    time: Fraction


@dataclass(frozen=True, slots=True)
class Cue:
    """A text that is shown during ``start <= time < end``, in seconds."""

    start: Fraction
    end: Fraction
    text: str
    spans: tuple[Span, ...] = ()
    """In order, without overlaps."""
    words: tuple[Word, ...] = ()
    """In order, if the file has them."""
    place: Place | None = None
    look: Look | None = None
    fade: tuple[Fraction, Fraction] = (Fraction(0), Fraction(0))
    """Seconds in which it appears and disappears."""
    layer: int = 0
    """Cues of a higher layer are drawn over those of a lower."""
    line: int = 0
    """Its line in the file, from 1."""


@dataclass(frozen=True, slots=True)
class CaptionNote:
    """One thing about a caption file that was guessed, repaired or lost."""

    code: str
    message: str
    line: int
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class CaptionFile:
    """The content of a caption file."""

    path: str
    format: Literal["srt", "vtt", "ass"]
    encoding: str
    cues: tuple[Cue, ...]
    """By start; those that start together in the order of the file."""
    notes: tuple[CaptionNote, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class CaptionStream:
    """Captions that viewers turn on and off, for a film of any length."""

    codec: str
    """``mov_text``, ``subrip``, ``ass`` or ``webvtt``."""
    cues: tuple[Cue, ...]
    """In order; their times are seconds of the film."""
    language: str | None = None
    """ISO 639-2."""
    title: str | None = None
    default: bool = False
    forced: bool = False


#: Codes of languages as containers store them (ISO 639-2), by those of two letters (ISO 639-1).
LANGUAGES: Mapping[str, str] = {
    "ar": "ara", "bg": "bul", "bn": "ben", "ca": "cat", "cs": "ces", "cy": "cym", "da": "dan",
    "de": "deu", "el": "ell", "en": "eng", "eo": "epo", "es": "spa", "et": "est", "eu": "eus",
    "fa": "fas", "fi": "fin", "fr": "fra", "ga": "gle", "gl": "glg", "gu": "guj", "he": "heb",
    "hi": "hin", "hr": "hrv", "hu": "hun", "hy": "hye", "id": "ind", "is": "isl", "it": "ita",
    "ja": "jpn", "ka": "kat", "kk": "kaz", "km": "khm", "kn": "kan", "ko": "kor", "la": "lat",
    "lo": "lao", "lt": "lit", "lv": "lav", "mk": "mkd", "ml": "mal", "mn": "mon", "mr": "mar",
    "ms": "msa", "my": "mya", "nb": "nob", "ne": "nep", "nl": "nld", "nn": "nno", "no": "nor",
    "pa": "pan", "pl": "pol", "ps": "pus", "pt": "por", "ro": "ron", "ru": "rus", "si": "sin",
    "sk": "slk", "sl": "slv", "sq": "sqi", "sr": "srp", "sv": "swe", "sw": "swa", "ta": "tam",
    "te": "tel", "th": "tha", "tl": "tgl", "tr": "tur", "uk": "ukr", "ur": "urd", "uz": "uzb",
    "vi": "vie", "zh": "zho",
}  # fmt: skip
