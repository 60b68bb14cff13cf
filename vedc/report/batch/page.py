"""The outcome of a table's rows on one page: a self-contained HTML file without scripts."""

from __future__ import annotations

import html
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import quote

from vedc.report.batch.summary import WORDS
from vedc.report.tables import plural
from vedc.support.printable import printable
from vedc.workspace.batch.films import RowFilm

#: Nothing is fetched, whatever a cell contains.
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1b2126; --faint: #5d6874; --ground: #fff;
  --rule: #d8dee4; --good: #1a7f4b; --bad: #b3362b; --warn: #8a5a00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ecf0; --faint: #9ba7b3;
  --ground: #14181c; --rule: #363f48; --good: #4cc38a; --bad: #ff8f82; --warn: #ffb648; } }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground);
  margin: 0 auto; padding: 1.5rem; max-width: 76rem; }
h1 { font-size: 1.4rem; margin: 0; } .faint { color: var(--faint); }
ul.counts { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: 2rem; }
.counts b { display: block; font-size: 1.8rem; line-height: 1.2;
  font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; width: 100%; margin-top: 1rem; }
th { text-align: left; font-weight: 600; color: var(--faint); }
th, td { padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--rule);
  vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
td p { margin: 0; overflow-wrap: anywhere; } td p + p { margin-top: .3rem; }
a { color: inherit; } code { font-size: .85rem; }
.made, .unchanged, .checked { color: var(--good); } .refused, .failed, .error { color: var(--bad); }
.left, .warning { color: var(--warn); }
"""

#: In this order: rows that need attention come first.
_ORDER: Final = ("failed", "refused", "left", "made", "unchanged", "checked")


def batch_page(template: str, table: str, rows: Sequence[RowFilm], folder: Path) -> str:
    """The page; links to films are relative to ``folder``, where it will be."""
    return "".join(_page(template, table, rows, folder))


def _page(template: str, table: str, rows: Sequence[RowFilm], folder: Path) -> Iterator[str]:
    title = f"{table}: {plural(len(rows), 'film')} from {template}"
    yield f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{_text(title)}'
    yield f'</title><meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<style>{_STYLE}</style></head><body>\n<h1>{_text(table)}</h1>"
    yield f'<p class="faint">A film from {_text(template)} for each row</p>\n<ul class="counts">'
    counts = Counter(row.status for row in rows)
    for status, word in WORDS.items():
        if counts[status]:
            yield f'<li class="{status}"><b>{counts[status]}</b>{word}</li>'
    yield '</ul>\n<table><thead><tr><th class="number">row</th><th>film</th><th></th>'
    yield '<th class="number">length</th><th class="number">rendered</th>'
    yield '<th class="number">time</th><th>problems</th></tr></thead>\n<tbody>'
    for row in sorted(rows, key=lambda row: _ORDER.index(row.status)):
        yield from _row(row, folder)
    yield "</tbody></table>\n</body></html>\n"


def _row(row: RowFilm, folder: Path) -> Iterator[str]:
    yield f'<tr><td class="number">{row.checked.row.number}</td><td>'
    linked = row.status in ("made", "unchanged")
    for path in row.checked.outputs:
        name = _text(os.path.relpath(path, folder))
        link = quote(os.path.relpath(path, folder).encode(errors="surrogateescape"))
        yield f'<p><a href="{link}">{name}</a></p>' if linked else f"<p>{name}</p>"
    yield f'</td><td class="{row.status}">{WORDS[row.status]}</td>'
    lengths = [_length(path, row) for path in row.checked.outputs]
    yield f'<td class="number">{"<br>".join(lengths)}</td>'
    drawn = sum(film.rendered_frames for film in row.films)
    yield f'<td class="number">{plural(drawn, "frame") if row.films else ""}</td>'
    yield f'<td class="number">{f"{row.seconds:.1f} s" if row.films else ""}</td><td>'
    for problem in row.problems:
        place = f"<code>{_text(str(problem.location))}</code> " if problem.location else ""
        cure = f' <span class="faint">{_text(problem.hint)}</span>' if problem.hint else ""
        kind = problem.severity
        yield f'<p>{place}<span class="{kind}">{_text(problem.message)}</span>{cure}</p>'
    for note in row.notes:
        yield f'<p class="faint">{_text(note)}</p>'
    yield "</td></tr>\n"


def _length(path: str, row: RowFilm) -> str:
    """The length of one of the row's films, as the check found it."""
    length = row.checked.lengths.get(path)
    return "" if length is None else f"{float(length):.2f} s"


def _text(text: str) -> str:
    return html.escape(printable(text))
