"""SVG: sizes, sharpness, and what a drawing may not do."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from vedc.edit.media_info import MediaInfo, ProbeError
from vedc.media.probe import probe
from vedc.stills.load import load_still
from vedc.stills.svg_text import DEEPEST, LONGEST_CHAIN

NS = 'xmlns="http://www.w3.org/2000/svg"'


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "a.svg"
    path.write_text(text)
    return path


def drawn(path: Path, width: int, height: int, **more: object) -> npt.NDArray[np.uint8]:
    raster = load_still(path, width, height, **more)
    assert (raster.width, raster.height, raster.format) == (width, height, "rgba")
    return np.frombuffer(raster.planes[0], np.uint8).reshape(height, width, 4)


def shown(info: MediaInfo) -> tuple[int, int]:
    assert info.video is not None
    return info.video.display_size


# Sizes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('width="60" height="40"', (60, 40)),
        ('width="2in" height="25.4mm"', (192, 96)),
        ('width="3pc" height="36pt"', (48, 48)),
        ('viewBox="0 0 30 20"', (30, 20)),
        ('viewBox="5,5 30,20"', (30, 20)),
        ('width="90" viewBox="0 0 30 20"', (90, 60)),
        ('height="10" viewBox="0 0 30 20"', (15, 10)),
        ('width="100%" height="100%" viewBox="0 0 30 20"', (30, 20)),
        ("", (300, 150)),
        ('width="0.01" height="5"', (1, 5)),
    ],
)
def test_the_size_that_a_drawing_asks_for(
    tmp_path: Path, attributes: str, size: tuple[int, int]
) -> None:
    """As CSS sizes a replaced element: 96 pixels an inch, 300 by 150 where nothing is said."""
    info = probe(write(tmp_path, f"<svg {NS} {attributes}/>"))
    assert (info.kind, info.container) == ("image", "svg")
    assert shown(info) == size


@pytest.mark.parametrize("factor", [1, 4, 25, 100])
def test_lines_stay_sharp_at_any_size(tmp_path: Path, factor: int) -> None:
    """Columns of one unit are black or white to the pixel."""
    bars = "".join(f'<rect x="{x}" width="1" height="6"/>' for x in range(0, 8, 2))
    path = write(tmp_path, f'<svg {NS} viewBox="0 0 8 6">{bars}</svg>')
    alpha = drawn(path, 8 * factor, 6 * factor)[..., 3]
    wanted = np.repeat([255, 0] * 4, factor)
    assert (alpha == wanted).all()


def test_stretching_and_the_drawing_s_own_proportions(tmp_path: Path) -> None:
    """A square viewBox in the middle of a wide drawing, stretched with it."""
    path = write(
        tmp_path,
        f'<svg {NS} width="40" height="20" viewBox="0 0 1 1"><rect width="1" height="1"/></svg>',
    )
    alpha = drawn(path, 40, 80)[..., 3]
    assert (alpha == np.repeat([0, 255, 0], (10, 20, 10))).all()


def test_a_crop_is_rendered_at_its_own_size(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        f'<svg {NS} viewBox="0 0 8 6"><rect x="4" width="4" height="6" fill="red"/></svg>',
    )
    part = drawn(path, 200, 300, crop=(3.0, 0.0, 2.0, 3.0))
    assert (part[:, :100, 3] == 0).all()
    assert (part[:, 100:] == [255, 0, 0, 255]).all()


def test_colours_are_premultiplied(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        f'<svg {NS} width="4" height="4">'
        '<rect width="4" height="4" fill="#ff8000" fill-opacity="0.5"/></svg>',
    )
    pixel = drawn(path, 4, 4)[2, 2].astype(int)
    assert np.abs(pixel - [128, 64, 0, 128]).max() <= 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.svg"
    name = "UTF-8" if encoding == "utf-8-sig" else encoding
    text = f'<?xml version="1.0" encoding="{name}"?><!-- é --><svg {NS} width="3" height="2"/>'
    path.write_bytes(text.encode(encoding))
    assert shown(probe(path)) == (3, 2)


def test_a_prefix_and_a_doctype(tmp_path: Path) -> None:
    doctype = (
        '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN"'
        ' "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
    )
    text = '<s:svg xmlns:s="http://www.w3.org/2000/svg" width="4" height="4">'
    text += '<s:rect width="4" height="4" fill="lime"/></s:svg>'
    path = write(tmp_path, doctype + text)
    assert (drawn(path, 4, 4) == [0, 255, 0, 255]).all()


# Refusals, omissions and notes ---------------------------------------------------------------


def note_of(path: Path) -> str:
    (note,) = probe(path).notes
    return note.code


@pytest.mark.parametrize("href", ["red.png", "{folder}/red.png", "file://{folder}/red.png"])
@pytest.mark.parametrize("prefix", ["", "xlink:"])
@pytest.mark.parametrize("element", ["image", "feImage"])
def test_pictures_outside_are_not_read(
    tmp_path: Path, href: str, prefix: str, element: str
) -> None:
    Image.new("RGB", (4, 4), "red").save(tmp_path / "red.png")
    named = f'{prefix}href="{href.format(folder=tmp_path)}"'
    body = f'<{element} width="4" height="4" {named}/>'
    if element == "feImage":
        body = f'<filter id="f">{body}</filter><rect width="4" height="4" filter="url(#f)"/>'
    path = write(
        tmp_path,
        f'<svg {NS} xmlns:xlink="http://www.w3.org/1999/xlink" width="4" height="4">{body}</svg>',
    )
    assert note_of(path) == "svg-reference"
    assert not drawn(path, 4, 4)[..., 0].any()


def test_embedded_pictures_are_read_but_not_what_they_name(tmp_path: Path) -> None:
    import base64

    Image.new("RGB", (4, 4), "red").save(tmp_path / "red.png")
    red = base64.b64encode((tmp_path / "red.png").read_bytes()).decode()
    inside = f'<image width="4" height="4" href="data:image/png;base64,{red}"/>'
    path = write(tmp_path, f'<svg {NS} width="4" height="4">{inside}</svg>')
    assert probe(path).notes == ()
    assert (drawn(path, 4, 4) == [255, 0, 0, 255]).all()
    outside = f'<image width="4" height="4" href="{tmp_path}/red.png"/>'
    nested = f'<svg {NS} width="4" height="4">{outside}</svg>'
    packed = base64.b64encode(nested.encode()).decode()
    inside = f'<image width="4" height="4" href="data:image/svg+xml;base64,{packed}"/>'
    path = write(tmp_path, f'<svg {NS} width="4" height="4">{inside}</svg>')
    assert not drawn(path, 4, 4).any()


@pytest.mark.parametrize(
    "entity",
    [
        '<!ENTITY a "&b;"><!ENTITY b "x">',
        '<!ENTITY % p "x">',
        f'<!ENTITY a "{"x" * 2000}">',
    ],
)
def test_entities_that_grow_are_refused(tmp_path: Path, entity: str) -> None:
    path = write(tmp_path, f"<!DOCTYPE svg [{entity}]><svg {NS} width='4' height='4'/>")
    with pytest.raises(ProbeError, match="plain text") as caught:
        probe(path)
    assert caught.value.code == "bad-image"


def test_an_external_entity_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    path = write(
        tmp_path,
        f'<!DOCTYPE svg [<!ENTITY a SYSTEM "{tmp_path}/secret">]>'
        f"<svg {NS} width='40' height='20'><text y='15'>&a;</text></svg>",
    )
    assert {note.code for note in probe(path).notes} == {"svg-reference", "svg-text"}
    assert not drawn(path, 40, 20).any()


@pytest.mark.parametrize(
    "body",
    [
        "<g>" * DEEPEST + "</g>" * DEEPEST,
        "<g>" * 100_000 + "</g>" * 100_000,
        "".join(
            f'<clipPath id="c{i}" clip-path="url(#c{i + 1})"><rect width="9"/></clipPath>'
            for i in range(LONGEST_CHAIN + 2)
        )
        + '<rect width="4" height="4" clip-path="url(#c0)"/>',
        "".join(f'<g id="g{i}"><use href="#g{i + 1}"/></g>' for i in range(20_000)),
    ],
)
def test_what_would_overflow_the_renderer_s_stack_is_refused(tmp_path: Path, body: str) -> None:
    path = write(tmp_path, f'<svg {NS} width="4" height="4">{body}</svg>')
    with pytest.raises(ProbeError, match=r"nests|lead to one another") as caught:
        probe(path)
    assert caught.value.hint


def test_what_is_just_within_the_limits_is_drawn(tmp_path: Path) -> None:
    """Groups and references together, to the deepest allowed level."""
    count, deep = LONGEST_CHAIN - 2, DEEPEST - 4
    parts = "".join(
        f'<pattern id="p{i}" width="1" height="1">{"<g>" * (deep - 2)}'
        f'<rect width="9" height="9" fill="url(#p{i + 1})"/>{"</g>" * (deep - 2)}</pattern>'
        for i in range(count)
    )
    path = write(
        tmp_path,
        f'<svg {NS} width="4" height="4">{parts}<rect width="4" height="4" fill="url(#p0)"/></svg>',
    )
    assert probe(path).kind == "image"


def test_references_in_a_circle_end(tmp_path: Path) -> None:
    body = '<pattern id="a" width="1" height="1"><rect width="4" fill="url(#a)"/></pattern>'
    body += '<rect width="4" height="4" fill="url(#a)"/>'
    assert probe(write(tmp_path, f'<svg {NS} width="4" height="4">{body}</svg>')).kind == "image"
    body = '<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>'
    with pytest.raises(ProbeError, match="cannot be drawn"):
        probe(write(tmp_path, f'<svg {NS} width="4" height="4">{body}</svg>'))


def test_a_packed_drawing_does_not_grow_without_bound(tmp_path: Path) -> None:
    path = tmp_path / "a.svgz"
    path.write_bytes(gzip.compress(f"<svg {NS}>".encode() + b" " * (40 << 20) + b"</svg>"))
    with pytest.raises(ProbeError, match="more than 32 MiB"):
        probe(path)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("<text y='3'>hi</text>", "svg-text"),
        ("<g font-family='sans-serif'><text style='font-family: Lato'>hi</text></g>", "svg-text"),
        ("<rect><animate attributeName='x' to='3'/></rect>", "svg-part"),
        ("<foreignObject width='4' height='4'/>", "svg-part"),
    ],
)
def test_what_is_not_shown_as_in_a_browser_is_noted(tmp_path: Path, body: str, code: str) -> None:
    assert note_of(write(tmp_path, f'<svg {NS} width="4" height="4">{body}</svg>')) == code


@pytest.mark.parametrize("text", ["<svg", f"<svg {NS}><g></svg>", f"<svg {NS}>&none;</svg>"])
def test_a_file_that_is_not_xml_is_refused(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ProbeError) as caught:
        probe(path)
    assert caught.value.code in ("bad-image", "not-media", "damaged-media")
