"""A fully decided spec: the film of one output, and its text."""

from __future__ import annotations

from dataclasses import replace

from vedc.edit.model import Edit
from vedc.lang.records.spec import without_empty_timeline
from vedc.lang.yaml.load import Document
from vedc.workspace.build import Deciding


def settled(deciding: Deciding) -> tuple[Edit, Document]:
    """The film of the first output (of ``--only``), and the canonical spec with every decision in
    its place. Raises as :meth:`Build.edits`."""
    edits = deciding.build.edits(deciding)
    document = deciding.canonical if deciding.settled is None else deciding.settled.document
    assert document is not None
    return edits[0], replace(document, root=without_empty_timeline(document.root))
