"""Lists and XML as programs really write them: odd labels, things that are off, keyframes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.interchange_support import cases, checked, edit_of, imported, losses_of, shown
from tests.unit.interchange.test_nle_import import FORMS, text_of
from vedc.interchange.convert import Imported


def edl(folder: Path, name: str, *lines: str) -> Imported:
    return imported(folder, f"odd-{name}.edl", "\n".join(["TITLE: odd", *lines]) + "\n", "edl")


def film(folder: Path, name: str) -> list[str]:
    return shown(checked(folder, f"odd-{name}.edl"))


# Lists


def test_a_semicolon_in_a_name_is_no_drop_frame(media: Path) -> None:
    lines = (
        "FCM: NON-DROP FRAME",
        "001 A V C 00:00:00:00 00:00:01:00 01:00:00:00 01:00:01:00",
        "* FROM CLIP NAME: a.mkv",
        "* COMMENT: first; second",
        "002 A V C 00:00:00:00 00:00:00:24 01:00:01:00 01:00:01:24",
        "* FROM CLIP NAME: a.mkv",
    )
    found = edl(media, "semicolon", *lines)
    assert "fps: 25" in found.text
    assert film(media, "semicolon") == ["0-25 a@0", "25-49 a@0"]


def test_fcm_says_that_labels_drop_frames(media: Path) -> None:
    lines = (
        "FCM: DROP FRAME",
        "001 B V C 00:00:00:00 00:00:01:00 01:00:00:00 01:00:01:00",
        "* FROM CLIP NAME: b.mkv",
        "002 B V C 00:00:00:00 00:00:01:00 01:10:00:00 01:10:01:00",
        "* FROM CLIP NAME: b.mkv",
    )
    edl(media, "drop", *lines)
    assert film(media, "drop") == ["0-30 b@0", "17982-18012 b@0"]  # ten minutes have 17982 frames


def test_fcm_counts_for_the_events_below_it(media: Path) -> None:
    lines = (
        "FCM: DROP FRAME",
        "001 B V C 00:00:00:00 00:00:01:00 00:00:00;00 00:00:01;00",
        "* FROM CLIP NAME: b.mkv",
        "FCM: NON-DROP FRAME",
        "002 B V C 00:00:00:00 00:00:01:00 00:01:00:02 00:01:01:02",
        "* FROM CLIP NAME: b.mkv",
    )
    edl(media, "mixed", *lines)
    assert film(media, "mixed") == ["0-30 b@0", "1802-1832 b@0"]


def test_drop_frame_at_60(media: Path) -> None:
    line = "001 B V C 00:00:00;00 00:00:00;40 00:00:00;00 00:00:00;40"
    found = edl(media, "sixty", line, "* FROM CLIP NAME: b.mkv")
    assert "fps: 60000/1001" in found.text
    assert film(media, "sixty") == ["0-40 b@0"]


@pytest.mark.parametrize("label", ["1:00:00:00", "001:00:00:00"])
def test_hours_of_any_number_of_digits(media: Path, label: str) -> None:
    line = f"001 A V C {label} 01:00:01:00 {label} 01:00:01:00"
    edl(media, "hours", line, "* FROM CLIP NAME: a.mkv")
    assert film(media, "hours") == ["0-25 a@0"]


def test_a_dissolve_from_black_is_one_of_what_comes_in(media: Path) -> None:
    lines = (
        "001 A V C 00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00",
        "* FROM CLIP NAME: a.mkv",
        "002 BL V C 00:00:00:00 00:00:00:00 00:00:02:00 00:00:02:00",
        "002 A V D 012 00:00:01:00 00:00:02:00 00:00:02:00 00:00:03:00",
        "* TO CLIP NAME: a.mkv",
        "003 BL V C 00:00:00:00 00:00:00:00 00:00:03:00 00:00:03:00",
        "003 A V D 012 00:00:00:00 00:00:00:24 00:00:03:00 00:00:03:24",
        "* TO CLIP NAME: a.mkv",
    )
    edl(media, "black", *lines)
    edit = edit_of(media / "odd-black.vedc.yaml")
    assert shown(edit)[:3] == ["0-25 a@0", "50-75 a@25", "75-99 a@0"]
    ways = [(each.start, each.end, each.left, each.right) for each in edit.tracks[0].transitions]
    assert ways == [(50, 62, None, 1), (75, 87, None, 2)]


def test_a_speed_belongs_to_its_reel(media: Path) -> None:
    lines = (
        "001 OUT V C 00:00:00:00 00:00:01:00 00:00:00:00 00:00:01:00",
        "* FROM CLIP NAME: a.mkv",
        "002 OUT V C 00:00:01:00 00:00:01:00 00:00:01:00 00:00:01:00",
        "002 INTO V D 010 00:00:01:00 00:00:02:00 00:00:01:00 00:00:02:00",
        "* FROM CLIP NAME: a.mkv",
        "* TO CLIP NAME: mute.mkv",
        "M2 OUT 050.0 00:00:01:00",
        "003 A V C 00:00:00:00 00:00:00:24 00:00:02:00 00:00:02:24",
        "* FROM CLIP NAME: a.mkv",
    )
    edl(media, "reel", *lines)
    assert film(media, "reel")[:2] == ["0-35 a@0", "25-50 mute@25"]


def test_the_rate_comes_from_the_files_when_they_exist(media: Path) -> None:
    """No label of this list has a frame beyond 23."""
    line = "001 A V C 00:00:00:00 00:00:02:00 00:00:00:00 00:00:02:00"
    found = edl(media, "here", line, "* FROM CLIP NAME: a.mkv")
    assert "fps: 25" in found.text
    assert film(media, "here") == ["0-50 a@0"]
    gone = edl(media, "gone", line, "* FROM CLIP NAME: gone.mkv")
    assert "fps: 24" in gone.text


# XML


@pytest.mark.slow
@pytest.mark.parametrize("form", ["fcp7", "fcpxml", "mlt"])
def test_an_unknown_attribute_is_reported_wherever_it_stands(media: Path, form: str) -> None:
    silent = []
    whole = [case for case in cases(form) if not any("lost" in t for t in case.get("told", []))]
    assert whole
    for case in whole:
        text = text_of(form, case)
        for place in [found.end() for found in re.finditer(r"<[A-Za-z][\w-]*", text)]:
            odd = f'{text[:place]} zorblax="1"{text[place:]}'
            found = imported(media, f"attribute-{form}{FORMS[form][0]}", odd, form)
            if not any("zorblax" in f"{loss.what}{loss.path}" for loss in found.losses):
                silent.append(odd[max(0, place - 40) : place + 20])
    assert silent == []


def fcp7(media: Path, inner: str, head: str = "") -> Imported:
    clip = (
        f"HEAD{head}<track><clipitem><name>a</name><start>0</start><end>50</end><in>0</in>"
        f'<out>50</out><file id="f"><pathurl>a.mkv</pathurl></file>{inner}</clipitem></track>TAIL'
    )
    case = {"edit": clip}
    return imported(media, "odd-one.xml", text_of("fcp7", case), "fcp7")


def effect(name: str, key: str, value: str, rest: str = "", enabled: str = "") -> str:
    return (
        f"<filter>{enabled}<effect><effectid>{name}</effectid><parameter><parameterid>{key}"
        f"</parameterid><value>{value}</value>{rest}</parameter></effect></filter>"
    )


def test_fcp7_effects_that_are_off_do_nothing(media: Path) -> None:
    found = fcp7(media, effect("opacity", "opacity", "50", enabled="<enabled>FALSE</enabled>"))
    assert "opacity" not in found.text
    assert any("is off" in loss.what for loss in found.losses)


def test_fcp7_keyframes_are_reported(media: Path) -> None:
    keys = "".join(
        f"<keyframe><when>{when}</when><value>{value}</value></keyframe>"
        for when, value in ((0, 0), (25, 100))
    )
    found = fcp7(media, effect("opacity", "opacity", "50", keys))
    assert any("keyframes of 'opacity'" in loss.what for loss in found.losses)


def test_fcp7_speeds_that_change_are_reported(media: Path) -> None:
    inner = effect("timeremap", "variablespeed", "1")
    assert any("speed that changes" in loss.what for loss in fcp7(media, inner).losses)


def test_fcp7_stills_are_freeze_frames(media: Path) -> None:
    found = fcp7(media, "<stillframe>TRUE</stillframe><stillframeoffset>30</stillframeoffset>")
    assert "freeze: 1.2s" in found.text
    assert shown(checked(media, "odd-one.xml")) == ["0-50 a@30 x0"]


def test_fcp7_labels_with_unusual_values_are_reported(media: Path) -> None:
    found = fcp7(media, "<anamorphic>TRUE</anamorphic><alphatype>black</alphatype>")
    reported = [loss.what for loss in found.losses if loss.severity == "changed"]
    assert sorted(reported) == [
        "alphatype 'black'", "anamorphic 'TRUE'",
    ]  # fmt: skip
    plain = fcp7(media, "<anamorphic>FALSE</anamorphic><alphatype>none</alphatype>")
    assert not [each for each in losses_of(plain) if each.startswith(("lost", "changed"))]


def fcpxml(media: Path, inner: str) -> Imported:
    clip = f'HEAD<asset-clip ref="r2" offset="0s" duration="2s">{inner}</asset-clip>TAIL'
    return imported(media, "odd-two.fcpxml", text_of("fcpxml", {"edit": clip}), "fcpxml")


def test_fcpxml_settings_that_are_off_do_nothing(media: Path) -> None:
    inner = (
        '<adjust-transform enabled="0" scale="2 2"/><adjust-blend enabled="0" amount="0.5"/>'
        '<adjust-volume enabled="0" amount="-6dB"/>'
    )
    found = fcpxml(media, inner)
    assert not any(word in found.text for word in ("scale", "opacity", "volume"))
    assert sum("is off" in loss.what for loss in found.losses) == 3


def test_fcpxml_keyframes_and_fades_are_reported(media: Path) -> None:
    inner = (
        '<adjust-volume amount="-6dB"><param name="amount"><fadeIn type="easeIn" duration="1s"/>'
        "</param></adjust-volume>"
    )
    found = fcpxml(media, inner)
    assert "volume: -6dB" in found.text
    assert any("keyframes and fades of the level" in loss.what for loss in found.losses)


def mlt(media: Path, inner: str, head: str = "HEAD", source: str = "a.mkv") -> Imported:
    text = (
        f'{head}<producer id="one" in="0" out="49"><property name="resource">{source}</property>'
        f'<property name="mlt_service">avformat</property>{inner}</producer>'
        '<playlist id="p"><entry producer="one" in="0" out="49"/></playlist>'
        '<tractor id="film"><track producer="p"/></tractor></mlt>'
    )
    return imported(media, "odd-three.mlt", text_of("mlt", {"edit": text}), "mlt")


def volume(attributes: str = "", rest: str = "") -> str:
    return (
        f'<filter{attributes}><property name="mlt_service">volume</property>'
        f'<property name="gain">0.5</property>{rest}</filter>'
    )


def test_mlt_filters_that_are_off_do_nothing(media: Path) -> None:
    assert "volume: 50%" in mlt(media, volume()).text
    found = mlt(media, volume(rest='<property name="disable">1</property>'))
    assert "volume" not in found.text
    assert any("is off" in loss.what for loss in found.losses)


def test_mlt_filters_on_a_part_of_a_clip_are_reported(media: Path) -> None:
    assert "volume: 50%" in mlt(media, volume(' in="0" out="49"')).text
    found = mlt(media, volume(' in="10" out="20"'))
    assert "volume" not in found.text
    assert any("part of its clip" in loss.what for loss in found.losses)


def test_mlt_profiles_of_other_pixels_are_reported(media: Path) -> None:
    head = (
        '<mlt><profile width="720" height="576" frame_rate_num="25" frame_rate_den="1" '
        'sample_aspect_num="16" sample_aspect_den="15" progressive="0" colorspace="601"/>'
    )
    reported = [loss.what for loss in mlt(media, "", head).losses if loss.severity == "changed"]
    assert [each.split()[0] for each in reported] == ["pixels", "fields", "the"]


@pytest.mark.parametrize("root", ["sub", "/elsewhere"])
def test_mlt_paths_count_from_the_root(media: Path, root: str) -> None:
    """Absolute ones do not, nor do those with another machine's root."""
    head = f'<mlt root="{root}"><profile width="64" height="48" frame_rate_num="25"/>'
    path = str(media / "a.mkv")
    assert "src: a.mkv" in mlt(media, "", head, path).text
    beside = mlt(media, "", head, "a.mkv").text
    assert ("src: sub/a.mkv" if root == "sub" else "src: a.mkv") in beside


def test_mlt_paths_count_from_an_absolute_root(media: Path, tmp_path: Path) -> None:
    (tmp_path / "there.mkv").write_bytes((media / "a.mkv").read_bytes())
    head = f'<mlt root="{tmp_path}"><profile width="64" height="48" frame_rate_num="25"/>'
    assert str(tmp_path / "there.mkv") in mlt(media, "", head, "there.mkv").text


def test_mlt_what_is_not_known_takes_its_time_all_the_same(media: Path) -> None:
    text = (
        'HEAD<playlist id="p"><entry producer="none" in="0" out="24"/>'
        '<entry producer="a" in="0" out="24"/></playlist>'
        '<tractor id="film"><track producer="p"/></tractor></mlt>'
    )
    imported(media, "odd-three.mlt", text_of("mlt", {"edit": text}), "mlt")
    assert shown(checked(media, "odd-three.mlt")) == ["25-50 a@0"]


@pytest.mark.parametrize("sides", ["", '<property name="freeze_after">1</property>'])
def test_mlt_freezes_whole_clips(media: Path, sides: str) -> None:
    inner = (
        '<filter><property name="mlt_service">freeze</property>'
        f'<property name="frame">30</property>{sides}</filter>'
    )
    found = mlt(media, inner)
    edit = checked(media, "odd-three.mlt")
    assert shown(edit) == (["0-50 a@0"] if sides else ["0-50 a@30 x0"])
    assert any("freeze" in loss.what for loss in found.losses) == bool(sides)
