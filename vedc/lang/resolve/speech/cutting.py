"""Mistakes of cuts by words that the spec alone shows."""

from __future__ import annotations

from typing import Final

from vedc.captions.spoken import SpokenWord
from vedc.lang.keys.auto import BY_WORDS, asks_said, method_of
from vedc.lang.keys.sound.said import report_idle
from vedc.lang.yaml.tree import Problems, SpecNode

#: Keys about the best moments, which words do not rank.
_CHOOSING: Final = ("duration", "count", "min_shot", "max_shot", "order")


def check_cut_by_words(node: SpecNode, problems: Problems) -> None:
    """Report keys of a ``cut`` that have no effect or cannot be met."""
    method = method_of(node)
    if method != "words" and not asks_said(node.get("keep")):
        report_idle(
            node, problems, "only `method: words` and the condition `said` ask what is said"
        )
    if method != "words":
        for key in BY_WORDS:
            if key in node:
                message = f"{key!r} has no effect with `method: {method}`"
                hint = "write method: words"
                problems.add("no-effect", message, node[key].key_location, hint)
        return
    for key in _CHOOSING:
        if key in node:
            message = f"{key!r} has no effect with `method: words`: every word stays but those "
            message += "that are removed"
            hint = "leave it out, or choose by what is measured: method: speech"
            problems.add("no-effect", message, node[key].key_location, hint)
    if "keep" in node and node["keep"].value == "best":
        message = "`method: words` does not choose the best"
        hint = "say which: keep: {said: next quarter}; or write method: highlights"
        problems.add("conflict", message, node["keep"], hint)
    if "unscripted" in node and node["unscripted"].value is True and "script" not in node:
        message = "only a script shows what is not in it"
        hint = "add script: talk.txt, with what is said"
        problems.add("missing-key", message, node["unscripted"], hint)


def word_plain(word: SpokenWord) -> list[str]:
    """The facts of a word that an answer depends on, as plain data."""
    text = f"[{word.text}]" if word.aside else word.text
    return [text, str(word.start), str(word.end)]
