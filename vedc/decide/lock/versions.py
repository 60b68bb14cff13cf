"""The analyses behind an answer, with their parameters and versions, as the lock names them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from vedc.decide.choose.reasons import JoinQuestion, Question
from vedc.errors import MissingError
from vedc.lang.resolve.grades.question import GradeQuestion
from vedc.lang.resolve.reframe.question import ReframeQuestion
from vedc.lang.resolve.speech.question import WordsQuestion
from vedc.support.read_json import read_json

#: Parameters for an analysis's range, which the answer itself contains, and for its file, which is
#: among the models of the lock.
_PLACES: Final = (
    "at", "side", "first", "end", "detector", "digest", "script", "model", "language",
)  # fmt: skip


class RecordingRunner:
    """A runner of analyses that records each call and its version."""

    def __init__(self, runner: Any) -> None:
        self._runner = runner
        self.by: dict[str, str] = {}

    def __call__(self, *asks: Any) -> list[Any]:
        for ask in asks:
            for name, params, version in _versions(ask.name, dict(ask.params)):
                said = {key: value for key, value in params.items() if key not in _PLACES}
                self.by[_call(name, said)] = version
        found: list[Any] = self._runner(*asks)
        return found


def question_versions(
    question: Question | JoinQuestion | GradeQuestion | ReframeQuestion | WordsQuestion,
) -> dict[str, str]:
    """The versions of weights and networks that would answer a question today."""
    if isinstance(question, WordsQuestion):
        return {}
    if isinstance(question, ReframeQuestion):
        from vedc.decide.reframe.answer import versions as of_reframe

        return of_reframe()
    if isinstance(question, GradeQuestion):
        from vedc.decide.grades.deciders import versions

        return versions(question)
    from vedc.decide.choose.methods.answer_weights import weight_versions

    return weight_versions(question)


def version_now(call: str) -> str | None:
    """Today's version of an analysis named in the lock; None where it is unknown."""
    from vedc.decide.analyses.analysis import MODULES

    name, _, rest = call.partition("(")
    if name not in MODULES:
        return None
    params: dict[str, Any] = {}
    for pair in rest.removesuffix(")").split():
        key, _, text = pair.partition("=")
        try:
            params[key] = read_json(text)
        except ValueError:
            params[key] = text
    try:
        return _versions(name, params)[0][2]
    except MissingError:  # the model is not here, but its decisions are
        return None


def _call(name: str, params: Mapping[str, Any]) -> str:
    """An analysis with its parameters: ``shots(detector=classical)``."""
    inner = " ".join(f"{key}={json.dumps(value)}" for key, value in sorted(params.items()))
    return f"{name}({inner})".replace('"', "") if inner else name


def _versions(name: str, params: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any], str]]:
    from vedc.decide.analyses.analysis import get

    analysis = get(name)
    own = f"{analysis.version} {analysis.by(params)}".strip()
    found: list[tuple[str, Mapping[str, Any], str]] = [(name, params, own)]
    for need in analysis.needs:
        found += _versions(need, {})
    return found
