"""The weights of an answer's scores: the user's, a style's, or those shipped with vedc."""

from __future__ import annotations

from pathlib import Path

from vedc.decide.choose import score_weights, transition_choice
from vedc.decide.choose.feature_catalogue import FEATURES
from vedc.decide.choose.joint_rates import JointRates
from vedc.decide.choose.pace import Pace
from vedc.decide.choose.reasons import JoinQuestion, Question
from vedc.decide.choose.score_weights import ScoreWeights
from vedc.decide.choose.style_file import HouseStyle, Part, read_style
from vedc.lang.keys.auto import Join


def _style(question: Question | JoinQuestion, part: Part | None = None) -> HouseStyle | None:
    """The style that a question names; with ``part``, only if that part is in use."""
    if isinstance(question, JoinQuestion) or question.style is None:
        return None
    if part is not None and part not in question.style.use:
        return None
    return read_style(Path(question.style.src))


def cutting_weights(question: Question) -> ScoreWeights:
    """The weights that score pieces."""
    cut = question.cut
    if cut.weights is not None:
        at = cut.weights_at or question.location
        return score_weights.load_weights(Path(cut.weights), "cutting", FEATURES, at)
    style = _style(question, "cutting")
    if style is not None and style.cutting is not None:
        return style.cutting
    return score_weights.shipped("cutting", FEATURES)


def joining_weights(question: Question | JoinQuestion) -> ScoreWeights:
    """The weights that score transitions."""
    features, join = transition_choice.FEATURES, question.join
    if join is not None and join.weights is not None:
        at = join.weights_at or question.location
        return score_weights.load_weights(Path(join.weights), "joining", features, at)
    style = _style(question, "joining")
    if style is not None and style.joining is not None:
        return style.joining
    return score_weights.shipped("joining", features)


def join_of(question: Question) -> Join | None:
    """How an answer's clips are joined: as the spec says, otherwise as a style does.

    A style applies by itself only to clips with pictures that play at normal speed.
    """
    join, style = question.join, _style(question, "joining")
    if style is None or not style.choose:
        return join
    if join is not None:
        named = join.named or join.weights is not None
        return join if named else Join(tuple(style.choose), join.duration)
    pictured = all(source.media.video is not None for source in question.sources)
    if question.speed != 1 or not pictured:
        return None
    return Join(tuple(style.choose))


def rates_of(question: Question) -> JointRates | None:
    """A style's transition rates, if its weights score the transitions."""
    style = _style(question, "joining")
    given = question.join is not None and question.join.weights is not None
    if style is None or style.joining is None or given:
        return None
    return JointRates(style.choose, style.name)


def pace_of(question: Question) -> Pace | None:
    """The pace of a style: how long its shots are."""
    style = _style(question, "pace")
    return None if style is None else style.pace


def weight_versions(question: Question | JoinQuestion) -> dict[str, str]:
    """Versions and digests of the weights that score an answer."""
    used: dict[str, ScoreWeights] = {}
    if isinstance(question, Question):
        used["weights(cutting)"] = cutting_weights(question)
    if question.join is not None:
        used["weights(joining)"] = joining_weights(question)
    found = {name: f"{weights.version} {weights.digest[:16]}" for name, weights in used.items()}
    style = _style(question)
    if style is not None:
        found[f"style({style.name})"] = style.digest[:16]
    return found
