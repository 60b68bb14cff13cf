"""A spec with the words of its lock in the captions made from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vedc.captions.spoken import SpokenWord
from vedc.captions.spoken_text import read_words
from vedc.decide.lock.lock_entry import LockEntry
from vedc.errors import Problem, SpecError
from vedc.lang.resolve.speech.in_place import with_words
from vedc.lang.resolve.speech.question import AskedWords, Way
from vedc.lang.schema.records import Key, Record
from vedc.lang.schema.values import Text
from vedc.lang.yaml.tree import Problems, SpecNode

_LINE: Final = Record(
    "line of words",
    "A phrase, and when each of its words is said.",
    (
        Key("say", Text("words"), "The words.", required=True, example="say: We fixed this."),
        Key("times", Text("times"), "Their times.", required=True, example="times: 1.20-1.41"),
        Key("who", Text("a name"), "Who says it."),
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


def unsaid(answered: Sequence[tuple[AskedWords, LockEntry]]) -> list[Problem]:
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
