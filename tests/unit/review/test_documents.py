"""Changes to a spec, key by key."""

from __future__ import annotations

from typing import Any

from vedc.lang.yaml.load import load_text
from vedc.review.compare.documents import Change, compare_documents


def _changes(before: str, after: str) -> list[Change]:
    return compare_documents(load_text(before, "a.yaml").root, load_text(after, "b.yaml").root)


def _told(before: str, after: str) -> list[tuple[Any, ...]]:
    return [(c.kind, c.path, c.before, c.after) for c in _changes(before, after)]


def test_a_value_with_its_places() -> None:
    (change,) = _changes("a: 1\nb: {c: 2}\n", "x: 0\na: 1\nb: {c: 3}\n".replace("x: 0\n", ""))
    assert (change.kind, change.path, change.before, change.after) == ("changed", "b.c", 2, 3)
    assert str(change.before_at) == "a.yaml:2:5" and str(change.after_at) == "b.yaml:2:5"


def test_an_item_before_others_changes_no_others() -> None:
    before = "clips:\n  - {clip: a, in: 1s}\n  - {clip: b}\n"
    after = "clips:\n  - {image: new}\n  - {clip: a, in: 2s}\n  - {clip: b}\n"
    assert _told(before, after) == [
        ("added", "clips[0]", None, {"image": "new"}),
        ("changed", "clips[1].in", "1s", "2s"),
    ]


def test_items_are_known_by_their_id() -> None:
    before = "clips: [{clip: a, id: one}, {clip: b, id: two}]"
    after = "clips: [{clip: b, id: two, in: 1s}]"
    assert _told(before, after) == [
        ("removed", "clips[0]", {"clip": "a", "id": "one"}, None),
        ("added", "clips[0].in", None, "1s"),
    ]


def test_an_item_that_moved() -> None:
    before = "clips: [{clip: a}, {clip: b}, {clip: c}]"
    after = "clips: [{clip: b}, {clip: c}, {clip: a}]"
    (change,) = _changes(before, after)
    assert (change.kind, change.old_path, change.path) == ("moved", "clips[0]", "clips[2]")


def test_items_of_another_kind_are_not_compared() -> None:
    found = _told("clips: [{clip: a}]", "clips: [{image: a}]")
    assert [kind for kind, *_ in found] == ["removed", "added"]


def test_a_list_of_numbers_is_a_value() -> None:
    assert _told("slope: [1, 2, 3]", "slope: [1, 2, 4]") == [
        ("changed", "slope", [1, 2, 3], [1, 2, 4])
    ]


def test_the_order_of_keys_is_no_change() -> None:
    assert _told("{a: 1, b: 2}", "{b: 2, a: 1}") == []
