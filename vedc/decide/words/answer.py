"""Answers about words: lines of text with times, as in ``vedc.lock``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vedc.captions.spoken import Words, phrases
from vedc.captions.spoken_text import written
from vedc.decide.analyses.analysis import AnalysisRequest, Param
from vedc.decide.choose.reasons import Choice
from vedc.decide.words.sources import script_text, speech_model
from vedc.lang.resolve.speech.question import WordsQuestion


def answer_words(question: WordsQuestion, runner: Any, root: Path) -> tuple[Choice, ...]:
    """A line for each phrase; its score is the mean probability of its words. ``root`` is the
    folder of the project. Raises UserError for a missing engine or model."""
    media = question.media
    more: dict[str, Param] = {"asides": True} if question.asides else {}
    if question.script is not None:
        request = AnalysisRequest.of("words", media, script=script_text(question.script), **more)
    else:
        folder = str(speech_model(question.model, root))
        request = AnalysisRequest.of(
            "words", media, model=folder, language=question.language, **more
        )
    (found,) = runner(request)
    assert isinstance(found, Words)
    made = []
    for phrase in phrases(found.words):
        say, times = written(phrase)
        line: dict[str, Any] = {"say": say, "times": times}
        if phrase[0].speaker:
            line["who"] = phrase[0].speaker
        if any(phrase[0].start < end and begin < phrase[-1].end for begin, end in found.unsearched):
            line["unsearched"] = True
        made.append(Choice(line, round(sum(w.sure for w in phrase) / len(phrase), 2)))
    return tuple(made)
