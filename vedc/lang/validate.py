"""Check the shape of a spec: every key and value against the language's tables.

Rules that involve files, other parts of the spec or lengths are checked by ``resolve``. See
``values`` for why this is not left to jsonschema.
"""

from __future__ import annotations

from vedc.errors import Problem, sort_problems
from vedc.lang.language import EDIT, VERSION
from vedc.lang.schema.values import is_number, show
from vedc.lang.yaml.load import Document
from vedc.lang.yaml.tree import Problems, SpecNode


def validate(document: Document) -> tuple[Problem, ...]:
    """Every problem of form, in order of place. Empty where the spec is well formed.

    ``${{ }}`` must have been replaced before.
    """
    return sort_problems(validate_tree(document.root))


def validate_tree(root: SpecNode) -> list[Problem]:
    """As :func:`validate`, for a tree; in no particular order."""
    problems = Problems()
    if not isinstance(root.value, dict):
        message = f"a spec is a mapping that starts with version: 1, not {show(root.value)}"
        problems.add("wrong-type", message, root)
        return problems
    version = root.get("version")
    if version is not None and is_number(version.value) and version.value != VERSION:
        # A spec of another version would only cause a flood of messages.
        message = f"this vedc reads version {VERSION} of the language, not {show(version.value)}"
        problems.add("unknown-version", message, version, "write version: 1, or update vedc")
        return problems
    EDIT.check(root, "the spec", problems)
    return problems
