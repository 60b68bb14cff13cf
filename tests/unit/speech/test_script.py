"""Scripts, and the pronunciation of their words."""

from __future__ import annotations

import pytest

from vedc.decide.words.alignment.pronounce import guessed_sounds, number_words, spoken_forms
from vedc.decide.words.alignment.script import ScriptWord, read_script


def test_a_script_tells_who_speaks() -> None:
    text = "ANNA: We fixed it \u2013 today.\n[applause]\nIt works.\nBen O'Neill: Thanks!\n>> Why?\n"
    assert read_script(text) == (
        ScriptWord("We", "ANNA"),
        ScriptWord("fixed", "ANNA"),
        ScriptWord("it \u2013", "ANNA"),
        ScriptWord("today.", "ANNA"),
        ScriptWord("It", "ANNA"),
        ScriptWord("works.", "ANNA"),
        ScriptWord("Thanks!", "Ben O'Neill"),
        ScriptWord("Why?", "speaker 1"),
    )


def test_a_colon_within_a_sentence_names_nobody() -> None:
    assert read_script("we need this: time")[0] == ScriptWord("we")
    assert read_script("\ufeff[music]\n--\n") == ()


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("0", "zero"),
        ("42", "forty two"),
        ("100", "one hundred"),
        ("1,250", "one thousand two hundred fifty"),
        ("1987", "nineteen eighty seven"),
        ("1905", "nineteen oh five"),
        ("2000", "two thousand"),
        ("2026", "twenty twenty six"),
        ("3.05", "three point zero five"),
        ("21st", "twenty first"),
        ("20th", "twentieth"),
        ("007", "zero zero seven"),
        ("2000000", "two million"),
    ],
)
def test_numbers(written: str, said: str) -> None:
    assert " ".join(number_words(written)) == said


def test_forms_that_are_said() -> None:
    known = {"well", "known", "don't", "nasa"}.__contains__
    assert spoken_forms("“Well-known,”", known) == ["well", "known"]
    assert spoken_forms("Don’t", known) == ["don't"]
    assert spoken_forms("BBC", known) == ["b.", "b.", "c."]
    assert spoken_forms("NASA", known) == ["nasa"]
    assert spoken_forms("Dr.", known) == ["doctor"]
    assert spoken_forms("R&D", known) == ["r.", "and", "d."]
    assert spoken_forms("30%", known) == ["thirty", "percent"]
    assert spoken_forms("Café", known) == ["cafe"]
    assert spoken_forms("東京", known) == []


def test_sounds_of_names() -> None:
    assert guessed_sounds("tilney") == "T IH L N IY"
    assert guessed_sounds("shane") == "SH EY N"
    assert guessed_sounds("yorick") == "Y AA R IH K" or guessed_sounds("yorick").startswith("Y ")
