"""The encoding of a caption file: text survives, and guesses are reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from vedc.captions.encoding import decode
from vedc.captions.read import parse

TEXTS = {
    "German": "Wir müssen gehen, bevor es zu spät ist.\nÜber die Brücke. Schön wär's!",
    "French": "Où êtes-vous allés après la fête ?\nÇa va, ma chère, le déjeuner est prêt.",
    "Spanish": "¿Dónde estabas anoche?\nNo sé qué decirte, señor. Mañana hablaremos.",
    "Swedish": "Var var du i går kväll?\nVi får prata om det här i morgon, älskling.",
    "Polish": "Proszę, chodź tu szybko! Gdzie są moje pieniądze?\nŻycie jest piękne, źle.",
    "Czech": "Příliš žluťoučký kůň úpěl ďábelské ódy.\nNevím, kde je můj přítel.",
    "Hungarian": "Hol voltál tegnap este? Nem tudom.\nBeszéljünk erről később, jó?",
    "Turkish": "Dün akşam neredeydin?\nYarın konuşuruz, şimdi çok yorgunum. İşte böyle.",
    "Russian": "Где ты был вчера вечером?\nДавай поговорим об этом завтра.",
    "Greek": "Πού ήσουν χθες το βράδυ;\nΔεν ξέρω τι να σου πω.",
    "Hebrew": "איפה היית אתמול בערב?\nאני לא יודע מה להגיד לך.",
    "Arabic": "أين كنت مساء أمس؟\nلا أعرف ماذا أقول لك.",
    "Japanese": "昨日の夜はどこにいたの?\n何と言えばいいかわからない。",
    "Chinese": "你昨晚去哪儿了?\n我不知道该对你说什么。",
    "Taiwanese": "你昨晚去哪兒了?\n我不知道該對你說什麼。",
    "Korean": "어젯밤에 어디 있었어?\n뭐라고 말해야 할지 모르겠어.",
    "Thai": "เมื่อคืนคุณอยู่ที่ไหน\nฉันไม่รู้จะพูดอะไรกับคุณ",
}  # fmt: skip
GUESSED = {
    "German": ["cp1252", "latin-1"],
    "French": ["cp1252", "latin-1"],
    "Spanish": ["cp1252", "latin-1"],
    "Swedish": ["cp1252"],
    "Polish": ["cp1250", "iso8859-2"],
    "Czech": ["cp1250", "iso8859-2"],
    "Hungarian": ["cp1250"],
    "Turkish": ["cp1254"],
    "Russian": ["cp1251", "koi8-r", "iso8859-5"],
    "Greek": ["cp1253", "iso8859-7"],
    "Hebrew": ["cp1255"],
    "Arabic": ["cp1256"],
    "Japanese": ["shift_jis", "euc_jp", "iso2022_jp"],
    "Chinese": ["gbk", "gb18030"],
    "Taiwanese": ["big5"],
    "Korean": ["cp949"],
    "Thai": ["cp874"],
}
CERTAIN = ("utf-8", "utf-8-sig", "utf-16", "utf-32")


def file_of(text: str, times: int = 3) -> str:
    lines = text.splitlines() * times
    return "".join(
        f"{n}\r\n00:00:{n:02d},000 --> 00:00:{n:02d},900\r\n{line}\r\n\r\n"
        for n, line in enumerate(lines, 1)
    )


@pytest.mark.parametrize("encoding", CERTAIN)
@pytest.mark.parametrize("language", TEXTS)
def test_marks_and_utf_8_are_certain(language: str, encoding: str) -> None:
    text = file_of(TEXTS[language])
    found = decode(text.encode(encoding))
    assert (found.text, found.guessed, found.damaged) == (text, False, 0)


@pytest.mark.parametrize(
    ("language", "encoding"), [(lang, code) for lang, codes in GUESSED.items() for code in codes]
)
def test_other_encodings_are_guessed_and_reported(language: str, encoding: str) -> None:
    text = file_of(TEXTS[language])
    file = parse(text.encode(encoding), Path("talk.srt"))
    assert [cue.text for cue in file.cues] == TEXTS[language].splitlines() * 3
    (note,) = file.notes
    assert note.code == "caption-encoding" and "talk.srt is not UTF-8: read as " in note.message


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("Привет, мир", "cp1251"), ("Да, конечно", "cp1251"), ("Καλημέρα", "cp1253")],
)
def test_a_few_words_are_enough_for_the_script(text: str, encoding: str) -> None:
    assert decode(file_of(text, 2).encode(encoding)).text == file_of(text, 2)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark(encoding: str) -> None:
    file = parse(file_of(TEXTS["Russian"]).encode(encoding), Path("talk.srt"))
    assert file.cues[0].text == TEXTS["Russian"].splitlines()[0]
    assert "read as UTF-16" in file.notes[0].message


def test_marks_in_the_middle_of_joined_files_vanish() -> None:
    part = file_of(TEXTS["German"], 1).encode("utf-8-sig")
    file = parse(part + part, Path("talk.srt"))
    assert len(file.cues) == 4
    assert not any("\ufeff" in cue.text for cue in file.cues)


def test_a_broken_byte_in_utf_8_is_reported_with_its_line() -> None:
    data = file_of(TEXTS["Russian"]).encode().replace("вечером".encode(), b"\xd0\xb2\xff")
    file = parse(data, Path("talk.srt"))
    (note,) = file.notes
    assert (note.line, note.code) == (3, "caption-encoding")
    assert "3 characters of talk.srt are not UTF-8" in note.message


def test_what_the_user_says_holds() -> None:
    data = file_of(TEXTS["Greek"]).encode("cp1253")
    assert decode(data, "windows-1253").text == file_of(TEXTS["Greek"])
    assert not decode(data, "cp1253").guessed
