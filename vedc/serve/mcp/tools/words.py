"""Tools about the language: a search of the ops, and what a word means."""

from __future__ import annotations

from typing import Any, Final, get_args

from vedc.ops import OpKind
from vedc.report.forms import words as forms
from vedc.report.forms.shape import choice, count, listing, maybe, record, text
from vedc.serve.mcp.core.call import Call
from vedc.serve.mcp.core.folder import Folder
from vedc.serve.mcp.core.tool import Answer, Tool


def _search(folder: Folder, call: Call, given: dict[str, Any]) -> Answer:
    from vedc.report.ops.explain import listing as found
    from vedc.report.ops.explain import note_on

    hits = found(given["words"], given.get("kind"))
    shown = [
        {key: hit[key] for key in ("name", "kind", "summary")}
        | {"parameters": [param["name"] for param in hit["params"]]}
        for hit in hits[: given["limit"]]
    ]
    note = note_on(given["words"]).strip()
    return Answer({"ops": shown, "matches": len(hits), "note": note or None})


def _explain(folder: Folder, call: Call, given: dict[str, Any]) -> Answer:
    from vedc.report.words.meanings import meanings

    found = meanings(given["name"])
    return Answer({"meanings": [meaning.data() for meaning in found]})


TOOLS: Final = (
    Tool(
        "search_ops",
        "Search the ops",
        "Find effects, grades, transitions, blend modes, masks, generators and keys of items by "
        "what they do. Knows the words of other editors: `ken burns`, `crossfade`, `vignette`, "
        "`picture in picture`. Then call `explain` with a name from the result.",
        {
            "words": {**text("What to look for; all ops if empty."), "default": ""},
            "kind": choice("Only ops of this kind.", *get_args(OpKind)),
            "limit": {**count("Matches to return."), "minimum": 1, "maximum": 500, "default": 20},
        },
        record(
            {
                "ops": listing(
                    record(
                        {
                            "name": text("As a spec writes it."),
                            "kind": text(),
                            "summary": text(),
                            "parameters": listing(text()),
                        }
                    ),
                    "Best first.",
                ),
                "matches": count("How many there are in all."),
                "note": maybe(text("How vedc does what the words mean, where no op does it.")),
            }
        ),
        _search,
    ),
    Tool(
        "explain",
        "Explain a word",
        "Describe an op, a preset, a blend mode, a key of items (`crop`, `fit`), a text animation "
        "(`rise`) or a platform (`target:youtube`): parameters with ranges and defaults, when to "
        "use it, an example to copy into a spec. Read this before using an op.",
        {"name": text("The word, as a spec writes it.")},
        record({"meanings": listing(forms.EXPLAINED, "What the name means, an op first.")}),
        _explain,
        required=("name",),
    ),
)
