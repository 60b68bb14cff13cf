"""`vedc ops` and `vedc explain`: search, text, data, page."""

from __future__ import annotations

import json
import re
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from vedc import cli, ops
from vedc.cli import about
from vedc.edit.text_motion import PRESETS
from vedc.errors import RenderError, UsageError
from vedc.lang.keys.catalogue import entries, lookup, search
from vedc.ops import OpKind, get
from vedc.report.ops import thumbnails
from vedc.report.ops.explain import as_text, explained, identities
from vedc.report.ops.page import page, response

Vedc = Callable[..., str]
PNG = b"\x89PNG\r\n\x1a\n-not-really"


@pytest.fixture
def vedc() -> Vedc:
    def call(*arguments: str) -> str:
        result = CliRunner().invoke(cli.app, list(arguments))
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.stdout

    return call


def test_the_kinds_on_the_command_line_match_the_ops() -> None:
    assert get_args(about.Kind) == get_args(OpKind)


def test_a_search_needs_every_word_and_puts_names_first() -> None:
    found = [e.name for e in search("exposure")]
    assert found[0] == "exposure"
    assert len(found) > 1  # others mention it
    assert next(e.name for e in search("lift gain gamma")) == "lift_gamma_gain"
    assert search("exposure zzz") == []
    assert {e.op.kind for e in search("", "blend")} == {"blend"}


def test_choices_and_words_of_the_language_are_found() -> None:
    assert "wipe" in [e.name for e in search("angle", "transition")]
    assert [e.name for e in search("color-dodge")] == ["color_dodge"]


def test_ops_prints_the_documented_objects(vedc: Vedc) -> None:
    reported = json.loads(vedc("ops", "--json"))
    assert {"name", "kind", "summary", "params"} == set().union(*reported)
    assert len(reported) == len(entries())
    named = {o["name"]: o for o in reported}
    stops = named["exposure"]["params"][0]
    assert (stops["name"], stops["default"], stops["low"], stops["high"]) == ("stops", 0, -10, 10)
    assert named["color-dodge"]["kind"] == "blend"
    masks = json.loads(vedc("ops", "--json", "--kind", "mask"))
    assert masks and {o["kind"] for o in masks} == {"mask"}
    assert vedc("ops", "no", "such", "thing") == "no op matches all of these words\n"


def test_explain_shows_what_the_declaration_says(vedc: Vedc) -> None:
    text = vedc("explain", "contrast")
    op = get("contrast")
    for part in (op.use, "amount", "pivot", "default 0.18", "from 0.001 to 10, or keyframes"):
        assert part in text
    assert re.search(r"Does nothing: +with its defaults", text)
    assert "grade:\n      - {op: contrast, amount: " in text
    assert vedc("explain", "color-dodge") == vedc("explain", "color_dodge")
    reported = json.loads(vedc("explain", "contrast", "--json"))
    assert reported["use"] == op.use
    assert reported["leaves_the_picture"] == ["with its defaults"]


def test_every_op_can_be_explained() -> None:
    for entry in entries():
        text = as_text(entry)
        assert entry.word in text
        assert all(param.name in text for param in entry.op.params)
        assert max(map(len, text.splitlines())) < 200
        json.dumps(explained(entry))


def test_a_network_takes_a_fallback_and_has_its_own_weights(vedc: Vedc) -> None:
    text = vedc("explain", "clean")
    assert "fallback  none, the name of an effect" in text
    assert "default those of vedc" in text and "required" not in text
    reported = json.loads(vedc("explain", "clean", "--json"))
    assert [key["name"] for key in reported["keys"]] == ["fallback"]
    assert not next(p for p in reported["params"] if p["name"] == "src")["required"]
    assert "; required" in vedc("explain", "model")  # whose file is the user's
    assert "fallback" not in vedc("explain", "denoise")


def test_an_ops_identity_is_found_by_asking_it() -> None:
    def ask(name: str) -> list[str]:
        entry = lookup(name)
        assert entry is not None and not isinstance(entry, str)
        return identities(entry)

    assert ask("exposure") == ["with its defaults"]
    assert ask("sepia") == ["with amount: 0"]
    assert ask("dissolve") == []


def test_an_unknown_op_is_reported_with_the_nearest(vedc: Vedc) -> None:
    with pytest.raises(UsageError, match="did you mean 'dissolve'") as caught:
        vedc("explain", "disolve")
    assert caught.value.problems[0].hint == "vedc explain dissolve"
    with pytest.raises(UsageError) as caught:
        vedc("explain", "xyzzyxyzzy")
    assert "vedc ops" in str(caught.value.problems[0].hint)


def test_the_ops_of_a_plugin_file_can_be_explained(vedc: Vedc, tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(
        "from vedc.ops.core.registry import op\n"
        '@op("grade", space="display", use="Mine.")\n'
        'def mine(m, rgb):\n    """Turn it round."""\n    return 1.0 - rgb\n'
    )
    try:
        assert "Turn it round." in vedc("explain", "mine", "--plugin", str(file))
        assert vedc("ops", "mine", "round", "--plugin", str(file)).startswith("mine")
    finally:
        from vedc.lang.plugins.activate import DIGESTS

        ops.registry.remove("mine")
        DIGESTS.clear()


# The page


@pytest.fixture
def picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thumbnails, "thumbnail", lambda name: PNG + name.encode())


@pytest.mark.usefixtures("picture")
def test_a_page_stands_alone(vedc: Vedc, tmp_path: Path) -> None:
    file = tmp_path / "contrast.html"
    vedc("explain", "contrast", "-o", str(file))
    text = file.read_text()
    assert "data:image/png;base64," in text
    assert not re.search(r"(src|href)=\"(?!data:)", text)
    body = text[text.index("<body>") : text.index("</html>")]
    tree = ElementTree.fromstring(body)  # well-formed
    curves = [e for e in tree.iter() if e.tag.endswith("polyline")]
    assert len(curves) == 3


@pytest.mark.usefixtures("picture")
def test_every_op_has_a_page() -> None:
    for entry in entries():
        text = page(entry)
        ElementTree.fromstring(text[text.index("<body>") : text.index("</html>")])


def test_the_curve_is_what_the_op_makes_of_grey() -> None:
    def curve(name: str) -> list[list[float]]:
        entry = lookup(name)
        assert entry is not None and not isinstance(entry, str)
        return response(entry)

    red, green, blue = curve("gamma")
    assert red == green == blue
    value = float(re.search(r"amount: ([\d.]+)", as_text(search("gamma", "grade")[0]))[1])  # type: ignore[index]
    assert red[50] == pytest.approx(0.5 ** (1 / value), abs=1e-6)
    assert curve("saturation") == []  # grey stays grey
    assert curve("wipe") == []


@pytest.mark.usefixtures("picture")
def test_open_shows_the_page(vedc: Vedc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda url: opened.append(url) or True)
    file = tmp_path / "page.html"
    vedc("explain", "wipe", "--open", "-o", str(file))
    assert opened == [file.as_uri()]
    assert file.is_file()
    monkeypatch.setattr(webbrowser, "open", lambda url: False)
    with pytest.raises(RenderError, match="no browser"):
        vedc("explain", "wipe", "--open", "-o", str(file))


def test_explain_describes_the_keys_of_items(vedc: Vedc) -> None:
    reported = vedc("explain", "rotation")
    assert reported.startswith("rotation: item key\n\nClockwise rotation about its anchor.\n")
    assert re.search(r"Keyframes: +yes", reported) and re.search(
        r"Of: +clip, .*image, auto, .*text", reported
    )
    anchor = json.loads(vedc("explain", "anchor", "--json"))
    assert anchor.pop("summary").startswith("The item's own point")
    assert anchor.pop("value").startswith("one of top-left, top, top-right, left, center, right")
    assert {"clip", "image", "auto", "text", "color"} <= set(anchor.pop("items"))
    assert anchor == {"name": "anchor", "kind": "item key", "default": None, "animated": True}
    both = vedc("explain", "crop")
    assert both.startswith("crop: key\n") and "\n\ncrop: item key\n" in both


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_explain_describes_text_animations(vedc: Vedc, name: str) -> None:
    reported = vedc("explain", f"animate:{name}")
    assert reported.startswith(f"{name}: text animation\n\n")
    assert " ".join(PRESETS[name].doc.split())[:40] in " ".join(reported.split())
    data = json.loads(vedc("explain", f"animate:{name}", "--json"))
    assert data["kind"] == "text animation" and data["duration"] == PRESETS[name].duration
    assert f"{name}: text animation" in vedc("explain", name)


def test_a_key_has_no_page() -> None:
    result = CliRunner().invoke(cli.app, ["explain", "rotation", "--open"])
    assert isinstance(result.exception, UsageError)
