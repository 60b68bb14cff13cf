"""A record whose keys may all be left out: ``true`` stands for it."""

from __future__ import annotations

from vedc.lang.schema.records import Record, Short
from vedc.lang.schema.values import OnlyTrue
from vedc.lang.yaml.tree import SpecNode


class TrueOr(Short):
    """A record, or ``true``: the record without a key."""

    def __init__(self, record: Record) -> None:
        self.record, self.scalar = record, OnlyTrue()
        self.phrase = f"true, or {record.phrase}"

    def canonical(self, node: SpecNode) -> SpecNode:
        return self.record.canonical(node if isinstance(node.value, dict) else node.with_value({}))
