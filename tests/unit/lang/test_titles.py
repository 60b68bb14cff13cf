"""Fonts and places of titles as the checks see them, with the real fonts and measures."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.color_fonts import make
from vedc.edit.contents import Text
from vedc.edit.model import Edit
from vedc.errors import Problem, UserError
from vedc.workspace.build import Build

HEAD = """version: 1
profile: {width: 640, height: 360, fps: 25}
defaults: {text: {size: 64, max_width: none}}
timeline:
"""


def check(folder: Path, *items: str) -> Edit:
    spec = folder / "edit.vedc.yaml"
    lines = "".join(f"  - {{duration: 1s, {item}}}\n" for item in items)
    spec.write_text(HEAD + lines, encoding="utf-8")
    (edit,) = Build(spec).edits()
    return edit


def warning(folder: Path, item: str) -> Problem:
    (found,) = check(folder, item).warnings
    return found


def test_several_fonts(tmp_path: Path) -> None:
    make(tmp_path / "a.ttf", "colr1")
    make(tmp_path / "b.ttf", "svg")
    edit = check(tmp_path, "text: A, font: [a.ttf, b.ttf]")
    assert edit.warnings == ()
    content = edit.tracks[0].items[0].content
    assert isinstance(content, Text)
    assert [Path(font).name for font in content.fonts] == ["a.ttf", "b.ttf"]


def test_the_bundled_font_fills_in_and_that_is_noted(tmp_path: Path) -> None:
    make(tmp_path / "a.ttf", "colr1")
    found = warning(tmp_path, "text: 'A, é', font: a.ttf")
    assert found.code == "glyph-substituted"
    assert "Two Squares colr1 has no glyph for ',' (U+002C), 'é' (U+00E9)" in found.message
    assert "Inter fills in" in found.message
    assert found.location is not None and (found.location.line, found.location.column) == (5, 26)


def test_a_character_that_no_font_shows(tmp_path: Path) -> None:
    make(tmp_path / "a.ttf", "colr1")
    with pytest.raises(UserError) as caught:
        check(tmp_path, "text: 'A漢', font: [a.ttf, a.ttf]", "text: 漢, size: 40")
    named, own = caught.value.problems
    assert {named.code, own.code} == {"missing-glyph"}
    assert "none of the fonts Two Squares colr1" in named.message
    assert "font: [first.ttf, second.ttf]" in (named.hint or "")
    assert "the font Inter has no glyph for '漢'" in own.message


def test_the_fix_names_a_font_of_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only one that has all of the missing characters, and a plain face if there is one."""
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_DATA_DIRS", str(tmp_path / "none"))
    (tmp_path / "data" / "fonts" / "deep").mkdir(parents=True)
    (tmp_path / "data" / "fonts" / "damaged.ttf").write_bytes(b"OTTO")
    for name in ("Squares-Bold.ttf", "Squares.ttf"):
        make(tmp_path / "data" / "fonts" / "deep" / name, "colr1")
    with pytest.raises(UserError) as caught:
        check(tmp_path, "text: \U0001f600", "text: \U0001f600 漢")
    one, both = caught.value.problems
    where = tmp_path / "data" / "fonts" / "deep" / "Squares.ttf"
    assert one.hint == f"name a font that has them; {where} does, copy it beside the spec"
    assert both.hint == "name a font that has them"


def test_every_font_of_a_list_must_be_there(tmp_path: Path) -> None:
    make(tmp_path / "a.ttf", "colr1")
    with pytest.raises(UserError) as caught:
        check(tmp_path, "text: A, font: [a.ttf, b.ttf]")
    (problem,) = caught.value.problems
    assert problem.code == "file-missing"
    assert problem.location is not None and problem.location.column == 43


@pytest.mark.parametrize(
    ("item", "reported", "cure"),
    [
        ("text: a wide title here, size: 100", "on the left and", "max_width: 80%"),
        ("text: awidetitlehere, size: 100", "on the right", "size: "),
        ("text: low, position: bottom, offset: [0, 40]", "at the bottom", "offset: [0, "),
        ("text: turned title, size: 80, rotation: 90", "at the top and", "position"),
    ],
)
def test_what_the_canvas_cuts(tmp_path: Path, item: str, reported: str, cure: str) -> None:
    found = warning(tmp_path, item)
    assert found.code == "text-cut"
    assert "the 640x360 canvas cuts this text off: " in found.message
    assert reported in found.message
    assert cure in (found.hint or "")


@pytest.mark.parametrize(
    "item",
    [
        "text: a wide title here, size: 100",
        "text: awidetitlehere, size: 100",
        "text: low, position: bottom, offset: [0, 40]",
        "text: high, position: top-right, offset: [33, -20], scale: 2",
    ],
)
def test_the_suggested_fix_works(tmp_path: Path, item: str) -> None:
    cure = (warning(tmp_path, item).hint or "").split(": ", 1)[1]
    key = cure.split(":")[0]
    kept = [part for part in item.replace("[", "<").split(", ") if not part.startswith(key)]
    if key == "offset":
        kept = [item.split(", offset")[0], *(["scale: 2"] if "scale" in item else [])]
    assert check(tmp_path, ", ".join([*kept, cure])).warnings == ()


def test_another_effect_that_moves_the_title_is_left_alone(tmp_path: Path) -> None:
    item = "text: a wide title here, size: 100, effects: [{op: zoom, amount: 0.5}]"
    assert check(tmp_path, item).warnings == ()


def test_each_output_has_its_own_canvas(tmp_path: Path) -> None:
    spec = tmp_path / "edit.vedc.yaml"
    outputs = "outputs: [{path: a.mp4}, {path: b.mp4, width: 180, height: 320}]\n"
    spec.write_text(HEAD + "  - {text: a longer title, duration: 1s}\n" + outputs)
    wide, tall = Build(spec).edits()
    assert wide.warnings == ()
    assert [found.code for found in tall.warnings] == ["text-cut", "changed-sizes"]


def test_a_title_too_large_to_draw_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="text-too-large"):
        check(tmp_path, f"text: {'wide ' * 200}, size: 400")


def test_text_that_its_box_is_too_small_for(tmp_path: Path) -> None:
    item = "text: several words that wrap, size: 60, box: {width: 300, height: 100}"
    found = warning(tmp_path, item)
    assert found.code == "text-beyond-box"
    assert "too high for its box of 300x100" in found.message
    assert found.hint == "let the type shrink: fit: shrink"
    assert check(tmp_path, f"{item}, fit: shrink").warnings == ()


@pytest.mark.parametrize("key", ["fit: shrink", "vertical_align: top"])
def test_what_needs_a_box(tmp_path: Path, key: str) -> None:
    with pytest.raises(UserError) as caught:
        check(tmp_path, f"text: words, {key}")
    (problem,) = caught.value.problems
    assert problem.code == "no-text-box"
    assert problem.message.startswith(key)
    assert problem.hint == "add box: {width: 800, height: 200}"


def test_a_box_or_max_width(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="'box' and 'max_width' cannot both be given"):
        check(tmp_path, "text: words, max_width: 300, box: {width: 300, height: 100}")


def test_a_gradient(tmp_path: Path) -> None:
    edit = check(tmp_path, "text: A, fill: {colors: [red, '#0000ff80'], end: [1, 0.5]}")
    content = edit.tracks[0].items[0].content
    assert isinstance(content, Text)
    assert content.fill == pytest.approx((1, 0, 0, 1, 0, 0, 1, 128 / 255))
    assert (content.fill_start, content.fill_end) == ((0.0, 0.0), (1.0, 0.5))


@pytest.mark.parametrize(
    ("fill", "code"),
    [
        ("red", "wrong-type"),
        ("{colors: []}", "empty-list"),
        ("{colors: [rad]}", "bad-color"),
        ("{start: [0, 0]}", "missing-key"),
        ("{colors: [red], end: [0, 11]}", "out-of-range"),
    ],
)
def test_gradients_of_a_wrong_form(tmp_path: Path, fill: str, code: str) -> None:
    with pytest.raises(UserError) as caught:
        check(tmp_path, f"text: A, fill: {fill}")
    assert [problem.code for problem in caught.value.problems] == [code]


def test_a_color_or_a_gradient(tmp_path: Path) -> None:
    """The item's own values override the defaults."""
    with pytest.raises(UserError, match="'color' and 'fill' cannot both be given"):
        check(tmp_path, "text: A, color: red, fill: {colors: [red, blue]}")
    spec = tmp_path / "edit.vedc.yaml"
    defaults = "defaults: {text: {size: 64, color: red}}\n"
    item = "  - {text: A, duration: 1s, fill: {colors: [red, blue]}}\n"
    head = HEAD.replace("defaults: {text: {size: 64, max_width: none}}\n", defaults)
    spec.write_text(head + item)
    (edit,) = Build(spec).edits()
    content = edit.tracks[0].items[0].content
    assert isinstance(content, Text) and content.fill is not None


def test_a_shadow(tmp_path: Path) -> None:
    shadows = []
    for given in ("{}", "{color: red, offset: [0, -2.5], blur: 0}"):
        content = check(tmp_path, f"text: A, shadow: {given}").tracks[0].items[0].content
        assert isinstance(content, Text)
        shadows.append((content.shadow, content.shadow_offset, content.shadow_blur))
    assert shadows == [
        (pytest.approx((0, 0, 0, 2 / 3)), (4, 4), 8),
        ((1, 0, 0, 1), (0, -2.5), 0),
    ]


def title(folder: Path, item: str) -> Text:
    content = check(folder, item).tracks[0].items[0].content
    assert isinstance(content, Text)
    return content


def test_percentages_are_of_the_canvas(tmp_path: Path) -> None:
    """640x360: sizes relative to the smaller side, widths and heights to their own sides."""
    found = title(tmp_path, "text: A, size: 6.5%, box: {width: 80%, height: 12.5 %}")
    assert (found.size, found.box) == (23.4, (512, 45))
    found = title(tmp_path, "text: A, size: 100%, max_width: .5%")
    assert (found.size, found.max_width) == (360, 3.2)


@pytest.mark.parametrize(
    ("item", "reported", "hint"),
    [
        ("size: 0%", "size must be above 0% and at most 100%, not 0%", None),
        ("size: 101%", "size must be above 0% and at most 100%, not 101%", None),
        ("size: 64px", "size must be", "pixels have no unit: 64"),
        ("size: -3", "size must be a number above 0", None),
        ("size: 5vw", "or a percentage such as 6%", None),
        ("max_width: [1]", "or a percentage such as 80%", None),
        ("box: {width: 80%, height: big}", "or a percentage such as 20%", None),
    ],
)
def test_invalid_lengths(tmp_path: Path, item: str, reported: str, hint: str | None) -> None:
    with pytest.raises(UserError) as caught:
        check(tmp_path, f"text: A, {item}")
    (problem,) = caught.value.problems
    assert reported in problem.message
    assert problem.hint == hint
