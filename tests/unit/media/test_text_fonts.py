"""Fonts: what a face can show, damaged files, and the promise of the cache."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.ttLib import TTFont
from fontTools.ttLib.ttCollection import TTCollection
from PIL import ImageFont

from vedc.edit.font_info import INVISIBLE
from vedc.edit.media_info import ProbeError
from vedc.text.fonts import FontCache, default_font, probe_font


def build(path: Path, family: str, characters: str) -> Path:
    """A font of empty glyphs, made by fontTools."""
    builder = FontBuilder(1000)
    names = [".notdef", *(f"u{ord(c):05X}" for c in characters)]
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(c): n for c, n in zip(characters, names[1:], strict=True)})
    builder.setupGlyf({name: _empty() for name in names})
    builder.setupHorizontalMetrics(dict.fromkeys(names, (500, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": family, "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(path)
    return path


def _empty() -> object:
    from fontTools.ttLib.tables._g_l_y_f import Glyph

    return Glyph()


def refused(path: Path) -> ProbeError:
    with pytest.raises(ProbeError) as caught:
        probe_font(path)
    return caught.value


def test_family_and_ranges(tmp_path: Path) -> None:
    info = probe_font(build(tmp_path / "a.ttf", "Small Face", "abcxyz€😀"))
    assert info.family == "Small Face"
    assert info.ranges == ((97, 99), (120, 122), (0x20AC, 0x20AC), (0x1F600, 0x1F600))
    assert info.missing("a b\ncq😀q") == [" ", "q"]


def test_a_collection_gives_its_first_face(tmp_path: Path) -> None:
    """As FreeType takes face 0 of the same file."""
    collection = TTCollection()
    for name, characters in (("First", "abc"), ("Second", "xyz")):
        collection.fonts.append(TTFont(build(tmp_path / f"{name}.ttf", name, characters)))
    path = tmp_path / "both.ttc"
    collection.save(path)
    info = probe_font(path)
    assert (info.family, info.ranges) == ("First", ((97, 99),))
    assert ImageFont.truetype(path, 10).getname()[0] == info.family


def test_the_default_font_shows_european_text() -> None:
    info = probe_font(default_font())
    assert info.family == "Inter"
    assert info.missing("Grüße, Ångström, Łódź, Ελλάδα, Привіт, Việt — “1½ €” …\u00a0") == []
    assert info.missing("漢🎉") == ["漢", "🎉"]
    assert default_font().stat().st_size < 1 << 20


def test_the_ranges_are_what_freetype_finds() -> None:
    """A character outside of the ranges has the advance and ink of ``.notdef``."""
    info = probe_font(default_font())
    font = ImageFont.truetype(default_font(), 50, layout_engine=ImageFont.Layout.BASIC)
    blank = font.getmask("\uf8fe\uf8fe")
    assert info.missing("\uf8fe")
    for code in random.Random(1).sample(range(0x21, 0x3000), 400):
        shown = font.getmask(chr(code) * 2)
        if chr(code) not in INVISIBLE:
            assert (bytes(shown) == bytes(blank)) == bool(info.missing(chr(code))), hex(code)


@pytest.mark.parametrize("content", [b"", b"OTTO", b"wOF2" + bytes(64), b"hello, world" * 9])
def test_a_file_that_is_not_a_font_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.ttf"
    path.write_bytes(content)
    error = refused(path)
    assert error.code == "bad-font"
    assert error.hint
    assert str(path) in error.message


def test_a_missing_font_is_another_error(tmp_path: Path) -> None:
    assert refused(tmp_path / "no.ttf").code == "missing-font"
    assert refused(tmp_path).code == "missing-font"
    with pytest.raises(ProbeError, match="cannot read the font"):
        FontCache(tmp_path)(Path("a\0b.ttf"))


def test_a_font_without_outlines_or_unicode_is_refused(tmp_path: Path) -> None:
    path = build(tmp_path / "a.ttf", "Face", "abc")
    bitmaps, symbols = TTFont(path), TTFont(path)
    del bitmaps["glyf"]
    bitmaps.save(tmp_path / "bitmaps.ttf")
    assert "no outlines" in refused(tmp_path / "bitmaps.ttf").message
    del symbols["cmap"].tables[1:]
    for table in symbols["cmap"].tables:
        table.platformID, table.platEncID = 3, 0
    symbols.save(tmp_path / "symbols.ttf")
    assert "no Unicode" in refused(tmp_path / "symbols.ttf").message


@pytest.mark.slow
def test_damage_never_ends_in_another_exception(tmp_path: Path) -> None:
    """Only ``ProbeError`` comes out, whatever bytes change."""
    content = default_font().read_bytes()
    chance = random.Random(7)
    path = tmp_path / "damaged.otf"
    failures = 0
    for _ in range(60):
        damaged = bytearray(content[: chance.choice([len(content), chance.randrange(40_000)])])
        for _ in range(chance.randrange(1, 40)):
            # Mostly in the directory and the small tables, where it hurts.
            damaged[chance.randrange(chance.choice([min(300, len(damaged)), len(damaged)]))] ^= 255
        path.write_bytes(damaged)
        try:
            probe_font(path)
        except ProbeError:
            failures += 1
    assert failures > 20


# The cache --------------------------------------------------------------------------------------


def test_a_known_font_loads_no_font_library(tmp_path: Path) -> None:
    known = FontCache(tmp_path / "cache")(default_font())
    code = (
        "import sys; from pathlib import Path; from vedc.text.fonts import FontCache\n"
        f"info = FontCache(Path({str(tmp_path / 'cache')!r}))(Path({str(default_font())!r}))\n"
        "loaded = {'fontTools', 'PIL', 'numpy'} & set(sys.modules)\n"
        "print(info.family, len(info.ranges), sorted(loaded))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == f"Inter {len(known.ranges)} []"


def test_a_changed_font_is_probed_again(tmp_path: Path) -> None:
    cache, path = FontCache(tmp_path / "cache"), tmp_path / "a.ttf"
    first = cache(build(path, "Before", "ab"))
    assert cache(path) == first
    build(path, "Later", "ab")
    os.utime(path, ns=(1, 1))
    assert cache(path).family == "Later"
    path.write_bytes(b"no longer a font")
    with pytest.raises(ProbeError):
        cache(path)
    path.unlink()
    with pytest.raises(ProbeError, match="No such file"):
        cache(path)


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"stamp": 1}', b"\xff\xfe"])
def test_a_damaged_entry_is_rewritten(tmp_path: Path, damage: bytes) -> None:
    cache = FontCache(tmp_path)
    info = cache(default_font())
    (entry,) = tmp_path.iterdir()
    good = entry.read_bytes()
    entry.write_bytes(damage)
    assert cache(default_font()) == info
    assert entry.read_bytes() == good


def test_a_cache_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert FontCache(tmp_path / "file" / "cache")(default_font()).family == "Inter"
