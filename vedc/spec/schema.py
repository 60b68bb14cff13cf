"""``specs/edit.schema.json`` and ``specs/reference.md``, from the tables of the language.

``python -m vedc.spec.schema`` writes both; a test holds them fresh.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from vedc.spec.language import EDIT
from vedc.spec.reference import reference
from vedc.spec.values import Json

FOLDER: Final = Path(__file__).parents[2] / "specs"


def edit_schema() -> Json:
    """The JSON Schema (draft-07) of a spec, before ``${{ }}`` is replaced.

    Only what editors read is used: no ``unevaluatedProperties``, no ``$defs``, and one
    if/then for each op, because ``oneOf`` makes them complain about the wrong branch.
    """
    shared: Json = {}
    body = EDIT.own_schema(shared)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "vedc edit",
        **body,
        "definitions": dict(sorted(shared.items())),
    }


def schema_text() -> str:
    """The schema as it is stored."""
    return json.dumps(edit_schema(), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the schema and the reference."""
    (FOLDER / "edit.schema.json").write_text(schema_text(), encoding="utf-8")
    (FOLDER / "reference.md").write_text(reference(), encoding="utf-8")


if __name__ == "__main__":
    main()
