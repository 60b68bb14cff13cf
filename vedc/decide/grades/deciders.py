"""Which decider answers which kind of decision: the one place where they plug in.

A kind of ``vedc.lang.keys.decided.grades.GRADES``, or of ``EFFECTS`` in the module ``effects``
beside it, becomes possible in two steps. Here it gets a row of ``DECIDERS``; there
``supported=False`` is taken off its row, and with it the refusal, while the schema and the
reference learn the word (``make docs``). A test holds both to the same kinds.

A row is an :class:`Answerer`. Its ``decide`` gets what is asked (:class:`GradeAsked`) and returns a
decision for each of ``asked.shots``, in their order; usually it is ``named("balance.answer")``, for
a module in a folder of its own with these functions:

    def answer(asked: GradeAsked) -> Sequence[Decision]:
        return decide_balance(asked.shots, strength=asked.strength, method=asked.method)

    def versions(options: Mapping[str, Any]) -> Mapping[str, str]:
        return {"balance": "1"}

What a decider needs beyond pictures (the luma of every frame, say) it gets from analyses by
``asked.analyse``. Times of keyframes in the steps of a decision are seconds of the source; they are
written in the time of the clip. A decision may carry a table (``Decision.table``), which becomes a
.cube file and a last step ``lut``. ``versions`` names what the answer hangs on besides analyses and
files, with versions or digests: a change decides anew, ``{"grades": "1 77aa", "match": "1 3f9c"}``.
``foreseen`` tells why there can be no answer before anything is analysed, such as a missing model.
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
    """What a decider is asked."""

    options: Mapping[str, Any]
    """Those of the step, as plain data, defaults filled in."""
    shots: Sequence[Shot]
    """Every shot that is seen, clip by clip in the order of the film."""
    clips: Sequence[int]
    """The number of the clip that each shot is of."""
    media: Sequence[MediaInfo | None]
    """The file of each shot; None of a still."""
    color: Color | None = None
    """Of the film, in whose display values pictures are; None: BT.709."""
    reference: Shot | None = None
    """For ``match``."""
    hero: frozenset[int] = frozenset()
    """For ``equalise``: the numbers of the shots that stay as they are; empty: free choice."""
    look: Path | None = None
    """For ``look``."""
    seen: Sequence[SeenShot] = ()
    """Each shot with its item and its thumbnails."""
    profile: Profile | None = None
    """The film."""
    analyse: Callable[..., list[Any]] = field(default=lambda *asks: [])
    """Runs analyses: takes ``AnalysisRequest``s, gives their results in order."""

    @property
    def strength(self) -> float:
        return float(self.options["strength"])

    @property
    def method(self) -> Method | None:
        """None: whichever was measured to be better."""
        return cast("Method | None", self.options.get("method"))

    @property
    def detail(self) -> Detail:
        return cast("Detail", self.options.get("detail", "steps"))


@dataclass(frozen=True, slots=True)
class Answerer:
    """What answers a kind of question."""

    decide: Callable[[GradeAsked], Sequence[Decision]]
    versions: Callable[[Mapping[str, Any]], Mapping[str, str]] = lambda options: {}
    """Given the options of the step. Raises MissingError where something is not here."""
    foreseen: Callable[[GradeQuestion], None] = lambda question: None
    """Raises UserError."""


def named(module: str, room: str = "grades") -> Answerer:
    """The ``answer``, the ``versions`` and any ``foreseen`` of a module of a room of
    ``vedc.decide``.

    By its name, since deciders in folders of their own import what is here.
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
    "choose": named("choose", "effects"),
}


def versions(question: GradeQuestion) -> dict[str, str]:
    """What an answer hangs on besides analyses and files."""
    return dict(DECIDERS[question.kind].versions(question.options))


def foreseen_of_grade(question: GradeQuestion) -> tuple[Problem, ...]:
    """What prevents an answer whatever analyses find."""
    answerer = DECIDERS[question.kind]
    try:
        answerer.foreseen(question)
        answerer.versions(question.options)
    except Interrupted:
        raise
    except UserError as error:
        return error.at(question.location).problems
    return ()
