"""The JSON Schema of the language, made once, and validators that remember their verdicts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema

from vedc.lang.docs.generate import edit_schema, generated

#: The files that `make docs` writes, made once.
fresh_files = cache(generated)


@cache
def language_schema() -> dict[str, Any]:
    """What `edit_schema` makes. Nobody may change it: all tests share it."""
    return edit_schema()


def remembering(schema: dict[str, Any]) -> jsonschema.Draft7Validator:
    """A validator whose verdicts are jsonschema's own, for many values that resemble each other.

    What a definition has said of a value holds for an equal one, and most parts of a spec with one
    mistake are those of the spec without it. A repeated error has no details.
    """
    verdicts: dict[tuple[str, str], bool] = {}
    refer = jsonschema.Draft7Validator.VALIDATORS["$ref"]

    def remembered(validator: Any, ref: str, value: Any, rule: Any) -> Iterator[Any]:
        seen = ref, json.dumps(value)  # unlike equality, text keeps 1, 1.0 and true apart
        if seen not in verdicts:
            errors = list(refer(validator, ref, value, rule))
            verdicts[seen] = not errors
            yield from errors
        elif not verdicts[seen]:
            yield jsonschema.ValidationError(f"{ref} refuses {seen[1][:200]}")

    return jsonschema.validators.extend(jsonschema.Draft7Validator, {"$ref": remembered})(schema)


@cache
def language_validator() -> jsonschema.Draft7Validator:
    """Of the language as it is declared; nothing that a test declares on top counts."""
    return remembering(language_schema())
