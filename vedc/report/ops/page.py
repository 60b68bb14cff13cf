"""The page of an op: a self-contained HTML file with its picture and response curve."""

from __future__ import annotations

import base64
import html
import tempfile
import webbrowser
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from vedc.errors import RenderError
from vedc.lang.keys.catalogue import CatalogueEntry, example, sample
from vedc.media.files import cannot_write
from vedc.ops.core import call
from vedc.report.ops.explain import facts

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem;
       color: #1d232a; background: #fff; }
h1 small { font-weight: normal; color: #68737f; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0;
         border-bottom: 1px solid #dde2e7; }
pre { background: #f3f5f7; padding: .8rem; overflow-x: auto; }
img { max-width: 100%; image-rendering: auto; border: 1px solid #dde2e7; }
svg { background: #f3f5f7; }
dt { font-weight: 600; } dd { margin: 0 0 .4rem 0; }
@media (prefers-color-scheme: dark) {
  body { color: #e4e8ec; background: #15191d; } pre, svg { background: #20262c; }
  th, td, img { border-color: #39424b; } }
"""


def page(entry: CatalogueEntry) -> str:
    """The whole page, as HTML."""
    parts = [
        f"<h1>{_safe(entry.word)} <small>{entry.op.kind}</small></h1>",
        f"<p>{_safe(entry.op.summary)}</p>",
        *_pictures(entry),
        *(f"<p>{_safe(text)}</p>" for text in entry.op.doc.split("\n\n") if text),
        "<dl>",
        *(f"<dt>{_safe(title)}</dt><dd>{_safe(text)}</dd>" for title, text in facts(entry)),
        "</dl>",
        *_parameters(entry),
        "<h2>Example</h2>",
        f"<pre>{_safe(example(entry))}</pre>",
    ]
    head = f'<meta charset="utf-8"><title>{_safe(entry.word)}</title><style>{_STYLE}</style>'
    body = "\n".join(parts)
    return f"<!doctype html>\n<html><head>{head}</head>\n<body>\n{body}\n</body></html>\n"


def write_page(entry: CatalogueEntry, file: Path | None) -> Path:
    """Write the page to ``file``, or to the folder for temporary files."""
    target = page_place(entry.name, file)
    try:
        target.write_text(page(entry), encoding="utf-8")
    except OSError as error:
        raise cannot_write(target, error.errno) from None
    return target


def page_place(name: str, file: Path | None) -> Path:
    """``file``, or a path in the folder for temporary files."""
    return file or Path(tempfile.gettempdir()) / f"vedc-{name}.html"


def show_page(file: Path) -> None:
    """Open a page in the browser."""
    if not webbrowser.open(file.absolute().as_uri()):
        message = f"no browser is available to open {file}"
        raise RenderError.one("no-browser", message, hint="open the file yourself")


def _safe(text: str) -> str:
    return html.escape(text, quote=False)


def _parameters(entry: CatalogueEntry) -> Iterator[str]:
    if not entry.op.params:
        return
    yield "<h2>Parameters</h2>"
    yield "<table><tr><th>name</th><th>value</th><th>default</th><th>meaning</th></tr>"
    for param in entry.op.params:
        cells = (param.name, entry.phrase(param), entry.default_text(param, str), param.summary)
        yield _row(cells)
    for key in entry.keys:
        yield _row((key.name, key.type.phrase, "", key.doc))
    yield "</table>"


def _row(cells: Sequence[str]) -> str:
    return "<tr>" + "".join(f"<td>{_safe(cell)}</td>" for cell in cells) + "</tr>"


def _pictures(entry: CatalogueEntry) -> Iterator[str]:
    from vedc.report.ops import thumbnails

    data = base64.b64encode(thumbnails.thumbnail(entry.name)).decode()
    yield f'<p><img alt="{entry.name}" src="data:image/png;base64,{data}"/></p>'
    curves = response(entry)
    if curves:
        yield f"<p>Output for grey input, with {_safe(_given(entry))}:</p>"
        yield _drawing(curves)


def _given(entry: CatalogueEntry) -> str:
    values = _sampled(entry)
    return ", ".join(f"{name} {value}" for name, value in values.items()) or "no parameters"


def _sampled(entry: CatalogueEntry) -> dict[str, Any]:
    return {p.name: sample(p) for p in entry.op.params if p.kind in ("number", "rgb")}


def response(entry: CatalogueEntry) -> list[list[float]]:
    """Red, green and blue that a grade op computes from greys from 0 to 1, display-encoded.

    Empty where that is uninformative: for other ops, for those that need a file or the pixel's
    place, and for those that leave grey alone.
    """
    op = entry.op
    closed = {"number", "integer", "rgb", "color", "pair", "enum", "boolean"}
    if op.kind != "grade" or op.positional or op.timed or op.samples:
        return []
    if any(p.kind not in closed or p.required for p in op.params):
        return []
    import numpy as np

    from vedc.codegen.reference.numpy_math import NumpyMath
    from vedc.expr.math import Vec3
    from vedc.ops.shared import color_conversion

    m = NumpyMath()
    given: dict[str, Any] = dict(op.defaults())
    given.update(_sampled(entry))
    for p in op.params:
        value = given[p.name]
        if p.kind in ("rgb", "color"):
            given[p.name] = Vec3(*(m.number(float(v)) for v in np.broadcast_to(value, 3)))
        elif p.kind == "pair":
            given[p.name] = tuple(m.number(float(v)) for v in value)
        elif p.kind == "number":
            given[p.name] = m.number(float(value))
    grey: Any = np.linspace(0.0, 1.0, 101)
    seen = Vec3(grey, grey, grey)
    with np.errstate(all="ignore"):
        if op.space == "linear":
            seen = color_conversion.linearize(m, seen, "bt709")
        made: Vec3 = op.body(m, seen, **call.arguments(op, given, call.Scene()))
        if op.space == "linear":
            made = color_conversion.delinearize(m, made, "bt709")
    curves = [np.broadcast_to(np.nan_to_num(np.asarray(c)), grey.shape) for c in made.channels]
    if all(np.allclose(c, grey, atol=1e-3) for c in curves):
        return []
    return [[float(v) for v in c] for c in curves]


def _drawing(curves: list[list[float]]) -> str:
    """Curves over 0..1 as SVG, clipped a little beyond."""
    size, edge = 320, 20
    lines = []
    for color, curve in zip(("#e5484d", "#30a46c", "#3e63dd"), curves, strict=True):
        points = " ".join(
            f"{edge + size * i / (len(curve) - 1):.1f},"
            f"{edge + size * (1 - min(max(v, -0.05), 1.05)):.1f}"
            for i, v in enumerate(curve)
        )
        style = f'fill="none" stroke="{color}" stroke-width="2"'
        lines.append(f'<polyline points="{points}" {style}/>')
    whole = size + 2 * edge
    frame = (
        f'<rect x="{edge}" y="{edge}" width="{size}" height="{size}" fill="none" stroke="#8b95a1"/>'
        f'<line x1="{edge}" y1="{edge + size}" x2="{edge + size}" y2="{edge}" '
        'stroke="#8b95a1" stroke-dasharray="4"/>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="{whole}" '
        f'viewBox="0 0 {whole} {whole}" role="img">{frame}{"".join(lines)}</svg>'
    )
