"""A spec with the words of its lock in the captions made from them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import PurePath
from typing import Final

from vedc.captions.spoken import SpokenWord
from vedc.captions.spoken_text import read_words
from vedc.decide.lock.lock_entry import LockEntry
from vedc.edit.timecode import clock_time
from vedc.errors import Problem, SpecError
from vedc.lang.resolve.speech.in_place import with_words
from vedc.lang.resolve.speech.question import AskedWords, Way
from vedc.lang.schema.records import Key, Record
from vedc.lang.schema.values import OnlyTrue, Text
from vedc.lang.yaml.tree import Problems, SpecNode

_LINE: Final = Record(
    "line of words",
    "A phrase, and when each of its words is said.",
    (
        Key("say", Text("words"), "The words.", required=True, example="say: We fixed this."),
        Key("times", Text("times"), "Their times.", required=True, example="times: 1.20-1.41"),
        Key("who", Text("a name"), "Who says it."),
        Key(
            "unsearched",
            OnlyTrue(),
            "Hesitations and first attempts beside these words could not be looked for.",
        ),
    ),
)


def spoken(root: SpecNode, answered: Sequence[tuple[AskedWords, LockEntry]]) -> SpecNode:
    """The spec with lines of words in their places. Raises SpecError for errors in them."""
    problems = Problems()
    answers: dict[tuple[int, int, int], SpecNode] = {}
    for question, entry in answered:
        lines = [item.node for item in entry.items]
        for line in lines:
            _check(line, problems)
        held = SpecNode(list[SpecNode](lines), entry.location)
        answers |= dict.fromkeys(question.places, held)
    if problems:
        raise SpecError(tuple(problems))
    return with_words(root, answers)


def words_of(entry: LockEntry) -> tuple[SpokenWord, ...]:
    """The words of an answer, in order of time. Raises SpecError for errors in them."""
    problems = Problems()
    found: list[SpokenWord] = []
    for item in entry.items:
        before = len(problems)
        _check(item.node, problems)
        if len(problems) == before:
            line = item.node
            who = line["who"].text if "who" in line else ""
            found += read_words(line["say"].text, line["times"].text, who)
    if problems:
        raise SpecError(tuple(problems))
    return tuple(sorted(found, key=lambda word: word.start))


def doubts(answered: Sequence[tuple[AskedWords, LockEntry]]) -> list[Problem]:
    """Warnings about answers that may be incomplete."""
    return [*_unsaid(answered), *_unsearched(answered)]


def _unsearched(answered: Sequence[tuple[AskedWords, LockEntry]]) -> Iterator[Problem]:
    """Warnings about stretches in which a cut knows the words alone."""
    for asked, entry in answered:
        question = asked.question
        runs = groupby(entry.items, key=lambda item: "unsearched" in item.node)
        lines = [[item.node for item in run] for unsearched, run in runs if unsearched]
        if not question.asides or not lines:
            continue
        spans = []
        for run in lines:
            words = [w for line in run for w in read_words(line["say"].text, line["times"].text)]
            edges = [word.start for word in words[:1]] + [word.end for word in words[-1:]]
            spans.append(" to ".join(clock_time(time, places=2, short=True) for time in edges))
        yield Problem(
            "words-unsearched",
            f"hesitations and first attempts in {PurePath(question.media.path).name} could not be "
            f"looked for at {', '.join(spans)}: some may stay",
            question.location,
            "check what is said there; a script of every word helps",
            "warning",
        )


def _unsaid(answered: Sequence[tuple[AskedWords, LockEntry]]) -> list[Problem]:
    """Warnings about parts of scripts that nobody says."""
    found: dict[Way, Problem] = {}
    for asked, entry in answered:
        question = asked.question
        if question.script is not None and question.way not in found:
            from vedc.decide.words.script_check import script_warning

            warning = script_warning(
                question.script, words_of(entry), question.media.path, question.location
            )
            if warning is not None:
                found[question.way] = warning
    return list(found.values())


def _check(line: SpecNode, problems: Problems) -> None:
    before = len(problems)
    if not isinstance(line.value, dict):
        message = "a line of words must be a mapping, {say: ..., times: ...}"
        problems.add("wrong-type", message, line, 'write {say: "We fixed", times: 1.20-1.41 ...}')
        return
    _LINE.check_keys(line, problems)
    if len(problems) > before:
        return
    try:
        read_words(line["say"].text, line["times"].text)
    except ValueError as error:
        problems.add("bad-words", f"{error}", line["say"])
