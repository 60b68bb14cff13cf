"""The decisions at one time, for a terminal: what was chosen, and the reasons for and against."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from vedc.decide.choose.reasons import Reason
from vedc.decide.lock.lock_text import flow_text
from vedc.edit.timecode import clock_time, timecode
from vedc.edit.times import nominal_rate, round_half_up
from vedc.errors import SourceLocation
from vedc.report.decisions import spoken
from vedc.report.decisions.view import Decided, DecisionView, Picked, name_of

if TYPE_CHECKING:
    from vedc.report.decisions.compared import Compared

_WIDTH: Final = 96
_BAR: Final = 16
_BOLD, _FAINT, _GREEN, _RED, _YELLOW, _RESET = (
    "\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[31m", "\x1b[33m", "\x1b[0m",
)  # fmt: skip
_EIGHTHS: Final = " ▏▎▍▌▋▊▉█"


def moment(time: Fraction, rate: Fraction) -> str:
    """A time rounded to its frame, as a spec takes it."""
    if nominal_rate(rate) is None:
        return clock_time(time)
    return timecode(round_half_up(time * rate), rate)


def text(view: DecisionView, color: bool = False) -> str:
    """The decisions at the view's time."""
    paint = _Paint(color)
    found = view.at()
    head = f"{view.spec} at {moment(view.time, view.rate)}"
    picked = [_pick(view, each) for each in view.picked_at()]
    said = ["\n".join(spoken.lines(each)) for each in view.said]
    if not found and not picked and not said:
        return f"{head}: {_nothing(view)}\n"
    parts = [*("\n".join(_item(view, item, paint)) for item in found), *picked, *said]
    return f"{paint(_BOLD, head)}\n\n" + "\n\n".join(parts) + "\n"


def _pick(view: DecisionView, each: Picked) -> str:
    """A random pick, in one line."""
    pick = each.pick
    when = f"{moment(each.begin, view.rate)} to {moment(each.end, view.rate)}"
    return f"{when}: random is {pick.name}, one of {pick.of} by the seed {pick.seed}"


def _nothing(view: DecisionView) -> str:
    """Where the nearest decision is, if there is any."""
    decided = [(i.begin, i.end, i.asks) for i in view.items]
    picked = [(p.begin, p.end, f"random, {p.pick.name}") for p in view.picks]
    if not decided and not picked:
        return "there is no decision here, and nothing is said"
    begin, _, name = min(
        (*decided, *picked), key=lambda span: max(span[0] - view.time, view.time - span[1])
    )
    where = moment(begin, view.rate)
    return f"there is no decision here; the nearest one, {name}, begins at {where}"


def _item(view: DecisionView, item: Decided, paint: _Paint) -> Iterator[str]:
    source = view.source(item.source)
    yield paint(_BOLD, f"{title(view, item)}")
    yield f"  {item.asks}, item {item.number} of {item.of}{_where(item.location)}"
    if item.edited:
        note = "edited by hand: the score and reasons below are those of vedc's own choice"
        yield f"  {paint(_YELLOW, note)}"
    when = moment(item.begin, view.rate)
    if item.end > item.begin:
        yield f"  in the film from {when} to {moment(item.end, view.rate)}"
    else:
        yield f"  in the film at {when}"
    if source is not None:
        yield f"  from {source.path}"
    if item.kind == "grade":
        yield from _steps(item)
    elif item.kind == "effects":
        for step in item.fields["effects"]:
            yield from (f"  {line}" for line in textwrap.wrap(flow_text(step), _WIDTH - 2))
    if "shown" in item.fields:
        yield f"  {_part(item.fields['shown'])}"
    yield ""
    if item.score is None:
        yield "  No score: there were no alternatives."
    else:
        yield from _sum(item, paint)
    if item.removed:
        yield ""
        yield "  taken out before it"
        yield from (f"    {line}" for phrase in item.removed for line in _wrapped(phrase))
    if item.instead:
        yield ""
        yield "  alternatives"
        yield from (f"    {line}" for phrase in item.instead for line in _wrapped(phrase))
    if item.by:
        yield ""
        made = ", ".join(f"{name} {version}".strip() for name, version in item.by.items())
        yield from (
            f"  {paint(_FAINT, line)}" for line in textwrap.wrap(f"found by {made}", _WIDTH - 2)
        )


def _part(shown: Sequence[float]) -> str:
    """``shows 24% to 65% of the width`` at the time of the view."""
    x, y, width, height = shown
    sides = (("width", x, x + width), ("height", y, y + height))
    cut = [
        f"{first:.1%} to {last:.1%} of the {side}"
        for side, first, last in sides
        if last - first < 0.9995
    ]
    return f"shows {' and '.join(cut)} here" if cut else "shows the whole picture here"


def _steps(item: Decided) -> Iterator[str]:
    """The steps of a grade, each with its share of the change."""
    steps = item.fields["grade"]
    if item.compared is not None:
        yield from _frame(item.compared, changed=bool(steps))
    for step, share in zip(steps, shares_of_steps(item), strict=True):
        lead = "" if share is None or len(steps) == 1 else f"{share:4.0%} of the change  "
        yield from (f"  {line}" for line in textwrap.wrap(lead + flow_text(step), _WIDTH - 2))


def shares_of_steps(item: Decided) -> list[float | None]:
    """The share of each step of a decided grade: on its frame, if known."""
    from vedc.decide.grades.shot import Canvas
    from vedc.decide.grades.step_shares import step_shares

    steps, compared = item.fields["grade"], item.compared
    if compared is None:
        return step_shares(steps)
    return step_shares(steps, compared.before, Canvas.of(compared.question.profile.color))


def _frame(compared: Compared, *, changed: bool) -> Iterator[str]:
    """Averages of the frame before and after, and of its reference, in CIELAB."""
    from vedc.report.decisions.compared import measured

    if changed:
        yield f"  changes this frame by dE {compared.change:.1f} on average (CIEDE2000)"
    for row in measured(compared):
        if row.name == "in the film" and not changed:
            continue
        yield (
            f"    {row.name:<11}  L* {row.lightness:5.1f}  a* {row.green_red:+6.1f}  "
            f"b* {row.blue_yellow:+6.1f}  chroma {row.chroma:5.1f}"
        )


def title(view: DecisionView, item: Decided) -> str:
    """``clip valley, 00:00:10:12 to 00:00:12:26 (2.47 s)``, or the transition's name."""
    if item.kind == "clip":
        source = view.source(item.source)
        rate = source.rate if source is not None else view.rate
        first, last = moment(item.source_begin, rate), moment(item.source_end, rate)
        long = float(item.source_end - item.source_begin)
        return f"clip {name_of(str(item.fields['clip']))}, {first} to {last} ({long:.2f} s)"
    if item.kind in ("grade", "effects"):
        of = f"{item.fields['clip_name']} {item.fields.get('shot', '')}".strip()
        return f"{item.fields['kind']} of {of}" + ("" if item.fields[item.kind] else ": as it is")
    if item.kind == "reframe":
        of = f"{item.fields['clip_name']} {item.fields.get('shot', '')}".strip()
        tail = f" for {item.fields['output']}" if "output" in item.fields else ""
        return f"crop of {of}{tail}: {crop_text(item.fields['reframe'])}"
    name = transition_name(item.fields)
    return name if item.end <= item.begin else f"{name}, {float(item.end - item.begin):.2f} s"


def crop_text(item: Any) -> str:
    """A decided crop in a few words."""
    crop = item.get("crop") if isinstance(item, dict) else None
    if crop is None:
        return "as it is"
    if isinstance(crop, dict) and "keyframes" in crop:
        return f"moves, {len(crop['keyframes'])} keyframes"
    return "stands still"


def transition_name(fields: Any) -> str:
    given = fields.get("transition", "cut")
    name = given.get("name", "transition") if isinstance(given, dict) else given
    return "hard cut" if name in ("none", "cut") else f"transition {name}"


def _where(place: SourceLocation | None) -> str:
    return f", {place.file}:{place.line}" if place is not None else ""


def shares(item: Decided) -> tuple[list[Reason], list[Reason], float]:
    """Reasons for, reasons against, both by weight, and the rest of the score.

    Points in the lock have two decimals, so a rest that rounding explains counts as 0.
    """
    counted = [r for r in item.reasons if r.points]
    ordered = sorted(counted, key=lambda r: (-abs(r.points), r.name))
    for_ = [r for r in ordered if r.points > 0]
    against = [r for r in ordered if r.points < 0]
    rest = (item.score or 0.0) - sum(r.points for r in counted)
    return for_, against, rest if abs(rest) > 0.005 * (len(counted) + 1) else 0.0


def _sum(item: Decided, paint: _Paint) -> Iterator[str]:
    """The reasons with bars, and their sum."""
    for_, against, rest = shares(item)
    others = [Reason("all else", rest)] if rest else []
    shown = [*for_, *against, *others]
    if not shown:
        yield f"  score {item.score:.2f}"
        return
    width = max(len(r.name) for r in shown)
    most = max(abs(r.points) for r in shown)
    groups: Sequence[tuple[str, list[Reason]]] = (("for", for_), ("against", against), ("", others))
    for word, reasons in groups:
        for index, reason in enumerate(reasons):
            lead = word if index == 0 else ""
            bar = _bar(abs(reason.points) / most)
            tint = _GREEN if reason.points > 0 else _RED
            line = f"  {lead:<7}  {reason.name:<{width}}  {reason.points:+.2f}  "
            tail = f"{bar:<{_BAR}}  {reason.value}".rstrip()
            yield line + tail.replace(bar.rstrip(), paint(tint, bar.rstrip()), 1)
    yield f"  {'score':<7}  {'':<{width}}  {paint(_BOLD, f'{item.score:+.2f}')}"


def _bar(share: float) -> str:
    eighths = max(1, round(share * _BAR * 8))
    whole, part = divmod(eighths, 8)
    return "█" * whole + (_EIGHTHS[part] if part else "")


def _wrapped(phrase: str) -> list[str]:
    return textwrap.wrap(phrase, _WIDTH - 4) or [""]


class _Paint:
    def __init__(self, color: bool) -> None:
        self.color = color

    def __call__(self, style: str, text: str) -> str:
        return f"{style}{text}{_RESET}" if self.color else text


def data(view: DecisionView) -> dict[str, Any]:
    """The documented object of ``vedc explain SPEC --json``: times in seconds."""
    return {
        "spec": view.spec,
        "time": float(view.time),
        "decisions": [item_data(item) for item in view.at()],
        "picks": [pick_data(each) for each in view.picked_at()],
        "words": [spoken.data(each) for each in view.said],
    }


def item_data(item: Decided) -> dict[str, Any]:
    """One of the ``decisions`` of :func:`data`."""
    return {
        "asked_by": item.asks,
        "item": dict(item.fields),
        "begin": float(item.begin),
        "end": float(item.end),
        "score": item.score,
        "reasons": [{"name": r.name, "points": r.points, "value": r.value} for r in item.reasons],
        "instead": list(item.instead),
        "removed": list(item.removed),
        "edited": item.edited,
        "by": dict(item.by),
        **({} if item.compared is None else {"change": round(item.compared.change, 3)}),
    }


def pick_data(each: Picked) -> dict[str, Any]:
    """One of the ``picks`` of :func:`data`."""
    return {
        "transition": each.pick.name,
        "begin": float(each.begin),
        "end": float(each.end),
        "seed": each.pick.seed,
        "candidates": each.pick.of,
    }
