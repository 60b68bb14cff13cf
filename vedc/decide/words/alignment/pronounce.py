"""Pronunciation of English words that a dictionary lacks: numbers, initials, names.

Sounds are those of the CMU dictionary (ARPAbet without stress). Guesses need only be close:
alignment follows a word even if its vowels are not quite the speaker's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Final

_ONES: Final = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS: Final = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_GROUPS: Final = ((10**9, "billion"), (10**6, "million"), (1000, "thousand"))
_ORDINALS: Final = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth",
    "nine": "ninth", "twelve": "twelfth",
}  # fmt: skip
_SIGNS: Final = {
    "%": "percent", "&": "and", "+": "plus", "@": "at", "=": "equals", "°": "degrees",
    "$": "dollars", "€": "euros", "£": "pounds",
}  # fmt: skip
_SHORT: Final = {
    "mr": "mister", "mrs": "missus", "dr": "doctor", "st": "saint", "vs": "versus",
    "prof": "professor", "etc": "et cetera",
}  # fmt: skip
_PARTS: Final = re.compile(
    r"[^\W\d_]+(?:['’][^\W\d_]+)*['’]?|\d[\d,]*(?:\.\d+)?(?:st|nd|rd|th)?|[%&+@=°$€£]"
)

#: Letters and their sounds; the longest match wins.
_SOUNDS: Final = {
    "tion": "SH AH N", "sion": "ZH AH N", "tious": "SH AH S", "cious": "SH AH S",
    "ture": "CH ER", "ough": "AO", "augh": "AO", "eigh": "EY", "tch": "CH", "dge": "JH",
    "igh": "AY", "sch": "SH", "eau": "OW", "air": "EH R", "ear": "IH R", "eer": "IH R",
    "our": "AO R", "oor": "AO R", "ire": "AY ER", "are": "EH R", "ore": "AO R", "ph": "F",
    "sh": "SH", "ch": "CH", "th": "TH", "wh": "W", "ck": "K", "ng": "NG", "qu": "K W",
    "gh": "G", "kn": "N", "wr": "R", "ee": "IY", "ea": "IY", "oo": "UW", "ou": "AW", "ow": "OW",
    "oa": "OW", "oi": "OY", "oy": "OY", "ai": "EY", "ay": "EY", "au": "AO", "aw": "AO",
    "ew": "Y UW", "ie": "IY", "ei": "AY", "ey": "IY", "ue": "UW", "ar": "AA R", "er": "ER",
    "ir": "ER", "or": "AO R", "ur": "ER", "ss": "S", "ll": "L", "tt": "T", "ff": "F", "mm": "M",
    "nn": "N", "pp": "P", "rr": "R", "bb": "B", "dd": "D", "gg": "G", "zz": "Z", "cc": "K",
    "ce": "S EH", "ci": "S IH", "cy": "S IY", "ge": "JH EH", "gi": "JH IH",
    "a": "AE", "b": "B", "c": "K", "d": "D", "e": "EH", "f": "F", "g": "G", "h": "HH", "i": "IH",
    "j": "JH", "k": "K", "l": "L", "m": "M", "n": "N", "o": "AA", "p": "P", "q": "K", "r": "R",
    "s": "S", "t": "T", "u": "AH", "v": "V", "w": "W", "x": "K S", "y": "IY", "z": "Z",
}  # fmt: skip
_LONG: Final = {"AE": "EY", "EH": "IY", "IH": "AY", "AA": "OW", "AH": "UW"}
_MUTE_E: Final = re.compile(r"[aeiou][bcdfgklmnprstvz]e$")

Known = Callable[[str], bool]


def spoken_forms(text: str, known: Known) -> list[str]:
    """The spoken form of a written word, in lower case: "1987" is nineteen eighty seven, "BBC"
    three letters unless the dictionary has it."""
    found: list[str] = []
    for part in _PARTS.findall(text):
        if part[0].isdigit():
            found += number_words(part)
        elif part in _SIGNS:
            found.append(_SIGNS[part])
        else:
            found += _letters(part, known)
    return found


def _letters(part: str, known: Known) -> list[str]:
    word = _plain(part)
    if not word:
        return []
    if word in _SHORT:
        return _SHORT[word].split()
    if known(word) or known(word.rstrip("'")):
        return [word if known(word) else word.rstrip("'")]
    bare = word.replace("'", "")
    if (part.isupper() and len(bare) <= 5) or not re.search("[aeiouy]", bare):
        return [f"{letter}." for letter in bare]
    return [word]


def _plain(text: str) -> str:
    """Lower case without accents; empty for letters that are not Latin."""
    apart = unicodedata.normalize("NFKD", text.casefold().replace("’", "'").replace("ø", "o"))
    return "".join(c for c in apart if c == "'" or ("a" <= c <= "z"))


def number_words(written: str) -> list[str]:
    """``1,250.5`` or ``21st`` as read aloud."""
    ordinal = written[-2:] in ("st", "nd", "rd", "th")
    digits = (written[:-2] if ordinal else written).replace(",", "")
    whole, _, decimals = digits.partition(".")
    if len(whole) == 4 and not ordinal and not decimals and "," not in written:
        words = list(_year(int(whole)))
    elif len(whole) > 12 or (len(whole) > 1 and whole[0] == "0"):
        words = [_ONES[int(d)] for d in whole]
    else:
        words = list(_whole(int(whole)))
    if decimals:
        words += ["point", *(_ONES[int(d)] for d in decimals)]
    if ordinal:
        last = words[-1]
        words[-1] = _ORDINALS.get(last) or (f"{last[:-1]}ieth" if last[-1] == "y" else f"{last}th")
    return words


def _year(number: int) -> Iterator[str]:
    high, low = divmod(number, 100)
    if not 11 <= high <= 20 or (high == 20 and low < 10):
        yield from _whole(number)
        return
    yield from _whole(high)
    if low == 0:
        yield "hundred"
    else:
        yield from (["oh", _ONES[low]] if low < 10 else _whole(low))


def _whole(number: int) -> Iterator[str]:
    for size, name in _GROUPS:
        if number >= size:
            yield from _whole(number // size)
            yield name
            number %= size
            if not number:
                return
    if number >= 100:
        yield from (_ONES[number // 100], "hundred")
        number %= 100
        if not number:
            return
    if number < 20:
        yield _ONES[number]
    else:
        yield _TENS[number // 10 - 2]
        if number % 10:
            yield _ONES[number % 10]


def guessed_sounds(word: str) -> str:
    """The sounds of an English word, guessed from its letters: ``"T IH L N IY"``."""
    bare = word.replace("'", "").replace(".", "")
    mute = bool(_MUTE_E.search(bare))
    rest = bare[:-1] if mute else bare
    sounds: list[str] = []
    at = 0
    while at < len(rest):
        size = next(n for n in (5, 4, 3, 2, 1) if rest[at : at + n] in _SOUNDS)
        sounds += _SOUNDS[rest[at : at + size]].split()
        at += size
    if mute and len(sounds) >= 2 and sounds[-2] in _LONG:
        sounds[-2] = _LONG[sounds[-2]]
    if bare.startswith("y") and sounds:
        sounds[0] = "Y"
    return " ".join(sounds)
