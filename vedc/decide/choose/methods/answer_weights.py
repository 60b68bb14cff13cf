"""The score weights that an answer depends on: a person's own, or those shipped with vedc."""

from __future__ import annotations

from pathlib import Path

from vedc.decide.choose import score_weights, transition_choice
from vedc.decide.choose.feature_catalogue import FEATURES
from vedc.decide.choose.reasons import JoinQuestion, Question
from vedc.decide.choose.score_weights import ScoreWeights


def cutting_weights(question: Question) -> ScoreWeights:
    """The weights that score pieces."""
    path = question.cut.weights
    if path is None:
        return score_weights.shipped("cutting", FEATURES)
    return score_weights.load_weights(Path(path), "cutting", FEATURES, question.location)


def joining_weights(question: Question | JoinQuestion) -> ScoreWeights:
    """The weights that score transitions."""
    features = transition_choice.FEATURES
    path = question.join.weights if question.join is not None else None
    if path is None:
        return score_weights.shipped("joining", features)
    return score_weights.load_weights(Path(path), "joining", features, question.location)


def weight_versions(question: Question | JoinQuestion) -> dict[str, str]:
    """Version and digest of each set of weights that an answer depends on."""
    used: dict[str, ScoreWeights] = {}
    if isinstance(question, Question):
        used["weights(cutting)"] = cutting_weights(question)
    if question.join is not None:
        used["weights(joining)"] = joining_weights(question)
    return {name: f"{weights.version} {weights.digest[:16]}" for name, weights in used.items()}
