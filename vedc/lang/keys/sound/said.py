"""Editing by words: which texts are meant, and where their times come from."""

from __future__ import annotations

from typing import Final

from vedc.lang.schema.languages import Language
from vedc.lang.schema.records import Either, Key, Record, Short
from vedc.lang.schema.values import Json, Number, Text
from vedc.lang.yaml.tree import Problems, SpecNode

#: Where the times of words come from: by default, a speech model recognises them.
SCRIPT: Final = Key(
    "script",
    Text("a text file", like="talk.txt"),
    "A file with what is said, in English: its words are found in the sound. Without one, a "
    "[speech model](../docs/words.md) recognises them.",
)
SPOKEN: Final = Key(
    "language",
    Language(),
    "The language that is spoken; by default it is recognised.",
)
MODEL: Final = Key(
    "model",
    Text("a folder", like="models/whisper-base"),
    "The folder of the speech model; by default the one in `models`.",
)
#: In the order in which they are documented.
WORD_SOURCE: Final = (SCRIPT, SPOKEN, MODEL)
_SOURCE_KEYS: Final = tuple(key.name for key in WORD_SOURCE)

SAID_AT: Final = Short(
    "said",
    Record(
        "said text",
        "Words by which a clip begins or ends.",
        (
            Key(
                "said",
                Text("what is said", like='"we fixed this"'),
                "The words, whatever their case and punctuation.",
                required=True,
                example='said: "we fixed this"',
            ),
            Key(
                "nth",
                Number(1, 10_000, integer=True),
                "Which of them, where they are said several times. Those of `to_words` count from "
                "`from_words` on.",
            ),
        ),
        advice={"text": "use `said`", "number": "use `nth`", "index": "use `nth`"},
    ),
)
FROM_WORDS: Final = Key(
    "from_words",
    SAID_AT,
    "Words that the clip begins with, in place of `in`: the pause before them is its start. If "
    "they are said more than once, [which](#said-text): {said: thank you, nth: 2}.",
)
TO_WORDS: Final = Key(
    "to_words", SAID_AT, "Words that the clip ends with, in place of `out`, as for `from_words`."
)
SAID_KEYS: Final = ("from_words", "to_words")
SAID_RULES: Final = (
    Either(("in", "from_words"), "each of them says where it begins"),
    *(Either((key, "to_words"), "each of them says where it ends") for key in ("out", "duration")),
    *(
        Either((key, said), "it has no range that words could begin or end")
        for key in ("freeze", "time_map")
        for said in SAID_KEYS
    ),
)


class SaidClip(Record):
    """A clip whose range may be given by its words."""

    def own_schema(self, shared: Json) -> Json:
        asked = {"anyOf": [{"required": [key]} for key in SAID_KEYS]}
        return super().own_schema(shared) | {"dependencies": dict.fromkeys(_SOURCE_KEYS, asked)}

    def check_keys(self, node: SpecNode, problems: Problems) -> None:
        super().check_keys(node, problems)
        if not any(key in node for key in SAID_KEYS):
            report_idle(node, problems, "only `from_words` and `to_words` ask what is said")


def report_idle(node: SpecNode, problems: Problems, why: str) -> None:
    """Report keys about the source of words where no words are asked for."""
    for key in _SOURCE_KEYS:
        if key in node:
            message = f"{key!r} has no effect here: {why}"
            problems.add("no-effect", message, node[key].key_location, "leave it out")
