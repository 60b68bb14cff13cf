"""Lists and XML of editing programs; damaged, odd and hostile ones."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest

from tests.interchange_support import cases, check_case, imported
from vedc.errors import SpecError, UserError

_FCP7: Final = (
    '<xmeml version="5"><sequence id="s"><name>film</name><rate><timebase>25</timebase>'
    "<ntsc>FALSE</ntsc></rate><media><video><format><samplecharacteristics><width>64</width>"
    "<height>48</height></samplecharacteristics></format>"
)
_FCPXML: Final = (
    '<fcpxml version="1.9"><resources>'
    '<format id="r1" frameDuration="1/25s" width="64" height="48"/>'
    '<asset id="r2" start="0s"><media-rep src="a.mkv"/></asset>'
    '<asset id="r3" start="0s"><media-rep src="music.wav"/></asset>'
    '<asset id="r4" start="0s"><media-rep src="photo.png"/></asset></resources><library><event>'
    '<project name="film"><sequence format="r1" tcStart="0s"><spine>'
)


def _producer(name: str, **properties: str) -> str:
    inner = "".join(f'<property name="{k}">{v}</property>' for k, v in properties.items())
    return f'<producer id="{name}" in="0" out="99">{inner}</producer>'


_MLT: Final = (
    '<mlt LC_NUMERIC="C"><profile width="64" height="48" frame_rate_num="25" frame_rate_den="1"/>'
    + _producer("a", resource="a.mkv", mlt_service="avformat")
    + _producer("m", resource="music.wav", mlt_service="avformat")
    + _producer("photo", resource="photo.png", mlt_service="qimage")
    + _producer("blue", resource="#ff0000ff", mlt_service="color")
    + _producer("black", resource="black", mlt_service="color")
)
#: Name, suffix, number of cases, the text around them.
FORMS: Final = {
    "edl": (".edl", 6, "", ""),
    "fcp7": (".xml", 6, _FCP7, "</video></media></sequence></xmeml>"),
    "fcpxml": (
        ".fcpxml", 6, _FCPXML, "</spine></sequence></project></event></library></fcpxml>"
    ),
    "mlt": (".mlt", 10, _MLT, ""),
}  # fmt: skip
CASES = [(form, case) for form in FORMS for case in cases(form)]


def text_of(form: str, case: dict[str, Any]) -> str:
    _, _, head, tail = FORMS[form]
    text: str = case["edit"]
    return text.replace("HEAD", head).replace("TAIL", tail) if head else text


@pytest.mark.parametrize("form", FORMS)
def test_there_are_so_many_cases(form: str) -> None:
    assert len(cases(form)) == FORMS[form][1]


@pytest.mark.parametrize(("form", "case"), CASES, ids=[f"{f}-{c['name']}" for f, c in CASES])
def test_timeline(media: Path, form: str, case: dict[str, Any]) -> None:
    check_case(media, case, text_of(form, case), form, FORMS[form][0])


@pytest.mark.parametrize("form", FORMS)
def test_damaged_files_end_in_a_message(media: Path, form: str) -> None:
    rng = random.Random(form)
    texts = [text_of(form, case) for case in cases(form)]
    for _ in range(80):
        text = rng.choice(texts)
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(text))
            gone = rng.randint(0, 9)
            text = (
                text[:at]
                + rng.choice(["", "-1", "0", "x", "/", '"', "<", "99999999"])
                + text[at + gone :]
            )
        with suppress(UserError):
            imported(media, f"damaged-{form}{FORMS[form][0]}", text, form)


@pytest.mark.parametrize("form", ["fcp7", "fcpxml", "mlt"])
def test_entities_are_refused(media: Path, form: str) -> None:
    case = cases(form)[0]
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    with pytest.raises(SpecError, match="declares an entity"):
        imported(media, f"bomb{FORMS[form][0]}", bomb + text_of(form, case), form)


@pytest.mark.parametrize("form", ["fcp7", "fcpxml", "mlt"])
def test_an_unknown_element_is_reported_wherever_it_stands(media: Path, form: str) -> None:
    text = text_of(form, cases(form)[1])
    places = [k for k in range(len(text)) if text[k - 1 : k] == ">" and text[k - 2 : k] != "/>"]
    silent = []
    for place in places:
        odd = text[:place] + "<zorblax/>" + text[place:]
        try:
            found = imported(media, f"odd-{form}{FORMS[form][0]}", odd, form)
        except SpecError:
            continue  # before or after the root
        if not any("zorblax" in f"{loss.what}{loss.path}" for loss in found.losses):
            silent.append(text[max(0, place - 40) : place])
    assert silent == []
