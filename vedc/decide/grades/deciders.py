"""Which decider answers which kind of decision: the one place where they plug in.

A kind of ``vedc.lang.keys.decided.grades.GRADES``, or of ``EFFECTS`` in the module ``effects``
beside it, becomes possible in two steps. Add a row to ``DECIDERS`` here; there, remove
``supported=False`` from the kind's row, which lifts the refusal and adds the word to the schema and
the reference (``make docs``). A test checks that both have the same kinds.

A row is an :class:`Answerer`. Its ``decide`` takes the question (:class:`GradeAsked`) and returns a
decision for each of ``asked.shots``, in their order; usually it is ``named("balance.answer")``, for
a module in a separate folder with these functions:

    def answer(asked: GradeAsked) -> Sequence[Decision]:
        return decide_balance(asked.shots, strength=asked.strength, method=asked.method)

    def versions(options: Mapping[str, Any]) -> Mapping[str, str]:
        return {"balance": "1"}

A decider gets anything beyond pictures (the luma of every frame, say) from analyses through
``asked.analyse``. Keyframes in the steps of a decision have times in seconds of the source; they
are written in the clip's time. A decision may carry a table (``Decision.table``), which becomes a
.cube file and a last step ``lut``. ``versions`` names everything that the answer depends on besides
analyses and files, with versions or digests, ``{"grades": "1 77aa", "match": "1 3f9c"}``: a change
causes a new decision. ``foreseen`` reports, before any analysis, why there can be no answer, such
as a missing model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Literal, cast

from vedc.color import Color
from vedc.decide.grades.seen_shots import SeenShot
from vedc.decide.grades.shot import Decision, Shot
from vedc.edit.media_info import MediaInfo
from vedc.edit.model import Profile
from vedc.errors import Interrupted, Problem, UserError
from vedc.lang.resolve.grades.question import GradeQuestion

Method = Literal["network", "closed"]
Detail = Literal["steps", "lut"]


@dataclass(frozen=True, slots=True, eq=False)
class GradeAsked:
    """A question for a decider."""

    options: Mapping[str, Any]
    """The step's options as plain data, with defaults filled in."""
    shots: Sequence[Shot]
    """Every visible shot, clip by clip in the order of the film."""
    clips: Sequence[int]
    """The number of each shot's clip."""
    media: Sequence[MediaInfo | None]
    """The file of each shot; None for a still."""
    color: Color | None = None
    """The film's colour, in whose display values pictures are; None: BT.709."""
    reference: Shot | None = None
    """For ``match``."""
    hero: frozenset[int] = frozenset()
    """For ``equalise``: the numbers of the shots that stay unchanged; empty: free choice."""
    look: Path | None = None
    """For ``look``."""
    seen: Sequence[SeenShot] = ()
    """Each shot with its item and its thumbnails."""
    profile: Profile | None = None
    """The film."""
    analyse: Callable[..., list[Any]] = field(default=lambda *asks: [])
    """Runs analyses: takes ``AnalysisRequest``s, returns their results in order."""

    @property
    def strength(self) -> float:
        return float(self.options["strength"])

    @property
    def method(self) -> Method | None:
        """None: the one that measured better."""
        return cast("Method | None", self.options.get("method"))

    @property
    def detail(self) -> Detail:
        return cast("Detail", self.options.get("detail", "steps"))


@dataclass(frozen=True, slots=True)
class Answerer:
    """The functions that answer a kind of question."""

    decide: Callable[[GradeAsked], Sequence[Decision]]
    versions: Callable[[Mapping[str, Any]], Mapping[str, str]] = lambda options: {}
    """Takes the options of the step. Raises MissingError if something is not installed."""
    foreseen: Callable[[GradeQuestion], None] = lambda question: None
    """Raises UserError."""


def named(module: str, room: str = "grades") -> Answerer:
    """The ``answer``, the ``versions`` and any ``foreseen`` of a module of a room of
    ``vedc.decide``.

    By name, since the deciders' modules import this one.
    """

    def decide(asked: GradeAsked) -> Sequence[Decision]:
        found: Sequence[Decision] = _module(room, module).answer(asked)
        return found

    def versions(options: Mapping[str, Any]) -> Mapping[str, str]:
        found: Mapping[str, str] = _module(room, module).versions(options)
        return found

    def foreseen(question: GradeQuestion) -> None:
        if hasattr(_module(room, module), "foreseen"):
            _module(room, module).foreseen(question)

    return Answerer(decide, versions, foreseen)


def _module(room: str, name: str) -> Any:
    return import_module(f"vedc.decide.{room}.{name}")


#: By kind.
DECIDERS: Final[dict[str, Answerer]] = {
    "balance": named("balance.answer"),
    "match": named("match.answer"),
    "equalise": named("equalise.answer"),
    "look": named("looks.answer"),
    "deflicker": named("deflicker.answer"),
    "clean": named("clean", "effects"),
    "flare": named("flare", "effects"),
    "strokes": named("strokes", "effects"),
    "choose": named("choose", "effects"),
}


def versions(question: GradeQuestion) -> dict[str, str]:
    """The versions that an answer depends on, besides analyses and files."""
    return dict(DECIDERS[question.kind].versions(question.options))


def foreseen_of_grade(question: GradeQuestion) -> tuple[Problem, ...]:
    """The problems that prevent an answer whatever analyses find."""
    answerer = DECIDERS[question.kind]
    try:
        answerer.foreseen(question)
        answerer.versions(question.options)
    except Interrupted:
        raise
    except UserError as error:
        return error.at(question.location).problems
    return ()
