"""The text of a caption file in any encoding.

A byte order mark is certain, and so is UTF-8: other encodings hardly ever look like it. Anything
else is a guess, which is reported.
"""

from __future__ import annotations

import codecs
import unicodedata
from typing import Final, NamedTuple

_MARKS: Final = (  # UTF-32 first: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

#: Encodings that caption files are found in, besides UTF-8.
_CANDIDATES: Final = (
    "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258",
    "cp874", "cp932", "cp949", "gb18030", "big5", "euc_jp", "iso2022_jp", "koi8_r", "iso8859_2",
    "iso8859_5", "iso8859_7", "iso8859_15",
)  # fmt: skip

#: The letters beyond ASCII of languages in Latin script, and the encodings that have them: the
#: same bytes are letters in all of these, so that only the language distinguishes them.
_LATIN: Final = (
    ("äöüß", ("cp1252",)),
    ("àâæçéèêëîïôœùûüÿ", ("cp1252", "iso8859_15")),
    ("áéíñóúüªº", ("cp1252",)),
    ("áâãàçéêíóôõúü", ("cp1252",)),
    ("àèéìíîòóùú", ("cp1252",)),
    ("åäöéà", ("cp1252",)),
    ("æøåéèêóô", ("cp1252",)),
    ("éëïèóöüáí", ("cp1252",)),
    ("áðéíóúýþæö", ("cp1252",)),
    ("ąćęłńóśźż", ("cp1250", "iso8859_2")),
    ("áčďéěíňóřšťúůýž", ("cp1250", "iso8859_2")),
    ("áäčďéíĺľňóôŕšťúýž", ("cp1250", "iso8859_2")),
    ("áéíóöőúüű", ("cp1250", "iso8859_2")),
    ("čćđšž", ("cp1250", "iso8859_2")),
    ("ăâîşţ", ("cp1250", "iso8859_2")),
    ("çğıi̇öşüâîû", ("cp1254",)),
    ("ąčęėįšųūž", ("cp1257",)),
    ("āčēģīķļņšūž", ("cp1257",)),
    ("äõöüšž", ("cp1257",)),
)
_LATIN_ENCODINGS: Final = frozenset(name for _, names in _LATIN for name in names)


class Decoded(NamedTuple):
    text: str
    encoding: str
    """As Python names it."""
    guessed: bool
    damaged: int = 0
    """How many characters could not be decoded."""


def decode(data: bytes, encoding: str | None = None) -> Decoded:
    """The text of a file. ``encoding`` is the user's choice; an unknown one raises LookupError.

    Byte order marks are removed wherever they are: files joined end to end have several.
    """
    if encoding is not None:
        return _lenient(data, encoding, guessed=False)
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _lenient(data, name, guessed=False)
    wide = _wide(data)
    if wide is not None:
        return _lenient(data, wide, guessed=True)
    if b"\x1b$B" in data or b"\x1b$@" in data:  # its shifts are ASCII, and so valid UTF-8
        return _lenient(data, "iso2022_jp", guessed=True)
    found = _lenient(data, "utf-8", guessed=False)
    if not found.damaged:
        return found
    # Text in UTF-8 with a broken byte or two still has many more whole sequences.
    whole = sum(ord(character) > 127 for character in found.text) - found.damaged
    if whole > 8 * found.damaged:
        return found
    return _lenient(data, _guess(data), guessed=True)


def _lenient(data: bytes, encoding: str, *, guessed: bool) -> Decoded:
    text = data.decode(encoding, "replace")
    name = {"utf-8-sig": "utf-8"}.get(encoding, encoding)
    damaged = text.count("\ufffd") - data.count(b"\xef\xbf\xbd")
    text = text.replace("\ufeff", "").replace("\0", "")
    return Decoded(text, name, guessed, max(damaged, 0))


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of digits and line breaks is 0."""
    head = data[:4096]
    if len(head) < 8:
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > len(head) // 8 and odd > 8 * even:
        return "utf-16-le"
    if even > len(head) // 8 and even > 8 * odd:
        return "utf-16-be"
    return None


def _guess(data: bytes) -> str:
    from charset_normalizer import from_bytes  # slow to load, and rarely needed

    japanese = _japanese(data)
    if japanese is not None:
        return japanese
    # Numbers and times say nothing about letters.
    text_lines = [line for line in data.splitlines() if b"-->" not in line and not line.isdigit()]
    text = b"\n".join(text_lines)
    found = from_bytes(text, cp_isolation=list(_CANDIDATES)).best()
    name = "cp1252" if found is None else str(found.encoding)
    if name in _LATIN_ENCODINGS and _mostly_foreign(text):
        others = [code for code in _CANDIDATES if code not in _LATIN_ENCODINGS]
        found = from_bytes(text, cp_isolation=others).best()
        name = name if found is None else str(found.encoding)
    return _latin(data) if name in _LATIN_ENCODINGS else name


def _mostly_foreign(text: bytes) -> bool:
    """Whether most letters are beyond ASCII: then the text is not in Latin script."""
    letters = sum(chr(byte).isalpha() for byte in text if byte < 128)
    return sum(byte >= 128 for byte in text) > letters


def _latin(data: bytes) -> str:
    """The encoding in which the letters are those of a language."""
    best, most = "cp1252", (-2.0, 0.0)
    for letters, names in _LATIN:
        for name in names:
            text = unicodedata.normalize("NFC", data.decode(name, "replace").lower())
            words = [c for c in text if not c.isascii() and (c.isalnum() or c == "\ufffd")]
            known = sum(character in letters for character in words)
            # A letter that the language never uses counts against it twice.
            share = (known - 2 * (len(words) - known)) / max(len(words), 1)
            used = len(set(words).intersection(letters)) / len(letters)
            if (share, used) > most:
                best, most = name, (share, used)
    return best


def _japanese(data: bytes) -> str | None:
    """The encoding in which much of a text is kana; no other language has any."""
    for name in ("cp932", "euc_jp"):
        foreign = [c for c in data.decode(name, "replace") if not c.isascii()]
        kana = sum("\u3040" <= character <= "\u30ff" for character in foreign)
        if kana > len(foreign) // 4 and "\ufffd" not in foreign:
            return name
    return None
