"""All decisions of a spec on one page: a self-contained HTML file.

It shows the film as a strip, every source with its pictures, curves, cuts and kept ranges, and for
each decision the reasons for and against it. The script only repeats information near the
pointer, so the page is complete without it.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from vedc.media.files import whole_file
from vedc.report.decisions.chart import Chart, film, jpeg
from vedc.report.decisions.text import moment, shares, title
from vedc.report.decisions.view import Decided, DecisionView, SourceView, name_of

#: Nothing is fetched, whatever a name or a phrase contains.
_POLICY: Final = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
)

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1b2126; --faint: #5d6874; --ground: #fff;
  --panel: #f4f6f8; --rule: #d8dee4; --keep: #0969b8; --for: #1a7f4b; --against: #b3362b;
  --curve: #46525e; --cut: #b26a00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ecf0; --faint: #9ba7b3;
  --ground: #14181c; --panel: #1d2328; --rule: #363f48; --keep: #58b0ff; --for: #4cc38a;
  --against: #ff8f82; --curve: #aab6c2; --cut: #ffb648; } }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground);
  margin: 0 auto; padding: 1.5rem; max-width: 76rem; }
h1 { font-size: 1.4rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p { margin: .3rem 0; } .faint { color: var(--faint); }
a { color: inherit; } a:focus-visible, summary:focus-visible { outline: 3px solid var(--keep);
  outline-offset: 1px; }
.scroll { overflow: auto hidden; }
.film { position: relative; background: var(--panel); border-radius: 4px; margin-top: .8rem; }
.film a { position: absolute; top: 0; bottom: 0; background: var(--panel) center/cover;
  border-left: 1px solid var(--ground); overflow: hidden; text-decoration: none; }
.film span { font-size: .75rem; padding: 0 .3rem; background: #000b; color: #fff; }
.film .transition { background: var(--cut); opacity: .8; top: auto; height: 1rem; }
.film .transition span { background: none; color: #000; padding: 0; line-height: 1rem;
  display: block; text-align: center; }
.film .transition { min-width: 12px; z-index: 1; }
.film .now { outline: 3px solid var(--keep); outline-offset: -3px; z-index: 1; }
.film .head { position: absolute; top: -6px; bottom: -6px; width: 2px; background: var(--against);
  z-index: 2; }
.source { display: flex; } .source .names { flex: none; } .source .scroll { flex: 1; min-width: 0; }
svg text { font: 12px system-ui, sans-serif; fill: var(--ink); }
svg .edge { font-size: 10px; fill: var(--faint); }
.lane { fill: var(--panel); } .area { fill: var(--curve); opacity: .18; }
.curve { fill: none; stroke: var(--curve); stroke-width: 1.2; }
.cut { stroke: var(--cut); stroke-width: 1.5; } .joint { fill: var(--cut); opacity: .35; }
.tick { stroke: var(--faint); }
.kept .shade { fill: var(--keep); fill-opacity: .16; stroke: var(--keep); stroke-opacity: .6; }
.kept .frame { fill: #0000; stroke: var(--keep); stroke-width: 2; }
.kept.now .frame { stroke-width: 4; }
.kept.now .shade { fill-opacity: .34; stroke-width: 2; stroke-opacity: 1; }
.kept:hover .shade, .kept:focus .shade { fill-opacity: .4; }
.kept text { font-weight: 600; }
.cross { stroke: var(--against); visibility: hidden; pointer-events: none; }
details { border-top: 1px solid var(--rule); padding: .5rem 0; scroll-margin-top: 1rem; }
summary { display: flex; gap: .8rem; align-items: center; cursor: pointer; list-style: none; }
summary::-webkit-details-marker { display: none; }
summary::before { content: "\\25B8"; color: var(--faint); } details[open] summary::before
  { content: "\\25BE"; }
summary img { width: 88px; height: 52px; object-fit: cover; border-radius: 3px; flex: none; }
summary .blank { width: 88px; text-align: center; color: var(--cut); flex: none; }
summary b { flex: 1; font-weight: 600; } .score { font-variant-numeric: tabular-nums; }
.badge { font-size: .75rem; border: 1px solid var(--cut); color: var(--cut); padding: 0 .4rem;
  border-radius: 3px; }
.more { margin: .5rem 0 .5rem 2rem; }
table { border-collapse: collapse; } th, td { text-align: left; padding: .1rem .8rem .1rem 0;
  font-weight: normal; vertical-align: middle; }
caption { text-align: left; color: var(--faint); }
figure { margin: .5rem 0; } figure img { max-width: 100%; height: auto; border-radius: 4px; }
code { font-size: .85rem; white-space: pre-wrap; overflow-wrap: anywhere; }
td.points { text-align: right; font-variant-numeric: tabular-nums; }
td.bar { width: 12rem; background: linear-gradient(var(--rule), var(--rule)) 50% 0/1px 100%
  no-repeat; padding: 0; position: relative; }
td.bar i { position: absolute; top: 25%; height: 50%; border-radius: 2px; }
.plus { left: 50%; background: var(--for); } .minus { right: 50%; background: var(--against); }
tfoot td, tfoot th { border-top: 1px solid var(--rule); font-weight: 600; }
#tip { position: fixed; z-index: 9; max-width: 30rem; padding: .6rem .8rem; pointer-events: none;
  background: var(--ground); border: 1px solid var(--rule); border-radius: 6px;
  box-shadow: 0 4px 18px #0005; font-size: .85rem; } #tip[hidden] { display: none; }
#tip .faint, #tip ul { display: none; } #tip .always { display: block; }
@media (max-width: 40rem) { body { padding: .8rem; } summary { flex-wrap: wrap; } }
@media print { :root { color-scheme: light; } body { max-width: none; padding: 0; font-size: 11px; }
  #tip { display: none; } details { break-inside: avoid; } .scroll { overflow: hidden; }
  svg.chart { width: 100%; height: auto; } * { print-color-adjust: exact; }
  details::details-content { content-visibility: visible; height: auto; } }
"""

_SCRIPT: Final = """
const tip = document.getElementById('tip');
function place(x, y) {
  const box = tip.getBoundingClientRect();
  tip.style.left = Math.max(4, Math.min(x + 14, innerWidth - box.width - 8)) + 'px';
  tip.style.top = Math.max(4, Math.min(y + 18, innerHeight - box.height - 8)) + 'px';
}
function clock(s) {
  const two = n => String(Math.floor(n)).padStart(2, '0');
  return two(s / 3600) + ':' + two(s / 60 % 60) + ':' + two(s % 60) + (s % 1).toFixed(2).slice(1);
}
function why(link, x, y) {
  const item = document.getElementById('item-' + link.dataset.item);
  tip.replaceChildren();
  const head = document.createElement('b');
  head.textContent = item.querySelector('b').textContent;
  tip.append(head, item.querySelector('.more').cloneNode(true));
  tip.hidden = false;
  place(x, y);
}
for (const link of document.querySelectorAll('[data-item]')) {
  link.addEventListener('pointermove', e => { why(link, e.clientX, e.clientY); });
  link.addEventListener('pointerleave', () => { tip.hidden = true; });
  link.addEventListener('focus', () => {
    const box = link.getBoundingClientRect(); why(link, box.left, box.bottom); });
  link.addEventListener('blur', () => { tip.hidden = true; });
  link.addEventListener('click', () => {
    document.getElementById('item-' + link.dataset.item).open = true; });
}
for (const chart of document.querySelectorAll('svg.chart')) {
  const cross = chart.querySelector('.cross');
  const curves = [...chart.querySelectorAll('.curve')].map(line => ({
    data: line.dataset,
    points: line.getAttribute('points').split(' ').map(p => p.split(',').map(Number)) }));
  chart.addEventListener('pointermove', e => {
    const box = chart.getBoundingClientRect();
    const x = (e.clientX - box.left) * chart.viewBox.baseVal.width / box.width;
    cross.setAttribute('x1', x); cross.setAttribute('x2', x); cross.style.visibility = 'visible';
    if (e.target.closest('[data-item]')) return;
    const lines = [clock(x / chart.viewBox.baseVal.width * chart.dataset.seconds)];
    for (const { data, points } of curves) {
      const near = points.find(p => p[0] >= x - 1);
      if (!near || near[0] > x + 2) continue;
      const share = (data.floor - near[1]) / data.lane;
      const value = +data.low + share * (data.high - data.low);
      lines.push(data.name + ' ' + value.toFixed(Math.abs(value) < 10 ? 2 : 0) + ' ' + data.unit);
    }
    tip.replaceChildren(...lines.map(t => {
      const line = document.createElement('div'); line.textContent = t; return line; }));
    tip.hidden = false;
    place(e.clientX, e.clientY);
  });
  chart.addEventListener('pointerleave', () => {
    cross.style.visibility = 'hidden'; tip.hidden = true; });
}
addEventListener('keydown', e => { if (e.key === 'Escape') tip.hidden = true; });
addEventListener('beforeprint', () => {
  for (const item of document.querySelectorAll('details')) item.open = true; });
"""


def page(view: DecisionView) -> str:
    """The whole page, as HTML."""
    name = html.escape(view.spec)
    body = "\n".join(
        [
            f"<header><h1>{name}</h1>",
            f"<p>{html.escape(_head(view))}</p></header>",
            "<main>",
            f'<section aria-label="The film">{film(view)}</section>',
            *(part for source in view.sources for part in _source(view, source)),
            "<h2>Decisions</h2>" if view.items else "",
            *(_decision(view, index, item) for index, item in enumerate(view.items)),
            "</main>",
            '<div id="tip" role="status" hidden></div>',
        ]
    )
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<title>{name}: decisions</title><style>{_STYLE}</style>"
    )
    return (
        f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body>\n{body}\n'
        f"<script>{_SCRIPT}</script>\n</body></html>\n"
    )


def write_page(view: DecisionView, target: Path) -> Path:
    """Write the page. Raises RenderError ``cannot-write``."""
    with whole_file(target) as part:
        part.write_text(page(view), encoding="utf-8")
    return target


def _head(view: DecisionView) -> str:
    count = len(view.items)
    edited = sum(item.edited for item in view.items)
    parts = [
        f"{count} decision{'' if count == 1 else 's'} in {moment(view.duration, view.rate)}",
        f"{edited} edited by hand" if edited else "",
        f"shown at {moment(view.time, view.rate)}",
    ]
    return ", ".join(part for part in parts if part)


def _source(view: DecisionView, source: SourceView) -> Iterator[str]:
    chart = Chart(view, source)
    kept = [item for item in view.items if item.source == source.id]
    total = sum(float(item.source_end - item.source_begin) for item in kept)
    share = total / float(source.duration) if source.duration else 0.0
    facts = f"{len(kept)} kept, {total:.1f} of {float(source.duration):.1f} s ({share:.0%})"
    if source.shots is not None:
        facts += f"; {len(source.shots.shots)} shots, {source.shots.detector} detector"
    name = name_of(source.path)
    shown = name if source.id in (name, source.path) else f"{source.id}: {name}"
    yield f"<h2>{html.escape(shown)}</h2>"
    yield f'<p class="faint">{html.escape(facts)}</p>'
    yield (
        f'<div class="source">{chart.names()}<div class="scroll" tabindex="0" role="region" '
        f'aria-label="{html.escape(name)} over time">{chart.drawing()}</div></div>'
    )


def _decision(view: DecisionView, index: int, item: Decided) -> str:
    is_open = " open" if item in view.at() else ""
    picture = (
        f'<img alt="" src="{jpeg(item.picture)}">'
        if item.picture
        else f'<span class="blank">{"&#9671;" if item.kind == "transition" else ""}</span>'
    )
    edited = '<span class="badge">edited by hand</span>' if item.edited else ""
    score = "" if item.score is None else f'<span class="score">{item.score:.2f}</span>'
    begin, end = moment(item.begin, view.rate), moment(item.end, view.rate)
    place = f", {item.location.file}:{item.location.line}" if item.location is not None else ""
    where = f"{item.asks}, item {item.number} of {item.of}{place}; in the film {begin} to {end}"
    by = ", ".join(f"{name} {version}".strip() for name, version in item.by.items())
    return (
        f'<details id="item-{index}"{is_open}><summary>{picture}'
        f"<b>{index + 1}. {html.escape(title(view, item))}</b>{edited}{score}</summary>"
        f'<div class="more"><p class="faint">{html.escape(where)}</p>{_graded(item)}'
        f"{_framed(item)}{_reasons(item)}"
        f"{_instead(item)}"
        + (f'<p class="faint">Found by {html.escape(by)}.</p>' if by else "")
        + "</div></details>"
    )


def _graded(item: Decided) -> str:
    """Effects, or the steps of a grade with their shares, and pictures before and after with
    scopes."""
    from vedc.decide.lock.lock_text import flow_text

    if item.kind == "effects":
        effects = "".join(
            f"<p><code>{html.escape(flow_text(step))}</code></p>" for step in item.fields["effects"]
        )
        return effects or "<p>The shot stays as it is.</p>"
    if item.kind != "grade":
        return ""
    from vedc.report.decisions.text import shares_of_steps

    steps = item.fields["grade"]
    rows = "".join(
        f'<tr><td class="points">{"" if share is None else f"{share:.0%}"}</td>'
        f"<td><code>{html.escape(flow_text(step))}</code></td></tr>"
        for step, share in zip(steps, shares_of_steps(item), strict=True)
    )
    table = f"<table><caption>Share of the change</caption><tbody>{rows}</tbody></table>"
    shown = table if steps else "<p>The shot stays as it is.</p>"
    if item.compared is None:
        return shown
    from vedc.report.decisions.compared import as_jpeg, picture

    change = item.compared.change
    words = f"Before and in the film, with scopes; the change is dE {change:.1f} on average."
    return (
        f'{shown}<figure><img alt="{words}" src="{jpeg(as_jpeg(picture(item.compared)))}">'
        f'<figcaption class="faint">{words}</figcaption></figure>'
    )


def _framed(item: Decided) -> str:
    """A crop over frames of its shot, and its text."""
    if item.kind != "reframe":
        return ""
    from vedc.decide.lock.lock_text import flow_text

    text = f"<p><code>{html.escape(flow_text(item.fields['reframe']))}</code></p>"
    if not item.framed:
        return text
    words = "Its first frame, the middle and the last, dark where the crop cuts them off."
    return (
        f'{text}<figure><img alt="{words}" src="{jpeg(item.framed)}">'
        f'<figcaption class="faint">{words}</figcaption></figure>'
    )


def _reasons(item: Decided) -> str:
    for_, against, rest = shares(item)
    shown = [(r.name, r.points, r.value) for r in (*for_, *against)]
    shown += [("all else", rest, "")] if rest else []
    if not shown:
        return ""
    most = max(abs(points) for _, points, _ in shown)
    rows = "".join(
        f'<tr><th scope="row">{html.escape(name)}</th><td class="points">{points:+.2f}</td>'
        f'<td class="bar"><i class="{"plus" if points > 0 else "minus"}" '
        f'style="width:{50 * abs(points) / most:.1f}%"></i></td><td>{html.escape(value)}</td></tr>'
        for name, points, value in shown
    )
    total = "" if item.score is None else f"{item.score:+.2f}"
    caption = "Reasons for vedc's own choice" if item.edited else "Reasons for and against"
    return (
        f"<table><caption>{caption}</caption><tbody>{rows}</tbody><tfoot><tr>"
        f'<th scope="row">score</th><td class="points">{total}</td><td></td><td></td>'
        "</tr></tfoot></table>"
    )


def _instead(item: Decided) -> str:
    return _listed("Taken out before it", item.removed) + _listed("Alternatives", item.instead)


def _listed(title: str, phrases: Sequence[str]) -> str:
    if not phrases:
        return ""
    rows = "".join(f"<li>{html.escape(phrase)}</li>" for phrase in phrases)
    return f"<ul><li>{title}:<ul>{rows}</ul></li></ul>"
